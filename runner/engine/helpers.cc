/* SPDX-License-Identifier: MPL-2.0 */
/*
 * helpers.cc - the engine's helper threads.
 *
 * A zygote must be single-threaded when it forks, so until helpers_release() tasks are only put down. A
 * task that is owed costs little: the collector runs what it waits for itself. Before the fork
 * helpers_finish_owed() works them off on threads that are gone again when it returns. In the child,
 * threads are made when the first task comes, and stay: two, because compiling wasm asynchronously
 * occupies one that waits for the other.
 */
#include "runner/engine/internal.h"

#include <pthread.h>
#include <signal.h>

enum { THREADS = 2, STACK_SIZE = 2 * 1024 * 1024 };

static struct {
        pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
        Vec<compat::Task> tasks;
        unsigned running = 0; /* tasks being run */
        unsigned idle = 0;    /* threads that wait for one */
        unsigned threads = 0; /* that stay */
        bool released = false;
} pool;

/* Run the first task; called and returns with the lock held. */
static void run_first(void)
{
        compat::Task task = pool.tasks[0];
        pool.tasks.erase(pool.tasks.begin());
        pool.running++;
        pthread_mutex_unlock(&pool.lock);
        compat::task_run(task);
        pthread_mutex_lock(&pool.lock);
        pool.running--;
        pthread_cond_broadcast(&pool.changed);
}

static void *thread_stay(void *)
{
        pthread_mutex_lock(&pool.lock);
        for (;;) {
                pool.idle++;
                while (pool.tasks.empty())
                        pthread_cond_wait(&pool.changed, &pool.lock);
                pool.idle--;
                run_first();
        }
        return nullptr;
}

static void *thread_until_done(void *)
{
        pthread_mutex_lock(&pool.lock);
        while (!pool.tasks.empty() || pool.running > 0) {
                if (!pool.tasks.empty())
                        run_first();
                else
                        pthread_cond_wait(&pool.changed, &pool.lock);
        }
        pthread_mutex_unlock(&pool.lock);
        return nullptr;
}

/* A thread that takes no signals. */
static bool thread_start(pthread_t *ret, void *(*main)(void *))
{
        sigset_t all, before;
        pthread_attr_t attr;
        sigfillset(&all);
        pthread_attr_init(&attr);
        pthread_attr_setstacksize(&attr, STACK_SIZE);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = pthread_create(ret, &attr, main, nullptr);
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        pthread_attr_destroy(&attr);
        return r == 0;
}

/* With the lock held: see to it that somebody takes the task that was added. Without a thread it stays
 * owed, and the next one tries again. */
static void pool_serve(void)
{
        pthread_t thread;
        if (!pool.released)
                return;
        if (pool.idle < pool.tasks.length() && pool.threads < THREADS && thread_start(&thread, thread_stay)) {
                pthread_detach(thread);
                pool.threads++;
        }
        pthread_cond_broadcast(&pool.changed);
}

static void pool_add(compat::Task task)
{
        pthread_mutex_lock(&pool.lock);
        if (pool.tasks.append(task))
                pool_serve();
        pthread_mutex_unlock(&pool.lock);
}

void helpers_finish_owed(void)
{
        pthread_t threads[THREADS];
        unsigned count = 0;
        if (pool.released || pool.tasks.empty())
                return;
        while (count < THREADS && thread_start(&threads[count], thread_until_done))
                count++;
        for (unsigned i = 0; i < count; i++)
                pthread_join(threads[i], nullptr);
}

void helpers_release(void)
{
        pthread_mutex_lock(&pool.lock);
        pool.released = true;
        if (!pool.tasks.empty())
                pool_serve();
        pthread_mutex_unlock(&pool.lock);
}

void helpers_init(void)
{
        JS::SetHelperThreadTaskCallback(compat::task_callback<pool_add>(), THREADS, STACK_SIZE);
}
