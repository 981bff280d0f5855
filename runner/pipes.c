/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/pipes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/loop.h"

#define READ_MAX ((size_t)64 * 1024)

struct pipe_end {
        LIST_ENTRY(pipe_end) link;
        struct host *host;
        struct event *event;
        struct loop_call ready;
        eng_ref *settler; /* of what is under way; NULL: nothing */
        uint8_t *bytes;   /* malloc'd: what is written; NULL: it is read */
        size_t size, at;
        int fd;
};

static LIST_HEAD(, pipe_end) pipes = LIST_HEAD_INITIALIZER(pipes);

static struct pipe_end *pipe_find(int fd)
{
        struct pipe_end *end;

        LIST_FOREACH(end, &pipes, link)
        if (end->fd == fd)
                return end;
        return NULL;
}

/* What is under way has come to @v. */
static void pipe_settle(struct pipe_end *end, eng_val v)
{
        eng_ref *settler = steal_pointer(end->settler);

        event_del(end->event);
        loop_forget(&end->ready);
        free(steal_pointer(end->bytes));
        if (settler)
                (void)eng_settle(end->host->engine, settler, v ? ENG_FULFILLED : ENG_REJECTED, v);
}

static void pipe_read_some(struct pipe_end *end)
{
        eng *e = end->host->engine;
        uint8_t buffer[READ_MAX];

        ssize_t r = read(end->fd, buffer, MIN(end->size, sizeof(buffer)));
        if (r < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        pipe_settle(end, r < 0 ? eng_number(e, -errno) : eng_uint8array(e, buffer, (size_t)r));
}

static void pipe_write_some(struct pipe_end *end)
{
        eng *e = end->host->engine;

        ssize_t r = write(end->fd, end->bytes + end->at, end->size - end->at);
        if (r < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (r < 0) {
                pipe_settle(end, eng_number(e, -errno));
                return;
        }
        end->at += (size_t)r;
        if (end->at == end->size)
                pipe_settle(end, eng_number(e, (double)end->size));
}

static void pipe_call(void *data)
{
        struct pipe_end *end = data;
        struct host *host = end->host;
        eng_scope scope;

        eng_scope_open(host->engine, &scope);
        if (end->bytes)
                pipe_write_some(end);
        else
                pipe_read_some(end);
        eng_scope_close(host->engine, &scope, NULL);
        host_turn(host);
}

int pipe_add(struct host *host, int fd)
{
        struct pipe_end *end = calloc(1, sizeof(*end));

        if (!end)
                return -ENOMEM;
        end->host = host;
        end->fd = fd;
        end->ready = (struct loop_call){ .run = pipe_call, .data = end };
        end->event = event_new(host->base, fd, EV_PERSIST, loop_event, &end->ready);
        if (!end->event || fd_set_nonblocking(fd, true) < 0) {
                if (end->event)
                        event_free(end->event);
                free(end);
                return -ENOMEM;
        }
        LIST_INSERT_HEAD(&pipes, end, link);
        return 0;
}

/* Begin what @end->bytes says. */
static eng_val pipe_begin(struct pipe_end *end, eng *e)
{
        short what = (short)((end->bytes ? EV_WRITE : EV_READ) | EV_PERSIST);
        eng_val promise = eng_promise(e, &end->settler);

        if (!promise)
                return NULL;
        if (event_assign(end->event, end->host->base, end->fd, what, loop_event, &end->ready) < 0 ||
            event_add(end->event, NULL) < 0)
                pipe_settle(end, eng_number(e, -ENOMEM));
        return promise;
}

static struct pipe_end *pipe_free_of_work(eng *e, int fd)
{
        struct pipe_end *end = pipe_find(fd);

        if (end && !end->settler)
                return end;
        eng_throw(e, ENG_E_ERROR, end ? "the pipe is in use" : "there is no such pipe");
        return NULL;
}

eng_val pipes_read(eng *e, eng_args *args, void *data)
{
        int32_t fd;
        double max;

        if (!eng_args_get(e, args, "read", "id", &fd, &max))
                return NULL;
        struct pipe_end *end = pipe_free_of_work(e, fd);
        if (!end)
                return NULL;
        end->size = max >= 1 && max < (double)READ_MAX ? (size_t)max : READ_MAX;
        return pipe_begin(end, e);
}

eng_val pipes_write(eng *e, eng_args *args, void *data)
{
        eng_val content;
        size_t size = 0;
        int32_t fd;

        if (!eng_args_get(e, args, "write", "iv", &fd, &content))
                return NULL;
        const void *bytes = eng_typeof(e, content) == ENG_STRING ? eng_to_string(e, content, &size)
                                                                 : eng_to_bytes(e, content, &size);
        struct pipe_end *end = bytes ? pipe_free_of_work(e, fd) : NULL;
        if (!end)
                return NULL;
        end->bytes = malloc(size + 1);
        if (!end->bytes)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        memcpy(end->bytes, bytes, size);
        end->size = size;
        end->at = 0;
        return pipe_begin(end, e);
}

eng_val pipes_close(eng *e, eng_args *args, void *data)
{
        int32_t fd;

        if (!eng_args_get(e, args, "close", "i", &fd))
                return NULL;
        struct pipe_end *end = pipe_find(fd);
        if (!end)
                return ENG_UNDEF;
        LIST_REMOVE(end, link);
        pipe_settle(end, eng_number(e, -EBADF));
        event_free(end->event);
        close(end->fd);
        free(end);
        return ENG_UNDEF;
}
