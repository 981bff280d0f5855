/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/schedule_diff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/schedule_chain.h"
#include "lib/cleanup.h"
#include "lib/util.h"

uint64_t schedule_diff_hash(const char *task, uid_t uid, const char *definition)
{
        char number[24];
        const char *const parts[] = { task, number, definition };
        uint64_t hash = 0;

        snprintf(number, sizeof(number), "%lld", (long long)uid);
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
                hash = hash * UINT64_C(0x9e3779b97f4a7c15) + text_hash(parts[i]);
        return hash;
}

/* Refuse @wanted: "FILE:LINE: schedule "NAME": expected …". */
__attribute__((format(printf, 2, 3))) static int refuse(struct schedule_diff_wanted *wanted,
                                                        const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list values;

        va_start(values, format);
        int n = vasprintf(&text, format, values);
        va_end(values);
        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        char *reason = format_string("%s:%u: schedule \"%s\": %s", wanted->source, wanted->line, wanted->name,
                                     text);
        if (!reason)
                return -ENOMEM;
        free(wanted->reason);
        wanted->reason = reason;
        wanted->change = SCHEDULE_DIFF_REFUSED;
        return 0;
}

/* ---- names ---- */

static int stored_compare(const void *a, const void *b)
{
        return strcmp(((const struct schedule_diff_stored *)a)->name,
                      ((const struct schedule_diff_stored *)b)->name);
}

static struct schedule_diff_stored *stored_find(const struct schedule_diff *diff, const char *name)
{
        const struct schedule_diff_stored wanted = { .name = name };

        return diff->stored_count
                       ? bsearch(&wanted, diff->stored, diff->stored_count, sizeof(wanted), stored_compare)
                       : NULL;
}

static int string_compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* By names, those of one name by precedence, which is their place in memory. */
static int wanted_compare(const void *a, const void *b)
{
        const struct schedule_diff_wanted *one = *(struct schedule_diff_wanted *const *)a;
        const struct schedule_diff_wanted *other = *(struct schedule_diff_wanted *const *)b;
        int order = strcmp(one->name, other->name);

        return order ? order : one < other ? -1 : one > other;
}

/* All but the first of each name are refused. */
static int names_share(struct schedule_diff *diff)
{
        _cleanup_free_ struct schedule_diff_wanted **sorted = calloc(diff->wanted_count + 1,
                                                                     sizeof(struct schedule_diff_wanted *));
        const struct schedule_diff_wanted *first = NULL;
        int r = 0;

        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < diff->wanted_count; i++)
                sorted[i] = &diff->wanted[i];
        qsort((void *)sorted, diff->wanted_count, sizeof(struct schedule_diff_wanted *), wanted_compare);
        for (size_t i = 0; r == 0 && i < diff->wanted_count; i++) {
                if (!first || strcmp(first->name, sorted[i]->name) != 0)
                        first = sorted[i];
                else
                        r = refuse(sorted[i],
                                   "expected a name of its own, found the same in %s:%u, which goes first",
                                   first->source, first->line);
        }
        return r;
}

static int name_take(struct schedule_diff *diff, struct schedule_diff_wanted *wanted)
{
        struct schedule_diff_stored *stored = stored_find(diff, wanted->name);
        uid_t uid = 0;

        if (!stored) {
                int r = diff->is_clients(wanted->name, &uid, diff->data);
                if (r > 0)
                        r = refuse(wanted, "expected a name of its own, found one that user %lld added",
                                   (long long)uid);
                return r;
        }
        if (stored->fate == SCHEDULE_DIFF_STAYS)
                return refuse(wanted,
                              "expected a name of its own, found the same from %s, whose files have errors",
                              stored->source);
        stored->fate = SCHEDULE_DIFF_MATCHED;
        wanted->stored = stored;
        wanted->change = stored->hash == wanted->hash && strcmp(stored->source, wanted->source) == 0
                                 ? SCHEDULE_DIFF_UNCHANGED
                                 : SCHEDULE_DIFF_CHANGED;
        return 0;
}

static int names_take(struct schedule_diff *diff)
{
        size_t bad_count = strv_length(diff->bad);
        int r = names_share(diff);

        for (size_t i = 0; i < diff->stored_count; i++) {
                struct schedule_diff_stored *stored = &diff->stored[i];
                bool bad = bad_count &&
                           bsearch(&stored->task, diff->bad, bad_count, sizeof(*diff->bad), string_compare);
                stored->fate = bad ? SCHEDULE_DIFF_STAYS : SCHEDULE_DIFF_GOES;
        }
        for (size_t i = 0; r == 0 && i < diff->wanted_count; i++)
                if (diff->wanted[i].change != SCHEDULE_DIFF_REFUSED)
                        r = name_take(diff, &diff->wanted[i]);
        return r;
}

/* ---- circles ---- */

static int chain_add_all(struct schedule_chain *chain, char *const *after, const char *task)
{
        int r = 0;

        for (; r == 0 && after && *after; after++)
                r = schedule_chain_add(chain, *after, task);
        return r;
}

static void chain_remove_all(struct schedule_chain *chain, char *const *after, const char *task)
{
        for (; after && *after; after++)
                schedule_chain_remove(chain, *after, task);
}

