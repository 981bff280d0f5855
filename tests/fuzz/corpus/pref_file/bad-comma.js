pref("a", 1);
pref("b" 2);
