// SPDX-License-Identifier: MPL-2.0
// Temporal.PlainMonthDay: its date is one in a year that stands for all.

import {
  calendarArgument, defineDateGetters, fieldsOfDate, mergeFields, monthDayFromFields,
} from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { toMonthDay } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { DATE_FIELDS, checkPartial, prepareFields } from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import { formatCalendar, formatDate } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { checkDate } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { toIntegerWithTruncation } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import {
  define, make, refuseValue, slotsOf, stamp,
} from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { getOptions, overflowOption, showCalendarOption } from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { checkISODate, completeDate, isSameDate } from "resource://gre/modules/bgtask/TemporalPlainDate.sys.mjs";

const KIND = "PlainMonthDay";
const REFERENCE_YEAR = 1972;

const makeMonthDay = (date, calendar) => make(KIND, { date, calendar });

/** MM-DD; the whole date where another calendar, or its name, is told. */
function format({ date, calendar }, show) {
  const text = formatDate(date);
  const isWhole = show == "always" || show == "critical" || calendar != "iso8601";
  return `${isWhole ? text : text.slice(-5)}${formatCalendar(calendar, show)}`;
}

export class PlainMonthDay {
  constructor(isoMonth, isoDay, calendar = undefined, referenceISOYear = REFERENCE_YEAR) {
    const month = toIntegerWithTruncation(isoMonth, "isoMonth");
    const day = toIntegerWithTruncation(isoDay, "isoDay");
    const id = calendarArgument(calendar);
    const year = toIntegerWithTruncation(referenceISOYear, "referenceISOYear");
    stamp(this, KIND, { date: checkDate(checkISODate({ year, month, day })), calendar: id });
  }

  static from(item, options = undefined) {
    const { date, calendar } = toMonthDay(item, options);
    return makeMonthDay(date, calendar);
  }

  with(like, options = undefined) {
    const { date, calendar } = slotsOf(KIND, this);
    checkPartial(like);
    const fields = fieldsOfDate(calendar, date, "month-day");
    const merged = mergeFields(calendar, fields, prepareFields(calendar, like, DATE_FIELDS, [], "partial"));
    return makeMonthDay(monthDayFromFields(calendar, merged, overflowOption(getOptions(options))), calendar);
  }

  equals(other) {
    return isSameDate(slotsOf(KIND, this), toMonthDay(other));
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
    return completeDate(slotsOf(KIND, this), "month-day", item, "year");
  }
}
define(KIND, PlainMonthDay);
defineDateGetters(PlainMonthDay, object => slotsOf(KIND, object), ["calendarId", "monthCode", "day"]);
