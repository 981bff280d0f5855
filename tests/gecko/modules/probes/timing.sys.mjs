// SPDX-License-Identifier: MPL-2.0
// Timers, with tolerances: what is in milliseconds is told as the range that it is in. Nothing comes early; how late it may
// come is generous, since the machine has other things to do. What is waited for is an event, not a time in which it should
// have come.

import { setTimeout, setInterval, clearTimeout, clearInterval, requestIdleCallback } from "resource://gre/modules/Timer.sys.mjs";

const after = ms => new Promise(resolve => setTimeout(resolve, ms));
const timer = () => Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer);

export const probes = [
  t => t.takes(0, 5000, () => after(0)),
  t => t.takes(48, 5000, () => after(50)),
  t => t.takes(198, 5000, () => after(200)),
  t => t.takes(198, 5000, () => after("200")),
  t => t.takes(0, 5000, () => after()),
  t => t.takes(0, 5000, () => after(NaN)),
  t => Promise.race([after(-1000).then(() => "fires"), t.sleep(300).then(() => "never fires")]),
  t => t.takes(98, 5000, () => t.sleep(100.9)),
  () => typeof setTimeout(() => {}, 0),
  () => setTimeout("code", 0),
  () => setTimeout(),
  () => clearTimeout(undefined),
  () => clearTimeout(999999),
  () => new Promise(resolve => setTimeout((...args) => resolve(args), 0, 1, "two", [3])),
  () => new Promise(resolve => setTimeout(function () { resolve(this === globalThis || this === undefined ? "global or none" : "other"); }, 0)),
  async () => { const order = []; setTimeout(() => order.push("b"), 30); setTimeout(() => order.push("a"), 10); await after(60); return order; },
  async () => { const order = []; for (let i = 0; i < 5; i++) setTimeout(() => order.push(i), 5); await after(30); return order; },
  async () => { let ran = false; clearTimeout(setTimeout(() => (ran = true), 10)); await after(60); return ran; },
  async () => { let n = 0; await new Promise(done => { const id = setInterval(() => { if (++n == 3) { clearInterval(id); done(); } }, 5); }); await after(50); return n; },
  t => t.takes(58, 5000, () => { let n = 0; return new Promise(done => { const id = setInterval(() => { if (++n == 3) { clearInterval(id); done(); } }, 20); }); }),
  async () => { const order = []; setTimeout(() => order.push("timer"), 0); Promise.resolve().then(() => order.push("promise")); order.push("now"); await after(30); return order; },
  () => new Promise(resolve => requestIdleCallback(deadline => resolve([typeof deadline.timeRemaining(), typeof deadline.didTimeout]))),
  () => new Promise(resolve => timer().initWithCallback({ notify: self => resolve(self instanceof Ci.nsITimer) }, 10, Ci.nsITimer.TYPE_ONE_SHOT)),
  () => new Promise(resolve => timer().initWithCallback(() => resolve("a function"), 10, Ci.nsITimer.TYPE_ONE_SHOT)),
  () => new Promise(resolve => timer().init({ observe: (subject, topic) => resolve(topic) }, 10, Ci.nsITimer.TYPE_ONE_SHOT)),
  async () => { let n = 0; const it = timer(); await new Promise(done => it.initWithCallback(() => { if (++n == 3) { it.cancel(); done(); } }, 10, Ci.nsITimer.TYPE_REPEATING_SLACK)); await after(50); return n; },
  async () => { let n = 0; const it = timer(); it.initWithCallback(() => n++, 10, Ci.nsITimer.TYPE_ONE_SHOT); it.cancel(); await after(50); return n; },
  () => { const it = timer(); it.initWithCallback(() => {}, 1000, Ci.nsITimer.TYPE_ONE_SHOT); const got = [it.delay, it.type]; it.cancel(); return got; },
  () => timer().initWithCallback(null, 10, 0),
  () => timer().initWithCallback(() => {}),
  () => { const a = Date.now(); const b = new Date().getTime(); return b >= a && b - a < 5000; },
  () => { const a = ChromeUtils.now(); return ChromeUtils.now() >= a; },
  () => typeof ChromeUtils.dateNow(),
  () => new Promise(resolve => Services.tm.dispatchToMainThread(() => resolve("ran"))),
  () => new Promise(resolve => Services.tm.dispatchToMainThread({ run: () => resolve("object ran") })),
  async () => { const order = []; Services.tm.dispatchToMainThread(() => order.push("dispatched")); await Promise.resolve(); order.push("microtask"); await after(20); return order; },
  () => { let done = false; setTimeout(() => { done = true; }, 20); return [Services.tm.spinEventLoopUntil("a probe", () => done), done]; },
  () => { let done = false; Promise.resolve().then(() => { done = true; }); Services.tm.spinEventLoopUntil("a probe", () => done); return done; },
  () => { let done = false; IOUtils.exists("/").then(() => { done = true; }); Services.tm.spinEventLoopUntil("a probe", () => done); return done; },
  () => { let done = false; Services.tm.dispatchToMainThread(() => { done = true; }); Services.tm.spinEventLoopUntil("a probe", () => done); return done; },
  () => { let n = 0; setTimeout(() => { setTimeout(() => { n = 1; }, 5); Services.tm.spinEventLoopUntil("inner", () => n == 1); n = 2; }, 5); Services.tm.spinEventLoopUntil("outer", () => n == 2); return n; },
  () => { const order = []; setTimeout(() => order.push("timer"), 0); Promise.resolve().then(() => order.push("job")); order.push("sync"); Services.tm.spinEventLoopUntil("a probe", () => order.length >= 3); order.push("end"); return order; },
  () => { const order = []; setTimeout(() => { order.push("timer"); Promise.resolve().then(() => order.push("its job")); }, 0); Services.tm.spinEventLoopUntil("a probe", () => order.length >= 2); return order; },
  () => Services.tm.spinEventLoopUntil("a probe", { isDone: () => 1 }),
  () => Services.tm.spinEventLoopUntil("a probe"),
  () => Services.tm.spinEventLoopUntil("a probe", () => { throw new Error("in the condition"); }),
  () => { let done = false; setTimeout(() => { done = true; }, 10); Services.tm.spinEventLoopUntilOrQuit("a probe", () => done); return done; },
  () => { let done = false; Services.tm.dispatchToMainThread(() => { done = true; }); return [Services.tm.spinEventLoopUntilEmpty(), done]; },
  () => new Promise(resolve => Services.tm.idleDispatchToMainThread(() => resolve("idle"))),
];
