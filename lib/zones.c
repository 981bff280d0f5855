/* SPDX-License-Identifier: MPL-2.0 */
/* Zones by name: files are read at their first use and kept until zones_forget(). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/zone_internal.h"

#define ZONES_MAX 64 /* kept at once; the one that was not used for the longest time goes */
#define LOCALTIME "/etc/localtime"
#define LOCALTIME_NAME "localtime" /* of a file that is no link to a zone's */
#define VERSION_MAX 16
#define DATABASE_MAX (4 * 1024 * 1024)

struct zones {
        char *directory;
        size_t count;
        struct zones_entry {
                struct zone *zone;
                uint64_t hash, used;
        } entries[ZONES_MAX];
        uint64_t uses;
};

/* ---- names ---- */

bool zone_name_is_valid(const char *name)
{
        static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
        size_t length = strlen(name);

        /* Without a dot no part of it leads out of the directory. */
        return length > 0 && length < ZONE_NAME_MAX && name[strspn(name, known)] == 0 && name[0] != '/' &&
               name[0] != '-' && name[0] != '+' && name[length - 1] != '/' && !strstr(name, "//");
}

int zone_name_of_link(const char *link, char ret[ZONE_NAME_MAX])
{
        static const char folder[] = "/zoneinfo/";
        char target[512];
        ssize_t length = readlink(link, target, sizeof(target) - 1);

        if (length < 0)
                return -errno;
        target[length] = 0;
        const char *name = strstr(target, folder);
        if (!name || !zone_name_is_valid(name + strlen(folder)))
                return -EINVAL;
        snprintf(ret, ZONE_NAME_MAX, "%s", name + strlen(folder));
        return 0;
}

/* What the system's zone is called, and where its file is if the name does not say it. */
static void system_zone(char ret_name[ZONE_NAME_MAX], const char **ret_path)
{
        *ret_path = NULL;
        if (zone_name_of_link(LOCALTIME, ret_name) == 0)
                return;
        if (access(LOCALTIME, F_OK) == 0) {
                snprintf(ret_name, ZONE_NAME_MAX, "%s", LOCALTIME_NAME);
                *ret_path = LOCALTIME;
        } else {
                snprintf(ret_name, ZONE_NAME_MAX, "%s", ZONE_UTC);
        }
}

/* ---- files ---- */

