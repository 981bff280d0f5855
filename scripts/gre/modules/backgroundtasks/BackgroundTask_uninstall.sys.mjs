// SPDX-License-Identifier: MPL-2.0
// uninstall
//
// Remove what tasks of this installation have left for this user: what they registered with the daemon, their profiles in
// $TMPDIR and in the state directory, and their locks. What is in use stays, is named, and makes the exit code 3. To be run
// by hand or by a package, not by the daemon: its own database is not touched. Other installations keep what is theirs.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";
import { TaskScheduler } from "resource://gre/modules/TaskScheduler.sys.mjs";

const LOCKS = "/tmp";
const SECTION = "[BackgroundTasksProfiles]";

let left = 0;

/** Call @work; what it cannot do is said, and counted. */
async function attempt(what, work) {
  try {
    await work();
    console.log(`removed ${what}`);
  } catch (error) {
    left++;
    console.error(`${what} stays: ${error.message}`);
  }
}

function makeLock() {
  return Cc["@mozilla.org/net/CachePurgeLock;1"].createInstance(Ci.nsICachePurgeLock);
}

/** What the names of this installation's profiles and locks have in common. */
function installHash() {
  const { leafName } = makeLock().getLockFile("x");
  return leafName.slice(leafName.lastIndexOf("-") + 1);
}

async function removeSchedules() {
  try {
    await TaskScheduler.deleteAllTasks();
    console.log("removed what was registered with the daemon");
  } catch (error) {
    // Without a daemon there is nothing registered that could begin.
    console.log(`nothing is taken back from the daemon: ${error.message}`);
  }
}

async function removeProfile(path) {
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  const service = Cc["@mozilla.org/toolkit/profile-service;1"].getService();
  // It stays if somebody has its lock.
  await attempt(path, () => service.removeProfileFilesByPath(file, null, 0));
}

async function removeEphemeralProfiles(prefix) {
  const own = PathUtils.profileDir;
  const directory = Services.dirsvc.get("TmpD", Ci.nsIFile).path;
  for (const path of await IOUtils.getChildren(directory, { ignoreAbsent: true })) {
    if (PathUtils.filename(path).startsWith(prefix) && path != own) {
      await removeProfile(path);
    }
  }
}

function stateDirectory() {
  const state = Services.env.get("XDG_STATE_HOME");
  return state.startsWith("/") ? state : PathUtils.join(Services.dirsvc.get("Home", Ci.nsIFile).path, ".local", "state");
}

/** The lines of profiles.ini, each with the directory that it gives a task of this installation, or null. */
async function readMapping(ini, prefix) {
  let section = "";
  return (await IOUtils.readUTF8(ini)).split("\n").map(line => {
    section = line.startsWith("[") ? line.trim() : section;
    const [name, value = ""] = line.split("=").map(part => part.trim());
    const isOurs = section == SECTION && name.startsWith(prefix) && !["", ".", ".."].includes(value) && !value.includes("/");
    return { line, leaf: isOurs ? value : null };
  });
}

/** The lines of profiles.ini that are of this installation go with their directories; others, and other sections, stay. */
async function removePersistentProfiles(prefix) {
  const directory = PathUtils.join(stateDirectory(), "bgtaskd", "profiles");
  const ini = PathUtils.join(directory, "profiles.ini");
  if (!(await IOUtils.exists(ini))) {
    return;
  }
  const gone = new Set();
  for (const { leaf } of await readMapping(ini, prefix)) {
    const path = leaf && PathUtils.join(directory, leaf);
    if (path && (await IOUtils.exists(path))) {
      await removeProfile(path);
    }
    if (path && !(await IOUtils.exists(path))) {
      gone.add(leaf);
    }
  }
  // Tasks may have come meanwhile: the file is looked at again.
  const kept = (await readMapping(ini, prefix)).filter(({ leaf }) => !gone.has(leaf));
  await IOUtils.writeUTF8(ini, kept.map(({ line }) => line).join("\n"), { tmpPath: `${ini}.new` });
}

/** The last who gives up a lock removes its file; a process that was killed did not. */
async function removeLocks(hash) {
  const suffix = `-cachePurge-${hash}`;
  for (const path of await IOUtils.getChildren(LOCKS)) {
    const leaf = PathUtils.filename(path);
    if (leaf.startsWith("Mozilla") && leaf.endsWith(suffix)) {
      await attempt(path, () => {
        const lock = makeLock();
        lock.lock(leaf.slice("Mozilla".length, -suffix.length));
        const others = lock.isOtherInstanceRunning();
        lock.unlock();
        if (others) {
          throw new Error("a process has it");
        }
      });
    }
  }
}

export async function runBackgroundTask() {
  const hash = installHash();
  const prefix = `MozillaBackgroundTask-${hash}-`;
  await removeSchedules();
  await removeEphemeralProfiles(prefix);
  await removePersistentProfiles(prefix);
  await removeLocks(hash);
  return left ? EXIT_CODE.EXCEPTION : EXIT_CODE.SUCCESS;
}
