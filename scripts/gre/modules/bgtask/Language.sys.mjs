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
  "DataView.prototype": "LanguageBytes",
  "Math": "LanguageBytes",
  "Uint8Array": "LanguageBytes",
  "Uint8Array.prototype": "LanguageBytes",
  "Iterator": "LanguageIterators",
  "Iterator.prototype": "LanguageIterators",
  "Set.prototype": "LanguageSets",
  "Symbol": "LanguageDisposal",
};

const HIDDEN_FROM_WITH = ["findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced"];

/** Define member @name of @holder, the object that @path leads to. */
export function install(path, holder, name) {
  const module = MODULES[path] ?? "LanguageObjects";
  const { members } = runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`);
  const descriptor = Object.getOwnPropertyDescriptor(members[path], name);
  const constant = typeof descriptor.value == "symbol";
  const change = constant ? { enumerable: false, writable: false, configurable: false } : { enumerable: false };
  Object.defineProperty(holder, name, { ...descriptor, ...change });
  if (path == "Array.prototype" && HIDDEN_FROM_WITH.includes(name)) {
    Array.prototype[Symbol.unscopables][name] = true;
  }
}
