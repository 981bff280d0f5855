/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What direct mode and a zygote's child share: the last part of a run's way, and its end.
 *
 * At the end the order is: preferences, report, profile, exit. The report goes before the profile's removal,
 * which may take long: should the run be killed in it, its result is known all the same.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/util.h"
#include "runner/denial.h"
#include "runner/janitor.h"
#include "runner/modes.h"
#include "runner/report.h"
#include "runner/task.h"
#include "runner/updates.h"
#include "runner/usage.h"

#define IGNORE_NO_OUTPUT_VARIABLE "MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT"

static const char *const silent_tasks[] = {
        "pingsender",
        "removeDirectory",
        "removeProfileFiles",
        "no_output",
};

/* As in Gecko, nothing is freed at the end: the process goes as a whole. */
static _Noreturn void leave(struct profile *profile, int exit_code)
{
        updates_unlock();
        profile_close(profile);
        janitor_dismiss();
        _exit(exit_code);
}

_Noreturn void run_not_started(struct host *host, struct profile *profile, const char *stage,
                               const struct error *error)
{
        report_line(NULL, "%s: %s", stage, error->text);
        report_output(host->result_fd);
        report_setup_failed(host->result_fd, stage, error);
        leave(profile, TASK_EXIT_START_FAILED);
}

_Noreturn void run_and_leave(struct host *host, struct profile *profile)
{
        struct error error = ERROR_INIT;
        struct wire_result result = { 0 };

        host->profile = profile->path;
        host->profile_is_ephemeral = profile->ephemeral;
        host_load_profile_prefs(host);
        if (host_start_loop(host, &error) < 0)
                run_not_started(host, profile, "loop", &error);
        updates_start(host);
        if (task_run(host, &result, &error) < 0)
                run_not_started(host, profile, "task", &error);
        if (!profile->ephemeral || profile->keep)
                host_save_profile_prefs(host);
        usage_fill(host->engine, &result);
        denial_flush();
        report_output(host->result_fd);
        report_finished(host->result_fd, &result);
        leave(profile, result.exit_code);
}

/* Whether one of @args says so; the first that does is taken out: a task without output does not see it, as in Gecko. */
static bool take_attach_console(char **args)
{
        for (; *args; args++) {
                if (strcasecmp(*args, "-attach-console") != 0 && strcasecmp(*args, "--attach-console") != 0)
                        continue;
                for (; *args; args++)
                        args[0] = args[1];
                return true;
        }
        return false;
}

static bool is_silent(const char *task, char **args)
{
        const char *ignore = getenv(IGNORE_NO_OUTPUT_VARIABLE);

        for (size_t i = 0; i < ARRAY_SIZE(silent_tasks); i++)
                if (strcmp(task, silent_tasks[i]) == 0)
                        return !take_attach_console(args) && !(ignore && *ignore);
        return false;
}

int run_silence(const char *task, char **args)
{
        if (!is_silent(task, args))
                return 0;
        _cleanup_close_ int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
                return -errno;
        return 0;
}
