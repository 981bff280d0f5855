// SPDX-License-Identifier: MPL-2.0
// Services.scriptloader: classic scripts, run with the members of an object as their variables.

import { defineXpcomClass, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { files, http, sandbox } = import.meta.native;

/** Whose scripts are the platform's or the application's. */
const TRUSTED = ["resource", "moz-src", "chrome"];

function parse(url) {
  try {
    return Services.io.newURI(url);
  } catch {
    throw "Error creating URI (invalid URL scheme?)";
  }
}

/** The text of the script at @url. What goes wrong is thrown as text, as in Gecko. */
function readScript(url) {
  const { scheme, spec } = parse(url);
  if (!TRUSTED.includes(scheme)) {
    throw `Trying to load untrusted URI.: ${spec}`;
  }
  const path = http.resourcePath(url);
  const text = path === null ? -1 : files.readText(path);
  if (typeof text == "number") {
    throw `Error opening input stream (invalid filename?): ${url}`;
  }
  return text;
}

function load(url, target) {
  sandbox.load(readScript(url), isObject(target) ? target : globalThis, url);
}

class ScriptLoader {
  /**
   * Run the script at @url. What it declares with var and function, and its `this`, are @target's: an object, a sandbox, or
   * the global if there is none.
   */
  loadSubScript(url, target) {
    load(String(url), target);
  }

  /** The same; options.async: resolves when it has run. */
  loadSubScriptWithOptions(url, options) {
    const { target, async: later = false } = options ?? {};
    return later ? Promise.resolve().then(() => load(String(url), target)) : load(String(url), target);
  }
}
defineXpcomClass(ScriptLoader, ["mozIJSSubScriptLoader"], {
  mozIJSSubScriptLoader: { loadSubScript: [1, 2], loadSubScriptWithOptions: 2 },
});

export const scriptLoader = new ScriptLoader();
