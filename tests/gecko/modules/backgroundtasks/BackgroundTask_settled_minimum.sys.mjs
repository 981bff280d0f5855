// SPDX-License-Identifier: MPL-2.0
// It has settled when the timeout comes, in the wait for the minimum runtime.
export const backgroundTaskTimeoutSec = 0.4;
export const backgroundTaskMinRuntimeMS = 700;

export function runBackgroundTask() {
  return 15;
}
