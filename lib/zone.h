/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Time zones, read from the system's zoneinfo files (TZif, RFC 9636) without the C library's state: no TZ, no tzset.
 *
 * A zone cuts time into spans in each of which local time is UTC plus one offset. From one span to the next the clock
 * jumps ahead (a gap: local times that never were), back (an overlap: local times that were twice), or only changes
 * its name. Everything else is made of that.
 */
#ifndef LIB_ZONE_H
#define LIB_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/zone_policy.h"

#define ZONE_NAME_MAX 64
#define ZONE_FILE_MAX (1024 * 1024)
#define ZONE_DIRECTORY "/usr/share/zoneinfo"
#define ZONE_YEAR_LAST 2200
#define ZONE_EVER_S INT64_C(9000000000000) /* some 285000 years */

#define ZONE_UTC "UTC" /* the one zone that needs no file */

struct zone;  /* immutable, counted */
struct zones; /* a cache of them, for one thread */

/* From @from_s on, up to but not including @until_s; seconds since the epoch. INT64_MIN, INT64_MAX: no limit. */
struct zone_span {
        int64_t from_s, until_s;
        int32_t offset_s; /* local time minus UTC */
        bool dst;
        const char *name; /* "CEST"; of the zone */
};

/* The same without regard to names: neighbours differ in their offsets. At a limit @before_s, @after_s are as offset_s. */
struct zone_stretch {
        int64_t from_s, until_s;
        int32_t before_s, offset_s, after_s;
};

/* What a local time is in UTC. */
struct zone_instants {
        unsigned count;   /* 0: it is inside a gap, 1, or 2 in an overlap */
        int64_t utc_s[2]; /* ascending; of a gap [0] is the first instant after it */
};

/* ---- zones by name ---- */

/* @directory NULL: $TZDIR, else the system's. -ENOMEM. */
int zones_new(const char *directory, struct zones **ret);
void zones_free(struct zones *zones);
const char *zones_directory(const struct zones *zones);
/* The zone of a name such as "Europe/Berlin"; NULL or "": the system's, which is what /etc/localtime is, whatever TZ
 * says. Borrowed until the next call with @zones: who keeps it takes a reference. -EINVAL: not a name, no such zone, or
 * not a good file, with a text. */
int zones_get(struct zones *zones, const char *name, const struct zone **ret, struct error *error);
/* A hash of what the file says now; NULL: the system's zone, name included. Negative as above. */
int zones_hash(struct zones *zones, const char *name, uint64_t *ret);
/* Files may have changed: zones are read again at their next use. */
void zones_forget(struct zones *zones);
/* What the zone database calls the zone that is @name but for capital letters, and the name that stands for all links to
 * it: of "asia/calcutta" Asia/Calcutta and Asia/Kolkata. -ENOENT: there is none; -ENOMEM. */
int zones_find(const struct zones *zones, const char *name, char ret_name[ZONE_NAME_MAX],
               char ret_primary[ZONE_NAME_MAX]);
/* The version of the zone database, such as "2025b", malloc'd; "" when it has none; NULL: out of memory. */
char *zones_version(const struct zones *zones);
/* Whether it is spelt like one: letters, digits, "_", "-", "+", and "/" between its parts. */
bool zone_name_is_valid(const char *name);
/* The name that the symbolic link @link (/etc/localtime) gives to the system's zone; none without a link. -EINVAL: it
 * is something else. */
int zone_name_of_link(const char *link, char ret[ZONE_NAME_MAX]);

/* ---- one zone ---- */

struct zone *zone_ref(const struct zone *zone);
void zone_unref(struct zone *zone);
const char *zone_name(const struct zone *zone);
/* Later than the year ZONE_YEAR_LAST the last span goes on. */
void zone_span_at(const struct zone *zone, int64_t utc_s, struct zone_span *ret);
void zone_stretch_at(const struct zone *zone, int64_t utc_s, struct zone_stretch *ret);
/* The same for any time within ZONE_EVER_S of the epoch: later than ZONE_YEAR_LAST the zone's rule goes on. */
void zone_stretch_ever(const struct zone *zone, int64_t utc_s, struct zone_stretch *ret);
/* The most that local time is ever ahead of UTC. */
int32_t zone_offset_max(const struct zone *zone);
/* @local_s: local time as seconds since 1970-01-01 of the local calendar. */
void zone_local(const struct zone *zone, int64_t local_s, struct zone_instants *ret);
void zone_local_ever(const struct zone *zone, int64_t local_s, struct zone_instants *ret);

/* From the bytes of a file, which are not kept. -EINVAL with a text that says what was expected where. */
int zone_decode(const char *name, const void *data, size_t size, struct zone **ret, struct error *error);

#endif
