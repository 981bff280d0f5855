/* SPDX-License-Identifier: MPL-2.0 */
/*
 * When a task runs: a [Schedule] section of a task file as a value. bgtaskd.task(5) tells users the keys.
 *
 * One table in schedule_definition.c is the master of the keys: name, type, range, default. Task files, the options of
 * bgtaskctl, the protocol and the store all go through it, and the store keeps what schedule_definition_format() makes.
 * What a definition says never depends on who asks: the zone is named, or is the system's.
 *
 * Longer than 120 lines, as each field says which key it is.
 */
#ifndef LIB_SCHEDULE_DEFINITION_H
#define LIB_SCHEDULE_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/task_specifier.h"
#include "lib/zone_policy.h"

#define SCHEDULE_DEFINITION_TEXT_MAX (32 * 1024) /* of schedule_definition_format() */
#define SCHEDULE_RETRIES_MAX 32
#define SCHEDULE_EVERY_MIN_US INT64_C(1000000)
#define SCHEDULE_EVERY_MAX_US (INT64_C(3653) * 86400 * 1000000)

/* What is done about nominal times that passed while nobody looked. */
enum schedule_catch_up { SCHEDULE_CATCH_UP_LAST, SCHEDULE_CATCH_UP_NONE, SCHEDULE_CATCH_UP_ALL };

/* What is done about an occurrence while a run of the schedule has not ended. */
enum schedule_overlap {
        SCHEDULE_OVERLAP_SKIP,
        SCHEDULE_OVERLAP_BUFFER_ONE,
        SCHEDULE_OVERLAP_BUFFER_ALL,
        SCHEDULE_OVERLAP_CANCEL_OTHER,    /* end the other as cancel does, then run */
        SCHEDULE_OVERLAP_TERMINATE_OTHER, /* kill the other at once, then run */
        SCHEDULE_OVERLAP_ALLOW,
};

/* What is done when a condition no longer holds while the run runs. */
enum schedule_condition_lost {
        SCHEDULE_CONDITION_LOST_CONTINUE,
        SCHEDULE_CONDITION_LOST_STOP,
        SCHEDULE_CONDITION_LOST_FREEZE,
};

/* Lists are NULL-terminated, NULL: empty. Strings and lists are malloc'd and owned. */
struct schedule_definition {
        char *description;    /* Description=; NULL: none */
        char **arguments;     /* Arguments= */
        bool enabled;         /* Enabled=; off: it is kept and elapses never */
        bool has_local_times; /* the zone was used to read a point in time; private to the table */

        /* Triggers; any number together. */
        char **on_calendar;     /* OnCalendar=, normalised; each may name its own zone */
        char **cron;            /* Cron=, normalised; @reboot is on_boot_us = 0 */
        char **except_calendar; /* ExceptCalendar=: nominal times of OnCalendar and Cron that are none */
        int64_t every_us;       /* EverySec=; 0: none */
        int64_t anchor_us;      /* AnchorAt=, what EverySec= is counted from; microseconds since the epoch */
        int64_t phase_us;       /* PhaseSec=, added to the anchor */
        int64_t on_boot_us;     /* OnBootSec=, after the boot; -1: none */
        char **path_changed;    /* PathChanged=, absolute */
        bool on_network_up;     /* OnNetworkUp= */
        char **on_success_of;   /* OnSuccessOf=, OnFailureOf=, OnEndOf=: names of tasks */
        char **on_failure_of, **on_end_of;

        /* Time. */
        char *time_zone;                 /* TimeZone=; NULL: the system's */
        enum zone_gap clock_gap;         /* ClockGap= */
        enum zone_overlap clock_overlap; /* ClockOverlap= */
        int64_t start_us, end_us;        /* StartAt=, EndAt=; 0: none */

