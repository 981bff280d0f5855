// SPDX-License-Identifier: MPL-2.0
// nsIAsyncShutdownService: AsyncShutdown for those who have XPCOM only. Blockers are objects: { name, state, blockShutdown() };
// one is done when it has been removed.

import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";
import { PropertyBag } from "resource://gre/modules/bgtask/PropertyBag.sys.mjs";
import { defineXpcomClass, errors, failConversion, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const PHASES = [
  "appShutdownConfirmed", "profileChangeTeardown", "profileBeforeChange", "sendTelemetry", "webWorkersShutdown",
  "xpcomWillShutdown",
];

function refuse(message) {
  throw errors().makeException(message, Cr.NS_ERROR_XPC_JAVASCRIPT_ERROR_WITH_DETAILS);
}

/** nsIAsyncShutdownClient over a client of AsyncShutdown. */
class Client {
  #client;
  /** What removing a blocker does, by the blocker. */
  #blockers = new Map();

  constructor(client) {
    this.#client = client;
  }

  get name() {
    return this.#client.name;
  }

  get isClosed() {
    return this.#client.isClosed;
  }

  get jsclient() {
    return this.#client;
  }

  /** @fileName, @lineNumber and @stack are where the caller is; they are known here. */
  addBlocker(blocker, fileName, lineNumber, stack) {
    if (!isObject(blocker)) {
      failConversion("nsIAsyncShutdownClient.addBlocker", 0);
    }
    if (this.#blockers.has(blocker)) {
      refuse(`We have already registered the blocker (${blocker.name})`);
    }
    const condition = () =>
      new Promise((resolve, reject) => {
        this.#blockers.set(blocker, resolve);
        try {
          blocker.blockShutdown(this);
        } catch (error) {
          reject(error);
        }
      });
    try {
      this.#client.addBlocker(blocker.name, condition, () => blocker.state ?? "(none)");
    } catch (error) {
      refuse(error.message);
    }
    this.#blockers.set(blocker, () => this.#client.removeBlocker(condition));
  }

  removeBlocker(blocker) {
    const done = this.#blockers.get(blocker);
    this.#blockers.delete(blocker);
    done?.();
  }
}
defineXpcomClass(Client, ["nsIAsyncShutdownClient"], { nsIAsyncShutdownClient: { addBlocker: 4, removeBlocker: 1 } });

function bagOf(state) {
  const bag = new PropertyBag();
  const entries = typeof state == "string" ? [["state", state]] : state.map(({ name, state: own }) => [name, String(own)]);
  for (const [name, value] of entries) {
    bag.setProperty(name, value);
  }
  return bag;
}

/** nsIAsyncShutdownBarrier. */
class Barrier {
  #barrier;
  #client;

  constructor(name) {
    this.#barrier = new AsyncShutdown.Barrier(name);
    this.#client = new Client(this.#barrier.client);
  }

  get client() {
    return this.#client;
  }

  /** nsIPropertyBag: states by the names of blockers. */
  get state() {
    return bagOf(this.#barrier.state);
  }

  /** @callback, an nsIAsyncShutdownCompletionCallback, is called when all are done. */
  wait(callback) {
    this.#barrier.wait().then(() => (typeof callback == "function" ? callback() : callback.done()));
  }
}
defineXpcomClass(Barrier, ["nsIAsyncShutdownBarrier"], { nsIAsyncShutdownBarrier: { wait: 1 } });

class Service {
  makeBarrier(name) {
    return new Barrier(String(name));
  }
}
for (const phase of PHASES) {
  const client = new Client(AsyncShutdown[phase]);
  Object.defineProperty(Service.prototype, phase, { get: () => client, configurable: true });
}
defineXpcomClass(Service, ["nsIAsyncShutdownService"], { nsIAsyncShutdownService: { makeBarrier: 1 } });

export const asyncShutdownService = new Service();
