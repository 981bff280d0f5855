# SPDX-License-Identifier: MPL-2.0
# Attempts to leave the sandbox: as a library that is loaded into runs, as a program that runs start, and the launcher
# that stands for a container. tests/escape/test_escape.py makes them.
if BACKGROUNDTASKS
escape_sources = \
	tests/escape/attempt.c tests/escape/attempt.h \
	tests/escape/attempts_files.c \
	tests/escape/attempts_kernel.c \
	tests/escape/attempts_processes.c \
	tests/escape/attempts_sockets.c

check_LTLIBRARIES = tests/escape/preload.la
tests_escape_preload_la_SOURCES = tests/escape/preload.c $(escape_sources)
tests_escape_preload_la_CFLAGS = $(filter-out -fPIE,$(AM_CFLAGS))
tests_escape_preload_la_LDFLAGS = $(filter-out -pie,$(AM_LDFLAGS)) -module -avoid-version -shared -rpath /nowhere
tests_escape_preload_la_LIBADD = -ldl -lpthread

check_PROGRAMS += tests/escape/attempt tests/escape/docker_filter
tests_escape_attempt_SOURCES = tests/escape/program.c $(escape_sources)
tests_escape_attempt_LDADD = -lpthread
tests_escape_docker_filter_SOURCES = tests/escape/docker_filter.c
tests_escape_docker_filter_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
tests_escape_docker_filter_LDADD = $(SECCOMP_LIBS)

TESTS += tests/escape/test_escape.py
endif
EXTRA_DIST += tests/escape/test_escape.py tests/escape/bystander.py
