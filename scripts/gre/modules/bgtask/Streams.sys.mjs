// SPDX-License-Identifier: MPL-2.0
/*
 * ReadableStream with its readers and controllers, tee, iteration and pipes. What a stream is, a Source, is apart from
 * what a task sees of it, so that bodies and blobs can read one without a reader of their own.
 *
 * A byte stream is one whose chunks are Uint8Arrays, and whose reader may bring the views to fill (ByteStreams.sys.mjs).
 */

import { ByteSource, ReadableStreamBYOBRequest, checkRoom, checkView, toCount } from "resource://gre/modules/bgtask/ByteStreams.sys.mjs";
import { Source, isObject, quietDeferred, readStrategy } from "resource://gre/modules/bgtask/StreamSource.sys.mjs";
import { defineInterface, requireArguments, toDictionary, toEnumeration } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

const LOCKED = "Cannot get a new reader for a readable stream already locked by another reader.";

/** Passed to constructors by those who may make such an object. */
const KEY = Symbol("streams");

/** The Source of a stream, or of whatever; for the library. */
export let sourceOf;
export let streamOf;

/** @words: of errors, when it is closed twice, closed when it has ended; and the same of putting something in */
function defineController(name, [closeTwice, notReadableToClose, closing, notReadable]) {
  const sources = new WeakMap();
  const sourceOfController = controller => {
    const source = sources.get(controller);
    if (!source) {
      throw new TypeError(`'this' is not a ${name}.`);
    }
    return source;
  };
  const Controller = class {
    constructor(key) {
      if (key !== KEY) {
        throw new TypeError("Illegal constructor.");
      }
    }

    get desiredSize() {
      return sourceOfController(this).desiredSize;
    }

    close() {
      const source = sourceOfController(this);
      if (!source.canEnqueue) {
        throw new TypeError(`${name}.close: ${source.state == "readable" ? closeTwice : notReadableToClose}`);
      }
      source.close();
    }

    enqueue(chunk = undefined) {
      const source = sourceOfController(this);
      if (source.isBytes) {
        checkRoom(`${name}.enqueue`, chunk);
      }
      if (!source.canEnqueue) {
        throw new TypeError(`${name}.enqueue: ${source.state == "readable" ? closing : notReadable}`);
      }
      const { byteOffset, byteLength } = source.isBytes ? chunk : {};
      source.enqueue(source.isBytes ? new Uint8Array(chunk.buffer.transfer(), byteOffset, byteLength) : chunk);
    }

    error(reason = undefined) {
      sourceOfController(this).error(reason);
    }
  };
  Object.defineProperty(Controller, "name", { value: name });
  return { Controller, sourceOfController, make(source) {
    const controller = new Controller(KEY);
    sources.set(controller, source);
    return controller;
  } };
}

const CLOSED = "Cannot close an already closed stream.";
const ENDED = "Cannot enqueue into an already closed stream.";
const defaultControllers = defineController("ReadableStreamDefaultController", [CLOSED, CLOSED, ENDED, ENDED]);
const byteControllers = defineController("ReadableByteStreamController", [
  "Close already requested", "Closing un-readable stream controller", "close requested", "Not Readable",
]);
Object.defineProperty(byteControllers.Controller.prototype, "byobRequest", {
  get() {
    return byteControllers.sourceOfController(this).byobRequest;
  },
  configurable: true,
});
defineInterface(defaultControllers.Controller, "ReadableStreamDefaultController");
defineInterface(byteControllers.Controller, "ReadableByteStreamController");
export { ReadableStreamBYOBRequest };
export const ReadableStreamDefaultController = defaultControllers.Controller;
export const ReadableByteStreamController = byteControllers.Controller;

function readAutoSize({ autoAllocateChunkSize }) {
  if (autoAllocateChunkSize === undefined) {
    return 0;
  }
  const size = toCount("ReadableStream.constructor: 'autoAllocateChunkSize' member of UnderlyingSource", autoAllocateChunkSize);
  if (size == 0) {
    throw new TypeError("ReadableStream constructor: autoAllocateChunkSize can not be zero.");
  }
  return size;
}

