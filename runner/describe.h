/* SPDX-License-Identifier: MPL-2.0 */
/* An exception in words for the author of a task. */
#ifndef RUNNER_DESCRIBE_H
#define RUNNER_DESCRIBE_H

#include "runner/engine.h"

/* eng_describe() without the frames of the runtime library: an error that the library throws is reported at the
 * line of the task that called it. Where there is no other frame nothing is left out. What an error has as its cause
 * is part of the message. Strings belong to the innermost scope. */
void describe_exception(eng *e, eng_val exception, struct eng_error *ret);
/* Whether @url is one of the runtime library's own modules, which tasks are not told of. */
bool describe_is_library(const char *url);

#endif
