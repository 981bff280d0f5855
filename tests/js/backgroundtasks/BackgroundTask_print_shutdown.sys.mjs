// SPDX-License-Identifier: MPL-2.0
// What happens in the shutdown; compared with expected/print_shutdown.out. The exit code stays that of the task.

import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

const TOPICS = [
  "quit-application-granted", "quit-application", "profile-change-net-teardown", "profile-change-teardown",
  "profile-before-change", "profile-before-change-qm", "profile-before-change-telemetry", "xpcom-will-shutdown",
  "xpcom-shutdown", "xpcom-shutdown-threads",
];
const PHASES = ["appShutdownConfirmed", "profileChangeTeardown", "profileBeforeChange", "sendTelemetry", "xpcomWillShutdown"];

function phase() {
  let reached = -1;
  while (reached < 8 && Services.startup.isInOrBeyondShutdownPhase(reached + 1)) {
    reached++;
  }
  return `phase ${reached}, shutting down ${Services.startup.shuttingDown}`;
}

export async function runBackgroundTask() {
  for (const topic of TOPICS) {
    Services.obs.addObserver((subject, heard, data) => dump(`${heard} ${data}, ${phase()}\n`), topic);
  }
  for (const name of PHASES) {
    AsyncShutdown[name].addBlocker(`blocker of ${name}`, async () => {
      dump(`${name}, ${phase()}\n`);
      await new Promise(resolve => setTimeout(resolve, 5));
      dump(`${name} done\n`);
    });
  }
  const removed = () => dump("never\n");
  AsyncShutdown.profileBeforeChange.addBlocker("removed", removed);
  AsyncShutdown.profileBeforeChange.removeBlocker(removed);
  Services.obs.addObserver(() => {
    try {
      AsyncShutdown.profileBeforeChange.addBlocker("late", () => {});
    } catch (error) {
      dump(`${error.message}\n`);
    }
  }, "xpcom-shutdown");
  dump(`${phase()}\n`);
  return 42;
}
