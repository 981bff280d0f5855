/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/locations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
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
        locations->backups = path_join(locations->state, "backups");
        locations->ephemeral = path_join(locations->runtime, "profiles");
        locations->runs = path_join(locations->runtime, "runs");
        locations->gre = path_join(paths_data_directory(), "gre");
        if (!locations->socket || !locations->app || !locations->runner || !locations->output ||
            !locations->persistent || !locations->backups || !locations->ephemeral || !locations->runs ||
            !locations->gre)
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

/* ---- who may write there ---- */

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define PRIVATE (S_IWGRP | S_IRWXO)
#define LINKS_MAX 8       /* in one path */
#define ENTRIES_MAX 65536 /* looked at in one directory */

/*
 * The directories that are ours alone, and what others may not do to them. Whoever can write to one of them can make
 * the daemon run anything as anybody, and whoever can read the private ones reads what tasks print.
 */
static const struct place {
        size_t offset; /* in struct locations */
        mode_t mode;   /* of what is made; 0: by another part, when there is need */
        mode_t forbidden;
        bool inside;  /* in another of them: it is no symbolic link */
        bool entries; /* what is in it is the daemon's: that is checked as well */
} places[] = {
        { offsetof(struct locations, state), 0700, PRIVATE, false, true },
        { offsetof(struct locations, output), 0700, PRIVATE, true, true },
        { offsetof(struct locations, persistent), 0700, PRIVATE, true, false },
        { offsetof(struct locations, backups), 0, PRIVATE, true, true },
        /* Clients pass through it to the socket. */
        { offsetof(struct locations, runtime), 0755, OTHERS_WRITE, false, false },
        { offsetof(struct locations, ephemeral), 0700, OTHERS_WRITE | S_IROTH, true, false },
        { offsetof(struct locations, runs), 0700, PRIVATE, true, true },
};

static const char *place_path(const struct place *place, const struct locations *locations)
{
        return *(char *const *)((const char *)locations + place->offset);
}

/* In a user namespace, what belongs to users outside of it is shown as the overflow user's. */
static bool owner_is_trusted(uid_t uid)
{
        _cleanup_free_ char *overflow = NULL, *map = NULL;
        int64_t count;
        size_t size;

        if (uid == 0 || uid == geteuid())
                return true;
        if (file_read(AT_FDCWD, "/proc/sys/kernel/overflowuid", 32, &overflow, &size) < 0 ||
            strtoul(overflow, NULL, 10) != uid)
                return false;
        if (file_read(AT_FDCWD, "/proc/self/uid_map", 65536, &map, &size) < 0)
                return false;
        const char *field = map; /* first, outside, count */
        return parse_field(&field, 2, 0, INT64_MAX, &count) < 0 || count < UINT32_MAX;
}

static int place_refuse(const char *path, const struct stat *status, mode_t forbidden, struct error *error)
{
        mode_t mode = status->st_mode & 07777;

        return error_set(error, EPERM, "%s has mode %04o, so others may %s it; expected at most %04o", path,
                         (unsigned)mode, mode & forbidden & OTHERS_WRITE ? "write to" : "read",
                         (unsigned)(mode & ~forbidden));
}

static int owner_check(const char *path, const struct stat *status, struct error *error)
{
        if (owner_is_trusted(status->st_uid))
                return 0;
        return error_set(error, EPERM, "%s belongs to user %u; expected user %u, who runs bgtaskd, or root",
                         path, (unsigned)status->st_uid, (unsigned)geteuid());
}

/* A directory on the way: whoever can write to it could put another in the place of what is below, unless it is
 * sticky. A group with write permission is fine if it is the daemon's own. */
static int step_check(const char *path, const struct stat *status, struct error *error)
{
        mode_t forbidden = S_IWOTH;

        if (status->st_gid != 0 && status->st_gid != getegid())
                forbidden |= S_IWGRP;
        int r = owner_check(path, status, error);
        if (r < 0 || status->st_mode & S_ISVTX || !(status->st_mode & forbidden))
                return r;
        return place_refuse(path, status, forbidden, error);
}

/* Every directory on the way to @path, and with @last itself; symbolic links of ours or root's are followed. What is
 * absent is fine. */
