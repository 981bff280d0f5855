// SPDX-License-Identifier: MPL-2.0
// What the probes of Temporal share: results in words, errors by their name alone (messages are each program's own), a row for
// each value of a list, and objects that tell in which order they are read.

const UNITS = ["years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"];

/** What is in words already. */
class Shown {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** Text of ASCII. */
export function quote(value) {
  return JSON.stringify(value).replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function showDuration(value) {
  const parts = UNITS.filter(unit => !Object.is(value[unit], 0)).map(unit => `${unit}: ${show(value[unit])}`);
  return `Duration{${parts.join(", ")}}`;
}

function showObject(value) {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind == "Temporal.Duration") {
    return showDuration(value);
  }
  if (kind.startsWith("Temporal.")) {
    return `${kind.slice("Temporal.".length)} ${value.toString()}`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(show).join(", ")}]`;
  }
  return kind == "Error" ? `error ${value.name}` : `{${Object.keys(value).map(key => `${key}: ${show(value[key])}`).join(", ")}}`;
}

/** A result in words. */
export function show(value) {
  switch (typeof value) {
    case "string":
      return `'${quote(value).slice(1, -1)}'`;
    case "bigint":
      return `${value}n`;
    case "function":
      return `function ${value.name}`;
    case "object":
      return value === null ? "null" : value instanceof Shown ? value.text : showObject(value);
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

/** What body gives, or the name of what it throws, in words: show() does not put it into words once more. */
export function attempt(body) {
  try {
    return new Shown(show(body()));
  } catch (error) {
    return new Shown(showThrown(error));
  }
}

function showThrown(error) {
  const isOwn = error instanceof Error && globalThis[error.name]?.prototype === Object.getPrototypeOf(error);
  return isOwn ? `throws ${error.name}` : `throws foreign ${error?.name ?? String(error)}`;
}

/** Probes whose errors are told by name. */
export function named(probes) {
  return probes.map(probe => {
    const body = async helpers => {
      try {
        return show(await probe(helpers));
      } catch (error) {
        return showThrown(error);
      }
    };
    return Object.assign(body, { toString: () => probe.toString() });
  });
}

/** A probe for each value, which is behind the text of body in its name. */
export function each(values, body) {
  const nameOf = value => (typeof value == "string" ? quote(value) : show(value));
  return values.map(value => Object.assign(() => body(value), { toString: () => `${body} of ${nameOf(value)}` }));
}

/** The value as an object that writes down what it is turned into. */
function observedValue(log, name, value) {
  return {
    toString() {
      log.push(`toString ${name}`);
      return String(value);
    },
    valueOf() {
      log.push(`valueOf ${name}`);
      return value;
    },
  };
}

/** The object, whose reading is written down; so is what its primitive values are turned into, but for those in @plain. */
export function observed(log, name, object, plain = ["calendar", "timeZone", "relativeTo"]) {
  const keyText = key => (typeof key == "symbol" ? `[${key.description}]` : String(key));
  return new Proxy(object, {
    get(target, key) {
      log.push(`get ${name}.${keyText(key)}`);
      const value = target[key];
      const isPrimitive = value !== undefined && (value === null || !["object", "function"].includes(typeof value));
      return isPrimitive && !plain.includes(key) ? observedValue(log, `${name}.${keyText(key)}`, value) : value;
    },
    has(target, key) {
      log.push(`has ${name}.${keyText(key)}`);
      return Reflect.has(target, key);
    },
    getOwnPropertyDescriptor(target, key) {
      log.push(`descriptor ${name}.${keyText(key)}`);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    ownKeys(target) {
      log.push(`keys ${name}`);
      return Reflect.ownKeys(target);
    },
  });
}

/** What was read, in order, and what came of it: body gets the log and a function like observed without it. */
export function reading(body) {
  const log = [];
  const outcome = attempt(() => body((name, object, plain) => observed(log, name, object, plain)));
  return new Shown(`${log.join(", ")} -> ${outcome}`);
}
