// SPDX-License-Identifier: MPL-2.0
// nsIFile: a path (FilePath.sys.mjs) with operations on what is there.
//
// Other than in Gecko, where that is a trap: a relative symbolic link with ".." in it is followed, setRelativePath()
// takes every ".." back by one name, copying a directory into itself, or one with a link to a directory above it, fails (Gecko
// does not end), a time of 0 is 1970, and `undefined` is no path.

import { FILE_CONSTANTS } from "resource://gre/modules/bgtask/Constants.sys.mjs";
import { Enumerator } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import {
  copyTree,
  makeDirectories,
  moveTree,
  parentOf,
  removeTree,
} from "resource://gre/modules/bgtask/FileTree.sys.mjs";
import { FilePath, normalizePath, setPath, trimSlashes } from "resource://gre/modules/bgtask/FilePath.sys.mjs";
import {
  checkNative,
  defineConstants,
  defineXpcomClass,
  errors,
  fail,
  isObject,
  textOf,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { files, nsfile } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;

const ENOENT = 2;
const ENOTDIR = 20;
const ELOOP = 40;

/** What files.write() returns is below this when the file could be opened (builtin_files.c). */
const WRITE_FAILED = -10000;

/** How many names createUnique() tries, and how long a name may be, the number that it puts in included. */
const UNIQUE_MAX = 10000;
const NAME_MAX_BYTES = 255;
const NUMBER_BYTES = 5;
/** How many symbolic links may lead to one another. */
const LINKS_MAX = 40;

const { DIRECTORY_TYPE, NORMAL_FILE_TYPE } = FILE_CONSTANTS;

function utf8Size(text) {
  return unescape(encodeURIComponent(text)).length;
}

/** The beginning of @text that has at most @max bytes. */
function cutBytes(text, max) {
  const characters = [...text];
  while (utf8Size(characters.join("")) > max) {
    characters.pop();
  }
  return characters.join("");
}

export { normalizePath };

export class File extends FilePath {
  /** Throw for a negative errno, else return the result. */
  #check(result, method) {
    if (typeof result == "number" && result < 0) {
      const name = result == -ENOTDIR ? "NS_ERROR_FILE_DESTINATION_NOT_DIR" : errors().errnoResult(-result);
      fail(name, `nsIFile.${method}`);
    }
    return result;
  }

  #requirePath(method, name = "NS_ERROR_NOT_INITIALIZED") {
    if (this.path == "") {
      fail(name, `nsIFile.${method}`);
    }
  }

  #stat(method, follow = true) {
    this.#requirePath(method);
    const [mode, size, accessedMs, modifiedMs] = this.#check(files.stat(this.path, follow), method);
    return { mode, size, accessedMs, modifiedMs };
  }

  /** Whether it is of that kind; of a link that leads nowhere nothing is true but that it is a link. */
  #isKind(method, kinds) {
    this.#requirePath(method, "NS_ERROR_FILE_NOT_FOUND");
    let found = files.stat(this.path, true);
    if (typeof found == "number") {
      found = files.stat(this.path, false);
    }
    const [mode] = this.#check(found, method);
    return kinds.includes(mode & S_IFMT);
  }

  /** Resolve ".", ".." and symbolic links; it must exist. */
  normalize() {
    this.#requirePath("normalize", "NS_ERROR_FILE_NOT_FOUND");
    setPath(this, this.#check(files.realpath(this.path), "normalize"));
  }

  exists() {
    this.#requirePath("exists");
    return files.access(this.path, 0) == 0;
  }

  #access(method, mode) {
    this.#requirePath(method);
    const result = files.access(this.path, mode);
    if (result == -ENOENT || result == -ELOOP || result == -ENOTDIR) {
      this.#check(result, method);
    }
    return result == 0;
  }

  isReadable() {
    return this.#access("isReadable", 4);
  }

  isWritable() {
    return this.#access("isWritable", 2);
  }

  /** A directory that can be entered is, too; so is whatever is called .jar. */
  isExecutable() {
    return this.#access("isExecutable", 1) || /\.jar$/i.test(this.path);
  }

  isFile() {
    return this.#isKind("isFile", [S_IFREG]);
  }

  isDirectory() {
    return this.#isKind("isDirectory", [S_IFDIR]);
  }

  isSymlink() {
    return (this.#stat("isSymlink", false).mode & S_IFMT) == S_IFLNK;
  }

  /** Neither a file nor a directory nor a symbolic link. */
  isSpecial() {
    return !this.#isKind("isSpecial", [S_IFREG, S_IFDIR, S_IFLNK]);
  }

  /** Bytes; of a directory 0, of a link that leads nowhere its own. */
  get fileSize() {
    this.#requirePath("fileSize", "NS_ERROR_FILE_NOT_FOUND");
    let found = files.stat(this.path, true);
    if (typeof found == "number") {
      found = files.stat(this.path, false);
    }
    const [mode, size] = this.#check(found, "fileSize");
    return (mode & S_IFMT) == S_IFDIR ? 0 : size;
  }

  /** Cut it short, or extend it with zeros. */
  set fileSize(size) {
    this.#check(nsfile.truncate(this.path, Math.trunc(Number(size))), "fileSize");
  }

  get fileSizeOfLink() {
    return this.#stat("fileSizeOfLink", false).size;
  }

  /** Milliseconds since 1970, as all times. */
  get lastModifiedTime() {
    return this.#stat("lastModifiedTime").modifiedMs;
  }

  set lastModifiedTime(timeMs) {
    this.#check(files.setTime(this.path, true, Math.trunc(Number(timeMs))), "lastModifiedTime");
  }

  get lastModifiedTimeOfLink() {
    return this.#stat("lastModifiedTimeOfLink", false).modifiedMs;
  }

  set lastModifiedTimeOfLink(timeMs) {
    this.#check(nsfile.setLinkTime(this.path, true, Number(timeMs)), "lastModifiedTimeOfLink");
  }

  get lastAccessedTime() {
    return this.#stat("lastAccessedTime").accessedMs;
  }

  set lastAccessedTime(timeMs) {
    this.#check(files.setTime(this.path, false, Math.trunc(Number(timeMs))), "lastAccessedTime");
  }

  get lastAccessedTimeOfLink() {
    return this.#stat("lastAccessedTimeOfLink", false).accessedMs;
  }

  set lastAccessedTimeOfLink(timeMs) {
    this.#check(nsfile.setLinkTime(this.path, false, Number(timeMs)), "lastAccessedTimeOfLink");
  }

  /** Not known on Linux, here and in Gecko. */
  get creationTime() {
    this.#requirePath("creationTime");
    return fail("NS_ERROR_NOT_IMPLEMENTED", "nsIFile.creationTime");
  }

  get creationTimeOfLink() {
    this.#requirePath("creationTimeOfLink");
    return fail("NS_ERROR_NOT_IMPLEMENTED", "nsIFile.creationTimeOfLink");
  }

  get permissions() {
    this.#requirePath("permissions", "NS_ERROR_FILE_NOT_FOUND");
    return this.#stat("permissions").mode & 0o777;
  }

  set permissions(mode) {
    this.#check(files.chmod(this.path, Number(mode) & 0o7777), "permissions");
  }

  get permissionsOfLink() {
    return this.#stat("permissionsOfLink", false).mode & 0o777;
  }

  /** Links have none of their own. */
  set permissionsOfLink(mode) {
    fail("NS_ERROR_NOT_IMPLEMENTED", "nsIFile.permissionsOfLink");
  }

  /** Free for this user, in bytes, on the volume that it is on. */
  get diskSpaceAvailable() {
    return this.#space("diskSpaceAvailable")[0];
  }

  get diskCapacity() {
    return this.#space("diskCapacity")[1];
  }

  #space(method) {
    this.#requirePath(method);
    const space = nsfile.space(this.path);
    return typeof space == "number" ? fail("NS_ERROR_FAILURE", `nsIFile.${method}`) : space;
  }

  /** Where a symbolic link leads in the end, absolute; it need not exist. */
  get target() {
    if ((this.#stat("target", false).mode & S_IFMT) != S_IFLNK) {
      fail("NS_ERROR_FILE_INVALID_PATH", "nsIFile.target");
    }
    let path = this.path;
    for (let count = 0; ; count++) {
      const target = files.readlink(path);
      if (typeof target == "number") {
        return path;
      }
      if (count == LINKS_MAX) {
        this.#check(-ELOOP, "target");
      }
      const base = target.startsWith("/") ? target : `${path.slice(0, path.lastIndexOf("/"))}/${target}`;
      path = target.startsWith("/") ? trimSlashes(base) : normalizePath(base);
    }
  }

  /** Make a file (NORMAL_FILE_TYPE) or directory (DIRECTORY_TYPE), and the directories above it unless @skipAncestors. */
  create(type, permissions, skipAncestors = false) {
    this.#create(Number(type), Number(permissions) & 0o7777, Boolean(skipAncestors), "create");
  }

  #create(type, permissions, skipAncestors, method) {
    if (type != NORMAL_FILE_TYPE && type != DIRECTORY_TYPE) {
      fail("NS_ERROR_FILE_UNKNOWN_TYPE", `nsIFile.${method}`);
    }
    this.#requirePath(method, "NS_ERROR_FILE_NOT_FOUND");
    const make = () =>
      type == DIRECTORY_TYPE ? files.mkdir(this.path, permissions) : files.write(this.path, "", 4 | 8, permissions);
    let result = make();
    if (result == -ENOENT && !skipAncestors) {
      // Whoever may read may enter.
      this.#makeAncestors(permissions | ((permissions & 0o444) >> 2), method);
      result = make();
    }
    this.#check(result <= WRITE_FAILED ? result - WRITE_FAILED : result, method);
  }

  #makeAncestors(mode, method) {
    const { parent } = this;
    this.#check(parent ? makeDirectories(parent.path, mode) : 0, method);
  }

  /** As create(); when the name is taken "-1", "-2", … is put before its extension. Names too long are cut. */
  createUnique(type, permissions, skipAncestors = false) {
    const method = "createUnique";
    this.#requirePath(method, "NS_ERROR_FILE_NOT_FOUND");
    const directory = this.path.slice(0, this.path.lastIndexOf("/") + 1);
    const { leafName } = this;
    const dot = leafName.lastIndexOf(".");
    const extension = dot < 0 ? "" : leafName.slice(dot);
    const room = NAME_MAX_BYTES - NUMBER_BYTES - utf8Size(extension);
    if (room <= 0) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", `nsIFile.${method}`);
    }
    const base = cutBytes(dot < 0 ? leafName : leafName.slice(0, dot), room);
    for (let count = 0; count < UNIQUE_MAX; count++) {
      setPath(this, `${directory}${base}${count ? `-${count}` : ""}${extension}`);
      try {
        this.#create(Number(type), Number(permissions) & 0o7777, Boolean(skipAncestors), method);
        return;
      } catch (error) {
        if (error.result != Cr.NS_ERROR_FILE_ALREADY_EXISTS) {
          throw error;
        }
      }
    }
    fail("NS_ERROR_FILE_TOO_BIG", `nsIFile.${method}`);
  }

  /**
   * Remove the file, the symbolic link, or the directory; one that is not empty only when @recursive.
   * @param {object} [count] its member `value` is raised by how many files and directories went
   */
  remove(recursive, count) {
    const where = "nsIFile.remove";
    if (count !== undefined && !isObject(count)) {
      throw errors().makeException(`'Out' argument must be an object arg 1 [${where}]`, 0x80570002);
    }
    const { mode } = this.#stat("remove", false);
    const counter = { value: Number(count?.value) >>> 0 };
    try {
      if ((mode & S_IFMT) == S_IFDIR && recursive) {
        this.#check(removeTree(this.path, counter), "remove");
      } else {
        this.#check((mode & S_IFMT) == S_IFDIR ? files.rmdir(this.path) : files.unlink(this.path), "remove");
        counter.value++;
      }
    } finally {
      if (count) {
        count.value = counter.value;
      }
    }
  }

  /** What the arguments (directory, name) of copying and moving stand for. */
  #destination(parent, name, method) {
    if (parent !== null && parent !== undefined) {
      checkNative(parent, "nsIFile", `nsIFile.${method}`);
    }
    this.#requirePath(method);
    const directory = (parent ?? this.parent)?.path ?? "/";
    const found = files.stat(directory, true);
    if (typeof found != "number" && (found[0] & S_IFMT) != S_IFDIR) {
      fail("NS_ERROR_FILE_DESTINATION_NOT_DIR", `nsIFile.${method}`);
    }
    if (typeof found == "number") {
      this.#check(makeDirectories(directory, 0o755), method);
    }
    return `${directory == "/" ? "" : directory}/${textOf(name) || this.leafName}`;
  }

  #copy(parent, name, method) {
    const to = this.#destination(parent, name, method);
    const [mode] = this.#check(files.stat(this.path, true), method);
    const found = files.stat(to, true);
    const isDirectory = (mode & S_IFMT) == S_IFDIR;
    const ontoDirectory = typeof found != "number" && (found[0] & S_IFMT) == S_IFDIR;
    if (!isDirectory && ontoDirectory) {
      fail("NS_ERROR_FILE_IS_DIRECTORY", `nsIFile.${method}`);
    }
    if (isDirectory && !ontoDirectory && typeof found != "number") {
      fail("NS_ERROR_FILE_DESTINATION_NOT_DIR", `nsIFile.${method}`);
    }
    // One that is there already gets the copy inside.
    const target = isDirectory && ontoDirectory ? `${to}/${this.leafName}` : to;
    if (isDirectory && `${target}/`.startsWith(`${this.path}/`)) {
      fail("NS_ERROR_FILE_COPY_OR_MOVE_FAILED", `nsIFile.${method}`);
    }
    this.#check(makeDirectories(parentOf(target), 0o755), method);
    this.#check(copyTree(this.path, target), method);
  }

  /** Copy into directory @parent (null: its own) as @name (null or "": its own). Links are followed. */
  copyTo(parent, name) {
    this.#copy(parent, name, "copyTo");
  }

  copyToFollowingLinks(parent, name) {
    this.#copy(parent, name, "copyToFollowingLinks");
  }

  #move(parent, name, method) {
    const to = this.#destination(parent, name, method);
    this.#check(moveTree(this.path, to), method);
    return to;
  }

  /** As copyTo(), and this becomes the file at its new place. */
  moveTo(parent, name) {
    setPath(this, this.#move(parent, name, "moveTo"));
  }

  moveToFollowingLinks(parent, name) {
    setPath(this, this.#move(parent, name, "moveToFollowingLinks"));
  }

  /** Move; this keeps its path. */
  renameTo(parent, name) {
    this.#move(parent, name, "renameTo");
  }

  /** What the directory holds: an nsIDirectoryEnumerator of files. */
  get directoryEntries() {
    this.#requirePath("directoryEntries", "NS_ERROR_FILE_INVALID_PATH");
    const names = this.#check(files.list(this.path), "directoryEntries");
    const prefix = this.path == "/" ? "/" : `${this.path}/`;
    return new DirectoryEnumerator(names.map(name => new File(prefix + name)));
  }

  /** The path outside of a container of programs; there is none here. */
  async hostPath() {
    return this.path;
  }

  /** There is no desktop to show it on. */
  reveal() {}

  launch() {
    fail("NS_ERROR_FAILURE", "nsIFile.launch");
  }
}
defineXpcomClass(File, ["nsIFile"], {
  nsIFile: {
    initWithPath: 1, initWithFile: 1, append: 1, appendRelativePath: 1, normalize: 0, create: [2, 3], createUnique: [2, 3],
    remove: [1, 2], copyTo: 2, copyToFollowingLinks: 2, moveTo: 2, moveToFollowingLinks: 2, renameTo: 2, clone: 0,
    equals: 1, contains: 1, exists: 0, isReadable: 0, isWritable: 0, isExecutable: 0, isFile: 0, isDirectory: 0,
    isSymlink: 0, isHidden: 0, isSpecial: 0, getRelativePath: 1, setRelativePath: 2, getRelativeDescriptor: 1,
    setRelativeDescriptor: 2, hostPath: 0, reveal: 0, launch: 0,
  },
});
defineConstants(File, "nsIFile", FILE_CONSTANTS);

class DirectoryEnumerator extends Enumerator {
  /** The next file, or null at the end. */
  get nextFile() {
    return this.hasMoreElements() ? this.getNext() : null;
  }

  close() {
    [...this];
  }
}
defineXpcomClass(DirectoryEnumerator, ["nsIDirectoryEnumerator", "nsISimpleEnumerator"], {
  nsIDirectoryEnumerator: { close: 0 },
});
DirectoryEnumerator.prototype.toString = () => "[xpconnect wrapped nsIDirectoryEnumerator]";
