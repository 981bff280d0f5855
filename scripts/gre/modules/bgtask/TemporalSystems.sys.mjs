// SPDX-License-Identifier: MPL-2.0
// The calendars themselves, as far as they are those of ISO 8601 with another count of years: what years, months and days a
// date has, and which date these are. TemporalCalendars.sys.mjs calculates with them.
//
// A system has: partsOf(date), { year, month, day } of a date of ISO 8601; epochDays(year, month, day), where the day may
// be any; monthsInYear, daysInMonth, isLeapYear; codeOf(year, month), the month's own name { number, isLeap };
// monthOf(year, code), its place in that year, undefined if the year has none of the name; hasCode(code); eras, from their
// names to what a year of theirs is; eraOf(date, parts).

import {
  compareDate, daysInMonth, epochDays, isLeapYear,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { describe } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";

/** Years of an era that counts on from the year @base, and of one that counts back. */
const after = base => ({ toYear: eraYear => base + eraYear, of: year => year - base });
const before = base => ({ toYear: eraYear => base - eraYear, of: year => base - year });

/** A system whose year 0 is the year @offset of ISO 8601. */
function yearsFrom(offset, eras, eraOf) {
  return {
    partsOf: ({ year, month, day }) => ({ year: year - offset, month, day }),
    epochDays: (year, month, day) => epochDays(year + offset, month, day),
    monthsInYear: () => 12,
    daysInMonth: (year, month) => daysInMonth(year + offset, month),
    isLeapYear: year => isLeapYear(year + offset),
    codeOf: (year, month) => ({ number: month, isLeap: false }),
    monthOf: (year, code) => (code.isLeap ? undefined : code.number),
    hasCode: code => !code.isLeap && code.number >= 1 && code.number <= 12,
    eras, eraOf,
  };
}

/** Two eras, of which the first begins with the year 1. */
function twoEras(later, earlier) {
  const eras = { [later]: after(0), [earlier]: before(1) };
  return [eras, (date, { year }) => (year > 0 ? later : earlier)];
}

/** Japan's eras since it has this calendar, the last first, with the year before their first. */
const JAPANESE = [
  ["reiwa", { year: 2019, month: 5, day: 1 }, 2018], ["heisei", { year: 1989, month: 1, day: 8 }, 1988],
  ["showa", { year: 1926, month: 12, day: 25 }, 1925], ["taisho", { year: 1912, month: 7, day: 30 }, 1911],
  ["meiji", { year: 1873, month: 1, day: 1 }, 1867],
];

const [gregorianEras, gregorianEraOf] = twoEras("ce", "bce");
const aliasedEras = { ...gregorianEras, ad: gregorianEras.ce, bc: gregorianEras.bce };

function japaneseEraOf(date, parts) {
  const found = JAPANESE.find(([, start]) => compareDate(date, start) >= 0);
  return found ? found[0] : gregorianEraOf(date, parts);
}

const SYSTEMS = {
  iso8601: yearsFrom(0, undefined, () => undefined),
  gregory: yearsFrom(0, aliasedEras, gregorianEraOf),
  japanese: yearsFrom(
    0, { ...aliasedEras, ...Object.fromEntries(JAPANESE.map(([name, , base]) => [name, after(base)])) }, japaneseEraOf),
  roc: yearsFrom(1911, ...twoEras("roc", "broc")),
  buddhist: yearsFrom(-543, { be: after(0) }, () => "be"),
};

export const CALENDARS = Object.keys(SYSTEMS);

export function systemOf(calendar) {
  return SYSTEMS[calendar];
}

/** The id of the calendar that is called so, in any case. */
export function canonicalCalendar(name) {
  const id = name.replace(/[A-Z]/g, letter => letter.toLowerCase());
  if (!Object.hasOwn(SYSTEMS, id)) {
    throw new RangeError(`There is no calendar ${describe(name)} here, but ${CALENDARS.join(", ")}`);
  }
  return id;
}
