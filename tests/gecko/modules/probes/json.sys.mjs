// SPDX-License-Identifier: MPL-2.0
// JSON: text that is kept as it is (JSON.rawJSON), and the source that a reviver sees.

const R = text => JSON.rawJSON(text);
const log = [];

/** All that a reviver is called with, for @text; @change may give another value. */
function revived(text, change = (_key, value) => value) {
  const calls = [];
  const result = JSON.parse(text, function (key, value, context) {
    calls.push([key, typeof value == "object" ? typeof value : value, Object.keys(context).join(), context.source]);
    return change.call(this, key, value, context);
  });
  return [...calls, result];
}

function watchedProxy(target) {
  return new Proxy(target, Object.fromEntries(["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "defineProperty", "deleteProperty"].map(trap => [
    trap,
    (...all) => {
      log.push(`${trap} ${typeof all[1] == "string" ? all[1] : ""}`);
      return Reflect[trap](...all);
    },
  ])));
}

function noting(body) {
  log.length = 0;
  return [body(), ...log];
}

export const probes = [
  () => JSON.stringify({ toJSON: () => R("first use") }),
  () => JSON.stringify({ toJSON: () => R("12345678901234567890") }),
  () => JSON.stringify([1n, 2n], (_key, value) => (typeof value == "bigint" ? R(String(value)) : value)),
  () => JSON.stringify(R("1e1000")),
  () => JSON.stringify({ a: R("-0"), b: [R('"text"'), R("null"), R("true")] }),
  () => JSON.stringify({ a: R("1.0"), b: 1.0 }, null, 2),
  () => JSON.stringify({ a: { b: R("1.0") }, c: 2 }, ["a", "b"], "--"),
  () => JSON.stringify({ a: R("5") }, (key, value) => (JSON.isRawJSON(value) ? value.rawJSON : value)),
  () => { const raw = R("5"); return [Object.getPrototypeOf(raw), Object.isFrozen(raw), Reflect.ownKeys(raw), raw.rawJSON, typeof raw]; },
  () => { const raw = R(" 5".trim()); return JSON.isRawJSON(raw); },
  () => [JSON.isRawJSON({ rawJSON: "5" }), JSON.isRawJSON(5), JSON.isRawJSON(), JSON.isRawJSON(Object.create(R("1")))],
  () => JSON.stringify({ rawJSON: "5" }),
  () => JSON.stringify(new Proxy(R("5"), {})),
  () => [R(5).rawJSON, R(null).rawJSON, R(true).rawJSON, R("\"a b\"").rawJSON],
  () => R(""),
  () => R(),
  () => R(" 1"),
  () => R("1\n"),
  () => R("\t1"),
  () => R("{}"),
  () => R("[1]"),
  () => R("1 2"),
  () => R("01"),
  () => R("\"a"),
  () => R("undefined"),
  () => R(Symbol("x")),
  () => R(10n).rawJSON,
  () => R({ toString: () => "7" }).rawJSON,
  () => new JSON.rawJSON("1"),
  () => [JSON.rawJSON.length, JSON.isRawJSON.length, JSON.stringify.length, JSON.parse.length, JSON.parse.name],
  () => JSON.stringify({ a: [1, { b: "\u2028\ud800\"\\\n" }], c: undefined, d() {}, e: Symbol(), f: NaN, g: -0, h: null }),
  () => JSON.stringify([undefined, () => 1, Symbol(), Infinity]),
  () => [JSON.stringify(), JSON.stringify(Symbol()), JSON.stringify(() => 1), JSON.stringify(undefined)],
  () => JSON.stringify([Object(1), Object("x"), Object(false), new Date(0)]),
  () => JSON.stringify(Object(1n)),
  () => JSON.stringify([1n]),
  () => JSON.stringify(Object.assign(Object(5), { valueOf: () => 7, toString: () => "8" })),
  () => JSON.stringify(Object.assign(Object("s"), { valueOf: () => 7, toString: () => "8" })),
  () => JSON.stringify([1, [2]], null, Object(3)),
  () => JSON.stringify([1, {}], null, "0123456789abc"),
  () => JSON.stringify([1, []], null, 20),
  () => JSON.stringify([1], null, -5) + JSON.stringify([1], null, 1.9),
  () => JSON.stringify({ b: 1, a: 2, 1: 3 }, ["a", 1, "a", Object("b"), null, {}]),
  () => JSON.stringify([{ a: 1, b: 2 }], ["a"]),
  () => { const cyclic = {}; cyclic.a = cyclic; return JSON.stringify(cyclic, (_key, value) => value); },
  () => JSON.stringify({ a: 1 }, function (key, value) { return key == "a" ? [this === value, this.a] : value; }),
  () => JSON.stringify({ a: 1 }, () => undefined),
  () => JSON.stringify({ x: { toJSON(key) { return `${key}!`; } } }, (_key, value) => value),
  () => noting(() => JSON.stringify(watchedProxy({ a: 1, b: [R("2")] }))),
  () => noting(() => JSON.stringify(watchedProxy([1, R("2")]), (_key, value) => value)),
  () => noting(() => JSON.stringify({ x: 1 }, watchedProxy(["x"]))),
  () => JSON.stringify({ __proto__: { inherited: 1 }, own: R("1") }),
  () => revived("5"),
  () => revived("-1.50e+2"),
  () => revived(' "a\\u0062c" '),
  () => revived("[1, 2.0, \"x\", null, true]"),
  () => revived('{"a": 1e3, "b": {"c": [0.10]}}'),
  () => revived('{"a": 1, "a": 2.0}'),
  () => revived('{"a": {"b": 1}, "a": [3.0]}'),
  () => revived('{"__proto__": 1.0, "b": 2.0}'),
  () => revived('{"2": 2.0, "1": 1.0, "b": 0.0}'),
  () => revived('["\\\\", "\\"", "]", "a,b"]'),
  () => revived("[1.0, 2.0]", function (key, value) { if (key == "0") { this[1] = 3; } return value; }),
  () => revived("[1.0, 2.0]", function (key, value) { if (key == "0") { this[1] = 2; } return value; }),
  () => revived("[1.0, [2.0]]", function (key, value) { if (key == "0") { this[1] = [2]; } return value; }),
  () => revived('{"a": 1.0, "b": 2.0}', function (key, value) { if (key == "a") { delete this.b; } return value; }),
  () => revived('{"a": 1.0, "b": {"c": 2.0}}', function (key, value) { if (key == "a") { this.b = { c: 2 }; } return value; }),
  () => revived('{"a": 1.0, "b": [2.0]}', function (key, value) { if (key == "a") { this.b.push(3); } return value; }),
  () => revived('{"a": [1.0, 2.0]}', function (key, value) { if (key == "0") { this.length = 1; } return value; }),
  () => revived("[1, 2, 3]", (_key, value) => (value === 2 ? undefined : value)),
  () => revived('{"a": 1, "b": 2}', (key, value) => (key == "a" ? undefined : value)),
  () => revived("[0, -0]"),
  () => JSON.parse("[12345678901234567890]", (_key, value, { source }) => (source ? BigInt(source) : value)),
  () => JSON.parse("[1]", function (key, value, context) { return key ? [this, arguments.length, Object.getPrototypeOf(context) === Object.prototype] : value; }),
  () => JSON.parse("1", (_key, _value, context) => Object.getOwnPropertyDescriptor(context, "source")),
  () => JSON.parse("{}", (_key, _value, context) => Reflect.ownKeys(context)),
  () => { JSON.parse("[1]", () => { throw new RangeError("reviving"); }); },
  () => noting(() => JSON.parse('{"a": 0, "b": 1}', function (key, value) { if (key == "a") { this.b = watchedProxy({ x: 1, y: 2 }); } return key == "x" ? undefined : value; })),
  () => noting(() => JSON.parse("[0, 1]", function (key, value) { if (key == "0") { this[1] = watchedProxy([7]); } return value; })),
  () => JSON.parse("[0, 1]", function (key, value) { if (key == "0") { Object.defineProperty(this, "1", { configurable: false }); } return key == "1" ? 22 : value; }),
  () => JSON.parse("[1,]", x => x),
  () => JSON.parse("", x => x),
  () => JSON.parse(undefined, x => x),
  () => JSON.parse(Symbol(), x => x),
  () => [JSON.parse("[1]", null), JSON.parse("[1]", "x"), JSON.parse("[1]", {})],
  () => JSON.parse({ toString: () => "[1]" }, (_key, value) => value),
  () => { const { parse, stringify } = JSON; return [parse("[1]", (k, v) => v), stringify([R("1.0")])]; },
  () => { let deep = "1"; for (let i = 0; i < 200; i++) { deep = `[${deep}]`; } return JSON.stringify(JSON.parse(deep, (_key, value) => value)) === deep; },
];
