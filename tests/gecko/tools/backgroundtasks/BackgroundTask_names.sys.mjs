// SPDX-License-Identifier: MPL-2.0
// Prints the names that Firefox has, one line each, for tests/gecko/names.py. The arguments are interfaces whose members are
// listed as well.

function print(kind, name) {
  dump(`@@${kind} ${name}\n`);
}

function printMembers(label, object) {
  const seen = new Set(["constructor", "QueryInterface"]);
  for (let holder = object; holder && holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (!seen.has(name) && !/^[A-Z_0-9]+$/.test(name)) {
        seen.add(name);
        print("member", `${label}.${name}${typeof value == "function" ? "()" : ""}`);
      }
    }
  }
}

/** Objects whose interfaces are looked at. */
function* objects() {
  for (const name in Services) {
    try {
      yield Services[name];
    } catch {}
  }
  for (const contract in Cc) {
    if (/file\/local|timer;|supports-string|process\/util|scripterror|hash-property-bag|\/array;|category|backgroundtasks|profile|uuid|system-info|directory_service|update-sync|file-output|file-input|scriptableinputstream|binaryinputstream|hash;1|simpleURI|runner/.test(contract)) {
      for (const how of ["createInstance", "getService"]) {
        try {
          yield Cc[contract][how]();
          break;
        } catch {}
      }
    }
  }
  yield Services.io.newURI("https://example.com/a");
  yield Services.io.newURI("file:///tmp");
  yield Services.io.newURI("https://example.com/a").mutate();
  yield Services.dirsvc.get("TmpD", Ci.nsIFile).directoryEntries;
}

export function runBackgroundTask(commandLine) {
  for (const name in Ci) {
    print("interface", name);
  }
  for (const name in Cc) {
    print("contract", name);
  }
  for (const name in Services) {
    print("service", name);
  }
  for (const name of ["ChromeUtils", "IOUtils", "PathUtils"]) {
    printMembers(name, globalThis[name]);
  }
  printMembers("Cu", Cu);
  printMembers("Components", Components);
  const wanted = new Set();
  for (let i = 0; i < commandLine.length; i++) {
    wanted.add(commandLine.getArgument(i));
  }
  for (const object of objects()) {
    for (const name of wanted) {
      if (Ci[name] && object instanceof Ci[name] && object[name]) {
        wanted.delete(name);
        printMembers(name, object[name]);
      }
    }
  }
}
