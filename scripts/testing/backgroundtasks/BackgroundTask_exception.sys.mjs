// SPDX-License-Identifier: MPL-2.0
// exception: throws, which is exit code 3.

export async function runBackgroundTask() {
  throw new Error("exception");
}
