// SPDX-License-Identifier: MPL-2.0
// ChromeUtils: synchronous imports, lazy getters, QueryInterface functions and small helpers.

import { RESULTS } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { isInterface } from "resource://gre/modules/bgtask/Interfaces.sys.mjs";
import { INTERFACES, isObject, missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";
import {
  requireArguments,
  sequenceOf,
  toDictionary,
  toEnumeration,
} from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { console: native, runtime } = import.meta.native;

/** Schemes that a module may be imported from. */
const TRUSTED_SCHEMES = ["resource:", "moz-src:", "chrome:", "file:"];

const TARGET_GLOBALS = ["shared", "devtools", "contextual", "current"];

/** What the message about a module that does not exist ends with. */
function whyMissing(url) {
  return runtime.isInGecko("module", url) ? ": not implemented: Firefox has it, bgtaskd does not" : "";
}

/**
 * The namespace of a module, imported at once.
 * @param {string} url absolute; resource:, moz-src: or file:
 * @throws {Error} with result NS_ERROR_FILE_NOT_FOUND when the module, or one that it imports, does not exist; what
 *   the engine or the module throws otherwise
 */
function importESModule(url, options) {
  requireArguments("ChromeUtils.importESModule", arguments, 1);
  const { global } = toDictionary("ChromeUtils.importESModule: Argument 2", options);
  if (global !== undefined) {
    const what = "ChromeUtils.importESModule: '%s' (value of 'global' member of ImportESModuleOptionsDictionary)";
    toEnumeration(what, "ImportESModuleTargetGlobal", global, TARGET_GLOBALS);
  }
  const specifier = String(url);
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(specifier)?.[0].toLowerCase();
  if (!scheme) {
    throw makeException("", RESULTS.NS_ERROR_MALFORMED_URI);
  }
  if (!TRUSTED_SCHEMES.includes(scheme)) {
    throw new Error("System modules must be loaded from a trusted scheme");
  }
  const { namespace, error, nested } = runtime.import(specifier);
  if (namespace) {
    return namespace;
  }
  const failure = nested ? error : new Error(`Failed to load ${specifier}${whyMissing(specifier)}`);
  if (isObject(failure) && Object.isExtensible(failure)) {
    failure.result = RESULTS.NS_ERROR_FILE_NOT_FOUND;
  }
  throw failure;
}

function checkTarget(target, what) {
  if (!isObject(target)) {
    throw new TypeError(`${what}: Argument 1 is not an object.`);
  }
}

function redefine(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

/**
 * Define a getter for each property of @modules on @target, which imports the module of that URL at the first use and
 * becomes its export of that name. Assigning to it replaces it.
 */
function defineESModuleGetters(target, modules, options) {
  requireArguments("ChromeUtils.defineESModuleGetters", arguments, 2);
  checkTarget(target, "ChromeUtils.defineESModuleGetters");
  for (const [name, url] of Object.entries(Object(modules))) {
    Object.defineProperty(target, name, {
      get() {
        return redefine(this, name, importESModule(url, options)[name]);
      },
      set(value) {
        redefine(this, name, value);
      },
      enumerable: true,
      configurable: true,
    });
  }
}

/** Define a getter that calls @lambda with `this` at the first use and becomes what it returns. */
function defineLazyGetter(target, name, lambda) {
  requireArguments("ChromeUtils.defineLazyGetter", arguments, 3);
  checkTarget(target, "ChromeUtils.defineLazyGetter");
  if (!isObject(lambda)) {
    throw new TypeError("ChromeUtils.defineLazyGetter: Argument 3 is not an object.");
  }
  // While the function runs, and after it threw, the property is undefined.
  let called = false;
  Object.defineProperty(target, name, {
    get() {
      if (called) {
        return undefined;
      }
      called = true;
      return redefine(this, name, lambda.call(this));
    },
    enumerable: true,
    configurable: true,
  });
}

/** A QueryInterface method for an object that implements @interfaces (names, or members of Ci). */
function generateQI(interfaces) {
  requireArguments("ChromeUtils.generateQI", arguments, 1);
  const list = sequenceOf(interfaces);
  if (!list) {
    throw new TypeError("ChromeUtils.generateQI: Argument 1 can't be converted to a sequence.");
  }
  const names = list.map(item => (isInterface(item) ? item.name : String(item)));
  const QueryInterface = function QueryInterface(iface) {
    requireArguments("MozQueryInterface legacy caller", arguments, 1);
    if (isInterface(iface) && (iface.name == "nsISupports" || names.includes(iface.name))) {
      return this;
    }
    throw makeException("", RESULTS.NS_NOINTERFACE);
  };
  Object.defineProperty(QueryInterface, INTERFACES, { value: names });
  Object.defineProperty(QueryInterface, Symbol.toStringTag, { value: "MozQueryInterface" });
  QueryInterface.toString = () => "[object MozQueryInterface]";
  return QueryInterface;
}

/** The bytes of @source in base64 with the alphabet for URLs. @options.pad: with "=" at the end. */
function base64URLEncode(source, options) {
  requireArguments("ChromeUtils.base64URLEncode", arguments, 2);
  const { pad } = toDictionary("ChromeUtils.base64URLEncode: Argument 2", options);
  const view = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  let binary = "";
  for (const byte of view) {
    binary += String.fromCharCode(byte);
  }
  const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_");
  return pad ? text : text.replace(/=+$/, "");
}

/** The opposite, as an ArrayBuffer. @options.padding: "require", "ignore" or "reject". */
function base64URLDecode(text, options) {
  requireArguments("ChromeUtils.base64URLDecode", arguments, 2);
  const { padding } = toDictionary("ChromeUtils.base64URLDecode: Argument 2", options);
  const padded = /=/.test(text);
  const complete = String(text).length % 4 == 0;
  if (/[+/\s]/.test(text) || (padding == "reject" && padded) || (padding == "require" && !complete)) {
    throw makeException("", RESULTS.NS_ERROR_INVALID_ARG);
  }
  const binary = atob(String(text).replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
  return Uint8Array.from(binary, character => character.charCodeAt(0)).buffer;
}

/** The class of an object as the engine knows it. */
function getClassName(object) {
  return Object.prototype.toString.call(object).slice(8, -1);
}

/** A copy with the own properties of @object that are values. */
function shallowClone(object) {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(object)).filter(([, property]) => !property.get && !property.set);
  return Object.defineProperties(Object.create(null), Object.fromEntries(properties));
}

/** Call @callback with an IdleDeadline when the event loop comes round. */
function idleDispatch(callback, options = {}) {
  const { requestIdleCallback } = runtime.load("resource://gre/modules/bgtask/Timers.sys.mjs");
  requestIdleCallback(callback, options);
}

/** Report an exception as an uncaught one is reported, and go on. */
function reportError(error) {
  native.reportError(error);
}

export const ChromeUtils = {
  importESModule,
  defineESModuleGetters,
  defineLazyGetter,
  generateQI,
  base64URLEncode,
  base64URLDecode,
  getClassName,
  shallowClone,
  idleDispatch,
  reportError,
  /** Milliseconds since the task began, monotonic. */
  now: () => runtime.now(),
  /** The same, without the time that the machine was suspended. */
  awakeNow: () => runtime.now(),
  /** Milliseconds since 1970. */
  dateNow: () => Date.now(),
};
Object.defineProperty(ChromeUtils, Symbol.toStringTag, { value: "ChromeUtils" });
Object.setPrototypeOf(ChromeUtils, missingNames("member", ["ChromeUtils"]));
