// SPDX-License-Identifier: MPL-2.0
// nsIFile: every member, with a path that was not set, one of nothing, files, directories and the symbolic links that
// whoever starts this has made in the working directory (L -> d/target, LL -> L, LD -> d, LB -> nowhere, LS -> LS).

import { hide, print } from "resource://testing-common/print.sys.mjs";

const PROPERTIES = ("path leafName displayName parent permissions permissionsOfLink fileSize fileSizeOfLink lastModifiedTime " +
  "lastModifiedTimeOfLink lastAccessedTime lastAccessedTimeOfLink creationTime creationTimeOfLink target directoryEntries " +
  "persistentDescriptor diskSpaceAvailable diskCapacity").split(" ");
const QUESTIONS = "exists isFile isDirectory isReadable isWritable isExecutable isHidden isSpecial isSymlink".split(" ");
const { NORMAL_FILE_TYPE: FILE, DIRECTORY_TYPE: DIRECTORY } = Ci.nsIFile;

let here;

function file(path) {
  const made = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  if (path !== undefined) {
    made.initWithPath(path);
  }
  return made;
}

function at(...names) {
  const result = here.clone();
  names.forEach(name => result.append(name));
  return result;
}

function make(type, permissions, ...names) {
  const result = at(...names);
  result.create(type, permissions);
  return result;
}

const mode = one => one.permissions.toString(8);
const names = directory => [...directory.directoryEntries].map(({ leafName }) => leafName).sort();

/** What @method makes of /r with each of the arguments. */
function printPaths(method, values) {
  for (const value of values) {
    print(`${method}(${JSON.stringify(value)})`, () => {
      const one = method == "initWithPath" ? file() : file("/r");
      one[method](value);
      return one.path;
    });
  }
}

function printSetPaths(name, path, values) {
  for (const value of values) {
    print(`${path} ${name} = ${JSON.stringify(value)}`, () => {
      const one = file(path);
      one[name] = value;
      return one.path;
    });
  }
}

function checkPaths() {
  printPaths("initWithPath", ["", "a", "/", "//", "/a/", "/a//", "/a//b", "/a/./b", "/a/../b", "~root/x", null, 5, "./x", "/é"]);
  print("~", () => file("~").path == Services.env.get("HOME") && file("~/x").path == `${Services.env.get("HOME")}/x`);
  print("initWithPath()", () => file().initWithPath());
  printPaths("append", ["", "a", ".", "..", "a/b", "/a", "a/", "é", " ", null, "...", "\ud800"]);
  printPaths("appendRelativePath", ["", "a", ".", "..", "a/b", "/a", "a/", "a//b", "a/../b", "../a", "a/..", "a/...", "..a/b", "./a"]);
  printSetPaths("leafName", "/r/a", ["", "b", "b/c", "..", ".", null]);
  printSetPaths("leafName", "/", ["x"]);
  printSetPaths("persistentDescriptor", "/r", ["/q", "q"]);
  print("append to the root", () => {
    const root = file("/");
    root.append("x");
    return root;
  });
  print("parents", () => ["/", "/a", "/a/b", "/a/."].map(path => file(path).parent));
  print("equals", () => ["/a", "/a/", "/a/b", "/A"].map(path => file("/a").equals(file(path))));
  for (const other of [null, 5, {}]) {
    print(`equals(${JSON.stringify(other)})`, () => file("/a").equals(other));
  }
  for (const [one, other] of [["/a", "/a/b"], ["/a", "/a"], ["/a", "/ab"], ["/", "/a"], ["/a/", "/a/b/c"], ["/a", "/a/../b"]]) {
    print(`${one} contains ${other}`, () => file(one).contains(file(other)));
  }
  print("contains(null)", () => file("/a").contains(null));
  print("initWithFile", () => {
    const one = file();
    one.initWithFile(file("/zz"));
    return one;
  });
  print("initWithFile(null)", () => file().initWithFile(null));
  print("initWithFile, not set", () => file().initWithFile(file()));
  print("isHidden", () => ["/a/.b", "/a/b", "/"].map(path => file(path).isHidden()));
  print("strings", () => [String(file("/x")), String(file("/x").QueryInterface(Ci.nsIFile)), file("/x") instanceof Ci.nsIFile]);
  print("QueryInterface, other", () => file("/x").QueryInterface(Ci.nsIURI));
  print("read-only", () => {
    file("/x").path = "1";
  });
  print("constants", () => [file().NORMAL_FILE_TYPE, file().DIRECTORY_TYPE, file().OS_READAHEAD, file().DELETE_ON_CLOSE]);
}

