# SPDX-License-Identifier: MPL-2.0
# Random SIGKILLs under load, and a checker that proves that nothing is lost. A short one is part of `make check`;
# `make chaos CHAOS_CYCLES=1000 CHAOS_SEED=7` is the long one.
chaos_tests = tests/chaos/chaos.py tests/chaos/chaos_user.py tests/chaos/test_check.py
TESTS += $(chaos_tests)
EXTRA_DIST += $(chaos_tests) tests/chaos/check.py tests/chaos/client.py tests/chaos/family.py \
	tests/chaos/kinds.py tests/chaos/leftovers.py

.PHONY: chaos
chaos: all
	$(AM_TESTS_ENVIRONMENT) CHAOS_CYCLES='$(CHAOS_CYCLES)' CHAOS_SEED='$(CHAOS_SEED)' \
	$(PYTHON3) -B $(srcdir)/tests/chaos/chaos.py
