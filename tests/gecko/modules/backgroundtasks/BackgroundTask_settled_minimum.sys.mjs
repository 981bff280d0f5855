// SPDX-License-Identifier: MPL-2.0
// It has settled when the timeout comes, in the wait for the minimum runtime.
export const backgroundTaskTimeoutSec = 0.1;
export const backgroundTaskMinRuntimeMS = 400;

export function runBackgroundTask() {
  return 15;
}
