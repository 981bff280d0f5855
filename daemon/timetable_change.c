/* SPDX-License-Identifier: MPL-2.0 */
/* What people want of schedules. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/schedule_chain.h"
#include "daemon/timetable_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

/* ---- passes ---- */

int timetable_begin_pass(struct timetable *timetable, struct timetable_view *view, const char *why,
                         int64_t from_us, int64_t now_us)
{
        struct schedule *schedule = &view->schedule;
        const struct pass pass = {
                .schedule_id = schedule->id,
                .pass = schedule->pass,
                .name = schedule->name,
                .uid = schedule->uid,
                .kind = PASS_CLOCK,
                .why = schedule->pass_why,
                .definition = schedule->definition,
                .from_us = schedule->pass_from_us,
                .until_us = schedule->cursor_us,
                .cursor_us = schedule->cursor_us,
                .began_at_us = schedule->pass_began_us,
                .ended_at_us = now_us,
        };
        char *copy = strdup(why);
        int r = copy ? store_pass_add(timetable->store, &pass) : -ENOMEM;

        if (r != 0) {
                free(copy);
                return r;
        }
        free(schedule->pass_why);
        schedule->pass_why = copy;
        schedule->pass++;
        schedule->pass_from_us = schedule->cursor_us = from_us;
        schedule->pass_began_us = now_us;
        return 0;
}

/* ---- triggers that are events ---- */

static int triggers_add_list(struct timetable *timetable, int64_t id, const char *kind, char *const *subjects)
{
        int r = 0;

        for (; subjects && *subjects && r == 0; subjects++)
                r = store_trigger_add(timetable->store, id, kind, *subjects);
        return r;
}

static int triggers_write(struct timetable *timetable, const struct timetable_view *view)
{
        const struct schedule_definition *definition = &view->definition;
        int64_t id = view->schedule.id;
        int r = store_trigger_remove(timetable->store, id);

        timetable->hooks->triggers_changed(timetable->data);
        if (r != 0 || !definition->enabled)
                return r;
        if (definition->on_boot_us >= 0)
                r = store_trigger_add(timetable->store, id, TRIGGER_BOOT, "");
        if (r == 0 && definition->on_network_up)
                r = store_trigger_add(timetable->store, id, TRIGGER_NETWORK, "");
        if (r == 0)
                r = triggers_add_list(timetable, id, TRIGGER_PATH, definition->path_changed);
        if (r == 0)
                r = triggers_add_list(timetable, id, TRIGGER_SUCCESS, definition->on_success_of);
        if (r == 0)
                r = triggers_add_list(timetable, id, TRIGGER_FAILURE, definition->on_failure_of);
        if (r == 0)
                r = triggers_add_list(timetable, id, TRIGGER_END, definition->on_end_of);
        return r;
}

/* What follows on one task, by all schedules that there are. */
static int chain_follow(struct timetable *timetable, const char *task, struct schedule_chain *chain)
{
        static const char *const kinds[] = { TRIGGER_SUCCESS, TRIGGER_FAILURE, TRIGGER_END };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 0; i++) {
                for (int64_t id = 0; r == 0;) {
                        struct schedule next = { 0 };
                        r = store_trigger_next(timetable->store, kinds[i], task, id, &id);
                        if (r == 0)
                                r = store_schedule_get_id(timetable->store, id, &next);
                        if (r == 0)
                                r = schedule_chain_add(chain, task, next.task);
                        schedule_done(&next);
                }
                r = r == STORE_NOT_FOUND ? 0 : r;
        }
        return r;
}

/* Whether runs of @wanted follow in the end when one of @task ends. Each task in between is looked at once, however many
 * ways lead to it. */
static int chain_reaches(struct timetable *timetable, const char *task, const char *wanted, bool *ret_reaches)
{
        _cleanup_(schedule_chain_free_cleanup) struct schedule_chain *chain = schedule_chain_new();
        int r = chain ? 0 : -ENOMEM;

        *ret_reaches = strcmp(task, wanted) == 0;
        for (const char *at = task; r == 0 && at && !*ret_reaches; at = schedule_chain_next(chain)) {
                *ret_reaches = strcmp(at, wanted) == 0;
                r = chain_follow(timetable, at, chain);
        }
        return r;
}

