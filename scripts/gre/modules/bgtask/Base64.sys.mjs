// SPDX-License-Identifier: MPL-2.0
// atob and btoa as Gecko's system globals have them: white space is not allowed, and what is wrong is a plain Error.

import { requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = Uint8Array.from(ALPHABET, character => character.charCodeAt(0));
const PADDING = "=".charCodeAt(0);
/** What each character stands for. */
const DIGITS = new Uint8Array(128);
CODES.forEach((code, digit) => (DIGITS[code] = digit));

/** How many characters are joined at a time; more arguments than this may not fit on the stack. */
const CHUNK = 8192;

/** A string of as many characters. */
function stringOf(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK)));
  }
  return parts.join("");
}

/** The bytes of base64 without padding, or null. */
export function decodeDigits(text) {
  if (!/^[A-Za-z0-9+/]*$/.test(text) || text.length % 4 == 1) {
    return null;
  }
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  for (let at = 0, size = 0; at < text.length; at += 4) {
    // Beyond the end there is NaN, which is no digit and counts as 0; no byte is made of it.
    const bits =
      (DIGITS[text.charCodeAt(at)] << 18) | (DIGITS[text.charCodeAt(at + 1)] << 12) |
      (DIGITS[text.charCodeAt(at + 2)] << 6) | DIGITS[text.charCodeAt(at + 3)];
    bytes[size++] = bits >> 16;
    bytes[size++] = (bits >> 8) & 0xff;
    bytes[size++] = bits & 0xff;
  }
  return bytes;
}

/** The base64 of a string whose characters are bytes. */
export function btoa(data) {
  requireArguments("btoa", arguments, 1);
  const binary = `${data}`;
  const wide = /[^\x00-\xff]/.exec(binary);
  if (wide) {
    throw new TypeError(
      `Base64Encode: Cannot convert value to ByteString because the character at index ${wide.index} has value ` +
        `${binary.charCodeAt(wide.index)} which is greater than 255.`
    );
  }
  const { length } = binary;
  const result = new Uint8Array(Math.ceil(length / 3) * 4);
  for (let at = 0, size = 0; at < length; at += 3) {
    const bits = (binary.charCodeAt(at) << 16) | (binary.charCodeAt(at + 1) << 8) | binary.charCodeAt(at + 2);
    result[size++] = CODES[bits >> 18];
    result[size++] = CODES[(bits >> 12) & 63];
    result[size++] = at + 1 < length ? CODES[(bits >> 6) & 63] : PADDING;
    result[size++] = at + 2 < length ? CODES[bits & 63] : PADDING;
  }
  return stringOf(result);
}

/** The opposite; "=" at the end may be left out. */
export function atob(data) {
  requireArguments("atob", arguments, 1);
  const text = `${data}`;
  const bytes = decodeDigits(text.length % 4 == 0 ? text.replace(/={1,2}$/, "") : text);
  if (!bytes) {
    throw new Error("Failed to decode base64 string!");
  }
  return stringOf(bytes);
}
