// SPDX-License-Identifier: MPL-2.0
// Services.prefs.

import { Checks, tooFew, xpcom } from "resource://testing-common/check.sys.mjs";

const { prefs: P } = Services;
const WHERE = "nsIPrefBranch.";
const unexpected = method => xpcom("NS_ERROR_UNEXPECTED", WHERE + method);
const illegal = method => xpcom("NS_ERROR_ILLEGAL_VALUE", WHERE + method);

function checkValues(t) {
  for (const method of ["getBoolPref", "getIntPref", "getCharPref", "getStringPref", "getFloatPref"]) {
    t.throws(`${method}, absent`, () => P[method]("t.none"), unexpected(method));
    t.throws(`${method}, no name`, () => P[method](), tooFew(WHERE + method));
    t.throws(`${method}, null`, () => P[method](null), illegal(method));
  }
  t.equal("defaults of calls", [
    P.getBoolPref("t.none", true), P.getBoolPref("t.none", null), P.getIntPref("t.none", "7"),
    P.getIntPref("t.none", undefined), P.getStringPref("t.none", "é€"), P.getStringPref("t.none", null),
    P.getCharPref("t.none", "c"), P.getFloatPref("t.none", 1.5),
  ], [true, false, 7, 0, "é€", null, "c", 1.5]);
  P.setBoolPref("t.b", "yes");
  P.setIntPref("t.i", "12");
  P.setStringPref("t.s", "é€\ud83d\ude00\n\"\\");
  P.setCharPref("t.c", "abc");
  t.equal("values", [P.getBoolPref("t.b"), P.getIntPref("t.i"), P.getStringPref("t.s"), P.getCharPref("t.c")],
    [true, 12, "é€\ud83d\ude00\n\"\\", "abc"]);
  t.equal("types", ["t.b", "t.i", "t.s", "t.none"].map(name => P.getPrefType(name)),
    [P.PREF_BOOL, P.PREF_INT, P.PREF_STRING, P.PREF_INVALID]);
  t.equal("constants", [P.PREF_INVALID, P.PREF_STRING, P.PREF_INT, P.PREF_BOOL], [0, 32, 64, 128]);
  t.throws("bool of int", () => P.getBoolPref("t.i"), unexpected("getBoolPref"));
  t.equal("bool of int with default", P.getBoolPref("t.i", true), true);
  t.throws("int of string", () => P.getIntPref("t.s"), unexpected("getIntPref"));
  P.setIntPref("t.b", 3);
  t.equal("user value of another type", P.getIntPref("t.b"), 3);
  P.setIntPref("t.big", 2 ** 31);
  P.setIntPref("t.nan", NaN);
  t.equal("32 bits", [P.getIntPref("t.big"), P.getIntPref("t.nan")], [-(2 ** 31), 0]);
  P.setStringPref("t.null", null);
  t.equal("null is empty", P.getStringPref("t.null"), "");
  P.setCharPref("t.f", "2.5");
  t.equal("float", P.getFloatPref("t.f"), 2.5);
  t.throws("float of text", () => P.getFloatPref("t.c"), illegal("getFloatPref"));
  t.throws("float of int", () => P.getFloatPref("t.i"), unexpected("getFloatPref"));
  t.throws("too long", () => P.setStringPref("t.long", "x".repeat(2 ** 21)), illegal("setStringPref"));
  t.throws("no value", () => P.setBoolPref("t.b"), tooFew(WHERE + "setBoolPref"));
}

function checkBranches(t) {
  const branch = P.getBranch("t.");
  const defaults = P.getDefaultBranch("t.");
  t.equal("roots", [branch.root, P.root, P.getBranch(null).root, P.getDefaultBranch(null).root], ["t.", "", "", ""]);
  t.throws("getBranch, no argument", () => P.getBranch(), tooFew("nsIPrefService.getBranch"));
  t.equal("names", branch.getChildList("").sort(), ["b", "big", "c", "f", "i", "nan", "null", "s"]);
  t.equal("names below a prefix", P.getChildList("t.b").sort(), ["t.b", "t.big"]);
  t.equal("no names", P.getChildList("zz."), []);
  t.throws("no default value", () => defaults.getIntPref("i"), unexpected("getIntPref"));
  defaults.setIntPref("i", 9);
  t.equal("default and user", [defaults.getIntPref("i"), branch.getIntPref("i")], [9, 12]);
  t.equal("who has what", [P.prefHasDefaultValue("t.i"), P.prefHasUserValue("t.i"), P.prefHasDefaultValue("t.s")],
    [true, true, false]);
  t.throws("default of another type", () => defaults.setStringPref("i", "x"), unexpected("setStringPref"));
  t.throws("user value of another type than the default", () => P.setStringPref("t.i", "x"), unexpected("setStringPref"));
  P.clearUserPref("t.i");
  P.clearUserPref("t.none");
  t.equal("cleared", [P.getIntPref("t.i"), P.prefHasUserValue("t.i")], [9, false]);
  P.setIntPref("t.i", 9);
  t.equal("set to its default", P.prefHasUserValue("t.i"), false);
}

