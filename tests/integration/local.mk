# SPDX-License-Identifier: MPL-2.0
# Python tests of the programs as they are, one file a topic; a new one is one line here.
# Those of the daemon and the client that check-valgrind runs: what is most of their code. Crashes, floods, faults of the store take
# minutes each there, so that they have the sanitizers' build instead: make check-valgrind valgrind_tests=... takes any.
valgrind_tests = \
	tests/integration/test_daemon_protocol.py \
	tests/integration/test_daemon_runs.py \
	tests/integration/test_daemon_schedule.py \
	tests/integration/test_stopping.py \
	tests/integration/test_client_protocol.py
integration_tests = \
	tests/integration/test_run.py \
	$(valgrind_tests) \
	tests/integration/test_daemon_life.py \
	tests/integration/test_schedule_commands.py \
	tests/integration/test_daemon_zygote.py \
	tests/integration/test_client_local.py \
	tests/integration/test_access.py \
	tests/integration/test_conditions.py \
	tests/integration/test_pools.py \
	tests/integration/test_zone_data.py \
	tests/integration/test_clock.py \
	tests/integration/test_recovery.py \
	tests/integration/test_reexec.py \
	tests/integration/test_subprocess.py \
	tests/integration/test_temporal.py \
	tests/integration/test_task_files.py \
	tests/integration/test_task_scheduler.py \
	tests/integration/test_store_faults.py \
	tests/integration/test_units.py \
	tests/integration/test_update.py \
	tests/integration/test_updates_allowed.py \
	tests/integration/test_url.py \
	tests/integration/test_demo.py \
	tests/integration/test_components.py \
	tests/integration/test_denied.py \
	tests/integration/test_direct.py \
	tests/integration/test_environment.py \
	tests/integration/test_fetch.py \
	tests/integration/test_firefox_cases.py \
	tests/integration/test_intl.py \
	tests/integration/test_limits.py \
	tests/integration/test_profile.py \
	tests/integration/test_profile_service.py \
	tests/integration/test_sandbox.py \
	tests/integration/test_shipped_tasks.py \
	tests/integration/test_shutdown.py \
	tests/integration/test_reload.py \
	tests/integration/test_zygote.py \
	tests/integration/test_completion.py \
	tests/integration/test_man.py

TEST_EXTENSIONS = .py
PY_LOG_COMPILER = $(LOG_COMPILER) $(PYTHON3)
AM_PY_LOG_FLAGS = -B

TESTS += $(integration_tests)
if BACKGROUNDTASKS
# Clocks that tests move, for test_clock.py.
check_LTLIBRARIES += tests/integration/clock_preload.la
tests_integration_clock_preload_la_SOURCES = tests/integration/clock_preload.c
tests_integration_clock_preload_la_CFLAGS = $(filter-out -fPIE,$(AM_CFLAGS))
tests_integration_clock_preload_la_LDFLAGS = $(filter-out -pie,$(AM_LDFLAGS)) -module -avoid-version -shared -rpath /nowhere
tests_integration_clock_preload_la_LIBADD = -lpthread
endif
EXTRA_DIST += \
	tests/integration/harness.py \
	tests/integration/fake_daemon.py \
	tests/integration/http_fixture.py \
	tests/demo/demo.sh \
	tests/demo/update_server.py \
	tests/js/expected/url_api.txt \
	tests/integration/runner_harness.py \
	$(integration_tests)

# The same with daemon and client under valgrind.
.PHONY: check-valgrind
check-valgrind:
	BGTASK_VALGRIND=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(valgrind_tests)'