function checkRelative() {
  for (const [one, other] of [["/a/b", "/a/c"], ["/a/b", "/a/b"], ["/a/b", "/a/b/c/d"], ["/a/b/c", "/a"], ["/a", "/b"],
    ["/", "/a"], ["/a/é", "/a/ü"]]) {
    print(`${one} from ${other}`, () => [file(one).getRelativePath(file(other)), file(one).getRelativeDescriptor(file(other))]);
  }
  for (const way of ["../c", "", "c/d", "/x", "../../../..", "./c"]) {
    for (const method of ["setRelativePath", "setRelativeDescriptor"]) {
      print(`${method}("/a/b", "${way}")`, () => {
        const one = file();
        one[method](file("/a/b"), way);
        return one;
      });
    }
  }
  print("getRelativePath(null)", () => file("/a").getRelativePath(null));
}

function checkAbsent() {
  for (const name of PROPERTIES) {
    print(`not set, ${name}`, () => file()[name]);
    if (!["path", "parent", "persistentDescriptor", "diskSpaceAvailable", "diskCapacity"].includes(name)) {
      print(`nothing there, ${name}`, () => at("none")[name]);
    }
  }
  for (const name of [...QUESTIONS, "normalize"]) {
    print(`not set, ${name}`, () => file()[name]());
    print(`nothing there, ${name}`, () => at("none")[name]());
  }
  print("not set, clone", () => file().clone().path);
  print("not set, create", () => file().create(FILE, 0o600));
  print("not set, remove", () => file().remove(false));
  print("nothing there, remove", () => at("none").remove(true));
  for (const name of ["permissions", "lastModifiedTime", "fileSize"]) {
    print(`nothing there, set ${name}`, () => {
      at("none")[name] = 0o600;
    });
  }
}

function checkCreate() {
  const d = at("d");
  print("create directory", () => mode(make(DIRECTORY, 0o750, "d")));
  print("create directory again", () => d.create(DIRECTORY, 0o750));
  print("create file", () => [mode(make(FILE, 0o666, "d", "f.txt")), at("d", "f.txt").fileSize]);
  print("create file again", () => at("d", "f.txt").create(FILE, 0o666));
  print("create directory at a file", () => at("d", "f.txt").create(DIRECTORY, 0o700));
  print("create below a file", () => at("d", "f.txt", "x").create(FILE, 0o600));
  print("create with parents", () => [make(FILE, 0o600, "q", "r", "s"), at("q", "r"), at("q")].map(mode));
  print("create directory with parents", () => [make(DIRECTORY, 0o700, "q2", "r"), at("q2")].map(mode));
  print("create without parents", () => at("z1", "z2").create(FILE, 0o600, true));
  print("create, no such type", () => at("t").create(2, 0o600));
  print("create, type as text", () => make("1", 0o700, "t1").isDirectory());
  print("create, too few", () => at("t").create(0));
  print("create, set-uid", () => mode(make(FILE, 0o4777, "pb")));
  print("create, too long", () => at("m".repeat(300)).create(FILE, 0o600));
  for (const name of ["u", "u.tar.gz", "u.txt", ".u", "u.", "a b.c d"]) {
    print(`createUnique ${name}`, () =>
      [1, 2, 3].map(() => {
        const one = at("unique", name);
        one.createUnique(FILE, 0o600);
        return one.leafName;
      })
    );
  }
  print("createUnique, no such type", () => at("t").createUnique(3, 0o600));
  for (const name of [`${"l".repeat(250)}.txt`, `${"é".repeat(200)}.txt`, "n".repeat(300), `n.${"e".repeat(300)}`]) {
    print(`createUnique, ${name.length} characters`, () => {
      const one = at(name);
      one.createUnique(DIRECTORY, 0o700);
      return one.leafName.length;
    });
  }
}

