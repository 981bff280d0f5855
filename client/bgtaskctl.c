/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/bgtaskctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/print.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"

#define CTL_NAME "bgtaskctl"
#define CTL_NAME_WIDTH 19

/* ---- messages ---- */

#undef ctl_fail /* what the analyzer is shown instead */
int ctl_fail(struct error *error, int exit_code, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        error->code = EIO;
        vsnprintf(error->text, sizeof(error->text), format, arguments);
        va_end(arguments);
        return exit_code;
}

void ctl_message(const char *format, ...)
{
        char text[ERROR_TEXT_MAX];
        _cleanup_free_ char *escaped = NULL;
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        escaped = text_escape(text, strlen(text));
        fflush(stdout);
        fprintf(stderr, CTL_NAME ": %s\n", escaped ? escaped : "out of memory");
}

int ctl_parse_run(const char *text, int64_t *ret, struct error *error)
{
        if (parse_int64(text, 1, INT64_MAX, ret) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "invalid run \"%s\": expected a number, as `" CTL_NAME " list` shows it",
                                text);
        return 0;
}

/* ---- help ---- */

static void help_all(void)
{
        printf("Usage: " CTL_NAME " [OPTION...] COMMAND [ARG...]\n\n"
               "Queue, follow, inspect and schedule background tasks.\n\nCommands:\n");
        for (const struct command *command = command_table; command->name; command++)
                printf("  %-*s%s\n", CTL_NAME_WIDTH, command->name, command->summary);
        printf("\nOptions:\n");
        options_print(command_global_options, stdout);
        printf("\n`" CTL_NAME " COMMAND --help` tells more about a command, " CTL_NAME "(1) everything.\n");
}

static void help_command(const struct command *command)
{
        printf("Usage: " CTL_NAME " [OPTION...] %s%s%s\n\n%s\n", command->name, command->usage[0] ? " " : "",
               command->usage, command->help);
        if (command->options->name) {
                printf("\nOptions:\n");
                options_print(command->options, stdout);
        }
        printf("\nOptions of all commands:\n");
        options_print(command_global_options, stdout);
}

/* What a word that several commands begin with goes on with. False: none does. */
static bool help_group(const char *word)
{
        size_t length = strlen(word);
        bool found = false;

        for (const struct command *command = command_table; command->name; command++) {
                if (strncmp(command->name, word, length) != 0 || command->name[length] != ' ')
                        continue;
                if (!found)
                        printf("Usage: " CTL_NAME " [OPTION...] %s COMMAND [ARG...]\n\nCommands:\n", word);
                found = true;
                printf("  %-*s%s\n", CTL_NAME_WIDTH, command->name, command->summary);
        }
        if (found)
                printf("\n`" CTL_NAME " %s COMMAND --help` tells more about one.\n", word);
        return found;
}

static void version_print(bool json)
{
#ifdef HAVE_BACKGROUNDTASKS
        static const bool enabled = true;
#else
        static const bool enabled = false;
#endif

        if (json) {
                json_t *version = json_pack("{s:s, s:i, s:b}", "version", PACKAGE_VERSION, "jsonVersion",
                                            BGTASKCTL_JSON_VERSION, "backgroundTasks", enabled);
                print_json(version);
                json_decref(version);
                return;
        }
        printf(CTL_NAME " (bgtaskd) %s\n", PACKAGE_VERSION);
        if (!enabled)
                printf("built with --disable-backgroundtasks: without bgtaskd and bgtask-runner\n");
}

/* ---- dispatch ---- */

/* The command that @words begin with; *ret_words says how many of them are its name. */
static const struct command *command_find(char *const *words, size_t *ret_words)
{
        for (const struct command *command = command_table; command->name; command++) {
                size_t first = strcspn(command->name, " ");

                if (strlen(words[0]) != first || strncmp(words[0], command->name, first) != 0)
                        continue;
                *ret_words = 1;
                if (!command->name[first])
                        return command;
                *ret_words = 2;
                if (words[1] && strcmp(words[1], command->name + first + 1) == 0)
                        return command;
        }
        return NULL;
}

/* No command of that name; one that has only the first word in common is told what comes next. */
static int command_unknown(char *const *words, struct error *error)
{
        char known[256] = "";
        size_t length = strlen(words[0]);

        for (const struct command *command = command_table; command->name; command++) {
                if (strncmp(command->name, words[0], length) == 0 && command->name[length] == ' ')
                        snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
                                 known[0] ? ", " : "", command->name + length + 1);
        }
        if (known[0])
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s needs one of: %s", words[0], known);
        return ctl_fail(error, PROGRAM_EXIT_USAGE, "unknown command \"%s\": see `" CTL_NAME " --help`",
                        words[0]);
}

