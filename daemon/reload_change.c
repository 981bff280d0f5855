/* SPDX-License-Identifier: MPL-2.0 */
/* What the diff says is done in the timetable, or only told. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/reload_internal.h"
#include "daemon/scheduler.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/schedule_definition.h"
#include "lib/util.h"

#define RELOAD_BATCH 64 /* changes in a transaction, but for those of the second round */
#define RELOAD_ROUNDS 2

/* ---- telling ---- */

/* As it was (NULL: it was not there) and as it is wanted to be (NULL: it goes). */
struct change {
        const char *what;
        const struct schedule *before;
        const struct timetable_wish *wish;
        int64_t next_us;
};

/* Keys of its definition, and what is beside that. */
static json_t *keys_of(const struct schedule *before, const struct timetable_wish *wish)
{
        json_t *keys = reload_keys(before->definition, wish->definition);

        if (keys && strcmp(before->task, wish->task) != 0)
                json_array_append_new(keys, json_string("task"));
        if (keys && before->uid != wish->uid)
                json_array_append_new(keys, json_string("user"));
        if (keys && strcmp(before->source, wish->source) != 0)
                json_array_append_new(keys, json_string("file"));
        return keys;
}

static int change_tell(struct reload_job *job, const struct change *change)
{
        const struct schedule *before = change->before;
        const struct timetable_wish *wish = change->wish;
        const char *name = wish ? wish->name : before->name, *source = wish ? wish->source : before->source;

        if (!job->dry)
                log_info("schedule %s %s: task %s, from %s", name, change->what,
                         wish ? wish->task : before->task, source);
        if (job->silent)
                return 0;
        json_t *record = json_pack("{s:s, s:s, s:s}", "name", name, "change", change->what, "source", source);
        if (before && wish)
                json_object_set_new(record, "keys", keys_of(before, wish));
        if (before && before->next_us)
                json_object_set_new(record, "nextFrom", json_integer(before->next_us));
        if (wish && change->next_us)
                json_object_set_new(record, "nextTo", json_integer(change->next_us));
        return json_array_append_new(job->report.changes, record) < 0 ? -ENOMEM : 0;
}

/* ---- doing ---- */

static struct timetable *timetable_of(const struct reload_job *job)
{
        return scheduler_timetable(job->daemon->scheduler);
}

static int stored_remove(struct reload_job *job, const struct schedule_diff_stored *stored)
{
        struct schedule schedule = { 0 };
        int r = store_schedule_get_id(job->daemon->store, stored->id, &schedule);

        if (r == STORE_NOT_FOUND)
                return 0;
        if (r == 0)
                r = change_tell(job, &(struct change){ .what = "removed", .before = &schedule });
        if (r == 0 && !job->dry)
                r = timetable_remove(timetable_of(job), &schedule, scheduler_now_us());
        schedule_done(&schedule);
        job->removed += r == 0;
        return r;
}

/* What its runs are given. NULL: out of memory. */
static json_t *args_of(const char *definition)
{
        struct schedule_definition value;
        struct error error = ERROR_INIT;
        json_t *args = json_array();

        if (schedule_definition_parse(definition, &value, &error) < 0)
                return args; /* which is refused */
        for (char *const *word = value.arguments; args && word && *word; word++)
                json_array_append_new(args, json_string(*word));
        schedule_definition_done(&value);
        return args;
}

static int wish_carry_out(struct reload_job *job, const struct timetable_wish *wish, bool add,
                          int64_t *ret_next_us, struct error *error)
{
        struct schedule schedule = { 0 };
        int64_t now_us = scheduler_now_us();
        int r;

        if (job->dry)
                return timetable_preview(timetable_of(job), wish, now_us, ret_next_us, error);
        if (add)
                r = timetable_add(timetable_of(job), wish, now_us, &schedule, error);
        else
                r = timetable_edit(timetable_of(job), wish, now_us, &schedule, error);
        *ret_next_us = schedule.next_us;
        schedule_done(&schedule);
        return r;
}

/* What is wrong with this one alone is told, and 0; else the store is of no use now. */
static int wanted_failed(struct reload_job *job, const struct schedule_diff_wanted *wanted, int r,
                         const struct error *error)
{
        const char *why = r == STORE_EXISTS ? "expected a name of its own, found one that was just added"
                          : error->text[0]  ? error->text
                                            : "expected a schedule that can be stored";

        if (r != STORE_EXISTS && r != -EINVAL)
                return r;
        _cleanup_free_ char *line = format_string("%s:%u: schedule \"%s\": %s", wanted->source, wanted->line,
                                                  wanted->name, why);
        if (!line)
                return -ENOMEM;
        reload_complain(job, line);
        return 0;
}

static int wanted_make(struct reload_job *job, size_t index)
{
        const struct schedule_diff_wanted *wanted = &job->diff.wanted[index];
        bool add = wanted->change == SCHEDULE_DIFF_ADDED;
        json_t *args = args_of(job->wanted->schedules[index].definition);
        const struct timetable_wish wish = {
                .name = wanted->name,
                .task = wanted->task,
                .args = args,
                .definition = job->wanted->schedules[index].definition,
                .source = wanted->source,
                .uid = geteuid(),
                .machine_id = job->daemon->machine_id,
                .chain_checked = true,
        };
        struct schedule before = { 0 };
        struct error error = ERROR_INIT;
        int64_t next_us = 0;
        int r = args ? 0 : -ENOMEM;

        if (r == 0 && !add && wanted->stored)
                r = store_schedule_get_id(job->daemon->store, wanted->stored->id, &before);
        if (r == 0)
                r = wish_carry_out(job, &wish, add, &next_us, &error);
        json_decref(args);
        if (r == 0) {
                r = change_tell(job, &(struct change){ add ? "added" : "changed", add ? NULL : &before, &wish,
                                                       next_us });
                job->added += add;
                job->changed += !add;
        } else {
                r = wanted_failed(job, wanted, r, &error);
        }
        schedule_done(&before);
        return r;
}

/* ---- in rounds ---- */

static int step_stored(struct reload_job *job)
{
        const struct schedule_diff_stored *stored = &job->diff.stored[job->stored_at++];

        if (stored->fate != SCHEDULE_DIFF_GOES || (stored->after != NULL) != (job->round > 0))
                return 0;
        return stored_remove(job, stored);
}

static int step_wanted(struct reload_job *job)
{
        size_t index = job->wanted_at++;
        const struct schedule_diff_wanted *wanted = &job->diff.wanted[index];
        bool follows = wanted->after || (wanted->stored && wanted->stored->after);

        if ((wanted->change != SCHEDULE_DIFF_ADDED && wanted->change != SCHEDULE_DIFF_CHANGED) ||
            follows != (job->round > 0))
                return 0;
        return wanted_make(job, index);
}

static size_t changes(const struct reload_job *job)
{
        return job->added + job->changed + job->removed;
}

int reload_change(struct reload_job *job, bool *ret_more)
{
        size_t until = changes(job) + RELOAD_BATCH;
        int r = 0;

        while (r == 0 && job->round < RELOAD_ROUNDS && (job->round > 0 || changes(job) < until)) {
                if (job->stored_at < job->diff.stored_count) {
                        r = step_stored(job);
                } else if (job->wanted_at < job->diff.wanted_count) {
                        r = step_wanted(job);
                } else {
                        job->round++;
                        job->stored_at = job->wanted_at = 0;
                }
        }
        *ret_more = job->round < RELOAD_ROUNDS;
        return r;
}
