// SPDX-License-Identifier: MPL-2.0
// setTimeout and its relatives, over the event loop's timers (runner/builtin_timers.c). Delays are milliseconds;
// there is no least delay. Ids are positive integers, one sequence for all kinds of timers.

const { runtime, timers } = import.meta.native;

/** How long an idle callback is told that it may run, in milliseconds. */
const IDLE_PERIOD_MS = 50;

function checkCallback(callback, name) {
  if (typeof callback != "function") {
    throw new Error(`callback is not a function in ${name}`);
  }
}

function start(callback, delayMs, args, repeat) {
  const call = args.length ? () => callback(...args) : () => callback();
  return timers.set(call, Number(delayMs) || 0, repeat);
}

/** Call @callback once, @milliseconds from now, with @args. */
export function setTimeout(callback, milliseconds, ...args) {
  checkCallback(callback, "setTimeout");
  return start(callback, milliseconds, args, false);
}

/** Call @callback every @milliseconds, counted from the end of the call before. */
export function setInterval(callback, milliseconds, ...args) {
  checkCallback(callback, "setInterval");
  return start(callback, milliseconds, args, true);
}

/** One that does not exist, or not any more, is no error. */
export function clearTimeout(id) {
  const number = Number(id);
  if (number > 0) {
    timers.clear(number);
  }
}

export function clearInterval(id) {
  clearTimeout(id);
}

/** Call @callback with an IdleDeadline when the event loop comes round; so soon that options.timeout does not matter. */
export function requestIdleCallback(callback, options = {}) {
  checkCallback(callback, "requestIdleCallback");
  if (options === null || typeof options != "object") {
    throw new TypeError("options is not an object in requestIdleCallback");
  }
  const call = () => {
    const endMs = runtime.now() + IDLE_PERIOD_MS;
    callback({ didTimeout: false, timeRemaining: () => Math.max(0, endMs - runtime.now()) });
  };
  return timers.set(call, 0, false);
}

export function cancelIdleCallback(id) {
  clearTimeout(id);
}
