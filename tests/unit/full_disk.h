/* SPDX-License-Identifier: MPL-2.0 */
/* An SQLite VFS over the default one that has a disk of a size that the test sets. */
#ifndef TESTS_UNIT_FULL_DISK_H
#define TESTS_UNIT_FULL_DISK_H

#include <stdint.h>

/* Make it the default VFS, for files in @directory, whose files' allocated blocks count as used. Without limit. */
void full_disk_install(const char *directory);
uint64_t full_disk_used(void);
void full_disk_limit(uint64_t bytes);
uint64_t full_disk_free(void);
/* Writes fail with this SQLite error and errno from now on; 0: no more. */
void full_disk_fail(int rc, int code);

#endif
