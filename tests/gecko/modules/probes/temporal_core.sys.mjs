// SPDX-License-Identifier: MPL-2.0
// Temporal without time zones: dates, times, instants, durations, their texts, and the order in which options are read.

const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth } = Temporal;
const date = text => PlainDate.from(text);
const span = text => Duration.from(text);

/** What @call gives, or the name of what it throws: the words of errors are each engine's own. */
function outcome(call) {
  try {
    const value = call();
    return typeof value == "object" && value !== null ? String(value) : value;
  } catch (error) {
    return error.name;
  }
}

/** Outcomes of @call with each of @items. */
const each = (items, call) => items.map(item => outcome(() => call(item)));

/** What @call reads of an object with those properties, in order; with what it gives or throws. */
function reads(properties, call) {
  const log = [];
  const seen = new Proxy(properties, {
    get(target, key) {
      log.push(String(key));
      return target[key];
    },
  });
  const result = outcome(() => call(seen));
  return `${log.join(" ")}: ${result}`;
}

const MODES = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"];
const UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const CALENDARS = [
  "iso8601", "gregory", "japanese", "roc", "buddhist", "coptic", "ethioaa", "ethiopic", "hebrew", "indian", "islamic-civil",
  "islamic-tbla", "islamic-umalqura", "persian", "chinese", "dangi",
];
const ERAS = [
  "ce", "ad", "bce", "bc", "meiji", "taisho", "showa", "heisei", "reiwa", "roc", "broc", "be", "am", "aa", "shaka", "ah", "bh", "ap",
];

/** All getters of a date. */
function fields(value) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(value));
  return names.filter(name => name != "constructor" && typeof value[name] != "function")
    .sort().map(name => `${name}=${String(value[name])}`).join(" ");
}

