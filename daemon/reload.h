/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Preferences and task files are read again, and what they say is put into force.
 *
 *   asked for ─▶ preferences ─▶ reading ─▶ comparing ─▶ changing ─▶ done
 *                              (in turns)              (in turns, each committed)
 *
 * One at a time; who asks meanwhile is served after it. Schedules are changed one by one, as by AddSchedule, EditSchedule
 * and RemoveSchedule, and what is as it was is not touched. There is no state but that of the store: whatever a crash
 * leaves undone is found to differ by the next start, which does the same before anything is served. Those that follow on
 * each other are changed in one transaction, so that no circle is ever in force that no file has.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct daemon;
struct reload;

/* What came of it, in the protocol's words; what is wanted of it is taken with json_incref(). */
struct reload_report {
        json_t *changes, *preferences; /* ScheduleChange, PreferenceChange */
        json_t *errors,
                *preferences_errors; /* lines; at most RELOAD_ERRORS_MAX, the last one then says how many more */
        int64_t unchanged;
};

#define RELOAD_ERRORS_MAX 128

/* @r 0, STORE_FULL, -ECANCELED (the daemon ends), or a negative errno: then it is not complete and @report NULL. */
typedef void (*reload_done)(int r, const struct reload_report *report, void *data);

int reload_new(struct daemon *daemon, struct reload **ret);
void reload_free(struct reload *reload);
/* Before anything is served: all of it at once, but for the preferences, which have been read. */
void reload_start(struct reload *reload);
/* @dry: only tell what would change. @done (NULL: the log is enough) is called once, later. -ENOMEM. */
int reload_begin(struct reload *reload, bool dry, reload_done done, void *data);
/* Whoever began one with @data does not want to know any more. */
void reload_forget(struct reload *reload, const void *data);
/* How many lines of errors the task files had when they were last read. */
size_t reload_errors(const struct reload *reload);

#endif
