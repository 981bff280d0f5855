// SPDX-License-Identifier: MPL-2.0
// nsIToolkitProfileService, as far as it removes the files of a profile that somebody else may still be using.

import { makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { RESULTS } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { files, locks, timers } = import.meta.native;

const RETRY_MS = 500;
const DIRECTORY = 0o040000;
const FORMAT = 0o170000;

/** Work in the background that fails: no line of the task is where it did. */
const NOWHERE = { formattedStack: "", toString: () => "<unknown>" };

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
    const result = locks.own(`${directory}/.parentlock`);
    if (result >= 0 || Date.now() >= untilMs) {
      return result;
    }
    await new Promise(resolve => timers.set(resolve, RETRY_MS, false));
  }
}

class ProfileService {
  /**
   * Remove both directories (nsIFile) of a profile, once nobody has its lock any more, which is waited for. The second
   * may be the first, and need not be there.
   */
  async removeProfileFilesByPath(rootDir, localDir, timeoutSec) {
    const paths = [...new Set([rootDir.path, localDir?.path ?? rootDir.path])];
    if (!isDirectory(paths[0])) {
      refuse();
    }
    const lock = await takeLock(paths[0], Math.trunc(Number(timeoutSec)) || 0);
    if (lock < 0) {
      refuse();
    }
    const results = paths.map(path => files.removeTree(path));
    locks.close(lock, `${paths[0]}/.parentlock`);
    if (results.some(result => result < 0)) {
      refuse();
    }
  }
}
defineXpcomClass(ProfileService, ["nsIToolkitProfileService"], {
  nsIToolkitProfileService: { removeProfileFilesByPath: 2 },
});

export const profileService = new ProfileService();
