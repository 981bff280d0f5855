// SPDX-License-Identifier: MPL-2.0
// What Gecko has and this has not: its use says so by name, and feature tests have sane answers.

import { Checks } from "resource://testing-common/check.sys.mjs";

const WATCHER = "@mozilla.org/embedcomp/window-watcher;1";

function missing(name) {
  return {
    result: Cr.NS_ERROR_NOT_IMPLEMENTED,
    name: "NS_ERROR_NOT_IMPLEMENTED",
    message: text => text.startsWith(`${name} is not implemented`) || console.error(text),
  };
}

function checkUse(t) {
  const contract = `Cc["${WATCHER}"]`;
  t.throws("service: a method", () => Services.ww.openWindow(), missing("Services.ww.openWindow"));
  t.throws("service: set", () => (Services.ww.x = 1), missing("Services.ww"));
  t.throws("service: as an argument", () => Services.ww.QueryInterface(Ci.nsISupports), missing("Services.ww.QueryInterface"));
  t.throws("contract: getService", () => Cc[WATCHER].getService(Ci.nsISupports), missing(`${contract}.getService`));
  t.throws("contract: createInstance", () => Cc[WATCHER].createInstance(), missing(`${contract}.createInstance`));
  const Watcher = Components.Constructor(WATCHER, "nsIWindowWatcher", "openWindow");
  t.throws("contract: a constructor of it, when it is used", () => new Watcher(), missing(`${contract}.createInstance`));
  const Navigation = Components.Constructor("@mozilla.org/file/local;1", "nsIWebNavigation");
  t.throws("interface: a constructor, when it is used", () => new Navigation(), missing("Ci.nsIWebNavigation"));
  t.throws("interface: constant", () => Ci.nsIWebNavigation.LOAD_FLAGS_NONE, missing("Ci.nsIWebNavigation.LOAD_FLAGS_NONE"));
  t.throws("interface: QueryInterface", () => Services.obs.QueryInterface(Ci.nsIWebNavigation), missing("Ci.nsIWebNavigation"));
  t.throws("interface: getService", () => Cc["@mozilla.org/observer-service;1"].getService(Ci.nsIWebNavigation),
    missing("Ci.nsIWebNavigation"));
  t.throws("interface: createInstance", () => Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIWebNavigation),
    missing("Ci.nsIWebNavigation"));
  t.throws("method of a service", () => Services.io.newWebTransport(), missing("nsIIOService.newWebTransport"));
  t.throws("value of a service", () => Services.io.socketProcessLaunched, missing("nsIIOService.socketProcessLaunched"));
  t.throws("method of an object", () => Services.dirsvc.get("TmpD", Ci.nsIFile).createUnique2(), { name: "TypeError" });
  t.throws("ChromeUtils", () => ChromeUtils.registerWindowActor("X", {}), missing("ChromeUtils.registerWindowActor"));
  t.throws("Cu", () => Cu.nukeSandbox({}), missing("Cu.nukeSandbox"));
}

function checkGlobals(t) {
  t.throws("global: construct", () => new Worker("x"), missing("Worker"));
  t.throws("global: call", () => MessageChannel(), missing("MessageChannel"));
  t.throws("global: static", () => XPathResult.ANY_TYPE, missing("XPathResult.ANY_TYPE"));
  t.throws("global: set", () => (Range.x = 1), missing("Range"));
  t.throws("global: an object", () => indexedDB.open("x"), missing("indexedDB.open"));
  class Child extends JSProcessActorChild {}
  t.throws("global: a class that extends it", () => new Child(), missing("JSProcessActorChild"));
  t.equal("global: typeof", [typeof XSLTProcessor, typeof MessageChannel, typeof indexedDB, typeof NoSuchGlobal],
    ["function", "function", "object", "undefined"]);
  t.equal("global: in", ["XSLTProcessor" in globalThis, "NoSuchGlobal" in globalThis], [true, false]);
  t.equal("global: instanceof", [{} instanceof Window, null instanceof HTMLElement], [false, false]);
  t.equal("global: twice the same", Worker === globalThis.Worker, true);
  t.equal("global: as text", `${Worker}`, "[not implemented: Worker]");
  t.throws("global: nobody has it", () => NoSuchGlobal, { name: "ReferenceError", message: "NoSuchGlobal is not defined" });
  t.throws("global: not even as a part", () => globalThis["Worker()"].x, { name: "TypeError" });
  Worker = class { own = 7; };
  t.equal("global: one of the task's own", new Worker().own, 7);
  globalThis.Selection = 8;
  t.equal("global: assigned", Selection, 8);
}

