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

#include "daemon/fingerprint.h"
#include "daemon/zygote_process.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/task.h"
#include "lib/util.h"

#define ZYGOTE_ATTEMPTS 3

static const struct timeval zygote_ready_timeout = { .tv_sec = 60 };
static const struct timeval zygote_answer_timeout = { .tv_sec = 15 };
static const struct timeval zygote_end_timeout = { .tv_sec = 5 };

struct zygote {
        struct event_base *base;
        struct zygote_config config;
        struct zygote_hooks hooks;
        void *data;
        struct zygote_process *current; /* starting or ready */
        struct zygote_process *retired; /* list */
        struct fingerprint *fingerprint;
        struct event *idle;  /* while there is a current one */
        struct event *retry; /* after a failed start */
        uint64_t generation;
        unsigned failures; /* starts that failed, one after another */
        unsigned failing;  /* processes that ended before they were ready and wait to be reaped */
        int64_t used_at_us;
};

static void zygote_process_free(struct zygote_process *process)
{
        if (!process)
                return;
        if (process->readable)
                event_free(process->readable);
        if (process->timer)
                event_free(process->timer);
        close_keep_errno(process->socket);
        free(process);
}

static void zygote_process_retire(struct zygote_process *process)
{
        struct zygote *zygote = process->zygote;

        if (zygote->current == process) {
                zygote->current = NULL;
                event_del(zygote->idle);
                process->next = zygote->retired;
                zygote->retired = process;
        }
        /* It reads what it was sent, then the end of file, and goes. */
        if (process->socket >= 0)
                shutdown(process->socket, SHUT_WR);
        event_add(process->timer, &zygote_end_timeout);
}

/* Gone for good: reaped, and nothing more to read. */
static void zygote_process_forget(struct zygote_process *process)
{
        struct zygote_process **link = &process->zygote->retired;

        if (process->pid || process->socket >= 0)
                return;
        while (*link && *link != process)
                link = &(*link)->next;
        if (*link)
                *link = process->next;
        zygote_process_free(process);
}

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

/* The end of its socket: it is dying or dead. */
static void zygote_process_ended(struct zygote_process *process)
{
        struct zygote *zygote = process->zygote;
        uint64_t generation = process->generation;
        bool lost = process->in_flight > 0;
        bool usable = process->ready && process == zygote->current;

        event_del(process->readable);
        process->socket = close_keep_errno(process->socket);
        process->in_flight = 0;
        if (!process->ready && process->pid && !process->failing) {
                process->failing = true;
                zygote->failing++;
        }
        zygote_process_retire(process);
        zygote_process_forget(process);
        if (lost)
                zygote->hooks.died(zygote->config.kind, generation, zygote->data);
        /* What could not be sent to it waits for another one, which this starts. */
        if (usable)
                zygote->hooks.ready(zygote->config.kind, zygote->data);
}

/* What it says makes no sense: it is not trusted any further. */
static void zygote_process_distrust(struct zygote_process *process, const char *why)
{
        log_error("zygote %d: %s; ending it", (int)process->pid, why);
        if (process->pid)
                kill(process->pid, SIGKILL);
        zygote_process_ended(process);
}

static void zygote_process_answered(struct zygote_process *process)
{
        if (process->in_flight)
                process->in_flight--;
        if (process != process->zygote->current)
                return;
        if (process->in_flight)
                event_add(process->timer, &zygote_answer_timeout);
        else
                event_del(process->timer);
}

static void zygote_process_event(struct zygote_process *process, const struct wire_zygote_event *event,
                                 int pidfd)
{
        struct zygote *zygote = process->zygote;

        if (event->kind == WIRE_READY) {
                close_keep_errno(pidfd);
                process->ready = true;
                if (process != zygote->current)
                        return;
                zygote->failures = 0;
                event_del(process->timer);
                log_debug("zygote %d is ready after %" PRId64 " ms", (int)process->pid,
                          (clock_realtime_us() - process->started_at_us) / 1000);
                zygote->hooks.ready(zygote->config.kind, zygote->data);
                return;
        }
        bool unblocked = process->blocked && process == zygote->current;
        process->blocked = false;
        zygote_process_answered(process);
        zygote->hooks.started(event, pidfd, zygote->data);
        if (unblocked && zygote->current && zygote->current->ready)
                zygote->hooks.ready(zygote->config.kind, zygote->data);
}

/* Reads one packet; false: stop reading for now. @process may be gone after that. */
static bool zygote_process_read(struct zygote_process *process)
{
        struct wire_zygote_event event;
        size_t fd_count = 0;
        int pidfd = -1;
        int n = wire_receive(process->socket, &event, sizeof(event), &pidfd, 1, &fd_count);

        if (n == -EAGAIN || n == -EINTR)
                return false;
        if (n == 0 || n == -ECONNRESET) {
                zygote_process_ended(process);
                return false;
        }
        if (fd_count == 0)
                pidfd = -1;
        bool valid = n == (int)sizeof(event) && event.version == WIRE_VERSION &&
                     ((event.kind == WIRE_READY && !process->ready) ||
                      (event.kind == WIRE_STARTED && process->ready && (event.pid > 1) == (pidfd >= 0)));
        if (!valid) {
                close_keep_errno(pidfd);
                zygote_process_distrust(process, "an answer that is not in the protocol");
                return false;
        }
        zygote_process_event(process, &event, pidfd);
        return true;
}

