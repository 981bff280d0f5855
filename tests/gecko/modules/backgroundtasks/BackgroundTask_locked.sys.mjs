// SPDX-License-Identifier: MPL-2.0
// Never runs: its profile is locked.

export async function runBackgroundTask() {
  dump("ran\n");
  return 0;
}
