// SPDX-License-Identifier: MPL-2.0
// Exceptions of the platform: Components.Exception, and what a failed system call is called.
//
// An error that the library throws belongs to the line of the task that made the call: positions and stacks are
// taken without the library's own frames.

import { RESULTS, resultMessage, resultName } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { INTERFACES, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const LIBRARY_FRAME = /@resource:\/\/gre\/modules\/(?!backgroundtasks\/)/;
const FRAME = /^(.*?)@(.*?):(\d+)(?::(\d+))?$/;

/**
 * A stack in the engine's form without the frames of the library above the task's own; one frame a line.
 * @param {string} stack
 */
export function taskStack(stack = new Error().stack) {
  const lines = stack.split("\n");
  const first = lines.findIndex(line => line && !LIBRARY_FRAME.test(line));
  return first < 0 ? stack : lines.slice(first).join("\n");
}

/**
 * The frames of a stack: { name, filename, lineNumber, columnNumber, isAsync }, innermost first. isAsync: it
 * did not call the frame before it, but waited for it.
 */
export function stackFrames(stack) {
  const frames = [];
  for (const line of stack.split("\n")) {
    const match = FRAME.exec(line);
    if (match) {
      const [, name, filename, lineNumber, columnNumber = 0] = match;
      frames.push({
        name: name.slice(name.lastIndexOf("*") + 1),
        filename,
        lineNumber: Number(lineNumber),
        columnNumber: Number(columnNumber),
        isAsync: name.includes("*"),
      });
    }
  }
  return frames;
}

/** What Components.stack and an exception's location are: a frame with its callers. */
class StackFrame {
  #frames;
  #index;

  constructor(frames, index) {
    this.#frames = frames;
    this.#index = index;
    const { isAsync, ...frame } = frames[index];
    Object.assign(this, frame, { sourceId: 0, asyncCause: isAsync ? "async" : null, asyncCaller: null });
  }

  get caller() {
    return this.#index + 1 < this.#frames.length ? new StackFrame(this.#frames, this.#index + 1) : null;
  }

  get formattedStack() {
    return this.#frames
      .slice(this.#index)
      .map(frame => `${frame.name}@${frame.filename}:${frame.lineNumber}:${frame.columnNumber}\n`)
      .join("");
  }

  toString() {
    return `JS frame :: ${this.filename} :: ${this.name || "<TOP_LEVEL>"} :: line ${this.lineNumber}`;
  }
}

Object.defineProperty(StackFrame.prototype, INTERFACES, { value: ["nsIStackFrame", "nsISupports"] });
for (const name of ["caller", "formattedStack"]) {
  Object.defineProperty(StackFrame.prototype, name, { enumerable: true });
}

/** For work in the background that fails: no line of the task is where it did. */
export const NOWHERE = { formattedStack: "", toString: () => "<unknown>" };

/** The frame that called the library, or null when no JS called it. */
export function callerFrame(stack = taskStack()) {
  const frames = stackFrames(stack);
  return frames.length ? new StackFrame(frames, 0) : null;
}

/** nsIException: an error with a result code. Not an Error, as in Gecko. */
class Exception {
  #message;
  #result;
  #data;
  #stack;
  #location;

  constructor(message, result, location, data) {
    this.#message = message;
    this.#result = result >>> 0;
    this.#data = data;
    this.#stack = location ? location.formattedStack : taskStack();
    this.#location = location ?? callerFrame(this.#stack);
  }

  get name() {
    return resultName(this.#result);
  }

  get message() {
    return this.#message;
  }

  get result() {
    return this.#result;
  }

  get filename() {
    return this.#location?.filename ?? "";
  }

  get lineNumber() {
    return this.#location?.lineNumber ?? 0;
  }

  get columnNumber() {
    return this.#location?.columnNumber ?? 0;
  }

  get data() {
    return this.#data;
  }

  get stack() {
    return this.#stack;
  }

  get location() {
    return this.#location;
  }

  toString() {
    const code = `0x${this.#result.toString(16)} (${this.name || "<unknown>"})`;
    return (
      `[Exception... "${this.#message || resultMessage(this.#result)}"  nsresult: "${code}"  ` +
      `location: "${this.#location ?? "<unknown>"}"  data: ${this.#data ? "yes" : "no"}]`
    );
  }

  static is(value) {
    return typeof value == "object" && value !== null && #result in value;
  }
}
Object.defineProperty(Exception.prototype, INTERFACES, { value: ["nsIException", "nsISupports"] });
Object.defineProperty(Exception.prototype, Symbol.toStringTag, { value: "Exception" });
for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(Exception.prototype))) {
  if (get) {
    Object.defineProperty(Exception.prototype, name, { enumerable: true });
  }
}
Object.defineProperty(Exception.prototype, "constructor", { value: Object });

/**
 * Components.Exception(message, result, stack, data), with or without `new`. In place of the result an object
 * { result, stack, data } may stand.
 */
export function makeException(message = "exception", result = RESULTS.NS_ERROR_FAILURE, stack = null, data = null) {
  if (typeof result == "object" && result !== null) {
    const { result: code = RESULTS.NS_ERROR_FAILURE, stack: location, data: attached = null } = result;
    return new Exception(String(message), code, location, isObject(attached) ? attached : null);
  }
  return new Exception(String(message), Number(result), stack, data);
}

export const isException = Exception.is;

/**
 * What a method of an XPCOM object throws when it fails.
 * @param {string} name of the result, e.g. "NS_ERROR_FAILURE"
 * @param {string} where "nsIFile.create"
 */
export function failure(name, where) {
  const result = RESULTS[name];
  const code = `0x${result.toString(16)} (${resultName(result)})`;
  return makeException(`Component returned failure code: ${code} [${where}]`, result);
}

/** Errno values as results; what is not here is NS_ERROR_FAILURE. Linux's numbers. */
const ERRNO_RESULTS = {
  1: "NS_ERROR_FILE_ACCESS_DENIED", // EPERM
  2: "NS_ERROR_FILE_NOT_FOUND", // ENOENT
  12: "NS_ERROR_OUT_OF_MEMORY", // ENOMEM
  13: "NS_ERROR_FILE_ACCESS_DENIED", // EACCES
  17: "NS_ERROR_FILE_ALREADY_EXISTS", // EEXIST
  20: "NS_ERROR_FILE_NOT_DIRECTORY", // ENOTDIR
  21: "NS_ERROR_FILE_IS_DIRECTORY", // EISDIR
  26: "NS_ERROR_FILE_ACCESS_DENIED", // ETXTBSY
  27: "NS_ERROR_FILE_TOO_BIG", // EFBIG
  28: "NS_ERROR_FILE_NO_DEVICE_SPACE", // ENOSPC
  30: "NS_ERROR_FILE_READ_ONLY", // EROFS
  36: "NS_ERROR_FILE_NAME_TOO_LONG", // ENAMETOOLONG
  39: "NS_ERROR_FILE_DIR_NOT_EMPTY", // ENOTEMPTY
  40: "NS_ERROR_FILE_UNRESOLVABLE_SYMLINK", // ELOOP
  84: "NS_ERROR_FILE_CORRUPTED", // EILSEQ
  122: "NS_ERROR_FILE_NO_DEVICE_SPACE", // EDQUOT
};

/** The name of the result that stands for a (positive) errno. */
export function errnoResult(errno) {
  return ERRNO_RESULTS[errno] ?? "NS_ERROR_FAILURE";
}

/** Results of files as names of DOMExceptions; what is not here is UnknownError. */
const DOM_NAMES = {
  NS_ERROR_ABORT: "AbortError",
  NS_ERROR_FILE_ACCESS_DENIED: "NotAllowedError",
  NS_ERROR_FILE_ALREADY_EXISTS: "NoModificationAllowedError",
  NS_ERROR_FILE_COPY_OR_MOVE_FAILED: "OperationError",
  NS_ERROR_FILE_CORRUPTED: "NotReadableError",
  NS_ERROR_FILE_DESTINATION_NOT_DIR: "InvalidAccessError",
  NS_ERROR_FILE_DIR_NOT_EMPTY: "OperationError",
  NS_ERROR_FILE_IS_DIRECTORY: "InvalidAccessError",
  NS_ERROR_FILE_NAME_TOO_LONG: "OperationError",
  NS_ERROR_FILE_NOT_DIRECTORY: "InvalidAccessError",
  NS_ERROR_FILE_NOT_FOUND: "NotFoundError",
  NS_ERROR_FILE_NO_DEVICE_SPACE: "NotReadableError",
  NS_ERROR_FILE_READ_ONLY: "ReadOnlyError",
  NS_ERROR_FILE_TOO_BIG: "NotReadableError",
  NS_ERROR_FILE_UNRECOGNIZED_PATH: "OperationError",
  NS_ERROR_FILE_UNRESOLVABLE_SYMLINK: "NotFoundError",
  NS_ERROR_ILLEGAL_INPUT: "DataError",
};

/** A DOMException for the result @name; IOUtils and PathUtils reject with these. */
export function domFailure(name, message) {
  const { runtime } = import.meta.native;
  const { DOMException } = runtime.load("resource://gre/modules/bgtask/DOMException.sys.mjs");
  return new DOMException(message, DOM_NAMES[name] ?? "UnknownError");
}
