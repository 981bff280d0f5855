# SPDX-License-Identifier: MPL-2.0
# Manual pages, in mdoc. tests/integration/test_man.py checks them against the tables of the code.
man_clients = \
	man/bgtaskctl.1 \
	man/bgtaskd-calendar.7
man_daemons = \
	man/bgtask-runner.1 \
	man/bgtaskd.prefs.5 \
	man/bgtaskd.task.5 \
	man/bgtaskd-tasks.7 \
	man/bgtaskd.8

dist_man_MANS += $(man_clients)
if BACKGROUNDTASKS
dist_man_MANS += $(man_daemons)
else
EXTRA_DIST += $(man_daemons)
endif
