// SPDX-License-Identifier: MPL-2.0
// Never settles; times out after 0.2 s.
export const backgroundTaskTimeoutSec = 0.2;
export const backgroundTaskMinRuntimeMS = 1;

export function runBackgroundTask() {
  return new Promise(() => {});
}
