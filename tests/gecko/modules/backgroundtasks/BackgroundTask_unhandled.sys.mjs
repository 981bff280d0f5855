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
  }
  await new Promise(resolve => setTimeout(resolve, 50));
  return 14;
}
