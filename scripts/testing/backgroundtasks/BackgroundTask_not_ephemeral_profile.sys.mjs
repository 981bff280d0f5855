// SPDX-License-Identifier: MPL-2.0
// not_ephemeral_profile: keeps a number in its persistent profile: exits with 80 the first time, then with 81, 82, …

const PREF = "test.not_ephemeral_profile";

export async function runBackgroundTask() {
  const value = Services.prefs.getIntPref(PREF, 79) + 1;
  Services.prefs.setIntPref(PREF, value);
  Services.prefs.savePrefFile(null);
  return value;
}
