/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"
#include "daemon/supervise.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

#define HANDOVER_VARIABLE "BGTASKD_HANDOVER"
#define HANDOVER_VERSION 1
#define HANDOVER_SIZE_MAX (4 * 1024 * 1024)
#define HANDOVER_LISTEN_FD 3
#define HANDOVER_FD_MIN 10 /* below it are those with a place of their own */

struct handover {
        json_t *value;
        bool *taken; /* for each run */
};

/* ---- the old program ---- */

static int handover_listener = -1;

/* The same open file under a number that nothing else needs, and that execve keeps. */
static int handover_keep(int fd)
{
        int kept = fd < 0 ? -1 : fcntl(fd, F_DUPFD, HANDOVER_FD_MIN);

        close_keep_errno(fd);
        return kept;
}

static int handover_add_run(const struct handover_run *run, void *data)
{
        json_t *value = json_pack("{s:I, s:I, s:i, s:i, s:i, s:i}", "run", (json_int_t)run->run_id, "epoch",
                                  (json_int_t)run->epoch, "stdout", handover_keep(run->output_fds[0]),
                                  "stderr", handover_keep(run->output_fds[1]), "result",
                                  handover_keep(run->result_fd), "reason", (int)run->reason);

        return value && json_array_append_new(data, value) == 0 ? 0 : -ENOMEM;
}

static int handover_store(const json_t *value)
{
        _cleanup_free_ char *text = json_dumps(value, JSON_COMPACT);
        _cleanup_close_ int fd = memfd_create("bgtaskd-handover", 0);
        char number[16];

        if (!text)
                return -ENOMEM;
        if (fd < 0)
                return -errno;
        int r = fd_write_all(fd, text, strlen(text));
        if (r < 0)
                return r;
        int kept = handover_keep(steal_fd(&fd));
        if (kept < 0)
                return -errno;
        snprintf(number, sizeof(number), "%d", kept);
        return setenv(HANDOVER_VARIABLE, number, 1) < 0 ? -errno : 0;
}

int handover_write(struct daemon *daemon)
{
        bool ours = false;
        json_t *runs = json_array();
        int r = runs ? supervisor_hand_over(daemon->supervisor, handover_add_run, runs) : -ENOMEM;

        handover_listener = handover_keep(control_take_socket(daemon->control, &ours));
        json_t *value = json_pack("{s:i, s:b, s:o}", "version", HANDOVER_VERSION, "socketIsOurs", ours,
                                  "runs", runs);
        if (r == 0)
                r = value ? handover_store(value) : -ENOMEM;
        json_decref(value);
        notify_export(daemon->notify);
        return r;
}

void handover_place_listener(void)
{
        char pid[16];

        if (handover_listener < 0)
                return;
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        if (dup2(handover_listener, HANDOVER_LISTEN_FD) < 0 || setenv("LISTEN_PID", pid, 1) < 0 ||
            setenv("LISTEN_FDS", "1", 1) < 0 || setenv("LISTEN_FDNAMES", "control", 1) < 0)
                log_error("the control socket cannot be handed over: %s", strerror(errno));
        handover_listener = close_keep_errno(handover_listener);
}

/* ---- the new program ---- */

static int handover_member(const json_t *object, const char *name)
{
        const json_t *value = json_object_get(object, name);
        json_int_t number = json_integer_value(value);

        return json_is_integer(value) && number >= 0 && number <= INT32_MAX ? (int)number : -1;
}

static void handover_inherit(int fd)
{
        if (fd >= HANDOVER_FD_MIN)
                fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static json_t *handover_load(int fd)
{
        _cleanup_free_ char *text = malloc(HANDOVER_SIZE_MAX);
        size_t size = 0;

        for (ssize_t n; text && size < HANDOVER_SIZE_MAX; size += (size_t)n) {
                n = pread(fd, text + size, HANDOVER_SIZE_MAX - size, (off_t)size);
                if (n < 0)
                        return NULL;
                if (n == 0)
                        return json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        }
        return NULL;
}

struct handover *handover_read(void)
{
        const char *text = getenv(HANDOVER_VARIABLE);
        int64_t fd;

        if (!text)
                return NULL;
        bool known = parse_int64(text, HANDOVER_FD_MIN, INT32_MAX, &fd) == 0;
        unsetenv(HANDOVER_VARIABLE);
        json_t *value = known ? handover_load((int)fd) : NULL;
        if (known)
                close((int)fd);
        struct handover *handover = calloc(1, sizeof(*handover));
        json_t *runs = json_object_get(value, "runs");
        bool *taken = calloc(json_array_size(runs) + 1, sizeof(*taken));
        if (handover_member(value, "version") != HANDOVER_VERSION || !handover || !taken) {
                log_warning("what the program before this one handed over is not understood");
                json_decref(value);
                free(handover);
                free(taken);
                return NULL;
        }
        static const char *const members[] = { "stdout", "stderr", "result" };
        json_t *run;
        size_t i;
        json_array_foreach(runs, i, run)
                for (size_t j = 0; j < ARRAY_SIZE(members); j++)
                        handover_inherit(handover_member(run, members[j]));
        handover->value = value;
        handover->taken = taken;
        return handover;
}

bool handover_socket_is_ours(const struct handover *handover)
{
        return handover && json_is_true(json_object_get(handover->value, "socketIsOurs"));
}

static struct handover_run handover_run_of(const json_t *value)
{
        int reason = handover_member(value, "reason");

        return (struct handover_run){
                .run_id = json_integer_value(json_object_get(value, "run")),
                .epoch = json_integer_value(json_object_get(value, "epoch")),
                .output_fds = { handover_member(value, "stdout"), handover_member(value, "stderr") },
                .result_fd = handover_member(value, "result"),
                .reason = reason >= 0 && reason <= END_LOST ? (enum end_reason)reason : END_BY_ITSELF,
        };
}

bool handover_take_run(struct handover *handover, int64_t run_id, int64_t epoch, struct handover_run *ret)
{
        json_t *value;
        size_t i;

        if (!handover)
                return false;
        json_array_foreach(json_object_get(handover->value, "runs"), i, value) {
                struct handover_run run = handover_run_of(value);
                if (run.run_id != run_id || run.epoch != epoch || handover->taken[i])
                        continue;
                handover->taken[i] = true;
                *ret = run;
                return true;
        }
        return false;
}

void handover_free(struct handover *handover)
{
        json_t *value;
        size_t i;

        if (!handover)
                return;
        json_array_foreach(json_object_get(handover->value, "runs"), i, value) {
                struct handover_run run = handover_run_of(value);
                if (handover->taken[i])
                        continue;
                close_keep_errno(run.output_fds[0]);
                close_keep_errno(run.output_fds[1]);
                close_keep_errno(run.result_fd);
        }
        json_decref(handover->value);
        free(handover->taken);
        free(handover);
}
