// SPDX-License-Identifier: MPL-2.0
// IOUtils.

import { Checks } from "resource://testing-common/check.sys.mjs";

const base = PathUtils.join(PathUtils.profileDir, "test-io");
const at = (...names) => PathUtils.join(base, ...names);
const RESULTS = { NotFoundError: 0x80530008, NoModificationAllowedError: 0x80530007 };

/** Properties of an IOUtils rejection. */
function refused(name, text, result) {
  const message = result ? `${text} (${result})` : text;
  return name in RESULTS ? { name, message, result: RESULTS[name] } : { name, message };
}

const notFound = (text, detail = ": file does not exist") => refused("NotFoundError", `${text}${detail}`, "NS_ERROR_FILE_NOT_FOUND");
const badPath = text => refused("OperationError", `${text}: could not parse path`, "NS_ERROR_FILE_UNRECOGNIZED_PATH");

async function checkDirectories(t) {
  await IOUtils.makeDirectory(base);
  await IOUtils.makeDirectory(base);
  t.equal("made", (await IOUtils.stat(base)).type, "directory");
  await t.rejects("made again", IOUtils.makeDirectory(base, { ignoreExisting: false }), refused("NoModificationAllowedError",
    `Could not create directory \`${base}': directory already exists`, "NS_ERROR_FILE_ALREADY_EXISTS"));
  await t.rejects("without what is above", IOUtils.makeDirectory(at("p", "q"), { createAncestors: false }),
    notFound(`Could not create directory \`${at("p", "q")}'`, ""));
  await IOUtils.makeDirectory(at("a", "b", "c"), { permissions: 0o700 });
  t.equal("permissions", (await IOUtils.stat(at("a", "b", "c"))).permissions, 0o700);
  await t.rejects("relative", IOUtils.makeDirectory("rel"), badPath("Could not make directory `rel'"));
  await t.rejects("empty", IOUtils.makeDirectory(""), badPath("Could not make directory `'"));
  await t.rejects("no path", IOUtils.makeDirectory(), {
    name: "TypeError", message: "IOUtils.makeDirectory: At least 1 argument required, but only 0 passed",
  });
}

async function checkReading(t) {
  t.equal("write", await IOUtils.write(at("f"), new Uint8Array([1, 2, 3])), 3);
  const read = options => IOUtils.read(at("f"), options).then(bytes => [...bytes]);
  t.equal("read", [await read(), await read({ maxBytes: 2 }), await read({ offset: 1 }), await read({ offset: 1, maxBytes: 1 }),
    await read({ offset: 99 }), await read({ maxBytes: 0 })], [[1, 2, 3], [1, 2], [2, 3], [2], [], []]);
  t.equal("units", await IOUtils.writeUTF8(at("u"), "hé€\ud83d\ude00\0x"), 12);
  t.equal("readUTF8", await IOUtils.readUTF8(at("u")), "hé€\ud83d\ude00\0x");
  await IOUtils.writeUTF8(at("lone"), "\ud800x");
  t.equal("lone surrogate", [...await IOUtils.read(at("lone"))], [239, 191, 189, 120]);
  await IOUtils.write(at("bad"), new Uint8Array([0x61, 0xff]));
  await t.rejects("not UTF-8", IOUtils.readUTF8(at("bad")), refused("NotReadableError",
    `Could not read \`${at("bad")}': file is not UTF-8 encoded`, "NS_ERROR_FILE_CORRUPTED"));
  for (const method of ["read", "readUTF8", "readJSON"]) {
    await t.rejects(`${method}, absent`, IOUtils[method](at("none")), notFound(`Could not open \`${at("none")}'`));
  }
  await t.rejects("read a directory", IOUtils.read(base), refused("InvalidAccessError",
    `Could not read \`${base}': encountered an unexpected error`, "NS_ERROR_FILE_IS_DIRECTORY"));
  await t.rejects("read below a file", IOUtils.read(at("f", "x")),
    refused("InvalidAccessError", `Could not open \`${at("f", "x")}'`, "NS_ERROR_FILE_NOT_DIRECTORY"));
  await t.rejects("read, relative", IOUtils.read("rel"), badPath("Could not read `rel'"));
  await t.rejects("read, options", IOUtils.read(at("f"), 5), { name: "TypeError" });
  await t.rejects("negative offset", read({ offset: -1 }), { name: "DataError" });
  await t.rejects("a name that is too long", IOUtils.read(`/${"x".repeat(300)}`), { name: "OperationError" });
}

