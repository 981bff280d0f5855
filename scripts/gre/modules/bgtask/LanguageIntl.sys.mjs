// SPDX-License-Identifier: MPL-2.0
// What classes of Intl that are supplied here have in common: receivers, options, locales.

import { isObject } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

/** [test, name] of the kinds of objects that are made here. */
const kinds = [];

/** How messages name a value that is not the receiver that it should be. */
function receiverName(value) {
  if (isObject(value)) {
    const [, name] = kinds.find(([test]) => test(value)) ?? [];
    return name ?? (typeof value == "function" ? "Function" : value.constructor?.name ?? "Object");
  }
  return value === null ? "null" : typeof value;
}

export function incompatible(value, method) {
  return new TypeError(`${method} method called on incompatible ${receiverName(value)}`);
}

class Given {
  constructor(object) {
    return object;
  }
}

/** A private slot for objects of kind @name: put() fills it, of() gives it or throws, as @method's receiver check does. */
export function makeSlot(name) {
  class Slot extends Given {
    #content;
    constructor(object, content) {
      super(object);
      this.#content = content;
    }
    static put(object, content) {
      new Slot(object, content);
      return object;
    }
    static of(object, method) {
      if (!isObject(object) || !(#content in object)) {
        throw incompatible(object, method);
      }
      return object.#content;
    }
    static {
      kinds.push([object => #content in object, name]);
    }
  }
  return Slot;
}

/** The object that a constructor of a built-in makes, from its new.target. */
export function makeObject(target, fallback, name) {
  if (target === undefined) {
    throw new TypeError(`calling a builtin ${name} constructor without new is forbidden`);
  }
  const { prototype } = target;
  return Object.create(isObject(prototype) ? prototype : fallback);
}

/** GetOptionsObject */
export function readOptions(options, what) {
  if (options === undefined) {
    return { __proto__: null };
  }
  if (!isObject(options)) {
    const kind = options === null ? "null" : `the ${typeof options} ${String(options)}`;
    throw new TypeError(`options argument of ${what} must be an object, got ${kind}`);
  }
  return options;
}

/** GetOption of a string. */
export function stringOption(options, name, values, fallback = undefined) {
  const value = options[name];
  if (value === undefined) {
    return fallback;
  }
  const text = `${value}`;
  if (values && !values.includes(text)) {
    throw new RangeError(`invalid value "${text}" for option ${name}`);
  }
  return text;
}

const MATCHERS = ["lookup", "best fit"];

export const readMatcher = options => stringOption(options, "localeMatcher", MATCHERS, "best fit");

/** The locale that serves whoever asks for @locales, a list of tags that are canonical; without extensions. */
export function resolveLocale(locales) {
  return new Intl.ListFormat(locales).resolvedOptions().locale;
}

/**
 * Make a constructor what Intl's are: its statics and its prototype's members hidden, its prototype for good.
 * @param {object} members getters and methods of the prototype
 */
export function finishClass(constructor, name, members) {
  const { prototype } = constructor;
  const statics = {
    /** The engine has data of the same locales, whatever they are for. */
    supportedLocalesOf(locales, options = undefined) {
      return Intl.ListFormat.supportedLocalesOf(locales, options);
    },
  };
  const hidden = object => Object.fromEntries(Reflect.ownKeys(object).map(key => [key,
    { ...Object.getOwnPropertyDescriptor(object, key), enumerable: false }]));
  Object.defineProperties(prototype, hidden(members));
  Object.defineProperty(prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
  Object.defineProperty(constructor, "length", { value: 0, configurable: true });
  Object.defineProperty(constructor, "prototype", { writable: false });
  Object.defineProperties(constructor, hidden(statics));
}

