// SPDX-License-Identifier: MPL-2.0
// One update check: ask the server, choose, remember. Ours, not Firefox's.

import { UpdateState } from "resource://gre/modules/UpdateState.sys.mjs";
import { UpdateUtils } from "resource://gre/modules/UpdateUtils.sys.mjs";
import { isNewer, isSameUpdate, parseUpdates, selectPatch, selectUpdate } from "resource://gre/modules/UpdateList.sys.mjs";

const PREF_ERRORS = "app.update.backgroundErrors";
const PREF_ERRORS_MAX = "app.update.backgroundMaxErrors";
const PREF_LAST_TIME = "app.update.lastUpdateTime.background-update-timer";

const PREF_TIMEOUT = "app.update.check.timeoutSec";
const ANSWER_MAX = 16 * 1024 * 1024;

/** A check that did not succeed: its message is one line for a person. */
export class UpdateCheckError extends Error {
  name = "UpdateCheckError";
}

/** The bytes of the answer at @url. */
async function download(url) {
  const controller = new AbortController();
  const seconds = Services.prefs.getIntPref(PREF_TIMEOUT, 60);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${seconds} s`)), seconds * 1000);
  try {
    const response = await fetch(url, {
      headers: { "Cache-Control": "no-cache", Pragma: "no-cache" },
      signal: controller.signal,
    });
    if (!response.ok) {
      throw new UpdateCheckError(`the server answered ${response.status} ${response.statusText}`.trim());
    }
    const bytes = await response.bytes();
    if (bytes.length > ANSWER_MAX) {
      throw new UpdateCheckError(`the answer is larger than ${ANSWER_MAX} bytes`);
    }
    return bytes;
  } catch (error) {
    if (error instanceof UpdateCheckError) {
      throw error;
    }
    throw new UpdateCheckError(error.cause?.message ?? error.message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(url) {
  const bytes = await download(url);
  try {
    return parseUpdates(bytes);
  } catch (error) {
    throw new UpdateCheckError(`the answer is not a list of updates: ${error.message}`, { cause: error });
  }
}

/** Bring @state up to date with the choice; says whether @update was known before. */
function remember(state, update, current) {
  const { active } = state;
  if (update && active && isSameUpdate(update, active)) {
    const patch = selectPatch(update, active);
    state.refresh(update, patch);
    return { known: true, patch };
  }
  if (active) {
    state.retire(!isNewer(active, current) ? "succeeded" : update ? "superseded" : "withdrawn");
  }
  const patch = update && selectPatch(update);
  if (update) {
    state.activate(update, patch, new Date());
  }
  return { known: false, patch };
}

/** The number of checks in a row that have failed, this one included; it starts anew at the limit. */
function countError() {
  const errors = Services.prefs.getIntPref(PREF_ERRORS, 0) + 1;
  const limit = Services.prefs.getIntPref(PREF_ERRORS_MAX, 10);
  const reached = errors >= limit;
  Services.prefs.setIntPref(PREF_ERRORS, reached ? 0 : errors);
  return { errors, reached };
}

export const UpdateChecker = {
  /** Why no check is to be made, or null. */
  reasonNotToCheck() {
    if (!Services.prefs.getBoolPref("app.update.background.enabled", true)) {
      return "the preference app.update.background.enabled is false";
    }
    if (Services.prefs.getStringPref("app.update.url", "") == "") {
      return "the preference app.update.url is empty; set it to the address of an update server";
    }
    return null;
  },

  /**
   * { url, update, patch, known, offered, problems, active }. Throws UpdateCheckError, with members errors and
   * reached as countError() has them.
   */
  async check() {
    const current = { version: Services.appinfo.version, buildID: Services.appinfo.appBuildID };
    const url = await UpdateUtils.formatUpdateURL(Services.prefs.getStringPref("app.update.url", ""));
    let answer;
    try {
      if (!/^https?:/i.test(url)) {
        throw new UpdateCheckError(`the preference app.update.url is "${url}", which is not an http or https URL`);
      }
      answer = await readAnswer(url);
    } catch (error) {
      throw Object.assign(error, countError(), { url });
    }
    const state = await UpdateState.load();
    const update = selectUpdate(answer.updates, current);
    const { known, patch } = remember(state, update, current);
    await state.save();
    Services.prefs.setIntPref(PREF_LAST_TIME, Math.floor(Date.now() / 1000));
    Services.prefs.clearUserPref(PREF_ERRORS);
    const { updates, problems } = answer;
    return { url, update, patch, known, offered: updates.length, problems, active: state.active };
  },
};
