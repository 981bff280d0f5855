/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What conditions ask of the machine, read now. What cannot be known here (a kernel without pressure figures, a machine
 * that tells nothing of its power) is "unknown", and a condition on it holds, as with systemd.
 *
 * Below @root ("" in the daemon; tests have trees of their own) are sys, proc and dev.
 */
#ifndef DAEMON_MACHINE_H
#define DAEMON_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MACHINE_UNKNOWN (-1)

enum machine_pressure {
        MACHINE_PRESSURE_CPU,
        MACHINE_PRESSURE_MEMORY,
        MACHINE_PRESSURE_IO,
        MACHINE_PRESSURE_COUNT,
};

/* 1: a mains or USB supply is on line, or nothing says that it runs on batteries. 0: a supply is off line, or a battery
 * of the machine is being discharged, and no supply is on line. */
int machine_on_ac_power(const char *root);
/* 1: there is a default route, IPv4 or IPv6, of the main table over an interface that is up and has a carrier. The
 * interfaces are those of this network namespace; @root is for the routes. */
int machine_has_network(const char *root);
/* The load of the last minute, percent of one process for each processor that is on line. */
int machine_load_percent(const char *root);
/* Some process waited: hundredths of percent of the last 10 s. */
int machine_pressure(const char *root, enum machine_pressure pressure);
/* "cpu": its file is /proc/pressure/ and that. */
const char *machine_pressure_name(enum machine_pressure pressure);
/* When a terminal was last read from, or somebody at the machine did something as systemd-logind has it; the boot when
 * nobody ever was. CLOCK_REALTIME. *ret_by_logind: it says that somebody is active, and tells nothing of when that ends. */
int64_t machine_used_at_us(const char *root, bool *ret_by_logind);
/* Bytes on the file system of a path that may be used without privileges, INT64_MAX at most; negative errno. */
int64_t machine_free_space(const char *path);

/* ---- pieces, for tests ---- */
/* A line of /proc/net/route or /proc/net/ipv6_route: the interface of a default route that is up and rejects nothing. */
bool machine_route_parse(const char *line, bool ipv6, char *ret_interface, size_t size);

#endif
