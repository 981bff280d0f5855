/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The command line.
 *
 * Gecko's flags are recognised as Gecko does it: one or two dashes, any letter case, at any position, the first
 * one of a kind, and removed, so that the task sees only the rest. Our own flags end where the task's
 * arguments begin: they count only before --backgroundtask, spelt exactly. All else is the task's.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/task.h"
#include "lib/util.h"
#include "runner/options.h"

enum flag {
        FLAG_TASK,
        FLAG_PROFILE,
        FLAG_HEADLESS,
        FLAG_ATTACH_CONSOLE,
        FLAG_HELP,
        FLAG_VERSION,
        FLAG_DEBUGGER,
        FLAG_APP_DIR,
        FLAG_PREFS,
        FLAG_SANDBOX,
        FLAG_ZYGOTE,
        FLAG_SANDBOX_REPORT,
        FLAG_NO_NETWORK,
        FLAG_NO_JIT,
        FLAG_NO_SANDBOX,
        FLAG_WRITE_CACHE,
        FLAG_COUNT,
};

enum flag_kind {
        KIND_GECKO, /* any position, any case, one dash or two */
        KIND_OWN,   /* before the task only, exact */
};

static const struct flag_row {
        const char *name;
        enum flag flag;
        enum flag_kind kind;
        const char *value; /* what --help calls the value; NULL: takes none */
        const char *help;  /* NULL: another spelling of the row above */
} flag_rows[] = {
        { "backgroundtask", FLAG_TASK, KIND_GECKO, "NAME",
          "Run background task NAME; what follows are its arguments." },
        { "profile", FLAG_PROFILE, KIND_GECKO, "DIR", "Use the profile in DIR, which is kept." },
        { "headless", FLAG_HEADLESS, KIND_GECKO, NULL,
          "Accepted and ignored: there is no other way to run." },
        { "attach-console", FLAG_ATTACH_CONSOLE, KIND_GECKO, NULL,
          "Let tasks that have no output print all the same." },
        { "help", FLAG_HELP, KIND_GECKO, NULL, "Print this message." },
        { "h", FLAG_HELP, KIND_GECKO, NULL, NULL },
        { "version", FLAG_VERSION, KIND_GECKO, NULL, "Print the version." },
        { "v", FLAG_VERSION, KIND_GECKO, NULL, NULL },
        { "jsdebugger", FLAG_DEBUGGER, KIND_GECKO, NULL, "Not available in this build." },
        { "wait-for-jsdebugger", FLAG_DEBUGGER, KIND_GECKO, NULL, "Not available in this build." },
        { "start-debugger-server", FLAG_DEBUGGER, KIND_GECKO, NULL, "Not available in this build." },
        { "app-dir", FLAG_APP_DIR, KIND_OWN, "DIR",
          "What resource:/// stands for (before --backgroundtask)." },
        { "prefs", FLAG_PREFS, KIND_OWN, "FILE",
          "Read FILE in place of the site's preferences; may be repeated." },
        { "sandbox", FLAG_SANDBOX, KIND_OWN, NULL,
          "Let the task do what its task file says and nothing else; without it nothing is kept in." },
        { "zygote", FLAG_ZYGOTE, KIND_OWN, NULL, "Serve bgtaskd, which starts it so." },
        { "sandbox-report", FLAG_SANDBOX_REPORT, KIND_OWN, NULL,
          "Print what would keep a task in here, and exit." },
        { "no-network", FLAG_NO_NETWORK, KIND_OWN, NULL,
          "With --zygote and --sandbox-report: for tasks without the network." },
        { "no-jit", FLAG_NO_JIT, KIND_OWN, NULL,
          "With --zygote and --sandbox-report: for tasks without compiled code." },
        { "no-sandbox", FLAG_NO_SANDBOX, KIND_OWN, NULL, "With --zygote: runs are not kept in at all." },
        { "write-cache", FLAG_WRITE_CACHE, KIND_OWN, "FILE", "Write the compiled runtime library and exit." },
};

/* How the parsing goes on. */
struct parser {
        char **at; /* the next argument */
        struct options *options;
        bool seen[FLAG_COUNT];
        char **rest; /* the task's arguments so far, not normalised */
        size_t rest_count;
        size_t prefs_count;
        const char *debugger; /* a debugger's flag */
};

static bool row_matches(const struct flag_row *row, const char *name, size_t size, bool two_dashes)
{
        if (strlen(row->name) != size)
                return false;
        if (row->kind == KIND_OWN)
                return two_dashes && strncmp(name, row->name, size) == 0;
        return strncasecmp(name, row->name, size) == 0;
}

