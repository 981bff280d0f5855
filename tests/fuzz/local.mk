# SPDX-License-Identifier: MPL-2.0
# One harness a decoder: fuzz_NAME.c defines LLVMFuzzerTestOneInput() and tests/fuzz/corpus/NAME/ is where it
# starts from. `make check` replays each corpus and variants of it (replay.c). configure --enable-fuzzers with
# clang links the same files with libFuzzer instead; `make fuzz FUZZ_SECONDS=60` then runs them.
# A harness of another part is added to fuzz_programs, with its own _SOURCES, _CFLAGS and _LDADD.
fuzz_programs = \
	tests/fuzz/fuzz_calendar \
	tests/fuzz/fuzz_client_reply \
	tests/fuzz/fuzz_cron \
	tests/fuzz/fuzz_duration \
	tests/fuzz/fuzz_pref_file \
	tests/fuzz/fuzz_run_file \
	tests/fuzz/fuzz_schedule_definition \
	tests/fuzz/fuzz_task_file \
	tests/fuzz/fuzz_task_policy \
	tests/fuzz/fuzz_varlink_call \
	tests/fuzz/fuzz_varlink_idl \
	tests/fuzz/fuzz_varlink_reply \
	tests/fuzz/fuzz_wire_report \
	tests/fuzz/fuzz_wire_start \
	tests/fuzz/fuzz_zone
if BACKGROUNDTASKS
fuzz_programs += tests/fuzz/fuzz_cache_file tests/fuzz/fuzz_inflate tests/fuzz/fuzz_lz4 tests/fuzz/fuzz_output tests/fuzz/fuzz_xml
fuzz_programs += tests/fuzz/fuzz_command_line tests/fuzz/fuzz_process_stat tests/fuzz/fuzz_specifier
endif

FUZZ_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
check_PROGRAMS += $(fuzz_programs)
noinst_HEADERS += tests/fuzz/fuzz.h tests/fuzz/fuzz_elapses.h
EXTRA_DIST += tests/fuzz/corpus

if FUZZERS
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_LDADD = lib/libcommon.a $(JANSSON_LIBS) $(INIH_LIBS)
else
FUZZ_LINK = $(AM_LDFLAGS)
FUZZ_LDADD = tests/fuzz/libreplay.a lib/libcommon.a $(JANSSON_LIBS) $(INIH_LIBS)
check_LIBRARIES = tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c
TESTS += $(fuzz_programs)
endif

# New inputs go to a copy of the corpus; those that fail are left in the build directory.
# The words that libFuzzer puts in are the keys of the tables. So many runs of one harness:
#   make fuzz fuzz_programs=tests/fuzz/fuzz_zone FUZZ_SECONDS=0 FUZZ_RUNS=1000000
FUZZ_SECONDS = 60
FUZZ_RUNS = -1
.PHONY: fuzz
fuzz: $(fuzz_programs)
	@$(MKDIR_P) fuzz-corpus
	@sed -n 's/^ *{ "\([A-Z][A-Za-z]*\)", KEY_.*/"\1="/p; s/^ *\[[A-Z_]*\] = "\([a-z-]*\)",$$/"\1"/p' \
		$(srcdir)/lib/task_policy.c $(srcdir)/lib/schedule_definition.c > fuzz-corpus/words
	@for program in $(fuzz_programs); do \
		name=$${program##*/fuzz_}; \
		$(MKDIR_P) fuzz-corpus/$$name && \
		./$$program -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) -dict=fuzz-corpus/words -timeout=10 -rss_limit_mb=1024 \
			-artifact_prefix=fuzz-$$name- \
			fuzz-corpus/$$name $(srcdir)/tests/fuzz/corpus/$$name || exit 1; \
	done

tests_fuzz_fuzz_calendar_SOURCES = tests/fuzz/fuzz_calendar.c
tests_fuzz_fuzz_calendar_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_calendar_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_calendar_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_cron_SOURCES = tests/fuzz/fuzz_cron.c
tests_fuzz_fuzz_cron_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_cron_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_cron_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c
tests_fuzz_fuzz_zone_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_zone_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_zone_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_client_reply_SOURCES = tests/fuzz/fuzz_client_reply.c
tests_fuzz_fuzz_client_reply_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_client_reply_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_client_reply_LDADD = client/libclient.a $(FUZZ_LDADD)

