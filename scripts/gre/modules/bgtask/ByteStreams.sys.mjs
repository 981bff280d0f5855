// SPDX-License-Identifier: MPL-2.0
/*
 * What a readable byte stream is: a Source whose chunks are Uint8Arrays, and that can fill views which its reader brings.
 *
 * A view that waits is a fill: { buffer, byteOffset, byteLength, filled, least, width, View, deferred }; the first of them is
 * what byobRequest offers. One that nobody waits for has no deferred: it was made for a plain reader
 * (autoAllocateChunkSize), or its reader was let go. Who hands a buffer over loses it.
 */

import { Source, deferred, isObject } from "resource://gre/modules/bgtask/StreamSource.sys.mjs";
import { defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const KEY = Symbol("ReadableStreamBYOBRequest");

const isDetached = buffer => buffer.detached ?? buffer.byteLength == 0;

/** A view, and with checkRoom() one with room in it; @what is "Interface.method". */
export function checkView(what, view) {
  if (!ArrayBuffer.isView(view)) {
    const kind = isObject(view) ? "does not implement interface ArrayBufferView" : "is not an object";
    throw new TypeError(`${what}: Argument 1 ${kind}.`);
  }
}

export function checkRoom(what, view) {
  checkView(what, view);
  if (view.byteLength == 0) {
    throw new TypeError(`${what}: Zero Length View`);
  }
}

/** Web IDL's unsigned long long that must be in its range. @subject: what it is of, for messages */
export function toCount(subject, value) {
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new TypeError(`${subject} is not a finite value, so is out of range for unsigned long long.`);
  }
  const count = Math.trunc(number);
  if (count < 0 || count > Number.MAX_SAFE_INTEGER) {
    throw new TypeError(`${subject} is out of range for unsigned long long.`);
  }
  return count;
}

let invalidate;

export class ReadableStreamBYOBRequest {
  #source;
  #view;

  static {
    invalidate = request => {
      request.#source = null;
      request.#view = null;
    };
  }

