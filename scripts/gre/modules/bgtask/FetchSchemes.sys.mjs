// SPDX-License-Identifier: MPL-2.0
// What fetch answers without a network: data: URLs, and files by file:, resource: and moz-src: URLs.

import { decodeDigits } from "resource://gre/modules/bgtask/Base64.sys.mjs";
import { networkError } from "resource://gre/modules/bgtask/FetchError.sys.mjs";
import { percentDecodeBytes } from "resource://gre/modules/bgtask/UrlEncoding.sys.mjs";

const { http, runtime } = import.meta.native;

const DEFAULT_TYPE = "text/plain;charset=US-ASCII";
const UNKNOWN_TYPE = "application/x-unknown-content-type";
const TYPES = new Map(Object.entries({
  bin: "application/octet-stream",
  css: "text/css",
  gif: "image/gif",
  gz: "application/gzip",
  htm: "text/html",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "application/x-javascript",
  json: "application/json",
  md: "text/markdown",
  mjs: "application/x-javascript",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  wasm: "application/wasm",
  webp: "image/webp",
  xhtml: "application/xhtml+xml",
  xml: "text/xml",
  zip: "application/zip",
}));

/** Forgiving base64 decoding of ASCII bytes; null: invalid. */
function decodeBase64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  text = text.replace(/[\t\n\f\r ]+/g, "");
  if (text.length % 4 == 0) {
    text = text.replace(/={1,2}$/, "");
  }
  return decodeDigits(text);
}

function dataTypeOf(text) {
  const type = text.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "");
  const full = type.startsWith(";") ? "text/plain" + type : type;
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[\t ]*(;|$)/.test(full) ? full : DEFAULT_TYPE;
}

function fetchData(record) {
  const text = record.serialize(true).slice("data:".length);
  const comma = text.indexOf(",");
  if (comma < 0) {
    throw networkError("data:", "invalid-url", "a data: URL has a comma before its data");
  }
  let type = text.slice(0, comma);
  let bytes = percentDecodeBytes(text.slice(comma + 1));
  const base64 = /;[ ]*base64[ ]*$/i;
  if (base64.test(type)) {
    type = type.replace(base64, "");
    bytes = decodeBase64(bytes);
    if (!bytes) {
      throw networkError("data:", "invalid-url", "its data is not base64");
    }
  }
  return { type: dataTypeOf(type), bytes };
}

function fetchBlob(record) {
  const url = record.serialize(true);
  const blob = runtime.load("resource://gre/modules/bgtask/ObjectUrls.sys.mjs").blobOfUrl(url);
  if (!blob) {
    throw networkError(url, "not-found", "no blob has this URL");
  }
  const { bytesOfBlob } = runtime.load("resource://gre/modules/bgtask/Blob.sys.mjs");
  return { type: blob.type, bytes: bytesOfBlob(blob) };
}

async function fetchFile(record, bodyMax) {
  const url = record.serialize(true);
  const path = http.resourcePath(url.replace(/\?.*$/, ""));
  if (path === null) {
    throw networkError(url, "not-found", "no file can have this URL");
  }
  let bytes;
  try {
    const { size, type } = await IOUtils.stat(path);
    if (type == "directory") {
      throw networkError(url, "not-a-file", "it is a directory");
    }
    if (size > bodyMax) {
      throw networkError(url, "body-too-large", `the file is larger than ${bodyMax} bytes`);
    }
    bytes = await IOUtils.read(path);
  } catch (error) {
    throw error instanceof TypeError ? error : networkError(url, "not-found", error.message);
  }
  const extension = /\.([^./]+)$/.exec(path)?.[1].toLowerCase();
  return { type: TYPES.get(extension) ?? UNKNOWN_TYPE, bytes };
}

/** { type, bytes } for the URL of @record; null: the scheme needs a network or is unknown. */
export async function fetchLocal(record, bodyMax) {
  switch (record.scheme) {
    case "about":
      return record.path === "blank" ? { type: "text/html;charset=utf-8", bytes: new Uint8Array(0) } : null;
    case "blob":
      return fetchBlob(record);
    case "data":
      return fetchData(record);
    case "file":
    case "resource":
    case "moz-src":
      return fetchFile(record, bodyMax);
    default:
      return null;
  }
}
