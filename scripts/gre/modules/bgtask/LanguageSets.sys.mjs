// SPDX-License-Identifier: MPL-2.0
// The methods of sets that take another set, or whatever has size, has() and keys().

import { checkReceiver, isObject, toInteger } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const sizeOf = Object.getOwnPropertyDescriptor(Set.prototype, "size").get;
const { add, has, values } = Set.prototype;
const remove = Set.prototype.delete;

/** What the standard calls a set record: the other one's size and methods, asked for once. */
function recordOf(other) {
  if (!isObject(other)) {
    throw new TypeError(`${other === null ? "null" : typeof other} is not a non-null object`);
  }
  const size = Number(other.size);
  if (Number.isNaN(size)) {
    throw new TypeError(`size is ${other.size === undefined ? "undefined" : "NaN"}`);
  }
  const count = toInteger(size);
  if (count < 0) {
    throw new RangeError("Set size must be non-negative");
  }
  const record = { size: count, has: other.has, keys: other.keys, other };
  for (const name of ["has", "keys"]) {
    if (typeof record[name] != "function") {
      throw new TypeError(`${name} property is not callable`);
    }
  }
  return record;
}

/** Calls @visit with each key; returning true from it ends the walk and closes the iterator. */
function eachKey({ other, keys }, visit) {
  const iterator = Reflect.apply(keys, other, []);
  if (!isObject(iterator)) {
    throw new TypeError(`${iterator === null ? "null" : typeof iterator} is not a non-null object`);
  }
  const { next } = iterator;
  for (;;) {
    const result = Reflect.apply(next, iterator, []);
    if (!isObject(result)) {
      throw new TypeError(`${String(result)} is not an object`);
    }
    if (result.done) {
      return;
    }
    if (visit(result.value)) {
      iterator.return?.();
      return;
    }
  }
}

const holds = (record, value) => Boolean(Reflect.apply(record.has, record.other, [value]));
const contains = (set, value) => Reflect.apply(has, set, [value]);
const insert = (set, value) => Reflect.apply(add, set, [value === 0 ? 0 : value]);
const take = (set, value) => Reflect.apply(remove, set, [value]);
const elements = set => ({ [Symbol.iterator]: () => Reflect.apply(values, set, []) });
const copy = set => {
  const result = new Set();
  for (const value of elements(set)) {
    insert(result, value);
  }
  return result;
};

function begin(set, other, method) {
  checkReceiver(sizeOf, set, method);
  return recordOf(other);
}

const setMembers = {
  union(other) {
    const record = begin(this, other, "union");
    const result = copy(this);
    eachKey(record, value => {
      insert(result, value);
    });
    return result;
  },
  intersection(other) {
    const record = begin(this, other, "intersection");
    const result = new Set();
    if (sizeOf.call(this) <= record.size) {
      for (const value of elements(this)) {
        if (holds(record, value)) {
          insert(result, value);
        }
      }
    } else {
      eachKey(record, value => {
        if (contains(this, value)) {
          insert(result, value);
        }
      });
    }
    return result;
  },
  difference(other) {
    const record = begin(this, other, "difference");
    const result = copy(this);
    if (sizeOf.call(this) <= record.size) {
      for (const value of elements(this)) {
        if (holds(record, value)) {
          take(result, value);
        }
      }
    } else {
      eachKey(record, value => {
        take(result, value);
      });
    }
    return result;
  },
  symmetricDifference(other) {
    const record = begin(this, other, "symmetricDifference");
    const result = copy(this);
    eachKey(record, value => {
      if (contains(this, value)) {
        take(result, value);
      } else {
        insert(result, value);
      }
    });
    return result;
  },
  isSubsetOf(other) {
    const record = begin(this, other, "isSubsetOf");
    if (sizeOf.call(this) > record.size) {
      return false;
    }
    for (const value of elements(this)) {
      if (!holds(record, value)) {
        return false;
      }
    }
    return true;
  },
  isSupersetOf(other) {
    const record = begin(this, other, "isSupersetOf");
    if (sizeOf.call(this) < record.size) {
      return false;
    }
    let all = true;
    eachKey(record, value => {
      all = contains(this, value);
      return !all;
    });
    return all;
  },
  isDisjointFrom(other) {
    const record = begin(this, other, "isDisjointFrom");
    let disjoint = true;
    if (sizeOf.call(this) <= record.size) {
      for (const value of elements(this)) {
        if (holds(record, value)) {
          return false;
        }
      }
      return true;
    }
    eachKey(record, value => {
      disjoint = !contains(this, value);
      return !disjoint;
    });
    return disjoint;
  },
};

export const members = { "Set.prototype": setMembers };
