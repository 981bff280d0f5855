// SPDX-License-Identifier: MPL-2.0
// Blob and File: bytes in memory with a type, and with a name.

import { ByteSource } from "resource://gre/modules/bgtask/ByteStreams.sys.mjs";
import { streamOf } from "resource://gre/modules/bgtask/Streams.sys.mjs";
import {
  defineInterface,
  requireArguments,
  sequenceOf,
  toDictionary,
  toEnumeration,
  toUSVString,
} from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

/** Chunks of Blob.stream(). */
const CHUNK_BYTES = 64 * 1024;

function typeOf(value) {
  const type = String(value);
  return /^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : "";
}

/** The bytes of one part; @native: line ends become the system's. */
function partBytes(part, native) {
  if (isBlob(part)) {
    return bytesOfBlob(part);
  }
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if (Object.prototype.toString.call(part) == "[object ArrayBuffer]") {
    return new Uint8Array(part);
  }
  const text = toUSVString(part);
  return new TextEncoder().encode(native ? text.replace(/\r\n?/g, "\n") : text);
}

function join(parts) {
  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function readParts(what, parts, options) {
  if (parts === undefined) {
    return new Uint8Array(0);
  }
  const list = typeof parts == "object" || typeof parts == "function" ? sequenceOf(parts) : null;
  if (!list) {
    throw new TypeError(`${what}: Argument 1 can't be converted to a sequence.`);
  }
  return join(list.map(part => partBytes(part, options.endings == "native")));
}

function readBag(what, value, index) {
  const bag = toDictionary(`${what}: Argument ${index}`, value);
  if (bag.endings !== undefined) {
    toEnumeration(`${what}: '%s' (value of 'endings' member of BlobPropertyBag)`, "EndingType", bag.endings, ["transparent", "native"]);
  }
  return bag;
}

/** For the library: the bytes, which nobody may change; whether a value is one; a blob of bytes that nobody changes. */
export let bytesOfBlob;
export let isBlob;
export let makeBlob;

const KEY = Symbol("Blob");

export class Blob {
  #bytes;
  #type;

  static {
    bytesOfBlob = blob => blob.#bytes;
    isBlob = value => typeof value == "object" && value !== null && #bytes in value;
    makeBlob = (bytes, type) => new Blob(KEY, { bytes, type });
  }

  constructor(parts = undefined, options = undefined) {
    if (parts === KEY) {
      this.#bytes = options.bytes;
      this.#type = typeOf(options.type);
      return;
    }
    const bag = readBag("Blob constructor", options, 2);
    this.#bytes = readParts("Blob constructor", parts, bag);
    this.#type = bag.type === undefined ? "" : typeOf(bag.type);
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start = 0, end = this.size, contentType = "") {
    return new Blob(KEY, { bytes: this.#bytes.slice(start, end), type: contentType });
  }

  stream() {
    let at = 0;
    const source = new ByteSource(
      {
        pull: controller => {
          if (at < this.#bytes.length) {
            controller.enqueue(this.#bytes.slice(at, at + CHUNK_BYTES));
            at += CHUNK_BYTES;
          }
          if (at >= this.#bytes.length) {
            controller.close();
          }
        },
      },
      { highWaterMark: 0 }
    );
    return streamOf(source.start());
  }

  async text() {
    return new TextDecoder().decode(this.#bytes);
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  async bytes() {
    return this.#bytes.slice();
  }
}
defineInterface(Blob, "Blob");

/** Types of files by what their names end with, for those whose type nobody says. */
const TYPES = {
  __proto__: null,
  css: "text/css", csv: "text/csv", gif: "image/gif", htm: "text/html", html: "text/html", jpeg: "image/jpeg", jpg: "image/jpeg",
  json: "application/json", pdf: "application/pdf", png: "image/png", svg: "image/svg+xml", txt: "text/plain", xml: "text/xml",
};

/** A File of what is in @file now. @throws what nsIFile throws */
async function readFile(file, what, options) {
  const bag = toDictionary(`${what}: Argument 2`, options);
  const { NOWHERE, makeException } = runtime.load("resource://gre/modules/bgtask/Errors.sys.mjs");
  const refuse = name => {
    throw makeException("", Cr[name], NOWHERE);
  };
  if (file.path == "") {
    refuse("NS_ERROR_NOT_INITIALIZED");
  }
  if (!file.exists() && bag.existenceCheck !== false) {
    refuse("NS_ERROR_FILE_NOT_FOUND");
  }
  if (file.isDirectory()) {
    refuse("NS_ERROR_FILE_IS_DIRECTORY");
  }
  const name = bag.name === undefined || bag.name === "" ? file.leafName : bag.name;
  const type = bag.type ? String(bag.type) : TYPES[/\.(\w+)$/.exec(file.leafName)?.[1].toLowerCase()] ?? "";
  const lastModified = bag.lastModified ?? file.lastModifiedTime;
  return new File(KEY, name, { bytes: await IOUtils.read(file.path), type, lastModified });
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = undefined) {
    if (parts === KEY) {
      super(KEY, options);
    } else {
      requireArguments("File constructor", arguments, 2);
      const bag = readBag("File constructor", options, 3);
      super(KEY, { bytes: readParts("File constructor", parts, bag), type: bag.type ?? "" });
    }
    this.#name = toUSVString(name);
    const time = options?.lastModified === undefined ? Date.now() : Math.trunc(Number(options.lastModified));
    this.#lastModified = Number.isFinite(time) ? time : 0;
  }

  /** Gecko's own, for code of the platform. @options { name, type, lastModified, existenceCheck } */
  static async createFromFileName(path, options = undefined) {
    requireArguments("File.createFromFileName", arguments, 1);
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    if (String(path) != "") {
      file.initWithPath(String(path));
    }
    return readFile(file, "File.createFromFileName", options);
  }

  static async createFromNsIFile(file, options = undefined) {
    requireArguments("File.createFromNsIFile", arguments, 1);
    if (typeof file != "object" || file === null) {
      throw new TypeError("File.createFromNsIFile: Argument 1 is not an object.");
    }
    if (!(file instanceof Ci.nsIFile)) {
      throw new TypeError("File.createFromNsIFile: Argument 1 does not implement interface nsIFile.");
    }
    return readFile(file, "File.createFromNsIFile", options);
  }

  get name() {
    return this.#name;
  }

  /** Milliseconds since 1970. */
  get lastModified() {
    return this.#lastModified;
  }

  get webkitRelativePath() {
    return "";
  }
}
defineInterface(File, "File");

/** A file of the bytes of @blob; the type is kept, or @type. */
export function makeFile(blob, name, { type = blob.type, lastModified = undefined } = {}) {
  return new File(KEY, name, { bytes: bytesOfBlob(blob), type, lastModified });
}
