# SPDX-License-Identifier: MPL-2.0
# Unit tests of lib, and what all unit tests with check can use: UNIT_CFLAGS, UNIT_LDADD and unit.h.
UNIT_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
UNIT_LDADD = lib/libcommon.a $(CHECK_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)

noinst_HEADERS += tests/unit/unit.h

if HAVE_CHECK
unit_lib_programs = \
	tests/unit/test_bgtask \
	tests/unit/test_bgtask_command \
	tests/unit/test_lib_calendar \
	tests/unit/test_lib_calendar_set \
	tests/unit/test_lib_clock \
	tests/unit/test_lib_cron \
	tests/unit/test_lib_file \
	tests/unit/test_lib_idl \
	tests/unit/test_lib_prefs \
	tests/unit/test_lib_sandbox_text \
	tests/unit/test_lib_schedule_definition \
	tests/unit/test_schedule_plan \
	tests/unit/test_lib_task_file \
	tests/unit/test_lib_task_file_schedule \
	tests/unit/test_lib_task_policy \
	tests/unit/test_lib_text \
	tests/unit/test_lib_varlink \
	tests/unit/test_lib_wire \
	tests/unit/test_lib_zone \
	tests/unit/test_lib_zone_names \
	tests/unit/test_run_file
check_PROGRAMS += $(unit_lib_programs)
TESTS += $(unit_lib_programs)

# As others link it: the library first, so that what it shows is taken from it.
tests_unit_test_bgtask_SOURCES = tests/unit/test_bgtask.c
tests_unit_test_bgtask_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bgtask_LDADD = libbgtask.la $(UNIT_LDADD) -lpthread
tests_unit_test_bgtask_command_SOURCES = tests/unit/test_bgtask_command.c
tests_unit_test_bgtask_command_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bgtask_command_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_calendar_SOURCES = tests/unit/test_lib_calendar.c
tests_unit_test_lib_calendar_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_calendar_LDADD = $(UNIT_LDADD)
tests_unit_test_schedule_plan_SOURCES = tests/unit/test_schedule_plan.c
tests_unit_test_schedule_plan_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_schedule_plan_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_calendar_set_SOURCES = tests/unit/test_lib_calendar_set.c
tests_unit_test_lib_calendar_set_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_calendar_set_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_clock_SOURCES = tests/unit/test_lib_clock.c
tests_unit_test_lib_clock_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_clock_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_cron_SOURCES = tests/unit/test_lib_cron.c
tests_unit_test_lib_cron_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_cron_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_file_SOURCES = tests/unit/test_lib_file.c
tests_unit_test_lib_file_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_file_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_idl_SOURCES = tests/unit/test_lib_idl.c
tests_unit_test_lib_idl_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_idl_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_prefs_SOURCES = tests/unit/test_lib_prefs.c
tests_unit_test_lib_prefs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_prefs_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_sandbox_text_SOURCES = tests/unit/test_lib_sandbox_text.c
tests_unit_test_lib_sandbox_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_sandbox_text_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_schedule_definition_SOURCES = tests/unit/test_lib_schedule_definition.c
tests_unit_test_lib_schedule_definition_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_schedule_definition_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_task_file_SOURCES = tests/unit/test_lib_task_file.c
tests_unit_test_lib_task_file_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_task_file_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_task_file_schedule_SOURCES = tests/unit/test_lib_task_file_schedule.c
tests_unit_test_lib_task_file_schedule_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_task_file_schedule_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_task_policy_SOURCES = tests/unit/test_lib_task_policy.c
tests_unit_test_lib_task_policy_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_task_policy_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_text_SOURCES = tests/unit/test_lib_text.c
tests_unit_test_lib_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_text_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_varlink_SOURCES = tests/unit/test_lib_varlink.c
tests_unit_test_lib_varlink_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_varlink_LDADD = $(UNIT_LDADD)

tests_unit_test_run_file_SOURCES = tests/unit/test_run_file.c
tests_unit_test_run_file_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_run_file_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_wire_SOURCES = tests/unit/test_lib_wire.c
tests_unit_test_lib_wire_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_wire_LDADD = $(UNIT_LDADD)

tests_unit_test_lib_zone_SOURCES = tests/unit/test_lib_zone.c
tests_unit_test_lib_zone_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_zone_LDADD = $(UNIT_LDADD)
tests_unit_test_lib_zone_names_SOURCES = tests/unit/test_lib_zone_names.c
tests_unit_test_lib_zone_names_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lib_zone_names_LDADD = $(UNIT_LDADD)
endif

# A program as others write it.
check_PROGRAMS += tests/unit/bgtask_client
tests_unit_bgtask_client_SOURCES = tests/unit/bgtask_client.c
tests_unit_bgtask_client_CPPFLAGS = -I$(srcdir)/lib
tests_unit_bgtask_client_LDADD = libbgtask.la
