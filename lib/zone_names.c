/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What zones are called: names in any case, and links.
 *
 * tzdata.zi has a line "Z NAME …" for each zone and "L TARGET NAME" for each link, zone.tab the zones of each country. Since
 * the database also links zones of different countries that have agreed since 1970, a name in zone.tab always stands for
 * itself, and a link of such a kind that is not there for the zone of its own country. Without tzdata.zi the names of files
 * are what there is.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/zone_internal.h"

#define DATABASE_MAX (4 * 1024 * 1024)
#define LINKS_MAX 8 /* that lead to each other */

/* Names that have nothing to do with a place, and links to another country's zone. */
static const struct zone_primary {
        const char *name, *primary;
} primaries[] = {
        { "Africa/Asmera", "Africa/Asmara" },
        { "Africa/Timbuktu", "Africa/Bamako" },
        { "America/Coral_Harbour", "America/Atikokan" },
        { "America/Virgin", "America/St_Thomas" },
        { "Antarctica/South_Pole", "Antarctica/McMurdo" },
        { "Atlantic/Jan_Mayen", "Arctic/Longyearbyen" },
        { "Iceland", "Atlantic/Reykjavik" },
        { "Pacific/Ponape", "Pacific/Pohnpei" },
        { "Pacific/Truk", "Pacific/Chuuk" },
        { "Pacific/Yap", "Pacific/Chuuk" },
        { "CET", "Europe/Brussels" },
        { "CST6CDT", "America/Chicago" },
        { "EET", "Europe/Athens" },
        { "EST", "America/Panama" },
        { "EST5EDT", "America/New_York" },
        { "HST", "Pacific/Honolulu" },
        { "MET", "Europe/Brussels" },
        { "MST", "America/Phoenix" },
        { "MST7MDT", "America/Denver" },
        { "PST8PDT", "America/Los_Angeles" },
        { "WET", "Europe/Lisbon" },
        { "Etc/GMT", ZONE_UTC },
        { "Etc/UTC", ZONE_UTC },
        { "GMT", ZONE_UTC },
};

/* In the database, and no zone that a clock could be in. */
static const char no_place[] = "Factory";

/* ---- the text of a file ---- */

/* The @index-th word, from 0, of the line at @at; its size, 0: the line has not so many. */
static size_t word_at(const char *at, unsigned index, const char **ret)
{
        for (;;) {
                at += strspn(at, " \t");
                size_t size = strcspn(at, " \t\n");
                if (size == 0 || index-- == 0) {
                        *ret = at;
                        return size;
                }
                at += size;
        }
}

static bool word_is(const char *word, size_t size, const char *name)
{
        return size == strlen(name) && strncasecmp(word, name, size) == 0;
}

static bool word_copy(const char *word, size_t size, char ret[ZONE_NAME_MAX])
{
        if (size == 0 || size >= ZONE_NAME_MAX)
                return false;
        memcpy(ret, word, size);
        ret[size] = '\0';
        return zone_name_is_valid(ret);
}

static const char *line_next(const char *line)
{
        line += strcspn(line, "\n");
        return line + (*line == '\n');
}

/* The line of a zone or link in tzdata.zi; @ret_target is empty if it is a zone's. */
static bool database_find(const char *text, const char *name, char ret_name[ZONE_NAME_MAX],
                          char ret_target[ZONE_NAME_MAX])
{
        const char *word, *target;

        for (const char *line = text; *line; line = line_next(line)) {
                bool link = line[0] == 'L';
                if ((!link && line[0] != 'Z') || line[1] != ' ')
                        continue;
                size_t size = word_at(line, link ? 2 : 1, &word);
                if (!word_is(word, size, name) || !word_copy(word, size, ret_name))
                        continue;
                ret_target[0] = '\0';
                size_t target_size = word_at(line, 1, &target);
                return !link || word_copy(target, target_size, ret_target);
        }
        return false;
}

/* The zone that links from @target lead to. */
static void database_follow(const char *text, char target[ZONE_NAME_MAX])
{
        char name[ZONE_NAME_MAX], next[ZONE_NAME_MAX];

        for (int i = 0; i < LINKS_MAX && database_find(text, target, name, next) && next[0]; i++)
                memcpy(target, next, sizeof(next));
}

