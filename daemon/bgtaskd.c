/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/bgtaskd.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"
#include "daemon/options.h"
#include "daemon/pool_settings.h"
#include "daemon/reexec.h"
#include "daemon/restore.h"
#include "daemon/roles.h"
#include "daemon/settings.h"
#include "lib/exit_code.h"
#include "lib/log.h"

/* A descriptor of ours must never become somebody's stdout. */
static void bgtaskd_open_standard(void)
{
        int fd;

        do
                fd = open("/dev/null", O_RDWR);
        while (fd >= 0 && fd <= STDERR_FILENO);
        if (fd >= 0)
                close(fd);
}

static int bgtaskd_serve(const struct options *options)
{
        for (;;) {
                struct daemon daemon = { 0 };
                int exit_code = daemon_start(&daemon, options);

                if (exit_code == PROGRAM_EXIT_OK)
                        exit_code = daemon_run(&daemon);
                bool again = daemon.handing_over;
                if (again && handover_write(&daemon) < 0)
                        log_warning("what is open could not all be handed over");
                daemon_done(&daemon);
                if (!again)
                        return exit_code;
                handover_place_listener();
                /* When that fails, this program takes over from itself. */
                reexec_execute();
        }
}

static int bgtaskd_print(void (*print)(FILE *out))
{
        print(stdout);
        return fflush(stdout) == 0 ? PROGRAM_EXIT_OK : PROGRAM_EXIT_IOERR;
}

static void bgtaskd_print_version(FILE *out)
{
        fputs(PACKAGE_STRING "\n", out);
}

static void bgtaskd_print_preferences(FILE *out)
{
        settings_print(out);
        pool_settings_print(out);
        roles_print(out);
}

int bgtaskd_main(int argc, char **argv)
{
        struct options options;

        bgtaskd_open_standard();
        reexec_remember(argc, argv);
        if (options_parse(argc, argv, &options) < 0)
                return PROGRAM_EXIT_USAGE;
        log_init("bgtaskd", options.log_level);
        json_object_seed(0); /* hash tables that a client cannot aim at */
        switch (options.action) {
        case OPTIONS_SERVE:
                return bgtaskd_serve(&options);
        case OPTIONS_CHECK:
                return check_everything(&options);
        case OPTIONS_RESTORE:
                return restore_store(&options);
        case OPTIONS_PREFERENCES:
                return bgtaskd_print(bgtaskd_print_preferences);
        case OPTIONS_VERSION:
                return bgtaskd_print(bgtaskd_print_version);
        case OPTIONS_HELP:
                return bgtaskd_print(options_print_help);
        }
        return PROGRAM_EXIT_SOFTWARE;
}
