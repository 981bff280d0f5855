/* SPDX-License-Identifier: MPL-2.0 */
/* The table of the keys of [Schedule]; lib/key_table.h says what it makes of it. */
#include "config.h"

#include "lib/schedule_definition.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/calendar.h"
#include "lib/cleanup.h"
#include "lib/cron.h"
#include "lib/key_table.h"
#include "lib/schedule_value.h"
#include "lib/util.h"
#include "lib/zone.h"

#define SECOND ((int64_t)USEC_PER_SEC)
#define YEAR_US (INT64_C(366) * 86400 * SECOND)

static const char *const gap_names[] = {
        [ZONE_GAP_RUN_AFTER] = "run-after",
        [ZONE_GAP_SKIP] = "skip",
        [ZONE_GAP_SHIFT] = "shift",
        NULL,
};

static const char *const clock_overlap_names[] = {
        [ZONE_OVERLAP_FIRST] = "first",
        [ZONE_OVERLAP_SECOND] = "second",
        [ZONE_OVERLAP_BOTH] = "both",
        NULL,
};

static const char *const catch_up_names[] = {
        [SCHEDULE_CATCH_UP_LAST] = "last",
        [SCHEDULE_CATCH_UP_NONE] = "none",
        [SCHEDULE_CATCH_UP_ALL] = "all",
        NULL,
};

static const char *const overlap_names[] = {
        [SCHEDULE_OVERLAP_SKIP] = "skip",
        [SCHEDULE_OVERLAP_BUFFER_ONE] = "buffer-one",
        [SCHEDULE_OVERLAP_BUFFER_ALL] = "buffer-all",
        [SCHEDULE_OVERLAP_CANCEL_OTHER] = "cancel-other",
        [SCHEDULE_OVERLAP_TERMINATE_OTHER] = "terminate-other",
        [SCHEDULE_OVERLAP_ALLOW] = "allow",
        NULL,
};

static const char *const condition_lost_names[] = {
        [SCHEDULE_CONDITION_LOST_CONTINUE] = "continue",
        [SCHEDULE_CONDITION_LOST_STOP] = "stop",
        [SCHEDULE_CONDITION_LOST_FREEZE] = "freeze",
        NULL,
};
/* Enumerations are read and written as int. */
_Static_assert(sizeof(enum zone_gap) == sizeof(int) && sizeof(enum zone_overlap) == sizeof(int) &&
                       sizeof(enum schedule_catch_up) == sizeof(int) &&
                       sizeof(enum schedule_overlap) == sizeof(int) &&
                       sizeof(enum schedule_condition_lost) == sizeof(int),
               "");

static int time_assign(void *object, const struct key *key, const char *value, struct error *error)
{
        struct schedule_definition *definition = object;
        bool local;
        int r = schedule_value_time(value, definition->time_zone, key_field(object, key), &local, error);

        if (r < 0)
                return error->code ? error_prefix(error, "%s=", key->name) : r;
        definition->has_local_times |= local;
        return 0;
}

/* Local times are kept as what they are in the zone that was known when they were read. */
static int zone_assign(void *object, const struct key *key, const char *value, struct error *error)
{
        const struct schedule_definition *definition = object;

        if (definition->has_local_times &&
            (!definition->time_zone || strcmp(definition->time_zone, value) != 0))
                return error_set(error, EINVAL,
                                 "%s=: expected it before AnchorAt=, StartAt= and EndAt= that name no zone",
                                 key->name);
        return 1;
}

/* "@reboot" is no time of the clock. */
static int cron_assign(void *object, const struct key *key, const char *value, struct error *error)
{
        struct schedule_definition *definition = object;

        (void)key;
        (void)error;
        if (strcasecmp(value, "@reboot") != 0)
                return 1;
        definition->on_boot_us = 0;
        return 0;
}

#define FIELD(member) .offset = offsetof(struct schedule_definition, member)
#define YES_OR_NO "yes or no"
#define TASKS "names of tasks"
#define UP_TO_A_YEAR "a time span from 0 to 366 days such as \"5min 20s\""
#define POINT_IN_TIME "@SECONDS or \"YYYY-MM-DD HH:MM:SS ZONE\", from 1970 to 2199"
#define PRESSURE "a whole percentage from 1% to 100%"

