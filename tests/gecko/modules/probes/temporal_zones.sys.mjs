// SPDX-License-Identifier: MPL-2.0
// Temporal.ZonedDateTime, Temporal.Now, and Temporal's objects in the words of a language. The two programs have zone data of
// different versions, so that times are past, and of zones that are no link of another in either version; so it is with the
// words of languages.

const { ZonedDateTime, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, Instant, Duration, Now } = Temporal;
const { DateTimeFormat } = Intl;

const zoned = (text, options) => ZonedDateTime.from(text, options);
const at = (ns, zone) => new ZonedDateTime(ns, zone);
const text = (from, options) => zoned(from, options).toString();

/** What is thrown is compared by its kind: the words differ. */
function kind(body) {
  try {
    return body();
  } catch (error) {
    return error.name;
  }
}

/** The local time in the zone by each way to disambiguate it. */
function ways(local, zone) {
  return ["compatible", "earlier", "later", "reject"].map(disambiguation =>
    kind(() => PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation }).toString()));
}

/** Texts with an offset that may not fit, by each option. */
function offsets(from, more = {}) {
  return ["use", "ignore", "prefer", "reject"].map(offset => kind(() => text(from, { offset, ...more })));
}

function transitions(zone, from, direction, count) {
  const found = [];
  let now = zoned(`${from}[${zone}]`);
  for (let i = 0; i < count && now; i++) {
    now = now.getTimeZoneTransition(direction);
    found.push(now && now.toString());
  }
  return found;
}

const BERLIN = "2024-03-05T14:06:07.089012345+01:00[Europe/Berlin]";

/** One of each kind, in the calendar that languages have. */
const ONE_OF_EACH = {
  date: new PlainDate(2024, 3, 5), dateTime: new PlainDateTime(2024, 3, 5, 14, 6, 7, 89), time: new PlainTime(14, 6, 7, 89),
  month: new PlainYearMonth(2024, 3, "gregory"), birthday: new PlainMonthDay(3, 5, "gregory"),
  instant: Instant.from("2024-03-05T14:06:07.089Z"), zoned: zoned(BERLIN),
};

function inWords(options, locale = "en") {
  return Object.entries(ONE_OF_EACH).map(([name, value]) => `${name}: ${kind(() => value.toLocaleString(locale, options))}`);
}

function formatted(options, locale = "en") {
  const formatter = new DateTimeFormat(locale, options);
  return Object.entries(ONE_OF_EACH).map(([name, value]) => `${name}: ${kind(() => formatter.format(value))}`);
}

/** A log of what is read, and in which order. */
function reads(bag, body) {
  const log = [];
  kind(() => body(new Proxy(bag, {
    get(target, name) {
      log.push(String(name));
      return target[name];
    },
  })));
  return log.join();
}

