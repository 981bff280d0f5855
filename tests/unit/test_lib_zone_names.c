/* SPDX-License-Identifier: MPL-2.0 */
/* What Temporal needs of zones: times far away, and names. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/zone.h"
#include "tests/unit/unit.h"

static const char *const names[] = {
        "Europe/Berlin",   "Europe/Dublin",    "America/New_York", "Australia/Lord_Howe",
        "Pacific/Chatham", "Antarctica/Troll", "Asia/Tehran",      "America/Nuuk",
};

static const struct zone *zone_of(struct zones *zones, const char *name)
{
        const struct zone *zone = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(zones_get(zones, name, &zone, &error) == 0, "%s: %s", name, error.text);
        return zone;
}

/* ---- times far away, against the C library ---- */

static long libc_offset(int64_t at_s)
{
        struct tm fields;
        time_t at = at_s;

        ck_assert_ptr_nonnull(localtime_r(&at, &fields));
        return fields.tm_gmtoff;
}

/* There and back, and over the end of the stretch. */
static void ever_check(const struct zone *zone, int64_t at_s)
{
        struct zone_stretch stretch, next;
        struct zone_instants instants;

        zone_stretch_ever(zone, at_s, &stretch);
        ck_assert_msg(stretch.offset_s == libc_offset(at_s), "%s at %lld: %d", zone_name(zone),
                      (long long)at_s, stretch.offset_s);
        ck_assert(stretch.from_s <= at_s && at_s < stretch.until_s);
        zone_local_ever(zone, at_s + stretch.offset_s, &instants);
        ck_assert(instants.count > 0 &&
                  (instants.utc_s[0] == at_s || instants.utc_s[instants.count - 1] == at_s));
        if (stretch.until_s == INT64_MAX)
                return;
        ck_assert_int_eq(stretch.offset_s, libc_offset(stretch.until_s - 1));
        ck_assert_int_eq(stretch.after_s, libc_offset(stretch.until_s));
        ck_assert_int_ne(stretch.after_s, stretch.offset_s);
        zone_stretch_ever(zone, stretch.until_s, &next);
        ck_assert_int_eq(next.from_s, stretch.until_s);
        ck_assert_int_eq(next.before_s, stretch.offset_s);
        zone_local_ever(zone, stretch.until_s + stretch.offset_s, &instants);
        if (stretch.after_s > stretch.offset_s) {
                ck_assert_uint_eq(instants.count, 0);
                ck_assert_int_eq(instants.utc_s[0], stretch.until_s);
        }
}

START_TEST(test_ever)
{
        struct zones *zones = NULL;

        ck_assert_int_eq(zones_new(NULL, &zones), 0);
        const struct zone *zone = zone_of(zones, names[_i]);
        ck_assert_int_eq(setenv("TZ", names[_i], 1), 0);
        tzset();
        /* Around the year ZONE_YEAR_LAST day by day, later in steps of some months that meet all parts of the year. */
        for (int64_t at_s = INT64_C(7226582400); at_s < INT64_C(7352812800); at_s += 86400)
                ever_check(zone, at_s);
        for (int64_t at_s = INT64_C(7352812800); at_s < ZONE_EVER_S; at_s += INT64_C(2003005007))
                ever_check(zone, at_s);
        zones_free(zones);
}
END_TEST

/* Long ago there is one stretch. */
START_TEST(test_long_ago)
{
        struct zone_stretch stretch;
        struct zones *zones = NULL;

        ck_assert_int_eq(zones_new(NULL, &zones), 0);
        zone_stretch_ever(zone_of(zones, "Europe/Berlin"), -ZONE_EVER_S, &stretch);
        ck_assert(stretch.from_s == INT64_MIN && stretch.offset_s == 53 * 60 + 28);
        zones_free(zones);
}
END_TEST

/* ---- names ---- */

static void file_put(const char *directory, const char *name, const void *data, size_t size)
{
        _cleanup_free_ char *path = path_join(directory, name);

        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, data, size, 0644, false), 0);
}

