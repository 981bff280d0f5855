/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/powercut/workload.h"

#include "daemon/store_schedule.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store_backup.h"
#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "tests/powercut/disk.h"

#define NOW 1700000000000000
#define RUNS_IN_USE 6

struct schema_migration workload_migrations[8];

void workload_init(void)
{
        int count = store_migrations_newest(schema_migrations);
        memcpy(workload_migrations, schema_migrations, sizeof(*schema_migrations) * (size_t)count);
        workload_migrations[count] =
                (struct schema_migration){ count + 1, "test",
                                           "CREATE TABLE label (run INTEGER, word TEXT) STRICT; "
                                           "ALTER TABLE schedule ADD COLUMN note TEXT NOT NULL DEFAULT ''" };
}

/* ---- what is in a store ---- */

static void hash(uint64_t *value, const char *text)
{
        for (; *text; text++)
                *value = (*value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
}

static int hash_run(const struct run *run, void *data)
{
        char line[256];
        snprintf(line, sizeof(line), "%lld %s %s %s %lld %lld %lld\n", (long long)run->id, run->task,
                 run_state_name(run->state), run_result_name(run->result), (long long)run->epoch,
                 (long long)run->output_bytes, (long long)run->queued_at_us);
        hash(data, line);
        return 0;
}

static void hash_schedule(const struct schedule *schedule, uint64_t *data)
{
        char line[256];
        snprintf(line, sizeof(line), "%s %s %lld\n", schedule->name, schedule->task,
                 (long long)schedule->next_us);
        hash(data, line);
}

uint64_t workload_content(struct store *store)
{
        const struct run_filter all = { .state = -1, .failed = -1, .limit = INT64_MAX };
        uint64_t value = UINT64_C(0xcbf29ce484222325);
        int r = store_run_list(store, &all, hash_run, &value);
        for (int64_t id = 0; r == 0;) {
                struct schedule schedule = { 0 };
                r = store_schedule_after(store, id, &schedule);
                if (r != 0)
                        break;
                id = schedule.id;
                hash_schedule(&schedule, &value);
                schedule_done(&schedule);
        }
        return r == STORE_NOT_FOUND ? value : 0;
}

/* ---- acknowledgements ---- */

struct pending {
        struct workload *workload;
        struct workload_ack ack;
};

static void acknowledged(int result, void *data)
{
        struct pending *pending = data;
        struct workload *workload = pending->workload;
        if (result == 0) {
                ck_assert_int_lt(workload->ack_count, WORKLOAD_ACKS_MAX);
                pending->ack.moment = disk_now();
                workload->acks[workload->ack_count++] = pending->ack;
        } else if (result == -ENOSPC) {
                workload->refused++;
        }
        free(pending);
}

static void expect(struct workload *workload, int64_t id, int64_t epoch, int stage)
{
        struct pending *pending = calloc(1, sizeof(*pending));
        *pending = (struct pending){ workload, { .id = id, .epoch = epoch, .stage = stage } };
        if (store_after_commit(workload->store, acknowledged, pending) < 0)
                abort();
}

/* ---- the work: every function returns false when it is over ---- */

static bool over(const struct workload *workload)
{
        return workload->failed.code != 0;
}

/* On a full disk the group has been undone, and what of it can be made again has been committed already. */
static void recovered(struct workload *workload)
{
        if (workload->store->in_transaction)
                return;
        int at = workload->state_count++;
        ck_assert_int_lt(at, WORKLOAD_STATES_MAX);
        workload->states[at].content = workload_content(workload->store);
        workload->states[at].tried = workload->states[at].acked = disk_now();
}

static bool check(struct workload *workload, int r, const char *what)
{
        if (r == STORE_FULL)
                recovered(workload);
        if (r < 0 && !over(workload))
                error_set(&workload->failed, -r, "%s: %s", what,
                          workload->store && workload->store->failure.code ? workload->store->failure.text
                                                                           : strerror(-r));
        return !over(workload);
}

static bool commit(struct workload *workload)
{
        int at = workload->state_count++;
        ck_assert_int_lt(at, WORKLOAD_STATES_MAX);
        workload->states[at].content = workload_content(workload->store);
        workload->states[at].tried = disk_now();
        workload->states[at].acked = 0;
        int r = store_commit(workload->store, &workload->failed);
        if (r == 0) {
                workload->states[at].acked = disk_now();
        } else if (r == STORE_FULL) {
                /* Something else than was tried has been committed, if anything. */
                workload->failed = (struct error){ 0 };
                workload->states[at].content = workload_content(workload->store);
                workload->states[at].acked = disk_now();
        }
        return !over(workload);
}

static int64_t add(struct workload *workload, const char *task)
{
        struct run run = { .task = strdup(task), .uid = 1000, .queued_at_us = NOW };
        int r = store_run_add(workload->store, &run);
        int64_t id = run.id;
        run_done(&run);
        if (r == STORE_FULL)
                workload->refused++;
        if (!check(workload, r, "add") || r != 0)
                return 0;
        expect(workload, id, 0, 1);
        return id;
}

static void start(struct workload *workload, int64_t id)
{
        int64_t epoch = 0;
        int r = id && !over(workload) ? store_run_start(workload->store, id, NOW + id, &epoch) : 1;
        if (check(workload, r, "start") && r == 0)
                expect(workload, id, epoch, 2);
}

static void running(struct workload *workload, int64_t id, int64_t epoch)
{
        int r = id && !over(workload) ? store_run_running(workload->store, id, epoch, 1234, NOW + id) : 1;
        if (check(workload, r, "running") && r == 0)
                expect(workload, id, epoch, 3);
}

static void requeue(struct workload *workload, int64_t id, int64_t epoch)
{
        const struct run run = { .id = id, .epoch = epoch };
        int r = id && !over(workload) ? store_run_requeue(workload->store, &run) : 1;
        if (check(workload, r, "requeue") && r == 0)
                expect(workload, id, epoch, 1);
}

static void finish(struct workload *workload, int64_t id, int64_t epoch)
{
        struct run run = { .id = id,
                           .epoch = epoch,
                           .state = RUN_FINISHED,
                           .result = id % 3 ? RUN_RESULT_SUCCESS : RUN_RESULT_EXCEPTION,
                           .exit_code = id % 3 ? 0 : 3,
                           .finished_at_us = NOW + id,
                           .output_bytes = 10 * id };
        int r = id && !over(workload) ? store_run_finish(workload->store, &run) : 1;
        if (check(workload, r, "finish") && r == 0)
                expect(workload, id, epoch, 4);
}

static void removed(int64_t id, void *data)
{
        struct workload *workload = data;
        ck_assert_int_lt(workload->removed_count, WORKLOAD_REMOVED_MAX);
        workload->removed[workload->removed_count++] = id;
}

static void prune(struct workload *workload)
{
        const struct retention retention = { 4, 4, INT64_MAX, INT64_MAX, INT64_MAX };
        bool more;
        if (!over(workload))
                check(workload,
                      store_run_prune(workload->store, &retention, NOW, 16, removed, workload, &more),
                      "prune");
}

static void schedules(struct workload *workload, int round)
{
        char name[32];
        snprintf(name, sizeof(name), "schedule-%d", round);
        struct schedule schedule = { .name = strdup(name),
                                     .task = strdup("t"),
                                     .definition = strdup("EverySec=1min\n"),
                                     .pass_why = strdup("added"),
                                     .pass = 1,
                                     .cursor_us = NOW,
                                     .next_us = NOW };
        int r = over(workload) ? 1 : store_schedule_add(workload->store, &schedule);
        if (check(workload, r, "schedule add") && r == 0) {
                schedule.next_us = NOW + round;
                check(workload, store_schedule_update(workload->store, &schedule), "next");
        }
        schedule_done(&schedule);
        snprintf(name, sizeof(name), "schedule-%d", round - 2);
        if (!over(workload) && store_schedule_get(workload->store, name, &schedule) == 0) {
                check(workload, store_schedule_remove(workload->store, schedule.id), "schedule remove");
                schedule_done(&schedule);
        }
}

static void round_of_work(struct workload *workload, int round)
{
        int64_t ids[RUNS_IN_USE];
        for (int i = 0; i < RUNS_IN_USE && !over(workload); i++)
                ids[i] = add(workload, "a-task");
        if (over(workload) || !commit(workload))
                return;
        start(workload, ids[0]);
        start(workload, ids[1]);
        add(workload, "another");
        if (over(workload) || !commit(workload))
                return;
        running(workload, ids[0], 1);
        requeue(workload, ids[1], 1);
        start(workload, ids[2]);
        schedules(workload, round);
        if (over(workload) || !commit(workload))
                return;
        finish(workload, ids[0], 1);
        start(workload, ids[1]);
        finish(workload, ids[3], 0);
        if (over(workload) || !commit(workload))
                return;
        finish(workload, ids[1], 2);
        finish(workload, ids[2], 1);
        prune(workload);
        if (!over(workload) && store_pending(workload->store) && !commit(workload))
                return;
        if (!over(workload) && round % 2)
                check(workload, store_checkpoint(workload->store), "checkpoint");
}

static bool is_refused(int r)
{
        return r == -ENOSPC || r == -EIO || r == -EROFS || r == -EBUSY || r == -EMFILE || r == -EUCLEAN;
}

/* That a backup fails is no reason for the store to. */
static void backup(struct workload *workload)
{
        struct store_backup *copy = NULL;
        struct store_backup_info info = { .version = -1 };
        struct error error = ERROR_INIT;
        if (over(workload))
                return;
        int r = store_backup_begin(workload->store, NULL, &copy, &error);
        if (r == 0)
                r = store_backup_step(copy, 5, &error);
        add(workload, "overtakes-the-backup");
        if (over(workload) || !commit(workload)) {
                store_backup_free(copy);
                return;
        }
        while (r > 0)
                r = store_backup_step(copy, 5, &error);
        if (r == 0)
                r = store_backup_check_to(store_backup_path(copy),
                                          store_migrations_newest(workload_migrations), &info, &error);
        if (r == 0)
                r = store_backup_finish(copy, 2, &info, &error);
        else
                store_backup_free(copy);
        ck_assert_msg(r == 0 || (is_refused(r) && error.text[0] && !strchr(error.text, '\n')), "%d %s", r,
                      error.text);
}

static void reopen(struct workload *workload, const struct schema_migration *migrations)
{
        store_close(workload->store);
        workload->store = NULL;
        if (store_open_with(workload->directory, migrations, &workload->store, &workload->failed) < 0)
                ck_assert_int_ne(workload->failed.code, 0);
}

void workload_directory(char ret[64])
{
        /* In memory where that can be: nothing here needs a disk of its own. */
        snprintf(ret, 64, "%s/bgtaskd-cut-XXXXXX",
                 access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
        ck_assert_ptr_nonnull(mkdtemp(ret));
}

void workload_run(struct workload *workload, const char *directory, int rounds)
{
        *workload = (struct workload){ .directory = directory };
        workload->states[workload->state_count++].content = 0; /* no database */
        reopen(workload, schema_migrations);
        if (!over(workload)) {
                workload->states[0].content = workload_content(workload->store);
                workload->states[0].acked = disk_now();
        }
        for (int i = 0; i < rounds && !over(workload); i++) {
                round_of_work(workload, i);
                if (i == rounds / 3)
                        backup(workload);
                if (i == rounds / 2 && !over(workload))
                        reopen(workload, schema_migrations);
                if (i == rounds - 1 && !over(workload))
                        reopen(workload, workload_migrations);
        }
        backup(workload);
        store_close(workload->store);
        workload->store = NULL;
}

/* ---- what must be true afterwards ---- */

static bool was_to_be_removed(const struct workload *workload, int64_t id)
{
        for (int i = 0; i < workload->removed_count; i++)
                if (workload->removed[i] == id)
                        return true;
        return false;
}

static void verify_ack(const struct workload_ack *ack, const struct run *run, const char *context)
{
        static const int stages[RUN_STATE_COUNT] = {
                [RUN_QUEUED] = 1, [RUN_STARTING] = 2, [RUN_RUNNING] = 3
        };
        int stage = stages[run->state] ? stages[run->state] : 4;
        /* Back in the queue is later than started. */
        bool later = run->epoch > ack->epoch ||
                     (run->epoch == ack->epoch && (stage >= ack->stage || stage == 1));
        ck_assert_msg(later && ack->stage != 5, "%s: run %d was in stage %d of epoch %d, and is in %d of %d",
                      context, (int)ack->id, ack->stage, (int)ack->epoch, stage, (int)run->epoch);
}

static void verify_acks(const struct workload *workload, struct store *store, size_t moment,
                        const char *context)
{
        for (int i = 0; i < workload->ack_count; i++) {
                const struct workload_ack *ack = &workload->acks[i];
                struct run run;
                if (ack->moment > moment)
                        continue;
                int r = store_run_get(store, ack->id, &run);
                ck_assert_msg(r == 0 || (r == STORE_NOT_FOUND && was_to_be_removed(workload, ack->id)),
                              "%s: run %d is lost (%d)", context, (int)ack->id, r);
                if (r != 0)
                        continue;
                verify_ack(ack, &run, context);
                run_done(&run);
        }
}

void workload_verify(const struct workload *workload, const char *directory, size_t moment,
                     const char *context)
{
        struct store *store = NULL;
        struct error error = ERROR_INIT;
        int oldest = 0, newest = 0;
        for (int i = 0; i < workload->state_count; i++) {
                if (workload->states[i].acked && workload->states[i].acked <= moment)
                        oldest = i;
                if (workload->states[i].tried <= moment)
                        newest = i;
        }
        int r = store_open_with(directory, workload_migrations, &store, &error);
        ck_assert_msg(r == 0, "%s: %d %s", context, r, error.text);
        uint64_t content = workload_content(store);
        bool found = oldest == 0 && content == UINT64_C(0xcbf29ce484222325);
        for (int i = oldest; i <= newest; i++)
                found = found || workload->states[i].content == content;
        ck_assert_msg(found, "%s: a state that none of %d to %d was", context, oldest, newest);
        verify_acks(workload, store, moment, context);
        store_close(store);
}
