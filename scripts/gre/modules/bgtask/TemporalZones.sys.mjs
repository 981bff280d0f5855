// SPDX-License-Identifier: MPL-2.0
// Time zones for Temporal: what they are called, and what their clocks show.
//
// A zone is its identifier: a name of the zone database in its own case, or an offset such as "+01:00". What a named one's
// clock shows is a matter of native code (runner/builtin_zones.c), which knows whole seconds; since all changes of clocks are
// at whole seconds, nanoseconds within them are added here.

import { formatOffsetMinutes } from "resource://gre/modules/bgtask/TemporalFormat.sys.mjs";
import {
  MIDNIGHT, addDays, checkEpochNs, dateTimeOfEpochNs, epochNsOf, isValidEpochNs,
} from "resource://gre/modules/bgtask/TemporalISO.sys.mjs";
import { floorDiv, floorMod, roundToIncrement } from "resource://gre/modules/bgtask/TemporalNumbers.sys.mjs";
import { describe, slotsIf } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { parseZoneIdentifier, parseZoneString } from "resource://gre/modules/bgtask/TemporalParser.sys.mjs";

const native = import.meta.native.zones;

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MINUTE = 60n * NS_PER_SECOND;

/** Identifiers by what they were spelt like, and the primary ones of these. Only those that there are, some 600 at most. */
const identifiers = new Map();
const primaries = new Map();
/** The stretch of time with one offset that was asked for last, by zone: { from, until, offset } in seconds. */
const stretches = new Map();

const secondsOf = ns => Number(floorDiv(ns, NS_PER_SECOND));
const nsOf = seconds => BigInt(seconds) * NS_PER_SECOND;

// ---- identifiers ----

/** The identifier of the zone that is called @name in any case; RangeError if there is none. */
export function findZone(name) {
  const known = identifiers.get(name);
  if (known !== undefined) {
    return known;
  }
  const found = native.find(name);
  if (!found) {
    throw new RangeError(`invalid time zone: ${name}`);
  }
  const [identifier, primary] = found;
  identifiers.set(identifier, identifier);
  if (identifiers.size < 2000) {
    identifiers.set(name, identifier);
  }
  primaries.set(identifier, primary);
  return identifier;
}

function identifierOf({ name, offsetMinutes }) {
  return name === undefined ? formatOffsetMinutes(offsetMinutes) : findZone(name);
}

/** The zone that an identifier, and nothing else, says. */
export function zoneOfIdentifier(value) {
  if (typeof value != "string") {
    throw new TypeError(`${describe(value)} is no time zone`);
  }
  return identifierOf(parseZoneIdentifier(value));
}

/** The zone of a ZonedDateTime, or that an identifier or any text with a zone says. */
export function toZoneId(value) {
  const slots = slotsIf("ZonedDateTime", value);
  if (slots) {
    return slots.zone;
  }
  if (typeof value != "string") {
    throw new TypeError(`${describe(value)} is no time zone`);
  }
  return identifierOf(parseZoneString(value));
}

export const isOffsetZone = zone => zone[0] == "+" || zone[0] == "-";

/** The name that all links to the same zone have in common. */
export function primaryOf(zone) {
  return isOffsetZone(zone) ? zone : primaries.get(findZone(zone));
}

export function zonesEqual(one, two) {
  return one === two || primaryOf(one) === primaryOf(two);
}

// ---- offsets ----

function offsetMinutesOf(zone) {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone[0] == "-" ? -minutes : minutes;
}

function stretchAt(zone, seconds) {
  let stretch = stretches.get(zone);
  if (!stretch || seconds < stretch.from || seconds >= stretch.until) {
    const [from, until, offset] = native.stretch(zone, seconds);
    stretch = { from, until, offset };
    stretches.set(zone, stretch);
  }
  return stretch;
}

/** Nanoseconds that local time is ahead of UTC. */
export function offsetNsFor(zone, epochNs) {
  return isOffsetZone(zone) ? offsetMinutesOf(zone) * 6e10 + 0 : stretchAt(zone, secondsOf(epochNs)).offset * 1e9 + 0;
}

/** What the zone's clock shows. */
export function dateTimeFor(zone, epochNs) {
  return dateTimeOfEpochNs(epochNs + BigInt(offsetNsFor(zone, epochNs)));
}

