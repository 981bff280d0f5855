/* SPDX-License-Identifier: MPL-2.0 */
/* verify: task files are read as a daemon would read them; what is wrong goes to stderr, or into JSON. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/print.h"
#include "client/records.h"
#include "client/task_files.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/util.h"

struct verify {
        bool json;
        bool failed; /* something is wrong; warnings are not */
        struct print_array array;
};

static void lines_print(char *const *lines)
{
        for (; lines && *lines; lines++) {
                _cleanup_free_ char *line = text_line(*lines);
                fprintf(stderr, "%s\n", line ? line : "?");
        }
}

static json_t *lines_to_json(char *const *lines)
{
        json_t *array = json_array();

        for (; array && lines && *lines; lines++)
                if (json_array_append_new(array, json_string(*lines)) < 0) {
                        json_decref(array);
                        return NULL;
                }
        return array;
}

/* Takes what is in @file. */
static int verify_report(struct verify *verify, struct task_file *file, const char *task, const char *path,
                         struct error *error)
{
        char **warnings = file->errors ? calloc(1, sizeof(*warnings)) : task_files_warn(file, task, path);
        int code = 0;

        verify->failed |= file->errors != NULL;
        if (!warnings) {
                code = ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        } else if (verify->json) {
                _cleanup_json_ json_t *entry = json_pack("{s:s, s:s, s:o, s:o, s:o}", "path", path, "task",
                                                         task, "files", lines_to_json(file->files), "errors",
                                                         lines_to_json(file->errors), "warnings",
                                                         lines_to_json(warnings));
                if (entry)
                        print_array_add(&verify->array, entry);
                else
                        code = ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        } else {
                lines_print(file->errors);
                lines_print(warnings);
        }
        strv_free(warnings);
        task_file_done(file);
        return code;
}

static int verify_path(struct verify *verify, const char *path, bool system, struct error *error)
{
        _cleanup_free_ char *task = task_file_task(path);
        struct task_file file;
        int r = task_file_load_path(path, system, &file, error);

        if (r < 0)
                return r == -EINVAL ? PROGRAM_EXIT_USAGE : PROGRAM_EXIT_OSERR;
        return verify_report(verify, &file, task ? task : "", path, error);
}

/* All tasks that have files where the instance looks for them. */
static int verify_all(struct verify *verify, bool system, struct error *error)
{
        char **directories = task_file_directories(system), **names = NULL;
        int r = directories ? task_file_names(directories, &names) : -ENOMEM;
        int code = 0;

        if (r == -E2BIG)
                code = ctl_fail(error, PROGRAM_EXIT_DATAERR, "expected files of at most %d tasks, found more",
                                TASK_FILE_NAMES_MAX);
        else if (r < 0)
                code = ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        for (char **name = names; code == 0 && *name; name++) {
                struct task_file file;
                _cleanup_free_ char *path = NULL;
                if (task_file_load(directories, *name, system, &file) < 0) {
                        code = ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
                        break;
                }
                path = file.files ? strdup(file.files[0]) : format_string("%s" TASK_FILE_SUFFIX, *name);
                code = path ? verify_report(verify, &file, *name, path, error)
                            : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        }
        strv_free(names);
        strv_free(directories);
        return code;
}

int cmd_verify(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        struct verify verify = { .json = ctl->json };
        bool system = task_files_of_system(ctl);
        int code = 0;

        if (arguments->operand_count == 0)
                code = verify_all(&verify, system, error);
        for (size_t i = 0; code == 0 && i < arguments->operand_count; i++)
                code = verify_path(&verify, arguments->operands[i], system, error);
        if (ctl->json)
                print_array_end(&verify.array);
        if (code == 0)
                code = print_flush(error);
        return code ? code : verify.failed ? PROGRAM_EXIT_DATAERR : 0;
}
