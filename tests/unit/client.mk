# SPDX-License-Identifier: MPL-2.0
# Unit tests of bgtaskctl.
if HAVE_CHECK
unit_client_programs = \
	tests/unit/test_client_options \
	tests/unit/test_client_outcome \
	tests/unit/test_client_output \
	tests/unit/test_client_simulate \
	tests/unit/test_client_text
check_PROGRAMS += $(unit_client_programs)
TESTS += $(unit_client_programs)
UNIT_CLIENT_LDADD = client/libclient.a $(UNIT_LDADD)

tests_unit_test_client_options_SOURCES = tests/unit/test_client_options.c
tests_unit_test_client_options_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_client_options_LDADD = $(UNIT_CLIENT_LDADD)

tests_unit_test_client_outcome_SOURCES = tests/unit/test_client_outcome.c
tests_unit_test_client_outcome_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_client_outcome_LDADD = $(UNIT_CLIENT_LDADD)

tests_unit_test_client_output_SOURCES = tests/unit/test_client_output.c
tests_unit_test_client_output_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_client_output_LDADD = $(UNIT_CLIENT_LDADD)

tests_unit_test_client_simulate_SOURCES = tests/unit/test_client_simulate.c
tests_unit_test_client_simulate_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_client_simulate_LDADD = $(UNIT_CLIENT_LDADD)

tests_unit_test_client_text_SOURCES = tests/unit/test_client_text.c
tests_unit_test_client_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_client_text_LDADD = $(UNIT_CLIENT_LDADD)
endif
