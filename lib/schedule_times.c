/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_times.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/calendar_set.h"
#include "lib/civil.h"
#include "lib/cron.h"
#include "lib/util.h"

struct schedule_times {
        int64_t start_us, end_us; /* 0: none */
        int64_t every_us, anchor_us;
        struct calendar_set calendars;
        bool of_system_zone; /* one of them at least */
};

/* ---- making ---- */

struct making {
        const struct schedule_definition *definition;
        const char *seed;
        struct zones *zones;
        struct schedule_times *times;
        struct error *error;
};

/* Takes @calendar. The zone that it names counts, or else the definition's, or else the system's. */
static int times_add(struct making *making, struct calendar *calendar, bool excluded)
{
        const char *zone = calendar_zone(calendar) ? calendar_zone(calendar) : making->definition->time_zone;
        struct calendar_clock clock = { .gap = making->definition->clock_gap,
                                        .overlap = making->definition->clock_overlap };
        int r = zones_get(making->zones, zone, &clock.zone, making->error);

        if (r < 0) {
                calendar_free(calendar);
                return r;
        }
        making->times->of_system_zone = making->times->of_system_zone || !zone;
        r = calendar_set_add(&making->times->calendars, calendar, &clock, excluded);
        return r < 0 ? error_set_errno(making->error, -r, "times") : 0;
}

static int times_add_calendars(struct making *making, char *const *texts, bool excluded)
{
        int r = 0;

        for (; texts && *texts && r == 0; texts++) {
                struct calendar *calendar = NULL;
                r = calendar_parse(*texts, &calendar, making->error);
                if (r == 0)
                        r = times_add(making, calendar, excluded);
        }
        return r;
}

static int times_add_cron(struct making *making)
{
        int r = 0;

        for (char **text = making->definition->cron; text && *text && r == 0; text++) {
                struct calendar *calendar = NULL;
                r = cron_parse(*text, making->seed, &calendar, making->error);
                if (r == 0)
                        r = times_add(making, calendar, false);
                else if (r > 0)
                        r = 0; /* "@reboot" is no time */
        }
        return r;
}

int schedule_times_new(const struct schedule_definition *definition, const char *seed, struct zones *zones,
                       struct schedule_times **ret, struct error *error)
{
        struct schedule_times *times = calloc(1, sizeof(*times));
        struct making making = { definition, seed, zones, times, error };

        if (!times)
                return error_set_errno(error, ENOMEM, "times");
        times->start_us = definition->start_us;
        times->end_us = definition->end_us;
        times->every_us = definition->every_us;
        if (__builtin_add_overflow(definition->anchor_us, definition->phase_us, &times->anchor_us))
                times->anchor_us = definition->anchor_us;
        int r = times_add_calendars(&making, definition->on_calendar, false);
        if (r == 0)
                r = times_add_cron(&making);
        if (r == 0 && times->calendars.count > 0)
                r = times_add_calendars(&making, definition->except_calendar, true);
        if (r < 0) {
                schedule_times_free(times);
                return r;
        }
        *ret = times;
        return 0;
}

void schedule_times_free(struct schedule_times *times)
{
        if (!times)
                return;
        calendar_set_done(&times->calendars);
        free(times);
}

/* ---- asking ---- */

/* The first of an interval's times, anchor + k * every for whole k, after @after_us; 0: none that can be told. */
static int64_t interval_next(int64_t anchor_us, int64_t every_us, int64_t after_us)
{
        int64_t elapsed, span, result;

        if (__builtin_sub_overflow(after_us, anchor_us, &elapsed) ||
            __builtin_mul_overflow(civil_divide(elapsed, every_us) + 1, every_us, &span) ||
            __builtin_add_overflow(anchor_us, span, &result) || result <= 0)
                return 0;
        return result;
}

int64_t schedule_times_next(const struct schedule_times *times, int64_t after_us)
{
        struct calendar_elapse elapse;
        int64_t next_us = 0;

        if (times->start_us)
                after_us = MAX(after_us, times->start_us - 1);
        if (times->every_us)
                next_us = interval_next(times->anchor_us, times->every_us, after_us);
        if (times->calendars.count > 0 && calendar_set_next(&times->calendars, after_us, &elapse) &&
            (!next_us || elapse.at_us < next_us))
                next_us = elapse.at_us;
        return times->end_us && next_us > times->end_us ? 0 : next_us;
}

bool schedule_times_exist(const struct schedule_times *times)
{
        return times->every_us != 0 || times->calendars.count > 0;
}

void schedule_times_zones(const struct schedule_times *times, void (*each)(const char *zone, void *data),
                          void *data)
{
        if (times->of_system_zone)
                each("", data);
        for (size_t i = 0; i < times->calendars.count; i++)
                if (times->calendars.members[i].clock.zone)
                        each(zone_name(times->calendars.members[i].clock.zone), data);
}
