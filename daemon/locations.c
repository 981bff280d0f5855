/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/locations.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/util.h"

/* Given on the command line: made absolute, since runs and helpers have other working directories. */
static char *location_absolute(const char *path)
{
        if (path[0] == '/')
                return strdup(path);
        _cleanup_free_ char *here = getcwd(NULL, 0);
        return here ? path_join(here, path) : NULL;
}

static int locations_find_all(const struct options *options, struct locations *locations, struct error *error)
{
        locations->state = options->state_directory ? location_absolute(options->state_directory)
                                                    : paths_state_directory(options->system);
        if (!locations->state)
                return error_set(error, EINVAL,
                                 "the state directory is not known: set HOME or use --state-dir");
        locations->runtime = options->runtime_directory ? location_absolute(options->runtime_directory)
                                                        : paths_runtime_directory(options->system);
        if (!locations->runtime)
                return error_set(
                        error, EINVAL,
                        "the runtime directory is not known: set XDG_RUNTIME_DIR or use --runtime-dir");
        locations->socket = options->socket ? location_absolute(options->socket)
                                            : paths_socket(locations->runtime);
        if (locations->socket && strlen(locations->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
                return error_set(error, EINVAL, "%s: too long for a socket: expected at most %zu bytes",
                                 locations->socket, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
        locations->app = options->app_directory ? location_absolute(options->app_directory)
                                                : paths_app_directory();
        if (locations->app && !options->app_directory && access(locations->app, F_OK) < 0) {
                free(locations->app);
                locations->app = path_join(paths_data_directory(), "app");
        }
        locations->runner = options->runner ? location_absolute(options->runner)
                                            : paths_program("bgtask-runner");
        locations->output = path_join(locations->state, "output");
        locations->persistent = path_join(locations->state, "profiles");
        locations->ephemeral = path_join(locations->runtime, "profiles");
        locations->gre = path_join(paths_data_directory(), "gre");
        if (!locations->socket || !locations->app || !locations->runner || !locations->output ||
            !locations->persistent || !locations->ephemeral || !locations->gre)
                return error_set(error, ENOMEM, "out of memory");
        return 0;
}

int locations_find(const struct options *options, struct locations *ret, struct error *error)
{
        struct locations locations = { 0 };
        int r = locations_find_all(options, &locations, error);

        if (r < 0) {
                locations_done(&locations);
                return r;
        }
        *ret = locations;
        return 0;
}

/* -ENOENT: absent, without a text. */
static int location_check(const char *path, struct error *error)
{
        struct stat status;

        if (stat(path, &status) < 0)
                return errno == ENOENT ? -ENOENT : error_set_errno(error, errno, "%s", path);
        if (!S_ISDIR(status.st_mode))
                return error_set(error, ENOTDIR, "%s: expected a directory", path);
        if (status.st_uid != geteuid() && status.st_uid != 0)
                return error_set(error, EPERM, "%s: belongs to another user (%u)", path,
                                 (unsigned)status.st_uid);
        if (status.st_mode & S_IWOTH)
                return error_set(error, EPERM, "%s: everyone can write to it (mode %03o)", path,
                                 (unsigned)status.st_mode & 0777);
        if (access(path, R_OK | W_OK | X_OK) < 0)
                return error_set_errno(error, errno, "%s", path);
        return 0;
}

static int location_make(const char *path, mode_t mode, struct error *error)
{
        int r = location_check(path, error);

        if (r != -ENOENT)
                return r;
        r = directory_make(path, mode);
        if (r < 0)
                return error_set_errno(error, -r, "%s: cannot be made", path);
        return location_check(path, error);
}

int locations_make(const struct locations *locations, bool system, struct error *error)
{
        const struct {
                const char *path;
                mode_t mode;
        } directories[] = {
                { locations->state, 0700 },
                { locations->output, 0700 },
                { locations->persistent, 0700 },
                { locations->runtime, system ? 0755 : 0700 }, /* clients pass through it to the socket */
                { locations->ephemeral, 0700 },
        };
        int r = 0;

        for (size_t i = 0; r == 0 && i < ARRAY_SIZE(directories); i++)
                r = location_make(directories[i].path, directories[i].mode, error);
        return r;
}

/* What would have to be made must be makeable: the nearest existing parent is writable. */
static int location_check_parent(const char *path, struct error *error)
{
        char parent[PATH_MAX];

        if (snprintf(parent, sizeof(parent), "%s", path) >= (int)sizeof(parent))
                return error_set_errno(error, ENAMETOOLONG, "%s", path);
        for (;;) {
                char *slash = strrchr(parent, '/');
                if (!slash || slash == parent)
                        snprintf(parent, sizeof(parent), "/");
                else
                        *slash = '\0';
                if (access(parent, W_OK | X_OK) == 0)
                        return 0;
                if (errno != ENOENT || strcmp(parent, "/") == 0)
                        return error_set_errno(error, errno, "%s: cannot be made: %s", path, parent);
        }
}

int locations_check(const struct locations *locations, struct error *error)
{
        const char *directories[] = { locations->state, locations->output, locations->persistent,
                                      locations->runtime, locations->ephemeral };

        for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
                int r = location_check(directories[i], error);
                if (r == -ENOENT)
                        r = location_check_parent(directories[i], error);
                if (r < 0)
                        return r;
        }
        return 0;
}

void locations_done(struct locations *locations)
{
        free(locations->state);
        free(locations->runtime);
        free(locations->socket);
        free(locations->app);
        free(locations->runner);
        free(locations->output);
        free(locations->persistent);
        free(locations->ephemeral);
        free(locations->gre);
        *locations = (struct locations){ 0 };
}
