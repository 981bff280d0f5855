// SPDX-License-Identifier: MPL-2.0
await null;
export function runBackgroundTask() {}
