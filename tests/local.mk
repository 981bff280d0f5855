# SPDX-License-Identifier: MPL-2.0
# Each area of the tests describes itself in its own fragment. A program or script of `make check` is one
# that is in TESTS; scripts find the trees through these two variables.
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir;

include tests/unit/lib.mk
include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/js/local.mk
include tests/integration/local.mk
include tests/gecko/local.mk
include tests/bench/local.mk
