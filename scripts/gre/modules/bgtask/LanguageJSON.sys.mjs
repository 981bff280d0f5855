// SPDX-License-Identifier: MPL-2.0
// JSON.rawJSON and JSON.isRawJSON, and what JSON.stringify and JSON.parse do where the engine's cannot know of these or of
// the source text that a reviver gets. Both begin in runner/language.c, which leaves all else to the engine.

import { isObject, toInteger, toLength } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { runtime } = import.meta.native;
const engineParse = JSON.parse; // without a reviver

const GAP_MAX = 10;

/** What separates tokens is not beyond it. */
const SPACE = 0x20;

/** Objects that JSON.rawJSON made. */
const raws = new WeakSet();

const QUOTED = /["\\\u0000-\u001f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPES = { "\"": "\\\"", "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quote(text) {
  const escape = unit => ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `"${text.replace(QUOTED, escape)}"`;
}

/** What a boxed value stands for; other objects as they are. */
function unbox(value) {
  switch (runtime.boxOf(value)) {
    case "number":
      return +value;
    case "string":
      return `${value}`;
    case "boolean":
      return Boolean.prototype.valueOf.call(value);
    case "bigint":
      return BigInt.prototype.valueOf.call(value);
    default:
      return value;
  }
}

class Serializer {
  #replacer;
  #keys;
  #gap;
  #indent = "";
  #open = new Set();

  /** @param {Array|undefined} keys of objects that are shown, in that order */
  constructor(replacer, keys, gap) {
    this.#replacer = replacer;
    this.#keys = keys;
    this.#gap = gap;
  }

  /** The text of a property; undefined: it has none. */
  property(holder, key) {
    let value = holder[key];
    if (isObject(value) || typeof value == "bigint") {
      const { toJSON } = value;
      if (typeof toJSON == "function") {
        value = Reflect.apply(toJSON, value, [key]);
      }
    }
    if (this.#replacer) {
      value = Reflect.apply(this.#replacer, holder, [key, value]);
    }
    if (isObject(value)) {
      if (raws.has(value)) {
        return value.rawJSON;
      }
      value = unbox(value);
    }
    return this.#text(value);
  }

  #text(value) {
    switch (typeof value) {
      case "string":
        return quote(value);
      case "number":
        return Number.isFinite(value) ? String(value) : "null";
      case "boolean":
        return String(value);
      case "bigint":
        throw new TypeError("BigInt value can't be serialized in JSON");
      case "object":
        return value === null ? "null" : this.#structure(value);
      default:
        return undefined;
    }
  }

  #structure(value) {
    if (this.#open.has(value)) {
      throw new TypeError("cyclic object value");
    }
    this.#open.add(value);
    const outer = this.#indent;
    this.#indent += this.#gap;
    const text = Array.isArray(value) ? this.#wrap("[", this.#items(value), "]", outer) : this.#wrap("{", this.#members(value), "}", outer);
    this.#open.delete(value);
    this.#indent = outer;
    return text;
  }

  #items(array) {
    const length = toLength(array.length);
    const parts = [];
    for (let index = 0; index < length; index++) {
      parts.push(this.property(array, String(index)) ?? "null");
    }
    return parts;
  }

  #members(object) {
    const parts = [];
    for (const key of this.#keys ?? Object.keys(object)) {
      const text = this.property(object, key);
      if (text !== undefined) {
        parts.push(`${quote(key)}:${this.#gap ? " " : ""}${text}`);
      }
    }
    return parts;
  }

  #wrap(begin, parts, end, outer) {
    if (!parts.length || !this.#gap) {
      return begin + parts.join(",") + end;
    }
    return `${begin}\n${this.#indent}${parts.join(`,\n${this.#indent}`)}\n${outer}${end}`;
  }
}

/** The keys that a @replacer which is an array names. */
function keysOf(replacer) {
  const length = toLength(replacer.length);
  const keys = new Set();
  for (let index = 0; index < length; index++) {
    const item = replacer[index];
    const box = isObject(item) ? runtime.boxOf(item) : "";
    if (typeof item == "string" || typeof item == "number" || box == "string" || box == "number") {
      keys.add(`${item}`);
    }
  }
  return [...keys];
}

function gapOf(space) {
  const box = isObject(space) ? runtime.boxOf(space) : "";
  const value = box == "number" || box == "string" ? unbox(space) : space;
  if (typeof value == "number") {
    return " ".repeat(Math.min(Math.max(toInteger(value), 0), GAP_MAX));
  }
  return typeof value == "string" ? value.slice(0, GAP_MAX) : "";
}

