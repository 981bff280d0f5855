/* SPDX-License-Identifier: MPL-2.0 */
/* systemd's specifiers, "%h" and its like, as far as they mean something to a task file. */
#ifndef LIB_TASK_SPECIFIER_H
#define LIB_TASK_SPECIFIER_H

#include <stdbool.h>

#include "lib/error.h"

/* Whose task file it is; the specifiers follow from that and from the environment. */
struct task_specifiers {
        const char *task;
        bool system_instance;
};

/* malloc'd copy of @text with the specifiers replaced; @specifiers NULL: none is special. -EINVAL: no such
 * specifier, -ENOENT: its value cannot be known; -ENOMEM. */
int task_specifiers_expand(const struct task_specifiers *specifiers, const char *text, char **ret,
                           struct error *error);
/* malloc'd copy of @text that expands to @text. */
char *task_specifiers_protect(const char *text);

#endif
