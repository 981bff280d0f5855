// SPDX-License-Identifier: MPL-2.0
// The difference of two points in time, and rounding it: what a month or a year is depends on where it lies.
//
// A difference is an internal duration from an origin (a date-time, in a time zone or in none) to a destination.
// It is rounded by looking where the destination lies between the origin plus n and plus n + increment of the smallest unit.

import { dateAdd, dateUntil } from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import {
  UNITS, ZERO_DATE, addDaysToTime, adjustDate, combine, dateSign, internalSign, isCalendarUnit, isDateUnit, largerUnit, roundTime,
  totalTimeIn,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import {
  addDays, checkDateTime, compareDate, compareDateTime, epochDaysOf, epochNsOf, nsOfTime, NS_PER_DAY,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import {
  absolute, ratio, roundToIncrement, roundsAway, signOf,
} from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { epochNsFor } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

/** Nanoseconds from one time of a day to another. */
export function differenceTime(one, two) {
  return nsOfTime(two) - nsOfTime(one);
}

/** From one date-time to another, without any zone. */
export function differenceDateTime(one, two, calendar, largestUnit) {
  let time = differenceTime(one.time, two.time);
  let until = two.date;
  const sign = signOf(time);
  if (sign && sign == compareDate(one.date, two.date)) {
    until = addDays(until, sign);
    time = addDaysToTime(time, -sign);
  }
  const date = dateUntil(calendar, one.date, until, largerUnit("day", largestUnit));
  if (isDateUnit(largestUnit)) {
    return combine(date, time);
  }
  return combine({ ...date, days: 0 }, addDaysToTime(time, date.days));
}

/** From one instant to another. */
export function differenceInstant(one, two, increment, smallestUnit, mode) {
  return combine(ZERO_DATE, roundTime(two - one, increment, smallestUnit, mode));
}

/** Where the origin plus @dateDuration is. */
function placeAfter({ dateTime, zone, calendar }, dateDuration) {
  const date = dateAdd(calendar, dateTime.date, dateDuration, "constrain");
  const there = checkDateTime({ date, time: dateTime.time });
  return zone === undefined ? epochNsOf(there) : epochNsFor(zone, there, "compatible");
}

/** @internal in whole multiples of @unit, its larger units kept; @amount of the unit. */
function dateWith({ date }, unit, amount) {
  switch (unit) {
    case "year":
      return adjustDate(ZERO_DATE, { years: amount });
    case "month":
      return adjustDate(date, { months: amount, weeks: 0, days: 0 });
    case "week":
      return adjustDate(date, { weeks: amount, days: 0 });
    default:
      return adjustDate(date, { days: amount });
  }
}

/** How much of @unit the difference has, its smaller units left out. */
function amountOf({ date }, origin, unit) {
  if (unit != "week") {
    return date[`${unit}s`];
  }
  const start = dateAdd(origin.calendar, origin.dateTime.date, adjustDate(date, { weeks: 0, days: 0 }), "constrain");
  return date.weeks + dateUntil(origin.calendar, start, addDays(start, date.days), "week").weeks;
}

/** The two multiples of @unit that the destination lies between; @shift: one further. */
function nudgeWindow(sign, internal, origin, increment, unit, shift) {
  const amount = amountOf(internal, origin, unit);
  const whole = Number(roundToIncrement(BigInt(amount), BigInt(increment), "trunc"));
  const low = whole + (shift ? increment * sign : 0);
  const high = low + increment * sign;
  const [startDate, endDate] = [low, high].map(value => dateWith(internal, unit, value));
  const start = dateSign(startDate) == 0 ? origin.epochNs : placeAfter(origin, startDate);
  return { low, high, startDate, endDate, start, end: placeAfter(origin, endDate) };
}

/**
 * Round to a unit whose length depends on where it lies.
 * @param {object} origin  { epochNs, dateTime, zone, calendar }
 * @returns {object} { internal, at: the destination that it has then, expanded: away from the origin, total }
 */
function nudgeToCalendarUnit(sign, internal, origin, destination, { increment, smallestUnit, mode }) {
  const isWithin = ({ start, end }) =>
    (sign > 0 ? start <= destination && destination <= end : end <= destination && destination <= start);
  let window = nudgeWindow(sign, internal, origin, increment, smallestUnit, false);
  const shifted = !isWithin(window);
  if (shifted) {
    window = nudgeWindow(sign, internal, origin, increment, smallestUnit, true);
  }
  const { low, startDate, endDate, start, end } = window;
  const span = absolute(end - start);
  if (span == 0n) {
    throw new RangeError("The unit has no length where it lies");
  }
  const rest = absolute(destination - start);
  const isEven = (Math.abs(low) / increment) % 2 == 0;
  const away = rest == span || roundsAway(rest, span, isEven, mode, sign < 0);
  return {
    internal: combine(away ? endDate : startDate, 0n), at: away ? end : start, expanded: shifted || away,
    total: ratio(BigInt(low) * span + rest * BigInt(increment * sign), span),
  };
}

/** Round to a unit of time where a day may have other than 24 hours. */
function nudgeToZonedTime(sign, internal, origin, { increment, smallestUnit, mode }) {
  const { dateTime, zone, calendar } = origin;
  const date = dateAdd(calendar, dateTime.date, internal.date, "constrain");
  const place = day => epochNsFor(zone, checkDateTime({ date: day, time: dateTime.time }), "compatible");
  const start = place(date);
  const end = place(addDays(date, sign));
  const rounded = roundTime(internal.time, increment, smallestUnit, mode);
  const beyond = rounded - (end - start);
  if (signOf(beyond) == -sign) {
    return { internal: combine(internal.date, rounded), at: start + rounded, expanded: false };
  }
  const time = roundTime(beyond, increment, smallestUnit, mode);
  const days = internal.date.days + sign;
  return { internal: combine(adjustDate(internal.date, { days }), time), at: end + time, expanded: true };
}

/** Round to days of 24 hours, or a unit of time. */
function nudgeToTime(internal, destination, { largestUnit, increment, smallestUnit, mode }) {
  const time = addDaysToTime(internal.time, internal.date.days);
  const rounded = roundTime(time, increment, smallestUnit, mode);
  const wholeDays = rounded / NS_PER_DAY;
  const expanded = signOf(wholeDays - time / NS_PER_DAY) == signOf(time);
  const days = isDateUnit(largestUnit) ? wholeDays : 0n;
  const date = adjustDate(internal.date, { days: Number(days) });
  return { internal: combine(date, rounded - days * NS_PER_DAY), at: destination + rounded - time, expanded };
}

/** What was rounded up to the whole of a larger unit becomes one of these. */
function bubble(sign, internal, at, origin, largestUnit, smallestUnit) {
  let result = internal;
  const units = UNITS.slice(UNITS.indexOf(largestUnit), UNITS.indexOf(smallestUnit)).reverse();
  for (const unit of units.filter(name => name != "week" || largestUnit == "week")) {
    const date = dateWith(result, unit, result.date[`${unit}s`] + sign);
    if (signOf(at - placeAfter(origin, date)) == -sign) {
      break;
    }
    result = combine(date, 0n);
  }
  return result;
}

/**
 * A difference, rounded.
 * @param {bigint} originNs, destinationNs  the points in time (without a zone: as if in UTC)
 * @param {object} dateTime  the origin's, in the zone
 * @param {object} settings  { largestUnit, smallestUnit, increment, mode }
 * @returns {object} an internal duration
 */
export function roundRelative(internal, originNs, destinationNs, dateTime, zone, calendar, settings) {
  const origin = { epochNs: originNs, dateTime, zone, calendar };
  const { largestUnit, smallestUnit } = settings;
  const sign = internalSign(internal) < 0 ? -1 : 1;
  let nudged;
  if (isCalendarUnit(smallestUnit) || (zone !== undefined && smallestUnit == "day")) {
    nudged = nudgeToCalendarUnit(sign, internal, origin, destinationNs, settings);
  } else if (zone !== undefined) {
    nudged = nudgeToZonedTime(sign, internal, origin, settings);
  } else {
    nudged = nudgeToTime(internal, destinationNs, settings);
  }
  if (!nudged.expanded || smallestUnit == "week") {
    return nudged.internal;
  }
  return bubble(sign, nudged.internal, nudged.at, origin, largestUnit, largerUnit(smallestUnit, "day"));
}

/** A difference as a number of one unit; parameters as of roundRelative(). */
export function totalRelative(internal, originNs, destinationNs, dateTime, zone, calendar, unit) {
  if (!isCalendarUnit(unit) && !(zone !== undefined && unit == "day")) {
    return totalTimeIn(addDaysToTime(internal.time, internal.date.days), unit);
  }
  const origin = { epochNs: originNs, dateTime, zone, calendar };
  const sign = internalSign(internal) < 0 ? -1 : 1;
  const settings = { increment: 1, smallestUnit: unit, mode: "trunc" };
  return nudgeToCalendarUnit(sign, internal, origin, destinationNs, settings).total;
}

/** Of two date-times without a zone: their difference, rounded. */
export function differenceRounded(one, two, calendar, settings) {
  if (compareDateTime(one, two) == 0) {
    return combine(ZERO_DATE, 0n);
  }
  const difference = differenceDateTime(checkDateTime(one), checkDateTime(two), calendar, settings.largestUnit);
  if (settings.smallestUnit == "nanosecond" && settings.increment == 1) {
    return difference;
  }
  return roundRelative(difference, epochNsOf(one), epochNsOf(two), one, undefined, calendar, settings);
}

/** Of two date-times without a zone: their difference in one unit, as a number. */
export function differenceTotal(one, two, calendar, unit) {
  if (compareDateTime(one, two) == 0) {
    return 0;
  }
  const difference = differenceDateTime(checkDateTime(one), checkDateTime(two), calendar, unit);
  return totalRelative(difference, epochNsOf(one), epochNsOf(two), one, undefined, calendar, unit);
}

/** How many days @dateDuration has, from @date on. */
export function daysOf(dateDuration, { date, calendar }) {
  const { years, months, weeks, days } = dateDuration;
  if (!years && !months && !weeks) {
    return days;
  }
  const later = dateAdd(calendar, date, adjustDate(dateDuration, { days: 0 }), "constrain");
  return days + epochDaysOf(later) - epochDaysOf(date);
}
