// SPDX-License-Identifier: MPL-2.0
// nsICommandLine. To be run with: a "" --foo=bar -xx --ww val --qq -zz --ee "" "spa ce" --UUP é --lst

import { Checks, tooFew, xpcom } from "resource://testing-common/check.sys.mjs";

const WHERE = "nsICommandLine.";
const illegal = method => xpcom("NS_ERROR_ILLEGAL_VALUE", WHERE + method);

function argumentsOf(commandLine) {
  return Array.from({ length: commandLine.length }, (unused, index) => commandLine.getArgument(index));
}

function checkArguments(t, cl) {
  t.equal("normalised", argumentsOf(cl), [
    "a", "", "-foo", "bar", "-xx", "-ww", "val", "-qq", "-zz", "-ee", "", "spa ce", "-UUP", "é", "-lst",
  ]);
  t.throws("length is read-only", () => (cl.length = 5), { name: "TypeError" });
  for (const index of [-1, 99, 15]) {
    t.throws(`argument ${index}`, () => cl.getArgument(index), illegal("getArgument"));
  }
  t.throws("no index", () => cl.getArgument(), tooFew(WHERE + "getArgument"));
  for (const index of ["0", 0.9, undefined, NaN, {}, 2 ** 32]) {
    t.equal(`index ${String(index)} is coerced`, cl.getArgument(index), "a");
  }
  t.throws("index symbol", () => cl.getArgument(Symbol("x")), { name: "TypeError" });
  t.throws("index bigint", () => cl.getArgument(1n), { name: "TypeError" });
}

function checkFlags(t, cl) {
  t.equal("findFlag", cl.findFlag("foo", true), 2);
  t.equal("findFlag, other case", cl.findFlag("FOO", true), -1);
  t.equal("findFlag, any case", cl.findFlag("FOO", false), 2);
  t.equal("findFlag with dash", cl.findFlag("-foo", false), -1);
  t.equal("findFlag number", cl.findFlag(5, true), -1);
  for (const flag of ["", null, undefined]) {
    t.throws(`findFlag(${flag === "" ? '""' : flag})`, () => cl.findFlag(flag, true), illegal("findFlag"));
  }
  t.throws("findFlag, one argument", () => cl.findFlag("foo"), tooFew(WHERE + "findFlag"));
  t.equal("handleFlag, absent", cl.handleFlag("none", false), false);
  t.equal("handleFlag", [cl.handleFlag("xx", false), cl.findFlag("xx", false), cl.length], [true, -1, 14]);
  t.throws("handleFlag empty", () => cl.handleFlag("", false), illegal("handleFlag"));
  t.throws("handleFlag, one argument", () => cl.handleFlag("foo"), tooFew(WHERE + "handleFlag"));
  const method = "handleFlagWithParam";
  t.equal("with parameter, absent", cl.handleFlagWithParam("none", false), null);
  t.equal("with parameter", [cl.handleFlagWithParam("ww", false), cl.length], ["val", 12]);
  t.throws("parameter is a flag", () => cl.handleFlagWithParam("qq", false), illegal(method));
  t.equal("then nothing is consumed", cl.findFlag("qq", false), 4);
  t.throws("parameter is missing", () => cl.handleFlagWithParam("lst", false), illegal(method));
  t.equal("empty parameter", cl.handleFlagWithParam("ee", false), "");
  t.throws("parameter of empty flag", () => cl.handleFlagWithParam("", false), illegal(method));
}

function checkRemoval(t, cl) {
  t.throws("remove from -1", () => cl.removeArguments(-1, 0), illegal("removeArguments"));
  t.throws("remove to 99", () => cl.removeArguments(0, 99), illegal("removeArguments"));
  t.throws("remove 2 to -5", () => cl.removeArguments(2, -5), illegal("removeArguments"));
  t.throws("remove, one argument", () => cl.removeArguments(0), tooFew(WHERE + "removeArguments"));
  const before = cl.length;
  cl.removeArguments(1, 0);
  t.equal("remove 1 to 0 does nothing", cl.length, before);
  cl.removeArguments(0, 1);
  t.equal("remove", [cl.length, cl.getArgument(0)], [before - 2, "-foo"]);
}

function checkResolving(t, cl) {
  const wd = cl.workingDirectory.path;
  t.equal("absolute file as given", cl.resolveFile("/tmp/../nope/./x").path, "/tmp/../nope/./x");
  t.equal("slashes at the end", cl.resolveFile("/tmp/").path, "/tmp");
  t.equal("root", [cl.resolveFile("/").path, cl.resolveFile("/").leafName, cl.resolveFile("/").parent], ["/", "", null]);
  const missing = xpcom("NS_ERROR_FILE_NOT_FOUND", WHERE + "resolveFile");
  t.throws("relative and absent", () => cl.resolveFile("no-such-file").path, missing);
  t.throws("no path", () => cl.resolveFile(), tooFew(WHERE + "resolveFile"));
  t.equal("relative is normalised", cl.resolveFile("./.").path, wd);
  t.equal("relative URI", cl.resolveURI("é €.txt").spec, `file://${wd}/%C3%A9%20%E2%82%AC.txt`);
  t.equal("query", cl.resolveURI("?x=1").spec, `file://${wd}/?x=1`);
  t.equal("path as URI", cl.resolveURI("/tmp/a%20b;c?d#e").spec, "file:///tmp/a%2520b%3bc%3Fd%23e");
  t.equal("URI", cl.resolveURI("http://EXAMPLE.com/a/../b?q#f").spec, "http://example.com/b?q#f");
  t.equal("data:", cl.resolveURI("data:,x").spec, "data:,x");
  for (const bad of ["http://", "http://a b/"]) {
    t.throws(`URI ${bad}`, () => cl.resolveURI(bad), xpcom("NS_ERROR_MALFORMED_URI", WHERE + "resolveURI"));
  }
}

export async function runBackgroundTask(cl) {
  const t = new Checks();
  t.equal("state", [cl.state, cl.STATE_INITIAL_LAUNCH, cl.STATE_REMOTE_AUTO, cl.STATE_REMOTE_EXPLICIT], [0, 0, 1, 2]);
  t.throws("state is read-only", () => (cl.state = 4), { name: "TypeError" });
  t.equal("interface", [cl instanceof Ci.nsICommandLine, cl.QueryInterface(Ci.nsICommandLine) === cl], [true, true]);
  t.throws("other interface", () => cl.QueryInterface(Ci.nsIFile),
    xpcom("NS_NOINTERFACE", "nsISupports.QueryInterface"));
  checkArguments(t, cl);
  checkFlags(t, cl);
  checkRemoval(t, cl);
  checkResolving(t, cl);
  cl.preventDefault = 1;
  t.equal("preventDefault", cl.preventDefault, true);
  return t.exitCode;
}
