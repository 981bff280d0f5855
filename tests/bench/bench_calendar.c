/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a step to the next elapse costs, and what is done once before: reading an expression, and a zone's file. Prints the
 * median and the 99th percentile of rounds of many steps each, in nanoseconds a step.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/calendar.h"
#include "lib/cron.h"
#include "lib/util.h"

#define ROUNDS 200
#define STEPS 1000
#define FROM_US INT64_C(1700000000000000)

static const struct {
        const char *text;
        bool cron;
} expressions[] = {
        { "*:*:*", false },
        { "minutely", false },
        { "daily", false },
        { "Mon..Fri 02:30", false },
        { "*-*~1 *:0/20:0/0.25", false },
        { "Mon *-05~07/1 6:00", false },
        { "Mon *-02-29", false }, /* eight of them in 230 years */
        { "*/15 8-18 13 * 5", true },
};

static const char *const zone_names[] = { "UTC", "Europe/Berlin", "America/New_York", "Africa/Casablanca" };

static int64_t now_ns(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int double_compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static void report(const char *what, const char *where, double rounds[ROUNDS])
{
        qsort(rounds, ROUNDS, sizeof(*rounds), double_compare);
        printf("  %-24s %-20s p50 %8.0f  p99 %8.0f ns\n", what, where, rounds[ROUNDS / 2],
               rounds[ROUNDS * 99 / 100]);
}

static void die(const struct error *error)
{
        fprintf(stderr, "bench_calendar: %s\n", error->text);
        exit(EXIT_FAILURE);
}

static struct calendar *parse(size_t i)
{
        struct error error = ERROR_INIT;
        struct calendar *calendar;

        if ((expressions[i].cron ? cron_parse(expressions[i].text, NULL, &calendar, &error)
                                 : calendar_parse(expressions[i].text, &calendar, &error)) != 0)
                die(&error);
        return calendar;
}

static void bench_steps(size_t i, const struct zone *zone)
{
        struct calendar *calendar = parse(i);
        struct calendar_clock clock = { .zone = zone };
        struct calendar_elapse elapse = { .at_us = FROM_US };
        double rounds[ROUNDS];

        for (int round = 0; round < ROUNDS; round++) {
                int64_t begin_ns = now_ns();
                for (int step = 0; step < STEPS; step++)
                        if (!calendar_next(calendar, &clock, elapse.at_us, &elapse))
                                elapse.at_us = FROM_US;
                rounds[round] = (double)(now_ns() - begin_ns) / STEPS;
        }
        report(expressions[i].text, zone_name(zone), rounds);
        calendar_free(calendar);
}

static void bench_parse(size_t i)
{
        double rounds[ROUNDS];

        for (int round = 0; round < ROUNDS; round++) {
                int64_t begin_ns = now_ns();
                for (int step = 0; step < STEPS / 10; step++)
                        calendar_free(parse(i));
                rounds[round] = (double)(now_ns() - begin_ns) / (STEPS / 10);
        }
        report(expressions[i].text, "read", rounds);
}

static void bench_zone(struct zones *zones, const char *name)
{
        const struct zone *zone;
        double rounds[ROUNDS];
        struct error error = ERROR_INIT;

        for (int round = 0; round < ROUNDS; round++) {
                zones_forget(zones);
                int64_t begin_ns = now_ns();
                if (zones_get(zones, name, &zone, &error) < 0)
                        die(&error);
                rounds[round] = (double)(now_ns() - begin_ns);
        }
        report("a zone's file", name, rounds);
}

int main(void)
{
        struct zones *zones;
        const struct zone *zone;
        struct error error = ERROR_INIT;

        printf("calendar: a step to the next elapse\n");
        if (zones_new(NULL, &zones) < 0)
                return EXIT_FAILURE;
        for (size_t i = 0; i < ARRAY_SIZE(expressions); i++)
                for (size_t z = 0; z < ARRAY_SIZE(zone_names); z++) {
                        if (zones_get(zones, zone_names[z], &zone, &error) < 0)
                                die(&error);
                        bench_steps(i, zone);
                }
        printf("calendar: once before\n");
        for (size_t i = 0; i < ARRAY_SIZE(expressions); i++)
                bench_parse(i);
        for (size_t z = 0; z < ARRAY_SIZE(zone_names); z++)
                bench_zone(zones, zone_names[z]);
        zones_free(zones);
        return EXIT_SUCCESS;
}
