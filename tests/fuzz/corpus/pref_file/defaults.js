// Defaults.
# hash
/* block
 */
pref("toolkit.backgroundtasks.defaultTimeoutSec", 600);
pref("app.update.url", "https://example.invalid/%VERSION%/update.xml");
pref("a.locked", true, locked);
sticky_pref("a.sticky", -7);
pref("both", 'x', sticky, locked);
