// SPDX-License-Identifier: MPL-2.0
// Helpers of Iterator: what they read and call in which order, when they close what they go through, and what they refuse.

let events = [];

/** What happened since the last time. */
function told() {
  const all = events;
  events = [];
  return all;
}

/** An iterator that notes whatever is asked of it. It gives 0, 1, … and ends after @count. */
function watched(count = 3, overrides = {}) {
  let at = 0;
  const iterator = {
    __proto__: Iterator.prototype,
    get next() {
      events.push("get next");
      return () => {
        events.push("next");
        const value = at++;
        return {
          get done() {
            events.push("done");
            return value >= count;
          },
          get value() {
            events.push("value");
            return value;
          },
        };
      };
    },
    get return() {
      events.push("get return");
      return () => {
        events.push("return");
        return {};
      };
    },
  };
  return Object.defineProperties(iterator, Object.getOwnPropertyDescriptors(overrides));
}

/** What @body gives, and what happened. */
function noting(body) {
  told();
  const result = body();
  return [result, ...told()];
}

/** The error of @body, and what happened. */
function failing(body) {
  told();
  try {
    return ["gave", body(), ...told()];
  } catch (error) {
    return [error?.name ?? error, error?.message, ...told()];
  }
}

const thrower = text => () => { throw new Error(text); };
const throwsOnReturn = { get return() { events.push("get return"); return thrower("closing"); } };
const throwsOnNext = { next: thrower("going on") };
void Symbol.dispose; // which gives Iterator.prototype a method here

const Helper = Object.getPrototypeOf([].values().map(x => x));
const Wrapper = Object.getPrototypeOf(Iterator.from({ next() {} }));
const helperOf = (iterator, name, argument) => Iterator.prototype[name].call(iterator, argument);

