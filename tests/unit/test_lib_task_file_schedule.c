/* SPDX-License-Identifier: MPL-2.0 */
/* [Schedule] sections of task files. */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/task_file.h"
#include "lib/util.h"
#include "tests/unit/unit.h"

/* t.task and up to two drop-ins; the schedules as "NAME LINE OF ITS FIRST SECTION: DEFINITION", lines of which are
 * joined by "|"; or the errors. */
static const struct {
        const char *main, *drop_in, *other_drop_in;
        const char *schedules, *errors;
} files[] = {
        { "[Task]\nNetwork=yes\n", NULL, NULL, "", "" },
        { "[Schedule]\nEverySec=6h\n", NULL, NULL, "t 1: EverySec=21600s|\n", "" },
        { "[Task]\nNetwork=yes\n\n[Schedule]\nEverySec=6h\n[Task]\nJIT=no\n", NULL, NULL,
          "t 4: EverySec=21600s|\n", "" },
        { "[Schedule]\nEverySec=1h\n[Schedule]\nCron=@reboot\nName=boot up\n", NULL, NULL,
          "t 1: EverySec=3600s|\nboot up 3: OnBootSec=0s|\n", "" },
        { "[Schedule]\nName=%N-%%\nEverySec=1h\nArguments=%n\n", NULL, NULL,
          "t-% 1: Arguments=t.task|EverySec=3600s|\n", "" },
        { "[Schedule]\nName=a\nName=\nEverySec=1h\n", NULL, NULL, "t 1: EverySec=3600s|\n", "" },
        /* the zone of local times stands where it will */
        { "[Schedule]\nEverySec=1h\nAnchorAt=2024-07-01 12:00\nTimeZone=Europe/Berlin\n", NULL, NULL,
          "t 1: EverySec=3600s|AnchorAt=@1719828000|TimeZone=Europe/Berlin|\n", "" },
        { "[Schedule]\nEverySec=1h\nAnchorAt=2024-07-01 12:00\nTimeZone=Europe/Berlin\n",
          "[Schedule]\nTimeZone=UTC\n", NULL, NULL,
          "t.task.d/1.conf:2: TimeZone=: expected it before AnchorAt=, StartAt= and EndAt= that name no zone\n" },
        /* sections of one name */
        { "[Schedule]\nEverySec=1h\n[Schedule]\nEverySec=2h\n", NULL, NULL, NULL,
          "t.task:3: expected one [Schedule] of the name \"t\", found another in line 1; Name= tells them apart\n" },
        { "[Schedule]\nName=t\nEverySec=1h\n[Task]\n[Schedule]\nEverySec=2h\n", NULL, NULL, NULL,
          "t.task:5: expected one [Schedule] of the name \"t\", found another in line 1; Name= tells them apart\n" },
        /* drop-ins */
        { "[Schedule]\nEverySec=1h\nArguments=a\n", "[Schedule]\nEverySec=2h\nArguments=b\n", NULL,
          "t 1: Arguments=a|Arguments=b|EverySec=7200s|\n", "" },
        { "[Schedule]\nEverySec=1h\nArguments=a\n", "[Schedule]\nName=t\nArguments=\n",
          "[Schedule]\nPriority=1\n", "t 1: EverySec=3600s|Priority=1|\n", "" },
        { "[Schedule]\nEverySec=1h\n", "[Schedule]\nName=more\nEverySec=2h\n",
          "[Schedule]\nName=more\nEnabled=no\n", "t 1: EverySec=3600s|\nmore 1: Enabled=no|EverySec=7200s|\n",
          "" },
        { "[Schedule]\nEverySec=1h\n", "[Schedule]\nPriority=1\n[Schedule]\nPriority=2\n", NULL, NULL,
          "t.task.d/1.conf:3: expected one [Schedule] of the name \"t\", found another in line 1; Name= tells them apart\n" },
        { "[Task]\n", "[Schedule]\nOnBootSec=5\n", NULL, "t 1: OnBootSec=5s|\n", "" },
        { "[Schedule]\n", "[Schedule]\nOnBootSec=5\n", NULL, "t 1: OnBootSec=5s|\n", "" },
        /* lines */
        { "[Schedule]\nEverySec=never\nOverlap=skp\n\n[Schedule]\nName=b\nEverySec=1\nPriority=x\n", NULL,
          NULL, NULL,
          "t.task:2: EverySec=: expected a time span from 1s to 3653 days such as \"6h\", found \"never\"\n"
          "t.task:3: Overlap=: expected skip, buffer-one, buffer-all, cancel-other, terminate-other or allow, found \"skp\"\n"
          "t.task:8: Priority=: expected a number from -100 to 100, found \"x\"\n" },
        { "[Schedule]\nEverysec=1h\n", NULL, NULL, NULL,
          "t.task:2: Everysec=: unknown key, did you mean EverySec=?\n" },
        { "[Schedule]\nname=x\nEverySec=1\n", NULL, NULL, NULL,
          "t.task:2: name=: unknown key, did you mean Name=?\n" },
        { "[Schedule]\nExecStart=/bin/true\n", NULL, NULL, NULL,
          "t.task:2: ExecStart=: unknown key, bgtaskd.task(5) lists them\n" },
        { "[Schedule]\nEverySec=1h\nNetwork=yes\n[Task]\nOnCalendar=daily\nName=x\n", NULL, NULL, NULL,
          "t.task:3: Network=: expected in [Task], found in [Schedule]\n"
          "t.task:5: OnCalendar=: expected in [Schedule], found in [Task]\n"
          "t.task:6: Name=: expected in [Schedule], found in [Task]\n" },
        { "[Schedule]\nEverySec=1h\nName=a\\\n\tb%\n", NULL, NULL, NULL,
          "t.task:3: Name=: expected %% or one of %C %E %h %n %N %S %t %u %U, found a single %\n" },
        { "[Schedule]\nEverySec=1h\nName=a\tb\n", NULL, NULL, NULL,
          "t.task:3: Name=: expected text without control characters\n" },
        { "[Schedul]\nEverySec=1h\n", NULL, NULL, NULL,
          "t.task:1: unknown section [Schedul], expected [Task] or [Schedule]\n" },
        { "[Schedule] # c\nEverySec=1h\n", NULL, NULL, NULL,
          "t.task:1: expected [Task] or [Schedule], found \"[Schedule] # c\"\n" },
        /* as a whole, once everything was read */
        { "[Schedule]\nOnCalendar=*-02-30\n", NULL, NULL, NULL,
          "t.task:1: schedule \"t\": OnCalendar=: expected a date that exists, found \"*-02-30 00:00:00\"\n" },
        { "\n[Schedule]\nPriority=1\n[Schedule]\nName=b\n", NULL, NULL, NULL,
          "t.task:2: schedule \"t\": expected something that triggers it, such as OnCalendar=, Cron= or EverySec=\n"
          "t.task:4: schedule \"b\": expected something that triggers it, such as OnCalendar=, Cron= or EverySec=\n" },
        { "[Schedule]\nEverySec=1h\nFlexSec=30min\n", "[Schedule]\nEverySec=10min\n", NULL, NULL,
          "t.task:1: schedule \"t\": FlexSec=: expected less than EverySec=\n" },
};

