// SPDX-License-Identifier: MPL-2.0
// The calendars of China and Korea, whose months begin with a new moon: a month has the number of the solar term, one of twelve
// in a year, that lies in it; a month without one is a leap month, and has the number of the month before it.
//
// From 1900 to 2102 months are those of the almanacs. Before and after, as in Firefox, moon and sun go evenly, and a day
// begins at midnight of the place where the calendar is made. What a system has is said in TemporalSystems.sys.mjs.

import { epochDays, epochDaysOf } from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";

const MS_PER_DAY = 86_400_000;
const MONTH_MS = 2_551_442_876;
const TERM_MS = 2_629_746_000; // a twelfth of a year
const NEW_MOON_MS = Date.UTC(2000, 0, 6, 18, 14);
const SOLSTICE_MS = Date.UTC(1999, 11, 22, 7, 44);
const SOLSTICE_TERM = 11;

const FIRST = 1900;
const LAST = 2102;
const FIRST_DAY = epochDays(1900, 1, 31);
const PEKING_MS = 27_940_000;
const HOUR_MS = 3_600_000;

/** A year in five hexadecimal digits: thirteen bits, set for a month of 30 days, and four for the place of its leap month. */
const CHINA =
  "096d9095c014ae00a4d61a4c01b2a00d5550ad40135a0095d3095c0149b7149a01a4a01aa5616a801ad4012da312b6009378092e014960164b60d4a0" +
  "0da8015b55056c012ae0092f3092e00c9671a9401d4a00da960b5a0056c0126e4125c0192d8192a01a9401b4a716aa00ad40155b504ba0125a0192b3" +
  "152a0169580d94016aa00ab5609b4014b600a5740a560152a91d2a00d54015aa7156a0096c014ae514ae00a4c01d2641b2a00b5580ad4012da0095d6" +
  "095a0149a01a4d51a4a01aa5916a8016d4012da712b60093601497514960164bb0d4a00da8015b47156c012ae0092f6092e00c9600d4a41d4a00d659" +
  "0b580156c0126d6125c0192c01a9551a9401b4a00b5530ad40155b804ba0125a0192b6152a01694016aa515aa00ab5a0974014b600a5770a56015260" +
  "0e9550d54015aa009b53096c014ae7149c01a4c01d2661aa600b5400d6a412da0095dc095a0149a01a4b71a4a01aa401b54616b400ada0095b309360" +
  "1497814960154a016a560da4015b400ab64126e0092f9092e00c9600d4a71d4a00d540156c5155c0125c0192e4192c01a9581a9401b4a00b5560ad40" +
  "14da00a5d50a5a0152b9152a01694016aa715aa00ab4014ba514b600a560152740d2600e5380d54015aa009b56096c014ae00a4e51a2c01d2691aa40" +
  "1b5400d6a70ada0095c0149d5145a01a2a01b2531aa401b52816b40";
const KOREA =
  "096d9095c014ae00a4d61a4c01b2a00d5550ad40135a0095d3095c0149b7149a01a4a01b29616aa00ad4012da312ba0095b80936014960164b60d520" +
  "15a8016b55056c012b6009373092e00c9671c9401d4a00da960b6a0056c012ae4125c0192d8192a01a9401b4a716d200ada0055b504ba0125a0192b3" +
  "152a01a9581694016aa00ad5609b6004b60125740a560152b90d2a00d54015aa7156a0096c014ae514ae00a4e00d2641b2a00d5580ad40135a0095d6" +
  "095c0149c01a4d51a4a01aa9916a801ad4012da712b6009360149b514960164bb0d4a00da8016b57056c012b6009376092e00c9600d4a41d4a00da99" +
  "0b5a0056c0126e6125c0192c01c9551a9401b4a00b5530ad80155b804ba0125a0192b6152a016940174a416aa00ab5a0974014b600a5760a560152a0" +
  "169550d54015aa00ab53096c014ae714ae00a4e00d2661b2600b540156a412da0095dc095c0149a01a4d71a4a01aa401b54616d4012da0095b309360" +
  "1497814960164a016a560da8015b4012b6412ae009379092e00c9600d4a71d4a00d64015ac5156c0126e0092e4192c01a9581a9401b4a00b5560ad40" +
  "155a0125d5125a0192b9152a01694016aa715aa00ab4014ba514b600a560152b4152600e9580d54015aa009b56096c014ae00a4f50a4c01d2691aa60" +
  "0b540156a712da0095c014ad5149a01a4c01d2541aa401b54816b40";

/** The years that a reference date of a month is looked for in, in that order. */
const REFERENCE_YEARS = [
  ...Array.from({ length: 73 }, (_, index) => 1972 - index), ...Array.from({ length: 63 }, (_, index) => 1973 + index),
];
const KEPT_YEARS = 1000;

