// SPDX-License-Identifier: MPL-2.0
// What Temporal gives for calls of a generator: temporal_generated SEED COUNT [OPERATION]. A line for each of COUNT calls of each
// operation (of those whose name contains OPERATION), from a stream of numbers of its own, so that a line is the same however
// many there are. Years are most often 1890 to 2035, days often those on which a zone's clock changes.

import { Numbers } from "resource://testing-common/numbers.sys.mjs";
import { attempt } from "resource://testing-common/temporal.sys.mjs";

const UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];
const MODES = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"];
const CALENDARS = ["gregory", "buddhist", "roc", "japanese", "chinese", "coptic", "dangi", "ethioaa", "ethiopic", "hebrew", "indian", "islamic-civil", "islamic-tbla",
  "islamic-umalqura", "persian"];
const TIMES = ["00:00", "12:00", "23:59:59.999999999", "00:00:00.000000001", "01:30", "02:00", "02:30", "03:00", "00:30", "02:59:59.5", "11:59:59.999999999"];
const OPTIONS = { overflow: ["constrain", "reject"], disambiguation: ["compatible", "earlier", "later", "reject"], offset: ["use", "ignore", "prefer", "reject"] };
/** Zones, and days on which or beside which their clocks change. (Where they go back over midnight, probes have it.) */
const ZONES = {
  "UTC": [],
  "Europe/Berlin": ["2020-03-29", "2020-10-25", "1916-05-01", "1945-05-24", "1947-05-11", "1893-04-01", "2019-03-31"],
  "America/New_York": ["2020-03-08", "2020-11-01", "1918-03-31", "1942-02-09", "1945-08-14", "1974-01-06"],
  "Europe/London": ["1968-02-18", "1971-10-31", "2020-03-29", "1941-05-04", "1916-05-21"],
  "America/St_Johns": ["1988-04-03", "1935-03-30", "2020-03-08", "1987-04-05"],
  "Asia/Kolkata": ["1941-10-01", "1945-10-15", "1906-01-01"],
  "Australia/Lord_Howe": ["2019-10-06", "2020-04-05", "1981-03-01", "1985-10-27"],
  "Pacific/Apia": ["2011-12-30", "2011-12-31", "2011-12-29", "1892-07-05", "2010-09-26"],
  "Africa/Monrovia": ["1972-01-07", "1919-03-01"],
  "America/Santiago": ["2019-09-08", "2020-04-04", "1997-03-29", "1969-11-23"],
  "Africa/Cairo": ["2014-05-16", "2014-06-27", "2010-08-11", "1940-07-15"],
  "Europe/Lisbon": ["1992-09-27", "1966-04-03", "1976-09-26", "1912-01-01"],
  "Asia/Pyongyang": ["2015-08-15", "2018-05-05"],
  "Antarctica/Troll": ["2005-02-12", "2020-03-29"],
  "America/Toronto": ["1919-03-30", "1919-03-31", "1940-04-28", "2020-03-08"],
  "Pacific/Kwajalein": ["1993-08-21", "1969-10-01"],
  "+05:45": [],
};

const pad = (number, length = 2) => String(number).padStart(length, "0");

function yearText(year) {
  return year >= 0 && year <= 9999 ? pad(year, 4) : `${year < 0 ? "-" : "+"}${pad(Math.abs(year), 6)}`;
}

function makeYear(numbers) {
  return numbers.rare(25) ? numbers.between(-271820, 275759) : numbers.rare(8) ? numbers.between(-10, 2500) : numbers.between(1890, 2035);
}

function makeDate(numbers) {
  const month = numbers.between(1, 12);
  const ends = numbers.rare(4);
  return `${yearText(makeYear(numbers))}-${pad(month)}-${pad(ends ? numbers.of([1, 28, month == 2 ? 28 : 30]) : numbers.between(1, 28))}`;
}

