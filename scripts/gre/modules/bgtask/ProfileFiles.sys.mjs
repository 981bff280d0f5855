// SPDX-License-Identifier: MPL-2.0
// nsIToolkitProfileService, as far as it removes the files of a profile that somebody else may still be using.

import { NOWHERE, makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { RESULTS } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { files, locks, timers } = import.meta.native;

const LOCK = ".parentlock";
const ENOENT = 2;
const RETRY_MS = 500;
const DIRECTORY = 0o040000;
const FORMAT = 0o170000;

function refuse() {
  throw makeException("Failure", RESULTS.NS_ERROR_FAILURE, NOWHERE);
}

function isDirectory(path) {
  const status = files.stat(path, false);
  return typeof status != "number" && (status[0] & FORMAT) == DIRECTORY;
}

/** The profile's lock, as Gecko has it: a descriptor, or a negative errno when it cannot be had within @timeoutSec. */
async function takeLock(directory, timeoutSec) {
  const untilMs = Date.now() + timeoutSec * 1000;
  for (;;) {
    const result = locks.own(`${directory}/${LOCK}`);
    if (result >= 0 || Date.now() >= untilMs) {
      return result;
    }
    await new Promise(resolve => timers.set(resolve, RETRY_MS, false));
  }
}

/** Remove what is in @directory, but for its lock. */
function removeContents(directory) {
  const names = files.list(directory);
  if (typeof names == "number") {
    return names;
  }
  const results = names.filter(name => name != LOCK).map(name => files.removeTree(`${directory}/${name}`));
  return Math.min(0, ...results);
}

/**
 * Remove what is in @root, then @local, then @root itself. Where there is no @local, @root stays, with its lock alone: so it is
 * in Gecko.
 */
function removeBoth(root, local) {
  if (removeContents(root) < 0) {
    return false;
  }
  const same = root == local;
  if (!same && files.stat(local, false) === -ENOENT) {
    return true;
  }
  return (same || files.removeTree(local) >= 0) && files.removeTree(root) >= 0;
}

class ProfileService {
  /**
   * Remove both directories (nsIFile) of a profile, once nobody has its lock any more, which is waited for. The second
   * may be the first.
   */
  async removeProfileFilesByPath(rootDir, localDir, timeoutSec) {
    const [root, local] = [rootDir.path, localDir?.path ?? rootDir.path];
    if (!isDirectory(root)) {
      refuse();
    }
    const lock = await takeLock(root, Math.trunc(Number(timeoutSec)) || 0);
    if (lock < 0) {
      refuse();
    }
    const removed = removeBoth(root, local);
    locks.release(lock);
    if (!removed) {
      refuse();
    }
  }
}
defineXpcomClass(ProfileService, ["nsIToolkitProfileService"], {
  nsIToolkitProfileService: { removeProfileFilesByPath: 2 },
});

export const profileService = new ProfileService();
