// SPDX-License-Identifier: MPL-2.0
// What IOUtils does with files, each a step or a row of steps; IOUtils.sys.mjs has the methods. Paths are absolute. What
// takes as long as a file is large is done by a thread of the run, so that timers go on; the rest takes no time.

import { domFailure, errnoResult } from "resource://gre/modules/bgtask/Errors.sys.mjs";

const { bytes, crypto: digests, fileWork, files } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;

export const ENOENT = 2;
const EACCES = 13;
export const EEXIST = 17;
const EXDEV = 18;
export const ENOTDIR = 20;
const EISDIR = 21;
const ELOOP = 40;
const EILSEQ = 84;

/** How write() opens the file; see runner/files.h. */
export const TRUNCATE = 1;
export const APPEND = 2;
export const CREATE = 4;
export const EXCLUSIVE = 8;
export const FLUSH = 16;
/** Below this a result of write() means that the file was opened, and writing failed. */
const WRITE_FAILED = -10000;

const UNIQUE_MAX = 10000;

/** "mozLz40\0", then the size of what is compressed in four bytes, lowest first, then a block of LZ4. */
const LZ4_MAGIC = [0x6d, 0x6f, 0x7a, 0x4c, 0x7a, 0x34, 0x30, 0];
const LZ4_HEADER = 12;

/** Throw for result @name: "WHAT[: DETAIL] (NAME)". */
export function refuse(name, what, detail = "") {
  throw domFailure(name, `${what}${detail ? `: ${detail}` : ""} (${name})`);
}

/** Throw for a negative errno. @details: words for some results. */
export function check(result, what, details = {}) {
  if (typeof result == "number" && result < 0) {
    const name = result == -ENOTDIR ? "NS_ERROR_FILE_DESTINATION_NOT_DIR" : errnoResult(-result);
    refuse(name, what, details[name]);
  }
  return result;
}

export const MISSING_FILE = { NS_ERROR_FILE_NOT_FOUND: "file does not exist" };

export function kindOf(path) {
  const result = files.probe(path, true);
  if (typeof result == "number") {
    return null;
  }
  const kind = result[0] & S_IFMT;
  return kind == S_IFDIR ? "directory" : kind == S_IFREG ? "regular" : "other";
}

export function concatenate(directory, name) {
  return `${directory == "/" ? "" : directory}/${name}`;
}

export function parentOf(path) {
  return path == "/" ? null : path.slice(0, path.lastIndexOf("/")) || "/";
}

export function leafOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

function makeMissing(path) {
  const parent = parentOf(path);
  const kind = parent === null ? "directory" : kindOf(parent);
  if (kind == "directory") {
    return 0;
  }
  if (kind !== null) {
    return -ENOTDIR;
  }
  const made = makeMissing(parent);
  const result = made < 0 ? made : files.makeAncestor(parent, 0o755);
  return result == -EEXIST && kindOf(parent) == "directory" ? 0 : result;
}

/** mkdir -p of what is above @path; a negative errno or 0. What the sandbox refuses is refused to @path itself. */
export function makeAncestors(path) {
  const result = makeMissing(path);
  if (result < 0) {
    files.refused(path, result);
  }
  return result;
}

// ---- reading

function checkRead(result, path) {
  if (result === -EISDIR) {
    refuse("NS_ERROR_FILE_IS_DIRECTORY", `Could not read \`${path}'`, "encountered an unexpected error");
  }
  if (result === -ENOTDIR) {
    refuse("NS_ERROR_FILE_NOT_DIRECTORY", `Could not open \`${path}'`);
  }
  return check(result, `Could not open \`${path}'`, MISSING_FILE);
}

/** Bytes of @path from @offset on, @max at most (negative: all). */
export async function readBytes(path, offset, max) {
  return checkRead(await fileWork.read(path, offset, max), path);
}

function corrupted(path, why) {
  refuse("NS_ERROR_FILE_CORRUPTED", `Could not read \`${path}'`, why);
}

/** What a file that write() has compressed stands for. */
export async function readCompressed(path, offset) {
  const packed = await readBytes(path, offset, -1);
  if (packed.length < LZ4_HEADER) {
    corrupted(path, "could not decompress file: buffer is too small");
  }
  if (!LZ4_MAGIC.every((byte, index) => packed[index] == byte)) {
    const found = Array.from(packed.subarray(0, LZ4_HEADER), byte => byte.toString(16).toUpperCase().padStart(2, "0"));
    corrupted(path, `could not decompress file: invalid LZ4 header: wrong magic number: \`${found.join(" ")}'`);
  }
  const size = new DataView(packed.buffer).getUint32(LZ4_MAGIC.length, true);
  const unpacked = await bytes.lz4Decode(packed.subarray(LZ4_HEADER), size);
  return unpacked ?? corrupted(path, "could not decompress file: the file may be corrupt");
}

