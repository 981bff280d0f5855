/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/conditions.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/conditions_internal.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define OVERFLOW_US (10 * (int64_t)USEC_PER_SEC)

/* ---- looking ---- */

void conditions_look_at(struct conditions *conditions, int64_t at_us)
{
        int64_t wait_us = MAX(at_us - clock_monotonic_us(), INT64_C(0));
        const struct timeval wait = { .tv_sec = wait_us / (int64_t)USEC_PER_SEC,
                                      .tv_usec = wait_us % (int64_t)USEC_PER_SEC };

        if (at_us >= conditions->look_at_us)
                return;
        conditions->look_at_us = at_us;
        event_add(conditions->timer, &wait);
}

static void look_in(struct conditions *conditions, int64_t us)
{
        if (us != NEVER_US)
                conditions_look_at(conditions, clock_monotonic_us() + us);
}

/* Forget what nobody wants, and listen no longer than somebody does. */
static void needs_sweep(struct conditions *conditions)
{
        bool waits = conditions->hooks->anyone_waits(conditions->data), network = conditions->network_wanted;
        bool power = false;
        struct need *need, *next;

        conditions->overflown = conditions->overflown && waits;
        TAILQ_FOREACH(need, &conditions->needs, link)
        {
                need->depended = false;
                need->waited = need->waited && waits;
        }
        conditions->depend_at_us = NEVER_US;
        conditions->hooks->depend(conditions->data);
        for (need = TAILQ_FIRST(&conditions->needs); need; need = next) {
                next = TAILQ_NEXT(need, link);
                network = network ||
                          ((need->waited || need->depended) && need->what.condition == CONDITION_NETWORK);
                power = power ||
                        ((need->waited || need->depended) && need->what.condition == CONDITION_AC_POWER);
                if (!need->waited && !need->depended)
                        need_free(conditions, need);
        }
        if (!network) {
                watch_free(steal_pointer(conditions->network));
                conditions->network_fails = false;
        }
        if (!power) {
                watch_free(steal_pointer(conditions->power));
                conditions->power_fails = false;
        }
}

/* Keep what is found; true: that is news, for the next look to tell. */
static bool need_note(struct conditions *conditions, struct need *need, bool met)
{
        if (need->met == met)
                return false;
        need->met = met;
        conditions->changed = true;
        conditions->gained = conditions->gained || (met && need->waited);
        return true;
}

static void needs_compare(struct conditions *conditions)
{
        struct need *need;

        TAILQ_FOREACH(need, &conditions->needs, link)
        (void)need_note(conditions, need, condition_holds(&conditions->facts, &need->what, need->what.path));
}

static void look_arm(struct conditions *conditions)
{
        struct need *need;

        TAILQ_FOREACH(need, &conditions->needs, link)
        {
                need_watch(conditions, need);
                look_in(conditions, need_period_us(conditions, need));
        }
        if (conditions->overflown)
                look_in(conditions, OVERFLOW_US);
        if (conditions->depend_at_us != NEVER_US)
                conditions_look_at(conditions, conditions->depend_at_us);
        if ((conditions->network_wanted && !conditions->network) ||
            json_object_size(conditions->missing_paths))
                look_in(conditions, UNWATCHED_US);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
        struct conditions *conditions = data;
        bool rung = clock_monotonic_us() >= conditions->depend_at_us;

        (void)fd;
        (void)what;
        conditions->look_at_us = NEVER_US;
        condition_facts_forget(&conditions->facts);
        conditions_watch_missing(conditions);
        needs_sweep(conditions);
        needs_compare(conditions);
        conditions_look_at_network(conditions);
        look_arm(conditions);
        bool gained = conditions->gained, changed = conditions->changed;
        conditions->gained = conditions->changed = false;
        if (gained || conditions->overflown)
                conditions->hooks->gained(conditions->data);
        if (changed || rung)
                conditions->hooks->changed(conditions->data);
}

/* ---- asking ---- */

struct asking {
        struct conditions *conditions;
        bool met, waits, depends;
        json_t *texts;
};

