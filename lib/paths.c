/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Relocation: configure's directories lie under its prefix, and programs in PREFIX/bin. Where this program
 * really is gives the real prefix; a directory of configure's is looked for under that first.
 */
#include "config.h"

#include "lib/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define PACKAGE_DIRECTORY "bgtaskd"

const char *paths_exe_directory(void)
{
        static char directory[PATH_MAX];

        if (directory[0])
                return directory;
        ssize_t length = readlink("/proc/self/exe", directory, sizeof(directory) - 1);
        if (length <= 0 || directory[0] != '/') {
                directory[0] = 0;
                return NULL;
        }
        directory[length] = 0;
        char *slash = strrchr(directory, '/');
        slash[slash == directory ? 1 : 0] = 0;
        return directory;
}

static bool directory_exists(const char *path)
{
        struct stat status;

        return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The directory above the program's, with @below appended; false when there is none or it is too long. */
static bool beside_program(const char *below, char ret[static PATH_MAX])
{
        const char *directory = paths_exe_directory();
        const char *slash = directory ? strrchr(directory, '/') : NULL;

        if (!slash)
                return false;
        int length = snprintf(ret, PATH_MAX, "%.*s/%s", (int)(slash - directory), directory, below);
        return length > 0 && length < PATH_MAX;
}

/* Where @configured is for this program: under the real prefix as it is under configure's, then @in_place
 * under the real prefix (a build tree), then where configure said. */
static const char *directory_find(const char *configured, const char *in_place, char found[static PATH_MAX])
{
        size_t prefix = strlen(BG_PREFIX);

        if (found[0])
                return found;
        if (strncmp(configured, BG_PREFIX, prefix) == 0 && configured[prefix] == '/' &&
            beside_program(configured + prefix + 1, found) && directory_exists(found))
                return found;
        if (beside_program(in_place, found) && directory_exists(found))
                return found;
        snprintf(found, PATH_MAX, "%s", configured);
        return found;
}

const char *paths_data_directory(void)
{
        static char found[PATH_MAX];

        return directory_find(BG_PKGDATADIR, "share/" PACKAGE_DIRECTORY, found);
}

const char *paths_lib_directory(void)
{
        static char found[PATH_MAX];

        return directory_find(BG_PKGLIBDIR, "lib/" PACKAGE_DIRECTORY, found);
}

char *paths_app_directory(void)
{
        char relocated[PATH_MAX];

        /* A tree that brings its own data must not mix with the application of an installed system. */
        if (strcmp(paths_data_directory(), BG_PKGDATADIR) != 0 &&
            beside_program("lib/" PACKAGE_DIRECTORY "/app", relocated))
                return strdup(relocated);
        return strdup(BG_APPDIR);
}

char *paths_program(const char *name)
{
        const char *directory = paths_exe_directory();

        if (directory) {
                char *path = path_join(directory, name);
                if (!path || access(path, X_OK) == 0)
                        return path;
                free(path);
        }
        return path_join(BG_BINDIR, name);
}

/* The value of a variable that must be an absolute path; anything else counts as unset. */
static const char *environment_path(const char *name)
{
        const char *value = getenv(name);

        return value && value[0] == '/' ? value : NULL;
}

/* systemd's STATE_DIRECTORY and its like: a list with colons, of which the first is ours. */
static char *environment_first(const char *name)
{
        const char *value = environment_path(name);

        return value ? strndup(value, strcspn(value, ":")) : NULL;
}

char *paths_state_directory(bool system_instance)
{
        const char *base;
        char *given = environment_first("STATE_DIRECTORY");

        if (given)
                return given;
        if (system_instance)
                return strdup("/var/lib/" PACKAGE_DIRECTORY);
        base = environment_path("XDG_STATE_HOME");
        if (base)
                return path_join(base, PACKAGE_DIRECTORY);
        base = environment_path("HOME");
        return base ? path_join(base, ".local/state/" PACKAGE_DIRECTORY) : NULL;
}

static char *runtime_directory_default(bool system_instance)
{
        if (system_instance)
                return strdup("/run/" PACKAGE_DIRECTORY);
        const char *base = environment_path("XDG_RUNTIME_DIR");
        return base ? path_join(base, PACKAGE_DIRECTORY) : NULL;
}

char *paths_runtime_directory(bool system_instance)
{
        char *given = environment_first("RUNTIME_DIRECTORY");

        return given ? given : runtime_directory_default(system_instance);
}

/* malloc'd: the user's own file or folder @name. */
static char *user_configuration(const char *name)
{
        const char *base = environment_path("XDG_CONFIG_HOME");

        if (base)
                return format_string("%s/" PACKAGE_DIRECTORY "/%s", base, name);
        base = environment_path("HOME");
        return base ? format_string("%s/.config/" PACKAGE_DIRECTORY "/%s", base, name) : NULL;
}

char *paths_user_prefs(void)
{
        return user_configuration("prefs.js");
}

char *paths_user_tasks(void)
{
        return user_configuration("tasks.d");
}

const char *paths_site_tasks(void)
{
        return BG_SYSCONFDIR "/" PACKAGE_DIRECTORY "/tasks.d";
}

char *paths_vendor_tasks(void)
{
        char relocated[PATH_MAX];

        /* As with the application directory: a build tree has its own beside its data. */
        if (strcmp(paths_data_directory(), BG_PKGDATADIR) == 0)
                return strdup(BG_TASKSDIR);
        if (beside_program("lib/" PACKAGE_DIRECTORY "/tasks.d", relocated) && directory_exists(relocated))
                return strdup(relocated);
        return path_join(paths_data_directory(), "tasks.d");
}

char *paths_install_hash(void)
{
        const char *directory = paths_exe_directory();

        return format_string("%016" PRIX64, text_hash(directory ? directory : ""));
}

char *paths_profile_name(const char *task)
{
        _cleanup_free_ char *hash = paths_install_hash();

        return hash ? format_string("MozillaBackgroundTask-%s-%s", hash, task) : NULL;
}

char *paths_socket(const char *runtime_directory)
{
        return path_join(runtime_directory, "control");
}

char *paths_client_socket(bool system_instance)
{
        _cleanup_free_ char *directory = runtime_directory_default(system_instance);

        return directory ? paths_socket(directory) : NULL;
}

void paths_machine_id(char ret[static PATHS_MACHINE_ID_SIZE])
{
        _cleanup_free_ char *text = NULL;
        size_t size;

        ret[0] = '\0';
        if (file_read(AT_FDCWD, "/etc/machine-id", PATHS_MACHINE_ID_SIZE - 1, &text, &size) == 0)
                snprintf(ret, PATHS_MACHINE_ID_SIZE, "%.*s", (int)strcspn(text, "\n"), text);
}
