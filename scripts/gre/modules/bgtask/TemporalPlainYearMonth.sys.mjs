// SPDX-License-Identifier: MPL-2.0
// Temporal.PlainYearMonth: its date is the first day of the month in its calendar.

import {
  YEAR_MONTH_GETTERS, calendarArgument, checkSameCalendar, dateAdd, dateFromFields, dateUntil, defineDateGetters, fieldsOfDate,
  mergeFields, yearMonthFromFields,
} from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { toYearMonth } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { makeDuration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import {
  adjustDate, combine, fromInternal, negate, toDuration, toInternal,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { YEAR_MONTH_FIELDS, checkPartial, prepareFields } from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import { formatCalendar, formatDate } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { MIDNIGHT, checkYearMonth, compareDate, epochNsOf } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { toIntegerWithTruncation } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import {
  define, make, refuseValue, slotsOf, stamp,
} from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  differenceSettings, getOptions, overflowOption, showCalendarOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { checkISODate, completeDate, isSameDate } from "resource://gre/modules/bgtask/TemporalPlainDate.sys.mjs";
import { roundRelative } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";

const KIND = "PlainYearMonth";

const makeYearMonth = (date, calendar) => make(KIND, { date, calendar });

/** The first day of the month, as a date that may be the start of a calculation. */
function firstDay(calendar, date) {
  const fields = fieldsOfDate(calendar, date, "year-month");
  return dateFromFields(calendar, { ...fields, day: 1 }, "constrain");
}

function add(yearMonth, record, options) {
  const { date, calendar } = slotsOf(KIND, yearMonth);
  const overflow = overflowOption(getOptions(options));
  const { date: duration, time } = toInternal(record);
  if (duration.weeks || duration.days || time) {
    throw new RangeError("Only years and months can be added to a month");
  }
  const later = dateAdd(calendar, firstDay(calendar, date), duration, overflow);
  return makeYearMonth(yearMonthFromFields(calendar, fieldsOfDate(calendar, later, "year-month"), overflow), calendar);
}

/** The internal duration between two months, rounded. */
function roundedUntil(one, two, calendar, settings) {
  const [start, end] = [one, two].map(date => ({ date: firstDay(calendar, date), time: MIDNIGHT }));
  const until = dateUntil(calendar, start.date, end.date, settings.largestUnit);
  const internal = combine(adjustDate(until, { weeks: 0, days: 0 }), 0n);
  if (settings.smallestUnit == "month" && settings.increment == 1) {
    return internal;
  }
  return roundRelative(internal, epochNsOf(start), epochNsOf(end), start, undefined, calendar, settings);
}

function difference(operation, yearMonth, item, options) {
  const { date, calendar } = slotsOf(KIND, yearMonth);
  const other = toYearMonth(item);
  checkSameCalendar(calendar, other.calendar);
  const settings = differenceSettings(getOptions(options), operation, "date", ["week", "day"], "month", "year");
  if (compareDate(date, other.date) == 0) {
    return makeDuration(toDuration("PT0S"));
  }
  const record = fromInternal(roundedUntil(date, other.date, calendar, settings), "day");
  return makeDuration(operation == "since" ? negate(record) : record);
}

/** YYYY-MM; the whole date where another calendar, or its name, is told. */
function format({ date, calendar }, show) {
  const text = formatDate(date);
  const isWhole = show == "always" || show == "critical" || calendar != "iso8601";
  return `${isWhole ? text : text.slice(0, -3)}${formatCalendar(calendar, show)}`;
}

export class PlainYearMonth {
  constructor(isoYear, isoMonth, calendar = undefined, referenceISODay = 1) {
    const year = toIntegerWithTruncation(isoYear, "isoYear");
    const month = toIntegerWithTruncation(isoMonth, "isoMonth");
    const id = calendarArgument(calendar);
    const day = toIntegerWithTruncation(referenceISODay, "referenceISODay");
    stamp(this, KIND, { date: checkYearMonth(checkISODate({ year, month, day })), calendar: id });
  }

  static from(item, options = undefined) {
    const { date, calendar } = toYearMonth(item, options);
    return makeYearMonth(date, calendar);
  }

  static compare(one, two) {
    return compareDate(toYearMonth(one).date, toYearMonth(two).date);
  }

  with(like, options = undefined) {
    const { date, calendar } = slotsOf(KIND, this);
    checkPartial(like);
    const fields = fieldsOfDate(calendar, date, "year-month");
    const merged = mergeFields(calendar, fields, prepareFields(calendar, like, YEAR_MONTH_FIELDS, [], "partial"));
    return makeYearMonth(yearMonthFromFields(calendar, merged, overflowOption(getOptions(options))), calendar);
  }

  add(duration, options = undefined) {
    slotsOf(KIND, this);
    return add(this, toDuration(duration), options);
  }

  subtract(duration, options = undefined) {
    slotsOf(KIND, this);
    return add(this, negate(toDuration(duration)), options);
  }

  until(other, options = undefined) {
    return difference("until", this, other, options);
  }

  since(other, options = undefined) {
    return difference("since", this, other, options);
  }

  equals(other) {
    return isSameDate(slotsOf(KIND, this), toYearMonth(other));
  }

  toString(options = undefined) {
    const slots = slotsOf(KIND, this);
    return format(slots, showCalendarOption(getOptions(options)));
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOf(KIND, this);
    return toLocaleString(KIND, this, locales, options);
  }

  toJSON() {
    return format(slotsOf(KIND, this), "auto");
  }

  valueOf() {
    return refuseValue(KIND);
  }

  toPlainDate(item) {
    return completeDate(slotsOf(KIND, this), "year-month", item, "day");
  }
}
define(KIND, PlainYearMonth);
defineDateGetters(PlainYearMonth, object => slotsOf(KIND, object), YEAR_MONTH_GETTERS);
