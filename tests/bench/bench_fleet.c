/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a server sees of a fleet: so many machines that ask it on a schedule, through quiet days, after it was away, and
 * after a cut of power. When a machine asks is decided by lib/schedule_plan, as in the daemon.
 *
 * usage: bench_fleet [--machines=N] [KEY=VALUE ...]     10^7 machines; a [Schedule] of its own beside ours and the naive one
 *
 * Prints the highest number of requests in any second and in any 60 seconds, over the mean N / T of one request a machine
 * and period T, and the bound of the design:
 *
 * Requests a second are a Poisson process whose rate changes. Let D be the highest rate of first attempts. A machine asks
 * at k T plus an offset that is even over the span S of RandomizedOffsetSec= (of RandomizedDelaySec= likewise), so that at
 * any moment at most ceil(S / T) of its times can fall due: D = N ceil(S / T) / S, which is N / T for S = T.
 * Retry k begins a delay d_k and up to its jitter j d_k behind a failure. A sum of independent times is nowhere denser than
 * either of them, so it adds at most min(D, N / (j d_k)). With R retries a server that is away sees at most (1 + R) D: the
 * back-off need not be synchronised away, since what asks evenly fails evenly.
 * After a cut of power, make-ups add at most N / S (they wait an even part of S, drawn anew), and those that are still in
 * time when a machine is up add D SCHEDULE_ON_TIME_US / B where the machines begin within B.
 * On top there is chance. In a window of w seconds are at most m = w times the rate; by Bernstein's inequality more than
 * m + x with probability exp(-x^2 / (2 m + 2 x / 3)), and in none of M windows with 99 % for
 * x = L / 3 + sqrt(L^2 / 9 + 2 m L), L = ln(100 M).
 */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/schedule_plan.h"
#include "lib/schedule_times.h"
#include "lib/util.h"
#include "lib/zone.h"

#define S INT64_C(1000000)
#define HOUR_S 3600
#define BEGIN_S (INT64_C(67622) * 25200) /* 2024-01-01 02:00 UTC, a nominal time */
#define SPAN_S (48 * HOUR_S)             /* that is looked at */
#define BREAK_S (14 * HOUR_S)            /* when something happens */
#define OUTAGE_S (4 * HOUR_S)
#define CUT_S (8 * HOUR_S)
#define POWER_UP_S 60 /* within which machines begin */
#define WINDOW_S 60

enum story { STORY_QUIET, STORY_OUTAGE, STORY_POWER, STORY_COUNT };

struct fleet {
        struct schedule_definition definition;
        struct schedule_times *times;
        int64_t machines, period_s;
        uint64_t random;
        struct schedule_passed passed; /* large */
        uint32_t requests[STORY_COUNT][SPAN_S];
};

static const char *const profiles[][2] = {
        { "ours: every 7 h, offset over 7 h, four retries",
          "EverySec=7h\nRandomizedOffsetSec=7h\nRetrySec=5min 15min 45min 2h\n" },
        { "short: every 7 h, offset over 30 min, four retries",
          "EverySec=7h\nRandomizedOffsetSec=30min\nRetrySec=5min 15min 45min 2h\n" },
        { "naive: every 7 h by the clock, four retries without jitter",
          "EverySec=7h\nRetrySec=5min 15min 45min 2h\nRetryJitter=0%\n" },
};

static const char *const story_names[] = {
        "two quiet days",
        "server away for 4 h",
        "  in the 14 h behind it",
        "power back after 8 h",
};

static uint64_t draw(struct fleet *fleet)
{
        uint64_t hash = fleet->random += UINT64_C(0x9e3779b97f4a7c15);

        hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
        return hash ^ (hash >> 31);
}

/* ---- one machine ---- */

static void request(struct fleet *fleet, enum story story, int64_t at_us)
{
        int64_t at_s = at_us / S - BEGIN_S;

        if (at_s >= 0 && at_s < SPAN_S)
                fleet->requests[story][at_s]++;
}

static bool is_away(int64_t at_us)
{
        int64_t at_s = at_us / S - BEGIN_S;

        return at_s >= BREAK_S && at_s < BREAK_S + OUTAGE_S;
}

/* A request and its retries. */
static void ask(struct fleet *fleet, enum story story, int64_t at_us)
{
        request(fleet, story, at_us);
        if (story != STORY_OUTAGE)
                return;
        for (int64_t attempt = 0;
             is_away(at_us) && schedule_retries(&fleet->definition, attempt, "exited", 1); attempt++) {
                at_us += schedule_retry_delay_us(&fleet->definition, attempt, draw(fleet));
                request(fleet, story, at_us);
        }
}

/* All that falls due behind the cursor, of a machine that is up. */
static void ask_on(struct fleet *fleet, enum story story, int64_t offset_us, int64_t cursor_us,
                   int64_t until_us)
{
        for (;;) {
                const struct schedule_next next = schedule_next(&fleet->definition, fleet->times, offset_us,
                                                                cursor_us, draw(fleet));
                if (!next.nominal_us || next.due_us >= until_us)
                        return;
                ask(fleet, story, next.due_us);
                cursor_us = next.nominal_us;
        }
}

