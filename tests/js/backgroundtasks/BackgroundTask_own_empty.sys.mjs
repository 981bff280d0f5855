// SPDX-License-Identifier: MPL-2.0
// Touches nothing: run.py looks at what is loaded for it.

export const backgroundTaskMinRuntimeMS = 1;

export async function runBackgroundTask() {}
