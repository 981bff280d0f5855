// Services.startup.quit beats the result and the minimum runtime. Its arguments are quit()'s; "later": when the task is long done.

import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export async function runBackgroundTask(commandLine) {
  const [mode, ...rest] = Array.from({ length: commandLine.length }, (_, i) => commandLine.getArgument(i));
  dump("before\n");
  if (mode == "later") {
    setTimeout(() => Services.startup.quit(Ci.nsIAppStartup.eForceQuit, 34), 100);
    return 12;
  }
  try {
    dump(`${Services.startup.quit(Ci.nsIAppStartup[mode] ?? 0, ...rest)}\n`);
  } catch (error) {
    dump(`${error.name}\n`);
  }
  dump(`${Services.startup.shuttingDown}\n`);
  return 12;
}
