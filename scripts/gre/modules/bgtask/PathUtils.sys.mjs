// SPDX-License-Identifier: MPL-2.0
// PathUtils: paths as text. Errors are DOMExceptions whose messages begin with "PathUtils.METHOD: ".

import { errnoResult, domFailure } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { requireArguments, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";
import { missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, files, runtime } = import.meta.native;

const ENOTDIR = 20;
const NOT_DIR = "NS_ERROR_FILE_DESTINATION_NOT_DIR";
const UNRECOGNIZED = "NS_ERROR_FILE_UNRECOGNIZED_PATH";

function refuse(name, method, message) {
  throw domFailure(name, `PathUtils.${method}: ${message}`);
}

/** An absolute path, without slashes at its end. */
function checkPath(path, method) {
  const text = String(path);
  if (text == "") {
    refuse("NS_ERROR_FILE_ACCESS_DENIED", method, "PathUtils does not support empty paths");
  }
  if (!text.startsWith("/")) {
    refuse(UNRECOGNIZED, method, `Could not initialize path: ${UNRECOGNIZED}`);
  }
  return text.replace(/\/+$/, "") || "/";
}

function leafOf(path) {
  return path == "/" ? "/" : path.slice(path.lastIndexOf("/") + 1);
}

function parentOf(path) {
  return path == "/" ? null : path.slice(0, path.lastIndexOf("/")).replace(/\/+$/, "") || "/";
}

function concatenate(base, part) {
  if (part == "") {
    return base;
  }
  return base.endsWith("/") ? base + part : `${base}/${part}`;
}

function splitAbsolute(path) {
  return ["/", ...path.split("/").filter(part => part != "")];
}

export const PathUtils = {
  /** The last name of @path. */
  filename(path) {
    requireArguments("PathUtils.filename", arguments, 1);
    return leafOf(checkPath(path, "filename"));
  },

  /** The directory @depth levels up, or null above the root. */
  parent(path, depth = 1) {
    requireArguments("PathUtils.parent", arguments, 1);
    const text = checkPath(path, "parent");
    const levels = Number(depth) | 0;
    if (levels < 1) {
      const { DOMException } = runtime.load("resource://gre/modules/bgtask/DOMException.sys.mjs");
      throw new DOMException("PathUtils.parent: A depth of at least 1 is required", "NotSupportedError");
    }
    let result = text;
    for (let level = 0; level < levels && result !== null; level++) {
      result = parentOf(result);
    }
    return result;
  },

  /** One absolute path and names, which may not hold "/" nor be "..". */
  join(...components) {
    let result = checkPath(components[0] ?? "", "join");
    for (const component of components.slice(1)) {
      const part = String(component);
      if (part.includes("/") || part == "..") {
        refuse(UNRECOGNIZED, "join", `Could not append to path: ${UNRECOGNIZED}`);
      }
      result = concatenate(result, part);
    }
    return result;
  },

  /** An absolute path and a relative one, which may not hold "..". */
  joinRelative(base, relative) {
    requireArguments("PathUtils.joinRelative", arguments, 2);
    const path = checkPath(base, "joinRelative");
    const rest = String(relative);
    if (rest.startsWith("/") || rest.split("/").includes("..")) {
      refuse(UNRECOGNIZED, "joinRelative", `Could not append to path: ${UNRECOGNIZED}`);
    }
    return concatenate(path, rest);
  },

  /** Without ".", ".." and symbolic links; it must exist. */
  normalize(path) {
    requireArguments("PathUtils.normalize", arguments, 1);
    const resolved = files.realpath(checkPath(path, "normalize"));
    if (typeof resolved == "number") {
      // UnknownError whatever went wrong, as in Gecko; the message says what.
      refuse("NS_ERROR_FAILURE", "normalize", `Could not normalize path: ${resolved == -ENOTDIR ? NOT_DIR : errnoResult(-resolved)}`);
    }
    return resolved;
  },

  /** "/" and the names of an absolute path. */
  split(path) {
    requireArguments("PathUtils.split", arguments, 1);
    return splitAbsolute(checkPath(path, "split"));
  },

  /** The names of a relative path. options: allowEmpty, allowCurrentDir ("."), allowParentDir (".."). */
  splitRelative(path, options = undefined) {
    requireArguments("PathUtils.splitRelative", arguments, 1);
    const dictionary = toDictionary("PathUtils.splitRelative: Argument 2", options);
    const { allowEmpty, allowCurrentDir, allowParentDir } = dictionary;
    const text = String(path);
    const say = message => refuse("NS_ERROR_FILE_ACCESS_DENIED", "splitRelative", message);
    if (text == "") {
      say("PathUtils does not support empty paths");
    }
    if (text.startsWith("/")) {
      say("PathUtils.splitRelative requires a relative path");
    }
    const parts = text.replace(/\/$/, "").split("/");
    const check = (part, allowed, what) => {
      if (!allowed && parts.includes(part)) {
        say(`PathUtils.splitRelative: ${what} directory components ("${part}") not allowed by options`);
      }
    };
    check("", allowEmpty, "Empty");
    check("..", allowParentDir, "Parent");
    check(".", allowCurrentDir, "Current");
    return parts;
  },

  isAbsolute(path) {
    requireArguments("PathUtils.isAbsolute", arguments, 1);
    return /^(\/|~(\/|$))/.test(path);
  },

  toFileURI(path) {
    requireArguments("PathUtils.toFileURI", arguments, 1);
    const { pathToFileURI } = runtime.load("resource://gre/modules/bgtask/Uri.sys.mjs");
    return pathToFileURI(checkPath(path, "toFileURI"));
  },

  toExtendedWindowsPath(path) {
    requireArguments("PathUtils.toExtendedWindowsPath", arguments, 1);
    throw domFailure(
      "NS_ERROR_FILE_ACCESS_DENIED",
      "PathUtils.toExtendedWindowsPath: Operation is windows specific"
    );
  },

  /** The run's own directory. */
  get profileDir() {
    return env.facts().profile;
  },

  get localProfileDir() {
    return env.facts().profile;
  },

  /** What is in place of libxul here: the program. */
  get xulLibraryPath() {
    return env.facts().program;
  },

  get tempDir() {
    return env.facts().temporaryDirectory;
  },
};
Object.defineProperty(PathUtils, Symbol.toStringTag, { value: "PathUtils" });
Object.setPrototypeOf(PathUtils, missingNames("member", ["PathUtils"]));
