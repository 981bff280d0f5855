// SPDX-License-Identifier: MPL-2.0
// A console with a prefix, which prints for people.
//
// It prints on standard output: log, info, warn, group, assert on one line; debug, error, dir with each argument on
// lines of its own.

import { stackFrames, taskStack, isException } from "resource://gre/modules/bgtask/Errors.sys.mjs";

const { console: native, prefs, runtime } = import.meta.native;

const LEVELS = {
  all: Number.MIN_VALUE, debug: 2, log: 3, info: 3, clear: 3, trace: 3, timeEnd: 3, time: 3, assert: 3, group: 3,
  groupEnd: 3, profile: 3, profileEnd: 3, dir: 3, dirxml: 3, warn: 4, error: 5, off: Number.MAX_VALUE,
};

/** Width of the file's name in a line of a trace. */
const TRACE_NAME_WIDTH = 20;

function classNameOf(object) {
  const name = object.constructor?.name;
  return typeof name == "string" && name ? name : Object.prototype.toString.call(object).slice(8, -1);
}

function isError(value) {
  return runtime.typeOf(value) == "error" || isException(value);
}

/** JSON for a line of log output; what is cyclic or has no JSON is shown by its keys. */
function jsonOf(object) {
  try {
    return JSON.stringify(object) ?? String(object);
  } catch {
    return `{${Object.keys(object).map(key => `${key}:.., `).join("")}}`;
  }
}

/** @value on one line. */
function describe(value) {
  if (typeof value == "function") {
    return String(value).replace(/\s+/g, " ");
  }
  if (typeof value != "object" || value === null) {
    return String(value);
  }
  if (isError(value) && !isDOMException(value)) {
    return `Message: ${value}`;
  }
  const name = Object.getPrototypeOf(value) === null ? "" : classNameOf(value);
  return name && name != "Object" ? `${name} ${jsonOf(value)}` : jsonOf(value);
}

function isDOMException(value) {
  return Object.prototype.toString.call(value) == "[object DOMException]";
}

function property(name, value) {
  return `    - ${name} = ${describe(value)}\n`;
}

/** The own properties of each object of the prototype chain, for an object that has none itself. */
function describeChain(object) {
  let text = "";
  for (let at = object, own = true; at; at = Object.getPrototypeOf(at), own = false) {
    text += own ? "" : `  - prototype ${classNameOf(at)}\n`;
    const enumerable = Object.keys(at).sort();
    for (const name of enumerable) {
      let value;
      try {
        value = object[name];
      } catch (error) {
        value = error;
      }
      const words = name == "stack" ? String(value).replaceAll("\n", "|") : describe(value);
      text += `    - ${name} = ${words}\n`;
    }
  }
  return text;
}

/** @value over several lines, each with its line end. */
function describeLong(value) {
  if (value === null || value === undefined) {
    return `${value}\n`;
  }
  if (typeof value != "object") {
    return `  ${typeof value == "function" ? describe(value) : String(value)}\n`;
  }
  if (isError(value) && !isDOMException(value)) {
    const stack = taskStack(String(value.stack ?? "")).trimEnd();
    return `  Message: ${value}\n  Stack:\n    ${stack}\n\n`;
  }
  const name = classNameOf(value);
  if (value instanceof Map) {
    return `${name}\n${[...value].map(([key, item]) => property(describe(key), item)).join("")}`;
  }
  if (value instanceof Set) {
    return `${name}\n${[...value].map((item, index) => property(index, item)).join("")}`;
  }
  const names = Object.getOwnPropertyNames(value);
  if (names.length == 0 && Object.getPrototypeOf(value) !== null) {
    return `${name}\n${describeChain(value)}`;
  }
  return `${name}\n${names.map(key => property(key, readProperty(value, key))).join("")}`;
}

function readProperty(object, key) {
  try {
    return object[key];
  } catch (error) {
    return error;
  }
}

