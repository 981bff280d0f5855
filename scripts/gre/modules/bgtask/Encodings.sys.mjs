// SPDX-License-Identifier: MPL-2.0
/*
 * Decoders of the Encoding Standard for what is not Unicode, but for "replacement", which TextDecoder refuses. Loaded when a TextDecoder of one of them is made; the index
 * of an encoding is a module of its own.
 *
 * A decoder is an object with step(byte): it returns a code point, a string, CONTINUE (more bytes are needed) or ERROR;
 * END stands for the end. A byte that belongs to the next character is put into `again`.
 */

import { LABELS } from "resource://gre/modules/bgtask/EncodingLabels.sys.mjs";

const { runtime } = import.meta.native;

const END = -1;
const CONTINUE = -2;
const ERROR = -3;
const NOTHING = 0xfffd;

const load = name => runtime.load(`resource://gre/modules/bgtask/${name}.sys.mjs`);
const indexes = new Map();

/** Code points of the index in module @name. */
function indexOf(name) {
  if (!indexes.has(name)) {
    indexes.set(name, Uint32Array.from(load(name).INDEX, character => character.codePointAt(0)));
  }
  return indexes.get(name);
}

const isAscii = byte => byte >= 0 && byte < 0x80;
const within = (byte, low, high) => byte >= low && byte <= high;

class SingleByte {
  again = [];
  #index;

  constructor(name) {
    const { INDEXES } = load("IndexSingleByte");
    this.#index = INDEXES[name == "iso-8859-8-i" ? "iso-8859-8" : name];
  }

  step(byte) {
    if (byte == END || byte < 0x80) {
      return byte == END ? CONTINUE : byte;
    }
    const code = this.#index.charCodeAt(byte - 0x80);
    return code == NOTHING ? ERROR : code;
  }
}

class UserDefined {
  again = [];

  step(byte) {
    if (byte == END) {
      return CONTINUE;
    }
    return byte < 0x80 ? byte : 0xf780 + byte - 0x80;
  }
}

/** Encodings of a lead byte and a trail byte. */
class TwoBytes {
  again = [];
  lead = 0;

  step(byte) {
    if (byte == END) {
      const failed = this.lead != 0;
      this.lead = 0;
      return failed ? ERROR : CONTINUE;
    }
    if (this.lead) {
      const lead = this.lead;
      this.lead = 0;
      const result = this.pair(lead, byte);
      if (result === ERROR && isAscii(byte)) {
        this.again.push(byte);
      }
      return result;
    }
    return isAscii(byte) ? byte : this.single(byte);
  }

  /** One byte that is not ASCII: a lead byte by default. */
  single(byte) {
    if (!within(byte, 0x81, 0xfe)) {
      return ERROR;
    }
    this.lead = byte;
    return CONTINUE;
  }
}

const found = (index, pointer) => {
  const code = index[pointer] ?? NOTHING;
  return code == NOTHING ? ERROR : code;
};

/** Big5 has four pairs that are two characters each. */
const BIG5_PAIRS = { 1133: "\u00ca\u0304", 1135: "\u00ca\u030c", 1164: "\u00ea\u0304", 1166: "\u00ea\u030c" };

class Big5 extends TwoBytes {
  pair(lead, byte) {
    if (!within(byte, 0x40, 0x7e) && !within(byte, 0xa1, 0xfe)) {
      return ERROR;
    }
    const pointer = (lead - 0x81) * 157 + byte - (byte < 0x7f ? 0x40 : 0x62);
    return BIG5_PAIRS[pointer] ?? found(indexOf("IndexBig5"), pointer);
  }
}

class EucKr extends TwoBytes {
  pair(lead, byte) {
    return within(byte, 0x41, 0xfe) ? found(indexOf("IndexEucKr"), (lead - 0x81) * 190 + byte - 0x41) : ERROR;
  }
}

class ShiftJis extends TwoBytes {
  single(byte) {
    if (byte == 0x80) {
      return byte;
    }
    if (within(byte, 0xa1, 0xdf)) {
      return 0xff61 - 0xa1 + byte;
    }
    if (!within(byte, 0x81, 0x9f) && !within(byte, 0xe0, 0xfc)) {
      return ERROR;
    }
    this.lead = byte;
    return CONTINUE;
  }

