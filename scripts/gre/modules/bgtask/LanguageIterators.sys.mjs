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

function step(source) {
  const result = Reflect.apply(source.next, source.iterator, []);
  checkObject(result);
  source.done = Boolean(result.done);
  return source.done ? undefined : result.value;
}

function closeAll(sources) {
  for (const source of sources.slice().reverse()) {
    if (!source.done) {
      source.done = true;
      source.iterator.return?.();
    }
  }
}

function concat(...items) {
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
Object.defineProperty(concat, "length", { value: 0, configurable: true });

function readOptions(options) {
  if (options !== undefined && !isObject(options)) {
    throw new TypeError(`${options === null ? "null" : typeof options} is not a non-null object`);
  }
  const mode = options?.mode ?? "shortest";
  if (!["shortest", "longest", "strict"].includes(mode)) {
    throw new TypeError(`"mode" option must be one of "shortest", "longest", or "strict"`);
  }
  return { mode, padding: mode == "longest" ? options.padding : undefined };
}

/** One row: what each source gives. null: the end has come. */
function readRow(sources, mode, padding) {
  const row = [];
  const ended = [];
  for (const [index, source] of sources.entries()) {
    const value = source.done ? undefined : step(source);
    if (source.done) {
      ended.push(index);
      if (mode == "shortest" || (mode == "strict" && index > 0 && ended.length != index + 1)) {
        closeAll(sources);
        if (mode == "strict") {
          throw new TypeError('too few iterator results for "strict" mode');
        }
        return null;
      }
    } else if (mode == "strict" && ended.length) {
      closeAll(sources);
      throw new TypeError('too many iterator results for "strict" mode');
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

function zip(iterables, options = undefined) {
  checkObject(iterables);
  const { mode, padding } = readOptions(options);
  const sources = [...iterables].map(open);
  const fill = padding === undefined ? [] : [...padding];
  return zipSources(sources, mode, fill, row => row);
}

function zipKeyed(iterables, options = undefined) {
  checkObject(iterables);
  const { mode, padding } = readOptions(options);
  const keys = Reflect.ownKeys(iterables).filter(
    key => Object.getOwnPropertyDescriptor(iterables, key)?.enumerable && iterables[key] !== undefined
  );
  const sources = keys.map(key => open(iterables[key]));
  const fill = keys.map(key => padding?.[key]);
  const finish = row => {
    const result = Object.create(null);
    keys.forEach((key, index) => {
      result[key] = row[index];
    });
    return result;
  };
  return zipSources(sources, mode, fill, finish);
}

export const members = { "Iterator": { concat, zip, zipKeyed } };
