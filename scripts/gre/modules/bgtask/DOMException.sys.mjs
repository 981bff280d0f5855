// SPDX-License-Identifier: MPL-2.0
// DOMException, with the legacy codes of Web IDL and Gecko's result, filename, line and column.

import { callerFrame, taskStack } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { defineInterface } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

/** Names with their code (0: none) and result, in the order of Web IDL's table. */
const NAMES = {
  IndexSizeError: [1, 0x80530001],
  HierarchyRequestError: [3, 0x80530003],
  WrongDocumentError: [4, 0x80530004],
  InvalidCharacterError: [5, 0x80530005],
  NoModificationAllowedError: [7, 0x80530007],
  NotFoundError: [8, 0x80530008],
  NotSupportedError: [9, 0x80530009],
  InUseAttributeError: [10, 0x8053000a],
  InvalidStateError: [11, 0x8053000b],
  SyntaxError: [12, 0x8053000c],
  InvalidModificationError: [13, 0x8053000d],
  NamespaceError: [14, 0x8053000e],
  InvalidAccessError: [15, 0x8053000f],
  TypeMismatchError: [17, 0x80530011],
  SecurityError: [18, 0x80530012],
  NetworkError: [19, 0x80530013],
  AbortError: [20, 0x80530014],
  URLMismatchError: [21, 0x80530015],
  QuotaExceededError: [22, 0x80530016],
  TimeoutError: [23, 0x80530017],
  InvalidNodeTypeError: [24, 0x80530018],
  DataCloneError: [25, 0x80530019],
  EncodingError: [0, 0x8053001c],
  UnknownError: [0, 0x8053001e],
  DataError: [0, 0x8053001f],
  OperationError: [0, 0x80530020],
  NotAllowedError: [0, 0x80530021],
  NotReadableError: [0, 0x80650001],
  ConstraintError: [0, 0x80660004],
  TransactionInactiveError: [0, 0x80660007],
  ReadOnlyError: [0, 0x80660009],
  VersionError: [0, 0x8066000c],
};

const CONSTANTS = [
  "INDEX_SIZE_ERR", "DOMSTRING_SIZE_ERR", "HIERARCHY_REQUEST_ERR", "WRONG_DOCUMENT_ERR", "INVALID_CHARACTER_ERR",
  "NO_DATA_ALLOWED_ERR", "NO_MODIFICATION_ALLOWED_ERR", "NOT_FOUND_ERR", "NOT_SUPPORTED_ERR",
  "INUSE_ATTRIBUTE_ERR", "INVALID_STATE_ERR", "SYNTAX_ERR", "INVALID_MODIFICATION_ERR", "NAMESPACE_ERR",
  "INVALID_ACCESS_ERR", "VALIDATION_ERR", "TYPE_MISMATCH_ERR", "SECURITY_ERR", "NETWORK_ERR", "ABORT_ERR",
  "URL_MISMATCH_ERR", "QUOTA_EXCEEDED_ERR", "TIMEOUT_ERR", "INVALID_NODE_TYPE_ERR", "DATA_CLONE_ERR",
];

export class DOMException extends Error {
  #message;
  #name;
  #location;
  #stack;

  constructor(message = "", nameOrOptions = "Error") {
    const stack = taskStack();
    const location = callerFrame(stack);
    // The engine's own error carries the caller's position, for whoever reports it when nobody catches it.
    super(`${message}`, location?.filename ?? "", location?.lineNumber ?? 0);
    for (const key of ["message", "fileName", "lineNumber", "columnNumber"]) {
      delete this[key];
    }
    this.#message = `${message}`;
    this.#name = `${nameOrOptions}`;
    this.#location = location;
    this.#stack = stack;
  }

  get name() {
    return this.#name;
  }

  get message() {
    return this.#message;
  }

  get code() {
    return NAMES[this.#name]?.[0] ?? 0;
  }

  get result() {
    return NAMES[this.#name]?.[1] ?? 0;
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

  get location() {
    return this.#location;
  }

  get data() {
    return null;
  }

  get stack() {
    return this.#stack;
  }

  static isInstance(value) {
    return typeof value == "object" && value !== null && #name in value;
  }
}
defineInterface(DOMException);
CONSTANTS.forEach((name, index) => {
  const descriptor = { value: index + 1, enumerable: true };
  Object.defineProperty(DOMException, name, descriptor);
  Object.defineProperty(DOMException.prototype, name, descriptor);
});
