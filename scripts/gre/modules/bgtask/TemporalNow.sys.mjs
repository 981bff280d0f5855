// SPDX-License-Identifier: MPL-2.0
// Temporal.Now: the time and the zone of this process, by the engine's clock and its notion of the zone, as Date has them.

import { make } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import { dateTimeFor, findZone, primaryOf, toZoneId } from "resource://gre/modules/bgtask/TemporalZones.sys.mjs";

const { now } = Date;
const { DateTimeFormat } = Intl;
const CALENDAR = "iso8601";

let systemZone;

/** The zone that Date uses; UTC if it is not one of the zone database. */
function systemZoneId() {
  if (systemZone === undefined) {
    const { timeZone } = new DateTimeFormat().resolvedOptions();
    try {
      systemZone = primaryOf(findZone(timeZone));
    } catch {
      systemZone = "UTC";
    }
  }
  return systemZone;
}

const epochNsNow = () => BigInt(now()) * 1_000_000n;
const zoneOf = like => (like === undefined ? systemZoneId() : toZoneId(like));
const dateTimeNow = like => dateTimeFor(zoneOf(like), epochNsNow());

const methods = {
  timeZoneId() {
    return systemZoneId();
  },

  instant() {
    return make("Instant", { epochNs: epochNsNow() });
  },

  plainDateTimeISO(temporalTimeZoneLike = undefined) {
    return make("PlainDateTime", { ...dateTimeNow(temporalTimeZoneLike), calendar: CALENDAR });
  },

  zonedDateTimeISO(temporalTimeZoneLike = undefined) {
    const zone = zoneOf(temporalTimeZoneLike);
    return make("ZonedDateTime", { epochNs: epochNsNow(), zone, calendar: CALENDAR });
  },

  plainDateISO(temporalTimeZoneLike = undefined) {
    return make("PlainDate", { date: dateTimeNow(temporalTimeZoneLike).date, calendar: CALENDAR });
  },

  plainTimeISO(temporalTimeZoneLike = undefined) {
    return make("PlainTime", { time: dateTimeNow(temporalTimeZoneLike).time });
  },
};

export const Now = {};

for (const name of Object.keys(methods)) {
  Object.defineProperty(Now, name, { value: methods[name], writable: true, enumerable: false, configurable: true });
}
Object.defineProperty(Now, Symbol.toStringTag, { value: "Temporal.Now", configurable: true });
