// SPDX-License-Identifier: MPL-2.0
// Failures that nobody waits for: printed, and the exit code stays.

import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export async function runBackgroundTask(commandLine) {
  switch (commandLine.getArgument(0)) {
    case "rejection":
      Promise.reject(new Error("nobody handles this"));
      break;
    case "timer":
      setTimeout(() => {
        throw new Error("in a timer");
      }, 0);
      break;
    case "no method":
      // Objects without the method that they are asked for: nothing is called, and nothing said.
      Services.tm.dispatchToMainThread({});
      Services.tm.idleDispatchToMainThread(Promise.resolve());
      Services.tm.dispatchToMainThread({ run: 5 });
      Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer).initWithCallback({}, 1, Ci.nsITimer.TYPE_ONE_SHOT);
      Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer).init({}, 1, Ci.nsITimer.TYPE_ONE_SHOT);
      break;
  }
  await new Promise(resolve => setTimeout(resolve, 50));
  return 14;
}
