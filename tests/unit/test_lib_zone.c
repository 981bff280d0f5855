/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/zone.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "tests/unit/unit.h"

static const char *const names[] = {
        "Europe/Berlin",
        "Europe/Dublin",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Nuuk",
        "America/St_Johns",
        "Asia/Tehran",
        "Asia/Kathmandu",
        "Asia/Gaza",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Antarctica/Troll",
        "Africa/Monrovia",
        "Pacific/Chatham",
        "Etc/GMT+12",
        "EST5EDT",
        "UTC",
};

static uint64_t random_state = 88172645463325252U;

static uint64_t random_next(void)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return random_state >> 11;
}

static const struct zone *zone_of(struct zones *zones, const char *name)
{
        const struct zone *zone = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(zones_get(zones, name, &zone, &error) == 0, "%s: %s", name, error.text);
        return zone;
}

static struct zones *zones_open(const char *directory)
{
        struct zones *zones = NULL;

        ck_assert_int_eq(zones_new(directory, &zones), 0);
        return zones;
}

/* ---- against the C library, which reads the same files with other code ---- */

static void assert_as_libc(const struct zone *zone, int64_t at_s)
{
        struct zone_span span;
        struct tm fields;
        time_t at = at_s;

        ck_assert_ptr_nonnull(localtime_r(&at, &fields));
        zone_span_at(zone, at_s, &span);
        ck_assert_msg(span.offset_s == fields.tm_gmtoff && span.dst == (fields.tm_isdst > 0) &&
                              strcmp(span.name, fields.tm_zone) == 0,
                      "%s at %lld: %d %s %d, not %ld %s %d", zone_name(zone), (long long)at_s, span.offset_s,
                      span.name, span.dst, fields.tm_gmtoff, fields.tm_zone, fields.tm_isdst);
        ck_assert(span.from_s <= at_s && at_s < span.until_s);
}

START_TEST(test_as_libc)
{
        struct zones *zones = zones_open(NULL);
        const struct zone *zone = zone_of(zones, names[_i]);
        struct zone_span span;

        ck_assert_int_eq(setenv("TZ", names[_i], 1), 0);
        tzset();
        for (int i = 0; i < 3000; i++)
                assert_as_libc(zone, (int64_t)(random_next() % 7258118400));
        /* Each transition, and the second before it. */
        for (int64_t at_s = 0; at_s < 7258118400; at_s = span.until_s) {
                assert_as_libc(zone, at_s);
                zone_span_at(zone, at_s, &span);
                if (span.until_s == INT64_MAX)
                        break;
                assert_as_libc(zone, span.until_s - 1);
        }
        zones_free(zones);
}
END_TEST

/* zone_local() is the other way round, and its gaps are where there is no way. */
START_TEST(test_local)
{
        struct zones *zones = zones_open(NULL);
        const struct zone *zone = zone_of(zones, names[_i]);
        struct zone_stretch stretch;
        struct zone_instants instants;

        for (int i = 0; i < 3000; i++) {
                int64_t at_s = (int64_t)(random_next() % 7258118400);
                zone_stretch_at(zone, at_s, &stretch);
                zone_local(zone, at_s + stretch.offset_s, &instants);
                ck_assert_uint_ge(instants.count, 1);
                ck_assert(instants.utc_s[0] == at_s || (instants.count == 2 && instants.utc_s[1] == at_s));
                if (stretch.until_s == INT64_MAX)
                        continue;
                int64_t end_s = stretch.until_s + stretch.offset_s; /* local, the first that is not of it */
                zone_local(zone, end_s, &instants);
                if (stretch.after_s > stretch.offset_s) {
                        ck_assert_uint_eq(instants.count, 0);
                        ck_assert_int_eq(instants.utc_s[0], stretch.until_s);
                        zone_local(zone, end_s + stretch.after_s - stretch.offset_s, &instants);
                        ck_assert_uint_eq(instants.count, 1);
                } else {
                        ck_assert_uint_eq(instants.count, 1);
                        zone_local(zone, end_s - 1, &instants);
                        ck_assert_uint_eq(instants.count, 2);
                        ck_assert_int_eq(instants.utc_s[0], stretch.until_s - 1);
                        ck_assert_int_eq(instants.utc_s[1] - instants.utc_s[0],
                                         stretch.offset_s - stretch.after_s);
                }
        }
        zones_free(zones);
}
END_TEST

