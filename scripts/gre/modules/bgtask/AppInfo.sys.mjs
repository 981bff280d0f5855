// SPDX-License-Identifier: MPL-2.0
// Services.appinfo: who this application is (preferences bgtaskd.app.*, see defaults/backgroundtasks.js) and what it
// runs on. Everything is looked up when it is asked for.

import { defineXpcomClass, fail } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, prefs } = import.meta.native;

/** Gecko's names for processors. */
const ABI_PROCESSORS = { aarch64: "aarch64", i686: "x86", i586: "x86", x86_64: "x86_64" };

/** A preference of the application's identity; an empty one means this program's own. */
export function applicationPref(name, fallback = "") {
  const value = prefs.get(`bgtaskd.app.${name}`, false);
  return typeof value == "string" && value != "" ? value : fallback;
}

/** The first part of the engine's version that is a number: the nearest thing to a platform version. */
function engineVersion() {
  return /\d[\d.]*/.exec(env.facts().engine)?.[0] ?? "0";
}

class AppInfo {
  get name() {
    return applicationPref("name", "bgtaskd");
  }

  get ID() {
    return applicationPref("ID", "bgtaskd@bgtaskd.io");
  }

  get vendor() {
    return applicationPref("vendor", "bgtaskd");
  }

  get version() {
    return applicationPref("version", env.facts().version);
  }

  get appBuildID() {
    return applicationPref("buildID", "20000101000000");
  }

  get platformVersion() {
    return applicationPref("platformVersion", engineVersion());
  }

  get platformBuildID() {
    return applicationPref("platformBuildID", this.appBuildID);
  }

  get defaultUpdateChannel() {
    const channel = prefs.get("app.update.channel", true);
    return applicationPref("updateChannel", typeof channel == "string" && channel ? channel : "default");
  }

  get distributionID() {
    return applicationPref("distribution", "default");
  }

  get UAName() {
    return "";
  }

  get OS() {
    return "Linux";
  }

  /** For example "x86_64-gcc3". */
  get XPCOMABI() {
    const { machine } = env.facts();
    return `${ABI_PROCESSORS[machine] ?? machine}-gcc3`;
  }

  get is64Bit() {
    return /64/.test(env.facts().machine);
  }

  get widgetToolkit() {
    return "headless";
  }

  get processID() {
    return env.facts().processId;
  }

  get uniqueProcessID() {
    return 0;
  }

  get processType() {
    return Ci.nsIXULRuntime.PROCESS_TYPE_DEFAULT;
  }

  get remoteType() {
    return null;
  }

  get inSafeMode() {
    return false;
  }

  get logConsoleErrors() {
    return false;
  }

  get browserTabsRemoteAutostart() {
    return false;
  }

  get fissionAutostart() {
    return false;
  }

  get accessibilityEnabled() {
    return false;
  }

  get restartedByOS() {
    return false;
  }

  get isWayland() {
    return false;
  }

  get desktopEnvironment() {
    return "";
  }

  get lastAppVersion() {
    return null;
  }

  get lastAppBuildID() {
    return null;
  }

  get replacedLockTime() {
    return 0;
  }

  /** There are no compiled caches of ours that a restart would use: nothing to do. */
  invalidateCachesOnRestart() {}

  /** No crash reporter is part of this program. */
  get crashReporterEnabled() {
    return false;
  }

  annotateCrashReport(key, value) {
    fail("NS_ERROR_NOT_INITIALIZED", "nsICrashReporter.annotateCrashReport");
  }
}
defineXpcomClass(AppInfo, ["nsIXULRuntime", "nsIXULAppInfo", "nsIPlatformInfo"], {
  nsIXULRuntime: { invalidateCachesOnRestart: 0 },
  nsICrashReporter: { annotateCrashReport: 2 },
});
for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(AppInfo.prototype))) {
  if (descriptor.get) {
    Object.defineProperty(AppInfo.prototype, name, { enumerable: true });
  }
}
const PROCESS_TYPES = [
  "DEFAULT", null, "CONTENT", "IPDLUNITTEST", "GMPLUGIN", "GPU", "VR", "RDD", "SOCKET", null, "FORKSERVER",
  "UTILITY",
];
PROCESS_TYPES.forEach((name, value) => {
  if (name) {
    Object.defineProperty(AppInfo.prototype, `PROCESS_TYPE_${name}`, { value, enumerable: true });
  }
});

export const appinfo = new AppInfo();
