/* SPDX-License-Identifier: MPL-2.0 */
/* next: the nominal times to come, computed here from the daemon's definitions. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/print.h"
#include "client/records.h"
#include "client/schedules.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/schedule_times.h"
#include "lib/util.h"
#include "lib/zone.h"

#define NEXT_DEFAULT 10
#define NEXT_MAX 100000

CLEANUP_DEFINE(struct zones, zones_free);

static const struct table_column next_columns[] = {
        { "NOMINAL", false, false }, { "DUE", false, false },  { "IN", true, false },
        { "SCHEDULE", false, true }, { "TASK", false, false }, { 0 },
};

/* One schedule on its way through its times. */
struct walker {
        json_t *schedule;
        struct schedule_definition definition;
        struct schedule_times *times;
        int64_t at_us; /* 0: no more */
};

struct walkers {
        struct walker *list;
        size_t count;
};

static void walkers_done(struct walkers *walkers)
{
        for (size_t i = 0; i < walkers->count; i++) {
                schedule_times_free(walkers->list[i].times);
                schedule_definition_done(&walkers->list[i].definition);
        }
        free(walkers->list);
}

static bool is_wanted(const struct arguments *arguments, const json_t *schedule)
{
        for (size_t i = 0; i < arguments->operand_count; i++)
                if (strcmp(arguments->operands[i], record_string(schedule, "name")) == 0)
                        return true;
        return arguments->operand_count == 0;
}

static int must_exist(const json_t *schedules, const char *name, struct error *error)
{
        size_t i;
        json_t *schedule;

        json_array_foreach((json_t *)(uintptr_t)schedules, i, schedule) {
                if (strcmp(record_string(schedule, "name"), name) == 0)
                        return 0;
        }
        return ctl_fail(error, PROGRAM_EXIT_NOINPUT, "there is no schedule \"%s\"", name);
}

static int walkers_add(struct walkers *walkers, json_t *schedule, struct zones *zones, int64_t from_us,
                       struct error *error)
{
        struct walker *walker = &walkers->list[walkers->count];
        struct error reason = ERROR_INIT;
        int code = schedules_definition(json_object_get(schedule, "definition"), &walker->definition, error);

        if (code)
                return code;
        walkers->count++;
        walker->schedule = schedule;
        if (schedule_times_new(&walker->definition, record_string(schedule, "name"), zones, &walker->times,
                               &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_DATAERR, "schedule %s: %s",
                                record_string(schedule, "name"), reason.text);
        /* A pause has an end, or none that is known. */
        const json_t *pause = json_object_get(schedule, "pause");
        if (json_is_object(pause))
                from_us = MAX(from_us, record_int(pause, "until", INT64_MAX));
        walker->at_us = walker->definition.enabled && from_us < INT64_MAX
                                ? schedule_times_next(walker->times, from_us)
                                : 0;
        return 0;
}

static struct walker *walkers_first(const struct walkers *walkers)
{
        struct walker *first = NULL;

        for (size_t i = 0; i < walkers->count; i++)
                if (walkers->list[i].at_us && (!first || walkers->list[i].at_us < first->at_us))
                        first = &walkers->list[i];
        return first;
}

/* Of the delays only the stable one is known beforehand. */
static int64_t walker_due_us(const struct walker *walker)
{
        return walker->at_us + record_int(walker->schedule, "offsetUs", 0) - walker->definition.flex_us;
}

static int next_print(const struct ctl *ctl, struct walkers *walkers, int64_t count, struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(next_columns);
        struct print_array array = { 0 };
        int64_t now_us = clock_realtime_us();
        struct walker *walker;

        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (!ctl->json && !walkers_first(walkers)) {
                ctl_message("no times are to come");
                return 0;
        }
        for (; count > 0 && (walker = walkers_first(walkers)); count--) {
                int64_t due_us = walker_due_us(walker);
                if (ctl->json) {
                        _cleanup_json_ json_t *entry = json_pack(
                                "{s:O, s:O, s:I, s:I}", "schedule", json_object_get(walker->schedule, "name"),
                                "task", json_object_get(walker->schedule, "task"), "nominalAt",
                                (json_int_t)walker->at_us, "dueAt", (json_int_t)due_us);
                        print_array_add(&array, entry);
                } else {
                        table_add(table, text_time(walker->at_us, "-"), TEXT_PLAIN);
                        table_add(table, text_time(due_us, "-"), TEXT_PLAIN);
                        table_add(table, text_duration(MAX(due_us - now_us, INT64_C(0))), TEXT_PLAIN);
                        table_add(table, text_line(record_string(walker->schedule, "name")), TEXT_PLAIN);
                        table_add(table, text_line(record_string(walker->schedule, "task")), TEXT_PLAIN);
                }
                walker->at_us = schedule_times_next(walker->times, walker->at_us);
        }
        if (!ctl->json)
                return print_table(table, error);
        print_array_end(&array);
        return print_flush(error);
}

static int next_of(const struct ctl *ctl, const struct arguments *arguments, const json_t *schedules,
                   int64_t from_us, int64_t count, struct error *error)
{
        _cleanup_(zones_free_cleanup) struct zones *zones = NULL;
        struct walkers walkers = { .list = calloc(json_array_size(schedules) + 1, sizeof(struct walker)) };
        int code = walkers.list && zones_new(NULL, &zones) == 0
                           ? 0
                           : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        size_t i;
        json_t *schedule;

        json_array_foreach((json_t *)(uintptr_t)schedules, i, schedule) {
                if (code == 0 && is_wanted(arguments, schedule))
                        code = walkers_add(&walkers, schedule, zones, from_us, error);
        }
        for (size_t n = 0; code == 0 && n < arguments->operand_count; n++)
                code = must_exist(schedules, arguments->operands[n], error);
        if (code == 0)
                code = next_print(ctl, &walkers, count, error);
        walkers_done(&walkers);
        return code;
}

int cmd_next(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        const char *number = arguments_option(arguments, "count");
        _cleanup_json_ json_t *schedules = NULL;
        int64_t count = NEXT_DEFAULT, from_us = clock_realtime_us();
        int code = schedules_time_option(arguments, "from", &from_us, error);

        if (code == 0 && number && parse_int64(number, 1, NEXT_MAX, &count) < 0)
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --count \"%s\": expected 1 to %d", number,
                                NEXT_MAX);
        if (code == 0)
                code = schedules_all(ctl, &schedules, error);
        return code ? code : next_of(ctl, arguments, schedules, from_us, count, error);
}
