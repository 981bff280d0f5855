// SPDX-License-Identifier: MPL-2.0
// Order of timers and promises. (Firefox has no queueMicrotask here.)

import { clearInterval, clearTimeout, setInterval, setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

export async function runBackgroundTask() {
  const log = [];
  const note = text => log.push(text);
  const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

  setTimeout(note, 60, "60");
  setTimeout(note, 0, "0a");
  setTimeout(note, 0, "0b");
  setTimeout(() => {
    note("20");
    Promise.resolve().then(() => note("20 then"));
    setTimeout(note, 0, "20 nested");
  }, 20);
  setTimeout(note, 20, "20 second");
  const cleared = setTimeout(note, 10, "cleared");
  clearTimeout(cleared);
  clearTimeout(cleared);
  clearTimeout(undefined);
  clearTimeout(99999);
  let count = 0;
  const interval = setInterval(() => {
    note(`interval ${++count}`);
    if (count == 3) {
      clearInterval(interval);
    }
  }, 100);
  Promise.resolve().then(() => note("then 1")).then(() => note("then 2"));
  Promise.resolve().then(() => note("other then 1"));
  await null;
  note("after await");
  await sleep(600);
  dump(log.join("\n") + "\n");
  dump(`${typeof cleared} ${cleared > 0}\n`);
  setTimeout((...args) => dump(JSON.stringify(args) + "\n"), 1, 1, "b", { c: 3 });
  setTimeout(() => dump("text\n"), "10");
  await sleep(60);
}
