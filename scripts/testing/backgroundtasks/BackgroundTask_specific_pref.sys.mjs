// SPDX-License-Identifier: MPL-2.0
// specific_pref: exits with the integer preference that its first argument names.

export async function runBackgroundTask(commandLine) {
  return Services.prefs.getIntPref(commandLine.getArgument(0));
}
