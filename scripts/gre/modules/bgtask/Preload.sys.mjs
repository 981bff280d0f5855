// SPDX-License-Identifier: MPL-2.0
// What is much used of the runtime library, for a zygote: its children then find it made. Modules that tasks reach through
// globals are touched there (runner/globals.c); these are the rest.
//
// Not here: Shutdown.sys.mjs and AsyncShutdown.sys.mjs, whose being loaded means that a task wants to hear of the
// shutdown.

import "resource://gre/modules/AppConstants.sys.mjs";
import "resource://gre/modules/BackgroundTasksManager.sys.mjs";
import "resource://gre/modules/Console.sys.mjs";
import "resource://gre/modules/Timer.sys.mjs";
import "resource://gre/modules/XPCOMUtils.sys.mjs";
import "resource://gre/modules/bgtask/BackgroundTasks.sys.mjs";
import { CommandLine } from "resource://gre/modules/bgtask/CommandLine.sys.mjs";
import "resource://gre/modules/bgtask/Errors.sys.mjs";

/** Rarely used: telemetry, which is large, and what is about the run: which task it is, what its system is. */
const LATE = ["catMan", "fog", "locale", "sysinfo"];

// Each service is a module of its own.
for (const name of Object.keys(Services)) {
  if (!LATE.includes(name)) {
    Services[name];
  }
}

// A function is compiled when it is first called: those of every run here, and not in each of them.
const commandLine = new CommandLine(["-flag"], "/");
commandLine.findFlag("flag", false);
commandLine.getArgument(0);