/* Whether a country has the zone. */
static bool countries_have(const char *text, const char *name)
{
        const char *word;

        for (const char *line = text; *line; line = line_next(line)) {
                size_t size = word_at(line, 2, &word);
                if (line[0] != '#' && word_is(word, size, name))
                        return true;
        }
        return false;
}

/* ---- names of files ---- */

/* Of @directory the entry that is called @name but for capital letters. Names of zones begin with one. */
static bool entry_find(const char *directory, const char *name, char ret[ZONE_NAME_MAX])
{
        _cleanup_closedir_ DIR *entries = opendir(directory);
        const struct dirent *entry;

        while (entries && (entry = readdir(entries)))
                if (entry->d_name[0] >= 'A' && entry->d_name[0] <= 'Z' &&
                    strcasecmp(entry->d_name, name) == 0)
                        return word_copy(entry->d_name, strlen(entry->d_name), ret);
        return false;
}

static int files_find(const struct zones *zones, const char *name, char ret[ZONE_NAME_MAX])
{
        char part[ZONE_NAME_MAX], found[ZONE_NAME_MAX], whole[ZONE_NAME_MAX] = "";
        const char *word = name;
        size_t length = 0;

        while (*word) {
                size_t size = strcspn(word, "/");
                _cleanup_free_ char *directory = path_join(zones_directory(zones), whole);
                if (!directory)
                        return -ENOMEM;
                if (!word_copy(word, size, part) || !entry_find(directory, part, found))
                        return -ENOENT;
                length += (size_t)snprintf(whole + length, sizeof(whole) - length, "%s%s",
                                           length > 0 ? "/" : "", found);
                word += size + (word[size] == '/');
        }
        _cleanup_free_ char *path = path_join(zones_directory(zones), whole), *data = NULL;
        size_t size;
        if (!path)
                return -ENOMEM;
        int r = file_read(AT_FDCWD, path, ZONE_FILE_MAX, &data, &size);
        if (r < 0 || size < 4 || memcmp(data, "TZif", 4) != 0)
                return r == -ENOMEM ? r : -ENOENT;
        memcpy(ret, whole, sizeof(whole));
        return 0;
}

/* ---- both ---- */

/* An empty text if there is no such file. NULL: out of memory. */
static char *text_read(const struct zones *zones, const char *file)
{
        _cleanup_free_ char *path = path_join(zones_directory(zones), file);
        char *text = NULL;
        size_t size;

        if (!path)
                return NULL;
        int r = file_read(AT_FDCWD, path, DATABASE_MAX, &text, &size);
        return r == 0 ? text : r == -ENOMEM ? NULL : strdup("");
}

static const char *primary_known(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(primaries); i++)
                if (strcmp(primaries[i].name, name) == 0)
                        return primaries[i].primary;
        return NULL;
}

/* @target: what the database links @name to, or empty. */
static void primary_choose(const char *countries, const char *name, const char *target,
                           char ret[ZONE_NAME_MAX])
{
        const char *primary = primary_known(name);

        if (!primary && *target && !countries_have(countries, name)) {
                const char *known = primary_known(target);
                primary = known ? known : target;
        }
        snprintf(ret, ZONE_NAME_MAX, "%s", primary ? primary : name);
}

int zones_find(const struct zones *zones, const char *name, char ret_name[ZONE_NAME_MAX],
               char ret_primary[ZONE_NAME_MAX])
{
        char found[ZONE_NAME_MAX] = "", target[ZONE_NAME_MAX] = "";

        if (!zone_name_is_valid(name) || strcasecmp(name, no_place) == 0)
                return -ENOENT;
        _cleanup_free_ char *database = text_read(zones, "tzdata.zi");
        _cleanup_free_ char *countries = text_read(zones, "zone.tab");
        if (!database || !countries)
                return -ENOMEM;
        if (strcasecmp(name, ZONE_UTC) == 0) {
                snprintf(found, sizeof(found), "%s", ZONE_UTC);
        } else if (*database) {
                if (!database_find(database, name, found, target))
                        return -ENOENT;
                database_follow(database, target);
        } else {
                int r = files_find(zones, name, found);
                if (r < 0)
                        return r;
        }
        primary_choose(countries, found, target, ret_primary);
        memcpy(ret_name, found, sizeof(found));
        return 0;
}
