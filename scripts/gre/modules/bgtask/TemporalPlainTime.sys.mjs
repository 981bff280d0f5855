// SPDX-License-Identifier: MPL-2.0
// Temporal.PlainTime

import { toTime } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { makeDuration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import {
  NS_PER, ZERO_DATE, combine, fromInternal, negate, roundTime, toDuration, toInternal,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { checkPartial, timeFields } from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import { formatTime } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import {
  TIME_NAMES, addToTime, compareTime, isValidTime, nsOfTime, regulateTime, timeOfNs,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { roundToIncrement, toIntegerWithTruncation } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { define, make, refuseValue, slotsOf, stamp } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  REQUIRED, checkIncrement, checkUnit, differenceSettings, fractionalDigitsOption, getOptions, maximumIncrement, overflowOption,
  roundingArgument, roundingIncrementOption, roundingModeOption, secondsPrecision, unitOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { differenceTime } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";

const KIND = "PlainTime";

export const makeTime = time => make(KIND, { time });

/** The time that the numbers of a constructor say. */
export function timeArgument(values) {
  const time = Object.fromEntries(TIME_NAMES.map((name, index) => [name, toIntegerWithTruncation(values[index], name)]));
  if (!isValidTime(time)) {
    throw new RangeError("A field of the time is out of its range");
  }
  return time;
}

/** What a unit is counted in: which multiples are even is a matter of where the count begins. */
const LARGER = { minute: "hour", second: "minute", millisecond: "second", microsecond: "millisecond", nanosecond: "microsecond" };

/** @returns {{days: number, time: object}} the time rounded, and the days that it has gone beyond its own */
export function roundClock(time, increment, unit, mode) {
  const ns = nsOfTime(time);
  const rest = ns % NS_PER[LARGER[unit] ?? "day"];
  return timeOfNs(ns - rest + roundToIncrement(rest, BigInt(increment) * NS_PER[unit], mode));
}

/** Put getters of a time on the prototype of @cls. */
export function defineTimeGetters(cls, timeOfThis) {
  for (const name of TIME_NAMES) {
    const { get } = Object.getOwnPropertyDescriptor({
      get [name]() {
        return timeOfThis(this)[name];
      },
    }, name);
    Object.defineProperty(cls.prototype, name, { get, set: undefined, enumerable: false, configurable: true });
  }
}

function difference(operation, plainTime, item, options) {
  const { time } = slotsOf(KIND, plainTime);
  const other = toTime(item).time;
  const settings = differenceSettings(getOptions(options), operation, "time", [], "nanosecond", "hour");
  const { increment, smallestUnit, mode, largestUnit } = settings;
  const rounded = roundTime(differenceTime(time, other), increment, smallestUnit, mode);
  const record = fromInternal(combine(ZERO_DATE, rounded), largestUnit);
  return makeDuration(operation == "since" ? negate(record) : record);
}

export class PlainTime {
  constructor(hour = 0, minute = 0, second = 0, millisecond = 0, microsecond = 0, nanosecond = 0) {
    stamp(this, KIND, { time: timeArgument([hour, minute, second, millisecond, microsecond, nanosecond]) });
  }

  static from(item, options = undefined) {
    return makeTime(toTime(item, options).time);
  }

  static compare(one, two) {
    return compareTime(toTime(one).time, toTime(two).time);
  }

  add(duration) {
    const { time } = slotsOf(KIND, this);
    return makeTime(addToTime(time, toInternal(toDuration(duration)).time).time);
  }

  subtract(duration) {
    const { time } = slotsOf(KIND, this);
    return makeTime(addToTime(time, -toInternal(toDuration(duration)).time).time);
  }

  with(like, options = undefined) {
    const { time } = slotsOf(KIND, this);
    checkPartial(like);
    const fields = timeFields(like, true);
    return makeTime(regulateTime({ ...time, ...fields }, overflowOption(getOptions(options))));
  }

  until(other, options = undefined) {
    return difference("until", this, other, options);
  }

  since(other, options = undefined) {
    return difference("since", this, other, options);
  }

  round(roundTo) {
    const { time } = slotsOf(KIND, this);
    const options = roundingArgument(roundTo);
    const increment = roundingIncrementOption(options);
    const mode = roundingModeOption(options, "halfExpand");
    const unit = unitOption(options, "smallestUnit", REQUIRED);
    checkUnit(unit, "time");
    checkIncrement(increment, maximumIncrement(unit), false);
    return makeTime(roundClock(time, increment, unit, mode).time);
  }

  equals(other) {
    return compareTime(slotsOf(KIND, this).time, toTime(other).time) == 0;
  }

  toString(options = undefined) {
    const { time } = slotsOf(KIND, this);
    const resolved = getOptions(options);
    const digits = fractionalDigitsOption(resolved);
    const mode = roundingModeOption(resolved, "trunc");
    const smallestUnit = unitOption(resolved, "smallestUnit");
    checkUnit(smallestUnit, "time");
    if (smallestUnit == "hour") {
      throw new RangeError("The unit hour cannot be used here");
    }
    const { precision, unit, increment } = secondsPrecision(smallestUnit, digits);
    return formatTime(roundClock(time, increment, unit, mode).time, precision);
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOf(KIND, this);
    return toLocaleString(KIND, this, locales, options);
  }

  toJSON() {
    return formatTime(slotsOf(KIND, this).time, "auto");
  }

  valueOf() {
    return refuseValue(KIND);
  }
}
define(KIND, PlainTime);
defineTimeGetters(PlainTime, object => slotsOf(KIND, object).time);
