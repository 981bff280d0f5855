// SPDX-License-Identifier: MPL-2.0
// Percent-encoding, as the URL standard has it. A set is a table of ASCII: 1 for what is encoded. All beyond 0x7e is.

/** @parent with @characters, without @except. */
const encodeSet = (parent, characters, except = "") => {
  const table = Uint8Array.from(parent);
  for (const character of characters) {
    table[character.charCodeAt(0)] = 1;
  }
  for (const character of except) {
    table[character.charCodeAt(0)] = 0;
  }
  return table;
};

export const C0_CONTROL_SET = Uint8Array.from({ length: 128 }, (_item, code) => (code <= 0x1f || code > 0x7e ? 1 : 0));
export const FRAGMENT_SET = encodeSet(C0_CONTROL_SET, ' "<>`');
export const QUERY_SET = encodeSet(C0_CONTROL_SET, ' "#<>');
export const SPECIAL_QUERY_SET = encodeSet(QUERY_SET, "'");
export const PATH_SET = encodeSet(QUERY_SET, "?^`{}");
export const USERINFO_SET = encodeSet(PATH_SET, "/:;=@[\\]|");
const COMPONENT_SET = encodeSet(USERINFO_SET, "$%&+,");
/** Spaces become "+" afterwards. */
const FORM_SET = encodeSet(COMPONENT_SET, "!'()~", " ");

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
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80 && !set[unit]) {
      continue;
    }
    const code = text.codePointAt(at);
    result += text.slice(kept, at) + percentEncodeCodePoint(code);
    at += code > 0xffff ? 1 : 0;
    kept = at + 1;
  }
  return kept ? result + text.slice(kept) : text;
}

/** application/x-www-form-urlencoded. */
export function formEncode(text) {
  return percentEncode(text, FORM_SET).replace(/ /g, "+");
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
