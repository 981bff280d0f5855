// SPDX-License-Identifier: MPL-2.0
// Temporal: the ends of the range, and what must not take long. A probe that hangs ends the comparison.

import { attempt, each, named } from "resource://testing-common/temporal.sys.mjs";

const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } = Temporal;
const FIRST = new PlainDate(-271821, 4, 19);
const LAST = new PlainDate(275760, 9, 13);
const EARLIEST = new PlainDateTime(-271821, 4, 19, 0, 0, 0, 0, 0, 1);
const LATEST = new PlainDateTime(275760, 9, 13, 23, 59, 59, 999, 999, 999);
const BEGIN = new ZonedDateTime(-8640000000000000000000n, "UTC");
const END = new ZonedDateTime(8640000000000000000000n, "UTC");
const UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const CALENDARS = ["iso8601", "gregory", "buddhist", "roc", "japanese"];
const LONGEST = ["P4294967295Y", "P4294967295M", "P4294967295W", "P104249991374D", "PT2501999792983H", "PT150119987579016M", "PT9007199254740991S", "PT9007199254740991.999999999S", "P4294967295Y4294967295M4294967295W104249991374D", "P1000000000D", "P273790Y"];
const HUGE = 1 << 20;
const TEXTS = { digits: "1".repeat(HUGE), spaces: " ".repeat(HUGE), date: `2020-01-01${"0".repeat(HUGE)}`, fraction: `2020-01-01T00:00:00.${"1".repeat(HUGE)}Z`, annotations: `2020-01-01T00:00Z${"[a=b]".repeat(HUGE / 8)}`, critical: `2020-01-01T00:00Z${"[!a=b]".repeat(HUGE / 8)}`, open: `2020-01-01T00:00Z${"[".repeat(HUGE)}`, calendar: `2020-01-01[u-ca=${"a".repeat(HUGE)}]`, parts: `2020-01-01[u-ca=${"abc-".repeat(HUGE / 4)}x]`, zone: `2020-01-01T00:00[${"A".repeat(HUGE)}]`, slashes: `2020-01-01T00:00[${"A/".repeat(HUGE / 2)}B]`, duration: `P${"9".repeat(HUGE)}D`, seconds: `PT1.${"0".repeat(HUGE)}S`, minus: "-".repeat(HUGE), key: `2020-01-01[${"a".repeat(HUGE)}=b]`, zeros: `PT${"0".repeat(HUGE)}1S`, value: `2020-01-01T00:00Z[a=${"b".repeat(HUGE)}]`, closed: `2020-01-01T00:00Z[a=${"b-".repeat(HUGE / 2)}b]`, wide: "\uff11".repeat(HUGE) };
const TYPES = [Duration, Instant, PlainDate, PlainTime, PlainDateTime, PlainYearMonth, PlainMonthDay, ZonedDateTime];