/* ---- files ---- */

struct file {
        unsigned char data[4096];
        size_t size;
};

static void put(struct file *file, uint64_t value, size_t size)
{
        while (size-- > 0)
                file->data[file->size++] = (unsigned char)(size < sizeof(value) ? value >> (8 * size) : 0);
}

/* A block with standard time "AAA" (offset 0) and "BBB" (an hour ahead), and @count changes to and fro. */
static void put_block(struct file *file, char version, const int64_t *times, uint32_t count, size_t time_size)
{
        memcpy(file->data + file->size, "TZif", 4);
        file->size += 4;
        put(file, (uint64_t)version, 1);
        put(file, 0, 15);
        for (int i = 0; i < 3; i++) /* neither flags nor leap seconds */
                put(file, 0, 4);
        put(file, count, 4);
        put(file, 2, 4);
        put(file, 8, 4);
        for (uint32_t i = 0; i < count; i++)
                put(file, (uint64_t)times[i], time_size);
        for (uint32_t i = 0; i < count; i++)
                put(file, (i + 1) % 2, 1);
        put(file, 0, 4), put(file, 0, 1), put(file, 0, 1);
        put(file, 3600, 4), put(file, 1, 1), put(file, 4, 1);
        memcpy(file->data + file->size, "AAA\0BBB", 8);
        file->size += 8;
}

static void make(struct file *file, char version, const int64_t *times, uint32_t count, const char *footer)
{
        file->size = 0;
        put_block(file, version, times, version ? 0 : count, 4);
        if (version) {
                put_block(file, version, times, count, 8);
                file->size += (size_t)sprintf((char *)file->data + file->size, "\n%s\n", footer);
        }
}

static struct zone *decode(const struct file *file)
{
        struct zone *zone = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(zone_decode("Test", file->data, file->size, &zone, &error) == 0, "%s", error.text);
        return zone;
}

static const struct {
        const char *footer;
        int64_t at_s, from_s, until_s;
        const char *name;
} rules[] = {
        { "", 2000, 1000, INT64_MAX, "BBB" },
        { "CCC3", 2000, 1000, INT64_MAX, "BBB" },
        /* 2100: from March 28 at 1:00 UTC to October 31 at 1:00 UTC. */
        { "CET-1CEST,M3.5.0,M10.5.0/3", 4115000000, 4109878800, 4128627600, "CEST" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", 4109878799, 4096573200, 4109878800, "CET" },
        /* In the south the year begins with summer. */
        { "NZST-12NZDT,M9.5.0,M4.1.0/3", 4102444800, 4094114400, 4110444000, "NZDT" },
        /* Negative, and more than a day: version 3. */
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 4115000000, 4109878800, 4128627600, "-01" },
        { "EET-2EEST,M3.4.4/50,M10.4.4/50", 4115000000, 4109788800, 4128534000, "EEST" },
        /* Daylight saving time all the year round: RFC 9636. */
        { "XXX3EDT4,0/0,J365/23", 4115000000, INT64_MIN, INT64_MIN, "EDT" },
        /* February 29 counts for n, from 0, and not for Jn, from 1: 2104. */
        { "AAA0BBB,J60/0,J200/0", 4233772800, 4233772800, 4245865200, "BBB" },
        { "AAA0BBB,60/0,J200/0", 4233772800, 4233772800, 4245865200, "BBB" },
        { "AAA0BBB,59/0,J200/0", 4233772800, 4233686400, 4245865200, "BBB" },
};

START_TEST(test_rules)
{
        static const int64_t times[] = { 1000 };
        struct file file;
        struct zone_span span;

        make(&file, '3', times, 1, rules[_i].footer);
        struct zone *zone = decode(&file);
        zone_span_at(zone, rules[_i].at_s, &span);
        ck_assert_str_eq(span.name, rules[_i].name);
        if (rules[_i].until_s != INT64_MIN) {
                ck_assert_int_eq(span.from_s, rules[_i].from_s);
                ck_assert_int_eq(span.until_s, rules[_i].until_s);
        }
        zone_unref(zone);
}
END_TEST

