// SPDX-License-Identifier: MPL-2.0
// What a readable stream is apart from its interface: a queue, who waits for it, and where its chunks come from.

import { toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

export function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}

/** The same; nobody has to see that it is rejected. */
export function quietDeferred() {
  const result = deferred();
  result.promise.catch(() => {});
  return result;
}

export const isObject = value => (typeof value == "object" && value !== null) || typeof value == "function";

/** [highWaterMark, size function] of a strategy. */
export function readStrategy(what, strategy, highWaterDefault) {
  const { highWaterMark, size } = toDictionary(`${what}: Argument 2`, strategy);
  const mark = highWaterMark === undefined ? highWaterDefault : Number(highWaterMark);
  if (!(mark >= 0)) {
    throw new RangeError(`${what}: Invalid highWaterMark`);
  }
  if (size !== undefined && typeof size != "function") {
    throw new TypeError(`${what}: 'size' member of QueuingStrategy is not callable.`);
  }
  return [mark, size ? chunk => Number(size(chunk)) : () => 1];
}

/** readable -> closed by finish(), when it was to be closed and the queue is empty; readable -> errored by error(). */
export class Source {
  state = "readable";
  disturbed = false;
  reader = null;
  isBytes;
  storedError = undefined;
  closed = quietDeferred();
  queue = []; // { chunk, size }
  queueSize = 0;
  requests = []; // of readers that wait: { resolve, reject }
  started = false;
  closeRequested = false;
  #algorithms;
  #highWaterMark;
  #sizeOf;
  #pulling = false;
  #pullAgain = false;

  /** @algorithms: start, pull, cancel, each may be missing; they get @controller. */
  constructor(algorithms, { highWaterMark = 1, sizeOf = () => 1, isBytes = false, controller = this } = {}) {
    this.#algorithms = algorithms;
    this.#highWaterMark = highWaterMark;
    this.#sizeOf = sizeOf;
    this.isBytes = isBytes;
    this.controller = controller;
  }

  start() {
    const result = this.#algorithms.start?.(this.controller);
    Promise.resolve(result).then(
      () => {
        this.started = true;
        this.pullIfNeeded();
      },
      error => this.error(error)
    );
    return this;
  }

  get desiredSize() {
    if (this.state == "readable") {
      return this.#highWaterMark - this.queueSize;
    }
    return this.state == "closed" ? 0 : null;
  }

  get canEnqueue() {
    return this.state == "readable" && !this.closeRequested;
  }

  enqueue(chunk) {
    if (this.requests.length) {
      this.requests.shift().resolve({ done: false, value: chunk });
    } else {
      let size;
      try {
        size = this.#sizeOf(chunk);
        if (!(size >= 0 && size < Infinity)) {
          throw new RangeError("Invalid size for a chunk");
        }
      } catch (error) {
        this.error(error);
        throw error;
      }
      this.queue.push({ chunk, size });
      this.queueSize += size;
    }
    this.pullIfNeeded();
  }

  close() {
    this.closeRequested = true;
    if (this.queue.length == 0) {
      this.#finish();
    }
  }

  #finish() {
    if (this.state != "readable") {
      return;
    }
    this.state = "closed";
    this.closed.resolve(undefined);
    for (const request of this.requests.splice(0)) {
      request.resolve({ done: true, value: undefined });
    }
  }

  error(error) {
    if (this.state != "readable") {
      return;
    }
    this.state = "errored";
    this.storedError = error;
    this.queue = [];
    this.queueSize = 0;
    this.closed.reject(error);
    for (const request of this.requests.splice(0)) {
      request.reject(error);
    }
  }

  /** Whether somebody waits for a chunk, or there is room for one. */
  get wantsMore() {
    return this.started && this.canEnqueue && (this.requests.length > 0 || this.desiredSize > 0);
  }

  pullIfNeeded() {
    if (!this.wantsMore) {
      return;
    }
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    this.#pull().then(
      () => {
        this.#pulling = false;
        if (this.#pullAgain) {
          this.#pullAgain = false;
          this.pullIfNeeded();
        }
      },
      error => this.error(error)
    );
  }

  async #pull() {
    await this.#algorithms.pull?.(this.controller);
  }

  /** A promise of { value, done }. */
  read() {
    this.disturbed = true;
    if (this.queue.length) {
      const { chunk, size } = this.queue.shift();
      this.queueSize -= size;
      this.drained();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.state == "closed") {
      return Promise.resolve({ done: true, value: undefined });
    }
    if (this.state == "errored") {
      return Promise.reject(this.storedError);
    }
    const request = deferred();
    this.requests.push(request);
    this.pullIfNeeded();
    return request.promise;
  }

  /** Something was taken out of the queue. */
  drained() {
    if (this.closeRequested && this.queue.length == 0) {
      this.#finish();
    } else {
      this.pullIfNeeded();
    }
  }

  /** Requests of a reader that is let go. */
  refuse(error) {
    for (const request of this.requests.splice(0)) {
      request.reject(error);
    }
  }

  async cancel(reason) {
    this.disturbed = true;
    if (this.state == "errored") {
      throw this.storedError;
    }
    if (this.state == "closed") {
      return;
    }
    this.queue = [];
    this.queueSize = 0;
    this.closeRequested = true;
    this.#finish();
    await this.#algorithms.cancel?.(reason);
  }
}
