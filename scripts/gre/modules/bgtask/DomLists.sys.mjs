// SPDX-License-Identifier: MPL-2.0
// Lists of nodes, which follow what happens to their document.

import { defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

/** Passed to constructors by those who may make nodes. */
export const KEY = Symbol("dom");

/** How often any tree or attribute has changed; what was computed before the last time is computed anew. */
export let changes = 0;
export function noteChange() {
  changes++;
}

/** A list whose members are computed when something has changed; its items are members by their index, too. */
export function makeList(List, compute) {
  let computed;
  let computedAt = -1;
  const items = () => {
    if (computedAt != changes) {
      computed = compute();
      computedAt = changes;
    }
    return computed;
  };
  return indexed(new List(KEY, items), items);
}

/** @list with what @compute() gives as members by their index. */
export function indexed(list, compute) {
  const indexOf = key => (typeof key == "string" && /^\d+$/.test(key) ? Number(key) : -1);
  return new Proxy(list, {
    get(target, key) {
      const index = indexOf(key);
      if (index >= 0) {
        return compute()[index];
      }
      const value = Reflect.get(target, key, target);
      return typeof value == "function" && key != "constructor" ? value.bind(target) : value;
    },
    has: (target, key) => (indexOf(key) >= 0 ? indexOf(key) < compute().length : key in target),
    ownKeys: target => [...compute().keys()].map(String).concat(Reflect.ownKeys(target)),
    getOwnPropertyDescriptor(target, key) {
      const value = indexOf(key) >= 0 ? compute()[indexOf(key)] : undefined;
      return value ? { value, enumerable: true, configurable: true } : Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
}

function defineList(name, extra) {
  const List = class {
    #compute;

    constructor(key, compute) {
      if (key !== KEY) {
        throw new TypeError("Illegal constructor.");
      }
      this.#compute = compute;
    }

    get length() {
      return this.#compute().length;
    }

    item(index) {
      requireArguments(`${name}.item`, arguments, 1);
      return this.#compute()[index >>> 0] ?? null;
    }

    static items(list) {
      return list.#compute();
    }
  };
  const { items } = List;
  delete List.items;
  const methods = extra(items);
  Object.defineProperty(List, "name", { value: name });
  Object.defineProperties(List.prototype, Object.getOwnPropertyDescriptors(methods));
  defineInterface(List, name);
  Object.defineProperty(List.prototype, Symbol.iterator, {
    value: { values() { return items(this)[Symbol.iterator](); } }.values, writable: true, configurable: true,
  });
  return List;
}

export const NodeList = defineList("NodeList", items => ({
  entries() {
    return items(this).entries();
  },
  keys() {
    return items(this).keys();
  },
  values() {
    return items(this).values();
  },
  forEach(callback, thisArgument = undefined) {
    items(this).forEach((node, index) => callback.call(thisArgument, node, index, this));
  },
}));
export const HTMLCollection = defineList("HTMLCollection", items => ({
  namedItem(name) {
    return items(this).find(element => element.getAttribute("id") === String(name)) ?? null;
  },
}));
