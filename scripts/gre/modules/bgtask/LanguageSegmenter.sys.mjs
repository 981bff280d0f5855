// SPDX-License-Identifier: MPL-2.0
// Intl.Segmenter. A text is given to the native side once, which then tells where segments end, many at a time.

import { finishClass, makeObject, makeSlot, readMatcher, readOptions, resolveLocale, stringOption } from
  "resource://gre/modules/bgtask/LanguageIntl.sys.mjs";
import { toInteger } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { intl } = import.meta.native;

/** In the order of enum intl_granularity. */
const GRANULARITIES = ["grapheme", "word", "sentence"];

/** Ends that are asked for at a time, at first and at most: who stops early does not pay for all of them. */
const FIRST_ENDS = 8;
const MOST_ENDS = 1024;

const segmenterSlot = makeSlot("Intl.Segmenter");
const segmentsSlot = makeSlot("Intl.Segments");
const iteratorSlot = makeSlot("Intl.SegmentIterator");

/** @param {{text: string, isWord: boolean}} segments @param {number} end with whether it is like a word, as intl_end */
function segmentData({ text, isWord }, start, end) {
  const data = { segment: text.slice(start, end >>> 1), index: start, input: text };
  if (isWord) {
    data.isWordLike = (end & 1) == 1;
  }
  return data;
}

/** An iterator's place in a text, and the ends ahead of it that are known. */
class Walk {
  #segments;
  #ends = new Int32Array(0);
  #known = 0;
  #used = 0;
  #start = 0;

  constructor(segments) {
    this.#segments = segments;
  }

  /** The next segment; undefined: there is none. */
  next() {
    if (this.#used == this.#known && !this.#learn()) {
      return undefined;
    }
    const end = this.#ends[this.#used++];
    const data = segmentData(this.#segments, this.#start, end);
    this.#start = end >>> 1;
    return data;
  }

  #learn() {
    const { text, native } = this.#segments;
    this.#used = this.#known = 0;
    if (this.#start >= text.length) {
      return false;
    }
    if (this.#ends.length < MOST_ENDS) {
      this.#ends = new Int32Array(this.#ends.length == 0 ? FIRST_ENDS : MOST_ENDS);
    }
    this.#known = intl.segmentsNext(native, this.#start, this.#ends);
    return this.#known > 0;
  }
}

const segmentsPrototype = {
  containing(index) {
    const segments = segmentsSlot.of(this, "containing");
    const at = toInteger(+index);
    if (!(at >= 0 && at < segments.text.length)) {
      return undefined;
    }
    const ends = new Int32Array(2);
    intl.segmentsAround(segments.native, at, ends);
    return segmentData(segments, ends[0] >>> 1, ends[1]);
  },
  [Symbol.iterator]() {
    const segments = segmentsSlot.of(this, "[Symbol.iterator]");
    return iteratorSlot.put(Object.create(iteratorPrototype), new Walk(segments));
  },
};

const iteratorPrototype = {
  __proto__: Object.getPrototypeOf(Object.getPrototypeOf([].values())),
  next() {
    const value = iteratorSlot.of(this, "next").next();
    return { value, done: value === undefined };
  },
};
Object.defineProperty(iteratorPrototype, Symbol.toStringTag, { value: "Segmenter String Iterator", configurable: true });
for (const [object, key] of [[segmentsPrototype, "containing"], [segmentsPrototype, Symbol.iterator], [iteratorPrototype, "next"]]) {
  Object.defineProperty(object, key, { enumerable: false });
}

function Segmenter(locales = undefined, options = undefined) {
  const object = makeObject(new.target, Segmenter.prototype, "Intl.Segmenter");
  const tags = Intl.getCanonicalLocales(locales);
  const given = readOptions(options, "Intl.Segmenter");
  readMatcher(given);
  const granularity = stringOption(given, "granularity", GRANULARITIES, "grapheme");
  return segmenterSlot.put(object, { locale: resolveLocale(tags), granularity });
}

finishClass(Segmenter, "Segmenter", {
  resolvedOptions() {
    const { locale, granularity } = segmenterSlot.of(this, "resolvedOptions");
    return { locale, granularity };
  },
  segment(input) {
    const { locale, granularity } = segmenterSlot.of(this, "segment");
    const text = `${input}`;
    const native = intl.segments(locale, GRANULARITIES.indexOf(granularity), text);
    return segmentsSlot.put(Object.create(segmentsPrototype), { text, isWord: granularity == "word", native });
  },
  toSource() {
    return "Segmenter";
  },
});

export const members = { Intl: { Segmenter } };
