/* SPDX-License-Identifier: MPL-2.0 */
/* What the store wants of SQLite for any database: its own, a backup, a damaged one. */
#ifndef DAEMON_STORE_SQLITE_H
#define DAEMON_STORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define STORE_VALUE_MAX 256
/* What an SQLite code is as an errno: EBUSY, EUCLEAN, ENOSPC, ENOMEM, EROFS; EIO: any other. */
int store_errno(int rc);
/* "WHAT: " and the last error of @db. */
int store_error(struct error *error, sqlite3 *db, const char *what);
/* Look at the structure, at some 200 MiB a second; with @indexes, also whether they agree with the rows. An
 * SQLite code; then @ret_damage is what is damaged, "" if nothing is. */
int store_find_damage(sqlite3 *db, bool indexes, char ret_damage[static STORE_VALUE_MAX]);
/* The same of one table and its indexes. */
int store_find_damage_in(sqlite3 *db, const char *table, char ret_damage[static STORE_VALUE_MAX]);
/* Set all that makes reading a file safe that may be damaged or hostile. An SQLite code. */
int store_harden(sqlite3 *db);
/* The same for one that is read with its log, may be damaged, and is not changed, the log included. */
int store_harden_reader(sqlite3 *db);
/* Open a file for reading alone: no lock is taken, no file made. */
int store_open_immutable(const char *path, sqlite3 **ret, struct error *error);
/* The first column of the first row, as a number and, in @ret_text (NULL: not wanted), as text. */
int store_value(sqlite3 *db, const char *sql, int64_t *ret, char *ret_text, size_t text_size);

#endif
