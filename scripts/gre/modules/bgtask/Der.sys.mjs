// SPDX-License-Identifier: MPL-2.0
// The little of DER that keys need: reading and writing SEQUENCE, INTEGER, BIT STRING, OCTET STRING and identifiers.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";

export const TAGS = { integer: 0x02, bits: 0x03, octets: 0x04, null: 0x05, identifier: 0x06, sequence: 0x30, own0: 0xa0, own1: 0xa1 };

export function concat(...parts) {
  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function lengthOf(size) {
  if (size < 0x80) {
    return [size];
  }
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
}

/** An element of @tag with the content of @parts one after the other. */
export function write(tag, ...parts) {
  const content = concat(...parts);
  return concat([tag, ...lengthOf(content.length)], content);
}

/** An unsigned number from its bytes. */
export function writeInteger(bytes) {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] == 0) {
    start++;
  }
  const digits = bytes.subarray(start);
  return write(TAGS.integer, digits.length == 0 || digits[0] & 0x80 ? concat([0], digits) : digits);
}

export const writeSequence = (...parts) => write(TAGS.sequence, ...parts);

/** [content, rest] of the element at the beginning of @bytes, which must be of @tag; DataError otherwise. */
export function read(bytes, tag) {
  let [found, size] = bytes;
  let at = 2;
  if (size > 0x80) {
    const count = size & 0x7f;
    size = 0;
    for (let i = 0; i < count && i < 4; i++) {
      size = size * 256 + bytes[at + i];
    }
    at += count;
  }
  if (found !== tag || !(at + size <= bytes.length)) {
    throw new DOMException("Data provided to an operation does not meet requirements", "DataError");
  }
  return [bytes.subarray(at, at + size), bytes.subarray(at + size)];
}

/** The bytes of an INTEGER without leading zeros, and the rest. */
export function readInteger(bytes) {
  const [content, rest] = read(bytes, TAGS.integer);
  let start = 0;
  while (start < content.length - 1 && content[start] == 0) {
    start++;
  }
  return [content.subarray(start), rest];
}
