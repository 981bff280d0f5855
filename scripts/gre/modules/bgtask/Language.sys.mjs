// SPDX-License-Identifier: MPL-2.0
// Built-ins of the language that the engine lacks: who supplies which, and how one is put in its place.
//
// The list of names is runner/language.c. Each name there is an accessor until it is first used; then it becomes
// what Firefox has there: a method or an accessor that is not enumerable, a constant.

const { runtime } = import.meta.native;

/** The module that supplies members of a holder, "Array.prototype" or "Math". */
const MODULES = {
  "Array": "LanguageArrays",
  "Array.prototype": "LanguageArrays",
  "Int8Array.__proto__.prototype": "LanguageArrays",
  "ArrayBuffer.prototype": "LanguageBytes",
  "Atomics": "LanguageBytes",
  "DataView.prototype": "LanguageBytes",
  "Date.prototype": "TemporalDate",
  "Math": "LanguageBytes",
  "Uint8Array": "LanguageBytes",
  "Uint8Array.prototype": "LanguageBytes",
  "Iterator": "LanguageIterators",
  "Iterator.prototype": "LanguageIterators",
  "Set.prototype": "LanguageSets",
  "SharedArrayBuffer.prototype": "LanguageBytes",
  "Symbol": "LanguageDisposal",
};

/** The one member that for…in sees, as in Firefox. */
const SHOWN = "stackTraceLimit";

/** Define member @name of @holder, the object that @path leads to. */
export function install(path, holder, name) {
  const module = MODULES[path] ?? "LanguageObjects";
  const { members } = runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`);
  const descriptor = Object.getOwnPropertyDescriptor(members[path], name);
  const constant = typeof descriptor.value == "symbol";
  const enumerable = name == SHOWN;
  const change = constant ? { enumerable, writable: false, configurable: false } : { enumerable };
  Object.defineProperty(holder, name, { ...descriptor, ...change });
}

/** Of the absent ones, those that are no functions. */
const VALUES = ["JSTag", "firstDayOfWeek", "variants"];

/** Put what stands for member @name, which only Firefox has, in its place. */
export function installAbsent(path, holder, name) {
  const { makeMissingGlobal } = runtime.load("resource://gre/modules/bgtask/Missing.sys.mjs");
  const value = makeMissingGlobal(`${path}.${name}`, !VALUES.includes(name));
  Object.defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true });
}
