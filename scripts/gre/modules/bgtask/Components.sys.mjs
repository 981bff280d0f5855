// SPDX-License-Identifier: MPL-2.0
// Components and its short names Cc, Ci, Cr, Cu.

import { callerFrame, failure, isException, makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { Ci, isInterface } from "resource://gre/modules/bgtask/Interfaces.sys.mjs";
import { RESULTS, resultMessage } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { missingNames, refuseMissing } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { console: native, runtime } = import.meta.native;

/** Contracts: the module of the library, its export, and whether that is a service or a class to make objects of. */
const CONTRACTS = {
  "@mozilla.org/backgroundtasks;1": ["BackgroundTasks", "backgroundTasks", "service"],
  "@mozilla.org/backgroundtasksrunner;1": ["BackgroundTasksRunner", "backgroundTasksRunner", "service"],
  "@mozilla.org/net/CachePurgeLock;1": ["CachePurgeLock", "CachePurgeLock", "instance"],
  "@mozilla.org/toolkit/profile-service;1": ["ProfileFiles", "profileService", "service"],
  "@mozilla.org/file/local;1": ["File", "File", "instance"],
  "@mozilla.org/preferences-service;1": ["Prefs", "prefs", "service"],
  "@mozilla.org/observer-service;1": ["Observers", "obs", "service"],
  "@mozilla.org/process/environment;1": ["Environment", "env", "service"],
  "@mozilla.org/file/directory_service;1": ["Directories", "dirsvc", "service"],
  "@mozilla.org/toolkit/app-startup;1": ["Startup", "startup", "service"],
  "@mozilla.org/xre/app-info;1": ["AppInfo", "appinfo", "service"],
  "@mozilla.org/xre/runtime;1": ["AppInfo", "appinfo", "service"],
  "@mozilla.org/consoleservice;1": ["ConsoleService", "consoleService", "service"],
  "@mozilla.org/scripterror;1": ["ConsoleService", "ScriptError", "instance"],
  "@mozilla.org/thread-manager;1": ["Threads", "threadManager", "service"],
  "@mozilla.org/timer;1": ["Threads", "Timer", "instance"],
  "@mozilla.org/uuid-generator;1": ["Uuid", "uuid", "service"],
  "@mozilla.org/xpcom/version-comparator;1": ["Versions", "versionComparator", "service"],
  "@mozilla.org/network/io-service;1": ["Uri", "io", "service"],
  "@mozilla.org/supports-string;1": ["Supports", "SupportsString", "instance"],
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

/** A member of Components.classes. */
class ContractClass {
  #contract;

  constructor(contract) {
    this.#contract = contract;
  }

  get #export() {
    const [module, name] = CONTRACTS[this.#contract];
    return runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`)[name];
  }

  /** A new object of the class. */
  createInstance(iface) {
    if (CONTRACTS[this.#contract][2] != "instance") {
      return checkInterface(this.#export, iface, RESULTS.NS_ERROR_XPC_CI_RETURNED_FAILURE);
    }
    return checkInterface(new this.#export(), iface, RESULTS.NS_ERROR_XPC_CI_RETURNED_FAILURE);
  }

  /** The one object of the class. */
  getService(iface) {
    if (CONTRACTS[this.#contract][2] != "service") {
      const code = RESULTS.NS_ERROR_XPC_GS_RETURNED_FAILURE;
      throw makeException(resultMessage(code), code);
    }
    return checkInterface(this.#export, iface, RESULTS.NS_ERROR_XPC_GS_RETURNED_FAILURE);
  }

  get name() {
    return this.#contract;
  }

  toString() {
    return this.#contract;
  }
}

function makeClasses() {
  const classes = Object.create(missingNames("contract"));
  for (const contract of Object.keys(CONTRACTS)) {
    Object.defineProperty(classes, contract, { value: new ContractClass(contract), enumerable: true });
  }
  Object.defineProperty(classes, Symbol.toStringTag, { value: "nsXPCComponents_Classes" });
  return Object.freeze(classes);
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

  get name() {
    return "";
  }

  equals(other) {
    return String(other?.number) == this.number;
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
  return makeException(...args);
};
Object.defineProperty(Exception, Symbol.hasInstance, { value: isException });

const ID = function ID(text) {
  return makeIdentifier(text);
};
Object.defineProperty(ID, Symbol.hasInstance, { value: value => value instanceof Identifier });

/** An object that holds another weakly: nsIWeakReference. */
function getWeakReference(object) {
  const reference = typeof WeakRef == "function" ? new WeakRef(object) : { deref: () => object };
  return { get: () => reference.deref() ?? null };
}

export const Cu = {
  reportError(error) {
    native.reportError(error);
  },
  cloneInto: (object, target, options = {}) =>
    options.cloneFunctions ? { ...object } : structuredClone(object),
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
    return globalThis;
  },
  getWeakReference,
  getClassName: object => Object.prototype.toString.call(object).slice(8, -1),
  isInAutomation: false,
  isESModuleLoaded: url => runtime.isLoaded(String(url)),
  forceGC: () => runtime.collect(),
  schedulePreciseGC(callback) {
    setTimeout(() => {
      runtime.collect();
      callback();
    }, 0);
  },
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
  isSuccessCode: code => (Number(code) >>> 0) < 0x80000000,
  get stack() {
    return callerFrame();
  },
};
Object.defineProperty(Components, Symbol.toStringTag, { value: "nsXPCComponents" });
Object.setPrototypeOf(Components, missingNames("member", ["Components"]));
Object.setPrototypeOf(Cu, missingNames("member", ["Cu"]));
