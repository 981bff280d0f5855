// SPDX-License-Identifier: MPL-2.0
// Temporal: in which order options and property bags are read and turned into primitives, and how far that goes before an error.

import { each, named, reading } from "resource://testing-common/temporal.sys.mjs";

const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } = Temporal;
const DURATION = { years: 1, months: 1, weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1, microseconds: 1, nanoseconds: 1 };
const TIME = { hour: 1, minute: 1, second: 1, millisecond: 1, microsecond: 1, nanosecond: 1 };
const DATE = { year: 2020, month: 5, monthCode: "M05", day: 2, calendar: "iso8601" };
const ZONED = { ...DATE, ...TIME, offset: "+00:00", timeZone: "UTC" };
const ERA = { ...DATE, calendar: "gregory", era: "ce", eraYear: 2020 };
const ADDED = { ...DURATION };
const OVERFLOW = { overflow: "constrain" };
const BETWEEN = { roundingIncrement: 1, roundingMode: "trunc", largestUnit: "auto", smallestUnit: "nanosecond", additional: true };
const ROUNDED = { roundingIncrement: 1, roundingMode: "halfExpand", smallestUnit: "minute", largestUnit: "hour" };
const TEXT = { fractionalSecondDigits: "auto", roundingMode: "trunc", smallestUnit: "second", offset: "auto", timeZoneName: "auto", calendarName: "auto", timeZone: undefined };
const d = new Duration(0, 0, 0, 1, 2);
const instant = new Instant(0n);
const date = new PlainDate(2020, 1, 1);
const time = new PlainTime(12);
const dateTime = new PlainDateTime(2020, 1, 1, 12);
const yearMonth = new PlainYearMonth(2020, 1);
const monthDay = new PlainMonthDay(1, 1);
const zoned = new ZonedDateTime(0n, "UTC");
const RECEIVERS = [date, time, dateTime, yearMonth, zoned, instant];
const without = (bag, ...keys) => Object.fromEntries(Object.entries(bag).filter(([key]) => !keys.includes(key)));

