// SPDX-License-Identifier: MPL-2.0
// ProgressEvent, and FileReader, which reads a blob with such events.

import { bytesOfBlob, isBlob } from "resource://gre/modules/bgtask/Blob.sys.mjs";
import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { Event, EventTarget, defineHandler, fireEvent } from "resource://gre/modules/bgtask/Events.sys.mjs";
import { defineInterface, requireArguments, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { timers } = import.meta.native;

export class ProgressEvent extends Event {
  #lengthComputable;
  #loaded;
  #total;

  constructor(type, options = undefined) {
    requireArguments("ProgressEvent constructor", arguments, 1);
    super(type, options);
    const { lengthComputable = false, loaded = 0, total = 0 } = toDictionary("ProgressEvent constructor: Argument 2", options);
    this.#lengthComputable = Boolean(lengthComputable);
    this.#loaded = Number(loaded);
    this.#total = Number(total);
  }

  get lengthComputable() {
    return this.#lengthComputable;
  }

  get loaded() {
    return this.#loaded;
  }

  get total() {
    return this.#total;
  }
}
defineInterface(ProgressEvent, "ProgressEvent");

const STATES = { EMPTY: 0, LOADING: 1, DONE: 2 };
const BUSY = "An attempt was made to use an object that is not, or is no longer, usable";

/** A label that nobody knows means UTF-8. */
function decoderOf(label) {
  try {
    return new TextDecoder(label ?? "utf-8");
  } catch {
    return new TextDecoder();
  }
}

const RESULTS = {
  readAsArrayBuffer: bytes => bytes.slice().buffer,
  readAsText: (bytes, _blob, label) => decoderOf(label).decode(bytes),
  readAsDataURL: (bytes, { type }) => `data:${type || "application/octet-stream"};base64,${bytes.toBase64()}`,
  readAsBinaryString: bytes => Array.from(bytes, byte => String.fromCharCode(byte)).join(""),
};

export class FileReader extends EventTarget {
  #readyState = STATES.EMPTY;
  #result = null;
  #error = null;
  #timer = 0;

  get readyState() {
    return this.#readyState;
  }

  get result() {
    return this.#result;
  }

  get error() {
    return this.#error;
  }

  #fire(type, loaded, total) {
    fireEvent(this, new ProgressEvent(type, { lengthComputable: true, loaded, total }));
  }

  static read(reader, method, blob, label) {
    if (!isBlob(blob)) {
      const kind = typeof blob == "object" && blob !== null ? "does not implement interface Blob" : "is not an object";
      throw new TypeError(`FileReader.${method}: Argument 1 ${kind}.`);
    }
    if (reader.#readyState == STATES.LOADING) {
      throw new DOMException(BUSY, "InvalidStateError");
    }
    reader.#readyState = STATES.LOADING;
    reader.#result = null;
    reader.#error = null;
    const finish = () => {
      reader.#fire("loadstart", 0, blob.size);
      if (reader.#timer !== timer) {
        return; // a listener has aborted it
      }
      reader.#readyState = STATES.DONE;
      reader.#result = RESULTS[method](bytesOfBlob(blob), blob, label);
      for (const type of ["progress", "load", "loadend"]) {
        reader.#fire(type, blob.size, blob.size);
      }
    };
    const timer = timers.set(finish, 0, false);
    reader.#timer = timer;
  }

  abort() {
    if (this.#readyState == STATES.LOADING) {
      timers.clear(this.#timer);
      this.#timer = 0;
      this.#readyState = STATES.DONE;
      this.#error = new DOMException("The operation was aborted. ", "AbortError");
      this.#fire("abort", 0, 0);
      this.#fire("loadend", 0, 0);
    }
  }
}
{
  const { read } = FileReader;
  delete FileReader.read;
  for (const method of Object.keys(RESULTS)) {
    const value = {
      [method](blob, label = undefined) {
        requireArguments(`FileReader.${method}`, arguments, 1);
        read(this, method, blob, label);
      },
    }[method];
    Object.defineProperty(FileReader.prototype, method, { value, writable: true, configurable: true });
  }
}
defineInterface(FileReader, "FileReader");
for (const type of ["loadstart", "progress", "load", "abort", "error", "loadend"]) {
  defineHandler(FileReader, type);
}
for (const [name, value] of Object.entries(STATES)) {
  Object.defineProperty(FileReader, name, { value, enumerable: true });
  Object.defineProperty(FileReader.prototype, name, { value, enumerable: true });
}