function checkWebMembers(t) {
  const document = new DOMParser().parseFromString("<a/>", "text/xml");
  t.throws("web: a method", () => document.createRange(), missing("Document.createRange"));
  t.throws("web: an inherited method", () => document.documentElement.generateXPath(), missing("Node.generateXPath"));
  t.throws("web: a value", () => document.documentElement.clientWidth, missing("Element.clientWidth"));
  t.throws("web: an event handler", () => document.onload, missing("Document.onload"));
  t.throws("web: XMLHttpRequest", () => new XMLHttpRequest().channel, missing("XMLHttpRequest.channel"));
  t.throws("web: EventTarget", () => new EventTarget().getEventHandler("x"), missing("EventTarget.getEventHandler"));
  const { Subprocess, getSubprocessImplForTest } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");
  const { XPCOMUtils } = ChromeUtils.importESModule("resource://gre/modules/XPCOMUtils.sys.mjs");
  t.throws("module: Subprocess", () => Subprocess.connectRunning([]), missing("Subprocess.connectRunning"));
  t.throws("module: an export", () => getSubprocessImplForTest(), missing("getSubprocessImplForTest"));
  t.throws("module: XPCOMUtils", () => XPCOMUtils.overrideScriptLoaderForTests({}), missing("XPCOMUtils.overrideScriptLoaderForTests"));
  t.equal("web: in", ["createRange" in document, "createElement" in document], [false, true]);
  t.equal("web: nobody has it", [document.noSuch, document.documentElement.dataset], [undefined, undefined]);
  document.noSuch = 5;
  t.equal("web: a property of the task's own", [document.noSuch, Object.keys(document)], [5, ["noSuch"]]);
}

function checkModules(t) {
  const url = "resource://gre/modules/PageThumbs.sys.mjs";
  const wanted = { result: Cr.NS_ERROR_FILE_NOT_FOUND, message: `Failed to load ${url}: not implemented: Firefox has it, bgtaskd does not` };
  t.throws("a module", () => ChromeUtils.importESModule(url), wanted);
  const lazy = {};
  ChromeUtils.defineESModuleGetters(lazy, { PageThumbs: url });
  t.throws("a module, when it is needed", () => lazy.PageThumbs, wanted);
  t.throws("a module that nobody has", () => ChromeUtils.importESModule("resource://gre/modules/NoSuch.sys.mjs"),
    { message: "Failed to load resource://gre/modules/NoSuch.sys.mjs" });
}

function checkFeatureTests(t) {
  t.equal("in", ["ww" in Services, WATCHER in Cc, "nsIWebNavigation" in Ci, "registerWindowActor" in ChromeUtils], Array(4).fill(false));
  t.equal("in, what exists", ["obs" in Services, "@mozilla.org/timer;1" in Cc, "nsIFile" in Ci, "now" in ChromeUtils],
    Array(4).fill(true));
  t.equal("keys", [Object.keys(Services).includes("ww"), Object.keys(Cc).includes(WATCHER), Object.keys(Ci).includes("nsIWebNavigation")],
    Array(3).fill(false));
  t.equal("hasOwnProperty", [Services.hasOwnProperty("ww"), Ci.hasOwnProperty("nsIFile")], [false, true]);
  t.equal("what Gecko has not either",
    [Services.noSuch, Cc["@mozilla.org/no-such;1"], Ci.nsINoSuch, ChromeUtils.noSuch, Services.io.noSuch, Components.noSuch],
    Array(6).fill(undefined));
  t.equal("what Gecko has not either, optional", [Services.noSuch?.x, Cc["@mozilla.org/no-such;1"]?.getService()], [undefined, undefined]);
  t.equal("typeof", [typeof Services.ww, typeof Cc[WATCHER], typeof Ci.nsIWebNavigation, typeof ChromeUtils.registerWindowActor],
    ["object", "object", "object", "function"]);
  t.equal("instanceof", [Services.obs instanceof Ci.nsIWebNavigation, {} instanceof Ci.nsIWebNavigation], [false, false]);
  t.equal("instanceof Object", [Services instanceof Object, Services.obs instanceof Object, Ci.nsIFile instanceof Object],
    [true, true, true]);
  t.equal("twice the same", [Services.ww === Services.ww, Ci.nsIWebNavigation === Ci.nsIWebNavigation], [true, true]);
}

async function checkAsides(t) {
  const listener = { QueryInterface: ChromeUtils.generateQI([Ci.nsIWebNavigation, "nsIWebProgressListener"]) };
  t.equal("a task may implement it", listener.QueryInterface(Ci.nsIWebNavigation) === listener, true);
  t.equal("and by name", listener.QueryInterface(Ci.nsIWebProgressListener) === listener, true);
  t.equal("name", [Ci.nsIWebNavigation.name, String(Ci.nsIWebNavigation)], ["nsIWebNavigation", "nsIWebNavigation"]);
  t.equal("as text", [String(Services.ww), `${ChromeUtils.registerWindowActor}`],
    ["[not implemented: Services.ww]", "[not implemented: ChromeUtils.registerWindowActor]"]);
  t.equal("awaited", (await Services.ww) === Services.ww, true);
  t.equal("in JSON", JSON.stringify({ ww: Services.ww }), '{"ww":{}}');
  Services.ww = { openWindow: () => 7 };
  t.equal("a stand-in of the task's own", Services.ww.openWindow(), 7);
  t.throws("a service cannot be asked for a made-up method", () => Services.obs.noSuch(), { name: "TypeError" });
}

export async function runBackgroundTask() {
  const t = new Checks();
  checkUse(t);
  checkGlobals(t);
  checkWebMembers(t);
  checkModules(t);
  checkFeatureTests(t);
  await checkAsides(t);
  return t.exitCode;
}
