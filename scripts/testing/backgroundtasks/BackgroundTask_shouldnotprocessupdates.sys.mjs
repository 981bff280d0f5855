// SPDX-License-Identifier: MPL-2.0
// The same task under a name that may not process updates.

export { runBackgroundTask } from "resource://testing-common/backgroundtasks/BackgroundTask_shouldprocessupdates.sys.mjs";
