/* SPDX-License-Identifier: MPL-2.0 */
/* How long a run may take as its schedule has it. */
#include "config.h"

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "daemon/store_schedule.h"

int64_t job_schedule_limit_us(struct daemon *daemon, const struct run *run)
{
        struct schedule_definition definition;
        struct schedule schedule = { 0 };
        int64_t limit_us = 0;

        if (!run->schedule || store_schedule_get(daemon->store, run->schedule, &schedule) != STORE_OK)
                return 0;
        if (schedule_definition_parse(schedule.definition, &definition, NULL) == 0) {
                limit_us = definition.run_max_us;
                schedule_definition_done(&definition);
        }
        schedule_done(&schedule);
        return limit_us;
}
