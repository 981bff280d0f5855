// SPDX-License-Identifier: MPL-2.0
// Float16Array, a kind of typed array that the engine has not. The global comes of LanguageFloat16Methods.sys.mjs.
//
// One is a proxy of a Uint16Array, its bits, that has the prototype of a Float16Array: the engine's own object says which
// properties there are and what may be done to them, and the proxy converts what is read and written. Methods that all
// typed arrays inherit look for the engine's objects; from the first use of Float16Array on they are functions of that
// module, which go to the engine's for the others. Functions in C, of the engine and of the
// library, take none.

import { halfBits, halfOf } from "resource://gre/modules/bgtask/LanguageBytes.sys.mjs";
import { isObject, toInteger, toLength } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { runtime } = import.meta.native;

export const TypedArray = Object.getPrototypeOf(Int8Array);
const typedTag = Object.getOwnPropertyDescriptor(TypedArray.prototype, Symbol.toStringTag).get;

/** The bits of each Float16Array. */
const bitsOf = new WeakMap();

export const bitsOfFloat16 = value => bitsOf.get(value);
export const isFloat16 = value => bitsOf.has(value);

/** "Int8Array" and so on; undefined for what is no typed array of the engine. */
export const kindOfTyped = value => Reflect.apply(typedTag, value, []);

export function refuseBigInts(value) {
  const kind = kindOfTyped(value);
  if (kind?.startsWith("Big")) {
    throw new TypeError(`${kind} elements are incompatible with Float16Array`);
  }
}

/** Whether @key is a number in its own spelling: such properties are elements, or nothing. */
function isNumeric(key) {
  return typeof key == "string" && /^[-\dIN]/.test(key) && (key == "-0" || String(Number(key)) === key);
}

const traps = {
  get(bits, key, receiver) {
    if (!isNumeric(key)) {
      return Reflect.get(bits, key, receiver);
    }
    const unit = bits[key];
    return unit === undefined ? undefined : halfOf(unit);
  },
  set(bits, key, value, receiver) {
    if (!isNumeric(key)) {
      return Reflect.set(bits, key, value, receiver);
    }
    if (bitsOf.get(receiver) === bits) {
      const unit = halfBits(+value);
      bits[key] = unit;
      return true;
    }
    return !(key in bits) || Reflect.set({ [key]: undefined }, key, value, receiver);
  },
  getOwnPropertyDescriptor(bits, key) {
    const descriptor = Reflect.getOwnPropertyDescriptor(bits, key);
    if (descriptor && isNumeric(key)) {
      descriptor.value = halfOf(descriptor.value);
    }
    return descriptor;
  },
  defineProperty(bits, key, descriptor) {
    if (!isNumeric(key)) {
      return Reflect.defineProperty(bits, key, descriptor);
    }
    const { value, ...attributes } = descriptor;
    const allowed = Reflect.defineProperty(bits, key, attributes);
    if (allowed && "value" in descriptor) {
      bits[key] = halfBits(+value);
    }
    return allowed;
  },
};

/** The Float16Array of those @bits. */
function wrap(bits, prototype) {
  const array = new Proxy(Object.setPrototypeOf(bits, prototype), traps);
  bitsOf.set(array, bits);
  return array;
}

/** Bits of what an iterator gives, or an object with a length. */
function bitsOfItems(source) {
  const method = source[Symbol.iterator];
  if (method !== undefined && method !== null) {
    if (typeof method != "function") {
      throw new TypeError(`${String(method)} is not a function`);
    }
    const list = [...{ [Symbol.iterator]: () => Reflect.apply(method, source, []) }];
    return Uint16Array.from(list, halfBits);
  }
  const bits = new Uint16Array(toLength(source.length));
  for (let index = 0; index < bits.length; index++) {
    bits[index] = halfBits(+source[index]);
  }
  return bits;
}

/** The engine makes the bits of it; its errors name the kind that is asked for. */
function bitsOfEngine(...parameters) {
  try {
    return new Uint16Array(...parameters);
  } catch (error) {
    if (error instanceof RangeError) {
      error.message = error.message.replace("Uint16Array", "Float16Array");
    }
    throw error;
  }
}

function makeBits(source, offset, length) {
  if (!isObject(source)) {
    return bitsOfEngine(toIndex(source));
  }
  if (isFloat16(source)) {
    return new Uint16Array(bitsOf.get(source));
  }
  if (kindOfTyped(source) !== undefined) {
    refuseBigInts(source);
    return Uint16Array.from(Array.from(source), halfBits);
  }
  const isBuffer = runtime.typeOf(source) == "bytes" || Object.prototype.toString.call(source) == "[object SharedArrayBuffer]";
  return isBuffer && !ArrayBuffer.isView(source) ? bitsOfEngine(source, offset, length) : bitsOfItems(source);
}

function toIndex(value) {
  const number = toInteger(value);
  if (number < 0 || number > Number.MAX_SAFE_INTEGER) {
    throw new RangeError("invalid array length");
  }
  return number;
}

export function Float16Array(source, offset, length) {
  if (new.target === undefined) {
    throw new TypeError("calling a builtin typed array constructor without new is forbidden");
  }
  const { prototype } = new.target;
  return wrap(makeBits(source, offset, length), isObject(prototype) ? prototype : Float16Array.prototype);
}

Object.setPrototypeOf(Float16Array, TypedArray);
Object.setPrototypeOf(Float16Array.prototype, TypedArray.prototype);
Object.defineProperty(Float16Array, "prototype", { writable: false });
for (const holder of [Float16Array, Float16Array.prototype]) {
  Object.defineProperty(holder, "BYTES_PER_ELEMENT", { value: Uint16Array.BYTES_PER_ELEMENT });
}
