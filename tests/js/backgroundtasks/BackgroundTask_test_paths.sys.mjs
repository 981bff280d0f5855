// SPDX-License-Identifier: MPL-2.0
// PathUtils and nsIFile.

import { Checks, xpcom } from "resource://testing-common/check.sys.mjs";

const P = PathUtils;
const BAD = "NS_ERROR_FILE_UNRECOGNIZED_PATH";

function refused(method, text, name = "OperationError") {
  return { name, message: `PathUtils.${method}: ${text}` };
}

function checkPathUtils(t) {
  for (const [parts, wanted] of [
    [["/a", "b"], "/a/b"], [["/a/", "b", "c"], "/a/b/c"], [["/a", ""], "/a"], [["/"], "/"], [["/", "a"], "/a"],
    [["/a//b", "c"], "/a//b/c"], [["/a", "."], "/a/."], [["/a", 5], "/a/5"],
  ]) {
    t.equal(`join ${parts}`, P.join(...parts), wanted);
  }
  for (const parts of [["/a", ".."], ["/a", "b/c"], ["/a", "/b"]]) {
    t.throws(`join ${parts}`, () => P.join(...parts), refused("join", `Could not append to path: ${BAD}`));
  }
  t.throws("join relative", () => P.join("a", "b"), refused("join", `Could not initialize path: ${BAD}`));
  t.throws("join nothing", () => P.join(), refused("join", "PathUtils does not support empty paths", "NotAllowedError"));
  for (const [path, parent, filename, split] of [
    ["/a/b", "/a", "b", ["/", "a", "b"]], ["/a", "/", "a", ["/", "a"]], ["/", null, "/", ["/"]], ["/a/", "/", "a", ["/", "a"]],
    ["/a/../b", "/a/..", "b", ["/", "a", "..", "b"]], ["/a//b", "/a", "b", ["/", "a", "b"]],
  ]) {
    t.equal(`parts of ${path}`, [P.parent(path), P.filename(path), P.split(path)], [parent, filename, split]);
  }
  for (const method of ["parent", "filename", "split", "normalize", "toFileURI"]) {
    t.throws(`${method} of a relative path`, () => P[method]("a/b"), refused(method, `Could not initialize path: ${BAD}`));
    t.throws(`${method} of ""`, () => P[method](""), refused(method, "PathUtils does not support empty paths", "NotAllowedError"));
  }
  t.equal("parent, deeper", [P.parent("/a/b/c", 2), P.parent("/a/b/c", 9)], ["/a", null]);
  t.throws("parent, depth 0", () => P.parent("/a", 0), refused("parent", "A depth of at least 1 is required", "NotSupportedError"));
  t.throws("no path", () => P.filename(), { message: "PathUtils.filename: At least 1 argument required, but only 0 passed" });
  t.equal("isAbsolute", ["/a", "a", "", "./a"].map(path => P.isAbsolute(path)), [true, false, false, false]);
  t.equal("splitRelative", [P.splitRelative("a/b"), P.splitRelative("a/")], [["a", "b"], ["a"]]);
  for (const path of ["../x", "/a", "", "a//b", "./a"]) {
    t.throws(`splitRelative ${path}`, () => P.splitRelative(path), { name: "NotAllowedError" });
  }
  t.equal("splitRelative, all allowed", P.splitRelative("../a//./b", { allowParentDir: true, allowCurrentDir: true, allowEmpty: true }),
    ["..", "a", "", ".", "b"]);
  t.equal("joinRelative", ["a/b", "", "./a"].map(path => P.joinRelative("/base", path)), ["/base/a/b", "/base", "/base/./a"]);
  t.throws("joinRelative ..", () => P.joinRelative("/base", "../x"), refused("joinRelative", `Could not append to path: ${BAD}`));
  t.equal("normalize", [P.normalize("/"), P.normalize("/tmp/./.."), P.normalize("/proc//self/..")], ["/", "/", "/proc"]);
  t.throws("normalize what is absent", () => P.normalize("/none/x"),
    refused("normalize", "Could not normalize path: NS_ERROR_FILE_NOT_FOUND", "UnknownError"));
  t.equal("toFileURI", P.toFileURI("/a\"<>\\^`{|}[]~!*'()+,;=:@$&%25 é\u0001?#"),
    "file:///a%22%3C%3E%5C%5E%60%7B|%7D[]~!*'()+,%3b=:@$&%2525%20%C3%A9%01%3F%23");
  t.throws("profileDir is read-only", () => (P.profileDir = "x"), { name: "TypeError" });
}

function makeFile(path) {
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  return file;
}

