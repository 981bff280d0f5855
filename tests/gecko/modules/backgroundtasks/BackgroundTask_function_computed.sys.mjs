// Exports are read after the module was evaluated: they may depend on preferences.
export const backgroundTaskTimeoutSec = Services.prefs.getIntPref("probe.given") / 20;
export let backgroundTaskMinRuntimeMS = 60000;
backgroundTaskMinRuntimeMS = 1;

export function runBackgroundTask() {
  return new Promise(() => {});
}
