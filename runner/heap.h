/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A process that is cloned from this one shares its pages until it writes to them; then the kernel copies the page. What
 * malloc() gives out of the gaps that are left between what we have, each on another page, costs a copy each.
 */
#ifndef RUNNER_HEAP_H
#define RUNNER_HEAP_H

#include <stddef.h>

/* Take all gaps of the C library's heap for good, so that clones get new memory, many pieces to a page. Once, when all
 * that they share has been made, in a process with one thread. */
void heap_settle(void);
/* How many bytes that were, of what the C library says is in use. */
size_t heap_taken(void);

#endif