export class ReadableStream {
  #source;

  static {
    sourceOf = value => (isObject(value) && #source in value ? value.#source : null);
    streamOf = source => {
      const stream = new ReadableStream(KEY);
      stream.#source = source;
      return stream;
    };
  }

  constructor(underlyingSource = undefined, strategy = {}) {
    if (underlyingSource === KEY) {
      return;
    }
    const what = "ReadableStream constructor";
    if (underlyingSource !== undefined && !isObject(underlyingSource)) {
      throw new TypeError(`${what}: Argument 1 is not an object.`);
    }
    const given = underlyingSource ?? {};
    const { type } = given;
    if (type !== undefined) {
      toEnumeration("ReadableStream.constructor: '%s' (value of 'type' member of UnderlyingSource)", "ReadableStreamType", type, ["bytes"]);
    }
    const isBytes = type !== undefined;
    if (isBytes && strategy?.size !== undefined) {
      throw new RangeError(`${what}: Implementation preserved member 'size'`);
    }
    const [highWaterMark, sizeOf] = readStrategy(what, strategy, isBytes ? 0 : 1);
    const algorithms = {};
    for (const name of ["start", "pull", "cancel"]) {
      const method = given[name];
      if (method !== undefined) {
        if (typeof method != "function") {
          throw new TypeError(`ReadableStream.constructor: '${name}' member of UnderlyingSource is not callable.`);
        }
        algorithms[name] = argument => Reflect.apply(method, given, [argument]);
      }
    }
    this.#source = isBytes
      ? new ByteSource(algorithms, { highWaterMark, autoSize: readAutoSize(given) })
      : new Source(algorithms, { highWaterMark, sizeOf });
    this.#source.controller = (isBytes ? byteControllers : defaultControllers).make(this.#source);
    this.#source.start();
  }

  /** A stream of what an iterable gives. */
  static from(iterable) {
    requireArguments("ReadableStream.from", arguments, 1);
    if (!isObject(iterable) && typeof iterable != "string") {
      throw new TypeError("ReadableStream.from: Argument 1 is not an object.");
    }
    const method = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator];
    if (typeof method != "function") {
      throw new TypeError(`${Object.prototype.toString.call(iterable)} is not iterable`);
    }
    const iterator = Reflect.apply(method, iterable, []);
    const source = new Source(
      {
        async pull(controller) {
          const { value, done } = await iterator.next();
          if (done) {
            controller.close();
          } else {
            controller.enqueue(await value);
          }
        },
        cancel: reason => iterator.return?.(reason),
      },
      { highWaterMark: 0 }
    );
    return streamOf(source.start());
  }

  get locked() {
    return this.#source.reader !== null;
  }

  cancel(reason = undefined) {
    if (this.locked) {
      return Promise.reject(new TypeError("ReadableStream.cancel: Cannot cancel a stream locked by a reader."));
    }
    return this.#source.cancel(reason);
  }

  /** options.mode "byob": a reader that fills views; byte streams have it. */
  getReader(options = undefined) {
    const { mode } = toDictionary("ReadableStream.getReader: Argument 1", options);
    if (mode !== undefined) {
      toEnumeration("ReadableStream.getReader: '%s' (value of 'mode' member of ReadableStreamGetReaderOptions)", "ReadableStreamReaderMode", mode, ["byob"]);
      return new ReadableStreamBYOBReader(this, "ReadableStream.getReader");
    }
    return new ReadableStreamDefaultReader(this, "ReadableStream.getReader");
  }