static void file_put(const char *path, const char *text)
{
        if (text)
                ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, text, strlen(text), 0644, false), 0);
}

static char *schedules_print(const struct task_file *file)
{
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        for (size_t i = 0; i < file->schedule_count; i++) {
                const struct task_file_schedule *schedule = &file->schedules[i];
                fprintf(out, "%s %u: ", schedule->name, schedule->first.line);
                for (const char *p = schedule->text; *p; p++)
                        fputc(*p == '\n' ? '|' : *p, out);
                fputc('\n', out);
        }
        fclose(out);
        return text;
}

START_TEST(sections)
{
        char *const directories[] = { (char *)".", NULL };
        char *base = unit_directory();
        struct task_file file;

        ck_assert_int_eq(chdir(base), 0);
        ck_assert_int_eq(directory_make("t.task.d", 0755), 0);
        file_put("t.task", files[_i].main);
        file_put("t.task.d/1.conf", files[_i].drop_in);
        file_put("t.task.d/2.conf", files[_i].other_drop_in);
        ck_assert_int_eq(task_file_load(directories, "t", true, &file), 0);
        _cleanup_free_ char *errors = strdup("");
        for (char **line = file.errors; line && *line; line++) {
                char *longer = format_string("%s%s\n", errors,
                                             strncmp(*line, "./", 2) == 0 ? *line + 2 : *line);
                free(errors);
                errors = longer;
        }
        ck_assert_str_eq(errors, files[_i].errors);
        if (files[_i].schedules) {
                _cleanup_free_ char *schedules = schedules_print(&file);
                ck_assert_str_eq(schedules, files[_i].schedules);
        }
        task_file_done(&file);
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

START_TEST(origins)
{
        char *base = unit_directory();
        struct error error = ERROR_INIT;
        struct task_file file;

        ck_assert_int_eq(chdir(base), 0);
        ck_assert_int_eq(directory_make("t.task.d", 0755), 0);
        file_put("t.task", "[Schedule]\nEverySec=1h\nPriority=3\n");
        file_put("t.task.d/1.conf", "[Schedule]\nOverlap=allow\nPriority=\n");
        ck_assert_int_eq(task_file_load_path("t.task", true, &file, &error), 0);
        const struct task_file_schedule *schedule = &file.schedules[0];
        ck_assert_uint_eq(schedule->first.file, 0);
        ck_assert_uint_eq(schedule->last.file, 1);
        const struct task_file_origin *every = &schedule->origins[schedule_definition_find("EverySec")];
        ck_assert(every->file == 0 && every->line == 2);
        const struct task_file_origin *overlap = &schedule->origins[schedule_definition_find("Overlap")];
        ck_assert(overlap->file == 1 && overlap->line == 2);
        ck_assert_uint_eq(schedule->origins[schedule_definition_find("Priority")].line, 0);
        ck_assert_uint_eq(schedule->origins[schedule_definition_find("Pool")].line, 0);
        task_file_done(&file);

        /* What triggers it may be in the file that is not looked at. */
        static const char *const paths[] = { "t.task.d/1.conf", "./t.task.d/1.conf" };
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                ck_assert_int_eq(task_file_load_path(paths[i], true, &file, &error), 0);
                ck_assert_ptr_null(file.errors);
                ck_assert_str_eq(file.schedules[0].text, "Overlap=allow\n");
                task_file_done(&file);
        }
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

START_TEST(too_many)
{
        const struct task_specifiers specifiers = { .task = "t", .system_instance = true };
        struct task_file file = { 0 };
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        for (int i = 0; i < TASK_FILE_SCHEDULES_MAX + 1; i++)
                fprintf(out, "[Schedule]\nName=%d\nEverySec=1h\n", i);
        fclose(out);
        task_policy_init(&file.policy);
        ck_assert_int_eq(task_file_parse("F", text, size, &specifiers, &file), 0);
        ck_assert_uint_eq(file.schedule_count, TASK_FILE_SCHEDULES_MAX);
        ck_assert_uint_eq(strv_length(file.errors), 1);
        ck_assert_str_eq(file.errors[0], "F:385: expected at most 128 schedules, found more");
        task_file_done(&file);
        free(text);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, sections, 0, ARRAY_SIZE(files));
        tcase_add_test(test_case, origins);
        tcase_add_test(test_case, too_many);
}

int main(void)
{
        return unit_main("task_file_schedule", add);
}
