/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/zygote.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/zygote_process.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/task.h"
#include "lib/util.h"

#define ZYGOTE_ATTEMPTS 3
#define ZYGOTE_HEIR_PAUSE_US (60 * (int64_t)USEC_PER_SEC) /* after one that failed; the present one goes on */

static void zygote_start(struct zygote *zygote);

static void zygote_start_failed(struct zygote *zygote, const char *why)
{
        static const struct timeval pauses[ZYGOTE_ATTEMPTS] = { { .tv_usec = 50000 }, { .tv_usec = 500000 } };

        zygote->failures++;
        log_error("the zygote (%s) could not be started (attempt %u of %d): %s",
                  zygote_kind_name(zygote->config.kind), zygote->failures, ZYGOTE_ATTEMPTS, why);
        if (zygote->failures < ZYGOTE_ATTEMPTS) {
                event_add(zygote->retry, &pauses[zygote->failures - 1]);
                return;
        }
        zygote->failures = 0;
        zygote->hooks.unavailable(zygote->config.kind, why, zygote->data);
}

void zygote_arm_idle(struct zygote *zygote)
{
        const struct timeval idle = { .tv_sec = zygote->config.idle_us / (int64_t)USEC_PER_SEC };

        if (zygote->config.idle_us > 0)
                event_add(zygote->idle, &idle);
}

static void zygote_start(struct zygote *zygote)
{
        struct error error = ERROR_INIT;

        zygote->current = zygote_process_new(zygote, &error);
        if (!zygote->current) {
                zygote_start_failed(zygote, error.text[0] ? error.text : "out of memory");
                return;
        }
        zygote->used_at_us = clock_monotonic_us();
        zygote_arm_idle(zygote);
}

static void zygote_on_retry(evutil_socket_t fd, short what, void *data)
{
        struct zygote *zygote = data;

        if (!zygote->current)
                zygote_start(zygote);
}

/* Re-armed for the rest of the time rather than at every use. */
static void zygote_on_idle(evutil_socket_t fd, short what, void *data)
{
        struct zygote *zygote = data;
        int64_t left_us = zygote->used_at_us + zygote->config.idle_us - clock_monotonic_us();

        if (!zygote->current)
                return;
        if (zygote->config.idle_us == 0)
                return; /* it stays for good */
        if (left_us > 0 || zygote->current->in_flight || !zygote->current->ready) {
                left_us = MAX(left_us, (int64_t)USEC_PER_SEC);
                const struct timeval wait = { .tv_sec = left_us / (int64_t)USEC_PER_SEC,
                                              .tv_usec = left_us % (int64_t)USEC_PER_SEC };
                event_add(zygote->idle, &wait);
                return;
        }
        log_debug("zygote %d is idle: ending it", (int)zygote->current->pid);
        if (zygote->heir)
                zygote_process_retire(zygote->heir);
        zygote_process_retire(zygote->current);
}

/* ---- renewal ---- */

static void zygote_heir_failed(struct zygote *zygote, const char *why)
{
        zygote->no_heir_before_us = clock_monotonic_us() + ZYGOTE_HEIR_PAUSE_US;
        log_error("the zygote (%s) that was to follow the present one could not be started: %s",
                  zygote_kind_name(zygote->config.kind), why);
        /* The present one may have ended meanwhile. */
        if (!zygote->current)
                zygote_start_failed(zygote, why);
}

/* See whether the current one has done enough, and start another beside it. */
static void zygote_renew(struct zygote *zygote)
{
        struct error error = ERROR_INIT;

        if (zygote->heir || clock_monotonic_us() < zygote->no_heir_before_us)
                return;
        const char *why = zygote_process_used_up(zygote->current);
        if (!why)
                return;
        log_debug("zygote %d %s: starting another", (int)zygote->current->pid, why);
        zygote->heir = zygote_process_new(zygote, &error);
        if (zygote->heir)
                zygote->heir->heir = true;
        else
                zygote_heir_failed(zygote, error.text[0] ? error.text : "out of memory");
}

void zygote_inherit(struct zygote *zygote)
{
        zygote_process_retire(zygote->current);
}

bool zygote_is_acquired(const struct zygote *zygote, uint64_t generation)
{
        const struct zygote_process *current = zygote->current;

        return current && current->generation == generation && current->ready && !current->blocked &&
               !current->exhausted;
}