async function checkJSON(t) {
  await IOUtils.writeJSON(at("j"), { a: [1, "é"], b: null });
  t.equal("JSON", [JSON.stringify(await IOUtils.readJSON(at("j"))), await IOUtils.readUTF8(at("j"))],
    ['{"a":[1,"é"],"b":null}', '{"a":[1,"é"],"b":null}']);
  t.equal("its size", (await IOUtils.writeJSON(at("j"), "é")).size, 4);
  await IOUtils.writeUTF8(at("j"), "{bad");
  await t.rejects("bad JSON", IOUtils.readJSON(at("j")), { name: "SyntaxError" });
  const cyclic = {};
  cyclic.self = cyclic;
  await t.rejects("cyclic", IOUtils.writeJSON(at("j"), cyclic), { name: "TypeError", message: "cyclic object value" });
  await t.rejects("JSON appended", IOUtils.writeJSON(at("j"), {}, { mode: "append" }), { name: "NotSupportedError" });
  await IOUtils.writeUTF8(at("j"), "\ufeff{}");
  t.equal("byte order mark", JSON.stringify(await IOUtils.readJSON(at("j"))), "{}");
}

async function checkWriting(t) {
  const what = name => `Could not write to \`${at(name)}'`;
  const write = (name, text, options) => IOUtils.writeUTF8(at(name), text, options);
  await write("w", "a");
  await write("w", "b", { mode: "append" });
  t.equal("append", await IOUtils.readUTF8(at("w")), "ab");
  await write("w2", "x", { mode: "appendOrCreate" });
  await write("w2", "y", { mode: "appendOrCreate" });
  t.equal("appendOrCreate", await IOUtils.readUTF8(at("w2")), "xy");
  await write("w", "long text");
  await write("w", "c");
  t.equal("overwrite", await IOUtils.readUTF8(at("w")), "c");
  await t.rejects("append to nothing", write("none", "x", { mode: "append" }),
    notFound(what("none"), ": failed to open file for writing"));
  await write("w3", "x", { mode: "create" });
  await t.rejects("create what exists", write("w3", "x", { mode: "create" }), refused("NoModificationAllowedError",
    `${what("w3")}: refusing to overwrite file, \`mode' is not "overwrite"`, "NS_ERROR_FILE_ALREADY_EXISTS"));
  await t.rejects("mode", write("w3", "x", { mode: "bogus" }), { name: "TypeError" });
  t.equal("tmpPath", [await write("w", "tmp", { tmpPath: at("w.tmp"), flush: true }), await IOUtils.readUTF8(at("w")),
    await IOUtils.exists(at("w.tmp"))], [3, "tmp", false]);
  await write("w", "new", { backupFile: at("w.bak") });
  t.equal("backupFile", await IOUtils.readUTF8(at("w.bak")), "tmp");
  await t.rejects("relative tmpPath", write("w", "x", { tmpPath: "rel" }), { name: "OperationError" });
  await write("w3", "x", { tmpPath: at("made", "tmp") });
  await write("w4", "x", {});
  t.equal("directories are made", await IOUtils.exists(at("made")), true);
  await t.rejects("onto a directory", IOUtils.writeUTF8(base, "x"), { name: "NotAllowedError" });
  await t.rejects("text for write()", IOUtils.write(at("w"), "x"), {
    name: "TypeError", message: "IOUtils.write: Argument 2 is not an object.",
  });
  await t.rejects("buffer for write()", IOUtils.write(at("w"), new ArrayBuffer(1)), {
    name: "TypeError", message: "IOUtils.write: Argument 2 does not implement interface Uint8Array.",
  });
}

async function checkStatus(t) {
  const s = await IOUtils.stat(at("f"));
  t.equal("stat", [s.size, s.type, s.path, s.permissions], [3, "regular", at("f"), 0o644]);
  t.check(Math.abs(s.lastModified - Date.now()) < 60000, "lastModified", s.lastModified);
  t.equal("stat of others", [(await IOUtils.stat(base)).size, (await IOUtils.stat("/dev/null")).type], [-1, "other"]);
  await t.rejects("stat, absent", IOUtils.stat(at("none")), notFound(`Could not stat \`${at("none")}'`));
  t.equal("exists", [await IOUtils.exists(at("f")), await IOUtils.exists(at("none")), await IOUtils.exists(at("f", "x"))],
    [true, false, false]);
  await IOUtils.setPermissions(at("f"), 0o600);
  t.equal("permissions", (await IOUtils.stat(at("f"))).permissions, 0o600);
  await t.rejects("permissions, absent", IOUtils.setPermissions(at("none"), 0o600),
    notFound(`Could not set permissions on \`${at("none")}'`, ""));
  t.equal("modification time", [await IOUtils.setModificationTime(at("f"), 1000000), (await IOUtils.stat(at("f"))).lastModified],
    [1000000, 1000000]);
  t.check(Math.abs(await IOUtils.setModificationTime(at("f")) - Date.now()) < 60000, "modification time now");
}

