// SPDX-License-Identifier: MPL-2.0
// The answer of an update server. Ours, not Firefox's.
//
// It is <updates> with an <update> for each one offered and a <patch> for each way to get there. What is wrong with a part
// of it costs that part only, and is told in `problems`.

import { parseXml } from "resource://gre/modules/bgtask/Xml.sys.mjs";

const PATCH_TYPES = ["complete", "partial"];
const UPDATE_TYPES = ["major", "minor"];

/** What is wrong with one element of an answer. */
class Unusable extends Error {}

function reasonOf(error) {
  if (!(error instanceof Unusable)) {
    throw error;
  }
  return error.message;
}

/** { type, url, size, hashFunction, hashValue, state }. Throws Unusable. */
function patchOf(element) {
  const type = element.getAttribute("type") ?? "";
  const size = element.getAttribute("size") ?? "";
  const url = URL.parse(element.getAttribute("URL") ?? "");
  if (!PATCH_TYPES.includes(type)) {
    throw new Unusable(`type "${type}" is not complete or partial`);
  }
  if (!/^[0-9]{1,15}$/.test(size) || Number(size) == 0) {
    throw new Unusable(`size "${size}" is not a positive number`);
  }
  if (!url || !["http:", "https:", "file:"].includes(url.protocol)) {
    throw new Unusable(`URL "${element.getAttribute("URL") ?? ""}" cannot be fetched`);
  }
  return {
    type,
    url: url.href,
    size: Number(size),
    hashFunction: element.getAttribute("hashFunction"),
    hashValue: element.getAttribute("hashValue"),
    state: element.getAttribute("state"),
  };
}

/** An <update>. Throws Unusable; @problems gets what was wrong with its patches. */
function updateOf(element, problems) {
  const type = element.getAttribute("type") ?? "minor";
  const appVersion = element.getAttribute("appVersion");
  const unsupported = element.getAttribute("unsupported") == "true";
  if (!UPDATE_TYPES.includes(type)) {
    throw new Unusable(`type "${type}" is not major or minor`);
  }
  if (!appVersion) {
    throw new Unusable("it has no appVersion");
  }
  const patches = [];
  for (const child of element.elements("patch")) {
    try {
      patches.push(patchOf(child));
    } catch (error) {
      problems.push(`line ${child.line}: a patch of ${appVersion} is dropped: ${reasonOf(error)}`);
    }
  }
  if (patches.length == 0 && !unsupported) {
    throw new Unusable("it has no usable patch");
  }
  return {
    type,
    appVersion,
    unsupported,
    patches,
    buildID: element.getAttribute("buildID") ?? "",
    displayVersion: element.getAttribute("displayVersion") ?? appVersion,
    platformVersion: element.getAttribute("platformVersion") ?? "",
    detailsURL: element.getAttribute("detailsURL") ?? "",
    attributes: new Map(element.attributes),
  };
}

/** { updates, problems } of an answer. Throws an Error when it is no list of updates at all. */
export function parseUpdates(input) {
  const root = parseXml(input);
  if (root.name != "updates") {
    throw new Error(`line ${root.line}: the root element is <${root.name}>, not <updates>`);
  }
  const updates = [];
  const problems = [];
  for (const element of root.elements("update")) {
    try {
      updates.push(updateOf(element, problems));
    } catch (error) {
      problems.push(`line ${element.line}: an update is ignored: ${reasonOf(error)}`);
    }
  }
  return { updates, problems };
}

export const isSameUpdate = (a, b) => a.appVersion == b.appVersion && a.buildID == b.buildID;

/** Whether @update leads to something newer than @current, { version, buildID }. */
export function isNewer(update, current) {
  const order = Services.vc.compare(update.appVersion, current.version);
  return order > 0 || (order == 0 && update.buildID != current.buildID);
}

/** The update to take, or null: the newest minor one, else the newest major one. */
export function selectUpdate(updates, current) {
  const newest = type =>
    updates
      .filter(update => update.type == type && isNewer(update, current))
      .reduce((best, update) => (best && Services.vc.compare(best.appVersion, update.appVersion) > 0 ? best : update), null);
  return newest("minor") ?? newest("major");
}

/** The patch to take, or null: a partial one first, unless one failed before for the same update (@known). */
export function selectPatch(update, known = null) {
  const failed = known?.patches.some(
    patch => patch.type == "partial" && ["failed", "download-failed"].includes(patch.state)
  );
  const partial = update.patches.find(patch => patch.type == "partial");
  const complete = update.patches.find(patch => patch.type == "complete");
  return (failed ? null : partial) ?? complete ?? null;
}
