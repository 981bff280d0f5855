// SPDX-License-Identifier: MPL-2.0
// Prints the names that Firefox has, one line each, for tests/gecko/names.py. The arguments are interfaces, XPCOM's and
// globals, whose members are listed as well.

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

/** Objects whose properties are names of other kinds, or that are asked otherwise. */
const NO_INTERFACES = ["Cc", "Ci", "Cr", "Cu", "ChromeUtils", "Components", "Glean", "GleanPings", "IOUtils", "PathUtils", "Services"];

/** Globals, and what those that are @wanted have themselves, as statics have, and what their objects have. */
function printGlobals(wanted) {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    let value;
    try {
      value = globalThis[name];
    } catch {
      continue;
    }
    print("global", `${name}${typeof value == "function" ? "()" : ""}`);
    if (wanted.delete(name) && value && !NO_INTERFACES.includes(name)) {
      for (const holder of [value, value.prototype]) {
        for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(holder ?? {}))) {
          if (!["constructor", "length", "name", "prototype", "arguments", "caller"].includes(key) && !/^[A-Z_0-9]+$/.test(key)) {
            print("member", `${name}.${key}${typeof descriptor.value == "function" ? "()" : ""}`);
          }
        }
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
  printGlobals(wanted);
  for (const object of objects()) {
    for (const name of wanted) {
      if (Ci[name] && object instanceof Ci[name] && object[name]) {
        wanted.delete(name);
        printMembers(name, object[name]);
      }
    }
  }
}
