// SPDX-License-Identifier: MPL-2.0
// removeDirectory PARENT CHILD SECONDS [SUFFIX] [--test-sleep MS] [--metrics-id ID]
//
// Wait until directory CHILD is in directory PARENT (absolute), SECONDS at most, and remove it; then remove all
// directories in PARENT whose names end with SUFFIX ("*": all of them). CHILD "": only the latter. Files stay, symbolic
// links are removed and never followed. A CHILD that does not come is no error. What another process is removing is left
// to it: a lock says so, which is taken before CHILD is there. There is no telemetry: --metrics-id is accepted.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

const POLL_MS = 1000;
const SECONDS_DEFAULT = 10;

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

function fileAt(path, name) {
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  if (name !== undefined) {
    file.append(name);
  }
  return file;
}

function isDirectory(file) {
  try {
    return file.isDirectory();
  } catch (error) {
    return false; // it is gone
  }
}

/**
 * The lock on directories called @name, or null: another process has it. In a run of the daemon there may be no place for
 * it; then it has no effect.
 */
function takeLock(name) {
  const lock = Cc["@mozilla.org/net/CachePurgeLock;1"].createInstance(Ci.nsICachePurgeLock);
  try {
    lock.lock(name);
  } catch (error) {
    console.error(`${name} is not locked: ${error.message}`);
    return lock;
  }
  if (!lock.isOtherInstanceRunning()) {
    return lock;
  }
  lock.unlock();
  return null;
}

/** Call @work while nobody else is at directories called @name; false: somebody is. */
async function whileLocked(name, work) {
  const lock = takeLock(name);
  try {
    if (lock) {
      await work();
    }
  } finally {
    lock?.unlock();
  }
  return lock !== null;
}

/** Whether @file has come within @seconds. */
async function comes(file, seconds) {
  for (let polls = 0; !file.exists(); polls++) {
    if (polls * POLL_MS > seconds * 1000) {
      return false;
    }
    await pause(POLL_MS);
  }
  return true;
}

/** What was removed is counted, @file itself included; also when it cannot be removed entirely. */
function remove(file) {
  const count = { value: 0 };
  try {
    file.remove(true, count);
  } finally {
    console.error(`removed ${count.value} entries of ${file.path}`);
  }
}

async function removeChild(parent, child, seconds) {
  const file = fileAt(parent, child);
  const alone = await whileLocked(child, async () => {
    if (!(await comes(file, seconds))) {
      console.error(`there is no ${file.path}`);
    } else if (!file.isDirectory()) {
      throw new Error(`${file.path} is not a directory`);
    } else {
      remove(file);
    }
  });
  if (!alone) {
    console.error(`${file.path} is being removed by another process`);
  }
}

async function removeOthers(parent, suffix) {
  for (const entry of fileAt(parent).directoryEntries) {
    if ((suffix != "*" && !entry.leafName.endsWith(suffix)) || !isDirectory(entry)) {
      continue;
    }
    // One that cannot be removed does not keep the rest.
    await whileLocked(entry.leafName, () => remove(entry)).catch(error =>
      console.error(`${entry.path} could not be removed: ${error.message}`)
    );
  }
}

function readArguments(commandLine) {
  const sleepMs = Number.parseInt(commandLine.handleFlagWithParam("test-sleep", false), 10) || 0;
  commandLine.handleFlagWithParam("metrics-id", false);
  if (commandLine.length < 3 || commandLine.length > 4) {
    throw new Error(
      `expected PARENT CHILD SECONDS [SUFFIX], found ${commandLine.length} arguments`
    );
  }
  const [parent, child, seconds, suffix = ""] = Array.from({ length: commandLine.length }, (_, index) =>
    commandLine.getArgument(index)
  );
  const number = Number.parseInt(seconds, 10);
  return { parent, child, seconds: Number.isNaN(number) ? SECONDS_DEFAULT : number, suffix, sleepMs };
}

export async function runBackgroundTask(commandLine) {
  const { parent, child, seconds, suffix, sleepMs } = readArguments(commandLine);
  if (sleepMs > 0) {
    await pause(sleepMs);
  }
  if (child != "") {
    await removeChild(parent, child, seconds);
  }
  if (suffix != "") {
    await removeOthers(parent, suffix);
  }
  return EXIT_CODE.SUCCESS;
}
