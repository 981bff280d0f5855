// SPDX-License-Identifier: MPL-2.0
// What the host calls before a task of an application that declares components (runner/components.c).

import { notifyCategory } from "resource://gre/modules/bgtask/CategoryManager.sys.mjs";
import { readManifest } from "resource://gre/modules/bgtask/Manifest.sys.mjs";

const { env } = import.meta.native;

/** The topics of the start, in Gecko's order, with what is said with them. */
const TOPICS = [
  ["xpcom-startup", null],
  ["app-startup", "startup"],
  ["profile-do-change", "startup"],
  ["profile-after-change", "startup"],
];

export function startComponents() {
  const manifest = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  manifest.initWithPath(env.facts().appDirectory);
  manifest.append("chrome.manifest");
  if (manifest.exists()) {
    readManifest(manifest);
  }
  for (const [topic, data] of TOPICS) {
    notifyCategory(topic, data);
    Services.obs.notifyObservers(null, topic, data);
  }
}