function makeTime(numbers) {
  if (numbers.rare(2)) {
    return numbers.of(TIMES);
  }
  const fraction = numbers.rare(2) ? `.${pad(numbers.below(1000000000), 9)}` : "";
  return `${pad(numbers.below(24))}:${pad(numbers.below(60))}:${pad(numbers.below(60))}${fraction}`;
}

function annotation(numbers) {
  return numbers.rare(3) ? `[u-ca=${numbers.of(CALENDARS)}]` : "";
}

function makeZoned(numbers, zone = numbers.of(Object.keys(ZONES))) {
  const day = ZONES[zone].length && !numbers.rare(3) ? numbers.of(ZONES[zone]) : makeDate(numbers);
  return `${day}T${makeTime(numbers)}[${zone}]${annotation(numbers)}`;
}

const makeDateTime = numbers => `${makeDate(numbers)}T${makeTime(numbers)}`;

/** Texts of each kind. */
const MAKERS = {
  Duration: makeDurationText,
  Instant: numbers => `${makeDateTime(numbers)}${numbers.rare(2) ? "Z" : "+05:30"}`,
  PlainDate: numbers => makeDate(numbers) + annotation(numbers),
  PlainTime: makeTime,
  PlainDateTime: numbers => makeDateTime(numbers) + annotation(numbers),
  PlainYearMonth: numbers => makeDate(numbers) + annotation(numbers),
  PlainMonthDay: numbers => makeDate(numbers) + annotation(numbers),
  ZonedDateTime: numbers => makeZoned(numbers),
};

function amount(numbers, index) {
  if (numbers.rare(12)) {
    return numbers.below(index < 3 ? 5000 : 2000000000);
  }
  return numbers.rare(3) ? numbers.below(1000) : numbers.below(index < 4 ? 15 : 100);
}

/** A duration as an object, of units from index @from on. */
function makeDuration(numbers, from = 0) {
  const sign = numbers.rare(3) ? -1 : 1;
  const parts = {};
  for (let left = numbers.between(1, 4); left > 0; left--) {
    const index = numbers.between(from, UNITS.length - 1);
    parts[`${UNITS[index]}s`] = sign * amount(numbers, index);
  }
  return parts;
}

function makeMonths(numbers) {
  const sign = numbers.of([1, -1]);
  return { years: sign * numbers.below(9), months: sign * numbers.below(40) };
}

/** The same of units down to index @to, most often all of days and less. */
function makeDurationText(numbers, from = numbers.rare(3) ? 0 : 3) {
  const parts = makeDuration(numbers, from);
  const value = index => Math.abs(parts[`${UNITS[index]}s`] ?? 0);
  const letters = ["Y", "M", "W", "D", "H", "M"];
  const text = index => (value(index) ? value(index) + letters[index] : "");
  const fraction = `${pad(value(7) % 1000, 3)}${pad(value(8) % 1000, 3)}${pad(value(9) % 1000, 3)}`;
  const isNegative = Object.values(parts).some(part => part < 0);
  return `${isNegative ? "-" : ""}P${[0, 1, 2, 3].map(text).join("")}T${text(4)}${text(5)}${value(6)}.${fraction}S`;
}

function makeOptions(numbers, ...names) {
  const chosen = names.filter(() => numbers.rare(3));
  return Object.fromEntries(chosen.map(name => [name, numbers.of(OPTIONS[name])]));
}

/** Increments that most often divide the next unit. */
function makeIncrement(numbers, unit) {
  const divisors = { hour: [1, 2, 3, 4, 6, 8, 12], minute: [1, 5, 15, 20, 30], second: [1, 5, 15, 20, 30] };
  return numbers.rare(10) ? numbers.between(1, 40) : numbers.of(divisors[unit] ?? (UNITS.indexOf(unit) > 6 ? [1, 2, 4, 50, 125, 500] : [1, 1, 2, 3, 10]));
}

