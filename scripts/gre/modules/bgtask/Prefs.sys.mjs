// SPDX-License-Identifier: MPL-2.0
// Services.prefs: nsIPrefService and nsIPrefBranch over the registry in C (lib/prefs.h).
//
// A branch is a prefix; the default branch reads and writes the values that hold when the user has none. Reading what
// does not exist, or is of another type, is NS_ERROR_UNEXPECTED unless a default was passed. Setting a user value of
// another type is allowed as long as no default value has a type.
//
// One thing differs: getCharPref() and setCharPref() deal in text as getStringPref() does, where Gecko's deal in
// bytes. For ASCII that is the same.

import {
  ObserverHolder,
  callObserver,
  checkObserver,
  isWeaklyReferable,
} from "resource://gre/modules/bgtask/Observers.sys.mjs";
import { defineXpcomClass, errors, fail, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, prefs: native, runtime } = import.meta.native;

const TYPES = { string: 32, number: 64, boolean: 128, undefined: 0 };
const CONSTANTS = { PREF_INVALID: 0, PREF_STRING: 32, PREF_INT: 64, PREF_BOOL: 128 };
const STRING_MAX_BYTES = 1024 * 1024;

/** Observers of all branches: { branch, root, prefix, holder }. The one that was added last is called first. */
let observers = [];
let listening = false;

function notify(name) {
  observers = observers.filter(({ holder }) => holder.observer);
  for (const { branch, prefix, root, holder } of [...observers].reverse()) {
    const { observer } = holder;
    if (observer && name.startsWith(prefix)) {
      callObserver(observer, branch, "nsPref:changed", name.slice(root.length));
    }
  }
}

function toInt32(value) {
  return +value | 0;
}

/** A string argument as XPConnect takes it for an ACString or AString that must not be null. */
function textOf(value) {
  return value === null || value === undefined ? "" : String(value);
}

class PrefBranch {
  #root;
  #defaults;

  constructor(root, defaults) {
    this.#root = root;
    this.#defaults = defaults;
  }

  get root() {
    return this.#root;
  }

