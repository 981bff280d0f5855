// SPDX-License-Identifier: MPL-2.0
// nsIFile: a path with operations on what is there. The path is kept as it was given, but for slashes at its end.

import { Enumerator } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import {
  defineXpcomClass,
  errors,
  fail,
  failConversion,
  isObject,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { files } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;

const ENOENT = 2;
const EEXIST = 17;
const EXDEV = 18;

/** How many names createUnique() tries. */
const UNIQUE_MAX = 10000;

function trimSlashes(path) {
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}

/** A path without ".", ".." and double slashes. */
export function normalizePath(path) {
  const parts = [];
  for (const part of path.split("/")) {
    if (part == "..") {
      parts.pop();
    } else if (part != "" && part != ".") {
      parts.push(part);
    }
  }
  return `/${parts.join("/")}`;
}

export class File {
  #path = "";

  /** @param {string} [path] absolute */
  constructor(path) {
    if (path !== undefined) {
      this.#path = trimSlashes(path);
    }
  }

  /** Throw for a negative errno, else return the result. */
  #check(result, method) {
    if (typeof result == "number" && result < 0) {
      fail(errors().errnoResult(-result), `nsIFile.${method}`);
    }
    return result;
  }

  #stat(method, follow = true) {
    if (this.#path == "") {
      fail("NS_ERROR_NOT_INITIALIZED", `nsIFile.${method}`);
    }
    const [mode, size, , modifiedMs] = this.#check(files.stat(this.#path, follow), method);
    return { mode, size, modifiedMs };
  }

  get path() {
    return this.#path;
  }

  get leafName() {
    return this.#path == "/" ? "" : this.#path.slice(this.#path.lastIndexOf("/") + 1);
  }

  set leafName(name) {
    const { parent } = this;
    this.#path = parent ? parent.path : "";
    this.append(name);
  }

  get displayName() {
    return this.leafName;
  }

  /** The directory that holds it, or null at the root. */
  get parent() {
    if (this.#path == "" || this.#path == "/") {
      return null;
    }
    return new File(this.#path.slice(0, this.#path.lastIndexOf("/")) || "/");
  }

  get persistentDescriptor() {
    return this.#path;
  }

  set persistentDescriptor(path) {
    this.initWithPath(path);
  }

  initWithPath(path) {
    const text = String(path);
    if (!text.startsWith("/")) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", "nsIFile.initWithPath");
    }
    this.#path = trimSlashes(text);
  }

  initWithFile(file) {
    this.initWithPath(file.path);
  }

  /** Add one name. */
  append(name) {
    const text = String(name);
    if (text.includes("/") || text == "..") {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", "nsIFile.append");
    }
    this.#extend(text);
  }

  /** Add names with slashes between; none may be "..". */
  appendRelativePath(path) {
    const text = String(path);
    if (text.startsWith("/") || text.split("/").includes("..")) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", "nsIFile.appendRelativePath");
    }
    this.#extend(trimSlashes(text));
  }

  #extend(text) {
    if (text != "") {
      this.#path = this.#path.endsWith("/") ? this.#path + text : `${this.#path}/${text}`;
    }
  }

  /** Resolve ".", ".." and symbolic links; it must exist. */
  normalize() {
    this.#path = this.#check(files.realpath(this.#path), "normalize");
  }

  clone() {
    return this.#path == "" ? new File() : new File(this.#path);
  }

  equals(file) {
    if (!isObject(file)) {
      failConversion("nsIFile.equals", 0);
    }
    return file.path === this.#path;
  }

  /** Whether @file is below this directory. */
  contains(file) {
    return String(file.path).startsWith(this.#path == "/" ? "/" : `${this.#path}/`) && file.path != this.#path;
  }

  exists() {
    return this.#path != "" && files.access(this.#path, 0) == 0;
  }

  isReadable() {
    return files.access(this.#path, 4) == 0;
  }

  isWritable() {
    return files.access(this.#path, 2) == 0;
  }

  isExecutable() {
    return (this.#stat("isExecutable").mode & S_IFMT) == S_IFREG && files.access(this.#path, 1) == 0;
  }

  isFile() {
    return (this.#stat("isFile").mode & S_IFMT) == S_IFREG;
  }

  isDirectory() {
    return (this.#stat("isDirectory").mode & S_IFMT) == S_IFDIR;
  }

  isSymlink() {
    return (this.#stat("isSymlink", false).mode & S_IFMT) == S_IFLNK;
  }

  isHidden() {
    return this.leafName.startsWith(".");
  }

  /** Neither a file nor a directory nor a symbolic link. */
  isSpecial() {
    return ![S_IFREG, S_IFDIR, S_IFLNK].includes(this.#stat("isSpecial", false).mode & S_IFMT);
  }

  get fileSize() {
    const { mode, size } = this.#stat("fileSize");
    return (mode & S_IFMT) == S_IFDIR ? 0 : size;
  }

  /** Milliseconds since 1970. */
  get lastModifiedTime() {
    return this.#stat("lastModifiedTime").modifiedMs;
  }

  set lastModifiedTime(timeMs) {
    this.#check(files.setTime(this.#path, true, Number(timeMs)), "lastModifiedTime");
  }

  get permissions() {
    return this.#stat("permissions").mode & 0o777;
  }

  set permissions(mode) {
    this.#check(files.chmod(this.#path, mode & 0o7777), "permissions");
  }

  /** Where a symbolic link points, absolute. */
  get target() {
    const target = this.#check(files.readlink(this.#path), "target");
    return target.startsWith("/") ? target : normalizePath(`${this.parent.path}/${target}`);
  }

  #makeParents() {
    for (let at = this.parent, missing = []; at; at = at.parent) {
      const result = files.mkdir(at.path, 0o755);
      if (result == -ENOENT) {
        missing.push(at);
        continue;
      }
      if (result < 0 && result != -EEXIST) {
        this.#check(result, "create");
      }
      for (const directory of missing.reverse()) {
        this.#check(files.mkdir(directory.path, 0o755), "create");
      }
      return;
    }
  }

  /** Make a file (NORMAL_FILE_TYPE) or directory (DIRECTORY_TYPE), and the directories above it. */
  create(type, permissions) {
    const kinds = Ci.nsIFile;
    if (type != kinds.NORMAL_FILE_TYPE && type != kinds.DIRECTORY_TYPE) {
      fail("NS_ERROR_FILE_UNKNOWN_TYPE", "nsIFile.create");
    }
    const make = () =>
      type == kinds.DIRECTORY_TYPE
        ? files.mkdir(this.#path, permissions & 0o7777)
        : files.write(this.#path, "", 4 | 8, permissions & 0o7777);
    let result = make();
    if (result == -ENOENT) {
      this.#makeParents();
      result = make();
    }
    this.#check(result, "create");
  }

  /** As create(); when the name is taken "-1", "-2", … is put before its extension. */
  createUnique(type, permissions) {
    const [, base, extension] = /^(.*?)(\.[^./]*)?$/s.exec(this.#path);
    for (let count = 0; count < UNIQUE_MAX; count++) {
      const path = count ? `${base}-${count}${extension ?? ""}` : this.#path;
      if (files.stat(path, false) === -ENOENT) {
        this.#path = path;
        this.create(type, permissions);
        return;
      }
    }
    fail("NS_ERROR_FILE_TOO_BIG", "nsIFile.createUnique");
  }

  /** Remove the file, the symbolic link, or the directory; one that is not empty only when @recursive. */
  remove(recursive) {
    const { mode } = this.#stat("remove", false);
    if ((mode & S_IFMT) != S_IFDIR) {
      this.#check(files.unlink(this.#path), "remove");
    } else {
      this.#check(recursive ? files.removeTree(this.#path) : files.rmdir(this.#path), "remove");
    }
  }

  #destination(parent, name, method) {
    const leaf = name === null || name === undefined || name === "" ? this.leafName : String(name);
    if (leaf.includes("/")) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", `nsIFile.${method}`);
    }
    const directory = parent ?? this.parent;
    if (directory.exists() && !directory.isDirectory()) {
      fail("NS_ERROR_FILE_DESTINATION_NOT_DIR", `nsIFile.${method}`);
    }
    const to = new File(directory.path);
    to.append(leaf);
    to.#makeParents();
    return to.path;
  }

  #copyTree(from, to, method) {
    if (!this.#check(files.stat(from, true), method)) {
      return;
    }
    const [mode] = files.stat(from, true);
    if ((mode & S_IFMT) != S_IFDIR) {
      this.#check(files.copy(from, to), method);
      return;
    }
    const made = files.mkdir(to, mode & 0o777);
    if (made != -EEXIST) {
      this.#check(made, method);
    }
    for (const name of this.#check(files.list(from), method)) {
      this.#copyTree(`${from}/${name}`, `${to}/${name}`, method);
    }
  }

  /** Copy into directory @parent (null: its own) as @name (null or "": its own). */
  copyTo(parent, name) {
    this.#copyTree(this.#path, this.#destination(parent, name, "copyTo"), "copyTo");
  }

  /** As copyTo(), and this becomes the file at its new place. */
  moveTo(parent, name) {
    const to = this.#destination(parent, name, "moveTo");
    const result = files.rename(this.#path, to);
    if (result == -EXDEV) {
      this.#copyTree(this.#path, to, "moveTo");
      this.remove(true);
    } else {
      this.#check(result, "moveTo");
    }
    this.#path = to;
  }

  /** Move; this keeps its path. */
  renameTo(parent, name) {
    this.clone().moveTo(parent, name);
  }

  /** What the directory holds: an nsIDirectoryEnumerator of files. */
  get directoryEntries() {
    const names = this.#check(files.list(this.#path), "directoryEntries");
    const prefix = this.#path == "/" ? "/" : `${this.#path}/`;
    return new DirectoryEnumerator(names.map(name => new File(prefix + name)));
  }
}
defineXpcomClass(File, ["nsIFile"], {
  nsIFile: {
    initWithPath: 1, initWithFile: 1, append: 1, appendRelativePath: 1, normalize: 0, create: 2, createUnique: 2,
    remove: 1, copyTo: 2, moveTo: 2, renameTo: 2, clone: 0, equals: 1, contains: 1, exists: 0, isReadable: 0,
    isWritable: 0, isExecutable: 0, isFile: 0, isDirectory: 0, isSymlink: 0, isHidden: 0, isSpecial: 0,
  },
});
for (const [name, value] of Object.entries({ NORMAL_FILE_TYPE: 0, DIRECTORY_TYPE: 1 })) {
  Object.defineProperty(File.prototype, name, { value, enumerable: true });
}

class DirectoryEnumerator extends Enumerator {
  /** The next file, or null at the end. */
  get nextFile() {
    return this.hasMoreElements() ? this.getNext() : null;
  }

  close() {
    [...this];
  }
}
defineXpcomClass(DirectoryEnumerator, ["nsIDirectoryEnumerator", "nsISimpleEnumerator"]);