/** The text of a file in UTF-8, without a byte order mark. */
export async function readText(path, decompress) {
  const notText = () => corrupted(path, "file is not UTF-8 encoded");
  if (!decompress) {
    const result = await fileWork.readText(path);
    return result === -EILSEQ ? notText() : checkRead(result, path);
  }
  const unpacked = await readCompressed(path, 0);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(unpacked);
  } catch (error) {
    return notText();
  }
}

// ---- writing

async function compress(content) {
  const plain = typeof content == "string" ? new TextEncoder().encode(content) : content;
  const block = await bytes.lz4Encode(plain);
  const packed = new Uint8Array(LZ4_HEADER + block.length);
  packed.set(LZ4_MAGIC);
  new DataView(packed.buffer).setUint32(LZ4_MAGIC.length, plain.length, true);
  packed.set(block, LZ4_HEADER);
  return packed;
}

function checkWrite(result, path) {
  const what = `Could not write to \`${path}'`;
  if (result <= WRITE_FAILED) {
    const name = errnoResult(WRITE_FAILED - result);
    refuse(name, what, "failed to write chunk; the file may be corrupt");
  }
  if (result === -EISDIR) {
    refuse("NS_ERROR_FILE_ACCESS_DENIED", what, "failed to open file for writing");
  }
  if (result < 0) {
    refuse(errnoResult(-result), what, "failed to open file for writing");
  }
  return result;
}

function refuseToOverwrite(path) {
  const detail = "refusing to overwrite file, `mode' is not \"overwrite\"";
  refuse("NS_ERROR_FILE_ALREADY_EXISTS", `Could not write to \`${path}'`, detail);
}

/** Rename, or across file systems copy and remove; a negative errno or 0. */
async function rename(from, to) {
  const result = files.rename(from, to);
  if (result !== -EXDEV) {
    return result;
  }
  const copied = kindOf(from) == "directory" ? -EXDEV : await fileWork.copy(from, to);
  return copied < 0 ? copied : files.unlink(from);
}

/** Ancestors that cannot be are left to whoever opens the file, which then says so. */
function makeRoom(path, what) {
  const result = makeAncestors(path);
  if (result !== -ENOTDIR) {
    check(result, what);
  }
}

async function keepBackup(target, backup, what) {
  makeRoom(backup, what);
  const place = kindOf(backup) == "directory" && backup != target ? concatenate(backup, leafOf(target)) : backup;
  check(await rename(target, place), what);
}

/** Where the content goes first, and how: a temporary file begins with what is there when it is to be added to. */
async function prepareTemporary(target, temporary, how, what) {
  makeRoom(temporary, what);
  if (!(how & APPEND)) {
    return (how & FLUSH) | TRUNCATE | CREATE;
  }
  if (kindOf(target) === null) {
    if (how & CREATE) {
      return (how & FLUSH) | TRUNCATE | CREATE;
    }
    refuse("NS_ERROR_FILE_NOT_FOUND", `${what}: failed to copy for append: Could not copy \`${target}' to \`${temporary}'`,
      "source file does not exist");
  }
  check(await fileWork.copy(target, temporary), what);
  return how;
}

/**
 * Write @content, a string or a Uint8Array, to @target; the number of bytes.
 * @param {number} how TRUNCATE and so on
 * @param {object} options tmpPath, backupFile (null: none), compress
 */
export async function writeContent(target, content, how, { tmpPath, backupFile, compress: packs }) {
  const what = `Could not write to \`${target}'`;
  if (how & CREATE) {
    makeRoom(target, what);
  }
  if (how & EXCLUSIVE && kindOf(target) !== null) {
    refuseToOverwrite(target);
  }
  const packed = packs ? await compress(content) : content;
  if (backupFile !== null && kindOf(target) !== null) {
    await keepBackup(target, backupFile, what);
  }
  if (tmpPath === null) {
    return checkWrite(await fileWork.write(target, packed, how, 0o666), target);
  }
  const tmpHow = await prepareTemporary(target, tmpPath, how, what);
  const size = checkWrite(await fileWork.write(tmpPath, packed, tmpHow, 0o666), tmpPath);
  if (kindOf(target) == "directory") {
    refuse("NS_ERROR_FILE_ACCESS_DENIED", what, "file is a directory");
  }
  check(await rename(tmpPath, target), what);
  return size;
}

// ---- copying, moving, removing

/** @above: which directories it is in. A link to one of them is an error: two would be copied 2 to the 40th times. */
async function copyTree(from, to, what, above = []) {
  if (kindOf(from) != "directory") {
    check(await fileWork.copy(from, to), what);
    return;
  }
  const [mode, , , , device, inode] = check(files.stat(from, true), what);
  const self = `${device}:${inode}`;
  if (above.includes(self)) {
    check(-ELOOP, what);
  }
  const made = files.mkdir(to, mode & 0o777);
  if (made != -EEXIST) {
    check(made, what);
  }
  for (const name of check(files.list(from), what)) {
    await copyTree(`${from}/${name}`, `${to}/${name}`, what, [...above, self]);
  }
}

