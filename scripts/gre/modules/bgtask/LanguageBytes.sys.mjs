// SPDX-License-Identifier: MPL-2.0
// What Uint8Array, ArrayBuffer, DataView and Math lack: base64 and hex, transfer of buffers, 16-bit floats, exact sums.
//
// Buffers here are never resizable: the engine has no such ones.

import { checkReceiver, isObject, toInteger } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { runtime } = import.meta.native;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABETS = { base64: `${ALPHABET}+/`, base64url: `${ALPHABET}-_` };
const HANDLINGS = ["loose", "strict", "stop-before-partial"];
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const bufferLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;

function incompatible(value, method) {
  const name = value === null || value === undefined ? String(value) : value.constructor?.name ?? "Object";
  return new TypeError(`${method} method called on incompatible ${name}`);
}

function checkBytes(value, method) {
  if (Object.prototype.toString.call(value) != "[object Uint8Array]" || !ArrayBuffer.isView(value)) {
    throw incompatible(value, method);
  }
}

function checkString(value) {
  if (typeof value != "string") {
    throw new TypeError(`${String(value)} is not a string`);
  }
}

function readOptions(options, method) {
  if (options === undefined) {
    return {};
  }
  if (!isObject(options)) {
    const kind = options === null ? "null" : `the ${typeof options} ${String(options)}`;
    throw new TypeError(`options argument of ${method} must be an object, got ${kind}`);
  }
  return options;
}

function readAlphabet(options) {
  const name = options.alphabet === undefined ? "base64" : options.alphabet;
  if (typeof name != "string" || !Object.hasOwn(ALPHABETS, name)) {
    throw new TypeError('"alphabet" option must be one of "base64" or "base64url"');
  }
  return ALPHABETS[name];
}

function encode(bytes, digits, omitPadding) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = (bytes[at] << 16) | ((left > 1 ? bytes[at + 1] : 0) << 8) | (left > 2 ? bytes[at + 2] : 0);
    text += digits[bits >> 18] + digits[(bits >> 12) & 63];
    if (left > 1) {
      text += digits[(bits >> 6) & 63];
    }
    if (left > 2) {
      text += digits[bits & 63];
    } else if (!omitPadding) {
      text += left > 1 ? "=" : "==";
    }
  }
  return text;
}

/** Takes base64 apart, at most @room bytes of it; the methods are the steps of the standard's algorithm. */
class Base64Reader {
  bytes = [];
  read = 0; // units of the text whose bytes are all in `bytes`
  error = null;
  #text;
  #digits;
  #handling;
  #room;
  #at = 0;
  #chunk = [];

  constructor(text, digits, handling, room) {
    this.#text = text;
    this.#digits = digits;
    this.#handling = handling;
    this.#room = room;
    if (room > 0) {
      this.#run();
    }
  }

  #skipSpace() {
    while (this.#at < this.#text.length && /[\t\n\f\r ]/.test(this.#text[this.#at])) {
      this.#at++;
    }
  }

  #fail(message) {
    this.error = new SyntaxError(message);
  }

  #run() {
    for (;;) {
      this.#skipSpace();
      if (this.#at == this.#text.length) {
        this.#end();
        return;
      }
      const character = this.#text[this.#at];
      if (character == "=") {
        this.#padding();
        return;
      }
      const value = this.#digits.indexOf(character);
      if (value < 0) {
        this.#fail(`'${character}' is not a valid base64 character`);
        return;
      }
      const left = this.#room - this.bytes.length;
      if ((left == 1 && this.#chunk.length == 2) || (left == 2 && this.#chunk.length == 3)) {
        return; // the next byte would not fit
      }
      this.#at++;
      this.#chunk.push(value);
      if (this.#chunk.length == 4) {
        this.#flush();
        if (this.bytes.length == this.#room) {
          return;
        }
      }
    }
  }

  #flush() {
    const [a, b, c = 0, d = 0] = this.#chunk;
    const bits = (a << 18) | (b << 12) | (c << 6) | d;
    const all = [bits >> 16, (bits >> 8) & 0xff, bits & 0xff];
    this.bytes.push(...all.slice(0, this.#chunk.length - 1));
    this.#chunk = [];
    this.read = this.#at;
  }

  /** The text has ended, maybe within a chunk. */
  #end() {
    const { length } = this.#chunk;
    if (length > 0 && this.#handling == "stop-before-partial") {
      return;
    }
    if (length == 1 || (length > 0 && this.#handling == "strict")) {
      this.#fail("unexpected incomplete base64 chunk");
      return;
    }
    if (length > 0) {
      this.#flush();
    }
    this.read = this.#text.length;
  }

  /** At the first "=". */
  #padding() {
    const { length } = this.#chunk;
    if (length < 2) {
      this.#fail("unexpected incomplete base64 chunk");
      return;
    }
    this.#at++;
    this.#skipSpace();
    if (length == 2) {
      if (this.#at == this.#text.length) {
        if (this.#handling != "stop-before-partial") {
          this.#fail("missing padding '=' character");
        }
        return;
      }
      if (this.#text[this.#at] == "=") {
        this.#at++;
        this.#skipSpace();
      }
    }
    if (this.#at < this.#text.length) {
      this.#fail(`unexpected '${this.#text[this.#at]}' after base64 padding`);
      return;
    }
    const extra = length == 2 ? this.#chunk[1] & 15 : this.#chunk[2] & 3;
    if (this.#handling == "strict" && extra) {
      this.#fail("unexpected extra bits in last character");
      return;
    }
    this.#flush();
  }
}