  /** Two streams that both give what this one gives. */
  tee() {
    const reader = this.getReader();
    const branches = [];
    let reading = false;
    const canceled = [];
    const finished = quietDeferred();
    const pull = async () => {
      if (reading) {
        return;
      }
      reading = true;
      try {
        const { value, done } = await reader.read();
        reading = false;
        for (const branch of branches.filter(each => each.canEnqueue)) {
          if (done) {
            branch.close();
          } else {
            branch.enqueue(branch.isBytes && branch !== branches[0] ? value.slice() : value);
          }
        }
        if (done) {
          finished.resolve(undefined);
        }
      } catch (error) {
        branches.forEach(branch => branch.error(error));
        finished.resolve(undefined);
      }
    };
    const cancel = index => reason => {
      canceled[index] = { reason };
      if (canceled[0] && canceled[1]) {
        reader.cancel([canceled[0].reason, canceled[1].reason]).then(finished.resolve, finished.reject);
      }
      return finished.promise;
    };
    for (const index of [0, 1]) {
      const Branch = this.#source.isBytes ? ByteSource : Source;
      branches.push(new Branch({ pull, cancel: cancel(index) }));
    }
    return branches.map(branch => streamOf(branch.start()));
  }

  /** Write everything to @destination; options: preventClose, preventAbort, preventCancel, signal. */
  pipeTo(destination, options = undefined) {
    try {
      return pipe(this, destination, toDictionary("ReadableStream.pipeTo: Argument 2", options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  pipeThrough(transform, options = undefined) {
    requireArguments("ReadableStream.pipeThrough", arguments, 1);
    const { readable, writable } = toDictionary("ReadableStream.pipeThrough: Argument 1", transform);
    if (!sourceOf(readable)) {
      throw new TypeError("ReadableStream.pipeThrough: 'readable' member of ReadableWritablePair is not an object.");
    }
    this.pipeTo(writable, options).catch(() => {});
    return readable;
  }

  /** An asynchronous iterator; leaving it early cancels the stream unless options.preventCancel. */
  values(options = undefined) {
    const { preventCancel = false } = toDictionary("ReadableStream.values: Argument 1", options);
    const reader = this.getReader();
    return (async function* () {
      let ended = false;
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) {
            ended = true;
            return;
          }
          yield value;
        }
      } catch (error) {
        ended = true;
        throw error;
      } finally {
        const canceled = ended || preventCancel ? null : reader.cancel();
        reader.releaseLock();
        await canceled;
      }
    })();
  }
}
defineInterface(ReadableStream, "ReadableStream");
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values, writable: true, configurable: true,
});

async function pipe(stream, destination, { preventClose, preventAbort, preventCancel, signal }) {
  if (!runtime.load("resource://gre/modules/bgtask/WritableStreams.sys.mjs").WritableStream.isInstance(destination)) {
    const kind = isObject(destination) ? "does not implement interface WritableStream" : "is not an object";
    throw new TypeError(`ReadableStream.pipeTo: Argument 1 ${kind}.`);
  }
  if (stream.locked || destination.locked) {
    throw new TypeError(`Cannot pipe ${stream.locked ? "from" : "to"} a locked stream.`);
  }
  const reader = stream.getReader();
  const writer = destination.getWriter();
  const aborted = quietDeferred();
  const onAbort = () => aborted.reject(signal.reason);
  const race = promise => Promise.race([promise, aborted.promise]);
  try {
    if (signal?.aborted) {
      onAbort();
    }
    signal?.addEventListener("abort", onAbort);
    for (;;) {
      await race(writer.ready);
      const { value, done } = await race(reader.read());
      if (done) {
        break;
      }
      writer.write(value).catch(() => {});
    }
    if (!preventClose) {
      await race(writer.close());
    }
  } catch (error) {
    if (!preventAbort) {
      writer.abort(error).catch(() => {});
    }
    if (!preventCancel) {
      reader.cancel(error).catch(() => {});
    }
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    reader.releaseLock();
    writer.releaseLock();
  }
}

/** What both kinds of reader have. */
class Reader {
  #source;
  #closed;
  #name;

