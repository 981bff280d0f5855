// SPDX-License-Identifier: MPL-2.0
// Services: env, appinfo, startup, obs, dirsvc, console, tm, uuid, vc. prefs and io have tests of their own.

import { Checks, tooFew, xpcom } from "resource://testing-common/check.sys.mjs";
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

function checkEnvironment(t) {
  const { env } = Services;
  t.equal("env, absent", [env.exists("NO_SUCH"), env.get("NO_SUCH"), env.get(""), env.exists("")], [false, "", "", false]);
  env.set("BGTASK_TEST", "bär €");
  t.equal("env, set", [env.get("BGTASK_TEST"), env.exists("BGTASK_TEST")], ["bär €", true]);
  for (const empty of ["", null]) {
    env.set("BGTASK_TEST", empty);
    t.equal(`env, set to ${JSON.stringify(empty)}`, env.exists("BGTASK_TEST"), false);
  }
  t.throws("env, no name", () => env.get(), tooFew("nsIEnvironment.get"));
  t.throws("env, no value", () => env.set("A"), tooFew("nsIEnvironment.set"));
}

function checkAppInfo(t) {
  const { appinfo } = Services;
  t.equal("appinfo, system", [appinfo.OS, appinfo.is64Bit, appinfo.inSafeMode, appinfo.processType], ["Linux", true, false, 0]);
  t.check(/^\w+-gcc3$/.test(appinfo.XPCOMABI), "XPCOMABI", appinfo.XPCOMABI);
  t.check(appinfo.processID > 1, "processID", appinfo.processID);
  for (const name of ["name", "version", "vendor", "ID", "appBuildID", "platformVersion", "platformBuildID",
    "defaultUpdateChannel"]) {
    t.check(typeof appinfo[name] == "string" && appinfo[name] != "", `appinfo.${name}`, appinfo[name]);
  }
  t.throws("appinfo is read-only", () => (appinfo.name = "x"), { name: "TypeError" });
  t.equal("appinfo, interfaces", [appinfo instanceof Ci.nsIXULRuntime, appinfo instanceof Ci.nsIXULAppInfo], [true, true]);
  t.equal("process types", [appinfo.PROCESS_TYPE_DEFAULT, appinfo.PROCESS_TYPE_CONTENT], [0, 2]);
}

function checkStartup(t) {
  const { startup } = Services;
  t.equal("startup, flags", [startup.shuttingDown, startup.startingUp, startup.restarting], [false, false, false]);
  t.equal("phase 0", startup.isInOrBeyondShutdownPhase(Ci.nsIAppStartup.SHUTDOWN_PHASE_NOTINSHUTDOWN), true);
  t.equal("phases", [1, 4, 8].map(phase => startup.isInOrBeyondShutdownPhase(phase)), [false, false, false]);
  for (const phase of [-1, 9]) {
    t.throws(`phase ${phase}`, () => startup.isInOrBeyondShutdownPhase(phase),
      xpcom("NS_ERROR_ILLEGAL_VALUE", "nsIAppStartup.isInOrBeyondShutdownPhase"));
  }
  t.throws("quit, no mode", () => startup.quit(), tooFew("nsIAppStartup.quit"));
  t.equal("quit that only considers", startup.quit(Ci.nsIAppStartup.eConsiderQuit, 50), false);
  t.equal("modes", [startup.eConsiderQuit, startup.eAttemptQuit, startup.eForceQuit], [1, 2, 3]);
}

function checkObservers(t) {
  const { obs } = Services;
  const seen = [];
  const listener = (subject, topic, data) => seen.push(`${topic} ${data}`);
  const object = { observe(...args) { seen.push(`object ${args.length} ${this === object}`); } };
  obs.addObserver(listener, "test-topic");
  obs.addObserver(object, "test-topic");
  obs.notifyObservers(null, "test-topic", 5);
  obs.notifyObservers(null, "test-topic");
  t.equal("the last added comes first", seen, ["object 3 true", "test-topic 5", "object 3 true", "test-topic null"]);
  t.equal("enumerateObservers", [...obs.enumerateObservers("test-topic")].length, 2);
  obs.removeObserver(listener, "test-topic");
  t.throws("removed twice", () => obs.removeObserver(listener, "test-topic"),
    xpcom("NS_ERROR_ILLEGAL_VALUE", "nsIObserverService.removeObserver"));
  t.throws("unknown topic", () => obs.removeObserver(listener, "test-none"),
    xpcom("NS_ERROR_FAILURE", "nsIObserverService.removeObserver"));
  t.throws("observer null", () => obs.addObserver(null, "x"), xpcom("NS_ERROR_ILLEGAL_VALUE", "nsIObserverService.addObserver"));
  t.throws("observer number", () => obs.addObserver(5, "x"), { result: 0x80570009 });
  t.throws("subject text", () => obs.notifyObservers("x", "x"), { result: 0x80570009 });
  t.throws("no topic", () => obs.addObserver(listener), tooFew("nsIObserverService.addObserver"));
  let wrapped;
  const subject = { value: 1 };
  obs.addObserver(given => (wrapped = given), "test-subject");
  obs.notifyObservers(subject, "test-subject");
  t.equal("a JS object is wrapped", [wrapped === subject, wrapped.value, wrapped.wrappedJSObject === subject],
    [false, undefined, true]);
  const order = [];
  const late = () => order.push("late");
  const first = () => {
    order.push("first");
    obs.removeObserver(late, "test-order");
  };
  obs.addObserver(late, "test-order");
  obs.addObserver(first, "test-order");
  obs.notifyObservers(null, "test-order");
  obs.notifyObservers(null, "test-none");
  t.equal("removed while it is notified", order, ["first", "late"]);
}

