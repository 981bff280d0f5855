# SPDX-License-Identifier: MPL-2.0
# `make bench` measures and prints; nothing here is part of `make check`.
EXTRA_PROGRAMS = tests/bench/bench_spawn
tests_bench_bench_spawn_SOURCES = tests/bench/bench_spawn.c
EXTRA_PROGRAMS += tests/bench/bench_layers
tests_bench_bench_layers_SOURCES = tests/bench/bench_layers.c
nodist_EXTRA_tests_bench_bench_layers_SOURCES = tests/bench/dummy.cc
tests_bench_bench_layers_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_bench_bench_layers_LDADD = $(RUNNER_LIBS)
EXTRA_PROGRAMS += tests/bench/bench_calendar
tests_bench_bench_calendar_SOURCES = tests/bench/bench_calendar.c
tests_bench_bench_calendar_LDADD = lib/libcommon.a
EXTRA_PROGRAMS += tests/bench/bench_fleet
tests_bench_bench_fleet_SOURCES = tests/bench/bench_fleet.c
tests_bench_bench_fleet_LDADD = lib/libcommon.a $(JANSSON_LIBS) $(INIH_LIBS) -lm
EXTRA_DIST += tests/bench/bench.py tests/bench/bench_sandbox.py tests/bench/bench_flood.py \
	tests/bench/bench_scale.py tests/bench/bench_timers.py
CLEANFILES += $(EXTRA_PROGRAMS)

.PHONY: bench
bench: all tests/bench/bench_spawn tests/bench/bench_layers tests/bench/bench_calendar tests/bench/bench_fleet
	tests/bench/bench_layers
	$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/bench/bench.py $(BENCH_OPTIONS)
