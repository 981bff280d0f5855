user_pref("b", false);
user_pref("i", -2147483648);
user_pref("s", "tab\t nl\n quote\" back\\ \x41\u20ac\ud83d\ude00");
