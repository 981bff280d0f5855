// SPDX-License-Identifier: MPL-2.0
// nsIToolkitProfileService: the profiles of Firefox, as its profiles.ini has them (ProfilesIni.sys.mjs). What a task makes or
// changes is in that file when it calls flush(), which fails if the file has been changed by others meanwhile.
//
// Other than in Gecko, where that is a trap: a name with "/", a NUL or a line break is refused. It would become the directory of
// all profiles, or lines of profiles.ini.

import { File } from "resource://gre/modules/bgtask/File.sys.mjs";
import { makeDirectories } from "resource://gre/modules/bgtask/FileTree.sys.mjs";
import { Enumerator } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import { ProfilesIni } from "resource://gre/modules/bgtask/ProfilesIni.sys.mjs";
import {
  checkNative,
  defineConstants,
  defineXpcomClass,
  errors,
  fail,
  isObject,
  textOf,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, fileWork, files, nsfile, runtime } = import.meta.native;

const EAGAIN = 11;
const EXISTS = 17;
const DIRECTORY_MODE = 0o700;
/** How files.write() makes a file that must not be there yet; see runner/files.h. */
const CREATE_EXCLUSIVE = 4 | 8;
const SALT_SIZE = 8;
const SALT_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

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

/** Throw for a negative errno. */
function check(result, where) {
  if (result < 0) {
    fail(errors().errnoResult(-result), where);
  }
}

/** A name as it is kept: null for null. @throws for one that would not stay one line, or one directory. */
function checkName(name, where) {
  if (name === null || name === undefined) {
    return null;
  }
  const text = textOf(name);
  return /[/\0\r\n]/.test(text) ? fail("NS_ERROR_ILLEGAL_VALUE", where) : text;
}

/** Take a profile out of the list. Set by the service, as a method would be seen. */
let forget;

class Profile {
  #entry;
  #isRemoved = false;

  /** @param {object} entry one of ProfilesIni */
  constructor(entry) {
    this.#entry = entry;
  }

  /** The entry behind @profile; undefined: it is none of these. */
  static entryOf(profile) {
    return isObject(profile) && #entry in profile ? profile.#entry : undefined;
  }

