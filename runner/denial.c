/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Three kinds of callers share one table: the engine's thread, the listener of seccomp, and the SIGSYS handler,
 * which may interrupt either. So an entry is claimed by counting @used up and published by @ready; counts are
 * atomic; and what is told is put together on the stack. The lock is for those who look for an entry by its text.
 * The handler finds its entries by the call's number and never takes it.
 *
 *   count 1, 10, 100, ... --told at once-->  daemon;  denial_flush() --the rest-->  daemon
 */
#include "config.h"

#include "runner/denial.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/denial_text.h"

#define NUMBERS_MAX 1024
#define MESSAGE_SIZE (2 * 6 * DENIAL_TEXT_MAX + 128) /* a byte becomes six at most */

/* What call_entry[] says. */
enum { ENTRY_NONE = 0, ENTRY_CLAIMED = 0xff, ENTRY_LEFT_OUT = 0xfe };

struct denial {
        atomic_bool ready;
        _Atomic uint64_t count;
        _Atomic uint64_t told;
        char what[DENIAL_TEXT_MAX];
        char key[DENIAL_TEXT_MAX]; /* "": none */
};

static struct denial denials[DENIAL_MAX];
static atomic_uint used;                     /* of them, and how many there was no room for */
static atomic_uchar call_entry[NUMBERS_MAX]; /* by the call's number: index + 1, or as above */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct denial_view *view;
static int result_fd = -1;
static bool started;

void denial_start(const struct denial_view *what_is_seen, int fd)
{
        view = what_is_seen;
        result_fd = fd;
        started = true;
}

/* ---- telling ---- */

