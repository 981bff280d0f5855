// SPDX-License-Identifier: MPL-2.0
// Facts of the build.
//
// Names and versions of the application come from preferences (bgtaskd.app.*, see defaults/backgroundtasks.js), so these
// are looked up when they are asked for.

import { compareVersions } from "resource://gre/modules/bgtask/Versions.sys.mjs";

function unixVersion() {
  return import.meta.native.env.facts().systemRelease.replace(/-.*$/s, "");
}

function isPlatform(platform) {
  return platform == "linux";
}

export const AppConstants = Object.freeze({
  NIGHTLY_BUILD: false,
  RELEASE_OR_BETA: true,
  EARLY_BETA_OR_EARLIER: false,
  IS_ESR: false,
  MOZILLA_OFFICIAL: false,
  MOZ_OFFICIAL_BRANDING: false,
  MOZ_DEV_EDITION: false,
  MOZ_SERVICES_SYNC: false,
  MOZ_DATA_REPORTING: false,
  MOZ_TELEMETRY_REPORTING: false,
  MOZ_CRASHREPORTER: false,
  MOZ_NORMANDY: false,
  MOZ_MAINTENANCE_SERVICE: false,
  MOZ_SANDBOX: false,
  MOZ_UPDATER: false,
  MOZ_UPDATE_AGENT: false,
  MOZ_BITS_DOWNLOAD: false,
  MOZ_BACKGROUNDTASKS: true,
  MOZ_WEBRTC: false,
  MOZ_PLACES: false,
  ACCESSIBILITY: false,
  DEBUG: false,
  ASAN: false,
  TSAN: false,
  XP_UNIX: true,
  platform: "linux",
  unixstyle: "linux",
  MOZ_WIDGET_TOOLKIT: "headless",
  DLL_PREFIX: "lib",
  DLL_SUFFIX: ".so",
  DEBUG_JS_MODULES: "",

  /** The application's name in lower case, as in names of files. */
  get MOZ_APP_NAME() {
    return Services.appinfo.name.toLowerCase();
  },

  get MOZ_APP_BASENAME() {
    return Services.appinfo.name;
  },

  get MOZ_APP_VERSION() {
    return Services.appinfo.version;
  },

  get MOZ_APP_VERSION_DISPLAY() {
    return Services.appinfo.version;
  },

  get MOZ_BUILDID() {
    return Services.appinfo.appBuildID;
  },

  get MOZ_UPDATE_CHANNEL() {
    return Services.appinfo.defaultUpdateChannel;
  },

  /** Whether this is @platform and the system's version (the kernel's) is @version or newer. */
  isPlatformAndVersionAtLeast(platform, version) {
    return isPlatform(platform) && compareVersions(unixVersion(), version) >= 0;
  },

  isPlatformAndVersionAtMost(platform, version) {
    return isPlatform(platform) && compareVersions(unixVersion(), version) <= 0;
  },
});
