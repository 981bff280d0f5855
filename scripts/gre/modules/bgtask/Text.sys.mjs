// SPDX-License-Identifier: MPL-2.0
// TextEncoder and TextDecoder. UTF-8, UTF-16 and windows-1252 (which "latin1" and "ascii" mean on the web) are decoded in C,
// all else by Encodings.sys.mjs, which is loaded when it is asked for.

import { defineInterface, requireArguments, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime, text: native } = import.meta.native;

/** Encodings in the order of enum encoding in runner/builtin_text.c, with their labels. */
const ENCODINGS = [
  ["utf-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"],
  ["utf-16le", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"],
  ["utf-16be", "unicodefffe utf-16be"],
  [
    "windows-1252",
    "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 " +
      "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
  ],
];

/** The row of ENCODINGS that a trimmed label in small letters names, or -1. */
function findEncoding(label) {
  return ENCODINGS.findIndex(([, labels]) => label != "" && labels.split(" ").includes(label));
}

/** A decoder of another encoding, and its name; null: there is none of that label. */
function findLegacy(label) {
  if (label == "") {
    return null;
  }
  const { LegacyDecoder, legacyEncoding } = runtime.load("resource://gre/modules/bgtask/Encodings.sys.mjs");
  const name = legacyEncoding(label);
  return name ? { name, decoder: new LegacyDecoder(name) } : null;
}

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  /** A new Uint8Array; lone surrogates become U+FFFD. */
  encode(input = "") {
    return native.encode(`${input}`);
  }

  /** Fill @destination with whole characters: { read: units of the text, written: bytes }. */
  encodeInto(source, destination) {
    requireArguments("TextEncoder.encodeInto", arguments, 2);
    if (!(destination instanceof Uint8Array)) {
      throw new TypeError("TextEncoder.encodeInto: Argument 2 does not implement interface Uint8Array.");
    }
    const [read, written] = native.encodeInto(`${source}`, destination);
    return { read, written };
  }
}
defineInterface(TextEncoder);

function bytesOf(input) {
  if (ArrayBuffer.isView(input)) {
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  if (input instanceof ArrayBuffer) {
    return new Uint8Array(input);
  }
  throw new TypeError(
    "TextDecoder.decode: Argument 1 could not be converted to any of: ArrayBufferView, ArrayBuffer."
  );
}

export class TextDecoder {
  #encoding;
  #legacy;
  #fatal;
  #ignoreBOM;
  #pending = new Uint8Array(0);
  #started = false;

  /** @param {string} label; options: fatal (throw for what is not valid), ignoreBOM (keep a byte order mark) */
  constructor(label = "utf-8", options) {
    const text = String(label);
    const { fatal = false, ignoreBOM = false } = toDictionary("TextDecoder constructor: Argument 2", options);
    const wanted = text.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "").toLowerCase();
    this.#encoding = findEncoding(wanted);
    this.#legacy = this.#encoding < 0 ? findLegacy(wanted) : null;
    if (this.#encoding < 0 && !this.#legacy) {
      throw new RangeError(`TextDecoder constructor: The given encoding '${text}' is not supported.`);
    }
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding() {
    return this.#legacy?.name ?? ENCODINGS[this.#encoding][0];
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  /** options.stream: more will follow; what is incomplete is kept for the next call. */
  decode(input, options) {
    const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input);
    const { stream = false } = toDictionary("TextDecoder.decode: Argument 2", options);
    if (this.#legacy) {
      return this.#decodeLegacy(bytes, Boolean(stream));
    }
    let all = bytes;
    if (this.#pending.length) {
      all = new Uint8Array(this.#pending.length + bytes.length);
      all.set(this.#pending);
      all.set(bytes, this.#pending.length);
    }
    const result = native.decode(this.#encoding, all, this.#fatal, !stream);
    if (!result) {
      this.#reset();
      throw new TypeError("TextDecoder.decode: Decoding failed.");
    }
    let [text] = result;
    const [, rest] = result;
    if (!this.#started && text != "") {
      this.#started = true;
      if (!this.#ignoreBOM && this.encoding != "windows-1252" && text[0] == "\ufeff") {
        text = text.slice(1);
      }
    }
    if (stream) {
      this.#pending = all.slice(all.length - rest);
    } else {
      this.#reset();
    }
    return text;
  }

  #decodeLegacy(bytes, stream) {
    const text = this.#legacy.decoder.decode(bytes, this.#fatal, !stream);
    if (text === null) {
      throw new TypeError("TextDecoder.decode: Decoding failed.");
    }
    return text;
  }

  #reset() {
    this.#pending = new Uint8Array(0);
    this.#started = false;
  }
}
defineInterface(TextDecoder);
