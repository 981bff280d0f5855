// SPDX-License-Identifier: MPL-2.0
// Atomics.pause and Atomics.waitAsync. There is one thread: who waits is woken by Atomics.notify of the same thread, or by
// time. From the first time that somebody waits, Atomics.notify is the one here (runner/language.c).

import { toInteger } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";
import { clearTimeout, setTimeout } from "resource://gre/modules/bgtask/Timers.sys.mjs";

const { runtime } = import.meta.native;

/** Who waits: by the memory, then by the offset in bytes; the first that came first. { resolve, timer }. */
const waiting = new WeakMap();

/** A timer cannot be set for longer; it is as good as none. */
const DELAY_MAX_MS = 2 ** 31 - 1;

const sharedLength = Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, "byteLength").get;

function isShared(buffer) {
  try {
    Reflect.apply(sharedLength, buffer, []);
    return true;
  } catch {
    return false;
  }
}

const typedName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag).get;
const isKind = (value, kinds) => ArrayBuffer.isView(value) && kinds.includes(Reflect.apply(typedName, value, []));
const WAITABLE = ["Int32Array", "BigInt64Array"];

function checkWaitable(array) {
  if (!isKind(array, WAITABLE)) {
    throw new TypeError("invalid array type for the operation");
  }
}

/** The offset of an item in its memory. */
function offsetOf(array, index) {
  const number = toInteger(index);
  if (number < 0 || number >= array.length) {
    throw new RangeError("invalid or out-of-range index");
  }
  return array.byteOffset + number * array.BYTES_PER_ELEMENT;
}

function waitersAt(buffer, offset) {
  if (!waiting.has(buffer)) {
    waiting.set(buffer, new Map());
  }
  const places = waiting.get(buffer);
  if (!places.has(offset)) {
    places.set(offset, []);
  }
  return places.get(offset);
}

function wait(buffer, offset, timeoutMs) {
  const waiters = waitersAt(buffer, offset);
  return new Promise(resolve => {
    const waiter = { resolve, timer: null };
    waiters.push(waiter);
    if (timeoutMs <= DELAY_MAX_MS) {
      waiter.timer = setTimeout(() => {
        waiters.splice(waiters.indexOf(waiter), 1);
        resolve("timed-out");
      }, timeoutMs);
    }
  });
}

export function notify(array, index, count) {
  checkWaitable(array);
  const offset = offsetOf(array, index);
  const most = count === undefined ? Infinity : Math.max(toInteger(count), 0);
  const waiters = isShared(array.buffer) ? waitersAt(array.buffer, offset) : [];
  const woken = waiters.splice(0, Math.min(most, waiters.length));
  for (const { resolve, timer } of woken) {
    clearTimeout(timer);
    resolve("ok");
  }
  return woken.length;
}

const atomicsMembers = {
  /** A hint to the processor for loops that wait; there is no other thread that could be waited for. */
  pause(iterations = undefined) {
    if (iterations !== undefined && !Number.isInteger(iterations)) {
      throw new TypeError("Atomics.pause called with non-integral Number");
    }
  },
  waitAsync(array, index, value, timeout) {
    checkWaitable(array);
    if (!isShared(array.buffer)) {
      throw new TypeError("invalid array type for the operation");
    }
    const offset = offsetOf(array, index);
    const expected = isKind(array, ["Int32Array"]) ? +value | 0 : BigInt.asIntN(64, toBigInt(value));
    const number = timeout === undefined ? Infinity : +timeout;
    const timeoutMs = Number.isNaN(number) ? Infinity : Math.max(number, 0);
    runtime.divert("Atomics", "notify");
    if (array[(offset - array.byteOffset) / array.BYTES_PER_ELEMENT] !== expected) {
      return { async: false, value: "not-equal" };
    }
    if (timeoutMs == 0) {
      return { async: false, value: "timed-out" };
    }
    return { async: true, value: wait(array.buffer, offset, timeoutMs) };
  },
};

/** ToBigInt: other than BigInt(), it takes no numbers. */
function toBigInt(value) {
  return new BigInt64Array(1).fill(value)[0];
}

export const members = { "Atomics": atomicsMembers };