/** The value of property @name after it was set. */
function printSet(name, value, one) {
  print(`${name} = ${value}`, () => {
    one.clone()[name] = value;
    return one.clone()[name];
  });
}

async function checkProperties() {
  const f = at("d", "f.txt");
  await IOUtils.writeUTF8(f.path, "hello");
  print("sizes", () => [f.fileSize, at("d").fileSize]);
  for (const size of [3, 10, -1]) {
    printSet("fileSize", size, f);
  }
  print("fileSize of a directory", () => {
    at("d").fileSize = 1;
  });
  for (const time of [1234567890123, 1000.7, -1000]) {
    printSet("lastModifiedTime", time, f);
    printSet("lastAccessedTime", time, f);
  }
  for (const bits of [0o4755, 0, 0o644]) {
    printSet("permissions", bits, f);
  }
  print("isExecutable", () => [f, at("d"), file("/usr/bin/env")].map(one => one.isExecutable()));
  print("isExecutable, by name", () => ["a.jar", "a.exe", "a.JAR"].map(name => make(FILE, 0o644, "x", name).isExecutable()));
  print("special", () => [file("/dev/null").isSpecial(), f.isSpecial(), file("/dev/null").isFile()]);
  print("space", () => [here.diskSpaceAvailable > 0, here.diskCapacity > here.diskSpaceAvailable]);
  print("target of a file", () => f.target);
  print("normalize", () => {
    const one = file(`${here.path}/d/../d/./f.txt`);
    one.normalize();
    return one;
  });
}

async function checkLinks() {
  await IOUtils.writeUTF8(at("d", "target").path, "target!");
  for (const name of ["L", "LL", "LD", "LB", "LS"]) {
    for (const question of ["exists", "isFile", "isDirectory", "isSymlink", "isSpecial", "isReadable"]) {
      print(`${name} ${question}`, () => at(name)[question]());
    }
    for (const property of ["target", "fileSize", "fileSizeOfLink", "permissionsOfLink"]) {
      print(`${name} ${property}`, () => at(name)[property]);
    }
    print(`${name} normalize`, () => {
      const one = at(name);
      one.normalize();
      return one;
    });
  }
  print("permissionsOfLink, set", () => {
    at("L").permissionsOfLink = 0o600;
  });
  print("lastModifiedTimeOfLink, set", () => {
    at("L").lastModifiedTimeOfLink = 5000;
    return [at("L").lastModifiedTimeOfLink, at("L").lastModifiedTime > 6000];
  });
}

function checkEntries() {
  const d = at("d");
  print("entries", () => names(d));
  print("enumerator", () => {
    const found = d.directoryEntries;
    return [String(found), found instanceof Ci.nsISimpleEnumerator, [...found.entries(Ci.nsIFile)].length];
  });
  print("nextFile", () => {
    const found = d.directoryEntries.QueryInterface(Ci.nsIDirectoryEnumerator);
    const seen = [];
    for (let one = found.nextFile; one; one = found.nextFile) {
      seen.push(one.leafName);
    }
    found.close();
    return seen.sort();
  });
  print("closed", () => {
    const found = d.directoryEntries;
    found.close();
    return [found.hasMoreElements(), found.nextFile];
  });
  print("entries of a file", () => at("d", "f.txt").directoryEntries);
}

