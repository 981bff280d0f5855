# SPDX-License-Identifier: MPL-2.0
# bgtaskctl. All but main is an archive that tests link.
noinst_LIBRARIES += client/libclient.a
bin_PROGRAMS += bin/bgtaskctl

client_libclient_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
client_libclient_a_SOURCES = \
	client/bgtaskctl.c client/bgtaskctl.h \
	client/calendar_query.c client/calendar_query.h \
	client/cmd_backup.c \
	client/cmd_calendar.c \
	client/cmd_cancel.c \
	client/cmd_list.c \
	client/cmd_logs.c \
	client/cmd_reexec.c \
	client/cmd_reload.c \
	client/cmd_run.c \
	client/cmd_audit.c \
	client/cmd_next.c \
	client/cmd_schedule.c \
	client/cmd_schedule_change.c \
	client/cmd_schedule_show.c \
	client/cmd_show.c \
	client/cmd_simulate.c \
	client/cmd_status.c \
	client/cmd_task.c \
	client/cmd_tasks.c \
	client/cmd_verify.c \
	client/cmd_wait.c \
	client/commands.c \
	client/connection.c client/connection.h \
	client/explain.c \
	client/follow.c client/follow.h \
	client/interrupt.c client/interrupt.h \
	client/options.c client/options.h \
	client/outcome.c client/outcome.h \
	client/output.c client/output.h \
	client/print.c client/print.h \
	client/records.c client/records.h \
	client/schedules.c client/schedules.h \
	client/sheet.c client/sheet.h \
	client/simulate.c client/simulate.h \
	client/simulate_heap.c client/simulate_heap.h \
	client/simulate_subject.c client/simulate_subject.h \
	client/table.c client/table.h \
	client/task_files.c client/task_files.h \
	client/text.c client/text.h

bin_bgtaskctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
bin_bgtaskctl_SOURCES = client/main.c
bin_bgtaskctl_LDADD = client/libclient.a lib/libcommon.a $(JANSSON_LIBS) $(INIH_LIBS)

# bash wants the file to have the command's name.
bashcompletiondir = $(datadir)/bash-completion/completions
EXTRA_DIST += client/completion.bash
install_parts += install-bash-completion
uninstall_parts += uninstall-bash-completion
install-bash-completion:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) $(srcdir)/client/completion.bash '$(DESTDIR)$(bashcompletiondir)/bgtaskctl'
uninstall-bash-completion:
	rm -f '$(DESTDIR)$(bashcompletiondir)/bgtaskctl'
