// SPDX-License-Identifier: MPL-2.0
// Temporal.Instant, ZonedDateTime and Now.

import { attempt, each, named } from "resource://testing-common/temporal.sys.mjs";

const { Duration, Instant, Now, PlainDate, PlainDateTime, PlainTime, ZonedDateTime } = Temporal;
const instant = text => Instant.from(text);
const zoned = text => ZonedDateTime.from(text);
const MOST = 8640000000000000000000n;
const UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const MODES = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"];
const PARTS = ["era", "eraYear", "year", "month", "monthCode", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond", "epochMilliseconds", "epochNanoseconds", "dayOfWeek", "dayOfYear", "weekOfYear", "yearOfWeek", "hoursInDay", "daysInWeek", "daysInMonth", "daysInYear", "monthsInYear", "inLeapYear", "offsetNanoseconds", "offset", "calendarId", "timeZoneId"];
const NO_TYPES = [undefined, null, 5, 5n, true, Symbol("s"), {}, [], () => {}, "", new Date(0), new Duration(1), new PlainDate(2020, 1, 1), new PlainDateTime(2020, 1, 1)];
const NUMBERS = [0n, 1n, -1n, MOST, -MOST, MOST + 1n, -MOST - 1n, 0, 1.5, "5", "x", "", null, undefined, true, {}, Symbol("s"), [7n], { valueOf: () => 9n }, 10n ** 40n];
const MOMENTS = ["2020-01-01T00:00Z", "1969-12-31T23:59:59.999999999Z", "1976-11-18T15:23:30.123456789Z", "1890-06-01T00:00Z", "-271821-04-20T00:00Z", "+275760-09-13T00:00Z"];
const STEPS = ["PT1H", "-PT1H", "PT0.000000001S", "PT25H30M", "P1D", "P1W", "P1M", "P1Y", "PT2400000000H", "-PT4800000001H"];
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia", "America/Santiago", "Asia/Pyongyang", "Europe/Brussels", "Africa/Cairo", "+05:30", "-00:01", "Antarctica/Troll", "Pacific/Kwajalein", "Europe/Lisbon", "America/Toronto"];
/** In and around gaps and overlaps, days that begin late, and a day that never was. */
const PLACES = ["2020-03-29T02:30[Europe/Berlin]", "2020-10-25T02:30[Europe/Berlin]", "2020-03-28T02:30[Europe/Berlin]", "2020-10-24T02:30[Europe/Berlin]", "2018-11-04T00:30[America/Sao_Paulo]", "2018-11-03T12:00[America/Sao_Paulo]", "2011-12-29T12:00[Pacific/Apia]", "2011-12-30T12:00[Pacific/Apia]", "2019-10-06T02:15[Australia/Lord_Howe]", "2020-04-05T01:45[Australia/Lord_Howe]",
  "1972-01-06T12:00[Africa/Monrovia]", "1919-03-31T00:10[America/Toronto]", "1883-11-18T12:02[America/New_York]", "1940-05-20T02:10[Europe/Brussels]", "2035-07-01T12:00[Europe/Berlin]", "2014-06-26T12:00[Africa/Cairo]", "-271821-04-20T00:00[UTC]", "+275760-09-13T00:00[UTC]", "2020-06-01T12:00[+05:30]"];
const BAGS = [{ year: 2020, month: 3, day: 29, hour: 2, minute: 30 }, { year: 2020, month: 10, day: 25, hour: 2, minute: 30 }, { year: 2020, month: 10, day: 25, hour: 2, minute: 30, offset: "+02:00" }, { year: 2020, month: 10, day: 25, hour: 2, minute: 30, offset: "+01:00" }, { year: 2020, month: 10, day: 25, hour: 2, minute: 30, offset: "+05:00" }, { year: 2020, month: 13, day: 40 }, { year: 2020, month: 1 }, { year: 2020, month: 1, day: 1, offset: "" }, { year: 2020, month: 1, day: 1, offset: 5 }, { year: 2020, month: 1, day: 1, offset: "Z" }, { year: 2020, month: 1, day: 1, offset: null }, { year: 2020, month: 1, day: 1, offset: { toString: () => "+01:00" } }, { year: 2020, month: 1, day: 1, offset: "+01:00:00.000000000" }, { year: 2020, month: 1, day: 1, calendar: "roc" }];
const NEAR = [["2020-03-28T12:00[Europe/Berlin]", "2020-03-29T12:00[Europe/Berlin]"], ["2020-03-28T02:30[Europe/Berlin]", "2020-03-29T03:15[Europe/Berlin]"], ["2020-10-24T12:00[Europe/Berlin]", "2020-10-25T12:00[Europe/Berlin]"], ["2020-10-25T02:30+02:00[Europe/Berlin]", "2020-10-25T02:30+01:00[Europe/Berlin]"], ["2020-10-26T02:30[Europe/Berlin]", "2020-10-25T02:30+02:00[Europe/Berlin]"], ["2020-01-31T12:00[Europe/Berlin]", "2021-03-01T11:00[Europe/Berlin]"], ["2011-12-28T12:00[Pacific/Apia]", "2011-12-31T12:00[Pacific/Apia]"], ["2018-11-03T00:00[America/Sao_Paulo]", "2018-11-05T00:00[America/Sao_Paulo]"], ["1890-01-01T00:00[Europe/Brussels]", "2035-12-31T23:00[Europe/Brussels]"], ["2020-01-01T00:00[UTC]", "2020-01-01T00:00[UTC]"], ["2020-01-01T00:00[UTC]", "2020-06-01T00:00[Asia/Tokyo]"]];

/** Where the clock goes back over midnight, from a day to the end of the one before. */
function overMidnight(step) {
  const z = zoned("2006-10-29T00:00[America/St_Johns]");
  const totals = ["year", "day", "hour"].map(unit => attempt(() => Duration.from(step).total({ unit, relativeTo: z })));
  const back = ["year", "day", "hour"].map(unit => attempt(() => Duration.from(step).negated().total({ unit, relativeTo: z.add("PT90M") })));
  return [totals, back, ...[["nanosecond", "trunc"], ["day", "expand"]].flatMap(([smallestUnit, roundingMode]) => [attempt(() => z.until(z.add(step), { largestUnit: "day", smallestUnit, roundingMode })), attempt(() => z.add(step).until(z, { largestUnit: "day", smallestUnit, roundingMode }))])];
}

export const probes = named([
  // Instant.
  () => Instant(0n),
  () => new Instant(),
  ...each(NUMBERS, value => new Instant(value)),
  ...each(NUMBERS, value => [attempt(() => Instant.fromEpochNanoseconds(value)), attempt(() => Instant.fromEpochMilliseconds(value))]),
  ...each([8.64e15, -8.64e15, 8.64e15 + 2, -0, 1e-5, NaN, "1e3"], value => Instant.fromEpochMilliseconds(value)),
  ...each(NO_TYPES, value => Instant.from(value)),
  () => Instant.from(new ZonedDateTime(5n, "UTC")),
  () => Instant.fromEpochSeconds ?? Instant.fromEpochMicroseconds,
  ...each(MOMENTS, text => { const i = instant(text); return [i.epochMilliseconds, i.epochNanoseconds, i.epochSeconds, String(i), i.toJSON()]; }),
  ...each(STEPS, step => MOMENTS.map(text => [attempt(() => instant(text).add(step)), attempt(() => instant(text).subtract(step))])),
  ...each(UNITS, unit => [attempt(() => instant("2020-01-01T00:00Z").until("2023-05-17T12:34:56.123456789Z", { largestUnit: unit })), attempt(() => instant("2020-01-01T00:00Z").until("2023-05-17T12:34:56.123456789Z", { smallestUnit: unit })), attempt(() => instant("2020-01-01T00:00Z").since("2023-05-17T12:34:56.123456789Z", { smallestUnit: unit, largestUnit: "hour", roundingMode: "halfExpand" })), attempt(() => instant("1976-11-18T14:23:30.123456789Z").round(unit)), attempt(() => instant("1976-11-18T14:23:30.123456789Z").toString({ smallestUnit: unit }))]),
  ...each(MODES, roundingMode => UNITS.slice(4).map(smallestUnit => ["1976-11-18T14:30:30.5005005Z", "1969-12-31T12:30:30.5005005Z"].map(text => [instant(text).round({ smallestUnit, roundingMode }), instant(text).until("1970-01-01T00:00Z", { smallestUnit, roundingMode }), instant(text).since("1970-01-01T00:00Z", { smallestUnit, roundingMode })]))),
  ...each(MODES, roundingMode => [0, 3, 5].map(fractionalSecondDigits => instant("1969-12-31T12:30:30.1234565Z").toString({ fractionalSecondDigits, roundingMode }))),
  ...each([1, 7, 12, 24, 25, 48, 60, 86400, 1440, 1000], roundingIncrement => UNITS.slice(4).map(smallestUnit => [attempt(() => instant("1976-11-18T14:23:30.123456789Z").round({ smallestUnit, roundingIncrement })), attempt(() => instant("1976-11-18T14:23:30.123456789Z").until("1976-11-20T00:00Z", { smallestUnit, roundingIncrement }))])),
  () => instant("2020-01-01T00:00Z").round(),
  () => instant("2020-01-01T00:00Z").round({}),
  () => instant("2020-01-01T00:00Z").round({ smallestUnit: "minute", roundingIncrement: 1440 }),
  () => instant("+275760-09-12T23:59:59.9Z").round("second"),
  ...each(["UTC", "+05:30", "America/New_York", "Africa/Monrovia", "Nowhere", undefined, null, "Europe/Brussels", 5, new ZonedDateTime(0n, "Asia/Tokyo")], timeZone => MOMENTS.slice(0, 4).map(text => attempt(() => instant(text).toString({ timeZone })))),
  ...each([...ZONES, 5, null, undefined, {}, new Date(0)], value => instant("1900-01-01T00:00Z").toZonedDateTimeISO(value)),
  () => instant("2020-01-01T00:00Z").toZonedDateTime,
  ...each(["1970-01-01T00:00Z", "1970-01-01T01:00+01:00", new ZonedDateTime(0n, "UTC"), "x", undefined], other => [attempt(() => new Instant(0n).equals(other)), attempt(() => Instant.compare(new Instant(0n), other))]),
  () => instant("-271821-04-20T00:00Z").until("+275760-09-13T00:00Z", { largestUnit: "nanosecond" }),
  () => instant("-271821-04-20T00:00Z").toString({ timeZone: "-23:59" }),
  () => [attempt(() => instant("2020-01-01T00:00Z").valueOf()), JSON.stringify(instant("2020-01-01T00:00Z")), new Date(0).toTemporalInstant(), attempt(() => new Date(NaN).toTemporalInstant()), attempt(() => Date.prototype.toTemporalInstant.call({})), new Date(-1).toTemporalInstant()],
  // ZonedDateTime.
  () => ZonedDateTime(0n, "UTC"),
  () => new ZonedDateTime(0n),
  () => new ZonedDateTime(0, "UTC"),
  ...each(NUMBERS, value => new ZonedDateTime(value, "UTC")),
  () => new ZonedDateTime(0n, "2020-01-01T00:00Z"),
  () => new ZonedDateTime(0n, "2020-01-01T00:00[UTC]"),
  () => new ZonedDateTime(0n, "UTC", "2020-01-01"),
  () => new ZonedDateTime(0n, "utc", "GREGORY"),
  () => new ZonedDateTime(0n, new ZonedDateTime(0n, "UTC")),
  () => new ZonedDateTime(0n, "UTC", null),
  ...each(PLACES, text => attempt(() => { const z = zoned(text); return PARTS.map(part => attempt(() => z[part])); })),
  ...each(PLACES, text => { const z = zoned(text); return [String(z), attempt(() => z.startOfDay()), attempt(() => z.getTimeZoneTransition("next")), attempt(() => z.getTimeZoneTransition("previous")), z.toInstant(), z.toPlainDate(), z.toPlainTime(), z.toPlainDateTime()]; }),
  ...each(ZONES, zone => { let z = new ZonedDateTime(-2600000000000000000n, zone); const list = []; for (let i = 0; i < 12 && z; i++) { z = z.getTimeZoneTransition({ direction: "next" }); list.push(String(z)); } return list; }),
  ...each(ZONES, zone => { let z = new ZonedDateTime(2000000000000000000n, zone); const list = []; for (let i = 0; i < 8 && z; i++) { z = z.getTimeZoneTransition({ direction: "previous" }); list.push(String(z)); } return list; }),
  ...each(ZONES, zone => [1850, 1890, 1900, 1916, 1919, 1940, 1945, 1970, 1972, 1980, 1999, 2011, 2018, 2024, 2037, 2050, 2100, 9999].map(year => new PlainDateTime(year, 7, 1, 12).toZonedDateTime(zone).offset)),
  ...each(["next", "previous", "x", undefined, null, {}, { direction: "next" }, { direction: "up" }, 5], direction => zoned("2020-01-01[Europe/Berlin]").getTimeZoneTransition(direction)),
  ...each(BAGS, bag => ["Europe/Berlin", "UTC", "+05:30", undefined].map(timeZone => attempt(() => ZonedDateTime.from({ ...bag, timeZone })))),
  ...each(["compatible", "earlier", "later", "reject", "x", undefined], disambiguation => BAGS.slice(0, 5).map(bag => attempt(() => ZonedDateTime.from({ ...bag, timeZone: "Europe/Berlin" }, { disambiguation })))),
  ...each(["use", "ignore", "prefer", "reject", "x", undefined], offset => [...BAGS.slice(0, 5).map(bag => attempt(() => ZonedDateTime.from({ ...bag, timeZone: "Europe/Berlin" }, { offset }))), ...["2020-10-25T02:30+02:00[Europe/Berlin]", "2020-10-25T02:30+05:00[Europe/Berlin]", "2020-10-25T02:30Z[Europe/Berlin]", "2020-10-25T02:30[Europe/Berlin]", "1972-01-06T12:00-00:45[Africa/Monrovia]", "1971-01-06T12:00-00:45[Africa/Monrovia]", "1971-01-06T12:00-00:44:30[Africa/Monrovia]", "1971-01-06T12:00-00:44:40[Africa/Monrovia]"].map(text => attempt(() => ZonedDateTime.from(text, { offset })))]),
  ...each(NO_TYPES, value => ZonedDateTime.from(value)),
  () => ZonedDateTime.from("2020-01-01[UTC]", null),
  ...each([{ hour: 2 }, { day: 29 }, { offset: "+01:00" }, { offset: "+05:00" }, { month: 10, day: 25 }, { minute: 99 }, {}, { timeZone: "UTC" }, { calendar: "iso8601" }, { offset: undefined, hour: 3 }, { offset: 5 }, { offset: "x" }, { year: 1850 }, null, { hour: 2, offset: "+02:00" }],
    change => ["2020-03-29T03:30[Europe/Berlin]", "2020-10-25T02:30+02:00[Europe/Berlin]", "2020-10-25T02:30+01:00[Europe/Berlin]"].map(text => ["use", "ignore", "prefer", "reject", undefined].map(offset => attempt(() => zoned(text).with(change, { offset }))))),
  ...each([undefined, "02:30", "12:00", null, {}, { hour: 7 }, new PlainTime(1)], value => ["2020-03-29T12:00[Europe/Berlin]", "2018-11-04T12:00[America/Sao_Paulo]"].map(text => attempt(() => zoned(text).withPlainTime(value)))),
  ...each([...ZONES, undefined, null, 5, "Nowhere"], value => zoned("2020-06-01T12:00[Europe/Berlin]").withTimeZone(value)),
  ...each([...STEPS.slice(0, 8), "P1M1DT1H", "-P1Y2M3DT4H", "PT24H", "P366D"], step => PLACES.slice(0, 16).map(text => [attempt(() => zoned(text).add(step)), attempt(() => zoned(text).subtract(step))])),
  () => zoned("2020-01-31[UTC]").add("P1M", { overflow: "reject" }),
  () => zoned("2020-01-31[UTC]").add({ month: 1 }),
  ...each(NEAR, ([one, other]) => UNITS.map(largestUnit => [attempt(() => zoned(one).until(other, { largestUnit })), attempt(() => zoned(one).since(other, { largestUnit })), attempt(() => zoned(other).until(one, { largestUnit }))])),
  ...each(NEAR, ([one, other]) => UNITS.map(smallestUnit => [attempt(() => zoned(one).until(other, { smallestUnit, largestUnit: "year", roundingMode: "halfExpand" })), attempt(() => zoned(one).since(other, { smallestUnit, roundingMode: "ceil" }))])),
  ...each(MODES, roundingMode => UNITS.map(smallestUnit => [attempt(() => zoned("2019-01-08T08:22:36.123456789[Europe/Berlin]").until("2021-09-07T12:39:40.987654321[Europe/Berlin]", { smallestUnit, roundingMode })), attempt(() => zoned("2019-01-08T08:22:36.123456789[Europe/Berlin]").since("2021-09-07T12:39:40.987654321[Europe/Berlin]", { smallestUnit, roundingMode }))])),
  ...each(MODES, roundingMode => PLACES.slice(0, 12).map(text => ["day", "hour", "minute"].map(smallestUnit => attempt(() => zoned(text).round({ smallestUnit, roundingMode }))))),
  ...each([2, 7, 12, 24, 30, 60], roundingIncrement => UNITS.slice(3).map(smallestUnit => attempt(() => zoned("2020-10-25T02:30:12.345678901+01:00[Europe/Berlin]").round({ smallestUnit, roundingIncrement })))),
  () => [attempt(() => zoned("2020-01-01[UTC]").round()), attempt(() => zoned("2020-01-01[UTC]").round({})), attempt(() => zoned("2020-01-01[UTC]").round("week")), zoned("2020-01-01T12:00[UTC]").round("days")],
  ...each(["2020-01-01T00:00[UTC]", "2020-01-01T00:00[Etc/UTC]", "2020-01-01T00:00[GMT]", "2020-01-01T00:00[+00:00]", "2020-01-01T01:00[Europe/Berlin]", "2020-01-01T00:00[UTC][u-ca=gregory]", undefined, "x"], other => [attempt(() => zoned("2020-01-01T00:00[UTC]").equals(other)), attempt(() => ZonedDateTime.compare("2020-01-01T00:00[UTC]", other))]),
  ...each([["Asia/Calcutta", "Asia/Kolkata"], ["Europe/Kiev", "Europe/Kyiv"], ["US/Pacific", "America/Los_Angeles"], ["+01:00", "+01"], ["Etc/GMT", "Etc/UTC"], ["America/Toronto", "America/Montreal"], ["Europe/Oslo", "Europe/Berlin"], ["Atlantic/Reykjavik", "Africa/Abidjan"], ["Asia/Saigon", "Asia/Ho_Chi_Minh"], ["EST", "America/Panama"], ["Africa/Asmara", "Africa/Nairobi"]], ([one, other]) => [new ZonedDateTime(0n, one).equals(new ZonedDateTime(0n, other)), new ZonedDateTime(0n, one).timeZoneId]),
  ...each([{ offset: "never" }, { offset: "auto" }, { offset: "x" }, { timeZoneName: "never" }, { timeZoneName: "critical" }, { timeZoneName: "x" }, { calendarName: "always" }, { calendarName: "critical", timeZoneName: "critical", offset: "never" }, { smallestUnit: "minute" }, { smallestUnit: "hour" }, { fractionalSecondDigits: 2, roundingMode: "ceil" }, { smallestUnit: "second", roundingMode: "halfExpand" }, null, undefined], options => ["2020-12-31T23:59:59.999[Europe/Berlin]", "1971-01-06T12:00[Africa/Monrovia]", "2020-10-25T02:59:59.9+02:00[Europe/Berlin]"].map(text => attempt(() => zoned(text).toString(options)))),
  () => { const z = zoned("2020-01-01T00:00[UTC]"); return [attempt(() => z.valueOf()), attempt(() => z < z), `${z}`, JSON.stringify([z]), Object.keys(z)]; },
  ...each(["P1D", "PT504S", "PT61S", "PT1H", "PT2H", "PT30S"], step => overMidnight(step)),
  // Now.
  () => [Object.prototype.toString.call(Now), Reflect.ownKeys(Now).map(String), attempt(() => new Now()), attempt(() => Now())],
  () => [Now.timeZoneId(), Now.zonedDateTimeISO().timeZoneId, Now.zonedDateTimeISO("+05:30").timeZoneId],
  () => [Now.instant(), Now.plainDateISO(), Now.plainTimeISO(), Now.plainDateTimeISO(), Now.zonedDateTimeISO()].map(value => Object.prototype.toString.call(value)),
  () => Math.abs(Now.instant().epochMilliseconds - Date.now()) < 1000,
  () => Math.abs(Number(Now.plainDateTimeISO("Asia/Tokyo").toZonedDateTime("Asia/Tokyo").epochMilliseconds) - Date.now()) < 1000,
  ...each(["Nowhere", null, 5, "2020-01-01T00:00+05:00", new ZonedDateTime(0n, "Asia/Tokyo"), {}], value => [attempt(() => Now.zonedDateTimeISO(value).timeZoneId), attempt(() => typeof Now.plainDateISO(value)), attempt(() => typeof Now.plainTimeISO(value)), attempt(() => typeof Now.plainDateTimeISO(value))]),
]);
