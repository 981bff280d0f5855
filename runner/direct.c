/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Direct mode: what `firefox --backgroundtask NAME` is. One task, here, in the caller's environment, working
 * directory and session, with the caller's standard files.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/paths.h"
#include "lib/task.h"
#include "lib/util.h"
#include "runner/direct.h"
#include "runner/janitor.h"
#include "runner/limits.h"
#include "runner/modes.h"
#include "runner/report.h"

#define PROFILE_VARIABLE "XRE_PROFILE_PATH"

static int profile_open_default(const char *task, const struct task_policy *policy, struct profile *ret,
                                struct error *error)
{
        if (!profile_is_persistent(task, policy))
                return profile_open_ephemeral(task, ret, error);
        _cleanup_free_ char *state = paths_state_directory(false);
        _cleanup_free_ char *profiles = state ? path_join(state, "profiles") : NULL;
        if (!profiles)
                return error_set(error, ENOENT,
                                 "no directory for persistent profiles: neither XDG_STATE_HOME nor HOME");
        return profile_open_persistent(profiles, task, ret, error);
}

/* A relative path in the environment is of some other process's working directory: it counts for nothing. */
char *direct_profile_given(const struct options *options)
{
        const char *named = getenv(PROFILE_VARIABLE);
        char *path = NULL;

        if (named && *named == '/')
                path = strdup(named);
        else if (options->profile)
                path = strdup(options->profile);
        unsetenv(PROFILE_VARIABLE);
        return path;
}

static int profile_choose(const struct options *options, const struct task_policy *policy,
                          struct profile *ret, struct error *error)
{
        _cleanup_free_ char *path = direct_profile_given(options);
        int r;

        if (path)
                r = profile_open_explicit(path, ret, error);
        else
                r = profile_open_default(options->task, policy, ret, error);
        if (r < 0)
                error_prefix(error, "Could not determine any profile running in backgroundtask mode");
        return r;
}

/* The names that never get as far as a look-up. */
static int name_refuse(const char *name)
{
        struct error error = ERROR_INIT;

        if (*name == '\0') {
                report_line(NULL, "No backgroundtask named '' registered");
                return TASK_EXIT_NOT_FOUND;
        }
        if (task_name_check(name, &error) < 0) {
                report_line(NULL, "%s", error.text);
                return TASK_EXIT_START_FAILED;
        }
        return 0;
}

/* There is no fork to come: the engine may have its threads from now on. */
static int start_engine(struct host *host, struct error *error)
{
        int r = host_start_engine(host, true, error);
        if (r < 0)
                return r;
        if (!eng_after_fork(host->engine))
                return error_set(error, EIO, "the JavaScript engine cannot get ready for the task");
        return limits_data(host->heap_max, error);
}

static _Noreturn void with_sandbox(const struct options *options, struct host *host, struct profile *profile)
{
        struct error error = ERROR_INIT;

        if (direct_read_file(host, &error) < 0)
                run_not_started(host, profile, "task file", &error);
        if (host_init(host, options->app_directory, (const char *const *)options->prefs_files, &error) < 0)
                run_not_started(host, profile, "directories", &error);
        direct_run_sandboxed(options, host, profile);
}

/* Who wrote a task file may expect it to count. */
static void file_mention(const char *task)
{
        _cleanup_free_ char *file = direct_find_file(task);

        if (file)
                report_line(NULL, "%s does not count here: nothing is kept in without --sandbox", file);
}

int direct_run(const struct options *options)
{
        static struct host host;
        static struct profile profile = PROFILE_INIT;
        struct error error = ERROR_INIT;

        host.started_monotonic_us = clock_monotonic_us();
        host.result_fd = -1;
        task_policy_init(&host.policy);
        host.task = options->task;
        host.args = options->args;
        host.working_directory = getcwd(NULL, 0);
        int r = run_silence(options->task, options->args);
        if (r < 0)
                error_set_errno(&error, -r, "/dev/null");
        report_banner();
        if (r < 0)
                run_not_started(&host, &profile, "output", &error);
        r = name_refuse(options->task);
        if (r != 0)
                return r;
        if (!host.working_directory)
                host.working_directory = "/";
        if (options->sandbox)
                with_sandbox(options, &host, &profile);
        file_mention(options->task);
        if (profile_choose(options, &host.policy, &profile, &error) < 0)
                run_not_started(&host, &profile, "profile", &error);
        if (profile.ephemeral && !profile.keep && janitor_start(profile.path, &error) < 0)
                run_not_started(&host, &profile, "janitor", &error);
        if (host_init(&host, options->app_directory, (const char *const *)options->prefs_files, &error) < 0)
                run_not_started(&host, &profile, "directories", &error);
        if (start_engine(&host, &error) < 0)
                run_not_started(&host, &profile, "engine", &error);
        run_and_leave(&host, &profile);
}
