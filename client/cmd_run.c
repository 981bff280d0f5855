/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"
#include "lib/exit_code.h"
#include "lib/task.h"
#include "lib/util.h"

#define RUN_KEY_BYTES 16
#define RUN_PRIORITY_MAX 100

/* Where and how urgently it waits, where that is said. */
static int run_place(const struct arguments *arguments, json_t *parameters, struct error *error)
{
        const char *pool = arguments_option(arguments, "pool"),
                   *priority = arguments_option(arguments, "priority");
        int64_t number = 0;
        int r = 0;

        if (pool && !utf8_is_valid(pool, strlen(pool)))
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --pool: expected UTF-8 text");
        if (priority && parse_int64(priority, -RUN_PRIORITY_MAX, RUN_PRIORITY_MAX, &number) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --priority \"%s\": expected %d to %d",
                                priority, -RUN_PRIORITY_MAX, RUN_PRIORITY_MAX);
        if (pool)
                r |= json_object_set_new(parameters, "pool", json_string(pool));
        if (priority)
                r |= json_object_set_new(parameters, "priority", json_integer(number));
        return r ? ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory") : 0;
}

/* The parameters of Run. Without --key the run gets a random one, so that the call can be sent again when
 * its answer is lost. */
static int run_parameters(const struct arguments *arguments, bool follow, json_t **ret, struct error *error)
{
        const char *task = arguments->operands[0], *key = arguments_option(arguments, "key");
        char **args = arguments->operands + 1;
        _cleanup_json_ json_t *list = json_array();
        struct error reason = ERROR_INIT;
        char random_key[2 * RUN_KEY_BYTES + 1];

        if (task_name_check(task, &reason) < 0 || task_args_check(args, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s", reason.text);
        if (key && (!key[0] || !utf8_is_valid(key, strlen(key))))
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "invalid --key: expected UTF-8 text that is not empty");
        if (!key) {
                unsigned char bytes[RUN_KEY_BYTES];

                random_bytes(bytes, sizeof(bytes));
                hex_encode(bytes, sizeof(bytes), random_key);
                key = random_key;
        }
        for (size_t i = 0; args[i]; i++)
                json_array_append_new(list, json_string(args[i]));
        *ret = json_pack("{s:s, s:O, s:s, s:b}", "task", task, "args", list, "key", key, "follow", follow);
        return *ret ? run_place(arguments, *ret, error)
                    : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
}

static int run_detached(const struct ctl *ctl, struct connection *connection, json_t *parameters,
                        struct error *error)
{
        _cleanup_json_ json_t *run = NULL;
        int code = connection_call(connection, "Run", json_incref(parameters), &run, error);

        /* The key makes it safe to ask again. */
        if (code && connection_lost(connection)) {
                code = connection_reconnect(connection, error);
                if (code == 0)
                        code = connection_call(connection, "Run", json_incref(parameters), &run, error);
        }
        if (code)
                return code;
        if (ctl->json)
                print_json(run);
        else
                printf("%" PRId64 "\n", record_int(run, "id", 0));
        return print_flush(error);
}

/* With --json stdout is for the one document, and all output goes to stderr. */
static int run_output(const struct output_piece *piece, const json_t *record, void *data, struct error *error)
{
        const struct ctl *ctl = data;

        return output_print(piece, ctl->json ? STDERR_FILENO : STDOUT_FILENO, STDERR_FILENO, error);
}

static int run_followed(const struct ctl *ctl, struct connection *connection, json_t *parameters,
                        struct error *error)
{
        struct follow follow = {
                .connection = connection,
                .run_parameters = parameters,
                .to_the_end = true,
                .output = run_output,
                .data = (void *)ctl,
        };
        _cleanup_json_ json_t *run = NULL;
        int code = follow_run(&follow, &run, error);

        if (code && interrupt_signal())
                return follow_detached(follow.id, code, error);
        if (code)
                return code;
        if (ctl->json) {
                print_json(run);
                code = print_flush(error);
                if (code)
                        return code;
        }
        return outcome_exit_code(run, error);
}

int cmd_run(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *parameters = NULL;
        bool detach = arguments_flag(arguments, "detach");
        int code = run_parameters(arguments, !detach, &parameters, error);

        if (code)
                return code;
        if (!detach)
                interrupt_watch();
        code = connection_open(ctl, &connection, error);
        if (code)
                return code;
        return detach ? run_detached(ctl, connection, parameters, error)
                      : run_followed(ctl, connection, parameters, error);
}
