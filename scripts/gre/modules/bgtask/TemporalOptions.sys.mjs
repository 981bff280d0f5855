// SPDX-License-Identifier: MPL-2.0
// Options of Temporal's methods. Each function reads one property, so that callers read them in the standard's order.

import { UNITS, isDateUnit, largerUnit } from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { ROUNDING_MODES, oppositeMode, toIntegerWithTruncation } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { describe, isObject } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";

/** As a fallback: the option has to be given. */
export const REQUIRED = Symbol("required");

const MAX_INCREMENT = 1e9;
const UNIT_NAMES = new Map([["auto", "auto"], ...UNITS.flatMap(unit => [[unit, unit], [`${unit}s`, unit]])]);

/** How many of a unit make one of the next larger one, which an increment has to divide; of days and more: any. */
const MAXIMUM = { hour: 24, minute: 60, second: 60, millisecond: 1000, microsecond: 1000, nanosecond: 1000 };
const DIGITS = { second: 0, millisecond: 3, microsecond: 6, nanosecond: 9 };

export function getOptions(value) {
  if (value === undefined) {
    return Object.create(null);
  }
  if (!isObject(value)) {
    throw new TypeError(`${describe(value)} is no object of options`);
  }
  return value;
}

/** One of @values, or @fallback if it is undefined. */
export function option(options, name, values, fallback) {
  const value = options[name];
  if (value === undefined) {
    if (fallback === REQUIRED) {
      throw new RangeError(`The option ${name} is missing`);
    }
    return fallback;
  }
  const text = `${value}`;
  if (!values.includes(text)) {
    throw new RangeError(`${describe(text)} is no value of the option ${name}`);
  }
  return text;
}

export const overflowOption = options => option(options, "overflow", ["constrain", "reject"], "constrain");
export const disambiguationOption = (options, fallback = "compatible") =>
  option(options, "disambiguation", ["compatible", "earlier", "later", "reject"], fallback);
export const offsetOption = (options, fallback) => option(options, "offset", ["prefer", "use", "ignore", "reject"], fallback);
export const showCalendarOption = options => option(options, "calendarName", ["auto", "always", "never", "critical"], "auto");
export const showZoneOption = options => option(options, "timeZoneName", ["auto", "never", "critical"], "auto");
export const showOffsetOption = options => option(options, "offset", ["auto", "never"], "auto");
export const directionOption = options => option(options, "direction", ["next", "previous"], REQUIRED);
export const roundingModeOption = (options, fallback) => option(options, "roundingMode", ROUNDING_MODES, fallback);

export function roundingIncrementOption(options) {
  const value = options.roundingIncrement;
  if (value === undefined) {
    return 1;
  }
  const increment = toIntegerWithTruncation(value, "roundingIncrement");
  if (increment < 1 || increment > MAX_INCREMENT) {
    throw new RangeError(`roundingIncrement is not between 1 and ${MAX_INCREMENT}`);
  }
  return increment;
}

/** "auto", or a number of digits. */
export function fractionalDigitsOption(options) {
  const value = options.fractionalSecondDigits;
  if (value === undefined) {
    return "auto";
  }
  if (typeof value != "number") {
    if (`${value}` != "auto") {
      throw new RangeError("fractionalSecondDigits is neither a number nor \"auto\"");
    }
    return "auto";
  }
  const digits = Math.floor(value);
  if (!(digits >= 0 && digits <= 9)) {
    throw new RangeError("fractionalSecondDigits is not between 0 and 9");
  }
  return digits;
}

/** A unit (its singular), "auto", or @fallback. Whether the unit fits is for checkUnit(). */
export function unitOption(options, name, fallback) {
  const value = option(options, name, [...UNIT_NAMES.keys()], fallback);
  return UNIT_NAMES.get(value) ?? value;
}

/** RangeError unless @unit is of the group "date", "time" or "datetime", one of @extra, or undefined. */
export function checkUnit(unit, group, extra = []) {
  if (unit === undefined || extra.includes(unit)) {
    return;
  }
  if (unit == "auto" || (group == "date" && !isDateUnit(unit)) || (group == "time" && isDateUnit(unit))) {
    throw new RangeError(`The unit ${unit} cannot be used here`);
  }
}

export function maximumIncrement(unit) {
  return MAXIMUM[unit];
}

/** RangeError unless @increment divides @dividend. It may be the whole of it only if that is @inclusive. */
export function checkIncrement(increment, dividend, inclusive) {
  const maximum = inclusive ? dividend : Math.max(dividend - 1, 1);
  if (increment > maximum || dividend % increment != 0) {
    throw new RangeError(`roundingIncrement does not divide ${dividend}, or is too large`);
  }
}

/** What a time is rounded to before it is written, and how it is written then. */
export function secondsPrecision(smallestUnit, digits) {
  if (smallestUnit == "minute") {
    return { precision: "minute", unit: "minute", increment: 1 };
  }
  if (smallestUnit !== undefined) {
    return { precision: DIGITS[smallestUnit], unit: smallestUnit, increment: 1 };
  }
  if (digits == "auto") {
    return { precision: "auto", unit: "nanosecond", increment: 1 };
  }
  const unit = digits == 0 ? "second" : digits <= 3 ? "millisecond" : digits <= 6 ? "microsecond" : "nanosecond";
  return { precision: digits, unit, increment: 10 ** (DIGITS[unit] - digits) };
}

/** The options of until() and since(). @disallowed: units of the group that the class has not. */
export function differenceSettings(options, operation, group, disallowed, fallbackSmallest, smallestLargest) {
  let largestUnit = unitOption(options, "largestUnit");
  const increment = roundingIncrementOption(options);
  const mode = roundingModeOption(options, "trunc");
  const smallestUnit = unitOption(options, "smallestUnit") ?? fallbackSmallest;
  checkUnit(largestUnit, group, ["auto"]);
  checkUnit(smallestUnit, group);
  for (const unit of [largestUnit, smallestUnit]) {
    if (disallowed.includes(unit)) {
      throw new RangeError(`The unit ${unit} cannot be used here`);
    }
  }
  if (largestUnit === undefined || largestUnit == "auto") {
    largestUnit = largerUnit(smallestLargest, smallestUnit);
  }
  checkOrder(largestUnit, smallestUnit);
  if (MAXIMUM[smallestUnit]) {
    checkIncrement(increment, MAXIMUM[smallestUnit], false);
  }
  return { largestUnit, smallestUnit, increment, mode: operation == "since" ? oppositeMode(mode) : mode };
}

export function checkOrder(largestUnit, smallestUnit) {
  if (largerUnit(largestUnit, smallestUnit) != largestUnit) {
    throw new RangeError(`largestUnit ${largestUnit} is smaller than smallestUnit ${smallestUnit}`);
  }
}

/** The argument of round() and total(): options, or the one @name as a text. */
export function roundingArgument(value, name = "smallestUnit") {
  if (value === undefined) {
    throw new TypeError("The argument is missing");
  }
  return typeof value == "string" ? Object.assign(Object.create(null), { [name]: value }) : getOptions(value);
}