/* It is switched on after the cut; @cursor_us: up to where it had come. */
static void ask_after_cut(struct fleet *fleet, int64_t offset_us, int64_t cursor_us)
{
        struct schedule_passed *passed = &fleet->passed;
        int64_t up_us = (BEGIN_S + BREAK_S) * S + (int64_t)(draw(fleet) % (uint64_t)(POWER_UP_S * S));
        const struct schedule_next next = schedule_next(&fleet->definition, fleet->times, offset_us,
                                                        cursor_us, draw(fleet));
        const struct schedule_look look = {
                .definition = &fleet->definition,
                .times = fleet->times,
                .offset_us = offset_us,
                .cursor_us = cursor_us,
                .due_us = next.due_us,
                .now_us = up_us,
        };

        schedule_look(&look, passed);
        if (passed->make_ups) {
                int64_t together_us = schedule_make_up_wait_us(&fleet->definition, passed, draw(fleet));
                for (unsigned i = 0; i < passed->make_ups; i++)
                        ask(fleet, STORY_POWER,
                            up_us + together_us + schedule_make_up_step_us(i, draw(fleet)));
        }
        if (passed->current_us)
                ask(fleet, STORY_POWER, up_us);
        ask_on(fleet, STORY_POWER, offset_us, passed->cursor_us, (BEGIN_S + SPAN_S) * S);
}

static void machine_live(struct fleet *fleet)
{
        static const char digits[] = "0123456789abcdef";
        uint64_t high = draw(fleet), low = draw(fleet);
        char id[33];

        for (int i = 0; i < 16; i++) {
                id[i] = digits[high >> (4 * i) & 15];
                id[16 + i] = digits[low >> (4 * i) & 15];
        }
        id[32] = '\0';
        int64_t offset_us = schedule_offset_us(id, 0, "update", fleet->definition.randomized_offset_us);
        /* Offsets reach back: what fell due before the beginning is not counted, what is nominal before it is. */
        int64_t from_us = BEGIN_S * S - 1 - fleet->definition.randomized_offset_us -
                          fleet->definition.randomized_delay_us;
        ask_on(fleet, STORY_QUIET, offset_us, from_us, (BEGIN_S + SPAN_S) * S);
        ask_on(fleet, STORY_OUTAGE, offset_us, from_us, (BEGIN_S + SPAN_S) * S);
        int64_t cut_us = (BEGIN_S + BREAK_S - CUT_S) * S, cursor_us = from_us;
        for (;;) {
                const struct schedule_next next = schedule_next(&fleet->definition, fleet->times, offset_us,
                                                                cursor_us, draw(fleet));
                if (!next.nominal_us || next.due_us >= cut_us)
                        break;
                cursor_us = next.nominal_us;
        }
        ask_after_cut(fleet, offset_us, cursor_us);
}

/* ---- the figures ---- */

/* The most requests in any window of so many seconds that begins in [from, until). */
static double most(const uint32_t *requests, int64_t from_s, int64_t until_s, int64_t window_s)
{
        uint64_t sum = 0, top = 0;

        for (int64_t at_s = from_s; at_s < until_s; at_s++) {
                sum += requests[at_s];
                if (at_s >= from_s + window_s)
                        sum -= requests[at_s - window_s];
                top = MAX(top, sum);
        }
        return (double)top;
}

/* Of a window, over its mean, given the highest rate that is to be expected. */
static double bound_over_mean(const struct fleet *fleet, double rate, int64_t window_s)
{
        /* Nothing is denser than all of the fleet. */
        double expected = MIN(rate * (double)window_s, (double)fleet->machines),
               log_windows = log(100.0 * SPAN_S);
        double chance = log_windows / 3 + sqrt(log_windows * log_windows / 9 + 2 * expected * log_windows);

        return (expected + chance) / ((double)fleet->machines / (double)fleet->period_s * (double)window_s);
}

/* The rate of what is even over a span, in machines a second; without a span they come in one second. */
static double rate_of(const struct fleet *fleet, int64_t span_us)
{
        return (double)fleet->machines / MAX((double)span_us / (double)S, 1.0);
}

static double rate_first(const struct fleet *fleet)
{
        const struct schedule_definition *definition = &fleet->definition;
        int64_t span_us = MAX(definition->randomized_offset_us, definition->randomized_delay_us);
        int64_t period_us = fleet->period_s * S,
                together = MAX((span_us + period_us - 1) / period_us, INT64_C(1));

        return rate_of(fleet, span_us) * (double)together;
}

static double rate_outage(const struct fleet *fleet)
{
        const struct schedule_definition *definition = &fleet->definition;
        double first = rate_first(fleet), sum = first;

        for (uint32_t i = 0; i < definition->retries; i++)
                sum += MIN(first, rate_of(fleet, definition->retry_us[i] / 100 * definition->retry_jitter));
        return sum;
}