static const char *const bad_rules[] = {
        "C",
        "CET",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-25",
        "<CET-1",
        "CET-1CEST,,",
        "CET-1:60",
        "AAA0BBB,J0,J1",
        "AAA0BBB,J366,J1",
        "AAA0BBB,366,1",
        "AAA0BBB,M0.1.0,J1",
        "AAA0BBB,M13.1.0,J1",
        "AAA0BBB,M1.6.0,J1",
        "AAA0BBB,M1.1.7,J1",
        "AAA0BBB,J1/168,J2",
        "AAA0 ",
        "AAA0BBB,J1,J2,",
        "AAAAAAAAAAAAAAAAAAAA0",
};

START_TEST(test_bad_rules)
{
        struct file file;
        struct zone *zone = NULL;
        struct error error = ERROR_INIT;

        make(&file, '2', NULL, 0, bad_rules[_i]);
        ck_assert_msg(zone_decode("Test", file.data, file.size, &zone, &error) == -EINVAL, "%s",
                      bad_rules[_i]);
        ck_assert_ptr_nonnull(strstr(error.text, "expected a rule"));
        ck_assert_ptr_null(zone);
}
END_TEST

START_TEST(test_versions)
{
        static const char versions[] = { 0, '2', '3', '4' };
        static const int64_t times[] = { -3000, 1000, 5000 };

        for (size_t i = 0; i < sizeof(versions); i++) {
                struct file file;
                struct zone_span span;
                make(&file, versions[i], times, 3, "");
                struct zone *zone = decode(&file);
                zone_span_at(zone, -3001, &span);
                ck_assert_str_eq(span.name, "AAA");
                ck_assert_int_eq(span.from_s, INT64_MIN);
                ck_assert_int_eq(span.until_s, -3000);
                zone_span_at(zone, 1000, &span);
                ck_assert_str_eq(span.name, "AAA");
                ck_assert_int_eq(span.until_s, 5000);
                zone_span_at(zone, INT64_MAX, &span);
                ck_assert_str_eq(span.name, "BBB");
                zone_unref(zone);
        }
}
END_TEST

/* Times before the year 1 and after the last year do no harm. */
START_TEST(test_far_times)
{
        static const int64_t times[] = { INT64_MIN, -(INT64_C(1) << 59), 1000, INT64_MAX };
        struct file file;
        struct zone_span span;

        make(&file, '2', times, 4, "");
        struct zone *zone = decode(&file);
        zone_span_at(zone, 0, &span);
        ck_assert_str_eq(span.name, "AAA");
        zone_span_at(zone, INT64_MAX, &span);
        ck_assert_str_eq(span.name, "BBB");
        ck_assert_int_eq(zone_offset_max(zone), 3600);
        zone_unref(zone);
}
END_TEST

/* Cut anywhere, a file is refused and not read beyond its end. */
START_TEST(test_truncated)
{
        static const int64_t times[] = { 1000, 2000 };
        struct file file;
        struct error error = ERROR_INIT;
        struct zone *zone = NULL;

        make(&file, '2', times, 2, "CET-1CEST,M3.5.0,M10.5.0/3");
        for (size_t size = 0; size < file.size; size++) {
                unsigned char *copy = malloc(size + 1);
                ck_assert_ptr_nonnull(copy);
                memcpy(copy, file.data, size);
                ck_assert_msg(zone_decode("Test", copy, size, &zone, &error) == -EINVAL, "%zu bytes", size);
                free(copy);
        }
        ck_assert_ptr_null(zone);
}
END_TEST

