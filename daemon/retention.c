/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/retention.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/output.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define RETENTION_BATCH 64
#define USEC_PER_DAY (24 * 60 * 60 * (int64_t)USEC_PER_SEC)

struct ids {
        int64_t *values;
        size_t count, room;
};

static int ids_add(const struct run *run, void *data)
{
        struct ids *ids = data;
        if (ids->count == ids->room) {
                size_t room = MAX(ids->room * 2, (size_t)64);
                int64_t *values = reallocarray(ids->values, room, sizeof(*values));
                if (!values)
                        return -ENOMEM;
                ids->values = values;
                ids->room = room;
        }
        ids->values[ids->count++] = run->id;
        return 0;
}

/* Unreadable output is no reason not to start: the run then says that it printed nothing. */
static int output_restore(struct store *store, int output_dirfd, int64_t id)
{
        struct output_size size;
        if (output_measure(output_dirfd, id, &size) < 0 || size.stored == 0)
                return 0;
        struct run run = {
                .id = id,
                .output_bytes = size.bytes,
                .output_dropped = size.dropped,
                .output_stored = size.stored,
        };
        int r = store_run_set_output(store, &run);
        return r < 0 ? r : 0;
}

static bool output_is_wanted(int64_t id, void *data)
{
        return store_run_exists(data, id) != STORE_NOT_FOUND;
}

static int interrupt_all(struct store *store, int output_dirfd, int64_t now_us, struct ids *ids)
{
        static const enum run_state states[] = { RUN_STARTING, RUN_RUNNING };
        int64_t count;
        int r = 0;
        for (size_t i = 0; i < ARRAY_SIZE(states) && r == 0; i++) {
                struct run_filter filter = { .state = (int)states[i], .failed = -1, .limit = INT64_MAX };
                r = store_run_list(store, &filter, ids_add, ids);
        }
        if (r == 0 && ids->count > 0)
                r = store_run_interrupt_all(store, now_us, &count);
        for (size_t i = 0; i < ids->count && r == 0; i++)
                r = output_restore(store, output_dirfd, ids->values[i]);
        return r;
}

int retention_start(struct store *store, int output_dirfd, int64_t now_us, int64_t *ret_interrupted)
{
        struct ids ids = { NULL, 0, 0 };
        int r = interrupt_all(store, output_dirfd, now_us, &ids);
        free(ids.values);
        if (r != 0)
                return r;

        int64_t removed;
        r = output_sweep(output_dirfd, output_is_wanted, store, &removed);
        if (r == 0)
                *ret_interrupted = (int64_t)ids.count;
        return r;
}

struct removal {
        int output_dirfd;
        int count;
        int64_t ids[RETENTION_BATCH];
};

static void removal_add(int64_t id, void *data)
{
        struct removal *removal = data;
        removal->ids[removal->count++] = id;
}

/* A file that cannot be removed now is found by the next start. */
static void removal_finish(int result, void *data)
{
        struct removal *removal = data;
        for (int i = 0; i < removal->count && result == 0; i++)
                output_remove(removal->output_dirfd, removal->ids[i]);
        free(removal);
}

int retention_step(struct store *store, int output_dirfd, const struct settings *settings, int64_t now_us,
                   bool *ret_more)
{
        const int32_t *values = settings->values;
        struct retention retention = {
                .max_successes = values[SETTING_RETENTION_MAX_SUCCESSES],
                .max_failures = values[SETTING_RETENTION_MAX_FAILURES],
                .success_age_us = values[SETTING_RETENTION_SUCCESS_DAYS] * USEC_PER_DAY,
                .failure_age_us = values[SETTING_RETENTION_FAILURE_DAYS] * USEC_PER_DAY,
                .max_output_bytes = (int64_t)values[SETTING_RETENTION_MAX_OUTPUT_MIB] * 1024 * 1024,
        };
        struct removal *removal _cleanup_free_ = calloc(1, sizeof(*removal));
        if (!removal)
                return -ENOMEM;
        removal->output_dirfd = output_dirfd;

        int r = store_run_prune(store, &retention, now_us, RETENTION_BATCH, removal_add, removal, ret_more);
        if (r != 0 || removal->count == 0)
                return r;
        r = store_after_commit(store, removal_finish, removal);
        if (r == 0)
                steal_pointer(removal);
        return r;
}
