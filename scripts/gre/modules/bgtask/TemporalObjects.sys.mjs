// SPDX-License-Identifier: MPL-2.0
// What makes an object one of Temporal's: a brand and slots, which no property shows.
//
// Slots are plain objects that are never changed: Duration has a duration record, Instant { epochNs }, PlainTime { time },
// PlainDate, PlainYearMonth and PlainMonthDay { date, calendar }, PlainDateTime { date, time, calendar }, ZonedDateTime
// { epochNs, zone, calendar }.

class Given {
  constructor(object) {
    return object;
  }
}

/** Adds its fields to the object that it is given. */
class Brand extends Given {
  #kind;
  #slots;

  constructor(object, kind, slots) {
    super(object);
    this.#kind = kind;
    this.#slots = slots;
  }

  static kind(value) {
    return isObject(value) && #kind in value ? value.#kind : undefined;
  }

  static slots(value) {
    return value.#slots;
  }
}

const prototypes = new Map();

export function isObject(value) {
  return (typeof value == "object" && value !== null) || typeof value == "function";
}

/** "PlainDate", "Instant"…; undefined: @value is none of Temporal's. */
export const kindOf = Brand.kind;

/** Give @object, which a constructor makes, its slots. */
export function stamp(object, kind, slots) {
  new Brand(object, kind, slots);
}

/** A new object of a class that was defined, without its constructor. */
export function make(kind, slots) {
  const object = Object.create(prototypes.get(kind));
  stamp(object, kind, slots);
  return object;
}

/** The slots of @value if it is a @kind, else undefined. */
export function slotsIf(kind, value) {
  return Brand.kind(value) === kind ? Brand.slots(value) : undefined;
}

/** The slots of @value, which has to be a @kind. */
export function slotsOf(kind, value) {
  if (Brand.kind(value) !== kind) {
    throw new TypeError(`Temporal.${kind} was expected, and not ${describe(value)}`);
  }
  return Brand.slots(value);
}

/** Whatever @value is, in a few words of an error. */
export function describe(value) {
  if (typeof value == "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  }
  if (typeof value == "function") {
    return "a function";
  }
  return typeof value == "object" && value !== null ? "an object" : String(value);
}

/** Make @cls the class of the objects of @kind. */
export function define(kind, cls) {
  const { prototype } = cls;
  prototypes.set(kind, prototype);
  Object.defineProperty(prototype, Symbol.toStringTag, { value: `Temporal.${kind}`, configurable: true });
}

/** What valueOf() of all of them does: comparing with < would otherwise work with their texts. */
export function refuseValue(kind) {
  throw new TypeError(`Temporal.${kind} has no primitive value: use compare() or equals()`);
}
