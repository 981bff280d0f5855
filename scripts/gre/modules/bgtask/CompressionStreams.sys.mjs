// SPDX-License-Identifier: MPL-2.0
// CompressionStream and DecompressionStream. What is written is worked on when all of it is there, in one piece, and
// comes out as one chunk; what comes out of a DecompressionStream is bounded.

import { TransformStream } from "resource://gre/modules/bgtask/WritableStreams.sys.mjs";
import { defineInterface, requireArguments, toEnumeration } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { bytes: native } = import.meta.native;

/** Formats with zlib's number for their frame. */
const WINDOWS = { "deflate": 15, "deflate-raw": -15, "gzip": 31 };
const OUTPUT_MAX = 256 * 1024 * 1024;

function bytesOf(chunk, name) {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice();
  }
  if (chunk instanceof ArrayBuffer) {
    return new Uint8Array(chunk.slice(0));
  }
  throw new TypeError(`${name}: a chunk could not be converted to any of: ArrayBufferView, ArrayBuffer.`);
}

/** A class of streams that turn all bytes into what @convert(bytes, window) promises. */
function defineConverter(name, convert) {
  const cls = class {
    #transform;

    constructor(format) {
      requireArguments(`${name} constructor`, arguments, 1);
      const kind = toEnumeration(
        `${name} constructor: '%s' (value of argument 1)`, "CompressionFormat", format, Object.keys(WINDOWS)
      );
      const chunks = [];
      this.#transform = new TransformStream({
        transform(chunk) {
          chunks.push(bytesOf(chunk, name));
        },
        async flush(controller) {
          const all = new Uint8Array(await new Blob(chunks).arrayBuffer());
          const result = await convert(all, WINDOWS[kind]);
          if (result.length) {
            controller.enqueue(result);
          }
        },
      });
    }

    get readable() {
      return this.#transform.readable;
    }

    get writable() {
      return this.#transform.writable;
    }
  };
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  defineInterface(cls, name);
  return cls;
}

export const CompressionStream = defineConverter("CompressionStream", (bytes, window) => native.deflate(bytes, window));

export const DecompressionStream = defineConverter("DecompressionStream", async (bytes, window) => {
  const result = await native.inflate(bytes, window, OUTPUT_MAX);
  if (!result) {
    throw new TypeError("The input data is corrupted, incomplete or too large.");
  }
  return result;
});