        /* From nominal times to when they are due. */
        enum schedule_catch_up catch_up; /* CatchUp= */
        uint32_t catch_up_max;           /* CatchUpMax=, of "all" */
        int64_t catch_up_window_us;      /* CatchUpWindowSec=; INT64_MAX: infinity */
        int64_t randomized_offset_us;    /* RandomizedOffsetSec=, the span of the stable offset */
        int64_t randomized_delay_us;     /* RandomizedDelaySec=, the span of the fresh delay */
        int64_t accuracy_us;             /* AccuracySec= */
        int64_t flex_us;                 /* FlexSec=: may begin so much before its nominal time */

        /* Conditions, which hold an occurrence. */
        bool condition_ac_power;         /* ConditionACPower= */
        bool condition_network;          /* ConditionNetwork= */
        uint32_t condition_load;         /* ConditionLoadMax=, percent of a processor per processor; 0: any */
        uint32_t condition_cpu_pressure; /* ConditionCPUPressure=, percent of the last 10 s; 0: any */
        uint32_t condition_memory_pressure, condition_io_pressure;
        enum schedule_condition_lost on_condition_lost; /* OnConditionLost= */
        int64_t condition_idle_us;    /* ConditionIdleSec=: nobody has used the machine for so long; 0: any */
        char **condition_free_space;  /* ConditionFreeSpace=, "PATH:SIZE" */
        char **condition_path_exists; /* ConditionPathExists=, "!" in front: is absent */
        int64_t deadline_us;          /* DeadlineSec=: conditions relax towards it; 0: never */

        /* Runs. */
        enum schedule_overlap overlap;          /* Overlap= */
        int32_t priority;                       /* Priority=, -100 to 100, the highest first */
        char *pool;                             /* Pool=; NULL: the default pool */
        int64_t retry_us[SCHEDULE_RETRIES_MAX]; /* RetrySec=, one delay a retry */
        uint32_t retries;
        uint32_t retry_jitter; /* RetryJitter=, percent */
        char **retry_on;    /* RetryOn=: exit codes, and results in the protocol's words; NULL: any failure */
        int64_t run_max_us; /* RunMaxSec=: how long a run may take; 0: as task and daemon have it */
        uint32_t pause_after_failures; /* PauseAfterFailures=; 0: never */
};

void schedule_definition_init(struct schedule_definition *definition);
/* Release what it owns; afterwards it is as after schedule_definition_init(). */
void schedule_definition_done(struct schedule_definition *definition);
/* One assignment, as in a file: lists are added to, an empty value resets. -ENOENT: no such key; -EINVAL, -ERANGE,
 * -E2BIG: a text that names the key and what was expected. @definition is unchanged then. */
int schedule_definition_set(struct schedule_definition *definition, const char *key, const char *value,
                            struct error *error);
/* The same with specifiers ("%h"); NULL: a % is a % . */
int schedule_definition_assign(struct schedule_definition *definition, const char *key, const char *value,
                               const struct task_specifiers *specifiers, struct error *error);
/* What a single key cannot tell: that there is a trigger, that zones are known, that a calendar ever elapses, StartAt before EndAt, FlexSec
 * only with EverySec and shorter than it. -EINVAL with a text. */
int schedule_definition_check(const struct schedule_definition *definition, struct error *error);
/* "Key=value" lines of all that differs from the default, in the table's order, malloc'd: what
 * schedule_definition_parse() reads, and what is hashed. NULL: out of memory or too long. */
char *schedule_definition_format(const struct schedule_definition *definition);
/* The other way, strictly; *ret is set only on success. -EBADMSG, -ENOMEM. */
int schedule_definition_parse(const char *text, struct schedule_definition *ret, struct error *error);
/* Of the text: stable over versions of this program. */
uint64_t schedule_definition_hash(const char *text);

/* The table, for whoever lists its keys. */
size_t schedule_definition_keys(void);
const char *schedule_definition_key(size_t index);
/* The index of a key; -ENOENT. */
int schedule_definition_find(const char *key);
/* The value of a key in words, as schedule_definition_set() takes it, malloc'd. NULL: out of memory. */
char *schedule_definition_value(const struct schedule_definition *definition, size_t index);
bool schedule_definition_is_default(const struct schedule_definition *definition, size_t index);

#endif
