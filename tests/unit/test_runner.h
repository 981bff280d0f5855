/* SPDX-License-Identifier: MPL-2.0 */
#ifndef TESTS_UNIT_TEST_RUNNER_H
#define TESTS_UNIT_TEST_RUNNER_H

#include <check.h>

TCase *test_runner_loader(void);
TCase *test_runner_loader_files(void);
TCase *test_runner_options(void);
TCase *test_runner_exit_status(void);
TCase *test_runner_timing(void);
TCase *test_runner_profile(void);
TCase *test_runner_environment(void);

#endif
