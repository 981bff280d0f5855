// SPDX-License-Identifier: MPL-2.0
// wait: waits for as many milliseconds as its first argument says (else ten seconds), then prints "done".

import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

export async function runBackgroundTask(commandLine) {
  const delayMs = commandLine.length ? Number(commandLine.getArgument(0)) : 10000;
  await new Promise(resolve => setTimeout(resolve, delayMs));
  dump("done\n");
  return 0;
}
