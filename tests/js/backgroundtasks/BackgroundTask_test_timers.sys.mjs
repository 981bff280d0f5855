// SPDX-License-Identifier: MPL-2.0
// Timer.sys.mjs and nsITimer.

import { Checks } from "resource://testing-common/check.sys.mjs";
import {
  cancelIdleCallback, clearInterval, clearTimeout, requestIdleCallback, setInterval, setTimeout,
} from "resource://gre/modules/Timer.sys.mjs";

const sleep = delayMs => new Promise(resolve => setTimeout(resolve, delayMs));

async function checkTimeouts(t) {
  const order = [];
  setTimeout(() => order.push("third"), 30);
  setTimeout((...args) => order.push(`first ${args}`), 0, 1, 2);
  setTimeout(() => {
    order.push("second");
    Promise.resolve().then(() => order.push("its microtask"));
  }, 0);
  setTimeout(() => order.push("after the microtask"), 0);
  await sleep(80);
  t.equal("order", order, ["first 1,2", "second", "its microtask", "after the microtask", "third"]);
  const many = [];
  for (let i = 0; i < 100; i++) {
    setTimeout(() => many.push(i), 1);
  }
  await sleep(60);
  t.equal("equal times fire in order", many, [...Array(100).keys()]);
  const started = Date.now();
  await sleep(50);
  t.check(Date.now() - started >= 49, "not too early", Date.now() - started);
  let fired = 0;
  const id = setTimeout(() => fired++, 5);
  clearTimeout(id);
  clearTimeout(id);
  for (const none of [undefined, null, "x", 99999, -1]) {
    clearTimeout(none);
  }
  const self = setTimeout(() => {
    clearTimeout(self);
    fired += 10;
  }, 0);
  await sleep(30);
  t.equal("cleared", fired, 10);
  t.check(Number.isInteger(id) && id > 0 && self > id, "ids", `${id} ${self}`);
  for (const [name, start] of Object.entries({ setTimeout, setInterval, requestIdleCallback })) {
    t.throws(`${name} of no function`, () => start("x", 1), { name: "Error", message: `callback is not a function in ${name}` });
  }
}

async function checkIntervals(t) {
  let count = 0;
  await new Promise(resolve => {
    const id = setInterval(() => {
      if (++count == 3) {
        clearInterval(id);
        resolve();
      }
    }, 5);
  });
  await sleep(40);
  t.equal("interval", count, 3);
  const other = setInterval(() => count++, 1);
  clearTimeout(other);
  await sleep(10);
  t.equal("cleared by clearTimeout", count, 3);
}

async function checkIdle(t) {
  let canceled = false;
  cancelIdleCallback(requestIdleCallback(() => (canceled = true)));
  const deadline = await new Promise(resolve => {
    requestIdleCallback(given => resolve([given.didTimeout, given.timeRemaining() >= 0]));
  });
  t.equal("idle callback", deadline, [false, true]);
  t.equal("an idle callback that was taken back", canceled, false);
}

async function checkTimerObjects(t) {
  const make = () => Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer);
  const { TYPE_ONE_SHOT, TYPE_REPEATING_SLACK } = Ci.nsITimer;
  const seen = [];
  const once = make();
  once.initWithCallback(() => seen.push("function"), 1, TYPE_ONE_SHOT);
  const notified = make();
  notified.initWithCallback({ notify: given => seen.push(given === notified) }, 5, TYPE_ONE_SHOT);
  const observed = make();
  observed.init((subject, topic) => seen.push(topic), 10, TYPE_ONE_SHOT);
  const canceled = make();
  canceled.initWithCallback(() => seen.push("canceled"), 1, TYPE_ONE_SHOT);
  canceled.cancel();
  await sleep(60);
  t.equal("nsITimer", seen, ["function", true, "timer-callback"]);
  t.equal("its properties", [once.delay, once.type], [1, TYPE_ONE_SHOT]);
  let count = 0;
  const repeating = make();
  await new Promise(resolve => {
    const tick = () => {
      if (++count == 3) {
        repeating.cancel();
        resolve();
      }
    };
    repeating.initWithCallback(tick, 2, TYPE_REPEATING_SLACK);
  });
  await sleep(40);
  t.equal("repeating", count, 3);
}

export async function runBackgroundTask() {
  const t = new Checks();
  await checkTimeouts(t);
  await checkIntervals(t);
  await checkIdle(t);
  await checkTimerObjects(t);
  return t.exitCode;
}
