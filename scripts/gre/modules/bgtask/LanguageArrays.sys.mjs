// SPDX-License-Identifier: MPL-2.0
// What Array, its prototype and that of typed arrays lack. Everything is generic as the standard wants it: `this` is
// whatever has a length.

import { checkCallable, toInteger, toLength } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const LENGTH_MAX = 2 ** 32 - 1;
const typedPrototype = Object.getPrototypeOf(Int8Array.prototype);
const typedName = Object.getOwnPropertyDescriptor(typedPrototype, Symbol.toStringTag).get;
const typedLength = Object.getOwnPropertyDescriptor(typedPrototype, "length").get;

function findBackwards(object, length, predicate, thisArgument) {
  checkCallable(predicate);
  for (let index = length - 1; index >= 0; index--) {
    const value = object[index];
    if (Reflect.apply(predicate, thisArgument, [value, index, object])) {
      return { index, value };
    }
  }
  return { index: -1, value: undefined };
}

function copyOf(object) {
  const length = toLength(object.length);
  if (length > LENGTH_MAX) {
    throw new RangeError("invalid array length");
  }
  const copy = new Array(length);
  for (let index = 0; index < length; index++) {
    copy[index] = object[index];
  }
  return copy;
}

function indexIn(length, index) {
  const relative = toInteger(index);
  return relative < 0 ? relative + length : relative;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const arrayMembers = {
  findLast(predicate, thisArgument = undefined) {
    const object = Object(this);
    return findBackwards(object, toLength(object.length), predicate, thisArgument).value;
  },
  findLastIndex(predicate, thisArgument = undefined) {
    const object = Object(this);
    return findBackwards(object, toLength(object.length), predicate, thisArgument).index;
  },
  toReversed() {
    return copyOf(Object(this)).reverse();
  },
  toSorted(compare) {
    if (compare !== undefined && typeof compare != "function") {
      throw new TypeError("non-function passed to Array.prototype.toSorted");
    }
    return copyOf(Object(this)).sort(compare);
  },
  toSpliced(start, skipCount, ...items) {
    const object = Object(this);
    const length = toLength(object.length);
    const from = clamp(indexIn(length, start), 0, length);
    let skip = 0;
    if (arguments.length == 1) {
      skip = length - from;
    } else if (arguments.length > 1) {
      skip = clamp(toInteger(skipCount), 0, length - from);
    }
    const size = length + items.length - skip;
    if (size > Number.MAX_SAFE_INTEGER) {
      throw new TypeError("Too long array");
    }
    if (size > LENGTH_MAX) {
      throw new RangeError("invalid array length");
    }
    const result = new Array(size);
    let to = 0;
    for (let index = 0; index < from; index++) {
      result[to++] = object[index];
    }
    for (const item of items) {
      result[to++] = item;
    }
    for (let index = from + skip; index < length; index++) {
      result[to++] = object[index];
    }
    return result;
  },
  with(index, value) {
    const object = Object(this);
    const length = toLength(object.length);
    const at = indexIn(length, index);
    if (at < 0 || at >= length) {
      throw new RangeError("invalid or out-of-range index");
    }
    const copy = copyOf(object);
    copy[at] = value;
    return copy;
  },
};

/** The constructor that a typed array's own kind has; TypeError for whatever is none. */
function typedKind(object, method) {
  const name = ArrayBuffer.isView(object) ? Reflect.apply(typedName, object, []) : undefined;
  if (name === undefined) {
    const label = object === null || object === undefined ? String(object) : object.constructor?.name ?? "Object";
    throw new TypeError(`${method} method called on incompatible ${label}`);
  }
  return globalThis[name];
}

const typedMembers = {
  findLast(predicate, thisArgument = undefined) {
    typedKind(this, "findLast");
    return findBackwards(this, typedLength.call(this), predicate, thisArgument).value;
  },
  findLastIndex(predicate, thisArgument = undefined) {
    typedKind(this, "findLastIndex");
    return findBackwards(this, typedLength.call(this), predicate, thisArgument).index;
  },
  toReversed() {
    const Kind = typedKind(this, "toReversed");
    return new Kind(this).reverse();
  },
  toSorted(compare) {
    if (compare !== undefined) {
      checkCallable(compare);
    }
    const Kind = typedKind(this, "toSorted");
    return new Kind(this).sort(compare);
  },
  with(index, value) {
    const Kind = typedKind(this, "with");
    const at = indexIn(typedLength.call(this), index);
    const item = Kind.name.startsWith("Big") ? BigInt(value) : Number(value);
    if (at < 0 || at >= typedLength.call(this)) {
      throw new RangeError("invalid or out-of-range index");
    }
    const copy = new Kind(this);
    copy[at] = item;
    return copy;
  },
};

async function* itemsOf(items, asyncMethod, syncMethod) {
  if (asyncMethod !== undefined && asyncMethod !== null) {
    yield* { [Symbol.asyncIterator]: () => Reflect.apply(asyncMethod, items, []) };
    return;
  }
  for (const item of { [Symbol.iterator]: () => Reflect.apply(syncMethod, items, []) }) {
    yield item;
  }
}

const isConstructor = value => {
  try {
    Reflect.construct(Object, [], value);
    return true;
  } catch {
    return false;
  }
};

async function arrayFromAsync(constructor, items, map, thisArgument) {
  if (map !== undefined) {
    checkCallable(map);
  }
  if (items === null || items === undefined) {
    throw new TypeError(`can't access property Symbol.asyncIterator, asyncItems is ${items}`);
  }
  const create = (...length) => (isConstructor(constructor) ? new constructor(...length) : new Array(...length));
  const put = (result, index, value) =>
    Object.defineProperty(result, index, { value, writable: true, enumerable: true, configurable: true });
  const asyncMethod = items[Symbol.asyncIterator];
  const syncMethod = asyncMethod ?? items[Symbol.iterator];
  let index = 0;
  if (syncMethod !== undefined && syncMethod !== null) {
    const result = create();
    for await (const item of itemsOf(items, asyncMethod, syncMethod)) {
      put(result, index, map ? await Reflect.apply(map, thisArgument, [item, index]) : item);
      index++;
    }
    result.length = index;
    return result;
  }
  const object = Object(items);
  const length = toLength(object.length);
  const result = create(length);
  for (; index < length; index++) {
    const item = await object[index];
    put(result, index, map ? await Reflect.apply(map, thisArgument, [item, index]) : item);
  }
  result.length = length;
  return result;
}

export const members = {
  "Array": {
    fromAsync(items, map = undefined, thisArgument = undefined) {
      return arrayFromAsync(this, items, map, thisArgument);
    },
  },
  "Array.prototype": arrayMembers,
  "Int8Array.__proto__.prototype": typedMembers,
};
Object.defineProperty(arrayMembers.toSpliced, "length", { value: 2, configurable: true });
