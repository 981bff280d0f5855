// SPDX-License-Identifier: MPL-2.0
// What is calculated with instants in a zone: days are those of its clock, and need not have 24 hours.

import { dateAdd, dateUntil } from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import {
  ZERO_DATE, checkTime, combine, dateSign, isDateUnit, largerUnit, totalTimeIn,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import {
  addDays, checkDateTime, checkEpochNs, compareDate, nsOfTime,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { signOf } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import {
  differenceInstant, roundRelative, totalRelative,
} from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";
import { dateTimeFor, epochNsFor } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

/** The instant that lies an internal duration later: first the date by the clock, then the time exactly. */
export function addZoned(epochNs, zone, calendar, { date, time }, overflow) {
  if (dateSign(date) == 0) {
    return checkEpochNs(epochNs + time);
  }
  const start = dateTimeFor(zone, epochNs);
  const added = checkDateTime({ date: dateAdd(calendar, start.date, date, overflow), time: start.time });
  return checkEpochNs(epochNsFor(zone, added, "compatible") + time);
}

/** @returns {{dateTime, time}} the last whole day on the way to @ns2, and the time from there; none is further than it */
function wholeDays(ns2, zone, start, end, sign) {
  const clockSign = signOf(nsOfTime(end.time) - nsOfTime(start.time));
  const most = sign > 0 ? 2 : 1;
  for (let back = clockSign == -sign ? 1 : 0; back <= most; back++) {
    const dateTime = { date: addDays(end.date, -back * sign), time: start.time };
    const time = ns2 - epochNsFor(zone, dateTime, "compatible");
    if (signOf(time) != -sign) {
      return { dateTime, time };
    }
  }
  throw new RangeError("The days between the two cannot be told");
}

/** The internal duration from @ns1 to @ns2. */
export function differenceZoned(ns1, ns2, zone, calendar, largestUnit) {
  if (ns1 == ns2) {
    return combine(ZERO_DATE, 0n);
  }
  const start = dateTimeFor(zone, ns1);
  const end = dateTimeFor(zone, ns2);
  if (compareDate(start.date, end.date) == 0) {
    return combine(ZERO_DATE, checkTime(ns2 - ns1));
  }
  const sign = ns2 < ns1 ? -1 : 1;
  const { dateTime, time } = wholeDays(ns2, zone, start, end, sign);
  if (compareDate(dateTime.date, start.date) == -sign) { // the clock has gone back over midnight
    return combine(ZERO_DATE, checkTime(ns2 - ns1));
  }
  const date = dateUntil(calendar, start.date, dateTime.date, largerUnit(largestUnit, "day"));
  return combine(date, checkTime(time));
}

/** The same, rounded. */
export function differenceZonedRounded(ns1, ns2, zone, calendar, settings) {
  const { largestUnit, smallestUnit, increment, mode } = settings;
  if (!isDateUnit(largestUnit)) {
    return differenceInstant(ns1, ns2, increment, smallestUnit, mode);
  }
  const difference = differenceZoned(ns1, ns2, zone, calendar, largestUnit);
  if (smallestUnit == "nanosecond" && increment == 1) {
    return difference;
  }
  return roundRelative(difference, ns1, ns2, dateTimeFor(zone, ns1), zone, calendar, settings);
}

/** The number of a unit from @ns1 to @ns2, with its fraction. */
export function differenceZonedTotal(ns1, ns2, zone, calendar, unit) {
  if (!isDateUnit(unit)) {
    return totalTimeIn(checkTime(ns2 - ns1), unit);
  }
  const difference = differenceZoned(ns1, ns2, zone, calendar, unit);
  return totalRelative(difference, ns1, ns2, dateTimeFor(zone, ns1), zone, calendar, unit);
}
