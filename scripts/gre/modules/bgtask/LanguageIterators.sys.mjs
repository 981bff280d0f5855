// SPDX-License-Identifier: MPL-2.0
// What Iterator lacks beside the engine's own helpers: concat, zip and zipKeyed.

import { isObject } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
const generatorNext = Object.getPrototypeOf(function* () {}.prototype).next;
const generatorReturn = Object.getPrototypeOf(function* () {}.prototype).return;

/** Iterators made here look like the engine's own helpers. */
const helperPrototype = Object.create(iteratorPrototype, {
  next: {
    value: function next() {
      return generatorNext.call(generators.get(this));
    },
    writable: true,
    configurable: true,
  },
  return: {
    value: { return() { return stop(this); } }.return,
    writable: true,
    configurable: true,
  },
  [Symbol.toStringTag]: { value: "Iterator Helper", configurable: true },
});
const generators = new WeakMap();
const onStop = new WeakMap();

function helper(generator, close = () => {}) {
  const object = Object.create(helperPrototype);
  generators.set(object, generator);
  onStop.set(object, close);
  return object;
}

function stop(object) {
  const close = onStop.get(object);
  onStop.set(object, () => {});
  const result = generatorReturn.call(generators.get(object));
  close();
  return result;
}

function checkObject(value) {
  if (!isObject(value)) {
    throw new TypeError(`${value === null ? "null" : typeof value} is not a non-null object`);
  }
  return value;
}

function open(value) {
  checkObject(value);
  const method = value[Symbol.iterator];
  const iterator = method === undefined || method === null ? value : checkObject(Reflect.apply(method, value, []));
  return { iterator, next: iterator.next, done: false };
}

/** The next value; undefined when there is none. A source that fails is not closed, as it has ended by that. */
function step(source) {
  try {
    const result = checkObject(Reflect.apply(source.next, source.iterator, []));
    const done = Boolean(result.done);
    const value = done ? undefined : result.value;
    source.done = done;
    return value;
  } catch (error) {
    source.done = true;
    throw error;
  }
}

/** Close those that are open, last first; the first error of that is thrown when all are closed. */
function closeAll(sources) {
  const errors = [];
  for (const source of sources.slice().reverse()) {
    if (!source.done) {
      source.done = true;
      try {
        source.iterator.return?.();
      } catch (error) {
        errors.push(error);
      }
    }
  }
  if (errors.length) {
    throw errors[0];
  }
}

/** What @body gives; when it throws, @sources are closed, and what they throw then does not count. */
function closingOnError(sources, body) {
  try {
    return body();
  } catch (error) {
    try {
      closeAll(sources);
    } catch {
      // the first error counts
    }
    throw error;
  }
}

function concatenate(items) {
  const methods = items.map(item => {
    checkObject(item);
    const method = item[Symbol.iterator];
    if (typeof method != "function") {
      throw new TypeError(`${Object.prototype.toString.call(item)} is not iterable`);
    }
    return () => Reflect.apply(method, item, []);
  });
  return helper(
    (function* () {
      for (const method of methods) {
        yield* { [Symbol.iterator]: method };
      }
    })()
  );
}

function describe(value) {
  return typeof value == "string" ? JSON.stringify(value) : String(value);
}

function readOptions(options) {
  if (options !== undefined && !isObject(options)) {
    throw new TypeError(`${options === null ? "null" : typeof options} is not a non-null object`);
  }
  const given = options?.mode;
  const mode = given === undefined ? "shortest" : given;
  if (!["shortest", "longest", "strict"].includes(mode)) {
    throw new TypeError(`invalid value for "mode" option: ${describe(mode)}`);
  }
  const padding = mode == "longest" ? options.padding : undefined;
  if (padding !== undefined && !isObject(padding)) {
    throw new TypeError(`invalid type for "padding" option: ${padding === null ? "null" : typeof padding}`);
  }
  return { mode, padding };
}

/** One row: what each source gives. null: the end has come. */
function readRow(sources, mode, padding) {
  const row = [];
  const ended = [];
  for (const [index, source] of sources.entries()) {
    const value = source.done ? undefined : closingOnError(sources, () => step(source));
    if (source.done) {
      ended.push(index);
      if (mode == "shortest" || (mode == "strict" && index > 0 && ended.length != index + 1)) {
        if (mode == "strict") {
          closingOnError(sources, () => {
            throw new TypeError('too few iterator results for "strict" mode');
          });
        }
        closeAll(sources);
        return null;
      }
    } else if (mode == "strict" && ended.length) {
      closingOnError(sources, () => {
        throw new TypeError('too few iterator results for "strict" mode');
      });
    }
    row.push(source.done ? padding[index] : value);
  }
  return ended.length == sources.length ? null : row;
}

function zipSources(sources, mode, padding, finish) {
  const rows = (function* () {
    for (;;) {
      const row = sources.length ? readRow(sources, mode, padding) : null;
      if (!row) {
        return;
      }
      yield finish(row);
    }
  })();
  return helper(rows, () => closeAll(sources));
}

/** The first @count values of @padding, which is closed if it has more; undefined for what it has not. */
function firstOf(padding, count) {
  const values = [];
  if (count > 0) {
    for (const value of padding) {
      values.push(value);
      if (values.length == count) {
        break;
      }
    }
  }
  return values;
}

const iteratorMembers = {
  concat(...items) {
    return concatenate(items);
  },
  zip(iterables, options = undefined) {
    checkObject(iterables);
    const { mode, padding } = readOptions(options);
    const sources = [];
    return closingOnError(sources, () => {
      for (const iterable of iterables) {
        sources.push(open(iterable));
      }
      const fill = padding === undefined ? [] : firstOf(padding, sources.length);
      return zipSources(sources, mode, fill, row => row);
    });
  },
  zipKeyed(iterables, options = undefined) {
    checkObject(iterables);
    const { mode, padding } = readOptions(options);
    const sources = [];
    return closingOnError(sources, () => {
      const keys = [];
      for (const key of Reflect.ownKeys(iterables)) {
        const shown = Object.getOwnPropertyDescriptor(iterables, key)?.enumerable;
        const iterable = shown ? iterables[key] : undefined;
        if (iterable !== undefined) {
          sources.push(open(iterable));
          keys.push(key);
        }
      }
      const fill = padding === undefined ? [] : keys.map(key => padding[key]);
      return zipSources(sources, mode, fill, row => rowObject(keys, row));
    });
  },
};

function rowObject(keys, row) {
  const result = Object.create(null);
  keys.forEach((key, index) => {
    result[key] = row[index];
  });
  return result;
}

export const members = { "Iterator": iteratorMembers };
