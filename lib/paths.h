/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Where things are. Programs find their files relative to themselves (EXE/../share/bgtaskd,
 * EXE/../lib/bgtaskd), so that a build tree, an unpacked package and an installed system all work in place;
 * the configured directories are the fall-back.
 */
#ifndef LIB_PATHS_H
#define LIB_PATHS_H

#include <stdbool.h>

/* Directory of this program. Static, NULL only without /proc. */
const char *paths_exe_directory(void);
/* The directory that holds gre/, app/ and defaults/. Static. */
const char *paths_data_directory(void);
/* The directory of loadable parts. Static. */
const char *paths_lib_directory(void);
/* A program of ours: beside this one, else in the configured bindir. malloc'd. */
char *paths_program(const char *name);

/* Defaults of an instance. systemd's STATE_DIRECTORY and RUNTIME_DIRECTORY first; then /var/lib/bgtaskd and
 * /run/bgtaskd for the system instance, $XDG_STATE_HOME/bgtaskd (~/.local/state/bgtaskd) and
 * $XDG_RUNTIME_DIR/bgtaskd for a user's. malloc'd; NULL: cannot be known (no HOME, no XDG_RUNTIME_DIR). */
char *paths_state_directory(bool system_instance);
char *paths_runtime_directory(bool system_instance);
/* A user's own preferences: $XDG_CONFIG_HOME/bgtaskd/prefs.js (~/.config/bgtaskd/prefs.js). It need not exist.
 * malloc'd; NULL: cannot be known. */
char *paths_user_prefs(void);
/* A hash of the directory of this program: equal for all runs of an installation, different between two. malloc'd. */
char *paths_install_hash(void);
/* MozillaBackgroundTask-HASH-TASK: what profiles are called. malloc'd. */
char *paths_profile_name(const char *task);
/* The application directory of an installed system: PREFIX/lib/bgtaskd/app, PREFIX being that of the tree that
 * the data directory was found in. It need not exist. malloc'd. */
char *paths_app_directory(void);
/* The folders of task files: of a user ($XDG_CONFIG_HOME/bgtaskd/tasks.d; malloc'd, NULL: cannot be known), of the
 * site (SYSCONFDIR/bgtaskd/tasks.d) and of the vendor (beside the application directory, malloc'd). They need not
 * exist. */
char *paths_user_tasks(void);
const char *paths_site_tasks(void);
char *paths_vendor_tasks(void);
/* RUNTIME/control: the default socket. malloc'd. */
char *paths_socket(const char *runtime_directory);
/* Where a client finds that socket. RUNTIME_DIRECTORY is not asked: to a client that is part of some service
 * it names that service's own directory. malloc'd; NULL: cannot be known. */
char *paths_client_socket(bool system_instance);

#define PATHS_MACHINE_ID_SIZE 40

/* What /etc/machine-id says; "": there is none. */
void paths_machine_id(char ret[static PATHS_MACHINE_ID_SIZE]);

#endif
