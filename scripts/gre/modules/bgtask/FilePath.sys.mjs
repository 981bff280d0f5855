// SPDX-License-Identifier: MPL-2.0
// The part of nsIFile that is about paths alone and asks no file system. The path is kept as it was given, but for
// slashes at its end.

import { relativePath, resolveRelative } from "resource://gre/modules/bgtask/FileTree.sys.mjs";
import { checkNative, fail, textOf } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env } = import.meta.native;

const DIRECTORY_OF_USERS = "/home/";

export function trimSlashes(path) {
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

/** "~" and "~NAME" at the beginning of a path. */
function expandHome(path) {
  const [, user, rest] = /^~([^/]*)(.*)$/s.exec(path);
  const home = user == "" ? env.facts().home ?? "" : DIRECTORY_OF_USERS + user;
  return home + rest;
}

/** For File.sys.mjs: @file becomes the one at @path, which is kept as it is. */
export let setPath;

export class FilePath {
  #path = "";

  static {
    setPath = (file, path) => {
      file.#path = path;
    };
  }

  /** @param {string} [path] absolute */
  constructor(path) {
    if (path !== undefined) {
      this.#path = trimSlashes(path);
    }
  }

  get path() {
    return this.#path;
  }

  get leafName() {
    return this.#path.slice(this.#path.lastIndexOf("/") + 1);
  }

  /** The last name is replaced, whatever is in the new one. */
  set leafName(name) {
    this.#path = this.#path.slice(0, this.#path.lastIndexOf("/") + 1) + textOf(name);
  }

  get displayName() {
    return this.leafName;
  }

  /** The directory that holds it, or null at the root. */
  get parent() {
    if (this.#path == "") {
      fail("NS_ERROR_NOT_INITIALIZED", "nsIFile.parent");
    }
    if (this.#path == "/") {
      return null;
    }
    return new this.constructor(this.#path.slice(0, this.#path.lastIndexOf("/")) || "/");
  }

  get persistentDescriptor() {
    return this.#path;
  }

  set persistentDescriptor(path) {
    this.#init(textOf(path), "persistentDescriptor");
  }

  #init(text, method) {
    const path = text.startsWith("~") ? expandHome(text) : text;
    if (!path.startsWith("/")) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", `nsIFile.${method}`);
    }
    this.#path = trimSlashes(path);
  }

  initWithPath(path) {
    this.#init(textOf(path), "initWithPath");
  }

  initWithFile(file) {
    checkNative(file, "nsIFile", "nsIFile.initWithFile");
    if (file.path == "") {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsIFile.initWithFile");
    }
    this.#init(file.path, "initWithFile");
  }

  /** Add one name. */
  append(name) {
    const text = textOf(name);
    if (text.includes("/") || text == "..") {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", "nsIFile.append");
    }
    this.#extend(text);
  }

  /** Add names with slashes between; none may be "..". */
  appendRelativePath(path) {
    const text = textOf(path);
    if (text.startsWith("/") || text.split("/").includes("..")) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", "nsIFile.appendRelativePath");
    }
    this.#extend(text);
  }

  #extend(text) {
    if (text != "") {
      this.#path = this.#path.endsWith("/") ? this.#path + text : `${this.#path}/${text}`;
    }
  }

  clone() {
    const copy = new this.constructor();
    copy.#path = this.#path;
    return copy;
  }

  equals(file) {
    checkNative(file, "nsIFile", "nsIFile.equals");
    return file.path === this.#path;
  }

  /** Whether @file is below this directory, by their paths. The root contains nothing, as in Gecko. */
  contains(file) {
    checkNative(file, "nsIFile", "nsIFile.contains");
    return file.path.startsWith(`${this.#path}/`);
  }

  isHidden() {
    return this.leafName.startsWith(".");
  }

  /** The way from @file to this: names with slashes, ".." for each one up. */
  getRelativePath(file) {
    checkNative(file, "nsIFile", "nsIFile.getRelativePath");
    return relativePath(file.path, this.#path);
  }

  /** Become what @path, as getRelativePath() gives it, leads to from @file. */
  setRelativePath(file, path) {
    this.#setRelative(file, textOf(path), "setRelativePath");
  }

  #setRelative(file, path, method) {
    checkNative(file, "nsIFile", `nsIFile.${method}`);
    const resolved = resolveRelative(file.path, path);
    if (resolved === null) {
      fail("NS_ERROR_FILE_UNRECOGNIZED_PATH", `nsIFile.${method}`);
    }
    this.#path = resolved;
  }

  /** The same in the bytes of UTF-8, each as a character. */
  getRelativeDescriptor(file) {
    checkNative(file, "nsIFile", "nsIFile.getRelativeDescriptor");
    return unescape(encodeURIComponent(relativePath(file.path, this.#path)));
  }

  setRelativeDescriptor(file, descriptor) {
    const bytes = textOf(descriptor);
    let path = bytes;
    try {
      path = decodeURIComponent(escape(bytes));
    } catch {
      // It was no UTF-8.
    }
    this.#setRelative(file, path, "setRelativeDescriptor");
  }
}