static double rate_power_up(const struct fleet *fleet)
{
        const struct schedule_definition *definition = &fleet->definition;
        int64_t span_us = MAX(definition->randomized_offset_us + definition->randomized_delay_us,
                              POWER_UP_S * S);
        double first = rate_first(fleet);

        /* In time or missed, each of them is one request of a machine that begins within POWER_UP_S. */
        double in_time = MIN(first * (double)SCHEDULE_ON_TIME_US / (double)S, (double)fleet->machines);
        return first + rate_of(fleet, span_us) + in_time / POWER_UP_S;
}

static void report(const struct fleet *fleet)
{
        const struct {
                enum story story;
                int64_t from_s, until_s;
                double rate;
        } rows[] = {
                { STORY_QUIET, 0, SPAN_S, rate_first(fleet) },
                { STORY_OUTAGE, BREAK_S, BREAK_S + OUTAGE_S, rate_outage(fleet) },
                { STORY_OUTAGE, BREAK_S + OUTAGE_S, BREAK_S + OUTAGE_S + 14 * HOUR_S, rate_outage(fleet) },
                { STORY_POWER, BREAK_S, BREAK_S + 14 * HOUR_S, rate_power_up(fleet) },
        };
        double mean = (double)fleet->machines / (double)fleet->period_s;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const uint32_t *requests = fleet->requests[rows[i].story];
                double second = most(requests, rows[i].from_s, rows[i].until_s, 1),
                       minute = most(requests, rows[i].from_s, rows[i].until_s, WINDOW_S);
                printf("  %-26s 1 s: peak %10.0f = %9.3f x mean (bound %9.3f)   60 s: %9.3f x mean (bound %9.3f)\n",
                       story_names[i], second, second / mean, bound_over_mean(fleet, rows[i].rate, 1),
                       minute / mean / WINDOW_S, bound_over_mean(fleet, rows[i].rate, WINDOW_S));
        }
}

/* ---- the program ---- */

static int fleet_run(struct fleet *fleet, struct zones *zones, const char *title, const char *text)
{
        struct error error = ERROR_INIT;
        struct timespec begin, end;

        memset(fleet->requests, 0, sizeof(fleet->requests));
        if (schedule_definition_parse(text, &fleet->definition, &error) < 0 ||
            schedule_times_new(&fleet->definition, "update", zones, &fleet->times, &error) < 0) {
                fprintf(stderr, "bench_fleet: %s\n", error.text);
                return EXIT_FAILURE;
        }
        fleet->period_s = fleet->definition.every_us / S;
        if (fleet->period_s == 0) {
                fprintf(stderr, "bench_fleet: expected EverySec=, from which the mean comes\n");
                return EXIT_FAILURE;
        }
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        for (int64_t i = 0; i < fleet->machines; i++)
                machine_live(fleet);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        printf("fleet, %s: mean %.1f requests a second, %.1f s of processor\n", title,
               (double)fleet->machines / (double)fleet->period_s,
               (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
        report(fleet);
        fflush(stdout);
        schedule_times_free(fleet->times);
        schedule_definition_done(&fleet->definition);
        return EXIT_SUCCESS;
}

/* The words of the command line as a definition, malloc'd. */
static char *definition_of(char *const *words)
{
        char *text = strdup("");

        for (; text && *words; words++) {
                char *longer = format_string("%s%s\n", text, *words);
                free(text);
                text = longer;
        }
        return text;
}

int main(int argc, char **argv)
{
        static const struct option options[] = { { "machines", required_argument, NULL, 'm' }, { 0 } };
        struct fleet *fleet = calloc(1, sizeof(*fleet));
        struct zones *zones = NULL;
        int option, r = EXIT_SUCCESS;

        if (!fleet || zones_new(NULL, &zones) < 0)
                return EXIT_FAILURE;
        *fleet = (struct fleet){ .machines = 10000000, .random = 1 };
        while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
                if (option != 'm' || parse_int64(optarg, 1, INT64_C(1000000000), &fleet->machines) < 0) {
                        fprintf(stderr,
                                "bench_fleet: expected --machines=N, from 1 to 10^9, and KEY=VALUE\n");
                        return EXIT_FAILURE;
                }
        printf("fleet: %" PRId64 " machines, two days\n", fleet->machines);
        for (size_t i = 0; i < ARRAY_SIZE(profiles) && r == EXIT_SUCCESS; i++)
                r = fleet_run(fleet, zones, profiles[i][0], profiles[i][1]);
        if (argv[optind] && r == EXIT_SUCCESS) {
                char *text = definition_of(argv + optind);
                r = text ? fleet_run(fleet, zones, "as said", text) : EXIT_FAILURE;
                free(text);
        }
        zones_free(zones);
        free(fleet);
        return r;
}
