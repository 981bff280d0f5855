// SPDX-License-Identifier: MPL-2.0
// Temporal's objects as objects: what each function does with another `this` and without arguments, subclasses, copies, what the
// console prints, and that none of them can be changed or be called as what it is not.

import { attempt, each, named, show } from "resource://testing-common/temporal.sys.mjs";

const KINDS = ["Duration", "Instant", "PlainDate", "PlainTime", "PlainDateTime", "PlainYearMonth", "PlainMonthDay", "ZonedDateTime"];
const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } = Temporal;
const ARGUMENTS = { Duration: [1, 2], Instant: [5n], PlainDate: [2020, 1, 2], PlainTime: [1, 2], PlainDateTime: [2020, 1, 2, 3], PlainYearMonth: [2020, 1], PlainMonthDay: [1, 2], ZonedDateTime: [5n, "UTC"] };
const WRONG = { "Duration": [0], "Instant": ["x"], "PlainDate": [1, 2, 99], "PlainTime": [99], "PlainDateTime": [1, 2, 99], "PlainYearMonth": [1, 99], "PlainMonthDay": [1, 99], "ZonedDateTime": [5n, "x"] };
const make = kind => new Temporal[kind](...ARGUMENTS[kind]);
const descriptorOf = (kind, key) => Object.getOwnPropertyDescriptor(Temporal[kind].prototype, key);

/** Functions of a prototype, getters among them: [[name, function]]. */
function functionsOf(kind) {
  return Reflect.ownKeys(Temporal[kind].prototype).filter(key => key != "constructor").map(key => {
    const descriptor = descriptorOf(kind, key);
    return [String(key), descriptor.get ?? descriptor.value];
  }).filter(([, value]) => typeof value == "function");
}

/** Each function with each kind of object, with none, and with its own and no argument. */
function probesOf(kind) {
  return functionsOf(kind).flatMap(([name, body]) => {
    const others = () => [undefined, null, {}, 5, "2020-01-01", Temporal[kind].prototype, Temporal[kind], Object.create(make(kind)), new Proxy(make(kind), {}), ...KINDS.filter(other => other != kind).map(make)].map(value => attempt(() => body.call(value)));
    const own = () => [attempt(() => body.call(make(kind))), attempt(() => body.call(make(kind), undefined)), attempt(() => body.call(make(kind), null)), attempt(() => body.call(make(kind), Symbol("s"))), attempt(() => new body())];
    const isText = name == "toLocaleString";
    return [Object.assign(others, { toString: () => `${kind}.prototype.${name} of others` }), ...(isText ? [] : [Object.assign(own, { toString: () => `${kind}.prototype.${name} without arguments` })])];
  });
}

const STATICS = KINDS.flatMap(kind => Reflect.ownKeys(Temporal[kind]).filter(key => typeof Temporal[kind][key] == "function").map(key => [kind, key]));
const printed = value => console.log(value);

