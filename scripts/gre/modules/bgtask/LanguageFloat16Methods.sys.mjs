// SPDX-License-Identifier: MPL-2.0
// What typed arrays inherit, for a Float16Array. For another it is the engine's, or that which the language was supplied with.

import { halfBits, halfOf } from "resource://gre/modules/bgtask/LanguageBytes.sys.mjs";
import {
  Float16Array, TypedArray, bitsOfFloat16, isFloat16, kindOfTyped, refuseBigInts,
} from "resource://gre/modules/bgtask/LanguageFloat16.sys.mjs";
import { checkCallable, isObject, toInteger, toLength } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { prototype } = TypedArray;
const lengthOf = Object.getOwnPropertyDescriptor(prototype, "length").get;

/** The numbers of an array, in one of the engine's whose items are the same. */
const numbersOf = array => Float32Array.from(bitsOfFloat16(array), halfOf);

const lengthOfAny = array => (isFloat16(array) ? bitsOfFloat16(array).length : Reflect.apply(lengthOf, array, []));

/** The constructor that @array wants its like to be made with. */
function speciesOf(array) {
  const { constructor } = array;
  if (constructor === undefined) {
    return Float16Array;
  }
  if (!isObject(constructor)) {
    throw new TypeError("object's 'constructor' property is not a non-null object");
  }
  return constructor[Symbol.species] ?? Float16Array;
}

/** A typed array of at least @length items (undefined: any), made by @Kind. */
function create(Kind, length, ...parameters) {
  const array = new Kind(...parameters);
  if (!isObject(array) || (!isFloat16(array) && kindOfTyped(array) === undefined)) {
    throw new TypeError("constructor didn't return TypedArray object");
  }
  if (length !== undefined && lengthOfAny(array) < length) {
    throw new TypeError(
      `expected TypedArray of at least length ${length}, but constructor returned TypedArray of length ${lengthOfAny(array)}`
    );
  }
  return array;
}

function createLike(array, length) {
  const result = create(speciesOf(array), length, length);
  refuseBigInts(isFloat16(result) ? [] : result);
  return result;
}

function fillFrom(array, values) {
  values.forEach((value, index) => {
    array[index] = value;
  });
  return array;
}

/** Where a relative index leads to in @length items. */
function position(index, length, absent) {
  const relative = index === undefined ? absent : toInteger(index);
  return relative < 0 ? Math.max(relative + length, 0) : Math.min(relative, length);
}

/** Methods that look at numbers, and have no callback that could change them meanwhile. */
const OF_NUMBERS = ["includes", "indexOf", "join", "lastIndexOf", "toLocaleString"];
/** Methods that move items. */
const OF_BITS = ["copyWithin", "reverse"];
/** Methods that the prototype of arrays has for whatever is like one. */
const OF_ARRAYS = [
  "at", "entries", "every", "find", "findIndex", "findLast", "findLastIndex", "forEach", "keys", "reduce", "reduceRight", "some",
  "values",
];

/** By name, with the array, its bits and the arguments. */
const methods = {
  fill(array, bits, [value, start, end]) {
    bits.fill(halfBits(+value), start, end);
    return array;
  },
  filter(array, bits, [predicate, thisArgument]) {
    checkCallable(predicate);
    const kept = [];
    for (let index = 0; index < bits.length; index++) {
      const value = array[index];
      if (Reflect.apply(predicate, thisArgument, [value, index, array])) {
        kept.push(value);
      }
    }
    return fillFrom(createLike(array, kept.length), kept);
  },
  map(array, bits, [mapper, thisArgument]) {
    checkCallable(mapper);
    const { length } = bits;
    const result = createLike(array, length);
    for (let index = 0; index < length; index++) {
      result[index] = Reflect.apply(mapper, thisArgument, [array[index], index, array]);
    }
    return result;
  },
  set(_array, bits, [source, offset]) {
    const start = toInteger(offset);
    if (start < 0) {
      throw new RangeError("invalid or out-of-range index");
    }
    const [items, count] = itemsToSet(source);
    if (count + start > bits.length) {
      throw new RangeError("source array is too long");
    }
    for (let index = 0; index < count; index++) {
      bits[start + index] = halfBits(+items[index]);
    }
  },
  slice(array, { length }, [start, end]) {
    const from = position(start, length, 0);
    const to = position(end, length, length);
    const result = createLike(array, Math.max(to - from, 0));
    for (let index = from; index < Math.min(to, bitsOfFloat16(array).length); index++) {
      result[index - from] = array[index];
    }
    return result;
  },
  sort(array, bits, [compare]) {
    if (compare !== undefined && typeof compare != "function") {
      throw new TypeError("invalid %TypedArray%.prototype.sort argument");
    }
    bits.set(Uint16Array.from(numbersOf(array).sort(compare), halfBits));
    return array;
  },
  subarray(array, bits, [start, end]) {
    const from = position(start, bits.length, 0);
    const to = position(end, bits.length, bits.length);
    const offset = bits.byteOffset + from * bits.BYTES_PER_ELEMENT;
    return create(speciesOf(array), undefined, bits.buffer, offset, Math.max(to - from, 0));
  },
  toReversed(array) {
    return new Float16Array(array).reverse();
  },
  toSorted(array, _bits, [compare]) {
    if (compare !== undefined) {
      checkCallable(compare);
    }
    return new Float16Array(array).sort(compare);
  },
  with(array, { length }, [index, value]) {
    const relative = toInteger(index);
    const at = relative < 0 ? relative + length : relative;
    const number = +value;
    if (at < 0 || at >= bitsOfFloat16(array).length) {
      throw new RangeError("invalid or out-of-range index");
    }
    const copy = new Float16Array(array);
    copy[at] = number;
    return copy;
  },
};