static const struct key definition_keys[] = {
        { "Description", KEY_TEXT, FIELD(description), .expected = "a line of at most 1024 bytes" },
        { "Arguments", KEY_WORDS, FIELD(arguments), .same = KEY_SAME_NONE,
          .expected = "words, in quotes if they have blanks" },
        { "Enabled", KEY_BOOL, FIELD(enabled), .initial = 1, .expected = YES_OR_NO },
        { "OnCalendar", KEY_LINES, FIELD(on_calendar), .check = schedule_value_calendar,
          .max = SCHEDULE_VALUE_TEXT_MAX, .expected = "a calendar expression such as \"Mon..Fri 08:30\"" },
        { "Cron", KEY_LINES, FIELD(cron), .check = schedule_value_cron, .assign = cron_assign,
          .max = SCHEDULE_VALUE_TEXT_MAX,
          .expected = "five fields such as \"30 8 * * 1-5\", @daily or its "
                      "like, or @reboot alone" },
        { "ExceptCalendar", KEY_LINES, FIELD(except_calendar), .check = schedule_value_calendar,
          .max = SCHEDULE_VALUE_TEXT_MAX, .expected = "a calendar expression such as \"*-12-24..26\"" },
        { "EverySec", KEY_SPAN, FIELD(every_us), .min = SCHEDULE_EVERY_MIN_US, .max = SCHEDULE_EVERY_MAX_US,
          .expected = "a time span from 1s to 3653 days such as \"6h\"" },
        { "AnchorAt", KEY_TIME, FIELD(anchor_us), .assign = time_assign, .expected = POINT_IN_TIME },
        { "PhaseSec", KEY_SPAN, FIELD(phase_us), .max = SCHEDULE_EVERY_MAX_US,
          .expected = "a time span from 0 to 3653 days such as \"90min\"" },
        { "OnBootSec", KEY_SPAN, FIELD(on_boot_us), .max = YEAR_US, .initial = -1, .expected = UP_TO_A_YEAR },
        { "PathChanged", KEY_WORDS, FIELD(path_changed), .check = schedule_value_path,
          .expected = "absolute paths without \"..\"" },
        { "OnNetworkUp", KEY_BOOL, FIELD(on_network_up), .expected = YES_OR_NO },
        { "OnSuccessOf", KEY_WORDS, FIELD(on_success_of), .check = schedule_value_task, .expected = TASKS },
        { "OnFailureOf", KEY_WORDS, FIELD(on_failure_of), .check = schedule_value_task, .expected = TASKS },
        { "OnEndOf", KEY_WORDS, FIELD(on_end_of), .check = schedule_value_task, .expected = TASKS },
        { "TimeZone", KEY_TEXT, FIELD(time_zone), .check = schedule_value_zone, .assign = zone_assign,
          .max = SCHEDULE_VALUE_TEXT_MAX, .expected = "the name of a time zone such as Europe/Berlin" },
        { "ClockGap", KEY_ENUM, FIELD(clock_gap), .names = gap_names,
          .expected = "run-after, skip or shift" },
        { "ClockOverlap", KEY_ENUM, FIELD(clock_overlap), .names = clock_overlap_names,
          .expected = "first, second or both" },
        { "StartAt", KEY_TIME, FIELD(start_us), .min = 1, .assign = time_assign, .expected = POINT_IN_TIME },
        { "EndAt", KEY_TIME, FIELD(end_us), .min = 1, .assign = time_assign, .expected = POINT_IN_TIME },
        { "CatchUp", KEY_ENUM, FIELD(catch_up), .names = catch_up_names, .expected = "last, none or all" },
        { "CatchUpMax", KEY_NUMBER, FIELD(catch_up_max), .min = 1, .max = 1000, .initial = 10,
          .expected = "a number from 1 to 1000" },
        { "CatchUpWindowSec", KEY_SPAN, FIELD(catch_up_window_us), .min = SECOND,
          .max = SCHEDULE_EVERY_MAX_US, .initial = INT64_MAX, .infinite = true,
          .expected = "a time span from 1s to 3653 days such as \"2 days\", or infinity" },
        { "RandomizedOffsetSec", KEY_SPAN, FIELD(randomized_offset_us), .max = YEAR_US,
          .expected = UP_TO_A_YEAR },
        { "RandomizedDelaySec", KEY_SPAN, FIELD(randomized_delay_us), .max = YEAR_US,
          .expected = UP_TO_A_YEAR },
        { "AccuracySec", KEY_SPAN, FIELD(accuracy_us), .max = YEAR_US, .expected = UP_TO_A_YEAR },
        { "FlexSec", KEY_SPAN, FIELD(flex_us), .max = YEAR_US, .expected = UP_TO_A_YEAR },
        { "ConditionACPower", KEY_BOOL, FIELD(condition_ac_power), .expected = YES_OR_NO },
        { "ConditionNetwork", KEY_BOOL, FIELD(condition_network), .expected = YES_OR_NO },
        { "ConditionLoadMax", KEY_PERCENT, FIELD(condition_load), .min = 1, .max = 10000,
          .expected = "a whole percentage from 1% to 10000%, 100% being one that is ready a processor" },
        { "ConditionCPUPressure", KEY_PERCENT, FIELD(condition_cpu_pressure), .min = 1, .max = 100,
          .expected = PRESSURE },
        { "ConditionMemoryPressure", KEY_PERCENT, FIELD(condition_memory_pressure), .min = 1, .max = 100,
          .expected = PRESSURE },
        { "ConditionIOPressure", KEY_PERCENT, FIELD(condition_io_pressure), .min = 1, .max = 100,
          .expected = PRESSURE },
        { "ConditionIdleSec", KEY_SPAN, FIELD(condition_idle_us), .min = SECOND, .max = YEAR_US,
          .expected = "a time span from 1s to 366 days such as \"10min\"" },
        { "ConditionFreeSpace", KEY_WORDS, FIELD(condition_free_space), .check = schedule_value_space,
          .expected = "PATH:SIZE such as /var/lib:2G, the path absolute" },
        { "ConditionPathExists", KEY_WORDS, FIELD(condition_path_exists),
          .check = schedule_value_condition_path,
          .expected = "absolute paths without \"..\", a \"!\" in front of those that must be absent" },
        { "OnConditionLost", KEY_ENUM, FIELD(on_condition_lost), .names = condition_lost_names,
          .expected = "continue, stop or freeze" },
        { "DeadlineSec", KEY_SPAN, FIELD(deadline_us), .min = SECOND, .max = YEAR_US,
          .expected = "a time span from 1s to 366 days such as \"2 days\"" },
        { "Overlap", KEY_ENUM, FIELD(overlap), .names = overlap_names,
          .expected = "skip, buffer-one, buffer-all, cancel-other, terminate-other or allow" },
        { "Pool", KEY_TEXT, FIELD(pool), .check = schedule_value_pool,
          .expected = "a name of at most 64 letters, digits, \"_\" and \"-\"" },
        { "Priority", KEY_NUMBER, FIELD(priority), .min = -100, .max = 100,
          .expected = "a number from -100 to 100" },
        { "RetrySec", KEY_SPANS, FIELD(retry_us), .beside = offsetof(struct schedule_definition, retries),
          .max_count = SCHEDULE_RETRIES_MAX, .max = YEAR_US,
          .expected = "time spans from 0 to 366 days such as \"30s 5min 1h30min\"" },
        { "RetryJitter", KEY_PERCENT, FIELD(retry_jitter), .max = 100, .initial = 10,
          .expected = "a whole percentage from 0% to 100%" },
        { "RetryOn", KEY_WORDS, FIELD(retry_on), .check = schedule_value_retry_on,
          .expected = "exit codes from 1 to 255, and results of failed runs such as timeout" },
        { "RunMaxSec", KEY_SPAN, FIELD(run_max_us), .min = SECOND, .max = YEAR_US,
          .expected = "a time span from 1s to 366 days such as \"20min\"" },
        { "PauseAfterFailures", KEY_NUMBER, FIELD(pause_after_failures), .min = 1, .max = 1000000,
          .expected = "a number from 1 to 1000000" },
};