static void text_put(const char *directory, const char *name, const char *text)
{
        file_put(directory, name, text, strlen(text));
}

static void find_check(const struct zones *zones, const char *name, const char *found, const char *primary)
{
        char is_found[ZONE_NAME_MAX] = "", is_primary[ZONE_NAME_MAX] = "";

        int r = zones_find(zones, name, is_found, is_primary);
        ck_assert_msg(r == (found ? 0 : -ENOENT), "%s: %d", name, r);
        ck_assert_str_eq(is_found, found ? found : "");
        ck_assert_str_eq(is_primary, primary ? primary : "");
}

START_TEST(test_find)
{
        char *directory = unit_directory();
        struct zones *zones = NULL;

        text_put(directory, "tzdata.zi",
                 "# version 2025b\n"
                 "R A 1970 o - D 1 0 1 S\n"
                 "Z Here/Town 1 A CE%sT\n"
                 "2 - EET\n"
                 "Z Etc/UTC 0 - UTC\n"
                 "Z Factory 0 - -00\n"
                 "L Here/Town Here/Old\n"
                 "L Here/Old Here/Older\n"
                 "L Here/Town There/City\n"
                 "L Here/Loop Here/Loop\n"
                 "L ../etc Here/Bad\n"
                 "L Etc/UTC UTC\n"
                 "L Etc/UTC Zulu\n"
                 "L Nowhere");
        text_put(directory, "zone.tab",
                 "#code\tcoordinates\tTZ\nHH\t+1+1\tHere/Town\nTT\t+2+2\tThere/City\tcomment\n");
        ck_assert_int_eq(zones_new(directory, &zones), 0);
        find_check(zones, "here/TOWN", "Here/Town", "Here/Town");
        find_check(zones, "Here/old", "Here/Old", "Here/Town");
        find_check(zones, "HERE/OLDER", "Here/Older", "Here/Town");
        find_check(zones, "there/city", "There/City", "There/City"); /* another country's */
        find_check(zones, "utc", "UTC", "UTC");
        find_check(zones, "etc/utc", "Etc/UTC", "UTC");
        find_check(zones, "ZULU", "Zulu", "UTC");
        find_check(zones, "here/loop", "Here/Loop", "Here/Loop");
        find_check(zones, "here/bad", NULL, NULL);
        find_check(zones, "factory", NULL, NULL);
        find_check(zones, "Here", NULL, NULL);
        find_check(zones, "Here/Tow", NULL, NULL);
        find_check(zones, "2", NULL, NULL);
        find_check(zones, "", NULL, NULL);
        find_check(zones, "../Here/Town", NULL, NULL);
        zones_free(zones);
        unit_directory_remove(directory);
}
END_TEST

/* Without the database's text: what files are called. */
START_TEST(test_find_files)
{
        char *directory = unit_directory();
        struct zones *zones = NULL;
        _cleanup_free_ char *here = path_join(directory, "Here"), *posix = path_join(directory, "posix");

        ck_assert_int_eq(mkdir(here, 0700), 0);
        ck_assert_int_eq(mkdir(posix, 0700), 0);
        text_put(here, "Town", "TZif2");
        text_put(here, "README", "text");
        text_put(posix, "Town", "TZif2");
        text_put(directory, "EST", "TZif2");
        ck_assert_int_eq(zones_new(directory, &zones), 0);
        find_check(zones, "here/TOWN", "Here/Town", "Here/Town");
        find_check(zones, "est", "EST", "America/Panama");
        find_check(zones, "utc", "UTC", "UTC");
        find_check(zones, "here/readme", NULL, NULL);
        find_check(zones, "here", NULL, NULL);
        find_check(zones, "posix/Town", NULL, NULL);
        find_check(zones, "here/town/more", NULL, NULL);
        zones_free(zones);
        unit_directory_remove(directory);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_ever, 0, ARRAY_SIZE(names));
        tcase_add_test(test_case, test_long_ago);
        tcase_add_test(test_case, test_find);
        tcase_add_test(test_case, test_find_files);
}

int main(void)
{
        return unit_main("zone_names", add);
}
