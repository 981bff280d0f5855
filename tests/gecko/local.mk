# SPDX-License-Identifier: MPL-2.0
# The same modules here and in Firefox, where it is installed.
if BACKGROUNDTASKS
TESTS += tests/gecko/compare.py
endif
EXTRA_DIST += tests/gecko/compare.py $(wildcard $(srcdir)/tests/gecko/modules/backgroundtasks/*.mjs)