function checkCopy() {
  const f = at("d", "f.txt");
  const d = at("d");
  const c = make(DIRECTORY, 0o700, "c");
  const rows = [
    ["own name", f, c, null, "f.txt"], ["again", f, c, "", "f.txt"], ["other name", f, c, "g", "g"], ["here", f, null, "h", null],
    ["onto itself", f, null, null, "f.txt"], ["onto itself by name", f, null, "f.txt", "f.txt"], ["two names", f, c, "a/b", null],
    ["..", f, c, "..", null], ["new parents", f, at("n1", "n2"), "x", null], ["parent is a file", f, at("c", "g"), "x", null],
    ["nothing", at("none"), c, "x", null], ["directory onto a file", d, c, "g", "g"], ["link", at("L"), c, "L", "L"],
    ["link to a directory", at("LD"), c, "LD", "LD"], ["link to nowhere", at("LB"), c, "LB", null],
  ];
  for (const [what, from, parent, name, result] of rows) {
    print(`copy: ${what}`, () => {
      const one = from.clone();
      one.copyTo(parent, name);
      return [one, result && [at("c", result).exists(), at("c", result).isSymlink(), at("c", result).fileSize]];
    });
  }
  print("copied", () => [at("d", "h").exists(), at("n1", "n2", "x").exists(), mode(at("n1")), at("c", "a", "b").exists()]);
  print("copy: directory", () => {
    d.copyTo(c, "dd");
    return [names(at("c", "dd")), mode(at("c", "dd"))];
  });
  print("copy: directory into one that is there", () => {
    d.copyTo(c, "dd");
    return names(at("c", "dd"));
  });
  print("copy: file onto a directory", () => f.copyTo(c, "dd"));
  print("copy: following links", () => {
    at("L").copyToFollowingLinks(c, "L2");
    return at("c", "L2").fileSize;
  });
  print("copy: modes", () => {
    make(FILE, 0o751, "r9").copyTo(null, "r10");
    return mode(at("r10"));
  });
  print("copy: too few", () => f.copyTo(c));
}

function checkMove() {
  const c = at("c");
  const full = make(DIRECTORY, 0o700, "full");
  make(FILE, 0o600, "full", "y");
  make(DIRECTORY, 0o700, "one");
  make(FILE, 0o600, "one", "x");
  make(DIRECTORY, 0o700, "empty");
  const rows = [
    ["name", ["c", "g"], c, "g2"], ["here", ["c", "g2"], null, "g3"], ["over a file", ["c", "g3"], c, "f.txt"],
    ["new parents", ["c", "f.txt"], at("m1", "m2"), ""], ["nothing", ["none"], c, "k"], ["onto itself", ["d", "h"], null, null],
    ["two names", ["d", "h"], c, "no/b"], ["parent is a file", ["d", "h"], at("d", "f.txt"), "x"],
    ["onto a directory with something", ["one"], here, "full"], ["onto an empty directory", ["one"], here, "empty"],
    ["file onto a directory", ["d", "h"], here, "full"], ["into itself", ["full"], full, "x"], ["link", ["LD"], c, "LDm"],
  ];
  for (const method of ["moveTo", "renameTo"]) {
    for (const [what, from, parent, name] of rows) {
      print(`${method}: ${what}`, () => {
        const one = at(...from);
        one[method](parent, name);
        return [one, at(...from).exists()];
      });
    }
  }
  print("moveToFollowingLinks", () => {
    const one = at("LL");
    one.moveToFollowingLinks(c, "LLm");
    return [one, one.isSymlink()];
  });
  print("moved", () => [names(at("empty")), names(at("full")), at("m1", "m2", "f.txt").exists()]);
  print("renameTo", () => {
    const one = at("d", "h");
    one.renameTo(c, "h2");
    at("c", "h2").renameTo(here, "");
    return [one, at("h2").exists()];
  });
}

function checkRemove() {
  print("remove, not empty", () => at("d").remove(false));
  print("remove, counted", () => {
    make(FILE, 0o600, "rc", "a");
    make(FILE, 0o600, "rc", "b", "c");
    const count = { value: 10 };
    at("rc").remove(true, count);
    return [count.value, at("rc").exists()];
  });
  print("remove a file, counted", () => {
    const count = {};
    make(FILE, 0o600, "rc").remove(false, count);
    return count.value;
  });
  for (const count of [null, 5]) {
    print(`remove, counted in ${count}`, () => make(FILE, 0o600, `rc ${count}`).remove(false, count));
  }
  print("remove an empty directory", () => {
    make(DIRECTORY, 0o700, "re").remove(false);
    return at("re").exists();
  });
  print("remove a link to a directory", () => {
    at("c", "LDm").remove(true);
    return [at("c", "LDm").exists(), at("d").exists()];
  });
  print("remove()", () => at("q").remove());
}

export async function runBackgroundTask(commandLine) {
  here = commandLine.workingDirectory;
  hide([[here.path, "HERE"]]);
  checkPaths();
  checkRelative();
  checkAbsent();
  checkCreate();
  await checkProperties();
  await checkLinks();
  checkEntries();
  checkCopy();
  checkMove();
  checkRemove();
  return 0;
}
