/* SPDX-License-Identifier: MPL-2.0 */
/* What conditions read of the machine, from trees of files that stand in for it; what they listen to, in the real one. */
#include "config.h"

#include "daemon/conditions.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/condition_facts.h"
#include "daemon/machine.h"
#include "daemon/path_watch.h"
#include "daemon/watch.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"
#include "tests/unit/unit.h"

static char *root;
static struct event_base *base;

static void setup(void)
{
        root = unit_directory();
        base = event_base_new();
        ck_assert_ptr_nonnull(base);
}

static void teardown(void)
{
        event_base_free(base);
        unit_directory_remove(root);
}

/* A file below the root, with the folders above it. */
static char *place(const char *path)
{
        char *whole = format_string("%s/%s", root, path);

        ck_assert_ptr_nonnull(whole);
        return whole;
}

static void file(const char *path, const char *text)
{
        _cleanup_free_ char *whole = place(path);
        _cleanup_free_ char *folder = strndup(whole, (size_t)(strrchr(whole, '/') - whole));

        ck_assert_ptr_nonnull(folder);
        ck_assert_int_eq(directory_make(folder, 0755), 0);
        FILE *stream = fopen(whole, "we");
        ck_assert_ptr_nonnull(stream);
        fputs(text, stream);
        ck_assert_int_eq(fclose(stream), 0);
}

/* ---- power ---- */

struct supply {
        const char *name, *type, *state, *scope;
};

static void supplies_make(const struct supply *supplies)
{
        char path[128];

        for (; supplies->name; supplies++) {
                const char *files[] = { "type", strcmp(supplies->type, "Battery") == 0 ? "status" : "online",
                                        "scope" };
                const char *values[] = { supplies->type, supplies->state, supplies->scope };
                for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
                        _cleanup_free_ char *text = format_string("%s\n", values[i] ? values[i] : "System");
                        snprintf(path, sizeof(path), "sys/class/power_supply/%s/%s", supplies->name,
                                 files[i]);
                        file(path, text);
                }
        }
}

static const struct {
        struct supply supplies[4];
        int expected;
} power_rows[] = {
        { { { "AC", "Mains", "1", NULL } }, 1 },
        { { { "AC", "Mains", "0", NULL } }, 0 },
        { { { "AC", "Mains", "0", NULL }, { "BAT0", "Battery", "Discharging", NULL } }, 0 },
        { { { "AC", "Mains", "1", NULL }, { "BAT0", "Battery", "Discharging", NULL } }, 1 },
        { { { "BAT0", "Battery", "Discharging", NULL } }, 0 },
        { { { "BAT0", "Battery", "Full", NULL } }, 1 },
        { { { "BAT0", "Battery", "Charging", NULL }, { "BAT1", "Battery", "Discharging", NULL } }, 0 },
        { { { "ucsi", "USB", "0", NULL }, { "ucsi2", "USB_C", "1", NULL } }, 1 },
        /* Of a mouse. */
        { { { "hidpp", "Battery", "Discharging", "Device" } }, 1 },
        { { { "ups", "UPS", "0", NULL } }, 1 },
};

START_TEST(power)
{
        supplies_make(power_rows[_i].supplies);
        ck_assert_int_eq(machine_on_ac_power(root), power_rows[_i].expected);
}
END_TEST

START_TEST(power_unknown)
{
        ck_assert_int_eq(machine_on_ac_power(root), MACHINE_UNKNOWN);
        file("sys/class/power_supply/empty/type", "");
        ck_assert_int_eq(machine_on_ac_power(root), 1);
}
END_TEST

START_TEST(power_events)
{
        static const char yes[] = "change@/devices/AC\0ACTION=change\0SUBSYSTEM=power_supply\0SEQNUM=1";
        static const char no[] = "change@/devices/x\0SUBSYSTEM=net\0NAME=SUBSYSTEM=power_supply\0";
        static const char longer[] = "SUBSYSTEM=power_supply_x";

        ck_assert(watch_is_power_event(yes, sizeof(yes)));
        ck_assert(watch_is_power_event(yes, sizeof(yes) - 1));
        ck_assert(!watch_is_power_event(no, sizeof(no)));
        ck_assert(!watch_is_power_event(longer, sizeof(longer)));
        ck_assert(!watch_is_power_event(yes, 20));
        ck_assert(!watch_is_power_event("", 0));
}
END_TEST

/* ---- network ---- */

