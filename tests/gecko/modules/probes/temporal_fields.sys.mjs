// SPDX-License-Identifier: MPL-2.0
// Temporal.PlainYearMonth and PlainMonthDay, and calendars other than ISO's.

import { attempt, each, named } from "resource://testing-common/temporal.sys.mjs";

const { PlainDate, PlainDateTime, PlainMonthDay, PlainYearMonth, ZonedDateTime } = Temporal;
const yearMonth = text => PlainYearMonth.from(text);
const monthDay = text => PlainMonthDay.from(text);
const date = text => PlainDate.from(text);
const UNITS = ["year", "month", "week", "day", "hour"];
const MODES = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"];
const CALENDARS = ["iso8601", "gregory", "buddhist", "roc", "japanese"];
const PARTS = ["era", "eraYear", "year", "month", "monthCode", "day", "dayOfWeek", "dayOfYear", "weekOfYear", "yearOfWeek", "daysInWeek", "daysInMonth", "daysInYear", "monthsInYear", "inLeapYear", "calendarId"];
const MONTH_PARTS = ["era", "eraYear", "year", "month", "monthCode", "daysInMonth", "daysInYear", "monthsInYear", "inLeapYear", "calendarId"];
const DATES = ["2020-02-29", "2019-05-01", "2019-04-30", "1989-01-08", "1989-01-07", "1926-12-25", "1926-12-24", "1912-07-30", "1912-07-29", "1868-10-23", "1868-10-22", "1873-01-01", "1872-12-31", "1912-01-01", "1911-12-31", "0001-01-01", "0000-12-31", "-000001-01-01", "-000543-01-01", "-000542-12-31", "-271821-04-19", "+275760-09-13"];
const STEPS = ["P1Y", "P1M", "P13M", "-P1M", "P1Y1M", "P1W", "P1D", "PT24H", "-P100Y", "P30D", "P0D"];
const PAIRS = [["2020-01", "2023-05"], ["2023-05", "2020-01"], ["2020-05", "2020-05"], ["-271821-05", "+275760-08"], ["1999-12", "2000-01"]];
const MONTH_BAGS = [{ year: 2020, month: 2 }, { year: 2020, monthCode: "M02" }, { year: 2020 }, { month: 2 }, { year: 2020, month: 2, day: 31 }, { year: 2020, month: 13 }, { year: 2020, month: 2, monthCode: "M03" }, { year: "2020", month: "2" }, { year: 2020, month: 1, calendar: "roc" }, { era: "ce", eraYear: 2020, month: 2, calendar: "gregory" }, { era: "reiwa", eraYear: 2, month: 2, calendar: "japanese" }, { year: 275760, month: 10 }, { year: -271821, month: 3 }, { year: -271821, month: 4, day: 1 }, {}, { year: undefined, month: 1 }, { year: 2020, month: 0 }];
const DAY_BAGS = [{ month: 2, day: 29 }, { monthCode: "M02", day: 29 }, { monthCode: "M02", day: 30 }, { monthCode: "M02", day: 30, year: 2021 }, { month: 2, day: 29, year: 2021 }, { day: 29 }, { monthCode: "M02" }, { month: 2, day: 29, calendar: "gregory" }, { monthCode: "M02", day: 29, calendar: "gregory" }, { month: 2, day: 29, year: 2000, calendar: "gregory" }, { month: 2, day: 29, year: 2001, calendar: "gregory" }, { monthCode: "M13", day: 1 }, { monthCode: "M01", day: 32 }, { month: 13, day: 1 }, { month: 1, monthCode: "M02", day: 1 }, { monthCode: "M05L", day: 1, calendar: "gregory" }, { month: 1, day: 0 }, {}, { year: 1e6, month: 2, day: 29 }, { monthCode: "M12", day: 31, calendar: "buddhist" }, { era: "heisei", eraYear: 1, monthCode: "M01", day: 7, calendar: "japanese" }, { month: 1, day: 1, era: "ce", calendar: "gregory" }, { month: 4, day: 31 }];
const ERAS = [{ calendar: "gregory", era: "ce", eraYear: 2020 }, { calendar: "gregory", era: "bce", eraYear: 1 }, { calendar: "gregory", era: "ad", eraYear: 5 }, { calendar: "gregory", era: "bc", eraYear: 5 }, { calendar: "gregory", era: "CE", eraYear: 5 }, { calendar: "gregory", era: "x", eraYear: 5 }, { calendar: "gregory", era: "ce" }, { calendar: "gregory", eraYear: 5 }, { calendar: "gregory", year: 5, era: "ce", eraYear: 5 }, { calendar: "gregory", year: 5, era: "bce", eraYear: 5 }, { calendar: "gregory", year: -4, era: "bce", eraYear: 5 },
  { calendar: "gregory", era: "ce", eraYear: -5 }, { calendar: "gregory", era: "ce", eraYear: 0 }, { calendar: "gregory", era: "ce", eraYear: 5.5 }, { calendar: "gregory", era: "ce", eraYear: Infinity }, { calendar: "gregory", era: 5, eraYear: 5 }, { calendar: "gregory", era: undefined, eraYear: undefined, year: 3 }, { calendar: "buddhist", era: "be", eraYear: 2563 }, { calendar: "buddhist", year: 2563 }, { calendar: "buddhist", year: -1 }, { calendar: "buddhist", era: "be", eraYear: -1 }, { calendar: "roc", era: "roc", eraYear: 109 }, { calendar: "roc", era: "broc", eraYear: 1 }, { calendar: "roc", era: "minguo", eraYear: 5 }, { calendar: "roc", era: "before-roc", eraYear: 5 }, { calendar: "roc", year: 0 }, { calendar: "roc", era: "roc", eraYear: 0 },
  { calendar: "japanese", era: "reiwa", eraYear: 2 }, { calendar: "japanese", era: "reiwa", eraYear: 1 }, { calendar: "japanese", era: "reiwa", eraYear: 0 }, { calendar: "japanese", era: "heisei", eraYear: 31 }, { calendar: "japanese", era: "heisei", eraYear: 40 }, { calendar: "japanese", era: "showa", eraYear: 64 }, { calendar: "japanese", era: "taisho", eraYear: 15 }, { calendar: "japanese", era: "meiji", eraYear: 6 }, { calendar: "japanese", era: "meiji", eraYear: 5 }, { calendar: "japanese", era: "meiji", eraYear: 1 }, { calendar: "japanese", era: "ce", eraYear: 1868 }, { calendar: "japanese", era: "ce", eraYear: 2020 }, { calendar: "japanese", era: "bce", eraYear: 2 }, { calendar: "japanese", era: "japanese", eraYear: 2020 }, { calendar: "japanese", era: "keio", eraYear: 3 }, { calendar: "japanese", year: 2019 }, { calendar: "iso8601", era: "ce", eraYear: 5, year: 2020 }, { calendar: "iso8601", era: "ce", eraYear: 5 }];
