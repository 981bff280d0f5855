# SPDX-License-Identifier: MPL-2.0
# Everything of the daemon but main(), so that tests can link it.
noinst_LIBRARIES += daemon/libdaemon.a

daemon_libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSYSCONFDIR='"$(sysconfdir)"' \
	-DENGINE_NAME='"SpiderMonkey $(MOZJS_MAJOR)"'
daemon_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS)
daemon_libdaemon_a_SOURCES = \
	daemon/authorise.c daemon/authorise.h \
	daemon/backup.c daemon/backup.h \
	daemon/base64.c daemon/base64.h \
	daemon/bgtaskd.c daemon/bgtaskd.h \
	daemon/cgroup.c daemon/cgroup.h \
	daemon/cgroup_file.c \
	daemon/cgroup_internal.h \
	daemon/cgroup_place.c \
	daemon/check.c daemon/check.h \
	daemon/checker.c daemon/checker.h \
	daemon/client.c daemon/client.h \
	daemon/conclude.c daemon/conclude.h \
	daemon/condition_events.c \
	daemon/condition_facts.c daemon/condition_facts.h \
	daemon/condition_needs.c \
	daemon/conditions.c daemon/conditions.h \
	daemon/conditions_internal.h \
	daemon/configuration.c daemon/configuration.h \
	daemon/control.c daemon/control.h \
	daemon/daemon.c daemon/daemon.h \
	daemon/daemon_end.c \
	daemon/degraded.c daemon/degraded.h \
	daemon/fair.c daemon/fair.h \
	daemon/fingerprint.c daemon/fingerprint.h \
	daemon/follow.c daemon/follow.h \
	daemon/group.c daemon/group.h \
	daemon/guards.c daemon/guards.h \
	daemon/handover.c daemon/handover.h \
	daemon/helper.c daemon/helper.h \
	daemon/job.h \
	daemon/job_alive.c \
	daemon/job_cgroup.c daemon/job_cgroup.h \
	daemon/job_end.c \
	daemon/job_freeze.c \
	daemon/job_limit.c \
	daemon/job_files.c \
	daemon/job_io.c \
	daemon/job_orphan.c \
	daemon/job_peer.c \
	daemon/lineage.c daemon/lineage.h \
	daemon/job_send.c \
	daemon/known.c daemon/known.h \
	daemon/locations.c daemon/locations.h \
	daemon/logind.c daemon/logind.h \
	daemon/machine.c daemon/machine.h \
	daemon/notify.c daemon/notify.h \
	daemon/options.c daemon/options.h \
	daemon/orphans.c daemon/orphans.h \
	daemon/output.c daemon/output.h \
	daemon/output_format.h \
	daemon/output_read.c \
	daemon/path_watch.c daemon/path_watch.h \
	daemon/probe.c daemon/probe.h \
	daemon/policies.c daemon/policies.h \
	daemon/pool_settings.c daemon/pool_settings.h \
	daemon/pools.c daemon/pools.h \
	daemon/process.c daemon/process.h \
	daemon/queue.c daemon/queue.h \
	daemon/recover.c daemon/recover.h \
	daemon/recovery.c daemon/recovery.h \
	daemon/reexec.c daemon/reexec.h \
	daemon/reload.c daemon/reload.h daemon/reload_internal.h \
	daemon/reload_change.c \
	daemon/reload_compare.c \
	daemon/reload_report.c \
	daemon/wanted.c daemon/wanted.h \
	daemon/request.c daemon/request.h \
	daemon/request_backup.c \
	daemon/request_list.c \
	daemon/request_reexec.c \
	daemon/request_reload.c \
	daemon/request_run.c \
	daemon/request_ledger.c \
	daemon/request_schedule.c \
	daemon/request_schedule_change.c \
	daemon/request_service.c \
	daemon/request_status.c \
	daemon/request_values.c daemon/request_values.h \
	daemon/restore.c daemon/restore.h \
	daemon/retention.c daemon/retention.h \
	daemon/roles.c daemon/roles.h \
	daemon/run.c daemon/run.h \
	daemon/run_end.c daemon/run_end.h \
	daemon/schedule.c daemon/schedule.h \
	daemon/schedule_chain.c daemon/schedule_chain.h \
	daemon/schedule_diff.c daemon/schedule_diff.h \
	daemon/scheduler.c daemon/scheduler.h \
	daemon/scheduler_hooks.c \
	daemon/scheduler_internal.h \
	daemon/settings.c daemon/settings.h \
	daemon/signals.c daemon/signals.h \
	daemon/store.c daemon/store.h \
	daemon/store_backup.c daemon/store_backup.h \
	daemon/store_backup_files.c \
	daemon/store_check.c daemon/store_check.h \
	daemon/store_change.c \
	daemon/store_files.c \
	daemon/store_group.c \
	daemon/store_internal.h \
	daemon/store_list.c \
	daemon/store_migrate.c \
	daemon/store_private.h \
	daemon/store_pool.c daemon/store_pool.h \
	daemon/store_prune.c \
	daemon/store_recover.c daemon/store_recover.h \
	daemon/store_replace.c \
	daemon/store_run.c \
	daemon/store_salvage.c \
	daemon/store_ledger_prune.c \
	daemon/store_ledger.c \
	daemon/store_schedule.c daemon/store_schedule.h \
	daemon/store_space.c \
	daemon/store_sqlite.c daemon/store_sqlite.h \
	daemon/store_sql.c \
	daemon/store_statement.c daemon/store_statement.h \
	daemon/store_user.c daemon/store_user.h \
	daemon/supervise.c daemon/supervise.h \
	daemon/tasks.c daemon/tasks.h \
	daemon/timetable.c daemon/timetable.h daemon/timetable_hooks.h daemon/timetable_internal.h \
	daemon/timetable_change.c \
	daemon/timetable_clock.c \
	daemon/timetable_occur.c \
	daemon/timetable_pause.c \
	daemon/timetable_runs.c \
	daemon/usage.c daemon/usage.h \
	daemon/watch.c daemon/watch.h \
	daemon/turns.c daemon/turns.h \
	daemon/zone_watch.c daemon/zone_watch.h \
	daemon/zygote.c daemon/zygote.h \
	daemon/zygote_link.c \
	daemon/zygote_process.c daemon/zygote_process.h \
	daemon/zygote_renewal.c \
	daemon/zygotes.c daemon/zygotes.h

DAEMON_LIBS = daemon/libdaemon.a lib/libcommon.a $(EVENT_LIBS) $(SQLITE_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)

bin_PROGRAMS += bin/bgtaskd
bin_bgtaskd_SOURCES = daemon/main.c
bin_bgtaskd_LDADD = $(DAEMON_LIBS)