/** Of rounding: units of that range of indexes. */
function makeRounding(numbers, from, to, hasLargest) {
  const index = numbers.between(from, to);
  const options = { smallestUnit: UNITS[index], roundingMode: numbers.of(MODES) };
  if (hasLargest && !numbers.rare(3)) {
    options.largestUnit = UNITS[numbers.between(from, index)];
  }
  if (numbers.rare(2)) {
    options.roundingIncrement = makeIncrement(numbers, UNITS[index]);
  }
  if (hasLargest && numbers.rare(3)) {
    return { largestUnit: UNITS[numbers.between(from, to)] };
  }
  return options;
}

/** Fields of a bag, by their names. */
const FIELDS = {
  year: makeYear,
  month: numbers => numbers.between(1, 13),
  monthCode: numbers => (numbers.rare(8) ? numbers.of(["M05L", "M13", "M06L", "M04L", "M02L", "M11L"]) : `M${pad(numbers.between(1, 12))}`),
  day: numbers => numbers.between(1, 32),
  hour: numbers => numbers.between(0, 24),
  minute: numbers => numbers.between(0, 61),
  second: numbers => numbers.between(0, 61),
  millisecond: numbers => numbers.between(0, 1001),
  microsecond: numbers => numbers.between(0, 1001),
  nanosecond: numbers => numbers.between(0, 1001),
  offset: numbers => numbers.of(["+01:00", "+02:00", "-05:00", "-04:00", "+00:00", "-00:44:30", "+05:45"]),
};
const DATE_FIELDS = ["year", "month", "monthCode", "day"];
const TIME_FIELDS = ["hour", "minute", "second", "millisecond", "microsecond", "nanosecond"];

function makeFields(numbers, names) {
  const chosen = names.filter(() => numbers.rare(3));
  return Object.fromEntries((chosen.length ? chosen : [numbers.of(names)]).map(name => [name, FIELDS[name](numbers)]));
}

/** A bag with what a date needs and some of the rest. */
function makeBag(numbers, rest) {
  const key = numbers.of(["month", "monthCode"]);
  const bag = { year: makeYear(numbers), [key]: FIELDS[key](numbers), day: FIELDS.day(numbers), ...makeFields(numbers, rest) };
  if (numbers.rare(3)) {
    bag.calendar = numbers.of(CALENDARS);
  }
  return bag;
}

const LETTERS = "0123456789-+:., TtZzPYMWDHS[]!=/_au";
const PIECES = ["T12:30", "T123015.5", "Z", "+01:00", "-0500", "+01:00:30.5", "[UTC]", "[Europe/Berlin]", "[!u-ca=gregory]", "[u-ca=iso8601]", "[x=y]", "[+01:00]", "2020", "-02", "1231"];

/** A text such as is parsed, some letters of it changed, or pieces put into it. */
function makeText(numbers, kind) {
  let text = numbers.rare(5) ? numbers.of(Object.values(MAKERS))(numbers) : MAKERS[kind](numbers);
  for (let left = numbers.below(4); left > 0; left--) {
    const at = numbers.rare(2) ? text.length : numbers.below(text.length + 1);
    const piece = numbers.rare(2) ? numbers.of(PIECES) : numbers.of(["", LETTERS[numbers.below(LETTERS.length)]]);
    text = text.slice(0, at) + piece + text.slice(at + numbers.below(2));
  }
  return text;
}

/** A call: {kind, receiver (a text; undefined of a static one), name, args}. */
const call = (kind, receiver, name, ...args) => ({ kind, receiver, name, args });

function on(kind, name, makeArguments) {
  return [`${kind}.prototype.${name}`, numbers => call(kind, MAKERS[kind](numbers), name, ...makeArguments(numbers))];
}

function of(kind, name, makeArguments) {
  return [`${kind}.${name}`, numbers => call(kind, undefined, name, ...makeArguments(numbers))];
}

