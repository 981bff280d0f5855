// SPDX-License-Identifier: MPL-2.0
// Services.env: nsIEnvironment. What is set here is what programs that the task starts see.

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env: native } = import.meta.native;

/** A NUL ends a string of the system's. */
function cut(text) {
  return text.split("\0", 1)[0];
}

class Environment {
  /** The value, "" when the variable is not set. */
  get(name) {
    return native.get(cut(String(name))) ?? "";
  }

  exists(name) {
    return native.get(cut(String(name))) !== undefined;
  }

  /** An empty value takes the variable away. A name that cannot be one (empty, with "=") is passed over. */
  set(name, value) {
    native.set(cut(String(name)), value === null || value === undefined ? "" : cut(String(value)));
  }
}
defineXpcomClass(Environment, ["nsIEnvironment"], { nsIEnvironment: { get: 1, exists: 1, set: 2 } });

export const env = new Environment();
