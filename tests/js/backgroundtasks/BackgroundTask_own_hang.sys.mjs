// SPDX-License-Identifier: MPL-2.0
// A blocker that is never done, and uncaught errors of the library in a callback. The exit code stays 12.

import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

export async function runBackgroundTask() {
  Services.prefs.setIntPref("toolkit.asyncshutdown.crash_timeout", 50);
  AsyncShutdown.profileBeforeChange.addBlocker("never done", () => new Promise(() => {}), () => ({ waiting: "for ever" }));
  Services.obs.addObserver(() => dump("went on\n"), "xpcom-shutdown");
  setTimeout(() => Services.prefs.getIntPref("no.such.preference"), 0);
  await new Promise(resolve => setTimeout(resolve, 20));
  return 12;
}
