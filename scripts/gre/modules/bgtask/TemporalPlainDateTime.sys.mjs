// SPDX-License-Identifier: MPL-2.0
// Temporal.PlainDateTime

import {
  calendarArgument, checkSameCalendar, dateAdd, defineDateGetters, fieldsOfDate, mergeFields, toCalendarId,
} from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { toDateTime, toTimeOrMidnight } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { makeDuration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import {
  adjustDate, fromInternal, negate, toDuration, toInternal,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import {
  DATE_FIELDS, TIME_FIELDS, checkPartial, interpretDateTimeFields, prepareFields,
} from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import { formatDateTime } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { addDays, addToTime, checkDateTime, compareDateTime } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { define, make, refuseValue, slotsOf, stamp } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  REQUIRED, checkIncrement, checkUnit, differenceSettings, disambiguationOption, fractionalDigitsOption, getOptions,
  maximumIncrement, overflowOption, roundingArgument, roundingIncrementOption, roundingModeOption, secondsPrecision,
  showCalendarOption, unitOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { checkISODate, dateArgument } from "resource://gre/modules/bgtask/TemporalPlainDate.sys.mjs";
import { defineTimeGetters, roundClock, timeArgument } from "resource://gre/modules/bgtask/TemporalPlainTime.sys.mjs";
import { differenceRounded } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";
import { epochNsFor, toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

const KIND = "PlainDateTime";

function makeDateTime({ date, time }, calendar) {
  return make(KIND, { ...checkDateTime({ date, time }), calendar });
}

function roundDateTime({ date, time }, increment, unit, mode) {
  const rounded = roundClock(time, increment, unit, mode);
  return { date: addDays(date, rounded.days), time: rounded.time };
}

function add(plainDateTime, record, options) {
  const { date, time, calendar } = slotsOf(KIND, plainDateTime);
  const overflow = overflowOption(getOptions(options));
  const internal = toInternal(record);
  const later = addToTime(time, internal.time);
  const duration = adjustDate(internal.date, { days: internal.date.days + later.days });
  return makeDateTime({ date: dateAdd(calendar, date, duration, overflow), time: later.time }, calendar);
}

function difference(operation, plainDateTime, item, options) {
  const one = slotsOf(KIND, plainDateTime);
  const two = toDateTime(item);
  checkSameCalendar(one.calendar, two.calendar);
  const settings = differenceSettings(getOptions(options), operation, "datetime", [], "nanosecond", "day");
  const record = fromInternal(differenceRounded(one, two, one.calendar, settings), settings.largestUnit);
  return makeDuration(operation == "since" ? negate(record) : record);
}

export class PlainDateTime {
  constructor(
    isoYear, isoMonth, isoDay, hour = 0, minute = 0, second = 0, millisecond = 0, microsecond = 0, nanosecond = 0,
    calendar = undefined) {
    const date = dateArgument([isoYear, isoMonth, isoDay]);
    const numbers = [hour, minute, second, millisecond, microsecond, nanosecond];
    const time = timeArgument(numbers);
    const id = calendarArgument(calendar);
    stamp(this, KIND, { ...checkDateTime({ date: checkISODate(date), time }), calendar: id });
  }

  static from(item, options = undefined) {
    const dateTime = toDateTime(item, options);
    return makeDateTime(dateTime, dateTime.calendar);
  }

  static compare(one, two) {
    return compareDateTime(toDateTime(one), toDateTime(two));
  }

  with(like, options = undefined) {
    const { date, time, calendar } = slotsOf(KIND, this);
    checkPartial(like);
    const fields = { ...fieldsOfDate(calendar, date, "date"), ...time };
    const changes = prepareFields(calendar, like, DATE_FIELDS, TIME_FIELDS, "partial");
    const merged = mergeFields(calendar, fields, changes);
    return makeDateTime(interpretDateTimeFields(calendar, merged, overflowOption(getOptions(options))), calendar);
  }

  withPlainTime(plainTimeLike = undefined) {
    const { date, calendar } = slotsOf(KIND, this);
    return makeDateTime({ date, time: toTimeOrMidnight(plainTimeLike).time }, calendar);
  }

  withCalendar(calendarLike) {
    const dateTime = slotsOf(KIND, this);
    return makeDateTime(dateTime, toCalendarId(calendarLike));
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

  round(roundTo) {
    const dateTime = slotsOf(KIND, this);
    const options = roundingArgument(roundTo);
    const increment = roundingIncrementOption(options);
    const mode = roundingModeOption(options, "halfExpand");
    const unit = unitOption(options, "smallestUnit", REQUIRED);
    checkUnit(unit, "time", ["day"]);
    checkIncrement(increment, unit == "day" ? 1 : maximumIncrement(unit), unit == "day");
    return makeDateTime(roundDateTime(dateTime, increment, unit, mode), dateTime.calendar);
  }

  equals(other) {
    const one = slotsOf(KIND, this);
    const two = toDateTime(other);
    return compareDateTime(one, two) == 0 && one.calendar == two.calendar;
  }

  toString(options = undefined) {
    const dateTime = slotsOf(KIND, this);
    const resolved = getOptions(options);
    const show = showCalendarOption(resolved);
    const digits = fractionalDigitsOption(resolved);
    const mode = roundingModeOption(resolved, "trunc");
    const smallestUnit = unitOption(resolved, "smallestUnit");
    checkUnit(smallestUnit, "time");
    if (smallestUnit == "hour") {
      throw new RangeError("The unit hour cannot be used here");
    }
    const { precision, unit, increment } = secondsPrecision(smallestUnit, digits);
    const rounded = checkDateTime(roundDateTime(dateTime, increment, unit, mode));
    return formatDateTime(rounded, dateTime.calendar, precision, show);
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOf(KIND, this);
    return toLocaleString(KIND, this, locales, options);
  }

  toJSON() {
    const dateTime = slotsOf(KIND, this);
    return formatDateTime(dateTime, dateTime.calendar, "auto", "auto");
  }

  valueOf() {
    return refuseValue(KIND);
  }

  toZonedDateTime(timeZone, options = undefined) {
    const { date, time, calendar } = slotsOf(KIND, this);
    const zone = toZoneId(timeZone);
    const disambiguation = disambiguationOption(getOptions(options));
    return make("ZonedDateTime", { epochNs: epochNsFor(zone, { date, time }, disambiguation), zone, calendar });
  }

  toPlainDate() {
    const { date, calendar } = slotsOf(KIND, this);
    return make("PlainDate", { date, calendar });
  }

  toPlainTime() {
    return make("PlainTime", { time: slotsOf(KIND, this).time });
  }
}
define(KIND, PlainDateTime);
defineDateGetters(PlainDateTime, object => slotsOf(KIND, object));
defineTimeGetters(PlainDateTime, object => slotsOf(KIND, object).time);
