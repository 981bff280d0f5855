// SPDX-License-Identifier: MPL-2.0
// Components, Cc, Ci, Cr, Cu and ChromeUtils.

import { Checks } from "resource://testing-common/check.sys.mjs";

const MODULES = "resource://testing-common/modules/";

function checkException(t) {
  const e = Components.Exception("words", Cr.NS_ERROR_FAILURE);
  t.equal("exception", [e.name, e.message, e.result, e.data], ["NS_ERROR_FAILURE", "words", 0x80004005, null]);
  t.check(/BackgroundTask_test_components\.sys\.mjs$/.test(e.filename), "its file", e.filename);
  t.check(e.lineNumber > 5 && e.columnNumber > 0, "its place", `${e.lineNumber}:${e.columnNumber}`);
  t.check(e.stack.startsWith("checkException@"), "its stack", e.stack);
  t.check(
    /^\[Exception\.\.\. "words"  nsresult: "0x80004005 \(NS_ERROR_FAILURE\)"  location: "JS frame :: .* :: checkException :: line \d+"  data: no\]$/.test(
      String(e)
    ),
    "its text",
    String(e)
  );
  t.equal("is one", [e instanceof Components.Exception, e instanceof Error, e instanceof Ci.nsIException], [true, false, true]);
  t.equal("defaults", [Components.Exception().message, Components.Exception("x").result], ["exception", Cr.NS_ERROR_FAILURE]);
  t.equal("unknown code", Components.Exception("x", 0x80500099).name, "");
  t.check(String(Components.Exception("x", 0x80500099)).includes("0x80500099 (<unknown>)"), "unknown code in words");
  t.check(String(Components.Exception("", Cr.NS_ERROR_ABORT)).startsWith('[Exception... "Abort"'), "words of a code");
  t.equal("new", new Components.Exception("x", Cr.NS_ERROR_NOT_AVAILABLE).name, "NS_ERROR_NOT_AVAILABLE");
}

function checkTables(t) {
  t.equal("short names", [Components.classes === Cc, Components.interfaces === Ci, Components.results === Cr, Components.utils === Cu],
    [true, true, true, true]);
  t.equal("unknown", [Cr.NS_ERROR_BOGUS, Ci.nsIBogus, Cc["@bogus;1"]], [undefined, undefined, undefined]);
  t.equal("interface", [Ci.nsIFile.name, Ci.nsIFile.number, String(Ci.nsIFile), Ci.nsIFile.DIRECTORY_TYPE],
    ["nsIFile", "{2fa6884a-ae65-412a-9d4c-ce6e34544ba1}", "nsIFile", 1]);
  t.equal("success codes", [0, Cr.NS_ERROR_FAILURE, 1].map(code => Components.isSuccessCode(code)), [true, false, true]);
  const id = Components.ID("{5D6A7B3C-0000-4000-8000-000000000001}");
  t.equal("ID", [id.number, id.equals(Components.ID("{5d6a7b3c-0000-4000-8000-000000000001}"))],
    ["{5d6a7b3c-0000-4000-8000-000000000001}", true]);
  t.throws("bad ID", () => Components.ID("xyz"), { name: "NS_ERROR_XPC_BAD_ID_STRING", message: "Bad ID string" });
  t.equal("service", Cc["@mozilla.org/preferences-service;1"].getService(Ci.nsIPrefBranch) === Services.prefs, true);
  const local = Cc["@mozilla.org/file/local;1"];
  t.equal("instances differ", local.createInstance(Ci.nsIFile) === local.createInstance(Ci.nsIFile), false);
  t.throws("instance of another interface", () => local.createInstance(Ci.nsIURI), { result: 0x80570015 });
  t.throws("instance of no interface", () => local.createInstance(5), { result: 0x80570009 });
  t.check(Components.stack.filename.endsWith("test_components.sys.mjs") && Components.stack.name == "checkTables", "stack");
}

function checkQueryInterface(t) {
  const object = { QueryInterface: ChromeUtils.generateQI(["nsIObserver", Ci.nsISupportsWeakReference]) };
  t.equal("generateQI", [Ci.nsIObserver, Ci.nsISupportsWeakReference, Ci.nsISupports].map(each => object.QueryInterface(each) === object),
    [true, true, true]);
  t.throws("other interface", () => object.QueryInterface(Ci.nsIFile), { name: "NS_NOINTERFACE", result: 0x80004002, message: "" });
  t.throws("name", () => object.QueryInterface("nsIObserver"), { name: "NS_NOINTERFACE" });
  t.throws("no interface", () => object.QueryInterface(), {
    message: "MozQueryInterface legacy caller: At least 1 argument required, but only 0 passed",
  });
  t.throws("no list", () => ChromeUtils.generateQI(), {
    message: "ChromeUtils.generateQI: At least 1 argument required, but only 0 passed",
  });
}