function checkObservers(t) {
  const seen = [];
  const object = { observe: (subject, topic, name) => seen.push(`object ${subject.root} ${topic} ${name}`) };
  const listener = (subject, topic, name) => seen.push(`function ${subject.root} ${name}`);
  const branch = P.getBranch("t.");
  P.addObserver("t.o", object);
  P.addObserver("t.", listener);
  branch.addObserver("o", object);
  const changed = change => {
    seen.length = 0;
    change();
    return seen.join(", ");
  };
  const all = "object t. nsPref:changed o1, function  t.o1, object  nsPref:changed t.o1";
  t.equal("set", changed(() => P.setIntPref("t.o1", 1)), all);
  t.equal("set to the same", changed(() => P.setIntPref("t.o1", 1)), "");
  t.equal("cleared", changed(() => P.clearUserPref("t.o1")), all);
  t.equal("other name", changed(() => P.setIntPref("u.o1", 1)), "");
  P.removeObserver("t.o", object);
  P.removeObserver("t.o", object);
  branch.removeObserver("o", object);
  P.addObserver("t.", listener);
  t.equal("added twice", changed(() => P.setIntPref("t.o1", 2)), "function  t.o1");
  P.removeObserver("t.", listener);
  t.equal("removed", changed(() => P.setIntPref("t.o1", 3)), "");
  t.throws("observer null", () => P.addObserver("t.", null), illegal("addObserver"));
  t.throws("observer number", () => P.addObserver("t.", 5), {
    name: "NS_ERROR_XPC_BAD_CONVERT_JS", message: "Could not convert JavaScript argument arg 1 [nsIPrefBranch.addObserver]",
  });
  t.throws("weak observer that is none", () => P.addObserver("t.", object, true), illegal("addObserver"));
}

function checkLocks(t) {
  P.getDefaultBranch("t.").setIntPref("l", 1);
  P.setIntPref("t.l", 2);
  P.lockPref("t.l");
  t.equal("locked", [P.getIntPref("t.l"), P.prefIsLocked("t.l"), P.prefHasUserValue("t.l")], [1, true, true]);
  P.setIntPref("t.l", 3);
  t.equal("a locked one is not set", P.getIntPref("t.l"), 1);
  P.unlockPref("t.l");
  t.equal("unlocked", P.prefIsLocked("t.l"), false);
  t.throws("lock nothing", () => P.lockPref("t.none"), illegal("lockPref"));
  t.throws("unlock nothing", () => P.unlockPref("t.none"), illegal("unlockPref"));
  t.equal("absent is not locked", P.prefIsLocked("t.none"), false);
}

async function checkFiles(t) {
  const path = PathUtils.join(PathUtils.profileDir, "test-prefs.js");
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  P.setStringPref("t.saved", "line\nquote\" back\\slash é");
  P.savePrefFile(file);
  const text = await IOUtils.readUTF8(path);
  t.check(text.includes('user_pref("t.c", "abc");'), "saved", text);
  P.setIntPref("t.rr", 1);
  P.resetPrefs();
  t.equal("reset", [P.getPrefType("t.rr"), P.getPrefType("t.saved")], [0, 0]);
  P.readUserPrefsFromFile(file);
  t.equal("read", P.getStringPref("t.saved"), "line\nquote\" back\\slash é");
  P.setIntPref("d.a", 1);
  P.setIntPref("d.a.b", 1);
  P.setIntPref("d.ab", 1);
  P.deleteBranch("d.a.");
  t.equal("deleteBranch", P.getChildList("d.").sort(), ["d.ab"]);
}

export async function runBackgroundTask() {
  const t = new Checks();
  t.equal("interfaces", [P instanceof Ci.nsIPrefBranch, P instanceof Ci.nsIPrefService, P instanceof Ci.nsIFile],
    [true, true, false]);
  checkValues(t);
  checkBranches(t);
  checkObservers(t);
  checkLocks(t);
  await checkFiles(t);
  return t.exitCode;
}
