// SPDX-License-Identifier: MPL-2.0
// hello: greets whom its arguments name. The smallest task that does something; copy it to begin one of your own.

export async function runBackgroundTask(commandLine) {
  const names = [];
  for (let i = 0; i < commandLine.length; i++) {
    names.push(commandLine.getArgument(i));
  }
  dump(`Hello, ${names.join(" ") || "world"}!\n`);
  return 0;
}
