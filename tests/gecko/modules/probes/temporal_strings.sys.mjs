// SPDX-License-Identifier: MPL-2.0
// Temporal: text that is parsed, by each type, and text of durations, zones and calendars.

import { attempt, each, named } from "resource://testing-common/temporal.sys.mjs";

const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } = Temporal;
const EPOCH = new Instant(0n);
const A_DATE = new PlainDate(2020, 1, 1);
const TYPES = [Instant, PlainDate, PlainTime, PlainDateTime, PlainYearMonth, PlainMonthDay, ZonedDateTime];

const parse = text => TYPES.map(type => attempt(() => type.from(text)));
const zone = text => [() => EPOCH.toZonedDateTimeISO(text).timeZoneId, () => new ZonedDateTime(0n, text).timeZoneId].map(attempt);
const calendar = text => [() => A_DATE.withCalendar(text).calendarId, () => new PlainDate(2020, 1, 1, text).calendarId].map(attempt);
const relativeTo = text => attempt(() => Duration.from("P1M").total({ unit: "hour", relativeTo: text }));

const DATES = ["2020-01-01", "20200101", "2020-1-1", "2020-01", "202001", "01-01", "0101", "--01-01", "--0101", "-01-01", "2020",
  "+002020-01-01", "+0020200101", "-000001-12-31", "-000000-01-01", "-0000000101", "\u2212002020-01-01", "+2020-01-01", "+00202-01-01",
  "2020-00-01", "2020-13-01", "2020-02-30", "2020-02-29", "2019-02-29", "2020-0101", "202001-01", "2020-001", "2020-W01-1",
  "2020-01-01 ", " 2020-01-01", "2020-01-00", "2020-01-32", "2020/01/01", "2020-01-01\0", "\uff12020-01-01", "--02-29", "02-30",
  "--13-01", "02-29", "+002020-01", "-000000-01", "2020-13", "2020-00", "0000-01-01", "+000000-01-01", "12-31", "--12-31T00:00"];
const DATE_TIMES = ["T", "T00", "T00:00", "T0000", "T00:0000", "T000000", "T00:00:00", "T00:00:60", "T00:00:61", "T23:59:60.5", "T24:00",
  "T00:60", "t00:00", " 00:00", "  00:00", "T 00:00", "T00:00:00.", "T00:00:00.1", "T00:00:00,1", "T00:00:00.123456789",
  "T00:00:00.1234567890", "T00.5", "T00:00.5", "T0000.5", "T000000.5", "T00:00:00.1e5", "T1:00", "T-01:00", "_00:00", "T00:00 ",
  "T00:00[u-ca=iso8601] "].map(time => `2020-01-01${time}`);
const OFFSETS = ["Z", "z", "+01", "+0100", "+01:00", "+01:00:00", "+010000", "+01:00:00.5", "+01:00:00.123456789", "+01:00:00.1234567890",
  "+01:0000", "+0100:00", "-00:00", "+24:00", "+23:59", "-23:59", "+23:59:59.999999999", "+23:60", "\u221201:00", "Z+01:00", "+1", "+01:",
  "+01:00:", "-01:00:00,5", " +01:00", "UTC", "Z[UTC]", "z[utc]", "+00:00[UTC]", "[UTC]", "+01:00[UTC]", "Z[+01:00]", "+01:00[+01:00]",
  "+01:00[+0100]", "+01[+01]", "-00:00[-00:00]", "+01:00[+02:00]", "[+01:00]", "[+01:00:00]", "[+01:00:01]", "[+24:00]", "[+1:00]",
  "Z[Europe/Berlin]", "+01:00[Europe/Berlin]", "+01:00:00[Europe/Berlin]", "+02:00[Europe/Berlin]", "[Europe/Berlin]", "[europe/BERLIN]",
  "[!Europe/Berlin]", "[Europe/Berlin ]", "[Z]", "+01:00:01[+01:00]"].map(offset => `2020-01-01T00:00${offset}`);
const DATES_WITH_OFFSET = ["2020-01-01Z", "2020-01-01+01:00", "2020-01-01[UTC]", "2020-01-01[Europe/Berlin]", "2020-01-01Z[UTC]", "2020-01[UTC]",
  "01-01[UTC]", "2020-01+01:00", "01-01Z", "2020-01Z", "T12:00[UTC]", "12:00Z"];
