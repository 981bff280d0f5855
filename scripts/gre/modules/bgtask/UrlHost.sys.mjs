// SPDX-License-Identifier: MPL-2.0
// Hosts of URLs, as the URL standard parses and serialises them. A host is kept in its serialised form.

import { C0_CONTROL_SET, percentDecode, percentEncode } from "resource://gre/modules/bgtask/UrlEncoding.sys.mjs";
import { domainToASCII } from "resource://gre/modules/bgtask/UrlIdna.sys.mjs";

const FORBIDDEN_HOST = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

/** One part of an IPv4 address: decimal, 0 octal or 0x hexadecimal. NaN: not a number. */
function parseIPv4Number(text) {
  if (text == "") {
    return NaN;
  }
  const [digits, radix, valid] = /^0x/i.test(text)
    ? [text.slice(2), 16, /^[0-9a-f]*$/i]
    : text.length > 1 && text[0] == "0"
      ? [text.slice(1), 8, /^[0-7]*$/]
      : [text, 10, /^[0-9]+$/];
  if (!valid.test(digits)) {
    return NaN;
  }
  return digits == "" ? 0 : parseInt(digits, radix);
}

function splitIPv4(host) {
  const parts = host.split(".");
  if (parts.length > 1 && parts[parts.length - 1] == "") {
    parts.pop();
  }
  return parts;
}

function endsInNumber(host) {
  const last = splitIPv4(host).pop();
  return /^[0-9]+$/.test(last) || !isNaN(parseIPv4Number(last));
}

/** Dotted decimal; null: invalid. */
function parseIPv4(host) {
  const parts = splitIPv4(host);
  const numbers = parts.map(parseIPv4Number);
  const last = numbers.pop();
  if (parts.length > 4 || isNaN(last) || numbers.some(number => isNaN(number) || number > 255)) {
    return null;
  }
  if (last >= 256 ** (4 - numbers.length)) {
    return null;
  }
  const address = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Two 16-bit pieces of a dotted decimal end of an IPv6 address; null: invalid. */
function parseEmbeddedIPv4(text) {
  const parts = text.split(".");
  if (parts.length != 4 || !parts.every(part => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return null;
  }
  const [a, b, c, d] = parts.map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** The pieces on one side of "::"; null: invalid. */
function parsePieces(text, last) {
  if (text == "") {
    return [];
  }
  const pieces = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    if (word.includes(".") && last && index == words.length - 1) {
      const embedded = parseEmbeddedIPv4(word);
      if (!embedded) {
        return null;
      }
      pieces.push(...embedded);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) {
      pieces.push(parseInt(word, 16));
    } else {
      return null;
    }
  }
  return pieces;
}

/** Eight pieces, or null. */
function parseIPv6(text) {
  const sides = text.split("::");
  if (sides.length > 2) {
    return null;
  }
  const head = parsePieces(sides[0], sides.length == 1);
  const tail = sides.length == 2 ? parsePieces(sides[1], true) : [];
  if (!head || !tail) {
    return null;
  }
  const missing = 8 - head.length - tail.length;
  if (sides.length == 1 ? missing != 0 : missing < 1) {
    return null;
  }
  return [...head, ...new Array(missing).fill(0), ...tail];
}

/** The longest run of zeros, two or more and the first of equals, is "::". */
function serializeIPv6(pieces) {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && pieces[start + length] == 0) {
      length++;
    }
    if (length > best.length) {
      best = { start, length };
    }
  }
  const hex = pieces.map(piece => piece.toString(16));
  if (best.start < 0) {
    return hex.join(":");
  }
  return hex.slice(0, best.start).join(":") + "::" + hex.slice(best.start + best.length).join(":");
}

/** The host of a URL in serialised form; null: invalid. @opaque: of a scheme that is not special. */
export function parseHost(text, opaque) {
  if (text.startsWith("[")) {
    const pieces = text.endsWith("]") ? parseIPv6(text.slice(1, -1)) : null;
    return pieces && `[${serializeIPv6(pieces)}]`;
  }
  if (opaque) {
    return FORBIDDEN_HOST.test(text) ? null : percentEncode(text, C0_CONTROL_SET);
  }
  const domain = domainToASCII(percentDecode(text));
  if (!domain || FORBIDDEN_DOMAIN.test(domain)) {
    return null;
  }
  return endsInNumber(domain) ? parseIPv4(domain) : domain;
}