static void zygote_process_readable(evutil_socket_t fd, short what, void *data)
{
        struct zygote_process *process = data;

        /* The hooks never free a process that has not ended, so that it is safe to go on. */
        for (int i = 0; i < 64 && zygote_process_read(process); i++)
                ;
}

static void zygote_process_late(evutil_socket_t fd, short what, void *data)
{
        struct zygote_process *process = data;
        bool current = process == process->zygote->current;

        if (current)
                log_error("zygote %d %s; killing it", (int)process->pid,
                          process->ready ? "does not answer" : "does not become ready");
        if (process->pid)
                kill(process->pid, SIGKILL);
        else if (process->socket >= 0)
                /* Reaped, and something else holds its end of the socket. */
                zygote_process_ended(process);
}

/* Everything that the zygote reads once and that a later run would see changed. */
static int zygote_take_fingerprint(struct zygote *zygote)
{
        _cleanup_free_ char *modules = path_join(zygote->config.data_directory, "gre/modules");
        struct fingerprint *fingerprint = fingerprint_new();
        int r = modules && fingerprint ? 0 : -ENOMEM;

        if (r == 0)
                r = fingerprint_add(fingerprint, zygote->config.runner);
        if (r == 0)
                r = fingerprint_add(fingerprint, zygote->config.builtin_prefs);
        for (size_t i = 0; r == 0 && zygote->config.site_prefs[i]; i++)
                r = fingerprint_add(fingerprint, zygote->config.site_prefs[i]);
        /* The modules of tasks are read afresh by every run. */
        if (r == 0)
                r = fingerprint_add_tree(fingerprint, modules, "backgroundtasks");
        if (r == -E2BIG) {
                log_warning("%s has too many files to watch for changes", modules);
                r = 0;
        }
        if (r < 0) {
                fingerprint_free(fingerprint);
                return r;
        }
        fingerprint_free(zygote->fingerprint);
        zygote->fingerprint = fingerprint;
        return 0;
}

static struct zygote_process *zygote_process_new(struct zygote *zygote, struct error *error)
{
        struct zygote_process *process = calloc(1, sizeof(*process));

        if (!process)
                return NULL;
        process->zygote = zygote;
        process->socket = -1;
        process->generation = ++zygote->generation;
        process->started_at_us = clock_realtime_us();
        process->timer = event_new(zygote->base, -1, 0, zygote_process_late, process);
        if (process->timer && zygote_process_spawn(process, &zygote->config, error) == 0)
                process->readable = event_new(zygote->base, process->socket, EV_READ | EV_PERSIST,
                                              zygote_process_readable, process);
        if (process->readable && event_add(process->readable, NULL) == 0)
                return process;
        if (process->pid)
                kill(process->pid, SIGKILL);
        zygote_process_free(process);
        return NULL;
}

static void zygote_start(struct zygote *zygote)
{
        struct error error = ERROR_INIT;

        if (zygote_take_fingerprint(zygote) < 0)
                error_set_errno(&error, ENOMEM, "fingerprint");
        else
                zygote->current = zygote_process_new(zygote, &error);
        if (!zygote->current) {
                zygote_start_failed(zygote, error.text[0] ? error.text : "out of memory");
                return;
        }
        const struct timeval idle = { .tv_sec = zygote->config.idle_us / (int64_t)USEC_PER_SEC };
        event_add(zygote->current->timer, &zygote_ready_timeout);
        if (zygote->config.idle_us > 0)
                event_add(zygote->idle, &idle);
        zygote->used_at_us = clock_monotonic_us();
        log_debug("zygote %d (%s) started", (int)zygote->current->pid, zygote_kind_name(zygote->config.kind));
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
        zygote_process_retire(zygote->current);
}

bool zygote_acquire(struct zygote *zygote)
{
        struct zygote_process *current = zygote->current;

        if (current && current->ready) {
                const char *changed = fingerprint_changed(zygote->fingerprint);
                if (!changed && current->runs < zygote->config.max_runs)
                        return !current->blocked;
                if (changed)
                        log_info("%s has changed: starting a new zygote", changed);
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
        if (current->in_flight++ == 0)
                event_add(current->timer, &zygote_answer_timeout);
        current->runs++;
        zygote->used_at_us = clock_monotonic_us();
        *ret_generation = current->generation;
        return 0;
}

static struct zygote_process *zygote_find(const struct zygote *zygote, pid_t pid)
{
        if (zygote->current && zygote->current->pid == pid)
                return zygote->current;
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
        bool was_ready = process->ready;
        if (was_ready && status != 0)
                log_warning("zygote %d: %s", (int)pid, why);
        process->pid = 0;
        if (process->failing)
                zygote->failing--;
        /* Read what it still said; the end of the socket follows unless a clone holds it. */
        if (process->socket >= 0)
                zygote_process_readable(process->socket, EV_READ, process);
        else
                zygote_process_forget(process);
        if (!was_ready && !zygote->current)
                zygote_start_failed(zygote, why);
        return true;
}

struct zygote_status zygote_status(const struct zygote *zygote)
{
        const struct zygote_process *current = zygote->current;

        if (!current)
                return (struct zygote_status){ 0 };
        return (struct zygote_status){ current->pid, current->started_at_us, current->runs,
                                       zygote_process_memory(current) };
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
        while (zygote->retired) {
                struct zygote_process *process = zygote->retired;
                zygote->retired = process->next;
                zygote_process_free(process);
        }
        if (zygote->idle)
                event_free(zygote->idle);
        if (zygote->retry)
                event_free(zygote->retry);
        fingerprint_free(zygote->fingerprint);
        free(zygote);
}
