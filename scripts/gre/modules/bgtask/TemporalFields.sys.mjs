// SPDX-License-Identifier: MPL-2.0
// Fields of objects that are like a date, a time, or both: each is read once, in alphabetical order, and becomes a number or a
// text at once.

import { dateFromFields, parseMonthCode } from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { TIME_NAMES, regulateTime } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toIntegerWithTruncation, toPositiveInteger } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { describe, isObject, kindOf } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { parseOffset } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";
import { systemOf } from "resource://gre/modules/bgtask/TemporalSystems.sys.mjs";
import { toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

export const DATE_FIELDS = ["year", "month", "monthCode", "day"];
export const YEAR_MONTH_FIELDS = ["year", "month", "monthCode"];
export const TIME_FIELDS = TIME_NAMES;
const SORTED_TIME_NAMES = [...TIME_NAMES].sort();

/** The text that @value is, or that an object makes of itself; nothing else becomes one. */
function textOf(value, name) {
  let text = value;
  if (isObject(value)) {
    text = primitiveOf(value);
  }
  if (typeof text != "string") {
    throw new TypeError(`${describe(text)} is no text for ${name}`);
  }
  return text;
}

/** What an object becomes where a text is wanted. */
export function primitiveOf(object) {
  const convert = object[Symbol.toPrimitive];
  if (convert !== undefined && convert !== null) {
    const value = Reflect.apply(convert, object, ["string"]);
    if (!isObject(value)) {
      return value;
    }
    throw new TypeError("The object has no primitive value");
  }
  for (const name of ["toString", "valueOf"]) {
    const method = object[name];
    const value = typeof method == "function" ? Reflect.apply(method, object, []) : object;
    if (!isObject(value)) {
      return value;
    }
  }
  throw new TypeError("The object has no primitive value");
}

function monthCodeOf(value, name) {
  const text = textOf(value, name);
  parseMonthCode(text);
  return text;
}

function offsetOf(value, name) {
  const text = textOf(value, name);
  parseOffset(text);
  return text;
}

/** What is made of a field's value. */
const CONVERSIONS = {
  era: value => `${value}`, eraYear: toIntegerWithTruncation, year: toIntegerWithTruncation, month: toPositiveInteger,
  monthCode: monthCodeOf, day: toPositiveInteger, offset: offsetOf, timeZone: value => toZoneId(value),
  ...Object.fromEntries(TIME_NAMES.map(name => [name, toIntegerWithTruncation])),
};

/**
 * @param {string[]} dateNames  of DATE_FIELDS; era and eraYear come with a year, if the calendar has eras
 * @param {string[]} otherNames  of TIME_FIELDS, "offset" and "timeZone"
 * @param {string[]|"partial"} required  names that must be there; "partial": at least one, whichever
 * @returns {object} the fields that are there; those of a time are 0 if they are not, unless it is "partial"
 */
export function prepareFields(calendar, bag, dateNames, otherNames, required) {
  const hasEras = dateNames.includes("year") && systemOf(calendar).eras;
  const names = [...dateNames, ...otherNames, ...(hasEras ? ["era", "eraYear"] : [])].sort();
  const fields = {};
  for (const name of names) {
    const value = bag[name];
    if (value !== undefined) {
      fields[name] = CONVERSIONS[name](value, name);
    } else if (required.includes(name)) {
      throw new TypeError(`The field ${name} is missing`);
    }
  }
  if (required == "partial") {
    if (!Object.keys(fields).length) {
      throw new TypeError("The object has no field of a date or time");
    }
    return fields;
  }
  const zeros = TIME_NAMES.filter(name => otherNames.includes(name)).map(name => [name, 0]);
  return { ...Object.fromEntries(zeros), ...fields };
}

/** Whether @value can be the argument of with(): an object with fields alone, no date or time of its own. */
export function isPartialObject(value) {
  if (!isObject(value)) {
    return false;
  }
  const kind = kindOf(value);
  const isWhole = kind !== undefined && kind != "Instant" && kind != "Duration";
  return !isWhole && value.calendar === undefined && value.timeZone === undefined;
}

export function checkPartial(value) {
  if (!isPartialObject(value)) {
    throw new TypeError("with() takes an object of fields alone, without a calendar or a time zone");
  }
}

/** The fields of a time that @like has; without @isPartial those that it has not are 0. */
export function timeFields(like, isPartial = false) {
  const fields = {};
  for (const name of SORTED_TIME_NAMES) {
    const value = like[name];
    if (value !== undefined) {
      fields[name] = toIntegerWithTruncation(value, name);
    }
  }
  if (!Object.keys(fields).length) {
    throw new TypeError("The object has no field of a time");
  }
  return isPartial ? fields : { ...Object.fromEntries(TIME_NAMES.map(name => [name, 0])), ...fields };
}

/** The date-time that the fields say. */
export function interpretDateTimeFields(calendar, fields, overflow) {
  const date = dateFromFields(calendar, fields, overflow);
  return { date, time: regulateTime(fields, overflow) };
}
