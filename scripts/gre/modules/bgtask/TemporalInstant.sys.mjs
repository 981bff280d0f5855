// SPDX-License-Identifier: MPL-2.0
// Temporal.Instant

import { toInstant } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { makeDuration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import {
  NS_PER, defaultLargestUnit, fromInternal, isDateUnit, negate, toDuration, toInternal24h,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { formatDateTime, formatOffsetRounded } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { checkEpochNs } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import {
  compareValues, floorDiv, roundAsIfPositive, toBigInt,
} from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { define, make, refuseValue, slotsOf, stamp } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  REQUIRED, checkIncrement, checkUnit, differenceSettings, fractionalDigitsOption, getOptions, roundingArgument,
  roundingIncrementOption, roundingModeOption, secondsPrecision, unitOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { differenceInstant } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";
import { dateTimeFor, offsetNsFor, toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

const KIND = "Instant";
const NS_PER_MS = NS_PER.millisecond;

const makeInstant = epochNs => make(KIND, { epochNs: checkEpochNs(epochNs) });

function addDuration(epochNs, record) {
  const unit = defaultLargestUnit(record);
  if (isDateUnit(unit)) {
    throw new RangeError(`An instant has no ${unit} that could be added`);
  }
  return makeInstant(epochNs + toInternal24h(record).time);
}

function difference(operation, instant, item, options) {
  const { epochNs } = slotsOf(KIND, instant);
  const other = toInstant(item).epochNs;
  const settings = differenceSettings(getOptions(options), operation, "time", [], "nanosecond", "second");
  const { increment, smallestUnit, mode, largestUnit } = settings;
  const record = fromInternal(differenceInstant(epochNs, other, increment, smallestUnit, mode), largestUnit);
  return makeDuration(operation == "since" ? negate(record) : record);
}

/** The text of an instant in @zone; undefined is UTC, as Z. */
function format(epochNs, zone, precision) {
  const local = dateTimeFor(zone ?? "UTC", epochNs);
  const text = formatDateTime(local, "iso8601", precision, "never");
  return `${text}${zone === undefined ? "Z" : formatOffsetRounded(offsetNsFor(zone, epochNs))}`;
}

function roundNs(epochNs, increment, unit, mode) {
  return checkEpochNs(roundAsIfPositive(epochNs, BigInt(increment) * NS_PER[unit], mode));
}

export class Instant {
  constructor(epochNanoseconds) {
    stamp(this, KIND, { epochNs: checkEpochNs(toBigInt(epochNanoseconds)) });
  }

  static from(item) {
    return makeInstant(toInstant(item).epochNs);
  }

  static fromEpochMilliseconds(epochMilliseconds) {
    return makeInstant(BigInt(+epochMilliseconds) * NS_PER_MS);
  }

  static fromEpochNanoseconds(epochNanoseconds) {
    return makeInstant(toBigInt(epochNanoseconds));
  }

  static compare(one, two) {
    return compareValues(toInstant(one).epochNs, toInstant(two).epochNs);
  }

  get epochMilliseconds() {
    return Number(floorDiv(slotsOf(KIND, this).epochNs, NS_PER_MS));
  }

  get epochNanoseconds() {
    return slotsOf(KIND, this).epochNs;
  }

  add(duration) {
    return addDuration(slotsOf(KIND, this).epochNs, toDuration(duration));
  }

  subtract(duration) {
    return addDuration(slotsOf(KIND, this).epochNs, negate(toDuration(duration)));
  }

  until(other, options = undefined) {
    return difference("until", this, other, options);
  }

  since(other, options = undefined) {
    return difference("since", this, other, options);
  }

  round(roundTo) {
    const { epochNs } = slotsOf(KIND, this);
    const options = roundingArgument(roundTo);
    const increment = roundingIncrementOption(options);
    const mode = roundingModeOption(options, "halfExpand");
    const unit = unitOption(options, "smallestUnit", REQUIRED);
    checkUnit(unit, "time");
    checkIncrement(increment, Number(NS_PER.day / NS_PER[unit]), true);
    return makeInstant(roundNs(epochNs, increment, unit, mode));
  }

  equals(other) {
    return slotsOf(KIND, this).epochNs == toInstant(other).epochNs;
  }

  toString(options = undefined) {
    const { epochNs } = slotsOf(KIND, this);
    const resolved = getOptions(options);
    const digits = fractionalDigitsOption(resolved);
    const mode = roundingModeOption(resolved, "trunc");
    const smallestUnit = unitOption(resolved, "smallestUnit");
    const { timeZone } = resolved;
    checkUnit(smallestUnit, "time");
    if (smallestUnit == "hour") {
      throw new RangeError("The unit hour cannot be used here");
    }
    const zone = timeZone === undefined ? undefined : toZoneId(timeZone);
    const { precision, unit, increment } = secondsPrecision(smallestUnit, digits);
    return format(roundNs(epochNs, increment, unit, mode), zone, precision);
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOf(KIND, this);
    return toLocaleString(KIND, this, locales, options);
  }

  toJSON() {
    return format(slotsOf(KIND, this).epochNs, undefined, "auto");
  }

  valueOf() {
    return refuseValue(KIND);
  }

  toZonedDateTimeISO(timeZone) {
    const { epochNs } = slotsOf(KIND, this);
    return make("ZonedDateTime", { epochNs, zone: toZoneId(timeZone), calendar: "iso8601" });
  }
}
define(KIND, Instant);
