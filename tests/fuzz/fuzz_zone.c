/* SPDX-License-Identifier: MPL-2.0 */
/*
 * TZif files. The spans of one that is taken follow each other without a hole, local times lead back, and a calendar
 * elapses in order, however wild the clock.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/calendar.h"
#include "lib/zone.h"
#include "tests/fuzz/fuzz.h"

#define SPANS 3000
#define OFFSET_MAX_S (26 * 3600) /* exclusive, either way */

/* What a local time is in UTC is that time there, and of two the earlier one comes first. */
static void local_check(const struct zone *zone, int64_t local_s)
{
        struct zone_instants instants;
        struct zone_span span;

        zone_local(zone, local_s, &instants);
        fuzz_require(instants.count <= 2 && (instants.count < 2 || instants.utc_s[0] < instants.utc_s[1]));
        for (unsigned i = 0; i < instants.count; i++) {
                zone_span_at(zone, instants.utc_s[i], &span);
                fuzz_require(instants.utc_s[i] + span.offset_s == local_s);
        }
        if (instants.count > 0 || instants.utc_s[0] == INT64_MAX)
                return;
        /* Of a gap the first instant behind it, which the clock shows as a later time. */
        zone_span_at(zone, instants.utc_s[0], &span);
        fuzz_require(span.from_s == instants.utc_s[0] && span.from_s + span.offset_s > local_s);
}

static void spans_check(const struct zone *zone)
{
        struct zone_span span;
        struct zone_stretch stretch;
        struct zone_instants instants;
        int64_t at_s = INT64_MIN;

        for (int i = 0; i < SPANS; i++) {
                zone_span_at(zone, at_s, &span);
                zone_stretch_at(zone, at_s, &stretch);
                fuzz_require(span.from_s == at_s && span.until_s > at_s && span.name[0]);
                fuzz_require(stretch.from_s <= span.from_s && stretch.until_s >= span.until_s);
                fuzz_require(stretch.offset_s == span.offset_s && span.offset_s <= zone_offset_max(zone));
                fuzz_require(span.offset_s > -OFFSET_MAX_S && span.offset_s < OFFSET_MAX_S);
                fuzz_require(strlen(span.name) < 16 && !strpbrk(span.name, " \t\n"));
                if (span.from_s != INT64_MIN && (i < 16 || i % 32 == 0)) {
                        zone_local(zone, span.from_s + span.offset_s, &instants);
                        fuzz_require(instants.count > 0 && instants.utc_s[0] <= span.from_s);
                        local_check(zone, span.from_s + span.offset_s);
                        local_check(zone, span.from_s + stretch.before_s);
                        local_check(zone, span.from_s + stretch.before_s - 1);
                        local_check(zone, span.from_s + (span.offset_s + stretch.before_s) / 2);
                }
                if (span.until_s == INT64_MAX)
                        return;
                at_s = span.until_s;
        }
}

/* Far from the table the rule alone says what holds. */
static void rule_check(const struct zone *zone)
{
        static const int64_t times_s[] = { -ZONE_EVER_S, INT64_C(7289000000), INT64_C(4000000000000),
                                           ZONE_EVER_S };
        struct zone_stretch stretch;
        struct zone_instants instants;

        for (size_t i = 0; i < sizeof(times_s) / sizeof(*times_s); i++) {
                zone_stretch_ever(zone, times_s[i], &stretch);
                fuzz_require(stretch.from_s <= times_s[i] && times_s[i] < stretch.until_s);
                fuzz_require(stretch.offset_s > -OFFSET_MAX_S && stretch.offset_s < OFFSET_MAX_S);
                zone_local_ever(zone, times_s[i], &instants);
                fuzz_require(instants.count <= 2 &&
                             (instants.count < 2 || instants.utc_s[0] < instants.utc_s[1]));
        }
}

static void calendar_check(const struct zone *zone, const char *text)
{
        struct calendar_clock clock = { .zone = zone };
        struct calendar *calendar;
        struct calendar_elapse elapse, next;

        fuzz_require(calendar_parse(text, &calendar, NULL) == 0);
        for (int policies = 0; policies < 9; policies++) {
                clock.gap = (enum zone_gap)(policies / 3);
                clock.overlap = (enum zone_overlap)(policies % 3);
                elapse.at_us = INT64_MIN;
                for (int i = 0; i < 50 && calendar_next(calendar, &clock, elapse.at_us, &next); i++) {
                        fuzz_require(next.at_us > elapse.at_us);
                        elapse = next;
                }
        }
        calendar_free(calendar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct zone *zone = NULL;
        struct error error = ERROR_INIT;
        int r = zone_decode("Fuzz", data, size, &zone, &error);

        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (zone != NULL));
        if (r < 0)
                return 0;
        spans_check(zone);
        rule_check(zone);
        calendar_check(zone, "1..3:0/20");
        calendar_check(zone, "*-02-29 12:00");
        calendar_check(zone, "*:0/30");
        zone_unref(zone);
        return 0;
}
