// SPDX-License-Identifier: MPL-2.0
// What the language is supplied with (Language.sys.mjs), in sandboxes as well.
//
// Each member that a built-in object of the task's own global has, and that of a sandbox lacks, is an accessor there until
// it is first used. What it makes anew is of the sandbox; what it throws is of the task's own global.

/** Where members are supplied: paths from the global. */
const HOLDERS = [
  "Array", "Array.prototype", "ArrayBuffer.prototype", "Atomics", "DataView.prototype", "Date.prototype", "Error", "Iterator",
  "Iterator.prototype", "JSON", "Map", "Map.prototype", "Math", "Object", "Promise", "RegExp", "RegExp.prototype", "Set.prototype",
  "SharedArrayBuffer.prototype", "String.prototype", "Symbol", "Uint8Array", "Uint8Array.prototype", "WeakMap.prototype",
  "Uint8Array.__proto__.prototype", "Intl", "Intl.Locale.prototype", "Intl.NumberFormat.prototype", "Intl.PluralRules.prototype",
];
const GLOBALS = ["AsyncDisposableStack", "DisposableStack", "Float16Array", "SuppressedError", "Temporal"];

/** Members whose result nobody else has. */
const MAKING = new Set([
  "difference", "fromAsync", "fromBase64", "fromHex", "groupBy", "intersection", "setFromBase64", "setFromHex", "symmetricDifference",
  "toReversed", "toSorted", "toSpliced", "transfer", "transferToFixedLength", "union", "with", "withResolvers",
]);
const MADE = [
  "Array", "ArrayBuffer", "BigInt64Array", "BigUint64Array", "Float32Array", "Float64Array", "Int16Array", "Int32Array", "Int8Array",
  "Map", "Object", "Promise", "Set", "Uint16Array", "Uint32Array", "Uint8Array", "Uint8ClampedArray",
];

function find(global, path) {
  return path.split(".").reduce((object, name) => object?.[name], global);
}

/** Make @value, which is new and of the task's own global, one of @global, with the lists that groupBy() puts in it. */
function adopt(global, value, isGroups) {
  const prototype = typeof value == "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  const name = prototype && MADE.find(each => globalThis[each].prototype === prototype);
  if (isGroups) {
    const groups = value instanceof Map ? value.values() : Object.values(value);
    groups.forEach(group => adopt(global, group, false));
  }
  return name ? Object.setPrototypeOf(value, global[name].prototype) : value;
}

function wrap(global, method, name) {
  const lent = {
    [name](...args) {
      const result = Reflect.apply(method, this, args);
      return MAKING.has(name) ? adopt(global, result, name == "groupBy") : result;
    },
  }[name];
  Object.defineProperty(lent, "name", { value: method.name });
  Object.defineProperty(lent, "length", { value: method.length });
  return Object.setPrototypeOf(lent, global.Function.prototype);
}

function lend(global, path, holder, name) {
  const install = () => {
    const own = find(globalThis, path);
    try {
      own[name]; // it becomes what it is
    } catch {
      // of an object that it can be asked of
    }
    const { value, ...descriptor } = Object.getOwnPropertyDescriptor(own, name);
    const isMethod = typeof value == "function" && !value.prototype; // a class is the task's own
    const change = { value: isMethod ? wrap(global, value, name) : value };
    Object.defineProperty(holder, name, descriptor.get ? descriptor : { ...descriptor, ...change });
    if (path == "Symbol") {
      supplyHolder(global, "Iterator.prototype"); // methods that are called by it
    }
  };
  Object.defineProperty(holder, name, {
    get() {
      install();
      return Reflect.get(holder, name, this);
    },
    set(value) {
      install();
      Reflect.set(holder, name, value, this);
    },
    configurable: true,
  });
}

function supplyHolder(global, path) {
  const holder = find(global, path);
  const names = holder ? Reflect.ownKeys(find(globalThis, path)) : [];
  names.filter(name => !Object.hasOwn(holder, name)).forEach(name => lend(global, path, holder, name));
}

/** Supply @global, which is new. @lendGlobal(global, name): makes a name what it is in the task's own global */
export function supplyLanguage(global, lendGlobal) {
  HOLDERS.forEach(path => supplyHolder(global, path));
  GLOBALS.filter(name => !(name in global)).forEach(name => lendGlobal(global, name));
}
