// SPDX-License-Identifier: MPL-2.0
// TextDecoder: every label, every byte of the encodings of one byte a character, every pair of bytes of the others, and
// sequences of bytes in pieces, good and bad.

import { probe } from "resource://testing-common/probe.sys.mjs";

const SINGLE =
  "ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 iso-8859-13 " +
  "iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 windows-1252 windows-1253 " +
  "windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic x-user-defined";
const MULTIPLE = ["big5", "euc-jp", "euc-kr", "gb18030", "gbk", "shift_jis", "iso-2022-jp"];
const UNICODE = ["utf-8", "utf-16le", "utf-16be"];
const LABELS = [
  "latin1", "ASCII", " l1 ", "iso-ir-58", "ks_c_5601-1987", "x-sjis", "csbig5", "visual", "logical", "tis-620", "cp1251", "sjis",
  "x-x-big5", "gb2312", "unicode", "ucs-2", "utf8", "x-unicode20utf8", "replacement", "hz-gb-2312", "iso-2022-kr", "utf-7",
  "utf-32", "", "none", "cp936", "cp949", "iso-8859-12", "koi", "mac", "dos-874",
];

/** A number for a text; equal texts have equal ones. */
function sumOf(text, sum = 0x811c9dc5) {
  for (let at = 0; at < text.length; at++) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  }
  return sum >>> 0;
}

/** Whatever fatal says to @bytes. */
function decodeStrictly(decoder, bytes) {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

function checkPairs(name) {
  const [loose, strict] = [new TextDecoder(name), new TextDecoder(name, { fatal: true })];
  const sums = [];
  for (let lead = 0x70; lead < 0x100; lead++) {
    // All trails in one text, with something between them that is no trail.
    const row = Uint8Array.from({ length: 4 * 0x100 }, (_, at) => (at % 4 == 0 ? lead : at % 4 == 1 ? at >> 2 : 0x0a));
    let sum = sumOf(loose.decode(row));
    // Each exception is an object with a stack: some trails of each lead, others with each.
    for (let trail = lead % 7; trail < 0x100; trail += 7) {
      sum = sumOf(decodeStrictly(strict, new Uint8Array([lead, trail])), sum);
    }
    sums.push(sum.toString(36));
  }
  dump(`${name}: ${sums.join(" ")}\n`);
}

/** The same numbers in each run and each engine. */
function* numbers(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    yield state >>> 16;
  }
}

/** Bytes of which many mean something in these encodings. */
const LIKELY = [0x1b, 0x24, 0x42, 0x28, 0x49, 0x4a, 0x40, 0x8e, 0x8f, 0x30, 0x39, 0x81, 0xa1, 0xfe, 0xff, 0x80, 0x41, 0x5c];

function checkSequences(name) {
  const random = numbers(name.length * 7919);
  const next = () => random.next().value;
  const sums = [];
  for (let round = 0; round < 40; round++) {
    const decoder = new TextDecoder(name, { ignoreBOM: round % 2 == 1 });
    let sum;
    for (let count = 0; count < 50; count++) {
      const bytes = Uint8Array.from({ length: next() % 6 }, () => (next() % 2 ? next() & 0xff : LIKELY[next() % LIKELY.length]));
      sum = sumOf(decoder.decode(bytes, { stream: true }), sum);
    }
    sums.push(sumOf(decoder.decode(), sum).toString(36));
  }
  dump(`${name}: ${sums.join(" ")}\n`);
}

function checkLongCodes() {
  const decoder = new TextDecoder("gb18030");
  let sum;
  for (let from = 0; from < 40000; from += 1000) {
    const bytes = [];
    for (let pointer = from; pointer < from + 1000; pointer++) {
      bytes.push(0x81 + Math.floor(pointer / 12600), 0x30 + (Math.floor(pointer / 1260) % 10),
                 0x81 + (Math.floor(pointer / 10) % 126), 0x30 + (pointer % 10));
    }
    sum = sumOf(decoder.decode(new Uint8Array(bytes)), sum);
  }
  dump(`gb18030, four bytes: ${sum}\n`);
  const japanese = new TextDecoder("euc-jp");
  for (let lead = 0xa0; lead < 0x100; lead++) {
    const bytes = [];
    for (let trail = 0xa0; trail < 0x100; trail++) {
      bytes.push(0x8f, lead, trail, 0x0a);
    }
    sum = sumOf(japanese.decode(new Uint8Array(bytes)), sum);
  }
  dump(`euc-jp, three bytes: ${sum}\n`);
}

export function runBackgroundTask() {
  for (const label of LABELS) {
    dump(`${JSON.stringify(label)}: `);
    probe(() => new TextDecoder(label).encoding);
  }
  const upper = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (const name of SINGLE.split(" ")) {
    const decoder = new TextDecoder(name);
    dump(`${name} ${decoder.encoding}: ${escape(decoder.decode(upper).slice(128))}\n`);
    dump(`${name}: ${decodeStrictly(new TextDecoder(name, { fatal: true }), upper).length}\n`);
  }
  MULTIPLE.forEach(checkPairs);
  [...MULTIPLE, ...UNICODE, "windows-874"].forEach(checkSequences);
  checkLongCodes();
  probe(() => new TextDecoder("gb18030").decode(new Uint8Array([0x81, 0x30, 0x81, 0x30, 0x90, 0x30, 0x81, 0x30, 0xe3, 0x32, 0x9a, 0x35])));
  probe(() => new TextDecoder("iso-2022-jp").decode(new TextEncoder().encode("a\u001b$B$\"$$\u001b(Bb")));
  probe(() => new TextDecoder("big5").decode(new Uint8Array([0x88, 0x62, 0x88, 0xa5, 0xa4, 0x40, 0xfe, 0xfe])));
  return 0;
}
