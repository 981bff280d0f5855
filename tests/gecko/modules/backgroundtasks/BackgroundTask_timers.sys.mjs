// SPDX-License-Identifier: MPL-2.0
// Order of timers and promises. (Firefox has no queueMicrotask here.)

import { clearInterval, clearTimeout, setInterval, setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

export async function runBackgroundTask() {
  const log = [];
  const note = text => log.push(text);
  const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

  // Deadlines that a stall of the machine does not exchange: all but the nested one are set before any has come.
  setTimeout(note, 60, "60");
  setTimeout(note, 0, "0a");
  setTimeout(note, 0, "0b");
  setTimeout(() => {
    note("20");
    Promise.resolve().then(() => note("20 then"));
  }, 20);
  setTimeout(note, 20, "20 second");
  const cleared = setTimeout(note, 10, "cleared");
  clearTimeout(cleared);
  clearTimeout(cleared);
  clearTimeout(undefined);
  clearTimeout(99999);
  const last = sleep(80);
  Promise.resolve().then(() => note("then 1")).then(() => note("then 2"));
  Promise.resolve().then(() => note("other then 1"));
  await null;
  note("after await");
  await last;
  await new Promise(resolve => setTimeout(() => {
    note("outer");
    setTimeout(() => resolve(note("nested")), 0);
    note("outer ends");
  }, 0));
  let count = 0;
  await new Promise(resolve => {
    const interval = setInterval(() => {
      note(`interval ${++count}`);
      if (count == 3) {
        clearInterval(interval);
        resolve();
      }
    }, 10);
  });
  await sleep(50);
  dump(log.join("\n") + "\n");
  dump(`${typeof cleared} ${cleared > 0}\n`);
  setTimeout((...args) => dump(JSON.stringify(args) + "\n"), 1, 1, "b", { c: 3 });
  setTimeout(() => dump("text\n"), "10");
  await sleep(20);
}