/** What is to be set, and of how many: a copy of another typed array, which may share memory; an object that is like one. */
function itemsToSet(source) {
  if (isFloat16(source)) {
    return [numbersOf(source), bitsOfFloat16(source).length];
  }
  if (kindOfTyped(source) !== undefined) {
    refuseBigInts(source);
    return [Float64Array.from(source), source.length];
  }
  const items = Object(source);
  return [items, toLength(items.length)];
}

for (const name of OF_NUMBERS) {
  methods[name] = (array, _bits, values) => numbersOf(array)[name](...values);
}
for (const name of OF_BITS) {
  methods[name] = (array, bits, values) => {
    Reflect.apply(Uint16Array.prototype[name], bits, values);
    return array;
  };
}
for (const name of OF_ARRAYS) {
  methods[name] = (array, _bits, values) => Reflect.apply(Array.prototype[name], array, values);
}

/** A function of the same name and length that asks @ours for a Float16Array. */
function dispatching(original, ours) {
  const { dispatch } = {
    dispatch(...values) {
      const bits = bitsOfFloat16(this);
      return bits ? ours(this, bits, values) : Reflect.apply(original, this, values);
    },
  };
  Object.defineProperty(dispatch, "name", { value: original.name, configurable: true });
  return Object.defineProperty(dispatch, "length", { value: original.length, configurable: true });
}

const accessors = {
  buffer: (_array, bits) => bits.buffer,
  byteLength: (_array, bits) => bits.byteLength,
  byteOffset: (_array, bits) => bits.byteOffset,
  length: (_array, bits) => bits.length,
  [Symbol.toStringTag]: () => "Float16Array",
};

const isOurs = constructor => constructor === Float16Array || Object.prototype.isPrototypeOf.call(Float16Array, constructor);

function fromItems(constructor, source, mapper, thisArgument) {
  if (mapper !== undefined) {
    checkCallable(mapper);
  }
  if (source === null || source === undefined) {
    throw new TypeError(`can't access property Symbol.iterator, source is ${source}`);
  }
  const method = source[Symbol.iterator];
  const items = method === undefined || method === null ? Array.from(Object(source)) : [...source];
  const result = create(constructor, items.length, items.length);
  items.forEach((item, index) => {
    result[index] = mapper ? Reflect.apply(mapper, thisArgument, [item, index]) : item;
  });
  return result;
}

const statics = {
  from: (constructor, _bits, [source, mapper, thisArgument]) => fromItems(constructor, source, mapper, thisArgument),
  of: (constructor, _bits, items) => fillFrom(create(constructor, items.length, items.length), items),
};

function redefine(holder, key, change) {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  Object.defineProperty(holder, key, change(descriptor));
}

function patchTypedArrays() {
  for (const key of Reflect.ownKeys(accessors)) {
    redefine(prototype, key, ({ get, ...rest }) => ({ ...rest, get: dispatching(get, accessors[key]) }));
  }
  for (const key of Object.keys(methods)) {
    const value = dispatching(prototype[key], methods[key]);
    redefine(prototype, key, () => ({ value, writable: true, enumerable: false, configurable: true }));
  }
  redefine(prototype, Symbol.iterator, descriptor => ({ ...descriptor, value: prototype.values }));
  for (const key of Object.keys(statics)) {
    const original = TypedArray[key];
    const { [key]: value } = {
      [key](...values) {
        return isOurs(this) ? statics[key](this, null, values) : Reflect.apply(original, this, values);
      },
    };
    Object.defineProperty(value, "length", { value: original.length, configurable: true });
    redefine(TypedArray, key, descriptor => ({ ...descriptor, value }));
  }
  const { isView } = ArrayBuffer;
  const ours = { isView: value => isFloat16(value) || isView(value) };
  redefine(ArrayBuffer, "isView", descriptor => ({ ...descriptor, value: ours.isView }));
}

patchTypedArrays();
export { Float16Array };
