// SPDX-License-Identifier: MPL-2.0
// Default values of preferences. A site changes them in SYSCONFDIR/bgtaskd/prefs.js, in the same form; a task's
// profile has user values in its prefs.js and user.js. The daemon's own (bgtaskd.runs.*, bgtaskd.output.*, …) have
// their defaults in the program; `bgtaskd --help` and bgtaskd(8) list them.

// How long a task may run, in seconds, and how long its process lives at least, in milliseconds. Fractions are given
// as strings. A module overrides them with its exports backgroundTaskTimeoutSec and backgroundTaskMinRuntimeMS.
pref("toolkit.backgroundtasks.defaultTimeoutSec", 600);
pref("toolkit.backgroundtasks.defaultMinTaskRuntimeMS", 500);
// Milliseconds between the start of the process and the task's.
pref("toolkit.backgroundtasks.startDelayMS", 0);
// How long the shutdown after a task may take, in milliseconds; and how long each run waits for AsyncShutdown's
// blockers at most, within that.
pref("toolkit.backgroundtasks.shutdownTimeoutMS", 5000);
pref("toolkit.asyncshutdown.crash_timeout", 60000);

// Who the application is, for Services.appinfo, AppConstants and update checks. An empty value means this program's
// own: its name, its version. buildID is YYYYMMDDhhmmss.
pref("bgtaskd.app.name", "");
pref("bgtaskd.app.vendor", "");
pref("bgtaskd.app.ID", "");
pref("bgtaskd.app.version", "");
pref("bgtaskd.app.buildID", "");
pref("bgtaskd.app.platformVersion", "");
pref("bgtaskd.app.platformBuildID", "");
pref("bgtaskd.app.updateChannel", "");
pref("bgtaskd.app.distribution", "");

// The address that backgroundupdate asks; empty: no update check.
pref("app.update.url", "");
pref("app.update.auto", true);
pref("app.update.interval", 21600);
pref("app.update.backgroundMaxErrors", 10);
