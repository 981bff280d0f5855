/* SPDX-License-Identifier: MPL-2.0 */
/* What a starting daemon does about each run that it finds under way. */
#include "config.h"

#include "daemon/recover.h"

#include "tests/unit/unit.h"

#define READ RECOVER_FILE_READ
#define ABSENT RECOVER_FILE_ABSENT
#define UNREADABLE RECOVER_FILE_UNREADABLE

static const struct {
        const char *what;
        struct recover_facts facts;
        enum recover_action action;
        bool has_why;
} rows[] = {
        { "alive",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .held = true,
            .has_process = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_ADOPT,
          false },
        { "alive, and has said how it ends",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .held = true,
            .has_process = true,
            .phase = RUN_FILE_FINISHED },
          RECOVER_ADOPT,
          false },
        { "our child, which has ended and said nothing: the kernel knows how",
          { .state = RUN_STARTING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .has_process = true,
            .ours = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_ADOPT,
          false },
        { "between zygote and clone",
          { .state = RUN_STARTING, .file = READ, .continuous = true, .same_boot = true, .held = true },
          RECOVER_WAIT,
          false },
        { "ended, recorded nowhere but in its file",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .phase = RUN_FILE_FINISHED },
          RECOVER_RECORD,
          false },
        { "ended before the reboot, and the runtime directory is on a disk",
          { .state = RUN_STARTING, .file = READ, .phase = RUN_FILE_FINISHED },
          RECOVER_RECORD,
          false },
        { "ended; to be repeated only what has not",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .idempotent = true,
            .phase = RUN_FILE_FINISHED },
          RECOVER_RECORD,
          false },
        { "never reached the task",
          { .state = RUN_STARTING, .file = READ, .continuous = true, .same_boot = true },
          RECOVER_REQUEUE,
          true },
        { "loaded the task's module",
          { .state = RUN_STARTING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .phase = RUN_FILE_ENTERED },
          RECOVER_INTERRUPT,
          true },
        { "ran",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_INTERRUPT,
          true },
        { "ran, and the store has not heard of it",
          { .state = RUN_STARTING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_INTERRUPT,
          true },
        { "ran as the store says, and its file does not know",
          { .state = RUN_RUNNING, .file = READ, .continuous = true, .same_boot = true },
          RECOVER_INTERRUPT,
          true },
        { "was to go on without a daemon, and did not",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .adoptable = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_LOSE,
          true },
        { "the same, idempotent",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .adoptable = true,
            .idempotent = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_REPEAT,
          true },
        { "was to go on, but not beyond a reboot",
          { .state = RUN_RUNNING, .file = READ, .adoptable = true, .phase = RUN_FILE_RUNNING },
          RECOVER_INTERRUPT,
          true },
        { "ran, idempotent",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .idempotent = true,
            .phase = RUN_FILE_RUNNING },
          RECOVER_REPEAT,
          true },
        { "ran, idempotent, too often",
          { .state = RUN_RUNNING,
            .file = READ,
            .continuous = true,
            .same_boot = true,
            .idempotent = true,
            .repeats = RECOVER_REPEATS_MAX,
            .phase = RUN_FILE_RUNNING },
          RECOVER_INTERRUPT,
          true },
        { "of another boot: that it did not begin is not believed",
          { .state = RUN_STARTING, .file = READ },
          RECOVER_INTERRUPT,
          true },
        { "of another boot, idempotent",
          { .state = RUN_STARTING, .file = READ, .idempotent = true },
          RECOVER_REPEAT,
          true },
        { "of another boot: a lock cannot be of that run",
          { .state = RUN_RUNNING, .file = READ, .held = true, .phase = RUN_FILE_RUNNING },
          RECOVER_INTERRUPT,
          true },
        { "no file yet",
          { .state = RUN_STARTING, .file = ABSENT, .continuous = true },
          RECOVER_REQUEUE,
          true },
        { "no file, after a reboot", { .state = RUN_STARTING, .file = ABSENT }, RECOVER_INTERRUPT, true },
        { "no file, after a reboot, idempotent",
          { .state = RUN_RUNNING, .file = ABSENT, .idempotent = true },
          RECOVER_REPEAT,
          true },
        { "no file any more",
          { .state = RUN_RUNNING, .file = ABSENT, .continuous = true },
          RECOVER_LOSE,
          true },
        { "no file any more, idempotent: it may be running",
          { .state = RUN_RUNNING, .file = ABSENT, .continuous = true, .idempotent = true },
          RECOVER_LOSE,
          true },
        { "something else in its place",
          { .state = RUN_STARTING, .file = UNREADABLE, .continuous = true, .idempotent = true },
          RECOVER_LOSE,
          true },
};

START_TEST(decisions)
{
        const char *why = "unset";
        enum recover_action action = recover_decide(&rows[_i].facts, &why);

        ck_assert_msg(action == rows[_i].action, "%s: %d", rows[_i].what, (int)action);
        ck_assert_msg((why != NULL) == rows[_i].has_why, "%s: %s", rows[_i].what, why ? why : "no reason");
}
END_TEST

/* Whatever the facts: what may be alive is never begun again, and what has begun only if it is idempotent. */
START_TEST(never_twice_in_silence)
{
        for (unsigned bits = 0; bits < 1U << 11; bits++) {
                struct recover_facts facts = {
                        .state = bits & 1 ? RUN_RUNNING : RUN_STARTING,
                        .continuous = bits & 2,
                        .idempotent = bits & 4,
                        .same_boot = bits & 8,
                        .held = bits & 16,
                        .has_process = bits & 32,
                        .repeats = bits & 64 ? RECOVER_REPEATS_MAX : 0,
                        .phase = (enum run_file_phase)(bits >> 7 & 3),
                        .file = (enum recover_file)((bits >> 9 & 3) % 3),
                };
                const char *why;
                enum recover_action action = recover_decide(&facts, &why);
                bool again = action == RECOVER_REQUEUE || action == RECOVER_REPEAT;
                bool alive = facts.file == RECOVER_FILE_READ && facts.same_boot && facts.held;

                ck_assert(!alive || action == RECOVER_ADOPT || action == RECOVER_WAIT);
                ck_assert(!again || why);
                ck_assert(action != RECOVER_REPEAT ||
                          (facts.idempotent && facts.repeats < RECOVER_REPEATS_MAX));
                if (action != RECOVER_REQUEUE)
                        continue;
                ck_assert_int_eq(facts.state, RUN_STARTING);
                ck_assert(facts.file == RECOVER_FILE_READ
                                  ? facts.same_boot && facts.phase == RUN_FILE_STARTING
                                  : facts.continuous);
        }
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, decisions, 0, (int)ARRAY_SIZE(rows));
        tcase_add_test(test_case, never_twice_in_silence);
}

int main(void)
{
        return unit_main("recover", add);
}
