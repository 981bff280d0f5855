// SPDX-License-Identifier: MPL-2.0
// Cu.Sandbox and Cu.evalInSandbox: other globals, with built-ins of their own.
//
// They are places for names, and keep nobody in: there is one principal here, the system's, and a sandbox for any other is
// refused.

import { callerFrame } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { systemPrincipal } from "resource://gre/modules/bgtask/Principals.sys.mjs";
import { supplyLanguage } from "resource://gre/modules/bgtask/SandboxLanguage.sys.mjs";
import { errors, fail, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { sandbox: native } = import.meta.native;

const UTILS = "nsIXPCComponents_Utils";
const COMPONENTS = ["Components", "Cc", "Ci", "Cr", "Cu", "Services"];
const HELPERS = ["exportFunction", "createObjectIn", "cloneInto"];

/** What wantGlobalProperties may name. */
const GLOBALS = new Set([
  "AbortController", "Blob", "ChromeUtils", "CSS", "DOMException", "DOMParser", "Event", "File", "FileReader", "FormData",
  "Headers", "IOUtils", "PathUtils", "Performance", "ReadableStream", "TextDecoder", "TextEncoder", "URL",
  "URLSearchParams", "XMLHttpRequest", "XMLSerializer", "atob", "btoa", "crypto", "fetch", "structuredClone",
]);
/** What some of them bring along. */
const WITH = { fetch: ["Headers", "Request", "Response"] };

const metadata = new WeakMap();

function notEnough(where) {
  throw errors().makeException(`Not enough arguments${where}`, Cr.NS_ERROR_XPC_NOT_ENOUGH_ARGS);
}

function illegal() {
  throw errors().makeException("Illegal value", Cr.NS_ERROR_ILLEGAL_VALUE);
}

function checkPrincipal(principal) {
  if (principal === globalThis || principal === systemPrincipal) {
    return;
  }
  if (principal === null || typeof principal == "string" || Array.isArray(principal)) {
    const message = "Cu.Sandbox for others than the system principal is not implemented: no code is kept apart here";
    throw errors().makeException(message, Cr.NS_ERROR_NOT_IMPLEMENTED);
  }
  illegal();
}

/** Make @name of @global what it is in the task's own global, once it is asked for. */
function lend(global, name) {
  Object.defineProperty(global, name, {
    get: () => globalThis[name],
    set(value) {
      Object.defineProperty(global, name, { value, writable: true, configurable: true });
    },
    configurable: true,
  });
}

function checkGlobals(names) {
  for (const name of names) {
    if (!GLOBALS.has(name)) {
      throw new Error(`Unknown property name: ${String(name)}`);
    }
  }
}

/** For older tasks: what it is asked for is there already. */
export function importGlobalProperties(args) {
  const where = `${UTILS}.importGlobalProperties`;
  if (args.length < 1) {
    notEnough(` [${where}]`);
  }
  if (!Array.isArray(args[0])) {
    fail("NS_ERROR_ILLEGAL_VALUE", where);
  }
  checkGlobals(args[0]);
}

function checkOptions(options) {
  if (!isObject(options)) {
    illegal();
  }
  const { sandboxPrototype = null, wantGlobalProperties = [] } = options;
  if (sandboxPrototype !== null && !isObject(sandboxPrototype)) {
    throw new Error("Expected an object value for property sandboxPrototype");
  }
  if (!Array.isArray(wantGlobalProperties)) {
    throw new Error("Expected an array value for wantGlobalProperties");
  }
  checkGlobals(wantGlobalProperties);
  return { sandboxPrototype, wantGlobalProperties };
}

/**
 * A global.
 * @param {object} [options]
 *   sandboxPrototype: names that it has not are looked for there
 *   wantComponents: false: neither Components nor Services, Cc, Ci, Cr, Cu
 *   wantGlobalProperties: names of globals that it has, too
 *   wantExportHelpers: exportFunction() and so on are globals
 *   metadata: what getSandboxMetadata() gives
 */
export function makeSandbox(args) {
  if (args.length < 1) {
    notEnough("");
  }
  const [principal, options = {}] = args;
  checkPrincipal(principal);
  const { sandboxPrototype, wantGlobalProperties } = checkOptions(options);
  const global = native.create(sandboxPrototype);
  supplyLanguage(global, lend);
  lend(global, "dump");
  if (options.wantComponents !== false) {
    COMPONENTS.forEach(name => lend(global, name));
  }
  for (const name of wantGlobalProperties) {
    [name, ...(WITH[name] ?? [])].forEach(each => lend(global, each));
  }
  for (const name of options.wantExportHelpers ? HELPERS : []) {
    Object.defineProperty(global, name, { value: Cu[name], writable: true, configurable: true });
  }
  metadata.set(global, options.metadata);
  return global;
}

/** The value of the last statement of @source, run as a script in @global. Where it stands is, if not said, the caller's place. */
export function evalInSandbox(args) {
  const where = `${UTILS}.evalInSandbox`;
  if (args.length < 2) {
    notEnough(` [${where}]`);
  }
  const [source, global, , filename, line] = args;
  if (!native.is(global)) {
    fail("NS_ERROR_ILLEGAL_VALUE", where);
  }
  const place = filename === undefined ? callerFrame() : { filename: String(filename), lineNumber: Number(line ?? 1) || 1 };
  return native.evaluate(String(source), global, place?.filename ?? "sandbox", place?.lineNumber ?? 1);
}

function checkSandbox(global, method) {
  return native.is(global) ? global : fail("NS_ERROR_ILLEGAL_VALUE", `${UTILS}.${method}`);
}

export function getSandboxMetadata(global) {
  return metadata.get(checkSandbox(global, "getSandboxMetadata"));
}

export function setSandboxMetadata(global, value) {
  metadata.set(checkSandbox(global, "setSandboxMetadata"), structuredClone(value));
}

/** An empty object of the global that @target is of, also its property @options.defineAs. */
export function createObjectIn(args) {
  if (args.length < 1) {
    notEnough(` [${UTILS}.createObjectIn]`);
  }
  const [target, options = {}] = args;
  const global = native.globalOf(target);
  const object = native.is(global) ? native.evaluate("({})", global, "sandbox", 1) : {};
  if (options.defineAs !== undefined) {
    target[options.defineAs] = object;
  }
  return object;
}

/** Objects and lists are copied, functions are what they were, other values as structuredClone() has them. */
function cloneWithFunctions(value, made = new Map()) {
  if (typeof value == "function" || made.has(value)) {
    return made.get(value) ?? value;
  }
  const isPlain = isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain && !Array.isArray(value)) {
    return structuredClone(value);
  }
  const copy = Array.isArray(value) ? [] : {};
  made.set(value, copy);
  for (const key of Object.keys(value)) {
    copy[key] = cloneWithFunctions(value[key], made);
  }
  return copy;
}

/** A copy of a value. @options.cloneFunctions: functions in it are allowed */
export function cloneInto(args) {
  const where = `${UTILS}.cloneInto`;
  if (args.length < 2) {
    notEnough(` [${where}]`);
  }
  const [value, target, options] = args;
  if (!isObject(target)) {
    fail("NS_ERROR_FAILURE", where);
  }
  try {
    return options?.cloneFunctions ? cloneWithFunctions(value) : structuredClone(value);
  } catch (error) {
    if (!DOMException.isInstance(error) || !error.message.endsWith("object could not be cloned.")) {
      throw error;
    }
    throw new Error(
      error.message.startsWith("Function")
        ? "Permission denied to pass a Function via structured clone"
        : "Encountered unsupported value type writing stack-scoped structured clone"
    );
  }
}

export const globalOf = native.globalOf;
