# SPDX-License-Identifier: MPL-2.0
# The runtime library, under bgtask-runner. The test_ and print_ modules run in Firefox as well (tests/gecko).
if BACKGROUNDTASKS
TESTS += tests/js/run.py
endif
EXTRA_DIST += \
	tests/js/check.sys.mjs \
	tests/js/probe.sys.mjs \
	tests/js/print.sys.mjs \
	tests/js/run.py \
	$(wildcard $(top_srcdir)/tests/js/backgroundtasks/*.mjs) \
	$(wildcard $(top_srcdir)/tests/js/expected/*.out) \
	$(wildcard $(top_srcdir)/tests/js/modules/*)