bool zygote_acquire(struct zygote *zygote, uint64_t *ret_generation)
{
        struct zygote_process *current = zygote->current;

        if (current && current->ready) {
                const char *changed = zygote_process_stale(current);
                if (!changed && !current->exhausted) {
                        zygote_renew(zygote);
                        if (!current->blocked)
                                *ret_generation = current->generation;
                        return !current->blocked;
                }
                if (changed)
                        log_info("%s has changed: starting a new zygote", changed);
                else
                        log_warning("zygote %d is out of memory: starting a new one", (int)current->pid);
                if (zygote->heir && zygote_process_stale(zygote->heir))
                        zygote_process_retire(zygote->heir);
                zygote_process_retire(current);
        }
        if (!zygote->current && !zygote->failing && !event_pending(zygote->retry, EV_TIMEOUT, NULL)) {
                zygote->failures = 0;
                zygote_start(zygote);
        }
        return false;
}

int zygote_send(struct zygote *zygote, const struct wire_start *start, const int *fds, size_t fd_count,
                uint64_t *ret_generation)
{
        struct zygote_process *current = zygote->current;
        _cleanup_free_ void *packet = NULL;
        size_t size;

        int r = wire_start_encode(start, &packet, &size);
        if (r < 0)
                return r;
        r = wire_send(current->socket, packet, size, fds, fd_count);
        /* EPIPE: it has just died, and the end of its socket comes next. Nothing is wrong with the run. */
        if (r == -EPIPE || r == -ECONNRESET || (r == -EAGAIN && current->in_flight)) {
                current->blocked = true;
                return -EAGAIN;
        }
        if (r < 0)
                return r == -EAGAIN ? -EMSGSIZE : r;
        zygote_process_sent(current);
        zygote->used_at_us = clock_monotonic_us();
        *ret_generation = current->generation;
        return 0;
}

static struct zygote_process *zygote_find(const struct zygote *zygote, pid_t pid)
{
        if (zygote->current && zygote->current->pid == pid)
                return zygote->current;
        if (zygote->heir && zygote->heir->pid == pid)
                return zygote->heir;
        for (struct zygote_process *process = zygote->retired; process; process = process->next)
                if (process->pid == pid)
                        return process;
        return NULL;
}

bool zygote_has_process(const struct zygote *zygote, pid_t pid)
{
        return zygote_find(zygote, pid) != NULL;
}

bool zygote_reaped(struct zygote *zygote, pid_t pid, int status)
{
        struct zygote_process *process = zygote_find(zygote, pid);
        char why[128];

        if (!process)
                return false;
        if (WIFSIGNALED(status))
                snprintf(why, sizeof(why), "it was killed by signal %d", WTERMSIG(status));
        else if (WEXITSTATUS(status) == 127)
                snprintf(why, sizeof(why), "it could not be executed");
        else
                snprintf(why, sizeof(why), "it exited with %d", WEXITSTATUS(status));
        bool was_ready = process->ready, was_heir = process->heir;
        if (was_ready && status != 0)
                log_warning("zygote %d: %s", (int)pid, why);
        zygote_process_reaped(process);
        if (!was_ready && was_heir)
                zygote_heir_failed(zygote, why);
        else if (!was_ready && !zygote->current)
                zygote_start_failed(zygote, why);
        return true;
}

struct zygote_status zygote_status(const struct zygote *zygote)
{
        const struct zygote_process *current = zygote->current;

        if (!current)
                return (struct zygote_status){ 0 };
        return (struct zygote_status){
                .pid = current->pid,
                .started_at_us = current->started_at_us,
                .runs = current->runs,
                .sandbox = current->sandbox,
                .memory_bytes = zygote_process_memory(current),
        };
}

void zygote_configure(struct zygote *zygote, const struct zygote_config *config)
{
        zygote->config = *config;
}

int zygote_new(struct event_base *base, const struct zygote_config *config, const struct zygote_hooks *hooks,
               void *data, struct zygote **ret)
{
        struct zygote *zygote = calloc(1, sizeof(*zygote));

        if (!zygote)
                return -ENOMEM;
        *zygote = (struct zygote){ .base = base, .config = *config, .hooks = *hooks, .data = data };
        zygote->idle = event_new(base, -1, 0, zygote_on_idle, zygote);
        zygote->retry = event_new(base, -1, 0, zygote_on_retry, zygote);
        if (!zygote->idle || !zygote->retry) {
                zygote_free(zygote);
                return -ENOMEM;
        }
        *ret = zygote;
        return 0;
}

void zygote_free(struct zygote *zygote)
{
        if (!zygote)
                return;
        zygote_process_free(zygote->current);
        zygote_process_free(zygote->heir);
        while (zygote->retired) {
                struct zygote_process *process = zygote->retired;
                zygote->retired = process->next;
                zygote_process_free(process);
        }
        if (zygote->idle)
                event_free(zygote->idle);
        if (zygote->retry)
                event_free(zygote->retry);
        free(zygote);
}
