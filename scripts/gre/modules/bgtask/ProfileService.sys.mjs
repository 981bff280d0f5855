// SPDX-License-Identifier: MPL-2.0
// nsIToolkitProfileService: the profiles of Firefox, as its profiles.ini has them. Read only: what a task makes or changes
// here is so for this run, and Firefox's files stay as they are.
//
// The directory is ~/.mozilla/firefox when there is one, else $XDG_CONFIG_HOME/mozilla/firefox, as in Firefox. The default
// profile is that of an installation, [Install<HASH>]; which one is said by the preference bgtaskd.app.installHash. Without
// it the section counts if there is only one, and if there is none, the profile that has Default=1.

import { File } from "resource://gre/modules/bgtask/File.sys.mjs";
import { Enumerator } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import { readIni } from "resource://gre/modules/bgtask/IniFile.sys.mjs";
import {
  checkNative,
  defineConstants,
  defineXpcomClass,
  errors,
  fail,
  isObject,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, files, nsfile, prefs, runtime } = import.meta.native;

const EAGAIN = 11;
const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const PROFILES_MAX = 1000;
const SALT_SIZE = 8;
const SALT_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

function isDirectory(path) {
  const found = files.stat(path, true);
  return typeof found != "number" && (found[0] & S_IFMT) == S_IFDIR;
}

function xdgDirectory(variable, fallback) {
  const value = env.get(variable);
  return value?.startsWith("/") ? value : `${env.facts().home ?? ""}/${fallback}`;
}

/** Where profiles.ini is: UAppData. */
export function dataDirectory() {
  const legacy = `${env.facts().home ?? ""}/.mozilla/firefox`;
  return isDirectory(legacy) ? legacy : `${xdgDirectory("XDG_CONFIG_HOME", ".config")}/mozilla/firefox`;
}

/** Where the caches of profiles are. */
export function cacheDirectory() {
  return `${xdgDirectory("XDG_CACHE_HOME", ".cache")}/mozilla/firefox`;
}

/** nsIProfileLock: held until unlock(), or the end of the run. */
class ProfileLock {
  #profile;
  #handle;
  #replacedLockTime;

  constructor(profile, handle, replacedLockTime) {
    this.#profile = profile;
    this.#handle = handle;
    this.#replacedLockTime = replacedLockTime;
  }

  #need(member) {
    if (this.#handle === null) {
      fail("NS_ERROR_NOT_INITIALIZED", `nsIProfileLock.${member}`);
    }
    return this.#profile;
  }

  get directory() {
    return this.#need("directory").rootDir;
  }

  get localDirectory() {
    return this.#need("localDirectory").localDir;
  }

  /** When the lock was last taken before, in ms since 1970; 0: never. */
  get replacedLockTime() {
    return this.#replacedLockTime;
  }

  unlock() {
    if (this.#handle === null) {
      fail("NS_ERROR_UNEXPECTED", "nsIProfileLock.unlock");
    }
    nsfile.unlock(this.#handle);
    this.#handle = null;
  }
}
defineXpcomClass(ProfileLock, ["nsIProfileLock"], { nsIProfileLock: { unlock: 0 } });

/** Take a profile out of the list. Set by the service, as a method would be seen. */
let forget;

class Profile {
  #rootPath;
  #localPath;
  name;

  constructor(name, rootPath, localPath) {
    this.name = name;
    this.#rootPath = rootPath;
    this.#localPath = localPath;
  }

