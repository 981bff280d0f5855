// SPDX-License-Identifier: MPL-2.0
// Components and its short names Cc, Ci, Cr, Cu.

import { callerFrame, errnoResult, failure, isException, makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { Ci, isInterface } from "resource://gre/modules/bgtask/Interfaces.sys.mjs";
import { RESULTS, resultMessage } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { INTERFACES, missingNames, refuseMissing } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { console: native, files, runtime } = import.meta.native;

/**
 * Contracts: the module of the library, its export, whether that is a service or a class to make objects of, and the
 * number that the class has in Gecko (none: it has none). The line above a row is for bgtask-environment(7).
 */
export const CONTRACTS = {
  // Whether this is background task mode, and which task.
  "@mozilla.org/backgroundtasks;1": ["BackgroundTasks", "backgroundTasks", "service", "{cdc33a1f-e8ae-4a4f-85d0-6ec633fe872c}"],
  // Runs tasks that outlive the one that begins them.
  "@mozilla.org/backgroundtasksrunner;1": [
    "BackgroundTasksRunner", "backgroundTasksRunner", "service", "{8cd92fce-1ec3-470a-ad09-c0de9d98497e}",
  ],
  // A lock, that no two processes remove the same directory.
  "@mozilla.org/net/CachePurgeLock;1": ["CachePurgeLock", "CachePurgeLock", "instance"],
  // The profiles that profiles.ini has, and the removal of one.
  "@mozilla.org/toolkit/profile-service;1": [
    "ProfileService", "profileService", "service", "{5f5e59ce-27bc-47eb-9d1f-b09ca9049836}",
  ],
  // A file or directory, by its path.
  "@mozilla.org/file/local;1": ["File", "File", "instance", "{2e23e220-60be-11d3-8c4a-000064657374}"],
  // Services.prefs.
  "@mozilla.org/preferences-service;1": ["Prefs", "prefs", "service", "{91ca2441-050f-4f7c-9df8-75b40ea40156}"],
  // Services.obs.
  "@mozilla.org/observer-service;1": ["Observers", "obs", "service", "{d07f5195-e3d1-11d2-8acd-00105a1b8860}"],
  // Services.env.
  "@mozilla.org/process/environment;1": ["Environment", "env", "service", "{03d68f92-9513-4e25-9be9-7cb239874172}"],
  // Services.dirsvc.
  "@mozilla.org/file/directory_service;1": ["Directories", "dirsvc", "service", "{f00152d0-b40b-11d3-8c9c-000064657374}"],
  // Services.startup.
  "@mozilla.org/toolkit/app-startup;1": ["Startup", "startup", "service", "{7dd4d320-c84b-4624-8d45-7bb9b2356977}"],
  // Services.appinfo.
  "@mozilla.org/xre/app-info;1": ["AppInfo", "appinfo", "service", "{95d89e3e-a169-41a3-8e56-719978e15b12}"],
  // Services.appinfo.
  "@mozilla.org/xre/runtime;1": ["AppInfo", "appinfo", "service", "{95d89e3e-a169-41a3-8e56-719978e15b12}"],
  // Services.console.
  "@mozilla.org/consoleservice;1": ["ConsoleService", "consoleService", "service", "{7e3ff85c-1dd2-11b2-8d4b-eb452cb0ff40}"],
  // An error or warning of a script, for Services.console.
  "@mozilla.org/scripterror;1": ["ConsoleService", "ScriptError", "instance", "{1950539a-90f0-4d22-b5af-71329c68fa35}"],
  // Services.scriptloader.
  "@mozilla.org/moz/jssubscript-loader;1": ["ScriptLoader", "scriptLoader", "service", "{929814d6-1dd2-11b2-8e08-82fa0a339b00}"],
  // Services.scriptSecurityManager.
  "@mozilla.org/scriptsecuritymanager;1": [
    "Principals", "scriptSecurityManager", "service", "{7ee2a4c0-4b93-17d3-ba18-0060b0f199a2}",
  ],
  // Services.tm.
  "@mozilla.org/thread-manager;1": ["Threads", "threadManager", "service", "{7a4204c6-e45a-4c37-8ebb-6709a22c917c}"],
  // A timer.
  "@mozilla.org/timer;1": ["Threads", "Timer", "instance", "{5ff24248-1dd2-11b2-8427-fbab44f29bc8}"],
  // Services.uuid.
  "@mozilla.org/uuid-generator;1": ["Uuid", "uuid", "service", "{706d36bb-bf79-4293-81f2-8f6828c18f9d}"],
  // Services.vc.
  "@mozilla.org/xpcom/version-comparator;1": ["Versions", "versionComparator", "service", "{c6e47036-ca94-4be3-963a-9abd8705f7a8}"],
  // Services.io.
  "@mozilla.org/network/io-service;1": ["Uri", "io", "service", "{9ac9e770-18bc-11d3-9337-00104ba0fd40}"],
  // Phases of the shutdown as clients of their barriers.
  "@mozilla.org/async-shutdown-service;1": [
    "AsyncShutdownService", "asyncShutdownService", "service", "{35c496de-a115-475d-93b5-ffa3f3ae6fe3}",
  ],
  // Values by their names.
  "@mozilla.org/hash-property-bag;1": ["PropertyBag", "PropertyBag", "instance", "{678c50b8-6bcb-4ad0-b9b8-c81175955199}"],
  // Services.locale.
  "@mozilla.org/intl/localeservice;1": ["Locale", "locale", "service", "{92735ff4-6384-4ad6-8508-757010e149ee}"],
  // Services.sysinfo.
  "@mozilla.org/system-info;1": ["SysInfo", "sysinfo", "service", "{d962398a-99e5-49b2-857a-c159049c7f6c}"],
  // Services.catMan.
  "@mozilla.org/categorymanager;1": [
    "CategoryManager", "categoryManager", "service", "{16d222a6-1dd2-11b2-b693-f38b02c021b2}",
  ],
  // The handler of file: URIs.
  "@mozilla.org/network/protocol;1?name=file": [
    "Protocols", "fileHandler", "service", "{fbc81170-1f69-11d3-9344-00104ba0fd40}",
  ],
  // The handler of resource: URIs, and what they stand for.
  "@mozilla.org/network/protocol;1?name=resource": [
    "Protocols", "resourceHandler", "service", "{e64f152a-9f07-11d3-8cda-0060b0fc14a3}",
  ],
  // Whether another instance of the application is running.
  "@mozilla.org/updates/update-sync-manager;1": ["UpdateSyncManager", "updateSyncManager", "service"],
  // A boolean as an object.
  "@mozilla.org/supports-PRBool;1": ["Supports", "SupportsPRBool", "instance", "{acf8dc43-4a25-11d3-9890-006008962422}"],
  // A signed integer of 32 bits as an object.
  "@mozilla.org/supports-PRInt32;1": ["Supports", "SupportsPRInt32", "instance", "{acf8dc4c-4a25-11d3-9890-006008962422}"],
  // A signed integer of 64 bits as an object.
  "@mozilla.org/supports-PRInt64;1": ["Supports", "SupportsPRInt64", "instance", "{acf8dc4d-4a25-11d3-9890-006008962422}"],
  // A time as an object.
  "@mozilla.org/supports-PRTime;1": ["Supports", "SupportsPRTime", "instance", "{acf8dc49-4a25-11d3-9890-006008962422}"],
  // An unsigned integer of 32 bits as an object.
  "@mozilla.org/supports-PRUint32;1": [
    "Supports", "SupportsPRUint32", "instance", "{acf8dc47-4a25-11d3-9890-006008962422}",
  ],
  // An unsigned integer of 64 bits as an object.
  "@mozilla.org/supports-PRUint64;1": [
    "Supports", "SupportsPRUint64", "instance", "{acf8dc48-4a25-11d3-9890-006008962422}",
  ],
  // A number as an object.
  "@mozilla.org/supports-double;1": ["Supports", "SupportsDouble", "instance", "{cbf86871-4ac0-11d3-baea-00805f8a5dd7}"],
  // A string of bytes as an object.
  "@mozilla.org/supports-cstring;1": ["Supports", "SupportsCString", "instance", "{acf8dc41-4a25-11d3-9890-006008962422}"],
  // A string as an object.
  "@mozilla.org/supports-string;1": ["Supports", "SupportsString", "instance", "{acf8dc42-4a25-11d3-9890-006008962422}"],
};

function checkInterface(object, iface, code) {
  if (iface === undefined) {
    return object;
  }
  if (!isInterface(iface)) {
    throw makeException("Could not convert JavaScript argument", RESULTS.NS_ERROR_XPC_BAD_CONVERT_JS);
  }
  if (iface.name != "nsISupports" && !(object instanceof iface)) {
    refuseMissing(iface);
    throw makeException(resultMessage(code), code);
  }
  return object;
}

/** What makes the objects of a class: of the library, or of a factory that somebody registered. */
export class ComponentClass {
  #service;

  /**
   * @param {string} number "{…}", or "" where there is none
   * @param {function} make called with an interface, gives an object
   */
  constructor(number, make) {
    this.number = number;
    this.make = make;
  }

  service(iface) {
    this.#service ??= this.make(iface);
    return this.#service;
  }
}

function libraryClass([module, name, kind, number = ""]) {
  const exported = () => runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`)[name];
  return new ComponentClass(number, () => (kind == "instance" ? new (exported())() : exported()));
}

/** Classes by contract: those of the table when they are asked for, and those that were registered. */
const classesByContract = new Map();

/** The ComponentClass of @contract, or undefined. */
export function findContract(contract) {
  if (!classesByContract.has(contract) && Object.hasOwn(CONTRACTS, contract)) {
    classesByContract.set(contract, libraryClass(CONTRACTS[contract]));
  }
  return classesByContract.get(contract);
}

/** From now on @contract stands for @componentClass. */
export function setContract(contract, componentClass) {
  classesByContract.set(contract, componentClass);
  if (!Object.hasOwn(Cc, contract)) {
    Object.defineProperty(Cc, contract, { value: new ContractClass(contract), enumerable: true });
  }
}

/** The object that @make gives for @iface; @code is what it means when it has not that interface. */
export function makeWith(make, iface, code) {
  let object;
  try {
    object = make(iface ?? Ci.nsISupports);
  } catch (error) {
    if (error?.result != RESULTS.NS_NOINTERFACE) {
      throw error;
    }
    throw makeException(resultMessage(code), code);
  }
  return object?.[INTERFACES] || iface === undefined ? checkInterface(object, iface, code) : queryFor(object, iface, code);
}

function queryFor(object, iface, code) {
  if (!isInterface(iface)) {
    throw makeException("Could not convert JavaScript argument", RESULTS.NS_ERROR_XPC_BAD_CONVERT_JS);
  }
  if (iface.name == "nsISupports" || typeof object?.QueryInterface != "function") {
    return object;
  }
  try {
    return object.QueryInterface(iface);
  } catch {
    throw makeException(resultMessage(code), code);
  }
}

/** An interface may be left out, and not be undefined. */
function checkPassed(args) {
  if (args.length > 0 && args[0] === undefined) {
    throw makeException("Could not convert JavaScript argument", RESULTS.NS_ERROR_XPC_BAD_CONVERT_JS);
  }
}

/** A member of Components.classes. */
class ContractClass {
  #contract;

  constructor(contract) {
    this.#contract = contract;
  }

  #class(code) {
    return findContract(this.#contract) ?? failWith(RESULTS.NS_ERROR_XPC_BAD_CID ?? code);
  }

  /** A new object of the class. */
  createInstance(iface) {
    checkPassed(arguments);
    const code = RESULTS.NS_ERROR_XPC_CI_RETURNED_FAILURE;
    const found = this.#class(code);
    return makeWith(wanted => found.make(wanted), iface, code);
  }

  /** The one object of the class. */
  getService(iface) {
    checkPassed(arguments);
    const code = RESULTS.NS_ERROR_XPC_GS_RETURNED_FAILURE;
    const found = this.#class(code);
    return makeWith(wanted => found.service(wanted), iface, code);
  }

  get name() {
    return this.#contract;
  }

  get number() {
    return findContract(this.#contract)?.number ?? "";
  }

  equals(other) {
    return String(other?.number) == this.number;
  }

  toString() {
    return this.#contract;
  }
}

function failWith(code) {
  throw makeException(resultMessage(code), code);
}

/** Not frozen: contracts can be registered. */
function makeClasses() {
  const classes = Object.create(missingNames("contract"));
  for (const contract of Object.keys(CONTRACTS)) {
    Object.defineProperty(classes, contract, { value: new ContractClass(contract), enumerable: true });
  }
  return Object.defineProperty(classes, Symbol.toStringTag, { value: "nsXPCComponents_Classes" });
}

export const Cc = makeClasses();
export { Ci };
export const Cr = Object.freeze(
  Object.defineProperty({ ...RESULTS }, Symbol.toStringTag, { value: "nsXPCComponents_Results" })
);

const ID_FORM = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** An interface or class identifier. */
class Identifier {
  constructor(number) {
    Object.defineProperty(this, "number", { value: number, enumerable: true });
  }

  equals(other) {
    if (typeof other?.number != "string") {
      throw makeException("Could not convert JavaScript argument", RESULTS.NS_ERROR_XPC_BAD_CONVERT_JS);
    }
    return other.number == this.number;
  }

  toString() {
    return this.number;
  }
}

/** Components.ID(text), with or without `new`. */
export function makeIdentifier(text) {
  const match = ID_FORM.exec(String(text));
  if (!match) {
    throw makeException("Bad ID string", RESULTS.NS_ERROR_XPC_BAD_ID_STRING);
  }
  return new Identifier(`{${match[1].toLowerCase()}}`);
}

const Exception = function Exception(...args) {
  // A result that was passed as undefined is no failure.
  const [message, result] = args;
  return args.length > 1 && result === undefined ? makeException(message, RESULTS.NS_OK, ...args.slice(2)) : makeException(...args);
};
Object.defineProperty(Exception, Symbol.hasInstance, { value: isException });

const ID = function ID(text) {
  if (arguments.length < 1) {
    throw makeException("Not enough arguments", RESULTS.NS_ERROR_XPC_NOT_ENOUGH_ARGS);
  }
  return makeIdentifier(text);
};
Object.defineProperty(ID, Symbol.hasInstance, { value: value => value instanceof Identifier });

/** xpcIJSWeakReference: an object that holds another weakly. Of what is no object it holds nothing. */
function getWeakReference(object) {
  const isObject = (typeof object == "object" && object !== null) || typeof object == "function";
  const reference = isObject ? new WeakRef(object) : null;
  const result = { get: () => reference?.deref() ?? null };
  Object.defineProperty(result, INTERFACES, { value: ["xpcIJSWeakReference", "nsISupports"] });
  return Object.defineProperty(result, "toString", { value: () => "[xpconnect wrapped xpcIJSWeakReference]" });
}

/** Member @name of Cc or Ci, also what stands there for one that only Gecko has; undefined: neither has it. */
function known(table, kind, name) {
  return Object.hasOwn(table, name) || runtime.isInGecko(kind, name) ? table[name] : undefined;
}

/**
 * Components.Constructor(contract, interface, initialiser): a function that makes such objects; its arguments are the
 * initialiser's.
 */
function Constructor(contract, iface, initializer) {
  if (arguments.length < 1) {
    throw makeException("Not enough arguments", RESULTS.NS_ERROR_XPC_NOT_ENOUGH_ARGS);
  }
  const cls = known(Cc, "contract", String(contract));
  if (!cls) {
    throw makeException("Invalid ClassID or ContractID", RESULTS.NS_ERROR_XPC_BAD_CID);
  }
  const wanted = typeof iface == "string" ? known(Ci, "interface", iface) ?? iface : iface;
  if (wanted !== undefined && !isInterface(wanted)) {
    throw makeException("Invalid InterfaceID", RESULTS.NS_ERROR_XPC_BAD_IID);
  }
  return function XPCOM_Constructor(...args) {
    const object = cls.createInstance(wanted ?? Ci.nsISupports);
    if (initializer !== undefined) {
      object[initializer](...args);
    }
    return object;
  };
}

function readText(path, method) {
  if (typeof path != "string") {
    throw failure("NS_ERROR_ILLEGAL_VALUE", `nsIXPCComponents_Utils.${method}`);
  }
  const text = files.readText(path);
  if (typeof text == "number") {
    throw failure(errnoResult(-text), `nsIXPCComponents_Utils.${method}`);
  }
  return text;
}

function schedulePreciseGC(callback) {
  setTimeout(() => {
    runtime.collect();
    callback();
  }, 0);
}

function sandboxes() {
  return runtime.load("resource://gre/modules/bgtask/Sandbox.sys.mjs");
}

export const Cu = {
  reportError(error) {
    native.reportError(error);
  },
  cloneInto: (...args) => sandboxes().cloneInto(args),
  exportFunction(fn, target, options = {}) {
    if (options.defineAs) {
      target[options.defineAs] = fn;
    }
    return fn;
  },
  waiveXrays: object => object,
  unwaiveXrays: object => object,
  getGlobalForObject(object) {
    if (typeof object != "object" && typeof object != "function") {
      throw failure("NS_ERROR_XPC_BAD_CONVERT_JS", "nsIXPCComponents_Utils.getGlobalForObject");
    }
    return sandboxes().globalOf(object);
  },
  getWeakReference,
  getClassName: object => Object.prototype.toString.call(object).slice(8, -1),
  isInAutomation: false,
  /** On standard error, as it is. */
  printStderr(text) {
    native.printError(String(text));
  },
  /** The text of an nsIFile, or of what a file: or resource: URI leads to. */
  readUTF8File: file => readText(file?.path, "readUTF8File"),
  readUTF8URI(uri) {
    const handler = Services.io.getProtocolHandler("resource");
    const target = uri?.schemeIs?.("resource") ? Services.io.newURI(handler.resolveURI(uri)) : uri;
    return readText(target?.schemeIs?.("file") ? target.file.path : undefined, "readUTF8URI");
  },
  makeObjectPropsNormal() {},
  /** The stack is the engine's own. */
  callFunctionWithAsyncStack: (callback, stack, asyncCause) => callback(),
  /** Another global; with or without `new`. */
  Sandbox: function Sandbox(...args) {
    return sandboxes().makeSandbox(args);
  },
  evalInSandbox: (...args) => sandboxes().evalInSandbox(args),
  getSandboxMetadata: global => sandboxes().getSandboxMetadata(global),
  setSandboxMetadata: (global, value) => sandboxes().setSandboxMetadata(global, value),
  createObjectIn: (...args) => sandboxes().createObjectIn(args),
  importGlobalProperties: (...args) => sandboxes().importGlobalProperties(args),
  getObjectPrincipal: () => Services.scriptSecurityManager.getSystemPrincipal(),
  isDeadWrapper: () => false,
  isXrayWrapper: () => false,
  isOpaqueWrapper: () => false,
  isESModuleLoaded: url => runtime.isLoaded(String(url)),
  forceGC: () => runtime.collect(),
  /** There is one collector here. */
  forceCC: () => runtime.collect(),
  forceShrinkingGC: () => runtime.collect(),
  schedulePreciseGC,
  schedulePreciseShrinkingGC: schedulePreciseGC,
  dispatch(runnable) {
    Services.tm.dispatchToMainThread(runnable);
  },
};

export const Components = {
  classes: Cc,
  interfaces: Ci,
  results: Cr,
  utils: Cu,
  Exception,
  ID,
  Constructor,
  returnCode: 0,
  /** nsIComponentManager and nsIComponentRegistrar. */
  get manager() {
    return runtime.load("resource://gre/modules/bgtask/ComponentManager.sys.mjs").manager;
  },
  isSuccessCode: code => (Number(code) >>> 0) < 0x80000000,
  get stack() {
    return callerFrame();
  },
};
Object.defineProperty(Components, Symbol.toStringTag, { value: "nsXPCComponents" });
Object.setPrototypeOf(Components, missingNames("member", ["Components"]));
Object.setPrototypeOf(Cu, missingNames("member", ["Cu"]));
