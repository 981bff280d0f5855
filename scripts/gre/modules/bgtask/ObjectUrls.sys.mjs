// SPDX-License-Identifier: MPL-2.0
// blob: URLs: blobs by a name, until it is taken back or the run ends.

import { isBlob } from "resource://gre/modules/bgtask/Blob.sys.mjs";

const URLS_MAX = 10000;
const blobs = new Map();

export function createObjectURL(blob) {
  if (!isBlob(blob)) {
    throw new TypeError("URL.createObjectURL: Argument 1 could not be converted to any of: Blob, MediaSource.");
  }
  if (blobs.size >= URLS_MAX) {
    throw new RangeError(`URL.createObjectURL: there are ${URLS_MAX} already`);
  }
  const url = `blob:system/${crypto.randomUUID()}`;
  blobs.set(url, blob);
  return url;
}

export function revokeObjectURL(url) {
  blobs.delete(String(url).replace(/#.*$/, ""));
}

/** The blob of a URL, or undefined. */
export function blobOfUrl(url) {
  return blobs.get(url);
}