/* A cycle would begin runs for ever. */
static int chain_check(struct timetable *timetable, const struct timetable_view *view, struct error *error)
{
        const struct {
                const char *key;
                char *const *tasks;
        } lists[] = {
                { "OnSuccessOf", view->definition.on_success_of },
                { "OnFailureOf", view->definition.on_failure_of },
                { "OnEndOf", view->definition.on_end_of },
        };

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
                for (char *const *task = lists[i].tasks; task && *task; task++) {
                        bool reaches = false;
                        int r = chain_reaches(timetable, view->schedule.task, *task, &reaches);
                        if (r != 0)
                                return r;
                        if (reaches)
                                return error_set(
                                        error, EINVAL,
                                        "%s=%s: a run of task %s would lead to another one of %s, without end",
                                        lists[i].key, *task, *task, *task);
                }
        return 0;
}

/* ---- adding and editing ---- */

static int wish_take(struct timetable *timetable, const struct timetable_wish *wish,
                     struct schedule *schedule, struct timetable_view *ret, struct error *error)
{
        struct error ignored = ERROR_INIT;
        char *name = strdup(wish->name), *task = strdup(wish->task), *definition = strdup(wish->definition);
        char *source = wish->source ? strdup(wish->source) : NULL;

        free(schedule->name);
        free(schedule->task);
        free(schedule->definition);
        free(schedule->source);
        json_decref(schedule->args);
        schedule->name = name;
        schedule->task = task;
        schedule->definition = definition;
        schedule->source = source;
        schedule->args = json_incref(wish->args);
        schedule->uid = wish->uid;
        struct timetable_view view = { .schedule = *schedule };
        *schedule = (struct schedule){ 0 };
        int r = name && task && definition && (source || !wish->source) ? 0 : -ENOMEM;
        if (r == 0)
                r = schedule_definition_parse(definition, &view.definition, error);
        if (r < 0) {
                schedule_done(&view.schedule);
                return r == -EBADMSG ? -EINVAL : r;
        }
        r = schedule_definition_check(&view.definition, error);
        if (r == 0)
                r = schedule_times_new(&view.definition, name, timetable->zones, &view.times, error);
        if (r == 0 && !wish->chain_checked)
                r = chain_check(timetable, &view, error ? error : &ignored);
        if (r != 0) {
                timetable_view_done(&view);
                return r;
        }
        view.schedule.offset_us = schedule_offset_us(wish->machine_id, wish->uid, wish->name,
                                                     view.definition.randomized_offset_us);
        *ret = view;
        return 0;
}

static void zone_remember(const char *zone, void *data)
{
        struct timetable *timetable = data;
        uint64_t hash;

        if (zones_hash(timetable->zones, zone, &hash) == 0)
                (void)store_zone_set(timetable->store, zone, hash);
        if (timetable->hooks->zone_used)
                timetable->hooks->zone_used(zone, timetable->data);
}

static int wish_write(struct timetable *timetable, struct timetable_view *view, struct schedule *ret)
{
        int r = triggers_write(timetable, view);

        if (r != 0)
                return r;
        schedule_times_zones(view->times, zone_remember, timetable);
        if (ret) {
                *ret = view->schedule;
                view->schedule = (struct schedule){ 0 };
        }
        return 0;
}

int timetable_add(struct timetable *timetable, const struct timetable_wish *wish, int64_t now_us,
                  struct schedule *ret, struct error *error)
{
        struct schedule schedule = {
                .created_at_us = now_us,
                .pass = 1,
                .pass_from_us = now_us,
                .pass_began_us = now_us,
                .pass_why = strdup("added"),
                .cursor_us = now_us,
        };
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = schedule.pass_why ? wish_take(timetable, wish, &schedule, &view, error) : -ENOMEM;

        if (r != 0)
                return r;
        timetable_plan_next(timetable, &view);
        r = store_schedule_add(timetable->store, &view.schedule);
        return r == 0 ? wish_write(timetable, &view, ret) : r;
}

static bool wish_is_there(const struct schedule *schedule, const struct timetable_wish *wish)
{
        return strcmp(schedule->definition, wish->definition) == 0 &&
               strcmp(schedule->task, wish->task) == 0 && schedule->uid == wish->uid &&
               json_equal(schedule->args, wish->args);
}

