// SPDX-License-Identifier: MPL-2.0
// structuredClone: the standard's algorithm, with the engine's for what is a matter of its own (dates, regular
// expressions).
//
// Other than in Gecko a proxy is copied as the object that it stands for, and a copied error has its stack as a property.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { isInterfaceObject, requireArguments, sequenceOf, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

const BLOB = "resource://gre/modules/bgtask/Blob.sys.mjs";
const FORM_DATA = "resource://gre/modules/bgtask/FormData.sys.mjs";
const FLOAT16 = "resource://gre/modules/bgtask/LanguageFloat16.sys.mjs";
const STREAMS = "resource://gre/modules/bgtask/Streams.sys.mjs";
const TEMPORAL = "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";

/** Whether @value is what @test of the module @url knows; a module that nobody has loaded has made none. */
const isOf = (url, test, value) => runtime.isLoaded(url) && Boolean(runtime.load(url)[test](value));

const typedName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag).get;

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

/** What of the language and of the platform, by its class string, has no copy. */
const UNCLONABLE = new Set([
  "Array Iterator", "AsyncDisposableStack", "AsyncFunction", "AsyncGenerator", "Atomics", "ChromeUtils", "DisposableStack",
  "Exception", "FinalizationRegistry", "Generator", "GeneratorFunction", "IOUtils", "Iterator Helper", "JSON", "Map Iterator",
  "Math", "PathUtils", "Reflect", "RegExp String Iterator", "Set Iterator", "String Iterator", "Temporal", "Temporal.Now",
  "WeakMap", "WeakRef", "WeakSet", "console", "nsXPCComponents", "nsXPCComponents_Classes", "nsXPCComponents_Interfaces", "nsXPCComponents_Results",
]);
const getterOf = (cls, name) => Object.getOwnPropertyDescriptor(cls.prototype, name).get;
/** What works for an object of the kind alone, whatever its class string. */
const BRANDS = {
  map: getterOf(Map, "size"), set: getterOf(Set, "size"), bigint: BigInt.prototype.valueOf, symbol: Symbol.prototype.valueOf,
};

function isKind(kind, value) {
  try {
    Reflect.apply(BRANDS[kind], value, []);
    return true;
  } catch {
    return false;
  }
}

/**
 * A copier remembers what it has copied, so that shared and cyclic references stay what they are. It keeps what is still to
 * be copied in a stack of its own, the last first: no structure is too deep for it.
 */
class Copier {
  #copies = new Map();
  #transferred;
  /** { items, at, step } */
  #work = [];

  constructor(transferred) {
    this.#transferred = transferred;
  }

  /** The copy of @value, complete. */
  run(value) {
    const result = this.#copy(value);
    while (this.#work.length) {
      const frame = this.#work.at(-1);
      const item = frame.items[frame.at++];
      if (frame.at == frame.items.length) {
        this.#work.pop(); // so that a chain, however long, has one
      }
      frame.step(item);
    }
    return result;
  }