/* @wait: until there is room; else what there is no room for is told the next time. */
static void denial_tell(struct denial *denial, uint64_t count, bool wait)
{
        char message[MESSAGE_SIZE];
        ssize_t r;

        if (result_fd < 0) {
                size_t size = denial_text_line(message, sizeof(message), denial->what, denial->key);
                r = count == 1 ? write(STDERR_FILENO, message, size) : 0;
        } else {
                size_t size = denial_text_json(message, sizeof(message), denial->what, denial->key, count);
                r = send(result_fd, message, size, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
        }
        if (r >= 0)
                atomic_store(&denial->told, count);
}

static bool is_power_of_ten(uint64_t n)
{
        while (n >= 10 && n % 10 == 0)
                n /= 10;
        return n == 1;
}

static void denial_count(struct denial *denial)
{
        uint64_t count = atomic_fetch_add(&denial->count, 1) + 1;

        if (is_power_of_ten(count))
                denial_tell(denial, count, false);
}

/* A fresh entry, or NULL: no more room. */
static struct denial *denial_claim(const char *what, const char *key)
{
        unsigned index = atomic_fetch_add(&used, 1);

        if (index >= DENIAL_MAX) {
                atomic_store(&used, DENIAL_MAX);
                return NULL;
        }
        struct denial *denial = &denials[index];
        denial_text_copy(denial->what, DENIAL_TEXT_MAX, what);
        denial_text_copy(denial->key, DENIAL_TEXT_MAX, key ? key : "");
        atomic_store(&denial->ready, true);
        return denial;
}

static struct denial *denial_find(const char *what)
{
        for (size_t i = 0; i < DENIAL_MAX; i++)
                if (atomic_load(&denials[i].ready) && strcmp(denials[i].what, what) == 0)
                        return &denials[i];
        return NULL;
}

/* Whether it is a new one. */
static bool denial_record(const char *what, const char *key)
{
        char cut[DENIAL_TEXT_MAX];

        denial_text_copy(cut, sizeof(cut), what);
        pthread_mutex_lock(&lock);
        struct denial *denial = denial_find(cut);
        bool fresh = !denial;
        if (!denial)
                denial = denial_claim(cut, key && strlen(key) < DENIAL_TEXT_MAX ? key : NULL);
        pthread_mutex_unlock(&lock);
        if (denial)
                denial_count(denial);
        return fresh;
}

void denial_flush(void)
{
        for (size_t i = 0; i < DENIAL_MAX; i++) {
                uint64_t count = atomic_load(&denials[i].count);
                if (atomic_load(&denials[i].ready) && count > atomic_load(&denials[i].told))
                        denial_tell(&denials[i], count, true);
        }
}

/* ---- calls ---- */

void denial_call(unsigned number, const char *name, const char *key)
{
        unsigned char expected = ENTRY_NONE;
        char what[64] = "call ";

        if (!started || number >= NUMBERS_MAX)
                return;
        if (atomic_compare_exchange_strong(&call_entry[number], &expected, ENTRY_CLAIMED)) {
                denial_text_copy(what + strlen(what), sizeof(what) - strlen(what), name);
                struct denial *denial = denial_claim(what, key);
                expected = denial ? (unsigned char)(denial - denials + 1) : ENTRY_LEFT_OUT;
                atomic_store(&call_entry[number], expected);
        }
        if (expected != ENTRY_CLAIMED && expected != ENTRY_LEFT_OUT)
                denial_count(&denials[expected - 1]);
}

/* " by PROGRAM" behind @what, "" for NULL. A program names itself as it likes. */
static void add_program(char *what, size_t size, const char *program)
{
        size_t length = strlen(what);

        if (!program)
                return;
        snprintf(what + length, size - length, " by %s", program);
        for (char *c = what + length; *c; c++)
                if (*c < ' ' || *c > '~')
                        *c = '?';
}

void denial_program_call(const char *name, const char *program, const char *key)
{
        char what[DENIAL_TEXT_MAX];

        if (!started)
                return;
        snprintf(what, sizeof(what), "call %s", name);
        add_program(what, sizeof(what), program);
        denial_record(what, key);
}

/* ---- files and hosts ---- */

static bool list_covers(const char *const *list, const char *path)
{
        for (; list && *list; list++) {
                size_t size = strlen(*list);
                while (size > 0 && (*list)[size - 1] == '/') /* "/" covers all */
                        size--;
                if (strncmp(*list, path, size) == 0 && (path[size] == '/' || path[size] == '\0'))
                        return true;
        }
        return false;
}

/* Whether @error means that the sandbox refuses what the policy does not allow. */
static bool is_refusal(enum denial_access access, const char *path, int error)
{
        bool writable = list_covers(view->writable, path);
        bool readable = writable || list_covers(view->readable, path);

        if (access == DENIAL_READ ? readable : writable)
                return false; /* it is the file's own */
        switch (error) {
        case EACCES:
        case EPERM:
        case EROFS:
                return true;
        case ENOENT:
                return view->hidden && !readable;
        default: /* errno, not an enum of ours */
                return false;
        }
}

/* @absolute is changed. Whether it is a new one. */
static bool file_record(enum denial_access access, char *absolute, const char *program)
{
        char by[DENIAL_TEXT_MAX] = "";
        _cleanup_free_ char *shown = text_escape(absolute, strlen(absolute));
        add_program(by, sizeof(by), program);
        _cleanup_free_ char *what =
                shown ? format_string("%s %s%s", access == DENIAL_READ ? "read" : "write", shown, by) : NULL;
        bool is_there = faccessat(AT_FDCWD, absolute, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        char *slash = strrchr(absolute, '/');
        if (access == DENIAL_MAKE || (access == DENIAL_WRITE && !is_there))
                if (slash && slash != absolute)
                        *slash = '\0';
        _cleanup_free_ char *key = denial_text_key(access == DENIAL_READ ? "ReadOnlyPaths" : "ReadWritePaths",
                                                   absolute);
        return what && denial_record(what, key);
}

void denial_file(enum denial_access access, const char *path, int error)
{
        if (!started || !view || !*path)
                return;
        _cleanup_free_ char *absolute = denial_text_path(path);
        if (absolute && is_refusal(access, absolute, error))
                file_record(access, absolute, NULL);
}

/* ---- files of programs ---- */

static atomic_uint program_files;

bool denial_program_file_wanted(void)
{
        return started && view && atomic_load(&program_files) < DENIAL_PROGRAM_FILES_MAX;
}

/* Where @path leads, as far as that is there; malloc'd. @entry: the last component is meant, whatever it is. */
static char *path_resolve(const char *path, bool entry)
{
        _cleanup_free_ char *plain = denial_text_path(path);
        char *resolved = plain && !entry ? realpath(plain, NULL) : NULL;
        const char *slash = plain ? strrchr(plain, '/') : NULL;

        if (resolved || !slash || slash == plain)
                return resolved ? resolved : steal_pointer(plain);
        _cleanup_free_ char *parent = strndup(plain, (size_t)(slash - plain));
        _cleanup_free_ char *directory = parent ? realpath(parent, NULL) : NULL;
        return directory ? path_join(directory, slash + 1) : steal_pointer(plain);
}

/* What will become of it, asked with calls that nothing but the mounts and the file's own mode answers. In a run that sees
 * nothing but what it may read (hidden), what is there can be read; else Landlock refuses what is there. */
static int program_error(enum denial_access access, const char *path)
{
        const int granted = view->hidden ? 0 : EACCES;

        if (access == DENIAL_READ)
                return faccessat(AT_FDCWD, path, F_OK, 0) < 0 ? errno : granted;
        if (access == DENIAL_WRITE && faccessat(AT_FDCWD, path, W_OK, 0) == 0)
                return granted;
        if (access == DENIAL_WRITE && errno != ENOENT)
                return errno;
        _cleanup_free_ char *directory = strndup(path, MAX((size_t)(strrchr(path, '/') - path), (size_t)1));
        if (!directory)
                return ENOMEM;
        return faccessat(AT_FDCWD, directory, W_OK, 0) < 0 ? errno : granted;
}

void denial_program_file(enum denial_access access, const char *path, const char *program)
{
        if (!denial_program_file_wanted())
                return;
        _cleanup_free_ char *absolute = path_resolve(path, access == DENIAL_MAKE);
        if (absolute && *absolute == '/' && is_refusal(access, absolute, program_error(access, absolute)) &&
            file_record(access, absolute, program))
                atomic_fetch_add(&program_files, 1);
}

void denial_connect(const char *url)
{
        char what[DENIAL_TEXT_MAX];

        if (!started || !view || view->network)
                return;
        denial_text_connect(what, sizeof(what), url);
        denial_record(what, "Network=yes");
}
