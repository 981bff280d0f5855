// SPDX-License-Identifier: MPL-2.0
// By its name it prints nothing, unless told otherwise.

export async function runBackgroundTask(commandLine) {
  dump(`dumped, ${commandLine.length} arguments\n`);
  console.log("logged");
  console.error("an error");
  Promise.reject(new Error("unhandled"));
  return 9;
}
