// SPDX-License-Identifier: MPL-2.0
// no_output: what a task of this name prints goes nowhere, unless told otherwise.

export async function runBackgroundTask() {
  dump("stdout\n");
  console.error("stdout as well");
  return 0;
}