/* What follows on what: by clients, by those that stay, and by those that are wanted, as they are to be or, with @old, as
 * they are. NULL: out of memory. */
static struct schedule_chain *chain_make(const struct schedule_diff *diff, bool old)
{
        struct schedule_chain *chain = schedule_chain_new();
        int r = chain ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < diff->edge_count; i++)
                r = schedule_chain_add(chain, diff->edges[i].after, diff->edges[i].task);
        for (size_t i = 0; r == 0 && i < diff->stored_count; i++)
                if (diff->stored[i].fate == SCHEDULE_DIFF_STAYS ||
                    (old && diff->stored[i].fate == SCHEDULE_DIFF_MATCHED))
                        r = chain_add_all(chain, diff->stored[i].after, diff->stored[i].task);
        for (size_t i = 0; r == 0 && !old && i < diff->wanted_count; i++)
                if (diff->wanted[i].change != SCHEDULE_DIFF_REFUSED)
                        r = chain_add_all(chain, diff->wanted[i].after, diff->wanted[i].task);
        if (r == 0)
                return chain;
        schedule_chain_free(chain);
        return NULL;
}

/* Put it into the chain as it is to be. *ret_way: the circle that it would close, malloc'd; then it is in there as it is. */
static int chain_take(struct schedule_chain *chain, const struct schedule_diff_wanted *wanted, char **ret_way)
{
        const struct schedule_diff_stored *stored = wanted->stored;
        int r = 0;

        *ret_way = NULL;
        if (stored)
                chain_remove_all(chain, stored->after, stored->task);
        for (char *const *after = wanted->after; r == 0 && !*ret_way && after && *after; after++)
                r = schedule_chain_find(chain, wanted->task, *after, ret_way);
        if (r < 0)
                return r;
        if (!*ret_way)
                return chain_add_all(chain, wanted->after, wanted->task);
        return stored ? chain_add_all(chain, stored->after, stored->task) : 0;
}

/* Change what can be changed by itself until no more can. (All could, were there no circle: in the order in which they
 * follow on each other in the end.) The rest is refused. */
static int circles_refuse(struct schedule_diff *diff)
{
        _cleanup_(schedule_chain_free_cleanup) struct schedule_chain *chain = chain_make(diff, true);
        _cleanup_free_ bool *done = calloc(diff->wanted_count + 1, sizeof(*done));
        bool progress = true, last = false;
        int r = chain && done ? 0 : -ENOMEM;

        while (r == 0 && (progress || !last)) {
                last = !progress;
                progress = false;
                for (size_t i = 0; r == 0 && i < diff->wanted_count; i++) {
                        struct schedule_diff_wanted *wanted = &diff->wanted[i];
                        _cleanup_free_ char *way = NULL;
                        if (done[i] || (wanted->change != SCHEDULE_DIFF_ADDED &&
                                        wanted->change != SCHEDULE_DIFF_CHANGED))
                                continue;
                        r = chain_take(chain, wanted, &way);
                        done[i] = !way;
                        progress = progress || !way;
                        if (r < 0 || !way || !last)
                                continue;
                        r = refuse(
                                wanted,
                                "expected tasks that do not trigger each other in a circle, found %s -> %s",
                                way, wanted->task);
                        if (wanted->stored)
                                wanted->stored->fate = SCHEDULE_DIFF_STAYS;
                }
        }
        return r;
}

static int circles_check(struct schedule_diff *diff)
{
        struct schedule_chain *chain = chain_make(diff, false);
        bool circular = chain && schedule_chain_is_circular(chain);
        int r = chain ? 0 : -ENOMEM;

        schedule_chain_free(chain);
        return circular ? circles_refuse(diff) : r;
}

/* ---- all of it ---- */

static int room_check(struct schedule_diff *diff)
{
        int64_t room = diff->room;
        int r = 0;

        for (size_t i = 0; i < diff->stored_count; i++)
                room -= diff->stored[i].fate != SCHEDULE_DIFF_GOES;
        for (size_t i = 0; r == 0 && i < diff->wanted_count; i++)
                if (diff->wanted[i].change == SCHEDULE_DIFF_ADDED && room-- <= 0)
                        r = refuse(
                                &diff->wanted[i],
                                "expected fewer schedules: the preference bgtaskd.schedules.max is reached");
        return r;
}

int schedule_diff_make(struct schedule_diff *diff)
{
        if (diff->stored_count)
                qsort(diff->stored, diff->stored_count, sizeof(*diff->stored), stored_compare);
        for (size_t i = 0; i < diff->wanted_count; i++) {
                diff->wanted[i].change = SCHEDULE_DIFF_ADDED;
                diff->wanted[i].stored = NULL;
                diff->wanted[i].reason = NULL;
        }
        int r = names_take(diff);
        if (r == 0)
                r = circles_check(diff);
        if (r == 0)
                r = room_check(diff);
        return r;
}

void schedule_diff_done(struct schedule_diff *diff)
{
        for (size_t i = 0; i < diff->wanted_count; i++) {
                free(diff->wanted[i].reason);
                diff->wanted[i].reason = NULL;
        }
}