/** A year by the even course of moon and sun: { start, lengths, leap }; leap is 0 if no month is one. */
function evenYear(year, offsetMs) {
  const dayOf = ms => Math.floor((ms + offsetMs) / MS_PER_DAY);
  const monthStart = index => dayOf(NEW_MOON_MS + index * MONTH_MS);
  const monthOfTerm = (ofYear, term) => {
    const day = dayOf(SOLSTICE_MS + ((ofYear - 1999) * 12 + term - SOLSTICE_TERM) * TERM_MS);
    let index = Math.floor((day * MS_PER_DAY - offsetMs - NEW_MOON_MS) / MONTH_MS);
    for (; monthStart(index + 1) <= day; index++);
    return index;
  };
  const first = monthOfTerm(year, 1);
  const count = monthOfTerm(year + 1, 1) - first;
  const lengths = Array.from({ length: count }, (_, index) => monthStart(first + index + 1) - monthStart(first + index));
  let leap = 0;
  for (let term = 2; count == 13 && leap == 0 && term <= 12; term++) {
    leap = monthOfTerm(year, term) > first + term - 1 ? term : 0;
  }
  return { start: monthStart(first), lengths, leap: count == 13 ? leap || 13 : 0 };
}

/** All years of a table. */
function tableYears(table) {
  const years = [];
  let start = FIRST_DAY;
  for (let at = 0; at < table.length; at += 5) {
    const bits = parseInt(table.slice(at, at + 5), 16);
    const leap = bits & 15;
    const lengths = Array.from({ length: leap ? 13 : 12 }, (_, index) => 29 + ((bits >> (16 - index)) & 1));
    years.push({ start, lengths, leap });
    start = lengths.reduce((sum, length) => sum + length, start);
  }
  return years;
}

/** @returns {function} what gives a year's { start, lengths, leap } */
function yearsOf(table, laterOffsetMs) {
  const kept = new Map();
  let known;
  return year => {
    if (year >= FIRST && year <= LAST) {
      known ??= tableYears(table);
      return known[year - FIRST];
    }
    if (!kept.has(year)) {
      if (kept.size == KEPT_YEARS) {
        kept.clear();
      }
      kept.set(year, evenYear(year, year < FIRST ? PEKING_MS : laterOffsetMs));
    }
    return kept.get(year);
  };
}

function moonSystem(table, laterOffsetMs) {
  const yearOf = yearsOf(table, laterOffsetMs);
  const dayOf = (year, month, day) => {
    const { start, lengths } = yearOf(year);
    return lengths.slice(0, month - 1).reduce((sum, length) => sum + length, start) + day - 1;
  };
  const partsAt = days => {
    let year = 1970 + Math.floor(days / 365.2425);
    for (; yearOf(year).start > days; year--);
    for (; yearOf(year + 1).start <= days; year++);
    const { start, lengths } = yearOf(year);
    let day = days - start;
    let month = 1;
    for (; day >= lengths[month - 1]; month++) {
      day -= lengths[month - 1];
    }
    return { year, month, day: day + 1 };
  };
  const monthOf = (year, { number, isLeap }) => {
    const { leap } = yearOf(year);
    if (isLeap) {
      return leap == number + 1 ? leap : undefined;
    }
    return number + (leap && number >= leap ? 1 : 0);
  };
  return {
    partsOf: date => partsAt(epochDaysOf(date)),
    epochDays: dayOf,
    monthsInYear: year => yearOf(year).lengths.length,
    daysInMonth: (year, month) => yearOf(year).lengths[month - 1],
    isLeapYear: year => yearOf(year).leap > 0,
    codeOf(year, month) {
      const { leap } = yearOf(year);
      return { number: leap && month >= leap ? month - 1 : month, isLeap: month == leap };
    },
    monthOf,
    hasCode: ({ number }) => number >= 1 && number <= 12,
    constrainedMonth: (year, { number }) => monthOf(year, { number, isLeap: false }),
    monthsFromStart: (year, month) => Math.round((dayOf(year, month, 1) * MS_PER_DAY - NEW_MOON_MS) / MONTH_MS),
    monthAt(index) {
      const { year, month } = partsAt(Math.floor((NEW_MOON_MS + (index + 0.5) * MONTH_MS) / MS_PER_DAY));
      return { year, month };
    },
    referenceYears: REFERENCE_YEARS, longestMonth: 30,
    eras: undefined, eraOf: () => undefined,
  };
}

export const MOON_SYSTEMS = {
  chinese: moonSystem(CHINA, 8 * HOUR_MS),
  dangi: moonSystem(KOREA, 9 * HOUR_MS),
};