export const probes = [
  () => [Reflect.ownKeys(Helper).map(String), Reflect.ownKeys(Wrapper).map(String)],
  () => [Object.getPrototypeOf(Helper) === Iterator.prototype, Object.getPrototypeOf(Wrapper) === Iterator.prototype],
  () => Reflect.ownKeys(Iterator.prototype).map(String).sort(),
  () => Reflect.ownKeys(Iterator).map(String).sort(),
  () => Object.getOwnPropertyDescriptor(Iterator, "prototype").writable,
  () => Object.entries(Object.getOwnPropertyDescriptors(Helper)).map(([key, { writable, enumerable, configurable }]) => [key, writable, enumerable, configurable]),
  () => { const { writable, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(Helper, Symbol.toStringTag); return [value, writable, enumerable, configurable]; },
  () => ["take", "drop", "flatMap", "map", "filter"].map(name => Object.getPrototypeOf(helperOf(watched(), name, name.length == 4 ? 1 : x => x)) === Helper),
  () => [String([].values().map(x => x)), "throw" in [].values().map(x => x), "constructor" in Helper, Object.hasOwn(Helper, "constructor")],
  () => ["map", "filter", "take", "drop", "flatMap", "reduce", "toArray", "forEach", "some", "every", "find"].map(name => [Iterator.prototype[name].name, Iterator.prototype[name].length]),
  () => [Iterator.length, Iterator.name, Iterator.from.length, Helper.next.length, Helper.return.length, Helper.next.name, Wrapper.return.name],
  () => Iterator(),
  () => new Iterator(),
  () => { class Own extends Iterator {} return [new Own() instanceof Iterator, Object.prototype.toString.call(new Own()), Object.keys(new Own())]; },
  () => Reflect.construct(Iterator, [], Object) instanceof Iterator,
  () => Reflect.construct(Iterator, [], Iterator),
  () => new Iterator.prototype.map(x => x),
  () => new Iterator.from([]),
  () => [[1].values() instanceof Iterator, (function* () {})() instanceof Iterator, new Map().keys() instanceof Iterator, "".matchAll(/a/g) instanceof Iterator],
  () => noting(() => { helperOf(watched(), "map", x => x); return "made"; }),
  () => noting(() => helperOf(watched(), "map", (x, i) => [x, i]).toArray()),
  () => noting(() => helperOf(watched(), "filter", (x, i) => i != 1).toArray()),
  () => noting(() => helperOf(watched(5), "take", 2).toArray()),
  () => noting(() => helperOf(watched(1), "take", 2).toArray()),
  () => noting(() => helperOf(watched(3), "take", 0).next()),
  () => noting(() => { const taken = helperOf(watched(3), "take", 0); taken.next(); return taken.next(); }),
  () => noting(() => helperOf(watched(5), "drop", 2).toArray()),
  () => noting(() => helperOf(watched(1), "drop", 2).toArray()),
  () => noting(() => helperOf(watched(2), "drop", Infinity).toArray()),
  () => noting(() => helperOf(watched(2), "take", Infinity).toArray()),
  () => noting(() => helperOf(watched(2), "take", { valueOf: () => { events.push("valueOf"); return 1; } }).toArray()),
  () => noting(() => helperOf(watched(2), "take", "1.9").toArray()),
  () => noting(() => helperOf(watched(2), "drop", -0.5).toArray()),
  () => failing(() => helperOf(watched(), "take")),
  () => failing(() => helperOf(watched(), "take", NaN)),
  () => failing(() => helperOf(watched(), "take", -1)),
  () => failing(() => helperOf(watched(), "take", -Infinity)),
  () => failing(() => helperOf(watched(), "take", 1n)),
  () => failing(() => helperOf(watched(), "take", Symbol())),
  () => failing(() => helperOf(watched(), "take", { valueOf: thrower("of the limit") })),
  () => failing(() => helperOf(watched(3, throwsOnReturn), "take", NaN)),
  () => failing(() => helperOf(watched(), "drop")),
  () => failing(() => helperOf(watched(), "drop", "x")),
  () => failing(() => helperOf(watched(), "drop", -1)),
  () => failing(() => helperOf(watched(3, throwsOnReturn), "drop", -1)),
  () => failing(() => watched().map()),
  () => failing(() => watched().map(true)),
  () => failing(() => watched().filter("x")),
  () => failing(() => watched().flatMap(null)),
  () => failing(() => watched().reduce(5)),
  () => failing(() => watched().forEach()),
  () => failing(() => watched().some(7)),
  () => failing(() => watched().every()),
  () => failing(() => watched().find(1.5)),
  () => failing(() => watched(3, throwsOnReturn).find(5)),
  () => failing(() => ({ __proto__: Iterator.prototype, return: undefined }).map(5)),
  () => failing(() => ({ __proto__: Iterator.prototype, return: 5 }).map(5)),
  () => ["map", "take", "toArray", "reduce"].map(name => failing(() => helperOf(5, name, 1))),
  () => ["filter", "drop", "some"].map(name => failing(() => helperOf(undefined, name))),
  () => failing(() => helperOf(watched(), "map", thrower("mapping")).next()),
  () => failing(() => helperOf(watched(3, throwsOnReturn), "map", thrower("mapping")).next()),
  () => failing(() => helperOf(watched(), "filter", thrower("filtering")).next()),
  () => failing(() => helperOf(watched(3, throwsOnNext), "map", x => x).next()),
  () => { const mapped = helperOf(watched(3, throwsOnNext), "map", x => x); return [failing(() => mapped.next()), mapped.next(), noting(() => mapped.return())]; },
  () => failing(() => helperOf({ next: () => 5 }, "map", x => x).next()),
  () => failing(() => helperOf({ next: 5 }, "map", x => x).next()),
  () => failing(() => helperOf({ next: 5 }, "toArray")),
  () => failing(() => helperOf({ next: () => ({ get done() { throw new Error("done"); } }), return: thrower("not called") }, "filter", x => x).next()),
  () => failing(() => helperOf({ next: () => ({ done: false, get value() { throw new Error("value"); } }), return: thrower("not called") }, "filter", x => x).next()),
  () => noting(() => { const mapped = helperOf(watched(), "map", x => x); return [mapped.return(), mapped.next(), mapped.return()]; }),
  () => noting(() => { const mapped = helperOf(watched(), "map", x => x); return [mapped.next(), mapped.return(), mapped.next(), mapped.return()]; }),
  () => failing(() => { const mapped = helperOf(watched(3, throwsOnReturn), "map", x => x); return mapped.return(); }),
  () => failing(() => { const mapped = helperOf(watched(3, throwsOnReturn), "map", x => x); mapped.next(); return mapped.return(); }),
  () => failing(() => { const mapped = helperOf(watched(3, throwsOnReturn), "map", x => x); try { mapped.return(); } catch {} return [mapped.next(), mapped.return()]; }),
  () => failing(() => helperOf({ next() {}, return: () => 5 }, "map", x => x).return()),
  () => failing(() => helperOf({ next() {}, return: 5 }, "map", x => x).return()),
  () => noting(() => helperOf({ next() {} }, "map", x => x).return()),
  () => failing(() => { const mapped = [1].values().map(() => mapped.next()); return mapped.next(); }),
  () => failing(() => { const mapped = [1].values().map(() => mapped.return()); return mapped.next(); }),
  () => failing(() => { const mapped = helperOf({ next() {}, return() { return mapped.next(); } }, "map", x => x); return mapped.return(); }),
  () => failing(() => { const mapped = helperOf({ next: () => ({ value: 1 }), return() { return mapped.next(); } }, "map", x => x); mapped.next(); return mapped.return(); }),
  () => failing(() => Helper.next.call({})),
  () => failing(() => Helper.return.call([].values())),
  () => failing(() => Helper.next.call(Iterator.from({ next() {} }))),
  () => failing(() => Helper.next.call(undefined)),
  () => failing(() => Wrapper.next.call([].values().map(x => x))),
  () => failing(() => Wrapper.return.call({})),
  () => failing(() => Iterator.from({ next: 5 }).next()),
  () => noting(() => helperOf(watched(2), "flatMap", x => [x, x]).toArray()),
  () => noting(() => helperOf(watched(1), "flatMap", () => watched(1)).toArray()),
  () => failing(() => helperOf(watched(), "flatMap", x => x).next()),
  () => failing(() => helperOf(watched(), "flatMap", () => "text").next()),
  () => failing(() => helperOf(watched(), "flatMap", () => null).next()),
  () => failing(() => helperOf(watched(), "flatMap", () => ({ [Symbol.iterator]: () => 5 })).next()),
  () => failing(() => helperOf(watched(), "flatMap", () => ({ [Symbol.iterator]: 5 })).next()),
  () => failing(() => helperOf(watched(), "flatMap", () => ({})).next()),
  () => failing(() => helperOf(watched(), "flatMap", () => Object("ab")).toArray()),
  () => failing(() => helperOf(watched(), "flatMap", () => ({ next: thrower("inner") })).next()),
  () => failing(() => helperOf(watched(), "flatMap", thrower("mapping")).next()),
  () => noting(() => { const flat = helperOf(watched(), "flatMap", () => watched()); return [flat.next(), flat.return(), flat.next()]; }),
  () => noting(() => { const flat = helperOf(watched(), "flatMap", () => watched()); return flat.return(); }),
  () => failing(() => { const flat = helperOf(watched(), "flatMap", () => watched(3, throwsOnReturn)); flat.next(); return flat.return(); }),
  () => failing(() => { const flat = helperOf(watched(3, throwsOnReturn), "flatMap", () => watched(3, throwsOnReturn)); flat.next(); return flat.return(); }),
  () => [0, 1].values().flatMap(x => [[x]]).toArray(),
  () => noting(() => helperOf(watched(), "some", x => x == 1)),
  () => noting(() => helperOf(watched(), "every", (x, i) => i < 1)),
  () => noting(() => helperOf(watched(), "find", x => x == 1)),
  () => noting(() => helperOf(watched(), "find", () => false)),
  () => noting(() => helperOf(watched(), "forEach", (...all) => events.push(all.join()))),
  () => noting(() => helperOf(watched(), "reduce", (...all) => all.join("/"))),
  () => noting(() => helperOf(watched(1), "reduce", (...all) => all.join("/"), undefined)),
  () => noting(() => Iterator.prototype.reduce.call(watched(2), (...all) => all.join("/"), undefined)),
  () => failing(() => helperOf(watched(0), "reduce", x => x)),
  () => failing(() => helperOf(watched(), "some", thrower("some"))),
  () => failing(() => helperOf(watched(3, throwsOnReturn), "some", () => true)),
  () => failing(() => helperOf(watched(3, throwsOnReturn), "reduce", thrower("reducing"))),
  () => noting(() => Iterator.from(watched()).toArray()),
  () => { const plain = watched(); return Iterator.from(plain) === plain; },
  () => noting(() => { const wrapped = Iterator.from({ get [Symbol.iterator]() { events.push("get iterator"); return () => ({ get next() { events.push("get next"); return () => ({ done: true }); } }); } }); return [Object.getPrototypeOf(wrapped) === Wrapper, wrapped.next()]; }),
  () => noting(() => { const wrapped = Iterator.from({ next() { return 5; } }); return [wrapped.next(), wrapped.return()]; }),
  () => noting(() => Iterator.from({ next() {}, return() { events.push("return"); return 7; } }).return()),
  () => noting(() => { const wrapped = Iterator.from({ next(...all) { return [this.mark, all]; }, mark: 3 }); return wrapped.next(1, 2); }),
  () => failing(() => Iterator.from({ next() {}, return: 5 }).return()),
  () => failing(() => Iterator.from(5)),
  () => failing(() => Iterator.from(null)),
  () => failing(() => Iterator.from(Symbol())),
  () => failing(() => Iterator.from({ [Symbol.iterator]: 5 })),
  () => failing(() => Iterator.from({ [Symbol.iterator]: () => "x" })),
  () => failing(() => Iterator.from({ get next() { throw new Error("next"); } })),
  () => [Iterator.from("a\u{1f600}b").toArray(), Iterator.from(Object("xy")).toArray(), Iterator.from({}) instanceof Iterator],
  () => Iterator.from([1, 2]).map(x => x + 1).filter(x => x > 2).drop(0).take(5).flatMap(x => [x, -x]).toArray(),
  () => [...(function* () { yield* [1, 2, 3].values().map(x => x * 2); })()],
  () => { const out = []; for (const x of [1, 2, 3].values().map(v => { out.push(v); return v; })) { if (x == 2) { break; } } return out; },
  () => noting(() => { const [first] = helperOf(watched(), "map", x => x); return first; }),
  () => { const descriptor = Object.getOwnPropertyDescriptor(Iterator.prototype, "map"); return [typeof descriptor.value, descriptor.writable, descriptor.enumerable]; },
  () => { const it = [1].values(); it.map = 5; return [it.map, Object.keys(it), typeof Iterator.prototype.map]; },
  () => { "use strict"; Iterator.prototype.constructor = 5; },
  () => Object.getOwnPropertyDescriptor(Iterator.prototype, "constructor").get.call(5) === Iterator,
  () => { Object.getOwnPropertyDescriptor(Iterator.prototype, "constructor").set.call(5, 1); },
  () => { const it = { [Symbol.toStringTag]: "was" }; Object.getOwnPropertyDescriptor(Iterator.prototype, Symbol.toStringTag).set.call(it, "is"); return [it[Symbol.toStringTag], Object.getOwnPropertyDescriptor(it, Symbol.toStringTag).enumerable]; },
  () => [typeof AsyncIterator, Reflect.ownKeys(Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype))).map(String)],
  () => Object.prototype.toString.call(Iterator.concat([1])) + Object.prototype.toString.call(Iterator.zip([[1]])),
  () => [Object.getPrototypeOf(Iterator.concat()) === Helper, Object.getPrototypeOf(Iterator.zip([])) === Helper],
  () => noting(() => { const all = Iterator.concat({ [Symbol.iterator]: () => watched(2) }, [7]); return [all.next(), all.return(), all.next()]; }),
  () => failing(() => { const all = Iterator.concat({ [Symbol.iterator]: () => ({ next: () => all.next() }) }); return all.next(); }),
  () => failing(() => { const all = Iterator.concat({ [Symbol.iterator]: () => 5 }); return all.next(); }),
  () => failing(() => Iterator.concat({ get [Symbol.iterator]() { events.push("get iterator"); return 5; } }, watched()))[0],
  () => noting(() => Iterator.concat({ [Symbol.iterator]: () => watched(2) }).toArray()),
  () => failing(() => { const rows = Iterator.zip([{ next: () => rows.next() }]); return rows.next(); }),
  () => noting(() => { const rows = Iterator.zip([watched(2), watched(1)]); return rows.return(); }),
  () => noting(() => Iterator.zip([watched(1), watched(1)]).toArray()),
  () => failing(() => Iterator.zip([watched(), watched(3, throwsOnReturn)]).return()),
  () => failing(() => Iterator.zip([watched()], { get mode() { events.push("get mode"); return "longest"; }, get padding() { events.push("get padding"); return 5; } })),
];
