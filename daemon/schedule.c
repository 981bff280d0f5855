/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

static const char *const outcome_names[OCCURRENCE_OUTCOME_COUNT] = {
        [OCCURRENCE_HELD] = "held",       [OCCURRENCE_RAN] = "ran",
        [OCCURRENCE_SKIPPED] = "skipped", [OCCURRENCE_COALESCED] = "coalesced",
        [OCCURRENCE_MISSED] = "missed",   [OCCURRENCE_LOST] = "lost",
};

static const char *const hold_names[HOLD_COUNT] = {
        [HOLD_NONE] = "",       [HOLD_OVERLAP] = "overlap", [HOLD_CONDITION] = "condition",
        [HOLD_RETRY] = "retry", [HOLD_SPREAD] = "spread",   [HOLD_BOOT] = "boot",
};

static int name_find(const char *const *names, size_t count, const char *name)
{
        for (size_t i = 0; name && i < count; i++)
                if (strcmp(names[i], name) == 0)
                        return (int)i;
        return -1;
}

const char *occurrence_outcome_name(enum occurrence_outcome outcome)
{
        return outcome_names[outcome];
}

int occurrence_outcome_parse(const char *name)
{
        return name_find(outcome_names, ARRAY_SIZE(outcome_names), name);
}

const char *hold_name(enum hold hold)
{
        return hold_names[hold];
}

int hold_parse(const char *name)
{
        return name_find(hold_names, ARRAY_SIZE(hold_names), name);
}

void schedule_done(struct schedule *schedule)
{
        if (!schedule)
                return;
        free(schedule->name);
        free(schedule->task);
        json_decref(schedule->args);
        free(schedule->definition);
        free(schedule->source);
        free(schedule->pass_why);
        free(schedule->paused_why);
        memset(schedule, 0, sizeof(*schedule));
}

void pass_done(struct pass *pass)
{
        if (!pass)
                return;
        free(pass->name);
        free(pass->why);
        free(pass->definition);
        memset(pass, 0, sizeof(*pass));
}