const ANNOTATIONS = ["[u-ca=iso8601]", "[u-ca=ISO8601]", "[!u-ca=iso8601]", "[u-ca=gregory]", "[u-ca=buddhist]", "[u-ca=roc]", "[u-ca=japanese]",
  "[U-CA=gregory]", "[u-ca=gregorian]", "[u-ca=ethiopic-amete-alem]", "[u-ca=iso8601][u-ca=gregory]", "[u-ca=gregory][u-ca=iso8601]",
  "[u-ca=iso8601][!u-ca=gregory]", "[!u-ca=iso8601][u-ca=gregory]", "[u-ca=iso8601][u-ca=nothing]", "[u-ca=nothing]", "[!u-ca=nothing]", "[u-ca=]",
  "[u-ca=iso8601", "u-ca=iso8601]", "[u-ca]", "[foo=bar]", "[!foo=bar]", "[foo=bar-baz-1]", "[_foo=bar]", "[foo-bar_1=x]", "[FOO=bar]",
  "[fOo=bar]", "[foo=ba_r]", "[foo=]", "[=bar]", "[foo=bar][foo=bar]", "[foo=bar][!foo=bar]", "[1foo=bar]", "[foo=bar-]", "[foo=-bar]",
  "[foo=BAR]", "[UTC][u-ca=iso8601]", "[UTC][!u-ca=gregory]", "[UTC][UTC]", "[UTC][foo=bar]", "[foo=bar][UTC]", "[u-ca=gregory][UTC]", "[]",
  "[!]", "[UTC][!foo=bar]", "[!UTC][u-ca=iso8601][u-ca=gregory]", "[UTC][", "[UTC]]", "[[UTC]]"].map(text => `2020-01-01T00:00+00:00${text}`);
const MORE_ANNOTATED = ["2020-01-01[u-ca=gregory]", "2020-01[u-ca=iso8601]", "2020-01[u-ca=gregory]", "01-01[u-ca=iso8601]", "01-01[u-ca=gregory]",
  "2020-01-01[u-ca=japanese]", "--01-01[u-ca=roc]", "12:34[u-ca=iso8601]", "T12:34[u-ca=nothing]", "12:34[!foo=bar]", "12:34[foo=bar]"];
const TIMES = ["T12:34", "T12", "T1234", "12:34", "1234", "12", "1200", "1214", "0229", "0230", "0231", "1130", "1131", "1314", "202012", "202013", "2021-12",
  "2021-13", "2021-00", "12:34:56.7", "123456.789", "12:34+01:00", "12-14", "12-34", "T12-14", "T2021-12", "t1200", "12:34[UTC]", "12:34-08:00[America/Vancouver]",
  "24:00", "23:60", "23:59:60", "T", "", "t12", " 12:34", "12:34 ", "T12:34:56:78", "12:3", "1:23", "T12:34:56.123456789", "12+01", "1200-0100",
  "12-01", "13-01", "09-31", "09:31", "T0931", "10-31[UTC]", "1031[UTC]"];
const LIMITS = ["-271821-04-18", "-271821-04-19", "-271821-04-20", "+275760-09-13", "+275760-09-14", "-271821-04-19T00:00", "-271821-04-19T00:00:00.000000001",
  "-271821-04-20T00:00Z", "-271821-04-19T23:59:59.999999999Z", "-271821-04-20T00:00+00:00[UTC]", "-271821-04-19T23:00-01:00[-01:00]",
  "-271821-04-20T01:00+01:00", "-271821-04-20T00:30+01:00", "+275760-09-13T00:00Z", "+275760-09-13T00:00:00.000000001Z", "+275760-09-13T23:59:59.999999999",
  "+275760-09-13T01:00+01:00[+01:00]", "+275760-09-13T01:00+00:00", "+275760-09-12T23:59-00:01", "+275760-09-12T23:59:59.999999999-00:00:00.000000001",
  "+275760-09-13T00:00[UTC]", "+275760-09-13[UTC]", "-271821-04-20[UTC]", "-271821-04-19[-23:59]", "+999999-12-31", "-999999-01-01", "-271821-04", "-271821-03",
  "+275760-09", "+275760-10", "+999999-01", "-271821-04-19T00:00[UTC]", "1970-01-01T00:00:00.999999999Z", "1969-12-31T23:59:59.999999999Z",
  "+275760-09-13T23:59+23:59", "-271821-04-19T00:01-23:59"];
const DURATIONS = ["P1D", "p1d", "P1Y2M3W4DT5H6M7S", "PT1.5H", "PT1.5M", "PT1.5S", "PT1,5S", "PT0.000000001S", "PT0.0000000001S", "PT1H1.5M", "PT1.5H1M", "P1.5D",
  "P1W", "P1W1D", "P1D1W", "P1M1Y", "P", "PT", "P1DT", "+P1D", "-P1D", "\u2212P1D", "P-1D", "P+1D", "--P1D", " P1D", "P1D ", "P1", "P1S", "PT1D", "PT1H1H", "P0D",
  "-P0D", "PT0S", "PT.5S", "PT1.S", "PT1.5", "P4294967295Y", "P4294967296Y", "-P4294967295M", "P4294967296W", "PT9007199254740991S", "PT9007199254740992S",
  "PT9007199254740991.999999999S", "P104249991374DT7H36M31.999999999S", "P104249991374DT7H36M32S", "P99999999999999999999D", "PT1.123456789H", "PT0.123456789M",
  "-PT1.03125H", "P1Y1M1W1DT1H1M1.123456789S", "PT1H30", "P1YT", "PT1M1H", "P\uff11D", "P1Y1", "1D", "", "PT-1.5S", "-PT1.5S", "PT0.1S", "PT00000001S", "P1y2m3w4dT5h6m7s",
  "P1Yt1H", "PT9007199254740992000M", "PT2501999792983H", "PT2501999792984H", "P1D\0", "PT1.0000000000H", "PT1.1H1.1M", "P1YM", "P1e3D", "PT36028797018963968H"];
