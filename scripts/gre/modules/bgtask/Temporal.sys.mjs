// SPDX-License-Identifier: MPL-2.0
// The global `Temporal`: dates, times, instants and durations, as the language has them and the engine has not.
//
// A class is a module Temporal… of its own, which checks what it is given and leaves the rest to the modules below it: texts
// (Parser, Format), options (Options), objects with fields (Fields, Conversions), calendars (Calendars, Systems), time
// zones (Zones, ZonedMath), differences and their rounding (Relative), and calculating with records (ISO, Durations, Numbers).

import { Duration } from "resource://gre/modules/bgtask/TemporalDuration.sys.mjs";
import { Instant } from "resource://gre/modules/bgtask/TemporalInstant.sys.mjs";
import { installLocale } from "resource://gre/modules/bgtask/TemporalLocale.sys.mjs";
import { Now } from "resource://gre/modules/bgtask/TemporalNow.sys.mjs";
import { PlainDate } from "resource://gre/modules/bgtask/TemporalPlainDate.sys.mjs";
import { PlainDateTime } from "resource://gre/modules/bgtask/TemporalPlainDateTime.sys.mjs";
import { PlainMonthDay } from "resource://gre/modules/bgtask/TemporalPlainMonthDay.sys.mjs";
import { PlainTime } from "resource://gre/modules/bgtask/TemporalPlainTime.sys.mjs";
import { PlainYearMonth } from "resource://gre/modules/bgtask/TemporalPlainYearMonth.sys.mjs";
import { ZonedDateTime } from "resource://gre/modules/bgtask/TemporalZonedDateTime.sys.mjs";

const members = {
  Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime, Now,
};

export const Temporal = {};
for (const [name, value] of Object.entries(members)) {
  Object.defineProperty(Temporal, name, { value, writable: true, enumerable: false, configurable: true });
}
Object.defineProperty(Temporal, Symbol.toStringTag, { value: "Temporal", configurable: true });

installLocale();
