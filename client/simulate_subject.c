/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/simulate_subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/records.h"
#include "client/schedules.h"
#include "client/task_files.h"
#include "client/text.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/paths.h"
#include "lib/schedule_plan.h"
#include "lib/util.h"

#define DURATION_MAX_US (INT64_C(366) * 86400 * 1000000)

int subject_duration_parse(const char *text, struct subject_duration *ret, struct error *error)
{
        static const char *const names[] = {
                [SUBJECT_P50] = "p50", [SUBJECT_P95] = "p95", [SUBJECT_MAX] = "max"
        };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strcmp(text, names[i]) == 0) {
                        *ret = (struct subject_duration){ .quantile = (enum subject_quantile)i };
                        return 0;
                }
        ret->quantile = SUBJECT_FIXED;
        if (duration_parse(text, &ret->fixed_us, NULL) < 0 || ret->fixed_us < 1 ||
            ret->fixed_us > DURATION_MAX_US)
                return ctl_fail(
                        error, PROGRAM_EXIT_USAGE,
                        "invalid --duration: expected p50, p95, max or a time span of up to 366 days, "
                        "found \"%s\"",
                        text);
        return 0;
}

const struct subject *subjects_find(const struct subjects *subjects, const char *name)
{
        for (size_t i = 0; i < subjects->count; i++)
                if (strcmp(subjects->list[i].name, name) == 0)
                        return &subjects->list[i];
        return NULL;
}

void subjects_done(struct subjects *subjects)
{
        for (size_t i = 0; i < subjects->count; i++) {
                free(subjects->list[i].name);
                free(subjects->list[i].task);
                free(subjects->list[i].file);
                schedule_times_free(subjects->list[i].times);
                schedule_definition_done(&subjects->list[i].definition);
        }
        free(subjects->list);
        zones_free(subjects->zones);
        *subjects = (struct subjects){ 0 };
}

/* Room for one more, which has its name and task and no definition. NULL: out of memory. */
static struct subject *subjects_new(struct subjects *subjects, const char *name, const char *task)
{
        struct subject *longer = reallocarray(subjects->list, subjects->count + 1, sizeof(*longer));

        if (!longer || (!subjects->zones && zones_new(NULL, &subjects->zones) < 0)) {
                subjects->list = longer ? longer : subjects->list;
                return NULL;
        }
        subjects->list = longer;
        struct subject *subject = &longer[subjects->count++];
        *subject = (struct subject){ .name = strdup(name), .task = strdup(task) };
        schedule_definition_init(&subject->definition);
        return subject->name && subject->task ? subject : NULL;
}

static int subject_times(const struct subjects *subjects, struct subject *subject, struct error *error)
{
        struct error reason = ERROR_INIT;

        if (schedule_times_new(&subject->definition, subject->name, subjects->zones, &subject->times,
                               &reason) == 0)
                return 0;
        return ctl_fail(error, PROGRAM_EXIT_DATAERR, "schedule %s: %s", subject->name, reason.text);
}

/* ---- of task files ---- */

static int add_of_file(struct subjects *subjects, const struct ctl *ctl, const char *path, const char *task,
                       const struct task_file_schedule *schedule, struct error *error)
{
        char machine_id[PATHS_MACHINE_ID_SIZE];
        struct subject *subject;
        int64_t uid = task_files_of_system(ctl) ? 0 : (int64_t)geteuid();

        if (subjects_find(subjects, schedule->name))
                return ctl_fail(error, PROGRAM_EXIT_DATAERR, "%s: there is a schedule \"%s\" in another file",
                                path, schedule->name);
        subject = subjects_new(subjects, schedule->name, task);
        if (!subject || !(subject->file = strdup(path)))
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (schedule_definition_parse(schedule->text, &subject->definition, error) < 0)
                return PROGRAM_EXIT_DATAERR;
        paths_machine_id(machine_id);
        subject->offset_us = schedule_offset_us(machine_id, uid, subject->name,
                                                subject->definition.randomized_offset_us);
        return subject_times(subjects, subject, error);
}

int subjects_add_file(struct subjects *subjects, const struct ctl *ctl, const char *path, struct error *error)
{
        _cleanup_free_ char *task = task_file_task(path);
        struct task_file file;
        int code = 0, r = task_file_load_path(path, task_files_of_system(ctl), &file, error);

        if (r < 0)
                return r == -EINVAL ? PROGRAM_EXIT_USAGE : PROGRAM_EXIT_OSERR;
        if (file.errors)
                code = ctl_fail(error, PROGRAM_EXIT_DATAERR, "%s", file.errors[0]);
        else if (file.schedule_count == 0)
                code = ctl_fail(error, PROGRAM_EXIT_DATAERR, "%s: expected a [Schedule] section, found none",
                                path);
        for (size_t i = 0; code == 0 && i < file.schedule_count; i++)
                code = add_of_file(subjects, ctl, path, task ? task : "", &file.schedules[i], error);
        task_file_done(&file);
        return code;
}

