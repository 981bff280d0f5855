// SPDX-License-Identifier: MPL-2.0
// What console and ConsoleAPI print; compared with expected/print_console.out.

import { ConsoleAPI } from "resource://gre/modules/Console.sys.mjs";

function printValues() {
  class Thing { constructor() { this.x = 1; } get y() { return 2; } }
  const cyclic = { a: 1 };
  cyclic.self = cyclic;
  console.log("text", 1, -0, NaN, 1n, true, null, undefined, "quo\"te\n\t\u0001é\u2028\ud83d\ude00'");
  console.log({ a: 1, "b c": [1, , 2], if: { d: null }, [Symbol("k")]: 1 }, [], {}, [{}]);
  console.log(function named(a) { return a; }, x => x * 2, async function af() {}, Thing, new Thing());
  console.log(new Map([[1, 2]]), new Set([1]), new WeakMap(), Promise.resolve(1), new ArrayBuffer(4));
  console.log(new Uint8Array([1, 2]), new Date(0), new Date(NaN), /a\/b/gi, new String("s"), new Number(4), new Boolean(false));
  console.log(Symbol("s"), Symbol.for("t"), Symbol.iterator, Symbol(), Object.create(null), Object.assign(Object.create(null), { z: 1 }));
  console.log({ get a() { return 1; }, set a(v) {}, b: 2, m() {} }, cyclic, new URL("http://127.0.0.1/x"));
  console.log(new Error("boom"), new DOMException("words", "AbortError"), Components.Exception("x", Cr.NS_ERROR_FAILURE));
  console.log("before", { toSource() { throw new Error("x"); } }, { toSource: () => "own source" }, "after");
  console.log({ toString: () => "not used" }, new (class { toString() { return "used"; } })());
  console.log("%s is %d", "text", 5);
}

function printMethods() {
  for (const method of ["log", "info", "warn", "error", "debug", "exception", "dir", "dirxml", "table", "group", "groupCollapsed",
    "trace"]) {
    console[method]("text", { a: 1 });
    console[method]();
  }
  console.groupEnd("g");
  console.assert(true, "no");
  console.assert(false, "yes", 1);
  console.assert();
  console.count();
  console.count("x");
  console.count(null);
  console.countReset("x");
  console.time("t");
  console.timeLog("t", 1, "two");
  console.timeEnd("t");
  console.timeEnd();
  console.timeStamp("x", "y");
  console.profile("a");
  console.profileEnd("a");
  console.clear();
}

function printInstances() {
  const instance = console.createInstance({ prefix: "pfx", maxLogLevel: "Warn" });
  instance.log("no");
  instance.warn("yes");
  instance.error("yes", new TypeError("tt"));
  instance.assert(false, "yes");
  instance.exception("yes");
  console.createInstance({ prefix: "p" }).trace("t");
  console.createInstance({ dump: text => dump(`[${text}]`), prefix: "d" }).log("x");
}

function printApi() {
  const api = new ConsoleAPI({ prefix: "PFX" });
  for (const method of ["debug", "log", "info", "warn", "error", "exception", "dir", "dirxml", "group", "groupEnd", "assert"]) {
    api[method]("x", 1, { a: 1, b: [1, 2] }, [1], null, undefined, true);
  }
  api.log(new Map([[1, 2]]), new Set(), new Date(0), /x/, Symbol("s"), function foo() {}, class K {}, new Uint8Array([1]), new Error("e"));
  api.error(new Map([["k", { v: 1 }]]), new Set([1, "s"]), new Date(0), /re/, Symbol("q"), 1n, function foo() { return 1; }, class K {});
  api.error({}, [], Object.create(null), "multi\nline");
  const cyclic = {};
  cyclic.self = cyclic;
  api.log(cyclic, { f() {}, u: undefined }, [undefined, () => 1], new (class J { toJSON() { return { j: 1 }; } })());
  api.trace();
  api.clear();
  api.profile("p");
  api.profileEnd("p");
  api.log();
  api.error();
  new ConsoleAPI().log("no prefix");
  new ConsoleAPI({ dump: text => dump(`[${text}]`) }).log("x");
}

function printErrors() {
  const api = new ConsoleAPI();
  api.error(new Error("boom"));
  api.error("context", new TypeError("tt"));
  api.warn(Components.Exception("ce", Cr.NS_ERROR_FAILURE));
}

export async function runBackgroundTask() {
  printValues();
  printMethods();
  printInstances();
  printApi();
  printErrors();
  return 0;
}
