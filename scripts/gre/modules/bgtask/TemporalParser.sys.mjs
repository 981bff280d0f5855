// SPDX-License-Identifier: MPL-2.0
// The texts that Temporal reads: dates and times of ISO 8601 and RFC 9557, offsets, time zones, durations.
//
// A text is read from left to right by a Reader, whose methods give what they found, or undefined and have read nothing.
// A pattern repeats characters and no groups: the engine's stack would end before a text of some megabytes does.
// Each goal (a kind of text: "instant", "year-month"…) is tried in turn, as a whole text.

import { MIDNIGHT, isValidDate } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { checkDurationRecord } from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { describe } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";

const PATTERNS = {
  year: /[0-9]{4}|[+-][0-9]{6}/y,
  month: /0[1-9]|1[0-2]/y,
  day: /0[1-9]|[12][0-9]|3[01]/y,
  hour: /[01][0-9]|2[0-3]/y,
  minute: /[0-5][0-9]/y,
  second: /[0-5][0-9]|60/y,
  fraction: /[.,][0-9]{1,9}/y,
  dash: /-/y,
  colon: /:/y,
  twoDashes: /--/y,
  separator: /[Tt ]/y,
  timeDesignator: /[Tt]/y,
  sign: /[+-]/y,
  utc: /[Zz]/y,
  zoneName: /[A-Za-z._][A-Za-z._0-9+/-]*/y,
  zoneAnnotation: /\[(?!!?[a-z_][a-z_0-9-]*=)!?([^\]]*)\]/y,
  annotation: /\[(!?)([a-z_][a-z_0-9-]*)=(?![^\]]*--)([A-Za-z0-9][A-Za-z0-9-]*)(?<!-)\]/y,
};

/** Of a zone's name, a part that does not begin as one does. */
const ODD_PART = /\/(?![A-Za-z._])/;

const REFERENCE_YEAR = 1972;

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  get atEnd() {
    return this.at == this.text.length;
  }

  match(name) {
    const pattern = PATTERNS[name];
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found ? found[0].length : 0;
    return found;
  }

  take(name) {
    return this.match(name)?.[0];
  }

  number(name) {
    const text = this.take(name);
    return text === undefined ? undefined : Number(text);
  }

  /** What @read gives; if that is undefined, nothing has been read. */
  attempt(read) {
    const before = this.at;
    const found = read();
    if (found === undefined) {
      this.at = before;
    }
    return found;
  }
}

/** @returns {number|undefined} the year; the sign of +002000 is needed, and a year -000000 is none */
function readYear(reader) {
  const text = reader.take("year");
  return text === undefined || text == "-000000" ? undefined : Number(text);
}

function readDate(reader) {
  return reader.attempt(() => {
    const year = readYear(reader);
    const dash = reader.take("dash");
    const month = reader.number("month");
    if (year === undefined || month === undefined || reader.take("dash") != dash) {
      return undefined;
    }
    const day = reader.number("day");
    return day !== undefined && isValidDate(year, month, day) ? { year, month, day } : undefined;
  });
}

function readYearMonth(reader) {
  return reader.attempt(() => {
    const year = readYear(reader);
    reader.take("dash");
    const month = reader.number("month");
    return year === undefined || month === undefined ? undefined : { year, month, day: 1 };
  });
}

function readMonthDay(reader) {
  return reader.attempt(() => {
    reader.take("twoDashes");
    const month = reader.number("month");
    reader.take("dash");
    const day = reader.number("day");
    const isThere = month !== undefined && day !== undefined && isValidDate(REFERENCE_YEAR, month, day);
    return isThere ? { year: REFERENCE_YEAR, month, day } : undefined;
  });
}

/** Nanoseconds of a fraction ".5". */
function fractionNs(text) {
  return text === undefined ? 0 : Number(text.slice(1).padEnd(9, "0"));
}

/** HH, HH:MM, HHMM, HH:MM:SS.fraction, HHMMSS.fraction: @returns {[hour, minute, second, ns, parts]} */
function readClock(reader) {
  return reader.attempt(() => {
    const hour = reader.number("hour");
    if (hour === undefined) {
      return undefined;
    }
    const colon = reader.take("colon");
    const minute = reader.number("minute");
    if (minute === undefined) {
      return colon ? undefined : [hour, 0, 0, 0, 1];
    }
    const beforeSecond = reader.at;
    const again = reader.take("colon");
    const second = again == colon ? reader.number("second") : undefined;
    if (second === undefined) {
      reader.at = beforeSecond;
      return [hour, minute, 0, 0, 2];
    }
    return [hour, minute, second, fractionNs(reader.take("fraction")), 3];
  });
}

function readTime(reader) {
  const clock = readClock(reader);
  if (!clock) {
    return undefined;
  }
  const [hour, minute, second, ns] = clock;
  return {
    ...MIDNIGHT, hour, minute, second: Math.min(second, 59), millisecond: Math.floor(ns / 1e6),
    microsecond: Math.floor(ns / 1e3) % 1e3, nanosecond: ns % 1e3,
  };
}

