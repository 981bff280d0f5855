// SPDX-License-Identifier: MPL-2.0
// success: exits with 0.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";

export async function runBackgroundTask() {
  return EXIT_CODE.SUCCESS;
}
