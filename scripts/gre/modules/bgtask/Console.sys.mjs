// SPDX-License-Identifier: MPL-2.0
// The global `console`, as Gecko's native console prints when it has no window: one line a call on standard
// output, "console.METHOD: " or "console.METHOD: PREFIX: " and the arguments in source form. Nothing is
// substituted for %s, groups are not indented, count() does not show its count: that is how it is there.
//
// One thing differs. The number that time() and timeEnd() print after "@" is milliseconds since the task began, so
// that two of them can be subtracted; Gecko's cannot.

import { defineInterface } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { console: native, prefs, runtime } = import.meta.native;

/** ConsoleLogLevel: how much a level lets through. A call is printed when its own number is at least that. */
const LEVELS = {
  All: -1, Trace: 1, Debug: 2, Log: 3, Info: 3, Clear: 3, TimeEnd: 3, TimeLog: 3, Time: 3, Group: 3, GroupEnd: 3,
  Profile: 3, ProfileEnd: 3, Dir: 3, Dirxml: 3, Warn: 4, Error: 5, Off: Infinity,
};

/** Methods that print their arguments and do no more, with their number. */
const PLAIN_METHODS = {
  debug: 2, log: 3, info: 3, warn: 4, error: 5, exception: 5, table: 3, dir: 3, dirxml: 3, group: 3,
  groupCollapsed: 3,
};

function sourceOf(value) {
  const source = native.toSource(value);
  // An object that shows nothing of itself may have a better way to put it.
  return source == "({})" ? String(value) : source;
}

/** Arguments in source form; one whose own code throws is left out. */
function formatArguments(args) {
  const parts = [];
  for (const value of args) {
    try {
      parts.push(sourceOf(value));
    } catch {
      if (typeof value == "object" && value !== null && Object.getPrototypeOf(value) === null) {
        parts.push("({})");
      }
    }
  }
  return parts.join(" ");
}

function formatStack() {
  const { stackFrames, taskStack } = runtime.load("resource://gre/modules/bgtask/Errors.sys.mjs");
  const all = stackFrames(taskStack());
  const end = all.findIndex(frame => frame.isAsync);
  const frames = end < 0 ? all : all.slice(0, end);
  return frames.map(frame => `${frame.filename} ${frame.lineNumber} ${frame.name}\n`).join("");
}

/** What the console and its instances share: where they print, what they print, and their counters. */
class Output {
  #prefix;
  #print;
  #threshold;
  #thresholdPref;

  constructor({ prefix = "", print = native.print, threshold = LEVELS.All, thresholdPref = "" } = {}) {
    this.#prefix = prefix;
    this.#print = print;
    this.#threshold = threshold;
    this.#thresholdPref = thresholdPref;
  }