/* The row that @argument is a flag of, and in *ret_value what follows its '=' (NULL: there is none). */
static const struct flag_row *row_find(const struct parser *parser, const char *argument,
                                       const char **ret_value)
{
        if (argument[0] != '-')
                return NULL;
        bool two_dashes = argument[1] == '-';
        const char *name = argument + 1 + two_dashes;
        size_t size = strcspn(name, "=");
        const char *value = name[size] == '=' ? name + size + 1 : NULL;
        for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++) {
                const struct flag_row *row = &flag_rows[i];
                if (!row_matches(row, name, size, two_dashes))
                        continue;
                if (value && !row->value && row->flag != FLAG_DEBUGGER)
                        continue;
                if (row->kind == KIND_OWN && parser->seen[FLAG_TASK])
                        return NULL;
                if (row->kind == KIND_GECKO && parser->seen[row->flag])
                        return NULL;
                *ret_value = value;
                return row;
        }
        return NULL;
}

/* The value of a flag that needs one: after its '=', else the next argument. */
static int value_take(struct parser *parser, const struct flag_row *row, const char **value,
                      struct error *error)
{
        if (*value)
                return 0;
        if (!*parser->at || (row->kind == KIND_GECKO && (*parser->at)[0] == '-')) {
                if (row->flag == FLAG_PROFILE)
                        return error_set(error, ENOENT, "argument --profile requires a path");
                return error_set(error, EINVAL, "--%s needs a value: --%s %s", row->name, row->name,
                                 row->value);
        }
        *value = *parser->at++;
        return 0;
}

static void flag_apply(struct parser *parser, enum flag flag, const char *value, const char *argument)
{
        struct options *options = parser->options;

        parser->seen[flag] = true;
        switch (flag) {
        case FLAG_TASK:
                options->task = value;
                break;
        case FLAG_PROFILE:
                options->profile = value;
                break;
        case FLAG_ATTACH_CONSOLE: /* the task sees it too */
                options->attach_console = true;
                parser->rest[parser->rest_count++] = (char *)argument;
                break;
        case FLAG_DEBUGGER:
                parser->debugger = argument;
                break;
        case FLAG_APP_DIR:
                options->app_directory = value;
                break;
        case FLAG_PREFS:
                options->prefs_files[parser->prefs_count++] = value;
                break;
        case FLAG_WRITE_CACHE:
                options->cache_file = value;
                break;
        case FLAG_SANDBOX:
                options->sandbox = true;
                break;
        case FLAG_NO_NETWORK:
                options->no_network = true;
                break;
        case FLAG_NO_JIT:
                options->no_jit = true;
                break;
        case FLAG_NO_SANDBOX:
                options->no_sandbox = true;
                break;
        case FLAG_HEADLESS:
        case FLAG_HELP:
        case FLAG_VERSION:
        case FLAG_ZYGOTE:
        case FLAG_SANDBOX_REPORT:
        case FLAG_COUNT:
                break;
        }
}

static int arguments_read(struct parser *parser, struct error *error)
{
        while (*parser->at) {
                const char *argument = *parser->at++;
                const char *value = NULL;
                const struct flag_row *row = row_find(parser, argument, &value);
                if (!row) {
                        parser->rest[parser->rest_count++] = (char *)argument;
                        continue;
                }
                int r = row->value ? value_take(parser, row, &value, error) : 0;
                if (r < 0)
                        return r;
                flag_apply(parser, row->flag, value, argument);
        }
        return 0;
}

static bool version_or_help(struct parser *parser)
{
        if (!parser->seen[FLAG_HELP] && !parser->seen[FLAG_VERSION])
                return false;
        parser->options->mode = parser->seen[FLAG_HELP] ? OPTIONS_HELP : OPTIONS_VERSION;
        return true;
}

/* Flags that belong to others. */
static int flags_check(const struct parser *parser, struct error *error)
{
        bool zygote = parser->seen[FLAG_ZYGOTE], report = parser->seen[FLAG_SANDBOX_REPORT];

        if (parser->seen[FLAG_SANDBOX] && !parser->seen[FLAG_TASK])
                return error_set(error, EINVAL, "--sandbox belongs to --backgroundtask");
        if ((parser->seen[FLAG_NO_NETWORK] || parser->seen[FLAG_NO_JIT]) && !zygote && !report)
                return error_set(error, EINVAL,
                                 "--no-network and --no-jit belong to --zygote and --sandbox-report");
        if (parser->seen[FLAG_NO_SANDBOX] && !zygote)
                return error_set(error, EINVAL, "--no-sandbox belongs to --zygote");
        return 0;
}

