/* SPDX-License-Identifier: MPL-2.0 */
/* Which preference files a run reads and writes. Files that are absent are passed over unless they were
 * named; what is wrong in one is said on stderr with file, line and column, and its good lines before that count. */
#ifndef RUNNER_PREFERENCES_H
#define RUNNER_PREFERENCES_H

#include "lib/prefs.h"

/* @data/defaults/backgroundtasks.js, then @files, or the site's and the user's own when NULL. */
void preferences_load_defaults(struct prefs *prefs, const char *data, const char *const *files);
/* prefs.js and user.js in @profile. */
void preferences_load_profile(struct prefs *prefs, const char *profile);
/* User values to prefs.js in @profile. */
void preferences_save(struct prefs *prefs, const char *profile);

#endif
