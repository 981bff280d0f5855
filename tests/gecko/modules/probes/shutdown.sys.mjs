// SPDX-License-Identifier: MPL-2.0
// AsyncShutdown before there is a shutdown: barriers of one's own, phases, errors. What happens at the end has cases of
// its own in compare.py.

const { AsyncShutdown } = ChromeUtils.importESModule("resource://gre/modules/AsyncShutdown.sys.mjs");
const { ConsoleAPI } = ChromeUtils.importESModule("resource://gre/modules/Console.sys.mjs");
const { EXIT_CODE } = ChromeUtils.importESModule("resource://gre/modules/BackgroundTasksManager.sys.mjs");

export const probes = [
  () => Object.keys(AsyncShutdown).filter(name => !name.startsWith("_")).sort(),
  () => typeof AsyncShutdown.profileBeforeChange.addBlocker,
  () => AsyncShutdown.profileBeforeChange.isClosed,
  () => AsyncShutdown.profileBeforeChange.name,
  () => Object.keys(AsyncShutdown.profileBeforeChange).filter(name => !name.startsWith("_")).sort(),
  () => AsyncShutdown.noSuchPhase,
  () => AsyncShutdown.profileBeforeChange.addBlocker(),
  () => AsyncShutdown.profileBeforeChange.addBlocker("only a name"),
  () => AsyncShutdown.profileBeforeChange.removeBlocker(() => {}),
  () => { const f = () => {}; AsyncShutdown.profileBeforeChange.addBlocker("b", f); return AsyncShutdown.profileBeforeChange.removeBlocker(f); },
  () => new AsyncShutdown.Barrier(),
  () => typeof new AsyncShutdown.Barrier("mine").client.addBlocker,
  () => new AsyncShutdown.Barrier("mine").client.name,
  async () => { const b = new AsyncShutdown.Barrier("mine"); let ran = false; b.client.addBlocker("x", async () => { ran = true; }); await b.wait(); return [ran, b.client.isClosed]; },
  async () => { const b = new AsyncShutdown.Barrier("mine"); await b.wait(); b.client.addBlocker("late", () => {}); },
  async () => { const b = new AsyncShutdown.Barrier("mine"); b.client.addBlocker("p", Promise.resolve(1)); await b.wait(); return "waited for a promise"; },
  async () => { const b = new AsyncShutdown.Barrier("mine"); b.client.addBlocker("v", 5); await b.wait(); return "a value"; },
  async () => { const b = new AsyncShutdown.Barrier("mine"); b.client.addBlocker("t", () => { throw new Error("in blocker"); }); await b.wait(); return "went on"; },
  async () => { const b = new AsyncShutdown.Barrier("mine"); const first = b.wait(); return [await first, await b.wait()]; },
  async () => { const b = new AsyncShutdown.Barrier("mine"); const order = []; b.client.addBlocker("1", () => order.push(1)); b.client.addBlocker("2", () => order.push(2)); await b.wait(); return order; },
  async t => { const b = new AsyncShutdown.Barrier("mine"); b.client.addBlocker("slow", () => t.sleep(60)); return t.takes(58, 5000, () => b.wait()); },
  () => new AsyncShutdown.Barrier("mine").state,
  () => { const b = new AsyncShutdown.Barrier("mine"); b.client.addBlocker("x", () => {}, { fetchState: () => "s" }); return b.state; },
  () => EXIT_CODE,
  () => { EXIT_CODE.SUCCESS = 5; return EXIT_CODE.SUCCESS; },
  // ConsoleAPI.
  () => new ConsoleAPI().log("plain", 1),
  () => new ConsoleAPI({ prefix: "P" }).log("text"),
  () => new ConsoleAPI({ prefix: "P" }).error("text"),
  () => new ConsoleAPI({ prefix: "P" }).warn({ a: 1 }),
  () => new ConsoleAPI({ maxLogLevel: "warn" }).info("not shown"),
  () => new ConsoleAPI({ maxLogLevel: "Warn" }).error("shown"),
  () => new ConsoleAPI({ prefix: "P" }).debug([1, 2], "x"),
  () => new ConsoleAPI({ prefix: "P" }).dir({ a: { b: 1 } }),
  () => new ConsoleAPI({ prefix: "P" }).error(null, undefined, 5),
  () => { let got; const c = new ConsoleAPI({ dump: text => (got = text), prefix: "D" }); c.info("caught"); return got; },
  () => new ConsoleAPI({ prefix: "P" }).maxLogLevel,
  () => new ConsoleAPI({ prefix: "P" }).prefix,
  () => new ConsoleAPI({ prefix: "P" }).shouldLog("error"),
  () => new ConsoleAPI({ prefix: "P" }).assert(false, "asserted"),
  () => new ConsoleAPI({ prefix: "P" }).group("g"),
  () => new ConsoleAPI({ prefix: "P" }).count("c"),
  () => Object.keys(new ConsoleAPI()).filter(name => !name.startsWith("_")).sort(),
];
