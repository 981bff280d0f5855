// SPDX-License-Identifier: MPL-2.0
// timeout: never ends by itself; exit code 4 after a second. With the argument "loop" it does not even wait.

export const backgroundTaskTimeoutSec = 1;

export async function runBackgroundTask(commandLine) {
  if (commandLine.length && commandLine.getArgument(0) == "loop") {
    for (;;);
  }
  await new Promise(() => {});
}
