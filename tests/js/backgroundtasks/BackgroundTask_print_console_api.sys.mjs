// SPDX-License-Identifier: MPL-2.0
// ConsoleAPI of Console.sys.mjs and console.createInstance(): levels, prefixes, kinds of values.

import { ConsoleAPI } from "resource://gre/modules/Console.sys.mjs";

class Filled {
  a = 1;
}
class Empty {}

const CYCLE = {};
CYCLE.self = CYCLE;

const VALUES = [
  undefined, null, 'a"b', "", 1.5, -0, NaN, 10n, true, Symbol("s"), [1, [2, "x"], , ], { a: 1, "b-c": { d: [] } }, {}, [],
  function named(a) { return a; }, () => 1, new Date(0), /a"b/g, new Map([[1, "a"], ["k", { z: 1 }]]), new Set([1, "a"]),
  new WeakMap(), Promise.resolve(1), new Proxy({ a: 1 }, {}), new Uint8Array([1, 2]), new ArrayBuffer(4), Object.create(null),
  new Filled(), new Empty(), new String("x"), { toString() { return "text"; } }, { a: { b: { c: { d: 1 } } } }, CYCLE,
];

function checkValues(api) {
  for (const value of VALUES) {
    api.log(value);
    api.error(value);
    api.dir(value);
  }
  api.log(new TypeError("an error"));
  api.warn("before", new RangeError("another"), "after");
}

function checkMethods(api) {
  api.debug("a", { b: 1 });
  api.assert(false, "x");
  api.assert(true, "x");
  api.info("%s x", "y");
  api.group("g");
  api.groupEnd("g");
  api.dirxml({ a: 1 });
  api.exception("e");
  api.clear();
  api.profile("p");
  api.profileEnd("p");
  const { log } = api;
  log("by itself");
}

function checkLevels() {
  for (const maxLogLevel of ["all", "debug", "log", "info", "warn", "error", "off", "Warn", ""]) {
    const api = new ConsoleAPI({ maxLogLevel, dump: text => dump(`${maxLogLevel}: ${text}`) });
    for (const method of ["debug", "log", "info", "warn", "error", "dir", "group"]) {
      api[method](method);
    }
    dump(`${api.maxLogLevel} ${api.shouldLog("log")} ${api.shouldLog("error")} ${api.shouldLog("none")}\n`);
  }
  const api = new ConsoleAPI({ maxLogLevel: "off" });
  api.error("not shown");
  api.maxLogLevel = "all";
  api.error("shown");
  dump(`${[api.prefix, api.innerID, api.consoleID].map(String)}\n`);
}

function checkPreference() {
  Services.prefs.setStringPref("test.console", "error");
  const api = new ConsoleAPI({ maxLogLevelPref: "test.console", maxLogLevel: "all" });
  api.warn("not shown");
  api.error("shown");
  Services.prefs.setStringPref("test.console", "none such");
  api.warn("none such");
  Services.prefs.clearUserPref("test.console");
  api.warn("no preference");
}

const attempt = action => {
  try {
    dump(`${action()}\n`);
  } catch (error) {
    dump(`${error}\n`);
  }
};

function checkInstances() {
  for (const maxLogLevel of ["All", "Debug", "Log", "Warn", "Error", "Off", "Trace", "Dir"]) {
    const instance = console.createInstance({ prefix: "P", maxLogLevel, dump: text => dump(`${maxLogLevel}: ${text}`) });
    for (const method of ["debug", "log", "warn", "error", "group", "count", "dir", "table", "exception"]) {
      instance[method](method);
    }
    dump(`${instance.shouldLog("Log")} ${instance.shouldLog("Error")}\n`);
  }
  attempt(() => console.createInstance().shouldLog("log"));
  attempt(() => console.createInstance({ maxLogLevel: "warn" }));
  attempt(() => console.createInstance(5));
  attempt(() => console.createInstance({ dump: 5 }));
  const byPreference = console.createInstance({ maxLogLevelPref: "test.console" });
  byPreference.log("no preference");
  Services.prefs.setStringPref("test.console", "Error");
  byPreference.log("not shown");
  byPreference.error("shown");
  Services.prefs.setStringPref("test.console", "none such");
  byPreference.log("none such");
  Services.prefs.clearUserPref("test.console");
  dump(`${byPreference} ${console}\n`);
}

export function runBackgroundTask() {
  const api = new ConsoleAPI({ prefix: "P" });
  checkValues(api);
  checkMethods(api);
  checkLevels();
  checkPreference();
  checkInstances();
  return 0;
}