/* One byte of a good file of version 1 with two transitions is another. */
static const struct {
        size_t at;
        unsigned char byte;
        const char *error;
} hostile[] = {
        { 0, 'X', "begins with TZif" },
        { 4, '9', "version 1 to 4" },
        { 23, 1, "as many flags as types" },
        { 27, 7, "as many flags as types" },
        { 28, 0xff, "bytes behind the header" }, /* 2^32 leap seconds */
        { 32, 0xff, "bytes behind the header" }, /* transitions */
        { 36, 0xff, "1 to 256 types" },
        { 39, 0, "1 to 256 types" },
        { 40, 0xff, "bytes behind the header" }, /* names */
        { 43, 0, "names of the types" },
        { 43, 3, "a name of 1 to 15 characters" },
        { 51, 0, "ascending order" },
        { 52, 2, "a type below 2" },
        { 54, 0x7f, "an offset of less than 26 hours" },
        { 58, 2, "0 or 1 as the daylight saving flag" },
        { 59, 3, "a name of 1 to 15 characters" },
        { 59, 200, "a name of 1 to 15 characters" },
        { 66, 7, "letters, digits" },
};

START_TEST(test_hostile)
{
        static const int64_t times[] = { 1000, 2000 };
        struct file file;
        struct error error = ERROR_INIT;
        struct zone *zone = NULL;

        make(&file, 0, times, 2, NULL);
        zone_unref(decode(&file));
        file.data[hostile[_i].at] = hostile[_i].byte;
        if (hostile[_i].at == 51)
                file.data[50] = 0; /* 2000 is 7d0 */
        ck_assert_msg(zone_decode("Test", file.data, file.size, &zone, &error) == -EINVAL, "byte %zu",
                      hostile[_i].at);
        ck_assert_msg(strstr(error.text, hostile[_i].error), "byte %zu: %s", hostile[_i].at, error.text);
}
END_TEST

/* ---- names ---- */

START_TEST(test_names)
{
        static const char *const good[] = {
                "UTC",        "Europe/Berlin",          "America/Argentina/Buenos_Aires",
                "Etc/GMT+12", "America/Port-au-Prince", "EST5EDT"
        };
        static const char *const bad[] = {
                "",    "/Berlin", "Europe/", "Europe//Berlin",       "../Berlin", "a/../b", ".",
                "a b", "-x",      "+x",      "Europe/B\303\274rlin", "tzdata.zi", "a\nb"
        };
        char longest[ZONE_NAME_MAX + 1];

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                ck_assert_msg(zone_name_is_valid(good[i]), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(!zone_name_is_valid(bad[i]), "%s", bad[i]);
        memset(longest, 'a', ZONE_NAME_MAX);
        longest[ZONE_NAME_MAX] = 0;
        ck_assert(!zone_name_is_valid(longest));
        longest[ZONE_NAME_MAX - 1] = 0;
        ck_assert(zone_name_is_valid(longest));
}
END_TEST

START_TEST(test_link)
{
        static const struct {
                const char *target, *name;
        } links[] = {
                { "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin" },
                { "../usr/share/zoneinfo/UTC", "UTC" },
                { "/etc/elsewhere", NULL },
                { "/usr/share/zoneinfo/../passwd", NULL },
        };
        char *directory = unit_directory(), name[ZONE_NAME_MAX];
        _cleanup_free_ char *path = path_join(directory, "localtime");

        ck_assert_int_eq(zone_name_of_link(path, name), -ENOENT);
        for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
                ck_assert_int_eq(symlink(links[i].target, path), 0);
                ck_assert_int_eq(zone_name_of_link(path, name), links[i].name ? 0 : -EINVAL);
                if (links[i].name)
                        ck_assert_str_eq(name, links[i].name);
                ck_assert_int_eq(unlink(path), 0);
        }
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, "", 0, 0644, false), 0);
        ck_assert_int_eq(zone_name_of_link(path, name), -EINVAL);
        unit_directory_remove(directory);
}
END_TEST

/* ---- a directory of them ---- */

static void write_zone(const char *directory, const char *name, const char *footer)
{
        _cleanup_free_ char *path = path_join(directory, name);
        struct file file;

        make(&file, '2', NULL, 0, footer);
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, file.data, file.size, 0644, false), 0);
}

