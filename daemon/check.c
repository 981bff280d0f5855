/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store is checked as a start would, migrations included, on a copy: opening the real one would write to it.
 * The lock keeps a daemon from starting in the middle of the copying; one that runs has checked the store itself.
 */
#include "config.h"

#include "daemon/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/configuration.h"
#include "daemon/locations.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/schedule_diff.h"
#include "daemon/store.h"
#include "daemon/store_backup.h"
#include "daemon/store_recover.h"
#include "daemon/wanted.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/util.h"

static void check_report(const struct error *error, void *data)
{
        log_error("%s", error->text);
}

/* Absent is success. */
static int check_copy(const char *from_directory, const char *to_directory, const char *name,
                      struct error *error)
{
        _cleanup_free_ char *from = path_join(from_directory, name);
        _cleanup_free_ char *to = path_join(to_directory, name);
        char buffer[65536];
        struct stat status;
        ssize_t n;

        if (!from || !to)
                return error_set_errno(error, ENOMEM, "%s", name);
        _cleanup_close_ int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (in < 0)
                return errno == ENOENT ? 0 : error_set_errno(error, errno, "%s", from);
        _cleanup_close_ int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (out < 0)
                return error_set_errno(error, errno, "%s", to);
        /* Who may write to it is among what is checked. */
        if (fstat(in, &status) < 0 || fchmod(out, (status.st_mode & 0777) | 0600) < 0)
                return error_set_errno(error, errno, "%s", to);
        while ((n = read(in, buffer, sizeof(buffer))) > 0) {
                int r = fd_write_all(out, buffer, (size_t)n);
                if (r < 0)
                        return error_set_errno(error, -r, "%s", to);
        }
        return n < 0 ? error_set_errno(error, errno, "%s", from) : 0;
}

/* What is said of the copy is true of the store. */
static void check_name_store(struct error *error, const char *copy, const char *state)
{
        const struct error said = *error;
        const char *at = strstr(said.text, copy);

        if (at)
                error_set(error, said.code, "%.*s%s%s", (int)(at - said.text), said.text, state,
                          at + strlen(copy));
}

/* Names alone: so that what is said of a damaged store can say which backup there is. */
static void check_copy_backup_name(const char *state, const char *copy)
{
        struct store_backup_info newest;
        _cleanup_free_ char *directory = path_join(copy, STORE_BACKUP_DIRECTORY);

        if (!directory || store_backup_find(state, 0, &newest) < 0 || mkdir(directory, 0700) < 0)
                return;
        _cleanup_free_ char *path = path_join(directory, newest.name);
        _cleanup_close_ int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
}

