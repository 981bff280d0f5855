// SPDX-License-Identifier: MPL-2.0
// What the platform's objects have in common: interfaces by name, QueryInterface, and the checks that calls
// through XPConnect make. Small, since commandLine needs it in every run; errors are loaded when there is one. Classes are
// defined with plain loops for the same reason: the engine would have to make its iterators and code for them.

const { runtime } = import.meta.native;

/** Key of the list of interface names on a prototype; Components.interfaces reads it for instanceof. */
export const INTERFACES = Symbol.for("bgtaskd.interfaces");

/** Mark of an interface that only Gecko has. */
export const MISSING = Symbol.for("bgtaskd.missing");

function missing() {
  return runtime.load("resource://gre/modules/bgtask/Missing.sys.mjs");
}

/**
 * A prototype that answers for what Gecko has there and this has not (Missing.sys.mjs). It is asked for what was not
 * found before it, so that it costs nothing to have one.
 * @param {string} kind "contract", "service", "interface", "constant" or "member"
 * @param {string[]} labels of constants and members: names of interfaces, or of the object; or a function that gives them
 *   for the object that was asked
 */
export function missingNames(kind, labels, base = Object.prototype) {
  return new Proxy(Object.create(base), {
    get(target, key, receiver) {
      if (typeof key == "symbol" || key in target) {
        return Reflect.get(target, key, receiver);
      }
      return missing().findMissing(kind, key, typeof labels == "function" ? labels(receiver) : labels);
    },
  });
}

/** Throws NS_ERROR_NOT_IMPLEMENTED when @iface is an interface that only Gecko has. */
export function refuseMissing(iface) {
  if (iface?.[MISSING]) {
    missing().failMissing(`Ci.${iface.name}`);
  }
}

export function errors() {
  return runtime.load("resource://gre/modules/bgtask/Errors.sys.mjs");
}

/** Throws what XPConnect throws for the result @name of "nsIInterface.method". */
export function fail(name, where) {
  throw errors().failure(name, where);
}

function throwNotEnoughArguments(where) {
  const { makeException } = errors();
  throw makeException(`Not enough arguments [${where}]`, 0x80570001);
}

/** Throws that argument @index of @where is of the wrong kind. */
export function failConversion(where, index) {
  const { makeException } = errors();
  throw makeException(`Could not convert JavaScript argument arg ${index} [${where}]`, 0x80570009);
}

/** Whether @value can stand for an XPCOM object (functions can, for interfaces of one method). */
export function isObject(value) {
  return (typeof value == "object" && value !== null) || typeof value == "function";
}

function queryInterface(iface) {
  if (arguments.length < 1) {
    throwNotEnoughArguments("nsISupports.QueryInterface");
  }
  const name = iface?.name;
  if (typeof name == "string" && (name == "nsISupports" || this[INTERFACES].includes(name))) {
    return this;
  }
  refuseMissing(iface);
  if (!isObject(iface) || typeof name != "string") {
    failConversion("nsISupports.QueryInterface", 0);
  }
  return fail("NS_NOINTERFACE", "nsISupports.QueryInterface");
}

/** What becomes of an argument that is a string: null and undefined are empty ones. */
export function textOf(value) {
  const text = value === null || value === undefined ? "" : String(value);
  // A lone surrogate has no UTF-8.
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, "\ufffd") : text;
}

/** An argument that must be an object of the platform's with @iface; null and undefined are refused. */
export function checkNative(object, iface, where, index = 0) {
  if (object === null || object === undefined) {
    fail("NS_ERROR_ILLEGAL_VALUE", where);
  }
  if (!isObject(object)) {
    failConversion(where, index);
  }
  if (!object[INTERFACES]?.includes(iface)) {
    throw errors().makeException(`Failure arg ${index} [${where}]`, 0x80004005);
  }
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

/** All members are seen by for…in, as those of native objects are. */
function showMembers(prototype) {
  if (prototype === Object.prototype) {
    return;
  }
  const names = Object.getOwnPropertyNames(prototype);
  for (let at = 0; at < names.length; at++) {
    const name = names[at];
    if (name != "constructor" && name != "toString" && !isEnumerable.call(prototype, name)) {
      Object.defineProperty(prototype, name, { enumerable: true });
    }
  }
  showMembers(Object.getPrototypeOf(prototype));
}

/**
 * Make @cls what XPConnect would show of a native object.
 * @param {string[]} interfaces names, the one that names it in strings first
 * @param {object} methods how many arguments each method needs: { "nsIFile": { append: 1 } }; [needs, knows] where there
 *   are optional ones
 */
export function defineXpcomClass(cls, interfaces, methods = {}) {
  const { prototype } = cls;
  const hide = (key, value) => Object.defineProperty(prototype, key, { value, configurable: true, writable: true });
  if (Object.getPrototypeOf(prototype) == Object.prototype) {
    Object.setPrototypeOf(prototype, missingNames("member", interfaces));
  }
  hide(INTERFACES, interfaces.concat("nsISupports"));
  hide("QueryInterface", queryInterface);
  const label = interfaces.length > 1 ? `(${interfaces.join(", ")})` : interfaces[0];
  hide("toString", () => `[xpconnect wrapped ${label}]`);
  for (const iface in methods) {
    const counts = methods[iface];
    for (const name in counts) {
      const method = prototype[name];
      const where = `${iface}.${name}`;
      const needed = counts[name][0] ?? counts[name];
      const known = counts[name][1] ?? counts[name];
      const checked = {
        [name](...args) {
          if (args.length < needed) {
            throwNotEnoughArguments(where);
          }
          return method.apply(this, args);
        },
      }[name];
      Object.defineProperty(checked, "length", { value: known, configurable: true });
      Object.defineProperty(prototype, name, { value: checked, enumerable: true, configurable: true, writable: true });
    }
  }
  showMembers(prototype);
}

/** The constants of @iface, or those that are given, as members of the objects of @cls. */
export function defineConstants(cls, iface, constants = undefined) {
  const { Ci } = constants ? {} : runtime.load("resource://gre/modules/bgtask/Interfaces.sys.mjs");
  for (const [name, value] of Object.entries(constants ?? Ci[iface])) {
    Object.defineProperty(cls.prototype, name, { value, enumerable: true, configurable: true });
  }
}
