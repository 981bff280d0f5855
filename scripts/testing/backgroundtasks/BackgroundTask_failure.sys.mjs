// SPDX-License-Identifier: MPL-2.0
// failure: exits with its first argument, else with 1.

export async function runBackgroundTask(commandLine) {
  return commandLine.length ? Number(commandLine.getArgument(0)) : 1;
}
