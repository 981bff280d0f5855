/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A disk that can lose its power, under SQLite's own VFS and under our own code alike.
 *
 * A program that links disk.c has its system calls on files recorded, in order, from disk_begin() on, for one directory
 * tree: what is written goes to the real files (which are what the kernel's memory shows) and into the record. From
 * the record disk_cut() makes the tree as it would be found after a power cut at any moment of it:
 *
 * - What was written to a file is there if the file was synced afterwards. What was not may be there or not, sector
 *   by sector (512 bytes), in any order.
 * - A name (made, renamed, removed) is there if its directory was synced afterwards. Names that were not may be there
 *   up to any point of their order, which a journalling file system keeps. A rename is one step.
 *
 * Nothing is really synced, which makes this fast. Any recorded call can also be made to fail (disk_fail), among them a
 * sync that loses what it was to write, as Linux does: the kernel's memory shows it, no later sync writes it.
 */
#ifndef TESTS_POWERCUT_DISK_H
#define TESTS_POWERCUT_DISK_H

#include <stdbool.h>
#include <stddef.h>

enum disk_call {
        DISK_OPEN = 1,
        DISK_WRITE = 2,
        DISK_SYNC = 4,
        DISK_SIZE = 8,  /* ftruncate, fallocate */
        DISK_NAME = 16, /* rename, unlink, mkdir */
        DISK_LOCK = 32, /* fcntl, flock */
        DISK_READ = 64,
        DISK_ANY = 127,
};

enum disk_fault {
        DISK_FAULT_ONCE,  /* that call alone */
        DISK_FAULT_STAYS, /* that call and all after it */
        DISK_FAULT_SHORT, /* a write does half of it, the next fails */
        DISK_FAULT_LOSES, /* a sync fails and what it was to write is never written */
};

enum disk_mode {
        DISK_DROP,   /* all that was not synced is gone */
        DISK_KEEP,   /* all of it is there: a killed process, not a power cut */
        DISK_RANDOM, /* any sectors of it */
        DISK_PREFIX, /* up to some write, which is torn */
        DISK_MODES,
};

/* Begin to record what happens below @root; what is there now is on disk. */
void disk_begin(const char *root);
/* Stop recording, forget. */
void disk_end(void);
/* How much has been recorded: a moment. */
size_t disk_now(void);
/* Let the @number-th (from 1) of the calls of @kinds fail with @code; 0: none any more. Counts from here on. */
void disk_fail(unsigned number, unsigned kinds, int code, enum disk_fault fault);
/* How many calls of the kinds there have been since, and whether the fault has happened. */
unsigned disk_calls(void);
bool disk_failed(void);
/* Make the tree @to, which does not exist, as it is after a cut at @moment. */
void disk_cut(size_t moment, enum disk_mode mode, unsigned seed, const char *to);

#endif
