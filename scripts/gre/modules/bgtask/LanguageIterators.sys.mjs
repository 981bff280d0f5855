// SPDX-License-Identifier: MPL-2.0
// Iterator itself: the class, and from, concat, zip and zipKeyed.

import {
  END, WrapForValidIterator, close, closeQuietly, direct, flattenable, iteratorPrototype, makeHelper, step,
} from "resource://gre/modules/bgtask/LanguageIterator.sys.mjs";
import { checkObject, isObject } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

/** Close those that are open, last first; the first error of that is thrown when all are closed. */
function closeAll(sources) {
  const errors = [];
  for (const source of sources.slice().reverse()) {
    try {
      close(source);
    } catch (error) {
      errors.push(error);
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
    sources.slice().reverse().forEach(closeQuietly);
    throw error;
  }
}

function concatenate(items) {
  const openers = items.map(item => {
    checkObject(item);
    const method = item[Symbol.iterator];
    if (typeof method != "function") {
      throw new TypeError(`${Object.prototype.toString.call(item)} is not iterable`);
    }
    return () => Reflect.apply(method, item, []);
  });
  let source = null;
  const advance = () => {
    for (;;) {
      if (!source) {
        if (!openers.length) {
          return END;
        }
        const iterator = openers.shift()();
        if (!isObject(iterator)) {
          throw new TypeError("[Symbol.iterator]() returned a non-object value");
        }
        source = direct(iterator);
      }
      const value = step(source);
      if (!source.done) {
        return value;
      }
      source = null;
    }
  };
  return makeHelper(advance, () => source && close(source));
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
  const advance = () => {
    const row = sources.length ? readRow(sources, mode, padding) : null;
    return row ? finish(row) : END;
  };
  return makeHelper(advance, () => closeAll(sources));
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

const statics = {
  from(value) {
    const source = flattenable(value, true);
    const isIterator = Object.prototype.isPrototypeOf.call(iteratorPrototype, source.iterator);
    return isIterator ? source.iterator : new WrapForValidIterator(source);
  },
  concat(...items) {
    return concatenate(items);
  },
  zip(iterables, options = undefined) {
    checkObject(iterables);
    const { mode, padding } = readOptions(options);
    const sources = [];
    return closingOnError(sources, () => {
      for (const iterable of iterables) {
        sources.push(flattenable(iterable, false));
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
          sources.push(flattenable(iterable, false));
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

export function Iterator() {
  if (new.target === undefined) {
    throw new TypeError("calling a builtin Iterator constructor without new is forbidden");
  }
  if (new.target === Iterator) {
    throw new TypeError("Iterator constructor can't be used directly");
  }
}
Object.defineProperty(Iterator, "prototype", { value: iteratorPrototype, writable: false });
for (const [key, value] of Object.entries(statics)) {
  Object.defineProperty(Iterator, key, { value, writable: true, configurable: true });
}

export const members = { "Iterator": statics };
