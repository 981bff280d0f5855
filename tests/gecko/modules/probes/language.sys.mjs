// SPDX-License-Identifier: MPL-2.0
// What the language's own objects have: each own property of each of them is a probe, whatever it is called, which gives its
// kind, and name and length of a function. A property that only one of the two programs has is a difference. Firefox freezes
// the built-in objects of its own modules' global, which is not looked at: a module that works so does without.

const GLOBALS = [
  "AggregateError", "Array", "ArrayBuffer", "AsyncDisposableStack", "AsyncIterator", "Atomics", "BigInt", "BigInt64Array",
  "BigUint64Array", "Boolean", "DataView", "Date", "DisposableStack", "Error", "EvalError", "FinalizationRegistry",
  "Float16Array", "Float32Array", "Float64Array", "Function", "Int16Array", "Int32Array", "Int8Array", "InternalError", "Intl",
  "Iterator", "JSON", "Map", "Math", "Number", "Object", "Promise", "Proxy", "RangeError", "ReferenceError", "Reflect", "RegExp",
  "Set", "SharedArrayBuffer", "String", "SuppressedError", "Symbol", "SyntaxError", "Temporal", "TypeError", "URIError",
  "Uint16Array", "Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakRef", "WeakSet", "WebAssembly",
];
const FUNCTIONS = [
  "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "eval", "globalThis", "isFinite", "isNaN",
  "parseFloat", "parseInt", "undefined", "unescape", "uneval", "NaN", "Infinity",
];

const prototypeOf = Object.getPrototypeOf;

/** [[name, object]] of those that have no name of their own. */
function hidden() {
  const generator = function* () {};
  const asyncGenerator = async function* () {};
  return [
    ["TypedArray", prototypeOf(Int8Array)],
    ["TypedArray.prototype", prototypeOf(Int8Array.prototype)],
    ["ArrayIterator.prototype", prototypeOf([].values())],
    ["MapIterator.prototype", prototypeOf(new Map().values())],
    ["SetIterator.prototype", prototypeOf(new Set().values())],
    ["StringIterator.prototype", prototypeOf(""[Symbol.iterator]())],
    ["RegExpStringIterator.prototype", prototypeOf("".matchAll(/a/g))],
    ["IteratorHelper.prototype", prototypeOf([].values().map(value => value))],
    ["WrapForValidIterator.prototype", prototypeOf(Iterator.from({ next() {} }))],
    ["GeneratorFunction", generator.constructor],
    ["GeneratorFunction.prototype", prototypeOf(generator)],
    ["Generator.prototype", prototypeOf(generator).prototype],
    ["AsyncFunction", (async () => {}).constructor],
    ["AsyncFunction.prototype", prototypeOf(async () => {})],
    ["AsyncGeneratorFunction", asyncGenerator.constructor],
    ["AsyncGeneratorFunction.prototype", prototypeOf(asyncGenerator)],
    ["AsyncGenerator.prototype", prototypeOf(asyncGenerator).prototype],
    ["AsyncIterator.prototype", prototypeOf(prototypeOf(asyncGenerator).prototype)],
    ["Array.prototype[Symbol.unscopables]", Array.prototype[Symbol.unscopables]],
  ];
}

function isObject(value) {
  return (typeof value == "object" && value !== null) || typeof value == "function";
}

/** All objects: [[name, object]]. */
function objects() {
  const found = hidden();
  const add = (name, value) => {
    found.push([name, value]);
    if (typeof value == "function" && isObject(value.prototype)) {
      found.push([`${name}.prototype`, value.prototype]);
    }
  };
  for (const name of GLOBALS.filter(key => key in globalThis)) {
    add(name, globalThis[name]);
  }
  for (const space of ["Intl", "WebAssembly", "Temporal"].filter(key => key in globalThis)) {
    for (const key of Object.getOwnPropertyNames(globalThis[space])) {
      if (typeof globalThis[space][key] == "function" && /^[A-Z]/.test(key)) {
        add(`${space}.${key}`, globalThis[space][key]);
      }
    }
  }
  return found;
}

function functionText(value) {
  return value ? `${value.name}/${value.length}${isConstructor(value) ? " constructor" : ""}` : "none";
}

function isConstructor(value) {
  try {
    Reflect.construct(Object, [], value);
    return true;
  } catch {
    return false;
  }
}

function kind(holder, key) {
  try {
    void holder[key]; // what is made when it is first used is looked at when it is made
  } catch {
    // an accessor that wants another `this`
  }
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const shown = descriptor.enumerable ? "enumerable " : "";
  if ("get" in descriptor) {
    return `${shown}get ${functionText(descriptor.get)}, set ${functionText(descriptor.set)}`;
  }
  const { value } = descriptor;
  const text = typeof value == "function" ? functionText(value) : isObject(value) ? prototypeName(value) : String(value);
  return `${shown}${typeof value} ${text}`;
}

function prototypeName(value) {
  const base = prototypeOf(value);
  return base === null ? "without prototype" : Object.prototype.toString.call(value);
}

function propertyProbe(name, holder, key) {
  const text = typeof key == "symbol" ? `${name}[${key.description}]` : `${name}.${key}`;
  return Object.assign(() => kind(holder, key), { toString: () => text });
}

export const probes = [
  ...[...GLOBALS, ...FUNCTIONS].filter(key => key in globalThis).map(key => propertyProbe("globalThis", globalThis, key)),
  ...objects().flatMap(([name, holder]) => Reflect.ownKeys(holder).map(key => propertyProbe(name, holder, key))),
];
