// SPDX-License-Identifier: MPL-2.0
// WritableStream and TransformStream, and the transforms of text.

import { Source, deferred, isObject, quietDeferred, readStrategy } from "resource://gre/modules/bgtask/StreamSource.sys.mjs";
import { streamOf } from "resource://gre/modules/bgtask/Streams.sys.mjs";
import { defineInterface, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const KEY = Symbol("writable");

/** writable -> closing -> closed; writable -> errored. Writes wait for each other in a chain of promises. */
class Sink {
  state = "writable";
  writer = null;
  storedError = undefined;
  closed = quietDeferred();
  ready = quietDeferred();
  #algorithms;
  #highWaterMark;
  #sizeOf;
  #size = 0;
  #tail;
  #aborter = null;

  constructor(algorithms, highWaterMark, sizeOf) {
    this.#algorithms = algorithms;
    this.#highWaterMark = highWaterMark;
    this.#sizeOf = sizeOf;
    this.controller = new WritableStreamDefaultController(KEY, this);
  }

  start() {
    this.#tail = Promise.resolve(this.#algorithms.start?.(this.controller));
    this.#tail.then(() => this.#update(), error => this.error(error));
    this.#update();
    return this;
  }

  get signal() {
    this.#aborter ??= new AbortController();
    return this.#aborter.signal;
  }

  get desiredSize() {
    if (this.state == "writable") {
      return this.#highWaterMark - this.#size;
    }
    return this.state == "errored" ? null : 0;
  }

  #update() {
    if (this.state != "writable" || this.desiredSize > 0) {
      this.ready.resolve(undefined);
    } else {
      this.ready = quietDeferred();
    }
  }

  error(error) {
    if (this.state == "errored" || this.state == "closed") {
      return;
    }
    this.state = "errored";
    this.storedError = error;
    this.closed.reject(error);
    this.ready.reject(error);
    if (this.ready.promise) {
      this.ready = quietDeferred();
      this.ready.reject(error);
    }
  }

  #then(action) {
    const result = this.#tail.then(() => {
      if (this.state == "errored") {
        throw this.storedError;
      }
      return action();
    });
    this.#tail = result.catch(error => this.error(error));
    return result;
  }

  write(chunk) {
    if (this.state == "errored") {
      return Promise.reject(this.storedError);
    }
    if (this.state != "writable") {
      return Promise.reject(new TypeError("WritableStreamDefaultWriter.write: Stream is closed or closing"));
    }
    let size;
    try {
      size = this.#sizeOf(chunk);
    } catch (error) {
      this.error(error);
      return Promise.reject(error);
    }
    this.#size += size;
    this.#update();
    return this.#then(async () => {
      await this.#algorithms.write?.(chunk, this.controller);
      this.#size -= size;
      this.#update();
    });
  }

  close() {
    if (this.state != "writable") {
      const error = new TypeError("WritableStreamDefaultWriter.close: Cannot close a stream that is closing or closed");
      return Promise.reject(this.state == "errored" ? this.storedError : error);
    }
    this.state = "closing";
    this.ready.resolve(undefined);
    return this.#then(async () => {
      await this.#algorithms.close?.();
      this.state = "closed";
      this.closed.resolve(undefined);
    });
  }

  async abort(reason) {
    if (this.state == "closed" || this.state == "errored") {
      return;
    }
    this.#aborter?.abort(reason);
    this.error(reason);
    await this.#algorithms.abort?.(reason);
  }
}

export class WritableStreamDefaultController {
  #sink;

  constructor(key, sink) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    this.#sink = sink;
  }

  get signal() {
    return this.#sink.signal;
  }

  error(reason = undefined) {
    this.#sink.error(reason);
  }
}
defineInterface(WritableStreamDefaultController, "WritableStreamDefaultController");

let sinkOf;
let writableOf;

