// SPDX-License-Identifier: MPL-2.0
// Bodies of requests and responses: bytes that are here, that come from the network, or a stream.

import { toUSVString } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";
import { URLSearchParams } from "resource://gre/modules/bgtask/UrlSearchParams.sys.mjs";

const { runtime } = import.meta.native;

const BLOB = "resource://gre/modules/bgtask/Blob.sys.mjs";
const FORM_DATA = "resource://gre/modules/bgtask/FormData.sys.mjs";
const SOURCE = "resource://gre/modules/bgtask/ByteStreams.sys.mjs";
const STREAMS = "resource://gre/modules/bgtask/Streams.sys.mjs";

const loaded = (url, test, value) => typeof value == "object" && runtime.isLoaded(url) && runtime.load(url)[test](value);

/** Whatever a task's stream failed with, a body is aborted with it. @transfer: where it comes from, or null */
async function readNext(reader, transfer) {
  try {
    return await reader.read();
  } catch {
    await transfer?.readBody(); // fails, with what it says of a body
    const { DOMException } = runtime.load("resource://gre/modules/bgtask/DOMException.sys.mjs");
    throw new DOMException("The operation was aborted. ", "AbortError");
  }
}

/** All that a stream gives, which must be Uint8Arrays. */
async function readAll(reader, transfer) {
  const chunks = [];
  let size = 0;
  for (;;) {
    const { value, done } = await readNext(reader, transfer);
    if (done) {
      break;
    }
    if (!(value instanceof Uint8Array)) {
      reader.cancel().catch(() => {});
      throw new TypeError("Can't convert value to Uint8Array while consuming Body");
    }
    chunks.push(value);
    size += value.length;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

export class Body {
  #bytes;
  #transfer = null;
  #stream;
  #used = false;

  /** @bytes: a Uint8Array that nobody changes; null: they are in @stream. */
  constructor(bytes, stream = null) {
    this.#bytes = bytes;
    this.#stream = stream;
  }

  /** A body that comes from the network: @transfer has readBody(), readSome() and abort(). */
  static of(transfer) {
    const body = new Body(null);
    body.#transfer = transfer;
    return body;
  }

  /**
   * { body, type } of a BodyInit; type is null when it has none of its own. null and undefined: no body.
   * @param {string} what begins the message of an error; "" where streams are not taken, which then are text, as in Gecko
   */
  static extract(init, what = "") {
    if (init === null || init === undefined) {
      return { body: null, type: null };
    }
    if (ArrayBuffer.isView(init)) {
      return { body: new Body(new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice()), type: null };
    }
    if (Object.prototype.toString.call(init) == "[object ArrayBuffer]") {
      return { body: new Body(new Uint8Array(init).slice()), type: null };
    }
    if (loaded(BLOB, "isBlob", init)) {
      return { body: new Body(runtime.load(BLOB).bytesOfBlob(init)), type: init.type || null };
    }
    if (loaded(FORM_DATA, "isFormData", init)) {
      const { bytes, type } = runtime.load(FORM_DATA).encodeForm(init);
      return { body: new Body(bytes), type };
    }
    const source = what && loaded(STREAMS, "sourceOf", init);
    if (source) {
      if (source.reader || source.disturbed) {
        throw new TypeError(`${what}: Body has already been consumed.`);
      }
      return { body: new Body(null, init), type: null };
    }
    const encoder = new TextEncoder();
    if (init instanceof URLSearchParams) {
      const type = "application/x-www-form-urlencoded;charset=UTF-8";
      return { body: new Body(encoder.encode(init.toString())), type };
    }
    return { body: new Body(encoder.encode(toUSVString(init))), type: "text/plain;charset=UTF-8" };
  }

  /** The bytes if they are here already, else null. */
  get bytes() {
    return this.#bytes;
  }

  get used() {
    return this.#used || Boolean(this.#stream && runtime.load(STREAMS).sourceOf(this.#stream).disturbed);
  }

  set used(used) {
    this.#used = used;
  }

  /** Whether it cannot be read any more. */
  get unusable() {
    return this.used || Boolean(this.#stream?.locked);
  }

  /** The ReadableStream that whoever asks for it reads. */
  get stream() {
    if (!this.#stream) {
      const { ByteSource } = runtime.load(SOURCE);
      const { streamOf } = runtime.load(STREAMS);
      const all = controller => {
        if (this.#bytes.length) {
          controller.enqueue(this.#bytes.slice());
        }
        controller.close();
      };
      const some = async controller => {
        const bytes = await this.#transfer.readSome();
        if (bytes) {
          controller.enqueue(bytes);
        } else {
          controller.close();
        }
      };
      const algorithms = { pull: this.#bytes ? all : some, cancel: () => this.#transfer?.abort(null) };
      this.#stream = streamOf(new ByteSource(this.#used ? {} : algorithms, { highWaterMark: 0 }).start());
      if (this.#used) {
        this.#stream.getReader();
      }
    }
    return this.#stream;
  }

  /** Each of the two can be read once. What comes from the network comes once for both. */
  clone() {
    if (this.#bytes && !this.#stream) {
      return new Body(this.#bytes);
    }
    const [mine, theirs] = this.stream.tee();
    this.#stream = mine;
    const copy = new Body(null, theirs);
    copy.#transfer = this.#transfer;
    return copy;
  }

  /** A promise of the bytes; @what is "Interface.method". */
  async take(what) {
    if (this.used) {
      throw new TypeError(`${what}: Body has already been consumed.`);
    }
    if (this.#stream?.locked) {
      throw new TypeError(`${what}: Cannot get a new reader for a readable stream already locked by another reader.`);
    }
    this.#used = true;
    if (this.#stream) {
      return readAll(this.#stream.getReader(), this.#transfer);
    }
    this.#bytes ??= await this.#transfer.readBody();
    return this.#bytes;
  }
}

/** Gives @cls the methods that read a body; @bodyOf(object) is its Body or null, @typeOf(object) its Content-Type. */
export function defineBodyMethods(cls, name, bodyOf, typeOf) {
  const take = async (object, method) => {
    const body = bodyOf(object);
    return body ? body.take(`${name}.${method}`) : new Uint8Array(0);
  };
  const text = async (object, method) => new TextDecoder().decode(await take(object, method));
  const methods = {
    async arrayBuffer() {
      return (await take(this, "arrayBuffer")).slice().buffer;
    },
    async blob() {
      return runtime.load(BLOB).makeBlob(await take(this, "blob"), typeOf(this) ?? "");
    },
    async bytes() {
      return (await take(this, "bytes")).slice();
    },
    async formData() {
      return runtime.load(FORM_DATA).decodeFormData(await take(this, "formData"), typeOf(this));
    },
    async json() {
      return JSON.parse(await text(this, "json"));
    },
    async text() {
      return text(this, "text");
    },
  };
  for (const key of Object.keys(methods)) {
    Object.defineProperty(cls.prototype, key, { value: methods[key], configurable: true, writable: true });
  }
  Object.defineProperty(cls.prototype, "bodyUsed", {
    get() {
      return bodyOf(this)?.used ?? false;
    },
    configurable: true,
  });
}
