/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Persistent profiles: one salted directory a task under PROFILES, mapped in PROFILES/profiles.ini as
 *
 *   [BackgroundTasksProfiles]
 *   MozillaBackgroundTask-HASH-TASK=SALT.MozillaBackgroundTask-HASH-TASK
 *
 * The file may hold other sections; what we do not know we keep. Reading it, and adding a line, happens under
 * a lock, so that two first runs of a task agree on one directory.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/profile.h"

#define INI_NAME "profiles.ini"
#define INI_LOCK_NAME ".profiles.ini.lock"
#define INI_MAX (1024 * 1024)
#define SECTION "[BackgroundTasksProfiles]"
#define SALT_SIZE 8

/* Lines of @text one after the other; each loses its line end and leading and trailing blanks. */
static bool line_next(const char **text, const char **ret_line, size_t *ret_size)
{
        if (**text == '\0')
                return false;
        const char *line = *text;
        size_t size = strcspn(line, "\n");
        *text = line + size + (line[size] == '\n');
        while (size > 0 && strchr(" \t\r", line[size - 1]))
                size--;
        while (size > 0 && strchr(" \t", *line)) {
                line++;
                size--;
        }
        *ret_line = line;
        *ret_size = size;
        return true;
}

/* malloc'd value of @key in our section, or NULL. *ret_section is the offset behind its header, 0: no section. */
static char *ini_find(const char *text, const char *key, size_t *ret_section)
{
        const char *start = text;
        const char *line;
        size_t size;
        bool ours = false;
        size_t key_size = strlen(key);

        *ret_section = 0;
        while (line_next(&text, &line, &size)) {
                if (size > 0 && *line == '[') {
                        ours = size == strlen(SECTION) && memcmp(line, SECTION, size) == 0;
                        if (ours && *ret_section == 0)
                                *ret_section = (size_t)(text - start);
                } else if (ours && size > key_size && strncmp(line, key, key_size) == 0 &&
                           line[key_size] == '=') {
                        return strndup(line + key_size + 1, size - key_size - 1);
                }
        }
        return NULL;
}

/* What the file maps to must be a name directly under PROFILES. */
static bool directory_name_is_sane(const char *name)
{
        return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static char *salted_name(const char *key)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
        unsigned char bytes[SALT_SIZE];
        char salt[SALT_SIZE + 1] = { 0 };

        random_bytes(bytes, sizeof(bytes));
        for (size_t i = 0; i < SALT_SIZE; i++)
                salt[i] = letters[bytes[i] % (sizeof(letters) - 1)];
        return format_string("%s.%s", salt, key);
}

/* Add a line at the beginning of our section, or the section at the end. */
static int ini_add(int directory_fd, const char *text, size_t section, const char *key, const char *value)
{
        _cleanup_free_ char *added = NULL;
        size_t size = strlen(text);

        if (section > 0) {
                bool open_line = text[section - 1] != '\n';
                added = format_string("%.*s%s%s=%s\n%s", (int)section, text, open_line ? "\n" : "", key,
                                      value, text + section);
        } else {
                bool open_line = size > 0 && text[size - 1] != '\n';
                added = format_string("%s%s%s" SECTION "\n%s=%s\n", text, open_line ? "\n" : "",
                                      size > 0 ? "\n" : "", key, value);
        }
        if (!added)
                return -ENOMEM;
        return file_write_atomic(directory_fd, INI_NAME, added, strlen(added), 0600, true);
}

static int ini_read(int directory_fd, char **ret_text)
{
        size_t size;

        int r = file_read(directory_fd, INI_NAME, INI_MAX, ret_text, &size);
        if (r == -ENOENT) {
                *ret_text = strdup("");
                return *ret_text ? 0 : -ENOMEM;
        }
        return r;
}

static int mapping_lock(int directory_fd, int *ret_fd)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        *ret_fd = openat(directory_fd, INI_LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (*ret_fd < 0)
                return -errno;
        while (fcntl(*ret_fd, F_SETLKW, &lock) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

/* The name of the directory that @key is mapped to, under @directory_fd; mapped now if it was not. */
static int mapping_get(int directory_fd, const char *key, char **ret_name)
{
        _cleanup_close_ int lock_fd = -1;
        _cleanup_free_ char *text = NULL;
        size_t section;

        int r = mapping_lock(directory_fd, &lock_fd);
        if (r < 0)
                return r;
        r = ini_read(directory_fd, &text);
        if (r < 0)
                return r;
        _cleanup_free_ char *name = ini_find(text, key, &section);
        if (name && !directory_name_is_sane(name))
                return -EINVAL;
        if (!name) {
                name = salted_name(key);
                r = name ? ini_add(directory_fd, text, section, key, name) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        *ret_name = steal_pointer(name);
        return 0;
}

int profile_open_persistent(const char *profiles, const char *task, struct profile *ret, struct error *error)
{
        struct profile profile = PROFILE_INIT;
        _cleanup_free_ char *name = NULL;

        int r = directory_make(profiles, 0700);
        if (r < 0)
                return error_set_errno(error, -r, "cannot make the directory of profiles %s", profiles);
        _cleanup_close_ int directory_fd = open(profiles, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory_fd < 0)
                return error_set_errno(error, errno, "directory of profiles %s", profiles);
        _cleanup_free_ char *key = paths_profile_name(task);
        r = key ? mapping_get(directory_fd, key, &name) : -ENOMEM;
        if (r < 0)
                return error_set_errno(error, -r, "%s/" INI_NAME, profiles);
        if (mkdirat(directory_fd, name, 0700) < 0 && errno != EEXIST)
                return error_set_errno(error, errno, "cannot make profile %s/%s", profiles, name);
        _cleanup_free_ char *path = path_join(profiles, name);
        if (!path)
                return error_set_errno(error, ENOMEM, "profile");
        r = profile_lock(path, &profile.lock_fd, error);
        if (r < 0)
                return r;
        profile.path = steal_pointer(path);
        *ret = profile;
        return 0;
}
