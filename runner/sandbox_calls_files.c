/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a program is about to do with which file. Its path is in its memory, which is read through /proc where there is one
 * of the run's own; by the time that the kernel reads it, it may be another one. That is why nothing is decided here.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/denial.h"
#include "runner/sandbox_calls_internal.h"

/* The fifth argument of an openat() that has four. Who else writes it there is not recorded, and gains nothing. */
#define UNASKED UINT64_C(0x7ead0002)
#define UNASKED_ARG 4
#define LOWER UINT64_C(0xffffffff)
#define NO_ARG (-1)

/* Of which argument directory, path and flags are; NO_ARG: the call has none. */
static const struct asked {
        const char *name;
        int number; /* where libseccomp may be too old to know the name; else 0 */
        int directory, path, flags;
        enum denial_access access; /* unless flags say otherwise */
} asked[] = {
        { "open", 0, NO_ARG, 0, 1, DENIAL_READ },        { "openat", 0, 0, 1, 2, DENIAL_READ },
        { "openat2", 437, 0, 1, 2, DENIAL_READ },        { "creat", 0, NO_ARG, 0, NO_ARG, DENIAL_WRITE },
        { "execve", 0, NO_ARG, 0, NO_ARG, DENIAL_READ }, { "execveat", 0, 0, 1, NO_ARG, DENIAL_READ },
        { "mkdir", 0, NO_ARG, 0, NO_ARG, DENIAL_MAKE },  { "mkdirat", 0, 0, 1, NO_ARG, DENIAL_MAKE },
        { "rmdir", 0, NO_ARG, 0, NO_ARG, DENIAL_MAKE },  { "unlink", 0, NO_ARG, 0, NO_ARG, DENIAL_MAKE },
        { "unlinkat", 0, 0, 1, NO_ARG, DENIAL_MAKE },    { "rename", 0, NO_ARG, 1, NO_ARG, DENIAL_MAKE },
        { "renameat", 0, 2, 3, NO_ARG, DENIAL_MAKE },    { "renameat2", 0, 2, 3, NO_ARG, DENIAL_MAKE },
};

static int asked_number(const struct asked *call)
{
        int number = seccomp_syscall_resolve_name(call->name);

        return number < 0 && call->number ? call->number : number;
}

/* Looked up once: while filters are compiled, before there is a listener. */
static int numbers[ARRAY_SIZE(asked)];

static const struct asked *asked_find(int number)
{
        for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
                if (numbers[i] == 0)
                        numbers[i] = asked_number(&asked[i]) + 1; /* the first call's number is 0 */
                if (number >= 0 && numbers[i] == number + 1)
                        return &asked[i];
        }
        return NULL;
}

bool calls_file_is_asked(int number)
{
        return asked_find(number);
}

int calls_file_add_unasked(scmp_filter_ctx filter)
{
        return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                                SCMP_CMP(UNASKED_ARG, SCMP_CMP_MASKED_EQ, LOWER, UNASKED));
}

int open_unasked(const char *path)
{
        return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, UNASKED);
}

/* ---- the program's memory ---- */

/* A text of less than @size bytes; false: there is none, or it may not be read. */
static bool text_read(int memory, uint64_t address, char *ret, size_t size)
{
        ssize_t n = address <= INT64_MAX ? pread(memory, ret, size, (off_t)address) : -1;

        return n > 0 && memchr(ret, '\0', (size_t)n);
}

static enum denial_access access_of_flags(const struct asked *call, int memory,
                                          const struct seccomp_notif *question)
{
        uint64_t flags = question->data.args[call->flags];

        /* openat2() has them in a structure, first of all. */
        if (strcmp(call->name, "openat2") == 0 &&
            (flags > INT64_MAX || pread(memory, &flags, sizeof(flags), (off_t)flags) != sizeof(flags)))
                return DENIAL_READ;
        bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
        return writes && !(flags & O_PATH) ? DENIAL_WRITE : DENIAL_READ;
}

/* The directory that a relative path begins at, as the program has it. */
static bool directory_read(uint32_t pid, int directory_fd, char *ret, size_t size)
{
        char link[64];

        if (directory_fd == AT_FDCWD)
                snprintf(link, sizeof(link), "/proc/%u/cwd", pid);
        else
                snprintf(link, sizeof(link), "/proc/%u/fd/%d", pid, directory_fd);
        ssize_t n = readlink(link, ret, size - 1);
        if (n <= 0 || ret[0] != '/')
                return false;
        ret[n] = '\0';
        return true;
}

void calls_file_look(int listener, const struct seccomp_notif *question, const char *program)
{
        static char path[PATH_MAX], directory[PATH_MAX]; /* one thread */
        const struct asked *call = asked_find(question->data.nr);
        char memory_path[32];

        snprintf(memory_path, sizeof(memory_path), "/proc/%u/mem", question->pid);
        _cleanup_close_ int memory = open_unasked(memory_path);
        if (!call || memory < 0 || !text_read(memory, question->data.args[call->path], path, sizeof(path)))
                return;
        enum denial_access access = call->flags == NO_ARG ? call->access
                                                          : access_of_flags(call, memory, question);
        int directory_fd = call->directory == NO_ARG ? AT_FDCWD : (int)question->data.args[call->directory];
        if (path[0] != '/' && !directory_read(question->pid, directory_fd, directory, sizeof(directory)))
                return;
        _cleanup_free_ char *whole = path[0] == '/' ? strdup(path) : path_join(directory, path);
        /* Whoever asked may be gone, and its number another's: then nothing that was read is its own. */
        if (whole && path[0] && ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &question->id) == 0)
                denial_program_file(access, whole, program);
}
