// SPDX-License-Identifier: MPL-2.0
// Services: each is loaded when it is first asked for.

import { missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { runtime } = import.meta.native;

/** Name, module, export; above it what it is, which bgtask-environment(7) is made of (man/environment.awk). */
const SERVICES = [
  // The application and the platform: names, versions, build.
  ["appinfo", "AppInfo", "appinfo"],
  // Categories and their entries.
  ["catMan", "CategoryManager", "categoryManager"],
  // The console service: messages and who listens to them.
  ["console", "ConsoleService", "consoleService"],
  // Directories by their keys, as ProfD, TmpD and Home.
  ["dirsvc", "Directories", "dirsvc"],
  // Environment variables.
  ["env", "Environment", "env"],
  // The inside of Glean; nothing is sent.
  ["fog", "Glean", "fog"],
  // URIs from text and from files.
  ["io", "Uri", "io"],
  // The locales that the user and the application have.
  ["locale", "Locale", "locale"],
  // Observers of topics.
  ["obs", "Observers", "obs"],
  // Preferences.
  ["prefs", "Prefs", "prefs"],
  // Classic scripts, run on an object.
  ["scriptloader", "ScriptLoader", "scriptLoader"],
  // The principal of all code here, the system's.
  ["scriptSecurityManager", "Principals", "scriptSecurityManager"],
  // The end of the run: quit(), and how far the shutdown is.
  ["startup", "Startup", "startup"],
  // Facts of the system: processor, memory, distribution.
  ["sysinfo", "SysInfo", "sysinfo"],
  // The main thread's queue, and waiting in the event loop.
  ["tm", "Threads", "threadManager"],
  // Random UUIDs.
  ["uuid", "Uuid", "uuid"],
  // Compares versions.
  ["vc", "Versions", "versionComparator"],
];

export const Services = Object.create(missingNames("service"));
for (const [name, module, exported] of SERVICES) {
  Object.defineProperty(Services, name, {
    get() {
      const value = runtime.load(`resource://gre/modules/bgtask/${module}.sys.mjs`)[exported];
      Object.defineProperty(Services, name, { value, writable: true, enumerable: true, configurable: true });
      return value;
    },
    enumerable: true,
    configurable: true,
  });
}
