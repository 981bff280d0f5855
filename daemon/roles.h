/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Roles: what users and groups are to the daemon, from the preferences bgtaskd.access.*.
 *
 * The table is closed when one of its preferences is wrong: then no one has a role by it, so that a slip of the pen
 * cannot open what it was meant to shut.
 */
#ifndef DAEMON_ROLES_H
#define DAEMON_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "daemon/settings.h"
#include "lib/prefs.h"

#define ROLES_PREFIX "bgtaskd.access."

/* Each may what those before it may. */
enum role {
        ROLE_NONE,
        ROLE_SEE,   /* status, tasks, schedules, own runs */
        ROLE_RUN,   /* run tasks, cancel own runs */
        ROLE_EDIT,  /* change schedules */
        ROLE_ADMIN, /* others' runs, and the daemon itself */
        ROLE_COUNT,
};

struct role_entry {
        bool group;
        id_t id; /* uid or gid */
        enum role role;
};

struct roles {
        struct role_entry *entries;
        size_t count;
        enum role fallback; /* of the members of the socket's group */
        bool closed;        /* there was an error: all empty */
};

/* The words of preferences and protocol. parse: -1 when unknown. */
const char *role_name(enum role role);
int role_parse(const char *name);

/* Take the table from @prefs. Each error is reported and counted as by settings_load(); with any, *ret is closed. Names
 * are looked up in the system's databases. -ENOMEM. */
int roles_load(const struct prefs *prefs, bool system, struct roles *ret, settings_report report, void *data);
void roles_done(struct roles *roles);
/* The highest role that the user and its groups have; ROLE_NONE of a user wins over all. Root and the daemon's own user
 * are not asked about here. @member: of the socket's group. */
enum role roles_find(const struct roles *roles, uid_t uid, bool member, const gid_t *groups,
                     size_t group_count);
/* Whether someone has a role without being a member of the socket's group. */
bool roles_open(const struct roles *roles);
/* For --preferences. */
void roles_print(FILE *out);

#endif
