// SPDX-License-Identifier: MPL-2.0
export function runBackgroundTask() {
  return 0;