  pair(lead, byte) {
    if (!within(byte, 0x40, 0x7e) && !within(byte, 0x80, 0xfc)) {
      return ERROR;
    }
    const pointer = (lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + byte - (byte < 0x7f ? 0x40 : 0x41);
    return within(pointer, 8836, 10715) ? 0xe000 - 8836 + pointer : found(indexOf("IndexJis0208"), pointer);
  }
}

class EucJp extends TwoBytes {
  #is0212 = false;

  single(byte) {
    if (byte != 0x8e && byte != 0x8f && !within(byte, 0xa1, 0xfe)) {
      return ERROR;
    }
    this.lead = byte;
    return CONTINUE;
  }

  pair(lead, byte) {
    if (lead == 0x8e && within(byte, 0xa1, 0xdf)) {
      return 0xff61 - 0xa1 + byte;
    }
    if (lead == 0x8f && within(byte, 0xa1, 0xfe)) {
      this.#is0212 = true;
      this.lead = byte;
      return CONTINUE;
    }
    const index = this.#is0212 ? "IndexJis0212" : "IndexJis0208";
    this.#is0212 = false;
    const valid = within(lead, 0xa1, 0xfe) && within(byte, 0xa1, 0xfe);
    return valid ? found(indexOf(index), (lead - 0xa1) * 94 + byte - 0xa1) : ERROR;
  }
}

/** gb18030, and GBK, which is decoded as that. */
class Gb18030 {
  again = [];
  #bytes = [];

  step(byte) {
    if (byte == END) {
      const failed = this.#bytes.length > 0;
      this.#bytes = [];
      return failed ? ERROR : CONTINUE;
    }
    if (this.#bytes.length == 0) {
      if (isAscii(byte)) {
        return byte;
      }
      if (byte == 0x80) {
        return 0x20ac;
      }
      if (byte == 0xff) {
        return ERROR;
      }
      this.#bytes = [byte];
      return CONTINUE;
    }
    return this.#bytes.length == 1 ? this.#second(byte) : this.#later(byte);
  }

  #second(byte) {
    const [lead] = this.#bytes;
    if (within(byte, 0x30, 0x39)) {
      this.#bytes.push(byte);
      return CONTINUE;
    }
    this.#bytes = [];
    const valid = within(byte, 0x40, 0x7e) || within(byte, 0x80, 0xfe);
    const pointer = (lead - 0x81) * 190 + byte - (byte < 0x7f ? 0x40 : 0x41);
    const result = valid ? found(indexOf("IndexGb18030"), pointer) : ERROR;
    if (result === ERROR && isAscii(byte)) {
      this.again.push(byte);
    }
    return result;
  }

  #later(byte) {
    const third = this.#bytes.length == 2;
    if (third ? within(byte, 0x81, 0xfe) : within(byte, 0x30, 0x39)) {
      this.#bytes.push(byte);
      return third ? CONTINUE : this.#fourBytes();
    }
    // The first was wrong; what came after it is read again.
    this.again.push(byte, ...this.#bytes.slice(1).reverse());
    this.#bytes = [];
    return ERROR;
  }

  #fourBytes() {
    const [a, b, c, d] = this.#bytes;
    this.#bytes = [];
    const pointer = ((a - 0x81) * 10 + b - 0x30) * 1260 + (c - 0x81) * 10 + d - 0x30;
    if ((pointer > 39419 && pointer < 189000) || pointer > 1237575) {
      return ERROR;
    }
    if (pointer >= 189000) {
      return 0x10000 + pointer - 189000;
    }
    const [start, code] = load("IndexGb18030").RANGES.findLast(([first]) => first <= pointer);
    return code + pointer - start;
  }
}

const ESCAPES = { "(B": "ascii", "(J": "roman", "(I": "katakana", "$@": "lead", "$B": "lead" };

/** ISO-2022-JP: sequences that begin with ESC say which set comes. */
class Iso2022Jp {
  again = [];
  #state = "ascii";
  #output = "ascii";
  #lead = 0;
  #escape = 0; // the byte after ESC
  #justEscaped = false;

