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

// How much memory a task may use, in MiB: one that uses more is stopped. Read here and in the site's file alone.
pref("toolkit.backgroundtasks.maxHeapMiB", 256);

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
// Which [Install…] section of Firefox's profiles.ini names the default profile (BackgroundTasksUtils): the hexadecimal
// digits after "Install". Empty: the section, if there is only one.
pref("bgtaskd.app.installHash", "");

// The address that backgroundupdate asks; empty: no update check.
pref("app.update.url", "");
pref("app.update.auto", true);
pref("app.update.interval", 21600);
pref("app.update.backgroundMaxErrors", 10);
pref("app.update.background.enabled", true);
pref("app.update.background.timeoutSec", 600);
// Seconds in which the server must have answered.
pref("app.update.check.timeoutSec", 60);

// Limits of fetch: seconds for a connection, seconds of silence (0: no limit), redirections, bytes of an answer's
// headers and of its body.
pref("network.http.connection-timeout", 90);
pref("network.http.response.timeout", 300);
pref("network.http.redirection-limit", 20);
pref("network.http.max_response_header_size", 262144);
pref("network.fetch.max_body_bytes", 268435456);
// Certificates to trust instead of the system's, and what fetch calls itself; empty: the system's, and its own name.
pref("network.fetch.ca_file", "");
pref("general.useragent.override", "");
// 0: no proxy; 1: those below; 5: what http_proxy, https_proxy and no_proxy in the environment say.
pref("network.proxy.type", 5);
pref("network.proxy.http", "");
pref("network.proxy.http_port", 0);
pref("network.proxy.ssl", "");
pref("network.proxy.ssl_port", 0);
pref("network.proxy.no_proxies_on", "");
