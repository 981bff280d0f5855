/* SPDX-License-Identifier: MPL-2.0 */
/*
 * When a calendar elapses.
 *
 * match_next() knows nothing of zones: it finds the next local time that the sets name, by the highest field that has
 * to change. elapse_next() walks the stretches of a zone, in each of which local time is UTC plus one offset. What is
 * special is at their borders:
 *
 *      ahead, a gap:    the times between are of no stretch. Fixed ones elapse when the later stretch begins, or are
 *                       read by the clock of the earlier one (shift).
 *      back, overlap:   the last of the earlier stretch and the first of the later one have the same local times. One
 *                       of the two is left out where hours are fixed.
 */
#include "config.h"

#include "lib/calendar_internal.h"
#include "lib/civil.h"
#include "lib/util.h"

#define DAY_US (INT64_C(86400) * CALENDAR_SECOND_US)
#define HOUR_US (INT64_C(3600) * CALENDAR_SECOND_US)
#define MINUTE_US (INT64_C(60) * CALENDAR_SECOND_US)

/* ---- local times ---- */

/* The first year from @year on; 0: none. */
static int year_next(const struct calendar *calendar, int year)
{
        unsigned at = year < CALENDAR_YEAR_FIRST ? 0 : (unsigned)(year - CALENDAR_YEAR_FIRST);

        for (size_t word = at / 64; word < ARRAY_SIZE(calendar->years); word++) {
                uint64_t left = calendar->years[word];
                if (word == at / 64)
                        left &= UINT64_MAX << (at % 64);
                if (left)
                        return CALENDAR_YEAR_FIRST + (int)(word * 64) + __builtin_ctzll(left);
        }
        return 0;
}

/* Bit 0 is the first of the month. @first_day: of it, since 1970. */
static uint32_t month_days(const struct calendar *calendar, int year, int month, int64_t first_day)
{
        int length = civil_month_days(year, month);
        uint32_t all = UINT32_MAX >> (32 - length);
        uint32_t days = calendar->days_from_end ? calendar->days >> (31 - length) : calendar->days;

        if (calendar->weekdays == CALENDAR_WEEKDAYS_ALL && !calendar->day_or_weekday)
                return days & all;
        /* The week again and again, from the weekday of the first on. */
        uint64_t weeks = calendar->weekdays * UINT64_C(0x0408102040810204) >>
                         2; /* every seventh bit, 0 to 56 */
        uint32_t weekdays = (uint32_t)(weeks >> civil_weekday(first_day));
        return (calendar->day_or_weekday ? days | weekdays : days & weekdays) & all;
}

/* The first day from @day on, since 1970; -1: none. */
static int64_t day_next(const struct calendar *calendar, int64_t day)
{
        struct civil date = civil_from_days(MAX(day, INT64_C(0)));

        for (;;) {
                int year = year_next(calendar, date.year);
                if (year == 0)
                        return -1;
                if (year != date.year)
                        date = (struct civil){ year, 1, 1 };
                unsigned months = date.month > 12 ? 0 : (unsigned)calendar->months >> (date.month - 1);
                if (months == 0) {
                        date = (struct civil){ year + 1, 1, 1 };
                        continue;
                }
                if (!(months & 1)) {
                        date.month += __builtin_ctz(months);
                        date.day = 1;
                }
                int64_t first_day = civil_to_days(year, date.month, 1);
                uint32_t days = month_days(calendar, year, date.month, first_day) &
                                (UINT32_MAX << (date.day - 1));
                if (days)
                        return first_day + __builtin_ctz(days);
                date.month++;
                date.day = 1;
        }
}

/* The first moment of a minute from @us on that seconds have; -1: none. */
int64_t calendar_second_next(const struct calendar *calendar, int64_t us)
{
        if (!calendar->subsecond) {
                int64_t second = (us + CALENDAR_SECOND_US - 1) / CALENDAR_SECOND_US;
                uint64_t left = second < 60 ? calendar->seconds >> second : 0;
                return left ? (second + __builtin_ctzll(left)) * CALENDAR_SECOND_US : -1;
        }
        int64_t best = -1;
        for (uint32_t i = calendar_span_begin(calendar, CALENDAR_SECOND);
             i < calendar->span_end[CALENDAR_SECOND]; i++) {
                const struct calendar_span *span = &calendar->spans[i];
                int64_t at = span->first, last = span->last >= 0 ? span->last
                                                 : span->step    ? MINUTE_US - 1
                                                                 : span->first;
                if (at < us && span->step)
                        at += (us - at + span->step - 1) / span->step * span->step;
                if (at >= us && at <= last && (best < 0 || at < best))
                        best = at;
        }
        return best;
}

static int64_t time_first(const struct calendar *calendar)
{
        return __builtin_ctz(calendar->hours) * HOUR_US + __builtin_ctzll(calendar->minutes) * MINUTE_US +
               calendar->second_first_us;
}

