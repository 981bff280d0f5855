# SPDX-License-Identifier: MPL-2.0
# The same modules here and in Firefox, where it is installed.
if BACKGROUNDTASKS
TESTS += tests/gecko/compare.py tests/gecko/imports.py
endif
EXTRA_DIST += \
	tests/gecko/compare.py \
	tests/gecko/cases.py \
	tests/gecko/encodings.py \
	tests/gecko/imports.py \
	tests/gecko/differences.txt \
	tests/gecko/names.py \
	$(wildcard $(srcdir)/tests/gecko/modules/*.mjs) \
	$(wildcard $(srcdir)/tests/gecko/modules/backgroundtasks/*.mjs) \
	$(wildcard $(srcdir)/tests/gecko/modules/probes/*.mjs) \
	$(wildcard $(srcdir)/tests/gecko/modules/scripts/*.js) \
	$(wildcard $(srcdir)/tests/gecko/modules/syntax/*) \
	$(wildcard $(srcdir)/tests/gecko/tools/backgroundtasks/*.mjs)
