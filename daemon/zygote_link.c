/* SPDX-License-Identifier: MPL-2.0 */
/* One zygote process: what it says, when it says nothing, and how it goes. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/fingerprint.h"
#include "daemon/zygote_process.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

static const struct timeval zygote_ready_timeout = { .tv_sec = 60 };
static const struct timeval zygote_answer_timeout = { .tv_sec = 15 };
static const struct timeval zygote_end_timeout = { .tv_sec = 5 };

void zygote_process_free(struct zygote_process *process)
{
        if (!process)
                return;
        if (process->readable)
                event_free(process->readable);
        if (process->timer)
                event_free(process->timer);
        close_keep_errno(process->socket);
        fingerprint_free(process->fingerprint);
        free(process);
}

void zygote_process_retire(struct zygote_process *process)
{
        struct zygote *zygote = process->zygote;

        if (zygote->current == process || zygote->heir == process) {
                if (zygote->heir == process) {
                        zygote->heir = NULL;
                } else {
                        event_del(zygote->idle);
                        zygote->current = steal_pointer(zygote->heir);
                        if (zygote->current) {
                                zygote->current->heir = false;
                                zygote_arm_idle(zygote);
                        }
                }
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
                memcpy(process->sandbox, event->sandbox, sizeof(process->sandbox) - 1);
                process->memory_bytes = zygote_process_memory(process);
                if (process != zygote->current && process != zygote->heir)
                        return;
                zygote->failures = 0;
                event_del(process->timer);
                if (process == zygote->heir)
                        zygote_inherit(zygote);
                log_debug("zygote %d is ready after %" PRId64 " ms", (int)process->pid,
                          (clock_realtime_us() - process->started_at_us) / 1000);
                zygote->hooks.ready(zygote->config.kind, zygote->data);
                return;
        }
        bool unblocked = process->blocked && process == zygote->current;
        process->blocked = false;
        process->exhausted |= event->pid == 0 && event->error == ENOMEM;
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
        const struct zygote *zygote = process->zygote;

        if (process == zygote->current || process == zygote->heir)
                log_error("zygote %d %s; killing it", (int)process->pid,
                          process->ready ? "does not answer" : "does not become ready");
        if (process->pid)
                kill(process->pid, SIGKILL);
        else if (process->socket >= 0)
                /* Reaped, and something else holds its end of the socket. */
                zygote_process_ended(process);
}

void zygote_process_sent(struct zygote_process *process)
{
        if (process->in_flight++ == 0)
                event_add(process->timer, &zygote_answer_timeout);
        process->runs++;
}

void zygote_process_reaped(struct zygote_process *process)
{
        process->pid = 0;
        if (process->failing)
                process->zygote->failing--;
        /* Read what it still said; the end of the socket follows unless a clone holds it. */
        if (process->socket >= 0)
                zygote_process_readable(process->socket, EV_READ, process);
        else
                zygote_process_forget(process);
}

struct zygote_process *zygote_process_new(struct zygote *zygote, struct error *error)
{
        struct zygote_process *process = calloc(1, sizeof(*process));

        if (!process)
                return NULL;
        process->zygote = zygote;
        process->socket = -1;
        process->generation = ++zygote->generation;
        process->started_at_us = clock_realtime_us();
        process->started_monotonic_us = clock_monotonic_us();
        if (zygote_take_fingerprint(&zygote->config, &process->fingerprint) < 0) {
                zygote_process_free(process);
                return NULL;
        }
        process->timer = event_new(zygote->base, -1, 0, zygote_process_late, process);
        if (process->timer && zygote_process_spawn(process, &zygote->config, error) == 0)
                process->readable = event_new(zygote->base, process->socket, EV_READ | EV_PERSIST,
                                              zygote_process_readable, process);
        if (process->readable && event_add(process->readable, NULL) == 0) {
                event_add(process->timer, &zygote_ready_timeout);
                log_debug("zygote %d (%s) started", (int)process->pid, zygote_kind_name(zygote->config.kind));
                return process;
        }
        if (process->pid)
                kill(process->pid, SIGKILL);
        zygote_process_free(process);
        return NULL;
}
