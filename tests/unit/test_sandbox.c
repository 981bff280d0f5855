/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/unit/test_sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void child_fail(const char *file, int line, const char *what)
{
        dprintf(STDERR_FILENO, "%s:%d: in a child: expected %s; errno %d (%s)\n", file, line, what, errno,
                strerror(errno));
        _exit(1);
}

_Noreturn void child_skip(const char *why)
{
        dprintf(STDERR_FILENO, "skipped: %s\n", why);
        _exit(CHILD_SKIP);
}

int child_status(void (*body)(void *), void *data)
{
        int status = 0;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                body(data);
                _exit(CHILD_OK);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        return status;
}

void child_run_check(void (*body)(void *), void *data)
{
        int status = child_status(body, data);

        ck_assert_msg(WIFEXITED(status), "the child ended by signal %d", WTERMSIG(status));
        ck_assert_msg(WEXITSTATUS(status) == CHILD_OK || WEXITSTATUS(status) == CHILD_SKIP,
                      "the child says above what is wrong");
}

int main(void)
{
        Suite *suite = suite_create("sandbox");

        suite_add_tcase(suite, test_sandbox_calls());
        suite_add_tcase(suite, test_sandbox_denials());
        suite_add_tcase(suite, test_sandbox_layers());
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
