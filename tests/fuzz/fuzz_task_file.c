/* SPDX-License-Identifier: MPL-2.0 */
/* A file either makes a policy and schedules, or errors that name a line of it. What it makes is the same after a way
 * over the wire, and when it is written as a file and read again; and its schedules have times in order, between
 * StartAt= and EndAt=. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/schedule_times.h"
#include "lib/task.h"
#include "lib/task_file.h"
#include "lib/util.h"
#include "lib/zone.h"
#include "tests/fuzz/fuzz.h"

#define TIMES 20

static const struct task_specifiers specifiers = { .task = "t", .system_instance = true };

static void policy_check(const struct task_policy *policy)
{
        char *text = task_policy_format(policy), *again;
        struct error error = ERROR_INIT;
        struct task_policy copy;

        if (!text)
                return; /* longer than a policy may be: task_file_load() says so */
        int r = task_policy_parse(text, &copy, &error);
        if (r < 0)
                fprintf(stderr, "%s\n%s", error.text, text);
        fuzz_require(r == 0);
        again = task_policy_format(&copy);
        fuzz_require(again && strcmp(text, again) == 0);
        task_policy_done(&copy);
        free(text);
        free(again);
}

static void schedule_check(const struct task_file_schedule *schedule, unsigned lines)
{
        char *text = schedule_definition_format(&schedule->definition), *again;
        struct schedule_definition copy;
        struct error error = ERROR_INIT;

        fuzz_require(task_label_check(schedule->name, NULL) == 0);
        fuzz_require(schedule->first.line > 0 && schedule->first.line < lines);
        for (size_t i = 0; i < schedule_definition_keys(); i++)
                fuzz_require(schedule->origins[i].line < lines);
        if (!text)
                return;
        int r = schedule_definition_parse(text, &copy, &error);
        if (r < 0)
                fprintf(stderr, "%s\n%s", error.text, text);
        fuzz_require(r == 0);
        again = schedule_definition_format(&copy);
        fuzz_require(again && strcmp(text, again) == 0);
        schedule_definition_done(&copy);
        free(text);
        free(again);
}

static void times_check(const struct task_file_schedule *schedule)
{
        static struct zones *zones; /* a cache */
        const struct schedule_definition *definition = &schedule->definition;
        struct schedule_times *times;
        struct error error = ERROR_INIT;
        int64_t at_us = INT64_MIN;

        if (schedule_definition_check(definition, NULL) < 0)
                return;
        if (!zones)
                fuzz_require(zones_new(NULL, &zones) == 0);
        int r = schedule_times_new(definition, schedule->name, zones, &times, &error);
        if (r < 0)
                fprintf(stderr, "%s\n", error.text);
        fuzz_require(r == 0);
        for (int i = 0; i < TIMES; i++) {
                int64_t next_us = schedule_times_next(times, at_us);
                if (!next_us)
                        break;
                fuzz_require(next_us > at_us && next_us > 0);
                fuzz_require(next_us >= definition->start_us);
                fuzz_require(!definition->end_us || next_us <= definition->end_us);
                /* Whoever asks, and from wherever. */
                fuzz_require(schedule_times_next(times, next_us - 1) == next_us);
                at_us = next_us;
        }
        schedule_times_free(times);
}

/* ---- written again ---- */

/* NULL: longer than it may be, which task_file_load() says. */
static char *file_write(const struct task_file *file)
{
        char *policy = task_policy_format(&file->policy), *text = NULL;
        bool whole = policy;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        fuzz_require(out);
        fprintf(out, "[Task]\n%s", whole ? policy : "");
        for (size_t i = 0; i < file->schedule_count && whole; i++) {
                char *lines = schedule_definition_format(&file->schedules[i].definition);
                whole = lines;
                fprintf(out, "[Schedule]\nName=%s\n%s", file->schedules[i].name, whole ? lines : "");
                free(lines);
        }
        free(policy);
        fuzz_require(fclose(out) == 0);
        if (whole && strlen(text) <= TASK_FILE_MAX)
                return text;
        free(text);
        return NULL;
}

static void file_check(const struct task_file *file)
{
        struct task_file again = { 0 };
        char *text = file_write(file), *copy = text ? strdup(text) : NULL, *written;

        if (!text)
                return;
        task_policy_init(&again.policy);
        /* Specifiers are expanded: a % is a % . */
        fuzz_require(copy && task_file_parse("F", copy, strlen(copy), NULL, &again) == 0);
        if (again.errors)
                fprintf(stderr, "%s\n%s", again.errors[0], text);
        fuzz_require(!again.errors && again.schedule_count == file->schedule_count);
        written = file_write(&again);
        fuzz_require(written && strcmp(text, written) == 0);
        task_file_done(&again);
        free(text);
        free(copy);
        free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct task_file file = { 0 };
        unsigned lines = 2;

        if (size > TASK_FILE_MAX)
                return 0;
        char *text = malloc(size + 1);
        fuzz_require(text);
        memcpy(text, data, size);
        text[size] = 0;
        for (size_t i = 0; i < size; i++)
                lines += data[i] == '\n';
        task_policy_init(&file.policy);
        fuzz_require(task_file_parse("F", text, size, &specifiers, &file) == 0);
        fuzz_require(strv_length(file.errors) <= TASK_FILE_ERRORS_MAX + 1);
        for (size_t i = 0; file.errors && file.errors[i] && i < TASK_FILE_ERRORS_MAX; i++) {
                fuzz_require(strncmp(file.errors[i], "F:", 2) == 0);
                unsigned long line = strtoul(file.errors[i] + 2, NULL, 10);
                fuzz_require(line > 0 && line < lines);
                fuzz_require(utf8_is_valid(file.errors[i], strlen(file.errors[i])) &&
                             !strchr(file.errors[i], '\n'));
        }
        for (size_t i = 0; i < TASK_POLICY_KEYS; i++)
                fuzz_require(file.origins[i].line < lines);
        policy_check(&file.policy);
        for (size_t i = 0; i < file.schedule_count; i++)
                schedule_check(&file.schedules[i], lines);
        if (!file.errors) {
                file_check(&file);
                for (size_t i = 0; i < file.schedule_count; i++)
                        times_check(&file.schedules[i]);
        }
        task_file_done(&file);
        free(text);
        return 0;
}