static const struct {
        const char *line;
        bool ipv6;
        const char *interface; /* NULL: not a way out */
} route_rows[] = {
        { "eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n", false, "eth0" },
        { "eth0\t0002000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n", false, NULL },
        /* To half of all addresses is not to all. */
        { "tun0\t00000000\t0102000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n", false, NULL },
        { "lo\t00000000\t00000000\t0203\t0\t0\t0\t00000000\t0\t0\t0\n", false, NULL },     /* rejects */
        { "eth0\t00000000\t0102000A\t0002\t0\t0\t100\t00000000\t0\t0\t0\n", false, NULL }, /* not up */
        { "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n", false,
          NULL },
        { "eth0\t00000000\t0102000A\n", false, NULL },
        { "", false, NULL },
        { "a-name-that-is-too-long\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n", false, NULL },
        { "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
          "fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n",
          true, "eth0" },
        { "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
          "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n",
          true, NULL },
        { "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
          "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n",
          true, NULL },
        { "00000000000000000000000000000000 00\n", true, NULL },
};

START_TEST(routes)
{
        char interface[16];
        bool leads_out = machine_route_parse(route_rows[_i].line, route_rows[_i].ipv6, interface,
                                             sizeof(interface));

        ck_assert_int_eq(leads_out, route_rows[_i].interface != NULL);
        if (leads_out)
                ck_assert_str_eq(interface, route_rows[_i].interface);
}
END_TEST

