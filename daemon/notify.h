/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What systemd and its like hand to a service and want to hear from it (sd_notify(3), sd_listen_fds(3),
 * sd_watchdog_enabled(3)), without libsystemd. The variables are taken out of the environment when read, so
 * that no child inherits them.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

#include "lib/error.h"

struct notify;

/* Without NOTIFY_SOCKET everything below does nothing. */
struct notify *notify_new(void);
void notify_free(struct notify *notify);
/* "READY=1", "STATUS=…" and so on, one assignment a line. Failure is silent: nobody can act on it. */
void notify_send(const struct notify *notify, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Put the variables back: for the program that this process executes next. */
void notify_export(const struct notify *notify);
/* How often WATCHDOG=1 is expected; 0: not at all. */
int64_t notify_watchdog_us(const struct notify *notify);

/* The listening Unix stream socket that a service manager passed, CLOEXEC and not blocking; -1: none. More
 * than one or one of another kind: -EINVAL. */
int notify_listen_fd(int *ret_fd, struct error *error);

#endif
