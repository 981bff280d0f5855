// SPDX-License-Identifier: MPL-2.0
// removeProfileFiles ROOT LOCAL SECONDS
//
// Remove both directories of a profile (LOCAL may be ROOT, and need not be there), once whoever uses it has given up its
// lock; SECONDS at most are waited for that.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";

export async function runBackgroundTask(commandLine) {
  const [root, local] = [0, 1].map(index => commandLine.resolveFile(commandLine.getArgument(index)));
  const seconds = Number.parseInt(commandLine.getArgument(2), 10);
  const service = Cc["@mozilla.org/toolkit/profile-service;1"].getService();
  try {
    // Without a second directory the service would keep the first.
    await service.removeProfileFilesByPath(root, local.exists() ? local : root, seconds);
  } catch (error) {
    console.error(`profile ${root.path} and ${local.path} cannot be removed: ${error.message}`);
    return EXIT_CODE.EXCEPTION;
  }
  console.log(`removed profile ${root.path} and ${local.path}`);
  return EXIT_CODE.SUCCESS;
}
