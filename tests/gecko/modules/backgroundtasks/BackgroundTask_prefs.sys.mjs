// SPDX-License-Identifier: MPL-2.0
// Services.prefs.

export const backgroundTaskMinRuntimeMS = 1;

function line(what, action) {
  let text;
  try {
    text = JSON.stringify(action()) ?? "undefined";
  } catch (error) {
    text = `${error.name} 0x${error.result?.toString(16)}`;
  }
  dump(`${what}: ${text}\n`);
}

export async function runBackgroundTask() {
  const { prefs } = Services;
  line("types", () => [prefs.PREF_INVALID, prefs.PREF_STRING, prefs.PREF_INT, prefs.PREF_BOOL]);
  line("missing int", () => prefs.getIntPref("t.none"));
  line("missing with default", () => [prefs.getIntPref("t.none", 5), prefs.getBoolPref("t.none", true),
                                      prefs.getStringPref("t.none", "x"), prefs.getCharPref("t.none", "y")]);
  prefs.setIntPref("t.int", 7);
  prefs.setBoolPref("t.bool", true);
  prefs.setStringPref("t.text", "é€😀");
  prefs.setCharPref("t.char", "plain");
  line("values", () => [prefs.getIntPref("t.int"), prefs.getBoolPref("t.bool"), prefs.getStringPref("t.text"), prefs.getCharPref("t.char")]);
  line("kinds", () => ["t.int", "t.bool", "t.text", "t.none"].map(name => prefs.getPrefType(name)));
  line("wrong type", () => prefs.getIntPref("t.bool"));
  line("wrong type with default", () => prefs.getIntPref("t.bool", 9));
  line("set of another type", () => prefs.setIntPref("t.bool", 1));
  line("has user value", () => [prefs.prefHasUserValue("t.int"), prefs.prefHasUserValue("t.none")]);
  line("children", () => prefs.getChildList("t.").sort());
  line("none", () => prefs.getChildList("t.x."));
  const branch = prefs.getBranch("t.");
  line("branch", () => [branch.root, branch.getIntPref("int"), branch.getChildList("").sort()]);
  const defaults = prefs.getDefaultBranch("t.");
  line("default missing", () => defaults.getIntPref("int"));
  defaults.setIntPref("int", 3);
  line("default", () => [defaults.getIntPref("int"), prefs.getIntPref("t.int")]);
  prefs.clearUserPref("t.int");
  line("cleared", () => [prefs.getIntPref("t.int"), prefs.prefHasUserValue("t.int")]);
  prefs.setIntPref("t.int", 3);
  line("same as default", () => prefs.prefHasUserValue("t.int"));
  const seen = [];
  const observer = { observe: (subject, topic, data) => seen.push([topic, data]) };
  prefs.addObserver("t.", observer);
  branch.addObserver("int", observer);
  prefs.setIntPref("t.int", 4);
  prefs.setIntPref("t.int", 4);
  prefs.clearUserPref("t.int");
  prefs.setBoolPref("u.other", true);
  prefs.removeObserver("t.", observer);
  prefs.setIntPref("t.int", 5);
  branch.removeObserver("int", observer);
  prefs.setIntPref("t.int", 6);
  line("seen", () => seen);
  line("locked before", () => prefs.prefIsLocked("t.int"));
  prefs.lockPref("t.int");
  line("locked", () => [prefs.prefIsLocked("t.int"), prefs.getIntPref("t.int")]);
  prefs.unlockPref("t.int");
  line("unlocked", () => prefs.getIntPref("t.int"));
  prefs.deleteBranch("t.");
  line("deleted", () => [prefs.getPrefType("t.int"), prefs.getPrefType("t.text")]);
  line("int overflow", () => { prefs.setIntPref("t.big", 2 ** 31); return prefs.getIntPref("t.big"); });
  line("fraction", () => { prefs.setIntPref("t.big", 5.9); return prefs.getIntPref("t.big"); });
  line("empty name", () => prefs.getIntPref(""));
}