  allows(level) {
    let threshold = this.#threshold;
    if (this.#thresholdPref) {
      const value = prefs.get(this.#thresholdPref, false);
      threshold = Object.hasOwn(LEVELS, value) ? LEVELS[value] : threshold;
    }
    return level >= threshold;
  }

  print(method, text, stack = "") {
    const prefix = this.#prefix ? `${this.#prefix}: ` : "";
    this.#print(`console.${method}: ${prefix}${text}\n${stack}`);
  }

  call(method, level, args, withStack = false) {
    if (this.allows(level)) {
      this.print(method, formatArguments(args), withStack ? formatStack() : "");
    }
  }

  timer(method, label) {
    if (this.allows(LEVELS.Time)) {
      this.print(method, `${sourceOf(label)} @ ${runtime.now()}`);
    }
  }
}

function labelOf(label) {
  return label === undefined ? "default" : String(label);
}

/** The methods of console and of its instances. @outputOf finds the Output of `this`. */
function consoleMethods(outputOf) {
  const methods = {
    assert(condition, ...args) {
      if (!condition) {
        outputOf(this).call("assert", LEVELS.Error, args, true);
      }
    },
    clear() {
      outputOf(this).call("clear", LEVELS.Clear, []);
    },
    count(label) {
      outputOf(this).call("count", LEVELS.Log, [labelOf(label)]);
    },
    countReset(label) {
      outputOf(this).call("countReset", LEVELS.Log, [labelOf(label)]);
    },
    trace(...args) {
      outputOf(this).call("trace", LEVELS.Trace, args, true);
    },
    groupEnd() {
      outputOf(this).call("groupEnd", LEVELS.GroupEnd, []);
    },
    time(label) {
      outputOf(this).timer("time", labelOf(label));
    },
    timeLog(label, ...args) {
      outputOf(this).call("timeLog", LEVELS.TimeLog, [labelOf(label), ...args]);
    },
    timeEnd(label) {
      outputOf(this).timer("timeEnd", labelOf(label));
    },
    timeStamp(...args) {
      outputOf(this).call("timeStamp", LEVELS.Log, args.slice(0, 1));
    },
    profile(...args) {
      outputOf(this).call("profile", LEVELS.Profile, args);
    },
    profileEnd(...args) {
      outputOf(this).call("profileEnd", LEVELS.ProfileEnd, args);
    },
  };
  for (const [method, level] of Object.entries(PLAIN_METHODS)) {
    methods[method] = {
      [method](...args) {
        outputOf(this).call(method, level, args);
      },
    }[method];
  }
  return methods;
}

/** The number of a level; @where and @what say of which function's which argument it is, in an error. */
function checkLevel(value, where, what) {
  const level = String(value);
  if (!Object.hasOwn(LEVELS, level)) {
    throw new TypeError(`${where}: '${level}' (value of ${what}) is not a valid value for enumeration ConsoleLogLevel.`);
  }
  return LEVELS[level];
}

/** What console.createInstance() returns. Its methods need `this`, unlike the console's. */
export class ConsoleInstance {
  #output;

  constructor(output) {
    this.#output = output;
  }

  shouldLog(level) {
    return this.#output.allows(checkLevel(level, "ConsoleInstance.shouldLog", "argument 1"));
  }

  static output(instance) {
    return instance.#output;
  }
}
const outputOfInstance = ConsoleInstance.output;
delete ConsoleInstance.output;
Object.assign(ConsoleInstance.prototype, consoleMethods(outputOfInstance));
defineInterface(ConsoleInstance);

/**
 * A console with a name and a level of its own.
 * @param {object} options
 *   prefix: printed before the arguments; maxLogLevel: a name of LEVELS; maxLogLevelPref: a preference that holds
 *   such a name and wins while it does; dump: a function that gets each text in place of standard output.
 */
function createInstance(options = {}) {
  if (options !== null && typeof options != "object" && typeof options != "function") {
    throw new TypeError("console.createInstance: Argument 1 can't be converted to a dictionary.");
  }
  const { prefix = "", dump, maxLogLevel, maxLogLevelPref = "" } = options ?? {};
  if (dump !== undefined && typeof dump != "function") {
    const kind = typeof dump == "object" && dump !== null ? "callable" : "an object";
    throw new TypeError(`console.createInstance: 'dump' member of ConsoleInstanceOptions is not ${kind}.`);
  }
  const threshold = maxLogLevel === undefined ? LEVELS.All : checkLevel(maxLogLevel, "console.createInstance", "'maxLogLevel' member of ConsoleInstanceOptions");
  const settings = { prefix: String(prefix), threshold, thresholdPref: String(maxLogLevelPref) };
  return new ConsoleInstance(new Output(dump ? { ...settings, print: text => dump(text) } : settings));
}

function makeConsole() {
  const output = new Output();
  const object = Object.assign(Object.create({}), consoleMethods(() => output), { createInstance });
  Object.defineProperty(object, "IS_NATIVE_CONSOLE", { value: true, enumerable: true });
  Object.defineProperty(object, Symbol.toStringTag, { value: "console", configurable: true });
  return object;
}

export const console = makeConsole();