START_TEST(network)
{
        ck_assert_int_eq(machine_has_network(root), MACHINE_UNKNOWN);
        file("proc/net/route", "Iface\tDestination\n");
        ck_assert_int_eq(machine_has_network(root), 0);
        /* An interface that is not there, and one that leads nowhere. */
        file("proc/net/route", "none0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                               "lo\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
        ck_assert_int_eq(machine_has_network(root), 0);
}
END_TEST

/* ---- load, pressure, idleness, space ---- */

START_TEST(load)
{
        long processors = sysconf(_SC_NPROCESSORS_ONLN);

        ck_assert_int_eq(machine_load_percent(root), MACHINE_UNKNOWN);
        file("proc/loadavg", "nonsense\n");
        ck_assert_int_eq(machine_load_percent(root), MACHINE_UNKNOWN);
        file("proc/loadavg", "3.25 2.00 1.00 1/234 5678\n");
        ck_assert_int_eq(machine_load_percent(root), 325 / processors);
}
END_TEST

START_TEST(pressure)
{
        static const char text[] = "some avg10=12.34 avg60=1.00 avg300=0.00 total=99\n"
                                   "full avg10=99.00 avg60=0.00 avg300=0.00 total=1\n";

        ck_assert_int_eq(machine_pressure(root, MACHINE_PRESSURE_IO), MACHINE_UNKNOWN);
        file("proc/pressure/io", text);
        file("proc/pressure/cpu", "full avg10=99.00\n");
        ck_assert_int_eq(machine_pressure(root, MACHINE_PRESSURE_IO), 1234);
        ck_assert_int_eq(machine_pressure(root, MACHINE_PRESSURE_CPU), MACHINE_UNKNOWN);
        ck_assert_int_eq(machine_pressure(root, MACHINE_PRESSURE_MEMORY), MACHINE_UNKNOWN);
}
END_TEST

static void used_at(const char *path, int64_t at_us)
{
        const struct timespec times[2] = { { .tv_sec = at_us / 1000000 }, { .tv_sec = 1 } };
        _cleanup_free_ char *whole = place(path);

        file(path, "");
        ck_assert_int_eq(utimensat(AT_FDCWD, whole, times, 0), 0);
}

START_TEST(idle)
{
        int64_t now_us = clock_realtime_us(), boot_us = now_us - clock_boottime_us();
        int64_t at_us = (now_us - 1000000) / 1000000 * 1000000;
        bool by_logind;

        /* Nobody ever. */
        int64_t used_us = machine_used_at_us(root, &by_logind);
        ck_assert(!by_logind);
        ck_assert_int_ge(used_us, boot_us - 1000000);
        ck_assert_int_le(used_us, boot_us + 1000000);
        used_at("dev/pts/ptmx", now_us);
        used_at("dev/tty", now_us);
        used_at("dev/ttyS", now_us);
        ck_assert_int_le(machine_used_at_us(root, &by_logind), boot_us + 1000000);
        used_at("dev/tty1", at_us - 3000000);
        used_at("dev/pts/0", at_us);
        ck_assert_int_eq(machine_used_at_us(root, &by_logind), at_us);
        /* A clock that was set back. */
        used_at("dev/pts/1", now_us + INT64_C(3600000000));
        ck_assert_int_le(machine_used_at_us(root, &by_logind), clock_realtime_us());
}
END_TEST

START_TEST(space)
{
        ck_assert_int_gt(machine_free_space(root), 0);
        ck_assert_int_eq(machine_free_space("/none/of/that"), -ENOENT);
}
END_TEST

/* ---- paths ---- */

static struct {
        char text[256];
        int count;
} seen;

static void on_path(const char *path, void *data)
{
        (void)data;
        ck_assert_int_eq(strncmp(path, root, strlen(root)), 0);
        snprintf(seen.text, sizeof(seen.text), "%s", path + strlen(root) + 1);
        seen.count++;
}

/* What the kernel has told so far. */
static int told(void)
{
        seen.count = 0;
        for (int i = 0; i < 3; i++)
                event_base_loop(base, EVLOOP_NONBLOCK);
        return seen.count;
}

START_TEST(path_watches)
{
        struct path_watches *watches = NULL;
        _cleanup_free_ char *deep = place("a/b/c"), *a = place("a"), *b = place("a/b"), *x = place("x");
        _cleanup_free_ char *link = place("link"), *other = place("other");

        ck_assert_int_eq(path_watches_new(base, on_path, NULL, &watches), 0);
        ck_assert_int_eq(path_watch_add(watches, deep), 0);
        ck_assert_int_eq(path_watch_add(watches, deep), 0);
        ck_assert_int_eq(told(), 0);
        ck_assert_int_eq(mkdir(a, 0755), 0);
        ck_assert_int_eq(told(), 0);
        ck_assert_int_eq(mkdir(b, 0755), 0);
        ck_assert_int_eq(told(), 0);
        file("a/b/c", "");
        ck_assert_int_eq(told(), 1);
        ck_assert_str_eq(seen.text, "a/b/c");
        file("a/b/c", "again");
        ck_assert_int_eq(told(), 1);
        file("a/b/cc", "not it");
        ck_assert_int_eq(told(), 0);
        /* Away with all of it, and back. */
        ck_assert_int_eq(rename(a, x), 0);
        ck_assert_int_eq(told(), 1);
        ck_assert_int_eq(rename(x, a), 0);
        ck_assert_int_eq(told(), 1);
        ck_assert_int_eq(unlink(deep), 0);
        ck_assert_int_eq(told(), 1);
        /* What a symbolic link means counts, too. */
        ck_assert_int_eq(path_watch_add(watches, link), 0);
        file("other", "");
        ck_assert_int_eq(told(), 0);
        ck_assert_int_eq(symlink(other, link), 0);
        ck_assert_int_eq(told(), 1);
        file("other", "more");
        ck_assert_int_eq(told(), 1);
        ck_assert_str_eq(seen.text, "link");
        /* For as long as one wants it. */
        path_watch_remove(watches, deep);
        file("a/b/c", "");
        ck_assert_int_eq(told(), 1);
        path_watch_remove(watches, deep);
        path_watch_remove(watches, deep);
        file("a/b/c", "");
        ck_assert_int_eq(told(), 0);
        path_watches_free(watches);
}
END_TEST

START_TEST(path_watches_at_once)
{
        struct path_watches *watches = NULL;
        _cleanup_free_ char *deep = place("a/b/c");

        ck_assert_int_eq(path_watches_new(base, on_path, NULL, &watches), 0);
        ck_assert_int_eq(path_watch_add(watches, deep), 0);
        file("a/b/c", "");
        ck_assert_int_eq(told(), 1);
        path_watches_free(watches);
        path_watches_free(NULL);
}
END_TEST

/* ---- the kernel ---- */

static void on_change(void *data)
{
        ++*(int *)data;
}

/* What this kernel can tell of can be listened to; nothing has changed yet. */
START_TEST(watches)
{
        struct watch *watch = NULL;
        int changes = 0;

        ck_assert_int_eq(watch_network(base, on_change, &changes, &watch), 0);
        watch_free(watch);
        watch = NULL;
        int r = watch_power(base, on_change, &changes, &watch);
        ck_assert_msg(r == 0 || r == -EPERM || r == -EACCES || r == -EPROTONOSUPPORT, "%d", r);
        watch_free(watch);
        for (int i = 0; i < MACHINE_PRESSURE_COUNT; i++) {
                char path[64];
                enum machine_pressure kind = (enum machine_pressure)i;
                snprintf(path, sizeof(path), "/proc/pressure/%s", machine_pressure_name(kind));
                watch = NULL;
                r = watch_pressure(base, kind, 100, on_change, &changes, &watch);
                ck_assert_msg(r == 0 || geteuid() != 0 || access(path, W_OK) < 0, "%s: %d", path, r);
                watch_free(watch);
        }
        ck_assert_int_eq(changes, 0);
}
END_TEST

/* ---- all of it ---- */

static struct {
        bool waits;
        int gained, changed;
        const struct schedule_definition *guarded;
        struct conditions *conditions;
} world;

static bool hook_waits(void *data)
{
        return world.waits;
}

static void hook_depend(void *data)
{
        if (world.guarded)
                conditions_depend(world.conditions, world.guarded, SCHEDULE_RUNG_ALL, 0);
}

static void hook_gained(void *data)
{
        world.gained++;
}

static void hook_changed(void *data)
{
        world.changed++;
}

static void hook_network(void *data)
{
}

static void hook_path(const char *path, void *data)
{
        on_path(path, data);
}

static const struct conditions_hooks condition_hooks = { hook_waits,   hook_depend,  hook_gained,
                                                         hook_changed, hook_network, hook_path };

static void definition_parse(const char *text, struct schedule_definition *ret)
{
        struct error error = ERROR_INIT;

        ck_assert_msg(schedule_definition_parse(text, ret, &error) == 0, "%s", error.text);
}

static void until(const int *counter, int count)
{
        while (*counter < count)
                event_base_loop(base, EVLOOP_ONCE);
}

START_TEST(waiting)
{
        struct schedule_definition definition;
        _cleanup_free_ char *flag = place("flag");
        _cleanup_free_ char *text =
                format_string("EverySec=1h\nConditionPathExists=%s\nConditionFreeSpace=%s:1\n", flag, root);

        memset(&world, 0, sizeof(world));
        definition_parse(text, &definition);
        ck_assert_int_eq(conditions_new(base, &condition_hooks, NULL, &world.conditions), 0);
        ck_assert(!conditions_met(world.conditions, &definition, SCHEDULE_RUNG_ALL));
        json_t *unmet = conditions_unmet(world.conditions, &definition, SCHEDULE_RUNG_ESSENTIAL);
        ck_assert_uint_eq(json_array_size(unmet), 1);
        ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(unmet, 0)), "flag: it is not there"));
        json_decref(unmet);
        world.waits = true;
        file("flag", "");
        until(&world.gained, 1);
        conditions_walk(world.conditions);
        ck_assert(conditions_met(world.conditions, &definition, SCHEDULE_RUNG_ALL));
        /* Somebody else asked between two looks: who waits hears of it all the same. */
        ck_assert_int_eq(unlink(flag), 0);
        ck_assert(!conditions_met(world.conditions, &definition, SCHEDULE_RUNG_ALL));
        file("flag", "");
        ck_assert(conditions_met(world.conditions, &definition, SCHEDULE_RUNG_ALL));
        until(&world.gained, 2);
        conditions_free(world.conditions);
        conditions_free(NULL);
        schedule_definition_done(&definition);
}
END_TEST

