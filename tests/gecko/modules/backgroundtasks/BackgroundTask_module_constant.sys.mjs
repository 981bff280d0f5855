// SPDX-License-Identifier: MPL-2.0
export const runBackgroundTask = 5;