const CHANGES = [{ year: 5 }, { era: "bce", eraYear: 5 }, { eraYear: 5 }, { era: "bce" }, { month: 2 }, { monthCode: "M06" }, { day: 30 }, { year: 5, era: "ce", eraYear: 5 }, { era: undefined, eraYear: undefined, day: 2 }, { era: "taisho", eraYear: 3 }, { monthCode: "M06L" }, { month: 13 }];

export const probes = named([
  // PlainYearMonth.
  () => PlainYearMonth(2020, 1),
  () => new PlainYearMonth(2020),
  () => new PlainYearMonth(2020, 2),
  () => new PlainYearMonth(2020, 2, undefined, 15),
  () => new PlainYearMonth(2020, 2, "gregory", 15),
  () => new PlainYearMonth(2020, 2, "gregory", 30),
  () => new PlainYearMonth(2020, 2, null),
  () => new PlainYearMonth(-271821, 3),
  () => new PlainYearMonth(-271821, 4, "iso8601", 1),
  () => new PlainYearMonth(275760, 9, "iso8601", 30),
  () => new PlainYearMonth(275760, 10),
  () => new PlainYearMonth(2020, 2, "iso8601", 15).equals(new PlainYearMonth(2020, 2)),
  () => PlainYearMonth.compare(new PlainYearMonth(2020, 2, "iso8601", 15), new PlainYearMonth(2020, 2)),
  () => PlainYearMonth.from(new PlainYearMonth(2020, 2, "iso8601", 15)).toString({ calendarName: "always" }),
  () => PlainYearMonth.from("2020-02-15").toString({ calendarName: "always" }),
  () => PlainYearMonth.from("2019-05-31[u-ca=japanese]").toString(),
  ...each(["2020-02", "2019-12", "-271821-04", "+275760-09", "2020-02-11[u-ca=japanese]", "2020-02-11[u-ca=roc]"], text => { const m = yearMonth(text); return [...MONTH_PARTS, "day"].map(part => m[part]); }),
  ...each(MONTH_BAGS, bag => [attempt(() => PlainYearMonth.from(bag)), attempt(() => PlainYearMonth.from(bag, { overflow: "reject" }))]),
  ...each([undefined, null, 5, 5n, true, Symbol("s"), [], date("2020-05-06"), new PlainDateTime(2020, 5, 6), new ZonedDateTime(0n, "UTC"), monthDay("05-06")], value => PlainYearMonth.from(value)),
  ...each([{ year: 2021 }, { month: 12 }, { monthCode: "M03" }, { day: 5 }, {}, { calendar: "iso8601", month: 1 }, { month: 13 }, { era: "ce", eraYear: 3 }, null, "2020-01"], change => [attempt(() => yearMonth("2020-05").with(change)), attempt(() => yearMonth("2020-05").with(change, { overflow: "reject" }))]),
  ...each(STEPS, step => ["2020-01", "2019-12", "2020-02-01[u-ca=gregory]", "2019-04-30[u-ca=japanese]"].map(text => [attempt(() => yearMonth(text).add(step)), attempt(() => yearMonth(text).subtract(step))])),
  () => yearMonth("-271821-04").add("P1M"),
  () => yearMonth("-271821-05").subtract("P1M"),
  () => yearMonth("+275760-09").subtract("P1M"),
  () => yearMonth("+275760-08").add("P1M"),
  () => yearMonth("+275760-09").add("P1M"),
  ...each(PAIRS, ([one, other]) => UNITS.map(largestUnit => [attempt(() => yearMonth(one).until(other, { largestUnit })), attempt(() => yearMonth(one).since(other, { largestUnit })), attempt(() => yearMonth(one).until(other, { smallestUnit: largestUnit }))])),
  ...each(MODES, roundingMode => ["year", "month"].map(smallestUnit => [yearMonth("2019-01").until("2021-09", { smallestUnit, roundingMode }), yearMonth("2019-01").since("2021-09", { smallestUnit, roundingMode, roundingIncrement: 4 }), yearMonth("2019-01").until("2022-07", { largestUnit: "month", smallestUnit, roundingMode, roundingIncrement: 5 })].map(String))),
  () => yearMonth("-271821-04").until("2020-01"),
  () => yearMonth("2020-01").until("2020-05-01[u-ca=gregory]"),
  () => yearMonth("2020-01").until("+275760-09", { smallestUnit: "year", roundingMode: "expand" }),
  ...each([{ day: 5 }, { day: 31 }, { day: 0 }, {}, undefined, 5, "5", { day: "7" }, { day: undefined }], value => yearMonth("2020-02").toPlainDate(value)),
  ...each(["2020-02", "2020-03", "2020-02-01[u-ca=gregory]", { year: 2020, month: 2 }, undefined], other => [attempt(() => yearMonth("2020-02").equals(other)), attempt(() => PlainYearMonth.compare("2020-02", other))]),
  ...each(["auto", "always", "never", "critical", undefined, "x"], calendarName => [yearMonth("2020-02"), yearMonth("2020-02-05[u-ca=roc]"), monthDay("02-05"), monthDay("2020-02-05[u-ca=roc]")].map(value => attempt(() => value.toString({ calendarName })))),
  // PlainMonthDay.
  () => PlainMonthDay(1, 1),
  () => new PlainMonthDay(1),
  () => new PlainMonthDay(2, 29),
  () => new PlainMonthDay(2, 30),
  () => new PlainMonthDay(2, 29, "iso8601", 2021),
  () => new PlainMonthDay(2, 29, "gregory", 2000),
  () => new PlainMonthDay(1, 1, "iso8601", 300000),
  () => new PlainMonthDay(1, 1, undefined, -271821),
  () => new PlainMonthDay(5, 5, "iso8601", 2000).equals(new PlainMonthDay(5, 5)),
  () => PlainMonthDay.compare,
  () => { const m = monthDay("02-29"); return ["month", "monthCode", "day", "year", "calendarId"].map(part => m[part]); },
  ...each(DAY_BAGS, bag => [attempt(() => PlainMonthDay.from(bag)), attempt(() => PlainMonthDay.from(bag, { overflow: "reject" }))]),
  ...each([undefined, null, 5, 5n, [], date("2020-05-06"), date("2020-05-06").withCalendar("roc"), new PlainDateTime(2020, 5, 6), yearMonth("2020-05")], value => PlainMonthDay.from(value).toString({ calendarName: "always" })),
  ...each([{ day: 31 }, { month: 4 }, { monthCode: "M02" }, { year: 2020 }, { year: 2021, day: 29, monthCode: "M02" }, {}, { month: 2, year: 2021 }, { calendar: "iso8601", day: 1 }, null, { era: "ce" }], change => [attempt(() => monthDay("01-31").with(change)), attempt(() => monthDay("01-31").with(change, { overflow: "reject" }))]),
  ...each([{ year: 2021 }, { year: 2020 }, {}, undefined, { year: 300000 }, { era: "ce", eraYear: 2021 }, { year: "2021" }, 2021], value => [attempt(() => monthDay("02-29").toPlainDate(value)), attempt(() => monthDay("2020-02-29[u-ca=gregory]").toPlainDate(value))]),
  ...each(["02-29", "02-28", "2020-02-29[u-ca=gregory]", "1972-02-29", "2020-02-29", { monthCode: "M02", day: 29 }, undefined], other => attempt(() => monthDay("02-29").equals(other))),
  ...each([yearMonth("2020-02"), monthDay("02-29")], value => [attempt(() => value.valueOf()), attempt(() => value < value), `${value}`, JSON.stringify([value]), Object.keys(value)]),
  // Calendars.
  ...each(CALENDARS, calendar => DATES.map(text => PARTS.map(part => date(text).withCalendar(calendar)[part]))),
  ...each(CALENDARS, calendar => DATES.map(text => attempt(() => { const m = date(text).withCalendar(calendar).toPlainYearMonth(); return MONTH_PARTS.map(part => m[part]); }))),
  ...each(CALENDARS, calendar => DATES.map(text => { const m = date(text).withCalendar(calendar).toPlainMonthDay(); return [m.monthCode, m.day, m.toString()]; })),
  ...each(ERAS, era => [attempt(() => PlainDate.from({ ...era, month: 5, day: 1 })), attempt(() => PlainYearMonth.from({ ...era, month: 5 })), attempt(() => PlainMonthDay.from({ ...era, month: 2, day: 29 })), attempt(() => PlainDate.from({ ...era, monthCode: "M02", day: 30 }, { overflow: "reject" }))]),
  ...each(CHANGES, change => CALENDARS.map(calendar => ["2020-02-29", "1989-01-08", "1989-01-01"].map(text => attempt(() => date(text).withCalendar(calendar).with(change))))),
  ...each(CALENDARS, calendar => STEPS.map(step => ["2020-02-29", "1989-01-07"].map(text => String(date(text).withCalendar(calendar).add(step))))),
  ...each(CALENDARS, calendar => UNITS.slice(0, 4).map(largestUnit => date("1911-06-30").withCalendar(calendar).until(date("2020-02-29").withCalendar(calendar), { largestUnit }))),
  ...each(CALENDARS, calendar => [new PlainDateTime(2020, 2, 29, 1, 2, 3).withCalendar(calendar).with({ month: 3 }), new ZonedDateTime(0n, "UTC", calendar), new ZonedDateTime(0n, "UTC").withCalendar(calendar).eraYear]),
  () => PlainDate.from({ year: 2020, month: 1, day: 1, calendar: "japanese" }).toString({ calendarName: "never" }),
  () => date("2020-01-01[u-ca=gregory]").equals(date("2020-01-01[u-ca=roc]")),
  () => PlainDate.compare("2020-01-01[u-ca=gregory]", "2020-01-01[u-ca=roc]"),
  () => date("2020-01-01[u-ca=gregory]").since("2020-01-01[u-ca=roc]"),
  ...each([{ year: 5784, monthCode: "M05L", day: 17 }, { year: 5783, monthCode: "M05L", day: 17 }, { year: 5783, monthCode: "M05L", day: 30 }, { monthCode: "M05L", day: 31 }, { year: 5783, month: 7, day: 17 }, { year: 5783, monthCode: "M03", day: 30 }, { year: 5784, month: 3, day: 30 }, { year: 5783, monthCode: "M06L", day: 1 }, { year: 5784, month: 14, day: 1 }], bag => [PlainMonthDay, PlainDate, PlainYearMonth].map(type => [attempt(() => type.from({ ...bag, calendar: "hebrew" })), attempt(() => type.from({ ...bag, calendar: "hebrew" }, { overflow: "reject" }))])),
  ...each(["coptic", "ethiopic", "hebrew", "indian", "islamic-civil", "islamic-tbla", "islamic-umalqura", "persian"], calendar => DATES.map(text => PARTS.map(part => date(text).withCalendar(calendar)[part]))),
  ...each(["coptic", "ethioaa", "hebrew", "islamic-civil", "islamic-umalqura", "persian"], calendar => [...STEPS, "P13M"].map(step => ["2020-02-29", "1989-01-07", "2024-03-10"].map(text => String(date(text).withCalendar(calendar).add(step))))),
  ...each(["coptic", "hebrew", "islamic-civil", "persian"], calendar => UNITS.slice(0, 4).map(largestUnit => [date("1911-06-30").withCalendar(calendar).until(date("2020-02-29").withCalendar(calendar), { largestUnit }), date("2024-03-10").withCalendar(calendar).since(date("2019-02-20").withCalendar(calendar), { largestUnit, smallestUnit: largestUnit, roundingMode: "halfExpand" })])),
  ...each(["chinese", "coptic", "dangi", "ethioaa", "ethiopic", "ethiopic-amete-alem", "hebrew", "indian", "islamic", "islamic-civil", "islamicc", "islamic-rgsa", "islamic-tbla", "islamic-umalqura", "persian"], other => { const d = new PlainDate(2020, 2, 29, other); return [...PARTS.map(part => d[part]), d.add({ months: 13 }), d.until(date("2023-05-17").withCalendar(other), { largestUnit: "year" }), d.with({ day: 1 }), d.toPlainMonthDay()]; }),
]);