/** @returns {{text, ns, parts}} parts: how many of hours, minutes and seconds are said */
function readOffset(reader) {
  const start = reader.at;
  return reader.attempt(() => {
    const sign = reader.take("sign");
    const clock = sign && readClock(reader);
    if (!clock || clock[2] == 60) {
      return undefined;
    }
    const [hour, minute, second, fraction, parts] = clock;
    const ns = ((hour * 60 + minute) * 60 + second) * 1e9 + fraction;
    return { text: reader.text.slice(start, reader.at), ns: sign == "-" ? 0 - ns : ns, parts };
  });
}

function readZoneAnnotation(reader) {
  return reader.attempt(() => {
    const name = reader.match("zoneAnnotation")?.[1];
    return name !== undefined && isZoneIdentifier(name) ? name : undefined;
  });
}

/** @returns {{calendar}} of the annotations [key=value] that follow; RangeError if one has to be known and is not */
function readAnnotations(reader) {
  const calendars = [];
  let isCritical = false;
  for (let found = reader.match("annotation"); found; found = reader.match("annotation")) {
    const [, critical, key, value] = found;
    if (key == "u-ca") {
      calendars.push(value);
      isCritical ||= critical != "";
    } else if (critical) {
      throw new RangeError(`The annotation ${key} is critical, and unknown`);
    }
  }
  if (calendars.length > 1 && isCritical) {
    throw new RangeError("Of several calendars none can be critical");
  }
  return { calendar: calendars[0] };
}

/** What follows a time: Z if @allowZ, or an offset. */
function readZoneOffset(reader, allowZ) {
  if (allowZ && reader.take("utc")) {
    return { z: true };
  }
  const offset = readOffset(reader);
  return { z: false, offset: offset?.text, offsetParts: offset?.parts };
}

/** The end of a text: annotations; undefined if there is more. */
function finish(reader, date, time, zone, needsZone = false) {
  const name = readZoneAnnotation(reader);
  if (needsZone && name === undefined) {
    return undefined;
  }
  const before = reader.at;
  for (let found = reader.match("annotation"); found; found = reader.match("annotation"));
  if (!reader.atEnd) {
    return undefined;
  }
  reader.at = before;
  return { ...date, time, zone: { z: false, ...zone, name }, ...readAnnotations(reader) };
}

function readDateTime(reader, { allowZ = false, needsTime = false, needsOffset = false, needsZone = false }) {
  const date = readDate(reader);
  if (!date) {
    return undefined;
  }
  const time = reader.attempt(() => reader.take("separator") && readTime(reader));
  const zone = time ? readZoneOffset(reader, allowZ) : {};
  if ((needsTime && !time) || (needsOffset && !zone.z && zone.offset === undefined)) {
    return undefined;
  }
  return finish(reader, date, time, zone, needsZone);
}

/** A time alone, unless it could as well be a month with its day or a year with its month. */
function readTimeText(reader) {
  const isDesignated = reader.take("timeDesignator") !== undefined;
  const start = reader.at;
  const time = readTime(reader);
  if (!time) {
    return undefined;
  }
  const zone = readZoneOffset(reader, false);
  const said = reader.text.slice(start, reader.at);
  const isWhole = read => {
    const other = new Reader(said);
    return read(other) !== undefined && other.atEnd;
  };
  if (!isDesignated && (isWhole(readMonthDay) || isWhole(readYearMonth))) {
    return undefined;
  }
  return finish(reader, {}, time, zone);
}

/** A date without its day or its year has no calendar but that of ISO 8601. */
function partialDate(read) {
  return reader => {
    const date = read(reader);
    const found = date && finish(reader, date, undefined, {});
    if (found?.calendar !== undefined && found.calendar.toLowerCase() != "iso8601") {
      throw new RangeError("A date in another calendar has a year, a month and a day");
    }
    return found && { ...found, isPartial: true };
  };
}

const isoYearMonth = partialDate(readYearMonth);
const isoMonthDay = partialDate(readMonthDay);

/** What is tried for each goal, until one fits the whole text. */
const GOALS = {
  "date-time": [reader => readDateTime(reader, {})],
  "zoned": [reader => readDateTime(reader, { allowZ: true, needsZone: true })],
  "instant": [reader => readDateTime(reader, { allowZ: true, needsTime: true, needsOffset: true })],
  "time": [readTimeText, reader => readDateTime(reader, { needsTime: true })],
  "year-month": [isoYearMonth, reader => readDateTime(reader, {})],
  "month-day": [isoMonthDay, reader => readDateTime(reader, {})],
};

export const ALL_GOALS = ["zoned", "date-time", "instant", "time", "month-day", "year-month"];

