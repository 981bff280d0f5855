// SPDX-License-Identifier: MPL-2.0
// IOUtils: that calls are done in order, that timers go on meanwhile, compression of all kinds of content, trees.

import { Checks } from "resource://testing-common/check.sys.mjs";
import { setInterval, clearInterval } from "resource://gre/modules/Timer.sys.mjs";

const base = PathUtils.join(PathUtils.profileDir, "test-iowork");
const at = (...names) => PathUtils.join(base, ...names);
const LARGE = 6 * 1024 * 1024;

/** Bytes that a compressor finds hard, the same each time. */
function noise(size) {
  const bytes = new Uint8Array(size);
  for (let index = 0, state = 1; index < size; index++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

async function checkOrder(t) {
  const seen = [];
  const note = name => result => seen.push(`${name} ${typeof result == "string" ? result.length : result}`);
  const text = "x".repeat(100000);
  await Promise.all([
    IOUtils.writeUTF8(at("f"), text).then(note("write")),
    IOUtils.readUTF8(at("f")).then(note("read")),
    IOUtils.copy(at("f"), at("g")).then(note("copy")),
    IOUtils.exists(at("g")).then(note("exists")),
    IOUtils.move(at("g"), at("h")).then(note("move")),
    IOUtils.exists(at("g")).then(note("exists")),
    IOUtils.remove(at("h")).then(note("remove")),
    IOUtils.read(at("none")).catch(error => note("read")(error.name.length)),
    IOUtils.getChildren(base).then(names => note("children")(names.length)),
  ]);
  t.equal("in order", seen, ["write 100000", "read 100000", "copy undefined", "exists true", "move undefined",
    "exists false", "remove undefined", "read 13", "children 1"]);
  const bytes = new Uint8Array([1, 2, 3]);
  const first = IOUtils.writeUTF8(at("f"), text);
  const second = IOUtils.write(at("b"), bytes);
  bytes.fill(9);
  await Promise.all([first, second]);
  t.equal("what is written is what it was", [...(await IOUtils.read(at("b")))], [1, 2, 3]);
}

async function checkChangedMeanwhile(t) {
  const temporary = { tmpPath: at("b.tmp") };
  for (const options of [{ backupFile: at("b.old") }, temporary, { ...temporary, backupFile: at("b.old") }, { compress: true },
    { flush: true }, { ...temporary, mode: "appendOrCreate" }]) {
    await IOUtils.writeUTF8(at("b"), "");
    const bytes = new Uint8Array([1, 2, 3]);
    const written = IOUtils.write(at("b"), bytes, options);
    bytes.fill(9);
    await written;
    const found = await IOUtils.read(at("b"), { decompress: Boolean(options.compress) });
    t.equal(`not what it is now ${Object.keys(options)}`, [...found], [1, 2, 3]);
  }
}

async function checkLoops(t) {
  await IOUtils.makeDirectory(at("loop", "sub"));
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(at("loop"));
  const { Subprocess } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");
  for (const name of ["one", "two"]) {
    const link = await Subprocess.call({ command: "/bin/ln", arguments: ["-s", "..", at("loop", "sub", name)] });
    await link.wait();
  }
  const thrown = await IOUtils.copy(at("loop"), at("copy"), { recursive: true }).catch(error => error);
  t.check(String(thrown.message).includes("NS_ERROR_FILE_UNRESOLVABLE_SYMLINK"), "IOUtils.copy");
  t.throws("nsIFile.copyTo", () => file.copyTo(null, "copy2"), { name: "NS_ERROR_FILE_UNRESOLVABLE_SYMLINK" });
  const { length } = await IOUtils.getChildren(at("copy2", "sub"));
  t.check(length < 2, "no deeper");
}

async function checkTimers(t) {
  let count = 0;
  const interval = setInterval(() => count++, 1);
  await IOUtils.write(at("large"), noise(LARGE), { compress: true });
  const during = count;
  t.equal("read", (await IOUtils.read(at("large"), { decompress: true })).length, LARGE);
  clearInterval(interval);
  t.check(during > 0 && count > during, "timers went on");
}

async function checkCompression(t) {
  const contents = [new Uint8Array(0), new Uint8Array(1), new Uint8Array(12), new Uint8Array(13), new Uint8Array(70000),
    noise(5), noise(1000), noise(70000), new TextEncoder().encode("some text, ".repeat(500))];
  for (const [index, content] of contents.entries()) {
    const size = await IOUtils.write(at("z"), content, { compress: true });
    const packed = await IOUtils.read(at("z"));
    t.equal(`size ${index}`, [packed.length, [...packed.subarray(0, 8)]], [size, [109, 111, 122, 76, 122, 52, 48, 0]]);
    const unpacked = await IOUtils.read(at("z"), { decompress: true });
    t.check(unpacked.length == content.length && unpacked.every((byte, place) => byte == content[place]), `content ${index}`);
  }
  const value = { text: "\u00e9\u{1f600}".repeat(1000), list: [1, null, true] };
  await IOUtils.writeJSON(at("j"), value, { compress: true, tmpPath: at("j.tmp") });
  t.equal("JSON", await IOUtils.readJSON(at("j"), { decompress: true }), value);
}

/** More than the memory that a task may use. */
async function checkLargeDigest(t) {
  await IOUtils.writeUTF8(at("huge"), "");
  const file = await IOUtils.getFile(at("huge"));
  file.fileSize = 300 * 1024 * 1024;
  const digest = await IOUtils.computeHexDigest(at("huge"), "sha256");
  t.equal("digest", digest, "17a88af83717f68b8bd97873ffcf022c8aed703416fe9b08e0fa9e3287692bf0");
  file.remove(false);
}

async function checkTrees(t) {
  await IOUtils.makeDirectory(at("t", "sub", "deep"));
  await IOUtils.writeUTF8(at("t", "sub", "deep", "file"), "x");
  await IOUtils.copy(at("t"), at("u"), { recursive: true });
  t.equal("copied", await IOUtils.readUTF8(at("u", "sub", "deep", "file")), "x");
  for (const name of ["u/sub/deep", "u/sub", "u"]) {
    await IOUtils.setPermissions(PathUtils.joinRelative(base, name), 0o555);
  }
  await IOUtils.remove(at("u"), { recursive: true, retryReadonly: true });
  t.equal("removed", await IOUtils.exists(at("u")), false);
}

export async function runBackgroundTask() {
  const t = new Checks();
  await IOUtils.makeDirectory(base);
  await checkOrder(t);
  await checkChangedMeanwhile(t);
  await checkLoops(t);
  await checkTimers(t);
  await checkCompression(t);
  await checkLargeDigest(t);
  await checkTrees(t);
  await IOUtils.remove(base, { recursive: true });
  return t.exitCode;
}
