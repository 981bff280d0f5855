// SPDX-License-Identifier: MPL-2.0
// The task's command line: nsICommandLine. Arguments are normalised before they come here: "--foo=bar" is "-foo",
// "bar".
//
// Loaded for every run; files and URIs are loaded when a task resolves one.

import { defineXpcomClass, fail } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { runtime } = import.meta.native;

function load(module) {
  return runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`);
}

function toInt32(value) {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : toNumber(value) | 0;
}

/** ToNumber, which a BigInt does not have. */
function toNumber(value) {
  return +value;
}

export class CommandLine {
  #args;
  #workingDirectory;
  #preventDefault = false;

  /**
   * @param {string[]} args
   * @param {string} workingDirectory absolute path
   */
  constructor(args, workingDirectory) {
    this.#args = [...args];
    this.#workingDirectory = workingDirectory;
  }

  get length() {
    return this.#args.length;
  }

  get state() {
    return 0; // STATE_INITIAL_LAUNCH
  }

  get preventDefault() {
    return this.#preventDefault;
  }

  set preventDefault(value) {
    this.#preventDefault = Boolean(value);
  }

  /** nsIFile, a new one each time. */
  get workingDirectory() {
    const { File } = load("File");
    return new File(this.#workingDirectory);
  }

  getArgument(index) {
    const at = toInt32(index);
    if (at < 0 || at >= this.#args.length) {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsICommandLine.getArgument");
    }
    return this.#args[at];
  }

  #find(flag, caseSensitive, where) {
    const name = flag === null || flag === undefined ? "" : String(flag);
    if (name == "") {
      fail("NS_ERROR_ILLEGAL_VALUE", where);
    }
    const wanted = caseSensitive ? `-${name}` : `-${name}`.toLowerCase();
    return this.#args.findIndex(arg => (caseSensitive ? arg : arg.toLowerCase()) == wanted);
  }

  /** Where the flag (without its "-") is, or -1. */
  findFlag(flag, caseSensitive) {
    return this.#find(flag, caseSensitive, "nsICommandLine.findFlag");
  }

  /** Remove arguments @start to @end, both included. An end before the start removes nothing. */
  removeArguments(start, end) {
    const first = toInt32(start);
    const last = toInt32(end);
    if (first < 0 || last + 1 < 0 || last >= this.#args.length) {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsICommandLine.removeArguments");
    }
    if (last >= first) {
      this.#args.splice(first, last - first + 1);
    }
  }

  /** Whether the flag is there; it is removed. */
  handleFlag(flag, caseSensitive) {
    const index = this.#find(flag, caseSensitive, "nsICommandLine.handleFlag");
    if (index < 0) {
      return false;
    }
    this.#args.splice(index, 1);
    return true;
  }

  /** The argument after the flag, or null when the flag is not there; both are removed. */
  handleFlagWithParam(flag, caseSensitive) {
    const where = "nsICommandLine.handleFlagWithParam";
    const index = this.#find(flag, caseSensitive, where);
    if (index < 0) {
      return null;
    }
    const value = this.#args[index + 1];
    if (value === undefined || value.startsWith("-")) {
      fail("NS_ERROR_ILLEGAL_VALUE", where);
    }
    this.#args.splice(index, 2);
    return value;
  }

  /**
   * nsIFile for an argument: an absolute path as it is; a relative one under the working directory, which must exist
   * and is normalised. "" is NS_ERROR_FILE_UNRECOGNIZED_PATH (Gecko crashes).
   */
  resolveFile(argument) {
    const where = "nsICommandLine.resolveFile";
    const { File } = load("File");
    const path = String(argument);
    if (path == "") {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", where);
    }
    if (path.startsWith("/")) {
      return new File(path);
    }
    const file = new File(`${this.#workingDirectory}/${path}`);
    if (!file.exists()) {
      fail("NS_ERROR_FILE_NOT_FOUND", where);
    }
    file.normalize();
    return file;
  }

  /** nsIURI for an argument: a path is a file: URI, anything else is relative to the working directory's. */
  resolveURI(argument) {
    const { resolveArgument } = load("Uri");
    return resolveArgument(String(argument), this.#workingDirectory);
  }
}
defineXpcomClass(CommandLine, ["nsICommandLine"], {
  nsICommandLine: {
    getArgument: 1, findFlag: 2, removeArguments: 2, handleFlag: 2, handleFlagWithParam: 2, resolveFile: 1,
    resolveURI: 1,
  },
});
["STATE_INITIAL_LAUNCH", "STATE_REMOTE_AUTO", "STATE_REMOTE_EXPLICIT"].forEach((name, value) => {
  Object.defineProperty(CommandLine.prototype, name, { value, enumerable: true });
});