function checkImports(t) {
  const timer = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  t.equal("import", [typeof timer.setTimeout, timer === ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs")],
    ["function", true]);
  t.throws("absent", () => ChromeUtils.importESModule("resource://gre/modules/Nope.sys.mjs"), {
    name: "Error", message: "Failed to load resource://gre/modules/Nope.sys.mjs", result: 0x80520012,
  });
  t.throws("imports what is absent", () => ChromeUtils.importESModule(`${MODULES}nested.sys.mjs`), {
    name: "Error", result: 0x80520012, message: message => message.includes(`${MODULES}missing.sys.mjs`),
  });
  t.throws("syntax", () => ChromeUtils.importESModule(`${MODULES}syntax.sys.mjs`), {
    name: "SyntaxError", message: "expected expression, got ';'",
  });
  t.throws("throws", () => ChromeUtils.importESModule(`${MODULES}throws.sys.mjs`), { name: "TypeError", message: "thrown by a module" });
  t.throws("throws again", () => ChromeUtils.importESModule(`${MODULES}throws.sys.mjs`), { message: "thrown by a module" });
  t.throws("imports a name that is not there", () => ChromeUtils.importESModule(`${MODULES}link.sys.mjs`), { name: "SyntaxError" });
  t.throws("top-level await", () => ChromeUtils.importESModule(`${MODULES}await.sys.mjs`), {});
  t.throws("relative", () => ChromeUtils.importESModule("./x.sys.mjs"), { name: "NS_ERROR_MALFORMED_URI" });
  t.throws("http", () => ChromeUtils.importESModule("http://127.0.0.1/x.mjs"), {
    name: "Error", message: "System modules must be loaded from a trusted scheme",
  });
  t.throws("no URL", () => ChromeUtils.importESModule(), {
    message: "ChromeUtils.importESModule: At least 1 argument required, but only 0 passed",
  });
  t.throws("option", () => ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs", { global: "bogus" }), { name: "TypeError" });
  const { first, second } = ChromeUtils.importESModule(`${MODULES}circular_a.sys.mjs`);
  t.equal("circular", [first(), second()], ["a uses b", "b uses a"]);
}

function checkLazy(t) {
  const lazy = {};
  ChromeUtils.defineESModuleGetters(lazy, {
    setTimeout: "resource://gre/modules/Timer.sys.mjs",
    absent: "resource://gre/modules/Nope.sys.mjs",
    notExported: "resource://gre/modules/Timer.sys.mjs",
  });
  t.equal("getters", Object.keys(lazy), ["setTimeout", "absent", "notExported"]);
  t.equal("lazy", typeof Object.getOwnPropertyDescriptor(lazy, "setTimeout").get, "function");
  t.equal("used", [typeof lazy.setTimeout, Object.getOwnPropertyDescriptor(lazy, "setTimeout").writable], ["function", true]);
  t.throws("absent module", () => lazy.absent, { result: 0x80520012 });
  t.equal("not exported", lazy.notExported, undefined);
  t.throws("target", () => ChromeUtils.defineESModuleGetters(5, {}), {
    message: "ChromeUtils.defineESModuleGetters: Argument 1 is not an object.",
  });
  let calls = 0;
  ChromeUtils.defineLazyGetter(lazy, "value", function () {
    return [++calls, this === lazy].join();
  });
  t.equal("defineLazyGetter", [lazy.value, lazy.value, calls], ["1,true", "1,true", 1]);
  ChromeUtils.defineLazyGetter(lazy, "fails", () => {
    throw new Error("lazy");
  });
  t.throws("it throws", () => lazy.fails, { message: "lazy" });
  t.throws("no function", () => ChromeUtils.defineLazyGetter(lazy, "x", 5), {
    message: "ChromeUtils.defineLazyGetter: Argument 3 is not an object.",
  });
  t.throws("getter only", () => {
    ChromeUtils.defineLazyGetter(lazy, "z", () => 1);
    lazy.z = 2;
  }, { name: "TypeError" });
}

export async function runBackgroundTask() {
  const t = new Checks();
  checkException(t);
  checkTables(t);
  checkQueryInterface(t);
  checkImports(t);
  checkLazy(t);
  await t.rejects("dynamic import of what is absent", import("resource://gre/modules/Nope2.sys.mjs"), {
    message: message => message.includes("resource://gre/modules/Nope2.sys.mjs"),
  });
  await t.rejects("dynamic import with a syntax error", import(`${MODULES}syntax.sys.mjs`), { name: "SyntaxError" });
  t.equal("dynamic import", typeof (await import("resource://gre/modules/Timer.sys.mjs")).setTimeout, "function");
  t.equal("base64url", ChromeUtils.base64URLEncode(new Uint8Array([251, 255]), { pad: true }), "-_8=");
  t.equal("base64url decoded", [...new Uint8Array(ChromeUtils.base64URLDecode("-_8", { padding: "ignore" }))], [251, 255]);
  t.equal("cloneInto", Cu.cloneInto({ a: 1 }, globalThis).a, 1);
  return t.exitCode;
}
