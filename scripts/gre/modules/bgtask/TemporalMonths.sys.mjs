// SPDX-License-Identifier: MPL-2.0
// Calendars whose months are their own, and follow rules: those of Egypt, Ethiopia, India, Iran, the Islamic ones, the Hebrew
// one. What a system has is said in TemporalSystems.sys.mjs; here each is made of a few functions: startOf(year), the
// days since 1970 of its first day; lengthOf(year, month); isLeapYear(year).

import { after, oneEra, twoEras } from "resource://gre/modules/bgtask/TemporalEras.sys.mjs";
import { epochDays, epochDaysOf, isLeapYear } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { divide } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";

const modulo = (number, divisor) => divide(number, divisor)[1];

/** Names of months that are counted through. */
const counted = count => ({
  monthsInYear: () => count,
  codeOf: (year, month) => ({ number: month, isLeap: false }),
  monthOf: (year, code) => (code.isLeap ? undefined : code.number),
  hasCode: code => !code.isLeap && code.number >= 1 && code.number <= count,
});

/** @rules: startOf, lengthOf, isLeapYear, and what names the months; a year has about @yearLength days. */
function system(rules, yearLength, [eras, eraOf]) {
  const { startOf, lengthOf, monthsInYear } = rules;
  const partsOf = date => {
    const days = epochDaysOf(date);
    let year = Math.floor((days - startOf(0)) / yearLength);
    for (; startOf(year) > days; year--);
    for (; startOf(year + 1) <= days; year++);
    let day = days - startOf(year);
    let month = 1;
    for (; month < monthsInYear(year) && day >= lengthOf(year, month); month++) {
      day -= lengthOf(year, month);
    }
    return { year, month, day: day + 1 };
  };
  const dayOf = (year, month, day) => {
    let days = startOf(year) + day - 1;
    for (let before = 1; before < month; before++) {
      days += lengthOf(year, before);
    }
    return days;
  };
  return { ...rules, partsOf, epochDays: dayOf, daysInMonth: lengthOf, eras, eraOf };
}

/** Twelve months of 30 days, and a short one; every fourth year is a leap year. Year 1 began on the day @epoch. */
function copticRules(epoch) {
  const isLeap = year => modulo(year, 4) == 3;
  return {
    ...counted(13), isLeapYear: isLeap,
    startOf: year => epoch + 365 * (year - 1) + Math.floor(year / 4),
    lengthOf: (year, month) => (month < 13 ? 30 : isLeap(year) ? 6 : 5),
  };
}

/** Years are those of ISO 8601 but for 78, and begin in their March. */
const indianRules = {
  ...counted(12),
  isLeapYear: year => isLeapYear(year + 78),
  startOf: year => epochDays(year + 78, 3, isLeapYear(year + 78) ? 21 : 22),
  lengthOf: (year, month) => (month == 1 ? (isLeapYear(year + 78) ? 31 : 30) : month <= 6 ? 31 : 30),
};

/** Years that the rule of 33 years makes leap years, and that are none: the one after them is. */
const PERSIAN_LATER = new Set([
  1502, 1601, 1634, 1667, 1700, 1733, 1766, 1799, 1832, 1865, 1898, 1931, 1964, 1997, 2030, 2059, 2063, 2096, 2129, 2158,
  2162, 2191, 2195, 2224, 2228, 2257, 2261, 2290, 2294, 2323, 2327, 2356, 2360, 2389, 2393, 2422, 2426, 2455, 2459, 2488,
  2492, 2521, 2525, 2554, 2558, 2587, 2591, 2620, 2624, 2653, 2657, 2686, 2690, 2719, 2723, 2748, 2752, 2756, 2781, 2785,
  2789, 2818, 2822, 2847, 2851, 2855, 2880, 2884, 2888, 2913, 2917, 2921, 2946, 2950, 2954, 2979, 2983, 2987,
]);