START_TEST(test_directory)
{
        char *directory = unit_directory();
        struct zones *zones = zones_open(directory);
        uint64_t first, second, third;
        const struct zone *zone;
        struct error error = ERROR_INIT;

        write_zone(directory, "Here", "AAA0BBB,J1,J100");
        ck_assert_int_eq(zones_hash(zones, "Here", &first), 0);
        struct zone *kept = zone_ref(zone_of(zones, "Here"));
        write_zone(directory, "Here", "AAA0BBB,J1,J101");
        ck_assert_int_eq(zones_hash(zones, "Here", &second), 0);
        ck_assert_uint_eq(first, second); /* not read again before it is forgotten */
        zones_forget(zones);
        ck_assert_int_eq(zones_hash(zones, "Here", &third), 0);
        ck_assert_uint_ne(first, third);
        ck_assert_str_eq(zone_name(kept), "Here"); /* with a reference it outlives that */
        zone_unref(kept);

        ck_assert_str_eq(zone_name(zone_of(zones, "UTC")), "UTC"); /* needs no file */
        ck_assert_int_eq(zones_get(zones, "There", &zone, &error), -EINVAL);
        ck_assert_str_eq(error.text,
                         "expected the name of a time zone such as Europe/Berlin, found \"There\"");
        ck_assert_int_eq(zones_get(zones, "../Here", &zone, &error), -EINVAL);
        _cleanup_free_ char *path = path_join(directory, "Broken");
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, "TZif", 4, 0644, false), 0);
        ck_assert_int_eq(zones_get(zones, "Broken", &zone, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "time zone Broken: "));
        ck_assert_ptr_nonnull(strstr(error.text, "expected a header that begins with TZif"));
        zones_free(zones);
        unit_directory_remove(directory);
}
END_TEST

/* More zones than are kept: those that are in use stay what they are. */
START_TEST(test_many)
{
        char *directory = unit_directory(), name[16];
        struct zones *zones = zones_open(directory);
        struct zone *first = NULL;

        for (int i = 0; i < 200; i++) {
                snprintf(name, sizeof(name), "Zone%d", i);
                write_zone(directory, name, "AAA0");
                const struct zone *zone = zone_of(zones, name);
                ck_assert_str_eq(zone_name(zone), name);
                if (i == 0)
                        first = zone_ref(zone);
        }
        ck_assert_str_eq(zone_name(zone_of(zones, "Zone199")), "Zone199");
        ck_assert_str_eq(zone_name(zone_of(zones, "Zone0")), "Zone0");
        ck_assert_str_eq(zone_name(first), "Zone0");
        zone_unref(first);
        zones_free(zones);
        unit_directory_remove(directory);
}
END_TEST

START_TEST(test_version)
{
        static const struct {
                const char *file, *text, *version;
        } files[] = {
                { "tzdata.zi", "# version 2025b\n# more\n", "2025b" },
                { "tzdata.zi", "version 2025b\n", "" },
                { "+VERSION", "2024a\n", "2024a" },
                { "+VERSION", "\x1b[2J", "" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
                char *directory = unit_directory();
                struct zones *zones = zones_open(directory);
                _cleanup_free_ char *path = path_join(directory, files[i].file);
                ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, files[i].text, strlen(files[i].text), 0644,
                                                   false),
                                 0);
                _cleanup_free_ char *version = zones_version(zones);
                ck_assert_str_eq(version, files[i].version);
                zones_free(zones);
                unit_directory_remove(directory);
        }
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_as_libc, 0, ARRAY_SIZE(names));
        tcase_add_loop_test(test_case, test_local, 0, ARRAY_SIZE(names));
        tcase_add_loop_test(test_case, test_rules, 0, ARRAY_SIZE(rules));
        tcase_add_loop_test(test_case, test_bad_rules, 0, ARRAY_SIZE(bad_rules));
        tcase_add_test(test_case, test_versions);
        tcase_add_test(test_case, test_far_times);
        tcase_add_test(test_case, test_truncated);
        tcase_add_loop_test(test_case, test_hostile, 0, ARRAY_SIZE(hostile));
        tcase_add_test(test_case, test_names);
        tcase_add_test(test_case, test_link);
        tcase_add_test(test_case, test_directory);
        tcase_add_test(test_case, test_many);
        tcase_add_test(test_case, test_version);
}

int main(void)
{
        return unit_main("zone", add);
}
