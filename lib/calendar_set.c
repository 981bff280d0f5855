/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/calendar_set.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/civil.h"
#include "lib/util.h"

#define SECOND_US ((int64_t)USEC_PER_SEC)

int calendar_set_add(struct calendar_set *set, struct calendar *calendar, const struct calendar_clock *clock,
                     bool excluded)
{
        struct calendar_set_member *members = reallocarray(set->members, set->count + 1, sizeof(*members));

        if (!members) {
                calendar_free(calendar);
                return -ENOMEM;
        }
        set->members = members;
        members[set->count] = (struct calendar_set_member){ calendar, *clock, excluded };
        if (clock->zone)
                members[set->count].clock.zone = zone_ref(clock->zone);
        set->count++;
        return 0;
}

void calendar_set_done(struct calendar_set *set)
{
        for (size_t i = 0; i < set->count; i++) {
                calendar_free(set->members[i].calendar);
                zone_unref(
                        (struct zone *)set->members[i].clock.zone); /* the reference of calendar_set_add() */
        }
        free(set->members);
        *set = (struct calendar_set){ 0 };
}

/* The first elapse of all members, and of which it is. */
static const struct calendar_set_member *union_next(const struct calendar_set *set, int64_t after_us,
                                                    struct calendar_elapse *ret)
{
        const struct calendar_set_member *first = NULL;
        struct calendar_elapse elapse;

        for (size_t i = 0; i < set->count; i++) {
                const struct calendar_set_member *member = &set->members[i];
                if (member->excluded || !calendar_next(member->calendar, &member->clock, after_us, &elapse))
                        continue;
                if (first && (elapse.at_us > ret->at_us ||
                              (elapse.at_us == ret->at_us && ret->note != CALENDAR_NOTE_GAP)))
                        continue;
                first = member;
                *ret = elapse;
        }
        return first;
}

/* By the clock of an exclusion; what was moved out of a gap of the same zone counts as what it was to be. */
static int64_t local_of(const struct calendar_set_member *member, const struct calendar_set_member *exclusion,
                        const struct calendar_elapse *elapse)
{
        const struct zone *zone = exclusion->clock.zone;
        struct zone_stretch stretch;

        if (zone == member->clock.zone)
                return elapse->nominal_us;
        if (!zone)
                return elapse->at_us;
        zone_stretch_at(zone, civil_divide(elapse->at_us, SECOND_US), &stretch);
        return elapse->at_us + stretch.offset_s * SECOND_US;
}

/* Where the search goes on behind an elapse that @exclusion covers for another @cover_us. All until then is covered,
 * too, where its clock goes evenly: a day behind a border nothing is moved there any more. */
static int64_t covered_until(const struct calendar_set_member *exclusion,
                             const struct calendar_elapse *elapse, int64_t cover_us)
{
        struct zone_stretch stretch = { .from_s = INT64_MIN, .until_s = INT64_MAX };
        int64_t at_s = civil_divide(elapse->at_us, SECOND_US);

        if (exclusion->clock.zone)
                zone_stretch_at(exclusion->clock.zone, at_s, &stretch);
        if (elapse->note == CALENDAR_NOTE_GAP ||
            (stretch.from_s != INT64_MIN && at_s - stretch.from_s < CIVIL_DAY_SEC))
                return elapse->at_us;
        int64_t until_us = elapse->at_us + cover_us;
        return (stretch.until_s == INT64_MAX ? until_us : MIN(until_us, stretch.until_s * SECOND_US)) - 1;
}

/* Whether an exclusion covers @elapse, and where the search then goes on. */
static bool elapse_excluded(const struct calendar_set *set, const struct calendar_set_member *member,
                            const struct calendar_elapse *elapse, int64_t *ret_after_us)
{
        int64_t after_us = INT64_MIN, until_us;

        for (size_t i = 0; i < set->count; i++) {
                const struct calendar_set_member *exclusion = &set->members[i];
                if (!exclusion->excluded)
                        continue;
                int64_t local_us = local_of(member, exclusion, elapse);
                if (calendar_covers(exclusion->calendar, local_us, &until_us))
                        after_us = MAX(after_us, covered_until(exclusion, elapse, until_us - local_us));
        }
        *ret_after_us = after_us;
        return after_us != INT64_MIN;
}

bool calendar_set_next(const struct calendar_set *set, int64_t after_us, struct calendar_elapse *ret)
{
        const struct calendar_set_member *member;
        struct calendar_elapse elapse;

        for (int steps = 0; steps < CALENDAR_SET_STEPS_MAX; steps++) {
                member = union_next(set, after_us, &elapse);
                if (!member)
                        return false;
                if (!elapse_excluded(set, member, &elapse, &after_us)) {
                        *ret = elapse;
                        return true;
                }
        }
        return false;
}
