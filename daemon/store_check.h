/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether the database is sound, without a start that takes the longer the more schedules there are.
 *
 * A small database is checked in full before anything of it is used. Of a large one that is done with what a run could be
 * lost or done twice by (all tables but those of schedules and their ledger); the rest is read by another process while
 * the daemon serves. That process sees what was committed when it began. It can do so as long as nothing is moved from
 * the log into the database, which waits for it; when that cannot wait any longer, nothing it found counts.
 *
 *   unchecked ──store_check_begin──▶ held ──┬─ store_check_end, sound ──▶ checked
 *       ▲                                   ├─ store_check_end, damaged ──▶ store_condemn
 *       └───── a checkpoint had to be made ─┘
 */
#ifndef DAEMON_STORE_CHECK_H
#define DAEMON_STORE_CHECK_H

#include <stdbool.h>

#include "lib/error.h"

struct store;

/* What opening it left unchecked. */
bool store_is_unchecked(const struct store *store);
/* What is committed by now can be read by store_check_file() from now on. 1: not now, a group is open; STORE_FULL; a
 * negative errno. */
int store_check_begin(struct store *store);
/* In another process: check the database at @path that a daemon has open. -EUCLEAN: damaged, with a text; -EIO. */
int store_check_file(const char *path, struct error *error);
/* Nobody reads it any more. False: what was found does not count. @sound: it was good. */
bool store_check_end(struct store *store, bool sound);
/* It is damaged, as @what says: nothing more is written to it, and the next start looks at all of it. Returns -EUCLEAN, or
 * what has made the store unusable before; *error says it. */
int store_condemn(struct store *store, const char *what, struct error *error);

#endif
