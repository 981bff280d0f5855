// SPDX-License-Identifier: MPL-2.0
// IOUtils: files by promises. Paths are absolute. What goes wrong is a DOMException whose message ends with the name
// of Gecko's result, for example "(NS_ERROR_FILE_NOT_FOUND)".
//
// Not here: compression (NotSupportedError) and digests.
//
// The work is done at once and the promise is settled when it is returned: a run has its process for itself.

import { domFailure, errnoResult } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { requireArguments, toDictionary, toEnumeration } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";
import { missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { files, runtime } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;

const ENOENT = 2;
const EEXIST = 17;
const EXDEV = 18;
const ENOTDIR = 20;
const EISDIR = 21;

/** How files.write() opens the file; see runner/builtin_files.c. */
const TRUNCATE = 1;
const APPEND = 2;
const CREATE = 4;
const EXCLUSIVE = 8;
const FLUSH = 16;
/** Below this a result of files.write() means that the file was opened, and writing failed. */
const WRITE_FAILED = -10000;

const MODES = {
  overwrite: TRUNCATE | CREATE,
  append: APPEND,
  appendOrCreate: APPEND | CREATE,
  create: CREATE | EXCLUSIVE,
};

const SAFE_OFFSET_MAX = 2n ** 63n - 1n;
const UNIQUE_MAX = 10000;

/** Throw for result @name: "WHAT[: DETAIL] (NAME)". */
function refuse(name, what, detail = "") {
  throw domFailure(name, `${what}${detail ? `: ${detail}` : ""} (${name})`);
}

/** Throw for a negative errno. @details: words for some results. */
function check(result, what, details = {}) {
  if (typeof result == "number" && result < 0) {
    const name = errnoResult(-result);
    refuse(name, what, details[name]);
  }
  return result;
}

const MISSING_FILE = { NS_ERROR_FILE_NOT_FOUND: "file does not exist" };

function checkPath(path, what) {
  const text = String(path);
  if (!text.startsWith("/")) {
    refuse("NS_ERROR_FILE_UNRECOGNIZED_PATH", what(text), "could not parse path");
  }
  // A NUL ends a path for the system.
  const [first] = text.split("\0", 1);
  return first.length > 1 ? first.replace(/\/+$/, "") || "/" : first;
}

function kindOf(path) {
  const result = files.probe(path, true);
  if (typeof result == "number") {
    return null;
  }
  const kind = result[0] & S_IFMT;
  return kind == S_IFDIR ? "directory" : kind == S_IFREG ? "regular" : "other";
}

function parentOf(path) {
  return path == "/" ? null : path.slice(0, path.lastIndexOf("/")) || "/";
}

function makeMissing(path) {
  const parent = parentOf(path);
  if (parent === null || kindOf(parent) == "directory") {
    return 0;
  }
  const made = makeMissing(parent);
  const result = made < 0 ? made : files.makeAncestor(parent, 0o755);
  return result == -EEXIST && kindOf(parent) == "directory" ? 0 : result;
}

/** mkdir -p; a negative errno or 0. What the sandbox refuses is refused to @path, not to one of its ancestors. */
function makeAncestors(path) {
  const result = makeMissing(path);
  if (result < 0) {
    files.refused(path, result);
  }
  return result;
}

function readOptions(method, options) {
  const dictionary = toDictionary(`IOUtils.${method}: Value`, options);
  return { offset: dictionary.offset ?? 0, maxBytes: dictionary.maxBytes ?? null };
}

/** Web IDL's unsigned long long, for the message about offsets that are too large. */
function checkOffset(offset, what) {
  const number = Math.trunc(Number(offset)) || 0;
  if (number < 0) {
    const unsigned = BigInt.asUintN(64, BigInt(number));
    throw domFailure(
      "NS_ERROR_ILLEGAL_INPUT",
      `${what}: requested offset is too large (${unsigned} > ${SAFE_OFFSET_MAX}) (NS_ERROR_UDEC_ILLEGALINPUT)`
    );
  }
  return number;
}

function checkRead(result, path) {
  if (result === -EISDIR) {
    refuse("NS_ERROR_FILE_IS_DIRECTORY", `Could not read \`${path}'`, "encountered an unexpected error");
  }
  return check(result, `Could not open \`${path}'`, MISSING_FILE);
}

function readText(path) {
  const result = files.readText(path);
  if (result === -84) {
    refuse("NS_ERROR_FILE_CORRUPTED", `Could not read \`${path}'`, "file is not UTF-8 encoded");
  }
  return checkRead(result, path);
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
  if (result === -EEXIST) {
    refuse("NS_ERROR_FILE_ALREADY_EXISTS", what, "refusing to overwrite file, `mode' is not \"overwrite\"");
  }
  if (result < 0) {
    refuse(errnoResult(-result), what, "failed to open file for writing");
  }
  return result;
}

/** What write(), writeUTF8() and writeJSON() have in common; options as IOUtils.write() has them. */
function writeFile(method, path, content, options) {
  const what = text => `Could not write to \`${text}'`;
  const target = checkPath(path, what);
  const dictionary = toDictionary(`IOUtils.${method}: Argument 3`, options);
  const { mode = "overwrite", backupFile = null, flush = false, compress = false } = dictionary;
  const modes = Object.keys(MODES);
  const wrong = `IOUtils.${method}: '%s' (value of 'mode' member of WriteOptions)`;
  const how = MODES[toEnumeration(wrong, "WriteMode", mode, modes)] | (flush ? FLUSH : 0);
  const { tmpPath = null } = dictionary;
  if (compress) {
    throw notSupported(`${what(target)}: compression is not supported.`);
  }
  for (const [other, kind] of [[tmpPath, "temp file"], [backupFile, "backup file"]]) {
    if (other !== null && !String(other).startsWith("/")) {
      const name = "NS_ERROR_FILE_UNRECOGNIZED_PATH";
      refuse(name, what(target), `Could not parse path of ${kind} \`${other}'`);
    }
  }
  if (how & CREATE) {
    check(makeAncestors(target), what(target));
  }
  if (backupFile !== null && kindOf(target) == "regular") {
    check(files.rename(target, String(backupFile)), what(target), {});
  }
  if (tmpPath === null || mode != "overwrite") {
    return checkWrite(files.write(target, content, how, 0o666), target);
  }
  check(makeAncestors(String(tmpPath)), what(target));
  const size = checkWrite(files.write(String(tmpPath), content, how, 0o666), target);
  check(files.rename(String(tmpPath), target), what(target));
  return size;
}

function notSupported(message) {
  const { DOMException } = runtime.load("resource://gre/modules/bgtask/DOMException.sys.mjs");
  return new DOMException(message, "NotSupportedError");
}

/** Where @to leads when @from is copied or moved there: into it, if it is a directory and @from is not. */
function destination(from, to, verb, noOverwrite) {
  const fromKind = kindOf(from);
  if (fromKind === null) {
    files.stat(from, true); // it was meant: if the sandbox hides it, that is told
    refuse("NS_ERROR_FILE_NOT_FOUND", `Could not ${verb} \`${from}' to \`${to}'`, "source file does not exist");
  }
  const toKind = kindOf(to);
  if (toKind == "directory") {
    return `${to == "/" ? "" : to}/${from.slice(from.lastIndexOf("/") + 1)}`;
  }
  if (toKind !== null && fromKind == "directory") {
    refuse("NS_ERROR_FILE_DESTINATION_NOT_DIR", `Could not ${verb} directory \`${from}' to \`${to}'`,
      "destination is not a directory");
  }
  if (toKind !== null && noOverwrite) {
    refuse("NS_ERROR_FILE_ALREADY_EXISTS", `Could not ${verb} \`${from}' to \`${to}'`,
      "destination file exists and `noOverwrite' is true");
  }
  check(makeAncestors(to), `Could not ${verb} \`${from}' to \`${to}'`);
  return to;
}

function copyTree(from, to, what) {
  if (kindOf(from) != "directory") {
    check(files.copy(from, to), what);
    return;
  }
  const made = files.mkdir(to, files.stat(from, true)[0] & 0o777);
  if (made != -EEXIST) {
    check(made, what);
  }
  for (const name of check(files.list(from), what)) {
    copyTree(`${from}/${name}`, `${to}/${name}`, what);
  }
}

function removeFile(target, ignoreAbsent, recursive, retryReadonly) {
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
  let result = recursive ? files.removeTree(target) : files.rmdir(target);
  if (result < 0 && retryReadonly) {
    files.chmod(target, 0o700);
    result = recursive ? files.removeTree(target) : files.rmdir(target);
  }
  check(result, what, { NS_ERROR_FILE_DIR_NOT_EMPTY: "the directory is not empty" });
}

function setTime(method, path, modification, time) {
  const words = modification ? "modification" : "access";
  const what = text => `Could not set ${words} time of \`${text}'`;
  const target = checkPath(path, what);
  const timeMs = time === null || time === undefined ? Date.now() : Math.trunc(Number(time)) || 0;
  check(files.setTime(target, modification, timeMs), what(target), MISSING_FILE);
  return files.stat(target, true)[modification ? 3 : 2];
}

/** A name beside which nothing exists: PREFIX, or PREFIX-1.EXT and so on. @make(path): 0 or a negative errno. */
function createUnique(method, parent, prefix, make) {
  const what = text => `Could not create unique path for \`${text}'`;
  const directory = checkPath(parent, what);
  const [, base, extension = ""] = /^(.*?)(\.[^.]*)?$/s.exec(String(prefix));
  for (let count = 0; count < UNIQUE_MAX; count++) {
    const name = count ? `${base}-${count}${extension}` : String(prefix);
    const path = `${directory == "/" ? "" : directory}/${name}`;
    check(makeAncestors(path), what(directory));
    const result = make(path);
    if (result !== -EEXIST) {
      check(result, what(path));
      return path;
    }
  }
  return refuse("NS_ERROR_FILE_TOO_BIG", what(directory));
}

/** Makes each function one that returns a promise, and that wants its number of arguments. */
function promising(methods) {
  const object = {};
  for (const [name, [count, method]] of Object.entries(methods)) {
    object[name] = {
      async [name](...args) {
        requireArguments(`IOUtils.${name}`, args, count);
        return method(...args);
      },
    }[name];
  }
  return object;
}

export const IOUtils = promising({
  /** Uint8Array. options: offset, maxBytes. */
  read: [1, (path, options) => {
    const what = text => `Could not read \`${text}'`;
    const { offset, maxBytes } = readOptions("read", options);
    const target = checkPath(path, what);
    const limit = maxBytes === null ? -1 : Math.trunc(Number(maxBytes)) || 0;
    return checkRead(files.read(target, checkOffset(offset, what(target)), limit), target);
  }],

  /** The text of a file in UTF-8; another encoding is NotReadableError. */
  readUTF8: [1, (path, options) => {
    readOptions("readUTF8", options);
    return readText(checkPath(path, text => `Could not read \`${text}'`));
  }],

  readJSON: [1, (path, options) => {
    readOptions("readJSON", options);
    return JSON.parse(readText(checkPath(path, text => `Could not read \`${text}'`)));
  }],

  /** Write a Uint8Array; the number of bytes. options: mode, tmpPath, backupFile, flush. */
  write: [2, (path, data, options) => {
    if (!(data instanceof Uint8Array)) {
      const isObject = typeof data == "object" && data !== null;
      const kind = isObject ? "does not implement interface Uint8Array" : "is not an object";
      throw new TypeError(`IOUtils.write: Argument 2 ${kind}.`);
    }
    return writeFile("write", path, data, options);
  }],

  writeUTF8: [2, (path, text, options) => writeFile("writeUTF8", path, String(text), options)],

  /** Write what JSON.stringify gives ("null" for what has no JSON): { jsonLength, size }, in units and in bytes. */
  writeJSON: [2, (path, value, options) => {
    const { mode } = toDictionary("IOUtils.writeJSON: Argument 3", options);
    if (mode == "append" || mode == "appendOrCreate") {
      throw notSupported(`Could not write to \`${path}': IOUtils.writeJSON does not support appending to files.`);
    }
    const json = JSON.stringify(value) ?? "null";
    return { jsonLength: json.length, size: writeFile("writeJSON", path, json, options) };
  }],

  /** { path, type, size, lastAccessed, lastModified, permissions }; times in ms since 1970, size -1 but for files. */
  stat: [1, path => {
    const what = text => `Could not stat \`${text}'`;
    const target = checkPath(path, what);
    const [mode, size, lastAccessed, lastModified] = check(files.stat(target, true), what(target), MISSING_FILE);
    const type = kindOf(target);
    const shown = type == "directory" ? -1 : size;
    return { lastAccessed, lastModified, path: target, permissions: mode & 0o777, size: shown, type };
  }],

  exists: [1, path => {
    const target = checkPath(path, text => `Could not determine if \`${text}' exists`);
    const result = files.stat(target, true);
    if (result === -ENOENT || result === -ENOTDIR) {
      return false;
    }
    check(result, `Could not determine if \`${target}' exists`);
    return true;
  }],

  /** Paths of what a directory holds. options.ignoreAbsent: an empty list when there is none. */
  getChildren: [1, (path, options) => {
    const what = text => `Could not get children of \`${text}'`;
    const { ignoreAbsent } = toDictionary("IOUtils.getChildren: Argument 2", options);
    const target = checkPath(path, what);
    const names = files.list(target);
    if (names === -ENOENT && ignoreAbsent) {
      return [];
    }
    if (names === -ENOTDIR) {
      refuse("NS_ERROR_FILE_DESTINATION_NOT_DIR", what(target), "file is not a directory");
    }
    check(names, what(target), { NS_ERROR_FILE_NOT_FOUND: "directory does not exist" });
    return names.map(name => `${target == "/" ? "" : target}/${name}`);
  }],

  hasChildren: [1, (path, options) => {
    const what = text => `Could not check children of \`${text}'`;
    const { ignoreAbsent } = toDictionary("IOUtils.hasChildren: Argument 2", options);
    const target = checkPath(path, what);
    const names = files.list(target);
    if (names === -ENOENT && ignoreAbsent) {
      return false;
    }
    if (names === -ENOTDIR) {
      refuse("NS_ERROR_FILE_DESTINATION_NOT_DIR", what(target), "file is not a directory");
    }
    return check(names, what(target), { NS_ERROR_FILE_NOT_FOUND: "directory does not exist" }).length > 0;
  }],

  /** options: createAncestors (true), ignoreExisting (true), permissions (0o755). */
  makeDirectory: [1, (path, options) => {
    const dictionary = toDictionary("IOUtils.makeDirectory: Argument 2", options);
    const { createAncestors = true, ignoreExisting = true, permissions = 0o755 } = dictionary;
    const target = checkPath(path, text => `Could not make directory \`${text}'`);
    const what = `Could not create directory \`${target}'`;
    if (createAncestors) {
      check(makeAncestors(target), what);
    }
    const result = files.mkdir(target, permissions & 0o7777);
    if (result === -EEXIST && kindOf(target) == "directory") {
      if (!ignoreExisting) {
        refuse("NS_ERROR_FILE_ALREADY_EXISTS", what, "directory already exists");
      }
      return;
    }
    check(result, what, { NS_ERROR_FILE_ALREADY_EXISTS: "file exists and is not a directory" });
  }],

  /** options: ignoreAbsent (true), recursive (false), retryReadonly (false). */
  remove: [1, (path, options) => {
    const dictionary = toDictionary("IOUtils.remove: Argument 2", options);
    const { ignoreAbsent = true, recursive = false, retryReadonly = false } = dictionary;
    const target = checkPath(path, text => `Could not remove \`${text}'`);
    removeFile(target, ignoreAbsent, recursive, retryReadonly);
  }],

  /** Move a file or directory; into @to when that is a directory. options.noOverwrite. */
  move: [2, (from, to, options) => {
    const { noOverwrite = false } = toDictionary("IOUtils.move: Argument 3", options);
    const source = checkPath(from, text => `Could not move \`${text}' to \`${to}'`);
    const given = checkPath(to, text => `Could not move \`${from}' to \`${text}'`);
    const target = destination(source, given, "move", noOverwrite);
    const what = `Could not move \`${source}' to \`${target}'`;
    const result = files.rename(source, target);
    if (result !== -EXDEV) {
      check(result, what);
      return;
    }
    copyTree(source, target, what);
    removeFile(source, false, true, false);
  }],

  /** Copy a file, or with options.recursive a directory; into @to when that is a directory. options.noOverwrite. */
  copy: [2, (from, to, options) => {
    const { noOverwrite = false, recursive = false } = toDictionary("IOUtils.copy: Argument 3", options);
    const source = checkPath(from, text => `Could not copy \`${text}' to \`${to}'`);
    const given = checkPath(to, text => `Could not copy \`${from}' to \`${text}'`);
    if (kindOf(source) == "directory" && !recursive) {
      refuse("NS_ERROR_FILE_COPY_OR_MOVE_FAILED",
        `Refused to copy directory \`${source}' to \`${given}': \`recursive' is false\n`);
    }
    const target = destination(source, given, "copy", noOverwrite);
    copyTree(source, target, `Could not copy \`${source}' to \`${target}'`);
  }],

  /** @honorUmask: bits of the process's umask are left out. */
  setPermissions: [2, (path, permissions, honorUmask = true) => {
    const what = text => `Could not set permissions on \`${text}'`;
    const target = checkPath(path, what);
    const mode = honorUmask ? permissions & ~files.umask() : permissions;
    check(files.chmod(target, mode & 0o7777), what(target));
  }],

  /** @time: ms since 1970, now when left out. The time that was set. */
  setModificationTime: [1, (path, time) => setTime("setModificationTime", path, true, time)],

  setAccessTime: [1, (path, time) => setTime("setAccessTime", path, false, time)],

  /** The path of a new, empty file in directory @parent; "-1", … before the extension when the name is taken. */
  createUniqueFile: [2, (parent, prefix, permissions = 0o644) =>
    createUnique("createUniqueFile", parent, prefix, path => files.write(path, "", CREATE | EXCLUSIVE, permissions))],

  createUniqueDirectory: [2, (parent, prefix, permissions = 0o755) =>
    createUnique("createUniqueDirectory", parent, prefix, path => files.mkdir(path, permissions))],

  /** nsIFile for PATH/NAME…; the directories above it are made. */
  getFile: [1, (...components) => {
    const path = PathUtils.join(...components);
    check(makeAncestors(path), `Could not create directory \`${parentOf(path)}'`);
    const { File } = runtime.load("resource://gre/modules/bgtask/File.sys.mjs");
    return new File(path);
  }],

  /** nsIFile for directory PATH/NAME…, which is made. */
  getDirectory: [1, (...components) => {
    const path = PathUtils.join(...components);
    check(makeAncestors(`${path}/.`), `Could not create directory \`${path}'`);
    const { File } = runtime.load("resource://gre/modules/bgtask/File.sys.mjs");
    return new File(path);
  }],
});
Object.defineProperty(IOUtils, Symbol.toStringTag, { value: "IOUtils" });
Object.setPrototypeOf(IOUtils, missingNames("member", ["IOUtils"]));

/** Barriers: files are done with when their call returns, so that these are the phases themselves. */
for (const name of ["profileBeforeChange", "sendTelemetry"]) {
  Object.defineProperty(IOUtils, name, {
    get: () => runtime.load("resource://gre/modules/AsyncShutdown.sys.mjs").AsyncShutdown[name],
    enumerable: true,
    configurable: true,
  });
}
