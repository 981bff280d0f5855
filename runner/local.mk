# SPDX-License-Identifier: MPL-2.0

# The JavaScript engine behind its C face; the only C++. Programs that link it need the C++ linker:
# nodist_EXTRA_<program>_SOURCES = runner/dummy.cc (which need not exist).
noinst_LIBRARIES += runner/libengine.a
runner_libengine_a_CPPFLAGS = $(AM_CPPFLAGS) $(MOZJS_CFLAGS)
runner_libengine_a_SOURCES = \
	runner/engine.h \
	runner/engine/args.cc \
	runner/engine/cache.cc \
	runner/engine/cache_file.cc \
	runner/engine/cache_file.h \
	runner/engine/calls.cc \
	runner/engine/compat.h \
	runner/engine/convert.cc \
	runner/engine/errors.cc \
	runner/engine/globals.cc \
	runner/engine/guards.cc \
	runner/engine/handles.cc \
	runner/engine/helpers.cc \
	runner/engine/imports.cc \
	runner/engine/internal.h \
	runner/engine/interrupts.cc \
	runner/engine/jobs.cc \
	runner/engine/life.cc \
	runner/engine/memory.cc \
	runner/engine/modules.cc \
	runner/engine/promises.cc \
	runner/engine/properties.cc \
	runner/engine/random.cc \
	runner/engine/sandboxes.cc \
	runner/engine/scripts.cc \
	runner/engine/state.h \
	runner/engine/utf8.cc \
	runner/engine/values.cc
ENGINE_LIBS = runner/libengine.a $(MOZJS_LIBS) -lpthread

# What the runtime library gets from C; one file a builtin, a row each in builtins.c.
RUNNER_BUILTIN_SOURCES = \
	runner/builtin.h \
	runner/builtin_bytes.c \
	runner/builtin_console.c \
	runner/builtin_crypto.c \
	runner/builtin_env.c \
	runner/builtin_files.c \
	runner/builtin_filework.c \
	runner/builtin_http.c \
	runner/builtin_intl.c \
	runner/builtin_locks.c \
	runner/builtin_nsfile.c \
	runner/builtin_updates.c \
	runner/instance_lock.c runner/instance_lock.h \
	runner/updates.c runner/updates.h \
	runner/components.c runner/components.h \
	runner/builtin_prefs.c \
	runner/builtin_processes.c \
	runner/builtin_runtime.c \
	runner/builtin_tasks.c \
	runner/builtin_text.c \
	runner/builtin_timers.c \
	runner/builtin_sandbox.c \
	runner/builtin_xml.c \
	runner/builtin_zones.c \
	runner/builtins.c \
	runner/crypto.h \
	runner/crypto_module.c \
	runner/globals.c \
	runner/http.h \
	runner/http_module.c \
	runner/modules.c runner/modules.h \
	runner/inflate.c \
	runner/inflate.h \
	runner/intl.h \
	runner/intl_module.c \
	runner/language.c \
	runner/language_detours.c \
	runner/syntax.c \
	runner/syntax.h \
	runner/lz4.c \
	runner/lz4.h \
	runner/pipes.c \
	runner/pipes.h \
	runner/xml.c \
	runner/xml.h \
	runner/xml_events.c \
	runner/xml_events.h

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

# Cryptography: the same, for libcrypto and the first use of crypto.subtle.
pkglib_LTLIBRARIES += crypto.la
crypto_la_SOURCES = runner/crypto.c runner/crypto.h
crypto_la_CFLAGS = $(filter-out -fPIE,$(AM_CFLAGS)) $(CRYPTO_CFLAGS)
crypto_la_LDFLAGS = $(filter-out -pie,$(AM_LDFLAGS)) -module -avoid-version -shared \
	-export-symbols-regex '^crypto_ops$$'
crypto_la_LIBADD = $(CRYPTO_LIBS)

# Languages: the same, for ICU and the first use of what the engine lacks of Intl.
if ICU
pkglib_LTLIBRARIES += intl.la
intl_la_SOURCES = \
	runner/intl.c \
	runner/intl.h \
	runner/intl_impl.h \
	runner/intl_lists.c \
	runner/intl_numbers.c \
	runner/intl_segments.c
intl_la_CFLAGS = $(filter-out -fPIE,$(AM_CFLAGS)) $(ICU_CFLAGS)
intl_la_LDFLAGS = $(filter-out -pie,$(AM_LDFLAGS)) -module -avoid-version -shared \
	-export-symbols-regex '^intl_ops$$'
