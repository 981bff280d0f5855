/* SPDX-License-Identifier: MPL-2.0 */
/* What a task is called and where its module is looked for. */
#ifndef LIB_TASK_H
#define LIB_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define TASK_NAME_MAX 128
#define TASK_LABEL_MAX 128
#define TASK_ARGS_MAX 256          /* arguments a run may have */
#define TASK_ARGS_BYTES_MAX 131072 /* and their bytes, terminators included */
#define TASK_MODULE_DIRECTORY "modules/backgroundtasks"
#define TASK_MODULE_PREFIX "BackgroundTask_"
#define TASK_MODULE_SUFFIX ".sys.mjs"

/* Not empty, at most TASK_NAME_MAX bytes of UTF-8, no '/', no "..", no control character. -EINVAL. */
int task_name_check(const char *name, struct error *error);
/* A schedule's name, or the key of a run: 1 to 128 bytes of UTF-8 without control characters. -EINVAL with
 * what is expected. */
int task_label_check(const char *text, struct error *error);
/* Number, size and encoding of a NULL-terminated array. -EINVAL, -E2BIG. */
int task_args_check(char *const *args, struct error *error);

#endif
