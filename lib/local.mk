# SPDX-License-Identifier: MPL-2.0
# What all programs share. Its archive also has the schema as data (schema/local.mk).
noinst_LIBRARIES += lib/libcommon.a

appdir = $(prefix)/lib/bgtaskd/app
tasksdir = $(prefix)/lib/bgtaskd/tasks.d

# libbgtask, which the runner uses too.
BGTASK_SOURCES = \
	lib/bgtask_command.c \
	lib/bgtask_daemon.c \
	lib/bgtask_detached.c lib/bgtask.h \
	lib/bgtask_internal.h \
	lib/detached.c lib/detached.h

lib_libcommon_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DBG_PREFIX='"$(prefix)"' \
	-DBG_BINDIR='"$(bindir)"' \
	-DBG_PKGDATADIR='"$(pkgdatadir)"' \
	-DBG_PKGLIBDIR='"$(pkglibdir)"' \
	-DBG_APPDIR='"$(appdir)"' \
	-DBG_TASKSDIR='"$(tasksdir)"' \
	-DBG_SYSCONFDIR='"$(sysconfdir)"'
lib_libcommon_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(INIH_CFLAGS)
lib_libcommon_a_SOURCES = \
	$(BGTASK_SOURCES) \
	lib/calendar.c lib/calendar.h lib/calendar_internal.h \
	lib/calendar_next.c \
	lib/calendar_parse.c \
	lib/calendar_set.c lib/calendar_set.h \
	lib/civil.h \
	lib/cleanup.h \
	lib/clock.c lib/clock.h \
	lib/cron.c lib/cron.h \
	lib/cron_format.c \
	lib/error.c lib/error.h \
	lib/exit_code.h \
	lib/file.c \
	lib/json.c lib/json.h \
	lib/key_table.c lib/key_table.h \
	lib/key_table_internal.h \
	lib/key_table_list.c \
	lib/key_table_text.c \
	lib/log.c lib/log.h \
	lib/paths.c lib/paths.h \
	lib/pref_file.c \
	lib/prefs.c lib/prefs.h \
	lib/prefs_file.c lib/prefs_internal.h \
	lib/run_file.c lib/run_file.h lib/run_file_format.h \
	lib/run_file_write.c lib/run_file_write.h \
	lib/sandbox_text.c lib/sandbox_text.h \
	lib/schedule_audit.c lib/schedule_audit.h \
	lib/schedule_definition.c lib/schedule_definition.h \
	lib/schedule_conditions.c lib/schedule_conditions.h \
	lib/schedule_plan.c lib/schedule_plan.h \
	lib/schedule_times.c lib/schedule_times.h \
	lib/schedule_value.c lib/schedule_value.h \
	lib/task.c lib/task.h \
	lib/task_file.c lib/task_file.h \
	lib/task_file_find.c \
	lib/task_file_names.c \
	lib/task_file_internal.h \
	lib/task_file_schedule.c \
	lib/task_policy.c lib/task_policy.h \
	lib/task_specifier.c lib/task_specifier.h \
	lib/task_value.c lib/task_value.h \
	lib/text.c \
	lib/tree.c \
	lib/util.h \
	lib/varlink.c lib/varlink.h \
	lib/varlink_check.c lib/varlink_type.h \
	lib/varlink_client.c \
	lib/varlink_idl.c lib/varlink_idl.h \
	lib/wire.c lib/wire.h \
	lib/wire_report.c \
	lib/zone.c lib/zone.h lib/zone_internal.h \
	lib/zone_file.c \
	lib/zone_names.c \
	lib/zone_policy.h \
	lib/zone_rule.c \
	lib/zones.c
nodist_lib_libcommon_a_SOURCES = schema/interfaces.c schema/migrations.c

# The same for others, as a shared library that shows nothing but what bgtask.h has. Raise BGTASK_ABI as libtool's manual
# says when that changes.
BGTASK_ABI = 0:0:0
lib_LTLIBRARIES += libbgtask.la
include_HEADERS += lib/bgtask.h
libbgtask_la_CPPFLAGS = $(lib_libcommon_a_CPPFLAGS)
libbgtask_la_CFLAGS = $(filter-out -fPIE,$(AM_CFLAGS)) $(JANSSON_CFLAGS)
libbgtask_la_LDFLAGS = $(filter-out -pie,$(AM_LDFLAGS)) -version-info $(BGTASK_ABI) \
	-export-symbols-regex '^bgtask_(run|run_detached|remove_directory_detached|register|delete|delete_all|exists)$$'
libbgtask_la_LIBADD = $(JANSSON_LIBS)
libbgtask_la_SOURCES = \
	$(BGTASK_SOURCES) \
	lib/clock.c \
	lib/error.c \
	lib/file.c \
	lib/json.c \
	lib/paths.c \
	lib/task.c \
	lib/text.c \
	lib/varlink.c \
	lib/varlink_client.c

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/bgtask.pc
