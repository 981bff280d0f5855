// SPDX-License-Identifier: MPL-2.0
// Runs the tables of probes that its arguments name: AREA is probes/AREA.sys.mjs, which exports `probes`, a list of
// functions. Each is called with an object of helpers; its own text is its name, and what it prints and gives or throws is
// what is compared. One that fails or hangs is an outcome like any other and harms none of the rest.
//
// Output, read by tests/gecko/compare.py:
//   @@probe AREA TEXT
//   what it prints
//
//   @@gives VALUE, or: @@throws ERROR

import { describe, describeThrown } from "resource://testing-common/describe.sys.mjs";
import { setTimeout, clearTimeout } from "resource://gre/modules/Timer.sys.mjs";

const PATIENCE_MS = 60000;

/** What a probe gets. */
class Helpers {
  #made = 0;

  constructor(commandLine) {
    this.commandLine = commandLine;
  }

  /** The path of a directory that is there and empty. */
  async directory() {
    const path = PathUtils.join(Services.dirsvc.get("TmpD", Ci.nsIFile).path, `probe-${this.#made++}`);
    await IOUtils.makeDirectory(path);
    return path;
  }

  /** The path of a file with that text. */
  async file(text = "", name = "file") {
    const path = PathUtils.join(await this.directory(), name);
    await IOUtils.writeUTF8(path, text);
    return path;
  }

  /** The same as an nsIFile. */
  async nsFile(text, name) {
    return this.local(await this.file(text, name));
  }

  local(path) {
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    return file;
  }

  sleep(ms) {
    return new Promise(resolve => setTimeout(resolve, ms));
  }

  /** How long that takes, in words: within the tolerances, or the milliseconds. */
  async takes(from, to, body) {
    const start = Date.now();
    await body();
    const ms = Date.now() - start;
    return ms >= from && ms < to ? `between ${from} and ${to} ms` : `${ms} ms`;
  }
}

function textOf(probe) {
  return probe.toString().replace(/^(async )?\(?\w*\)? => /, "").replace(/\s+/g, " ");
}

async function outcome(probe, helpers) {
  let timer;
  const late = new Promise(resolve => {
    timer = setTimeout(() => resolve("did not end"), PATIENCE_MS);
  });
  const result = (async () => {
    try {
      return `gives ${describe(await probe(helpers))}`;
    } catch (error) {
      return describeThrown(error);
    }
  })();
  const text = await Promise.race([result, late]);
  clearTimeout(timer);
  return text;
}

export async function runBackgroundTask(commandLine) {
  const helpers = new Helpers(commandLine);
  for (let i = 0; i < commandLine.length; i++) {
    const area = commandLine.getArgument(i);
    const { probes } = ChromeUtils.importESModule(`resource://testing-common/probes/${area}.sys.mjs`);
    for (const probe of probes) {
      dump(`@@probe ${area}: ${textOf(probe)}\n`);
      const text = await outcome(probe, helpers);
      dump(`\n@@${text}\n`);
    }
  }
  return 0;
}

export const backgroundTaskTimeoutSec = 120;
export const backgroundTaskMinRuntimeMS = 1;
