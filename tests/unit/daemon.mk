# SPDX-License-Identifier: MPL-2.0
# A runner that fails on purpose, for the integration tests of the daemon.
check_PROGRAMS += tests/fake_runner
tests_fake_runner_SOURCES = tests/unit/fake_runner.c
tests_fake_runner_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fake_runner_LDADD = lib/libcommon.a $(JANSSON_LIBS)
