// SPDX-License-Identifier: MPL-2.0
// The helpers of Iterator.prototype, which the engine has in an earlier draft only (compat.h leaves that off), and what they
// have in common with the rest of Iterator.
//
// A helper is a machine: what gives its next value, and what closes that which it goes through. Its state:
//
//   START --next()--> RUNNING --value--> SUSPENDED --next()--> RUNNING        resume()
//   RUNNING --end, error--> DONE                                             resume()
//   START --return()--> DONE,   SUSPENDED --return()--> RUNNING --> DONE     stop()
//
// As in a generator, whoever calls it while it is running is refused.

import { checkObject, isObject, toInteger } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

export const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

const START = "start";
const RUNNING = "running";
const SUSPENDED = "suspended";
const DONE = "done";

/** What a machine's advance() gives instead of a value when there is none any more. */
export const END = Symbol("end");

const nothingMore = () => ({ value: undefined, done: true });

function callNamed(method, self, name) {
  if (typeof method != "function") {
    throw new TypeError(`${name} is not a function`);
  }
  return Reflect.apply(method, self, []);
}

/** An iterator that is gone through; done: it has ended, or failed by itself, so that it is not closed. */
export function direct(iterator, label = "nextMethod") {
  return { iterator, nextMethod: iterator.next, label, done: false };
}

/** What is iterated over is @value itself or what its Symbol.iterator gives. @strings: primitive ones are taken, too. */
export function flattenable(value, strings, label) {
  if (!strings || typeof value != "string") {
    checkObject(value);
  }
  const method = value[Symbol.iterator];
  const iterator = method === undefined || method === null ? value : callNamed(method, value, "method");
  checkObject(iterator);
  return direct(iterator, label);
}

/** The next value; undefined when there is none. */
export function step(source) {
  const { nextMethod } = source;
  source.done = true; // unless it goes well
  if (typeof nextMethod != "function") {
    throw new TypeError(`${source.label} is not a function`);
  }
  const result = Reflect.apply(nextMethod, source.iterator, []);
  if (!isObject(result)) {
    throw new TypeError("iterator.next() returned a non-object value");
  }
  if (result.done) {
    return undefined;
  }
  const { value } = result;
  source.done = false;
  return value;
}

export function close(source) {
  if (source.done) {
    return;
  }
  source.done = true;
  const { iterator } = source;
  const method = iterator.return;
  if (method !== undefined && method !== null && !isObject(callNamed(method, iterator, String(method)))) {
    throw new TypeError("iterator.return() returned a non-object value");
  }
}

/** On the way of another error, which counts. */
export function closeQuietly(source) {
  try {
    close(source);
  } catch {
    // the first error counts
  }
}

/** What @callback gives; when it throws, @source is closed. */
function invoke(source, callback, value, counter) {
  try {
    return callback(value, counter);
  } catch (error) {
    closeQuietly(source);
    throw error;
  }
}

function resume(machine) {
  if (machine.state == RUNNING) {
    throw new TypeError("already executing generator");
  }
  if (machine.state == DONE) {
    return nothingMore();
  }
  machine.state = RUNNING;
  let value = END;
  try {
    value = machine.advance();
  } finally {
    machine.state = value === END ? DONE : SUSPENDED;
  }
  return value === END ? nothingMore() : { value, done: false };
}

function stop(machine) {
  if (machine.state == RUNNING) {
    throw new TypeError("already executing generator");
  }
  if (machine.state != DONE) {
    machine.state = machine.state == START ? DONE : RUNNING;
    try {
      machine.close();
    } finally {
      machine.state = DONE;
    }
  }
  return nothingMore();
}

function incompatible(value, method) {
  const isWrapper = isObject(value) && WrapForValidIterator.has(value);
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  const name = value === undefined || value === null ? String(value) : isWrapper ? "Wrap For Valid Iterator" : kind;
  return new TypeError(`${method} method called on incompatible ${name}`);
}

class IteratorHelper {
  #machine;

  constructor(advance, whenClosed) {
    this.#machine = { state: START, advance, close: whenClosed };
  }

  static machineOf(value, method) {
    if (!isObject(value) || !(#machine in value)) {
      throw incompatible(value, method);
    }
    return value.#machine;
  }
}

/** An iterator whose values are what @advance gives until that is END; @whenClosed is called when it is returned from. */
export function makeHelper(advance, whenClosed) {
  return new IteratorHelper(advance, whenClosed);
}

/** What Iterator.from() gives for an iterator that is none of Iterator's own. */
export class WrapForValidIterator {
  #source;

  constructor(source) {
    this.#source = source;
  }

  static has(value) {
    return #source in value;
  }

