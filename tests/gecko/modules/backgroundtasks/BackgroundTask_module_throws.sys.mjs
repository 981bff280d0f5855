// SPDX-License-Identifier: MPL-2.0
throw new Error("while it is evaluated");
export function runBackgroundTask() {}
