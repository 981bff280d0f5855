// SPDX-License-Identifier: MPL-2.0
// nsIUpdateSyncManager: whether another instance of the application is running. Instances are those that have asked, and
// tasks that may process updates (runner/updates.h); in a sandbox with a temporary directory of its own a run is alone.

import { errnoResult } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { checkNative, defineXpcomClass, fail } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { updates } = import.meta.native;

/** A number of 64 bits for a text, by FNV-1a. */
function hashOf(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).toUpperCase().padStart(16, "0");
}

function check(result, method) {
  return typeof result == "number" && result < 0
    ? fail(errnoResult(-result), `nsIUpdateSyncManager.${method}`)
    : result;
}

class UpdateSyncManager {
  constructor() {
    updates.lock("");
  }

  isOtherInstanceRunning() {
    return check(updates.hasOthers(), "isOtherInstanceRunning");
  }

  /** From now on instances are those of the application whose program is @appFile; null: of this installation. */
  resetLock(appFile) {
    if (appFile === null || appFile === undefined) {
      check(updates.lock(""), "resetLock");
      return;
    }
    checkNative(appFile, "nsIFile", "nsIUpdateSyncManager.resetLock");
    check(updates.lock(`/tmp/MozillaUpdateLock-App-${hashOf(appFile.parent?.path ?? "/")}`), "resetLock");
  }
}
defineXpcomClass(UpdateSyncManager, ["nsIUpdateSyncManager"], {
  nsIUpdateSyncManager: { isOtherInstanceRunning: 0, resetLock: [0, 1] },
});

export const updateSyncManager = new UpdateSyncManager();
