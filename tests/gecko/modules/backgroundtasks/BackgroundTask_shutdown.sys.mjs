// SPDX-License-Identifier: MPL-2.0
// What happens between the end of a task and that of its process.

import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

const TOPICS = [
  "quit-application-requested", "quit-application-granted", "quit-application", "profile-change-net-teardown",
  "profile-change-teardown", "profile-before-change", "profile-before-change-qm", "profile-before-change-telemetry",
  "xpcom-will-shutdown", "xpcom-shutdown", "xpcom-shutdown-threads",
];
const PHASES = ["appShutdownConfirmed", "profileChangeTeardown", "profileBeforeChange", "sendTelemetry", "webWorkersShutdown",
  "xpcomWillShutdown"];

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

const WAYS = {
  topics() {
    for (const topic of TOPICS) {
      Services.obs.addObserver((_subject, name, data) => dump(`${name} ${data}\n`), topic);
    }
  },
  phases() {
    for (const topic of TOPICS) {
      Services.obs.addObserver((_subject, name) => {
        const begun = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(phase => Services.startup.isInOrBeyondShutdownPhase(phase));
        dump(`${name} ${Services.startup.shuttingDown} ${begun}\n`);
      }, topic);
    }
    for (const phase of PHASES) {
      AsyncShutdown[phase]?.addBlocker(`${phase} blocker`, () => dump(`${phase}\n`));
    }
  },
  blocker() {
    AsyncShutdown.profileBeforeChange.addBlocker("slow", async () => {
      await sleep(100);
      dump("waited for\n");
    });
  },
  throwing() {
    Services.obs.addObserver(() => {
      dump("observer\n");
      throw new Error("in an observer");
    }, "profile-before-change");
    AsyncShutdown.profileBeforeChange.addBlocker("after it", () => dump("blocker\n"));
  },
  order() {
    AsyncShutdown.profileBeforeChange.addBlocker("1", () => dump("1\n"));
    AsyncShutdown.profileBeforeChange.addBlocker("2", async () => {
      dump("2 begins\n");
      await sleep(20);
      dump("2 ends\n");
    });
    AsyncShutdown.profileBeforeChange.addBlocker("3", () => dump("3\n"));
    Services.obs.addObserver(() => dump("telemetry\n"), "profile-before-change-telemetry");
  },
  late() {
    AsyncShutdown.profileBeforeChange.addBlocker("first", () => {
      try {
        AsyncShutdown.profileChangeTeardown.addBlocker("too late", () => dump("never\n"));
      } catch (error) {
        dump(`${error.name}\n`);
      }
    });
  },
};

export async function runBackgroundTask(commandLine) {
  WAYS[commandLine.getArgument(0)]();
  return 42;
}
