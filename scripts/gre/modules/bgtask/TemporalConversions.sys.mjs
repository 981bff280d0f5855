// SPDX-License-Identifier: MPL-2.0
// What from() takes: an object of Temporal's own, an object with fields, or a text. Each function gives the slots of its kind.

import {
  calendarOf, canonicalCalendar, dateFromFields, fieldsOfDate, monthDayFromFields, yearMonthFromFields,
} from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import {
  DATE_FIELDS, TIME_FIELDS, YEAR_MONTH_FIELDS, interpretDateTimeFields, prepareFields, primitiveOf, timeFields,
} from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import {
  MIDNIGHT, checkDate, checkDateTime, checkEpochNs, checkYearMonth, epochNsOf, regulateTime,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { describe, isObject, kindOf, slotsIf } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { getOptions, overflowOption } from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { parseISO, parseOffset } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";
import { dateTimeFor, interpretOffset, toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

function checkText(item, kind) {
  if (typeof item != "string") {
    throw new TypeError(`${describe(item)} is no ${kind}`);
  }
}

const overflowOf = options => overflowOption(getOptions(options));
const calendarFound = ({ calendar = "iso8601" }) => canonicalCalendar(calendar);
const dateFound = ({ year, month, day }) => ({ year, month, day });

/** Date and time that an object of Temporal's has, with its calendar; undefined: it is none that has a date. */
function dateTimeOf(item) {
  const zoned = slotsIf("ZonedDateTime", item);
  if (zoned) {
    return { ...dateTimeFor(zoned.zone, zoned.epochNs), calendar: zoned.calendar };
  }
  const date = slotsIf("PlainDate", item);
  return date ? { ...date, time: MIDNIGHT } : slotsIf("PlainDateTime", item);
}

export function toDate(item, options) {
  if (isObject(item)) {
    const own = dateTimeOf(item);
    if (own) {
      overflowOf(options);
      return { date: own.date, calendar: own.calendar };
    }
    const calendar = calendarOf(item);
    const fields = prepareFields(calendar, item, DATE_FIELDS, [], []);
    return { date: dateFromFields(calendar, fields, overflowOf(options)), calendar };
  }
  checkText(item, "date");
  const found = parseISO(item, ["date-time"]);
  const calendar = calendarFound(found);
  overflowOf(options);
  return { date: checkDate(dateFound(found)), calendar };
}

export function toDateTime(item, options) {
  if (isObject(item)) {
    const own = dateTimeOf(item);
    if (own) {
      overflowOf(options);
      checkDateTime(own);
      return own;
    }
    const calendar = calendarOf(item);
    const fields = prepareFields(calendar, item, DATE_FIELDS, TIME_FIELDS, []);
    return { ...checkDateTime(interpretDateTimeFields(calendar, fields, overflowOf(options))), calendar };
  }
  checkText(item, "date and time");
  const found = parseISO(item, ["date-time"]);
  const calendar = calendarFound(found);
  overflowOf(options);
  return { ...checkDateTime({ date: dateFound(found), time: found.time ?? MIDNIGHT }), calendar };
}

export function toTime(item, options) {
  if (isObject(item)) {
    const own = slotsIf("PlainTime", item) ?? (kindOf(item) == "PlainDate" ? undefined : dateTimeOf(item));
    if (own) {
      overflowOf(options);
      return { time: own.time };
    }
    const fields = timeFields(item);
    return { time: regulateTime(fields, overflowOf(options)) };
  }
  checkText(item, "time");
  const { time } = parseISO(item, ["time"]);
  overflowOf(options);
  return { time };
}

/** The same, where undefined stands for midnight. */
export function toTimeOrMidnight(item) {
  return item === undefined ? { time: MIDNIGHT } : toTime(item);
}

export function toYearMonth(item, options) {
  if (isObject(item)) {
    const own = slotsIf("PlainYearMonth", item);
    if (own) {
      overflowOf(options);
      return own;
    }
    const calendar = calendarOf(item);
    const fields = prepareFields(calendar, item, YEAR_MONTH_FIELDS, [], []);
    return { date: yearMonthFromFields(calendar, fields, overflowOf(options)), calendar };
  }
  checkText(item, "year and month");
  const found = parseISO(item, ["year-month"]);
  const calendar = calendarFound(found);
  overflowOf(options);
  const date = checkYearMonth(dateFound(found));
  return { date: yearMonthFromFields(calendar, fieldsOfDate(calendar, date, "year-month"), "constrain"), calendar };
}

export function toMonthDay(item, options) {
  if (isObject(item)) {
    const own = slotsIf("PlainMonthDay", item);
    if (own) {
      overflowOf(options);
      return own;
    }
    const calendar = calendarOf(item);
    const fields = prepareFields(calendar, item, DATE_FIELDS, [], []);
    return { date: monthDayFromFields(calendar, fields, overflowOf(options)), calendar };
  }
  checkText(item, "month and day");
  const found = parseISO(item, ["month-day"]);
  const calendar = calendarFound(found);
  overflowOf(options);
  const date = calendar == "iso8601" ? dateFound(found) : checkDate(dateFound(found));
  return { date: monthDayFromFields(calendar, fieldsOfDate(calendar, date, "month-day"), "constrain"), calendar };
}

export function toInstant(item) {
  const own = slotsIf("Instant", item) ?? slotsIf("ZonedDateTime", item);
  if (own) {
    return { epochNs: own.epochNs };
  }
  const text = isObject(item) ? primitiveOf(item) : item;
  checkText(text, "instant");
  const found = parseISO(text, ["instant"]);
  const offset = found.zone.z ? 0 : parseOffset(found.zone.offset);
  const local = checkDateTime({ date: dateFound(found), time: found.time });
  return { epochNs: checkEpochNs(epochNsOf(local) - BigInt(offset)) };
}

/** The point that an object or a text says, in a zone if it has one. */
function readRelative(item) {
  if (isObject(item)) {
    const calendar = calendarOf(item);
    const fields = prepareFields(calendar, item, DATE_FIELDS, [...TIME_FIELDS, "offset", "timeZone"], []);
    const { date, time } = interpretDateTimeFields(calendar, fields, "constrain");
    return { date, time, calendar, offset: fields.offset, zone: fields.timeZone, matchMinutes: false };
  }
  checkText(item, "point in time that a duration is relative to");
  const found = parseISO(item, ["zoned", "date-time"]);
  const { z, offset, offsetParts, name } = found.zone;
  return {
    date: dateFound(found), time: found.time, zone: name === undefined ? undefined : toZoneId(name), z, offset,
    matchMinutes: offsetParts !== 3, calendar: calendarFound(found),
  };
}

/** The option relativeTo: { plain: { date, calendar } }, { zoned: { epochNs, zone, calendar } }, or neither of them. */
export function relativeToOption(options) {
  const { relativeTo } = options;
  if (relativeTo === undefined) {
    return {};
  }
  const zoned = slotsIf("ZonedDateTime", relativeTo);
  if (zoned) {
    return { zoned };
  }
  const own = dateTimeOf(relativeTo);
  if (own) {
    return { plain: { date: own.date, calendar: own.calendar } };
  }
  const { date, time, calendar, zone, z, offset, matchMinutes } = readRelative(relativeTo);
  if (zone === undefined) {
    return { plain: { date: checkDate(date), calendar } };
  }
  const behaviour = z ? "exact" : offset === undefined ? "wall" : "option";
  const offsetNs = behaviour == "option" ? parseOffset(offset) : 0;
  const epochNs = interpretOffset(date, time, behaviour, offsetNs, zone, "compatible", "reject", matchMinutes);
  return { zoned: { epochNs, zone, calendar } };
}
