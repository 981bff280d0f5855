# SPDX-License-Identifier: MPL-2.0

# What the runtime library gets from C; one file a builtin, a row each in builtins.c.
RUNNER_BUILTIN_SOURCES = \
	runner/builtin.h \
	runner/builtin_console.c \
	runner/builtin_timers.c \
	runner/builtins.c \
	runner/globals.c