export const probes = named([
  // Duration.
  () => reading(watch => Duration.from(watch("bag", DURATION))),
  () => reading(watch => Duration.from(watch("bag", { ...DURATION, days: -1 }))),
  () => reading(watch => Duration.from(watch("bag", { ...DURATION, days: 1.5 }))),
  () => reading(watch => Duration.from(watch("bag", { minute: 1 }))),
  () => reading(watch => d.with(watch("bag", DURATION))),
  () => reading(watch => d.add(watch("bag", without(DURATION, "years", "months", "weeks")))),
  () => reading(watch => d.subtract(watch("bag", DURATION))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, relativeTo: undefined }))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, relativeTo: watch("relativeTo", ZONED) }))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, relativeTo: watch("relativeTo", DATE) }))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, relativeTo: watch("relativeTo", without(ZONED, "timeZone")) }))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, smallestUnit: "x" }))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, largestUnit: "x" }))),
  () => reading(watch => d.round(watch("options", { ...ROUNDED, roundingMode: "x", relativeTo: 5 }))),
  () => reading(watch => d.round(watch("options", {}))),
  () => reading(watch => d.total(watch("options", { unit: "hour", relativeTo: watch("relativeTo", ZONED) }))),
  () => reading(watch => d.total(watch("options", { unit: "x", relativeTo: watch("relativeTo", DATE) }))),
  () => reading(watch => d.total(watch("options", { relativeTo: watch("relativeTo", { ...DATE, month: 7 }) }))),
  () => reading(watch => Duration.compare(watch("one", DURATION), watch("two", { ...DURATION, days: 2 }), watch("options", { relativeTo: watch("relativeTo", ZONED) }))),
  () => reading(watch => Duration.compare(watch("one", DURATION), watch("two", DURATION), watch("options", { relativeTo: undefined }))),
  () => reading(watch => Duration.compare(watch("one", { days: 1 }), watch("two", { days: "x" }), watch("options", {}))),
  () => reading(watch => d.toString(watch("options", TEXT))),
  () => reading(watch => d.toString(watch("options", { ...TEXT, smallestUnit: "hour" }))),
  () => reading(watch => d.toString(watch("options", { ...TEXT, fractionalSecondDigits: 11 }))),
  () => reading(watch => new Duration(...["a", "b", "c"].map(name => ({ valueOf: () => watch(name, {}).read ?? 1 })))),
  // Property bags of all the others.
  ...each([["PlainDate", DATE], ["PlainTime", TIME], ["PlainDateTime", { ...DATE, ...TIME }], ["PlainYearMonth", DATE], ["PlainMonthDay", DATE], ["ZonedDateTime", ZONED]], ([kind, bag]) => reading(watch => Temporal[kind].from(watch("bag", bag), watch("options", { ...OVERFLOW, disambiguation: "compatible", offset: "reject" })))),
  ...each([["PlainDate", ERA], ["PlainDateTime", { ...ERA, ...TIME }], ["PlainYearMonth", ERA], ["PlainMonthDay", ERA], ["ZonedDateTime", { ...ZONED, ...ERA }]], ([kind, bag]) => reading(watch => Temporal[kind].from(watch("bag", bag), watch("options", { ...OVERFLOW, disambiguation: "compatible", offset: "reject" })))),
  ...each(["PlainDate", "PlainTime", "PlainDateTime", "PlainYearMonth", "PlainMonthDay", "ZonedDateTime"], kind => reading(watch => Temporal[kind].from(watch("bag", {}), watch("options", OVERFLOW)))),
  ...each(["year", "month", "monthCode", "day", "calendar", "hour", "offset", "timeZone"], missing => reading(watch => ZonedDateTime.from(watch("bag", without(ZONED, missing)), watch("options", OVERFLOW)))),
  ...each(["year", "month", "monthCode", "day"], missing => [PlainDate, PlainYearMonth, PlainMonthDay].map(type => reading(watch => type.from(watch("bag", without(DATE, missing)), watch("options", OVERFLOW))))),
  ...each([{ ...ZONED, month: 13, monthCode: undefined }, { ...ZONED, month: 6 }, { ...ZONED, offset: "x" }, { ...ZONED, timeZone: "x" }, { ...ZONED, monthCode: "x" }, { ...ZONED, day: Infinity }, { ...ZONED, monthCode: "M13" }, { ...ZONED, hour: NaN }], bag => reading(watch => ZonedDateTime.from(watch("bag", bag), watch("options", { overflow: "x", disambiguation: "y", offset: "z" })))),
  ...each([["PlainDate", "2020-01-01"], ["PlainTime", "12:00"], ["PlainDateTime", "2020-01-01T00:00"], ["PlainYearMonth", "2020-01"], ["PlainMonthDay", "01-01"], ["ZonedDateTime", "2020-01-01[UTC]"]], ([kind, text]) => [reading(watch => Temporal[kind].from(text, watch("options", { overflow: "reject", offset: "use", disambiguation: "later" }))), reading(watch => Temporal[kind].from("nonsense", watch("options", { overflow: "x" }))), reading(watch => Temporal[kind].from(Temporal[kind].from(text), watch("options", { overflow: "constrain", offset: "use", disambiguation: "later" })))]),
  ...each([dateTime, zoned, date], value => ["PlainDate", "PlainTime", "PlainDateTime", "PlainYearMonth", "PlainMonthDay", "ZonedDateTime"].map(kind => reading(watch => Temporal[kind].from(value, watch("options", { overflow: "constrain", offset: "use", disambiguation: "later" }))))),
  ...each([[date, DATE], [time, TIME], [dateTime, { ...DATE, ...TIME }], [yearMonth, DATE], [monthDay, DATE], [zoned, ZONED]], ([value, bag]) => [reading(watch => value.with(watch("bag", without(bag, "calendar", "timeZone")), watch("options", { ...OVERFLOW, disambiguation: "compatible", offset: "prefer" }))), reading(watch => value.with(watch("bag", bag), watch("options", OVERFLOW))), reading(watch => value.with(watch("bag", {}), watch("options", OVERFLOW)))]),
  () => reading(watch => zoned.with(watch("bag", { ...without(ZONED, "calendar", "timeZone"), month: 7 }), watch("options", { overflow: "x" }))),
  () => reading(watch => date.withCalendar("gregory").with(watch("bag", without(ERA, "calendar")), watch("options", OVERFLOW))),
  // Arithmetic.
  ...each(RECEIVERS, value => [reading(watch => value.add(watch("bag", ADDED), watch("options", OVERFLOW))), reading(watch => value.subtract(watch("bag", { ...ADDED, days: 1.5 }), watch("options", OVERFLOW))), reading(watch => value.add(watch("bag", {}), watch("options", OVERFLOW)))]),
  () => reading(watch => yearMonth.add(watch("bag", { months: 1 }), watch("options", OVERFLOW))),
  () => reading(watch => instant.add(watch("bag", without(ADDED, "years", "months", "weeks", "days")))),
  ...each(RECEIVERS.slice(0, 5), value => [reading(watch => value.until(watch("other", value === zoned ? ZONED : { ...DATE, ...TIME }), watch("options", BETWEEN))), reading(watch => value.since(watch("other", value === zoned ? ZONED : { ...DATE, ...TIME }), watch("options", { ...BETWEEN, smallestUnit: undefined })))]),
  ...each(RECEIVERS, value => [reading(watch => value.until(value, watch("options", { ...BETWEEN, smallestUnit: undefined }))), reading(watch => value.until(value, watch("options", { ...BETWEEN, roundingMode: "x" }))), reading(watch => value.until(value, watch("options", { ...BETWEEN, largestUnit: "x", roundingIncrement: -1 })))]),
  ...each(RECEIVERS, value => reading(watch => value.equals(watch("other", value === zoned ? ZONED : { ...DATE, ...TIME })))),
  ...each([time, dateTime, zoned, instant], value => [reading(watch => value.round(watch("options", ROUNDED))), reading(watch => value.round(watch("options", { ...ROUNDED, smallestUnit: undefined }))), reading(watch => value.round(watch("options", { ...ROUNDED, roundingIncrement: 7 }))), reading(watch => value.round(watch("options", { ...ROUNDED, smallestUnit: "year", roundingMode: "x" })))]),
  ...each([...RECEIVERS, monthDay], value => [reading(watch => value.toString(watch("options", TEXT))), reading(watch => value.toString(watch("options", { ...TEXT, smallestUnit: undefined }))), reading(watch => value.toString(watch("options", { ...TEXT, calendarName: "x", smallestUnit: "hour", fractionalSecondDigits: "y" })))]),
  // Conversions.
  () => reading(watch => date.toZonedDateTime(watch("item", { timeZone: "UTC", plainTime: watch("time", TIME) }))),
  () => reading(watch => date.toPlainDateTime(watch("time", TIME))),
  () => reading(watch => dateTime.withPlainTime(watch("time", TIME))),
  () => reading(watch => zoned.withPlainTime(watch("time", TIME))),
  () => reading(watch => dateTime.toZonedDateTime("UTC", watch("options", { disambiguation: "compatible" }))),
  () => reading(watch => yearMonth.toPlainDate(watch("item", DATE))),
  () => reading(watch => monthDay.toPlainDate(watch("item", DATE))),
  () => reading(watch => zoned.getTimeZoneTransition(watch("options", { direction: "next" }))),
  () => reading(watch => PlainDate.compare(watch("one", DATE), watch("two", DATE))),
  () => reading(watch => PlainTime.compare(watch("one", TIME), watch("two", {}))),
  () => reading(watch => ZonedDateTime.compare(watch("one", ZONED), watch("two", without(ZONED, "day")))),
  () => reading(watch => new PlainDate(watch("year", {}), 1, 1)),
]);
