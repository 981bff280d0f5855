// SPDX-License-Identifier: MPL-2.0
// AppConstants, XPCOMUtils, BackgroundTasksManager, ConsoleAPI's levels, AsyncShutdown's barriers.

import { Checks } from "resource://testing-common/check.sys.mjs";
import { AppConstants } from "resource://gre/modules/AppConstants.sys.mjs";
import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";
import { ConsoleAPI } from "resource://gre/modules/Console.sys.mjs";
import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";
import { XPCOMUtils } from "resource://gre/modules/XPCOMUtils.sys.mjs";

function checkAppConstants(t) {
  t.equal("platform", [AppConstants.platform, AppConstants.unixstyle, AppConstants.XP_UNIX, AppConstants.MOZ_BACKGROUNDTASKS],
    ["linux", "linux", true, true]);
  t.equal("version", AppConstants.MOZ_APP_VERSION, Services.appinfo.version);
  t.equal("frozen", Object.isFrozen(AppConstants), true);
  t.equal("platform and version", [AppConstants.isPlatformAndVersionAtLeast("linux", "1"),
    AppConstants.isPlatformAndVersionAtMost("linux", "1"), AppConstants.isPlatformAndVersionAtLeast("win", "1")], [true, false, false]);
  t.equal("exit codes", JSON.stringify(EXIT_CODE), '{"SUCCESS":0,"NOT_FOUND":2,"EXCEPTION":3,"TIMEOUT":4,"LAST_RESERVED":10}');
}

function checkLazyPreferences(t) {
  const lazy = {};
  const changes = [];
  XPCOMUtils.defineLazyPreferenceGetter(lazy, "text", "m.text", "default", (...args) => changes.push(args.join()), value => `${value}!`);
  const values = [lazy.text];
  Services.prefs.setStringPref("m.text", "new");
  values.push(lazy.text);
  Services.prefs.clearUserPref("m.text");
  values.push(lazy.text);
  t.equal("lazy preference", values, ["default!", "new!", "default!"]);
  t.equal("onUpdate", changes, ["m.text,default!,new!", "m.text,new!,default!"]);
  XPCOMUtils.defineLazyPreferenceGetter(lazy, "number", "m.number", 5);
  Services.prefs.setIntPref("m.number", 7);
  t.equal("number", lazy.number, 7);
  XPCOMUtils.defineLazyPreferenceGetter(lazy, "none", "m.none");
  t.equal("no default", lazy.none, null);
  t.throws("getter only", () => (lazy.number = 1), { name: "TypeError" });
}

function checkLazyOthers(t) {
  const lazy = {};
  XPCOMUtils.defineLazyServiceGetter(lazy, "prefs", "@mozilla.org/preferences-service;1", Ci.nsIPrefBranch);
  XPCOMUtils.defineLazyServiceGetters(lazy, { obs: ["@mozilla.org/observer-service;1", Ci.nsIObserverService] });
  t.equal("services", [lazy.prefs === Services.prefs, lazy.obs === Services.obs], [true, true]);
  XPCOMUtils.defineLazyServiceGetter(lazy, "bad", "@bogus;1", Ci.nsIPrefBranch);
  t.throws("unknown service", () => lazy.bad, { name: "TypeError" });
  const declared = XPCOMUtils.declareLazy({
    setTimeout: "resource://gre/modules/Timer.sys.mjs",
    value: () => 5,
    preference: { pref: "m.none", default: 3 },
    service: { service: "@mozilla.org/observer-service;1", iid: Ci.nsIObserverService },
  });
  t.equal("declareLazy", [typeof declared.setTimeout, declared.value, declared.preference, declared.service === Services.obs],
    ["function", 5, 3, true]);
  const target = {};
  XPCOMUtils.defineConstant(target, "C", 4);
  t.throws("constant", () => (target.C = 5), { name: "TypeError" });
}

function checkLevels(t) {
  const printed = options => {
    const lines = [];
    const instance = console.createInstance({ dump: text => lines.push(text.split(":")[0].slice(8)), ...options });
    for (const method of ["trace", "debug", "log", "warn", "error"]) {
      instance[method]("x");
    }
    return lines;
  };
  for (const [maxLogLevel, wanted] of Object.entries({
    All: ["trace", "debug", "log", "warn", "error"], Trace: ["trace", "debug", "log", "warn", "error"],
    Debug: ["debug", "log", "warn", "error"], Log: ["log", "warn", "error"], Info: ["log", "warn", "error"],
    Warn: ["warn", "error"], Error: ["error"], Off: [],
  })) {
    t.equal(`level ${maxLogLevel}`, printed({ maxLogLevel }), wanted);
  }
  for (const maxLogLevel of ["warn", "Bogus", "", null]) {
    t.throws(`level ${JSON.stringify(maxLogLevel)}`, () => printed({ maxLogLevel }), {
      name: "TypeError",
      message: `console.createInstance: '${maxLogLevel}' (value of 'maxLogLevel' member of ConsoleInstanceOptions) is not a valid value for enumeration ConsoleLogLevel.`,
    });
  }
  Services.prefs.setStringPref("m.level", "Error");
  t.equal("level of a preference", printed({ maxLogLevelPref: "m.level" }), ["error"]);
  Services.prefs.clearUserPref("m.level");
  t.equal("level without it", printed({ maxLogLevelPref: "m.level", maxLogLevel: "Warn" }), ["warn", "error"]);
  t.equal("shouldLog", ["Warn", "Debug"].map(level => console.createInstance({ maxLogLevel: "Log" }).shouldLog(level)), [true, false]);
  const lines = [];
  const api = new ConsoleAPI({ maxLogLevel: "warn", dump: text => lines.push(text) });
  api.info("no");
  api.warn("yes");
  api.maxLogLevel = "all";
  api.log("too");
  t.equal("ConsoleAPI", lines, ["console.warn: yes\n", "console.log: too\n"]);
}

async function checkBarriers(t) {
  const barrier = new AsyncShutdown.Barrier("test barrier");
  const { client } = barrier;
  const seen = [];
  const removed = () => seen.push("removed");
  client.addBlocker("function", () => {
    seen.push("function");
    client.addBlocker("added meanwhile", () => seen.push("added meanwhile"));
  });
  client.addBlocker("promise", Promise.resolve());
  client.addBlocker("removed", removed);
  t.equal("removeBlocker", [client.removeBlocker(removed), client.removeBlocker(removed)], [true, false]);
  t.equal("before", [client.name, client.isClosed, barrier.state], ["test barrier", false, "Not started"]);
  await barrier.wait();
  t.equal("wait", seen, ["function", "added meanwhile"]);
  t.equal("after", [client.isClosed, barrier.state], [true, "Complete"]);
  t.throws("too late", () => client.addBlocker("late", () => {}), {
    message: 'Phase "test barrier" is finished, it is too late to register completion condition "late"',
  });
  t.throws("no name", () => AsyncShutdown.profileBeforeChange.addBlocker(), {
    name: "TypeError", message: "Expected a human-readable name as first argument",
  });
  t.equal("phases", ["appShutdownConfirmed", "profileChangeTeardown", "profileBeforeChange", "sendTelemetry", "xpcomWillShutdown"].map(
    phase => AsyncShutdown[phase].name), ["quit-application", "profile-change-teardown", "profile-before-change",
    "profile-before-change-telemetry", "xpcom-will-shutdown"]);
}

export async function runBackgroundTask() {
  const t = new Checks();
  checkAppConstants(t);
  checkLazyPreferences(t);
  checkLazyOthers(t);
  checkLevels(t);
  await checkBarriers(t);
  return t.exitCode;
}
