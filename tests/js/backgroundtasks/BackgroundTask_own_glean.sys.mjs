// SPDX-License-Identifier: MPL-2.0
// Telemetry that is not sent: everything is taken, and can be read again. Firefox records nothing in a background task
// whose profile has not agreed, so this is for bgtask-runner alone.

import { Checks } from "resource://testing-common/check.sys.mjs";

const t = new Checks();

function checkKinds() {
  const { test } = Glean;
  t.equal("nothing yet", test.none.testGetValue(), null);
  test.flag.set(true);
  t.equal("boolean", test.flag.testGetValue(), true);
  test.counter.add();
  test.counter.add(4);
  t.equal("counter", test.counter.testGetValue(), 5);
  test.list.set(["a"]);
  test.list.add("b");
  t.equal("list", test.list.testGetValue(), ["a", "b"]);
  test.when.set();
  t.check(test.when.testGetValue() instanceof Date, "date");
  test.object.set({ a: [1] });
  t.equal("object", JSON.stringify(test.object.testGetValue()), '{"a":[1]}');
  test.id.generateAndSet();
  t.equal("uuid", test.id.testGetValue().length, 36);
  test.anEvent.record({ reason: "x", count: 1, none: undefined });
  const [event] = test.anEvent.testGetValue();
  t.equal("event", [event.category, event.name, JSON.stringify(event.extra)], ["test", "an_event", '{"reason":"x","count":"1"}']);
  test.labels.good.add(2);
  test.labels.get("bad", "why").add(1);
  t.equal("label", test.labels.good.testGetValue(), 2);
  t.equal("two labels", test.labels.get("bad", "why").testGetValue(), 1);
  t.equal("all labels", Object.keys(test.labels.testGetValue()).length, 2);
  test.rate.addToNumerator(1);
  test.rate.addToDenominator(2);
  t.equal("rate", JSON.stringify(test.rate.testGetValue()), '{"numerator":1,"denominator":2}');
}

function checkTimes() {
  const { test } = Glean;
  const timer = test.timing.start();
  test.timing.stopAndAccumulate(timer);
  t.equal("timing", test.timing.testGetValue().count, 1);
  test.timing.cancel(test.timing.start());
  t.equal("a cancelled timer", test.timing.testGetValue().count, 1);
  test.span.start();
  test.span.stop();
  t.check(test.span.testGetValue() >= 0, "timespan");
  test.memory.accumulateSamples([1, 1, 3]);
  t.equal("distribution", JSON.stringify(test.memory.testGetValue()), '{"sum":5,"count":3,"values":{"1":2,"3":1}}');
}

/** What Firefox's kinds of metrics have, and pings. */
const METHODS = [
  "accumulate", "accumulateSamples", "accumulateSingleSample", "add", "addToDenominator", "addToNumerator", "cancel", "generateAndSet",
  "get", "record", "set", "setRaw", "start", "stop", "stopAndAccumulate", "testAccumulateRawMillis", "testGetValue",
];
const PING_METHODS = ["submit", "testBeforeNextSubmit", "setEnabled", "testSubmission", "QueryInterface"];

export async function runBackgroundTask() {
  t.equal("methods of metrics", METHODS.filter(name => typeof Glean.test.any[name] != "function"), []);
  t.equal("methods of pings", PING_METHODS.filter(name => typeof GleanPings.any[name] != "function"), []);
  Services.fog.initializeFOG();
  Services.fog.testResetFOG();
  checkKinds();
  checkTimes();
  t.equal("class strings", [String(Glean), String(Glean.test), String(GleanPings)],
          ["[object GleanImpl]", "[object GleanCategory]", "[object GleanPingsImpl]"]);
  t.throws("a category is not to be assigned", () => { Glean.test = 5; }, { name: "TypeError" });
  let heard = null;
  GleanPings.somePing.testBeforeNextSubmit(reason => { heard = reason; });
  GleanPings.somePing.submit("because");
  GleanPings.somePing.submit("again");
  t.equal("ping", heard, "because");
  await GleanPings.somePing.testSubmission(() => {}, () => GleanPings.somePing.submit());
  await t.rejects("a ping that is not sent", GleanPings.somePing.testSubmission(() => {}, () => {}), { name: "Error" });
  Services.fog.setExperimentActive("id", "branch");
  t.equal("experiment", Services.fog.testGetExperimentData("id").branch, "branch");
  Services.fog.testResetFOG();
  t.equal("reset", Glean.test.counter.testGetValue(), null);
  t.equal("QueryInterface", Services.fog.QueryInterface(Ci.nsIFOG) === Services.fog, true);
  return t.exitCode;
}