/* The first time of a day from @us on; -1: none. */
static int64_t time_next(const struct calendar *calendar, int64_t us)
{
        int hour = (int)(us / HOUR_US), minute = (int)(us % HOUR_US / MINUTE_US);

        if (calendar->hours >> hour & 1) {
                if (calendar->minutes >> minute & 1) {
                        int64_t second = calendar_second_next(calendar, us % MINUTE_US);
                        if (second >= 0)
                                return hour * HOUR_US + minute * MINUTE_US + second;
                }
                uint64_t minutes = calendar->minutes >> minute >> 1;
                if (minutes)
                        return hour * HOUR_US + (minute + 1 + __builtin_ctzll(minutes)) * MINUTE_US +
                               calendar->second_first_us;
        }
        uint32_t hours = calendar->hours >> hour >> 1;
        if (!hours)
                return -1;
        return (hour + 1 + __builtin_ctz(hours)) * HOUR_US + __builtin_ctzll(calendar->minutes) * MINUTE_US +
               calendar->second_first_us;
}

/* The first local time from @local_us on; INT64_MAX: none. */
static int64_t match_next(const struct calendar *calendar, int64_t local_us)
{
        int64_t us = MAX(local_us, INT64_C(0)), day = us / DAY_US, found = day_next(calendar, day);

        if (found == day) {
                int64_t time_us = time_next(calendar, us % DAY_US);
                if (time_us >= 0)
                        return day * DAY_US + time_us;
                found = day_next(calendar, day + 1);
        }
        return found < 0 ? INT64_MAX : found * DAY_US + time_first(calendar);
}

bool calendar_elapses(const struct calendar *calendar)
{
        return match_next(calendar, 0) != INT64_MAX;
}

/* ---- instants ---- */

/* A stretch in microseconds, and what its borders mean. */
struct stretch {
        int64_t from_us, until_us, offset_us;
        int64_t gap_us;    /* the local time that the gap before it begins with; none: that of from_us */
        int64_t second_us; /* local times before it are those of a second pass */
        int64_t first_us;  /* local times from it on are those of a first pass */
        int64_t offset_max_us;
};

static int64_t to_us(int64_t seconds)
{
        return seconds == INT64_MIN || seconds == INT64_MAX ? seconds : seconds * CALENDAR_SECOND_US;
}

static struct stretch stretch_at(const struct zone *zone, int64_t utc_us)
{
        struct zone_stretch in_s;

        if (!zone)
                return (struct stretch){ INT64_MIN, INT64_MAX, 0, INT64_MIN, INT64_MIN, INT64_MAX, 0 };
        zone_stretch_at(zone, civil_divide(utc_us, CALENDAR_SECOND_US), &in_s);
        struct stretch stretch = {
                .from_us = to_us(in_s.from_s),
                .until_us = to_us(in_s.until_s),
                .offset_us = to_us(in_s.offset_s),
                .gap_us = INT64_MIN,
                .second_us = INT64_MIN,
                .first_us = INT64_MAX,
                .offset_max_us = to_us(zone_offset_max(zone)),
        };
        if (in_s.before_s < in_s.offset_s)
                stretch.gap_us = stretch.from_us + to_us(in_s.before_s);
        if (in_s.before_s > in_s.offset_s)
                stretch.second_us = stretch.from_us + to_us(in_s.before_s);
        if (in_s.after_s < in_s.offset_s)
                stretch.first_us = stretch.until_us + to_us(in_s.after_s);
        return stretch;
}

/* What the gap before a stretch gives to it, from @from_us on. */
static bool gap_next(const struct calendar *calendar, enum zone_gap policy, const struct stretch *stretch,
                     int64_t from_us, struct calendar_elapse *ret)
{
        int64_t end_us = stretch->from_us + stretch->offset_us; /* of the gap, local */
        int64_t length_us = end_us - stretch->gap_us, nominal_us;

        switch (policy) {
        case ZONE_GAP_SKIP:
                return false;
        case ZONE_GAP_RUN_AFTER:
                if (from_us > stretch->from_us)
                        return false;
                nominal_us = match_next(calendar, stretch->gap_us);
                *ret = (struct calendar_elapse){ stretch->from_us, nominal_us, CALENDAR_NOTE_GAP };
                return nominal_us < end_us;
        case ZONE_GAP_SHIFT:
                if (from_us >= stretch->from_us + length_us)
                        return false;
                /* One offset earlier: what the old clock shows at @from_us. */
                nominal_us = match_next(calendar, from_us + stretch->offset_us - length_us);
                if (nominal_us >= end_us)
                        return false;
                *ret = (struct calendar_elapse){ nominal_us - stretch->offset_us + length_us, nominal_us,
                                                 CALENDAR_NOTE_GAP };
                return ret->at_us < stretch->until_us;
        }
        return false;
}