static int check_backups(const char *state, struct error *error)
{
        struct store_backup_info info = { .version = -1, .runs = -1 };

        for (unsigned i = 0; store_backup_find(state, i, &info) == 0; i++) {
                _cleanup_free_ char *path = format_string("%s/" STORE_BACKUP_DIRECTORY "/%s", state,
                                                          info.name);
                int r = path ? store_backup_check(path, &info, error)
                             : error_set_errno(error, ENOMEM, "%s", info.name);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_store_copy(const char *state, const char *copy, struct error *error)
{
        struct store *store = NULL;
        int r = check_copy(state, copy, "bgtaskd.db", error);

        check_copy_backup_name(state, copy);

        if (r == 0)
                r = check_copy(state, copy, "bgtaskd.db-wal", error);
        if (r == 0)
                r = store_open(copy, &store, error);
        if (r < 0)
                check_name_store(error, copy, state);
        store_close(store);
        return r;
}

static int check_store(const char *state, struct error *error)
{
        const char *temporary = getenv("TMPDIR");
        _cleanup_free_ char *database = path_join(state, "bgtaskd.db");
        _cleanup_free_ char *lock = path_join(state, "bgtaskd.lock");
        _cleanup_free_ char *copy = path_join(temporary && temporary[0] == '/' ? temporary : "/tmp",
                                              "bgtaskd-check-XXXXXX");

        if (!database || !lock || !copy)
                return error_set_errno(error, ENOMEM, "%s", state);
        if (access(state, F_OK) < 0 && errno == ENOENT)
                return 0;
        int r = store_check_missing(state, error);
        if (r < 0)
                return r;
        if (access(database, F_OK) < 0)
                return errno == ENOENT ? 0 : error_set_errno(error, errno, "%s", database);
        _cleanup_close_ int fd = open(lock, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0) {
                log_info("%s is in use by a running daemon, which has checked it", database);
                return 0;
        }
        char holder[64];
        store_find_holder(database, holder, sizeof(holder));
        if (holder[0])
                return error_set(error, EBUSY, "%s is in use by another program%s", database, holder);
        if (!mkdtemp(copy))
                return error_set_errno(error, errno, "%s", copy);
        r = check_store_copy(state, copy, error);
        tree_remove(AT_FDCWD, copy, NULL);
        return r < 0 ? r : check_backups(state, error);
}

static int check_no_client(const char *name, uid_t *ret_uid, void *data)
{
        (void)name;
        (void)ret_uid;
        (void)data;
        return 0;
}

/* What schedules a start would refuse, were there none before. *count grows. */
static int check_schedules(const struct wanted *wanted, size_t *count)
{
        _cleanup_free_ struct schedule_diff_wanted *schedules = calloc(wanted->count + 1, sizeof(*schedules));
        struct schedule_diff diff = { .wanted = schedules,
                                      .wanted_count = wanted->count,
                                      .room = INT64_MAX,
                                      .is_clients = check_no_client };

        if (!schedules)
                return -ENOMEM;
        for (size_t i = 0; i < wanted->count; i++)
                schedules[i] = (struct schedule_diff_wanted){
                        .name = wanted->schedules[i].name,
                        .task = wanted->schedules[i].task,
                        .source = wanted->schedules[i].source,
                        .line = wanted->schedules[i].line,
                        .after = wanted->schedules[i].after,
                };
        int r = schedule_diff_make(&diff);
        for (size_t i = 0; r == 0 && i < diff.wanted_count; i++)
                if (schedules[i].change == SCHEDULE_DIFF_REFUSED) {
                        log_error("%s", schedules[i].reason);
                        ++*count;
                }
        schedule_diff_done(&diff);
        return r;
}

/* How many errors there are in all task files of the instance; each is told as a start does. */
static size_t check_task_files(bool system, const struct pool_settings *pools)
{
        char *const none[] = { NULL };
        struct wanted *wanted = NULL;
        size_t count = 0;
        int r = wanted_new(system, none, pools, &wanted);

        if (r == 0)
                r = wanted_read(wanted, INT64_MAX);
        for (size_t i = 0; r == 0 && i < wanted->error_count; i++, count++)
                log_error("%s", wanted->errors[i]);
        if (r == 0)
                r = check_schedules(wanted, &count);
        if (r < 0)
                log_error("the task files cannot be checked: out of memory");
        wanted_free(wanted);
        return count + (r < 0);
}

int check_everything(const struct options *options)
{
        struct configuration configuration = { 0 };
        struct locations locations = { 0 };
        struct error error = ERROR_INIT;
        int problems = 0, exit_code = PROGRAM_EXIT_CONFIG;

        if (request_check_tables(&error) < 0) {
                check_report(&error, NULL);
                problems++;
        }
        request_tables_done();
        int r = configuration_load(options->system, &configuration, check_report, NULL);
        problems += r != 0;
        if (locations_find(options, &locations, &error) < 0 || locations_check(&locations, &error) < 0 ||
            check_store(locations.state, &error) < 0) {
                if (error.code == EPERM)
                        exit_code = PROGRAM_EXIT_NOPERM; /* as a start would end */
                check_report(&error, NULL);
                problems++;
        }
        if (locations.runner && access(locations.runner, X_OK) < 0) {
                log_error("%s: no task can be run: %s", locations.runner, strerror(errno));
                problems++;
        }
        if (locations.app && options->app_directory && access(locations.app, R_OK | X_OK) < 0) {
                log_error("%s: %s", locations.app, strerror(errno));
                problems++;
        }
        locations_done(&locations);
        size_t task_errors = r >= 0 ? check_task_files(options->system, &configuration.pools) : 0;
        if (r >= 0)
                configuration_done(&configuration);
        if (problems)
                return exit_code;
        if (task_errors)
                return PROGRAM_EXIT_DATAERR; /* a daemon starts all the same, only these tasks do not run */
        log_info("nothing is wrong");
        return PROGRAM_EXIT_OK;
}
