/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

enum option_id {
        OPTION_STATE_DIR,
        OPTION_RUNTIME_DIR,
        OPTION_SOCKET,
        OPTION_APP_DIR,
        OPTION_RUNNER,
        OPTION_USER,
        OPTION_SYSTEM,
        OPTION_CHECK,
        OPTION_RESTORE,
        OPTION_LOG_LEVEL,
        OPTION_PREFERENCES,
        OPTION_VERSION,
        OPTION_HELP,
        OPTION_COUNT,
};

struct option_description {
        const char *name;
        const char *value; /* NULL: takes none */
        const char *help;
};

static const struct option_description option_table[OPTION_COUNT] = {
        [OPTION_STATE_DIR] = { "state-dir", "DIR", "keep schedules, history and output in DIR" },
        [OPTION_RUNTIME_DIR] = { "runtime-dir", "DIR", "keep the socket and the profiles of runs in DIR" },
        [OPTION_SOCKET] = { "socket", "PATH", "listen on PATH (default: control in the runtime directory)" },
        [OPTION_APP_DIR] = { "app-dir", "DIR", "what resource:/// stands for" },
        [OPTION_RUNNER] = { "runner", "PROGRAM",
                            "the bgtask-runner to use (default: the one beside bgtaskd)" },
        [OPTION_USER] = { "user", NULL, "serve the user who starts it (default unless root)" },
        [OPTION_SYSTEM] = { "system", NULL, "serve the system (default for root)" },
        [OPTION_CHECK] = { "check", NULL,
                           "check configuration, task files, directories and store, change nothing, exit" },
        [OPTION_RESTORE] = { "restore", "FILE",
                             "put a backup in the store's place: FILE, or the newest good one (latest); exit" },
        [OPTION_LOG_LEVEL] = { "log-level", "LEVEL", "error, warning, notice, info (default) or debug" },
        [OPTION_PREFERENCES] = { "preferences", NULL,
                                 "print the preferences with range, default and meaning, exit" },
        [OPTION_VERSION] = { "version", NULL, "print the version and exit" },
        [OPTION_HELP] = { "help", NULL, "print this and exit" },
};

void options_print_help(FILE *out)
{
        fputs("Usage: bgtaskd [OPTION]...\n"
              "Run background tasks on a schedule and on request, each in its own process.\n\n",
              out);
        for (size_t i = 0; i < OPTION_COUNT; i++) {
                const struct option_description *option = &option_table[i];
                char name[40];

                snprintf(name, sizeof(name), "--%s%s%s", option->name, option->value ? "=" : "",
                         option->value ? option->value : "");
                fprintf(out, "  %-22s %s\n", name, option->help);
        }
}

static int option_refuse(const char *what, const char *why)
{
        fprintf(stderr, "bgtaskd: %s: %s\nTry 'bgtaskd --help'.\n", what, why);
        return -EINVAL;
}

static int option_apply(enum option_id id, const char *value, struct options *options)
{
        if (value && value[0] == '\0')
                return option_refuse(option_table[id].name, "the value is empty");
        switch (id) {
        case OPTION_STATE_DIR:
                options->state_directory = value;
                return 0;
        case OPTION_RUNTIME_DIR:
                options->runtime_directory = value;
                return 0;
        case OPTION_SOCKET:
                options->socket = value;
                return 0;
        case OPTION_APP_DIR:
                options->app_directory = value;
                return 0;
        case OPTION_RUNNER:
                options->runner = value;
                return 0;
        case OPTION_USER:
                options->system = false;
                return 0;
        case OPTION_SYSTEM:
                options->system = true;
                return 0;
        case OPTION_CHECK:
                options->action = OPTIONS_CHECK;
                return 0;
        case OPTION_RESTORE:
                options->action = OPTIONS_RESTORE;
                options->restore = value;
                return 0;
        case OPTION_LOG_LEVEL:
                if (!log_level_parse(value, &options->log_level))
                        return option_refuse(
                                value, "not a log level: expected error, warning, notice, info or debug");
                return 0;
        case OPTION_PREFERENCES:
                options->action = OPTIONS_PREFERENCES;
                return 0;
        case OPTION_VERSION:
                options->action = OPTIONS_VERSION;
                return 0;
        case OPTION_HELP:
                options->action = OPTIONS_HELP;
                return 0;
        case OPTION_COUNT:
                break;
        }
        return -EINVAL;
}

/* Whatever else is on the command line does not matter then. */
static bool options_action_prints(enum options_action action)
{
        return action != OPTIONS_SERVE && action != OPTIONS_CHECK && action != OPTIONS_RESTORE;
}

int options_parse(int argc, char **argv, struct options *ret)
{
        struct options options = { .system = geteuid() == 0, .log_level = LOG_LEVEL_INFO };
        struct option table[OPTION_COUNT + 1] = { 0 };

        for (int i = 0; i < OPTION_COUNT; i++)
                table[i] = (struct option){
                        .name = option_table[i].name,
                        .has_arg = option_table[i].value ? required_argument : no_argument,
                        .val = i,
                };
        optind = 0; /* glibc: start over, as tests call this more than once */
        opterr = 0;
        for (;;) {
                int id = getopt_long(argc, argv, "+:", table, NULL);

                if (id == -1)
                        break;
                if (id == ':')
                        return option_refuse(argv[optind - 1], "a value is missing");
                if (id == '?')
                        return option_refuse(argv[optind - 1], "no such option, or one that takes no value");
                int r = option_apply((enum option_id)id, optarg, &options);
                if (r < 0)
                        return r;
                if (options_action_prints(options.action))
                        break;
        }
        if (optind < argc && !options_action_prints(options.action))
                return option_refuse(argv[optind], "no arguments are expected");
        *ret = options;
        return 0;
}