  #each(items, step) {
    if (items.length) {
      this.#work.push({ items, at: 0, step });
    }
  }

  /** The copy of @value, which may still have to be filled. */
  #copy(value) {
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
    } else if (kind == "promise") {
      throw refuse(value);
    } else {
      this.#copyOther(value);
    }
  }

  /** Objects of the library that can be copied; false: it is none. */
  #copyOurs(value) {
    if (isOf(BLOB, "isBlob", value)) {
      const { File, bytesOfBlob, makeBlob, makeFile } = runtime.load(BLOB);
      const blob = makeBlob(bytesOfBlob(value), value.type);
      this.#keep(value, value instanceof File ? makeFile(blob, value.name, { lastModified: value.lastModified }) : blob);
    } else if (isOf(FORM_DATA, "isFormData", value)) {
      const form = this.#keep(value, new FormData());
      for (const [name, item] of value) {
        form.append(name, item);
      }
    } else if (isOf(FLOAT16, "isFloat16", value)) {
      const { Float16Array } = runtime.load(FLOAT16);
      this.#keep(value, new Float16Array(this.#copy(value.buffer), value.byteOffset, value.length));
    } else if (this.#transferred.includes(value) && isOf(STREAMS, "sourceOf", value)) {
      this.#keep(value, ReadableStream.from(value));
    } else {
      return false;
    }
    return true;
  }

  #copyOther(value) {
    const tag = Object.prototype.toString.call(value);
    if (value === globalThis || value === Services || tag == "[object Arguments]") {
      const name = value === globalThis ? "SystemGlobal" : value === Services ? "JSServices" : "Arguments";
      throw dataCloneError(`${name} object could not be cloned.`);
    }
    if (!(Symbol.toStringTag in value)) {
      this.#copyPlain(value, tag);
      return;
    }
    if (isOf(TEMPORAL, "kindOf", value)) {
      throw refuse(value);
    }
    if (this.#copyOurs(value)) {
      return;
    }
    if (isKind("map", value)) {
      const copy = this.#keep(value, new Map());
      this.#each([...Map.prototype.entries.call(value)], ([key, item]) => copy.set(this.#copy(key), this.#copy(item)));
    } else if (isKind("set", value)) {
      const copy = this.#keep(value, new Set());
      this.#each([...Set.prototype.values.call(value)], item => copy.add(this.#copy(item)));
    } else if (isKind("bigint", value)) {
      this.#keep(value, Object(BigInt.prototype.valueOf.call(value)));
    } else if (tag == "[object SharedArrayBuffer]") {
      this.#keep(value, value); // the same memory
    } else if (isKind("symbol", value) || UNCLONABLE.has(boxedType(value)) || /^(Intl|WebAssembly)\b/.test(boxedType(value)) || isInterfaceObject(value)) {
      throw refuse(value);
    } else {
      this.#copyPlain(value, "[object Object]");
    }
  }

  /** Plain objects here; dates, boxed values, regular expressions by the engine. */
  #copyPlain(value, tag) {
    if (["[object Boolean]", "[object Date]", "[object Number]", "[object RegExp]", "[object String]"].includes(tag)) {
      this.#keep(value, cloneByEngine(value));
      return;
    }
    this.#copyProperties(value, this.#keep(value, {}));
  }

  #copyProperties(from, to) {
    this.#each(Object.keys(from), key => {
      if (Object.hasOwn(from, key)) {
        Object.defineProperty(to, key, {
          value: this.#copy(from[key]), writable: true, enumerable: true, configurable: true,
        });
      }
    });
  }

  #copyBytes(value) {
    if (!ArrayBuffer.isView(value)) {
      if (value.detached) {
        throw dataCloneError("ArrayBuffer object could not be cloned.");
      }
      const copy = this.#keep(value, value.slice(0));
      return copy;
    }
    const buffer = this.#copy(value.buffer);
    const length = value instanceof DataView ? value.byteLength : value.length;
    const View = value instanceof DataView ? DataView : globalThis[Reflect.apply(typedName, value, [])];
    return this.#keep(value, new View(buffer, value.byteOffset, length));
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
    this.#each(["cause", "errors"].filter(key => Object.hasOwn(error, key)), key => define(key, this.#copy(error[key])));
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
  for (const [index, item] of list.entries()) {
    if (!isObject(item) && typeof item != "function") {
      throw new TypeError("Element of 'transfer' member of StructuredSerializeOptions is not an object.");
    }
    if (!(item instanceof ArrayBuffer) && !isOf(STREAMS, "sourceOf", item)) {
      throw dataCloneError("invalid transferable array for structured clone");
    }
    if (list.indexOf(item) != index) {
      throw dataCloneError("duplicate transferable for structured clone");
    }
    if (item instanceof ArrayBuffer && item.detached) {
      throw dataCloneError("attempting to access detached ArrayBuffer");
    }
  }
  return list;
}

/** A deep copy. Buffers in options.transfer are moved: the originals end up empty. */
export function structuredClone(value, options = undefined) {
  requireArguments("structuredClone", arguments, 1);
  const list = transferList(options);
  if (!isObject(value) && typeof value != "function" && typeof value != "symbol") {
    return value;
  }
  const copy = new Copier(list).run(value);
  for (const item of list) {
    if (item instanceof ArrayBuffer) {
      runtime.detach(item);
    }
  }
  return copy;
}
