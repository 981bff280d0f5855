// SPDX-License-Identifier: MPL-2.0
// nsISupportsPrimitive: values that are objects.

import { defineConstants, defineXpcomClass, textOf } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const toInteger = (value, bits, signed) => Number((signed ? BigInt.asIntN : BigInt.asUintN)(bits, BigInt(Math.trunc(Number(value)) || 0)));

/** The bytes of a text, each as a character, as in Gecko: what is above them is cut off. */
const toBytes = value => textOf(value).replace(/[^\0-\xff]/g, character => String.fromCharCode(character.charCodeAt(0) & 0xff));

/** Name, type, value at first, and what becomes of a value that is set. */
function primitive(iface, type, first, convert) {
  class Primitive {
    #data = first;

    get data() {
      return this.#data;
    }

    set data(value) {
      this.#data = convert(value);
    }

    get type() {
      return Ci.nsISupportsPrimitive[type];
    }
  }
  defineXpcomClass(Primitive, [iface, "nsISupportsPrimitive"], {});
  defineConstants(Primitive, "nsISupportsPrimitive");
  Object.defineProperty(Primitive.prototype, "toString", {
    value() {
      return String(this.data);
    },
  });
  return Primitive;
}

export const SupportsString = primitive("nsISupportsString", "TYPE_STRING", "", textOf);
export const SupportsCString = primitive("nsISupportsCString", "TYPE_CSTRING", "", toBytes);
export const SupportsPRBool = primitive("nsISupportsPRBool", "TYPE_PRBOOL", false, Boolean);
export const SupportsPRInt32 = primitive("nsISupportsPRInt32", "TYPE_PRINT32", 0, value => Number(value) | 0);
export const SupportsPRUint32 = primitive("nsISupportsPRUint32", "TYPE_PRUINT32", 0, value => Number(value) >>> 0);
export const SupportsPRInt64 = primitive("nsISupportsPRInt64", "TYPE_PRINT64", 0, value => toInteger(value, 64, true));
export const SupportsPRUint64 = primitive("nsISupportsPRUint64", "TYPE_PRUINT64", 0, value => toInteger(value, 64, false));
export const SupportsPRTime = primitive("nsISupportsPRTime", "TYPE_PRTIME", 0, value => toInteger(value, 64, false));
export const SupportsDouble = primitive("nsISupportsDouble", "TYPE_DOUBLE", 0, Number);
