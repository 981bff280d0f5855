// SPDX-License-Identifier: MPL-2.0
// nsIPropertyBag, nsIPropertyBag2 and what can be written: values by names, asked for as a type.

import { Enumerator } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import { INTERFACES, defineXpcomClass, fail, textOf } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

class Property {
  #name;
  #value;

  constructor(name, value) {
    this.#name = name;
    this.#value = value;
  }

  get name() {
    return this.#name;
  }

  get value() {
    return this.#value;
  }
}
defineXpcomClass(Property, ["nsIProperty"]);

function toNumber(value) {
  const number = typeof value == "string" && value.trim() == "" ? NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** null: it does not fit. */
function toWhole(value, low, high) {
  const number = toNumber(value);
  if (number === undefined) {
    return undefined;
  }
  return number < low || number > high ? null : Math.trunc(number);
}

const toText = value => (["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined);

/** Names of types, and what a value becomes; undefined: it cannot. */
const TYPES = {
  Int32: value => toWhole(value, -(2 ** 31), 2 ** 31 - 1),
  Uint32: value => toWhole(value, 0, 2 ** 32 - 1),
  Int64: value => toWhole(value, -(2 ** 63), 2 ** 63),
  Uint64: value => toWhole(value, 0, 2 ** 64),
  Double: toNumber,
  AString: toText,
  ACString: toText,
  AUTF8String: toText,
  Bool: value => (typeof value == "string" ? toNumber(value) && Boolean(toNumber(value)) : Boolean(value)),
};

export class PropertyBag {
  #values = new Map();

  get enumerator() {
    return new Enumerator([...this.#values].map(([name, value]) => new Property(name, value)));
  }

  getProperty(name) {
    const key = textOf(name);
    return this.#values.has(key) ? this.#values.get(key) : fail("NS_ERROR_FAILURE", `${this[INTERFACES][0]}.getProperty`);
  }

  /** The value, or null. */
  get(name) {
    return this.#values.get(textOf(name)) ?? null;
  }

  hasKey(name) {
    return this.#values.has(textOf(name));
  }

  setProperty(name, value) {
    this.#values.set(textOf(name), value);
  }

  deleteProperty(name) {
    if (!this.#values.delete(textOf(name))) {
      fail("NS_ERROR_FAILURE", "nsIWritablePropertyBag.deleteProperty");
    }
  }

  getPropertyAsInterface(name, iface) {
    const value = this.#need(name, "getPropertyAsInterface");
    return value.QueryInterface(iface);
  }

  setPropertyAsInterface(name, value) {
    this.setProperty(name, value);
  }

  #need(name, method) {
    const key = textOf(name);
    return this.#values.has(key) ? this.#values.get(key) : fail("NS_ERROR_NOT_AVAILABLE", `${this[INTERFACES][0]}.${method}`);
  }

  static {
    for (const [type, convert] of Object.entries(TYPES)) {
      const getter = `getPropertyAs${type}`;
      const setter = `setPropertyAs${type}`;
      this.prototype[getter] = function (name) {
        const converted = convert(this.#need(name, getter));
        const where = `${this[INTERFACES][0]}.${getter}`;
        if (converted === null) {
          fail("NS_ERROR_LOSS_OF_SIGNIFICANT_DATA", where);
        }
        return converted ?? fail("NS_ERROR_CANNOT_CONVERT_DATA", where);
      };
      this.prototype[setter] = function (name, value) {
        this.setProperty(name, convert(value) ?? fail("NS_ERROR_CANNOT_CONVERT_DATA", `nsIWritablePropertyBag2.${setter}`));
      };
    }
  }
}

const ofTypes = (prefix, count) =>
  Object.fromEntries([...Object.keys(TYPES), "Interface"].map(type => [`${prefix}${type}`, count]));
defineXpcomClass(PropertyBag, ["nsIWritablePropertyBag2", "nsIPropertyBag2", "nsIWritablePropertyBag", "nsIPropertyBag"], {
  nsIPropertyBag2: { getProperty: 1, get: 1, hasKey: 1, ...ofTypes("getPropertyAs", 1), getPropertyAsInterface: 2 },
  nsIWritablePropertyBag2: ofTypes("setPropertyAs", 2),
  nsIWritablePropertyBag: { setProperty: 2, deleteProperty: 1 },
});
PropertyBag.prototype.toString = () => "[xpconnect wrapped (nsIWritablePropertyBag, nsIPropertyBag)]";
