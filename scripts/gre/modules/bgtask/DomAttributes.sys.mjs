// SPDX-License-Identifier: MPL-2.0
// Attributes of elements.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { KEY, noteChange } from "resource://gre/modules/bgtask/DomLists.sys.mjs";
import { Node, TYPES, dataOf } from "resource://gre/modules/bgtask/DomNodes.sys.mjs";
import { defineInterface } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

/** { prefix, local } of a qualified name. */
export function splitName(name) {
  const colon = name.indexOf(":");
  return colon < 0 ? { prefix: null, local: name } : { prefix: name.slice(0, colon), local: name.slice(colon + 1) };
}

export class Attr extends Node {
  get name() {
    return dataOf(this).name;
  }
  get localName() {
    return dataOf(this).local;
  }
  get prefix() {
    return dataOf(this).prefix;
  }
  get namespaceURI() {
    return dataOf(this).namespace;
  }
  get value() {
    return dataOf(this).value;
  }
  set value(value) {
    dataOf(this).value = String(value);
    noteChange();
  }
  get ownerElement() {
    return dataOf(this).owner ?? null;
  }
  get specified() {
    return true;
  }
}
defineInterface(Attr, "Attr");

export function makeAttribute(document, name, value, namespace = null) {
  const { prefix, local } = namespace ? splitName(name) : { prefix: null, local: name };
  return new Attr(KEY, { type: TYPES.attribute, document, name, prefix, local, namespace, value });
}

/** The attributes of an element by index and name. */
export class NamedNodeMap {
  #element;

  constructor(key, element) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    this.#element = element;
  }

  get length() {
    return dataOf(this.#element).attributes.length;
  }
  item(index) {
    return dataOf(this.#element).attributes[index >>> 0] ?? null;
  }
  getNamedItem(name) {
    return this.#element.getAttributeNode(name);
  }
  getNamedItemNS(namespace, local) {
    return this.#element.getAttributeNodeNS(namespace, local);
  }
  setNamedItem(attribute) {
    return this.#element.setAttributeNode(attribute);
  }
  setNamedItemNS(attribute) {
    return this.#element.setAttributeNodeNS(attribute);
  }
  removeNamedItem(name) {
    const attribute = this.getNamedItem(name);
    if (!attribute) {
      throw new DOMException("Node was not found", "NotFoundError");
    }
    return this.#element.removeAttributeNode(attribute);
  }
  removeNamedItemNS(namespace, local) {
    const attribute = this.getNamedItemNS(namespace, local);
    if (!attribute) {
      throw new DOMException("Node was not found", "NotFoundError");
    }
    return this.#element.removeAttributeNode(attribute);
  }
}
defineInterface(NamedNodeMap, "NamedNodeMap");
Object.defineProperty(NamedNodeMap.prototype, Symbol.iterator, {
  value: function* values() {
    for (let index = 0; index < this.length; index++) {
      yield this.item(index);
    }
  },
  writable: true,
  configurable: true,
});

export function mapOf(element) {
  const map = new NamedNodeMap(KEY, element);
  const find = (target, key) => {
    if (typeof key != "string" || key in target) {
      return null;
    }
    return /^\d+$/.test(key) ? target.item(Number(key)) : target.getNamedItem(key);
  };
  return new Proxy(map, {
    get(target, key) {
      if (typeof key == "string" && !(key in target)) {
        return find(target, key) ?? undefined;
      }
      const value = Reflect.get(target, key, target);
      return typeof value == "function" && key != "constructor" ? value.bind(target) : value;
    },
    has: (target, key) => key in target || find(target, key) !== null,
    ownKeys: target => [...new Set([...dataOf(element).attributes.keys()].map(String).concat(element.getAttributeNames(), Reflect.ownKeys(target)))],
    getOwnPropertyDescriptor(target, key) {
      const value = find(target, key);
      return value ? { value, enumerable: /^\d+$/.test(key), configurable: true } : Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
}
