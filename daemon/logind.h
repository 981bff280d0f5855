/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether somebody uses the machine, as systemd-logind has it: desktops tell it, and terminals do not know of them.
 * libsystemd is loaded when that is first asked: neither is it needed to build, nor does a daemon pay for it that has no
 * ConditionIdleSec=.
 */
#ifndef DAEMON_LOGIND_H
#define DAEMON_LOGIND_H

#include <stdint.h>

enum logind_answer {
        LOGIND_ABSENT, /* there is none, or it does not answer within a fifth of a second: asked again a minute later */
        LOGIND_ACTIVE,
        LOGIND_IDLE,
};

/* *ret_since_us: idle since, CLOCK_REALTIME. */
enum logind_answer logind_idle(int64_t *ret_since_us);

#endif