static const struct key_table table = { definition_keys, ARRAY_SIZE(definition_keys),
                                        SCHEDULE_DEFINITION_TEXT_MAX, "schedule" };

size_t schedule_definition_keys(void)
{
        return ARRAY_SIZE(definition_keys);
}

const char *schedule_definition_key(size_t index)
{
        return definition_keys[index].name;
}

int schedule_definition_find(const char *key)
{
        return key_table_find(&table, key);
}

void schedule_definition_init(struct schedule_definition *definition)
{
        *definition = (struct schedule_definition){ 0 };
        key_table_reset(&table, definition);
}

void schedule_definition_done(struct schedule_definition *definition)
{
        key_table_reset(&table, definition);
}

int schedule_definition_assign(struct schedule_definition *definition, const char *key, const char *value,
                               const struct task_specifiers *specifiers, struct error *error)
{
        const struct key_assignment assignment = { key, value, specifiers };

        return key_table_assign(&table, definition, &assignment, error);
}

int schedule_definition_set(struct schedule_definition *definition, const char *key, const char *value,
                            struct error *error)
{
        return schedule_definition_assign(definition, key, value, NULL, error);
}

char *schedule_definition_format(const struct schedule_definition *definition)
{
        return key_table_format(&table, definition);
}

int schedule_definition_parse(const char *text, struct schedule_definition *ret, struct error *error)
{
        struct schedule_definition definition;

        schedule_definition_init(&definition);
        int r = key_table_parse(&table, text, &definition, error);
        if (r < 0) {
                schedule_definition_done(&definition);
                return r;
        }
        *ret = definition;
        return 0;
}

