// SPDX-License-Identifier: MPL-2.0
// What Gecko has and this has not. Loaded when a name is asked for that does not exist here (see missingNames() in
// Xpcom.sys.mjs); gecko.names has what exists in Gecko.
//
// Feature tests go on working: "x" in Services and the like say what is here, a name that Gecko does not have either is
// undefined. A name that only Gecko has gives something that stands for it, whose use throws NS_ERROR_NOT_IMPLEMENTED
// with that name: a service or contract when anything is asked of it, a function when it is called, an interface when a
// constant of it is read or an object is asked for it, a global (runner/globals.c) when it is called, constructed or a
// member of it is read. Values have nothing that could stand for them: reading them throws.

import { makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { RESULTS } from "resource://gre/modules/bgtask/Results.sys.mjs";

const { runtime } = import.meta.native;

/** Throws that @what does not exist here. */
export function failMissing(what) {
  const message = `${what} is not implemented: Gecko has it, bgtaskd does not (see bgtask-environment(7))`;
  throw makeException(message, RESULTS.NS_ERROR_NOT_IMPLEMENTED);
}

/** Asked of any value in passing: whether it is a promise, what it is in JSON and as text. */
const HARMLESS = ["then", "toJSON", "constructor"];

/** What is said by symbol: it is a text, and nothing is an instance of it. */
const SYMBOLS = {
  __proto__: null,
  [Symbol.toPrimitive]: describe => describe,
  [Symbol.hasInstance]: () => () => false,
};

/** What stands for @what: using it in any way throws. @param {object} base what `typeof` sees: {} or a function */
function standIn(what, base) {
  const fail = () => failMissing(what);
  const describe = () => `[not implemented: ${what}]`;
  return new Proxy(base, {
    get(_target, key) {
      if (typeof key == "symbol" || HARMLESS.includes(key)) {
        return SYMBOLS[key]?.(describe);
      }
      if (key == "prototype" && typeof base == "function") {
        return standIn(`${what}.prototype`, {}); // a class that extends it fails when an object of it is made
      }
      return key == "toString" ? describe : failMissing(`${what}.${key}`);
    },
    has: () => false,
    ownKeys: () => [],
    getOwnPropertyDescriptor: () => undefined,
    set: fail,
    defineProperty: fail,
    deleteProperty: fail,
    apply: fail,
    construct: fail,
  });
}

/** A function to call or construct, without properties that a proxy could not hide. */
const aFunction = () => function () {}.bind();

function findMember(labels, key) {
  for (const label of labels) {
    const what = `${label}.${key}`;
    if (runtime.isInGecko("member", `${what}()`)) {
      return standIn(what, aFunction());
    }
    if (runtime.isInGecko("member", what)) {
      return failMissing(what);
    }
  }
  return undefined;
}

const STAND_INS = {
  contract: key => standIn(`Cc["${key}"]`, {}),
  service: key => standIn(`Services.${key}`, {}),
  interface(key) {
    const { makeMissingInterface } = runtime.load("resource://gre/modules/bgtask/Interfaces.sys.mjs");
    return makeMissingInterface(key);
  },
  /** @this the name of the interface */
  constant: (key, [name]) => failMissing(`Ci.${name}.${key}`),
};

/** For runner/globals.c: what stands for global @name. */
export function makeMissingGlobal(name, isFunction) {
  return standIn(name, isFunction ? aFunction() : {});
}

const made = new Map();

/**
 * What reading the property @key gives of an object that has none of that name.
 * @param {string} kind "contract", "service", "interface", "constant" or "member"
 * @param {string[]} labels of members and constants: names of the interfaces or of the object
 */
export function findMissing(kind, key, labels) {
  if (kind == "member") {
    return findMember(labels, key);
  }
  if (kind == "constant") {
    return HARMLESS.includes(key) ? undefined : STAND_INS.constant(key, labels);
  }
  if (!runtime.isInGecko(kind, key)) {
    return undefined;
  }
  // Twice the same is the same, as a lazy getter that is compared would have it.
  const id = `${kind} ${key}`;
  if (!made.has(id)) {
    made.set(id, STAND_INS[kind](key));
  }
  return made.get(id);
}