function algorithmsOf(given, names, interfaceName) {
  const algorithms = {};
  for (const name of names) {
    const method = given[name];
    if (method !== undefined) {
      if (typeof method != "function") {
        throw new TypeError(`'${name}' member of ${interfaceName} is not callable.`);
      }
      algorithms[name] = (...args) => Reflect.apply(method, given, args);
    }
  }
  return algorithms;
}

export class WritableStream {
  #sink;

  static {
    sinkOf = value => (isObject(value) && #sink in value ? value.#sink : null);
    writableOf = sink => {
      const stream = new WritableStream(KEY);
      stream.#sink = sink;
      return stream;
    };
  }

  constructor(underlyingSink = undefined, strategy = {}) {
    if (underlyingSink === KEY) {
      return;
    }
    const what = "WritableStream constructor";
    if (underlyingSink !== undefined && !isObject(underlyingSink)) {
      throw new TypeError(`${what}: Argument 1 is not an object.`);
    }
    const algorithms = algorithmsOf(underlyingSink ?? {}, ["start", "write", "close", "abort"], "UnderlyingSink");
    this.#sink = new Sink(algorithms, ...readStrategy(what, strategy, 1)).start();
  }

  get locked() {
    return this.#sink.writer !== null;
  }

  abort(reason = undefined) {
    if (this.locked) {
      return Promise.reject(new TypeError("WritableStream.abort: Cannot abort a stream locked by a writer."));
    }
    return this.#sink.abort(reason);
  }

  close() {
    if (this.locked) {
      return Promise.reject(new TypeError("WritableStream.close: Cannot close a stream locked by a writer."));
    }
    return this.#sink.close();
  }

  getWriter() {
    return new WritableStreamDefaultWriter(this);
  }
}
defineInterface(WritableStream, "WritableStream");

export class WritableStreamDefaultWriter {
  #sink;
  #released = null;

  constructor(stream) {
    const sink = sinkOf(stream);
    if (!sink) {
      const kind = isObject(stream) ? "does not implement interface WritableStream" : "is not an object";
      throw new TypeError(`WritableStreamDefaultWriter constructor: Argument 1 ${kind}.`);
    }
    if (sink.writer) {
      throw new TypeError("WritableStream.getWriter: Cannot get a new writer for a writable stream already locked by another writer.");
    }
    sink.writer = this;
    this.#sink = sink;
  }

  #attached(method) {
    if (!this.#sink) {
      throw new TypeError(`WritableStreamDefaultWriter.${method}: The writer is not attached to a stream.`);
    }
    return this.#sink;
  }

  get closed() {
    return this.#sink ? this.#sink.closed.promise : this.#released;
  }

  get ready() {
    return this.#sink ? this.#sink.ready.promise : this.#released;
  }

  get desiredSize() {
    return this.#attached("desiredSize").desiredSize;
  }

  async write(chunk = undefined) {
    return this.#attached("write").write(chunk);
  }

  async close() {
    return this.#attached("close").close();
  }

  async abort(reason = undefined) {
    return this.#attached("abort").abort(reason);
  }

  releaseLock() {
    if (this.#sink) {
      this.#sink.writer = null;
      this.#sink = null;
      this.#released = Promise.reject(new TypeError("The writer was released."));
      this.#released.catch(() => {});
    }
  }
}
defineInterface(WritableStreamDefaultWriter, "WritableStreamDefaultWriter");

export class TransformStreamDefaultController {
  #source;
  #fail;
  #onFull;

  constructor(key, source, fail, onFull) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    this.#source = source;
    this.#fail = fail;
    this.#onFull = onFull;
  }

  get desiredSize() {
    return this.#source.desiredSize;
  }

  enqueue(chunk = undefined) {
    if (!this.#source.canEnqueue) {
      throw new TypeError("TransformStreamDefaultController.enqueue: Cannot enqueue into an already closed stream.");
    }
    this.#source.enqueue(chunk);
    if (!this.#source.wantsMore) {
      this.#onFull();
    }
  }

  error(reason = undefined) {
    this.#fail(reason);
  }

  terminate() {
    if (this.#source.canEnqueue) {
      this.#source.close();
    }
    this.#fail(new TypeError("Terminating the stream"));
  }
}
defineInterface(TransformStreamDefaultController, "TransformStreamDefaultController");

