/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What comes from a run: two FIFOs with its output, and its result socket.
 *
 * Output goes to the run's file as it comes, whoever reads that: a slow reader holds up nobody. FIFOs cut
 * UTF-8 sequences anywhere; the beginning of one is kept back until the rest has come, so that what readers
 * get is text wherever the run printed text.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/job.h"
#include "daemon/job_cgroup.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define JOB_READ_SIZE 65536
#define JOB_READS_MAX 8 /* at a time, for the others' sake */

/* How many bytes at the end of @text begin a sequence that may yet be completed. */
static size_t utf8_unfinished(const char *text, size_t size)
{
        for (size_t back = 1; back <= MIN(size, (size_t)3); back++) {
                unsigned char c = (unsigned char)text[size - back];
                if (c < 0x80)
                        return 0;
                if (c >= 0xc0) {
                        size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
                        return c < 0xf8 && needed > back ? back : 0;
                }
        }
        return 0;
}

static void stream_store(struct job_stream *stream, const char *data, size_t size)
{
        struct job *job = stream->job;

        if (size == 0 || !job->writer)
                return;
        int r = output_write(job->writer, stream->which, clock_realtime_us(), data, size);
        if (r < 0 && !job->output_failed) {
                job->output_failed = true;
                log_warning("run %" PRId64 ": its output cannot be kept: %s", job->run.id, strerror(-r));
        }
}

void job_store_leftovers(struct job *job, enum output_stream stream, const char *data, size_t size)
{
        struct job_stream *place = &job->streams[stream];

        if (size == 0 || !job->writer)
                return;
        stream_store(place, place->carry, place->carried);
        place->carried = 0;
        stream_store(place, data, size);
}

static void stream_close(struct job_stream *stream)
{
        if (stream->fd < 0)
                return;
        stream_store(stream, stream->carry, stream->carried);
        stream->carried = 0;
        if (event_initialized(&stream->event))
                event_del(&stream->event);
        stream->fd = close_keep_errno(stream->fd);
}

/* False: nothing more for now. */
static bool stream_read(struct job_stream *stream)
{
        static char buffer[sizeof(stream->carry) + JOB_READ_SIZE]; /* one event loop, one reader */
        size_t had = stream->carried;

        memcpy(buffer, stream->carry, had);
        ssize_t n = read(stream->fd, buffer + had, JOB_READ_SIZE);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return false;
        if (n <= 0) {
                stream_close(stream);
                return false;
        }
        size_t size = had + (size_t)n, kept = utf8_unfinished(buffer, size);
        stream_store(stream, buffer, size - kept);
        memcpy(stream->carry, buffer + size - kept, kept);
        stream->carried = kept;
        return (size_t)n == JOB_READ_SIZE || stream->job->state == JOB_EXITED;
}

static void stream_read_some(struct job_stream *stream)
{
        for (int i = 0; i < JOB_READS_MAX && stream->fd >= 0 && stream_read(stream); i++)
                ;
}

static void stream_readable(evutil_socket_t fd, short what, void *data)
{
        struct job_stream *stream = data;
        struct job *job = stream->job;

        stream_read_some(stream);
        follow_output(job->supervisor->daemon->follow, job->run.id);
        job_check_ended(job);
}

static void result_close(struct job *job)
{
        if (job->result_fd < 0)
                return;
        if (event_initialized(&job->result_event))
                event_del(&job->result_event);
        job->result_fd = close_keep_errno(job->result_fd);
}

static void result_keep(struct wire_report *place, bool *has, struct wire_report *report)
{
        wire_report_done(place);
        *place = *report;
        *report = (struct wire_report){ 0 };
        *has = true;
}

static void result_take(struct job *job, struct wire_report *report)
{
        switch (report->event) {
        case WIRE_EVENT_STARTED:
                job->reached_task = true;
                job->own_limit_us = report->limit_us;
                job->own_start_us = report->at_us;
                if (report->sandbox && !job->sandbox)
                        job->sandbox = steal_pointer(report->sandbox);
                break;
        case WIRE_EVENT_DENIED:
                if (job_denied(job, report) < 0)
                        log_error("run %" PRId64 ": out of memory for what it was denied", job->run.id);
                break;
        case WIRE_EVENT_SIGNAL:
                job->own_signal = report->signal;
                break;
        case WIRE_EVENT_FINISHED:
                result_keep(&job->report, &job->has_report, report);
                break;
        case WIRE_EVENT_SETUP_FAILED:
                result_keep(&job->setup_failure, &job->has_setup_failure, report);
                break;
        }
        wire_report_done(report);
}

/* The sender of a message, from SCM_CREDENTIALS; 0: not there. */
static pid_t message_sender(struct msghdr *message)
{
        for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
                struct ucred credentials;

                if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_CREDENTIALS ||
                    header->cmsg_len != CMSG_LEN(sizeof(credentials)))
                        continue;
                memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
                return credentials.pid;
        }
        return 0;
}