/** Where @to leads when @from is copied or moved there: into it, if it is a directory. */
function destination(from, to, verb, noOverwrite) {
  const what = `Could not ${verb} \`${from}' to \`${to}'`;
  const fromKind = kindOf(from);
  if (fromKind === null) {
    files.stat(from, true); // it was meant: if the sandbox hides it, that is told
    refuse("NS_ERROR_FILE_NOT_FOUND", what, "source file does not exist");
  }
  const toKind = kindOf(to);
  if (toKind == "directory") {
    return concatenate(to, leafOf(from));
  }
  if (toKind !== null && fromKind == "directory") {
    refuse("NS_ERROR_FILE_DESTINATION_NOT_DIR", `Could not ${verb} directory \`${from}' to \`${to}'`,
      "destination is not a directory");
  }
  if (toKind !== null && noOverwrite) {
    refuse("NS_ERROR_FILE_ALREADY_EXISTS", what, "destination file exists and `noOverwrite' is true");
  }
  check(makeAncestors(to), what);
  return to;
}

export async function copy(from, to, { recursive, noOverwrite }) {
  if (kindOf(from) == "directory" && !recursive) {
    refuse("NS_ERROR_FILE_COPY_OR_MOVE_FAILED",
      `Refused to copy directory \`${from}' to \`${to}': \`recursive' is false\n`);
  }
  const target = destination(from, to, "copy", noOverwrite);
  const what = `Could not copy \`${from}' to \`${to}'`;
  if (kindOf(from) == "directory" && target.startsWith(`${from}/`)) {
    refuse("NS_ERROR_FILE_COPY_OR_MOVE_FAILED", what, "a directory cannot be copied into itself");
  }
  await copyTree(from, target, what);
}

export async function move(from, to, { noOverwrite }) {
  const target = destination(from, to, "move", noOverwrite);
  const what = `Could not move \`${from}' to \`${to}'`;
  const result = files.rename(from, target);
  if (result !== -EXDEV) {
    check(result, what);
    return;
  }
  await copyTree(from, target, what);
  await remove(from, { ignoreAbsent: false, recursive: true, retryReadonly: false });
}

/** Directories may be changed by their owner; links are not followed. */
function makeWritable(path) {
  const status = files.stat(path, false);
  if (typeof status == "number" || (status[0] & S_IFMT) != S_IFDIR) {
    return;
  }
  files.chmod(path, (status[0] & 0o7777) | 0o700);
  const names = files.list(path);
  for (const name of Array.isArray(names) ? names : []) {
    makeWritable(`${path}/${name}`);
  }
}

export async function remove(target, { ignoreAbsent, recursive, retryReadonly }) {
  const what = `Could not remove \`${target}'`;
  const status = files.stat(target, false);
  if (status === -ENOENT && ignoreAbsent) {
    return;
  }
  check(status, what, MISSING_FILE);
  if ((status[0] & S_IFMT) != S_IFDIR) {
    check(files.unlink(target), what);
    return;
  }
  const attempt = () => (recursive ? fileWork.removeTree(target) : files.rmdir(target));
  let result = await attempt();
  if (result === -EACCES && retryReadonly) {
    makeWritable(target);
    result = await attempt();
  }
  check(result, what, { NS_ERROR_FILE_DIR_NOT_EMPTY: "the directory is not empty" });
}

// ---- names beside which nothing exists

/** PREFIX, or PREFIX-1.EXT and so on. @kind: "file" or "directory"; @make(path): 0 or a negative errno. */
export function makeUnique(kind, directory, prefix, make) {
  if (prefix.includes("/") || prefix == "..") {
    refuse("NS_ERROR_FILE_UNRECOGNIZED_PATH", `Could not create unique ${kind}`,
      `could not append prefix \`${prefix}' to parent \`${directory}'`);
  }
  const first = prefix == "" ? directory : concatenate(directory, prefix);
  const what = `Could not create unique ${kind} in \`${directory}'`;
  const [, base, extension = ""] = /^(.*?)(\.[^.]*)?$/s.exec(leafOf(first));
  check(makeAncestors(first), what);
  for (let count = 0; count < UNIQUE_MAX; count++) {
    const path = count ? concatenate(parentOf(first) ?? "/", `${base}-${count}${extension}`) : first;
    // A directory that is there is no file that can be opened.
    const result = kindOf(path) === null ? make(path) : -EEXIST;
    if (result !== -EEXIST) {
      check(result, what);
      return path;
    }
  }
  return refuse("NS_ERROR_FILE_TOO_BIG", what);
}

// ---- digests

/** The digest of a file's content as hexadecimal digits; @hash: a number of crypto_hash (runner/crypto.h). */
export async function hexDigest(path, hash) {
  const what = `Could not hash \`${path}'`;
  const digest = await digests.digestFile(path, hash);
  if (digest === -EISDIR) {
    refuse("NS_ERROR_FILE_IS_DIRECTORY", what, "encountered an unexpected error while reading file");
  }
  if (typeof digest == "number") {
    refuse(errnoResult(-digest), what, "could not open for reading");
  }
  return Array.from(digest, byte => byte.toString(16).padStart(2, "0")).join("");
}
