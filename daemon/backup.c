/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/backup.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/process.h"
#include "daemon/store.h"
#include "daemon/supervise.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define BACKUP_STEP_PAGES 64
#define BACKUP_ASKERS_MAX 64
#define BACKUP_FIRST_US (3600 * (int64_t)USEC_PER_SEC) /* of a store that has none */
#define BACKUP_BUSY_US (60 * (int64_t)USEC_PER_SEC)    /* runs are in progress: look again */
#define BACKUP_BUSY_MAX 60
#define BACKUP_AGAIN_US (3600 * (int64_t)USEC_PER_SEC) /* after a failure */

static const struct timeval backup_pause = { .tv_usec = 5000 };

struct backup_asker {
        backup_done done;
        void *data;
        bool served; /* by the copy that is being made */
};

struct backup {
        struct daemon *daemon;
        enum backup_state {
                BACKUP_IDLE,
                BACKUP_COPYING,
                BACKUP_CHECKING,
        } state;
        struct store_backup *copy;
        struct event *step; /* the next one of the copy */
        struct event *due;  /* by the clock */
        pid_t checker;
        int verdict_fd; /* what the checker says when it has found something */
        int postponed;
        int64_t last_us; /* when the newest was made; 0: there is none */
        struct backup_asker askers[BACKUP_ASKERS_MAX];
        size_t asker_count;
        char failed[ERROR_TEXT_MAX + 64];
};

static void backup_arm(struct backup *backup, int64_t us)
{
        const struct timeval wait = { .tv_sec = us / (int64_t)USEC_PER_SEC,
                                      .tv_usec = us % (int64_t)USEC_PER_SEC };

        event_add(backup->due, &wait);
}

static void backup_begin(struct backup *backup);

/* Back to idle, and all who were served are told. */
static void backup_end(struct backup *backup, const struct store_backup_info *info, const struct error *error)
{
        struct backup_asker askers[BACKUP_ASKERS_MAX];
        size_t count = 0, left = 0;

        store_backup_free(steal_pointer(backup->copy));
        backup->state = BACKUP_IDLE;
        event_del(backup->step);
        if (info) {
                backup->last_us = clock_realtime_us();
                backup->failed[0] = '\0';
                event_del(backup->due);
                log_info("backup %s: %lld bytes, %lld runs", info->name, (long long)info->bytes,
                         (long long)info->runs);
        } else {
                log_error("%s", error->text);
                snprintf(backup->failed, sizeof(backup->failed), "The last backup failed: %s.", error->text);
                backup_arm(backup, BACKUP_AGAIN_US);
        }
        for (size_t i = 0; i < backup->asker_count; i++) {
                if (backup->askers[i].served)
                        askers[count++] = backup->askers[i];
                else
                        backup->askers[left++] = backup->askers[i];
        }
        backup->asker_count = left;
        for (size_t i = 0; i < count; i++)
                askers[i].done(info, error, askers[i].data);
        if (backup->asker_count > 0 && backup->state == BACKUP_IDLE)
                backup_begin(backup);
}

static void backup_check_in_child(const struct backup *backup, int verdict_fd)
{
        struct store_backup_info info = { .version = -1, .runs = -1 };
        struct error error = ERROR_INIT;
        _cleanup_free_ char *path = strdup(store_backup_path(backup->copy));

        process_reset(verdict_fd);
        if (path && store_backup_check(path, &info, &error) == 0)
                _exit(0);
        if (fd_write_all(verdict_fd, error.text, strlen(error.text)) < 0)
                _exit(2);
        _exit(1);
}

static int backup_check(struct backup *backup)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        pid_t pid = process_fork();
        if (pid == 0)
                backup_check_in_child(backup, ends[1]);
        close_keep_errno(ends[1]);
        if (pid < 0) {
                close_keep_errno(ends[0]);
                return pid;
        }
        backup->verdict_fd = ends[0];
        backup->checker = pid;
        backup->state = BACKUP_CHECKING;
        return 0;
}

static void backup_on_step(evutil_socket_t fd, short what, void *data)
{
        struct backup *backup = data;
        struct error error = ERROR_INIT;

        /* Only what is committed is copied. */
        if (store_pending(backup->daemon->store) && group_commit(backup->daemon->group) < 0)
                return;
        int r = store_backup_step(backup->copy, BACKUP_STEP_PAGES, &error);
        if (r == 0) {
                r = backup_check(backup);
                if (r < 0)
                        error_set_errno(&error, -r, "the backup cannot be checked");
        }
        if (r < 0)
                backup_end(backup, NULL, &error);
        else if (backup->state == BACKUP_COPYING)
                event_add(backup->step, &backup_pause);
}

