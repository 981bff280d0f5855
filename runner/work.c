/* SPDX-License-Identifier: MPL-2.0 */
/*
 *   work_submit() --todo--> worker --done, and a byte to an eventfd--> results_call(): results, promises
 *
 * The thread is made at the first piece of work, after the fork of a zygote, and never ends. It has all signals blocked
 * (thread_start()).
 */
#include "config.h"

#include "runner/work.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/loop.h"
#include "runner/thread.h"

#define STACK_SIZE (256 * 1024)

/* First in, first out. */
struct work_list {
        struct work *first, **last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct work_list todo = { NULL, &todo.first }, done = { NULL, &done.first };
static bool busy; /* the worker has one that is in no list */
static int done_fd = -1;

static void list_add(struct work_list *list, struct work *work)
{
        work->next = NULL;
        *list->last = work;
        list->last = &work->next;
}

static struct work *list_take(struct work_list *list)
{
        struct work *work = list->first;

        if (work && !(list->first = work->next))
                list->last = &list->first;
        return work;
}

static void *worker(void *unused)
{
        pthread_mutex_lock(&lock);
        for (;;) {
                struct work *work = list_take(&todo);
                if (!work) {
                        pthread_cond_wait(&changed, &lock);
                        continue;
                }
                busy = true;
                pthread_mutex_unlock(&lock);
                work->run(work);
                pthread_mutex_lock(&lock);
                busy = false;
                list_add(&done, work);
                (void)eventfd_write(done_fd, 1);
                pthread_cond_broadcast(&changed);
        }
        return NULL;
}

static void work_settle(eng *e, struct work *work)
{
        eng_scope scope;

        eng_scope_open(e, &scope);
        eng_val v = work->result(work, e);
        (void)eng_settle(e, work->settler, v ? ENG_FULFILLED : ENG_REJECTED, v);
        eng_scope_close(e, &scope, NULL);
        work->free(work);
}

static void results_call(void *data)
{
        struct host *host = data;
        struct work *work;

        do {
                pthread_mutex_lock(&lock);
                work = list_take(&done);
                pthread_mutex_unlock(&lock);
                if (work)
                        work_settle(host->engine, work);
        } while (work);
        host_turn(host);
}

static struct loop_call arrived_call = { .run = results_call };

static void work_arrived(evutil_socket_t fd, short what, void *data)
{
        eventfd_t count;

        (void)eventfd_read(fd, &count);
        arrived_call.data = data;
        loop_later(&arrived_call);
}

/* 0 or -errno. */
static int work_start(struct host *host)
{
        if (done_fd >= 0)
                return 0;
        if (!host->base)
                return -EAGAIN;
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd < 0)
                return -errno;
        struct event *event = event_new(host->base, fd, EV_READ | EV_PERSIST, work_arrived, host);
        builtin_umask();
        int r = event && event_add(event, NULL) == 0 ? thread_start(worker, STACK_SIZE) : -ENOMEM;
        if (r < 0) {
                if (event)
                        event_free(event);
                close(fd);
                return r;
        }
        done_fd = fd;
        return 0;
}

eng_val work_submit(struct host *host, eng *e, struct work *work)
{
        eng_val promise = eng_promise(e, &work->settler);

        if (!promise) {
                work->free(work);
                return NULL;
        }
        if (work_start(host) < 0) {
                work->run(work);
                work_settle(e, work);
                return promise;
        }
        pthread_mutex_lock(&lock);
        list_add(&todo, work);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        return promise;
}

/* The next that is done; NULL: there is none, or it has not been done by @until. */
static struct work *work_wait(const struct timespec *until)
{
        struct work *work;
        int r = 0;

        pthread_mutex_lock(&lock);
        while (!(work = list_take(&done)) && (todo.first || busy) && r == 0)
                r = pthread_cond_timedwait(&changed, &lock, until);
        pthread_mutex_unlock(&lock);
        return work;
}

void work_drain(struct host *host, int64_t us)
{
        int64_t until_us = clock_realtime_us() + us;
        const struct timespec until = {
                .tv_sec = until_us / (int64_t)USEC_PER_SEC,
                .tv_nsec = until_us % (int64_t)USEC_PER_SEC * 1000,
        };
        struct work *work;

        while (!eng_terminating(host->engine) && clock_realtime_us() < until_us &&
               (work = work_wait(&until))) {
                work_settle(host->engine, work);
                (void)eng_run_jobs(host->engine);
        }
}