export const probes = [
  () => each(["2020-02-29", "20200229", "+002020-02-29", "2021-02-29", "2020-2-9", "-000000-01-01", "2020-02-29T24:00", "2020-02-29Z"], date),
  () => each(["2020-02-29T12:30:60", "2020-02-29 12,5", "2020-02-29t123059.123456789", "2020-02-29T12:3059"], text => PlainDateTime.from(text)),
  () => each(["12:30", "T1230", "1230", "1131", "T1131", "2021-12", "T2021-12", "12", "23:59:60", "12:30Z"], text => PlainTime.from(text)),
  () => each(["2020-02", "202002", "2020-02-29", "2020-13", "2020-02[u-ca=gregory]", "2020-02-29[u-ca=gregory]"], text => PlainYearMonth.from(text)),
  () => each(["02-29", "--0229", "--02-30", "2021-02-28", "02-29[u-ca=roc]", "2020-02-29[u-ca=roc]"], text => PlainMonthDay.from(text)),
  () => each(["2020-01-01T00Z", "2020-01-01T00:00+01:00:30.5", "2020-01-01", "2020-01-01T00", "2020-01-01T00-00:00[Nowhere/Land]"], text => Instant.from(text)),
  () => each(["[u-ca=roc]", "[!u-ca=roc]", "[u-ca=roc][u-ca=gregory]", "[!u-ca=roc][u-ca=roc]", "[x=y]", "[!x=y]", "[X=y]", "[UTC][x=y]"], text => date(`2020-01-01${text}`)),
  () => each(["-271821-04-19", "-271821-04-18", "+275760-09-13", "+275760-09-14"], date),
  () => each(["-271821-04-19T00:00", "-271821-04-19T00:00:00.000000001", "+275760-09-13T23:59:59.999999999"], text => PlainDateTime.from(text)),
  () => each([8_640_000_000_000_000_000_000n, 8_640_000_000_000_000_000_001n, 1, "1", true, undefined], ns => new Instant(ns)),
  () => each([8.64e15, 8.64e15 + 1, 0.5, NaN, "12", null], ms => Instant.fromEpochMilliseconds(ms)),
  () => each(["P1Y2M3W4DT5H6M7.008009001S", "-p1dt1h", "PT0.5H", "PT1.5H1M", "PT0,000000001H", "P", "PT", "P1M1Y", "P1.5D"], span),
  () => each(["PT9007199254740991.999999999S", "PT9007199254740992S", "P4294967295Y", "P4294967296Y"], span),
  () => each([{ days: 1.5 }, { days: 1, hours: -1 }, {}, { day: 1 }, null, 5, { years: Infinity }, { minutes: "90" }], span),
  () => CALENDARS.map(calendar => fields(date("2024-02-29").withCalendar(calendar))),
  () => CALENDARS.map(calendar => fields(PlainYearMonth.from(`1912-07-30[u-ca=${calendar}]`))),
  () => ["1872-12-31", "1873-01-01", "1912-07-30", "1926-12-25", "1989-01-08", "2019-05-01", "0000-01-01"].map(text => {
    const { era, eraYear, year } = date(text).withCalendar("japanese");
    return `${era} ${eraYear} ${year}`;
  }),
  () => CALENDARS.map(calendar => each(ERAS, era => PlainDate.from({ calendar, era, eraYear: 3, month: 2, day: 29 }))),
  () => CALENDARS.map(calendar => each(["M05L", "M06", "M13", "M02L"], monthCode => [5784, 5785].map(year =>
    outcome(() => PlainDate.from({ calendar, year, monthCode, day: 31 }))).join(" "))),
  () => CALENDARS.map(calendar => each(["M02", "M03", "M05L", "M12", "M13"], monthCode => PlainMonthDay.from({ calendar, monthCode, day: 30 }))),
  () => CALENDARS.map(calendar => {
    const start = date("2024-02-10").withCalendar(calendar);
    const end = start.add({ years: 3, months: 20 });
    return ["years", "months", "weeks"].map(largestUnit => `${end} ${start.until(end, { largestUnit })} ${end.until(start, { largestUnit })}`);
  }),
  () => ["chinese", "dangi"].map(calendar => [-250000, -3000, 1899, 1900, 1914, 1984, 2033, 2102, 2103, 2114, 90000].map(year => {
    const start = PlainDate.from({ calendar, year, month: 1, day: 1 });
    const months = Array.from({ length: start.monthsInYear }, (_, index) => start.with({ month: index + 1 }));
    return `${start} ${months.map(month => `${month.monthCode} ${month.daysInMonth}`).join(" ")}`;
  })),
  () => ["chinese", "dangi"].map(calendar => Array.from({ length: 13 }, (_, month) => [1, 30].map(day => {
    const monthCode = `M${String(month).padStart(2, "0")}L`;
    return [2023, 2033, undefined].map(year => outcome(() => PlainMonthDay.from({ calendar, year, monthCode, day }))).join(" ");
  }))),
  () => ["P1Y", "-P34Y", "P20M", "-P20M"].map(text => {
    const start = date("1984-11-27").withCalendar("dangi");
    const end = start.add(text);
    return `${end} ${start.until(end, { largestUnit: "year" })} ${start.until(end, { largestUnit: "month" })}`;
  }),
  () => date("1984-11-27[u-ca=dangi]").until("1950-11-30[u-ca=dangi]", { smallestUnit: "year" }).toString(),
  () => outcome(() => PlainMonthDay.from({ calendar: "chinese", year: 1878, month: 13, day: 14 }, { overflow: "reject" })),
  () => CALENDARS.map(calendar => [-280000, 0, 1, 1300, 1600, 3000].map(year => outcome(() => fields(PlainDate.from({ calendar, year, month: 12, day: 1 }))))),
  () => each(["ISO8601", "2020-01-01[u-ca=roc]", "gregorian", "", "islamic", {}, undefined, date("2020-01-01[u-ca=roc]")], item => date("2020-01-01").withCalendar(item)),
  () => each([{ year: 2021, month: 2, day: 30 }, { year: 2021, monthCode: "M02", month: 3, day: 1 }, { year: 2021, monthCode: "M02L", day: 1 },
    { year: 2021, monthCode: "M2", day: 1 }, { month: 2, day: 1 }, { year: 2021, month: 0, day: 1 }, { year: NaN, month: 1, day: 1 }], date),
  () => each(["constrain", "reject", "other", null], overflow => PlainDate.from({ year: 2021, month: 13, day: 32 }, { overflow })),
  () => each([{ month: 2, day: 29 }, { monthCode: "M02", day: 30 }, { year: 2023, month: 2, day: 29 }], item => [PlainMonthDay.from(item), outcome(() => PlainMonthDay.from({ ...item, calendar: "gregory" }))].join(" ")),
  () => each(["P1M", "P1M1D", "P-1M", "P1Y1M", "PT23H", "PT24H", "P1W", "P4000000000D"], duration => date("2020-01-31").add(duration)),
  () => each(["P1M", "P1Y"], duration => date("2020-02-29").subtract(duration, { overflow: "reject" })),
  () => each(["PT25H", "-PT0.000000001S", "P1M"], duration => PlainDateTime.from("2020-01-31T12:00").add(duration)),
  () => each(["P1D", "P1M", "PT1H", "P1M1D", "-P1Y1M"], duration => PlainYearMonth.from("2020-01").add(duration)),
  () => UNITS.map(largestUnit => outcome(() => date("2020-02-29").until("2023-03-30", { largestUnit }))),
  () => UNITS.map(largestUnit => outcome(() => PlainDateTime.from("2020-02-29T12:30").since("2023-03-30T01:02:03.004005006", { largestUnit }))),
  () => MODES.map(roundingMode => date("2020-01-16").until("2023-03-01", { smallestUnit: "month", largestUnit: "year", roundingMode }).toString()),
  () => MODES.map(roundingMode => date("2023-03-01").since("2020-01-16", { smallestUnit: "week", roundingIncrement: 2, roundingMode }).toString()),
  () => MODES.map(roundingMode => PlainTime.from("12:34:56.5").round({ smallestUnit: "second", roundingMode }).toString()),
  () => MODES.map(roundingMode => Instant.from("1969-12-31T23:59:58.5Z").round({ smallestUnit: "second", roundingMode }).toString()),
  () => MODES.map(roundingMode => span("-PT2.5S").round({ smallestUnit: "second", roundingMode }).toString()),
  () => UNITS.map(smallestUnit => outcome(() => span("P1Y11M3W29DT23H59M59.5S").round({ smallestUnit, relativeTo: "2020-01-01" }))),
  () => UNITS.map(largestUnit => outcome(() => span("PT1000000H").round({ largestUnit, relativeTo: "2020-01-01" }))),
  () => UNITS.map(unit => outcome(() => span("P1Y1M1DT1H").total({ unit, relativeTo: "2020-01-31" }))),
  () => UNITS.map(unit => outcome(() => span("P10DT1H0.000000001S").total(unit))),
  () => each([undefined, {}, { smallestUnit: "hour", largestUnit: "minute" }, { smallestUnit: "hour", roundingIncrement: 5 }, { largestUnit: "auto" }, "days", { smallestUnit: "day", roundingIncrement: 2, largestUnit: "week" }], options => span("P1DT36H").round(options)),
  () => [["P1M", "P31D"], ["PT24H", "P1D"], ["P1Y", "P366D"]].map(([one, two]) => each(["2020-01-01", undefined], relativeTo => Duration.compare(one, two, { relativeTo }))),
  () => each(["P1M", "PT1.5S", "-P1D"], duration => span("P1DT2H").add(duration)),
  () => each([0, 3, 9, 10, "auto", "3", NaN, 2.9], fractionalSecondDigits => PlainTime.from("12:00:00.123456789").toString({ fractionalSecondDigits })),
  () => UNITS.map(smallestUnit => outcome(() => PlainDateTime.from("2020-12-31T23:59:59.987654321").toString({ smallestUnit, roundingMode: "ceil" }))),
  () => ["auto", "always", "never", "critical"].map(calendarName => [date("2020-01-01"), date("2020-01-01[u-ca=roc]"), PlainYearMonth.from("2020-01"), PlainMonthDay.from("01-31")].map(value => value.toString({ calendarName }))),
  () => reads({ year: 2020, month: 1, day: 1, calendar: "gregory" }, bag => PlainDateTime.from(bag)),
  () => reads({ year: 2020, month: 1, day: 1 }, relativeTo => span("P1D").total({ unit: "hour", relativeTo })),
  () => reads({ smallestUnit: "hour", largestUnit: "day" }, options => span("P1DT2.5H").round(options)),
  () => reads({ smallestUnit: "hour" }, options => PlainDateTime.from("2020-01-01").until("2020-01-02T12:30", options)),
  () => reads({}, options => PlainDateTime.from("2020-01-01").toString(options)),
  () => reads({}, options => Instant.from("2020-01-01T00Z").toString(options)),
  () => reads({ month: 5 }, bag => date("2020-01-01").with(bag)),
  () => reads({ hours: 1 }, bag => span("P1D").with(bag)),
  () => Object.getOwnPropertyNames(Duration.prototype).map(name => outcome(() => Reflect.get(Duration.prototype, name, {})?.call?.({}))),
  () => [date("2020-01-01"), PlainTime.from("12:00"), span("P1D"), Instant.from("2020-01-01T00Z"), PlainMonthDay.from("01-01")].map(value => outcome(() => +value)),
  () => outcome(() => structuredClone(date("2020-01-01"))) + outcome(() => structuredClone(Temporal)) + outcome(() => structuredClone(Temporal.Now)),
  () => structuredClone({ [Symbol.toStringTag]: "Temporal.PlainDate", a: 1 }).a,
  () => console.log(date("2020-01-01"), span("P1D"), [span("P1D")], { at: Instant.from("2020-01-01T00Z") }, Temporal),
  () => JSON.stringify({ date: date("2020-01-01[u-ca=roc]"), time: PlainTime.from("12:00"), span: span("PT1M") }),
  () => new (class extends PlainDate {})(2020, 1, 1).add("P1D").constructor === PlainDate,
  () => [new Date(1.5).toTemporalInstant().toString(), outcome(() => new Date(NaN).toTemporalInstant()), outcome(() => Date.prototype.toTemporalInstant.call({}))],
  () => date("2020-01-31").toPlainYearMonth().toPlainDate({ day: 30 }).toPlainMonthDay().toPlainDate({ year: 1 }).toPlainDateTime("12:30").toString(),
];
