// SPDX-License-Identifier: MPL-2.0
// Dates and times of the ISO 8601 calendar, and where they lie in time.
//
// A date is { year, month, day }, a time { hour … nanosecond }, a date-time { date, time }; epochNs is the number of
// nanoseconds since 1970 as a BigInt.

import { compareValues, divide, floorDiv, floorMod } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";

export const NS_PER_DAY = 86_400_000_000_000n;
const MAX_DAYS = 1e8;
const MAX_EPOCH_NS = BigInt(MAX_DAYS) * NS_PER_DAY;
const MAX_YEAR = 275_760;
const MIN_YEAR = -271_821;
const REFERENCE_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAYS_BEFORE = REFERENCE_DAYS.map((_, index) => REFERENCE_DAYS.slice(0, index).reduce((sum, n) => sum + n, 0));

/** The fields of a time, the largest first, with how many nanoseconds one has and how many there are. */
const TIME_FIELDS = [
  ["hour", 3_600_000_000_000, 24], ["minute", 60_000_000_000, 60], ["second", 1_000_000_000, 60],
  ["millisecond", 1_000_000, 1000], ["microsecond", 1000, 1000], ["nanosecond", 1, 1000],
];

export const MIDNIGHT = Object.freeze({ hour: 0, minute: 0, second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 });
const NOON = Object.freeze({ ...MIDNIGHT, hour: 12 });

