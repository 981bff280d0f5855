// SPDX-License-Identifier: MPL-2.0
// The minimum runtime is longer than the timeout.
export const backgroundTaskTimeoutSec = 0.1;
export const backgroundTaskMinRuntimeMS = 400;

export function runBackgroundTask() {
  return new Promise(() => {});
}