/** The next or previous instant at which the offset changes; null: there is none. */
export function transitionOf(zone, epochNs, direction) {
  if (isOffsetZone(zone)) {
    return null;
  }
  const seconds = direction == "next"
    ? stretchAt(zone, secondsOf(epochNs)).until
    : stretchAt(zone, secondsOf(epochNs - 1n)).from;
  return Number.isFinite(seconds) && isValidEpochNs(nsOf(seconds)) ? nsOf(seconds) : null;
}

// ---- local times ----

/** All instants at which the zone's clock shows @dateTime: one, two, or none. */
export function possibleEpochNs(zone, dateTime) {
  const localNs = epochNsOf(dateTime);
  if (isOffsetZone(zone)) {
    return [checkEpochNs(localNs - BigInt(offsetMinutesOf(zone)) * NS_PER_MINUTE)];
  }
  const rest = floorMod(localNs, NS_PER_SECOND);
  return native.instants(zone, secondsOf(localNs)).map(seconds => checkEpochNs(nsOf(seconds) + rest));
}

/** The first instant after the gap that @dateTime is in. */
function gapEnd(zone, dateTime) {
  return nsOf(native.gapEnd(zone, secondsOf(epochNsOf(dateTime))));
}

/** The one of @possible that counts, and of a time that never was what stands for it. */
function disambiguate(possible, zone, dateTime, disambiguation) {
  if (possible.length == 1) {
    return possible[0];
  }
  if (disambiguation == "reject") {
    throw new RangeError(`The clock of ${zone} ${possible.length ? "shows this time twice" : "leaves this time out"}`);
  }
  if (possible.length) {
    return possible[disambiguation == "later" ? possible.length - 1 : 0];
  }
  const end = gapEnd(zone, dateTime);
  // As if the offset of the other side of the gap held at that time.
  const offsetNs = offsetNsFor(zone, disambiguation == "earlier" ? end : end - 1n);
  return checkEpochNs(epochNsOf(dateTime) - BigInt(offsetNs));
}

/** @disambiguation: "compatible", "earlier", "later", "reject" */
export function epochNsFor(zone, dateTime, disambiguation) {
  return disambiguate(possibleEpochNs(zone, dateTime), zone, dateTime, disambiguation);
}

/** The first instant of the day, which need not be midnight. */
export function startOfDay(zone, date) {
  const midnight = { date, time: MIDNIGHT };
  const [first = gapEnd(zone, midnight)] = possibleEpochNs(zone, midnight);
  return checkEpochNs(first);
}

/** Nanoseconds that the day of @date has. */
export function dayLength(zone, date) {
  return startOfDay(zone, addDays(date, 1)) - startOfDay(zone, date);
}

function matching(possible, localNs, offsetNs, matchMinutes) {
  return possible.find(epochNs => {
    const candidate = localNs - epochNs;
    return candidate == offsetNs || (matchMinutes && roundToIncrement(candidate, NS_PER_MINUTE, "halfExpand") == offsetNs);
  });
}

/**
 * The instant of a date and time that come with an offset.
 * @param {object|undefined} time  undefined: the start of the day
 * @param {string} behaviour  "option": by @offsetOption; "exact": it is the offset that counts; "wall": there is none
 * @param {number} offsetNs
 * @param {boolean} matchMinutes  an offset of whole minutes stands for one with seconds, too
 */
export function interpretOffset(date, time, behaviour, offsetNs, zone, disambiguation, offsetOption, matchMinutes) {
  if (time === undefined) {
    return startOfDay(zone, date);
  }
  const dateTime = { date, time };
  if (behaviour == "wall" || (behaviour == "option" && offsetOption == "ignore")) {
    return epochNsFor(zone, dateTime, disambiguation);
  }
  const localNs = epochNsOf(dateTime);
  if (behaviour == "exact" || offsetOption == "use") {
    return checkEpochNs(localNs - BigInt(offsetNs));
  }
  const possible = possibleEpochNs(zone, dateTime);
  const found = matching(possible, localNs, BigInt(offsetNs), matchMinutes);
  if (found !== undefined) {
    return found;
  }
  if (offsetOption == "reject") {
    throw new RangeError(`The offset is not one that ${zone} has at that time`);
  }
  return disambiguate(possible, zone, dateTime, disambiguation);
}
