// SPDX-License-Identifier: MPL-2.0
// Instants in a zone, in the words of a language.
//
// The engine has zone data of its own, which may be older than the system's, and knows no offsets as zones. What a zone's
// clock shows is therefore ours, formatted as if it were UTC; the engine is asked for the zone's name alone, and only
// believed if its clock shows the same there.

import { formatterOf, inIsoOrder } from "resource://gre/modules/bgtask/TemporalLocaleFields.sys.mjs";
import { floorDiv } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { dateTimeFor, isOffsetZone, offsetNsFor, primaryOf } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

/** A zone that is called by the name of Greenwich's time. */
const GREENWICH = "Africa/Abidjan";
const NS_PER_SECOND = 1e9;

/** null: the engine does not know the zone. */
function formatterInZone(locale, options) {
  try {
    return formatterOf(locale, options);
  } catch (error) {
    if (error instanceof RangeError) {
      return null;
    }
    throw error;
  }
}

const nameIn = (formatter, ms) => formatter.formatToParts(ms).find(({ type }) => type == "timeZoneName").value;

/** Whether the engine's clock shows what ours does. */
function agrees(timeZone, zone, epochNs, ms) {
  const fields = { day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  const formatter = formatterOf("en-u-nu-latn", { timeZone, hourCycle: "h23", ...fields });
  const shown = Object.fromEntries(formatter.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { date, time } = dateTimeFor(zone, epochNs);
  return shown.day == date.day && shown.hour == time.hour && shown.minute == time.minute && shown.second == time.second;
}

// ---- names of offsets ----

/** The number in the digits whose zero is @zero. */
function digits(number, length, zero) {
  const base = zero.codePointAt(0);
  return String(number).padStart(length, "0").replace(/\d/g, digit => String.fromCodePoint(base + Number(digit)));
}

/** "GMT+1:30", or "GMT+01:30" if it is to be long: what the language makes of one hour, with other numbers. */
function offsetName(locale, numberingSystem, offsetNs, isLong, ms) {
  const timeZone = `Etc/GMT${offsetNs < 0 ? "+" : "-"}1`;
  const of = timeZoneName => nameIn(formatterOf(locale, { numberingSystem, timeZone, timeZoneName }), ms);
  const long = of("longOffset");
  const [, hourText, separator, minuteText] = /(\p{Nd}+)(\P{Nd}+)(\p{Nd}+)/u.exec(long) ?? [];
  if (minuteText === undefined) {
    return long;
  }
  const [zero] = minuteText;
  const seconds = Math.abs(offsetNs) / NS_PER_SECOND;
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const rest = (second ? [minute, second] : [minute]).map(number => separator + digits(number, 2, zero)).join("");
  if (isLong) {
    return long.replace(/\p{Nd}.*\p{Nd}/u, digits(hour, [...hourText].length, zero) + rest);
  }
  return of("shortOffset").replace(/\p{Nd}+/u, digits(hour, 1, zero) + (minute || second ? rest : ""));
}

/** The zone's name as option timeZoneName has it in @form. */
function zoneName({ locale, numberingSystem }, form, epochNs, zone) {
  const ms = Number(floorDiv(epochNs, 1_000_000n));
  const offsetNs = offsetNsFor(zone, epochNs);
  const named = isOffsetZone(zone) ? (offsetNs == 0 ? [GREENWICH] : []) : [zone, primaryOf(zone)];
  for (const timeZone of named) {
    const formatter = formatterInZone(locale, { numberingSystem, timeZone, timeZoneName: form });
    if (formatter && agrees(timeZone, zone, epochNs, ms)) {
      return nameIn(formatter, ms);
    }
  }
  return offsetName(locale, numberingSystem, offsetNs, form.startsWith("long"), ms);
}

/** @param {object} fields  options of Intl.DateTimeFormat that say what is shown */
export function formatInZone(base, fields, epochNs, zone) {
  const { locale, calendar, numberingSystem } = base;
  const formatter = formatterOf(locale, { calendar, numberingSystem, ...fields, timeZone: "UTC" });
  const local = Number(floorDiv(epochNs + BigInt(offsetNsFor(zone, epochNs)), 1_000_000n));
  const form = fields.timeZoneName ?? (fields.timeStyle == "full" ? "long" : "short");
  const parts = formatter.formatToParts(local);
  return (calendar == "iso8601" ? inIsoOrder(parts, numberingSystem) : parts)
    .map(({ type, value }) => (type == "timeZoneName" ? zoneName(base, form, epochNs, zone) : value)).join("");
}
