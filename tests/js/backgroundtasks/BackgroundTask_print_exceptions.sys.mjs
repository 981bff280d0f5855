// SPDX-License-Identifier: MPL-2.0
// Components.Exception, stack and ID, interfaces and QueryInterface.

import { print } from "resource://testing-common/print.sys.mjs";

const NUMBER = "{DB242E01-e4d9-11d2-9dde-000064657374}";

function describe(error) {
  return [
    error.name, error.message, error.result, String(error).replace(/ {2}location: .* {2}data/, "  data"), error.lineNumber > 0,
    error.data, error instanceof Ci.nsIException, error instanceof Error, error instanceof Components.Exception,
    Object.prototype.toString.call(error), typeof error.stack, error.filename != "", error.columnNumber > 0,
  ];
}

function checkExceptions() {
  const arguments_ = {
    "nothing": [], "a message": ["m"], "a result": ["m", Cr.NS_ERROR_ABORT], "an object": ["m", { result: Cr.NS_ERROR_ABORT }],
    "a stack": ["m", Cr.NS_ERROR_ABORT, Components.stack.caller], "a result nobody knows": ["m", 0x80012345],
    "no text": ["", Cr.NS_ERROR_FILE_NOT_FOUND], "numbers": [5, 7], "undefined": ["m", undefined, undefined, undefined],
    "null": [null, 0], "an empty object": ["m", {}],
  };
  for (const [name, args] of Object.entries(arguments_)) {
    print(name, () => describe(Components.Exception(...args)));
    print(`${name}, new`, () => describe(new Components.Exception(...args)));
  }
  const error = Components.Exception("m");
  print("read-only", () => {
    error.message = "x";
  });
  print("location", () => {
    const { location } = error;
    return [location.name, location.lineNumber > 0, typeof location.caller, location.filename == error.filename];
  });
}

function checkStack() {
  const { stack } = Components;
  print("stack", () => [stack.name, stack.lineNumber > 0, stack.caller.name, typeof stack.formattedStack, stack.asyncCause,
    stack.asyncCaller, String(stack).slice(0, 20), stack instanceof Ci.nsIStackFrame]);
}

function checkIdentifiers() {
  const id = Components.ID(NUMBER);
  print("ID", () => [String(id), id.number, id.equals(Ci.nsIObserver), id.equals(id), id instanceof Components.ID, id.name]);
  print("ID without braces", () => String(new Components.ID(NUMBER.slice(1, -1))));
  print("ID of nothing", () => Components.ID());
  print("ID of null", () => Components.ID(null));
  print("ID equals null", () => id.equals(null));
  print("success", () => [0, 0x80000000, "x", -1].map(code => Components.isSuccessCode(code)));
  const { nsIFile, nsIURI } = Ci;
  print("interface", () => [String(nsIFile), nsIFile.name, nsIFile.number, nsIFile.equals(nsIFile), nsIFile.equals(nsIURI),
    nsIFile.DIRECTORY_TYPE, "zz" in nsIFile, nsIFile.zz]);
  print("as text", () => [String(Components), String(Cc), String(Ci), String(Cr)]);
}

function checkQueryInterface() {
  const { obs } = Services;
  const own = { QueryInterface: ChromeUtils.generateQI(["nsIObserver", Ci.nsIFile]) };
  print("generated", () => [Ci.nsIObserver, Ci.nsIFile, Ci.nsISupports].map(iface => own.QueryInterface(iface) === own));
  print("generated, other", () => own.QueryInterface(Ci.nsIURI));
  print("generated, nothing", () => own.QueryInterface());
  print("service", () => [Ci.nsIObserverService, Ci.nsISupports].map(iface => obs.QueryInterface(iface) === obs));
  for (const iface of [Ci.nsIFile, "nsIObserverService", 5, null, undefined]) {
    print(`service, ${iface}`, () => obs.QueryInterface(iface));
  }
  print("service, nothing", () => obs.QueryInterface());
}

export async function runBackgroundTask() {
  checkExceptions();
  checkStack();
  checkIdentifiers();
  checkQueryInterface();
  return 0;
}
