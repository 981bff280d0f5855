# SPDX-License-Identifier: MPL-2.0
# Many runs, and whether anything grows. A short one is part of `make check`; `make soak SOAK_RUNS=50000` is the long
# one. Not under sanitizers, which keep freed memory back.
soak_tests = tests/soak/soak.py tests/soak/test_flat.py
if !SANITIZERS
TESTS += $(soak_tests)
endif
EXTRA_DIST += $(soak_tests) tests/soak/flat.py

.PHONY: soak
soak: all
	$(AM_TESTS_ENVIRONMENT) SOAK_RUNS='$(SOAK_RUNS)' SOAK_SAMPLES='$(SOAK_SAMPLES)' \
	$(PYTHON3) -B $(srcdir)/tests/soak/soak.py
