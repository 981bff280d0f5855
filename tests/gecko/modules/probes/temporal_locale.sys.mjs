// SPDX-License-Identifier: MPL-2.0
// Temporal: text for people. Kinds of spaces are evened out, since data of languages change them.

import { attempt, each, named } from "resource://testing-common/temporal.sys.mjs";

const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } = Temporal;
const DATE = new PlainDate(2020, 2, 29);
const TIME = new PlainTime(13, 5, 9, 123, 456, 789);
const DATE_TIME = new PlainDateTime(2020, 2, 29, 13, 5, 9);
const ZONED = ZonedDateTime.from("2020-07-01T13:05:09[Europe/Berlin]");
const INSTANT = Instant.from("2020-07-01T13:05:09Z");
const MONTH = new PlainYearMonth(2020, 2, "gregory");
const DAY = new PlainMonthDay(2, 29, "gregory");
const ALL = { DATE, TIME, DATE_TIME, ZONED, INSTANT, MONTH, DAY };
const plain = text => text.replace(/[\u202f\u2009\u00a0]/g, " ");
const local = (value, ...args) => attempt(() => plain(value.toLocaleString(...args)));
const format = (value, options = {}) => attempt(() => plain(new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options }).format(value)));
const parts = (value, options = {}) => attempt(() => new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options }).formatToParts(value).map(part => `${part.type}=${plain(part.value)}`).join("|"));
const range = (one, other, options = {}) => attempt(() => plain(new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options }).formatRange(one, other)));
const OPTIONS = [{}, { dateStyle: "short" }, { dateStyle: "full" }, { timeStyle: "short" }, { timeStyle: "medium" }, { timeStyle: "full" }, { dateStyle: "medium", timeStyle: "short" }, { year: "numeric" }, { month: "long" }, { day: "numeric" }, { weekday: "long" }, { hour: "numeric" }, { minute: "2-digit", second: "2-digit" }, { era: "short", year: "numeric" }, { dayPeriod: "short" }, { hour12: false }, { fractionalSecondDigits: 3 }, { timeZoneName: "short" }, { timeZone: "Asia/Tokyo" }, { year: "numeric", hour: "numeric" }, { calendar: "gregory" }, { calendar: "japanese" }, { numberingSystem: "arab" }, { hourCycle: "h23" }, { month: "short", day: "numeric" }, { dateStyle: "x" }, { dateStyle: "short", year: "numeric" }];

export const probes = named([
  ...each(Object.keys(ALL), key => OPTIONS.map(options => local(ALL[key], "en-US", { ...options }))),
  ...each(Object.keys(ALL), key => OPTIONS.map(options => format(ALL[key], options))),
  ...each(["es", "ja", "fr", "en-GB"], locale => Object.values(ALL).map(value => local(value, locale))),
  ...each(Object.keys(ALL), key => parts(ALL[key])),
  ...each(Object.keys(ALL), key => Object.values(ALL).map(other => (String(range(ALL[key], other)).startsWith("throws") ? "throws" : "text"))),
  () => range(DATE, DATE.add("P1D")),
  () => range(TIME, TIME.add("PT2H")),
  () => range(DATE_TIME, DATE_TIME.add("P40D")),
  () => range(INSTANT, INSTANT.add("PT2H")),
  () => range(MONTH, MONTH.add("P2M"), { calendar: "gregory" }),
  () => range(DATE, DATE.withCalendar("japanese")),
  () => range(DATE, new Date(0)),
  () => format(ZONED),
  () => format(new Duration(1)),
  () => format(DATE.withCalendar("japanese")),
  () => format(DATE.withCalendar("gregory")),
  () => local(DATE.withCalendar("japanese"), "en-US"),
  () => local(DATE.withCalendar("japanese"), "en-US-u-ca-japanese"),
  () => local(new PlainYearMonth(2020, 2), "en-US"),
  () => local(new PlainMonthDay(2, 29), "en-US"),
  () => local(new PlainYearMonth(2020, 2), "en-US-u-ca-iso8601"),
  () => local(ZONED, "en-US", { timeZone: "UTC" }),
  () => local(ZONED, "en-US", { timeZoneName: "long" }),
  () => local(new ZonedDateTime(0n, "+05:30"), "en-US"),
  () => local(DATE, "xx-invalid-"),
  () => local(DATE, null),
  () => local(DATE, "en-US", null),
  () => local(DATE, ["en-GB", "de"]),
  () => local(new PlainDate(-271821, 4, 19), "en-US"),
  () => local(new PlainDate(275760, 9, 13), "en-US"),
  () => local(new PlainDate(1500, 3, 1), "en-US"),
  () => local(new PlainDateTime(1883, 11, 18, 12), "en-US"),
  () => format(new Date(0)),
  () => format(5),
  () => String(format(undefined)).length > 5,
  () => format({ valueOf: () => 0 }),
  () => format("2020-01-01"),
  () => [Intl.DateTimeFormat.prototype.formatToParts.length, Intl.DateTimeFormat.prototype.formatRange.length, Intl.DateTimeFormat.name, Intl.DateTimeFormat.length],
  () => new Intl.DateTimeFormat("en-US", { timeZone: "+01:00" }).resolvedOptions().timeZone,
  () => attempt(() => new Date(0).toLocaleString("en-US", { timeZone: "+05:30" })),
  ...each(["P1Y2M3DT4H5M6.789S", "PT0S", "-P1DT2H", "P1W", "PT4H5M6S", "PT1.5S", "-PT0.5S", "PT1.000001S"], text => [[], ["en-US", { style: "long" }], ["en-US", { style: "narrow" }], ["en-US", { style: "digital" }], ["de", { style: "long" }], ["ja"], ["en-US", { seconds: "numeric", fractionalDigits: 2 }], ["en-US", { style: "x" }], ["en-US", { hours: "numeric", minutes: "long" }]].map(args => local(Duration.from(text), ...args))),
]);
