# SPDX-License-Identifier: MPL-2.0

# What the runtime library gets from C; one file a builtin, a row each in builtins.c.
RUNNER_BUILTIN_SOURCES = \
	runner/builtin.h \
	runner/builtin_console.c \
	runner/builtin_env.c \
	runner/builtin_files.c \
	runner/builtin_http.c \
	runner/builtin_prefs.c \
	runner/builtin_runtime.c \
	runner/builtin_text.c \
	runner/builtin_timers.c \
	runner/builtin_xml.c \
	runner/builtins.c \
	runner/globals.c \
	runner/http.h \
	runner/http_module.c \
	runner/xml.c \
	runner/xml.h

# The network: loaded at the first request, so that a task without one does not pay for libcurl. It is complete
# in itself, nothing of libcommon is linked into it.
pkglib_LTLIBRARIES += http.la
http_la_SOURCES = \
	runner/http.c \
	runner/http.h \
	runner/http_failure.c \
	runner/http_head.c \
	runner/http_impl.h \
	runner/http_transfer.c
http_la_CFLAGS = $(filter-out -fPIE,$(AM_CFLAGS)) $(CURL_CFLAGS) $(EVENT_CFLAGS)
http_la_LDFLAGS = $(filter-out -pie,$(AM_LDFLAGS)) -module -avoid-version -shared \
	-export-symbols-regex '^http_ops$$'
http_la_LIBADD = $(CURL_LIBS) $(EVENT_LIBS)
