// SPDX-License-Identifier: MPL-2.0
// The calendars themselves: what years, months and days a date has, and which date these are. Here are those that are
// the calendar of ISO 8601 with another count of years. TemporalCalendars.sys.mjs calculates with them.
//
// A system has: partsOf(date), { year, month, day } of a date of ISO 8601; epochDays(year, month, day), where the day may
// be any; monthsInYear, daysInMonth, isLeapYear; codeOf(year, month), the month's own name { number, isLeap };
// monthOf(year, code), its place in that year, undefined if the year has none of the name, when constrainedMonth(year, code)
// is what stands for it; hasCode(code); eras, from their names to what a year of theirs is; eraOf(date, parts). Where
// not all years have the same number of months: monthsFromStart(year, month), a count of all months, and monthAt(count).
// Where leap months come with any number: referenceYears, those that a month and day without a year is looked for in, and
// longestMonth, the most days that one has.

import { after, oneEra, twoEras } from "resource://gre/modules/bgtask/TemporalEras.sys.mjs";
import {
  compareDate, daysInMonth, epochDays, isLeapYear,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { OTHER_SYSTEMS } from "resource://gre/modules/bgtask/TemporalMonths.sys.mjs";
import { MOON_SYSTEMS } from "resource://gre/modules/bgtask/TemporalMoons.sys.mjs";
import { describe } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";

/** A system whose year 0 is the year @offset of ISO 8601. */
function yearsFrom(offset, [eras, eraOf]) {
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

/** Japan's eras since it has this calendar, the last first, with the year before their first. */
const JAPANESE = [
  ["reiwa", { year: 2019, month: 5, day: 1 }, 2018], ["heisei", { year: 1989, month: 1, day: 8 }, 1988],
  ["showa", { year: 1926, month: 12, day: 25 }, 1925], ["taisho", { year: 1912, month: 7, day: 30 }, 1911],
  ["meiji", { year: 1873, month: 1, day: 1 }, 1867],
];

const [gregorianEras, gregorianEraOf] = twoEras("ce", "bce");
const aliasedEras = { ...gregorianEras, ad: gregorianEras.ce, bc: gregorianEras.bce };

const japaneseEras = { ...aliasedEras, ...Object.fromEntries(JAPANESE.map(([name, , base]) => [name, after(base)])) };

function japaneseEraOf(date, parts) {
  const found = JAPANESE.find(([, start]) => compareDate(date, start) >= 0);
  return found ? found[0] : gregorianEraOf(date, parts);
}

const SYSTEMS = {
  iso8601: yearsFrom(0, [undefined, () => undefined]),
  gregory: yearsFrom(0, [aliasedEras, gregorianEraOf]),
  japanese: yearsFrom(0, [japaneseEras, japaneseEraOf]),
  roc: yearsFrom(1911, twoEras("roc", "broc")),
  buddhist: yearsFrom(-543, oneEra("be")),
  ...OTHER_SYSTEMS,
  ...MOON_SYSTEMS,
};

const ALIASES = { "__proto__": null, "islamicc": "islamic-civil", "ethiopic-amete-alem": "ethioaa" };

export const CALENDARS = Object.keys(SYSTEMS);

export function systemOf(calendar) {
  return SYSTEMS[calendar];
}

/** The id of the calendar that is called so, in any case. */
export function canonicalCalendar(name) {
  const lower = name.replace(/[A-Z]/g, letter => letter.toLowerCase());
  const id = ALIASES[lower] ?? lower;
  if (!Object.hasOwn(SYSTEMS, id)) {
    throw new RangeError(`There is no calendar ${describe(name)} here, but ${CALENDARS.join(", ")}`);
  }
  return id;
}