int cmd_help(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        char **words = arguments->operands;
        size_t used = 0;

        if (arguments->operand_count == 0) {
                help_all();
                return print_flush(error);
        }
        const struct command *command = command_find(words, &used);
        if (command && used < arguments->operand_count)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "no command begins with \"%s %s\": see `" CTL_NAME " --help`", words[0],
                                words[1]);
        if (command)
                help_command(command);
        else if (arguments->operand_count > 1 || !help_group(words[0]))
                return command_unknown(words, error);
        return print_flush(error);
}

static int ctl_set(struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        const char *timeout = arguments_option(arguments, "timeout");
        struct error reason = ERROR_INIT;

        ctl->socket_path = arguments_option(arguments, "socket");
        ctl->user = arguments_flag(arguments, "user");
        ctl->system = arguments_flag(arguments, "system");
        ctl->json = arguments_flag(arguments, "json");
        ctl->timeout_us = -1;
        if (ctl->socket_path && !ctl->socket_path[0])
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "invalid --socket: expected a path, found nothing");
        if (ctl->user && ctl->system)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "--user and --system exclude each other");
        if (timeout && duration_parse(timeout, &ctl->timeout_us, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --timeout: %s", reason.text);
        return 0;
}

/* --help and --version end the program; true: one of them did its work. */
static bool ctl_inform(const struct command *command, const struct arguments *arguments)
{
        if (arguments_flag(arguments, "help") && command)
                help_command(command);
        else if (arguments_flag(arguments, "help"))
                help_all();
        else if (arguments_flag(arguments, "version"))
                version_print(arguments_flag(arguments, "json"));
        else
                return false;
        return true;
}

static int command_run(const struct command *command, char **words, struct arguments *arguments,
                       struct error *error)
{
        const struct option_row *const tables[] = { command->options, command_global_options, NULL };
        struct error reason = ERROR_INIT;
        struct ctl ctl = { 0 };
        int code;

        if (options_parse(words, tables, command->order, arguments, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s: see `" CTL_NAME " %s --help`", reason.text,
                                command->name);
        if (ctl_inform(command, arguments))
                return print_flush(error);
        if (arguments->operand_count < command->operands_min ||
            arguments->operand_count > command->operands_max)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s: usage: " CTL_NAME " %s%s%s",
                                arguments->operand_count < command->operands_min ? "too few arguments"
                                                                                 : "too many arguments",
                                command->name, command->usage[0] ? " " : "", command->usage);
        code = ctl_set(&ctl, arguments, error);
        return code ? code : command->run(&ctl, arguments, error);
}

static int ctl_dispatch(char **words, struct arguments *arguments, struct error *error)
{
        static const struct option_row *const tables[] = { command_global_options, NULL };
        const struct command *command;
        struct error reason = ERROR_INIT;
        _cleanup_free_ char **rest = NULL;
        size_t used;

        if (options_parse(words, tables, OPTION_ORDER_FIRST, arguments, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s: see `" CTL_NAME " --help`", reason.text);
        if (ctl_inform(NULL, arguments))
                return print_flush(error);
        if (arguments->operand_count == 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "no command: see `" CTL_NAME " --help`");

        rest = steal_pointer(arguments->operands);
        command = command_find(rest, &used);
        if (!command && rest[1] && (strcmp(rest[1], "--help") == 0 || strcmp(rest[1], "-h") == 0) &&
            help_group(rest[0]))
                return print_flush(error);
        if (!command)
                return command_unknown(rest, error);
        return command_run(command, rest + used, arguments, error);
}

/* A descriptor 0, 1 or 2 that is closed would go to the next file or socket, and output with it. Read-only,
 * so that writing to it stays an error. */
static void ctl_fill_descriptors(void)
{
        int fd;

        do
                fd = open("/dev/null", O_RDONLY);
        while (fd >= 0 && fd <= STDERR_FILENO);
        if (fd > STDERR_FILENO)
                close(fd);
}

int bgtaskctl_main(int argc, char **argv)
{
        _cleanup_(arguments_done) struct arguments arguments = { 0 };
        struct error error = ERROR_INIT;
        int code;

        ctl_fill_descriptors();
        setlocale(LC_CTYPE, "");
        signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write(2), and ends us quietly */

        code = ctl_dispatch(argc > 0 ? argv + 1 : argv, &arguments, &error);
        if (error.code)
                ctl_message("%s", error.text);
        return code;
}
