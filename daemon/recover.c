/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/recover.h"

#define WHY_INTERRUPTED "bgtaskd ended while the task ran"
#define WHY_ENDED "it ended without saying how, while bgtaskd was not its parent"
#define WHY_REBOOTED "the system was restarted while the task ran"

static enum recover_action recover_interrupted(const struct recover_facts *facts)
{
        return facts->idempotent && facts->repeats < RECOVER_REPEATS_MAX ? RECOVER_REPEAT : RECOVER_INTERRUPT;
}

static enum recover_action recover_without_file(const struct recover_facts *facts, const char **ret_why)
{
        if (facts->file == RECOVER_FILE_UNREADABLE) {
                *ret_why = "the file that would say what became of it cannot be read";
                return RECOVER_LOSE;
        }
        if (!facts->continuous) {
                *ret_why = WHY_REBOOTED;
                return recover_interrupted(facts);
        }
        if (facts->state == RUN_STARTING) {
                *ret_why = "bgtaskd ended before the run was begun";
                return RECOVER_REQUEUE;
        }
        *ret_why = "the file that would say what became of it has been removed";
        return RECOVER_LOSE;
}

enum recover_action recover_decide(const struct recover_facts *facts, const char **ret_why)
{
        *ret_why = NULL;
        if (facts->file != RECOVER_FILE_READ)
                return recover_without_file(facts, ret_why);
        if (facts->ours)
                return RECOVER_ADOPT; /* how it ended or will end, the kernel tells us */
        /* A lock does not outlive the kernel. */
        if (facts->held && facts->same_boot)
                return facts->has_process ? RECOVER_ADOPT : RECOVER_WAIT;
        if (facts->phase == RUN_FILE_FINISHED)
                return RECOVER_RECORD;
        /* Of another boot nothing else is believed: what followed may not have reached the disk. */
        if (!facts->same_boot) {
                *ret_why = WHY_REBOOTED;
                return recover_interrupted(facts);
        }
        /* The store learns of "running" after the file. */
        if (facts->phase == RUN_FILE_STARTING && facts->state == RUN_STARTING) {
                *ret_why = "bgtaskd ended before the task was begun";
                return RECOVER_REQUEUE;
        }
        *ret_why = facts->adoptable ? WHY_ENDED : WHY_INTERRUPTED;
        enum recover_action action = recover_interrupted(facts);
        /* The end of the daemon was not its end. */
        return action == RECOVER_INTERRUPT && facts->adoptable ? RECOVER_LOSE : action;
}
