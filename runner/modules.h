/* SPDX-License-Identifier: MPL-2.0 */
/* Loadable modules of our own, for libraries that few tasks need: a table of functions each, whose first member is the
 * version of its layout, an unsigned. */
#ifndef RUNNER_MODULES_H
#define RUNNER_MODULES_H

#include "lib/error.h"

/* The table @symbol of @file in the library's directory, for as long as the process lives. NULL with an error that calls
 * it "the @what module": it cannot be loaded, or is of another version than @abi. */
const void *modules_load(const char *file, const char *symbol, unsigned abi, const char *what,
                         struct error *error);

#endif