/** { readable, writable } that @transformer (start, transform, flush, cancel) is between. */
function connect(transformer, writing, reading) {
  // Resolved while the readable side wants more: from a pull on, until a chunk has filled it.
  let wanted = deferred();
  const source = new Source(
    {
      pull() {
        wanted.resolve();
      },
      cancel(reason) {
        sink.error(reason);
        return transformer.cancel?.(reason);
      },
    },
    { highWaterMark: reading[0], sizeOf: reading[1] }
  );
  const fail = error => {
    source.error(error);
    sink.error(error);
    wanted.resolve();
  };
  const onFull = () => {
    wanted = deferred();
  };
  const controller = new TransformStreamDefaultController(KEY, source, fail, onFull);
  const guard = async action => {
    try {
      await action();
    } catch (error) {
      fail(error);
      throw error;
    }
  };
  const sink = new Sink(
    {
      async write(chunk) {
        await wanted.promise;
        await guard(() => (transformer.transform ? transformer.transform(chunk, controller) : controller.enqueue(chunk)));
      },
      async close() {
        await guard(() => transformer.flush?.(controller));
        if (source.canEnqueue) {
          source.close();
        }
      },
      abort(reason) {
        source.error(reason);
        return transformer.cancel?.(reason);
      },
    },
    ...writing
  );
  transformer.start?.(controller);
  source.start();
  sink.start();
  return { readable: streamOf(source), writable: writableOf(sink) };
}

export class TransformStream {
  #readable;
  #writable;

  constructor(transformer = undefined, writableStrategy = {}, readableStrategy = {}) {
    const what = "TransformStream constructor";
    if (transformer !== undefined && !isObject(transformer)) {
      throw new TypeError(`${what}: Argument 1 is not an object.`);
    }
    const algorithms = algorithmsOf(transformer ?? {}, ["start", "transform", "flush", "cancel"], "Transformer");
    const writing = readStrategy(what, writableStrategy, 1);
    const { readable, writable } = connect(algorithms, writing, readStrategy(what, readableStrategy, 0));
    this.#readable = readable;
    this.#writable = writable;
  }

  get readable() {
    return this.#readable;
  }

  get writable() {
    return this.#writable;
  }
}
defineInterface(TransformStream, "TransformStream");

/** The two ends of a transform of text. */
const ends = transformer => connect(transformer, [1, () => 1], [0, () => 1]);

export class TextDecoderStream {
  #decoder;
  #ends;

  constructor(label = "utf-8", options = undefined) {
    const decoder = new TextDecoder(label, toDictionary("TextDecoderStream constructor: Argument 2", options));
    this.#decoder = decoder;
    const put = (text, controller) => text && controller.enqueue(text);
    this.#ends = ends({
      transform: (chunk, controller) => put(decoder.decode(chunk, { stream: true }), controller),
      flush: controller => put(decoder.decode(), controller),
    });
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }

  get readable() {
    return this.#ends.readable;
  }

  get writable() {
    return this.#ends.writable;
  }
}
defineInterface(TextDecoderStream, "TextDecoderStream");

export class TextEncoderStream {
  #ends;

  constructor() {
    const encoder = new TextEncoder();
    let high = "";
    this.#ends = ends({
      transform(chunk, controller) {
        let text = high + String(chunk);
        // Half a character waits for its other half.
        high = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
        text = text.slice(0, text.length - high.length);
        if (text) {
          controller.enqueue(encoder.encode(text));
        }
      },
      flush(controller) {
        if (high) {
          controller.enqueue(encoder.encode(high));
        }
      },
    });
  }

  get encoding() {
    return "utf-8";
  }

  get readable() {
    return this.#ends.readable;
  }

  get writable() {
    return this.#ends.writable;
  }
}
defineInterface(TextEncoderStream, "TextEncoderStream");
