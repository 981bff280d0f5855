/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The names that Gecko has, for what does not exist here: whoever uses one of them is told so, and not that
 * something is undefined. The list is a file of the runtime library, read when it is first asked.
 */
#ifndef RUNNER_GECKO_NAMES_H
#define RUNNER_GECKO_NAMES_H

#include <stdbool.h>

/* Whether the list in the runtime library @gre_directory has the line "KIND NAME". A list that cannot be
 * read has nothing. */
bool gecko_names_have(const char *gre_directory, const char *kind, const char *name);
/* The same; the name, as it stands in the list, or NULL. It ends with the line and stays for ever. */
const char *gecko_names_find(const char *gre_directory, const char *kind, const char *name);

#endif