function readBase64(text, options, method, room) {
  checkString(text);
  const { ...given } = readOptions(options, method);
  const digits = readAlphabet(given);
  const handling = given.lastChunkHandling === undefined ? "loose" : given.lastChunkHandling;
  if (!HANDLINGS.includes(handling)) {
    throw new TypeError('"lastChunkHandling" option must be one of "loose", "strict", or "stop-before-partial"');
  }
  return new Base64Reader(text, digits, handling, room);
}

function readHex(text, room) {
  checkString(text);
  if (text.length % 2) {
    return { bytes: [], read: 0, error: new SyntaxError("hex-string must have an even number of characters") };
  }
  const bytes = [];
  while (bytes.length < Math.min(room, text.length / 2)) {
    const pair = text.slice(2 * bytes.length, 2 * bytes.length + 2);
    const bad = /[^0-9A-Fa-f]/.exec(pair);
    if (bad) {
      const error = new SyntaxError(`'${bad[0]}' is not a valid hex-digit`);
      return { bytes, read: 2 * bytes.length, error };
    }
    bytes.push(parseInt(pair, 16));
  }
  return { bytes, read: 2 * bytes.length, error: null };
}

function whole({ bytes, error }) {
  if (error) {
    throw error;
  }
  return Uint8Array.from(bytes);
}

/** What was read before an error is written, as the standard has it. */
function store(target, { bytes, read, error }) {
  target.set(bytes);
  if (error) {
    throw error;
  }
  return { read, written: bytes.length };
}

const uint8Statics = {
  fromBase64(text, options = undefined) {
    return whole(readBase64(text, options, "fromBase64", Infinity));
  },
  fromHex(text) {
    return whole(readHex(text, Infinity));
  },
};

const uint8Members = {
  setFromBase64(text, options = undefined) {
    checkBytes(this, "setFromBase64");
    return store(this, readBase64(text, options, "setFromBase64", this.length));
  },
  setFromHex(text) {
    checkBytes(this, "setFromHex");
    return store(this, readHex(text, this.length));
  },
  toBase64(options = undefined) {
    checkBytes(this, "toBase64");
    const given = readOptions(options, "toBase64");
    const digits = readAlphabet(given);
    return encode(this, digits, Boolean(given.omitPadding));
  },
  toHex() {
    checkBytes(this, "toHex");
    return Array.from(this, byte => HEX[byte]).join("");
  },
};

function checkBuffer(value, method) {
  try {
    return Reflect.apply(bufferLength, value, []);
  } catch {
    throw incompatible(value, method);
  }
}

function isDetached(buffer) {
  if (checkBuffer(buffer, "detached") > 0) {
    return false;
  }
  try {
    return !new Uint8Array(buffer);
  } catch {
    return true;
  }
}

function transfer(buffer, length, method) {
  const size = checkBuffer(buffer, method);
  const wanted = length === undefined ? size : toInteger(length);
  if (wanted < 0 || wanted > Number.MAX_SAFE_INTEGER) {
    throw new RangeError("invalid or out-of-range index");
  }
  if (isDetached(buffer)) {
    throw new TypeError("attempting to access detached ArrayBuffer");
  }
  const result = new ArrayBuffer(wanted);
  new Uint8Array(result).set(new Uint8Array(buffer, 0, Math.min(size, wanted)));
  runtime.detach(buffer);
  return result;
}

const bufferMembers = {
  get detached() {
    return isDetached(this);
  },
  get maxByteLength() {
    return checkBuffer(this, "maxByteLength");
  },
  get resizable() {
    checkBuffer(this, "resizable");
    return false;
  },
  resize(length) {
    throw incompatible(this, "resize");
  },
  transfer(length = undefined) {
    return transfer(this, length, "transfer");
  },
  transferToFixedLength(length = undefined) {
    return transfer(this, length, "transferToFixedLength");
  },
};

