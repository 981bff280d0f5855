// SPDX-License-Identifier: MPL-2.0
// IOUtils: files by promises. Paths are absolute. What goes wrong is a DOMException whose message ends with the name
// of Gecko's result, for example "(NS_ERROR_FILE_NOT_FOUND)".
//
// Calls are done one after another, in the order in which they were made; what is wrong with their arguments is said at
// once. IOUtilsFiles.sys.mjs does the work.

import { domFailure } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import * as work from "resource://gre/modules/bgtask/IOUtilsFiles.sys.mjs";
import { missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";
import { requireArguments, toDictionary, toEnumeration } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { files, runtime } = import.meta.native;
const { check, refuse } = work;

const MODES = {
  overwrite: work.TRUNCATE | work.CREATE,
  append: work.APPEND,
  appendOrCreate: work.APPEND | work.CREATE,
  create: work.CREATE | work.EXCLUSIVE,
};

/** Numbers of crypto_hash (runner/crypto.h). */
const HASHES = { sha256: 1, sha384: 2, sha512: 3 };

const SAFE_OFFSET_MAX = 2n ** 63n - 1n;

// ---- one after another

let waiting = 0;
let last = null;

/** Call @run when all that was called before has been done; the promise of what it returns. */
function inTurn(run) {
  const result = waiting++ ? last.then(run) : (async () => run())();
  const done = () => {
    waiting--;
  };
  last = result.then(done, done);
  return result;
}

/** Bytes that wait for their turn, or for what comes before they are written, may be changed meanwhile. */
function keep(content, { tmpPath, backupFile }) {
  return typeof content != "string" && (waiting || tmpPath !== null || backupFile !== null) ? content.slice() : content;
}

// ---- arguments

function checkPath(path, what) {
  const text = `${path}`;
  if (!text.startsWith("/")) {
    refuse("NS_ERROR_FILE_UNRECOGNIZED_PATH", what(text), "could not parse path");
  }
  // A NUL ends a path for the system.
  const [first] = text.split("\0", 1);
  return first.length > 1 ? first.replace(/\/+$/, "") || "/" : first;
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

function readOptions(method, options) {
  const dictionary = toDictionary(`IOUtils.${method}: Value`, options);
  const { offset = 0, maxBytes = null, decompress = false } = dictionary;
  return { offset, maxBytes, decompress: Boolean(decompress) };
}

const couldNotRead = text => `Could not read \`${text}'`;

function notSupported(message) {
  const { DOMException } = runtime.load("resource://gre/modules/bgtask/DOMException.sys.mjs");
  return new DOMException(message, "NotSupportedError");
}

/** What write(), writeUTF8() and writeJSON() have in common; options as IOUtils.write() has them. */
function writeFile(method, path, content, options) {
  const what = text => `Could not write to \`${text}'`;
  const target = checkPath(path, what);
  const dictionary = toDictionary(`IOUtils.${method}: Argument 3`, options);
  const { mode = "overwrite", backupFile = null, flush = false, compress = false, tmpPath = null } = dictionary;
  const wrong = `IOUtils.${method}: '%s' (value of 'mode' member of WriteOptions)`;
  const how = MODES[toEnumeration(wrong, "WriteMode", mode, Object.keys(MODES))] | (flush ? work.FLUSH : 0);
  for (const [other, kind] of [[tmpPath, "temp file"], [backupFile, "backupFile"]]) {
    if (other !== null && !String(other).startsWith("/")) {
      const name = "NS_ERROR_FILE_UNRECOGNIZED_PATH";
      refuse(name, what(target), `Could not parse path of ${kind} \`${other}'`);
    }
  }
  const others = {
    tmpPath: tmpPath === null ? null : String(tmpPath),
    backupFile: backupFile === null ? null : String(backupFile),
    compress: Boolean(compress),
  };
  const kept = keep(content, others);
  return inTurn(() => work.writeContent(target, kept, how, others));
}

function setTime(modification, path, time) {
  const words = modification ? "modification" : "access";
  const target = checkPath(path, text => `Could not set ${words} time on \`${text}'`);
  const timeMs = time === null || time === undefined ? Date.now() : Math.trunc(Number(time)) || 0;
  // Gecko speaks of the modification time whichever it is.
  const what = `Could not set modification time of \`${target}'`;
  if (timeMs == 0) {
    const advice = "to use the current system time, call `setModificationTime' with no arguments";
    throw domFailure(
      "NS_ERROR_ILLEGAL_INPUT",
      `Refusing to set modification time of \`${target}' to 0: ${advice} (NS_ERROR_ILLEGAL_VALUE)`
    );
  }
  if (timeMs < 0) {
    refuse("NS_ERROR_FAILURE", what);
  }
  return inTurn(() => {
    check(files.setTime(target, modification, timeMs), what, work.MISSING_FILE);
    return files.stat(target, true)[modification ? 3 : 2];
  });
}

function createUnique(kind, parent, prefix, make) {
  const directory = checkPath(parent, text => `Could not create unique ${kind} in \`${text}'`);
  const name = `${prefix}`;
  return inTurn(() => work.makeUnique(kind, directory, name, make));
}

/** PathUtils.join(), whose errors here do not name it. */
function join(components) {
  try {
    return PathUtils.join(...components);
  } catch (error) {
    const { DOMException } = runtime.load("resource://gre/modules/bgtask/DOMException.sys.mjs");
    throw error instanceof DOMException
      ? new DOMException(error.message.replace(/^PathUtils\.join: /, ""), error.name)
      : error;
  }
}

/** nsIFile for @path; the directories above it are made. */
function fileIn(path, made) {
  const result = work.makeAncestors(made);
  if (result == -work.ENOTDIR) {
    const [file] = Array.from({ length: made.split("/").length }, (_, index) => made.split("/").slice(0, index + 1).join("/"))
      .filter(above => above && !["directory", null].includes(work.kindOf(above)));
    refuse("NS_ERROR_FILE_NOT_DIRECTORY", `Could not create directory \`${file}'`, "file exists and is not a directory");
  }
  check(result, `Could not create directory \`${work.parentOf(made)}'`);
  const { File } = runtime.load("resource://gre/modules/bgtask/File.sys.mjs");
  return new File(path);
}

function listChildren(what, target, ignoreAbsent) {
  const names = files.list(target);
  if (names === -work.ENOENT && ignoreAbsent) {
    return [];
  }
  if (names === -work.ENOTDIR) {
    refuse("NS_ERROR_FILE_DESTINATION_NOT_DIR", what, "file is not a directory");
  }
  return check(names, what, { NS_ERROR_FILE_NOT_FOUND: "directory does not exist" });
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
    Object.defineProperty(object[name], "length", { value: name.startsWith("get") && name != "getChildren" ? 0 : count });
  }
  return object;
}

export const IOUtils = promising({
  /** Uint8Array. options: offset, maxBytes; decompress, what was written with compress. */
  read: [1, (path, options) => {
    const { offset, maxBytes, decompress } = readOptions("read", options);
    const target = checkPath(path, couldNotRead);
    const from = checkOffset(offset, couldNotRead(target));
    if (decompress && maxBytes !== null) {
      const detail = "the `maxBytes' and `decompress' options are mutually exclusive";
      throw domFailure("NS_ERROR_ILLEGAL_INPUT", `${couldNotRead(target)}: ${detail} (NS_ERROR_UDEC_ILLEGALINPUT)`);
    }
    const limit = maxBytes === null ? -1 : Number(maxBytes) >>> 0;
    return inTurn(() => (decompress ? work.readCompressed(target, from) : work.readBytes(target, from, limit)));
  }],

  /** The text of a file in UTF-8; another encoding is NotReadableError. */
  readUTF8: [1, (path, options) => {
    const { decompress } = readOptions("readUTF8", options);
    const target = checkPath(path, couldNotRead);
    return inTurn(() => work.readText(target, decompress));
  }],

  readJSON: [1, async (path, options) => {
    const { decompress } = readOptions("readJSON", options);
    const target = checkPath(path, couldNotRead);
    return JSON.parse(await inTurn(() => work.readText(target, decompress)));
  }],

  /** Write a Uint8Array; the number of bytes. options: mode, tmpPath, backupFile, flush, compress. */
  write: [2, (path, data, options) => {
    if (!(data instanceof Uint8Array)) {
      const isObject = typeof data == "object" && data !== null;
      const kind = isObject ? "does not implement interface Uint8Array" : "is not an object";
      throw new TypeError(`IOUtils.write: Argument 2 ${kind}.`);
    }
    return writeFile("write", path, data, options);
  }],

  writeUTF8: [2, (path, text, options) => writeFile("writeUTF8", path, `${text}`, options)],

  /** Write what JSON.stringify gives ("null" for what has no JSON): { jsonLength, size }, in units and in bytes. */
  writeJSON: [2, async (path, value, options) => {
    const { mode } = toDictionary("IOUtils.writeJSON: Argument 3", options);
    if (mode == "append" || mode == "appendOrCreate") {
      throw notSupported(`Could not write to \`${path}': IOUtils.writeJSON does not support appending to files.`);
    }
    const json = JSON.stringify(value) ?? "null";
    return { jsonLength: json.length, size: await writeFile("writeJSON", path, json, options) };
  }],

  /** { path, type, size, lastAccessed, lastModified, permissions }; times in ms since 1970, size -1 but for files. */
  stat: [1, path => {
    const what = text => `Could not stat \`${text}'`;
    const target = checkPath(path, what);
    return inTurn(() => {
      const found = files.stat(target, true);
      const isLink = typeof found == "number" && typeof files.probe(target, false) != "number"; // which leads nowhere
      const [mode, size, lastAccessed, lastModified] = check(found, what(target), isLink ? {} : work.MISSING_FILE);
      const type = work.kindOf(target);
      const shown = type == "regular" ? size : -1;
      return { lastAccessed, lastModified, path: target, permissions: mode & 0o777, size: shown, type };
    });
  }],

  exists: [1, path => {
    const what = text => `Could not determine if \`${text}' exists`;
    const target = checkPath(path, what);
    return inTurn(() => {
      const result = files.stat(target, true);
      if (result === -work.ENOENT || result === -work.ENOTDIR) {
        return false;
      }
      check(result, what(target));
      return true;
    });
  }],

  /** Paths of what a directory holds. options.ignoreAbsent: an empty list when there is none. */
  getChildren: [1, (path, options) => {
    const what = text => `Could not get children of \`${text}'`;
    const { ignoreAbsent } = toDictionary("IOUtils.getChildren: Argument 2", options);
    const target = checkPath(path, what);
    return inTurn(() =>
      listChildren(what(target), target, ignoreAbsent).map(name => work.concatenate(target, name)));
  }],

  hasChildren: [1, (path, options) => {
    const what = text => `Could not check children of \`${text}'`;
    const { ignoreAbsent } = toDictionary("IOUtils.hasChildren: Argument 2", options);
    const target = checkPath(path, what);
    return inTurn(() => listChildren(what(target), target, ignoreAbsent).length > 0);
  }],

  /** options: createAncestors (true), ignoreExisting (true), permissions (0o755). */
  makeDirectory: [1, (path, options) => {
    const dictionary = toDictionary("IOUtils.makeDirectory: Argument 2", options);
    const { createAncestors = true, ignoreExisting = true, permissions = 0o755 } = dictionary;
    const target = checkPath(path, text => `Could not make directory \`${text}'`);
    const what = `Could not create directory \`${target}'`;
    return inTurn(() => {
      if (createAncestors) {
        check(work.makeAncestors(target), what);
      }
      const result = files.mkdir(target, permissions & 0o7777);
      if (result !== -work.EEXIST) {
        check(result, what);
      } else if (work.kindOf(target) != "directory") {
        refuse("NS_ERROR_FILE_NOT_DIRECTORY", what, "file exists and is not a directory");
      } else if (!ignoreExisting) {
        refuse("NS_ERROR_FILE_ALREADY_EXISTS", what, "directory already exists");
      }
    });
  }],

  /** options: ignoreAbsent (true), recursive (false), retryReadonly (false): make directories writable that are not. */
  remove: [1, (path, options) => {
    const dictionary = toDictionary("IOUtils.remove: Argument 2", options);
    const { ignoreAbsent = true, recursive = false, retryReadonly = false } = dictionary;
    const target = checkPath(path, text => `Could not remove \`${text}'`);
    return inTurn(() => work.remove(target, { ignoreAbsent, recursive, retryReadonly }));
  }],

  /** Move a file or directory; into @to when that is a directory. options.noOverwrite. */
  move: [2, (from, to, options) => {
    const { noOverwrite = false } = toDictionary("IOUtils.move: Argument 3", options);
    const source = checkPath(from, text => `Could not move \`${text}' to \`${to}'`);
    const target = checkPath(to, text => `Could not move \`${from}' to \`${text}'`);
    return inTurn(() => work.move(source, target, { noOverwrite }));
  }],

  /** Copy a file, or with options.recursive a directory; into @to when that is a directory. options.noOverwrite. */
  copy: [2, (from, to, options) => {
    const { noOverwrite = false, recursive = false } = toDictionary("IOUtils.copy: Argument 3", options);
    const source = checkPath(from, text => `Could not copy \`${text}' to \`${to}'`);
    const target = checkPath(to, text => `Could not copy \`${from}' to \`${text}'`);
    return inTurn(() => work.copy(source, target, { recursive, noOverwrite }));
  }],

  /** @honorUmask: bits of the process's umask are left out. */
  setPermissions: [2, (path, permissions, honorUmask = true) => {
    const what = text => `Could not set permissions on \`${text}'`;
    const target = checkPath(path, what);
    const mode = honorUmask ? permissions & ~files.umask() : permissions;
    return inTurn(() => {
      check(files.chmod(target, mode & 0o7777), what(target));
    });
  }],

  /** @time: ms since 1970, now when left out. The time that was set. */
  setModificationTime: [1, (path, time) => setTime(true, path, time)],

  setAccessTime: [1, (path, time) => setTime(false, path, time)],

  /** The digest of a file's content in hexadecimal digits. @algorithm: "sha256", "sha384", "sha512". */
  computeHexDigest: [2, (path, algorithm) => {
    const wrong = "IOUtils.computeHexDigest: '%s' (value of argument 2)";
    const hash = HASHES[toEnumeration(wrong, "HashAlgorithm", algorithm, Object.keys(HASHES))];
    const target = checkPath(path, text => `Could not hash \`${text}'`);
    return inTurn(() => work.hexDigest(target, hash));
  }],

  /** The path of a new, empty file in directory @parent; "-1", … before the extension when the name is taken. */
  createUniqueFile: [2, (parent, prefix, permissions = 0o644) =>
    createUnique("file", parent, prefix, path =>
      files.write(path, "", work.CREATE | work.EXCLUSIVE, permissions))],

  createUniqueDirectory: [2, (parent, prefix, permissions = 0o755) =>
    createUnique("directory", parent, prefix, path => files.mkdir(path, permissions))],

  /** nsIFile for PATH/NAME…; the directories above it are made. */
  getFile: [0, (...components) => {
    const path = join(components);
    return inTurn(() => fileIn(path, path));
  }],

  /** nsIFile for directory PATH/NAME…, which is made. */
  getDirectory: [0, (...components) => {
    const path = join(components);
    return inTurn(() => fileIn(path, `${path}/.`));
  }],
});
Object.defineProperty(IOUtils, Symbol.toStringTag, { value: "IOUtils" });
Object.setPrototypeOf(IOUtils, missingNames("member", ["IOUtils"]));

/** Barriers: what was begun with files is finished before a run leaves, so that these are the phases themselves. */
for (const name of ["profileBeforeChange", "sendTelemetry"]) {
  Object.defineProperty(IOUtils, name, {
    get: () => runtime.load("resource://gre/modules/AsyncShutdown.sys.mjs").AsyncShutdown[name],
    enumerable: true,
    configurable: true,
  });
}
