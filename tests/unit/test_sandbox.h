/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Each primitive of the sandbox is applied in a child, which then makes real calls. A child reports by its exit
 * code, so that what it finds out survives whatever it did to itself.
 */
#ifndef TESTS_UNIT_TEST_SANDBOX_H
#define TESTS_UNIT_TEST_SANDBOX_H

#include <check.h>
#include <stdbool.h>

#define CHILD_OK 0
#define CHILD_SKIP 77 /* the kernel lacks it: said on stderr */

/* In a child: leave with a message unless it holds. */
#define child_expect(condition)                                                                              \
        do {                                                                                                 \
                if (!(condition))                                                                            \
                        child_fail(__FILE__, __LINE__, #condition);                                          \
        } while (0)
/* In a child: the call fails with this errno. */
#define child_expect_errno(call, code)                                                                       \
        do {                                                                                                 \
                errno = 0;                                                                                   \
                child_expect((call) == -1);                                                                  \
                if (errno != (code))                                                                         \
                        child_fail(__FILE__, __LINE__, #call " with " #code);                                \
        } while (0)

_Noreturn void child_fail(const char *file, int line, const char *what);
_Noreturn void child_skip(const char *why);
/* Run @body in a child; the wait status. */
int child_status(void (*body)(void *), void *data);
/* The same; it must end with CHILD_OK or CHILD_SKIP. */
void child_run_check(void (*body)(void *), void *data);

TCase *test_sandbox_calls(void);
TCase *test_sandbox_denials(void);
TCase *test_sandbox_layers(void);

#endif
