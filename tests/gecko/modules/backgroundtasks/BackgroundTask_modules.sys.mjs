// SPDX-License-Identifier: MPL-2.0
// ChromeUtils and modules.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

function line(what, action) {
  let text;
  try {
    text = JSON.stringify(action()) ?? "undefined";
  } catch (error) {
    text = error.name;
  }
  dump(`${what}: ${text}\n`);
}

export async function runBackgroundTask() {
  line("EXIT_CODE", () => EXIT_CODE);
  line("import.meta.url", () => import.meta.url);
  const timer = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  line("importESModule", () => Object.keys(timer).includes("setTimeout"));
  line("same", () => timer === ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs"));
  line("missing", () => ChromeUtils.importESModule("resource://gre/modules/Nope.sys.mjs"));
  line("bad", () => ChromeUtils.importESModule("Nope.sys.mjs"));
  const lazy = {};
  ChromeUtils.defineESModuleGetters(lazy, { setTimeout: "resource://gre/modules/Timer.sys.mjs" });
  line("lazy", () => [Object.keys(lazy), typeof lazy.setTimeout, lazy.setTimeout === timer.setTimeout]);
  let count = 0;
  ChromeUtils.defineLazyGetter(lazy, "counted", () => ++count);
  line("defineLazyGetter", () => [lazy.counted, lazy.counted, count]);
  const object = { QueryInterface: ChromeUtils.generateQI(["nsIObserver", "nsISupportsWeakReference"]) };
  line("generateQI", () => object.QueryInterface(Ci.nsIObserver) === object);
  line("generateQI refuses", () => object.QueryInterface(Ci.nsIFile));
  const dynamic = await import("resource://gre/modules/Timer.sys.mjs").catch(error => error.name);
  line("dynamic import", () => dynamic === timer);
  line("structuredClone", () => [structuredClone({ a: [1, new Date(0)] }), structuredClone(new Map([[1, 2]])).get(1)]);
  line("globals", () => ["setTimeout", "fetch", "console", "dump", "URL", "TextEncoder", "AbortController", "Services", "ChromeUtils",
                         "Components", "Cc", "Ci", "Cr", "Cu", "IOUtils", "PathUtils", "structuredClone"]
    .map(name => `${name} ${name == "setTimeout" ? "" : typeof globalThis[name]}`));
}