START_TEST(depending)
{
        struct schedule_definition definition;
        _cleanup_free_ char *flag = place("flag");
        _cleanup_free_ char *text = format_string("EverySec=1h\nConditionPathExists=%s\n", flag);

        memset(&world, 0, sizeof(world));
        definition_parse(text, &definition);
        file("flag", "");
        ck_assert_int_eq(conditions_new(base, &condition_hooks, NULL, &world.conditions), 0);
        world.guarded = &definition;
        conditions_depend(world.conditions, &definition, SCHEDULE_RUNG_ALL, 0);
        ck_assert_int_eq(unlink(flag), 0);
        until(&world.changed, 1);
        ck_assert_int_eq(world.gained, 0);
        file("flag", "");
        until(&world.changed, 2);
        ck_assert_int_eq(world.gained, 0);
        conditions_free(world.conditions);
        schedule_definition_done(&definition);
}
END_TEST

/* Which conditions count on which rung. */
START_TEST(rungs)
{
        static const char *const expected[] = { "111111111", "110111011", "010000011", "010000011" };
        static const enum schedule_rung rung[] = { SCHEDULE_RUNG_ALL, SCHEDULE_RUNG_NO_IDLE,
                                                   SCHEDULE_RUNG_NO_POWER, SCHEDULE_RUNG_ESSENTIAL };

        for (int condition = 0; condition < CONDITION_COUNT; condition++) {
                bool counts = condition_counts((enum condition)condition, rung[_i]);
                bool wanted = expected[_i][condition] == '1';
                ck_assert_msg(counts == wanted, "%s at %d", condition_key((enum condition)condition), _i);
        }
}
END_TEST

static void add_tests(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_loop_test(test_case, power, 0, ARRAY_SIZE(power_rows));
        tcase_add_test(test_case, power_unknown);
        tcase_add_test(test_case, power_events);
        tcase_add_loop_test(test_case, routes, 0, ARRAY_SIZE(route_rows));
        tcase_add_test(test_case, network);
        tcase_add_test(test_case, load);
        tcase_add_test(test_case, pressure);
        tcase_add_test(test_case, idle);
        tcase_add_test(test_case, space);
        tcase_add_test(test_case, path_watches);
        tcase_add_test(test_case, path_watches_at_once);
        tcase_add_test(test_case, watches);
        tcase_add_test(test_case, waiting);
        tcase_add_test(test_case, depending);
        tcase_add_loop_test(test_case, rungs, 0, 4);
}

int main(void)
{
        return unit_main("conditions", add_tests);
}
