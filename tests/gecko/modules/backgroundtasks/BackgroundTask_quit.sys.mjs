// SPDX-License-Identifier: MPL-2.0
// Services.startup.quit beats the result and the minimum runtime.

export async function runBackgroundTask() {
  dump("before\n");
  Services.startup.quit(Ci.nsIAppStartup.eForceQuit, 33);
  return 12;
}
