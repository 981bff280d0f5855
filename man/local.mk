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

# What tasks find, from the tables that the runtime library works by.
man_generated = man/bgtask-environment.7
environment_tables = \
	$(srcdir)/runner/globals.c \
	$(srcdir)/runner/language.c \
	$(srcdir)/scripts/gre/modules/bgtask/Services.sys.mjs \
	$(srcdir)/scripts/gre/modules/bgtask/Components.sys.mjs \
	$(srcdir)/scripts/gre/modules/bgtask/Interfaces.sys.mjs \
	$(LIBRARY_FILES)
EXTRA_DIST += man/environment.awk man/bgtask-environment.7.in runner/globals.c runner/language.c
BUILT_SOURCES += $(man_generated)
CLEANFILES += $(man_generated)

man/bgtask-environment.7: man/environment.awk man/bgtask-environment.7.in $(environment_tables)
	$(AM_V_GEN)$(MKDIR_P) man && LC_ALL=C $(AWK) -f $(srcdir)/man/environment.awk \
		$(environment_tables) $(srcdir)/man/bgtask-environment.7.in > $@.tmp
	$(AM_V_at)mv -f $@.tmp $@

dist_man_MANS += $(man_clients)
if BACKGROUNDTASKS
dist_man_MANS += $(man_daemons)
man_MANS = $(man_generated)
else
EXTRA_DIST += $(man_daemons)
endif
