// SPDX-License-Identifier: MPL-2.0
// Services: each is loaded when it is first asked for.

import { missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { runtime } = import.meta.native;

/** Name, module, export. */
const SERVICES = [
  ["appinfo", "AppInfo", "appinfo"],
  ["catMan", "CategoryManager", "categoryManager"],
  ["console", "ConsoleService", "consoleService"],
  ["dirsvc", "Directories", "dirsvc"],
  ["env", "Environment", "env"],
  ["fog", "Glean", "fog"],
  ["io", "Uri", "io"],
  ["locale", "Locale", "locale"],
  ["obs", "Observers", "obs"],
  ["prefs", "Prefs", "prefs"],
  ["startup", "Startup", "startup"],
  ["sysinfo", "SysInfo", "sysinfo"],
  ["tm", "Threads", "threadManager"],
  ["uuid", "Uuid", "uuid"],
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
