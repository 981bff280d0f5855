/* SPDX-License-Identifier: MPL-2.0 */
/* Calendars that cron's lines became, as such lines: the same sets give the same text, however they were written. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/calendar_internal.h"
#include "lib/util.h"

/* Values from @least on, @count of them; bit 0 is @least. */
struct set {
        uint64_t bits;
        int least, count;
};

/* Each @step-th value from the first on. */
static uint64_t every_bits(int count, int step)
{
        uint64_t bits = 0;

        for (int i = 0; i < count; i += step)
                bits |= UINT64_C(1) << i;
        return bits;
}

/* The step of a set of at least three with equal distances; 0: it is none. */
static int set_step(const struct set *set)
{
        int first = -1, last = -1, step = 0, members = 0;

        for (int i = 0; i < set->count; i++) {
                if (!(set->bits >> i & 1))
                        continue;
                if (members == 1)
                        step = i - first;
                else if (members > 1 && i - last != step)
                        return 0;
                if (members++ == 0)
                        first = i;
                last = i;
        }
        return members > 2 ? step : 0;
}

/* Values and ranges of three and more; of equal distances also "a-b/n". */
static void list_print(const struct set *set, const char *separator, FILE *out)
{
        int step = set_step(set);

        if (step > 1) {
                int first = __builtin_ctzll(set->bits), last = 63 - __builtin_clzll(set->bits);
                fprintf(out, "%s%d-%d/%d", separator, set->least + first, set->least + last, step);
                return;
        }
        for (int i = 0, end; i < set->count; i = end + 1) {
                for (end = i; end < set->count && set->bits >> end & 1; end++)
                        ;
                if (end - i > 2) {
                        fprintf(out, "%s%d-%d", separator, set->least + i, set->least + end - 1);
                        separator = ",";
                        continue;
                }
                for (int value = i; value < end; value++, separator = ",")
                        fprintf(out, "%s%d", separator, set->least + value);
        }
}

/* @star: the field begins with "*", which for days is a matter of what is meant; -1: it is not. */
static void set_print(const struct set *set, int star, FILE *out)
{
        struct set rest = *set;

        for (int step = 1; star && step <= set->count; step++) {
                uint64_t every = every_bits(set->count, step);
                /* Without need only where nothing is left and it is no longer than the list. */
                if ((set->bits & every) != every ||
                    (star < 0 && (set->bits != every || step * 2 >= set->count)))
                        continue;
                fputc('*', out);
                if (step > 1)
                        fprintf(out, "/%d", step);
                rest.bits &= ~every;
                if (rest.bits)
                        list_print(&rest, ",", out);
                return;
        }
        list_print(set, "", out);
}

char *cron_format(const struct calendar *calendar)
{
        uint64_t weekdays = (calendar->weekdays << 1 | calendar->weekdays >> 6) & CALENDAR_WEEKDAYS_ALL;
        const struct {
                struct set set;
                int star;
        } fields[] = {
                { { calendar->minutes, 0, 60 }, -1 },
                { { calendar->hours, 0, 24 }, -1 },
                { { calendar->days, 1, 31 }, calendar->day_star },
                { { calendar->months, 1, 12 }, -1 },
                { { weekdays, 0, 7 }, calendar->weekday_star },
        };
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
                if (i > 0)
                        fputc(' ', out);
                set_print(&fields[i].set, fields[i].star, out);
        }
        if (fclose(out) != 0) {
                free(text);
                return NULL;
        }
        return text;
}