function formatTrace() {
  const lines = stackFrames(taskStack()).map(({ filename, lineNumber, name }) => {
    const path = filename.slice(filename.lastIndexOf("/") + 1);
    const shown =
      path.length > TRACE_NAME_WIDTH ? `_${path.slice(1 - TRACE_NAME_WIDTH)}` : path.padEnd(TRACE_NAME_WIDTH);
    return `${shown} ${lineNumber} ${name}\n`;
  });
  return lines.join("");
}

export class ConsoleAPI {
  #timers = new Map();
  #level;

  /**
   * @param {object} options
   *   prefix, maxLogLevel (a name of LEVELS), maxLogLevelPref (a preference that holds one), dump (gets each text in
   *   place of standard output), innerID, consoleID (kept, not used).
   */
  constructor(options = {}) {
    const { prefix = "", maxLogLevel = "", maxLogLevelPref = "", dump, innerID = null, consoleID = "" } = options;
    this.dump = dump ?? native.print;
    this.prefix = prefix;
    this.innerID = innerID;
    this.consoleID = consoleID;
    this.#level = () => {
      const stored = maxLogLevelPref && prefs.get(maxLogLevelPref, false);
      return stored || maxLogLevel || "all";
    };
    // A method may be passed on by itself.
    for (const name of Object.getOwnPropertyNames(ConsoleAPI.prototype)) {
      const { value } = Object.getOwnPropertyDescriptor(ConsoleAPI.prototype, name);
      if (typeof value == "function" && name != "constructor") {
        this[name] = value.bind(this);
      }
    }
  }

  get maxLogLevel() {
    return this.#level();
  }

  set maxLogLevel(level) {
    this.#level = () => level;
  }

  /** Whether a call of @level would be printed. A level that does not exist lets nothing through. */
  shouldLog(level) {
    return LEVELS[this.maxLogLevel] <= LEVELS[level];
  }

  #print(name, level, text) {
    if (this.shouldLog(level)) {
      this.dump(`console.${name}: ${this.prefix ? `${this.prefix}: ` : ""}${text}`);
    }
  }

  #printShort(name, level, args) {
    this.#print(name, level, `${args.map(describe).join(" ")}\n`);
  }

  /** In two pieces, as whoever gets them in Firefox gets them. */
  #printLong(name, level, args) {
    if (this.shouldLog(level)) {
      this.#print(name, level, "\n");
      this.dump(args.map(describeLong).join(""));
    }
  }

  debug(...args) {
    this.#printLong("debug", "debug", args);
  }

  assert(...args) {
    this.#printShort("assert", "assert", args);
  }

  log(...args) {
    this.#printShort("log", "log", args);
  }

  info(...args) {
    this.#printShort("info", "info", args);
  }

  warn(...args) {
    this.#printShort("warn", "warn", args);
  }

  error(...args) {
    this.#printLong("error", "error", args);
  }

  exception(...args) {
    this.#printLong("error", "error", args);
  }

  trace() {
    this.#print("trace", "trace", `\n${formatTrace()}\n`);
  }

  clear() {}

  dir(...args) {
    this.#printLong("dir", "dir", args);
  }

  dirxml(...args) {
    this.#printLong("dirxml", "dirxml", args);
  }

  group(...args) {
    this.#printShort("group", "group", args);
  }

  groupEnd(...args) {
    this.#printShort("groupEnd", "groupEnd", args);
  }

  time(name) {
    this.#timers.set(name, Date.now());
    this.#print("time", "time", `'${name}' @ ${new Date()}\n`);
  }

  timeEnd(name) {
    const elapsedMs = Date.now() - this.#timers.get(name);
    this.#timers.delete(name);
    this.#print("timeEnd", "timeEnd", `'${name}' ${elapsedMs}ms\n`);
  }

  profile(name) {
    this.#print("profile", "profile", `'${name}'\n`);
  }

  profileEnd(name) {
    this.#print("profileEnd", "profileEnd", `'${name}'\n`);
  }
}
