// SPDX-License-Identifier: MPL-2.0
// The part of Services.io that is nsINetUtil: escaping, types of content, flags of protocols. Texts are bytes, a character
// each.

import { textOf } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const bytesOf = text => textOf(text).replace(/[^\0-\xff]/g, one => String.fromCharCode(one.charCodeAt(0) & 0xff));
const escapeByte = one => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** Characters that nsINetUtil.escapeString() keeps, by its type; "+" stands for a space in type 2. */
const KEPT = { 0: /[^]/g, 1: /[^A-Za-z0-9@*_.-]|@/g, 2: /[^A-Za-z0-9*_. -]/g, 4: /[^A-Za-z0-9*_./+-]/g };

export function escapeString(text, type) {
  const escaped = bytesOf(text).replace(KEPT[type] ?? KEPT[0], escapeByte);
  return type == 2 ? escaped.replaceAll(" ", "+") : escaped;
}

export function unescapeString(text) {
  return bytesOf(text).replace(/%([0-9A-Fa-f]{2})/g, (_whole, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Characters that are kept in parts of a URL, by ESCAPE_URL_*; letters, digits and ALWAYS are kept in all. */
const ALWAYS = "-_!~*()&$,+";
const PARTS = {
  1: ".", 2: ".'", 4: ".'", 8: ".", 16: ".'/:[]@=;|", 32: ".':[]@=;|", 64: "':[]@=;|", 128: ".:[]@=;\\^`{|}",
  256: "./:?[]@=;\\^`{|}", 512: ".'/:?#[]@=;\\^{|}",
};
const FORCED = 1024;
const ONLY_ASCII = 2048;
const ONLY_NONASCII = 4096;
const COLON = 16384;

export function escapeURL(text, flags) {
  const parts = Object.keys(PARTS).filter(flag => flags & Number(flag));
  const kept = new Set(parts.length ? ALWAYS + parts.map(flag => PARTS[flag]).join("") : "");
  if (flags & COLON) {
    kept.delete(":");
  }
  return [...bytesOf(text)]
    .map(one => {
      const isAscii = one < "\x80";
      const keep =
        (isAscii && one >= " " && one != "\x7f" && flags & ONLY_NONASCII) ||
        (!isAscii && flags & ONLY_ASCII) ||
        (parts.length && /[A-Za-z0-9]/.test(one)) ||
        (one == "%" && !(flags & FORCED)) ||
        kept.has(one);
      return keep ? one : escapeByte(one);
    })
    .join("");
}

/** The type in a Content-Type field; charset.value and hadCharset.value become what it says of that. */
export function parseContentType(field, charset, hadCharset) {
  const [type, ...parameters] = textOf(field).split(";");
  const found = /^\s*([a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+)\s*$/i.exec(type);
  const values = parameters.map(one => /^\s*charset=(?:"([^"]*)"|([^\s"]*))\s*$/i.exec(one)).filter(Boolean);
  const [, quoted, plain] = (found && values[0]) || [];
  charset.value = quoted ?? plain ?? "";
  hadCharset.value = Boolean(found && values.length);
  return found ? found[1].toLowerCase() : "";
}

/** Whether all of @flags, of nsIProtocolHandler, are true of the scheme of @uri. */
export function protocolHasFlags(uri, flags) {
  const own = Services.io.getProtocolFlags(uri.scheme);
  return (own & flags) == flags;
}
