// SPDX-License-Identifier: MPL-2.0
// 80: another instance is running; 81: none is. An argument is the program of the application that is meant; with a second
// one, the task then stays for so many milliseconds.

export async function runBackgroundTask(commandLine) {
  const manager = Cc["@mozilla.org/updates/update-sync-manager;1"].getService(Ci.nsIUpdateSyncManager);
  if (commandLine.length > 0) {
    manager.resetLock(commandLine.resolveFile(commandLine.getArgument(0)));
  }
  const code = manager.isOtherInstanceRunning() ? 80 : 81;
  if (commandLine.length > 1) {
    dump("ready\n");
    await new Promise(resolve => setTimeout(resolve, Number(commandLine.getArgument(1))));
  }
  return code;
}
