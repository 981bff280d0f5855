/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Opening a store that may be damaged or gone, and putting a backup in its place.
 *
 * What is put in place is never just the backup: a run that was queued or under way in it may have been done since,
 * so it becomes `lost` rather than being run once more; numbers that may have been given away since are not given
 * away again; and rows that the damaged database still shows are newer than the backup's and take their place. The
 * damaged files are kept together in STATE/damaged-YYYYMMDDTHHMMSSZ, with a report. While such a folder is
 * there the status says so: removing it is how an administrator says that it was noticed.
 */
#ifndef DAEMON_STORE_RECOVER_H
#define DAEMON_STORE_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct store;

/* A run that something else than the database tells of. */
struct store_known {
        int64_t id;
        int64_t epoch; /* of its run file: reconciliation decides about it; 0: it has output */
};

struct store_open_options {
        /* Put the newest good backup in the place of a database that is damaged or gone; else that is -EUCLEAN. */
        bool restore;
        /* Put this backup in its place in any case; NULL: only as above. */
        const char *from;
        const struct store_known *known; /* by no order */
        size_t known_count;
        /* One line about what was found and done; NULL: nobody wants to know. */
        void (*report)(const char *line, void *data);
        void *data;
};

/* As store_open(), which is this without any options. */
int store_open_recover(const char *directory, const struct store_open_options *options, struct store **ret,
                       struct error *error);
/* Nothing is changed: 0: the database of @directory is there, or never was; -EUCLEAN: it is missing. */
int store_check_missing(const char *directory, struct error *error);
/* Who has a lock on the database at @path, as " (process 17, sqlite3)"; "": nobody, as far as can be known. */
void store_find_holder(const char *path, char *ret_text, size_t size);
/* What should not be forgotten about an earlier damage, in one sentence; NULL: nothing. */
const char *store_note(struct store *store);

#endif