/**
 * @param {string[]} goals  names of GOALS, of which the first that fits counts
 * @returns {object} { year, month, day, time, zone: { z, offset, offsetParts, name }, calendar }. A date that was not said is
 *   undefined, and so are a time (the start of the day), an offset (a text, with the number of its parts), the name of
 *   a zone and a calendar. isPartial: the text has no day, or no year.
 */
export function parseISO(text, goals) {
  for (const goal of goals) {
    for (const read of GOALS[goal]) {
      const found = read(new Reader(text));
      if (found) {
        return found;
      }
    }
  }
  throw new RangeError(`${describe(text)} is no ${goals.length > 2 ? "date or time" : goals.join(" or ")} that can be parsed`);
}

function wholeOffset(text) {
  const reader = new Reader(text);
  const offset = readOffset(reader);
  return reader.atEnd ? offset : undefined;
}

function isZoneIdentifier(text) {
  const offset = wholeOffset(text);
  const reader = new Reader(text);
  return offset ? offset.parts < 3 : reader.take("zoneName") !== undefined && reader.atEnd && !ODD_PART.test(text);
}

export function isOffsetString(text) {
  return wholeOffset(text) !== undefined;
}

/** Nanoseconds of an offset such as "+01:00". */
export function parseOffset(text) {
  const offset = wholeOffset(text);
  if (!offset) {
    throw new RangeError(`${describe(text)} is no offset from UTC`);
  }
  return offset.ns;
}

/** @returns { name } or { offsetMinutes } of what names a time zone */
export function parseZoneIdentifier(text) {
  if (!isZoneIdentifier(text)) {
    throw new RangeError(`${describe(text)} is no time zone`);
  }
  const offset = wholeOffset(text);
  return offset ? { offsetMinutes: offset.ns / 60e9 } : { name: text };
}

/** The same of any text that names a time zone or has one. */
export function parseZoneString(text) {
  if (isZoneIdentifier(text)) {
    return parseZoneIdentifier(text);
  }
  const { zone } = parseISO(text, ALL_GOALS);
  const { name = zone.z ? "UTC" : zone.offset } = zone;
  if (name === undefined) {
    throw new RangeError(`${describe(text)} has no time zone`);
  }
  return parseZoneIdentifier(name);
}

const CALENDAR_NAME = /^(?!.*--)[A-Za-z0-9][A-Za-z0-9-]*(?<!-)$/;

/** The name of the calendar that @text is, or has. */
export function parseCalendarString(text) {
  let found;
  try {
    found = parseISO(text, ALL_GOALS);
  } catch (error) {
    if (!CALENDAR_NAME.test(text)) {
      throw error;
    }
    return text;
  }
  const isInstant = found.zone.z && found.zone.name === undefined;
  return isInstant ? "iso8601" : found.calendar ?? "iso8601"; // an instant is in no calendar, as Firefox has it
}

const DURATION = new RegExp(
  "^([+-])?P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?" +
  "(T(?:([0-9]+)(?:[.,]([0-9]{1,9}))?H)?(?:([0-9]+)(?:[.,]([0-9]{1,9}))?M)?(?:([0-9]+)(?:[.,]([0-9]{1,9}))?S)?)?$", "i");

/** What a fraction of hours, minutes or seconds comes to, in the smaller units. */
function smallerUnits(fraction, seconds) {
  const ns = BigInt((fraction ?? "").padEnd(9, "0")) * BigInt(seconds);
  return {
    minutes: Number(ns / 60_000_000_000n), seconds: Number((ns / 1_000_000_000n) % 60n),
    milliseconds: Number((ns / 1_000_000n) % 1000n), microseconds: Number((ns / 1000n) % 1000n), nanoseconds: Number(ns % 1000n),
  };
}

/** A duration record of a text such as "P1DT2.5H". */
export function parseDuration(text) {
  const found = DURATION.exec(text);
  const [, sign, years, months, weeks, days, time, hours, hoursPart, minutes, minutesPart, seconds, secondsPart] = found ?? [];
  const timeParts = [hours, minutes, seconds];
  const isOrdered = !(hoursPart && (minutes || seconds)) && !(minutesPart && seconds);
  if (!found || !isOrdered || (time && !timeParts.some(Boolean)) || ![years, months, weeks, days, ...timeParts].some(Boolean)) {
    throw new RangeError(`${describe(text)} is no duration`);
  }
  const factor = sign == "-" ? -1 : 1;
  const [fraction, unitSeconds] = hoursPart ? [hoursPart, 3600] : minutesPart ? [minutesPart, 60] : [secondsPart, 1];
  const parts = smallerUnits(fraction, unitSeconds);
  const said = { years, months, weeks, days, hours, minutes, seconds };
  const record = {};
  for (const name of [...Object.keys(said), "milliseconds", "microseconds", "nanoseconds"]) {
    record[name] = (Number(said[name] ?? 0) + (parts[name] ?? 0)) * factor + 0;
  }
  return checkDurationRecord(record);
}
