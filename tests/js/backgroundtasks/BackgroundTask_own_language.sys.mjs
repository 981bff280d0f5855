// SPDX-License-Identifier: MPL-2.0
// What the language has gained, as far as Firefox is no judge of it: it lets nobody wait for a time in a background task, and
// it does not matter there what was used before.

import { Checks } from "resource://testing-common/check.sys.mjs";

const { notify } = Atomics;
const { parse, stringify } = JSON;

/** The first JSON.rawJSON comes while the engine is at work already, to functions that were kept before. */
function checkFirstRaw(t) {
  let calls = 0;
  const number = { toJSON: () => [++calls, JSON.rawJSON("1.0")] };
  t.equal("raw text within toJSON", stringify({ number }), '{"number":[2,1.0]}');
  t.equal("raw text afterwards", stringify([JSON.rawJSON("2.0")]), "[2.0]");
  t.equal("what is raw", [JSON.isRawJSON(JSON.rawJSON("3")), stringify({ rawJSON: "3" })], [true, '{"rawJSON":"3"}']);
  const sources = [];
  parse('[1.0, "a"]', (_key, _value, { source }) => sources.push(source));
  t.equal("sources", sources, ["1.0", '"a"', undefined]);
}

function checkLargeText(t) {
  const item = "\\\\\\\"x".repeat(50000);
  const text = `["${item}", ${"1.50, ".repeat(20000)}0]`;
  let longest = 0;
  let count = 0;
  parse(text, (_key, value, { source }) => {
    longest = Math.max(longest, source?.length ?? 0);
    count += source == "1.50" ? 1 : 0;
    return value;
  });
  t.equal("sources of a large text", [longest, count], [item.length + 2, 20000]);
}

async function checkWaiting(t) {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const started = Date.now();
  const { async, value } = Atomics.waitAsync(shared, 1, 0, 30);
  t.equal("somebody waits", [async, value instanceof Promise], [true, true]);
  t.equal("and nobody comes", await value, "timed-out");
  t.check(Date.now() - started >= 29, "not too early", Date.now() - started);
  t.equal("nobody waits any more", notify(shared, 1), 0);
  const all = [40, 20, Infinity].map(ms => Atomics.waitAsync(shared, 1, 0, ms).value);
  t.equal("the second gave up", await all[1], "timed-out");
  t.equal("the others are woken", notify(shared, 1), 2);
  t.equal("in words", await Promise.all(all), ["ok", "timed-out", "ok"]);
}

async function checkSyntax(t) {
  const load = name => ChromeUtils.importESModule(`resource://testing-common/modules/${name}.sys.mjs`);
  const { dispose, disposeAsync, isSame } = load("using");
  const events = [];
  t.equal("lines are as they were", dispose(events), 12);
  await disposeAsync(events);
  t.equal("order", events, ["objectobject", "second", "first", "objectobject", "each", "one"]);
  t.equal("one module of JSON", [isSame, load("using_again").data.a], [true, [1, 2]]);
  t.throws("outside of blocks", () => load("using_top"), { name: "SyntaxError", lineNumber: 3 });
  t.throws("what is no JSON", () => load("data_bad"), { name: "SyntaxError" });
}

export async function runBackgroundTask() {
  const t = new Checks();
  await checkSyntax(t);
  checkFirstRaw(t);
  checkLargeText(t);
  await checkWaiting(t);
  return t.exitCode;
}