function checkFilePaths(t) {
  const file = makeFile("/tmp/x y/../z/");
  t.equal("path", [file.path, file.leafName, file.parent.path], ["/tmp/x y/../z", "z", "/tmp/x y/.."]);
  t.throws("relative", () => makeFile("rel"), xpcom(BAD, "nsIFile.initWithPath"));
  const made = makeFile("/tmp");
  made.append("a");
  made.appendRelativePath("b/c");
  t.equal("append", made.path, "/tmp/a/b/c");
  t.throws("append two names", () => made.append("d/e"), xpcom(BAD, "nsIFile.append"));
  t.throws("append ..", () => made.append(".."), xpcom(BAD, "nsIFile.append"));
  const copy = made.clone();
  copy.leafName = "d";
  t.equal("clone", [made.path, copy.path, made.equals(copy), made.equals(made.clone())], ["/tmp/a/b/c", "/tmp/a/b/d", false, true]);
  t.equal("contains", [makeFile("/tmp").contains(made), makeFile("/tm").contains(made)], [true, false]);
}

function checkFiles(t) {
  const directory = Services.dirsvc.get("ProfD", Ci.nsIFile);
  directory.append("test-files");
  t.equal("absent", directory.exists(), false);
  t.throws("size of what is absent", () => directory.fileSize, xpcom("NS_ERROR_FILE_NOT_FOUND", "nsIFile.fileSize"));
  const file = directory.clone();
  file.append("f.txt");
  file.create(Ci.nsIFile.NORMAL_FILE_TYPE, 0o640);
  t.equal("created, with its directory", [file.exists(), file.isFile(), file.isDirectory(), directory.isDirectory(), file.fileSize],
    [true, true, false, true, 0]);
  t.throws("created again", () => file.create(Ci.nsIFile.NORMAL_FILE_TYPE, 0o640),
    xpcom("NS_ERROR_FILE_ALREADY_EXISTS", "nsIFile.create"));
  const unique = file.clone();
  unique.createUnique(Ci.nsIFile.NORMAL_FILE_TYPE, 0o600);
  t.equal("createUnique", unique.leafName, "f-1.txt");
  file.permissions = 0o600;
  file.lastModifiedTime = 1000000;
  t.equal("attributes", [file.permissions, file.lastModifiedTime, file.isReadable(), file.isWritable(), file.isHidden()],
    [0o600, 1000000, true, true, false]);
  file.copyTo(null, "copy.txt");
  const names = [...directory.directoryEntries].map(entry => entry.leafName).sort();
  t.equal("directoryEntries", names, ["copy.txt", "f-1.txt", "f.txt"]);
  unique.moveTo(directory, "moved.txt");
  t.equal("moveTo", [unique.leafName, unique.exists()], ["moved.txt", true]);
  t.throws("directory that is not empty", () => directory.remove(false), { name: name => name.startsWith("NS_ERROR_") });
  directory.remove(true);
  t.equal("removed", directory.exists(), false);
  t.throws("removed again", () => file.remove(false), { name: "NS_ERROR_FILE_NOT_FOUND" });
}

function checkURIs(t) {
  const u = Services.io.newURI("http://user:pw@example.com:8080/a/b.html?q=1#frag");
  t.equal("URI", [u.spec, u.prePath, u.scheme, u.userPass, u.hostPort, u.host, u.port, u.pathQueryRef, u.filePath, u.query, u.ref], [
    "http://user:pw@example.com:8080/a/b.html?q=1#frag", "http://user:pw@example.com:8080", "http", "user:pw",
    "example.com:8080", "example.com", 8080, "/a/b.html?q=1#frag", "/a/b.html", "q=1", "frag",
  ]);
  t.equal("of it", [u.specIgnoringRef.endsWith("?q=1"), u.hasRef, u.schemeIs("http"), u.resolve("../c"), u.equals(u)],
    [true, true, true, "http://user:pw@example.com:8080/c", true]);
  t.equal("changed", u.mutate().setQuery("z=2").setRef("").finalize().spec, "http://user:pw@example.com:8080/a/b.html?z=2");
  t.throws("read-only", () => (u.spec = "x"), { name: "TypeError" });
  t.equal("relative", Services.io.newURI("y", null, u).spec, "http://user:pw@example.com:8080/a/y");
  t.throws("not one", () => Services.io.newURI("nope"), xpcom("NS_ERROR_MALFORMED_URI", "nsIIOService.newURI"));
  const file = Services.io.newFileURI(makeFile("/no such/é"));
  t.equal("file", [file.spec, file.QueryInterface(Ci.nsIFileURL).file.path], ["file:///no%20such/%C3%A9", "/no such/é"]);
  t.equal("directory", Services.io.newFileURI(makeFile("/tmp")).spec, "file:///tmp/");
}

export async function runBackgroundTask() {
  const t = new Checks();
  checkPathUtils(t);
  checkFilePaths(t);
  checkFiles(t);
  checkURIs(t);
  return t.exitCode;
}
