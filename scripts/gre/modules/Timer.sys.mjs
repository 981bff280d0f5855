// SPDX-License-Identifier: MPL-2.0
// Timers, as Firefox's modules import them. The globals of the same names are these functions.

export {
  cancelIdleCallback,
  clearInterval,
  clearTimeout,
  requestIdleCallback,
  setInterval,
  setTimeout,
} from "resource://gre/modules/bgtask/Timers.sys.mjs";
