// SPDX-License-Identifier: MPL-2.0
// Temporal.Duration

import { dateAdd } from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { relativeToOption } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import {
  DURATION_NAMES, NS_PER, ZERO_DATE, addDaysToTime, adjustDate, checkDurationRecord, checkTime, combine, defaultLargestUnit,
  fromInternal, isCalendarUnit, isDateUnit, largerUnit, negate, partialDuration, roundTime, sign, toDuration, toInternal,
  toInternal24h, totalTimeIn,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { formatDuration } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { MIDNIGHT, addToTime } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { compareValues, roundToIncrement, toIntegerIfIntegral } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { define, make, refuseValue, slotsOf, stamp } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  REQUIRED, checkIncrement, checkOrder, checkUnit, fractionalDigitsOption, getOptions, maximumIncrement, roundingArgument,
  roundingIncrementOption, roundingModeOption, secondsPrecision, unitOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { daysOf, differenceRounded, differenceTotal } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";
import {
  addZoned, differenceZonedRounded, differenceZonedTotal,
} from "resource://gre/modules/bgtask/TemporalZonedMath.sys.mjs";

const KIND = "Duration";
const NAMELESS = "Years, months and weeks have no length without relativeTo";

export const makeDuration = record => make(KIND, record);

function addDurations(one, two) {
  const largestUnit = largerUnit(defaultLargestUnit(one), defaultLargestUnit(two));
  if (isCalendarUnit(largestUnit)) {
    throw new RangeError("Durations with years, months or weeks cannot be added up");
  }
  const time = checkTime(toInternal24h(one).time + toInternal24h(two).time);
  return makeDuration(fromInternal(combine(ZERO_DATE, time), largestUnit));
}

/** The date-times between which a duration lies that begins with a date. */
function spanFrom({ date, calendar }, record) {
  const internal = toInternal24h(record);
  const end = addToTime(MIDNIGHT, internal.time);
  const target = dateAdd(calendar, date, adjustDate(internal.date, { days: end.days }), "constrain");
  return [{ date, time: MIDNIGHT }, { date: target, time: end.time }];
}

function zonedEnd({ epochNs, zone, calendar }, record) {
  return addZoned(epochNs, zone, calendar, toInternal(record), "constrain");
}

/** What round() is to do: its options, read in their order, and checked. */
function roundSettings(record, roundTo) {
  const options = roundingArgument(roundTo);
  const wanted = unitOption(options, "largestUnit");
  const relativeTo = relativeToOption(options);
  const increment = roundingIncrementOption(options);
  const mode = roundingModeOption(options, "halfExpand");
  const smallest = unitOption(options, "smallestUnit");
  checkUnit(smallest, "datetime");
  if (wanted === undefined && smallest === undefined) {
    throw new RangeError("round() needs largestUnit or smallestUnit");
  }
  const smallestUnit = smallest ?? "nanosecond";
  const fallback = largerUnit(defaultLargestUnit(record), smallestUnit);
  const largestUnit = wanted === undefined || wanted == "auto" ? fallback : wanted;
  checkOrder(largestUnit, smallestUnit);
  const maximum = maximumIncrement(smallestUnit);
  if (maximum !== undefined) {
    checkIncrement(increment, maximum, false);
  }
  if (increment > 1 && isDateUnit(smallestUnit) && largestUnit != smallestUnit) {
    throw new RangeError("An increment of days or more needs a largestUnit that is the smallestUnit");
  }
  return { relativeTo, largestUnit, smallestUnit, increment, mode };
}

/** Of a duration that lies nowhere. */
function roundAlone(record, { largestUnit, smallestUnit, increment, mode }) {
  if (isCalendarUnit(defaultLargestUnit(record)) || isCalendarUnit(largestUnit)) {
    throw new RangeError(NAMELESS);
  }
  const { time } = toInternal24h(record);
  if (smallestUnit != "day") {
    return fromInternal(combine(ZERO_DATE, roundTime(time, increment, smallestUnit, mode)), largestUnit);
  }
  const days = roundToIncrement(time, BigInt(increment) * NS_PER.day, mode) / NS_PER.day;
  return fromInternal(combine({ ...ZERO_DATE, days: Number(days) }, 0n), largestUnit);
}

function roundDuration(record, settings) {
  const { relativeTo: { zoned, plain }, largestUnit } = settings;
  if (zoned) {
    const { epochNs, zone, calendar } = zoned;
    const internal = differenceZonedRounded(epochNs, zonedEnd(zoned, record), zone, calendar, settings);
    return fromInternal(internal, isDateUnit(largestUnit) ? "hour" : largestUnit);
  }
  if (plain) {
    return fromInternal(differenceRounded(...spanFrom(plain, record), plain.calendar, settings), largestUnit);
  }
  return roundAlone(record, settings);
}

function totalDuration(record, { zoned, plain }, unit) {
  if (zoned) {
    const { epochNs, zone, calendar } = zoned;
    return differenceZonedTotal(epochNs, zonedEnd(zoned, record), zone, calendar, unit);
  }
  if (plain) {
    return differenceTotal(...spanFrom(plain, record), plain.calendar, unit);
  }
  if (isCalendarUnit(defaultLargestUnit(record)) || isCalendarUnit(unit)) {
    throw new RangeError(NAMELESS);
  }
  return totalTimeIn(toInternal24h(record).time, unit);
}

function compareDurations(one, two, { zoned, plain }) {
  if (DURATION_NAMES.every(name => one[name] == two[name])) {
    return 0;
  }
  const units = [one, two].map(defaultLargestUnit);
  if (zoned && units.some(isDateUnit)) {
    return compareValues(zonedEnd(zoned, one), zonedEnd(zoned, two));
  }
  const needsStart = units.some(isCalendarUnit);
  if (needsStart && !plain) {
    throw new RangeError(NAMELESS);
  }
  const lengths = [one, two].map(toInternal)
    .map(({ date, time }) => [time, needsStart ? daysOf(date, plain) : date.days])
    .map(([time, days]) => addDaysToTime(time, days));
  return compareValues(...lengths);
}

/** @record, its time rounded as the options of toString() say. */
function roundForText(record, { unit, increment }, mode) {
  if (unit == "nanosecond" && increment == 1) {
    return record;
  }
  const { date, time } = toInternal(record);
  return fromInternal(combine(date, roundTime(time, increment, unit, mode)), largerUnit(defaultLargestUnit(record), "second"));
}

export class Duration {
  constructor(
    years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0, microseconds = 0,
    nanoseconds = 0) {
    const values = [years, months, weeks, days, hours, minutes, seconds, milliseconds, microseconds, nanoseconds];
    const entries = DURATION_NAMES.map((name, index) => [name, toIntegerIfIntegral(values[index], name)]);
    stamp(this, KIND, checkDurationRecord(Object.fromEntries(entries)));
  }

  static from(item) {
    return makeDuration(toDuration(item));
  }

  static compare(one, two, options = undefined) {
    const records = [toDuration(one), toDuration(two)];
    return compareDurations(...records, relativeToOption(getOptions(options)));
  }

  get sign() {
    return sign(slotsOf(KIND, this));
  }

  get blank() {
    return sign(slotsOf(KIND, this)) == 0;
  }

  with(like) {
    const record = slotsOf(KIND, this);
    return makeDuration(checkDurationRecord({ ...record, ...partialDuration(like) }));
  }

  negated() {
    return makeDuration(negate(slotsOf(KIND, this)));
  }

  abs() {
    const record = slotsOf(KIND, this);
    return makeDuration(sign(record) < 0 ? negate(record) : record);
  }

  add(other) {
    return addDurations(slotsOf(KIND, this), toDuration(other));
  }

  subtract(other) {
    return addDurations(slotsOf(KIND, this), negate(toDuration(other)));
  }

  round(roundTo) {
    const record = slotsOf(KIND, this);
    return makeDuration(roundDuration(record, roundSettings(record, roundTo)));
  }

  total(totalOf) {
    const record = slotsOf(KIND, this);
    const options = roundingArgument(totalOf, "unit");
    const relativeTo = relativeToOption(options);
    const unit = unitOption(options, "unit", REQUIRED);
    checkUnit(unit, "datetime");
    return totalDuration(record, relativeTo, unit);
  }

  toString(options = undefined) {
    const record = slotsOf(KIND, this);
    const resolved = getOptions(options);
    const digits = fractionalDigitsOption(resolved);
    const mode = roundingModeOption(resolved, "trunc");
    const smallestUnit = unitOption(resolved, "smallestUnit");
    checkUnit(smallestUnit, "time");
    if (smallestUnit == "hour" || smallestUnit == "minute") {
      throw new RangeError(`The unit ${smallestUnit} cannot be used here`);
    }
    const settings = secondsPrecision(smallestUnit, digits);
    return formatDuration(roundForText(record, settings, mode), settings.precision);
  }

  toJSON() {
    return formatDuration(slotsOf(KIND, this), "auto");
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOf(KIND, this);
    return toLocaleString(KIND, this, locales, options);
  }

  valueOf() {
    return refuseValue(KIND);
  }
}
define(KIND, Duration);
for (const name of DURATION_NAMES) {
  const { get } = Object.getOwnPropertyDescriptor({
    get [name]() {
      return slotsOf(KIND, this)[name];
    },
  }, name);
  Object.defineProperty(Duration.prototype, name, { get, set: undefined, enumerable: false, configurable: true });
}