  constructor(key, source, view) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    this.#source = source;
    this.#view = view;
  }

  /** The room that there is; null once it was answered. */
  get view() {
    return this.#view;
  }

  #require(what) {
    if (!this.#source) {
      throw new TypeError(`${what}: Undefined Controller`);
    }
    if (isDetached(this.#view.buffer)) {
      throw new TypeError(`${what}: View of detached buffer`);
    }
    return this.#source;
  }

  /** So many bytes have been put in. */
  respond(bytesWritten) {
    const what = "ReadableStreamBYOBRequest.respond";
    requireArguments(what, arguments, 1);
    const count = toCount(`${what}: Argument 1`, bytesWritten);
    this.#require(what).respond(count, what);
  }

  /** The bytes are in @view, of the same memory. */
  respondWithNewView(view) {
    const what = "ReadableStreamBYOBRequest.respondWithNewView";
    requireArguments(what, arguments, 1);
    checkView(what, view);
    if (isDetached(view.buffer)) {
      throw new TypeError(`${what}: View of detached buffer`);
    }
    this.#require(what).respondWithNewView(view, what);
  }
}
defineInterface(ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest");

function viewOf({ buffer, byteOffset, filled, width, View }) {
  return new View(buffer, byteOffset, filled / width);
}

export class ByteSource extends Source {
  #fills = [];
  #request = null;
  #autoSize;

  /** @options: of Source; autoSize: bytes of the views that are made for a plain reader, 0: none are */
  constructor(algorithms, { autoSize = 0, ...options } = {}) {
    super(algorithms, { sizeOf: chunk => chunk.byteLength, ...options, isBytes: true });
    this.#autoSize = autoSize;
  }

  get byobRequest() {
    if (!this.#request && this.#fills.length) {
      const { buffer, byteOffset, byteLength, filled } = this.#fills[0];
      const view = new Uint8Array(buffer, byteOffset + filled, byteLength - filled);
      this.#request = new ReadableStreamBYOBRequest(KEY, this, view);
    }
    return this.#request;
  }

  #dropRequest() {
    if (this.#request) {
      invalidate(this.#request);
      this.#request = null;
    }
  }

  get wantsMore() {
    return super.wantsMore || (this.started && this.canEnqueue && this.#fills.some(fill => fill.deferred));
  }

  read() {
    if (this.#autoSize && this.state == "readable" && this.queue.length == 0) {
      const buffer = new ArrayBuffer(this.#autoSize);
      this.#fills.push({ buffer, byteOffset: 0, byteLength: this.#autoSize, filled: 0, least: 1, width: 1, View: Uint8Array });
    }
    return super.read();
  }

  /** A promise of { value, done }: @view again, with @least elements or more. */
  readInto(view, least) {
    this.disturbed = true;
    const { byteOffset, byteLength, BYTES_PER_ELEMENT: width = 1, constructor: View } = view;
    const fill = { buffer: view.buffer.transfer(), byteOffset, byteLength, filled: 0, least: least * width, width, View };
    if (this.state == "errored") {
      return Promise.reject(this.storedError);
    }
    if (this.#fills.length == 0 && this.state == "closed") {
      return Promise.resolve({ value: viewOf(fill), done: true });
    }
    if (this.#fills.length == 0 && this.queueSize > 0) {
      if (this.#fillFromQueue(fill)) {
        this.drained();
        return Promise.resolve({ value: viewOf(fill), done: false });
      }
      if (this.closeRequested) {
        const error = new TypeError("There are not enough bytes left for the view.");
        this.error(error);
        return Promise.reject(error);
      }
    }
    fill.deferred = deferred();
    this.#fills.push(fill);
    this.pullIfNeeded();
    return fill.deferred.promise;
  }

  /** Whether @fill has as much as it wants at least. */
  #fillFromQueue(fill) {
    const most = Math.min(this.queueSize, fill.byteLength - fill.filled);
    const aligned = fill.filled + most - ((fill.filled + most) % fill.width);
    const ready = aligned >= fill.least;
    for (let rest = ready ? aligned - fill.filled : most; rest > 0; ) {
      const [head] = this.queue;
      const part = head.chunk.subarray(0, rest);
      new Uint8Array(fill.buffer, fill.byteOffset + fill.filled, part.length).set(part);
      head.chunk = head.chunk.subarray(part.length);
      head.size -= part.length;
      this.queueSize -= part.length;
      if (head.size == 0) {
        this.queue.shift();
      }
      fill.filled += part.length;
      rest -= part.length;
    }
    return ready;
  }

  #push(bytes) {
    this.queue.push({ chunk: bytes, size: bytes.byteLength });
    this.queueSize += bytes.byteLength;
  }

  /** Give the first fill to whoever waits for it. */
  #commit() {
    const fill = this.#fills.shift();
    const done = this.state == "closed";
    if (fill.deferred) {
      fill.deferred.resolve({ value: viewOf(fill), done });
    } else {
      this.requests.shift()?.resolve({ value: done ? undefined : viewOf(fill), done });
    }
  }

  #commitFromQueue() {
    while (this.#fills.length && this.queueSize > 0 && this.#fillFromQueue(this.#fills[0])) {
      this.#commit();
    }
  }

  /** What is in a fill that nobody waits for any more is read like any other. */
  #releaseOrphan() {
    const [fill] = this.#fills;
    if (fill?.orphan) {
      this.#fills.shift();
      if (fill.filled) {
        this.#push(new Uint8Array(fill.buffer, fill.byteOffset, fill.filled).slice());
      }
    }
  }

  /** @bytes: a Uint8Array that nobody else has. */
  enqueue(bytes) {
    const [fill] = this.#fills;
    if (fill) {
      if (isDetached(fill.buffer)) {
        throw new TypeError("The buffer of the BYOB request's view has been detached.");
      }
      this.#dropRequest();
      fill.buffer = fill.buffer.transfer();
      this.#releaseOrphan();
    }
    if (this.requests.length) {
      if (this.queueSize == 0 && this.#fills.length) {
        this.#fills.shift(); // it was made for this request
      }
      this.#push(bytes);
      this.#answerRequests();
    } else {
      this.#push(bytes);
      this.#commitFromQueue();
    }
    this.pullIfNeeded();
  }

  #answerRequests() {
    while (this.requests.length && this.queue.length) {
      const { chunk, size } = this.queue.shift();
      this.queueSize -= size;
      this.requests.shift().resolve({ done: false, value: chunk });
    }
  }

  close() {
    const [fill] = this.#fills;
    if (this.queueSize == 0 && fill && fill.filled % fill.width) {
      const error = new TypeError("There are not enough bytes left for the view.");
      this.error(error);
      throw error;
    }
    super.close();
    if (this.controller === this && this.state == "closed" && this.#fills.length) {
      this.respond(0); // a source of the library's has nobody else who would
    }
  }

  /** @what: begins the message of an error */
  respond(count, what = "") {
    const [fill] = this.#fills;
    if (this.state == "closed" && count != 0) {
      throw new TypeError(`${what}: bytesWritten not zero on closed stream`);
    }
    if (this.state != "closed" && count == 0) {
      throw new TypeError(`${what}: bytesWritten 0`);
    }
    if (fill.filled + count > fill.byteLength) {
      throw new RangeError(`${what}: bytesFilled + bytesWritten > byteLength`);
    }
    this.#respond(fill, count, fill.buffer);
  }

  respondWithNewView(view, what) {
    const [fill] = this.#fills;
    if (this.state == "closed" && view.byteLength != 0) {
      throw new TypeError(`${what}: View has non-zero length in closed stream`);
    }
    if (this.state != "closed" && view.byteLength == 0) {
      throw new TypeError(`${what}: View has zero length in readable stream`);
    }
    if (fill.byteOffset + fill.filled != view.byteOffset) {
      throw new RangeError(`${what}: Invalid Offset`);
    }
    if (fill.buffer.byteLength != view.buffer.byteLength) {
      throw new RangeError(`${what}: Mismatched buffer byte lengths`);
    }
    if (fill.filled + view.byteLength > fill.byteLength) {
      throw new RangeError(`${what}: Too many bytes`);
    }
    this.#respond(fill, view.byteLength, view.buffer);
  }

  #respond(fill, count, buffer) {
    fill.buffer = buffer.transfer();
    this.#dropRequest();
    if (this.state == "closed") {
      this.#releaseOrphan();
      while (this.#fills.length) {
        this.#commit();
      }
      return;
    }
    fill.filled += count;
    if (fill.orphan) {
      this.#releaseOrphan();
      this.#answerRequests();
      this.#commitFromQueue();
    } else if (fill.filled >= fill.least) {
      const rest = fill.filled % fill.width;
      if (rest) {
        this.#push(new Uint8Array(fill.buffer, fill.byteOffset + fill.filled - rest, rest).slice());
        fill.filled -= rest;
      }
      this.#commit();
      this.#commitFromQueue();
    }
    this.pullIfNeeded();
  }

  error(error) {
    if (this.state == "readable") {
      this.#dropRequest();
      this.#fills.splice(0).forEach(fill => fill.deferred?.reject(error));
    }
    super.error(error);
  }

  /** Requests of a reader that is let go; the first view may be being filled. */
  refuse(error) {
    super.refuse(error);
    const [first, ...others] = this.#fills;
    if (first) {
      this.#fills = [{ ...first, deferred: undefined, orphan: true }];
      [first, ...others].forEach(fill => fill.deferred?.reject(error));
    }
  }

  async cancel(reason) {
    if (this.state == "readable") {
      this.#dropRequest();
      this.#fills.splice(0).forEach(fill => fill.deferred?.resolve({ value: undefined, done: true }));
    }
    return super.cancel(reason);
  }
}