intl_la_LIBADD = $(ICU_LIBS)
endif

# The libraries are opened by their names, nothing is ever linked with them: libtool's descriptions are of no use.
# Without that, libtool does not know what to uninstall.
install_hooks += install-no-description
install-no-description:
	rm -f $(patsubst %,'$(DESTDIR)$(pkglibdir)/%.la',http crypto intl)
uninstall_parts += uninstall-http
uninstall-http:
	rm -f $(patsubst %,'$(DESTDIR)$(pkglibdir)/%.so',http crypto intl)

# All of the runner but main(), so that tests can link it.
noinst_LIBRARIES += runner/librunner.a
runner_librunner_a_CPPFLAGS = $(AM_CPPFLAGS) -DBG_SYSCONFDIR='"$(sysconfdir)"'
runner_librunner_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(EXPAT_CFLAGS) $(SECCOMP_CFLAGS) $(ZLIB_CFLAGS)
runner_librunner_a_SOURCES = \
	$(RUNNER_BUILTIN_SOURCES) \
	runner/child.c \
	runner/denial.c runner/denial.h \
	runner/denial_text.c runner/denial_text.h \
	runner/direct.c runner/direct.h \
	runner/direct_sandbox.c \
	runner/environment.c runner/environment.h \
	runner/exit_status.c runner/exit_status.h \
	runner/faults.c runner/faults.h \
	runner/files.c runner/files.h \
	runner/gecko_names.c runner/gecko_names.h \
	runner/first_process.c runner/first_process.h \
	runner/describe.c runner/describe.h \
	runner/host.c runner/host.h \
	runner/janitor.c runner/janitor.h \
	runner/limits.c runner/limits.h \
	runner/loader.c runner/loader.h \
	runner/modes.h \
	runner/mount_calls.h \
	runner/native_stack.c runner/native_stack.h \
	runner/options.c runner/options.h \
	runner/preferences.c runner/preferences.h \
	runner/processor.c runner/processor.h \
	runner/profile.c runner/profile.h \
	runner/profile_ephemeral.c \
	runner/profile_persistent.c \
	runner/report.c runner/report.h \
	runner/root.c runner/root.h \
	runner/root_system.c \
	runner/run.c \
	runner/runner.c \
	runner/sandbox_calls.c runner/sandbox_calls.h runner/sandbox_calls_internal.h \
	runner/sandbox_calls_arguments.c \
	runner/sandbox_calls_files.c \
	runner/sandbox_calls_listener.c \
	runner/sandbox_calls_table.c \
	runner/sandbox_caps.c runner/sandbox_caps.h \
	runner/sandbox_landlock.c runner/sandbox_landlock.h \
	runner/sandbox.h \
	runner/sandbox_access.c \
	runner/sandbox_files.c \
	runner/sandbox_filter.c \
	runner/sandbox_frame.c \
	runner/sandbox_identity.c \
	runner/task.c runner/task.h \
	runner/task_module.c runner/task_module.h \
	runner/timing.c runner/timing.h \
	runner/usage.c runner/usage.h \
	runner/thread.c runner/thread.h \
	runner/watchdog.c runner/watchdog.h \
	runner/loop.c runner/loop.h \
	runner/work.c runner/work.h \
	runner/heap.c runner/heap.h \
	runner/zygote.c
RUNNER_LIBS = runner/librunner.a $(ENGINE_LIBS) lib/libcommon.a $(EVENT_LIBS) $(EXPAT_LIBS) $(JANSSON_LIBS) $(SECCOMP_LIBS) \
	$(INIH_LIBS) $(ZLIB_LIBS) -lm -ldl

bin_PROGRAMS += bin/bgtask-runner
bin_bgtask_runner_SOURCES = runner/main.c
nodist_EXTRA_bin_bgtask_runner_SOURCES = runner/dummy.cc
bin_bgtask_runner_LDADD = $(RUNNER_LIBS)

# The runtime library in compiled form. It is made by the program that will read it, and passed over by any
# other; programs of the build tree find it in .libs (see configure.ac).
startupcachedir = $(pkglibdir)
startupcache_DATA = .libs/startup.cache
CLEANFILES += .libs/startup.cache
.libs/startup.cache: bin/bgtask-runner$(EXEEXT) \
		$(wildcard $(srcdir)/scripts/gre/modules/*.mjs $(srcdir)/scripts/gre/modules/*/*.mjs)
	$(AM_V_at)$(MKDIR_P) .libs
	$(AM_V_GEN)bin/bgtask-runner --write-cache $@
