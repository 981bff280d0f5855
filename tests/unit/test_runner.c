/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of the runner that need no engine to be tested. */
#include "config.h"

#include "tests/unit/test_runner.h"

#include <stdlib.h>

int main(void)
{
        Suite *suite = suite_create("runner");

        suite_add_tcase(suite, test_runner_loader());
        suite_add_tcase(suite, test_runner_loader_files());
        suite_add_tcase(suite, test_runner_options());
        suite_add_tcase(suite, test_runner_exit_status());
        suite_add_tcase(suite, test_runner_timing());
        suite_add_tcase(suite, test_runner_profile());
        suite_add_tcase(suite, test_runner_environment());
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
