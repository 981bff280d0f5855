/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The engine's embedding: its hooks, the event loop that wakes it, what it prints about errors.
 *
 * One host a process, static: hooks and native functions keep its address over a zygote's fork.
 */
#include "config.h"

#include "runner/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/denial.h"
#include "runner/describe.h"
#include "runner/faults.h"
#include "runner/gecko_names.h"
#include "runner/limits.h"
#include "runner/loader.h"
#include "runner/loop.h"
#include "runner/preferences.h"
#include "runner/report.h"
#include "runner/syntax.h"
#include "runner/task.h"

#define TESTING_VARIABLE "XPCSHELL_TESTING_MODULES_URI"

/* Any thread writes here to have eng_run_jobs() called. */
static int wake_fd = -1;

static char *hook_resolve(void *data, const char *specifier, const char *referrer)
{
        return loader_resolve(specifier, referrer);
}

/* What is said of a module that does not exist, or NULL: nothing but that. */
static char *why_missing(const struct host *host, const char *url)
{
        static const char chrome[] = "chrome:";

        if (strstr(url,
                   "/backgroundtasks/")) /* a place where a task might be: none of these is on the list */
                return NULL;
        if (strncmp(url, chrome, strlen(chrome)) == 0)
                return strdup("not implemented: bgtaskd has no packages of chrome");
        if (gecko_names_have(host->gre_directory, "module", url))
                return strdup("not implemented: Firefox has it, bgtaskd does not");
        return NULL;
}

static char *hook_rewrite(void *data, eng *e, const char *text, size_t size, size_t *ret_size)
{
        return syntax_rewrite(data, e, text, size, ret_size);
}

static enum eng_load hook_load(void *data, const char *url, char **ret_text, size_t *ret_size,
                               char **ret_reason)
{
        const struct host *host = data;
        const struct loader_roots roots = {
                .gre = host->gre_directory,
                .app = host->app_directory,
                .testing = host->testing_directory,
        };

        enum eng_load outcome = loader_load(&roots, url, ret_text, ret_size, ret_reason);
        if (outcome != ENG_LOAD_OK) {
                _cleanup_free_ char *path = loader_path(&roots, url);
                if (outcome == ENG_LOAD_NOT_FOUND)
                        *ret_reason = why_missing(host, url);
                if (path)
                        denial_file(DENIAL_READ, path, outcome == ENG_LOAD_NOT_FOUND ? ENOENT : EACCES);
        }
        return outcome;
}

static bool hook_import_meta(void *data, eng *e, const char *url, eng_val meta)
{
        return builtin_import_meta(data, e, url, meta);
}

static void hook_unhandled_rejection(void *data, eng *e, eng_val promise, eng_val reason)
{
        host_report_exception(data, reason);
}

static void hook_job_error(void *data, eng *e, eng_val exception)
{
        host_report_exception(data, exception);
}

static void hook_warning(void *data, eng *e, const struct eng_error *warning)
{
        report_warning(warning);
}

static bool hook_missing_global(void *data, eng *e, const char *name, bool *ret_defined)
{
        return builtin_missing_global(data, e, name, ret_defined);
}

static bool hook_interrupted(void *data, eng *e, int why)
{
        struct host *host = data;

        return host->life ? task_interrupted(host->life, why) : why != ENG_WHY_MEMORY;
}

static void hook_wake(void *data)
{
        if (wake_fd >= 0)
                (void)eventfd_write(wake_fd, 1);
}

