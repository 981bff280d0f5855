/* SPDX-License-Identifier: MPL-2.0 */
/* A file either makes a policy and schedules, which are the same after a way over the wire, or errors that name a line
 * of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/task.h"
#include "lib/task_file.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct task_specifiers specifiers = { .task = "t", .system_instance = true };
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
        task_file_done(&file);
        free(text);
        return 0;
}
