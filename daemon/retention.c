/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/retention.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/output.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define RETENTION_BATCH 64
#define USEC_PER_DAY (24 * 60 * 60 * (int64_t)USEC_PER_SEC)

static bool output_is_wanted(int64_t id, void *data)
{
        return store_run_exists(data, id) != STORE_NOT_FOUND;
}

int retention_start(struct store *store, int output_dirfd)
{
        int64_t removed;
        return output_sweep(output_dirfd, output_is_wanted, store, &removed);
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
        if (r == 0 && removal->count > 0) {
                r = store_after_commit(store, removal_finish, removal);
                if (r == 0)
                        steal_pointer(removal);
        }
        bool more = false;
        if (r == 0)
                r = store_ledger_prune(store, values[SETTING_RETENTION_LEDGER_DAYS] * USEC_PER_DAY,
                                       values[SETTING_RETENTION_MAX_LEDGER_ROWS], now_us, RETENTION_BATCH,
                                       &more);
        *ret_more = *ret_more || more;
        return r;
}
