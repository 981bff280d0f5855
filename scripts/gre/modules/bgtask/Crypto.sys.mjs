// SPDX-License-Identifier: MPL-2.0
// crypto: random values from the kernel, and subtle.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { randomUUID } from "resource://gre/modules/bgtask/Uuid.sys.mjs";
import { checkReceivers, defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

const BYTES_MAX = 65536;
const TYPE_MISMATCH =
  "The type of an object is incompatible with the expected type of the parameter associated to the object";

function isIntegerArray(view) {
  return !/Float|DataView/.test(Object.prototype.toString.call(view));
}

/** Passed to the constructor by this module alone. */
const KEY = Symbol("Crypto");

export class Crypto {
  #subtle = null;

  constructor(key) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
  }

  /** Fill an integer typed array of at most 65536 bytes, and return it. */
  getRandomValues(array) {
    requireArguments("Crypto.getRandomValues", arguments, 1);
    if (!ArrayBuffer.isView(array)) {
      const isObject = (typeof array == "object" && array !== null) || typeof array == "function";
      const kind = isObject ? "does not implement interface ArrayBufferView" : "is not an object";
      throw new TypeError(`Crypto.getRandomValues: Argument 1 ${kind}.`);
    }
    if (!isIntegerArray(array)) {
      throw new DOMException(TYPE_MISMATCH, "TypeMismatchError");
    }
    if (array.byteLength > BYTES_MAX) {
      throw new DOMException(
        `Crypto.getRandomValues: getRandomValues can only generate maximum ${BYTES_MAX} bytes`,
        "QuotaExceededError"
      );
    }
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(runtime.random(array.byteLength));
    return array;
  }

  randomUUID() {
    return randomUUID();
  }

  get subtle() {
    if (!this.#subtle) {
      this.#subtle = runtime.load("resource://gre/modules/bgtask/SubtleCrypto.sys.mjs").makeSubtle();
    }
    return this.#subtle;
  }

  static is(value) {
    return typeof value == "object" && value !== null && #subtle in value;
  }
}
checkReceivers(Crypto, "Crypto", Crypto.is);
delete Crypto.is;
defineInterface(Crypto);

export const crypto = new Crypto(KEY);
