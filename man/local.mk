# SPDX-License-Identifier: MPL-2.0
# Manual pages, in mdoc. tests/integration/test_man.py checks them against the tables of the code.
man_clients = \
	man/bgtask.3 \
	man/bgtaskctl.1 \
	man/bgtaskd-calendar.7
man_daemons = \
	man/bgtask-runner.1 \
	man/bgtaskd.prefs.5 \
	man/bgtaskd.task.5 \
	man/bgtaskd-tasks.7 \
	man/bgtaskd.8

# What tasks find, from the table that declares it.
man_generated = man/bgtask-environment.7
EXTRA_DIST += man/environment.awk man/bgtask-environment.7.in scripts/environment.table
BUILT_SOURCES += $(man_generated)
CLEANFILES += $(man_generated)

man/bgtask-environment.7: man/environment.awk man/bgtask-environment.7.in scripts/environment.table
	$(AM_V_GEN)$(MKDIR_P) man && LC_ALL=C $(AWK) -f $(srcdir)/man/environment.awk \
		$(srcdir)/scripts/environment.table $(srcdir)/man/bgtask-environment.7.in > $@.tmp
	$(AM_V_at)mv -f $@.tmp $@

dist_man_MANS += $(man_clients)
if BACKGROUNDTASKS
dist_man_MANS += $(man_daemons)
man_MANS = $(man_generated)
else
EXTRA_DIST += $(man_daemons)
endif