tests_fuzz_fuzz_duration_SOURCES = tests/fuzz/fuzz_duration.c
tests_fuzz_fuzz_duration_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_duration_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_duration_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_pref_file_SOURCES = tests/fuzz/fuzz_pref_file.c
tests_fuzz_fuzz_pref_file_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_pref_file_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_pref_file_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_run_file_SOURCES = tests/fuzz/fuzz_run_file.c
tests_fuzz_fuzz_run_file_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_run_file_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_run_file_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_varlink_call_SOURCES = tests/fuzz/fuzz_varlink_call.c
tests_fuzz_fuzz_varlink_call_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_varlink_call_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_varlink_call_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_varlink_idl_SOURCES = tests/fuzz/fuzz_varlink_idl.c
tests_fuzz_fuzz_varlink_idl_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_varlink_idl_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_varlink_idl_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_varlink_reply_SOURCES = tests/fuzz/fuzz_varlink_reply.c
tests_fuzz_fuzz_varlink_reply_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_varlink_reply_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_varlink_reply_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_wire_report_SOURCES = tests/fuzz/fuzz_wire_report.c
tests_fuzz_fuzz_wire_report_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_wire_report_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_wire_report_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_wire_start_SOURCES = tests/fuzz/fuzz_wire_start.c
tests_fuzz_fuzz_wire_start_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_wire_start_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_wire_start_LDADD = $(FUZZ_LDADD)

if BACKGROUNDTASKS
tests_fuzz_fuzz_cache_file_SOURCES = tests/fuzz/fuzz_cache_file.c
tests_fuzz_fuzz_cache_file_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_cache_file_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_cache_file_LDADD = runner/libengine.a $(FUZZ_LDADD)

tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c runner/xml.c runner/xml_events.c
tests_fuzz_fuzz_xml_CFLAGS = $(FUZZ_CFLAGS) $(EXPAT_CFLAGS)
tests_fuzz_fuzz_xml_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_xml_LDADD = $(FUZZ_LDADD) $(EXPAT_LIBS)

tests_fuzz_fuzz_process_stat_SOURCES = tests/fuzz/fuzz_process_stat.c
tests_fuzz_fuzz_process_stat_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_process_stat_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_process_stat_LDADD = daemon/libdaemon.a $(FUZZ_LDADD)

tests_fuzz_fuzz_output_SOURCES = tests/fuzz/fuzz_output.c
tests_fuzz_fuzz_output_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_output_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_output_LDADD = daemon/libdaemon.a $(FUZZ_LDADD)

tests_fuzz_fuzz_command_line_SOURCES = tests/fuzz/fuzz_command_line.c
tests_fuzz_fuzz_command_line_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_command_line_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_command_line_LDADD = runner/librunner.a $(FUZZ_LDADD)

tests_fuzz_fuzz_specifier_SOURCES = tests/fuzz/fuzz_specifier.c
tests_fuzz_fuzz_specifier_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_specifier_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_specifier_LDADD = runner/librunner.a $(FUZZ_LDADD)
endif

tests_fuzz_fuzz_schedule_definition_SOURCES = tests/fuzz/fuzz_schedule_definition.c
tests_fuzz_fuzz_schedule_definition_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_schedule_definition_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_schedule_definition_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_task_file_SOURCES = tests/fuzz/fuzz_task_file.c
tests_fuzz_fuzz_task_file_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_task_file_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_task_file_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_task_policy_SOURCES = tests/fuzz/fuzz_task_policy.c
tests_fuzz_fuzz_task_policy_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_task_policy_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_task_policy_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_inflate_SOURCES = tests/fuzz/fuzz_inflate.c runner/inflate.c
tests_fuzz_fuzz_inflate_CFLAGS = $(FUZZ_CFLAGS) $(ZLIB_CFLAGS)
tests_fuzz_fuzz_inflate_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_inflate_LDADD = $(FUZZ_LDADD) $(ZLIB_LIBS)

tests_fuzz_fuzz_lz4_SOURCES = tests/fuzz/fuzz_lz4.c runner/lz4.c
tests_fuzz_fuzz_lz4_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_fuzz_lz4_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_lz4_LDADD = $(FUZZ_LDADD)