  get rootDir() {
    return new File(this.#rootPath);
  }

  get localDir() {
    return new File(this.#localPath);
  }

  get storeID() {
    return null;
  }

  get showProfileSelector() {
    return false;
  }

  /**
   * Lock it, at once or not at all.
   * @param {object} unlocker its member `value` becomes null: nobody here can unlock another process's profile
   * @throws NS_ERROR_FILE_ACCESS_DENIED when another process has it
   */
  lock(unlocker) {
    const where = "nsIToolkitProfile.lock";
    if (!isObject(unlocker)) {
      throw errors().makeException(`'Out' argument must be an object arg 0 [${where}]`, 0x80570002);
    }
    unlocker.value = null;
    const before = files.stat(`${this.#rootPath}/.parentlock`, false);
    const handle = nsfile.lock(this.#rootPath);
    if (handle < 0) {
      fail(handle == -EAGAIN ? "NS_ERROR_FILE_ACCESS_DENIED" : errors().errnoResult(-handle), where);
    }
    return new ProfileLock(this, handle, typeof before == "number" ? 0 : before[3]);
  }

  /** It is no more in the list of this run; its files go, too, if @removeFiles. */
  remove(removeFiles) {
    forget(this);
    if (removeFiles) {
      for (const path of new Set([this.#rootPath, this.#localPath])) {
        files.removeTree(path);
      }
    }
  }

  removeInBackground() {
    this.remove(true);
  }
}
defineXpcomClass(Profile, ["nsIToolkitProfile"], { nsIToolkitProfile: { remove: 1, removeInBackground: 0, lock: 1 } });

function absolute(section, key, base) {
  const path = section.get(key) ?? "";
  return path.startsWith("/") ? path : `${base}/${path}`;
}

/** What profiles.ini says: { profiles, defaultPath }, a path is null where there is none. */
function readProfiles() {
  const base = dataDirectory();
  const sections = readIni(`${base}/profiles.ini`);
  const profiles = [];
  let oldDefault = null;
  for (let number = 0; number < PROFILES_MAX && sections.has(`Profile${number}`); number++) {
    const section = sections.get(`Profile${number}`);
    const path = section.get("Path");
    if (!path || !section.get("Name")) {
      continue;
    }
    const isRelative = section.get("IsRelative") != "0";
    const rootPath = isRelative ? absolute(section, "Path", base) : path;
    const localPath = isRelative ? `${cacheDirectory()}/${path}` : path;
    profiles.push(new Profile(section.get("Name"), rootPath, localPath));
    oldDefault ??= section.get("Default") == "1" ? rootPath : null;
  }
  return { profiles, defaultPath: defaultPath(sections, base, oldDefault) };
}

function defaultPath(sections, base, oldDefault) {
  const installs = [...sections.keys()].filter(name => /^Install[0-9A-F]+$/i.test(name));
  const hash = prefs.get("bgtaskd.app.installHash", false);
  if (typeof hash == "string" && hash != "") {
    const wanted = sections.get(installs.find(name => name.toLowerCase() == `install${hash.toLowerCase()}`));
    return wanted?.get("Default") ? absolute(wanted, "Default", base) : null;
  }
  if (installs.length == 1) {
    const [only] = installs;
    return sections.get(only).get("Default") ? absolute(sections.get(only), "Default", base) : null;
  }
  return installs.length == 0 ? oldDefault : null;
}

function sameDirectory(one, other) {
  const [first, second] = [one, other].map(path => files.stat(path, true));
  return typeof first != "number" && typeof second != "number" && first[4] == second[4] && first[5] == second[5];
}

class ToolkitProfileService {
  #read = null;
  #default;

  get #list() {
    if (!this.#read) {
      const { profiles, defaultPath: path } = readProfiles();
      this.#read = profiles;
      this.#default ??= profiles.find(({ rootDir }) => rootDir.path == path) ?? null;
    }
    return this.#read;
  }

  constructor() {
    forget = profile => {
      this.#read = this.#list.filter(other => other !== profile);
      this.#default = this.#default === profile ? null : this.#default;
    };
  }

  get profiles() {
    return new Enumerator(this.#list);
  }

  get profileCount() {
    return this.#list.length;
  }

  /** The one that this run has as its own profile; null: an ephemeral one, or one that is not in profiles.ini. */
  get currentProfile() {
    const { profile } = env.facts();
    return (profile && this.#list.find(({ rootDir }) => sameDirectory(rootDir.path, profile))) || null;
  }

  get defaultProfile() {
    return this.#list && this.#default;
  }

  /** For this run. */
  set defaultProfile(profile) {
    if (profile !== null && !this.#list.includes(profile)) {
      fail("NS_ERROR_FAILURE", "nsIToolkitProfileService.defaultProfile");
    }
    this.#default = profile;
  }

  get isListOutdated() {
    return false;
  }

  get isFirstRun() {
    return this.#list.length == 0;
  }

  get startWithLastProfile() {
    return true;
  }

  getProfileByName(name) {
    const found = this.#list.find(profile => profile.name === String(name));
    return found ?? fail("NS_ERROR_FAILURE", "nsIToolkitProfileService.getProfileByName");
  }

  /** The profile with that directory, or null. @localDir, if there is one, must be its own, too. */
  getProfileByDir(rootDir, localDir = null) {
    checkNative(rootDir, "nsIFile", "nsIToolkitProfileService.getProfileByDir");
    const fits = profile => profile.rootDir.equals(rootDir) && (!localDir || profile.localDir.equals(localDir));
    return this.#list.find(fits) ?? null;
  }

  getLocalDirFromRootDir(rootDir) {
    checkNative(rootDir, "nsIFile", "nsIToolkitProfileService.getLocalDirFromRootDir");
    const base = `${dataDirectory()}/`;
    const { path } = rootDir;
    return new File(path.startsWith(base) ? `${cacheDirectory()}/${path.slice(base.length)}` : path);
  }

  /**
   * A profile called @name, for this run: the one that has the name already, else one in @rootDir, or in a directory of
   * its own when that is null.
   */
  createProfile(rootDir, name, source = null) {
    const text = String(name);
    const existing = this.#list.find(profile => profile.name === text);
    return existing ?? this.#create(rootDir, text);
  }

  createUniqueProfile(rootDir, prefix, source = null) {
    const names = new Set(this.#list.map(profile => profile.name));
    let name = String(prefix);
    for (let count = 1; names.has(name); count++) {
      name = `${prefix}-${count}`;
    }
    return this.#create(rootDir, name);
  }

  #create(rootDir, name) {
    if (name == "") {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsIToolkitProfileService.createProfile");
    }
    const salt = Array.from(runtime.random(SALT_SIZE), byte => SALT_LETTERS[byte % SALT_LETTERS.length]).join("");
    const file = rootDir ?? new File(`${dataDirectory()}/${salt}.${name}`);
    if (!file.exists()) {
      file.create(Ci.nsIFile.DIRECTORY_TYPE, 0o700);
    }
    const profile = new Profile(name, file.path, this.getLocalDirFromRootDir(file).path);
    this.#list.push(profile);
    return profile;
  }

  /** profiles.ini is Firefox's: nothing is written. */
  flush() {}

  async asyncFlush() {}

  async asyncFlushCurrentProfile() {}

  removeProfileFilesByPath(rootDir, localDir, timeoutSec) {
    const { profileService: remover } = runtime.load("resource://gre/modules/bgtask/ProfileFiles.sys.mjs");
    return remover.removeProfileFilesByPath(rootDir, localDir, timeoutSec);
  }
}
defineXpcomClass(ToolkitProfileService, ["nsIToolkitProfileService"], {
  nsIToolkitProfileService: {
    getProfileByName: 1, getProfileByDir: [1, 2], getLocalDirFromRootDir: 1, createProfile: [2, 3],
    createUniqueProfile: [2, 3], flush: 0, asyncFlush: 0, asyncFlushCurrentProfile: 0, removeProfileFilesByPath: [2, 3],
  },
});
defineConstants(ToolkitProfileService, "nsIToolkitProfileService");

export const profileService = new ToolkitProfileService();

/** For BackgroundTasksUtils: a profile in @path that is in no list. */
export function profileAt(path) {
  return new Profile(path, path, path);
}
