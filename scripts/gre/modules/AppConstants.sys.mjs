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

  // Of the browser that is not here: switched off, or empty.
  ASAN_REPORTER: false,
  BUILT_BY_MOZILLA: false,
  ENABLE_EXPLICIT_RESOURCE_MANAGEMENT: false,
  ENABLE_WEBDRIVER: false,
  HAVE_SHELL_SERVICE: false,
  HAVE_USR_LIB64_DIR: false,
  MOZ_ALLOW_ADDON_SIDELOAD: false,
  MOZ_CODE_COVERAGE: false,
  MOZ_GECKOVIEW: false,
  MOZ_GECKOVIEW_HISTORY: false,
  MOZ_GLEAN_ANDROID: false,
  MOZ_JXL: false,
  MOZ_REQUIRE_SIGNING: false,
  MOZ_SELECTABLE_PROFILES: false,
  MOZ_SYSTEM_NSS: false,
  MOZ_SYSTEM_POLICIES: false,
  MOZ_UNSIGNED_APP_SCOPE: false,
  MOZ_UNSIGNED_SYSTEM_SCOPE: false,
  MOZ_WEBEXT_WEBIDL_ENABLED: false,
  MOZ_WIDGET_GTK: false,
  MOZ_WMF_CDM: false,
  REMOTE_SETTINGS_VERIFY_SIGNATURE: true,
  USE_LIBZ_RS: false,
  BROWSER_CHROME_URL: "",
  MOZ_BING_API_CLIENTID: "",
  MOZ_BING_API_KEY: "",
  MOZ_BUILD_APP: "",
  MOZ_GOOGLE_LOCATION_SERVICE_API_KEY: "",
  MOZ_GOOGLE_SAFEBROWSING_API_KEY: "",
  MOZ_MACBUNDLE_ID: "",
  MOZ_MACBUNDLE_NAME: "",
  MOZ_MOZILLA_API_KEY: "",
  OMNIJAR_NAME: "",
  REMOTE_SETTINGS_DEFAULT_BUCKET: "",
  REMOTE_SETTINGS_SERVER_URLS: Object.freeze([]),
  SOURCE_REVISION_URL: "",
  SQLITE_LIBRARY_FILENAME: "",
  TELEMETRY_PING_FORMAT_VERSION: 4,

  get MOZ_APP_DISPLAYNAME_DO_NOT_USE() {
    return Services.appinfo.name;
  },

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