static int ask(const struct condition_need *what, void *data)
{
        struct asking *asking = data;
        struct conditions *conditions = asking->conditions;
        _cleanup_free_ char *path = need_path(what);

        if (what->path && !path)
                return -ENOMEM;
        bool holds = condition_holds(&conditions->facts, what, path);
        asking->met = asking->met && holds;
        if (asking->texts && !holds) {
                _cleanup_free_ char *text = condition_text(&conditions->facts, what, path);
                if (!text || json_array_append_new(asking->texts, json_string(text)) < 0)
                        return -ENOMEM;
        }
        if (!asking->depends && (holds || !asking->waits))
                return 0;
        struct need *need = need_get(conditions, what, steal_pointer(path), holds);
        if (!need) {
                conditions->overflown = true;
                return 0;
        }
        need->waited = need->waited || asking->waits;
        need->depended = need->depended || asking->depends;
        if (need_note(conditions, need, holds))
                conditions_look_soon(conditions);
        need_watch(conditions, need);
        look_in(conditions, need_period_us(conditions, need));
        return 0;
}

bool conditions_met(struct conditions *conditions, const struct schedule_definition *definition,
                    enum schedule_rung rung)
{
        struct asking asking = { .conditions = conditions, .met = true, .waits = true };

        return schedule_needs(definition, rung, ask, &asking) == 0 && asking.met;
}

json_t *conditions_unmet(struct conditions *conditions, const struct schedule_definition *definition,
                         enum schedule_rung rung)
{
        struct asking asking = { .conditions = conditions, .met = true, .texts = json_array() };

        if (!asking.texts || schedule_needs(definition, rung, ask, &asking) < 0) {
                json_decref(asking.texts);
                return NULL;
        }
        return asking.texts;
}

void conditions_depend(struct conditions *conditions, const struct schedule_definition *definition,
                       enum schedule_rung rung, int64_t next_us)
{
        struct asking asking = { .conditions = conditions, .met = true, .depends = true };

        (void)schedule_needs(definition, rung, ask, &asking);
        if (next_us)
                conditions->depend_at_us = MIN(conditions->depend_at_us,
                                               clock_monotonic_us() + next_us - clock_realtime_us());
}

void conditions_walk(struct conditions *conditions)
{
        struct need *need;

        conditions->overflown = false;
        TAILQ_FOREACH(need, &conditions->needs, link)
        need->waited = false;
}

void conditions_look_soon(struct conditions *conditions)
{
        conditions_look_at(conditions, clock_monotonic_us());
}

/* ---- life ---- */

const char *conditions_degraded(const struct conditions *conditions)
{
        if (conditions->paths_fail)
                return "Not all paths of schedules can be watched (fs.inotify.max_user_watches, "
                       "max_user_instances): they are tried again, and conditions looked at, once a minute.";
        if (conditions->network_fails || conditions->power_fails)
                return "The kernel does not tell of changes of the network or the power supply: schedules that "
                       "wait for them look once a minute.";
        return NULL;
}

int conditions_new(struct event_base *base, const struct conditions_hooks *hooks, void *data,
                   struct conditions **ret)
{
        struct conditions *conditions = calloc(1, sizeof(*conditions));

        if (!conditions)
                return -ENOMEM;
        conditions->base = base;
        conditions->hooks = hooks;
        conditions->data = data;
        conditions->look_at_us = conditions->depend_at_us = NEVER_US;
        TAILQ_INIT(&conditions->needs);
        conditions->timer = evtimer_new(base, on_timer, conditions);
        conditions->telling = evtimer_new(base, conditions_tell, conditions);
        conditions->event_paths = json_object();
        conditions->missing_paths = json_object();
        conditions->changed_paths = json_object();
        if (!conditions->timer || !conditions->telling || !conditions->event_paths ||
            !conditions->missing_paths || !conditions->changed_paths) {
                conditions_free(conditions);
                return -ENOMEM;
        }
        *ret = conditions;
        return 0;
}

void conditions_free(struct conditions *conditions)
{
        if (!conditions)
                return;
        while (!TAILQ_EMPTY(&conditions->needs))
                need_free(conditions, TAILQ_FIRST(&conditions->needs));
        watch_free(conditions->network);
        watch_free(conditions->power);
        path_watches_free(conditions->paths);
        if (conditions->timer)
                event_free(conditions->timer);
        if (conditions->telling)
                event_free(conditions->telling);
        json_decref(conditions->event_paths);
        json_decref(conditions->missing_paths);
        json_decref(conditions->changed_paths);
        free(conditions);
}
