// SPDX-License-Identifier: MPL-2.0
/*
 * backgroundupdate: ask the update server whether there is something newer, and remember the answer.
 *
 * app.update.url is the address, with the %…% of UpdateUtils.formatUpdateURL(). The answer is kept in the task's
 * own profile: updates/active-update.xml and updates/updates.xml, app.update.lastUpdateTime.background-update-timer
 * and app.update.backgroundErrors. Nothing is downloaded or installed.
 *
 * Exit codes: 0 after a check, whether there is an update or not, and also when there is a reason not to check,
 * which is printed. 3 when the check failed (no answer, an error status, not a list of updates): Gecko exits with
 * 0 there too and only counts the error, but a schedule must be able to show that its task does not succeed.
 */

import { UpdateChecker } from "resource://gre/modules/UpdateChecker.sys.mjs";
import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";

export const backgroundTaskTimeoutSec = Services.prefs.getIntPref("app.update.background.timeoutSec", 600);

const say = line => dump(line + "\n");

function sizeText(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${power == 0 ? bytes : (bytes / 2 ** (10 * power)).toFixed(1)} ${units[power]}`;
}

function report({ update, patch, known, offered, problems, active }) {
  for (const problem of problems) {
    console.warn(problem);
  }
  const { name, version } = Services.appinfo;
  if (!update) {
    say(`No update for ${name} ${version} (${offered} offered).`);
    return;
  }
  const build = update.buildID ? `, build ${update.buildID}` : "";
  const since = known ? `, known since ${active.attributes.get("foundAt") ?? "an earlier check"}` : "";
  say(`Update found: ${update.displayVersion} (${update.type}${build}) for ${name} ${version}, ${offered} offered${since}`);
  if (update.unsupported) {
    say("  This system is not supported by it any more.");
  }
  if (update.detailsURL) {
    say(`  details: ${update.detailsURL}`);
  }
  if (patch) {
    const hash = patch.hashFunction ? `, ${patch.hashFunction} ${patch.hashValue ?? ""}` : "";
    say(`  patch: ${patch.type}, ${sizeText(patch.size)}, ${patch.url}${hash}`);
  }
}

export async function runBackgroundTask() {
  const reason = UpdateChecker.reasonNotToCheck();
  if (reason) {
    say(`No update check: ${reason}.`);
    return EXIT_CODE.SUCCESS;
  }
  let result;
  try {
    result = await UpdateChecker.check();
  } catch (error) {
    if (error.name != "UpdateCheckError") {
      throw error;
    }
    console.error(`The update check failed: ${error.message}`);
    if (error.reached) {
      console.error(`${error.errors} update checks in a row have failed: ${error.url}`);
    }
    return EXIT_CODE.EXCEPTION;
  }
  report(result);
  return EXIT_CODE.SUCCESS;
}
