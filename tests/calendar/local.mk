# SPDX-License-Identifier: MPL-2.0
# When calendars elapse, against an oracle of our own and against others. `make check` asks a few thousand random cases;
# `make calendar-differential CALENDAR_CASES=20000 CALENDAR_SEED=7` is the long one, which also asks systemd-analyze about
# all and croner, where it can be installed.
calendar_tests = \
	tests/calendar/test_oracle.py \
	tests/calendar/test_refused.py \
	tests/calendar/test_croner.py \
	tests/calendar/differential.py
TESTS += $(calendar_tests)
EXTRA_DIST += $(calendar_tests) tests/calendar/croner.mjs tests/calendar/croner.py tests/calendar/croner_facts.json \
	tests/calendar/cron_lines.py tests/calendar/expressions.py tests/calendar/generate.py \
	tests/calendar/oracle.py tests/calendar/program.py tests/calendar/systemd.py

CALENDAR_CASES = 20000
.PHONY: calendar-differential
calendar-differential: all
	$(AM_TESTS_ENVIRONMENT) CALENDAR_CASES='$(CALENDAR_CASES)' CALENDAR_SEED='$(CALENDAR_SEED)' \
	$(PYTHON3) -B $(srcdir)/tests/calendar/differential.py
