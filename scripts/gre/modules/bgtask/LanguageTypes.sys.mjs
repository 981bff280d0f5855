// SPDX-License-Identifier: MPL-2.0
// The conversions of the language's standard, for built-ins that are written in JS.

const LENGTH_MAX = Number.MAX_SAFE_INTEGER;

export function isObject(value) {
  return (typeof value == "object" && value !== null) || typeof value == "function";
}

/** ToIntegerOrInfinity */
export function toInteger(value) {
  const number = +value;
  return Number.isNaN(number) ? 0 : Math.trunc(number) + 0;
}

/** ToLength */
export function toLength(value) {
  return Math.min(Math.max(toInteger(value), 0), LENGTH_MAX);
}

/** How messages name a value that is not what it should be: functions and objects by their kind. */
function label(value) {
  if (typeof value == "string") {
    return JSON.stringify(value);
  }
  if (typeof value == "object" && value !== null) {
    return Object.prototype.toString.call(value);
  }
  return String(value);
}

export function checkCallable(value) {
  if (typeof value != "function") {
    throw new TypeError(`${label(value)} is not a function`);
  }
}

/** TypeError for what is not an object, as the engine words it for built-ins. */
export function checkObject(value) {
  if (!isObject(value)) {
    throw new TypeError(`${value === null ? "null" : typeof value} is not a non-null object`);
  }
}

/** TypeError unless @test, a built-in that looks into its `this`, accepts @object. */
export function checkReceiver(test, object, method) {
  try {
    return Reflect.apply(test, object, []);
  } catch {
    const name = object === null || object === undefined ? String(object) : object.constructor?.name ?? "Object";
    throw new TypeError(`${method} method called on incompatible ${name}`);
  }
}
