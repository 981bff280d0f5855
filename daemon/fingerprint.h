/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether the files that a zygote has read are still those on disk. A list of paths with identity, size and
 * times, taken before it starts; checking it is one stat a file (some 0.5 us each), with nothing to keep open
 * and nothing that wakes the daemon.
 */
#ifndef DAEMON_FINGERPRINT_H
#define DAEMON_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

struct fingerprint;

struct fingerprint *fingerprint_new(void);
void fingerprint_free(struct fingerprint *fingerprint);
/* Note one file, present or not. -ENOMEM. */
int fingerprint_add(struct fingerprint *fingerprint, const char *path);
/* Note a directory and all below it, except directories named @except: what comes and goes there shows in the
 * directory's times. Bounded; -E2BIG beyond. */
int fingerprint_add_tree(struct fingerprint *fingerprint, const char *directory, const char *except);
/* When the last change to any of them was, by the times of the files, in microseconds since the epoch. */
int64_t fingerprint_newest_us(const struct fingerprint *fingerprint);
/* The first path that differs, NULL: none does. */
const char *fingerprint_changed(const struct fingerprint *fingerprint);

#endif