  get rootDir() {
    return new File(this.#entry.path);
  }

  get localDir() {
    return new File(this.#entry.localPath);
  }

  get name() {
    return this.#entry.name;
  }

  set name(name) {
    this.#entry.name = checkName(name, "nsIToolkitProfile.name");
  }

  get storeID() {
    return this.#entry.values.get("StoreID") ?? null;
  }

  get showProfileSelector() {
    return this.#entry.values.get("ShowSelector") == "1";
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
    const { path } = this.#entry;
    const before = files.stat(`${path}/.parentlock`, false);
    const handle = nsfile.lock(path);
    if (handle == -EAGAIN) {
      fail("NS_ERROR_FILE_ACCESS_DENIED", where);
    }
    check(handle, where);
    return new ProfileLock(this, handle, typeof before == "number" ? 0 : before[3]);
  }

  /** Out of the list; its directories, to be removed. */
  #takeOut(method) {
    if (this.#isRemoved) {
      fail("NS_ERROR_NOT_INITIALIZED", `nsIToolkitProfile.${method}`);
    }
    this.#isRemoved = true;
    forget(this);
    return new Set([this.#entry.path, this.#entry.localPath]);
  }

  /** It is no more in the list; its files go, too, if @removeFiles. */
  remove(removeFiles) {
    for (const path of this.#takeOut("remove")) {
      if (removeFiles) {
        check(files.removeTree(path), "nsIToolkitProfile.remove");
      }
    }
  }

  /** The same, without waiting for the files. */
  removeInBackground(removeFiles) {
    for (const path of this.#takeOut("removeInBackground")) {
      if (removeFiles) {
        fileWork.removeTree(path);
      }
    }
  }
}
defineXpcomClass(Profile, ["nsIToolkitProfile"], { nsIToolkitProfile: { remove: 1, removeInBackground: 1, lock: 1 } });

function sameDirectory(one, other) {
  const [first, second] = [one, other].map(path => files.stat(path, true));
  return typeof first != "number" && typeof second != "number" && first[4] == second[4] && first[5] == second[5];
}

/** The directory at @path is there, made if need be with those above it. */
function makeDirectory(path, where) {
  check(makeDirectories(path, DIRECTORY_MODE), where);
  const file = new File(path);
  if (!file.isDirectory()) {
    fail("NS_ERROR_FILE_NOT_DIRECTORY", where);
  }
}

/** When and from what a profile was made, which Firefox keeps in it; what is there already stays. */
function writeTimes(directory, source, where) {
  const text = JSON.stringify({ created: Date.now(), firstUse: null, source: source || "unknown" }, null, 1);
  const result = files.write(`${directory}/times.json`, `${text}\n`, CREATE_EXCLUSIVE, 0o644);
  if (result != -EXISTS) {
    check(result, where);
  }
}

class ToolkitProfileService {
  #ini = null;
  #profiles = [];
  #isFirstRun;

  constructor() {
    forget = profile => {
      const { ini, profiles } = this.#read;
      const entry = Profile.entryOf(profile);
      if (profiles.includes(profile)) {
        if (ini.defaultEntry === entry) {
          ini.defaultEntry = null;
        }
        this.#profiles = profiles.filter(other => other !== profile);
        ini.entries = ini.entries.filter(other => other !== entry);
      }
    };
  }

  /** profiles.ini, read at the first use: { ini, profiles }. */
  get #read() {
    if (!this.#ini) {
      this.#ini = new ProfilesIni();
      this.#profiles = this.#ini.entries.map(entry => new Profile(entry));
      this.#isFirstRun = this.#ini.defaultEntry === null;
    }
    return { ini: this.#ini, profiles: this.#profiles };
  }

  get #list() {
    return this.#read.profiles;
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
    const { ini, profiles } = this.#read;
    const { defaultEntry } = ini;
    return (defaultEntry && profiles.find(profile => Profile.entryOf(profile) === defaultEntry)) ?? null;
  }

  set defaultProfile(profile) {
    const { ini } = this.#read;
    const where = "nsIToolkitProfileService.defaultProfile";
    if (profile !== null && profile !== undefined) {
      checkNative(profile, "nsIToolkitProfile", where);
    }
    const entry = Profile.entryOf(profile) ?? null;
    if (entry && !ini.entries.includes(entry)) {
      fail("NS_ERROR_FAILURE", where);
    }
    ini.defaultEntry = entry;
  }

  /** Whether others have changed profiles.ini since it was read. */
  get isListOutdated() {
    return this.#read.ini.isOutdated;
  }

  /** Whether the installation had no default profile. */
  get isFirstRun() {
    void this.#list;
    return this.#isFirstRun;
  }

  get startWithLastProfile() {
    return this.#read.ini.startWithLastProfile;
  }

  set startWithLastProfile(value) {
    this.#read.ini.startWithLastProfile = Boolean(value);
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
    return new File(this.#read.ini.localPathOf(rootDir.path));
  }

  /**
   * A profile called @name: the one that has the name already, else one in @rootDir, or in a directory of its own when that
   * is null. It is in profiles.ini after flush().
   * @param {string} source is written into the profile: what made it
   */
  createProfile(rootDir, name, source) {
    const where = "nsIToolkitProfileService.createProfile";
    const text = checkName(name, where);
    return this.#list.find(profile => profile.name === text) ?? this.#create(rootDir, text, source, where);
  }

  createUniqueProfile(rootDir, prefix, source) {
    const where = "nsIToolkitProfileService.createUniqueProfile";
    const base = checkName(prefix, where) ?? "";
    const names = new Set(this.#list.map(profile => profile.name));
    let name = base;
    for (let count = 1; names.has(name); count++) {
      name = `${base}-${count}`;
    }
    return this.#create(rootDir, name, source, where);
  }

  #create(rootDir, name, source, where) {
    const { ini, profiles } = this.#read;
    if (rootDir !== null && rootDir !== undefined) {
      checkNative(rootDir, "nsIFile", where);
    }
    const salt = Array.from(runtime.random(SALT_SIZE), byte => SALT_LETTERS[byte % SALT_LETTERS.length]).join("");
    const path = rootDir?.path ?? ini.pathOfNew(`${salt}.${name ?? ""}`);
    if (path == "" || /[\r\n]/.test(path)) {
      fail("NS_ERROR_ILLEGAL_VALUE", where);
    }
    makeDirectory(path, where);
    makeDirectory(ini.localPathOf(path), where);
    writeTimes(path, textOf(source), where);
    const profile = new Profile(ini.add(name, path));
    profiles.push(profile);
    return profile;
  }

  /** What came of it: the name of a result, or null. */
  #write() {
    const { ini } = this.#read;
    if (ini.isOutdated) {
      return "NS_ERROR_DATABASE_CHANGED";
    }
    const result = ini.write();
    return result < 0 ? errors().errnoResult(-result) : null;
  }

  /** Write profiles.ini, and installs.ini. @throws NS_ERROR_DATABASE_CHANGED when others have changed it since it was read */
  flush() {
    const error = this.#write();
    if (error) {
      fail(error, "nsIToolkitProfileService.flush");
    }
  }

  async asyncFlush() {
    const error = this.#write();
    if (error) {
      throw errors().makeException("", Cr[error]);
    }
  }

  /** The same for a run whose own profile is one of these. */
  asyncFlushCurrentProfile() {
    if (!this.currentProfile) {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsIToolkitProfileService.asyncFlushCurrentProfile");
    }
    return this.asyncFlush();
  }

  removeProfileFilesByPath(rootDir, localDir, timeoutSec) {
    const { profileService: remover } = runtime.load("resource://gre/modules/bgtask/ProfileFiles.sys.mjs");
    return remover.removeProfileFilesByPath(rootDir, localDir, timeoutSec);
  }
}
defineXpcomClass(ToolkitProfileService, ["nsIToolkitProfileService"], {
  nsIToolkitProfileService: {
    getProfileByName: 1, getProfileByDir: [1, 2], getLocalDirFromRootDir: 1, createProfile: 3,
    createUniqueProfile: 3, flush: 0, asyncFlush: 0, asyncFlushCurrentProfile: 0, removeProfileFilesByPath: [2, 3],
  },
});
defineConstants(ToolkitProfileService, "nsIToolkitProfileService");

export const profileService = new ToolkitProfileService();

/** For BackgroundTasksUtils: a profile in @path that is in no list. */
export function profileAt(path) {
  return new Profile({ name: path, path, localPath: path, values: new Map() });
}

