// SPDX-License-Identifier: MPL-2.0
// Explicit resource management without its syntax, which the engine does not know: Symbol.dispose and
// Symbol.asyncDispose, SuppressedError, DisposableStack, AsyncDisposableStack.

import { checkCallable, isObject } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const dispose = Symbol("Symbol.dispose");
const asyncDispose = Symbol("Symbol.asyncDispose");

export const members = { "Symbol": { dispose, asyncDispose } };

const SUPPRESSED = "An error is suppressed because another error happened while disposing an object";

export class SuppressedError extends Error {
  constructor(error, suppressed, message) {
    super(message);
    const define = (key, value) =>
      Object.defineProperty(this, key, { value, writable: true, enumerable: false, configurable: true });
    define("error", error);
    define("suppressed", suppressed);
  }
}
for (const [key, value] of [["name", "SuppressedError"], ["message", ""]]) {
  Object.defineProperty(SuppressedError.prototype, key, { value, writable: true, configurable: true });
}

/** Errors of disposals one after the other: a later one suppresses those before it. */
export class Failures {
  failed = false;
  error = undefined;

  add(error) {
    this.error = this.failed ? new SuppressedError(error, this.error, SUPPRESSED) : error;
    this.failed = true;
  }

  throw() {
    if (this.failed) {
      throw this.error;
    }
  }
}

export function methodOf(value, symbol, description) {
  if (!isObject(value)) {
    throw new TypeError("Value to be disposed is not an object");
  }
  let method = value[symbol];
  if (symbol === asyncDispose && (method === undefined || method === null)) {
    const plain = value[Symbol.dispose];
    method = typeof plain == "function" ? function () { Reflect.apply(plain, this, []); } : plain;
  }
  if (typeof method != "function") {
    throw new TypeError(`'${description}' property is not callable`);
  }
  return method;
}

function defineStack(name, symbol, description) {
  const checkAlive = state => {
    if (state.disposed) {
      throw new ReferenceError(`${name} has already been disposed`);
    }
  };
  class Stack {
    #state = { disposed: false, entries: [] };

    get disposed() {
      return this.#state.disposed;
    }

    use(value) {
      checkAlive(this.#state);
      if (value !== null && value !== undefined) {
        const method = methodOf(value, symbol, description);
        this.#state.entries.push(() => Reflect.apply(method, value, []));
      } else if (symbol === asyncDispose) {
        this.#state.entries.push(() => undefined);
      }
      return value;
    }

    adopt(value, onDispose) {
      checkAlive(this.#state);
      checkCallable(onDispose);
      this.#state.entries.push(() => onDispose(value));
      return value;
    }

    defer(onDispose) {
      checkAlive(this.#state);
      checkCallable(onDispose);
      this.#state.entries.push(() => onDispose());
    }

    move() {
      checkAlive(this.#state);
      const result = new Stack();
      result.#state.entries = this.#state.entries;
      this.#state.entries = [];
      this.#state.disposed = true;
      return result;
    }

    /** What is to be disposed of, last first; from now on the stack is disposed. */
    static drain(stack) {
      const { entries, disposed } = stack.#state;
      stack.#state = { disposed: true, entries: [] };
      return disposed ? [] : entries.reverse();
    }
  }
  const { drain } = Stack;
  delete Stack.drain;
  Object.defineProperty(Stack, "name", { value: name, configurable: true });
  Object.defineProperty(Stack.prototype, Symbol.toStringTag, { value: name, configurable: true });
  return { Stack, drain };
}

function hide(prototype, names, value) {
  for (const key of names) {
    Object.defineProperty(prototype, key, { value, writable: true, enumerable: false, configurable: true });
  }
}

const sync = defineStack("DisposableStack", dispose, "Symbol.dispose");
export const DisposableStack = sync.Stack;
hide(DisposableStack.prototype, ["dispose", dispose], {
  dispose() {
    const failures = new Failures();
    for (const entry of sync.drain(this)) {
      try {
        entry();
      } catch (error) {
        failures.add(error);
      }
    }
    failures.throw();
  },
}.dispose);

const later = defineStack("AsyncDisposableStack", asyncDispose, "Symbol.asyncDispose");
export const AsyncDisposableStack = later.Stack;
hide(AsyncDisposableStack.prototype, ["disposeAsync", asyncDispose], {
  async disposeAsync() {
    const failures = new Failures();
    for (const entry of later.drain(this)) {
      try {
        await entry();
      } catch (error) {
        failures.add(error);
      }
    }
    failures.throw();
  },
}.disposeAsync);

// Every iterator can be disposed of. Nobody can have asked for that before there are the symbols.
const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
hide(iteratorPrototype, [dispose], {
  [dispose]() {
    this.return?.();
  },
}[dispose]);
const asyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
hide(asyncIteratorPrototype, [asyncDispose], {
  async [asyncDispose]() {
    await this.return?.();
  },
}[asyncDispose]);
