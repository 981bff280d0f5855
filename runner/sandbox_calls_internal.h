/* SPDX-License-Identifier: MPL-2.0 */
/* What the files sandbox_calls*.c share. */
#ifndef RUNNER_SANDBOX_CALLS_INTERNAL_H
#define RUNNER_SANDBOX_CALLS_INTERNAL_H

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "runner/sandbox_calls.h"

/* Who may make a call. */
enum calls_class {
        CALLS_EVERY,   /* every run */
        CALLS_PROGRAM, /* runs that may start programs, and those programs */
        CALLS_SOCKET,  /* runs that may have a socket with an address */
        CALLS_OTHERS,  /* CALLS_PROGRAM, if no process outside can be seen */
        CALLS_PATH,    /* runs with CALLS_PATHS */
        CALLS_OWNER,   /* runs with CALLS_OWNERS */
        CALLS_SOME,    /* by its arguments: sandbox_calls_arguments.c */
        CALLS_NONE,
};

struct calls_row {
        const char *name;
        enum calls_class class;
        int number; /* where libseccomp may be too old to know the name; else 0 */
};

extern const struct calls_row calls_rows[];
extern const size_t calls_row_count;

/* The number of the row's call on this architecture; negative: there is none. */
int calls_row_number(const struct calls_row *row);
/* Whether runs with these flags may make the call whatever its arguments are. */
bool calls_row_allows(const struct calls_row *row, unsigned flags);
/* The rules of calls that depend on arguments. 0 or -errno. */
int calls_add_by_argument(scmp_filter_ctx filter, unsigned flags);
/* Where a filter says this process, the program has this number until it is installed. */
#define CALLS_SELF 0x7ead0001U

/* The call @number with first argument @arg was refused: which errno it gives, and the denial's texts, static;
 * *ret_name NULL: nothing to record, a call that this program does not know. Async-signal-safe. */
int calls_refusal(int number, uint64_t arg, const char **ret_name, const char **ret_key);
/* Fill in what calls_refusal() needs. */
void calls_refusal_init(void);

/* ---- files, with CALLS_FILES (sandbox_calls_files.c) ---- */
/* Whether the call is one that programs use files by. */
bool calls_file_is_asked(int number);
/* The rule for those that need not be asked about: open_unasked(). 0 or -errno. */
int calls_file_add_unasked(scmp_filter_ctx filter);
/* Open for reading alone, without a question: the listener must not wait for itself. A descriptor or -1. */
int open_unasked(const char *path);
/* Record what is refused, as far as that can be known before it is. @program: the name of who asks. */
void calls_file_look(int listener, const struct seccomp_notif *question, const char *program);

/* Answer the kernel's questions on @listener from a thread of its own, to the end of the process. Takes it. */
int calls_listener_start(int listener);

#endif
