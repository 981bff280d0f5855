/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/modes.h"

/* Standard files that the caller closed would otherwise be the first files that we open. */
static int standard_files_open(void)
{
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
                        return -errno;
        return 0;
}

static int write_cache(const struct options *options)
{
        static struct host host;
        struct error error = ERROR_INIT;
        eng_scope scope;

        if (host_init(&host, options->app_directory, (const char *const *)options->prefs_files, &error) < 0 ||
            host_start_engine(&host, false, &error) < 0) {
                log_error("%s", error.text);
                return PROGRAM_EXIT_SOFTWARE;
        }
        eng_scope_open(host.engine, &scope);
        if (!builtin_preload(&host, host.engine, true)) {
                host_report_exception(&host, eng_catch(host.engine));
                return PROGRAM_EXIT_SOFTWARE;
        }
        int r = eng_cache_write(host.engine, options->cache_file);
        eng_scope_close(host.engine, &scope, NULL);
        if (r < 0) {
                error_set_errno(&error, -r, "cannot write %s", options->cache_file);
                log_error("%s", error.text);
                return PROGRAM_EXIT_CANTCREAT;
        }
        return PROGRAM_EXIT_OK;
}

static int help(void)
{
        _cleanup_free_ char *text = options_help();

        if (!text)
                return PROGRAM_EXIT_OSERR;
        return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? PROGRAM_EXIT_IOERR : PROGRAM_EXIT_OK;
}

static int version(void)
{
        int r = printf("bgtask-runner %s (%s)\n", PACKAGE_VERSION, eng_version());

        return r < 0 || fflush(stdout) != 0 ? PROGRAM_EXIT_IOERR : PROGRAM_EXIT_OK;
}

static int dispatch(const struct options *options)
{
        switch (options->mode) {
        case OPTIONS_RUN:
                return direct_run(options);
        case OPTIONS_ZYGOTE:
                return zygote_run(options);
        case OPTIONS_SANDBOX_REPORT:
                return zygote_report(options);
        case OPTIONS_WRITE_CACHE:
                return write_cache(options);
        case OPTIONS_HELP:
                return help();
        case OPTIONS_VERSION:
                return version();
        }
        return PROGRAM_EXIT_SOFTWARE;
}

int runner_main(int argc, char **argv)
{
        static struct options options;
        struct error error = ERROR_INIT;

        if (standard_files_open() < 0)
                return PROGRAM_EXIT_OSERR;
        log_init("bgtask-runner", LOG_LEVEL_WARNING);
        signal(SIGPIPE, SIG_IGN);
        int r = options_parse(argc, argv, &options, &error);
        if (r < 0) {
                log_error("%s", error.text);
                return r == -ENOENT ? (int)TASK_EXIT_START_FAILED : (int)PROGRAM_EXIT_USAGE;
        }
        r = dispatch(&options);
        fflush(NULL);
        _exit(r);
}
