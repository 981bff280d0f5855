// SPDX-License-Identifier: MPL-2.0
// AbortController and AbortSignal.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { Event, EventTarget, defineHandler, fireEvent } from "resource://gre/modules/bgtask/Events.sys.mjs";
import { defineInterface, requireArguments, sequenceOf } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { timers } = import.meta.native;

/** The longest time that AbortSignal.timeout() takes, and the longest that a timer can wait (over three weeks). */
const TIMEOUT_MAX_MS = Number.MAX_SAFE_INTEGER;
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Passed to the constructor by those who may make a signal. */
const KEY = Symbol("AbortSignal");

let abortSignal;

function abortError() {
  return new DOMException("The operation was aborted. ", "AbortError");
}

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  /** Signals made by any() that follow this one, and those that this one follows: never such as follow others. */
  #dependents = new Set();
  #sources = new Set();

  static {
    abortSignal = (signal, reason) => signal.#abort(reason);
  }

  constructor(key) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    super();
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) {
      throw this.#reason;
    }
  }

  #abort(reason) {
    if (this.#aborted) {
      return;
    }
    // All that depend on it are aborted before the first listener hears of it.
    const affected = [this, ...this.#dependents].filter(signal => !signal.#aborted);
    for (const signal of affected) {
      signal.#aborted = true;
      signal.#reason = reason;
    }
    for (const signal of affected) {
      signal.#dependents.clear();
      signal.#sources.forEach(source => source.#dependents.delete(signal));
      signal.#sources.clear();
      fireEvent(signal, new Event("abort"));
    }
  }

  /** A signal that is aborted. */
  static abort(reason) {
    const signal = new AbortSignal(KEY);
    signal.#aborted = true;
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  /** A signal that is aborted with a TimeoutError, @milliseconds from now. */
  static timeout(milliseconds) {
    requireArguments("AbortSignal.timeout", arguments, 1);
    const delayMs = Number(milliseconds);
    if (!(delayMs >= 0 && delayMs <= TIMEOUT_MAX_MS)) {
      const what = Number.isFinite(delayMs) ? "is" : "is not a finite value, so is";
      throw new TypeError(`AbortSignal.timeout: Argument 1 ${what} out of range for unsigned long long.`);
    }
    const signal = new AbortSignal(KEY);
    const expire = () => signal.#abort(new DOMException("The operation timed out.", "TimeoutError"));
    timers.set(expire, Math.min(delayMs, TIMER_MAX_MS), false);
    return signal;
  }

  /** A signal that is aborted when the first of @signals is. */
  static any(signals) {
    requireArguments("AbortSignal.any", arguments, 1);
    const list = sequenceOf(signals);
    if (!list) {
      throw new TypeError("AbortSignal.any: Argument 1 can't be converted to a sequence.");
    }
    for (const signal of list) {
      if (!(signal instanceof AbortSignal)) {
        const isObject = (typeof signal == "object" && signal !== null) || typeof signal == "function";
        const kind = isObject ? "does not implement interface AbortSignal" : "is not an object";
        throw new TypeError(`AbortSignal.any: Element of argument 1 ${kind}.`);
      }
    }
    const aborted = list.find(signal => signal.#aborted);
    if (aborted) {
      return AbortSignal.abort(aborted.#reason);
    }
    const result = new AbortSignal(KEY);
    for (const source of list.flatMap(signal => (signal.#sources.size ? [...signal.#sources] : [signal]))) {
      result.#sources.add(source);
      source.#dependents.add(result);
    }
    return result;
  }
}
defineInterface(AbortSignal);
defineHandler(AbortSignal, "abort");

export class AbortController {
  #signal = new AbortSignal(KEY);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    abortSignal(this.#signal, reason === undefined ? abortError() : reason);
  }
}
defineInterface(AbortController);