static bool directory_exists(const char *path)
{
        struct stat status;

        return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* What resource:/// stands for: what was asked for, else an installed application, else the tasks shipped. */
static char *app_directory_find(const char *asked)
{
        if (asked) {
                char *path = realpath(asked, NULL);
                if (!path || directory_exists(path))
                        return path;
                free(path);
                errno = ENOTDIR;
                return NULL;
        }
        char *installed = paths_app_directory();
        if (installed && directory_exists(installed))
                return installed;
        free(installed);
        return path_join(paths_data_directory(), "app");
}

static void testing_directory_set(struct host *host)
{
        const char *url = getenv(TESTING_VARIABLE);

        if (!url || !*url)
                return;
        char *path = loader_file_url_path(url);
        for (size_t size = path ? strlen(path) : 0; size > 1 && path[size - 1] == '/'; size--)
                path[size - 1] = '\0'; /* a URL of a directory ends so, a path of one does not */
        host->testing_directory = path;
        if (!host->testing_directory)
                log_error(TESTING_VARIABLE " is \"%s\", expected a file:// URL: there are no testing modules",
                          url);
}

int host_init(struct host *host, const char *app_directory, const char *const *prefs_files,
              struct error *error)
{
        host->result_fd = -1;
        host->gre_directory = path_join(paths_data_directory(), "gre");
        host->app_directory = app_directory_find(app_directory);
        if (!host->app_directory && app_directory)
                return error_set_errno(error, errno, "application directory %s", app_directory);
        host->prefs = prefs_new();
        if (!host->gre_directory || !host->app_directory || !host->prefs)
                return error_set_errno(error, ENOMEM, "cannot start");
        testing_directory_set(host);
        preferences_load_defaults(host->prefs, paths_data_directory(), prefs_files);
        return 0;
}

int host_start_engine(struct host *host, bool use_cache, struct error *error)
{
        eng_scope scope;

        _cleanup_free_ char *cache = path_join(paths_lib_directory(), "startup.cache");
        host->heap_max = limits_heap(host->prefs);
        const struct eng_hooks hooks = {
                .data = host,
                .heap_max = host->heap_max,
                .cache_path = use_cache ? cache : NULL,
                .no_jit = host->no_jit,
                .resolve = hook_resolve,
                .load = hook_load,
                .rewrite = hook_rewrite,
                .import_meta = hook_import_meta,
                .unhandled_rejection = hook_unhandled_rejection,
                .job_error = hook_job_error,
                .warning = hook_warning,
                .missing_global = hook_missing_global,
                .interrupted = hook_interrupted,
                .wake = hook_wake,
        };
        errno = 0;
        host->engine = eng_new(&hooks);
        if (!host->engine)
                return error_set_errno(error, errno > 0 ? errno : ENOMEM,
                                       "cannot start the JavaScript engine");
        steal_pointer(cache); /* the engine keeps the address */
        int r = faults_init();
        if (r < 0)
                return error_set_errno(error, -r, "cannot set handlers of signals");
        eng_scope_open(host->engine, &scope);
        bool defined = builtin_define_globals(host, host->engine);
        if (!defined)
                host_report_exception(host, eng_catch(host->engine));
        eng_scope_close(host->engine, &scope, NULL);
        return defined ? 0 : error_set(error, EIO, "cannot define the globals");
}

static void woken_call(void *data)
{
        host_turn(data);
}

static struct loop_call wake_call = { .run = woken_call };

static void on_wake(evutil_socket_t fd, short what, void *data)
{
        eventfd_t count;

        (void)eventfd_read(fd, &count);
        wake_call.data = data;
        loop_later(&wake_call);
}

int host_start_loop(struct host *host, struct error *error)
{
        struct event_config *config = event_config_new();

        if (config)
                event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
        host->base = config ? event_base_new_with_config(config) : NULL;
        if (config)
                event_config_free(config);
        if (!host->base)
                return error_set_errno(error, ENOMEM, "cannot make the event loop");
        wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (wake_fd < 0)
                return error_set_errno(error, errno, "eventfd");
        struct event *wake = event_new(host->base, wake_fd, EV_READ | EV_PERSIST, on_wake, host);
        if (!wake || event_add(wake, NULL) < 0)
                return error_set_errno(error, ENOMEM, "event loop");
        return 0;
}

void host_load_profile_prefs(struct host *host)
{
        if (host->profile)
                preferences_load_profile(host->prefs, host->profile);
}

void host_save_profile_prefs(struct host *host)
{
        if (host->profile && prefs_dirty(host->prefs))
                preferences_save(host->prefs, host->profile);
}

void host_turn(struct host *host)
{
        if (loop_is_nested())
                (void)eng_run_jobs_nested(host->engine);
        else if (host->life)
                task_turn(host->life);
        else
                (void)eng_run_jobs(host->engine);
}

void host_quit(struct host *host, int exit_code)
{
        if (host->life)
                task_quit(host->life, exit_code);
}

void host_report_exception(struct host *host, eng_val exception)
{
        struct eng_error described;
        eng_scope scope;

        if (!exception)
                return;
        eng_scope_open(host->engine, &scope);
        describe_exception(host->engine, exception, &described);
        report_uncaught(&described);
        builtin_tell_error(host, &described);
        eng_scope_close(host->engine, &scope, NULL);
}
