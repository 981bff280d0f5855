// SPDX-License-Identifier: MPL-2.0
// Things that must be done before a run may end.
//
// A barrier holds blockers: a name and a condition (a promise, or a function that may return one), which is looked at
// when the barrier is waited for. The phases of the shutdown are barriers that Shutdown.sys.mjs waits for; a blocker
// that is never done is named and given up after toolkit.asyncshutdown.crash_timeout.

import { addBarrier, stateText } from "resource://gre/modules/bgtask/Shutdown.sys.mjs";
import { stackFrames, taskStack } from "resource://gre/modules/bgtask/Errors.sys.mjs";

const { console: native } = import.meta.native;

function say(text) {
  native.print(`WARNING: ${text}\n`);
}

/** The state of a blocker. */
function stateOf(fetchState) {
  if (!fetchState) {
    return "(none)";
  }
  try {
    return fetchState();
  } catch (error) {
    native.reportError(error);
    return `Error getting state: ${error} at ${taskStack(String(error?.stack ?? ""))}`;
  }
}

/** Where @stack begins, and its frames as "FILE:FUNCTION:LINE". */
function placeOf(stack) {
  const frames = stackFrames(stack);
  return {
    filename: frames[0]?.filename ?? "",
    lineNumber: frames[0]?.lineNumber ?? 0,
    stack: frames.map(({ filename, name, lineNumber }) => `${filename}:${name}:${lineNumber}`),
  };
}

class Blocker {
  constructor(name, condition, fetchState, stack) {
    this.name = name;
    this.condition = condition;
    this.fetchState = fetchState;
    this.stack = stack;
    this.done = null;
  }

  /** Run the condition, once. Resolves when it is met; a failure is told and counts as met. */
  trigger(phase) {
    this.done ??= this.#run().catch(error => {
      native.reportError(error);
      say(
        `A blocker encountered an error while we were waiting.\n          Blocker:  ${this.name}\n` +
          `          Phase: ${phase}\n          State: ${stateText(stateOf(this.fetchState))}`
      );
      say(String(error));
      say(taskStack(String(error?.stack ?? "")));
    });
    return this.done;
  }

  async #run() {
    if (typeof this.condition == "function") {
      await this.condition(this.name);
    } else {
      await this.condition;
    }
  }
}

class Barrier {
  #name;
  #blockers = new Set();
  /** The blocker that was added last for a condition: the one that it can be removed by. */
  #byCondition = new Map();
  #started = false;
  #done = null;
  #closed = false;
  #client;

  /** @param {string} name for people */
  constructor(name) {
    if (!name) {
      throw new TypeError("Instances of Barrier need a (non-empty) name");
    }
    this.#name = String(name);
    const barrier = this;
    this.#client = Object.freeze({
      get name() {
        return barrier.#name;
      },
      get isClosed() {
        return barrier.#closed;
      },
      addBlocker(blockerName, condition, details = null) {
        barrier.#add(blockerName, condition, details);
      },
      removeBlocker: condition => barrier.#remove(condition),
    });
  }

  /** What is handed to those who add blockers. */
  get client() {
    return this.#client;
  }

  get isEmpty() {
    return this.#blockers.size == 0;
  }

  /** "Not started", "Complete", or the blockers that are waited for: { name, state, filename, lineNumber, stack }. */
  get state() {
    if (!this.#started) {
      return "Not started";
    }
    return this.#closed ? "Complete" : this.describe().conditions;
  }

  /** For messages: { phase, conditions: [{ name, state, filename, lineNumber, stack }] }. */
  describe() {
    const conditions = [...this.#blockers].map(({ name, fetchState, stack }) => ({
      name,
      state: stateOf(fetchState),
      ...placeOf(stack),
    }));
    return { phase: this.#name, conditions };
  }

  #add(name, condition, details) {
    if (typeof name != "string") {
      throw new TypeError("Expected a human-readable name as first argument");
    }
    if (details !== null && details !== undefined && typeof details != "function" && typeof details != "object") {
      throw new TypeError(`Expected an object as third argument to \`addBlocker\`, got ${details}`);
    }
    const fetchState = typeof details == "function" ? details : details?.fetchState ?? null;
    if (fetchState && typeof fetchState != "function") {
      throw new TypeError("Expected a function for option `fetchState`");
    }
    if (this.#closed) {
      throw new Error(
        `Phase "${this.#name}" is finished, it is too late to register completion condition "${name}"`
      );
    }
    const blocker = new Blocker(name, condition, fetchState, taskStack());
    this.#blockers.add(blocker);
    this.#byCondition.set(condition, blocker);
    if (this.#started) {
      this.#watch(blocker);
    }
  }

  /** Whether a blocker with that condition was there. */
  #remove(condition) {
    const blocker = this.#byCondition.get(condition);
    this.#byCondition.delete(condition);
    return blocker !== undefined && this.#blockers.delete(blocker);
  }

  #watch(blocker) {
    // Whoever is done is no longer waited for; another may have been added meanwhile.
    return blocker.trigger(this.#name).then(() => this.#blockers.delete(blocker));
  }

  /** Run all blockers; resolves when they and those added meanwhile are done. May be called again. */
  wait() {
    this.#started = true;
    this.#done ??= this.#waitForAll();
    return this.#done;
  }

  async #waitForAll() {
    while (this.#blockers.size) {
      await Promise.all([...this.#blockers].map(blocker => this.#watch(blocker)));
    }
    this.#closed = true;
  }

  /** For phases: nothing can be added any more. */
  close() {
    this.#closed = true;
  }
}

/** The phase that is waited for after the observers of @topic. */
function phase(topic) {
  const barrier = new Barrier(topic);
  addBarrier(topic, barrier);
  return barrier.client;
}

export const AsyncShutdown = {
  /** How long blockers may take, in milliseconds. */
  get DELAY_CRASH_MS() {
    return Services.prefs.getIntPref("toolkit.asyncshutdown.crash_timeout", 60000);
  },
  appShutdownConfirmed: phase("quit-application"),
  profileChangeTeardown: phase("profile-change-teardown"),
  profileBeforeChange: phase("profile-before-change"),
  sendTelemetry: phase("profile-before-change-telemetry"),
  xpcomWillShutdown: phase("xpcom-will-shutdown"),
  webWorkersShutdown: phase("web-workers-shutdown"),
  Barrier,
};