  constructor(stream, name, what) {
    const source = sourceOf(stream);
    if (!source) {
      const kind = isObject(stream) ? "does not implement interface ReadableStream" : "is not an object";
      throw new TypeError(`${name} constructor: Argument 1 ${kind}.`);
    }
    if (source.reader) {
      throw new TypeError(`${what}: ${LOCKED}`);
    }
    source.reader = this;
    this.#source = source;
    this.#closed = source.closed.promise;
    this.#name = name;
  }

  static source(reader, method) {
    if (!reader.#source) {
      throw new TypeError(`${reader.#name}.${method}: The reader is not attached to a stream.`);
    }
    return reader.#source;
  }

  get closed() {
    return this.#closed;
  }

  async cancel(reason = undefined) {
    return Reader.source(this, "cancel").cancel(reason);
  }

  releaseLock() {
    if (this.#source) {
      const error = new TypeError("The reader was released.");
      this.#source.refuse(error);
      this.#source.reader = null;
      this.#source = null;
      this.#closed = Promise.reject(error);
      this.#closed.catch(() => {});
    }
  }
}
const sourceOfReader = Reader.source;

function finishReader(cls, name) {
  for (const key of ["releaseLock", "cancel", "closed"]) {
    Object.defineProperty(cls.prototype, key, Object.getOwnPropertyDescriptor(Reader.prototype, key));
  }
  defineInterface(cls, name);
}

export class ReadableStreamDefaultReader extends Reader {
  constructor(stream, what = "ReadableStreamDefaultReader constructor") {
    super(stream, "ReadableStreamDefaultReader", what);
  }

  async read() {
    return sourceOfReader(this, "read").read();
  }
}
finishReader(ReadableStreamDefaultReader, "ReadableStreamDefaultReader");

export class ReadableStreamBYOBReader extends Reader {
  constructor(stream, what = "ReadableStreamBYOBReader constructor") {
    super(stream, "ReadableStreamBYOBReader", what);
    if (!sourceOf(stream).isBytes) {
      this.releaseLock();
      throw new TypeError(`${what}: Trying to read with incompatible controller`);
    }
  }

  /** What there is, in @view, whose buffer is taken away; options.min: elements, as many at least but at the end. */
  async read(view, options = undefined) {
    const what = "ReadableStreamBYOBReader.read";
    requireArguments(what, arguments, 1);
    checkView(what, view);
    const { min = 1 } = toDictionary(`${what}: Argument 2`, options);
    const least = toCount(`${what}: 'min' member of ReadableStreamBYOBReaderReadOptions`, min);
    checkRoom(what, view);
    if (least == 0) {
      throw new TypeError(`${what}: Zero is not a valid value for 'min' member of ReadableStreamBYOBReaderReadOptions.`);
    }
    if (least > (view.length ?? view.byteLength)) {
      throw new RangeError(`${what}: Array length exceeded by 'min' member of ReadableStreamBYOBReaderReadOptions.`);
    }
    const source = sourceOfReader(this, "read");
    return source.readInto(view, least);
  }
}
finishReader(ReadableStreamBYOBReader, "ReadableStreamBYOBReader");

function defineStrategy(name, sizeOf) {
  const Strategy = class {
    #highWaterMark;

    constructor(init) {
      requireArguments(`${name} constructor`, arguments, 1);
      const { highWaterMark } = toDictionary(`${name} constructor: Argument 1`, init);
      if (highWaterMark === undefined) {
        throw new TypeError(`Missing required 'highWaterMark' member of QueuingStrategyInit.`);
      }
      this.#highWaterMark = Number(highWaterMark);
    }

    get highWaterMark() {
      return this.#highWaterMark;
    }

    get size() {
      return sizeOf;
    }
  };
  Object.defineProperty(Strategy, "name", { value: name });
  defineInterface(Strategy, name);
  return Strategy;
}

export const CountQueuingStrategy = defineStrategy("CountQueuingStrategy", function size() {
  return 1;
});
export const ByteLengthQueuingStrategy = defineStrategy("ByteLengthQueuingStrategy", function size(chunk) {
  return chunk.byteLength;
});
