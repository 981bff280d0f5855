# SPDX-License-Identifier: MPL-2.0
# Each area of the tests describes itself in its own fragment. A program or script of `make check` is one
# that is in TESTS; scripts find the trees through top_srcdir and top_builddir.
# A test program of check gives a test up after 4 seconds unless told otherwise, which a busy machine may need for any.
AM_TESTS_ENVIRONMENT = \
	CK_DEFAULT_TIMEOUT=60; export CK_DEFAULT_TIMEOUT; \
	CK_TIMEOUT_MULTIPLIER=3; export CK_TIMEOUT_MULTIPLIER; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	HEADER_FOLDERS='$(HEADER_FOLDERS)'; export HEADER_FOLDERS; \
	HEADER_CC='$(CC)'; export HEADER_CC; \
	HEADER_CFLAGS='$(HEADER_CFLAGS)'; export HEADER_CFLAGS; \
	HEADER_CXX='$(CXX)'; export HEADER_CXX; \
	HEADER_CXXFLAGS='$(HEADER_CXXFLAGS)'; export HEADER_CXXFLAGS;

LOG_COMPILER = $(top_srcdir)/tests/in_time.sh
EXTRA_DIST += tests/in_time.sh

# One a line, in the order in which they are started.
.PHONY: list-tests
list-tests:
	@printf '%s\n' $(TESTS)

# Whether each header compiles alone.
dist_check_SCRIPTS += tests/headers.sh
if !SANITIZERS
TESTS += tests/headers.sh
endif
if BACKGROUNDTASKS
HEADER_FOLDERS = lib schema client daemon runner runner/engine
else
HEADER_FOLDERS = lib schema client
endif
HEADER_CFLAGS = -std=gnu17 $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(CURL_CFLAGS) $(EXPAT_CFLAGS) $(SECCOMP_CFLAGS)
HEADER_CXXFLAGS = -std=gnu++17 $(MOZJS_CFLAGS)

# The order is that in which they are started: those that take a minute first, so that none is waited for alone at the end.
include tests/escape/local.mk
include tests/chaos/local.mk
include tests/soak/local.mk
include tests/integration/local.mk
include tests/calendar/local.mk
include tests/gecko/local.mk
if BACKGROUNDTASKS
include tests/powercut/local.mk
endif
include tests/unit/lib.mk
include tests/unit/client.mk
include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/js/local.mk
include tests/bench/local.mk
