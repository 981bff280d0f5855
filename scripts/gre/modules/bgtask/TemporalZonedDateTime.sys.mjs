// SPDX-License-Identifier: MPL-2.0
// Temporal.ZonedDateTime: an instant, seen in a time zone and a calendar.

import {
  calendarArgument, calendarOf, canonicalCalendar, checkSameCalendar, defineDateGetters, fieldsOfDate, mergeFields, toCalendarId,
} from "resource://gre/modules/bgtask/TemporalCalendars.sys.mjs";
import { toTime } from "resource://gre/modules/bgtask/TemporalConversions.sys.mjs";
import { makeDuration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import {
  NS_PER, ZERO, fromInternal, isDateUnit, negate, toDuration, toInternal, totalTimeIn,
} from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import {
  DATE_FIELDS, TIME_FIELDS, checkPartial, interpretDateTimeFields, prepareFields,
} from "resource://gre/modules/bgtask/TemporalFields.sys.mjs";
import {
  formatCalendar, formatDateTime, formatOffset, formatOffsetRounded,
} from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import { addDays, checkEpochNs } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { toLocaleString } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import {
  compareValues, floorDiv, roundAsIfPositive, roundToIncrement, toBigInt,
} from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import {
  define, describe, isObject, make, refuseValue, slotsIf, slotsOf, stamp,
} from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import {
  REQUIRED, checkIncrement, checkUnit, differenceSettings, directionOption, disambiguationOption, fractionalDigitsOption,
  getOptions, maximumIncrement, offsetOption, overflowOption, roundingArgument, roundingIncrementOption, roundingModeOption,
  secondsPrecision, showCalendarOption, showOffsetOption, showZoneOption, unitOption,
} from "resource://gre/modules/bgtask/TemporalOptions.sys.mjs";
import { parseISO, parseOffset } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";
import { defineTimeGetters, roundClock } from "resource://gre/modules/bgtask/TemporalPlainTime.sys.mjs";
import { differenceInstant } from "resource://gre/modules/bgtask/TemporalRelative.sys.mjs";
import { addZoned, differenceZonedRounded } from "resource://gre/modules/bgtask/TemporalZonedMath.sys.mjs";
import {
  dateTimeFor, dayLength, epochNsFor, interpretOffset, offsetNsFor, startOfDay, toZoneId, transitionOf, zoneOfIdentifier,
  zonesEqual,
} from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

const KIND = "ZonedDateTime";

// ---- from other things ----

/** The three options of from() and with(), in the order in which they are read. */
function readOptions(options, offsetFallback) {
  const resolved = getOptions(options);
  const disambiguation = disambiguationOption(resolved);
  const offset = offsetOption(resolved, offsetFallback);
  return { disambiguation, offset, overflow: overflowOption(resolved) };
}

function zonedOfFields(bag, options) {
  const calendar = calendarOf(bag);
  const fields = prepareFields(calendar, bag, DATE_FIELDS, [...TIME_FIELDS, "offset", "timeZone"], ["timeZone"]);
  const zone = fields.timeZone;
  const { disambiguation, offset, overflow } = readOptions(options, "reject");
  const { date, time } = interpretDateTimeFields(calendar, fields, overflow);
  const [behaviour, offsetNs] = fields.offset === undefined ? ["wall", 0] : ["option", parseOffset(fields.offset)];
  const epochNs = interpretOffset(date, time, behaviour, offsetNs, zone, disambiguation, offset, false);
  return { epochNs, zone, calendar };
}

function zonedOfText(text, options) {
  const { year, month, day, time, zone: said, calendar: named } = parseISO(text, ["zoned"]);
  const zone = toZoneId(said.name);
  const calendar = canonicalCalendar(named ?? "iso8601");
  const { disambiguation, offset } = readOptions(options, "reject");
  const behaviour = said.z ? "exact" : said.offset === undefined ? "wall" : "option";
  const offsetNs = behaviour == "option" ? parseOffset(said.offset) : 0;
  // Seconds that are said have to be right.
  const matchMinutes = said.offsetParts !== 3;
  const epochNs = interpretOffset({ year, month, day }, time, behaviour, offsetNs, zone, disambiguation, offset, matchMinutes);
  return { epochNs, zone, calendar };
}

/** The slots of a ZonedDateTime, of an object with its fields, or of a text. */
export function toZoned(item, options = undefined) {
  const slots = slotsIf(KIND, item);
  if (slots) {
    readOptions(options, "reject");
    return slots;
  }
  if (isObject(item)) {
    return zonedOfFields(item, options);
  }
  if (typeof item != "string") {
    throw new TypeError(`${describe(item)} is no date and time in a zone`);
  }
  return zonedOfText(item, options);
}

// ---- of one ----

const makeZoned = slots => make(KIND, slots);
const slotsOfThis = self => slotsOf(KIND, self);
const dateTimeOf = ({ epochNs, zone }) => dateTimeFor(zone, epochNs);

function textOf({ epochNs, zone, calendar }, precision, show, rounding) {
  const { unit, increment, mode } = rounding;
  const rounded = roundAsIfPositive(epochNs, BigInt(increment) * NS_PER[unit], mode);
  const text = formatDateTime(dateTimeFor(zone, rounded), "iso8601", precision, "never");
  const offset = show.offset == "never" ? "" : formatOffsetRounded(offsetNsFor(zone, rounded));
  const name = show.zone == "never" ? "" : `[${show.zone == "critical" ? "!" : ""}${zone}]`;
  return `${text}${offset}${name}${formatCalendar(calendar, show.calendar)}`;
}

const SHOW_ALL = { calendar: "auto", offset: "auto", zone: "auto" };
const EXACTLY = { unit: "nanosecond", increment: 1, mode: "trunc" };

function addTo(self, sign, durationLike, options) {
  const { epochNs, zone, calendar } = slotsOfThis(self);
  const duration = toDuration(durationLike);
  const overflow = overflowOption(getOptions(options));
  const internal = toInternal(sign < 0 ? negate(duration) : duration);
  return makeZoned({ epochNs: addZoned(epochNs, zone, calendar, internal, overflow), zone, calendar });
}

/** The duration record from one to the other, as until() has it. */
function differenceRecord(one, two, settings) {
  const { largestUnit, smallestUnit, increment, mode } = settings;
  if (!isDateUnit(largestUnit)) {
    return fromInternal(differenceInstant(one.epochNs, two.epochNs, increment, smallestUnit, mode), largestUnit);
  }
  if (!zonesEqual(one.zone, two.zone)) {
    throw new RangeError(`The zones ${one.zone} and ${two.zone} differ: their days are not the same`);
  }
  if (one.epochNs == two.epochNs) {
    return ZERO;
  }
  return fromInternal(differenceZonedRounded(one.epochNs, two.epochNs, one.zone, one.calendar, settings), "hour");
}

function difference(self, operation, other, options) {
  const one = slotsOfThis(self);
  const two = toZoned(other);
  checkSameCalendar(one.calendar, two.calendar);
  const settings = differenceSettings(getOptions(options), operation, "datetime", [], "nanosecond", "hour");
  const record = differenceRecord(one, two, settings);
  return makeDuration(operation == "since" ? negate(record) : record);
}

function roundToDay({ epochNs, zone }, mode) {
  const { date } = dateTimeFor(zone, epochNs);
  const start = startOfDay(zone, date);
  const length = dayLength(zone, date);
  // A clock that goes back over midnight shows a part of the day once more after its end.
  const passed = epochNs - start < length ? epochNs - start : length - 1n;
  return checkEpochNs(start + roundToIncrement(passed, length, mode));
}

function roundToTime({ epochNs, zone }, unit, increment, mode) {
  const { date, time } = dateTimeFor(zone, epochNs);
  const rounded = roundClock(time, increment, unit, mode);
  const offsetNs = offsetNsFor(zone, epochNs);
  return interpretOffset(addDays(date, rounded.days), rounded.time, "option", offsetNs, zone, "compatible", "prefer", false);
}

/** Options of round(): { unit, increment, mode } */
function roundingOf(argument) {
  const options = roundingArgument(argument);
  const increment = roundingIncrementOption(options);
  const mode = roundingModeOption(options, "halfExpand");
  const unit = unitOption(options, "smallestUnit", REQUIRED);
  checkUnit(unit, "time", ["day"]);
  const isDay = unit == "day";
  checkIncrement(increment, isDay ? 1 : maximumIncrement(unit), isDay);
  return { unit, increment, mode };
}

/** Slots with the bag's fields in the place of those of @slots. */
function withFields(slots, bag, options) {
  const { epochNs, zone, calendar } = slots;
  const { date, time } = dateTimeOf(slots);
  const own = { ...fieldsOfDate(calendar, date, "date"), ...time, offset: formatOffset(offsetNsFor(zone, epochNs)) };
  const changes = prepareFields(calendar, bag, DATE_FIELDS, [...TIME_FIELDS, "offset"], "partial");
  const fields = mergeFields(calendar, own, changes);
  const { disambiguation, offset, overflow } = readOptions(options, "prefer");
  const wanted = interpretDateTimeFields(calendar, fields, overflow);
  const offsetNs = parseOffset(fields.offset);
  return {
    epochNs: interpretOffset(wanted.date, wanted.time, "option", offsetNs, zone, disambiguation, offset, false), zone, calendar,
  };
}

export class ZonedDateTime {
  constructor(epochNanoseconds, timeZone, calendar = undefined) {
    const epochNs = checkEpochNs(toBigInt(epochNanoseconds));
    const zone = zoneOfIdentifier(timeZone);
    stamp(this, KIND, { epochNs, zone, calendar: calendarArgument(calendar) });
  }

  static from(item, options = undefined) {
    return makeZoned(toZoned(item, options));
  }

  static compare(one, two) {
    return compareValues(toZoned(one).epochNs, toZoned(two).epochNs);
  }

  get calendarId() {
    return slotsOfThis(this).calendar;
  }

  get timeZoneId() {
    return slotsOfThis(this).zone;
  }

  get epochMilliseconds() {
    return Number(floorDiv(slotsOfThis(this).epochNs, 1_000_000n));
  }

  get epochNanoseconds() {
    return slotsOfThis(this).epochNs;
  }

  get hoursInDay() {
    const slots = slotsOfThis(this);
    return totalTimeIn(dayLength(slots.zone, dateTimeOf(slots).date), "hour");
  }

  get offsetNanoseconds() {
    const { epochNs, zone } = slotsOfThis(this);
    return offsetNsFor(zone, epochNs);
  }

  get offset() {
    const { epochNs, zone } = slotsOfThis(this);
    return formatOffset(offsetNsFor(zone, epochNs));
  }

  with(temporalZonedDateTimeLike, options = undefined) {
    const slots = slotsOfThis(this);
    checkPartial(temporalZonedDateTimeLike);
    return makeZoned(withFields(slots, temporalZonedDateTimeLike, options));
  }

  withPlainTime(plainTimeLike = undefined) {
    const slots = slotsOfThis(this);
    const { date } = dateTimeOf(slots);
    const epochNs = plainTimeLike === undefined
      ? startOfDay(slots.zone, date)
      : epochNsFor(slots.zone, { date, time: toTime(plainTimeLike).time }, "compatible");
    return makeZoned({ ...slots, epochNs });
  }

  withTimeZone(timeZoneLike) {
    const slots = slotsOfThis(this);
    return makeZoned({ ...slots, zone: toZoneId(timeZoneLike) });
  }

  withCalendar(calendarLike) {
    const slots = slotsOfThis(this);
    return makeZoned({ ...slots, calendar: toCalendarId(calendarLike) });
  }

  add(temporalDurationLike, options = undefined) {
    return addTo(this, 1, temporalDurationLike, options);
  }

  subtract(temporalDurationLike, options = undefined) {
    return addTo(this, -1, temporalDurationLike, options);
  }

  until(other, options = undefined) {
    return difference(this, "until", other, options);
  }

  since(other, options = undefined) {
    return difference(this, "since", other, options);
  }

  round(roundTo) {
    const slots = slotsOfThis(this);
    const { unit, increment, mode } = roundingOf(roundTo);
    if (unit == "nanosecond" && increment == 1) {
      return makeZoned(slots);
    }
    const epochNs = unit == "day" ? roundToDay(slots, mode) : roundToTime(slots, unit, increment, mode);
    return makeZoned({ ...slots, epochNs });
  }

  equals(other) {
    const one = slotsOfThis(this);
    const two = toZoned(other);
    return one.epochNs == two.epochNs && zonesEqual(one.zone, two.zone) && one.calendar == two.calendar;
  }

  toString(options = undefined) {
    const slots = slotsOfThis(this);
    const resolved = getOptions(options);
    const calendar = showCalendarOption(resolved);
    const digits = fractionalDigitsOption(resolved);
    const offset = showOffsetOption(resolved);
    const mode = roundingModeOption(resolved, "trunc");
    const smallestUnit = unitOption(resolved, "smallestUnit");
    const zone = showZoneOption(resolved);
    checkUnit(smallestUnit, "time");
    if (smallestUnit == "hour") {
      throw new RangeError("smallestUnit cannot be hour");
    }
    const { precision, unit, increment } = secondsPrecision(smallestUnit, digits);
    return textOf(slots, precision, { calendar, offset, zone }, { unit, increment, mode });
  }

  toLocaleString(locales = undefined, options = undefined) {
    slotsOfThis(this);
    return toLocaleString(KIND, this, locales, options);
  }

  toJSON() {
    return textOf(slotsOfThis(this), "auto", SHOW_ALL, EXACTLY);
  }

  valueOf() {
    return refuseValue(KIND);
  }

  startOfDay() {
    const slots = slotsOfThis(this);
    return makeZoned({ ...slots, epochNs: startOfDay(slots.zone, dateTimeOf(slots).date) });
  }

  getTimeZoneTransition(directionParam) {
    const slots = slotsOfThis(this);
    const direction = directionOption(roundingArgument(directionParam, "direction"));
    const epochNs = transitionOf(slots.zone, slots.epochNs, direction);
    return epochNs === null ? null : makeZoned({ ...slots, epochNs });
  }

  toInstant() {
    return make("Instant", { epochNs: slotsOfThis(this).epochNs });
  }

  toPlainDate() {
    const slots = slotsOfThis(this);
    return make("PlainDate", { date: dateTimeOf(slots).date, calendar: slots.calendar });
  }

  toPlainTime() {
    return make("PlainTime", { time: dateTimeOf(slotsOfThis(this)).time });
  }

  toPlainDateTime() {
    const slots = slotsOfThis(this);
    return make("PlainDateTime", { ...dateTimeOf(slots), calendar: slots.calendar });
  }
}

define(KIND, ZonedDateTime);
defineDateGetters(ZonedDateTime, self => {
  const slots = slotsOfThis(self);
  return { date: dateTimeOf(slots).date, calendar: slots.calendar };
});
defineTimeGetters(ZonedDateTime, self => dateTimeOf(slotsOfThis(self)).time);