static int way_check(const char *path, bool last, struct error *error)
{
        char part[PATH_MAX];
        struct stat status;
        int links = 0;

        if (snprintf(part, sizeof(part), "%s/", path) >= (int)sizeof(part))
                return error_set_errno(error, ENAMETOOLONG, "%s", path);
        for (char *slash = part; slash; slash = strchr(slash + 1, '/')) {
                char kept = slash[1];
                slash[slash == part ? 1 : 0] = '\0';
                int r = lstat(part, &status) < 0 ? -errno : 0;
                if (r == -ENOENT)
                        return 0;
                if (r < 0)
                        return error_set_errno(error, -r, "%s", part);
                if (S_ISLNK(status.st_mode)) {
                        _cleanup_free_ char *target = realpath(part, NULL);
                        r = owner_check(part, &status, error);
                        if (r == 0 && (!target || ++links > LINKS_MAX))
                                r = error_set_errno(error, target ? ELOOP : errno, "%s", part);
                        if (r == 0)
                                r = way_check(target, last || kept, error); /* it has no links */
                } else if (last || kept) {
                        r = step_check(part, &status, error);
                }
                if (r < 0)
                        return r;
                slash[0] = '/';
                slash[1] = kept;
        }
        return 0;
}

/* ---- each place ---- */

static int entries_check(const char *path, mode_t forbidden, struct error *error)
{
        _cleanup_closedir_ DIR *directory = opendir(path);
        struct stat status;
        int count = 0;

        if (!directory)
                return error_set_errno(error, errno, "%s", path);
        for (struct dirent *entry; (entry = readdir(directory)) && count < ENTRIES_MAX; count++) {
                if (strcmp(entry->d_name, "..") == 0 ||
                    fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                _cleanup_free_ char *name = path_join(path, entry->d_name);
                if (!name)
                        return error_set_errno(error, ENOMEM, "%s", path);
                if (S_ISLNK(status.st_mode))
                        return error_set(error, EPERM, "%s: is a symbolic link; expected a file", name);
                int r = owner_check(name, &status, error);
                if (r < 0)
                        return r;
                if (status.st_mode & forbidden & OTHERS_WRITE)
                        return place_refuse(name, &status, OTHERS_WRITE, error);
        }
        return 0;
}

/* -ENOENT: absent, without a text. */
static int place_check(const struct place *place, const struct locations *locations, struct error *error)
{
        const char *path = place_path(place, locations);
        struct stat status;
        int r = place->inside ? 0 : way_check(path, false, error);

        if (r < 0)
                return r;
        if ((place->inside ? lstat(path, &status) : stat(path, &status)) < 0)
                return errno == ENOENT ? -ENOENT : error_set_errno(error, errno, "%s", path);
        if (S_ISLNK(status.st_mode))
                return error_set(error, EPERM, "%s: is a symbolic link; expected a directory", path);
        if (!S_ISDIR(status.st_mode))
                return error_set(error, ENOTDIR, "%s: expected a directory", path);
        r = owner_check(path, &status, error);
        if (r == 0 && status.st_mode & place->forbidden)
                r = place_refuse(path, &status, place->forbidden, error);
        if (r == 0 && access(path, R_OK | W_OK | X_OK) < 0)
                r = error_set_errno(error, errno, "%s", path);
        return r == 0 && place->entries ? entries_check(path, place->forbidden, error) : r;
}

static int place_make(const struct place *place, const struct locations *locations, bool system,
                      struct error *error)
{
        const char *path = place_path(place, locations);
        int r = place_check(place, locations, error);

        if (r != -ENOENT || place->mode == 0)
                return r == -ENOENT ? 0 : r;
        r = directory_make(path, system ? place->mode : place->mode & 0700);
        if (r < 0)
                return error_set_errno(error, -r, "%s: cannot be made", path);
        return place_check(place, locations, error);
}

int locations_make(const struct locations *locations, bool system, struct error *error)
{
        /* All of them first, so that nothing is made when one is not acceptable. */
        int r = locations_check(locations, error);

        for (size_t i = 0; r == 0 && i < ARRAY_SIZE(places); i++)
                r = place_make(&places[i], locations, system, error);
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

/* Whoever can replace the socket can talk to clients in the daemon's name. */
static int socket_check(const char *path, struct error *error)
{
        _cleanup_free_ char *directory = strdup(path);
        char *slash = directory ? strrchr(directory, '/') : NULL;

        if (!slash)
                return error_set_errno(error, directory ? EINVAL : ENOMEM, "%s", path);
        *slash = '\0';
        return way_check(directory, true, error);
}

int locations_check(const struct locations *locations, struct error *error)
{
        for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
                int r = place_check(&places[i], locations, error);
                if (r == -ENOENT)
                        r = places[i].mode == 0
                                    ? 0
                                    : location_check_parent(place_path(&places[i], locations), error);
                if (r < 0)
                        return r;
        }
        return socket_check(locations->socket, error);
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
        free(locations->backups);
        free(locations->ephemeral);
        free(locations->runs);
        free(locations->gre);
        *locations = (struct locations){ 0 };
}
