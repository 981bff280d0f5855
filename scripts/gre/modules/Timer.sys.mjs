// SPDX-License-Identifier: MPL-2.0
// Timers, as Firefox's modules import them. The globals of the same names are these functions.

import { setInterval, setTimeout } from "resource://gre/modules/bgtask/Timers.sys.mjs";
import { checkNative } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

export {
  cancelIdleCallback,
  clearInterval,
  clearTimeout,
  requestIdleCallback,
  setInterval,
  setTimeout,
} from "resource://gre/modules/bgtask/Timers.sys.mjs";

/** There is one thread, so that it is the same wherever it is to be called. */
function checkTarget(target) {
  if (target !== null && target !== undefined) {
    checkNative(target, "nsIEventTarget", "nsITimer.target");
  }
}

/** setTimeout() for @target, an nsIEventTarget. */
export function setTimeoutWithTarget(callback, milliseconds, target, ...args) {
  checkTarget(target);
  return setTimeout(callback, milliseconds, ...args);
}

export function setIntervalWithTarget(callback, milliseconds, target, ...args) {
  checkTarget(target);
  return setInterval(callback, milliseconds, ...args);
}