/* ---- of the daemon ---- */

static int add_of_daemon(struct subjects *subjects, const json_t *schedule, struct error *error)
{
        const json_t *pause = json_object_get(schedule, "pause");
        struct schedule_definition definition;
        int code = schedules_definition(json_object_get(schedule, "definition"), &definition, error);

        if (code)
                return code;
        struct subject *subject = subjects_new(subjects, record_string(schedule, "name"),
                                               record_string(schedule, "task"));
        if (!subject) {
                schedule_definition_done(&definition);
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        }
        subject->definition = definition;
        subject->offset_us = record_int(schedule, "offsetUs", 0);
        if (json_is_object(pause))
                subject->from_us = record_int(pause, "until", INT64_MAX);
        return subject_times(subjects, subject, error);
}

static bool is_wanted(char *const *names, const char *name)
{
        for (size_t i = 0; names[i]; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return !names[0];
}

int subjects_add_daemon(struct subjects *subjects, const struct ctl *ctl, char *const *names,
                        struct error *error)
{
        _cleanup_json_ json_t *schedules = NULL;
        int code = schedules_all(ctl, &schedules, error);
        size_t i;
        json_t *schedule;

        json_array_foreach(schedules, i, schedule) {
                const char *name = record_string(schedule, "name");
                if (code == 0 && is_wanted(names, name) && !subjects_find(subjects, name))
                        code = add_of_daemon(subjects, schedule, error);
        }
        return code;
}

/* ---- durations ---- */

static int duration_compare(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return (x > y) - (x < y);
}

/* Of the newest runs that succeeded, by the schedule or the task; *ret_count 0: there are none. */
static int recorded(const struct ctl *ctl, const char *key, const char *value, enum subject_quantile quantile,
                    int64_t *ret_us, int64_t *ret_count, struct error *error)
{
        _cleanup_json_ json_t *runs = NULL;
        int64_t durations[SUBJECT_SAMPLES_MAX];
        size_t count = 0, i;
        json_t *run;
        int code = schedules_collect(ctl, "List",
                                     json_pack("{s:s, s:s, s:i}", key, value, "state", "finished", "limit",
                                               2 * SUBJECT_SAMPLES_MAX),
                                     "runs", record_run, &runs, error);

        json_array_foreach(runs, i, run) {
                const char *result = record_string(run, "result");
                int64_t started_us = record_int(run, "startedAt", 0);
                if (count < SUBJECT_SAMPLES_MAX && started_us && result && strcmp(result, "success") == 0)
                        durations[count++] = MAX(record_int(run, "finishedAt", 0) - started_us, INT64_C(1));
        }
        *ret_count = (int64_t)count;
        if (code || count == 0)
                return code;
        qsort(durations, count, sizeof(durations[0]), duration_compare);
        size_t rank = quantile == SUBJECT_P50   ? (count - 1) / 2
                      : quantile == SUBJECT_P95 ? (count * 95 + 99) / 100 - 1
                                                : count - 1;
        *ret_us = durations[rank];
        return 0;
}

static int measure(struct subject *subject, const struct ctl *ctl, enum subject_quantile quantile,
                   struct error *error)
{
        int code = recorded(ctl, "schedule", subject->name, quantile, &subject->duration_us,
                            &subject->samples, error);

        subject->duration_from = "schedule";
        if (code == 0 && subject->samples == 0) {
                subject->duration_from = "task";
                code = recorded(ctl, "task", subject->task, quantile, &subject->duration_us,
                                &subject->samples, error);
        }
        return code;
}

int subjects_measure(struct subjects *subjects, const struct ctl *ctl,
                     const struct subject_duration *duration, bool is_recorded, struct error *error)
{
        int code = 0;

        for (size_t i = 0; i < subjects->count && code == 0; i++) {
                struct subject *subject = &subjects->list[i];
                if (duration->quantile == SUBJECT_FIXED) {
                        subject->duration_us = duration->fixed_us;
                        subject->duration_from = "option";
                        continue;
                }
                if (is_recorded)
                        code = measure(subject, ctl, duration->quantile, error);
                if (code == 0 && subject->samples == 0) {
                        subject->duration_us = SUBJECT_DURATION_US;
                        subject->duration_from = "assumed";
                }
        }
        return code;
}
