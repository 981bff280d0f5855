// SPDX-License-Identifier: MPL-2.0
// Small XPCOM value objects.

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

/** nsISupportsString: a string that is an object. */
export class SupportsString {
  #data = "";

  get data() {
    return this.#data;
  }

  set data(value) {
    this.#data = String(value);
  }

  get type() {
    return 3; // TYPE_STRING
  }
}
defineXpcomClass(SupportsString, ["nsISupportsString"]);
SupportsString.prototype.toString = function toString() {
  return this.data;
};
