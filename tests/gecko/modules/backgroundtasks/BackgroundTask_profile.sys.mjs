// SPDX-License-Identifier: MPL-2.0
// Says which profile it has. "count": also a preference that counts how often it was run there. "hold": stays until there are three.

import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export const backgroundTaskMinRuntimeMS = 1;

export async function runBackgroundTask(commandLine) {
  const profile = Services.dirsvc.get("ProfD", Ci.nsIFile);
  dump(`parent ${profile.parent.path}\n`);
  dump(`name ${profile.leafName.replace(/-[0-9A-F]{8,16}-/, "-HASH-")}\n`);
  dump(`permissions ${profile.permissions.toString(8)}\n`);
  const lock = profile.clone();
  lock.append(".parentlock");
  const link = profile.clone();
  link.append("lock");
  dump(`locks ${lock.exists()} ${link.isSymlink()}\n`);
  dump(`given ${Services.prefs.getIntPref("probe.given", 0)}\n`);
  if (commandLine.findFlag("count", false) >= 0 || commandLine.length) {
    const count = Services.prefs.getIntPref("probe.count", 0) + 1;
    Services.prefs.setIntPref("probe.count", count);
    Services.prefs.savePrefFile(null);
    dump(`count ${count}\n`);
    if (commandLine.getArgument(0) == "hold") {
      const folder = PathUtils.join(profile.parent.path, "held");
      await IOUtils.writeUTF8(PathUtils.join(folder, profile.leafName), "");
      while ((await IOUtils.getChildren(folder)).length < 3) {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    }
    return 10 + count;
  }
  return 0;
}
