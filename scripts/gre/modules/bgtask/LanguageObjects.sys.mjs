// SPDX-License-Identifier: MPL-2.0
// What Object, Map, WeakMap, Promise, Error, RegExp and String lack.

import { taskStack } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { checkCallable, checkReceiver, isObject } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { runtime } = import.meta.native;

const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, "size").get;
const unicodeSetsFlag = Object.getOwnPropertyDescriptor(RegExp.prototype, "sticky").get;

function checkItems(items, callback) {
  if (items === null || items === undefined) {
    throw new TypeError(`${items} is ${items}`);
  }
  checkCallable(callback);
}

function groupsOf(items, callback) {
  checkItems(items, callback);
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = callback(item, index++);
    const group = groups.get(key);
    if (group) {
      group.push(item);
    } else {
      groups.set(key, [item]);
    }
  }
  return groups;
}

function groupObject(items, callback) {
  checkItems(items, callback);
  const result = Object.create(null);
  let index = 0;
  for (const item of items) {
    let key = callback(item, index++);
    key = typeof key == "symbol" ? key : String(key);
    (result[key] ??= []).push(item);
  }
  return result;
}

function weakKey(key) {
  if (!isObject(key)) {
    const label = typeof key == "string" ? JSON.stringify(key) : String(key);
    throw new TypeError(`WeakMap key ${label} must be an object or an unregistered symbol`);
  }
}

const mapMembers = {
  getOrInsert(key, value) {
    checkReceiver(mapSize, this, "getOrInsert");
    if (!Map.prototype.has.call(this, key)) {
      Map.prototype.set.call(this, key, value);
    }
    return Map.prototype.get.call(this, key);
  },
  getOrInsertComputed(key, callback) {
    checkReceiver(mapSize, this, "getOrInsertComputed");
    checkCallable(callback);
    if (!Map.prototype.has.call(this, key)) {
      Map.prototype.set.call(this, key, callback(key === 0 ? 0 : key));
    }
    return Map.prototype.get.call(this, key);
  },
};

const weakMapMembers = {
  getOrInsert(key, value) {
    weakKey(key);
    if (!WeakMap.prototype.has.call(this, key)) {
      WeakMap.prototype.set.call(this, key, value);
    }
    return WeakMap.prototype.get.call(this, key);
  },
  getOrInsertComputed(key, callback) {
    weakKey(key);
    checkCallable(callback);
    if (!WeakMap.prototype.has.call(this, key)) {
      WeakMap.prototype.set.call(this, key, callback(key));
    }
    return WeakMap.prototype.get.call(this, key);
  },
};

function capability(constructor) {
  if (typeof constructor != "function") {
    throw new TypeError(`${String(constructor)} is not a constructor`);
  }
  const functions = {};
  const promise = new constructor((resolve, reject) => Object.assign(functions, { resolve, reject }));
  return { promise, ...functions };
}

const promiseMembers = {
  withResolvers() {
    return capability(this);
  },
  try(callback, ...args) {
    if (!isObject(this)) {
      throw new TypeError("Receiver of Promise.try call is not a non-null object");
    }
    const { promise, resolve, reject } = capability(this);
    try {
      if (typeof callback != "function") {
        // The words of Firefox, which names the receiver here.
        throw new TypeError(`${this.name || "Promise"} is not a function`);
      }
      resolve(callback(...args));
    } catch (error) {
      reject(error);
    }
    return promise;
  },
};

/** How the stack of a @target is kept: "stack" of the frames above the function @above, if that is given. */
function captureStack(target, above) {
  if (!isObject(target)) {
    const kind = target === null || target === undefined ? String(target) : `the ${typeof target} ${String(target)}`;
    throw new TypeError(`\`target\` argument of Error.captureStackTrace must be an object, got ${kind}`);
  }
  let lines = taskStack().split("\n");
  if (typeof above == "function" && above.name) {
    const at = lines.findIndex(line => line.split("@", 1)[0].split("/").pop() == above.name);
    lines = at < 0 ? lines : lines.slice(at + 1);
  }
  Object.defineProperty(target, "stack", {
    value: lines.join("\n"), writable: true, enumerable: false, configurable: true,
  });
}

const errorMembers = {
  captureStackTrace(target, above) {
    captureStack(target, above);
  },
  isError(value) {
    const { isException } = runtime.load("resource://gre/modules/bgtask/Errors.sys.mjs");
    return isObject(value) && (runtime.typeOf(value) == "error" || isException(value));
  },
  stackTraceLimit: 128,
};

const ESCAPES = { "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r" };
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;
const PUNCTUATORS = /[,\-=<>#&!%:;@~'`"\s\ufeff]/;

function hexEscape(code) {
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

function escapeRegExp(text) {
  let result = "";
  for (const character of text) {
    const code = character.codePointAt(0);
    if (result == "" && /[0-9A-Za-z]/.test(character)) {
      result += hexEscape(code);
    } else if (SYNTAX.test(character)) {
      result += `\\${character}`;
    } else if (character in ESCAPES) {
      result += ESCAPES[character];
    } else if (PUNCTUATORS.test(character) || (code >= 0xd800 && code <= 0xdfff)) {
      result += hexEscape(code);
    } else {
      result += character;
    }
  }
  return result;
}

const LONE_SURROGATE = /[\ud800-\udfff]/u;

function textOf(value, method) {
  if (value === null || value === undefined) {
    throw new TypeError(`String.prototype.${method} called on incompatible ${value}`);
  }
  return String(value);
}

const stringMembers = {
  isWellFormed() {
    return !LONE_SURROGATE.test(textOf(this, "isWellFormed"));
  },
  toWellFormed() {
    return textOf(this, "toWellFormed").replace(new RegExp(LONE_SURROGATE, "gu"), "\ufffd");
  },
};

export const members = {
  "Object": { groupBy: (items, callback) => groupObject(items, callback) },
  "Map": { groupBy: (items, callback) => groupsOf(items, callback) },
  "Map.prototype": mapMembers,
  "WeakMap.prototype": weakMapMembers,
  "Promise": promiseMembers,
  "Error": errorMembers,
  "RegExp": {
    escape(text) {
      if (typeof text != "string") {
        throw new TypeError(`${String(text)} is not a string`);
      }
      return escapeRegExp(text);
    },
  },
  "RegExp.prototype": {
    get unicodeSets() {
      // The flag does not exist here; whether `this` is a regular expression is asked by way of another one.
      return Reflect.apply(unicodeSetsFlag, this, []) === undefined ? undefined : false;
    },
  },
  "String.prototype": stringMembers,
};
Object.defineProperty(promiseMembers.try, "length", { value: 1, configurable: true });
