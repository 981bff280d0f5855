// SPDX-License-Identifier: MPL-2.0
// Services that have no module of their own: sysinfo and property bags, locale, the console service, the directory
// service's providers, barriers of AsyncShutdown and nsIAsyncShutdownService.

import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";
import { print, printAsync, say } from "resource://testing-common/print.sys.mjs";

const { console: service, dirsvc, locale, sysinfo, tm } = Services;

function printBag(bag) {
  for (const type of ["Int32", "Uint32", "Int64", "Uint64", "Double", "AString", "ACString", "AUTF8String", "Bool"]) {
    for (const name of ["text", "number", type == "Uint64" ? "number" : "negative", "none"]) {
      print(`${name} as ${type}`, () => bag[`getPropertyAs${type}`](name));
    }
  }
}

function checkBags() {
  for (const name of ["name", "arch", "version", "pagesize", "memsize", "umask", "distro", "hasSSE2", "hasNEON", "isPackagedApp",
    "build"]) {
    print(`sysinfo ${name}`, () => [typeof sysinfo.get(name), sysinfo.hasKey(name)]);
  }
  print("sysinfo", () => [String(sysinfo), sysinfo instanceof Ci.nsIPropertyBag2, sysinfo.get("zz"), sysinfo.hasKey("zz")]);
  print("sysinfo, enumerated", () => [...sysinfo.enumerator].some(one => one.QueryInterface(Ci.nsIProperty).name == "arch"));
  print("sysinfo, absent", () => sysinfo.getProperty("zz"));
  print("sysinfo, read", () => [sysinfo.getPropertyAsInt32("pageshift") > 9, sysinfo.getPropertyAsAString("name")]);
  const bag = Cc["@mozilla.org/hash-property-bag;1"].createInstance(Ci.nsIWritablePropertyBag2);
  bag.QueryInterface(Ci.nsIWritablePropertyBag);
  bag.setProperty("text", "abc");
  bag.setPropertyAsInt32("number", 7);
  bag.setProperty("negative", -3.5);
  printBag(bag.QueryInterface(Ci.nsIPropertyBag2));
  print("bag, deleted", () => [bag.deleteProperty("text"), bag.hasKey("text")]);
  print("bag, deleted again", () => bag.deleteProperty("text"));
}

function checkLocale() {
  for (const name of ["defaultLocale", "lastFallbackLocale", "appLocaleAsBCP47", "appLocalesAsLangTags", "availableLocales",
    "packagedLocales", "isAppLocaleRTL", "ellipsis"]) {
    print(`locale ${name}`, () => locale[name]);
  }
  for (const strategy of ["Filtering", "Matching", "Lookup"]) {
    const number = locale[`langNegStrategy${strategy}`];
    print(strategy, () => locale.negotiateLanguages(["de-AT", "fr"], ["fr", "de", "en-US"], "en-US", number));
    print(`${strategy}, none`, () => locale.negotiateLanguages(["xx"], ["fr"], "en-US", number));
    print(`${strategy}, exact`, () => locale.negotiateLanguages(["en-GB"], ["en-US", "en-GB"], "en-US", number));
  }
  print("requested", () => {
    locale.requestedLocales = ["de", "fr"];
    return [locale.requestedLocales, locale.requestedLocale, locale.appLocalesAsBCP47];
  });
}

async function checkConsole() {
  service.reset();
  service.logStringMessage("a");
  print("messages", () => service.getMessageArray().map(one => [one.message, one.logLevel, String(one)]));
  const heard = [];
  const listener = {
    observe(message) {
      heard.push(String(message));
    },
    QueryInterface: ChromeUtils.generateQI(["nsIConsoleListener"]),
  };
  print("listen", () => service.registerListener(listener));
  print("listen again", () => service.registerListener(listener));
  const error = Cc["@mozilla.org/scripterror;1"].createInstance(Ci.nsIScriptError);
  for (const flags of [0, 1]) {
    error.init("m", "s.js", 3, 4, flags, "category");
    print(`script error ${flags}`, () => [error.toString(), error.message, error.lineNumber, error.category, error.logLevel]);
  }
  print("script error, too few", () => error.init("m"));
  service.logMessage(error);
  await new Promise(resolve => tm.dispatchToMainThread(resolve));
  print("heard", () => heard.at(-1));
  print("listen no more", () => service.unregisterListener(listener));
  print("listen no more, again", () => service.unregisterListener(listener));
}

