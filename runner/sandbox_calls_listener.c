/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who is asked when a run with programs, or one of its programs, makes a call that is refused. The caller sleeps
 * until there is an answer, so that this must be a thread that is never refused anything itself, and does little. A thread of
 * the run itself may ask about a file with a lock of some library in its hand: it is answered without taking any.
 * It ends with the process; without it the kernel answers ENOSYS.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/denial.h"
#include "runner/sandbox_calls_internal.h"
#include "runner/thread.h"

#define STACK_SIZE (128 * 1024)
#define NAME_SIZE 64

static int listener = -1;
static sem_t ready;

/* The name of the process @pid; "process PID" where there is no /proc. */
static void program_name(uint32_t pid, char *ret, size_t size)
{
        char path[32];

        snprintf(ret, size, "process %u", pid);
        snprintf(path, sizeof(path), "/proc/%u/comm", pid);
        _cleanup_close_ int fd = open_unasked(path);
        if (fd < 0)
                return;
        ssize_t r = read(fd, path, sizeof(path) - 1);
        if (r <= 0)
                return;
        path[r] = '\0';
        path[strcspn(path, "\n")] = '\0';
        if (*path)
                snprintf(ret, size, "%s", path);
}

/* It goes on whatever is seen, since others refuse. The run's own are recorded where they are made, with what came of it. */
static void answer_file(const struct seccomp_notif *question, bool own)
{
        char program[NAME_SIZE];
        struct seccomp_notif_resp response = { .id = question->id,
                                               .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

        if (!own && denial_program_file_wanted()) {
                program_name(question->pid, program, sizeof(program));
                calls_file_look(listener, question, program);
        }
        (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void answer(const struct seccomp_notif *question)
{
        char program[NAME_SIZE];
        const char *name, *key;

        bool own = syscall(SYS_tgkill, getpid(), question->pid, 0) == 0; /* a thread of ours */
        if (calls_file_is_asked(question->data.nr)) {
                answer_file(question, own);
                return;
        }
        int refusal = calls_refusal(question->data.nr, question->data.args[0], &name, &key);
        program_name(question->pid, program, sizeof(program));
        /* Whoever asked may be gone, and the number another process's: then the name is nobody's. */
        bool there = ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &question->id) == 0;
        if (name && there)
                denial_program_call(name, own ? NULL : program,
                                    key); /* before it goes on, and perhaps leaves */
        struct seccomp_notif_resp response = { .id = question->id, .error = -refusal };
        (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void *listener_thread(void *unused)
{
        /* The kernel's structure may have grown; it fills what it has. */
        union {
                struct seccomp_notif question;
                char room[512];
        } in;

        sem_post(&ready);
        for (;;) {
                memset(&in, 0, sizeof(in));
                if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in.question) == 0)
                        answer(&in.question);
                else if (errno != EINTR && errno != ENOENT)
                        return NULL;
        }
}

int calls_listener_start(int fd)
{
        listener = fd;
        if (sem_init(&ready, 0, 0) < 0)
                return -errno;
        int r = thread_start(listener_thread, STACK_SIZE);
        if (r < 0) {
                close(fd); /* nobody would answer: the kernel then does */
                return r;
        }
        /* What a thread takes to start may be held by one of ours that waits for its answer. */
        while (sem_wait(&ready) < 0 && errno == EINTR)
                ;
        return 0;
}