/* One message; false: nothing more for now. */
static bool result_read(struct job *job, pid_t *ret_sender)
{
        static char buffer[WIRE_PACKET_MAX];
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(sizeof(struct ucred))];
        } control;
        struct iovec part = { .iov_base = buffer, .iov_len = sizeof(buffer) };
        struct msghdr message = {
                .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        struct wire_report report;
        struct error error = ERROR_INIT;

        /* Descriptors that a run sends do not fit into the control buffer: the kernel drops them. */
        ssize_t n = recvmsg(job->result_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return false;
        /* An empty packet has a sender, the end of the socket has none. */
        if (n < 0 || (n == 0 && message_sender(&message) == 0)) {
                result_close(job);
                return false;
        }
        if (message.msg_flags & MSG_TRUNC)
                error_set(&error, EMSGSIZE, "a message of more than %zu bytes", sizeof(buffer));
        else if (wire_report_decode(buffer, (size_t)n, &report, &error) == 0) {
                result_take(job, &report);
                *ret_sender = message_sender(&message);
                return true;
        }
        log_warning("run %" PRId64 ": bad report: %s", job->run.id, error.text);
        return true;
}

static void result_read_some(struct job *job)
{
        pid_t sender = 0;

        for (int i = 0; i < JOB_READS_MAX && job->result_fd >= 0 && result_read(job, &sender); i++)
                ;
        job_reported(job, sender);
}

static void result_readable(evutil_socket_t fd, short what, void *data)
{
        struct job *job = data;

        result_read_some(job);
}

void job_drain(struct job *job)
{
        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                stream_read_some(&job->streams[i]);
        follow_output(job->supervisor->daemon->follow, job->run.id);
        if (job->result_fd >= 0)
                result_read_some(job);
        else
                job_reported(job, 0);
}

void job_read_rest(struct job *job)
{
        pid_t sender;

        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                stream_read_some(&job->streams[i]);
        for (int i = 0; i < JOB_READS_MAX && job->result_fd >= 0 && result_read(job, &sender); i++)
                ;
}

void job_let_go(struct job *job)
{
        /* In this order: a run that looked before this has printed all; one that looks later sees that nobody reads. */
        result_close(job);
        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                stream_read_some(&job->streams[i]);
}

bool job_io_ended(const struct job *job)
{
        return job->streams[0].fd < 0 && job->streams[1].fd < 0 && job->result_fd < 0;
}

void job_close(struct job *job)
{
        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                stream_close(&job->streams[i]);
        result_close(job);
        job_close_sent(job);
}

static int stream_watch(struct job_stream *stream)
{
        event_assign(&stream->event, stream->job->supervisor->daemon->base, stream->fd, EV_READ | EV_PERSIST,
                     stream_readable, stream);
        return event_add(&stream->event, NULL) < 0 ? -ENOMEM : 0;
}

static int result_watch(struct job *job)
{
        event_assign(&job->result_event, job->supervisor->daemon->base, job->result_fd, EV_READ | EV_PERSIST,
                     result_readable, job);
        return event_add(&job->result_event, NULL) < 0 ? -ENOMEM : 0;
}

/* @resume: go on with the output that is there, of an earlier daemon or an earlier attempt. */
static int job_make_writer(struct job *job, bool resume)
{
        struct daemon *daemon = job->supervisor->daemon;

        if (job->writer)
                return 0;
        uint64_t limit = job->policy->file.policy.output_max;
        if (limit == 0)
                limit = (uint64_t)daemon_setting(daemon, SETTING_OUTPUT_MAX_KIB) * 1024;
        int r = output_writer_new(daemon->output_fd, job->run.id, (int64_t)limit, &job->writer);
        if (r < 0 || !resume)
                return r;
        r = output_writer_resume(job->writer);
        if (r < 0)
                log_warning("run %" PRId64 ": the output so far cannot be gone on with: %s", job->run.id,
                            strerror(-r));
        return 0;
}

/* Who reads the output shall see where an attempt ended and the next one begins. */
static void job_mark_attempt(struct job *job)
{
        if (run_repeats(&job->run) == 0)
                return;
        _cleanup_free_ char *mark =
                format_string("bgtaskd: interrupted; begun again as attempt %" PRId64 "\n", job->run.epoch);
        if (mark)
                stream_store(&job->streams[OUTPUT_STDERR], mark, strlen(mark));
}

int job_open(struct job *job, int ret_fds[WIRE_FD_COUNT])
{
        int pair[2], on = 1;

        for (size_t i = 0; i < WIRE_FD_COUNT; i++)
                ret_fds[i] = -1;
        int r = job_make_files(job, ret_fds);
        if (r < 0)
                return r;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        job->result_fd = pair[0];
        ret_fds[WIRE_FD_RESULT] = pair[1];
        if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
                return -errno;
        bool first = !job->writer;
        r = job_make_writer(job, run_repeats(&job->run) > 0);
        if (r < 0)
                return r;
        if (first)
                job_mark_attempt(job);
        for (size_t i = 0; i < ARRAY_SIZE(job->streams) && r == 0; i++)
                r = stream_watch(&job->streams[i]);
        return r < 0 ? r : result_watch(job);
}

void job_reopen(struct job *job, const struct handover_run *handed)
{
        int r = job_make_writer(job, true);

        if (!handed) {
                job_open_fifos(job);
        } else {
                for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                        job->streams[i].fd = handed->output_fds[i];
                job->result_fd = handed->result_fd;
        }
        for (size_t i = 0; i < ARRAY_SIZE(job->streams) && r == 0; i++)
                if (job->streams[i].fd >= 0)
                        r = stream_watch(&job->streams[i]);
        if (r == 0 && job->result_fd >= 0)
                r = result_watch(job);
        if (r < 0)
                log_error("run %" PRId64 ": its output cannot be read: %s", job->run.id, strerror(-r));
}

void job_take_descriptors(struct job *job, struct handover_run *ret)
{
        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++) {
                struct job_stream *stream = &job->streams[i];
                if (stream->fd >= 0 && event_initialized(&stream->event))
                        event_del(&stream->event);
                stream_store(stream, stream->carry, stream->carried);
                stream->carried = 0;
                ret->output_fds[i] = steal_fd(&stream->fd);
        }
        if (job->result_fd >= 0 && event_initialized(&job->result_event))
                event_del(&job->result_event);
        ret->result_fd = steal_fd(&job->result_fd);
}