function checkDirectories(here) {
  print("set null", () => dirsvc.set("X1", null));
  print("set", () => [dirsvc.set("X1", here), dirsvc.get("X1", Ci.nsIFile) === dirsvc.get("X1", Ci.nsIFile)]);
  print("set again", () => dirsvc.set("X1", here));
  print("undefine", () => [dirsvc.undefine("X1"), dirsvc.has("X1")]);
  print("undefine again", () => dirsvc.undefine("X1"));
  print("undefine the platform's", () => [dirsvc.undefine("ProfD"), dirsvc.has("ProfD")]);
  const provider = {
    QueryInterface: ChromeUtils.generateQI(["nsIDirectoryServiceProvider"]),
    getFile(name, persistent) {
      persistent.value = name == "Kept";
      if (name == "Kept" || name == "Asked") {
        return here;
      }
      throw Components.Exception("", Cr.NS_ERROR_FAILURE);
    },
  };
  const has = () => ["Kept", "Asked", "Other"].map(name => dirsvc.has(name));
  print("provider", () => [dirsvc.registerProvider(provider), has(), dirsvc.unregisterProvider(provider), has()]);
  print("provider null", () => dirsvc.registerProvider(null));
  print("provider unknown", () => dirsvc.unregisterProvider(provider));
}

async function checkBarriers() {
  const { Barrier } = AsyncShutdown;
  for (const name of ["profileBeforeChange", "appShutdownConfirmed", "sendTelemetry", "webWorkersShutdown",
    "xpcomWillShutdown", "profileChangeTeardown"]) {
    print(name, () => [AsyncShutdown[name].name, AsyncShutdown[name].isClosed]);
  }
  const barrier = new Barrier("mine");
  const { client } = barrier;
  const condition = () => {};
  print("not started", () => [barrier.state, client.isClosed, client.name]);
  client.addBlocker("promise", new Promise(resolve => setTimeout(resolve, 20)), () => ({ a: 1 }));
  client.addBlocker("function", () => Promise.resolve(), { fetchState: () => "state" });
  print("removed", () => [client.addBlocker("s", condition), client.removeBlocker(condition), client.removeBlocker(condition),
    client.removeBlocker(() => {})]);
  print("no name", () => client.addBlocker(null, condition));
  print("no details", () => client.addBlocker("n", condition, 5));
  print("no barrier's name", () => new Barrier(""));
  const waited = barrier.wait();
  print("waiting", () => [...barrier.state.map(({ name, state }) => `${name} ${JSON.stringify(state)}`), barrier.wait() === waited]);
  print("a late one", () => client.addBlocker("late", () => {}));
  await waited;
  print("complete", () => [barrier.state, client.isClosed]);
  print("too late", () => client.addBlocker("too late", () => {}));
  const shutdown = Cc["@mozilla.org/async-shutdown-service;1"].getService(Ci.nsIAsyncShutdownService);
  print("service", () => [shutdown.profileBeforeChange.name, shutdown.sendTelemetry.isClosed, String(shutdown.profileBeforeChange)]);
  const made = shutdown.makeBarrier("made");
  const blocker = {
    name: "blocker",
    state: "its state",
    blockShutdown(given) {
      say(`  blocks ${given.name} ${typeof given.jsclient}`);
      given.removeBlocker(this);
    },
    QueryInterface: ChromeUtils.generateQI(["nsIAsyncShutdownBlocker"]),
  };
  print("add", () => made.client.addBlocker(blocker, "file", 3, "stack"));
  await printAsync("wait", () => new Promise(resolve => made.wait(() => resolve("done"))));
  print("remove", () => made.client.removeBlocker(blocker));
}

export async function runBackgroundTask(commandLine) {
  checkBags();
  checkLocale();
  await checkConsole();
  checkDirectories(commandLine.workingDirectory);
  await checkBarriers();
  AsyncShutdown.profileBeforeChange.addBlocker("phase", () => {
    say(`phase: ${[4, 5].map(phase => Services.startup.isInOrBeyondShutdownPhase(phase))}`);
  });
  return 0;
}