const ZONES = ["UTC", "utc", "Etc/UTC", "Etc/GMT", "GMT", "GMT0", "Etc/GMT+1", "Etc/GMT-14", "Etc/GMT-15", "Europe/Berlin", "europe/berlin", "EUROPE/BERLIN", "Asia/Calcutta",
  "Asia/Kolkata", "US/Pacific", "EST", "EST5EDT", "CET", "PST8PDT", "PST", "BST", "Europe/Nowhere", "", " ", "UTC ", "+01:00", "+0100", "+01", "-00:00", "+23:59", "+24:00", "+1",
  "+01:00:00", "+01:00:01", "+010000", "+01:0", "\u221201:00", "Z", "z", "2020-01-01", "2020-01-01T00:00", "2020-01-01T00:00Z", "2020-01-01T00:00+02:00", "2020-01-01T00:00+02:00:30",
  "2020-01-01T00:00[Asia/Tokyo]", "2020-01-01T00:00Z[Asia/Tokyo]", "2020-01-01T00:00+01:00[Asia/Tokyo]", "2020-01-01T00:00+01:00:30[Asia/Tokyo]", "2020-01-01T00:00Z[Nowhere]", "2020-01-01[Asia/Tokyo]", "2020-01-01[u-ca=gregory]",
  "12:00[UTC]", "T12:00+05:00", "2020-01[UTC]", "01-01[UTC]", "2020-01-01T00:00[u-ca=nothing][UTC]", "2020-01-01T00:00[UTC][u-ca=nothing]", "-000000-01-01T00:00Z", "+999999-01-01T00:00Z", "Foo/Bar",
  "Europe", "Europe/", "/Berlin", "Europe//Berlin", "..", "../etc", "Europe/Berlin\0", "posix/UTC", "right/UTC", "SystemV/EST5", "localtime", "posixrules", "Factory", "Asia/Katmandu",
  "America/Argentina/Buenos_Aires", "America/Buenos_Aires", "Africa/Asmera", "Pacific/Enderbury", "Antarctica/South_Pole", "GB", "NZ-CHAT", "UCT", "Zulu", "Universal", "Etc/Unknown", "ROC", "AET", "MST7MDT"];
const CALENDARS = ["iso8601", "ISO8601", "gregory", "GREGORY", "gregorian", "buddhist", "roc", "japanese", "", "iso", "nothing", "2020-01-01", "2020-01-01[u-ca=gregory]", "2020-01-01T00:00[u-ca=roc]",
  "2020-01-01T00:00Z[UTC][u-ca=japanese]", "2020-01[u-ca=buddhist]", "2020-01", "01-01", "01-01[u-ca=gregory]", "12:00", "T12:00[u-ca=gregory]", "12:00[u-ca=gregory]", "2020-01-01[u-ca=nothing]", "2020-01-01[!u-ca=gregory][u-ca=roc]",
  "2020-01-01[u-ca=gregory][u-ca=roc]", "\u0130so8601", "japanese ", "2020-01-01T00:00Z", "P1D"];
const RELATIVE = ["2020-02-01", "2020-02", "2020-02-01T12:00", "2020-02-01T12:00Z", "2020-02-01T12:00+01:00", "2020-02-01T12:00Z[UTC]", "2020-02-01[UTC]", "2020-02-01T00:00[Europe/Berlin]",
  "2020-03-01T00:00+01:00[Europe/Berlin]", "2020-03-01T00:00+02:00[Europe/Berlin]", "2020-03-01T00:00Z[Europe/Berlin]", "2020-02-01[u-ca=gregory]", "12:00", "", "2020-02-01T00:00[+01:00]", "-271821-04-19", "+275760-09-13",
  "-271821-04-19T00:00", "+275760-09-13[UTC]", "2020-02-30", "02-01", "2020-02-01T24:00", "1883-11-18T12:00-04:56:02[America/New_York]", "1883-11-01T12:00-04:56[America/New_York]", "1883-11-01T12:00-04:56:02[America/New_York]"];

export const probes = named([
  ...each([...DATES, ...DATE_TIMES, ...OFFSETS, ...DATES_WITH_OFFSET], text => parse(text)),
  ...each([...ANNOTATIONS, ...MORE_ANNOTATED, ...TIMES, ...LIMITS], text => parse(text)),
  ...each(DURATIONS, text => Duration.from(text)),
  ...each(ZONES, text => zone(text)),
  ...each(CALENDARS, text => calendar(text)),
  ...each(RELATIVE, text => relativeTo(text)),
]);
