/* SPDX-License-Identifier: MPL-2.0 */
/* Programs that nobody waits for. */
#ifndef LIB_DETACHED_H
#define LIB_DETACHED_H

#include "lib/error.h"

/* Execute @program with @argv as bgtask_run_detached() says. Any thread of any process. 0 or -errno with a text, when it is
 * executed or cannot be. */
int detached_run(const char *program, char *const argv[], struct error *error);

#endif