function checkDirectories(t, cl) {
  const { dirsvc } = Services;
  const get = name => dirsvc.get(name, Ci.nsIFile).path;
  t.equal("profile", [get("ProfD"), get("ProfLD")], [PathUtils.profileDir, PathUtils.profileDir]);
  t.equal("temporary and home", [get("TmpD"), get("Home")], [PathUtils.tempDir, Services.env.get("HOME")]);
  t.equal("working directory", get("CurWorkD"), cl.workingDirectory.path);
  t.check(["GreD", "CurProcD", "XREExeF"].every(name => get(name).startsWith("/")), "program's directories");
  t.throws("unknown", () => dirsvc.get("bogus", Ci.nsIFile), xpcom("NS_ERROR_FAILURE", "nsIProperties.get"));
  t.throws("no interface", () => dirsvc.get("TmpD"), tooFew("nsIProperties.get"));
  t.throws("other interface", () => dirsvc.get("TmpD", Ci.nsIURI), xpcom("NS_NOINTERFACE", "nsIProperties.get"));
  t.equal("has", [dirsvc.has("ProfD"), dirsvc.has("bogus")], [true, false]);
  dirsvc.set("TestDir", cl.workingDirectory);
  t.equal("set", get("TestDir"), cl.workingDirectory.path);
  dirsvc.undefine("TestDir");
  t.equal("undefine", dirsvc.has("TestDir"), false);
}

async function checkThreads(t) {
  const ran = [];
  Services.tm.dispatchToMainThread(() => ran.push("function"));
  Services.tm.dispatchToMainThread({ run: () => ran.push("runnable") });
  Services.tm.mainThread.dispatch(() => ran.push("thread"), Ci.nsIEventTarget.DISPATCH_NORMAL);
  Promise.resolve().then(() => ran.push("microtask"));
  await new Promise(resolve => setTimeout(resolve, 50));
  t.equal("dispatch", ran, ["microtask", "function", "runnable", "thread"]);
  t.throws("dispatch number", () => Services.tm.dispatchToMainThread(5), { result: 0x80570009 });
}

function checkOthers(t) {
  Services.console.logStringMessage("message of a test");
  const messages = Services.console.getMessageArray();
  t.check(messages.some(each => each.message == "message of a test"), "console keeps messages");
  Services.obs.addObserver(() => {
    throw new RangeError("of an observer");
  }, "test-throws");
  Services.obs.notifyObservers(null, "test-throws");
  const error = Services.console.getMessageArray().find(each => each instanceof Ci.nsIScriptError && /of an observer/.test(each.message));
  t.equal("console has uncaught errors", [error?.errorMessage, error?.flags, error?.logLevel, error?.lineNumber > 0],
    ["RangeError: of an observer", 0, 3, true]);
  t.equal("Cr is complete", Object.keys(Cr).length >= 220, true);
  const uuid = Services.uuid.generateUUID().toString();
  t.check(/^\{[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\}$/.test(uuid), "uuid", uuid);
  const { vc } = Services;
  const order = ["1.0pre1", "1.0pre2", "1.0", "1.0.1", "1.1a", "1.1", "1.10", "2"];
  t.equal("versions", order.slice(1).map((version, index) => Math.sign(vc.compare(order[index], version))),
    order.slice(1).map(() => -1));
  t.equal("equal versions", [vc.compare("1.0", "1"), vc.compare("1.0.0", "1.0")], [0, 0]);
  const tasks = Cc["@mozilla.org/backgroundtasks;1"].getService(Ci.nsIBackgroundTasks);
  t.equal("background task", [tasks.isBackgroundTaskMode, tasks.backgroundTaskName()], [true, "test_services"]);
  t.equal("unknown service", Services.bogus, undefined);
}

export async function runBackgroundTask(cl) {
  const t = new Checks();
  checkEnvironment(t);
  checkAppInfo(t);
  checkStartup(t);
  checkObservers(t);
  checkDirectories(t, cl);
  await checkThreads(t);
  checkOthers(t);
  return t.exitCode;
}