export function isLeapYear(year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

export function daysInYear(year) {
  return isLeapYear(year) ? 366 : 365;
}

export function daysInMonth(year, month) {
  return REFERENCE_DAYS[month - 1] + (month == 2 && isLeapYear(year) ? 1 : 0);
}

function daysBeforeYear(year) {
  return 365 * (year - 1970) + Math.floor((year - 1969) / 4) - Math.floor((year - 1901) / 100) + Math.floor((year - 1601) / 400);
}

export function dayOfYear({ year, month, day }) {
  return DAYS_BEFORE[month - 1] + (month > 2 && isLeapYear(year) ? 1 : 0) + day;
}

/** Days from 1970-01-01 to the date. The month is one of the year, the day may be any number. */
export function epochDays(year, month, day) {
  return daysBeforeYear(year) + dayOfYear({ year, month, day }) - 1;
}

export function epochDaysOf({ year, month, day }) {
  return epochDays(year, month, day);
}

export function dateOfEpochDays(days) {
  let year = 1970 + Math.floor(days / 365.2425);
  while (daysBeforeYear(year) > days) {
    year--;
  }
  while (daysBeforeYear(year + 1) <= days) {
    year++;
  }
  let rest = days - daysBeforeYear(year);
  let month = 1;
  while (rest >= daysInMonth(year, month)) {
    rest -= daysInMonth(year, month);
    month++;
  }
  return { year, month, day: rest + 1 };
}

/** The date that is @count days after @date. */
export function addDays(date, count) {
  return dateOfEpochDays(epochDaysOf(date) + count);
}

export function balanceYearMonth(year, month) {
  const [years, index] = divide(month - 1, 12);
  return { year: year + years, month: index + 1 };
}

export function isValidDate(year, month, day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** @overflow: "constrain" takes the nearest date that there is, "reject" only one that there is. */
export function regulateDate(year, month, day, overflow) {
  if (overflow == "constrain") {
    const inYear = Math.min(Math.max(month, 1), 12);
    return { year, month: inYear, day: Math.min(Math.max(day, 1), daysInMonth(year, inYear)) };
  }
  if (!isValidDate(year, month, day)) {
    throw new RangeError(`There is no date with month ${month} and day ${day} in the year ${year}`);
  }
  return { year, month, day };
}

/** Monday is 1. */
export function dayOfWeek(date) {
  return divide(epochDaysOf(date) + 3, 7)[1] + 1;
}

function weeksInYear(year) {
  const first = dayOfWeek({ year, month: 1, day: 1 });
  return first == 4 || (first == 3 && isLeapYear(year)) ? 53 : 52;
}

/** Week 1 is the one with the year's first Thursday. */
export function weekOfYear(date) {
  const week = Math.floor((dayOfYear(date) - dayOfWeek(date) + 10) / 7);
  if (week < 1) {
    return { week: weeksInYear(date.year - 1), year: date.year - 1 };
  }
  return week > weeksInYear(date.year) ? { week: 1, year: date.year + 1 } : { week, year: date.year };
}

export function isValidTime(time) {
  return TIME_FIELDS.every(([name, , count]) => time[name] >= 0 && time[name] < count);
}

export function regulateTime(time, overflow) {
  if (overflow == "reject" && !isValidTime(time)) {
    throw new RangeError("A field of the time is out of its range");
  }
  return Object.fromEntries(TIME_FIELDS.map(([name, , count]) => [name, Math.min(Math.max(time[name], 0), count - 1)]));
}

/** Nanoseconds since midnight. */
export function nsOfTime(time) {
  return BigInt(TIME_FIELDS.reduce((sum, [name, size]) => sum + time[name] * size, 0));
}

/** @returns {{days: number, time: object}} what lies @ns after midnight */
export function timeOfNs(ns) {
  let rest = Number(floorMod(ns, NS_PER_DAY));
  const time = {};
  for (const [name, size] of TIME_FIELDS) {
    [time[name], rest] = divide(rest, size);
  }
  return { days: Number(floorDiv(ns, NS_PER_DAY)), time };
}

export function addToTime(time, ns) {
  return timeOfNs(nsOfTime(time) + ns);
}

export function compareDate(one, two) {
  return compareValues(one.year, two.year) || compareValues(one.month, two.month) || compareValues(one.day, two.day);
}

export function compareTime(one, two) {
  return compareValues(nsOfTime(one), nsOfTime(two));
}

export function compareDateTime(one, two) {
  return compareDate(one.date, two.date) || compareTime(one.time, two.time);
}

/** Where the date-time lies in UTC. */
export function epochNsOf({ date, time }) {
  return BigInt(epochDaysOf(date)) * NS_PER_DAY + nsOfTime(time);
}

/** The date-time in UTC at @epochNs. */
export function dateTimeOfEpochNs(epochNs) {
  const { days, time } = timeOfNs(epochNs);
  return { date: dateOfEpochDays(days), time };
}

export function isValidEpochNs(epochNs) {
  return epochNs >= -MAX_EPOCH_NS && epochNs <= MAX_EPOCH_NS;
}

export function checkEpochNs(epochNs) {
  if (!isValidEpochNs(epochNs)) {
    throw new RangeError("An instant is at most 100000000 days from 1970");
  }
  return epochNs;
}

/** Whether some time zone can have it: it is less than a day outside of what instants reach. */
export function isDateTimeInRange(dateTime) {
  const { year } = dateTime.date;
  if (year < MIN_YEAR || year > MAX_YEAR) {
    return false;
  }
  const ns = epochNsOf(dateTime);
  return ns > -MAX_EPOCH_NS - NS_PER_DAY && ns < MAX_EPOCH_NS + NS_PER_DAY;
}

export function isDateInRange(date) {
  return isDateTimeInRange({ date, time: NOON });
}

export function isYearMonthInRange({ year, month }) {
  return (year > MIN_YEAR || (year == MIN_YEAR && month >= 4)) && (year < MAX_YEAR || (year == MAX_YEAR && month <= 9));
}

function check(isInRange, value) {
  if (!isInRange(value)) {
    throw new RangeError("The date is outside of what Temporal can represent");
  }
  return value;
}

export const checkDateTime = dateTime => check(isDateTimeInRange, dateTime);
export const checkDate = date => check(isDateInRange, date);
export const checkYearMonth = date => check(isYearMonthInRange, date);

/** Each time field's name. */
export const TIME_NAMES = TIME_FIELDS.map(([name]) => name);
