/* SPDX-License-Identifier: MPL-2.0 */
/* What the diff is made of: the schedules that are there from files, those that files want, and what clients have. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/reload_internal.h"
#include "daemon/request_values.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/util.h"

/* ---- the files ---- */

struct names {
        char **list;
        size_t count;
};

static int task_each(const char *task, void *data)
{
        struct names *names = data;

        if (names->count && strcmp(names->list[names->count - 1], task) == 0)
                return 0;
        char **longer = reallocarray(names->list, names->count + 2, sizeof(*longer));

        if (!longer)
                return -ENOMEM;
        names->list = longer;
        longer[names->count] = strdup(task);
        longer[names->count + 1] = NULL;
        return longer[names->count++] ? 0 : -ENOMEM;
}

int reload_read_begin(struct reload_job *job)
{
        struct names had = { .list = calloc(1, sizeof(char *)) };
        int r = had.list ? store_schedule_file_tasks(job->daemon->store, task_each, &had) : -ENOMEM;

        if (r == 0)
                r = wanted_new(job->daemon->options->system, had.list,
                               job->pools.count ? &job->pools : &job->daemon->configuration.pools,
                               &job->wanted);
        strv_free(had.list);
        return r;
}

/* ---- what there is ---- */

static int stored_each(const struct schedule *schedule, void *data)
{
        struct reload_job *job = data;
        struct schedule_diff *diff = &job->diff;

        if (diff->stored_count == job->stored_room) {
                size_t room = job->stored_room ? 2 * job->stored_room : 64;
                struct reload_stored *strings = reallocarray(job->stored, room, sizeof(*strings));
                if (strings)
                        job->stored = strings;
                struct schedule_diff_stored *longer = reallocarray(diff->stored, room, sizeof(*longer));
                if (longer)
                        diff->stored = longer;
                if (!strings || !longer)
                        return -ENOMEM;
                job->stored_room = room;
        }
        struct reload_stored *strings = &job->stored[diff->stored_count];
        *strings = (struct reload_stored){
                .name = strdup(schedule->name),
                .task = strdup(schedule->task),
                .source = strdup(schedule->source),
        };
        int r = wanted_after(schedule->definition, &strings->after);
        diff->stored[diff->stored_count++] = (struct schedule_diff_stored){
                .id = schedule->id,
                .name = strings->name,
                .task = strings->task,
                .source = strings->source,
                .after = strings->after,
                .hash = schedule_diff_hash(schedule->task, schedule->uid, schedule->definition),
        };
        /* A definition that cannot be read any more follows on nothing. */
        return r == -ENOMEM || !strings->name || !strings->task || !strings->source ? -ENOMEM : 0;
}

static int edge_each(const char *after, const char *task, void *data)
{
        struct reload_job *job = data;
        struct schedule_diff_edge *longer = reallocarray(job->edges, job->diff.edge_count + 1,
                                                         sizeof(*longer));

        if (!longer)
                return -ENOMEM;
        job->edges = longer;
        longer += job->diff.edge_count++;
        *longer = (struct schedule_diff_edge){ strdup(after), strdup(task) };
        job->diff.edges = job->edges;
        return longer->after && longer->task ? 0 : -ENOMEM;
}

/* ---- the diff ---- */

static int wanted_take(struct reload_job *job)
{
        const struct wanted *wanted = job->wanted;
        struct schedule_diff *diff = &job->diff;
        bool follows = false;

        diff->bad = wanted->bad;
        diff->wanted = calloc(wanted->count + 1, sizeof(*diff->wanted));
        if (!diff->wanted)
                return -ENOMEM;
        for (size_t i = 0; i < wanted->count; i++) {
                const struct wanted_schedule *from = &wanted->schedules[i];
                diff->wanted[i] = (struct schedule_diff_wanted){
                        .name = from->name,
                        .task = from->task,
                        .source = from->source,
                        .line = from->line,
                        .after = from->after,
                        .hash = schedule_diff_hash(from->task, geteuid(), from->definition),
                };
                follows = follows || from->after;
        }
        diff->wanted_count = wanted->count;
        return follows ? store_trigger_chains(job->daemon->store, edge_each, job) : 0;
}

static int is_clients(const char *name, uid_t *ret_uid, void *data)
{
        const struct reload_job *job = data;
        struct schedule schedule = { 0 };
        int r = store_schedule_get(job->daemon->store, name, &schedule);

        if (r == STORE_OK)
                *ret_uid = schedule.uid;
        schedule_done(&schedule);
        return r == STORE_OK ? 1 : r == STORE_NOT_FOUND ? 0 : r;
}

int reload_compare(struct reload_job *job)
{
        struct schedule_diff *diff = &job->diff;
        int64_t count = 0;
        int r = store_schedule_of_files(job->daemon->store, stored_each, job);

        if (r == 0)
                r = wanted_take(job);
        if (r == 0)
                r = store_schedule_count(job->daemon->store, &count);
        if (r != 0)
                return r;
        diff->room = daemon_setting(job->daemon, SETTING_SCHEDULES_MAX) -
                     (count - (int64_t)diff->stored_count);
        diff->is_clients = is_clients;
        diff->data = job;
        r = schedule_diff_make(diff);
        for (char **line = job->wanted->errors; r == 0 && line && *line; line++)
                reload_complain(job, *line);
        for (size_t i = 0; r == 0 && i < diff->wanted_count; i++) {
                if (diff->wanted[i].change == SCHEDULE_DIFF_REFUSED)
                        reload_complain(job, diff->wanted[i].reason);
                job->report.unchanged += diff->wanted[i].change == SCHEDULE_DIFF_UNCHANGED;
        }
        for (size_t i = 0; r == 0 && i < diff->stored_count; i++)
                job->report.unchanged += diff->stored[i].fate == SCHEDULE_DIFF_STAYS;
        return r;
}

void reload_compare_done(struct reload_job *job)
{
        schedule_diff_done(&job->diff);
        for (size_t i = 0; i < job->diff.stored_count; i++) {
                free(job->stored[i].name);
                free(job->stored[i].task);
                free(job->stored[i].source);
                strv_free(job->stored[i].after);
        }
        free(job->stored);
        for (size_t i = 0; i < job->diff.edge_count; i++) {
                free((char *)job->edges[i].after);
                free((char *)job->edges[i].task);
        }
        free(job->edges);
        free(job->diff.stored);
        free(job->diff.wanted);
        wanted_free(job->wanted);
}
