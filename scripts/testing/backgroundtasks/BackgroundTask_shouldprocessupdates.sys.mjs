// SPDX-License-Identifier: MPL-2.0
// 81: this task may process updates; 80: not, since another instance is running; 79, 78, 77: for another reason. Start it
// with MOZ_TEST_PROCESS_UPDATES=1 in the environment.

const CODES = {
  "ShouldProcessUpdates()": 81,
  "ShouldNotProcessUpdates(): OtherInstanceRunning": 80,
  "ShouldNotProcessUpdates(): DevToolsLaunching": 79,
  "ShouldNotProcessUpdates(): NotAnUpdatingTask": 78,
  "ShouldNotProcessUpdates(): FirstStartup": 77,
};

export async function runBackgroundTask() {
  return CODES[Services.env.get("MOZ_TEST_PROCESS_UPDATES")] ?? 20;
}