uint64_t schedule_definition_hash(const char *text)
{
        return text_hash(text);
}

char *schedule_definition_value(const struct schedule_definition *definition, size_t index)
{
        return key_table_value(&table, definition, index);
}

bool schedule_definition_is_default(const struct schedule_definition *definition, size_t index)
{
        return key_table_is_default(&table, definition, index);
}

/* ---- as a whole ---- */

static bool has_trigger(const struct schedule_definition *definition)
{
        return strv_length(definition->on_calendar) > 0 || strv_length(definition->cron) > 0 ||
               definition->every_us > 0 || definition->on_boot_us >= 0 || definition->on_network_up ||
               strv_length(definition->path_changed) > 0 || strv_length(definition->on_success_of) > 0 ||
               strv_length(definition->on_failure_of) > 0 || strv_length(definition->on_end_of) > 0;
}

static int every_check(const struct schedule_definition *definition, struct error *error)
{
        if (definition->every_us > 0) {
                if (definition->flex_us >= definition->every_us)
                        return error_set(error, EINVAL, "FlexSec=: expected less than EverySec=");
                return 0;
        }
        if (definition->flex_us > 0)
                return error_set(error, EINVAL, "FlexSec=: expected EverySec= with it");
        if (definition->phase_us > 0)
                return error_set(error, EINVAL, "PhaseSec=: expected EverySec= with it");
        if (definition->anchor_us > 0)
                return error_set(error, EINVAL, "AnchorAt=: expected EverySec= with it");
        return 0;
}

/* Zones are known here, and each expression has a date that exists. */
static int calendars_check(struct zones *zones, const char *key, char *const *list, struct error *error)
{
        for (; list && *list; list++) {
                _cleanup_(calendar_free_cleanup) struct calendar *calendar = NULL;
                const struct zone *zone;
                int r = calendar_parse(*list, &calendar, error);
                if (r == 0 && !calendar_elapses(calendar))
                        r = error_set(error, EINVAL, "expected a date that exists, found \"%s\"", *list);
                if (r == 0 && calendar_zone(calendar))
                        r = zones_get(zones, calendar_zone(calendar), &zone, error);
                if (r < 0)
                        return error_prefix(error, "%s=", key);
        }
        return 0;
}

static int lines_check(char *const *list, struct error *error)
{
        for (; list && *list; list++) {
                _cleanup_(calendar_free_cleanup) struct calendar *calendar = NULL;
                int r = cron_parse(*list, "", &calendar, error);
                if (r == 0 && !calendar_elapses(calendar))
                        r = error_set(error, EINVAL, "expected a date that exists, found \"%s\"", *list);
                if (r < 0)
                        return error_prefix(error, "Cron=");
        }
        return 0;
}

static int times_check(const struct schedule_definition *definition, struct error *error)
{
        struct zones *zones = NULL;
        const struct zone *zone;
        int r = zones_new(NULL, &zones);

        if (r < 0)
                return error_set(error, ENOMEM, "out of memory");
        if (definition->time_zone)
                r = zones_get(zones, definition->time_zone, &zone, error);
        if (r < 0)
                r = error_prefix(error, "TimeZone=");
        if (r == 0)
                r = calendars_check(zones, "OnCalendar", definition->on_calendar, error);
        if (r == 0)
                r = lines_check(definition->cron, error);
        if (r == 0)
                r = calendars_check(zones, "ExceptCalendar", definition->except_calendar, error);
        zones_free(zones);
        return r;
}

int schedule_definition_check(const struct schedule_definition *definition, struct error *error)
{
        if (!has_trigger(definition))
                return error_set(
                        error, EINVAL,
                        "expected something that triggers it, such as OnCalendar=, Cron= or EverySec=");
        if (strv_length(definition->except_calendar) > 0 && strv_length(definition->on_calendar) == 0 &&
            strv_length(definition->cron) == 0)
                return error_set(error, EINVAL, "ExceptCalendar=: expected OnCalendar= or Cron= with it");
        if (definition->end_us > 0 && definition->start_us >= definition->end_us)
                return error_set(error, EINVAL, "EndAt=: expected a time after StartAt=");
        if (strv_length(definition->retry_on) > 0 && definition->retries == 0)
                return error_set(error, EINVAL, "RetryOn=: expected RetrySec= with it");
        int r = every_check(definition, error);
        return r < 0 ? r : times_check(definition, error);
}