export const probes = [
  // Identifiers.
  () => ["europe/berlin", "EUROPE/BERLIN", "asia/calcutta", "utc", "etc/utc", "ETC/gmt+3", "us/pacific", "America/argentina/buenos_aires", "est5edt", "gmt0", "port-au-prince", "america/port-au-prince"].map(name => kind(() => at(0n, name).timeZoneId)),
  () => ["+01:00", "+0100", "+01", "-00:00", "+23:59", "-23:59", "+24:00", "+01:60", "+01:00:00", "+01:00:30", "+1", "01:00", "\u221201:00"].map(name => kind(() => at(0n, name).timeZoneId)),
  () => ["", " ", "Berlin", "Europe", "Europe/", "/Europe/Berlin", "../Europe/Berlin", "Europe/../Europe/Berlin", "Europe//Berlin", "posix/Europe/Berlin", "right/UTC", "localtime", "posixrules", "tzdata.zi", "Factory", "Europe/Berlin\0", "Europe/Berl\u0131n", "X".repeat(1000), "PST", "CEST", "GMT+1", "2020-01-01T00:00[UTC]"].map(name => kind(() => at(0n, name).timeZoneId)),
  () => [5, null, undefined, {}, Symbol.iterator, 5n, true].map(value => kind(() => at(0n, value).timeZoneId)),
  () => [["Asia/Calcutta", "Asia/Kolkata"], ["Europe/Oslo", "Europe/Berlin"], ["UTC", "Etc/UTC"], ["UTC", "GMT"], ["Etc/GMT0", "Zulu"], ["UTC", "+00:00"], ["+01:00", "+0100"], ["EST", "America/Panama"], ["Atlantic/Reykjavik", "Iceland"], ["Africa/Abidjan", "Iceland"], ["US/Pacific", "America/Los_Angeles"], ["Africa/Asmera", "Africa/Asmara"], ["Africa/Asmera", "Africa/Nairobi"], ["Europe/Bratislava", "Europe/Prague"], ["Antarctica/South_Pole", "Antarctica/McMurdo"], ["Atlantic/Jan_Mayen", "Arctic/Longyearbyen"]].map(([one, two]) => at(0n, one).equals(at(0n, two))),
  () => at(0n, "Asia/Calcutta").withTimeZone("asia/kolkata").timeZoneId,
  () => ["2020-01-01T00:00Z", "2020-01-01T00:00+02:00", "2020-01-01T00:00+02:00[Asia/Tokyo]", "2020-01-01T00:00Z[!Europe/Paris]", "2020-01-01[+05:30]", "2020-01-01T00:00", "2020-01-01T00:00+02:00:30", "11:00[Europe/Paris]"].map(value => kind(() => at(0n, "UTC").withTimeZone(value).timeZoneId)),

  // The constructor and what it has.
  () => [kind(() => ZonedDateTime(0n, "UTC")), kind(() => new ZonedDateTime(0, "UTC")), kind(() => new ZonedDateTime(0n)), kind(() => new ZonedDateTime("7", "UTC").epochNanoseconds), kind(() => new ZonedDateTime(true, "UTC").epochNanoseconds), kind(() => new ZonedDateTime(0n, "UTC", "foo")), kind(() => new ZonedDateTime(0n, "UTC", 5)), new ZonedDateTime(0n, "UTC", "GREGORY").calendarId, kind(() => new ZonedDateTime(8640000000000000000001n, "UTC"))],
  () => { const z = zoned(BERLIN); return [z.year, z.month, z.monthCode, z.day, z.hour, z.minute, z.second, z.millisecond, z.microsecond, z.nanosecond, z.epochMilliseconds, z.epochNanoseconds, z.dayOfWeek, z.dayOfYear, z.weekOfYear, z.yearOfWeek, z.hoursInDay, z.daysInWeek, z.daysInMonth, z.daysInYear, z.monthsInYear, z.inLeapYear, z.offsetNanoseconds, z.offset, z.era, z.eraYear, z.calendarId, z.timeZoneId]; },
  () => { const z = new ZonedDateTime(-1n, "Europe/Berlin", "gregory"); return [z.era, z.eraYear, z.epochMilliseconds, z.nanosecond, String(z)]; },
  () => Object.prototype.toString.call(zoned(BERLIN)),
  () => [kind(() => zoned(BERLIN) < 5), kind(() => `${zoned(BERLIN)}`), JSON.stringify({ z: zoned(BERLIN) }), kind(() => ZonedDateTime.prototype.toJSON.call({})), kind(() => ZonedDateTime.prototype.year)],

  // Gaps and overlaps.
  () => ways("2024-03-31T02:30", "Europe/Berlin"),
  () => ways("2024-10-27T02:30", "Europe/Berlin"),
  () => ways("2024-10-06T02:10", "Australia/Lord_Howe"),
  () => ways("2024-04-07T01:45", "Australia/Lord_Howe"),
  () => ways("2011-12-30T12:00", "Pacific/Apia"),
  () => ways("2019-03-31T01:30", "Antarctica/Troll"),
  () => ways("2019-05-05T02:30", "Africa/Casablanca"),
  () => ways("1968-10-27T00:00", "Europe/Dublin"),
  () => ways("1972-01-07T00:10", "Africa/Monrovia"),
  () => ways("1893-04-01T00:03:30.5", "Europe/Berlin"),
  () => ways("2018-11-04T00:30", "America/Sao_Paulo"),
  () => ways("1883-11-18T12:01", "America/New_York"),
  () => ways("2020-01-01T00:00", "+05:30"),
  () => ["later", "", null, 5, "Reject"].map(disambiguation => kind(() => text("2024-03-31T02:30[Europe/Berlin]", { disambiguation }))),

  // Offsets in texts.
  () => offsets("2024-07-01T12:00+01:00[Europe/Berlin]"),
  () => offsets("2024-10-27T02:30+02:00[Europe/Berlin]"),
  () => offsets("2024-10-27T02:30+01:00[Europe/Berlin]"),
  () => offsets("2024-10-27T02:30+05:00[Europe/Berlin]", { disambiguation: "later" }),
  () => offsets("2024-03-31T02:30+01:00[Europe/Berlin]"),
  () => offsets("2024-03-31T02:30Z[Europe/Berlin]"),
  () => offsets("1971-12-01T12:00-00:45[Africa/Monrovia]"),
  () => offsets("1971-12-01T12:00-00:44:30[Africa/Monrovia]"),
  () => offsets("1971-12-01T12:00-00:44:40[Africa/Monrovia]"),
  () => offsets("1971-12-01T12:00-00:44[Africa/Monrovia]"),
  () => offsets("1971-12-01T12:00-00:45:00[Africa/Monrovia]"),
  () => kind(() => zoned({ year: 1971, month: 12, day: 1, offset: "-00:45", timeZone: "Africa/Monrovia" }).toString()),
  () => kind(() => zoned({ year: 1971, month: 12, day: 1, offset: "-00:44:30", timeZone: "Africa/Monrovia" }).toString({ smallestUnit: "second" })),
  () => [zoned("1971-12-01T12:00[Africa/Monrovia]").offset, zoned("1880-01-01T12:00[Europe/Berlin]").offset, zoned("1880-01-01T12:00[Europe/Berlin]").offsetNanoseconds, text("1880-01-01T12:00[Europe/Berlin]")],
  () => ["2020-01-01", "2020-01-01T00:00", "2020-01-01T00:00Z", "2020-01-01T00:00[Nowhere/Here]", "2020-01-01T00:00+01:00", "2020-01-01T25:00[UTC]", "2020-01-01[UTC]", "2020-01-01T00:00[u-ca=gregory][UTC]", "2020-01-01T00:00[UTC][u-ca=gregory]", "2020-01-01T00:00[UTC][x-y=z]", "2020-01-01T00:00[UTC][!x-y=z]", "2020-01-01T23:59:60[UTC]", "-000000-01-01[UTC]", "20200101T000000Z[utc]"].map(value => kind(() => text(value))),
  () => [{ year: 2020, month: 1, day: 1 }, { timeZone: "UTC" }, { year: 2020, month: 13, day: 40, hour: 30, timeZone: "UTC" }, { year: 2020, monthCode: "M02", day: 30, timeZone: "UTC", calendar: "iso8601" }, { year: 2020, month: 1, day: 1, timeZone: 5 }, { year: 2020, month: 1, day: 1, timeZone: "UTC", offset: "01:00" }, { year: 2020, month: 1, day: 1, timeZone: "UTC", offset: 5 }].map(value => kind(() => text(value))),
  () => reads({ year: 2020, month: 1, day: 1, timeZone: "UTC", hour: 3 }, bag => zoned(bag)),
  () => reads({ offset: "use" }, options => zoned(BERLIN, options)),
  () => reads({}, options => zoned(BERLIN).toString(options)),
  () => reads({ minute: 3 }, bag => zoned(BERLIN).with(bag)),
  () => reads({ smallestUnit: "hour" }, options => zoned(BERLIN).round(options)),

  // The ends of time.
  () => [at(8640000000000000000000n, "Europe/Paris"), at(8640000000000000000000n, "Australia/Lord_Howe"), at(-8640000000000000000000n, "America/New_York"), at(-8640000000000000000000n, "+14:00")].map(String),
  () => ["+275760-09-13T00:00+00:00[UTC]", "+275760-09-13T02:00+02:00[Europe/Paris]", "+275760-09-13T02:00:00.000000001[Europe/Paris]", "-271821-04-20T00:00[UTC]", "-271821-04-19T23:59[UTC]", "-271821-04-20T00:00[+01:00]"].map(value => kind(() => text(value))),
  () => kind(() => at(8640000000000000000000n, "UTC").hoursInDay),
  () => kind(() => at(-8640000000000000000000n, "-01:00").startOfDay().toString()),
  () => [2300, 2999, 10000, 99999, 200000].flatMap(year => [`+${String(year).padStart(6, "0")}-01-15T12:00[Europe/Paris]`, `+${String(year).padStart(6, "0")}-07-15T12:00[America/New_York]`].map(value => zoned(value).offset)),

  // Transitions.
  () => transitions("Europe/Berlin", "2024-01-01", "next", 3),
  () => transitions("Europe/Berlin", "1900-01-01", "previous", 3),
  () => transitions("Europe/Dublin", "1967-01-01", "next", 4),
  () => transitions("Australia/Lord_Howe", "2024-01-01", "previous", 2),
  () => transitions("Pacific/Apia", "2012-01-01", "previous", 2),
  () => transitions("Africa/Casablanca", "2019-01-01", "next", 3),
  () => transitions("America/Caracas", "2000-01-01", "next", 3),
  () => transitions("Europe/Paris", "+050000-01-01", "next", 2),
  () => transitions("UTC", "2020-01-01", "next", 1),
  () => transitions("+01:00", "2020-01-01", "previous", 1),
  () => transitions("Asia/Tokyo", "2020-01-01", "next", 1),
  () => { const now = zoned("2024-03-31T03:00[Europe/Berlin]"); return ["next", "previous"].map(direction => String(now.getTimeZoneTransition(direction))); },
  () => { const now = zoned("2024-03-31T03:00:00.000000001[Europe/Berlin]"); return String(now.getTimeZoneTransition({ direction: "previous" })); },
  () => [undefined, {}, "", "now", null, 5, { direction: undefined }].map(value => kind(() => zoned(BERLIN).getTimeZoneTransition(value).toString())),

  // Days.
  () => ["2024-03-31[Europe/Berlin]", "2024-10-27[Europe/Berlin]", "2024-10-06[Australia/Lord_Howe]", "2011-12-29[Pacific/Apia]", "2018-11-04[America/Sao_Paulo]", "1893-04-01[Europe/Berlin]", "2020-01-01[UTC]"].map(value => [zoned(value).hoursInDay, zoned(value).startOfDay().toString()]),
  () => zoned("2018-11-04T12:00[America/Sao_Paulo]").withPlainTime().toString(),
  () => ["02:30", "12:34:56.789", { hour: 30 }, undefined, null, 5, new PlainTime(3), {}].map(value => kind(() => zoned("2024-03-31T12:00[Europe/Berlin]").withPlainTime(value).toString())),
  () => [{ hour: 2 }, { day: 27, month: 10, hour: 2 }, { offset: "+05:00" }, { year: 2025 }, { monthCode: "M02", day: 31 }, { timeZone: "UTC" }, { calendar: "iso8601" }, {}, 5, new PlainDate(2020, 1, 1)].map(value => kind(() => zoned("2024-03-31T12:30[Europe/Berlin]").with(value).toString())),
  () => ["prefer", "use", "ignore", "reject"].map(offset => kind(() => zoned("2024-10-27T02:30+01:00[Europe/Berlin]").with({ minute: 40 }, { offset }).toString())),
  () => [zoned(BERLIN).withCalendar("gregory"), zoned(BERLIN).withTimeZone("Asia/Kathmandu"), zoned(BERLIN).withTimeZone(at(0n, "America/St_Johns"))].map(String),

  // Adding and counting.
  () => [{ days: 1 }, { hours: 24 }, { days: 1, hours: 1 }, { months: 1 }, { years: -1, minutes: 30 }, "P1W", "-PT24H", { weeks: 1e9 }, {}, 5].map(value => kind(() => zoned("2024-03-30T02:30[Europe/Berlin]").add(value).toString())),
  () => [{ days: 1 }, { hours: 24 }, { months: 1 }].map(value => zoned("2024-04-01T02:30[Europe/Berlin]").subtract(value).toString()),
  () => [{ months: 1 }, { months: 1, days: 1 }].map(value => ["constrain", "reject"].map(overflow => kind(() => zoned("2024-01-31T02:30[Europe/Berlin]").add(value, { overflow }).toString()))),
  () => zoned("2011-12-29T12:00[Pacific/Apia]").add({ days: 1 }).toString(),
  () => ["year", "month", "week", "day", "hour", "minute", "nanosecond", "auto", "hours"].map(largestUnit => kind(() => zoned("2023-10-29T01:30[Europe/Berlin]").until(zoned("2024-03-31T03:15[Europe/Berlin]"), { largestUnit }).toString())),
  () => ["year", "month", "week", "day", "hour", "minute"].map(largestUnit => zoned("2023-10-29T01:30[Europe/Berlin]").since(zoned("2024-03-31T03:15[Europe/Berlin]"), { largestUnit }).toString()),
  () => ["year", "month", "week", "day", "hour", "minute"].flatMap(smallestUnit => ["trunc", "ceil", "halfExpand", "halfEven"].map(roundingMode => kind(() => zoned("2024-03-01T01:30[America/New_York]").until(zoned("2024-03-11T14:45:10[America/New_York]"), { smallestUnit, largestUnit: "year", roundingMode }).toString()))),
  () => zoned("2024-03-30T12:00[Europe/Berlin]").until("2024-03-31T12:00[Europe/Berlin]", { largestUnit: "day", smallestUnit: "hour", roundingIncrement: 12 }).toString(),
  () => [zoned("2024-01-01[Europe/Berlin]").until("2024-01-02[Europe/Paris]").toString(), kind(() => zoned("2024-01-01[Europe/Berlin]").until("2024-01-02[Europe/Paris]", { largestUnit: "day" })), zoned("2024-01-01[Asia/Calcutta]").until("2024-01-03[Asia/Kolkata]", { largestUnit: "day" }).toString(), kind(() => zoned("2024-01-01[UTC]").until("2024-01-02[UTC][u-ca=gregory]"))],
  () => [zoned("2011-12-31T12:00[Pacific/Apia]").since("2011-12-28T12:00[Pacific/Apia]", { largestUnit: "day" }).toString(), zoned("2011-12-28T12:00[Pacific/Apia]").until("2011-12-31T11:00[Pacific/Apia]", { largestUnit: "day" }).toString()],
  () => ["day", "hour", "minute", "second", "millisecond", "nanosecond", "month", undefined].map(smallestUnit => kind(() => zoned(BERLIN).round({ smallestUnit }).toString())),
  () => ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"].map(roundingMode => zoned("2024-03-31T12:30[Europe/Berlin]").round({ smallestUnit: "day", roundingMode }).toString()),
  () => [["hour", 5], ["hour", 4], ["minute", 30], ["minute", 60], ["day", 1], ["day", 2], ["second", 0]].map(([smallestUnit, roundingIncrement]) => kind(() => zoned("2024-10-27T02:45+02:00[Europe/Berlin]").round({ smallestUnit, roundingIncrement }).toString())),
  () => ["-02:30", "-03:30"].map(offset => ["ceil", "floor", "expand", "trunc", "halfFloor", "halfEven"].map(roundingMode => zoned(`1989-10-28T23:46:05${offset}[America/St_Johns]`).round({ smallestUnit: "day", roundingMode }).toString())),
  () => [["second", 4, "03:19:58"], ["minute", 4, "03:58"], ["hour", 8, "12:00"], ["millisecond", 8, "00:00:01.996"], ["nanosecond", 8, "00:00:00.000001996"]].map(([smallestUnit, roundingIncrement, time]) => [new PlainDate(2024, 3, 5).toZonedDateTime({ timeZone: "UTC", plainTime: time }), PlainTime.from(time)].map(value => value.round({ smallestUnit, roundingIncrement, roundingMode: "halfEven" }).toString())),
  () => [kind(() => zoned(BERLIN).round()), zoned(BERLIN).round("hours").toString(), kind(() => zoned(BERLIN).round({}))],
  () => [ZonedDateTime.compare("2024-01-01T00:00[UTC]", "2024-01-01T00:00[Europe/Berlin]"), ZonedDateTime.compare(BERLIN, BERLIN), kind(() => ZonedDateTime.compare(BERLIN, 5))],
  () => zoned(BERLIN).equals(zoned(BERLIN).withCalendar("gregory")),
  () => [{ days: 1 }, { hours: 25 }, { months: 1 }].map(value => ["days", "hours"].map(unit => Duration.from(value).total({ unit, relativeTo: "2024-03-30T12:00[Europe/Berlin]" }))),
  () => Duration.from({ hours: 60 }).round({ largestUnit: "days", relativeTo: "2024-03-30T12:00[Europe/Berlin]" }).toString(),
  () => Duration.compare({ days: 1 }, { hours: 24 }, { relativeTo: "2024-03-30T12:00[Europe/Berlin]" }),

  // Texts.
  () => [{}, { offset: "never" }, { timeZoneName: "never" }, { timeZoneName: "critical" }, { calendarName: "always" }, { calendarName: "critical" }, { offset: "never", timeZoneName: "never", calendarName: "never" }, { offset: "always" }, { fractionalSecondDigits: 3 }, { fractionalSecondDigits: 0 }, { fractionalSecondDigits: 10 }, { smallestUnit: "minute" }, { smallestUnit: "hour" }, { smallestUnit: "second", roundingMode: "ceil" }, { smallestUnit: "day" }].map(options => kind(() => zoned(BERLIN).toString(options))),
  () => zoned("2024-03-31T01:59:59.9+01:00[Europe/Berlin]").toString({ smallestUnit: "second", roundingMode: "halfExpand" }),
  () => [zoned(BERLIN).toInstant(), zoned(BERLIN).toPlainDate(), zoned(BERLIN).toPlainTime(), zoned(BERLIN).toPlainDateTime()].map(String),
  () => [new PlainDate(2024, 3, 31).toZonedDateTime("Europe/Berlin"), new PlainDate(2024, 3, 31).toZonedDateTime({ timeZone: "Europe/Berlin", plainTime: "02:30" }), Instant.fromEpochMilliseconds(0).toZonedDateTimeISO("asia/tokyo")].map(String),
  () => Instant.fromEpochMilliseconds(0).toString({ timeZone: "Africa/Monrovia" }),

  // Now.
  () => [Now.timeZoneId(), Now.instant() instanceof Instant, Now.plainDateISO() instanceof PlainDate, Now.plainTimeISO() instanceof PlainTime, Now.plainDateTimeISO() instanceof PlainDateTime, Now.zonedDateTimeISO() instanceof ZonedDateTime, Now.zonedDateTimeISO().timeZoneId, Now.zonedDateTimeISO("asia/tokyo").timeZoneId],
  () => Math.abs(Number(Now.instant().epochMilliseconds - Date.now())) < 60000,
  () => [Now.plainDateTimeISO("+14:00").since(Now.plainDateTimeISO("-10:00"), { smallestUnit: "hour", roundingMode: "halfExpand" }).toString(), kind(() => Now.plainDateISO("Nowhere")), kind(() => Now.plainTimeISO(5))],
  () => Object.prototype.toString.call(Now),
  () => [new Date(1234567890123).toTemporalInstant().toString(), kind(() => new Date(NaN).toTemporalInstant()), kind(() => Date.prototype.toTemporalInstant.call({}))],

  // In words.
  ...[
    {}, { timeZone: "Asia/Tokyo" }, { year: "numeric" }, { month: "long" }, { day: "numeric" }, { hour: "numeric" }, { hour12: false },
    { hourCycle: "h23" }, { timeZoneName: "short" }, { weekday: "long" }, { dayPeriod: "short" },
    { fractionalSecondDigits: 2 }, { dateStyle: "short" }, { dateStyle: "medium" }, { dateStyle: "long" }, { dateStyle: "full" },
    { timeStyle: "short" }, { timeStyle: "full" }, { dateStyle: "medium", timeStyle: "long" }, { year: "numeric", month: "numeric", day: "numeric" },
    { year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit" }, { weekday: "short", day: "numeric" },
    { hour: "numeric", timeZoneName: "short" }, { era: "short", year: "numeric" }, { numberingSystem: "arab" }, { calendar: "japanese" },
  ].flatMap(options => {
    const source = JSON.stringify(options);
    return [inWords, formatted].map(body => Object.assign(() => body(options), { toString: () => `() => ${body.name}(${source})` }));
  }),
  () => inWords({}, "de").filter(line => !line.startsWith("month")),
  () => inWords({ dateStyle: "full", timeStyle: "full" }, "de"),
  () => formatted({ dateStyle: "medium" }, "de").filter(line => !line.startsWith("month")),
  () => formatted({ dateStyle: "short" }, "ja"),
  () => formatted({ dateStyle: "full" }, "fr"),
  () => inWords({ timeStyle: "long", dateStyle: "short" }, "fr"),
  () => inWords({}, "en-u-hc-h23"),
  () => ["+01:30", "-11:00", "Europe/Berlin"].map(zone => ["short", "long", "shortOffset", "longOffset", "shortGeneric"].map(timeZoneName => at(0n, zone).toLocaleString("en", { timeZoneName }))),
  () => ["+00:00", "UTC"].map(zone => ["short", "long"].map(timeZoneName => at(0n, zone).toLocaleString("en", { timeZoneName }))),
  () => ["fr", "de", "ja", "ar-EG"].map(locale => at(0n, "+01:30").toLocaleString(locale, { hour: "numeric", timeZoneName: "long" })),
  () => at(-3n * 10n ** 18n, "Europe/Berlin").toLocaleString("en"),
  () => at(0n, "asia/calcutta").toLocaleString("en", { timeStyle: "full", dateStyle: "long" }),
  () => Instant.fromEpochMilliseconds(0).toLocaleString("en", { timeZone: "+01:30" }),
  () => [new PlainYearMonth(2024, 3), new PlainMonthDay(3, 5), new PlainDate(2024, 3, 5, "japanese")].map(value => kind(() => value.toLocaleString("en"))),
  ...["en", "de", "fr"].map(locale => Object.assign(() => [
    new PlainDate(2024, 3, 5), new PlainDateTime(33, 3, 5, 14, 6), new PlainYearMonth(2024, 11), new PlainMonthDay(3, 5), new PlainDate(-5, 3, 5), zoned(BERLIN),
  ].map(value => value.toLocaleString(locale, { calendar: "iso8601" })), { toString: () => `() => iso8601 in ${locale}` })),
  () => [{ day: "numeric" }, { month: "numeric" }, { month: "2-digit", day: "2-digit" }, { year: "2-digit", month: "numeric", day: "numeric" }, { month: "long", day: "numeric" }].map(options => new PlainDate(2024, 3, 5).toLocaleString("en", { calendar: "iso8601", ...options })),
  () => [["en", { timeZone: "UTC" }], ["foo_bar"], ["en", null], ["en", { dateStyle: "short", year: "numeric" }], ["en", { hour: "long" }]].map(args => kind(() => zoned(BERLIN).toLocaleString(...args))),
  () => { const f = new DateTimeFormat("en"); return [f.format === f.format, f.format.length, f.format.name, f.format(0), kind(() => f.format(NaN)), f.format("5"), f.formatToParts(new PlainTime(14)).map(part => part.type).join()]; },
  () => new DateTimeFormat("en", { dateStyle: "long" }).formatRange(new PlainDate(2024, 1, 1), new PlainDate(2024, 2, 3)),
  () => new DateTimeFormat("en").formatRange(new PlainTime(10), new PlainTime(12, 30)),
  () => new DateTimeFormat("en").formatRangeToParts(new PlainMonthDay(1, 1, "gregory"), new PlainMonthDay(2, 3, "gregory")).map(({ type, value, source }) => `${type} ${value} ${source}`),
  () => [[new PlainDate(2024, 1, 1), 5], [0, new PlainDate(2024, 1, 1)], [new PlainDate(2024, 1, 1)], [new PlainDate(2024, 1, 1), new PlainTime()], [zoned(BERLIN), zoned(BERLIN)], [new Duration(), new Duration()]].map(args => kind(() => new DateTimeFormat("en").formatRange(...args))),
  () => [DateTimeFormat.name, DateTimeFormat.length, Intl.DateTimeFormat.prototype.constructor === Intl.DateTimeFormat, new Intl.DateTimeFormat() instanceof Intl.DateTimeFormat, Object.prototype.toString.call(new Intl.DateTimeFormat()), Intl.DateTimeFormat("en").format(0), Intl.DateTimeFormat.supportedLocalesOf("en"), new (class Mine extends Intl.DateTimeFormat {})("en").format(new PlainDate(2024, 1, 2))],
  () => kind(() => Intl.DateTimeFormat.prototype.format),
  () => [new Date(0).toLocaleString("en"), new Date(0).toLocaleDateString("en", { timeZone: "UTC" }), new Intl.DateTimeFormat("en", { timeZone: "UTC", dateStyle: "full" }).format(new Date(0))],
];
