/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.zones: time zones as the system's zoneinfo has them, for Temporal.
 *
 *   find(name) -> [name, primary], or null             in the database's own case; primary: what all links to it have
 *   stretch(name, seconds) -> [from, until, offset]    in seconds; ±Infinity: no limit
 *   instants(name, seconds) -> [seconds…]              what the local time is in UTC: one, or two, in ascending order
 *   gapEnd(name, seconds) -> seconds                   of a local time that is in a gap: the first instant after it
 *
 * All seconds are within 285000 years of the epoch. Names come from find(). One that has no file of its own, as where links
 * are packaged apart, is read as its primary.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "lib/util.h"
#include "lib/zone.h"
#include "runner/builtin.h"

static struct zones *zones_known;

/* False: exception pending. */
static bool zones_make(eng *e)
{
        if (!zones_known && zones_new(NULL, &zones_known) < 0) {
                eng_throw(e, ENG_E_INTERNAL, "out of memory");
                return false;
        }
        return true;
}

static const struct zone *zone_find(eng *e, const char *name)
{
        char found[ZONE_NAME_MAX], primary[ZONE_NAME_MAX];
        struct error error = ERROR_INIT, ignored = ERROR_INIT;
        const struct zone *zone;

        if (!zones_make(e))
                return NULL;
        if (*name && zones_get(zones_known, name, &zone, &error) == 0)
                return zone;
        if (*name && zones_find(zones_known, name, found, primary) == 0 &&
            zones_get(zones_known, primary, &zone, &ignored) == 0)
                return zone;
        eng_throw(e, ENG_E_RANGE, "%s", *name ? error.text : "a time zone has no name");
        return NULL;
}

/* The zone and time of arguments; NULL: exception pending. */
static const struct zone *zone_args(eng *e, eng_args *args, const char *what, int64_t *ret_s)
{
        const char *name;
        double seconds;

        if (!eng_args_get(e, args, what, "sd", &name, &seconds))
                return NULL;
        if (!(fabs(seconds) <= (double)ZONE_EVER_S)) {
                eng_throw(e, ENG_E_RANGE, "%s: no such time", what);
                return NULL;
        }
        seconds = floor(seconds);
        *ret_s = (int64_t)seconds;
        return zone_find(e, name);
}

static eng_val zones_js_find(eng *e, eng_args *args, void *data)
{
        char found[ZONE_NAME_MAX], primary[ZONE_NAME_MAX];
        const char *name;
        size_t size;

        if (!eng_args_get(e, args, "find", "S", &name, &size) || !zones_make(e))
                return NULL;
        int r = strlen(name) == size ? zones_find(zones_known, name, found, primary) : -ENOENT;
        if (r == -ENOENT)
                return ENG_NUL;
        if (r < 0)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        const eng_val names[] = { eng_cstring(e, found), eng_cstring(e, primary) };
        return eng_array(e, ARRAY_SIZE(names), names);
}

static eng_val limit(eng *e, int64_t at_s)
{
        if (at_s == INT64_MIN)
                return eng_number(e, -INFINITY);
        return eng_number(e, at_s == INT64_MAX ? INFINITY : (double)at_s);
}

static eng_val zones_js_stretch(eng *e, eng_args *args, void *data)
{
        struct zone_stretch stretch;
        int64_t at_s;

        const struct zone *zone = zone_args(e, args, "stretch", &at_s);
        if (!zone)
                return NULL;
        zone_stretch_ever(zone, at_s, &stretch);
        const eng_val values[] = { limit(e, stretch.from_s), limit(e, stretch.until_s),
                                   eng_number(e, stretch.offset_s) };
        return eng_array(e, ARRAY_SIZE(values), values);
}

static eng_val zones_js_instants(eng *e, eng_args *args, void *data)
{
        struct zone_instants instants;
        eng_val values[2];
        int64_t local_s;

        const struct zone *zone = zone_args(e, args, "instants", &local_s);
        if (!zone)
                return NULL;
        zone_local_ever(zone, local_s, &instants);
        for (unsigned i = 0; i < instants.count; i++)
                values[i] = eng_number(e, (double)instants.utc_s[i]);
        return eng_array(e, instants.count, values);
}

static eng_val zones_js_gap_end(eng *e, eng_args *args, void *data)
{
        struct zone_instants instants;
        int64_t local_s;

        const struct zone *zone = zone_args(e, args, "gapEnd", &local_s);
        if (!zone)
                return NULL;
        zone_local_ever(zone, local_s, &instants);
        if (instants.count > 0)
                return eng_throw(e, ENG_E_RANGE, "gapEnd: the time is not in a gap");
        return limit(e, instants.utc_s[0]);
}

static const struct builtin_function zones_functions[] = {
        { "find", 1, zones_js_find },
        { "stretch", 2, zones_js_stretch },
        { "instants", 2, zones_js_instants },
        { "gapEnd", 2, zones_js_gap_end },
        { NULL, 0, NULL },
};

static eng_val zones_create(struct host *host, eng *e)
{
        return builtin_object(host, e, zones_functions);
}

const struct builtin builtin_zones = { "zones", zones_create };