  #name(name, where) {
    if (name === null || name === undefined) {
      fail("NS_ERROR_ILLEGAL_VALUE", `nsIPrefBranch.${where}`);
    }
    // A NUL ends the name.
    return this.#root + String(name).split("\0", 1)[0];
  }

  #get(type, name, where, fallback) {
    const value = native.get(this.#name(name, where), this.#defaults);
    if (typeof value == type) {
      return value;
    }
    // The argument counts when it was passed, even as undefined.
    if (fallback.length) {
      return fallback[0];
    }
    return fail("NS_ERROR_UNEXPECTED", `nsIPrefBranch.${where}`);
  }

  #set(name, value, where) {
    const full = this.#name(name, where);
    const type = typeof value;
    if (type == "string" && value.length > STRING_MAX_BYTES) {
      fail("NS_ERROR_ILLEGAL_VALUE", `nsIPrefBranch.${where}`);
    }
    const other = native.get(full, !this.#defaults);
    const byDefault = native.get(full, true);
    const mismatch = this.#defaults ? other : byDefault;
    if (mismatch !== undefined && typeof mismatch != type) {
      fail("NS_ERROR_UNEXPECTED", `nsIPrefBranch.${where}`);
    }
    if (!this.#defaults && typeof native.get(full, false) != type && native.hasUserValue(full)) {
      native.clear(full);
    }
    const errno = -native.set(full, this.#defaults, value);
    // A locked preference keeps its value, without a word.
    if (errno > 0 && errno != 1) {
      fail(errno == 7 || errno == 84 ? "NS_ERROR_ILLEGAL_VALUE" : "NS_ERROR_UNEXPECTED", `nsIPrefBranch.${where}`);
    }
  }

  getBoolPref(name, ...fallback) {
    return this.#get("boolean", name, "getBoolPref", fallback.map(Boolean));
  }

  getIntPref(name, ...fallback) {
    return this.#get("number", name, "getIntPref", fallback.map(toInt32));
  }

  getCharPref(name, ...fallback) {
    return this.#get("string", name, "getCharPref", fallback);
  }

  getStringPref(name, ...fallback) {
    return this.#get("string", name, "getStringPref", fallback.map(value => (isObject(value) ? value : (value ?? null) && String(value))));
  }

  /** A number stored as a string. */
  getFloatPref(name, ...fallback) {
    const where = "getFloatPref";
    const value = this.#get("string", name, where, fallback.map(Number));
    if (typeof value == "number") {
      return value;
    }
    const number = value.trim() ? Number(value) : NaN;
    return Number.isNaN(number) ? fail("NS_ERROR_ILLEGAL_VALUE", `nsIPrefBranch.${where}`) : number;
  }

  setBoolPref(name, value) {
    this.#set(name, Boolean(value), "setBoolPref");
  }

  setIntPref(name, value) {
    this.#set(name, toInt32(value), "setIntPref");
  }

  setCharPref(name, value) {
    this.#set(name, textOf(value), "setCharPref");
  }

  setStringPref(name, value) {
    this.#set(name, textOf(value), "setStringPref");
  }

  /** nsIFile, nsISupportsString and nsIPrefLocalizedString (without localization). */
  getComplexValue(name, iface) {
    const text = this.#get("string", name, "getComplexValue", []);
    if (iface?.name == "nsIFile") {
      const file = Cc["@mozilla.org/file/local;1"].createInstance(iface);
      file.initWithPath(text);
      return file;
    }
    if (iface?.name == "nsISupportsString" || iface?.name == "nsIPrefLocalizedString") {
      const string = Cc["@mozilla.org/supports-string;1"].createInstance();
      string.data = text;
      return string;
    }
    return fail("NS_NOINTERFACE", "nsIPrefBranch.getComplexValue");
  }

  setComplexValue(name, iface, value) {
    if (iface?.name == "nsIFile") {
      this.#set(name, value.path, "setComplexValue");
    } else if (iface?.name == "nsISupportsString" || iface?.name == "nsIPrefLocalizedString") {
      this.#set(name, textOf(value.data), "setComplexValue");
    } else {
      fail("NS_NOINTERFACE", "nsIPrefBranch.setComplexValue");
    }
  }

  getPrefType(name) {
    return TYPES[typeof native.get(this.#name(name, "getPrefType"), this.#defaults)];
  }

  prefHasUserValue(name) {
    return native.hasUserValue(this.#name(name, "prefHasUserValue"));
  }

  prefHasDefaultValue(name) {
    return native.get(this.#name(name, "prefHasDefaultValue"), true) !== undefined;
  }

  clearUserPref(name) {
    native.clear(this.#name(name, "clearUserPref"));
  }

  /** Values are not hidden from anybody here. */
  prefIsSanitized(name) {
    this.#name(name, "prefIsSanitized");
    return false;
  }

  prefIsLocked(name) {
    return native.isLocked(this.#name(name, "prefIsLocked"));
  }

  #lock(name, locked, where) {
    if (native.lock(this.#name(name, where), locked) < 0) {
      fail("NS_ERROR_ILLEGAL_VALUE", `nsIPrefBranch.${where}`);
    }
  }

  /** A locked preference has its default value, whatever the user's is. */
  lockPref(name) {
    this.#lock(name, true, "lockPref");
  }

  unlockPref(name) {
    this.#lock(name, false, "unlockPref");
  }

  /** Both values go, of @prefix itself and of all names below it. "a" is "a."; neither stands for "ab". */
  deleteBranch(prefix) {
    const full = this.#name(prefix, "deleteBranch").replace(/\.$/, "");
    if (full == "") {
      native.deleteBranch("");
      return;
    }
    native.deleteBranch(`${full}.`);
    // The registry deletes by prefix: where longer names share this one, the user's value is what can go.
    if (native.names(full).every(name => name == full)) {
      native.deleteBranch(full);
    } else {
      native.clear(full);
    }
  }

  /** Names, without the branch's root, that begin with @prefix. */
  getChildList(prefix) {
    return native.names(this.#name(prefix, "getChildList")).map(name => name.slice(this.#root.length));
  }

  /**
   * Call @observer with (branch, "nsPref:changed", name) after a change of a name that begins with @prefix. @holdWeak:
   * the observer is held weakly, as its nsISupportsWeakReference allows.
   */
  addObserver(prefix, observer, holdWeak = false) {
    const where = "nsIPrefBranch.addObserver";
    checkObserver(observer, where, 1);
    if (holdWeak && !isWeaklyReferable(observer)) {
      fail("NS_ERROR_ILLEGAL_VALUE", where);
    }
    const full = this.#name(prefix, "addObserver");
    // Registering the same observer again changes nothing.
    if (this.#findObserver(full, observer) < 0) {
      observers.push({ branch: this, root: this.#root, prefix: full, holder: new ObserverHolder(observer, holdWeak) });
    }
    if (!listening) {
      native.listen(notify);
      listening = true;
    }
  }

  removeObserver(prefix, observer) {
    checkObserver(observer, "nsIPrefBranch.removeObserver", 1);
    const index = this.#findObserver(this.#name(prefix, "removeObserver"), observer);
    if (index >= 0) {
      observers.splice(index, 1);
    }
  }

  #findObserver(prefix, observer) {
    return observers.findIndex(
      entry => entry.holder.observer === observer && entry.prefix == prefix && entry.root == this.#root
    );
  }
}

const BRANCH_METHODS = {
  getBoolPref: 1, getIntPref: 1, getCharPref: 1, getStringPref: 1, getFloatPref: 1, setBoolPref: 2, setIntPref: 2,
  setCharPref: 2, setStringPref: 2, getComplexValue: 2, setComplexValue: 3, getPrefType: 1, prefHasUserValue: 1,
  prefHasDefaultValue: 1, clearUserPref: 1, prefIsLocked: 1, prefIsSanitized: 1, lockPref: 1, unlockPref: 1, deleteBranch: 1,
  getChildList: 1, addObserver: 2, removeObserver: 2,
};
defineXpcomClass(PrefBranch, ["nsIPrefBranch"], { nsIPrefBranch: BRANCH_METHODS });
for (const [name, value] of Object.entries(CONSTANTS)) {
  Object.defineProperty(PrefBranch.prototype, name, { value, enumerable: true });
}

function pathOf(file, where) {
  if (!isObject(file) || typeof file.path != "string") {
    fail("NS_ERROR_INVALID_ARG", where);
  }
  return file.path;
}

class PrefService extends PrefBranch {
  constructor() {
    super("", false);
  }

  getBranch(root) {
    return root === null || root === "" ? this : new PrefBranch(String(root), false);
  }

  getDefaultBranch(root) {
    return new PrefBranch(root === null ? "" : String(root), true);
  }

  /** Write the user values to @file, or to the profile's prefs.js when it is null. */
  savePrefFile(file) {
    const where = "nsIPrefService.savePrefFile";
    const { profile } = env.facts();
    const path = file === null || file === undefined ? profile && `${profile}/prefs.js` : pathOf(file, where);
    if (!path) {
      fail("NS_ERROR_NOT_AVAILABLE", where);
    }
    this.#check(native.save(path), where);
  }

  readDefaultPrefsFromFile(file) {
    const where = "nsIPrefService.readDefaultPrefsFromFile";
    this.#check(native.load(pathOf(file, where), true), where);
  }

  readUserPrefsFromFile(file) {
    const where = "nsIPrefService.readUserPrefsFromFile";
    this.#check(native.load(pathOf(file, where), false), where);
  }

  /**
   * Call onStringPref, onIntPref or onBoolPref of @observer with ("User" or "Default", name, value, sticky, locked) for each
   * declaration in the bytes of a prefs.js, and onError for what is none; it costs its line. Sets nothing.
   */
  parsePrefsFromBuffer(bytes, observer, path = "<ParsePrefsFromBuffer data>") {
    const { parsePrefs } = runtime.load("resource://gre/modules/bgtask/PrefsParser.sys.mjs");
    parsePrefs(bytes, observer, String(path));
  }

  #check(problem, where) {
    if (problem) {
      const { errnoResult, makeException } = errors();
      throw makeException(`${problem.message} [${where}]`, Cr[errnoResult(problem.errno)]);
    }
  }

  /** All user values go. */
  resetPrefs() {
    for (const name of native.names("")) {
      native.clear(name);
    }
  }

  /** Write the user values to @file; resolves when it is there. */
  async backupPrefFile(file) {
    this.#check(native.save(pathOf(file, "nsIPrefService.backupPrefFile")), "nsIPrefService.backupPrefFile");
  }

  /** When the profile's prefs.js was last changed before the start is not kept. */
  get userPrefsFileLastModifiedAtStartup() {
    return 0;
  }

  /** What prefs.js begins with. */
  get prefsJsPreamble() {
    return "// Mozilla User Preferences\n";
  }

  /** How often preferences are read is counted in debug builds of Gecko alone. */
  readStats(callback) {
    fail("NS_ERROR_NOT_IMPLEMENTED", "nsIPrefService.readStats");
  }

  resetStats() {
    fail("NS_ERROR_NOT_IMPLEMENTED", "nsIPrefService.resetStats");
  }

  get dirty() {
    return native.dirty();
  }
}
defineXpcomClass(PrefService, ["nsIPrefService", "nsIPrefBranch"], {
  nsIPrefService: {
    getBranch: 1, getDefaultBranch: 1, savePrefFile: 1, readDefaultPrefsFromFile: 1, readUserPrefsFromFile: 1,
    resetPrefs: 0, parsePrefsFromBuffer: [2, 3], backupPrefFile: 1,
    readStats: 1, resetStats: 0,
  },
});

export const prefs = new PrefService();
