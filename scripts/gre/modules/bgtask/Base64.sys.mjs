// SPDX-License-Identifier: MPL-2.0
// atob and btoa as Gecko's system globals have them: white space is not allowed, and what is wrong is a plain Error.

import { requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** How many characters are joined at a time; more arguments than this may not fit on the stack. */
const CHUNK = 8192;

function stringOf(codes) {
  let text = "";
  for (let at = 0; at < codes.length; at += CHUNK) {
    text += String.fromCharCode(...codes.slice(at, at + CHUNK));
  }
  return text;
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
  const parts = [];
  for (let at = 0; at < binary.length; at += 3) {
    const left = binary.length - at;
    const bits =
      (binary.charCodeAt(at) << 16) |
      ((left > 1 ? binary.charCodeAt(at + 1) : 0) << 8) |
      (left > 2 ? binary.charCodeAt(at + 2) : 0);
    parts.push(
      ALPHABET[bits >> 18] +
        ALPHABET[(bits >> 12) & 63] +
        (left > 1 ? ALPHABET[(bits >> 6) & 63] : "=") +
        (left > 2 ? ALPHABET[bits & 63] : "=")
    );
  }
  return parts.join("");
}

/** The opposite; "=" at the end may be left out. */
export function atob(data) {
  requireArguments("atob", arguments, 1);
  const text = `${data}`;
  const body = text.length % 4 == 0 ? text.replace(/={1,2}$/, "") : text;
  if (!/^[A-Za-z0-9+/]*$/.test(body) || body.length % 4 == 1) {
    throw new Error("Failed to decode base64 string!");
  }
  const codes = [];
  let bits = 0;
  let count = 0;
  for (const character of body) {
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      codes.push((bits >> count) & 0xff);
    }
  }
  return stringOf(codes);
}
