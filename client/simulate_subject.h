/* SPDX-License-Identifier: MPL-2.0 */
/* The schedules that `simulate` looks at, of the daemon and of task files, and how long their runs take. */
#ifndef CLIENT_SIMULATE_SUBJECT_H
#define CLIENT_SIMULATE_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/bgtaskctl.h"
#include "lib/schedule_definition.h"
#include "lib/schedule_times.h"
#include "lib/zone.h"

#define SUBJECT_SAMPLES_MAX 100               /* the newest runs that succeeded */
#define SUBJECT_DURATION_US INT64_C(60000000) /* where nothing is known */

/* What is made of the recorded durations. */
enum subject_quantile { SUBJECT_P50, SUBJECT_P95, SUBJECT_MAX, SUBJECT_FIXED };

struct subject_duration {
        enum subject_quantile quantile;
        int64_t fixed_us;
};

struct subject {
        char *name, *task, *file; /* malloc'd; file NULL: the daemon's */
        struct schedule_definition definition;
        struct schedule_times *times;
        int64_t offset_us, from_us; /* from_us: the end of a pause, INT64_MAX: it has none */
        int64_t duration_us;
        const char *
                duration_from; /* "schedule", "task", "option", "assumed": whose runs, or what else. Static */
        int64_t samples;
};

struct subjects {
        struct subject *list;
        size_t count;
        struct zones *zones;
};

/* "p50", "p95", "max" or a time span. Results as in bgtaskctl.h, here and below. */
int subject_duration_parse(const char *text, struct subject_duration *ret, struct error *error);
/* Begins zeroed; call subjects_done() whatever comes of it. */
int subjects_add_file(struct subjects *subjects, const struct ctl *ctl, const char *path,
                      struct error *error);
/* Those of the daemon that @names (NULL-terminated, empty: all) has, but for those that are there already. */
int subjects_add_daemon(struct subjects *subjects, const struct ctl *ctl, char *const *names,
                        struct error *error);
/* @recorded: the daemon can be asked. */
int subjects_measure(struct subjects *subjects, const struct ctl *ctl,
                     const struct subject_duration *duration, bool recorded, struct error *error);
const struct subject *subjects_find(const struct subjects *subjects, const char *name);
void subjects_done(struct subjects *subjects);

#endif