  static sourceOf(value, method) {
    if (!isObject(value) || !(#source in value)) {
      throw incompatible(value, method);
    }
    return value.#source;
  }
}

/** Methods and a tag, if there is one, as what objects of a @kind without a constructor inherit. */
function definePrototype(kind, methods, tag) {
  const { prototype } = kind;
  Object.setPrototypeOf(prototype, iteratorPrototype);
  delete prototype.constructor;
  for (const [key, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, key, { value, writable: true, configurable: true });
  }
  if (tag) {
    Object.defineProperty(prototype, Symbol.toStringTag, { value: tag, configurable: true });
  }
}

definePrototype(IteratorHelper, {
  next() {
    return resume(IteratorHelper.machineOf(this, "next"));
  },
  return() {
    return stop(IteratorHelper.machineOf(this, "return"));
  },
}, "Iterator Helper");

definePrototype(WrapForValidIterator, {
  next() {
    const source = WrapForValidIterator.sourceOf(this, "next");
    return callNamed(source.nextMethod, source.iterator, source.label);
  },
  return() {
    const { iterator } = WrapForValidIterator.sourceOf(this, "return");
    const method = iterator.return;
    return method === undefined || method === null ? nothingMore() : callNamed(method, iterator, "returnMethod");
  },
});

function describe(value) {
  return isObject(value) ? Object.prototype.toString.call(value) : typeof value == "string" ? JSON.stringify(value) : String(value);
}

/** For a helper of @object; a @callback that is none is refused, which closes it. */
function begin(object, callback) {
  checkObject(object);
  if (typeof callback != "function") {
    closeQuietly({ iterator: object, done: false });
    throw new TypeError(`${describe(callback)} is not a function`);
  }
  return direct(object);
}

/** The same with a number of items. Gives [source, limit]. */
function beginLimited(object, limit) {
  checkObject(object);
  const count = invoke({ iterator: object, done: false }, () => {
    const number = +limit;
    if (Number.isNaN(number) || toInteger(number) < 0) {
      throw new RangeError("Iterator limits cannot be negative");
    }
    return toInteger(number);
  });
  return [direct(object), count];
}

/** Call @callback with each value and its number until it gives something else than undefined, which is closed by. */
function consume(source, callback) {
  for (let counter = 0; ; counter++) {
    const value = step(source);
    if (source.done) {
      return undefined;
    }
    const result = invoke(source, callback, value, counter);
    if (result !== undefined) {
      close(source);
      return result;
    }
  }
}

/** Gives what mapped values give, one after the other. */
class Flattener {
  #source;
  #mapper;
  #counter = 0;
  #inner = null;

  constructor(source, mapper) {
    this.#source = source;
    this.#mapper = mapper;
  }

  advance() {
    for (;;) {
      if (!this.#inner) {
        const value = step(this.#source);
        if (this.#source.done) {
          return END;
        }
        const mapped = invoke(this.#source, this.#mapper, value, this.#counter++);
        this.#inner = invoke(this.#source, () => flattenable(mapped, false, "innerIteratorNextMethod"));
      }
      const value = invoke(this.#source, step, this.#inner);
      if (!this.#inner.done) {
        return value;
      }
      this.#inner = null;
    }
  }

  close() {
    if (this.#inner) {
      invoke(this.#source, close, this.#inner);
    }
    close(this.#source);
  }
}

const iteratorMembers = {
  map(mapper) {
    const source = begin(this, mapper);
    let counter = 0;
    return makeHelper(() => {
      const value = step(source);
      return source.done ? END : invoke(source, mapper, value, counter++);
    }, () => close(source));
  },
  filter(predicate) {
    const source = begin(this, predicate);
    let counter = 0;
    return makeHelper(() => {
      for (;;) {
        const value = step(source);
        if (source.done) {
          return END;
        }
        if (invoke(source, predicate, value, counter++)) {
          return value;
        }
      }
    }, () => close(source));
  },
  take(limit) {
    let [source, remaining] = beginLimited(this, limit);
    return makeHelper(() => {
      if (remaining-- == 0) {
        close(source);
        return END;
      }
      const value = step(source);
      return source.done ? END : value;
    }, () => close(source));
  },
  drop(limit) {
    let [source, remaining] = beginLimited(this, limit);
    return makeHelper(() => {
      for (;;) {
        const value = step(source);
        if (source.done) {
          return END;
        }
        if (remaining == 0) {
          return value;
        }
        remaining--;
      }
    }, () => close(source));
  },
  flatMap(mapper) {
    const flattener = new Flattener(begin(this, mapper), mapper);
    return makeHelper(() => flattener.advance(), () => flattener.close());
  },
  reduce(reducer, ...initial) {
    const source = begin(this, reducer);
    let counter = 0;
    let result = initial[0];
    if (!initial.length) {
      result = step(source);
      if (source.done) {
        throw new TypeError("reduce of empty iterator with no initial value");
      }
      counter = 1;
    }
    for (;;) {
      const value = step(source);
      if (source.done) {
        return result;
      }
      try {
        result = reducer(result, value, counter++);
      } catch (error) {
        closeQuietly(source);
        throw error;
      }
    }
  },
  toArray() {
    checkObject(this);
    const source = direct(this);
    const list = [];
    for (;;) {
      const value = step(source);
      if (source.done) {
        return list;
      }
      list.push(value);
    }
  },
  forEach(callback) {
    consume(begin(this, callback), (value, counter) => {
      callback(value, counter);
    });
  },
  some(predicate) {
    return consume(begin(this, predicate), (value, counter) => (predicate(value, counter) ? true : undefined)) ?? false;
  },
  every(predicate) {
    return consume(begin(this, predicate), (value, counter) => (predicate(value, counter) ? undefined : false)) ?? true;
  },
  find(predicate) {
    return consume(begin(this, predicate), (value, counter) => (predicate(value, counter) ? { value } : undefined))?.value;
  },
};

/** What assigning to @key of @object does, which Iterator.prototype's accessors are there for: that itself stays as it is. */
export function assign(object, key, value) {
  if (!isObject(object)) {
    throw new TypeError(`${describe(object)} is not a non-null object`);
  }
  if (object === iteratorPrototype) {
    throw new TypeError(`${typeof key == "symbol" ? key.description : `"${key}"`} is read-only`);
  }
  if (Object.getOwnPropertyDescriptor(object, key) === undefined) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

export const members = { "Iterator.prototype": iteratorMembers };
