// SPDX-License-Identifier: MPL-2.0
// minruntime: done at once, but its process lives for two seconds.

export const backgroundTaskMinRuntimeMS = 2000;

export async function runBackgroundTask() {
  return 0;
}
