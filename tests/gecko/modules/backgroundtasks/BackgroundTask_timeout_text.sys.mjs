// SPDX-License-Identifier: MPL-2.0
// A timeout in a text counts.
export const backgroundTaskTimeoutSec = "0.2";
export const backgroundTaskMinRuntimeMS = "1";

export function runBackgroundTask() {
  return new Promise(() => {});
}