static uint64_t bytes_hash(uint64_t hash, const char *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                hash = (hash ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
        return hash;
}

static int utc_new(struct zone **ret, uint64_t *ret_hash)
{
        struct zone *zone = zone_new(ZONE_UTC, 1, 0);

        if (!zone)
                return -ENOMEM;
        zone->type_count = 1;
        snprintf(zone->types[0].name, sizeof(zone->types[0].name), "%s", ZONE_UTC);
        if (zone_finish(zone) < 0) {
                zone_unref(zone);
                return -ENOMEM;
        }
        *ret = zone;
        *ret_hash = 0;
        return 0;
}

/* @path NULL: by its name. */
static int zone_read(const struct zones *zones, const char *name, const char *path, struct zone **ret,
                     uint64_t *ret_hash, struct error *error)
{
        _cleanup_free_ char *owned = path ? strdup(path) : path_join(zones->directory, name), *data = NULL;
        size_t size;
        struct zone *zone;

        if (!path && strcmp(name, ZONE_UTC) == 0)
                return utc_new(ret, ret_hash) < 0 ? error_set(error, ENOMEM, "out of memory") : 0;
        if (!owned)
                return error_set(error, ENOMEM, "out of memory");
        int r = file_read(AT_FDCWD, owned, ZONE_FILE_MAX, &data, &size);
        if (r == -ENOMEM)
                return error_set(error, ENOMEM, "out of memory");
        if (r == -ENOENT || r == -ENOTDIR || r == -EISDIR)
                return error_set(error, EINVAL,
                                 "expected the name of a time zone such as Europe/Berlin, found \"%s\"",
                                 name);
        if (r < 0)
                return error_set(error, EINVAL, "time zone %s: %s: %s", name, owned, strerror(-r));
        r = zone_decode(name, data, size, &zone, error);
        if (r < 0)
                return error_prefix(error, "time zone %s: %s", name, owned);
        *ret = zone;
        *ret_hash = bytes_hash(text_hash(name), data, size);
        return 0;
}

/* ---- the cache ---- */

int zones_new(const char *directory, struct zones **ret)
{
        struct zones *zones = calloc(1, sizeof(*zones));

        if (!zones)
                return -ENOMEM;
        const char *named = getenv("TZDIR");
        /* Where the C library looks, too. */
        zones->directory = strdup(directory ? directory : named && named[0] == '/' ? named : ZONE_DIRECTORY);
        if (!zones->directory) {
                free(zones);
                return -ENOMEM;
        }
        *ret = zones;
        return 0;
}

const char *zones_directory(const struct zones *zones)
{
        return zones->directory;
}

void zones_forget(struct zones *zones)
{
        while (zones->count > 0)
                zone_unref(zones->entries[--zones->count].zone);
}

void zones_free(struct zones *zones)
{
        if (!zones)
                return;
        zones_forget(zones);
        free(zones->directory);
        free(zones);
}

static struct zones_entry *entry_find(struct zones *zones, const char *name)
{
        for (size_t i = 0; i < zones->count; i++)
                if (strcmp(zone_name(zones->entries[i].zone), name) == 0)
                        return &zones->entries[i];
        return NULL;
}

/* Room for one more. */
static struct zones_entry *entry_make(struct zones *zones)
{
        struct zones_entry *oldest = &zones->entries[0];

        if (zones->count < ZONES_MAX)
                return &zones->entries[zones->count++];
        for (size_t i = 1; i < zones->count; i++)
                if (zones->entries[i].used < oldest->used)
                        oldest = &zones->entries[i];
        zone_unref(oldest->zone);
        return oldest;
}

static int entry_get(struct zones *zones, const char *name, struct zones_entry **ret, struct error *error)
{
        char of_system[ZONE_NAME_MAX];
        const char *path = NULL;
        struct zones_entry read = { 0 };

        if (!name || !*name) {
                system_zone(of_system, &path);
                name = of_system;
        } else if (!zone_name_is_valid(name)) {
                return error_set(error, EINVAL,
                                 "expected the name of a time zone such as Europe/Berlin, found \"%s\"",
                                 name);
        }
        struct zones_entry *entry = entry_find(zones, name);
        if (!entry) {
                int r = zone_read(zones, name, path, &read.zone, &read.hash, error);
                if (r < 0)
                        return r;
                entry = entry_make(zones);
                *entry = read;
        }
        entry->used = ++zones->uses;
        *ret = entry;
        return 0;
}

int zones_get(struct zones *zones, const char *name, const struct zone **ret, struct error *error)
{
        struct zones_entry *entry;
        int r = entry_get(zones, name, &entry, error);

        if (r == 0)
                *ret = entry->zone;
        return r;
}

int zones_hash(struct zones *zones, const char *name, uint64_t *ret)
{
        struct zones_entry *entry;
        int r = entry_get(zones, name, &entry, NULL);

        if (r == 0)
                *ret = entry->hash;
        return r;
}

/* "# version 2025b" in tzdata.zi, or "2025b" in +VERSION. */
char *zones_version(const struct zones *zones)
{
        static const struct {
                const char *file, *prefix;
        } places[] = { { "+VERSION", "" }, { "tzdata.zi", "# version " } };

        for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
                _cleanup_free_ char *path = path_join(zones->directory, places[i].file), *data = NULL;
                size_t size, prefix = strlen(places[i].prefix);
                if (!path)
                        return NULL;
                if (file_read(AT_FDCWD, path, DATABASE_MAX, &data, &size) < 0 ||
                    strncmp(data, places[i].prefix, prefix) != 0)
                        continue;
                size_t length = strspn(data + prefix,
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");
                if (length > 0 && length <= VERSION_MAX)
                        return strndup(data + prefix, length);
        }
        return strdup("");
}