async function checkChildren(t) {
  const names = (await IOUtils.getChildren(at("a"))).map(path => PathUtils.filename(path));
  t.equal("getChildren", names, ["b"]);
  t.equal("hasChildren", [await IOUtils.hasChildren(at("a")), await IOUtils.hasChildren(at("a", "b", "c"))], [true, false]);
  await t.rejects("children, absent", IOUtils.getChildren(at("none")),
    notFound(`Could not get children of \`${at("none")}'`, ": directory does not exist"));
  t.equal("children, absent and ignored", await IOUtils.getChildren(at("none"), { ignoreAbsent: true }), []);
  await t.rejects("children of a file", IOUtils.getChildren(at("f")), { name: "InvalidAccessError" });
}

async function checkMoving(t) {
  await IOUtils.copy(at("u"), at("c1"));
  await IOUtils.copy(at("u"), at("c1"));
  t.equal("copy", await IOUtils.readUTF8(at("c1")), await IOUtils.readUTF8(at("u")));
  await t.rejects("copy over", IOUtils.copy(at("u"), at("c1"), { noOverwrite: true }), { name: "NoModificationAllowedError" });
  await t.rejects("copy, absent", IOUtils.copy(at("none"), at("c2")),
    notFound(`Could not copy \`${at("none")}' to \`${at("c2")}'`, ": source file does not exist"));
  await t.rejects("copy a directory", IOUtils.copy(at("a"), at("a2")), { name: "OperationError" });
  await IOUtils.copy(at("a"), at("a2"), { recursive: true });
  t.equal("copied directory", await IOUtils.exists(at("a2", "b", "c")), true);
  await IOUtils.copy(at("f"), at("a2"));
  t.equal("into a directory", await IOUtils.exists(at("a2", "f")), true);
  await IOUtils.move(at("c1"), at("m1"));
  t.equal("move", [await IOUtils.exists(at("c1")), await IOUtils.exists(at("m1"))], [false, true]);
  await IOUtils.move(at("a2"), at("a3"));
  t.equal("move a directory", await IOUtils.exists(at("a3", "b", "c")), true);
  await t.rejects("move, absent", IOUtils.move(at("none"), at("x")), { name: "NotFoundError" });
  await t.rejects("move over", IOUtils.move(at("m1"), at("f"), { noOverwrite: true }), { name: "NoModificationAllowedError" });
  await t.rejects("directory to file", IOUtils.move(at("a3"), at("f")), { name: "InvalidAccessError" });
}

async function checkRemoving(t) {
  await IOUtils.remove(at("m1"));
  await IOUtils.remove(at("m1"));
  await t.rejects("remove, absent", IOUtils.remove(at("m1"), { ignoreAbsent: false }), notFound(`Could not remove \`${at("m1")}'`));
  await t.rejects("remove a directory", IOUtils.remove(at("a")), refused("OperationError",
    `Could not remove \`${at("a")}': the directory is not empty`, "NS_ERROR_FILE_DIR_NOT_EMPTY"));
  await IOUtils.remove(at("a"), { recursive: true });
  t.equal("removed", await IOUtils.exists(at("a")), false);
  await IOUtils.remove(at("a3", "b", "c"));
  t.equal("empty directory", await IOUtils.exists(at("a3", "b", "c")), false);
}

async function checkUnique(t) {
  const files = [await IOUtils.createUniqueFile(base, "u.txt"), await IOUtils.createUniqueFile(base, "u.txt", 0o600)];
  t.equal("createUniqueFile", files.map(path => PathUtils.filename(path)), ["u.txt", "u-1.txt"]);
  t.equal("its permissions", (await IOUtils.stat(files[1])).permissions, 0o600);
  const directories = [await IOUtils.createUniqueDirectory(base, "ud"), await IOUtils.createUniqueDirectory(base, "ud")];
  t.equal("createUniqueDirectory", directories.map(path => PathUtils.filename(path)), ["ud", "ud-1"]);
  t.equal("getFile", (await IOUtils.getFile(base, "g", "h")).path, at("g", "h"));
  t.equal("and its directory", await IOUtils.exists(at("g")), true);
}

export async function runBackgroundTask() {
  const t = new Checks();
  for (const check of [checkDirectories, checkReading, checkJSON, checkWriting, checkStatus, checkChildren, checkMoving,
    checkRemoving, checkUnique]) {
    await check(t);
  }
  await IOUtils.remove(base, { recursive: true });
  return t.exitCode;
}
