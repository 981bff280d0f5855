// SPDX-License-Identifier: MPL-2.0
// What Web IDL asks of every interface, and its conversions of arguments, for the classes written in JS.

import { missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

/** Prototypes of interfaces. */
const prototypes = new WeakSet();

/** Whether @value is an object of an interface, whoever made it. */
export function isInterfaceObject(value) {
  for (let at = value; at; at = Object.getPrototypeOf(at)) {
    if (prototypes.has(at)) {
      return true;
    }
  }
  return false;
}

/** Gecko's static: whether a value is one. */
function defineIsInstance(cls) {
  const method = {
    isInstance(value) {
      return value instanceof cls;
    },
  };
  Object.defineProperty(cls, "isInstance", { value: method.isInstance, writable: true, configurable: true });
}

/** Members of an IDL interface are enumerable, and its prototype has a class string. */
export function defineInterface(cls, name = cls.name) {
  for (const target of [cls.prototype, cls]) {
    for (const key of Object.getOwnPropertyNames(target)) {
      const descriptor = Object.getOwnPropertyDescriptor(target, key);
      const builtin = key == "constructor" || (target == cls && ["length", "name", "prototype", "isInstance"].includes(key));
      if (!builtin && descriptor.configurable) {
        Object.defineProperty(target, key, { ...descriptor, enumerable: true });
      }
    }
  }
  Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: name, configurable: true });
  prototypes.add(cls.prototype);
  if (!Object.hasOwn(cls, "isInstance")) {
    defineIsInstance(cls);
  }
}

/** Names of the interfaces of @object, the last first. */
function* interfaceNames(object) {
  for (let at = object; at; at = Object.getPrototypeOf(at)) {
    const name = Object.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value;
    if (typeof name == "string") {
      yield name;
    }
  }
}

/**
 * What Gecko has as a member of @cls, or of an interface that inherits it, and this has not, says so when it is used. For
 * interfaces with many such members alone: looking for what nobody has takes longer with it.
 */
export function answerMissing(cls) {
  const { prototype } = cls;
  Object.setPrototypeOf(prototype, missingNames("member", interfaceNames, Object.getPrototypeOf(prototype)));
}

/**
 * Make the members of @cls, called @name, refuse a `this` that is none of its objects.
 * @param {function} is whether a value is one
 * @param {boolean} [promising] methods reject rather than throw
 */
export function checkReceivers(cls, name, is, promising = false) {
  const refusal = member => new TypeError(`'${member}' called on an object that does not implement interface ${name}.`);
  const { constructor, ...members } = Object.getOwnPropertyDescriptors(cls.prototype);
  for (const [key, descriptor] of Object.entries(members)) {
    const { value, get } = descriptor;
    const checked = {
      [key](...args) {
        if (!is(this)) {
          const error = refusal(key);
          if (promising) {
            return Promise.reject(error);
          }
          throw error;
        }
        return value.apply(this, args);
      },
      get() {
        if (!is(this)) {
          throw refusal(`get ${key}`);
        }
        return get.call(this);
      },
    };
    if (typeof value == "function") {
      Object.defineProperty(checked[key], "length", { value: value.length });
      Object.defineProperty(cls.prototype, key, { ...descriptor, value: checked[key] });
    } else if (get) {
      Object.defineProperty(cls.prototype, key, { ...descriptor, get: checked.get });
    }
  }
}

/** TypeError unless @count of @args were passed; @what is "Interface.member" or "Interface constructor". */
export function requireArguments(what, args, count) {
  if (args.length < count) {
    const plural = count == 1 ? "argument" : "arguments";
    throw new TypeError(`${what}: At least ${count} ${plural} required, but only ${args.length} passed`);
  }
}

/** USVString: lone surrogates become U+FFFD. */
export function toUSVString(value) {
  return String(value).replace(/[\ud800-\udfff]/gu, "\ufffd");
}

/** ByteString: a string whose characters are bytes. @part is what of @what it is: "argument 1". */
export function toByteString(what, value, part = "argument") {
  const text = String(value);
  const wide = /[^\x00-\xff]/.exec(text);
  if (wide) {
    throw new TypeError(
      `${what}: Cannot convert ${part} to ByteString because the character at index ${wide.index} has value ` +
        `${text.charCodeAt(wide.index)} which is greater than 255.`
    );
  }
  return text;
}

/** Has nothing, whatever a task has done to Object.prototype. */
const EMPTY = Object.freeze(Object.create(null));

/** A dictionary argument: undefined and null are an empty one. */
export function toDictionary(what, value) {
  if (value === undefined || value === null) {
    return EMPTY;
  }
  if (typeof value != "object" && typeof value != "function") {
    throw new TypeError(`${what} can't be converted to a dictionary.`);
  }
  return value;
}

/** One of @values, for IDL enumerations. */
export function toEnumeration(what, type, value, values) {
  const text = String(value);
  if (!values.includes(text)) {
    throw new TypeError(`${what.replace("%s", () => text)} is not a valid value for enumeration ${type}.`);
  }
  return text;
}

/** Items of a sequence argument, or null when @value is not iterable. */
export function sequenceOf(value) {
  const iterable = (typeof value == "object" || typeof value == "function") && value !== null;
  return iterable && typeof value[Symbol.iterator] == "function" ? [...value] : null;
}

/**
 * Gives @cls the members of an IDL pair iterable. @pairs(object) is its list of [key, value] at this moment;
 * an iterator looks at the list again at each step, as the standard wants it.
 */
export function definePairIterable(cls, name, pairs) {
  const iteratorParent = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  const states = new WeakMap();
  const prototype = Object.create(iteratorParent, {
    next: {
      value: function next() {
        const state = states.get(this);
        if (!state) {
          throw new TypeError(`next called on an object that is not a ${name} Iterator.`);
        }
        const list = pairs(state.object);
        if (state.index >= list.length) {
          return { done: true, value: undefined };
        }
        const [key, value] = list[state.index++];
        const result = { keys: key, values: value, entries: [key, value] }[state.kind];
        return { done: false, value: result };
      },
      enumerable: true,
      configurable: true,
      writable: true,
    },
    [Symbol.toStringTag]: { value: `${name} Iterator`, configurable: true },
  });
  const define = (key, value, enumerable) =>
    Object.defineProperty(cls.prototype, key, { value, enumerable, configurable: true, writable: true });
  const iterate = (object, kind) => {
    pairs(object);
    const iterator = Object.create(prototype);
    states.set(iterator, { object, kind, index: 0 });
    return iterator;
  };

  const entries = { entries() { return iterate(this, "entries"); } }.entries;
  define("entries", entries, true);
  define("keys", { keys() { return iterate(this, "keys"); } }.keys, true);
  define("values", { values() { return iterate(this, "values"); } }.values, true);
  define(Symbol.iterator, entries, false);
  const forEach = function forEach(callback, thisArgument = undefined) {
    requireArguments(`${name}.forEach`, arguments, 1);
    if (typeof callback != "function") {
      const kind = callback !== null && typeof callback == "object" ? "not callable" : "not an object";
      throw new TypeError(`${name}.forEach: Argument 1 is ${kind}.`);
    }
    for (let index = 0; index < pairs(this).length; index++) {
      const [key, value] = pairs(this)[index];
      callback.call(thisArgument, value, key, this);
    }
  };
  define("forEach", forEach, true);
}
