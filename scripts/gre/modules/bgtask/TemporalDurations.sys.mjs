// SPDX-License-Identifier: MPL-2.0
// Durations as records: { years … nanoseconds }, all ten of them numbers of one sign; and what is calculated with, an internal
// duration { date: { years, months, weeks, days }, time: nanoseconds as a BigInt }.

import {
  absolute, ratio, roundToIncrement, signOf, toIntegerIfIntegral,
} from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { describe, isObject, slotsIf } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { parseDuration } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";

/** The largest first. */
export const UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
export const DURATION_NAMES = UNITS.map(unit => `${unit}s`);
const SORTED_NAMES = [...DURATION_NAMES].sort();

/** Nanoseconds of the units that have a fixed number of them; days are those of 24 hours. */
export const NS_PER = {
  day: 86_400_000_000_000n, hour: 3_600_000_000_000n, minute: 60_000_000_000n, second: 1_000_000_000n, millisecond: 1_000_000n,
  microsecond: 1000n, nanosecond: 1n,
};

const CALENDAR_LIMIT = 2 ** 32;
const TIME_LIMIT = 2n ** 53n * NS_PER.second;

export const isCalendarUnit = unit => UNITS.indexOf(unit) < 3;
export const isDateUnit = unit => UNITS.indexOf(unit) < 4;

export function largerUnit(one, two) {
  return UNITS[Math.min(UNITS.indexOf(one), UNITS.indexOf(two))];
}

export const ZERO_DATE = Object.freeze({ years: 0, months: 0, weeks: 0, days: 0 });
export const ZERO = Object.freeze(Object.fromEntries(DURATION_NAMES.map(name => [name, 0])));

/** Of hours and what is smaller, in nanoseconds. */
export function totalTime(record) {
  return UNITS.slice(4).reduce((sum, unit) => sum + BigInt(record[`${unit}s`]) * NS_PER[unit], 0n);
}

/** -1, 0 or 1 of a record. */
export function sign(record) {
  const first = DURATION_NAMES.find(name => record[name]);
  return first ? Math.sign(record[first]) : 0;
}

export function dateSign(dateDuration) {
  return sign({ ...ZERO, ...dateDuration });
}

export function internalSign({ date, time }) {
  return dateSign(date) || signOf(time);
}

export function isValid(record) {
  const numbers = DURATION_NAMES.map(name => record[name]);
  const isOfOneSign = !(numbers.some(n => n < 0) && numbers.some(n => n > 0));
  if (!numbers.every(Number.isFinite) || !isOfOneSign || numbers.slice(0, 3).some(n => Math.abs(n) >= CALENDAR_LIMIT)) {
    return false;
  }
  return absolute(totalTime(record) + BigInt(record.days) * NS_PER.day) < TIME_LIMIT;
}

export function checkDurationRecord(record) {
  if (!isValid(record)) {
    throw new RangeError("The duration is too long, or its fields differ in their signs");
  }
  return record;
}

/** A record that has those fields, and 0 for the rest. */
export function makeDurationRecord(fields) {
  return checkDurationRecord({ ...ZERO, ...fields });
}

export function negate(record) {
  return Object.fromEntries(DURATION_NAMES.map(name => [name, 0 - record[name]]));
}

/** The largest unit that a record has something of. */
export function defaultLargestUnit(record) {
  return UNITS.find(unit => record[`${unit}s`]) ?? "nanosecond";
}

/** RangeError if it is more time than a duration can have. */
export function checkTime(ns) {
  if (absolute(ns) >= TIME_LIMIT) {
    throw new RangeError("The time is too long for a duration");
  }
  return ns;
}

export function addDaysToTime(ns, days) {
  return checkTime(ns + BigInt(days) * NS_PER.day);
}

export function combine(date, time) {
  return { date, time };
}

export function toInternal(record) {
  const { years, months, weeks, days } = record;
  return combine({ years, months, weeks, days }, totalTime(record));
}

/** The same, the days in the time as 24 hours each. */
export function toInternal24h(record) {
  const { date, time } = toInternal(record);
  return combine({ ...date, days: 0 }, addDaysToTime(time, date.days));
}

/** Years, months, weeks and days, with as many more days as the time has whole ones. */
export function dateOf(record) {
  const { date, time } = toInternal24h(record);
  const days = Number(time / NS_PER.day);
  return checkDateDuration({ ...date, days });
}

function checkDateDuration(date) {
  checkDurationRecord({ ...ZERO, ...date });
  return date;
}

/** @dateDuration with other days, and weeks and months if they are given. */
export function adjustDate(dateDuration, changes) {
  return checkDateDuration({ ...dateDuration, ...changes });
}

/** A record of an internal duration, its time in units of at most @largestUnit. */
export function fromInternal({ date, time }, largestUnit) {
  const factor = time < 0n ? -1 : 1;
  let rest = absolute(time);
  const record = { ...ZERO, ...date };
  const first = UNITS.indexOf(isDateUnit(largestUnit) ? "day" : largestUnit);
  for (const unit of UNITS.slice(first)) {
    record[`${unit}s`] += Number(rest / NS_PER[unit]) * factor + 0;
    rest %= NS_PER[unit];
  }
  return checkDurationRecord(record);
}

export function roundTime(ns, increment, unit, mode) {
  return checkTime(roundToIncrement(ns, BigInt(increment) * NS_PER[unit], mode));
}

export function totalTimeIn(ns, unit) {
  return ratio(ns, NS_PER[unit]);
}

/** The fields of an object like a duration, as far as it has any: in alphabetical order, as the standard has it. */
export function partialDuration(like) {
  if (!isObject(like)) {
    throw new TypeError(`${describe(like)} is no object with fields of a duration`);
  }
  const fields = {};
  for (const name of SORTED_NAMES) {
    const value = like[name];
    if (value !== undefined) {
      fields[name] = toIntegerIfIntegral(value, name);
    }
  }
  if (!Object.keys(fields).length) {
    throw new TypeError("The object has no field of a duration");
  }
  return fields;
}

/** The record of a Duration, of an object like one, or of a text. */
export function toDuration(item) {
  const slots = slotsIf("Duration", item);
  if (slots) {
    return slots;
  }
  if (isObject(item)) {
    return makeDurationRecord(partialDuration(item));
  }
  if (typeof item != "string") {
    throw new TypeError(`${describe(item)} is no duration`);
  }
  return parseDuration(item);
}
