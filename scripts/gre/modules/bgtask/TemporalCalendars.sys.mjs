// SPDX-License-Identifier: MPL-2.0
// Calculating with dates in a calendar: what fields a date has, which date fields are, adding and counting.

import {
  addDays, checkDate, checkYearMonth, compareDate, dateOfEpochDays, dayOfWeek, epochDaysOf, weekOfYear,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { formatMonthCode } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { compareValues } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { describe, kindOf, slotsOf } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { parseCalendarString } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";
import { canonicalCalendar, systemOf } from "resource://gre/modules/bgtask/TemporalSystems.sys.mjs";

export { canonicalCalendar };

/** What no calendar reaches, and calculating with stays exact and quick. */
const MAX_YEAR = 400_000;
const REFERENCE = { year: 1972, month: 12, day: 31 };
const REFERENCE_YEARS = 400;
const LONGEST_MONTH = 31;

/** The id of the calendar that @value is, names or has. */
export function toCalendarId(value) {
  const kind = kindOf(value);
  if (kind && "calendar" in slotsOf(kind, value)) {
    return slotsOf(kind, value).calendar;
  }
  if (typeof value != "string") {
    throw new TypeError(`${describe(value)} is no calendar`);
  }
  return canonicalCalendar(parseCalendarString(value));
}

/** The id of a constructor's argument, which has to be a calendar's name or undefined. */
export function calendarArgument(value) {
  if (value === undefined) {
    return "iso8601";
  }
  if (typeof value != "string") {
    throw new TypeError(`${describe(value)} is no calendar`);
  }
  return canonicalCalendar(value);
}

/** The calendar of an object like a date: its own, what its property says, or that of ISO 8601. */
export function calendarOf(like) {
  const kind = kindOf(like);
  if (kind && "calendar" in slotsOf(kind, like)) {
    return slotsOf(kind, like).calendar;
  }
  const { calendar } = like;
  return calendar === undefined ? "iso8601" : toCalendarId(calendar);
}

export function checkSameCalendar(one, two) {
  if (one != two) {
    throw new RangeError(`The calendars ${one} and ${two} are not the same`);
  }
}

function codeText({ number, isLeap }) {
  return formatMonthCode(number, isLeap);
}

const MONTH_CODE = /^M(\d\d)(L?)$/;

/** { number, isLeap } of a text such as "M05L". */
export function parseMonthCode(text) {
  const found = MONTH_CODE.exec(text);
  if (!found || (found[1] == "00" && !found[2])) {
    throw new RangeError(`${describe(text)} is no code of a month`);
  }
  return { number: Number(found[1]), isLeap: found[2] == "L" };
}

/** What a date is in a calendar, as its getters give it. */
export function calendarDate(calendar, date) {
  const system = systemOf(calendar);
  const parts = system.partsOf(date);
  const { year, month, day } = parts;
  const firstDay = system.epochDays(year, 1, 1);
  const era = system.eraOf(date, parts);
  return {
    era, eraYear: era && system.eras[era].of(year), year, month, monthCode: codeText(system.codeOf(year, month)), day,
    dayOfWeek: dayOfWeek(date), dayOfYear: epochDaysOf(date) - firstDay + 1,
    weekOfYear: calendar == "iso8601" ? weekOfYear(date) : { week: undefined, year: undefined },
    daysInWeek: 7, daysInMonth: system.daysInMonth(year, month), daysInYear: system.epochDays(year + 1, 1, 1) - firstDay,
    monthsInYear: system.monthsInYear(year), inLeapYear: system.isLeapYear(year),
  };
}

/** The fields that say which date of its @type ("date", "year-month", "month-day") one is. */
export function fieldsOfDate(calendar, date, type) {
  const { year, monthCode, day } = calendarDate(calendar, date);
  return { monthCode, ...(type != "month-day" && { year }), ...(type != "year-month" && { day }) };
}

/** @fields with those of @additional in their place, and without what these make void. */
export function mergeFields(calendar, fields, additional) {
  const groups = [["month", "monthCode"], ...(systemOf(calendar).eras ? [["era", "eraYear", "year"]] : [])];
  const changed = groups.filter(group => group.some(name => additional[name] !== undefined)).flat();
  const kept = Object.entries(fields).filter(([name]) => !changed.includes(name));
  return { ...Object.fromEntries(kept), ...additional };
}

function requireField(fields, name) {
  if (fields[name] === undefined) {
    throw new TypeError(`The field ${name} is missing`);
  }
}

/** TypeError if fields are missing that it takes for a date of the type. */
function checkPresence(system, fields, type) {
  if (system.eras && (fields.era === undefined) != (fields.eraYear === undefined)) {
    throw new TypeError("The fields era and eraYear go together");
  }
  const needsYear = type != "month-day" || (system !== systemOf("iso8601") && fields.month !== undefined);
  if (needsYear && fields.eraYear === undefined) {
    requireField(fields, "year");
  }
  if (type != "year-month") {
    requireField(fields, "day");
  }
  if (fields.monthCode === undefined) {
    requireField(fields, "month");
  }
}

/** The year of the fields; undefined: they have none. */
function resolveYear(system, fields) {
  if (fields.era === undefined) {
    return fields.year;
  }
  if (!Object.hasOwn(system.eras, fields.era)) {
    throw new RangeError(`The calendar has no era ${describe(fields.era)}`);
  }
  const year = system.eras[fields.era].toYear(fields.eraYear);
  if (fields.year !== undefined && fields.year != year) {
    throw new RangeError(`The year ${fields.year} is not the year ${fields.eraYear} of the era ${fields.era}`);
  }
  return year;
}

function codeOfFields(system, fields) {
  const code = parseMonthCode(fields.monthCode);
  if (!system.hasCode(code)) {
    throw new RangeError(`The calendar has no month ${fields.monthCode}`);
  }
  return code;
}

/** Where the month of a code is in a year; a leap month that the year has not is the one before it, unless rejected. */
function monthInYear(system, year, code, overflow) {
  const month = system.monthOf(year, code);
  if (month !== undefined) {
    return month;
  }
  if (overflow == "reject") {
    throw new RangeError(`The year ${year} has no month ${codeText(code)}`);
  }
  return system.constrainedMonth(year, code);
}

function resolveMonth(system, year, fields, overflow) {
  if (fields.monthCode === undefined) {
    return fields.month;
  }
  const month = monthInYear(system, year, codeOfFields(system, fields), overflow);
  if (fields.month !== undefined && fields.month != month) {
    throw new RangeError(`The month ${fields.month} is not ${fields.monthCode}`);
  }
  return month;
}

function checkYear(year) {
  if (Math.abs(year) > MAX_YEAR) {
    throw new RangeError(`The year ${year} is outside of what Temporal can represent`);
  }
}

/** { year, month, day } that there is in the calendar. */
function regulate(system, year, month, day, overflow) {
  const inYear = Math.min(month, system.monthsInYear(year));
  const inMonth = Math.min(day, system.daysInMonth(year, inYear));
  if (overflow == "reject" && (inYear != month || inMonth != day)) {
    throw new RangeError(`There is no date with month ${month} and day ${day} in the year ${year}`);
  }
  return { year, month: inYear, day: inMonth };
}

function isoDate(system, { year, month, day }) {
  return dateOfEpochDays(system.epochDays(year, month, day));
}

function resolve(system, fields, overflow) {
  const year = resolveYear(system, fields);
  const isISO = system === systemOf("iso8601");
  if (!isISO) {
    checkYear(year);
  }
  const month = resolveMonth(system, year, fields, overflow);
  return regulate(system, year, month, fields.day, overflow);
}

/** The date that the fields say. */
export function dateFromFields(calendar, fields, overflow) {
  const system = systemOf(calendar);
  checkPresence(system, fields, "date");
  const parts = resolve(system, fields, overflow);
  checkYear(parts.year);
  return checkDate(isoDate(system, parts));
}

/** The first day of the month that the fields say. */
export function yearMonthFromFields(calendar, fields, overflow) {
  const system = systemOf(calendar);
  checkPresence(system, fields, "year-month");
  const parts = resolve(system, { ...fields, day: 1 }, overflow);
  checkYear(parts.year);
  return checkYearMonth(isoDate(system, parts));
}

/** The last date until 1972 whose month and day are those; or, of a leap month, the first one after it. */
function findReference(system, code, day) {
  const { year: last } = system.partsOf(REFERENCE);
  const { referenceYears = Array.from({ length: REFERENCE_YEARS }, (_, index) => last - index) } = system;
  for (const year of referenceYears) {
    const month = system.monthOf(year, code);
    if (month !== undefined && day <= system.daysInMonth(year, month)) {
      const date = isoDate(system, { year, month, day });
      if (year > last || compareDate(date, REFERENCE) <= 0) {
        return date;
      }
    }
  }
  return undefined;
}

/** The same, or as near to them as there is one. A leap month without that day stands for the month before it. */
function referenceDate(system, code, day, overflow) {
  const { longestMonth = LONGEST_MONTH, referenceYears } = system;
  const wanted = overflow == "reject" ? day : Math.min(day, longestMonth);
  const date = findReference(system, code, wanted);
  if (date) {
    return date;
  }
  if (overflow == "constrain" && referenceYears && code.isLeap) {
    return referenceDate(system, { ...code, isLeap: false }, wanted, overflow);
  }
  if (overflow == "reject" || wanted <= 1) {
    throw new RangeError(`There is no day ${day} in the month ${codeText(code)}`);
  }
  return referenceDate(system, code, wanted - 1, overflow);
}

/** The month and day that the fields say, in the year that stands for all. */
export function monthDayFromFields(calendar, fields, overflow) {
  const system = systemOf(calendar);
  checkPresence(system, fields, "month-day");
  if (calendar == "iso8601") {
    const { month, day } = resolve(system, { ...fields, year: fields.year ?? REFERENCE.year }, overflow);
    return { year: REFERENCE.year, month, day };
  }
  if (fields.year === undefined && fields.era === undefined) {
    return referenceDate(system, codeOfFields(system, fields), fields.day, overflow);
  }
  const { year, month, day } = resolve(system, fields, overflow);
  checkDate(isoDate(system, { year, month, day }));
  const said = fields.monthCode === undefined ? undefined : codeOfFields(system, fields);
  if (said?.isLeap && system.monthOf(year, said) === undefined) {
    const namesake = system.monthOf(year, { ...said, isLeap: false });
    return referenceDate(system, said, Math.min(fields.day, system.daysInMonth(year, namesake)), "constrain");
  }
  return referenceDate(system, system.codeOf(year, month), day, overflow);
}

/** The month that is @count months after one. */
function addMonths(system, year, month, count) {
  const { monthsFromStart, monthAt } = system;
  if (monthAt) {
    return monthAt(monthsFromStart(year, month) + count);
  }
  const perYear = system.monthsInYear(year);
  const index = year * perYear + month - 1 + count;
  return { year: Math.floor(index / perYear), month: index - Math.floor(index / perYear) * perYear + 1 };
}

/** @parts some years and months later; their day may be one that there is not. */
function moved(system, parts, years, months, overflow) {
  const year = parts.year + years;
  checkYear(year + months / 12);
  const month = years ? monthInYear(system, year, system.codeOf(parts.year, parts.month), overflow) : parts.month;
  return { ...addMonths(system, year, month, months), day: parts.day };
}

export function dateAdd(calendar, date, { years, months, weeks, days }, overflow) {
  const system = systemOf(calendar);
  let start = date;
  if (years || months) {
    const { year, month, day } = moved(system, system.partsOf(date), years, months, overflow);
    checkYear(year);
    start = isoDate(system, regulate(system, year, month, day, overflow));
  }
  return checkDate(addDays(start, days + 7 * weeks));
}

/** Whether @parts are beyond @end, in the direction of @sign. Their months are compared by name if @byCode. */
function surpasses(system, sign, parts, end, byCode) {
  const place = ({ number, isLeap }) => number * 2 + (isLeap ? 1 : 0);
  const months = byCode ? [parts.code, system.codeOf(end.year, end.month)].map(place) : [parts.month, end.month];
  const order = compareValues(parts.year, end.year) || compareValues(...months) || compareValues(parts.day, end.day);
  return order * sign > 0;
}

/** How many whole years it is from @parts to @end. */
function yearsUntil(system, sign, parts, end) {
  const code = system.codeOf(parts.year, parts.month);
  const years = end.year - parts.year;
  const isNamedBeyond = surpasses(system, sign, { year: end.year, code, day: parts.day }, end, true);
  const month = monthInYear(system, end.year, code, "constrain");
  const isBeyond = isNamedBeyond || surpasses(system, sign, { year: end.year, month, day: parts.day }, end, false);
  return years != 0 && isBeyond ? years - sign : years;
}

function monthsUntil(system, sign, parts, years, end) {
  const start = moved(system, parts, years, 0, "constrain");
  const { monthsFromStart = (year, month) => year * system.monthsInYear(year) + month } = system;
  const months = monthsFromStart(end.year, end.month) - monthsFromStart(start.year, start.month);
  const isBeyond = surpasses(system, sign, { ...end, day: parts.day }, end, false);
  return months != 0 && isBeyond ? months - sign : months;
}

/** What it is from one date to another, in units of at most @largestUnit. */
export function dateUntil(calendar, one, two, largestUnit) {
  const sign = -compareDate(one, two);
  const result = { years: 0, months: 0, weeks: 0, days: 0 };
  let start = one;
  if (sign && (largestUnit == "year" || largestUnit == "month")) {
    const system = systemOf(calendar);
    const [parts, end] = [system.partsOf(one), system.partsOf(two)];
    result.years = largestUnit == "year" ? yearsUntil(system, sign, parts, end) + 0 : 0;
    result.months = monthsUntil(system, sign, parts, result.years, end) + 0;
    const { year, month, day } = moved(system, parts, result.years, result.months, "constrain");
    start = isoDate(system, regulate(system, year, month, day, "constrain"));
  }
  result.days = epochDaysOf(two) - epochDaysOf(start);
  if (largestUnit == "week") {
    result.weeks = Math.trunc(result.days / 7) + 0;
    result.days = (result.days % 7) + 0;
  }
  return result;
}

/** What classes with a date have getters for. */
export const DATE_GETTERS = [
  "calendarId", "era", "eraYear", "year", "month", "monthCode", "day", "dayOfWeek", "dayOfYear", "weekOfYear", "yearOfWeek",
  "daysInWeek", "daysInMonth", "daysInYear", "monthsInYear", "inLeapYear",
];
export const YEAR_MONTH_GETTERS = [
  "calendarId", "era", "eraYear", "year", "month", "monthCode", "daysInYear", "daysInMonth", "monthsInYear", "inLeapYear",
];

function getterValue({ date, calendar }, name) {
  if (name == "calendarId") {
    return calendar;
  }
  const { weekOfYear: { week, year }, ...values } = calendarDate(calendar, date);
  return name == "weekOfYear" ? week : name == "yearOfWeek" ? year : values[name];
}

/**
 * Put getters of a date on the prototype of @cls.
 * @param {function} slotsOfThis  gives { date, calendar } of an object of the class, or throws
 */
export function defineDateGetters(cls, slotsOfThis, names = DATE_GETTERS) {
  for (const name of names) {
    const { get } = Object.getOwnPropertyDescriptor({
      get [name]() {
        return getterValue(slotsOfThis(this), name);
      },
    }, name);
    Object.defineProperty(cls.prototype, name, { get, set: undefined, enumerable: false, configurable: true });
  }
}