const persianRules = {
  ...counted(12),
  isLeapYear: year => PERSIAN_LATER.has(year - 1) || (modulo(25 * year + 11, 33) < 8 && !PERSIAN_LATER.has(year)),
  startOf: year => PERSIAN_EPOCH + 365 * (year - 1) + Math.floor((8 * year + 21) / 33) - (PERSIAN_LATER.has(year - 1) ? 1 : 0),
  lengthOf: (year, month) => (month <= 6 ? 31 : month < 12 || persianRules.isLeapYear(year) ? 30 : 29),
};
const PERSIAN_EPOCH = epochDays(622, 3, 21);

/** Eleven leap years in thirty. */
function islamicRules(epoch) {
  const isLeap = year => modulo(14 + 11 * year, 30) < 11;
  return {
    ...counted(12), isLeapYear: isLeap,
    startOf: year => epoch + 354 * (year - 1) + Math.floor((3 + 11 * year) / 30),
    lengthOf: (year, month) => (month % 2 == 1 || (month == 12 && isLeap(year)) ? 30 : 29),
  };
}

const FRIDAY = epochDays(622, 7, 19);
const civilRules = islamicRules(FRIDAY);

/** The months of Umm al-Qura from 1300 to 1600, a year in three hexadecimal digits: a bit that is set is a month of 30 days. */
const UMALQURA =
  "aaad54ec96d46ea36caad5556a9792ba95d4ada55cd2d69574ab54b6a5ad4aea4f51768b6a5ad52d695b49da4dd26d955ac9b62baa5b52ba956caae9" +
  "2f49762b6956acaba4bd25d92dc96d54daa5b52ba55b49b655729754b6a3752b6556aaab52bc95d4ada55caad69574ab94baa5b52b6a5752768b745b" +
  "5555a95b49da4dd26e936aaad54db25d52da95b4aba55b49b64b715b4ab5a55d25e92ec96d4ae996b4aba93d49da4db2ab94baa5b52ba95b2ab5555c" +
  "4bd23d91da95b4ab5a56d2b693b49b6556a9754b6a56caad555b29b92ba95d4ada55aaab595749764baa5b52b6a56e4db25b52b6a5ad2ae92f49764b" +
  "6a56acad655d49da4dd16d955aa5b52da95b4ad5956ca6e4aea4f52b6956aaab54bd25d92ea96d4ada95b4aba55b29b54d6a97547693749b5556aa6b" +
  "52ba8bd46da35caad64db26b94baa5b52b695751768b725b52b5655b49da4ed16d8b6aa6d52da95d4ada95b4ab653729762ba95b2ab5555b25d92ec9" +
  "6d2ae956b4aba55d29d54daa9b54baa3b49ba4daaaad52da95d45ea2ec9ad556b26b94baa5d52da95b52ba8bb45b92da95ab4ada4ed16e8b6a56d535" +
  "695d4ada8dd46da55b29d62bb15b4ab955aaaae92ec8f5276956aaad655d29d";
const UMALQURA_FIRST = 1300;
const UMALQURA_LAST = 1600;

const hasUmalqura = year => year >= UMALQURA_FIRST && year <= UMALQURA_LAST;
const umalquraMonths = year => parseInt(UMALQURA.slice((year - UMALQURA_FIRST) * 3, (year - UMALQURA_FIRST) * 3 + 3), 16);

/** Days of the year until @month, 13 for all of it. */
function umalquraDays(year, month) {
  let days = 0;
  for (let before = 1; before < month; before++) {
    days += umalquraRules.lengthOf(year, before);
  }
  return days;
}

const umalquraStarts = [];

function umalquraStart(year) {
  if (!umalquraStarts.length) {
    umalquraStarts.push(epochDays(1882, 11, 12));
    for (let before = UMALQURA_FIRST; before < UMALQURA_LAST; before++) {
      umalquraStarts.push(umalquraStarts.at(-1) + umalquraDays(before, 13));
    }
  }
  return umalquraStarts[year - UMALQURA_FIRST];
}

