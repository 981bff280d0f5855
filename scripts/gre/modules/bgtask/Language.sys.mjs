// SPDX-License-Identifier: MPL-2.0
// Built-ins of the language that the engine lacks: who supplies which, and how one is put in its place.
//
// The list of names is runner/language.c. Each name there is an accessor until it is first used; then it becomes
// what Firefox has there: a method or an accessor that is not enumerable, a constant.

const { native } = import.meta;

/** The module that supplies members of a holder, "Array.prototype" or "Math", or one member of it. */
const MODULES = {
  "Array": "LanguageArrays",
  "Array.prototype": "LanguageArrays",
  "Int8Array.__proto__.prototype": "LanguageArrays",
  "ArrayBuffer.prototype": "LanguageBytes",
  "Atomics": "LanguageAtomics",
  "DataView.prototype": "LanguageBytes",
  "Date.prototype": "TemporalDate",
  "Math": "LanguageBytes",
  "Uint8Array": "LanguageBytes",
  "Uint8Array.prototype": "LanguageBytes",
  "Intl.DurationFormat": "LanguageDurations",
  "Intl.Locale": "LanguageLocale",
  "Intl.Locale.prototype": "LanguageLocale",
  "Intl.NumberFormat.prototype": "LanguageNumbers",
  "Intl.PluralRules.prototype": "LanguageNumbers",
  "Intl.Segmenter": "LanguageSegmenter",
  "WebAssembly.Memory.prototype": "LanguageBytes",
  "Iterator": "LanguageIterators",
  "Iterator.prototype": "LanguageIterator",
  "JSON": "LanguageJSON",
  "Set.prototype": "LanguageSets",
  "SharedArrayBuffer.prototype": "LanguageBytes",
  "Symbol": "LanguageDisposal",
};

/** Those that need ICU, which this may be built without. */
const OF_ICU = ["LanguageDurations", "LanguageLocale", "LanguageNumbers", "LanguageSegmenter"];

/** The one member that for…in sees, as in Firefox. */
const SHOWN = "stackTraceLimit";

/** Define member @name of @holder, the object that @path leads to. */
export function install(path, holder, name) {
  const module = MODULES[`${path}.${name}`] ?? MODULES[path] ?? "LanguageObjects";
  if (OF_ICU.includes(module) && !native.intl.isBuilt) {
    installAbsent(path, holder, name);
    return;
  }
  const { members } = native.runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`);
  const descriptor = Object.getOwnPropertyDescriptor(members[path], name);
  const constant = typeof descriptor.value == "symbol";
  const enumerable = name == SHOWN;
  const change = constant ? { enumerable, writable: false, configurable: false } : { enumerable };
  Object.defineProperty(holder, name, { ...descriptor, ...change });
}

/** Put what is made of @original, the engine's own member @name, in its place. */
export function replace(path, holder, name, original) {
  const define = value => Object.defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true });
  define(original); // for the module, which looks at it
  if (native.intl.isBuilt) {
    const module = `resource://gre/modules/bgtask/${MODULES[`${path}.${name}`]}.sys.mjs`;
    define(native.runtime.load(module).makeConstructor(original));
  }
}

/** Of the absent ones, those that are no functions. */
const VALUES = ["JSTag", "firstDayOfWeek", "variants"];

/** Put what stands for member @name, which only Firefox has, in its place. */
export function installAbsent(path, holder, name) {
  const { makeMissingGlobal } = native.runtime.load("resource://gre/modules/bgtask/Missing.sys.mjs");
  const value = makeMissingGlobal(`${path}.${name}`, !VALUES.includes(name));
  Object.defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true });
}