const sharedLength = Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, "byteLength").get;

function checkShared(value, method) {
  try {
    return Reflect.apply(sharedLength, value, []);
  } catch {
    throw incompatible(value, method);
  }
}

const sharedMembers = {
  grow(length) {
    throw incompatible(this, "grow");
  },
  get growable() {
    checkShared(this, "growable");
    return false;
  },
  get maxByteLength() {
    return checkShared(this, "maxByteLength");
  },
};

const HALF_MAX = 65504;

/** The nearest number that 16 bits can hold; halves go to the even one. */
function roundHalf(value) {
  const number = +value;
  if (!Number.isFinite(number) || number === 0) {
    return number;
  }
  const magnitude = Math.abs(number);
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  // log2 may be off by one beside powers of two; one step of the finer scale does not hurt, since it is exact.
  const unit = 2 ** ((2 ** exponent > magnitude && exponent > -14 ? exponent - 1 : exponent) - 10);
  const steps = magnitude / unit;
  const low = Math.floor(steps);
  const rest = steps - low;
  const rounded = (rest > 0.5 || (rest == 0.5 && low % 2 == 1) ? low + 1 : low) * unit;
  return Math.sign(number) * (rounded > HALF_MAX ? Infinity : rounded);
}

export function halfBits(value) {
  const number = roundHalf(value);
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(number);
  if (Number.isNaN(number)) {
    return 0x7e00;
  }
  if (magnitude == Infinity) {
    return sign | 0x7c00;
  }
  if (magnitude < 2 ** -14) {
    return sign | (magnitude / 2 ** -24);
  }
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | ((exponent + 15) << 10) | ((magnitude / 2 ** exponent - 1) * 1024);
}

export function halfOf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent == 31) {
    return fraction ? NaN : sign * Infinity;
  }
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}

const viewMembers = {
  getFloat16(offset, littleEndian = undefined) {
    return halfOf(DataView.prototype.getUint16.call(this, offset, littleEndian));
  },
  setFloat16(offset, value, littleEndian = undefined) {
    DataView.prototype.setUint16.call(this, offset, halfBits(value), littleEndian);
  },
};
Object.defineProperty(viewMembers.setFloat16, "length", { value: 2, configurable: true });

const SCRATCH = new DataView(new ArrayBuffer(8));

/** A finite number as an integer of units of 2^-1074. */
function toUnits(number) {
  SCRATCH.setFloat64(0, number);
  const bits = SCRATCH.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const units = exponent ? (fraction | 0x10000000000000n) << BigInt(exponent - 1) : fraction;
  return bits >> 63n ? -units : units;
}

/** The nearest number to an integer of such units. */
function fromUnits(units) {
  const negative = units < 0n;
  const magnitude = negative ? -units : units;
  const size = magnitude.toString(2).length;
  const drop = Math.max(size - 53, 0);
  let kept = magnitude >> BigInt(drop);
  if (drop > 0) {
    const rest = magnitude & ((1n << BigInt(drop)) - 1n);
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest == half && kept & 1n)) {
      kept += 1n;
    }
  }
  // In two steps: 2^-1074 is subnormal, 2^(drop - 1074) may be as well.
  const power = drop - 1074;
  const value = power < -1022 ? Number(kept) * 2 ** (power + 52) * 2 ** -52 : Number(kept) * 2 ** power;
  return negative ? -value : value;
}

function sumPrecise(items) {
  if (!isObject(items) && typeof items != "string") {
    throw new TypeError(`${String(items)} is not iterable`);
  }
  let sum = 0n;
  let special = null; // NaN or an infinity
  let onlyMinusZero = true;
  for (const item of items) {
    if (typeof item != "number") {
      throw new TypeError("values passed to Math.sumPrecise must be numbers");
    }
    if (Number.isFinite(item)) {
      onlyMinusZero &&= Object.is(item, -0);
      sum += toUnits(item);
    } else {
      special = special === null ? item : special + item;
    }
  }
  if (special !== null) {
    return special;
  }
  return sum === 0n && onlyMinusZero ? -0 : fromUnits(sum);
}

export const members = {
  "ArrayBuffer.prototype": bufferMembers,
  "SharedArrayBuffer.prototype": sharedMembers,
  "DataView.prototype": viewMembers,
  "Math": {
    f16round(value) {
      return roundHalf(value);
    },
    sumPrecise(items) {
      return sumPrecise(items);
    },
  },
  "Uint8Array": uint8Statics,
  "Uint8Array.prototype": uint8Members,
  "WebAssembly.Memory.prototype": {
    toFixedLengthBuffer() {
      const { get } = Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, "buffer");
      return checkReceiver(get, this, "toFixedLengthBuffer");
    },
  },
};
