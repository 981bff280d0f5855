// SPDX-License-Identifier: MPL-2.0
// Globals that Firefox's background tasks do not have, or that differ there.

import { Checks } from "resource://testing-common/check.sys.mjs";

async function checkScheduling(t) {
  const order = [];
  setTimeout(() => order.push("timer"), 0);
  queueMicrotask(() => order.push("microtask"));
  Promise.resolve().then(() => order.push("promise"));
  await new Promise(resolve => setTimeout(resolve, 20));
  t.equal("order", order, ["microtask", "promise", "timer"]);
  t.throws("queueMicrotask of no function", () => queueMicrotask(5), { name: "TypeError" });
  const { setTimeout: imported } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  t.equal("global timers are those of Timer.sys.mjs", imported === setTimeout, true);
}

async function checkTimeoutSignal(t) {
  const signal = AbortSignal.timeout(10);
  t.equal("timeout, before", signal.aborted, false);
  await new Promise(resolve => (signal.onabort = resolve));
  t.equal("timeout", [signal.aborted, signal.reason.name, signal.reason.message, signal.reason.code],
    [true, "TimeoutError", "The operation timed out.", 23]);
  for (const bad of [-1, NaN, Infinity, "x"]) {
    t.throws(`timeout ${bad}`, () => AbortSignal.timeout(bad), { name: "TypeError" });
  }
  t.equal("a very long timeout", AbortSignal.timeout(2 ** 40).aborted, false);
}

function checkPerformance(t) {
  const first = performance.now();
  t.check(first >= 0 && performance.now() >= first, "now is monotonic", first);
  t.check(Math.abs(performance.timeOrigin + first - Date.now()) < 1000, "timeOrigin", performance.timeOrigin);
  t.equal("timeOrigin stays", performance.timeOrigin, performance.timeOrigin);
  performance.mark("a", { startTime: 1 });
  performance.mark("b", { startTime: 5, detail: { x: 1 } });
  const measure = performance.measure("m", "a", "b");
  t.equal("measure", [measure.name, measure.startTime, measure.duration, measure.entryType], ["m", 1, 4, "measure"]);
  t.equal("entries", [performance.getEntriesByType("mark").length, performance.getEntriesByName("b")[0].detail.x], [2, 1]);
  t.equal("with options", performance.measure("n", { start: 2, duration: 3 }).duration, 3);
  t.throws("unknown mark", () => performance.measure("x", "none"), { name: "SyntaxError" });
  performance.clearMarks("a");
  t.equal("cleared", performance.getEntriesByType("mark").length, 1);
}

/** Firefox's Object.prototype cannot be changed; here a task that does so changes no option that it has not given. */
function checkPrototype(t) {
  const polluted = { fatal: true, bubbles: true, status: 404, capture: true, detail: 5 };
  Object.assign(Object.prototype, polluted);
  const seen = [new TextDecoder().fatal, new Event("x").bubbles, new Response().status, new CustomEvent("x").detail];
  for (const name of Object.keys(polluted)) {
    delete Object.prototype[name];
  }
  t.equal("options that were not given", seen, [false, false, 200, null]);
}

function checkOthers(t) {
  Services.env.set("A=B", "x");
  t.equal("a variable whose name cannot be is passed over", [Services.env.exists("A"), Services.env.exists("A=B")], [false, false]);
  t.equal("globals are hidden", Object.keys(globalThis).includes("console"), false);
  t.equal("natives are not for tasks", [import.meta.native, Object.keys(import.meta)], [undefined, ["url"]]);
  fetch = 5;
  t.equal("a global can be replaced", fetch, 5);
  const path = PathUtils.join(PathUtils.profileDir, "itself");
  return IOUtils.writeUTF8(path, "text")
    .then(() => IOUtils.copy(path, path))
    .then(() => IOUtils.readUTF8(path))
    .then(text => t.equal("a file copied onto itself keeps its content", text, "text"));
}

function checkIdentity(t, defaults) {
  defaults.setStringPref("bgtaskd.app.name", "Example");
  defaults.setStringPref("bgtaskd.app.version", "3.2");
  defaults.setStringPref("bgtaskd.app.buildID", "20260102030405");
  defaults.setStringPref("bgtaskd.app.updateChannel", "beta");
  const { AppConstants } = ChromeUtils.importESModule("resource://gre/modules/AppConstants.sys.mjs");
  t.equal("appinfo by preferences", [Services.appinfo.name, Services.appinfo.version, Services.appinfo.appBuildID,
    Services.appinfo.defaultUpdateChannel], ["Example", "3.2", "20260102030405", "beta"]);
  t.equal("AppConstants by preferences", [AppConstants.MOZ_APP_NAME, AppConstants.MOZ_APP_VERSION, AppConstants.MOZ_UPDATE_CHANNEL],
    ["example", "3.2", "beta"]);
}

export async function runBackgroundTask(commandLine) {
  const t = new Checks();
  t.throws("resolveFile of nothing", () => commandLine.resolveFile(""), { name: "NS_ERROR_FILE_UNRECOGNIZED_PATH" });
  await checkScheduling(t);
  await checkTimeoutSignal(t);
  checkPerformance(t);
  checkPrototype(t);
  await checkOthers(t);
  checkIdentity(t, Services.prefs.getDefaultBranch(null));
  return t.exitCode;
}