/* Where it is from is no part of what it does. */
static int source_set(struct timetable *timetable, struct schedule *schedule, const char *source)
{
        bool same = schedule->source && source ? strcmp(schedule->source, source) == 0
                                               : !schedule->source && !source;
        char *copy = source ? strdup(source) : NULL;

        if (same || (source && !copy)) {
                free(copy);
                return same ? TIMETABLE_UNCHANGED : -ENOMEM;
        }
        free(schedule->source);
        schedule->source = copy;
        return store_schedule_update(timetable->store, schedule);
}

/* Whether the nominal times go on as before. While it was paused or not enabled they passed without it. */
static bool times_go_on(const struct timetable_view *before, const struct timetable_view *view)
{
        int64_t cursor_us = before->schedule.cursor_us;

        return before->times && before->definition.enabled && !before->schedule.paused_at_us &&
               schedule_times_next(before->times, cursor_us) == schedule_times_next(view->times, cursor_us);
}

/* They do, or begin anew behind now: what they would have been before is not made up for. */
static int edit_pass(struct timetable *timetable, struct schedule *old, struct timetable_view *view,
                     int64_t now_us)
{
        struct timetable_view before _cleanup_view_ = { 0 };
        int r = timetable_view_open(timetable, old, &before);

        if (r < 0)
                return r;
        int64_t cursor_us = before.schedule.cursor_us;
        bool same = times_go_on(&before, view);
        if (!same) {
                r = timetable_skip_rest(timetable, &before, now_us,
                                        before.schedule.paused_at_us ? "paused" : "edited");
                if (r != 0)
                        return r;
        }
        r = timetable_begin_pass(timetable, &before, "edited", same ? cursor_us : MAX(cursor_us, now_us),
                                 now_us);
        if (r != 0)
                return r;
        struct schedule *to = &view->schedule;
        to->pass = before.schedule.pass;
        to->pass_from_us = before.schedule.pass_from_us;
        to->pass_began_us = before.schedule.pass_began_us;
        to->cursor_us = before.schedule.cursor_us;
        free(to->pass_why);
        to->pass_why = steal_pointer(before.schedule.pass_why);
        return 0;
}

int timetable_edit(struct timetable *timetable, const struct timetable_wish *wish, int64_t now_us,
                   struct schedule *ret, struct error *error)
{
        struct schedule old = { 0 }, schedule = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = store_schedule_get(timetable->store, wish->name, &old);

        if (r == 0 && wish_is_there(&old, wish)) {
                r = source_set(timetable, &old, wish->source);
                if (r == 0 && ret)
                        *ret = old;
                else
                        schedule_done(&old);
                return r;
        }
        if (r == 0)
                r = store_schedule_get(timetable->store, wish->name, &schedule);
        if (r == 0)
                r = wish_take(timetable, wish, &schedule, &view, error);
        /* From here on nothing can be wrong with it any more. */
        if (r == 0)
                r = edit_pass(timetable, &old, &view, now_us);
        schedule_done(&old);
        if (r != 0)
                return r;
        timetable_plan_next(timetable, &view);
        r = store_schedule_update(timetable->store, &view.schedule);
        return r == 0 ? wish_write(timetable, &view, ret) : r;
}

int timetable_preview(struct timetable *timetable, const struct timetable_wish *wish, int64_t now_us,
                      int64_t *ret_next_us, struct error *error)
{
        struct schedule old = { 0 }, schedule = { 0 };
        struct timetable_view before _cleanup_view_ = { 0 }, view _cleanup_view_ = { 0 };
        int64_t cursor_us = now_us;
        int r = store_schedule_get(timetable->store, wish->name, &old);

        if (r == 0)
                r = timetable_view_open(timetable, &old, &before);
        else if (r == STORE_NOT_FOUND)
                r = 0;
        if (r < 0)
                return r;
        r = wish_take(timetable, wish, &schedule, &view, error);
        if (r != 0)
                return r;
        if (times_go_on(&before, &view))
                cursor_us = before.schedule.cursor_us;
        else
                cursor_us = MAX(cursor_us, before.schedule.cursor_us);
        view.schedule.cursor_us = cursor_us;
        timetable_plan_next(timetable, &view);
        *ret_next_us = view.schedule.next_us;
        return 0;
}
