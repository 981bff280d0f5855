# SPDX-License-Identifier: MPL-2.0
# The store on a disk that loses its power, and with a fault in each system call. BGTASKD_POWERCUT=N: N cuts of each story.
if HAVE_CHECK
powercut_tests = test_powercut test_store_faults
powercut_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
powercut_ldadd = daemon/libdaemon.a lib/libcommon.a $(CHECK_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS)
powercut_disk = \
	tests/powercut/disk.c tests/powercut/disk.h \
	tests/powercut/disk_calls.c \
	tests/powercut/disk_internal.h \
	tests/powercut/workload.c tests/powercut/workload.h
check_PROGRAMS += $(powercut_tests)
TESTS += $(powercut_tests)
test_powercut_SOURCES = tests/powercut/test_powercut.c $(powercut_disk)
test_powercut_CFLAGS = $(powercut_cflags)
test_powercut_LDADD = $(powercut_ldadd)
test_store_faults_SOURCES = tests/powercut/test_store_faults.c $(powercut_disk)
test_store_faults_CFLAGS = $(powercut_cflags)
test_store_faults_LDADD = $(powercut_ldadd)
endif
