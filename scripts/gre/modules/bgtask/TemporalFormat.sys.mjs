// SPDX-License-Identifier: MPL-2.0
// The texts that Temporal writes.

import { defaultLargestUnit, sign, totalTime } from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";
import { absolute, roundToIncrement } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";

const NS_PER_SECOND = 1_000_000_000;

const padded = (number, digits = 2) => String(number).padStart(digits, "0");

/** ".5", or nothing. @precision: "auto" (as many digits as it takes), or their number. */
function formatFraction(ns, precision) {
  const digits = padded(ns, 9);
  const shown = precision == "auto" ? digits.replace(/0+$/, "") : digits.slice(0, precision);
  return shown && `.${shown}`;
}

/** HH:MM:SS.fraction; without seconds if @precision is "minute". */
function formatClock(hour, minute, second, ns, precision) {
  const start = `${padded(hour)}:${padded(minute)}`;
  return precision == "minute" ? start : `${start}:${padded(second)}${formatFraction(ns, precision)}`;
}

/** @precision: "minute", "auto", or the number of digits of the seconds' fraction. */
export function formatTime(time, precision) {
  const ns = (time.millisecond * 1000 + time.microsecond) * 1000 + time.nanosecond;
  return formatClock(time.hour, time.minute, time.second, ns, precision);
}

export function formatYear(year) {
  return year >= 0 && year <= 9999 ? padded(year, 4) : `${year < 0 ? "-" : "+"}${padded(Math.abs(year), 6)}`;
}

export function formatDate({ year, month, day }) {
  return `${formatYear(year)}-${padded(month)}-${padded(day)}`;
}

export function formatMonthCode(month, isLeap = false) {
  return `M${padded(month)}${isLeap ? "L" : ""}`;
}

/** @show: "auto", "always", "never", "critical" */
export function formatCalendar(calendar, show) {
  if (show == "never" || (show == "auto" && calendar == "iso8601")) {
    return "";
  }
  return `[${show == "critical" ? "!" : ""}u-ca=${calendar}]`;
}

export function formatDateTime({ date, time }, calendar, precision, show) {
  return `${formatDate(date)}T${formatTime(time, precision)}${formatCalendar(calendar, show)}`;
}

/** "+01:00" of 60. */
export function formatOffsetMinutes(minutes) {
  const amount = Math.abs(minutes);
  return (minutes < 0 ? "-" : "+") + formatClock(Math.floor(amount / 60), amount % 60, 0, 0, "minute");
}

/** The same of nanoseconds, with seconds if there are any. */
export function formatOffset(ns) {
  const amount = Math.abs(ns);
  const seconds = Math.floor(amount / NS_PER_SECOND);
  const precision = amount % (60 * NS_PER_SECOND) ? "auto" : "minute";
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return (ns < 0 ? "-" : "+") + formatClock(hour, minute, seconds % 60, amount % NS_PER_SECOND, precision);
}

/** The same, rounded to minutes. */
export function formatOffsetRounded(ns) {
  return formatOffsetMinutes(Number(roundToIncrement(BigInt(ns), 60_000_000_000n, "halfExpand") / 60_000_000_000n));
}

const DATE_PARTS = [["years", "Y"], ["months", "M"], ["weeks", "W"], ["days", "D"]];
const TIME_PARTS = [["hours", "H"], ["minutes", "M"]];

/** @record, as P1DT2H; @precision: "auto", or the number of digits of the seconds' fraction. */
export function formatDuration(record, precision) {
  const part = ([name, letter]) => (record[name] ? `${BigInt(Math.abs(record[name]))}${letter}` : "");
  const date = DATE_PARTS.map(part).join("");
  let time = TIME_PARTS.map(part).join("");
  const ns = absolute(totalTime({ ...record, hours: 0, minutes: 0 }));
  const isShort = !["year", "month", "week", "day", "hour", "minute"].includes(defaultLargestUnit(record));
  if (ns != 0n || isShort || precision != "auto") {
    const second = BigInt(NS_PER_SECOND);
    time += `${ns / second}${formatFraction(Number(ns % second), precision)}S`;
  }
  return `${sign(record) < 0 ? "-" : ""}P${date}${time && `T${time}`}`;
}
