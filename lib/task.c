/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/task.h"

#include <errno.h>
#include <string.h>

#include "lib/util.h"

int task_name_check(const char *name, struct error *error)
{
        size_t size = strlen(name);

        if (size == 0)
                return error_set(error, EINVAL, "expected a task name, found nothing");
        if (size > TASK_NAME_MAX)
                return error_set(error, EINVAL, "expected a task name of at most %d bytes, found %zu",
                                 TASK_NAME_MAX, size);
        for (size_t at = 0, length; at < size; at += length) {
                length = utf8_sequence(name + at, size - at);
                if (length == 0)
                        return error_set(error, EINVAL, "expected a task name in UTF-8, found byte 0x%02x",
                                         (unsigned char)name[at]);
                if (utf8_is_control(name + at, length))
                        return error_set(error, EINVAL, "expected a task name without control characters");
        }
        if (strchr(name, '/'))
                return error_set(error, EINVAL, "expected a task name without \"/\", found \"%s\"", name);
        if (strstr(name, ".."))
                return error_set(error, EINVAL, "expected a task name without \"..\", found \"%s\"", name);
        return 0;
}

int task_label_check(const char *text, struct error *error)
{
        size_t size = strlen(text);

        if (size < 1 || size > TASK_LABEL_MAX)
                return error_set(error, EINVAL, "1 to %d bytes", TASK_LABEL_MAX);
        for (size_t at = 0, length; at < size; at += length) {
                length = utf8_sequence(text + at, size - at);
                if (length == 0 || utf8_is_control(text + at, length))
                        return error_set(error, EINVAL, "text without control characters");
        }
        return 0;
}

int task_args_check(char *const *args, struct error *error)
{
        size_t bytes = 0, count = 0;

        for (; args && args[count]; count++) {
                size_t size = strlen(args[count]);
                if (count == TASK_ARGS_MAX)
                        return error_set(error, E2BIG, "expected at most %d arguments", TASK_ARGS_MAX);
                bytes += size + 1;
                if (bytes > TASK_ARGS_BYTES_MAX)
                        return error_set(error, E2BIG, "expected arguments of at most %d bytes together",
                                         TASK_ARGS_BYTES_MAX);
                if (!utf8_is_valid(args[count], size))
                        return error_set(error, EINVAL, "expected argument %zu in UTF-8", count + 1);
        }
        return 0;
}
