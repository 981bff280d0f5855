// SPDX-License-Identifier: MPL-2.0
// The shutdown of a run: phases with their notifications and barriers, in Gecko's order.
//
// Loaded only by a task that could notice: one that observes a notification of the shutdown (Observers.sys.mjs) or
// adds a blocker (AsyncShutdown.sys.mjs). The host then calls notifyShutdown() before it leaves.

import { obs } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import { setShutdownPhase } from "resource://gre/modules/bgtask/Startup.sys.mjs";

const { console: native, prefs, runtime, timers } = import.meta.native;

const BLOCKERS_PREF = "toolkit.asyncshutdown.crash_timeout";
const BLOCKERS_DEFAULT_MS = 60000;
/** How long the host lets the whole shutdown take; blockers are given up a little before. */
const WHOLE_PREF = "toolkit.backgroundtasks.shutdownTimeoutMS";
const WHOLE_DEFAULT_MS = 5000;
const RESERVE_PART = 0.1;

/**
 * In order: topic, data, the phase that begins with it (SHUTDOWN_PHASE_*; undefined: none). "web-workers-shutdown"
 * and its barrier do not come, as in Gecko where there was no worker.
 */
const NOTIFICATIONS = [
  ["quit-application-granted", null],
  ["quit-application", "shutdown", 1],
  ["profile-change-net-teardown", null, 2],
  ["profile-change-teardown", null, 3],
  ["profile-before-change", null, 4],
  ["profile-before-change-qm", null, 5],
  ["profile-before-change-telemetry", null, 6],
  ["xpcom-will-shutdown", null, 7],
  ["xpcom-shutdown", null, 8],
  ["xpcom-shutdown-threads", null],
];

/** Barriers by the topic after whose observers they are waited for. */
const barriers = new Map();

/** Wait for @barrier when @topic has been notified. */
export function addBarrier(topic, barrier) {
  barriers.set(topic, barrier);
}

function patienceMs() {
  const read = (name, fallback) => {
    const value = prefs.get(name, false);
    return typeof value == "number" && value >= 0 ? value : fallback;
  };
  const whole = read(WHOLE_PREF, WHOLE_DEFAULT_MS);
  return Math.min(read(BLOCKERS_PREF, BLOCKERS_DEFAULT_MS), whole * (1 - RESERVE_PART));
}

/** The state of a blocker in words, for messages. */
export function stateText(state) {
  if (typeof state == "string") {
    return state;
  }
  try {
    return JSON.stringify(state) ?? String(state);
  } catch (error) {
    return `(cannot be told: ${error})`;
  }
}

/** Resolves when @barrier is done, or at @deadlineMs; who was not done by then is named on standard error. */
function waitFor(barrier, deadlineMs) {
  return new Promise(resolve => {
    const timer = timers.set(() => {
      const { phase, conditions } = barrier.describe();
      for (const { name, state, filename, lineNumber } of conditions) {
        const added = filename ? `; added at ${filename}:${lineNumber}` : "";
        native.printError(
          `AsyncShutdown: blocker "${name}" of phase ${phase} is not done; state: ${stateText(state)}${added}\n`
        );
      }
      resolve();
    }, Math.max(0, deadlineMs - runtime.now()), false);
    barrier.wait().finally(() => {
      timers.clear(timer);
      resolve();
    });
  });
}

let running = null;

async function runPhases() {
  const deadlineMs = runtime.now() + patienceMs();
  for (const [topic, data, phase] of NOTIFICATIONS) {
    if (phase !== undefined) {
      setShutdownPhase(phase);
    }
    obs.notifyObservers(null, topic, data);
    const barrier = barriers.get(topic);
    if (barrier && !barrier.isEmpty) {
      await waitFor(barrier, deadlineMs);
    }
    barrier?.close();
  }
}

/** For the host. Resolves when all is done, and never rejects. */
export function notifyShutdown() {
  running ??= runPhases().catch(error => native.reportError(error));
  return running;
}
