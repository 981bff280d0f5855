// SPDX-License-Identifier: MPL-2.0
// Services.uuid: nsIUUIDGenerator, and the text of a random UUID for crypto.randomUUID().

import { makeIdentifier } from "resource://gre/modules/bgtask/Components.sys.mjs";
import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { runtime } = import.meta.native;

/** A version 4 UUID in the form of RFC 9562. */
export function randomUUID() {
  const bytes = runtime.random(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

class UuidGenerator {
  generateUUID() {
    return makeIdentifier(randomUUID());
  }
}
defineXpcomClass(UuidGenerator, ["nsIUUIDGenerator"], { nsIUUIDGenerator: { generateUUID: 0 } });

export const uuid = new UuidGenerator();
