# SPDX-License-Identifier: MPL-2.0

if BACKGROUNDTASKS
if HAVE_CHECK
check_PROGRAMS += test_xml_events
TESTS += test_xml_events
test_xml_events_SOURCES = tests/unit/test_xml_events.c runner/xml_events.c
test_xml_events_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EXPAT_CFLAGS)
test_xml_events_LDADD = lib/libcommon.a $(CHECK_LIBS) $(EXPAT_LIBS)

check_PROGRAMS += test_xml
TESTS += test_xml
test_xml_SOURCES = tests/unit/test_xml.c runner/xml.c
test_xml_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EXPAT_CFLAGS)
test_xml_LDADD = lib/libcommon.a $(CHECK_LIBS) $(EXPAT_LIBS)

# The engine layer. tests/unit/dummy.cc need not exist: it only asks for the C++ linker.
check_PROGRAMS += test_engine
TESTS += test_engine
test_engine_SOURCES = \
	tests/unit/test_engine.c \
	tests/unit/test_engine.h \
	tests/unit/test_engine_args.c \
	tests/unit/test_engine_cache.c \
	tests/unit/test_engine_errors.c \
	tests/unit/test_engine_fork.c \
	tests/unit/test_engine_jobs.c \
	tests/unit/test_engine_limits.c \
	tests/unit/test_engine_modules.c \
	tests/unit/test_engine_scopes.c \
	tests/unit/test_engine_values.c
nodist_EXTRA_test_engine_SOURCES = tests/unit/dummy.cc
test_engine_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_engine_LDADD = $(ENGINE_LIBS) $(CHECK_LIBS)

# The runner's parts that no task is needed for.
check_PROGRAMS += test_runner
TESTS += test_runner
test_runner_SOURCES = \
	tests/unit/test_runner.c \
	tests/unit/test_runner.h \
	tests/unit/test_runner_environment.c \
	tests/unit/test_runner_loader.c \
	tests/unit/test_runner_options.c \
	tests/unit/test_runner_values.c
nodist_EXTRA_test_runner_SOURCES = tests/unit/dummy.cc
test_runner_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_runner_LDADD = $(RUNNER_LIBS) $(CHECK_LIBS)

# What the kernel does for the sandbox, each in a child.
check_PROGRAMS += test_sandbox
TESTS += test_sandbox
test_sandbox_SOURCES = \
	tests/unit/test_sandbox.c \
	tests/unit/test_sandbox.h \
	tests/unit/test_sandbox_calls.c \
	tests/unit/test_sandbox_denials.c \
	tests/unit/test_sandbox_layers.c
nodist_EXTRA_test_sandbox_SOURCES = tests/unit/dummy.cc
test_sandbox_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_sandbox_LDADD = $(RUNNER_LIBS) $(CHECK_LIBS)
endif
endif

if BACKGROUNDTASKS
if HAVE_CHECK
# The store and what belongs to it.
store_unit_tests = test_output test_retention test_run test_settings test_store \
	test_store_check test_store_group test_store_history test_store_open test_store_recover test_timetable \
	test_simulate_timetable test_timetable_scale
store_unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
store_unit_ldadd = daemon/libdaemon.a lib/libcommon.a $(CHECK_LIBS) $(JANSSON_LIBS) $(INIH_LIBS) $(SQLITE_LIBS)
store_unit_fixture = tests/unit/store_fixture.c tests/unit/store_fixture.h tests/unit/timetable_fixture.h
check_PROGRAMS += $(store_unit_tests)
TESTS += $(store_unit_tests)
test_output_SOURCES = tests/unit/test_output.c
test_output_CFLAGS = $(store_unit_cflags)
test_output_LDADD = $(store_unit_ldadd)
check_PROGRAMS += test_reload
TESTS += test_reload
test_reload_SOURCES = tests/unit/test_reload.c $(store_unit_fixture)
test_reload_CFLAGS = $(store_unit_cflags)
test_reload_LDADD = $(store_unit_ldadd)
test_retention_SOURCES = tests/unit/test_retention.c $(store_unit_fixture)
test_retention_CFLAGS = $(store_unit_cflags)
test_retention_LDADD = $(store_unit_ldadd)
test_run_SOURCES = tests/unit/test_run.c
test_run_CFLAGS = $(store_unit_cflags)
test_run_LDADD = $(store_unit_ldadd)
test_settings_SOURCES = tests/unit/test_settings.c
test_settings_CFLAGS = $(store_unit_cflags)
test_settings_LDADD = $(store_unit_ldadd)
test_store_SOURCES = tests/unit/test_store.c $(store_unit_fixture)
test_store_CFLAGS = $(store_unit_cflags)
test_store_LDADD = $(store_unit_ldadd)
test_store_history_SOURCES = tests/unit/test_store_history.c $(store_unit_fixture)
test_store_history_CFLAGS = $(store_unit_cflags)
test_store_history_LDADD = $(store_unit_ldadd)
test_timetable_SOURCES = tests/unit/test_timetable.c $(store_unit_fixture)
test_timetable_CFLAGS = $(store_unit_cflags)
test_timetable_LDADD = $(store_unit_ldadd)
test_simulate_timetable_SOURCES = tests/unit/test_simulate_timetable.c $(store_unit_fixture)
test_simulate_timetable_CFLAGS = $(store_unit_cflags)
test_simulate_timetable_LDADD = client/libclient.a $(store_unit_ldadd)
test_timetable_scale_SOURCES = tests/unit/test_timetable_scale.c $(store_unit_fixture)
test_timetable_scale_CFLAGS = $(store_unit_cflags)
test_timetable_scale_LDADD = $(DAEMON_LIBS) $(CHECK_LIBS)
test_store_check_SOURCES = tests/unit/test_store_check.c $(store_unit_fixture)
test_store_check_CFLAGS = $(store_unit_cflags)
test_store_check_LDADD = $(store_unit_ldadd)
test_store_open_SOURCES = tests/unit/test_store_open.c $(store_unit_fixture)
test_store_open_CFLAGS = $(store_unit_cflags)
test_store_open_LDADD = $(store_unit_ldadd)
test_store_recover_SOURCES = tests/unit/test_store_recover.c $(store_unit_fixture)
test_store_recover_CFLAGS = $(store_unit_cflags)
test_store_recover_LDADD = $(store_unit_ldadd)
test_store_group_SOURCES = tests/unit/test_store_group.c tests/unit/full_disk.c tests/unit/full_disk.h \
	$(store_unit_fixture)
test_store_group_CFLAGS = $(store_unit_cflags)
test_store_group_LDADD = $(store_unit_ldadd)
endif
endif

if BACKGROUNDTASKS
include tests/unit/daemon.mk
endif