export function stringify(value, replacer = undefined, space = undefined) {
  const callback = typeof replacer == "function" ? replacer : undefined;
  const keys = !callback && Array.isArray(replacer) ? keysOf(replacer) : undefined;
  return new Serializer(callback, keys, gapOf(space)).property({ "": value }, "");
}

/**
 * Reads a text that is known to be JSON, for the source of each of its values. A record of one:
 * { value, source } of a primitive, { value, elements } of an array, { value, entries } of an object, where `value` is
 * what the engine made of it, and is what tells later whether it is still there.
 */
class SourceReader {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  record(value) {
    this.#skip();
    switch (this.#text[this.#at]) {
      case "[":
        return { value, elements: this.#elements(value) };
      case "{":
        return { value, entries: this.#entries(value) };
      case "\"":
        return { value, source: this.#string() };
      default:
        return { value, source: this.#match(/[^,\]}\t\n\r ]*/y) };
    }
  }

  #match(pattern) {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text);
    this.#at += found.length;
    return found;
  }

  #skip() {
    if (this.#text.charCodeAt(this.#at) <= SPACE) {
      this.#match(/[\t\n\r ]*/y);
    }
  }

  /** Whether the structure that is being read goes on behind the comma, if that is what comes; else its end is passed. */
  #goesOn() {
    this.#skip();
    return this.#text[this.#at++] == ",";
  }

  #isEmpty(end) {
    this.#at++;
    this.#skip();
    const empty = this.#text[this.#at] == end;
    this.#at += empty ? 1 : 0;
    return empty;
  }

  #string() {
    const start = this.#at;
    let end = start;
    for (let escaped = true; escaped;) {
      end = this.#text.indexOf("\"", end + 1);
      let backslashes = 0;
      while (this.#text[end - 1 - backslashes] == "\\") {
        backslashes++;
      }
      escaped = backslashes % 2 == 1;
    }
    this.#at = end + 1;
    return this.#text.slice(start, this.#at);
  }

  // Of a name that an object has twice only the last value is there; what records of the others hold is of no account.

  #elements(array) {
    const elements = [];
    if (!this.#isEmpty("]")) {
      do {
        elements.push(this.record(isObject(array) ? array[elements.length] : undefined));
      } while (this.#goesOn());
    }
    return elements;
  }

  #entries(object) {
    const entries = new Map();
    if (!this.#isEmpty("}")) {
      do {
        this.#skip();
        const key = engineParse(this.#string());
        this.#skip();
        this.#at++; // the colon
        entries.set(key, this.record(isObject(object) ? object[key] : undefined));
      } while (this.#goesOn());
    }
    return entries;
  }
}

const NO_RECORD = { value: undefined };

function revive(holder, key, reviver, record) {
  const value = holder[key];
  const known = record && Object.is(record.value, value) ? record : NO_RECORD;
  const context = {};
  if (Array.isArray(value)) {
    const length = toLength(value.length);
    for (let index = 0; index < length; index++) {
      reviveIn(value, String(index), reviver, known.elements?.[index]);
    }
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      reviveIn(value, name, reviver, known.entries?.get(name));
    }
  } else if (known.source !== undefined) {
    context.source = known.source;
  }
  return Reflect.apply(reviver, holder, [key, value, context]);
}

function reviveIn(object, key, reviver, record) {
  const value = revive(object, key, reviver, record);
  if (value === undefined) {
    Reflect.deleteProperty(object, key);
  } else {
    Reflect.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }
}

export function parse(text, reviver) {
  const source = `${text}`;
  const value = engineParse(source);
  return revive({ "": value }, "", reviver, new SourceReader(source).record(value));
}

function makeRaw(text) {
  const source = `${text}`;
  if (source == "") {
    throw new SyntaxError("JSON.rawJSON: argument cannot be empty when converted to string");
  }
  if (/^[\t\n\r ]|[\t\n\r ]$/.test(source)) {
    throw new SyntaxError(
      "JSON.rawJSON: first or last character cannot be any of tab, line feed, carriage return, or space"
    );
  }
  if (/^[[{]/.test(source)) {
    throw new SyntaxError("JSON.rawJSON: outermost value must not be an array or object");
  }
  engineParse(source);
  runtime.divert("JSON", "stringify");
  const raw = Object.freeze(Object.assign(Object.create(null), { rawJSON: source }));
  raws.add(raw);
  return raw;
}

export const members = {
  "JSON": {
    rawJSON(text) {
      return makeRaw(text);
    },
    isRawJSON(value) {
      return isObject(value) && raws.has(value);
    },
  },
};
