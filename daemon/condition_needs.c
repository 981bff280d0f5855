/* SPDX-License-Identifier: MPL-2.0 */
/* What is waited for or depended on, one thing at a time, and who tells of it. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conditions_internal.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define LOAD_US (10 * (int64_t)USEC_PER_SEC)    /* the kernel computes it every 5 s */
#define PRESSURE_US (5 * (int64_t)USEC_PER_SEC) /* it tells when it rises, not when it falls */
#define SPACE_US (30 * (int64_t)USEC_PER_SEC)
#define IDLE_US (15 * (int64_t)USEC_PER_SEC)

char *need_path(const struct condition_need *need)
{
        return need->path ? strndup(need->path, need->path_length) : NULL;
}

static bool need_is(const struct need *need, const struct condition_need *what)
{
        return need->what.condition == what->condition && need->what.value == what->value &&
               need->what.absent == what->absent && need->what.path_length == what->path_length &&
               memcmp(need->what.path ? need->what.path : "", what->path ? what->path : "",
                      what->path_length) == 0;
}

void need_free(struct conditions *conditions, struct need *need)
{
        TAILQ_REMOVE(&conditions->needs, need, link);
        conditions->need_count--;
        watch_free(need->pressure);
        if (need->watches_path)
                path_watch_remove(conditions->paths, need->what.path);
        free((char *)(uintptr_t)need->what.path);
        free(need);
}

struct need *need_get(struct conditions *conditions, const struct condition_need *what, char *path, bool met)
{
        struct need *need;

        TAILQ_FOREACH(need, &conditions->needs, link)
        if (need_is(need, what)) {
                free(path);
                return need;
        }
        need = conditions->need_count < NEEDS_MAX ? calloc(1, sizeof(*need)) : NULL;
        if (!need || (what->path && !path)) {
                free(need);
                free(path);
                return NULL;
        }
        need->what = *what;
        need->what.path = path;
        need->met = met;
        TAILQ_INSERT_TAIL(&conditions->needs, need, link);
        conditions->need_count++;
        return need;
}

/* ---- watching ---- */

static void on_changed(void *data)
{
        struct conditions *conditions = data;

        conditions_look_at(conditions, clock_monotonic_us() + SETTLE_US);
}

static void on_path(const char *path, void *data)
{
        struct conditions *conditions = data;

        on_changed(conditions);
        conditions_path_changed(conditions, path);
}

/* The first path makes what watches them. */
int conditions_watch_path(struct conditions *conditions, const char *path)
{
        int r = conditions->paths
                        ? 0
                        : path_watches_new(conditions->base, on_path, conditions, &conditions->paths);

        return r == 0 ? path_watch_add(conditions->paths, path) : r;
}

void conditions_cannot_watch(bool *fails, const char *what, int r)
{
        if (!*fails)
                log_warning("%s cannot be watched (%s): looked at once a minute", what, strerror(-r));
        *fails = true;
}

void conditions_listen_network(struct conditions *conditions)
{
        if (conditions->network)
                return;
        int r = watch_network(conditions->base, on_changed, conditions, &conditions->network);
        if (r < 0)
                conditions_cannot_watch(&conditions->network_fails, "the network", r);
}

void need_watch(struct conditions *conditions, struct need *need)
{
        int r = 0;

        switch (need->what.condition) {
        case CONDITION_AC_POWER:
                if (!conditions->power)
                        r = watch_power(conditions->base, on_changed, conditions, &conditions->power);
                if (r < 0)
                        conditions_cannot_watch(&conditions->power_fails, "the power supply", r);
                break;
        case CONDITION_NETWORK:
                conditions_listen_network(conditions);
                break;
        case CONDITION_CPU_PRESSURE:
        case CONDITION_MEMORY_PRESSURE:
        case CONDITION_IO_PRESSURE:
                /* Where it cannot be watched it is read as often as for those who wait. */
                if (need->depended && !need->pressure)
                        (void)watch_pressure(
                                conditions->base,
                                (enum machine_pressure)(need->what.condition - CONDITION_CPU_PRESSURE),
                                (unsigned)need->what.value, on_changed, conditions, &need->pressure);
                break;
        case CONDITION_PATH:
                if (need->watches_path)
                        break;
                r = conditions_watch_path(conditions, need->what.path);
                need->watches_path = r == 0;
                if (r < 0)
                        conditions_cannot_watch(&conditions->paths_fail, need->what.path, r);
                break;
        case CONDITION_LOAD:
        case CONDITION_IDLE:
        case CONDITION_FREE_SPACE:
        case CONDITION_COUNT:
                break;
        }
}

int64_t need_period_us(struct conditions *conditions, const struct need *need)
{
        switch (need->what.condition) {
        case CONDITION_AC_POWER:
                return conditions->power ? NEVER_US : UNWATCHED_US;
        case CONDITION_NETWORK:
                return conditions->network ? NEVER_US : UNWATCHED_US;
        case CONDITION_LOAD:
                return LOAD_US;
        case CONDITION_CPU_PRESSURE:
        case CONDITION_MEMORY_PRESSURE:
        case CONDITION_IO_PRESSURE:
                return need->met && need->pressure ? NEVER_US : PRESSURE_US;
        case CONDITION_IDLE:
                if (need->met || conditions->facts.by_logind)
                        return IDLE_US;
                return MAX((int64_t)need->what.value - condition_idle_us(&conditions->facts), SETTLE_US);
        case CONDITION_FREE_SPACE:
                return SPACE_US;
        case CONDITION_PATH:
                return need->watches_path ? NEVER_US : UNWATCHED_US;
        case CONDITION_COUNT:
                break;
        }
        return NEVER_US;
}
