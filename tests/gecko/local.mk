# SPDX-License-Identifier: MPL-2.0
# The same modules here and in Firefox, where it is installed.
EXTRA_DIST += tests/gecko/compare.py $(wildcard $(top_srcdir)/tests/gecko/modules/backgroundtasks/*.mjs)
