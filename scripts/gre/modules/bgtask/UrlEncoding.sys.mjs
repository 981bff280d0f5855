// SPDX-License-Identifier: MPL-2.0
// Percent-encoding, as the URL standard has it. A set is a predicate over code points.

const oneOf = characters => {
  const table = new Uint8Array(128);
  for (const character of characters) {
    table[character.charCodeAt(0)] = 1;
  }
  return table;
};
const encodeSet = (parent, characters) => {
  const table = oneOf(characters);
  return code => code > 0x7e || table[code] == 1 || parent(code);
};

export const C0_CONTROL_SET = code => code <= 0x1f || code > 0x7e;
export const FRAGMENT_SET = encodeSet(C0_CONTROL_SET, ' "<>`');
export const QUERY_SET = encodeSet(C0_CONTROL_SET, ' "#<>');
export const SPECIAL_QUERY_SET = encodeSet(QUERY_SET, "'");
export const PATH_SET = encodeSet(QUERY_SET, "?^`{}");
export const USERINFO_SET = encodeSet(PATH_SET, "/:;=@[\\]|");
const COMPONENT_SET = encodeSet(USERINFO_SET, "$%&+,");
const FORM_SET = encodeSet(COMPONENT_SET, "!'()~");

const HEX = "0123456789ABCDEF";
const percentByte = byte => "%" + HEX[byte >> 4] + HEX[byte & 15];

/** The UTF-8 bytes of one code point, percent-encoded. */
function percentEncodeCodePoint(code) {
  if (code < 0x80) {
    return percentByte(code);
  }
  if (code < 0x800) {
    return percentByte(0xc0 | (code >> 6)) + percentByte(0x80 | (code & 0x3f));
  }
  const tail = percentByte(0x80 | ((code >> 6) & 0x3f)) + percentByte(0x80 | (code & 0x3f));
  if (code < 0x10000) {
    return percentByte(0xe0 | (code >> 12)) + tail;
  }
  return percentByte(0xf0 | (code >> 18)) + percentByte(0x80 | ((code >> 12) & 0x3f)) + tail;
}

/** @text has no lone surrogates. */
export function percentEncode(text, set) {
  let result = "";
  for (const character of text) {
    const code = character.codePointAt(0);
    result += set(code) ? percentEncodeCodePoint(code) : character;
  }
  return result;
}

/** application/x-www-form-urlencoded. */
export function formEncode(text) {
  return percentEncode(text, code => code != 0x20 && FORM_SET(code)).replace(/ /g, "+");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function percentDecodeBytes(text) {
  const bytes = encoder.encode(text);
  let size = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i];
    if (byte == 0x25 && i + 2 < bytes.length) {
      const digits = String.fromCharCode(bytes[i + 1], bytes[i + 2]);
      if (/^[0-9A-Fa-f]{2}$/.test(digits)) {
        byte = parseInt(digits, 16);
        i += 2;
      }
    }
    bytes[size++] = byte;
  }
  return bytes.subarray(0, size);
}

/** Percent-decodes and then decodes UTF-8 without looking at a byte order mark. */
export function percentDecode(text) {
  return text.includes("%") ? decoder.decode(percentDecodeBytes(text)) : text;
}

export function formDecode(text) {
  return percentDecode(text.replace(/\+/g, " "));
}
