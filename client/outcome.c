/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/outcome.h"

#include <inttypes.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/records.h"
#include "lib/exit_code.h"
#include "lib/util.h"

/* The states that are not an end; whatever else a daemon says is one. */
static const char *const outcome_active[] = { "queued", "starting", "running", "held" };

static bool outcome_state_is(const json_t *run, const char *state)
{
        return strcmp(record_string(run, "state"), state) == 0;
}

bool outcome_ended(const json_t *run)
{
        for (size_t i = 0; i < ARRAY_SIZE(outcome_active); i++) {
                if (outcome_state_is(run, outcome_active[i]))
                        return false;
        }
        return true;
}

static bool outcome_result_is(const json_t *run, const char *result)
{
        const char *actual = record_string(run, "result");

        return actual && strcmp(actual, result) == 0;
}

/* What the daemon says about it, with ": " in front; malloc'd. */
static char *outcome_reason(const json_t *run)
{
        const char *message = record_string(run, "message");

        return message && message[0] ? format_string(": %s", message) : strdup("");
}

int outcome_exit_code(const json_t *run, struct error *error)
{
        int64_t id = record_int(run, "id", 0), signal_number = record_int(run, "signal", 0);
        int64_t exit_code = record_int(run, "exitCode", -1);
        _cleanup_free_ char *reason = outcome_reason(run), *name = NULL;
        const char *why = reason ? reason : "";

        if (signal_number > 0) {
                name = text_signal(signal_number);
                return ctl_fail(error, PROGRAM_EXIT_SIGNAL_BASE + (int)(signal_number & 0x7f),
                                "run %" PRId64 " was ended by %s%s", id, name ? name : "a signal", why);
        }
        if (outcome_result_is(run, "setup_failed"))
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "run %" PRId64 " could not be set up%s", id, why);
        if (outcome_state_is(run, "finished") && exit_code >= 0)
                return (int)(exit_code & 0xff);
        if (outcome_state_is(run, "cancelled"))
                return ctl_fail(error, PROGRAM_EXIT_TEMPFAIL, "run %" PRId64 " was cancelled%s", id, why);
        if (outcome_state_is(run, "interrupted"))
                return ctl_fail(error, PROGRAM_EXIT_TEMPFAIL, "run %" PRId64 " was interrupted%s", id,
                                why[0] ? why : ": the daemon ended while it ran");
        if (outcome_state_is(run, "lost"))
                return ctl_fail(error, PROGRAM_EXIT_SOFTWARE,
                                "run %" PRId64 " is lost: what became of it is not known%s", id, why);
        if (outcome_ended(run))
                return ctl_fail(error, PROGRAM_EXIT_SOFTWARE, "run %" PRId64 " is %s, without an exit code%s",
                                id, record_string(run, "state"), why);
        return ctl_fail(error, PROGRAM_EXIT_PROTOCOL,
                        "the daemon reports the end of run %" PRId64 ", which is %s", id,
                        record_string(run, "state"));
}

const char *outcome_word(const json_t *run)
{
        const char *result = record_string(run, "result");

        return outcome_ended(run) && result ? result : record_string(run, "state");
}

enum text_color outcome_color(const json_t *run)
{
        if (!outcome_ended(run))
                return TEXT_YELLOW;
        return outcome_result_is(run, "success") ? TEXT_GREEN : TEXT_RED;
}

char *outcome_code(const json_t *run)
{
        int64_t signal_number = record_int(run, "signal", 0), exit_code = record_int(run, "exitCode", -1);

        if (signal_number > 0)
                return text_signal(signal_number);
        return exit_code >= 0 ? format_string("%" PRId64, exit_code) : strdup("-");
}

int64_t outcome_duration_us(const json_t *run, int64_t now_us)
{
        int64_t started_at_us = record_int(run, "startedAt", 0),
                finished_at_us = record_int(run, "finishedAt", 0);

        if (started_at_us == 0)
                return -1;
        if (finished_at_us == 0)
                finished_at_us = outcome_ended(run) ? started_at_us : now_us;
        return MAX(finished_at_us - started_at_us, INT64_C(0));
}
