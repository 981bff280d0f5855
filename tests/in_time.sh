#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# What `make check` starts each test through. Usage: in_time.sh COMMAND [ARGUMENT...]
# BGTASK_TESTS_UNTIL, in seconds since the epoch: a test that would begin later is skipped and says so. For a CI whose time is
# limited on a machine whose speed is not known; without it, all tests run.
if [ -n "${BGTASK_TESTS_UNTIL:-}" ] && [ "$(date +%s)" -ge "$BGTASK_TESTS_UNTIL" ]; then
        echo "skipped: there was no time left for it"
        exit 77
fi
exec "$@"
