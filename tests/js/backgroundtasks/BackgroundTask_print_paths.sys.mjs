// SPDX-License-Identifier: MPL-2.0
// IOUtils at its edges, and PathUtils. The same here and in Firefox, which made expected/print_paths.out.

import { hide, printPromise as t } from "resource://testing-common/print.sys.mjs";

let D;

async function probe() {
  const U = IOUtils, P = PathUtils;
  await U.writeUTF8(D + "/a", "abc");
  await t("read under file", () => U.read(D + "/a/x"));
  await t("json under file", () => U.readJSON(D + "/a/x"));
  await t("read dir utf8", () => U.readUTF8(D));
  await t("atime 0", () => U.setAccessTime(D + "/a", 0));
  await t("atime neg", () => U.setAccessTime(D + "/a", -5));
  await t("atime rel", () => U.setAccessTime("a", 5));
  await t("mtime rel", () => U.setModificationTime("a", 5));
  await t("mtime under file", () => U.setModificationTime(D + "/a/x", 5));
  await t("append tmp", () => U.writeUTF8(D + "/a", "def", { mode: "append", tmpPath: D + "/t" }));
  await t("read", () => U.readUTF8(D + "/a"));
  await t("ls", async () => (await U.getChildren(D)).sort());
  await t("appendOrCreate tmp", () => U.writeUTF8(D + "/b", "def", { mode: "appendOrCreate", tmpPath: D + "/t" }));
  await t("ls", async () => (await U.getChildren(D)).sort());
  await t("create tmp existing", () => U.writeUTF8(D + "/b", "def", { mode: "create", tmpPath: D + "/t" }));
  await U.makeDirectory(D + "/dir");
  await t("bak dir", () => U.writeUTF8(D + "/b", "new", { backupFile: D + "/dir" }));
  await t("ls", async () => [...(await U.getChildren(D)), ...(await U.getChildren(D + "/dir"))].sort());
  await t("bak missing src", () => U.writeUTF8(D + "/c", "new", { backupFile: D + "/c.bak" }));
  await t("tmp exists", async () => { await U.writeUTF8(D + "/t", "old old old"); await U.writeUTF8(D + "/c", "n", { tmpPath: D + "/t" }); return [await U.readUTF8(D + "/c"), await U.exists(D + "/t")]; });
  await t("tmp same", () => U.writeUTF8(D + "/c", "n", { tmpPath: D + "/c" }));
  await t("bak same", () => U.writeUTF8(D + "/c", "n", { backupFile: D + "/c" }));
  await t("dest dir w/ tmp", () => U.writeUTF8(D + "/dir", "n", { tmpPath: D + "/t" }));
  await t("ls", async () => [...(await U.getChildren(D)), ...(await U.getChildren(D + "/dir"))].sort());
  await t("dest dir w/ bak", () => U.writeUTF8(D + "/dir", "n", { backupFile: D + "/t2" }));
  await t("ls", async () => [...(await U.getChildren(D))].sort());
  await t("write perm default", async () => (await U.stat(D + "/c")).permissions);
  await t("ud slash", () => U.createUniqueDirectory(D, "a/b"));
  await t("ud rel", () => U.createUniqueDirectory("x", "b"));
  await t("ud parent file", () => U.createUniqueDirectory(D + "/a", "b"));
  await t("ud empty", () => U.createUniqueDirectory(D, ""));
  await t("uf empty", () => U.createUniqueFile(D, ""));
  await t("perm dflt", async () => [(await U.stat(await U.createUniqueDirectory(D, "pd"))).permissions, (await U.stat(await U.createUniqueFile(D, "pf"))).permissions]);
  await t("mv file under file", () => U.move(D + "/a", D + "/c/x"));
  await t("cp file under file", () => U.copy(D + "/a", D + "/c/x"));
  await t("mv over dir no", async () => { await U.makeDirectory(D + "/m1/x"); await U.makeDirectory(D + "/m2/m1"); return U.move(D + "/m1", D + "/m2", { noOverwrite: true }); });
  await t("mv dir into dir existing", () => U.move(D + "/m1", D + "/m2"));
  await t("ls", async () => [...(await U.getChildren(D + "/m2"))].sort());
  await t("mv perm", () => U.move(D + "/a", "/proc/x"));
  await t("wr perm", () => U.writeUTF8("/proc/x", "a"));
  await t("rm perm", () => U.remove("/proc/version"));
  await t("rm link", async () => { let f = await U.getFile(D, "dirlnk"); return 0; });
  await t("read link dangling", () => U.read("/proc/self/exe/x"));
  await t("opts order", () => U.write(5));
  await t("has rel", () => U.hasChildren("x"));
  await t("children rel", () => U.getChildren("x"));
  await t("exists empty", () => U.exists(""));
  await t("copy opts", () => U.copy(D + "/a", D + "/q", 5));
  await t("move opts", () => U.move(D + "/a", D + "/q", 5));
  await t("remove opts", () => U.remove(D + "/a", 5));
  await t("mkdir opts", () => U.makeDirectory(D + "/a", 5));
  await t("getChildren opts", () => U.getChildren(D, 5));
  await t("trailing", () => U.readUTF8(D + "/a/"));
  await t("double", () => U.readUTF8(D + "//a"));
  await t("dotdot", () => U.readUTF8(D + "/dir/../a"));
  await t("nul", () => U.exists(D + "/a\0b"));
  await t("tostring", () => String(U) + String(P) + Object.prototype.toString.call(U));
  await t("read long", () => U.readUTF8(D + "/" + "x".repeat(300)));
  await t("stat long", () => U.stat(D + "/" + "x".repeat(300)));
  await t("setPermissions big", () => U.setPermissions(D + "/a", 0o170777, false));
  await t("setPermissions str", () => U.setPermissions(D + "/a", "x"));
  await t("write size", () => U.write(D + "/w", new Uint8Array(0)));
  await t("write view", () => U.write(D + "/w", new Uint8Array([1,2,3,4]).subarray(1, 3)));
  await t("read view", () => U.read(D + "/w"));
  await t("write u16", () => U.write(D + "/w", new Uint16Array(2)));
  await t("write clamped", () => U.write(D + "/w", new Uint8ClampedArray(2)));
  await t("read max frac", () => U.read(D + "/a", { maxBytes: 2.9 }));
  await t("read max str", () => U.read(D + "/a", { maxBytes: "x" }));
  await t("read max huge", () => U.read(D + "/a", { maxBytes: 2 ** 40 }));
  await t("read both", () => U.readUTF8(D + "/a", { decompress: false, maxBytes: 1 }));
  // PathUtils
  for (const [m, ...a] of [["filename", "/a/b"], ["filename", "/"], ["filename", ""], ["filename", "a"], ["filename", "/a/b/"], ["filename"], ["filename", "/a//b"], ["filename", "/a/."],
    ["parent", "/a/b/c"], ["parent", "/"], ["parent", "/a"], ["parent", "/a/b/c", 2], ["parent", "/a/b/c", 9], ["parent", "/a", 0], ["parent", "/a", -1], ["parent", "a"], ["parent", "/a/b/"], ["parent", "/a/b", "x"], ["parent", "/a/b", 1.9],
    ["join"], ["join", "/a"], ["join", "/a", "b", "c"], ["join", "/a", ""], ["join", "/a", "b/c"], ["join", "/a", ".."], ["join", "/a", "."], ["join", "a", "b"], ["join", ""], ["join", "/", "a"], ["join", "/a/", "b"], ["join", "/a", "/b"], ["join", "/a", "b/"], ["join", "/a", "..b"], ["join", "/a", "b\0c"], ["join", "/a", 5], ["join", "/a", null],
    ["joinRelative", "/a", "b/c"], ["joinRelative", "/a", "../c"], ["joinRelative", "/a", "/c"], ["joinRelative", "/a", ""], ["joinRelative", "a", "b"], ["joinRelative", "/a", "b//c"], ["joinRelative", "/a", "./b"], ["joinRelative", "/a", "b/"], ["joinRelative", "/a"], ["joinRelative", "/a", "b/.."], ["joinRelative", "/a", "b..c"], ["joinRelative", "/a", "..b/c"],
    ["normalize", "/tmp/../tmp/."], ["normalize", "/nonexistent/x"], ["normalize", "a"], ["normalize", "/tmp//"], ["normalize", ""], ["normalize", D + "/a/.."],
    ["split", "/a/b"], ["split", "/"], ["split", "a"], ["split", ""], ["split", "/a//b/"], ["split", "/a/../b"], ["split", "/a/./b"],
    ["splitRelative", "a/b"], ["splitRelative", "/a"], ["splitRelative", ""], ["splitRelative", "a//b"], ["splitRelative", "a/../b"], ["splitRelative", "./a"], ["splitRelative", "a//b", { allowEmpty: true }], ["splitRelative", "a/../b", { allowParentDir: true }], ["splitRelative", "./a", { allowCurrentDir: true }], ["splitRelative", "a/"], ["splitRelative", "a/", { allowEmpty: true }], ["splitRelative", "a", 5], ["splitRelative", "."], ["splitRelative", "a//", { allowEmpty: true }],
    ["toFileURI", "/a b/c"], ["toFileURI", "/é#?%"], ["toFileURI", "a"], ["toFileURI", ""], ["toFileURI", "/tmp"], ["toFileURI", "/tmp/"], ["toFileURI", "/a'b\"<>[]{}|^`\\;:@&=+$,!~*()"],
    ["isAbsolute", "/a"], ["isAbsolute", "a"], ["isAbsolute", ""], ["isAbsolute"], ["toExtendedWindowsPath", "/a"], ["toExtendedWindowsPath"]])
    await t("P." + m + " " + JSON.stringify(a).replaceAll(D, "D"), () => P[m](...a));
  for (const n of ["profileDir", "localProfileDir", "tempDir", "xulLibraryPath"]) await t(n, () => typeof P[n]);
  await t("set", () => { P.profileDir = 5; return typeof P.profileDir; });
}

export async function runBackgroundTask() {
  const base = await IOUtils.createUniqueDirectory(PathUtils.tempDir, "io");
  D = PathUtils.join(base, "d");
  await IOUtils.makeDirectory(D);
  hide([[D, "D"]]);
  await probe();
  await IOUtils.remove(base, { recursive: true });
}