static void backup_begin(struct backup *backup)
{
        struct error error = ERROR_INIT;
        int r = store_backup_begin(backup->daemon->store, NULL, &backup->copy, &error);

        backup->state = BACKUP_COPYING;
        for (size_t i = 0; i < backup->asker_count; i++)
                backup->askers[i].served = true;
        if (r < 0)
                backup_end(backup, NULL, &error);
        else
                event_add(backup->step, &backup_pause);
}

bool backup_has_process(const struct backup *backup, pid_t pid)
{
        return backup && backup->state == BACKUP_CHECKING && pid == backup->checker;
}

bool backup_reaped(struct backup *backup, pid_t pid, int status)
{
        struct store_backup_info info = { .version = -1, .runs = -1 };
        struct error error = ERROR_INIT;
        char text[ERROR_TEXT_MAX] = "";

        if (!backup_has_process(backup, pid))
                return false;
        backup->checker = 0;
        ssize_t size = read(backup->verdict_fd, text, sizeof(text) - 1);
        text[MAX(size, 0)] = '\0';
        close_keep_errno(steal_fd(&backup->verdict_fd));
        int r = 0;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                r = error_set(&error, EIO, "the backup was made and is not good: %s",
                              text[0] ? text : "it could not be checked");
        else
                r = store_backup_finish(steal_pointer(backup->copy),
                                        daemon_setting(backup->daemon, SETTING_BACKUP_KEEP), &info, &error);
        backup_end(backup, r < 0 ? NULL : &info, &error);
        return true;
}

int backup_ask(struct backup *backup, backup_done done, void *data)
{
        if (backup->asker_count == BACKUP_ASKERS_MAX)
                return -EBUSY;
        backup->askers[backup->asker_count++] = (struct backup_asker){ done, data,
                                                                       backup->state == BACKUP_COPYING };
        if (backup->state == BACKUP_IDLE)
                backup_begin(backup);
        return 0;
}

static void backup_ignore(const struct store_backup_info *info, const struct error *error, void *data)
{
}

void backup_forget(struct backup *backup, const void *data)
{
        for (size_t i = 0; i < backup->asker_count; i++)
                if (backup->askers[i].data == data)
                        backup->askers[i].done = backup_ignore;
}

static int64_t backup_every_us(const struct backup *backup)
{
        return daemon_setting(backup->daemon, SETTING_BACKUP_EVERY_HOURS) * 3600 * (int64_t)USEC_PER_SEC;
}

void backup_changed(struct backup *backup)
{
        int64_t every_us = backup_every_us(backup), now_us = clock_realtime_us();

        if (every_us == 0 || backup->state != BACKUP_IDLE || event_pending(backup->due, EV_TIMEOUT, NULL))
                return;
        int64_t due_us = backup->last_us ? backup->last_us + every_us : now_us + BACKUP_FIRST_US;
        /* A clock that was set back does not put it off any longer than that. */
        backup_arm(backup, MIN(MAX(due_us - now_us, INT64_C(0)), every_us));
}

static void backup_on_due(evutil_socket_t fd, short what, void *data)
{
        struct backup *backup = data;

        if (backup_every_us(backup) == 0 || backup->state != BACKUP_IDLE)
                return;
        if (supervisor_active(backup->daemon->supervisor) > 0 && backup->postponed < BACKUP_BUSY_MAX) {
                backup->postponed++;
                backup_arm(backup, BACKUP_BUSY_US);
                return;
        }
        backup->postponed = 0;
        backup_begin(backup);
}

const char *backup_degraded(const struct backup *backup)
{
        return backup->failed[0] ? backup->failed : NULL;
}

int backup_new(struct daemon *daemon, struct backup **ret)
{
        struct store_backup_info newest;
        int64_t runs = 0;
        struct backup *backup = calloc(1, sizeof(*backup));

        if (!backup)
                return -ENOMEM;
        backup->daemon = daemon;
        backup->verdict_fd = -1;
        backup->step = event_new(daemon->base, -1, 0, backup_on_step, backup);
        backup->due = event_new(daemon->base, -1, 0, backup_on_due, backup);
        if (!backup->step || !backup->due) {
                backup_free(backup);
                return -ENOMEM;
        }
        if (store_backup_find(daemon->locations.state, 0, &newest) == 0)
                backup->last_us = MIN(newest.made_at_us, clock_realtime_us());
        /* What an earlier daemon has changed is not known. */
        if (store_run_total(daemon->store, &runs) == 0 && runs > 0)
                backup_changed(backup);
        *ret = backup;
        return 0;
}

void backup_free(struct backup *backup)
{
        if (!backup)
                return;
        store_backup_free(backup->copy);
        close_keep_errno(backup->verdict_fd);
        if (backup->step)
                event_free(backup->step);
        if (backup->due)
                event_free(backup->due);
        free(backup);
}
