// SPDX-License-Identifier: MPL-2.0
// The default profile of Firefox: found, locked, its preferences and client ID read.
//
// It is locked while it is read, which fails while Firefox is running.
//
// For tests, MOZ_BACKGROUNDTASKS_DEFAULT_PROFILE_PATH in the environment is the path of what counts as the default profile,
// and MOZ_BACKGROUNDTASKS_NO_DEFAULT_PROFILE says that there is none. Other than in Firefox, the first does not write to
// profiles.ini.

import { profileAt, profileService } from "resource://gre/modules/bgtask/ProfileService.sys.mjs";

const lazy = {};
ChromeUtils.defineLazyGetter(lazy, "log", () => {
  const { ConsoleAPI } = ChromeUtils.importESModule("resource://gre/modules/Console.sys.mjs");
  return new ConsoleAPI({
    prefix: "BackgroundTasksUtils",
    maxLogLevel: "error",
    maxLogLevelPref: "toolkit.backgroundtasks.loglevel",
  });
});

class CannotLockProfileError extends Error {
  name = "CannotLockProfileError";
}

function findDefaultProfile() {
  const path = Services.env.get("MOZ_BACKGROUNDTASKS_DEFAULT_PROFILE_PATH");
  if (path) {
    return profileAt(path);
  }
  return Services.env.get("MOZ_BACKGROUNDTASKS_NO_DEFAULT_PROFILE") ? null : profileService.defaultProfile;
}

/** The directory of a lock; throws when it is none, or is no more. */
function directoryOf(lock) {
  if (!(lock instanceof Ci.nsIProfileLock)) {
    throw new Error("Passed lock was not an instance of nsIProfileLock");
  }
  try {
    return lock.directory;
  } catch (error) {
    if (error?.result !== Cr.NS_ERROR_NOT_INITIALIZED) {
      throw error;
    }
    throw new Error("Profile is not locked");
  }
}

/** What @read gives for the directory of @lock, or of the default profile, locked meanwhile. */
function withDirectory(lock, read) {
  return lock
    ? read(directoryOf(lock))
    : BackgroundTasksUtils.withProfileLock(taken => read(directoryOf(taken)));
}

function lockProfile(profile) {
  try {
    return profile.lock({});
  } catch (error) {
    throw new CannotLockProfileError(`Cannot lock profile: ${error}`);
  }
}

function refuse(what) {
  throw Components.Exception(`${what} is not implemented: there is no such system here`, Cr.NS_ERROR_NOT_IMPLEMENTED);
}

const pathIn = (directory, ...names) => PathUtils.join(directory.path, ...names);

export var BackgroundTasksUtils = {
  _defaultProfileInitialized: false,
  _defaultProfile: null,

  /** The nsIToolkitProfile, or null; looked up once. */
  getDefaultProfile() {
    if (!this._defaultProfileInitialized) {
      this._defaultProfileInitialized = true;
      this._defaultProfile = findDefaultProfile();
    }
    return this._defaultProfile;
  },

  hasDefaultProfile() {
    return this.getDefaultProfile() !== null;
  },

  /** Whether this run has the default profile as its own. null: there is no default profile. */
  currentProfileIsDefaultProfile() {
    const profile = this.getDefaultProfile();
    return profile && profileService.currentProfile === profile;
  },

  _throwIfNotLocked(lock) {
    directoryOf(lock);
  },

  /**
   * Lock @profile, the default one if none is given, call @callback with the lock, and unlock when what it returned has
   * settled.
   * @returns {Promise} what @callback returned
   * @throws {Error} called CannotLockProfileError when it cannot be locked; another when there is no profile
   */
  async withProfileLock(callback, profile = this.getDefaultProfile()) {
    if (!profile) {
      throw new Error("No default profile exists");
    }
    const lock = lockProfile(profile);
    try {
      return await callback(lock);
    } finally {
      try {
        lock.unlock();
      } catch (error) {
        lazy.log.warn("withProfileLock: the profile could not be unlocked", error);
      }
    }
  },

  /**
   * The preferences in prefs.js of a profile (user.js is passed over), as an object of their values by their names.
   * @param {function} [predicate] called with a name: whether it is wanted
   * @param {nsIProfileLock} [lock] of the profile; the default one's is taken if there is none
   * @throws NotFoundError when there is no prefs.js
   */
  async readPreferences(predicate = null, lock = null) {
    return withDirectory(lock, async directory => {
      const path = pathIn(directory, "prefs.js");
      const values = {};
      const keep = (_kind, name, value) => {
        if (!predicate || predicate(name)) {
          values[name] = value;
        }
      };
      Services.prefs.parsePrefsFromBuffer(
        await IOUtils.read(path),
        { onStringPref: keep, onIntPref: keep, onBoolPref: keep, onError: message => lazy.log.error(message) },
        path
      );
      return values;
    });
  },

  /** What Firefox has written down of itself for messages: targeting.snapshot.json of the profile. */
  async readFirefoxMessagingSystemTargetingSnapshot(lock = null) {
    return withDirectory(lock, directory => IOUtils.readJSON(pathIn(directory, "targeting.snapshot.json")));
  },

  /** The identifier that Firefox has for this profile in its telemetry. */
  async readTelemetryClientID(lock = null) {
    return withDirectory(lock, async directory => {
      const { clientID } = await IOUtils.readJSON(pathIn(directory, "datareporting", "state.json"));
      return clientID;
    });
  },

  /** Experiments and messages are parts of Firefox. */
  async enableNimbus() {
    refuse("BackgroundTasksUtils.enableNimbus()");
  },

  async enableFirefoxMessagingSystem() {
    refuse("BackgroundTasksUtils.enableFirefoxMessagingSystem()");
  },
};
