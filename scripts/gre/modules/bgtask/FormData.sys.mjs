// SPDX-License-Identifier: MPL-2.0
// FormData, and its form on the wire: multipart/form-data.

import { File, bytesOfBlob, isBlob, makeBlob, makeFile } from "resource://gre/modules/bgtask/Blob.sys.mjs";
import { parseForm } from "resource://gre/modules/bgtask/UrlSearchParams.sys.mjs";
import { defineInterface, definePairIterable, requireArguments, toUSVString } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

/** For bodies: the list of [name, value]; whether a value is FormData. */
export let entriesOf;
export let isFormData;

function readEntry(what, args) {
  if (args.length < 2) {
    throw new TypeError(`${what}: ${args.length} is not a valid argument count for any overload.`);
  }
  const [name, value, filename] = args;
  if (isBlob(value)) {
    const isFile = value instanceof File;
    const file = isFile && filename === undefined ? value : makeFile(value, filename ?? (isFile ? value.name : "blob"));
    return [toUSVString(name), file];
  }
  if (args.length > 2) {
    const kind = typeof value == "object" && value !== null ? "does not implement interface Blob" : "is not an object";
    throw new TypeError(`${what}: Argument 2 ${kind}.`);
  }
  return [toUSVString(name), toUSVString(value)];
}

export class FormData {
  #list = [];

  static {
    entriesOf = form => form.#list;
    isFormData = value => typeof value == "object" && value !== null && #list in value;
    definePairIterable(FormData, "FormData", form => form.#list);
  }

  constructor(form = undefined) {
    if (form !== undefined) {
      const kind = typeof form == "object" && form !== null ? "does not implement interface HTMLFormElement" : "is not an object";
      throw new TypeError(`FormData constructor: Argument 1 ${kind}.`);
    }
  }

  append(...args) {
    this.#list.push(readEntry("FormData.append", args));
  }

  delete(name) {
    requireArguments("FormData.delete", arguments, 1);
    const key = toUSVString(name);
    this.#list = this.#list.filter(pair => pair[0] != key);
  }

  get(name) {
    requireArguments("FormData.get", arguments, 1);
    const key = toUSVString(name);
    return this.#list.find(pair => pair[0] == key)?.[1] ?? null;
  }

  getAll(name) {
    requireArguments("FormData.getAll", arguments, 1);
    const key = toUSVString(name);
    return this.#list.filter(pair => pair[0] == key).map(pair => pair[1]);
  }

  has(name) {
    requireArguments("FormData.has", arguments, 1);
    const key = toUSVString(name);
    return this.#list.some(pair => pair[0] == key);
  }

  set(...args) {
    const entry = readEntry("FormData.set", args);
    const first = this.#list.findIndex(pair => pair[0] == entry[0]);
    if (first < 0) {
      this.#list.push(entry);
    } else {
      this.#list[first] = entry;
      this.#list = this.#list.filter((pair, index) => index <= first || pair[0] != entry[0]);
    }
  }
}
defineInterface(FormData, "FormData");

const ESCAPES = { "\r": "%0D", "\n": "%0A", '"': "%22" };
const lines = text => text.replace(/\r\n?|\n/g, "\r\n");
const quote = text => text.replace(/[\r\n"]/g, character => ESCAPES[character]);

/** { bytes, type } of a form as multipart/form-data. */
export function encodeForm(form) {
  const random = Array.from(runtime.random(16), byte => byte.toString(16).padStart(2, "0")).join("");
  const boundary = `----geckoformboundary${random}`;
  const parts = [];
  for (const [name, value] of entriesOf(form)) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quote(lines(name))}"`;
    if (typeof value == "string") {
      parts.push(`${head}\r\n\r\n${lines(value)}\r\n`);
    } else {
      const type = value.type || "application/octet-stream";
      parts.push(`${head}; filename="${quote(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, "\r\n");
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return { bytes: bytesOfBlob(new Blob(parts)), type: `multipart/form-data; boundary=${boundary}` };
}

/** Bytes as a string of as many characters, so that it can be searched. */
function binary(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

const unbinary = text => Uint8Array.from(text, character => character.charCodeAt(0));
const decode = text => new TextDecoder().decode(unbinary(text));

function bad() {
  return new TypeError("Could not parse content as FormData.");
}

/** @text: headers, an empty line, content. */
function decodePart(form, text) {
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? "" : text.slice(0, end);
  const disposition = /^content-disposition:\s*form-data\s*((?:;.*)?)$/im.exec(head);
  const name = disposition && /;\s*name="([^"]*)"/i.exec(disposition[1]);
  if (!name) {
    throw bad();
  }
  const unquote = value => decode(value).replace(/%0D|%0A|%22/gi, escape => decodeURIComponent(escape));
  const content = text.slice(end + 4);
  const filename = /;\s*filename="([^"]*)"/i.exec(disposition[1]);
  if (!filename) {
    form.append(unquote(name[1]), decode(content));
    return;
  }
  const type = /^content-type:[ \t]*(.*?)[ \t]*$/im.exec(head)?.[1] ?? "text/plain";
  form.append(unquote(name[1]), makeFile(makeBlob(unbinary(content), type), unquote(filename[1])));
}

function decodeMultipart(form, boundary, text) {
  const delimiter = `--${boundary}`;
  if (!text.startsWith(delimiter)) {
    throw bad();
  }
  let at = delimiter.length;
  while (!text.startsWith("--", at)) {
    if (!text.startsWith("\r\n", at)) {
      throw bad();
    }
    const end = text.indexOf(`\r\n${delimiter}`, at + 2);
    if (end < 0) {
      throw bad();
    }
    decodePart(form, text.slice(at + 2, end));
    at = end + 2 + delimiter.length;
  }
}

/** The form in a body of @type, a Content-Type. */
export function decodeFormData(bytes, type) {
  const form = new FormData();
  const essence = (type ?? "").split(";")[0].trim().toLowerCase();
  if (essence == "application/x-www-form-urlencoded") {
    for (const [name, value] of parseForm(new TextDecoder().decode(bytes))) {
      form.append(name, value);
    }
    return form;
  }
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type ?? "");
  if (essence != "multipart/form-data" || !boundary) {
    throw bad();
  }
  decodeMultipart(form, boundary[1] ?? boundary[2], binary(bytes));
  return form;
}
