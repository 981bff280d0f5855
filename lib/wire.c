/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A wire_start packet is a start_header, then the strings, each with its NUL, one after the other: task,
 * profile, profiles, schedule, policy, control, then the arguments. Nothing follows the last.
 */
#include "config.h"

#include "lib/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/task.h"
#include "lib/util.h"

struct start_header {
        uint32_t version;
        uint32_t arg_count;
        int64_t run_id;
        int64_t epoch;
        int64_t nominal_at_us;
        int64_t begin_monotonic_us;
};

#define START_STRINGS 6

int wire_start_encode(const struct wire_start *start, void **ret_packet, size_t *ret_size)
{
        const char *strings[START_STRINGS] = { start->task,     start->profile, start->profiles,
                                               start->schedule, start->policy,  start->control };
        size_t size = sizeof(struct start_header), arg_count = strv_length(start->args);

        if (arg_count > TASK_ARGS_MAX)
                return -E2BIG;
        for (size_t i = 0; i < START_STRINGS; i++)
                size += strlen(strings[i]) + 1;
        for (size_t i = 0; i < arg_count; i++)
                size += strlen(start->args[i]) + 1;
        if (size > WIRE_PACKET_MAX)
                return -E2BIG;

        char *packet = malloc(size);
        if (!packet)
                return -ENOMEM;
        struct start_header header = {
                .version = WIRE_VERSION,
                .arg_count = (uint32_t)arg_count,
                .run_id = start->run_id,
                .epoch = start->epoch,
                .nominal_at_us = start->nominal_at_us,
                .begin_monotonic_us = start->begin_monotonic_us,
        };
        char *to = mempcpy(packet, &header, sizeof(header));
        for (size_t i = 0; i < START_STRINGS; i++)
                to = stpcpy(to, strings[i]) + 1;
        for (size_t i = 0; i < arg_count; i++)
                to = stpcpy(to, start->args[i]) + 1;
        *ret_packet = packet;
        *ret_size = size;
        return 0;
}

/* What is left of a packet. */
struct reader {
        const char *at, *end;
};

/* The next string, in place; NULL: its NUL is missing or it is not UTF-8. */
static const char *read_string(struct reader *reader)
{
        const char *string = reader->at;
        const char *end = string < reader->end ? memchr(string, 0, (size_t)(reader->end - string)) : NULL;

        if (!end || !utf8_is_valid(string, (size_t)(end - string)))
                return NULL;
        reader->at = end + 1;
        return string;
}

static int start_check(const struct wire_start *start, struct error *error)
{
        struct error why = ERROR_INIT;

        if (start->run_id <= 0 || start->epoch < 0 || start->nominal_at_us < 0 ||
            start->begin_monotonic_us < 0)
                return error_set(error, EBADMSG, "start packet: expected a run's id, epoch and times");
        if (task_name_check(start->task, &why) < 0 || task_args_check(start->args, &why) < 0)
                return error_set(error, EBADMSG, "start packet: %s", why.text);
        if ((start->profile[0] && start->profile[0] != '/') || start->profiles[0] != '/' ||
            start->control[0] != '/')
                return error_set(error, EBADMSG, "start packet: expected absolute paths");
        return 0;
}

int wire_start_decode(const void *packet, size_t size, struct wire_start *ret, struct error *error)
{
        struct start_header header;
        struct wire_start start = { 0 };
        const char **strings[START_STRINGS] = { &start.task,     &start.profile, &start.profiles,
                                                &start.schedule, &start.policy,  &start.control };

        if (size < sizeof(header) || size > WIRE_PACKET_MAX)
                return error_set(error, EBADMSG, "start packet: expected %zu to %d bytes, found %zu",
                                 sizeof(header), WIRE_PACKET_MAX, size);
        memcpy(&header, packet, sizeof(header));
        if (header.version != WIRE_VERSION)
                return error_set(error, EBADMSG, "start packet: expected version %d, found %u", WIRE_VERSION,
                                 header.version);
        if (header.arg_count > TASK_ARGS_MAX)
                return error_set(error, EBADMSG, "start packet: expected at most %d arguments, found %u",
                                 TASK_ARGS_MAX, header.arg_count);

        struct reader reader = { (const char *)packet + sizeof(header), (const char *)packet + size };
        _cleanup_free_ const char **args = calloc(header.arg_count + 1, sizeof(*args));
        if (!args)
                return error_set(error, ENOMEM, "out of memory");
        bool complete = true;
        for (size_t i = 0; complete && i < START_STRINGS; i++)
                complete = (*strings[i] = read_string(&reader));
        for (size_t i = 0; complete && i < header.arg_count; i++)
                complete = (args[i] = read_string(&reader));
        if (!complete || reader.at != reader.end)
                return error_set(error, EBADMSG,
                                 "start packet: expected %u strings in UTF-8, each with its end",
                                 header.arg_count + START_STRINGS);

        start.run_id = header.run_id;
        start.epoch = header.epoch;
        start.nominal_at_us = header.nominal_at_us;
        start.begin_monotonic_us = header.begin_monotonic_us;
        start.args = (char **)args;
        int r = start_check(&start, error);
        if (r < 0)
                return r;
        args = NULL;
        *ret = start;
        return 0;
}

int wire_send(int socket, const void *packet, size_t size, const int *fds, size_t fd_count)
{
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
        } control;
        struct iovec part = { .iov_base = (void *)(uintptr_t)packet, .iov_len = size };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

        if (fd_count > WIRE_FDS_MAX)
                return -EINVAL;
        if (fd_count > 0) {
                memset(&control, 0, sizeof(control));
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
                struct cmsghdr *header = CMSG_FIRSTHDR(&message);
                header->cmsg_level = SOL_SOCKET;
                header->cmsg_type = SCM_RIGHTS;
                header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
                memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
        }
        for (;;) {
                if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0)
                        return 0;
                if (errno != EINTR)
                        return -errno;
        }
}

/* Take the descriptors out of a message: @fd_max of them to @ret_fds, the others are closed. Returns how many
 * there were. */
static size_t take_descriptors(struct msghdr *message, int *ret_fds, size_t fd_max)
{
        size_t count = 0;

        for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
                if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
                        continue;
                size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                for (size_t i = 0; i < here; i++, count++) {
                        int fd;
                        memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
                        if (count < fd_max)
                                ret_fds[count] = fd;
                        else
                                close(fd);
                }
        }
        return count;
}

int wire_receive(int socket, void *buffer, size_t size, int *ret_fds, size_t fd_max, size_t *ret_fd_count)
{
        union {
                struct cmsghdr align;
                char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
        } control;
        struct iovec part = { .iov_base = buffer, .iov_len = size };
        struct msghdr message = {
                .msg_iov = &part,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t got;

        do
                got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
        while (got < 0 && errno == EINTR);
        if (got < 0)
                return -errno;
        size_t count = take_descriptors(&message, ret_fds, fd_max);
        if (count > fd_max || message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
                for (size_t i = 0; i < MIN(count, fd_max); i++)
                        close(ret_fds[i]);
                return -EMSGSIZE;
        }
        if (ret_fd_count)
                *ret_fd_count = count;
        return (int)got;
}