/** Another of the kind, near or far, in the same calendar or none. */
function between(kind, name, from, to) {
  return [`${kind}.prototype.${name}`, numbers => {
    const receiver = MAKERS[kind](numbers);
    const other = MAKERS[kind](numbers);
    const suffix = /\[u-ca.*/.exec(receiver)?.[0] ?? "";
    return call(kind, receiver, name, other.replace(/\[u-ca.*/, "") + suffix, makeRounding(numbers, from, to, true));
  }];
}

/** Two of one zone. */
function betweenZoned(name) {
  return [`ZonedDateTime.prototype.${name}`, numbers => {
    const zone = numbers.of(Object.keys(ZONES));
    const [one, other] = [makeZoned(numbers, zone), makeZoned(numbers, zone)].map(text => text.replace(/\[u-ca.*/, ""));
    return call("ZonedDateTime", one, name, other, makeRounding(numbers, 0, 9, true));
  }];
}

const RELATIVE = { none: () => ({}), plain: numbers => ({ relativeTo: MAKERS.PlainDate(numbers) }), zoned: numbers => ({ relativeTo: makeZoned(numbers) }) };

/** What a duration does, relative to nothing, a date, a moment in a zone. */
function relative(way) {
  const from = way == "none" ? 3 : 0;
  const receiver = numbers => makeDurationText(numbers, way == "none" && !numbers.rare(9) ? 3 : 0);
  return [
    [`Duration.prototype.round, ${way}`, numbers => call("Duration", receiver(numbers), "round", { ...makeRounding(numbers, from, 9, true), ...RELATIVE[way](numbers) })],
    [`Duration.prototype.total, ${way}`, numbers => call("Duration", receiver(numbers), "total", { unit: UNITS[numbers.between(from, 9)], ...RELATIVE[way](numbers) })],
    [`Duration.compare, ${way}`, numbers => call("Duration", undefined, "compare", receiver(numbers), receiver(numbers), RELATIVE[way](numbers))],
  ];
}

/** What is parsed of a text that may be none. */
function parsing(kind) {
  return [`${kind}.from of text`, numbers => call(kind, undefined, "from", makeText(numbers, kind))];
}

const ADDABLE = ["PlainDate", "PlainDateTime", "ZonedDateTime"];
const OPERATIONS = [
  ...[...ADDABLE, "PlainTime"].flatMap(kind => ["add", "subtract"].map(name => on(kind, name, numbers => [makeDuration(numbers), makeOptions(numbers, "overflow")]))),
  ...["add", "subtract"].flatMap(name => [
    on("PlainYearMonth", name, numbers => [numbers.rare(4) ? makeDuration(numbers) : makeMonths(numbers), makeOptions(numbers, "overflow")]),
    on("Instant", name, numbers => [makeDuration(numbers, 4)]),
    on("Duration", name, numbers => [makeDuration(numbers, 3)]),
  ]),
  ...["until", "since"].flatMap(name => [
    between("PlainDate", name, 0, 3), between("PlainDateTime", name, 0, 9), between("PlainYearMonth", name, 0, 1), between("PlainTime", name, 4, 9),
    between("Instant", name, 4, 9), betweenZoned(name),
  ]),
  ...["PlainDateTime", "ZonedDateTime"].map(kind => on(kind, "round", numbers => [makeRounding(numbers, 3, 9, false)])),
  ...["PlainTime", "Instant"].map(kind => on(kind, "round", numbers => [makeRounding(numbers, 4, 9, false)])),
  on("PlainDate", "with", numbers => [makeFields(numbers, DATE_FIELDS), makeOptions(numbers, "overflow")]),
  on("PlainTime", "with", numbers => [makeFields(numbers, TIME_FIELDS), makeOptions(numbers, "overflow")]),
  on("PlainDateTime", "with", numbers => [makeFields(numbers, [...DATE_FIELDS, ...TIME_FIELDS]), makeOptions(numbers, "overflow")]),
  on("PlainYearMonth", "with", numbers => [makeFields(numbers, ["year", "month", "monthCode"]), makeOptions(numbers, "overflow")]),
  on("PlainMonthDay", "with", numbers => [makeFields(numbers, ["monthCode", "day", "year"]), makeOptions(numbers, "overflow")]),
  on("ZonedDateTime", "with", numbers => [makeFields(numbers, [...DATE_FIELDS, ...TIME_FIELDS, "offset"]), makeOptions(numbers, "overflow", "offset", "disambiguation")]),
  of("PlainDate", "from", numbers => [makeBag(numbers, DATE_FIELDS), makeOptions(numbers, "overflow")]),
  of("PlainDateTime", "from", numbers => [makeBag(numbers, TIME_FIELDS), makeOptions(numbers, "overflow")]),
  of("PlainMonthDay", "from", numbers => [makeBag(numbers, ["year"]), makeOptions(numbers, "overflow")]),
  of("PlainYearMonth", "from", numbers => [makeBag(numbers, ["year"]), makeOptions(numbers, "overflow")]),
  of("ZonedDateTime", "from", numbers => [{ ...makeBag(numbers, [...TIME_FIELDS, "offset"]), timeZone: numbers.of(Object.keys(ZONES)) }, makeOptions(numbers, "overflow", "offset", "disambiguation")]),
  on("PlainDateTime", "toZonedDateTime", numbers => [numbers.of(Object.keys(ZONES)), makeOptions(numbers, "disambiguation")]),
  on("PlainDate", "toZonedDateTime", numbers => [{ timeZone: numbers.of(Object.keys(ZONES)), plainTime: makeTime(numbers) }]),
  on("Instant", "toZonedDateTimeISO", numbers => [numbers.of(Object.keys(ZONES))]),
  on("ZonedDateTime", "withTimeZone", numbers => [numbers.of(Object.keys(ZONES))]),
  on("ZonedDateTime", "startOfDay", () => []),
  on("ZonedDateTime", "hoursInDay", () => []),
  on("ZonedDateTime", "getTimeZoneTransition", numbers => [numbers.of(["next", "previous"])]),
  ...["Duration", "Instant", "PlainTime", "PlainDateTime", "ZonedDateTime"].map(kind => on(kind, "toString", numbers => [{ fractionalSecondDigits: numbers.below(10), roundingMode: numbers.of(MODES) }])),
  ...["PlainDate", "PlainDateTime"].map(kind => of(kind, "compare", numbers => [MAKERS[kind](numbers), MAKERS[kind](numbers)])),
  ...["weekOfYear", "yearOfWeek", "dayOfYear", "dayOfWeek", "daysInMonth", "daysInYear", "inLeapYear", "era", "eraYear", "year", "month", "monthCode", "day"].map(name => on("PlainDate", name, () => [])),
  ...Object.keys(RELATIVE).flatMap(relative),
  ...Object.keys(MAKERS).map(parsing),
];

function textOf({ kind, receiver, name, args }) {
  const list = args.map(value => JSON.stringify(value)).join(", ");
  return `${kind}${receiver === undefined ? "" : ` ${receiver}`}.${name}(${list})`;
}

function run({ kind, receiver, name, args }) {
  const type = Temporal[kind];
  const target = receiver === undefined ? type : type.from(receiver);
  return typeof target[name] == "function" ? target[name](...args) : target[name];
}

/** A seed for each operation, by its name. */
function seedOf(seed, operation) {
  return Array.from(operation).reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, seed);
}

export function runBackgroundTask(commandLine) {
  const [seed, count] = [0, 1].map(index => Number(commandLine.getArgument(index)));
  const wanted = commandLine.length > 2 ? commandLine.getArgument(2) : "";
  for (const [operation, make] of OPERATIONS.filter(([name]) => name.includes(wanted))) {
    const numbers = new Numbers(seedOf(seed, operation));
    const lines = [];
    for (let index = 0; index < count; index++) {
      const made = make(numbers);
      lines.push(`${operation} ${index}: ${textOf(made)} -> ${attempt(() => run(made))}\n`);
    }
    dump(lines.join(""));
  }
  return 0;
}

export const backgroundTaskTimeoutSec = 600;
export const backgroundTaskMinRuntimeMS = 1;
