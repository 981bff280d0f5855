/* SPDX-License-Identifier: MPL-2.0 */
/* What holds for every calendar. */
#ifndef TESTS_FUZZ_FUZZ_ELAPSES_H
#define TESTS_FUZZ_FUZZ_ELAPSES_H

#include "lib/calendar.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_ELAPSES 20

/* Every elapse is later than the one before and the same from in between; it is named, unless it was moved. @again: what
 * the normalised form became, the same; may be NULL. */
static inline void fuzz_elapses_in(const struct calendar *calendar, const struct calendar *again,
                                   const struct calendar_clock *clock, int64_t after_us)
{
        struct calendar_elapse elapse = { .at_us = after_us }, next, same;
        int64_t until_us;

        for (int i = 0; i < FUZZ_ELAPSES; i++) {
                if (!calendar_next(calendar, clock, elapse.at_us, &next))
                        break;
                fuzz_require(next.at_us > elapse.at_us);
                fuzz_require(calendar_covers(calendar, next.nominal_us, &until_us) &&
                             until_us > next.nominal_us);
                int64_t between_us = elapse.at_us / 2 +
                                     (next.at_us - 1) / 2; /* no sum of both: they may be far apart */
                fuzz_require(calendar_next(calendar, clock, MAX(between_us, elapse.at_us), &same));
                fuzz_require(same.at_us == next.at_us);
                if (again) {
                        fuzz_require(calendar_next(again, clock, elapse.at_us, &same));
                        fuzz_require(same.at_us == next.at_us && same.note == next.note);
                }
                elapse = next;
        }
}

/* In UTC, where it elapses if any date is like that. */
static inline void fuzz_elapses(const struct calendar *calendar, const struct calendar *again)
{
        static const int64_t bases_us[] = { INT64_MIN, INT64_C(1711846800000000), INT64_C(7000000000000000) };
        struct calendar_clock clock = { 0 };
        struct calendar_elapse first;

        fuzz_require(calendar_elapses(calendar) == calendar_next(calendar, &clock, INT64_MIN, &first));
        fuzz_require(!calendar_next(calendar, &clock, INT64_MAX, &first));
        for (size_t i = 0; i < ARRAY_SIZE(bases_us); i++)
                fuzz_elapses_in(calendar, again, &clock, bases_us[i]);
}

#endif
