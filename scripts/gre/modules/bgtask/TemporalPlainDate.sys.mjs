// SPDX-License-Identifier: MPL-2.0
// Temporal.PlainDate

import {
  calendarArgument, checkSameCalendar, dateAdd, dateFromFields, dateUntil, defineDateGetters, fieldsOfDate, mergeFields,
  monthDayFromFields, toCalendarId, yearMonthFromFields,
} from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { toDate, toTime, toTimeOrMidnight } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { makeDuration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import {
  combine, dateOf, fromInternal, negate, toDuration,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { DATE_FIELDS, checkPartial, prepareFields } from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import { formatCalendar, formatDate } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import {
  MIDNIGHT, checkDate, checkDateTime, compareDate, epochNsOf, isValidDate,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { toIntegerWithTruncation } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import {
  define, describe, isObject, make, refuseValue, slotsOf, stamp,
} from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  differenceSettings, getOptions, overflowOption, showCalendarOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { roundRelative } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";
import { epochNsFor, startOfDay, toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

const KIND = "PlainDate";

export const makeDate = (date, calendar) => make(KIND, { date, calendar });

/** The date that the numbers of a constructor say. */
export function dateArgument(values) {
  const [year, month, day] = ["isoYear", "isoMonth", "isoDay"].map((name, index) => toIntegerWithTruncation(values[index], name));
  return { year, month, day };
}

export function checkISODate(date) {
  if (!isValidDate(date.year, date.month, date.day)) {
    throw new RangeError(`There is no date with month ${date.month} and day ${date.day} in the year ${date.year}`);
  }
  return date;
}

export function isSameDate(one, two) {
  return compareDate(one.date, two.date) == 0 && one.calendar == two.calendar;
}

/** The PlainDate that a "year-month" or "month-day" (@kind) is with the field @missing of @item. */
export function completeDate({ date, calendar }, kind, item, missing) {
  if (!isObject(item)) {
    throw new TypeError(`${describe(item)} is no object with a ${missing}`);
  }
  const fields = fieldsOfDate(calendar, date, kind);
  const merged = mergeFields(calendar, fields, prepareFields(calendar, item, [missing], [], []));
  return makeDate(dateFromFields(calendar, merged, "constrain"), calendar);
}

function add(plainDate, record, options) {
  const { date, calendar } = slotsOf(KIND, plainDate);
  const duration = dateOf(record);
  const overflow = overflowOption(getOptions(options));
  return makeDate(dateAdd(calendar, date, duration, overflow), calendar);
}

/** The internal duration between two dates, rounded. */
function roundedUntil(date, other, calendar, settings) {
  const internal = combine(dateUntil(calendar, date, other, settings.largestUnit), 0n);
  if (compareDate(date, other) == 0 || (settings.smallestUnit == "day" && settings.increment == 1)) {
    return internal;
  }
  const [start, end] = [date, other].map(value => ({ date: value, time: MIDNIGHT }));
  return roundRelative(internal, epochNsOf(start), epochNsOf(end), start, undefined, calendar, settings);
}

function difference(operation, plainDate, item, options) {
  const { date, calendar } = slotsOf(KIND, plainDate);
  const other = toDate(item);
  checkSameCalendar(calendar, other.calendar);
  const settings = differenceSettings(getOptions(options), operation, "date", [], "day", "day");
  const record = fromInternal(roundedUntil(date, other.date, calendar, settings), "day");
  return makeDuration(operation == "since" ? negate(record) : record);
}

/** What toZonedDateTime() is given: a time zone, or an object with one and maybe a time. */
function zoneAndTime(item) {
  const timeZone = isObject(item) ? item.timeZone : undefined;
  if (timeZone === undefined) {
    return { zone: toZoneId(item), plainTime: undefined };
  }
  return { zone: toZoneId(timeZone), plainTime: item.plainTime };
}

export class PlainDate {
  constructor(isoYear, isoMonth, isoDay, calendar = undefined) {
    const date = dateArgument([isoYear, isoMonth, isoDay]);
    const id = calendarArgument(calendar);
    stamp(this, KIND, { date: checkDate(checkISODate(date)), calendar: id });
  }

  static from(item, options = undefined) {
    const { date, calendar } = toDate(item, options);
    return makeDate(date, calendar);
  }

  static compare(one, two) {
    return compareDate(toDate(one).date, toDate(two).date);
  }

  toPlainYearMonth() {
    const { date, calendar } = slotsOf(KIND, this);
    const fields = fieldsOfDate(calendar, date, "year-month");
    return make("PlainYearMonth", { date: yearMonthFromFields(calendar, fields, "constrain"), calendar });
  }

  toPlainMonthDay() {
    const { date, calendar } = slotsOf(KIND, this);
    const fields = fieldsOfDate(calendar, date, "month-day");
    return make("PlainMonthDay", { date: monthDayFromFields(calendar, fields, "constrain"), calendar });
  }

  toPlainDateTime(temporalTime = undefined) {
    const { date, calendar } = slotsOf(KIND, this);
    const { time } = toTimeOrMidnight(temporalTime);
    return make("PlainDateTime", { ...checkDateTime({ date, time }), calendar });
  }

  add(duration, options = undefined) {
    slotsOf(KIND, this);
    return add(this, toDuration(duration), options);
  }

  subtract(duration, options = undefined) {
    slotsOf(KIND, this);
    return add(this, negate(toDuration(duration)), options);
  }

  with(like, options = undefined) {
    const { date, calendar } = slotsOf(KIND, this);
    checkPartial(like);
    const fields = fieldsOfDate(calendar, date, "date");
    const merged = mergeFields(calendar, fields, prepareFields(calendar, like, DATE_FIELDS, [], "partial"));
    return makeDate(dateFromFields(calendar, merged, overflowOption(getOptions(options))), calendar);
  }

  withCalendar(calendarLike) {
    const { date } = slotsOf(KIND, this);
    return makeDate(date, toCalendarId(calendarLike));
  }

  until(other, options = undefined) {
    return difference("until", this, other, options);
  }

  since(other, options = undefined) {
    return difference("since", this, other, options);
  }

  equals(other) {
    return isSameDate(slotsOf(KIND, this), toDate(other));
  }

  toZonedDateTime(item) {
    const { date, calendar } = slotsOf(KIND, this);
    const { zone, plainTime } = zoneAndTime(item);
    if (plainTime === undefined) {
      return make("ZonedDateTime", { epochNs: startOfDay(zone, date), zone, calendar });
    }
    const dateTime = checkDateTime({ date, time: toTime(plainTime).time });
    return make("ZonedDateTime", { epochNs: epochNsFor(zone, dateTime, "compatible"), zone, calendar });
  }

  toString(options = undefined) {
    const { date, calendar } = slotsOf(KIND, this);
    return `${formatDate(date)}${formatCalendar(calendar, showCalendarOption(getOptions(options)))}`;
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOf(KIND, this);
    return toLocaleString(KIND, this, locales, options);
  }

  toJSON() {
    const { date, calendar } = slotsOf(KIND, this);
    return `${formatDate(date)}${formatCalendar(calendar, "auto")}`;
  }

  valueOf() {
    return refuseValue(KIND);
  }
}
define(KIND, PlainDate);
defineDateGetters(PlainDate, object => slotsOf(KIND, object));
