// SPDX-License-Identifier: MPL-2.0
// Headers: a list of names and values with a guard that says what may be done to it.

import {
  defineInterface,
  definePairIterable,
  requireArguments,
  sequenceOf,
  toByteString,
} from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_CONVERTIBLE =
  "Argument 1 could not be converted to any of: sequence<sequence<ByteString>>, record<ByteString, ByteString>.";
// What the network layer alone decides on. Setting one on a request does nothing, as in Gecko.
const FORBIDDEN = new Set([
  "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
  "connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
  "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
]);

export const isToken = text => TOKEN.test(text);
const isForbidden = name => FORBIDDEN.has(name) || name.startsWith("proxy-") || name.startsWith("sec-");

const inside = (what, message) => new TypeError(what == "" ? message : `${what}: ${message}`);

function checkName(what, value, part = "argument 1") {
  const name = toByteString(what, value, part);
  if (!isToken(name)) {
    throw inside(what, `${name} is an invalid header name.`);
  }
  return name;
}

function checkValue(what, value, part = "argument 2") {
  const text = toByteString(what, value, part).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\n\r]/.test(text)) {
    throw inside(what, `${text} is an invalid header value.`);
  }
  return text;
}

/** For Request, Response and fetch: { create(list, guard), list(headers), is(value), fill(headers, init, what) }. */
export let headersInternals;

export class Headers {
  #list = []; // [name as it was first written, value, name in small letters]
  #sortedList = null; // what iterators see, until something changes
  #guard = "none";

  static {
    headersInternals = {
      create(list, guard) {
        const headers = new Headers();
        headers.#list = list.map(([name, value]) => [name, value, name.toLowerCase()]);
        headers.#guard = guard;
        return headers;
      },
      list: headers => headers.#list,
      is: value => typeof value == "object" && value !== null && #list in value,
      /** What a HeadersInit says is added; @what begins the message of an error, "": nothing does. */
      fill: (headers, init, what) => headers.#fill(init, what),
    };
    definePairIterable(Headers, "Headers", headers => headers.#sorted());
  }

  constructor(init = undefined) {
    if (init !== undefined) {
      this.#fill(init, "Headers constructor");
    }
  }

  #fill(init, what) {
    if ((typeof init != "object" && typeof init != "function") || init === null) {
      throw inside(what, NOT_CONVERTIBLE);
    }
    const sequence = headersInternals.is(init) ? init.#list.map(([name, value]) => [name, value]) : sequenceOf(init);
    if (!sequence) {
      for (const key of Reflect.ownKeys(init)) {
        if (Object.getOwnPropertyDescriptor(init, key)?.enumerable) {
          this.#append(what, `${key}`, init[key]);
        }
      }
      return;
    }
    for (const item of sequence) {
      const pair = sequenceOf(item);
      if (!pair) {
        throw inside(what, NOT_CONVERTIBLE);
      }
      if (pair.length != 2) {
        throw inside(what, "Headers require name/value tuples when being initialized by a sequence.");
      }
      this.#append(what, pair[0], pair[1]);
    }
  }

  /** Whether a change of header @name is to be made. */
  #mayChange(what, name) {
    this.#sortedList = null;
    if (this.#guard == "immutable") {
      throw new TypeError(`${what}: Headers are immutable and cannot be modified.`);
    }
    const lower = name.toLowerCase();
    return !(this.#guard == "request" && isForbidden(lower)) && !(this.#guard == "response" && lower == "set-cookie");
  }

  #append(what, rawName, rawValue) {
    const [name, value] = [checkName(what, rawName), checkValue(what, rawValue)];
    if (this.#mayChange(what, name)) {
      const same = this.#find(name);
      this.#list.push([same ? same[0] : name, value, name.toLowerCase()]);
    }
  }

  #find(name) {
    const lower = name.toLowerCase();
    return this.#list.find(pair => pair[2] == lower);
  }

  #values(name) {
    const lower = name.toLowerCase();
    return this.#list.filter(pair => pair[2] == lower).map(pair => pair[1]);
  }

  #sorted() {
    if (!this.#sortedList) {
      const values = new Map();
      for (const [, value, name] of this.#list) {
        const same = values.get(name);
        same ? same.push(value) : values.set(name, [value]);
      }
      this.#sortedList = [...values.keys()].sort().flatMap(name =>
        name == "set-cookie" ? values.get(name).map(value => [name, value]) : [[name, values.get(name).join(", ")]]
      );
    }
    return this.#sortedList;
  }

  append(name, value) {
    requireArguments("Headers.append", arguments, 2);
    this.#append("Headers.append", name, value);
  }

  delete(name) {
    requireArguments("Headers.delete", arguments, 1);
    const lower = checkName("Headers.delete", name).toLowerCase();
    if (this.#mayChange("Headers.delete", lower)) {
      this.#list = this.#list.filter(pair => pair[2] != lower);
    }
  }

  get(name) {
    requireArguments("Headers.get", arguments, 1);
    const values = this.#values(checkName("Headers.get", name));
    return values.length ? values.join(", ") : null;
  }

  getSetCookie() {
    return this.#values("set-cookie");
  }

  has(name) {
    requireArguments("Headers.has", arguments, 1);
    return this.#find(checkName("Headers.has", name)) !== undefined;
  }

  set(rawName, rawValue) {
    requireArguments("Headers.set", arguments, 2);
    const [name, value] = [checkName("Headers.set", rawName), checkValue("Headers.set", rawValue)];
    if (!this.#mayChange("Headers.set", name)) {
      return;
    }
    const first = this.#find(name);
    if (!first) {
      this.#list.push([name, value, name.toLowerCase()]);
      return;
    }
    first[1] = value;
    const lower = name.toLowerCase();
    this.#list = this.#list.filter(pair => pair == first || pair[2] != lower);
  }
}
defineInterface(Headers, "Headers");
