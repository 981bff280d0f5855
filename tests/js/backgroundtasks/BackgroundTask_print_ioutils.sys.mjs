// SPDX-License-Identifier: MPL-2.0
// IOUtils, method by method. The same here and in Firefox, which made expected/print_ioutils.out.

const show = value => {
  if (value instanceof Uint8Array) {
    return `${value.length} bytes ${Array.from(value.slice(0, 24)).join()}`;
  }
  return value?.leafName === undefined ? JSON.stringify(value) ?? String(value) : `nsIFile ${value.path}`;
};

let D;

/** "LABEL => value", or what it threw: kind, name, code, result and message. */
async function t(label, body) {
  let text;
  try {
    const promise = body();
    text = (promise instanceof Promise ? "" : "at once ") + show(await promise);
  } catch (error) {
    const { name, code = "", result = "", message } = error;
    text = `threw ${error.constructor?.name} ${name} ${code} ${result} | ${message}`;
  }
  dump(`${label} => ${text.replaceAll(D, "D")}\n`);
}

async function probe() {
  const U = IOUtils;
  const enc = s => new TextEncoder().encode(s);
  // write
  await t("write", () => U.write(D + "/a", enc("hello")));
  await t("write string", () => U.write(D + "/a", "hello"));
  await t("write ab", () => U.write(D + "/a", new ArrayBuffer(3)));
  await t("write mode bad", () => U.write(D + "/a", enc("x"), { mode: "bad" }));
  await t("write append missing", () => U.write(D + "/none", enc("x"), { mode: "append" }));
  await t("write appendOrCreate", () => U.write(D + "/ac", enc("x"), { mode: "appendOrCreate" }));
  await t("write append", () => U.write(D + "/ac", enc("y"), { mode: "append" }));
  await t("write create existing", () => U.write(D + "/ac", enc("y"), { mode: "create" }));
  await t("write create", () => U.write(D + "/cr", enc("y"), { mode: "create" }));
  await t("write dir", () => U.write(D, enc("y")));
  await t("write deep", () => U.write(D + "/deep/er/f", enc("y")));
  await t("write under file", () => U.write(D + "/a/b", enc("y")));
  await t("write relative", () => U.write("a/b", enc("y")));
  await t("write empty path", () => U.write("", enc("y")));
  await t("write tmp", () => U.write(D + "/a", enc("tmp"), { tmpPath: D + "/a.tmp" }));
  await t("children", async () => (await U.getChildren(D)).sort());
  await t("write backup", () => U.write(D + "/a", enc("new"), { backupFile: D + "/a.bak" }));
  await t("read bak", () => U.readUTF8(D + "/a.bak"));
  await t("write backup tmp", () => U.write(D + "/a", enc("newer"), { backupFile: D + "/a.bak", tmpPath: D + "/a.tmp" }));
  await t("read bak", () => U.readUTF8(D + "/a.bak"));
  await t("write backup create", () => U.write(D + "/a", enc("x"), { backupFile: D + "/a.bak2", mode: "create" }));
  await t("exists bak2", () => U.exists(D + "/a.bak2"));
  await t("write append backup", () => U.write(D + "/a", enc("+"), { backupFile: D + "/a.bak3", mode: "append" }));
  await t("read a", () => U.readUTF8(D + "/a"));
  await t("exists bak3", () => U.exists(D + "/a.bak3"));
  await t("write append tmp", () => U.write(D + "/a", enc("+"), { tmpPath: D + "/a.tmp", mode: "append" }));
  await t("read a", () => U.readUTF8(D + "/a"));
  await t("write create tmp", () => U.write(D + "/ct", enc("+"), { tmpPath: D + "/a.tmp", mode: "create" }));
  await t("write tmp rel", () => U.write(D + "/a", enc("+"), { tmpPath: "rel" }));
  await t("write bak rel", () => U.write(D + "/a", enc("+"), { backupFile: "rel" }));
  await t("write tmp dir", () => U.write(D + "/a", enc("+"), { tmpPath: D }));
  await t("write bak dir", () => U.write(D + "/a", enc("+"), { backupFile: D + "/deep" }));
  await t("exists a", () => U.exists(D + "/a"));
  await t("children", async () => (await U.getChildren(D)).sort());
  await t("write bak deep", () => U.write(D + "/a", enc("+"), { backupFile: D + "/dd/bak" }));
  await t("write tmp deep", () => U.write(D + "/a", enc("+"), { tmpPath: D + "/dt/tmp" }));
  await t("write flush", () => U.write(D + "/a", enc("flush"), { flush: true }));
  await t("write opts", () => U.write(D + "/a", enc("flush"), 5));
  await t("write null opts", () => U.write(D + "/a", enc("flush"), null));
  await t("write compress", () => U.write(D + "/z", enc("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), { compress: true }));
  await t("read z", () => U.read(D + "/z"));
  await t("read z decompress", () => U.read(D + "/z", { decompress: true }));
  await t("read z utf8", () => U.readUTF8(D + "/z", { decompress: true }));
  await t("write compress empty", () => U.write(D + "/z0", enc(""), { compress: true }));
  await t("read z0", () => U.read(D + "/z0"));
  await t("read z0 decompress", () => U.read(D + "/z0", { decompress: true }));
  await t("write compress append", () => U.write(D + "/z", enc("aaa"), { compress: true, mode: "append" }));
  await t("read a decompress", () => U.read(D + "/a", { decompress: true }));
  await t("read decompress max", () => U.read(D + "/z", { decompress: true, maxBytes: 5 }));
  await t("read decompress off", () => U.read(D + "/z", { decompress: true, offset: 5 }));
  await U.write(D + "/bad1", new Uint8Array([109, 111, 122, 76, 122, 52, 48, 0]));
  await t("bad1", () => U.read(D + "/bad1", { decompress: true }));
  await U.write(D + "/bad2", new Uint8Array([109, 111, 122, 76, 122, 52, 48, 0, 5, 0, 0, 0]));
  await t("bad2", () => U.read(D + "/bad2", { decompress: true }));
  await U.write(D + "/bad3", new Uint8Array([109, 111, 122, 76, 122, 52, 48, 0, 5, 0, 0, 0, 255, 255]));
  await t("bad3", () => U.read(D + "/bad3", { decompress: true }));
  await U.write(D + "/bad4", new Uint8Array([109, 111, 122, 76, 122, 52, 48, 0, 5, 0, 0, 0, 0x10, 97]));
  await t("bad4 shorter", () => U.read(D + "/bad4", { decompress: true }));
  await U.write(D + "/bad5", new Uint8Array([109, 111, 122, 76, 122, 52, 48, 0, 0, 0, 0, 0x7f, 0x10, 97]));
  await t("bad5 huge", () => U.read(D + "/bad5", { decompress: true }));
  await U.write(D + "/bad6", new Uint8Array([109, 111, 122, 76, 122, 52, 48, 1, 0, 0, 0, 0x7f, 0x10, 97]));
  await t("bad6 magic", () => U.readUTF8(D + "/bad6", { decompress: true }));
  // read
  await t("read", () => U.read(D + "/a"));
  await t("read missing", () => U.read(D + "/nope"));
  await t("read dir", () => U.read(D));
  await t("read rel", () => U.read("x"));
  await t("read empty path", () => U.read(""));
  await t("read none", () => U.read());
  await t("read off", () => U.read(D + "/a", { offset: 2 }));
  await t("read off max", () => U.read(D + "/a", { offset: 1, maxBytes: 2 }));
  await t("read off past", () => U.read(D + "/a", { offset: 100 }));
  await t("read max 0", () => U.read(D + "/a", { maxBytes: 0 }));
  await t("read max big", () => U.read(D + "/a", { maxBytes: 1000 }));
  await t("read max neg", () => U.read(D + "/a", { maxBytes: -1 }));
  await t("read off neg", () => U.read(D + "/a", { offset: -1 }));
  await t("read off str", () => U.read(D + "/a", { offset: "1" }));
  await t("read off NaN", () => U.read(D + "/a", { offset: NaN }));
  await t("read maxBytes null", () => U.read(D + "/a", { maxBytes: null }));
  await t("read opts 5", () => U.read(D + "/a", 5));
  await U.write(D + "/inv", new Uint8Array([0x61, 0xff]));
  await t("utf8 invalid", () => U.readUTF8(D + "/inv"));
  await t("json invalid", () => U.readJSON(D + "/inv"));
  await t("json syntax", () => U.readJSON(D + "/a"));
  await U.write(D + "/bom", new Uint8Array([0xef, 0xbb, 0xbf, 0x31]));
  await t("utf8 bom", async () => (await U.readUTF8(D + "/bom")).length);
  await t("json bom", () => U.readJSON(D + "/bom"));
  await t("utf8 missing", () => U.readUTF8(D + "/nope"));
  await t("json missing", () => U.readJSON(D + "/nope"));
  await t("writeUTF8", () => U.writeUTF8(D + "/u", "é\ud800x"));
  await t("read u", () => U.read(D + "/u"));
  await t("writeUTF8 num", () => U.writeUTF8(D + "/u", 5));
  await t("writeUTF8 sym", () => U.writeUTF8(D + "/u", Symbol("x")));
  await t("writeJSON", () => U.writeJSON(D + "/j", { a: [1, "é"] }));
  await t("readJSON", () => U.readJSON(D + "/j"));
  await t("writeJSON undef", () => U.writeJSON(D + "/j", undefined));
  await t("read j", () => U.readUTF8(D + "/j"));
  await t("writeJSON compress", () => U.writeJSON(D + "/jz", { a: [1, "é"] }, { compress: true }));
  await t("readJSON decompress", () => U.readJSON(D + "/jz", { decompress: true }));
  await t("writeJSON append", () => U.writeJSON(D + "/j", 1, { mode: "append" }));
  await t("writeJSON circular", () => { let o = {}; o.o = o; return U.writeJSON(D + "/j", o); });
  await t("writeJSON lengthHint", () => U.writeJSON(D + "/j", 1, { lengthHint: 5 }));
  await t("writeJSON bigint", () => U.writeJSON(D + "/j", 1n));
  // stat
  const st = s => { let { path, type, size, permissions } = s; return { path, type, size, permissions, keys: Object.keys(s) }; };
  await t("stat", async () => st(await U.stat(D + "/a")));
  await t("stat dir", async () => st(await U.stat(D)));
  await t("stat missing", () => U.stat(D + "/nope"));
  await t("stat under file", () => U.stat(D + "/a/nope"));
  await t("exists under file", () => U.exists(D + "/a/nope"));
  await t("exists rel", () => U.exists("a"));
  await t("stat null", async () => st(await U.stat("/dev/null")));
  await t("stat trailing", async () => st(await U.stat(D + "/")));
  // children
  await t("children missing", () => U.getChildren(D + "/nope"));
  await t("children missing ign", () => U.getChildren(D + "/nope", { ignoreAbsent: true }));
  await t("children file", () => U.getChildren(D + "/a"));
  await t("children file ign", () => U.getChildren(D + "/a", { ignoreAbsent: true }));
  await t("has", () => U.hasChildren(D));
  await t("has missing", () => U.hasChildren(D + "/nope"));
  await t("has missing ign", () => U.hasChildren(D + "/nope", { ignoreAbsent: true }));
  await t("has file", () => U.hasChildren(D + "/a"));
  // mkdir
  await t("mkdir", () => U.makeDirectory(D + "/m"));
  await t("mkdir again", () => U.makeDirectory(D + "/m"));
  await t("mkdir again no", () => U.makeDirectory(D + "/m", { ignoreExisting: false }));
  await t("mkdir file", () => U.makeDirectory(D + "/a"));
  await t("mkdir file no", () => U.makeDirectory(D + "/a", { ignoreExisting: false }));
  await t("mkdir deep", () => U.makeDirectory(D + "/m/n/o"));
  await t("mkdir deep no", () => U.makeDirectory(D + "/p/n/o", { createAncestors: false }));
  await t("mkdir under file", () => U.makeDirectory(D + "/a/x"));
  await t("mkdir perm", async () => { await U.makeDirectory(D + "/perm", { permissions: 0o700 }); return (await U.stat(D + "/perm")).permissions; });
  await t("mkdir root", () => U.makeDirectory("/"));
  await t("mkdir rel", () => U.makeDirectory("x"));
  // remove
  await t("rm missing", () => U.remove(D + "/nope"));
  await t("rm missing no", () => U.remove(D + "/nope", { ignoreAbsent: false }));
  await t("rm dir nonempty", () => U.remove(D + "/m"));
  await t("rm dir empty", () => U.remove(D + "/m/n/o"));
  await t("rm dir rec", () => U.remove(D + "/m", { recursive: true }));
  await t("rm file", () => U.remove(D + "/cr"));
  await t("rm under file", () => U.remove(D + "/a/x"));
  await t("rm under file no", () => U.remove(D + "/a/x", { ignoreAbsent: false }));
  await t("rm rel", () => U.remove("x"));
  await t("rm retry rec", async () => { await U.makeDirectory(D + "/rr/s"); await U.writeUTF8(D + "/rr/s/f", "x"); return U.remove(D + "/rr", { recursive: true, retryReadonly: true }); });
  // move
  const mk = async () => { await U.remove(D + "/mv", { recursive: true }); await U.makeDirectory(D + "/mv/d/e"); await U.writeUTF8(D + "/mv/f", "f"); await U.writeUTF8(D + "/mv/g", "g"); };
  const ls = async p => (await U.getChildren(p)).sort().join().replaceAll(D, "D");
  await mk();
  await t("mv", () => U.move(D + "/mv/f", D + "/mv/h"));
  await t("mv over", () => U.move(D + "/mv/h", D + "/mv/g"));
  await t("ls", () => ls(D + "/mv"));
  await mk();
  await t("mv no", () => U.move(D + "/mv/f", D + "/mv/g", { noOverwrite: true }));
  await t("mv into", () => U.move(D + "/mv/f", D + "/mv/d"));
  await t("ls", () => ls(D + "/mv/d"));
  await t("mv missing", () => U.move(D + "/mv/nope", D + "/mv/d"));
  await t("mv dir to file", () => U.move(D + "/mv/d", D + "/mv/g"));
  await t("mv dir", () => U.move(D + "/mv/d", D + "/mv/d2"));
  await t("mv deep", () => U.move(D + "/mv/g", D + "/mv/x/y/g"));
  await t("ls", () => ls(D + "/mv"));
  await t("mv rel", () => U.move("x", D + "/mv/d"));
  await t("mv rel2", () => U.move(D + "/mv/d2", "x"));
  await t("mv self", () => U.move(D + "/mv/d2", D + "/mv/d2"));
  await t("mv inside", () => U.move(D + "/mv/d2", D + "/mv/d2/z"));
  await t("mv into with existing", async () => { await mk(); await U.writeUTF8(D + "/mv/d/f", "x"); await U.move(D + "/mv/f", D + "/mv/d"); return U.readUTF8(D + "/mv/d/f"); });
  await t("mv into with existing no", async () => { await mk(); await U.writeUTF8(D + "/mv/d/f", "x"); await U.move(D + "/mv/f", D + "/mv/d", { noOverwrite: true }); return U.readUTF8(D + "/mv/d/f"); });
  // copy
  await mk();
  await t("cp", () => U.copy(D + "/mv/f", D + "/mv/h"));
  await t("cp over", () => U.copy(D + "/mv/h", D + "/mv/g"));
  await t("cp no", () => U.copy(D + "/mv/h", D + "/mv/g", { noOverwrite: true }));
  await t("cp into", () => U.copy(D + "/mv/f", D + "/mv/d"));
  await t("cp dir", () => U.copy(D + "/mv/d", D + "/mv/d2"));
  await t("cp dir rec", () => U.copy(D + "/mv/d", D + "/mv/d2", { recursive: true }));
  await t("ls", () => ls(D + "/mv/d2"));
  await t("cp dir rec again", () => U.copy(D + "/mv/d", D + "/mv/d2", { recursive: true }));
  await t("ls", () => ls(D + "/mv/d2"));
  await t("cp dir file", () => U.copy(D + "/mv/d", D + "/mv/f", { recursive: true }));
  await t("cp missing", () => U.copy(D + "/mv/nope", D + "/mv/q"));
  await t("cp self", () => U.copy(D + "/mv/f", D + "/mv/f"));
  await t("ls", () => ls(D + "/mv/d"));
  await t("cp deep", () => U.copy(D + "/mv/f", D + "/mv/1/2/3"));
  await t("cp rel", () => U.copy("x", D + "/mv/d"));
  // perms, times
  await t("perm", async () => { await U.setPermissions(D + "/a", 0o777); return (await U.stat(D + "/a")).permissions; });
  await t("perm no umask", async () => { await U.setPermissions(D + "/a", 0o777, false); return (await U.stat(D + "/a")).permissions; });
  await t("perm missing", () => U.setPermissions(D + "/nope", 0o777));
  await t("perm rel", () => U.setPermissions("nope", 0o777));
  await t("perm 1arg", () => U.setPermissions(D + "/a"));
  await t("mtime", () => U.setModificationTime(D + "/a", 1000000));
  await t("mtime stat", async () => (await U.stat(D + "/a")).lastModified);
  await t("mtime missing", () => U.setModificationTime(D + "/nope", 1000000));
  await t("mtime frac", () => U.setModificationTime(D + "/a", 1000.7));
  await t("mtime neg", () => U.setModificationTime(D + "/a", -1));
  await t("mtime zero", () => U.setModificationTime(D + "/a", 0));
  await t("mtime nan", async () => { let r = await U.setModificationTime(D + "/a", NaN); return Math.abs(r - Date.now()) < 5000; });
  await t("mtime now", async () => { let r = await U.setModificationTime(D + "/a"); return Math.abs(r - Date.now()) < 5000; });
  await t("atime", () => U.setAccessTime(D + "/a", 2000000));
  await t("atime missing", () => U.setAccessTime(D + "/nope", 2000000));
  await t("atime dir", () => U.setAccessTime(D, 2000000));
  // digest
  for (const name of ["sha1", "md5", "SHA256", "x"]) {
    await t(`digest ${name}`, () => U.computeHexDigest(D + "/a", name));
  }
  await U.writeUTF8(D + "/dg", "abc");
  await t("digest missing", () => U.computeHexDigest(D + "/nope", "sha256"));
  await t("digest dir", () => U.computeHexDigest(D, "sha256"));
  await t("digest rel", () => U.computeHexDigest("x", "sha256"));
  await t("digest none", () => U.computeHexDigest(D + "/dg"));
  // unique
  await t("uf", () => U.createUniqueFile(D, "uf.txt"));
  await t("uf", () => U.createUniqueFile(D, "uf.txt"));
  await t("uf", () => U.createUniqueFile(D, "uf.txt", 0o600));
  await t("uf perm", async () => (await U.stat(D + "/uf-2.txt")).permissions);
  await t("uf noext", () => U.createUniqueFile(D, "uf"));
  await t("uf noext", () => U.createUniqueFile(D, "uf"));
  await t("ud", () => U.createUniqueDirectory(D, "ud"));
  await t("ud", () => U.createUniqueDirectory(D, "ud"));
  await t("ud dot", () => U.createUniqueDirectory(D, "ud.x"));
  await t("ud dot", () => U.createUniqueDirectory(D, "ud.x"));
  await t("uf missing parent", () => U.createUniqueFile(D + "/np/q", "uf"));
  await t("uf slash", () => U.createUniqueFile(D, "a/b"));
  await t("uf rel", () => U.createUniqueFile("x", "b"));
  await t("uf parent file", () => U.createUniqueFile(D + "/a", "b"));
  await t("uf dots", () => U.createUniqueFile(D, ".."));
  await t("uf multi", () => U.createUniqueFile(D, "a.tar.gz"));
  await t("uf multi", () => U.createUniqueFile(D, "a.tar.gz"));
  await t("uf hidden", () => U.createUniqueFile(D, ".hid"));
  await t("uf hidden", () => U.createUniqueFile(D, ".hid"));
  // getFile
  await t("getFile", () => U.getFile(D, "gf1", "gf2"));
  await t("exists gf1", () => U.exists(D + "/gf1"));
  await t("exists gf2", () => U.exists(D + "/gf1/gf2"));
  await t("getFile none", () => U.getFile());
  await t("getFile rel", () => U.getFile("x"));
  await t("getFile slash", () => U.getFile(D, "a/b"));
  await t("getFile dots", () => U.getFile(D, ".."));
  await t("getFile empty", () => U.getFile(D, ""));
  await t("getFile under file", () => U.getFile(D, "a", "b"));
  await t("getDirectory", () => U.getDirectory(D, "gd1", "gd2"));
  await t("exists gd2", async () => (await U.stat(D + "/gd1/gd2")).type);
  await t("getDirectory file", () => U.getDirectory(D, "a"));
  await t("getDirectory rel", () => U.getDirectory("a"));
  await t("getDirectory none", () => U.getDirectory());
  for (const m of ["setWindowsAttributes", "getWindowsAttributes", "launchProcess"]) dump(m + " " + typeof U[m] + "\n");
  await t("pbc", () => typeof U.profileBeforeChange.addBlocker);
  await t("st", () => typeof U.sendTelemetry.addBlocker);
  // order
  const order = [];
  await Promise.all([U.writeUTF8(D + "/o", "x".repeat(3000000)).then(() => order.push("w")), U.readUTF8(D + "/o").then(s => order.push("r" + s.length)), U.exists(D + "/o").then(e => order.push("e" + e)), U.remove(D + "/o").then(() => order.push("rm")), U.exists(D + "/o").then(e => order.push("e" + e))]);
  dump("order " + order.join() + "\n");
}

export async function runBackgroundTask() {
  const base = await IOUtils.createUniqueDirectory(PathUtils.tempDir, "io");
  D = PathUtils.join(base, "d");
  await IOUtils.makeDirectory(D);
  await probe();
  await IOUtils.remove(base, { recursive: true });
}