/*
 * The first local time from *@local_us on that is in the stretch and is not left out of an overlap. False: there is
 * none, and *@local_us is the first one in spite of that.
 */
static bool regular_next(const struct calendar *calendar, const struct calendar_clock *clock,
                         const struct stretch *stretch, int64_t *local_us)
{
        bool both = calendar->hours == CALENDAR_HOURS_ALL || clock->overlap == ZONE_OVERLAP_BOTH;

        if (!both && clock->overlap == ZONE_OVERLAP_FIRST)
                *local_us = MAX(*local_us, stretch->second_us);
        *local_us = match_next(calendar, *local_us);
        if (*local_us == INT64_MAX ||
            (stretch->until_us != INT64_MAX && *local_us >= stretch->until_us + stretch->offset_us))
                return false;
        return both || clock->overlap != ZONE_OVERLAP_SECOND || *local_us < stretch->first_us;
}

static struct calendar_elapse elapse_of(const struct stretch *stretch, int64_t local_us)
{
        return (struct calendar_elapse){
                .at_us = local_us - stretch->offset_us,
                .nominal_us = local_us,
                .note = local_us < stretch->second_us   ? CALENDAR_NOTE_SECOND_PASS
                        : local_us >= stretch->first_us ? CALENDAR_NOTE_FIRST_PASS
                                                        : CALENDAR_NOTE_NONE,
        };
}

/* The first elapse from @from_us on, within what calendar_next() lets through. */
static bool elapse_next(const struct calendar *calendar, const struct calendar_clock *clock, int64_t from_us,
                        struct calendar_elapse *ret)
{
        for (;;) {
                struct stretch stretch = stretch_at(clock->zone, from_us);
                int64_t begin_us = from_us + stretch.offset_us, local_us = begin_us;
                struct calendar_elapse moved;
                bool regular = regular_next(calendar, clock, &stretch, &local_us);

                if (stretch.gap_us != INT64_MIN && calendar->hours != CALENDAR_HOURS_ALL &&
                    gap_next(calendar, clock->gap, &stretch, from_us, &moved) &&
                    (!regular || moved.at_us < local_us - stretch.offset_us)) {
                        *ret = moved;
                        return true;
                }
                if (regular) {
                        *ret = elapse_of(&stretch, local_us);
                        return true;
                }
                if (stretch.until_us == INT64_MAX)
                        return false;
                from_us = stretch.until_us;
                /* Nothing is before @local_us, so stretches before it can be passed over; but not from within a first
                 * pass, of which times before @begin_us come again. */
                if (begin_us > stretch.first_us)
                        continue;
                if (local_us == INT64_MAX)
                        return false;
                from_us = MAX(from_us, local_us - stretch.offset_max_us);
        }
}

bool calendar_next(const struct calendar *calendar, const struct calendar_clock *clock, int64_t after_us,
                   struct calendar_elapse *ret)
{
        /* Local times of these years, in any zone, and no sum that would not fit. */
        const int64_t least_us = -2 * DAY_US;
        const int64_t most_us = (civil_to_days(CALENDAR_YEAR_LAST + 1, 1, 1) + 2) * DAY_US;

        return after_us < most_us && elapse_next(calendar, clock, MAX(after_us, least_us) + 1, ret);
}

/* ---- taking away ---- */

bool calendar_covers(const struct calendar *calendar, int64_t local_us, int64_t *ret_until_us)
{
        int64_t day = civil_divide(local_us, DAY_US), us = local_us - day * DAY_US;
        bool seconds_all = !calendar->subsecond &&
                           (calendar->seconds == CALENDAR_MINUTES_ALL || calendar->seconds == 1);
        bool minutes_all = seconds_all && calendar->minutes == CALENDAR_MINUTES_ALL;
        bool midnight = !calendar->subsecond && calendar->hours == 1 && calendar->minutes == 1 &&
                        calendar->seconds == 1;
        int64_t unit_us = midnight || (minutes_all && calendar->hours == CALENDAR_HOURS_ALL) ? DAY_US
                          : minutes_all                                                      ? HOUR_US
                          : seconds_all                                                      ? MINUTE_US
                                        : CALENDAR_SECOND_US;

        if (day_next(calendar, day) != day)
                return false;
        if (unit_us < DAY_US && !(calendar->hours >> (us / HOUR_US) & 1))
                return false;
        if (unit_us < HOUR_US && !(calendar->minutes >> (us % HOUR_US / MINUTE_US) & 1))
                return false;
        if (unit_us < MINUTE_US && !(calendar->seconds >> (us % MINUTE_US / CALENDAR_SECOND_US) & 1))
                return false;
        *ret_until_us = local_us - us + us / unit_us * unit_us + unit_us;
        return true;
}
