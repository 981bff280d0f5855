// SPDX-License-Identifier: MPL-2.0
// structuredClone: the engine's algorithm, and errors, which the engine's does not know.
//
// A value with an error in it is walked here; in any other case the engine copies all at once.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { requireArguments, sequenceOf, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError };

function dataCloneError(message) {
  return new DOMException(message, "DataCloneError");
}

function refuse(value) {
  if (typeof value == "symbol") {
    return dataCloneError("unsupported type for structured data");
  }
  const name = typeof value == "function" ? "Function" : Object.prototype.toString.call(value).slice(8, -1);
  return dataCloneError(`${name} object could not be cloned.`);
}

function isObject(value) {
  return typeof value == "object" && value !== null;
}

/** A copier remembers what it has copied, so that shared and cyclic references stay what they are. */
class Copier {
  #copies = new Map();
  #transferred;

  constructor(transferred) {
    this.#transferred = transferred;
  }

  copy(value) {
    if (typeof value == "symbol" || typeof value == "function") {
      throw refuse(value);
    }
    if (!isObject(value)) {
      return value;
    }
    if (!this.#copies.has(value)) {
      this.#fill(value);
    }
    return this.#copies.get(value);
  }

  #keep(value, copy) {
    this.#copies.set(value, copy);
    return copy;
  }

  #fill(value) {
    const kind = runtime.typeOf(value);
    if (kind == "error") {
      this.#copyError(value);
    } else if (kind == "bytes") {
      this.#copyBytes(value);
    } else if (kind == "array") {
      const copy = this.#keep(value, []);
      copy.length = value.length;
      this.#copyProperties(value, copy);
    } else {
      this.#copyOther(value);
    }
  }

  #copyOther(value) {
    const tag = Object.prototype.toString.call(value);
    if (value instanceof Map) {
      const copy = this.#keep(value, new Map());
      for (const [key, item] of [...value]) {
        copy.set(this.copy(key), this.copy(item));
      }
    } else if (value instanceof Set) {
      const copy = this.#keep(value, new Set());
      for (const item of [...value]) {
        copy.add(this.copy(item));
      }
    } else if (tag == "[object Object]" || tag == "[object Arguments]" || Symbol.toStringTag in value == false) {
      this.#copyPlain(value);
    } else {
      throw refuse(value);
    }
  }

  /** Plain objects here; dates, boxed values, regular expressions by the engine. */
  #copyPlain(value) {
    if (value instanceof Date || value instanceof RegExp || /Boolean|Number|String|BigInt/.test(boxedType(value))) {
      this.#keep(value, cloneByEngine(value));
      return;
    }
    this.#copyProperties(value, this.#keep(value, {}));
  }

  #copyProperties(from, to) {
    for (const key of Object.keys(from)) {
      Object.defineProperty(to, key, {
        value: this.copy(from[key]), writable: true, enumerable: true, configurable: true,
      });
    }
  }

  #copyBytes(value) {
    if (!ArrayBuffer.isView(value)) {
      const copy = this.#keep(value, value.slice(0));
      return copy;
    }
    const buffer = this.copy(value.buffer);
    const length = value instanceof DataView ? value.byteLength : value.length;
    return this.#keep(value, new value.constructor(buffer, value.byteOffset, length));
  }

  #copyError(error) {
    if (DOMException.isInstance(error)) {
      this.#keep(error, new DOMException(error.message, error.name));
      return;
    }
    const name = Object.hasOwn(ERRORS, error.name) ? error.name : "Error";
    const prototype = ERRORS[name].prototype;
    const copy = this.#keep(error, Object.setPrototypeOf(new Error("", error.fileName, error.lineNumber), prototype));
    const define = (key, value) =>
      Object.defineProperty(copy, key, { value, writable: true, configurable: true, enumerable: false });
    delete copy.message;
    if (Object.hasOwn(error, "message")) {
      define("message", String(error.message));
    }
    define("stack", String(error.stack));
    for (const key of ["cause", "errors"]) {
      if (Object.hasOwn(error, key)) {
        define(key, this.copy(error[key]));
      }
    }
  }
}

function boxedType(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function cloneByEngine(value) {
  try {
    return runtime.clone(value);
  } catch (error) {
    if (isEngineRefusal(error)) {
      throw refuse(value);
    }
    throw error;
  }
}

/** The engine says that something cannot be cloned with an error of its own; what a getter throws is not one. */
function isEngineRefusal(error) {
  const isEngines = runtime.typeOf(error) == "error" && !DOMException.isInstance(error);
  return isEngines && /clone|structured/i.test(error.message);
}

function transferList(options) {
  const { transfer } = toDictionary("Argument 2", options);
  if (transfer === undefined) {
    return [];
  }
  const list = sequenceOf(transfer);
  if (!list) {
    throw new TypeError("'transfer' member of StructuredSerializeOptions can't be converted to a sequence.");
  }
  for (const item of list) {
    if (!(item instanceof ArrayBuffer)) {
      throw dataCloneError("invalid transferable array for structured clone");
    }
  }
  return list;
}

/** A deep copy. Buffers in options.transfer are moved: the originals end up empty. */
export function structuredClone(value, options) {
  requireArguments("structuredClone", arguments, 1);
  const list = transferList(options);
  if (!isObject(value) && typeof value != "function" && typeof value != "symbol") {
    return value;
  }
  const copy = new Copier(list).copy(value);
  for (const buffer of list) {
    runtime.detach(buffer);
  }
  return copy;
}