static int mode_choose(struct parser *parser, struct error *error)
{
        struct options *options = parser->options;

        if (parser->debugger)
                return error_set(error, EOPNOTSUPP, "%s: this build has no debugger", parser->debugger);
        int modes = parser->seen[FLAG_TASK] + parser->seen[FLAG_ZYGOTE] + parser->seen[FLAG_SANDBOX_REPORT] +
                    parser->seen[FLAG_WRITE_CACHE];
        if (modes == 0 && parser->rest_count > 0)
                return error_set(error, EINVAL,
                                 "unexpected argument: %s; --backgroundtask NAME runs a task (see --help)",
                                 parser->rest[0]);
        if (modes == 0)
                return error_set(error, EINVAL,
                                 "nothing to do: --backgroundtask NAME runs a task (see --help)");
        if (modes > 1)
                return error_set(
                        error, EINVAL,
                        "--backgroundtask, --zygote, --sandbox-report and --write-cache exclude each other");
        int r = flags_check(parser, error);
        if (r < 0)
                return r;
        if (parser->seen[FLAG_TASK]) {
                options->mode = OPTIONS_RUN;
                return task_args_check(options->args, error);
        }
        if (parser->rest_count > 0)
                return error_set(error, EINVAL, "unexpected argument: %s", parser->rest[0]);
        options->mode = parser->seen[FLAG_ZYGOTE]           ? OPTIONS_ZYGOTE
                        : parser->seen[FLAG_SANDBOX_REPORT] ? OPTIONS_SANDBOX_REPORT
                                                            : OPTIONS_WRITE_CACHE;
        return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct error *error)
{
        _cleanup_(options_done) struct options options = { 0 };
        char *none[] = { NULL };

        _cleanup_free_ char **rest = calloc((size_t)argc + 1, sizeof(*rest));
        options.prefs_files = calloc((size_t)argc + 1, sizeof(*options.prefs_files));
        if (!rest || !options.prefs_files)
                return error_set_errno(error, ENOMEM, "command line");
        struct parser parser = { .at = argc > 0 ? argv + 1 : none, .options = &options, .rest = rest };
        int r = arguments_read(&parser, error);
        if (!version_or_help(&parser)) {
                if (r < 0)
                        return r;
                options.args = options_normalise(rest);
                if (!options.args)
                        return error_set_errno(error, ENOMEM, "command line");
                r = mode_choose(&parser, error);
                if (r < 0)
                        return r;
        }
        if (parser.prefs_count == 0) {
                free(options.prefs_files);
                options.prefs_files = NULL;
        }
        *ret = options;
        options = (struct options){ 0 };
        return 0;
}

void options_done(struct options *options)
{
        strv_free(options->args);
        free(options->prefs_files);
        *options = (struct options){ 0 };
}

char **options_normalise(char *const *args)
{
        size_t count = strv_length(args);

        char **result = calloc(2 * count + 1, sizeof(*result));
        if (!result)
                return NULL;
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
                const char *arg = args[i];
                const char *equals = arg[0] == '-' ? strchr(arg, '=') : NULL;
                if (arg[0] == '-' && arg[1] == '-')
                        arg++;
                size_t size = equals ? (size_t)(equals - arg) : strlen(arg);
                result[n] = strndup(arg, size);
                if (!result[n++] || (equals && !(result[n++] = strdup(equals + 1)))) {
                        result[n - 1] = NULL;
                        strv_free(result);
                        return NULL;
                }
        }
        return result;
}

char *options_help(void)
{
        char *text = NULL;
        size_t size;

        FILE *out = open_memstream(&text, &size);
        if (!out)
                return NULL;
        fputs("Usage: bgtask-runner [OPTIONS] --backgroundtask NAME [ARGUMENTS...]\n"
              "Run one background task here, without bgtaskd, and exit with its code.\n\n",
              out);
        for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++) {
                const struct flag_row *row = &flag_rows[i];
                if (!row->help)
                        continue;
                int width = fprintf(out, "  --%s%s%s", row->name, row->value ? " " : "",
                                    row->value ? row->value : "");
                fprintf(out, "%*s%s\n", width < 27 ? 27 - width : 1, "", row->help);
        }
        fputs("\nExit codes: 0 success, 1 not started, 2 task not found or not loadable, 3 exception, 4 timeout;\n"
              "a task's own are 11 to 127. 64: this command line is wrong.\n",
              out);
        return fclose(out) == 0 ? text : NULL;
}