const umalquraRules = {
  ...counted(12),
  startOf: year => (hasUmalqura(year) ? umalquraStart(year) : civilRules.startOf(year)),
  lengthOf: (year, month) =>
    (hasUmalqura(year) ? 29 + ((umalquraMonths(year) >> (12 - month)) & 1) : civilRules.lengthOf(year, month)),
  isLeapYear: year => (hasUmalqura(year) ? umalquraDays(year, 13) == 355 : civilRules.isLeapYear(year)),
};

const isHebrewLeap = year => modulo(7 * year + 1, 19) < 7;
const HEBREW_EPOCH = epochDays(-3760, 9, 7);
const MONTH_PARTS = 13753; // of a day in 25920, beyond 29 days

/** Days from the epoch to the new moon that a year begins with, or a day or two later as weekdays want it. */
function hebrewElapsed(year) {
  const months = Math.floor((235 * year - 234) / 19);
  const day = 29 * months + Math.floor((12084 + MONTH_PARTS * months) / 25920);
  return modulo(3 * (day + 1), 7) < 3 ? day + 1 : day;
}

/** No year has 356 days, and none 382: the one or the other begins later. */
function hebrewStart(year) {
  const [last, here, next] = [year - 1, year, year + 1].map(hebrewElapsed);
  return HEBREW_EPOCH + here + (next - here == 356 ? 2 : here - last == 382 ? 1 : 0) - FIRST_ELAPSED;
}
const FIRST_ELAPSED = hebrewElapsed(1);

const HEBREW_LENGTHS = [30, 29, 30, 29, 30, 29, 30, 29, 30, 29, 30, 29];

const hebrewRules = {
  isLeapYear: isHebrewLeap,
  startOf: hebrewStart,
  monthsInYear: year => (isHebrewLeap(year) ? 13 : 12),
  codeOf: (year, month) =>
    (isHebrewLeap(year) && month >= 6 ? { number: month - 1, isLeap: month == 6 } : { number: month, isLeap: false }),
  monthOf: (year, { number, isLeap }) =>
    (isHebrewLeap(year) ? number + (isLeap || number > 5 ? 1 : 0) : isLeap ? undefined : number),
  hasCode: ({ number, isLeap }) => (isLeap ? number == 5 : number >= 1 && number <= 12),
  constrainedMonth: () => 6,
  lengthOf(year, month) {
    const { number, isLeap } = hebrewRules.codeOf(year, month);
    const extra = modulo(hebrewStart(year + 1) - hebrewStart(year), 10);
    if (isLeap || (number == 2 && extra == 5)) {
      return 30;
    }
    return number == 3 && extra == 3 ? 29 : HEBREW_LENGTHS[number - 1];
  },
  monthsFromStart: (year, month) => Math.floor((235 * year - 234) / 19) + month - 1,
  monthAt(index) {
    let year = Math.floor((index * 19) / 235);
    for (; hebrewRules.monthsFromStart(year + 1, 1) <= index; year++);
    return { year, month: index - hebrewRules.monthsFromStart(year, 1) + 1 };
  },
};

const ETHIOPIAN_EPOCH = epochDays(8, 8, 27);
const islamicEras = twoEras("ah", "bh");

export const OTHER_SYSTEMS = {
  "coptic": system(copticRules(epochDays(284, 8, 29)), 365.25, oneEra("am")),
  "ethioaa": system(copticRules(ETHIOPIAN_EPOCH - 365.25 * 5500), 365.25, oneEra("aa")),
  "ethiopic": system(copticRules(ETHIOPIAN_EPOCH), 365.25, twoEras("am", "aa", after(-5500))),
  "hebrew": system(hebrewRules, 365.2468, oneEra("am")),
  "indian": system(indianRules, 365.2425, oneEra("shaka")),
  "islamic-civil": system(civilRules, 354.36667, islamicEras),
  "islamic-tbla": system(islamicRules(FRIDAY - 1), 354.36667, islamicEras),
  "islamic-umalqura": system(umalquraRules, 354.36667, islamicEras),
  "persian": system(persianRules, 365.2424, oneEra("ap")),
};
