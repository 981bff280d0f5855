pref("a", 1);
pref("b", "never ends