  step(byte) {
    switch (this.#state) {
      case "escapeStart":
        return this.#escapeStart(byte);
      case "escape":
        return this.#escapeEnd(byte);
      case "trail":
        return this.#trail(byte);
      default:
        return this.#first(byte);
    }
  }

  #first(byte) {
    if (byte == 0x1b) {
      this.#state = "escapeStart";
      return CONTINUE;
    }
    if (byte == END) {
      return CONTINUE;
    }
    this.#justEscaped = false;
    if (this.#state == "lead" && within(byte, 0x21, 0x7e)) {
      this.#lead = byte;
      this.#state = "trail";
      return CONTINUE;
    }
    if (this.#state == "katakana" && within(byte, 0x21, 0x5f)) {
      return 0xff61 - 0x21 + byte;
    }
    if (this.#state == "roman" && (byte == 0x5c || byte == 0x7e)) {
      return byte == 0x5c ? 0xa5 : 0x203e;
    }
    const plain = this.#state == "ascii" || this.#state == "roman";
    return plain && isAscii(byte) && byte != 0x0e && byte != 0x0f ? byte : ERROR;
  }

  #trail(byte) {
    if (byte == 0x1b) {
      this.#state = "escapeStart";
      return ERROR;
    }
    this.#state = "lead";
    if (byte == END || !within(byte, 0x21, 0x7e)) {
      return ERROR;
    }
    return found(indexOf("IndexJis0208"), (this.#lead - 0x21) * 94 + byte - 0x21);
  }

  #escapeStart(byte) {
    if (byte == 0x24 || byte == 0x28) {
      this.#escape = byte;
      this.#state = "escape";
      return CONTINUE;
    }
    if (byte != END) {
      this.again.push(byte);
    }
    this.#justEscaped = false;
    this.#state = this.#output;
    return ERROR;
  }

  #escapeEnd(byte) {
    const state = byte == END ? undefined : ESCAPES[String.fromCharCode(this.#escape, byte)];
    if (!state) {
      this.again.push(...(byte == END ? [] : [byte]), this.#escape);
      this.#justEscaped = false;
      this.#state = this.#output;
      return ERROR;
    }
    this.#state = this.#output = state;
    const twice = this.#justEscaped;
    this.#justEscaped = true;
    return twice ? ERROR : CONTINUE;
  }
}

const DECODERS = {
  "big5": Big5, "euc-jp": EucJp, "euc-kr": EucKr, "gb18030": Gb18030, "gbk": Gb18030, "iso-2022-jp": Iso2022Jp,
  "shift_jis": ShiftJis, "x-user-defined": UserDefined,
};

/** The name of the encoding that @label, in small letters, stands for; undefined: none of these. */
export function legacyEncoding(label) {
  return Object.keys(LABELS).find(name => LABELS[name].split(" ").includes(label));
}

/** Decodes what comes in pieces. */
export class LegacyDecoder {
  #name;
  #decoder;

  constructor(name) {
    this.#name = name;
    this.#reset();
  }

  #reset() {
    const Decoder = DECODERS[this.#name] ?? SingleByte;
    this.#decoder = new Decoder(this.#name);
  }

  /** The text of @bytes; null when @fatal and something is wrong; @final: nothing follows. */
  decode(bytes, fatal, final) {
    const decoder = this.#decoder;
    const { again } = decoder;
    const parts = [];
    let at = 0;
    let codes = [];
    for (;;) {
      const byte = again.length ? again.pop() : at < bytes.length ? bytes[at++] : END;
      if (byte == END && !final) {
        break;
      }
      const result = decoder.step(byte);
      if (result === ERROR) {
        if (fatal) {
          this.#reset();
          return null;
        }
        codes.push(NOTHING);
      } else if (typeof result == "string") {
        codes.push(...Array.from(result, character => character.codePointAt(0)));
      } else if (result >= 0) {
        codes.push(result);
      }
      if (codes.length >= 4096) {
        parts.push(String.fromCodePoint(...codes));
        codes = [];
      }
      if (byte == END && again.length == 0) {
        break;
      }
    }
    parts.push(String.fromCodePoint(...codes));
    if (final) {
      this.#reset();
    }
    return parts.join("");
  }
}
