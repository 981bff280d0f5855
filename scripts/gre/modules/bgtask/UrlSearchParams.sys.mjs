// SPDX-License-Identifier: MPL-2.0
// URLSearchParams, alone or bound to a URL.

import { formDecode, formEncode } from "resource://gre/modules/bgtask/UrlEncoding.sys.mjs";
import {
  defineInterface,
  definePairIterable,
  requireArguments,
  sequenceOf,
  toUSVString,
} from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const SEQUENCE = "sequence<sequence<USVString>>";
const UNION = `(${SEQUENCE} or record<USVString, USVString> or USVString)`;

export function parseForm(text) {
  const list = [];
  for (const part of text.split("&")) {
    if (part != "") {
      const equals = part.indexOf("=");
      const name = equals < 0 ? part : part.slice(0, equals);
      list.push([formDecode(name), equals < 0 ? "" : formDecode(part.slice(equals + 1))]);
    }
  }
  return list;
}

function pairsOf(init) {
  if ((typeof init != "object" && typeof init != "function") || init === null) {
    const text = toUSVString(init);
    return parseForm(text.startsWith("?") ? text.slice(1) : text);
  }
  const sequence = sequenceOf(init);
  if (!sequence) {
    return Reflect.ownKeys(init)
      .filter(key => Object.getOwnPropertyDescriptor(init, key)?.enumerable)
      .map(key => [toUSVString(`${key}`), toUSVString(init[key])]);
  }
  return sequence.map(item => {
    const pair = sequenceOf(item);
    if (!pair) {
      throw new TypeError(
        `URLSearchParams constructor: Element of ${SEQUENCE} branch of ${UNION} can't be converted to a sequence.`
      );
    }
    if (pair.length != 2) {
      throw new TypeError(`URLSearchParams constructor: Expected 2 items in pair but got ${pair.length}`);
    }
    return pair.map(toUSVString);
  });
}

/** For URL alone: { bind(params, onChange), reset(params, query) }. */
export let searchParamsInternals;

export class URLSearchParams {
  #list;
  #onChange = null;

  static {
    searchParamsInternals = {
      bind(params, onChange) {
        params.#onChange = onChange;
      },
      reset(params, query) {
        params.#list = parseForm(query);
      },
    };
    definePairIterable(URLSearchParams, "URLSearchParams", params => params.#list);
  }

  constructor(init = "") {
    this.#list = pairsOf(init);
  }

  #changed() {
    this.#onChange?.();
  }

  get size() {
    return this.#list.length;
  }

  append(name, value) {
    requireArguments("URLSearchParams.append", arguments, 2);
    this.#list.push([toUSVString(name), toUSVString(value)]);
    this.#changed();
  }

  delete(name, value = undefined) {
    requireArguments("URLSearchParams.delete", arguments, 1);
    const [key, only] = [toUSVString(name), value === undefined ? undefined : toUSVString(value)];
    this.#list = this.#list.filter(pair => pair[0] != key || (only !== undefined && pair[1] != only));
    this.#changed();
  }

  get(name) {
    requireArguments("URLSearchParams.get", arguments, 1);
    const key = toUSVString(name);
    return this.#list.find(pair => pair[0] == key)?.[1] ?? null;
  }

  getAll(name) {
    requireArguments("URLSearchParams.getAll", arguments, 1);
    const key = toUSVString(name);
    return this.#list.filter(pair => pair[0] == key).map(pair => pair[1]);
  }

  has(name, value = undefined) {
    requireArguments("URLSearchParams.has", arguments, 1);
    const [key, only] = [toUSVString(name), value === undefined ? undefined : toUSVString(value)];
    return this.#list.some(pair => pair[0] == key && (only === undefined || pair[1] == only));
  }

  set(name, value) {
    requireArguments("URLSearchParams.set", arguments, 2);
    const [key, text] = [toUSVString(name), toUSVString(value)];
    const first = this.#list.findIndex(pair => pair[0] == key);
    if (first < 0) {
      this.#list.push([key, text]);
    } else {
      this.#list[first] = [key, text];
      this.#list = this.#list.filter((pair, index) => index <= first || pair[0] != key);
    }
    this.#changed();
  }

  sort() {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed();
  }

  toString() {
    return this.#list.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join("&");
  }
}
defineInterface(URLSearchParams, "URLSearchParams");
