// SPDX-License-Identifier: MPL-2.0
// nsICachePurgeLock: that no two processes remove the same directory. The lock is a file in the system's temporary
// directory, the same for all tasks of an installation.

import { errnoResult } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { File } from "resource://gre/modules/bgtask/File.sys.mjs";
import { defineXpcomClass, fail } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, locks } = import.meta.native;

const DIRECTORY = "/tmp"; // whatever TMPDIR says: two tasks may have different ones

function pathOf(name) {
  return `${DIRECTORY}/Mozilla${name}-cachePurge-${env.facts().installHash}`;
}

export class CachePurgeLock {
  #descriptor = -1;
  #path = "";

  /** Be one of those who are at directory @name. */
  lock(name) {
    const leaf = String(name);
    if (leaf.includes("/")) {
      fail("NS_ERROR_FAILURE", "nsICachePurgeLock.lock");
    }
    if (this.#descriptor >= 0) {
      return;
    }
    const path = pathOf(leaf);
    const result = locks.open(path);
    if (result < 0) {
      fail(errnoResult(-result), "nsICachePurgeLock.lock");
    }
    this.#descriptor = result;
    this.#path = path;
  }

  isOtherInstanceRunning() {
    if (this.#descriptor < 0) {
      fail("NS_ERROR_NOT_INITIALIZED", "nsICachePurgeLock.isOtherInstanceRunning");
    }
    const result = locks.hasOthers(this.#descriptor);
    return typeof result == "number"
      ? fail(errnoResult(-result), "nsICachePurgeLock.isOtherInstanceRunning")
      : result;
  }

  unlock() {
    if (this.#descriptor >= 0) {
      locks.close(this.#descriptor, this.#path);
    }
    this.#descriptor = -1;
  }

  getLockFile(name) {
    return new File(pathOf(String(name)));
  }
}
defineXpcomClass(CachePurgeLock, ["nsICachePurgeLock"], {
  nsICachePurgeLock: { lock: 1, isOtherInstanceRunning: 0, unlock: 0, getLockFile: 1 },
});
