# SPDX-License-Identifier: MPL-2.0
# Everything of the daemon but main(), so that tests can link it.
noinst_LIBRARIES += daemon/libdaemon.a

daemon_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS)
daemon_libdaemon_a_SOURCES = \
	daemon/output.c daemon/output.h \
	daemon/output_format.h \
	daemon/output_read.c \
	daemon/retention.c daemon/retention.h \
	daemon/run.c daemon/run.h \
	daemon/settings.c daemon/settings.h \
	daemon/store.c daemon/store.h \
	daemon/store_change.c \
	daemon/store_files.c \
	daemon/store_group.c \
	daemon/store_internal.h \
	daemon/store_list.c \
	daemon/store_migrate.c \
	daemon/store_prune.c \
	daemon/store_run.c \
	daemon/store_schedule.c \
	daemon/store_space.c \
	daemon/store_statement.c daemon/store_statement.h
