// SPDX-License-Identifier: MPL-2.0
// Temporal's objects in the words of a language: toLocaleString(), and the methods of Intl.DateTimeFormat that take them.
//
// The engine's Intl.DateTimeFormat formats numbers. Of an object of Temporal it gets milliseconds, in UTC if the object is of no
// zone, and only those fields that the object has: for each kind a formatter is derived from the one that was made. What a
// formatter was made with cannot be told from it later, since it also has defaults; so the constructor is one that notes it,
// from when Temporal is first used. Numbers and dates go to the engine as they did.

import { floorDiv } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { kindOf, slotsOf } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { MIDNIGHT, epochNsOf } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { isOffsetString } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";
import {
  checkStyles, copyOptions, fieldsFor, formatterOf, guessOptions, hourOptions, inIsoOrder,
} from "resource://gre/modules/bgtask/TemporalLocaleFields.sys.mjs";
import { formatInZone } from "resource://gre/modules/bgtask/TemporalLocaleZones.sys.mjs";
import { toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

const { DateTimeFormat } = Intl;
const { apply, construct } = Reflect;
const { formatToParts, formatRange, formatRangeToParts, resolvedOptions } = DateTimeFormat.prototype;
const getFormat = Object.getOwnPropertyDescriptor(DateTimeFormat.prototype, "format").get;

const NOON = { ...MIDNIGHT, hour: 12 };
const EPOCH = { year: 1970, month: 1, day: 1 };
const CALENDAR_OF_ITS_OWN = ["PlainYearMonth", "PlainMonthDay"];

/** By formatter: the options that it was made with, and what was derived from it, by kind. */
const given = new WeakMap();
const derived = new WeakMap();
/** By what the engine's `format` gives: what ours does. */
const bound = new WeakMap();

// ---- formatters of a kind ----

/** Of a formatter: what all that is derived from it have in common, and { explicit }, the options it was made with. */
function baseOf(formatter) {
  const resolved = apply(resolvedOptions, formatter, []);
  const { locale, calendar, numberingSystem, timeZone } = resolved;
  return { locale, calendar, numberingSystem, timeZone, explicit: given.get(formatter) ?? guessOptions(resolved) };
}

function refuse(kind) {
  throw new TypeError(`can't format Temporal.${kind} using the requested options`);
}

function derive(formatter, kind) {
  const base = baseOf(formatter);
  const fields = fieldsFor(kind, base) ?? refuse(kind);
  const { locale, calendar, numberingSystem } = base;
  const timeZone = kind == "Instant" ? base.timeZone : "UTC";
  const made = formatterOf(locale, { calendar, numberingSystem, timeZone, ...hourOptions(kind, base.explicit), ...fields });
  return { calendar, numberingSystem, formatter: made };
}

function derivedOf(formatter, kind) {
  if (!derived.has(formatter)) {
    derived.set(formatter, new Map());
  }
  const kinds = derived.get(formatter);
  if (!kinds.has(kind)) {
    kinds.set(kind, derive(formatter, kind));
  }
  return kinds.get(kind);
}

function checkCalendar(kind, calendar, wanted) {
  const isAny = calendar === undefined || (calendar == "iso8601" && !CALENDAR_OF_ITS_OWN.includes(kind));
  if (!isAny && calendar != wanted) {
    throw new RangeError(`calendars "${calendar}" and "${wanted}" aren't compatible`);
  }
}

/** What the engine is to format. */
function millisecondsOf({ epochNs, date = EPOCH, time = NOON }) {
  return Number(floorDiv(epochNs ?? epochNsOf({ date, time }), 1_000_000n));
}

/** The engine's formatter for an object of @kind, and the milliseconds of each of @values, which are all of that kind. */
function prepare(formatter, kind, values) {
  if (kind == "ZonedDateTime") {
    throw new TypeError("object is Temporal.ZonedDateTime");
  }
  if (kind == "Duration") {
    throw new TypeError("can't convert Duration to primitive type");
  }
  const found = derivedOf(formatter, kind);
  const numbers = values.map(value => {
    const slots = slotsOf(kind, value);
    checkCalendar(kind, slots.calendar, found.calendar);
    return millisecondsOf(slots);
  });
  return { ...found, numbers };
}

function partsOf({ formatter, numbers, calendar, numberingSystem }) {
  const parts = apply(formatToParts, formatter, numbers);
  return calendar == "iso8601" ? inIsoOrder(parts, numberingSystem) : parts;
}

function textOf(prepared) {
  return partsOf(prepared).map(({ value }) => value).join("");
}

/** The engine's formatter, and numbers, for a range. */
function prepareRange(formatter, name, start, end) {
  const kind = kindOf(start) ?? kindOf(end);
  if (start === undefined || end === undefined) {
    throw new TypeError(`undefined ${start === undefined ? "start" : "end"}-date in DateTimeFormat.${name}()`);
  }
  for (const value of [start, end]) {
    if (kindOf(value) != kind) {
      const found = kindOf(value) ? `Temporal.${kindOf(value)}` : typeof value;
      throw new TypeError(`${name}: expected Temporal.${kind}, got ${found}`);
    }
  }
  return prepare(formatter, kind, [start, end]);
}

// ---- Intl.DateTimeFormat ----

function boundFormat(formatter) {
  const ofEngine = apply(getFormat, formatter, []);
  if (!bound.has(ofEngine)) {
    bound.set(ofEngine, date => {
      const kind = kindOf(date);
      return kind ? textOf(prepare(formatter, kind, [date])) : ofEngine(date);
    });
  }
  return bound.get(ofEngine);
}

const members = {
  get format() {
    return boundFormat(this);
  },

  formatToParts(date) {
    const kind = kindOf(date);
    return kind ? partsOf(prepare(this, kind, [date])) : apply(formatToParts, this, [date]);
  },

  formatRange(startDate, endDate) {
    const isOfTemporal = kindOf(startDate) || kindOf(endDate);
    const { formatter, numbers } = isOfTemporal
      ? prepareRange(this, "formatRange", startDate, endDate)
      : { formatter: this, numbers: [startDate, endDate] };
    return apply(formatRange, formatter, numbers);
  },

  formatRangeToParts(startDate, endDate) {
    const isOfTemporal = kindOf(startDate) || kindOf(endDate);
    const { formatter, numbers } = isOfTemporal
      ? prepareRange(this, "formatRangeToParts", startDate, endDate)
      : { formatter: this, numbers: [startDate, endDate] };
    return apply(formatRangeToParts, formatter, numbers);
  },
};

function note(formatter, options) {
  given.set(formatter, options ?? {});
  return formatter;
}

/** To be called once, when Temporal is first used: Intl.DateTimeFormat takes its objects from then on. */
export function installLocale() {
  const { prototype } = DateTimeFormat;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    Object.defineProperty(prototype, name, { ...descriptor, enumerable: false });
  }
  const noting = new Proxy(DateTimeFormat, {
    construct(target, [locales, options], newTarget) {
      const copy = copyOptions(options);
      return note(construct(target, [locales, copy], newTarget), copy);
    },
    apply(target, self, [locales, options]) {
      const copy = copyOptions(options);
      return note(apply(target, self, [locales, copy]), copy);
    },
  });
  Object.defineProperty(Intl, "DateTimeFormat", { value: noting, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(prototype, "constructor", { value: noting, writable: true, enumerable: false, configurable: true });
}

// ---- toLocaleString() ----

function zonedText({ epochNs, zone, calendar }, locales, options) {
  if (options?.timeZone !== undefined) {
    throw new TypeError("can't set option timeZone when Temporal.ZonedDateTime.toLocaleString is used");
  }
  const base = baseOf(note(new DateTimeFormat(locales, options), options));
  checkCalendar("ZonedDateTime", calendar, base.calendar);
  return formatInZone(base, { ...hourOptions("ZonedDateTime", base.explicit), ...fieldsFor("ZonedDateTime", base) }, epochNs, zone);
}

/** In a zone that is an offset, which the engine's formatters do not take. */
function offsetText({ epochNs }, locales, { timeZone, ...options }) {
  const base = baseOf(note(new DateTimeFormat(locales, options), options));
  return formatInZone(base, { ...hourOptions("Instant", options), ...fieldsFor("Instant", base) }, epochNs, toZoneId(timeZone));
}

/** What toLocaleString() of @object, a @kind, gives. */
export function toLocaleString(kind, object, locales, options) {
  if (kind == "Duration") {
    return new Intl.DurationFormat(locales, options).format(object);
  }
  const copy = copyOptions(options);
  const slots = slotsOf(kind, object);
  if (kind == "ZonedDateTime") {
    return zonedText(slots, locales, copy);
  }
  if (kind == "Instant" && typeof copy?.timeZone == "string" && isOffsetString(copy.timeZone)) {
    return offsetText(slots, locales, copy);
  }
  const formatter = note(new DateTimeFormat(locales, copy), copy);
  checkStyles(kind, copy);
  return textOf(prepare(formatter, kind, [object]));
}
