/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/run_end.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/group.h"
#include "daemon/scheduler.h"
#include "daemon/store.h"
#include "daemon/supervise.h"
#include "lib/clock.h"
#include "lib/log.h"

/* Everyone who waits for the run hears of its end, also when whoever cancelled it has gone. */
struct cancellation {
        struct daemon *daemon;
        int64_t run_id;
};

static void cancel_recorded(int result, void *data)
{
        struct cancellation *cancellation = data;
        struct run run = { 0 };

        if (result == 0 &&
            store_run_get(cancellation->daemon->store, cancellation->run_id, &run) == STORE_OK) {
                log_info("run %" PRId64 " cancelled while queued: task %s", run.id, run.task);
                follow_ended(cancellation->daemon->follow, &run);
        }
        run_done(&run);
        free(cancellation);
}

int run_end_waiting(struct daemon *daemon, struct run *run)
{
        struct cancellation *cancellation = malloc(sizeof(*cancellation));

        run->state = RUN_CANCELLED;
        run->result = RUN_RESULT_CANCELLED;
        run->finished_at_us = clock_realtime_us();
        json_decref(run->detail);
        run->detail = json_pack("{s:s}", "message", "cancelled");
        int r = run->detail && cancellation ? store_run_finish(daemon->store, run) : -ENOMEM;
        if (r != STORE_OK) {
                free(cancellation);
                return r;
        }
        *cancellation = (struct cancellation){ .daemon = daemon, .run_id = run->id };
        group_after_commit(daemon->group, cancel_recorded, cancellation);
        scheduler_run_ended(daemon->scheduler, run);
        return STORE_OK;
}

void run_end(struct daemon *daemon, int64_t run_id, bool kill)
{
        struct run run = { 0 };

        if ((kill ? supervisor_kill(daemon->supervisor, run_id)
                  : supervisor_cancel(daemon->supervisor, run_id)) == 0)
                return;
        int r = store_run_get(daemon->store, run_id, &run);
        if (r == STORE_OK && !run_state_is_final(run.state))
                r = run_end_waiting(daemon, &run);
        if (r < 0)
                log_error("run %" PRId64 " cannot be cancelled (%d)", run_id, r);
        run_done(&run);
}