export const probes = named([
  // Over all of the range.
  ...each(UNITS.slice(0, 4), largestUnit => [FIRST.until(LAST, { largestUnit }), LAST.until(FIRST, { largestUnit }), FIRST.since(LAST, { largestUnit })]),
  ...each(UNITS, largestUnit => [EARLIEST.until(LATEST, { largestUnit }), LATEST.until(EARLIEST, { largestUnit }), BEGIN.until(END, { largestUnit }), END.until(BEGIN, { largestUnit })]),
  ...each(UNITS, smallestUnit => ["trunc", "expand"].map(roundingMode => [attempt(() => EARLIEST.until(LATEST, { largestUnit: "year", smallestUnit, roundingMode })), attempt(() => BEGIN.until(END, { largestUnit: "year", smallestUnit, roundingMode })), attempt(() => END.since(BEGIN, { smallestUnit, largestUnit: smallestUnit, roundingMode }))])),
  ...each(CALENDARS, calendar => UNITS.slice(0, 4).map(largestUnit => FIRST.withCalendar(calendar).until(LAST.withCalendar(calendar), { largestUnit }))),
  ...each(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "+23:59", "-23:59"], zone => UNITS.map(largestUnit => [attempt(() => BEGIN.withTimeZone(zone).until(END.withTimeZone(zone), { largestUnit })), attempt(() => END.withTimeZone(zone).until(BEGIN.withTimeZone(zone), { largestUnit, smallestUnit: "hour" }))])),
  ...each(["Europe/Berlin", "America/New_York", "+23:59", "-23:59"], zone => [BEGIN, END].map(end => { const z = end.withTimeZone(zone); return [String(z), attempt(() => z.hoursInDay), attempt(() => z.startOfDay()), attempt(() => z.round("day")), attempt(() => z.round("hour")), attempt(() => z.add("PT1H")), attempt(() => z.subtract("PT1H")), attempt(() => z.add("P1D")), attempt(() => z.subtract("P1D")), attempt(() => z.getTimeZoneTransition("next")), attempt(() => z.getTimeZoneTransition("previous")), attempt(() => z.with({ hour: 0 })), attempt(() => z.withPlainTime())]; })),
  ...each(["UTC", "Europe/Berlin", "+23:59", "-23:59"], zone => [FIRST, LAST, EARLIEST, LATEST].map(value => attempt(() => value.toZonedDateTime(zone)))),
  ...each([FIRST, LAST], value => [attempt(() => value.add("P1D")), attempt(() => value.subtract("P1D")), attempt(() => value.add("P1M")), attempt(() => value.subtract("P1M")), attempt(() => value.with({ day: 1 })), attempt(() => value.with({ day: 30 })), attempt(() => value.toPlainYearMonth()), attempt(() => value.toPlainMonthDay()), attempt(() => value.toPlainDateTime()), attempt(() => value.toPlainDateTime("12:00")), attempt(() => value.dayOfWeek), attempt(() => value.weekOfYear), attempt(() => value.daysInMonth), attempt(() => value.daysInYear)]),
  ...each([EARLIEST, LATEST], value => [attempt(() => value.add("PT0.000000001S")), attempt(() => value.subtract("PT0.000000001S")), attempt(() => value.round("day")), attempt(() => value.round("second")), attempt(() => value.with({ hour: 0, nanosecond: 0 })), attempt(() => value.withPlainTime()), attempt(() => value.toString({ smallestUnit: "second", roundingMode: "expand" }))]),
  // The first day of all, of which only zones west of Greenwich have the end.
  ...each(["", "-04:56:02", "-04:56", "-06:00"], offset => ["19:03:57", "19:03:58", "20:00"].map(time => ["use", "ignore", "prefer", "reject"].map(option => attempt(() => ZonedDateTime.from(`-271821-04-19T${time}${offset}[America/New_York]`, { offset: option }))))),
  ...each(["America/New_York", "-05:00", "-23:00"], zone => { const z = EARLIEST.with({ hour: 23 }).toZonedDateTime(zone); return [z, ...["round", "add", "subtract", "withPlainTime", "with"].map(name => ["hour", "day", "PT1H", "P1D", "23:30", { minute: 5 }].map(value => attempt(() => z[name](value)))), attempt(() => z.until(z.add("PT30H"), { largestUnit: "year" })), attempt(() => z.add("PT30H").since(z, { smallestUnit: "day" })), attempt(() => Duration.from("P1D").total({ unit: "hour", relativeTo: z }))]; }),
  ...each([[-271821, 4, 18], [-271821, 4, 19], [-371821, 1, 1], [-971821, 1, 1], [275760, 9, 13], [275760, 9, 14], [1e15, 1, 1]], ([year, month, day]) => [["America/New_York", "-04:56:02"], ["Asia/Tokyo", "+09:00"], ["-05:00", "-05:00"]].map(([timeZone, offset]) => [attempt(() => ZonedDateTime.from({ year, month, day, hour: 8, timeZone, offset })), attempt(() => ZonedDateTime.from({ year, month, day, hour: 20, timeZone }))])),
  // Durations that are as long as they get.
  ...each(LONGEST, text => [attempt(() => FIRST.add(text)), attempt(() => LAST.subtract(text)), attempt(() => EARLIEST.add(text)), attempt(() => LATEST.subtract(text)), attempt(() => BEGIN.add(text)), attempt(() => new Instant(0n).add(text)), attempt(() => new PlainTime().add(text)), attempt(() => new PlainYearMonth(2020, 1).add(text)), attempt(() => Duration.from(text).add(text)), attempt(() => Duration.from(text).subtract(text))]),
  ...each(LONGEST, text => UNITS.map(unit => [attempt(() => Duration.from(text).round({ largestUnit: unit })), attempt(() => Duration.from(text).round({ smallestUnit: unit })), attempt(() => Duration.from(text).total(unit))])),
  ...each(LONGEST, text => ["2020-01-01", "2020-01-01[UTC]", "2020-01-01[Europe/Berlin]", "-271821-04-20"].map(relativeTo => [attempt(() => Duration.from(text).round({ largestUnit: "year", relativeTo })), attempt(() => Duration.from(text).round({ smallestUnit: "month", relativeTo })), attempt(() => Duration.from(text).total({ unit: "day", relativeTo })), attempt(() => Duration.compare(text, "P1D", { relativeTo }))])),
  ...each(["P100000000D", "P99999999D", "-P100000000D", "PT2400000000H", "P3285Y", "P250000Y"], text => ["2020-01-01", "1970-01-01", "1970-01-01[UTC]", "1970-01-01[America/New_York]"].map(relativeTo => UNITS.slice(0, 5).map(unit => [attempt(() => Duration.from(text).round({ smallestUnit: unit, relativeTo })), attempt(() => Duration.from(text).round({ largestUnit: unit, relativeTo })), attempt(() => Duration.from(text).total({ unit, relativeTo }))]))),
  ...each([1, 1e3, 999999999, 1e9], roundingIncrement => UNITS.slice(0, 4).map(smallestUnit => [attempt(() => FIRST.until(LAST, { smallestUnit, roundingIncrement })), attempt(() => new PlainDate(2020, 1, 1).until("2021-03-05", { smallestUnit, largestUnit: smallestUnit, roundingIncrement, roundingMode: "ceil" }))])),
  // Text that is long.
  ...each(Object.keys(TEXTS), key => TYPES.map(type => attempt(() => String(type.from(TEXTS[key])).length))),
  ...each(Object.keys(TEXTS), key => [attempt(() => new ZonedDateTime(0n, TEXTS[key])), attempt(() => new PlainDate(2020, 1, 1, TEXTS[key])), attempt(() => FIRST.withCalendar(TEXTS[key])), attempt(() => new Instant(0n).toZonedDateTimeISO(TEXTS[key])), attempt(() => Duration.from("P1M").total({ unit: "day", relativeTo: TEXTS[key] })), attempt(() => PlainDate.from({ year: 2020, monthCode: TEXTS[key], day: 1 })), attempt(() => Duration.from("P1D").round(TEXTS[key]))]),
  () => String(PlainDate.from(`2020-01-01T00:00[a=${"b-".repeat(HUGE * 4)}b]`)),
  () => ZonedDateTime.from(`2020-01-01T00:00[${"A/".repeat(HUGE * 4)}B]`),
  () => attempt(() => new Instant(2n ** 20000n)),
  () => attempt(() => Instant.fromEpochNanoseconds(-(2n ** 100000n))),
  () => { let z = new ZonedDateTime(0n, "Europe/Lisbon"); let count = 0; while (z && z.year < 2100 && count < 1000) { z = z.getTimeZoneTransition("next"); count++; } return count; },
  () => { let d = new PlainDate(2000, 1, 31); for (let i = 0; i < 3000; i++) { d = d.add({ months: 1, days: 1 }); } return d; },
]);
