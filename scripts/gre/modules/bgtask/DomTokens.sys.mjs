// SPDX-License-Identifier: MPL-2.0
// DOMTokenList: the words of an attribute, as in Element.classList.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { KEY, indexed } from "resource://gre/modules/bgtask/DomLists.sys.mjs";
import { defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

function checkToken(method, value) {
  const token = String(value);
  if (token == "") {
    throw new DOMException(`DOMTokenList.${method}: The empty string is not a valid token.`, "SyntaxError");
  }
  if (/[\t\n\f\r ]/.test(token)) {
    throw new DOMException(`DOMTokenList.${method}: The token can not contain whitespace.`, "InvalidCharacterError");
  }
  return token;
}

export class DOMTokenList {
  #element;
  #attribute;

  constructor(key, element, attribute) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    this.#element = element;
    this.#attribute = attribute;
  }

  /** For DomElements.sys.mjs, with the words as members by their index. */
  static make(element, attribute) {
    const list = new DOMTokenList(KEY, element, attribute);
    return indexed(list, () => list.#words);
  }

  get #words() {
    return [...new Set(this.value.split(/[\t\n\f\r ]+/).filter(Boolean))];
  }

  #set(words) {
    if (words.length || this.#element.hasAttribute(this.#attribute)) {
      this.value = words.join(" ");
    }
  }

  get length() {
    return this.#words.length;
  }
  get value() {
    return this.#element.getAttribute(this.#attribute) ?? "";
  }
  set value(text) {
    this.#element.setAttribute(this.#attribute, text);
  }

  item(index) {
    requireArguments("DOMTokenList.item", arguments, 1);
    return this.#words[index >>> 0] ?? null;
  }
  contains(token) {
    requireArguments("DOMTokenList.contains", arguments, 1);
    return this.#words.includes(String(token));
  }
  add(...tokens) {
    const checked = tokens.map(token => checkToken("add", token));
    this.#set([...new Set([...this.#words, ...checked])]);
  }
  remove(...tokens) {
    const checked = tokens.map(token => checkToken("remove", token));
    this.#set(this.#words.filter(word => !checked.includes(word)));
  }
  toggle(token, force = undefined) {
    requireArguments("DOMTokenList.toggle", arguments, 1);
    const word = checkToken("toggle", token);
    const has = this.#words.includes(word);
    const wanted = force === undefined ? !has : Boolean(force);
    if (wanted && !has) {
      this.add(word);
    } else if (!wanted && has) {
      this.remove(word);
    }
    return wanted;
  }
  /** Whether @token was there. */
  replace(token, newToken) {
    requireArguments("DOMTokenList.replace", arguments, 2);
    const [old, word] = [checkToken("replace", token), checkToken("replace", newToken)];
    const words = this.#words;
    if (!words.includes(old)) {
      return false;
    }
    this.#set([...new Set(words.map(each => (each == old ? word : each)))]);
    return true;
  }
  supports(token) {
    requireArguments("DOMTokenList.supports", arguments, 1);
    const what = `${this.#element.localName} attribute of <${this.#attribute}>`;
    throw new TypeError(`DOMTokenList.supports: ${what} does not define any supported tokens`);
  }
  toString() {
    return this.value;
  }

  entries() {
    return this.#words.entries();
  }
  keys() {
    return this.#words.keys();
  }
  values() {
    return this.#words.values();
  }
  forEach(callback, thisArgument = undefined) {
    requireArguments("DOMTokenList.forEach", arguments, 1);
    this.#words.forEach((word, index) => callback.call(thisArgument, word, index, this));
  }
}
export const makeTokenList = DOMTokenList.make;
delete DOMTokenList.make;
defineInterface(DOMTokenList);
Object.defineProperty(DOMTokenList.prototype, Symbol.iterator, {
  value: DOMTokenList.prototype.values, writable: true, configurable: true,
});
