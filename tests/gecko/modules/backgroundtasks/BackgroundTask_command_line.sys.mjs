// SPDX-License-Identifier: MPL-2.0
// nsICommandLine: its arguments and all that can be asked of them.

export const backgroundTaskMinRuntimeMS = 1;

function line(what, action) {
  let text;
  try {
    const value = action();
    text = JSON.stringify(value) ?? String(value);
  } catch (error) {
    text = `${error.name} ${error.result ? "0x" + error.result.toString(16) : ""}`;
  }
  dump(`${what}: ${text}\n`);
}

export async function runBackgroundTask(commandLine) {
  const all = () => Array.from({ length: commandLine.length }, (_, i) => commandLine.getArgument(i));
  line("all", all);
  line("length", () => commandLine.length);
  line("state", () => commandLine.state);
  line("preventDefault", () => commandLine.preventDefault);
  line("constants", () => [commandLine.STATE_INITIAL_LAUNCH, commandLine.STATE_REMOTE_AUTO, commandLine.STATE_REMOTE_EXPLICIT]);
  for (const index of [0, "0", 0.9, undefined, null, -1, 100, NaN]) {
    line(`getArgument(${index})`, () => commandLine.getArgument(index));
  }
  line("getArgument()", () => commandLine.getArgument());
  line("findFlag()", () => commandLine.findFlag());
  line("findFlag empty", () => commandLine.findFlag("", false));
  for (const flag of ["flag", "FLAG", "Flag", "value", "none", "-flag"]) {
    line(`findFlag ${flag}`, () => [commandLine.findFlag(flag, false), commandLine.findFlag(flag, true)]);
  }
  line("handleFlag none", () => commandLine.handleFlag("none", false));
  line("handleFlag FLAG", () => [commandLine.handleFlag("FLAG", true), commandLine.length]);
  line("handleFlag flag", () => [commandLine.handleFlag("flag", false), all()]);
  line("param none", () => commandLine.handleFlagWithParam("none", false));
  line("param value", () => [commandLine.handleFlagWithParam("value", false), all()]);
  line("param empty", () => [commandLine.handleFlagWithParam("empty", false), all()]);
  line("param followed", () => commandLine.handleFlagWithParam("followed", false));
  line("param last", () => commandLine.handleFlagWithParam("last", false));
  line("all", all);
  line("remove (1, 0)", () => commandLine.removeArguments(1, 0));
  line("remove beyond", () => commandLine.removeArguments(0, 100));
  line("remove negative", () => commandLine.removeArguments(-1, 0));
  line("remove ()", () => commandLine.removeArguments());
  line("remove", () => commandLine.removeArguments(0, 1));
  line("all", all);
  line("resolveFile /", () => commandLine.resolveFile("/nonexistent/x").path);
  line("resolveFile missing", () => commandLine.resolveFile("no-such-file-here").path);
  line("resolveURI", () => commandLine.resolveURI("http://a/b").spec);
}
