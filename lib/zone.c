/* SPDX-License-Identifier: MPL-2.0 */
/* One zone in memory: tables of its transitions, in which everything is found by halving. */
#include "config.h"

#include "lib/zone.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "lib/zone_internal.h"

/* As long as no transition is further away than that, these are all that can have to do with a local time. */
#define LOCAL_REACH_S (INT64_C(27) * 3600)

/* ---- making ---- */

struct zone *zone_new(const char *name, size_t type_count, size_t transition_count)
{
        struct zone *zone = calloc(1, sizeof(*zone));

        if (!zone)
                return NULL;
        atomic_init(&zone->references, 1);
        zone->types = calloc(type_count, sizeof(*zone->types));
        zone->transitions = calloc(transition_count + 1, sizeof(*zone->transitions));
        if (!zone->types || !zone->transitions) {
                zone_unref(zone);
                return NULL;
        }
        memccpy(zone->name, name, 0, sizeof(zone->name) - 1);
        return zone;
}

int zone_finish(struct zone *zone)
{
        int32_t offset_s = zone->types[0].offset_s;

        zone->shifts = calloc(zone->transition_count + 1, sizeof(*zone->shifts));
        if (!zone->shifts)
                return -ENOMEM;
        zone->offset_max_s = offset_s;
        for (size_t i = 0; i < zone->transition_count; i++) {
                const struct zone_type *type = &zone->types[zone->transitions[i].type];
                if (type->offset_s == offset_s)
                        continue;
                offset_s = type->offset_s;
                zone->offset_max_s = MAX(zone->offset_max_s, offset_s);
                zone->shifts[zone->shift_count++] = (struct zone_shift){ zone->transitions[i].at_s,
                                                                         offset_s };
        }
        return 0;
}

struct zone *zone_ref(const struct zone *zone)
{
        struct zone *counted = (struct zone *)zone; /* the count alone is not immutable */

        atomic_fetch_add(&counted->references, 1);
        return counted;
}

void zone_unref(struct zone *zone)
{
        if (!zone || atomic_fetch_sub(&zone->references, 1) != 1)
                return;
        free(zone->types);
        free(zone->transitions);
        free(zone->shifts);
        free(zone);
}

/* ---- asking ---- */

const char *zone_name(const struct zone *zone)
{
        return zone->name;
}

int32_t zone_offset_max(const struct zone *zone)
{
        return zone->offset_max_s;
}

void zone_span_at(const struct zone *zone, int64_t utc_s, struct zone_span *ret)
{
        size_t low = 0, high = zone->transition_count; /* how many are not after @utc_s */

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (zone->transitions[middle].at_s <= utc_s)
                        low = middle + 1;
                else
                        high = middle;
        }
        const struct zone_type *type = &zone->types[low ? zone->transitions[low - 1].type : 0];
        *ret = (struct zone_span){
                .from_s = low ? zone->transitions[low - 1].at_s : INT64_MIN,
                .until_s = low < zone->transition_count ? zone->transitions[low].at_s : INT64_MAX,
                .offset_s = type->offset_s,
                .dst = type->dst,
                .name = type->name,
        };
}

void zone_stretch_at(const struct zone *zone, int64_t utc_s, struct zone_stretch *ret)
{
        size_t low = 0, high = zone->shift_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (zone->shifts[middle].at_s <= utc_s)
                        low = middle + 1;
                else
                        high = middle;
        }
        int32_t first_s = zone->types[0].offset_s;
        int32_t offset_s = low ? zone->shifts[low - 1].offset_s : first_s;
        *ret = (struct zone_stretch){
                .from_s = low ? zone->shifts[low - 1].at_s : INT64_MIN,
                .until_s = low < zone->shift_count ? zone->shifts[low].at_s : INT64_MAX,
                .before_s = low > 1   ? zone->shifts[low - 2].offset_s
                            : low > 0 ? first_s
                                      : offset_s,
                .offset_s = offset_s,
                .after_s = low < zone->shift_count ? zone->shifts[low].offset_s : offset_s,
        };
}

void zone_stretch_ever(const struct zone *zone, int64_t utc_s, struct zone_stretch *ret)
{
        zone_stretch_at(zone, utc_s, ret);
        if (ret->until_s == INT64_MAX && zone->rule.has_dst)
                (void)zone_rule_stretch(&zone->rule, utc_s, ret);
}

static void local_find(const struct zone *zone, int64_t local_s,
                       void (*find)(const struct zone *zone, int64_t utc_s, struct zone_stretch *ret),
                       struct zone_instants *ret)
{
        struct zone_instants instants = { 0 };
        struct zone_stretch stretch;
        int64_t utc_s = local_s < INT64_MIN + LOCAL_REACH_S ? INT64_MIN : local_s - LOCAL_REACH_S;
        int64_t gap_s = INT64_MAX;

        /* All stretches that @local_s may be in, from the first. */
        for (;;) {
                find(zone, utc_s, &stretch);
                int64_t at_s = local_s - stretch.offset_s;
                if (at_s >= stretch.from_s && at_s < stretch.until_s && instants.count < 2)
                        instants.utc_s[instants.count++] = at_s;
                if (gap_s == INT64_MAX && at_s >= stretch.until_s &&
                    local_s - stretch.after_s < stretch.until_s)
                        gap_s = stretch.until_s;
                if (stretch.until_s == INT64_MAX || stretch.until_s > local_s + LOCAL_REACH_S)
                        break;
                utc_s = stretch.until_s;
        }
        if (instants.count == 0)
                instants.utc_s[0] = gap_s;
        *ret = instants;
}

void zone_local(const struct zone *zone, int64_t local_s, struct zone_instants *ret)
{
        local_find(zone, local_s, zone_stretch_at, ret);
}

void zone_local_ever(const struct zone *zone, int64_t local_s, struct zone_instants *ret)
{
        local_find(zone, local_s, zone_stretch_ever, ret);
}