export const probes = named([
  ...KINDS.flatMap(probesOf),
  ...each(STATICS, ([kind, key]) => { const body = Temporal[kind][key]; return [attempt(() => body()), attempt(() => body.call(undefined, null)), attempt(() => new body()), attempt(() => body.call(5, make(kind), make(kind))), attempt(() => Reflect.construct(Object, [], body))]; }),
  ...each(KINDS, kind => [attempt(() => Temporal[kind](...ARGUMENTS[kind])), show(make(kind)), attempt(() => Temporal[kind].call(make(kind), ...ARGUMENTS[kind])), attempt(() => Reflect.construct(Temporal[kind], ARGUMENTS[kind], Array) instanceof Array), Object.getPrototypeOf(Temporal[kind]) === Function.prototype]),
  ...each(KINDS, kind => Reflect.ownKeys(Temporal[kind]).map(String).sort()),
  ...each(KINDS, kind => Reflect.ownKeys(Temporal[kind].prototype).map(String).sort()),
  ...each(KINDS, kind => descriptorOf(kind, Symbol.toStringTag).value),
  ...each(KINDS, kind => [Reflect.ownKeys(make(kind)).length, Object.isFrozen(make(kind)), Object.isExtensible(make(kind)), String(Object.prototype.toString.call(make(kind))), make(kind).constructor === Temporal[kind]]),
  // Subclasses: methods and statics give the base class.
  ...each(KINDS, kind => { class Sub extends Temporal[kind] {} const s = new Sub(...ARGUMENTS[kind]); return [s instanceof Sub, s, Sub.from?.(s).constructor === Temporal[kind], attempt(() => s.with?.({ hours: 1, hour: 1, day: 1 }).constructor.name), attempt(() => s.add?.({ hours: 0 }).constructor.name), s.constructor.name]; }),
  ...each(KINDS, kind => { class Sub extends Temporal[kind] { constructor() { super(...WRONG[kind]); } } return attempt(() => new Sub()); }),
  ...each(KINDS, kind => { class Sub extends Temporal[kind] { toString() { return "mine"; } } const s = new Sub(...ARGUMENTS[kind]); return [`${s}`, s.toJSON(), JSON.stringify(s)]; }),
  ...each(KINDS, kind => { class Base { constructor(o) { return o; } } class Stamp extends Base { #x = 1; static has(o) { return #x in o; } } const v = make(kind); new Stamp(v); return Stamp.has(v); }),
  ...each(KINDS, kind => { const reads = []; const target = new Proxy(function () {}, { get(t, key) { reads.push(String(key)); return t[key]; } }); return [attempt(() => Reflect.construct(Temporal[kind], ARGUMENTS[kind], target)), reads]; }),
  // Changed, copied, printed.
  ...each(KINDS, kind => functionsOf(kind).filter(([name]) => descriptorOf(kind, name)?.get).map(([name]) => attempt(() => { make(kind)[name] = 7; }))),
  ...each(KINDS, kind => attempt(() => structuredClone(make(kind)))),
  ...each(KINDS, kind => attempt(() => structuredClone({ a: [make(kind)] }))),
  ...each(KINDS, kind => printed(make(kind))),
  ...each(KINDS, kind => printed([make(kind), { value: make(kind) }])),
  ...each(KINDS, kind => printed(Temporal[kind])),
  () => printed(Temporal),
  () => printed(Temporal.Now),
  ...each(KINDS, kind => [JSON.stringify({ value: make(kind) }), attempt(() => make(kind).valueOf()), attempt(() => +make(kind)), attempt(() => make(kind) > 5), attempt(() => make(kind) + 1), attempt(() => BigInt(make(kind))), attempt(() => make(kind) == 5), attempt(() => make(kind) == make(kind)), `${make(kind)}`, attempt(() => make(kind)[Symbol.toPrimitive])]),
  ...each(KINDS, kind => [attempt(() => Object.assign({}, make(kind))), attempt(() => ({ ...make(kind) })), attempt(() => new Map([[make(kind), 1]]).size), attempt(() => new WeakSet([make(kind)]) && 1), Object.entries(make(kind))]),
  ...each(KINDS, kind => { const v = make(kind); v.own = 5; Object.defineProperty(v, "year", { value: 99 }); return [v.own, v.year, Temporal[kind].from(v)]; }),
  ...each(KINDS, kind => { const v = Object.freeze(make(kind)); return [Temporal[kind].from(v), String(v)]; }),
  ...each(KINDS, kind => [Temporal[kind].prototype.toString.length, descriptorOf(kind, "toString").enumerable, Object.getOwnPropertyDescriptor(Temporal, kind).enumerable, Object.getOwnPropertyDescriptor(Temporal[kind], "prototype").writable]),
  ...each(KINDS, kind => functionsOf(kind).map(([, body]) => [body.name, body.length, "prototype" in body].join(" ")).sort()),
  () => [Object.prototype.toString.call(Temporal), typeof Temporal, Reflect.ownKeys(Temporal).map(String), attempt(() => new Temporal()), Object.getPrototypeOf(Temporal) === Object.prototype],
  () => Object.getOwnPropertyDescriptor(globalThis, "Temporal").enumerable,
  () => { void new Date(0).toTemporalInstant; const d = Object.getOwnPropertyDescriptor(Date.prototype, "toTemporalInstant"); return [d.enumerable, d.value.name, d.value.length]; },
  () => { const species = Object.getOwnPropertyDescriptor(PlainTime, Symbol.species); return [species, PlainMonthDay[Symbol.species]]; },
]);
