// SPDX-License-Identifier: MPL-2.0
// Bodies of requests and responses: bytes that are here, or that a function gets when they are first wanted.

import { toUSVString } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";
import { URLSearchParams } from "resource://gre/modules/bgtask/UrlSearchParams.sys.mjs";

export class Body {
  #bytes;
  #load;
  used = false;

  /** @bytes: a Uint8Array that nobody changes; or null, and @load returns a promise of one. */
  constructor(bytes, load = null) {
    this.#bytes = bytes;
    this.#load = load;
  }

  /** { body, type } of a BodyInit; type is null when it has none of its own. null and undefined: no body. */
  static extract(init) {
    if (init === null || init === undefined) {
      return { body: null, type: null };
    }
    if (ArrayBuffer.isView(init)) {
      return { body: new Body(new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice()), type: null };
    }
    if (Object.prototype.toString.call(init) == "[object ArrayBuffer]") {
      return { body: new Body(new Uint8Array(init).slice()), type: null };
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

  /** Each of the two can be read once. What comes from the network comes once for both. */
  clone() {
    return new Body(this.#bytes, this.#load);
  }

  /** A promise of the bytes; @what is "Interface.method". */
  async take(what) {
    if (this.used) {
      throw new TypeError(`${what}: Body has already been consumed.`);
    }
    this.used = true;
    if (!this.#bytes) {
      this.#bytes = await this.#load();
    }
    return this.#bytes;
  }
}

/** Gives @cls the methods that read a body; @bodyOf(object) is its Body or null. */
export function defineBodyMethods(cls, name, bodyOf) {
  const take = async (object, method) => {
    const body = bodyOf(object);
    return body ? body.take(`${name}.${method}`) : new Uint8Array(0);
  };
  const text = async (object, method) => new TextDecoder().decode(await take(object, method));
  const methods = {
    async arrayBuffer() {
      return (await take(this, "arrayBuffer")).slice().buffer;
    },
    async bytes() {
      return (await take(this, "bytes")).slice();
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
