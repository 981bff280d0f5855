# SPDX-License-Identifier: MPL-2.0

if BACKGROUNDTASKS
if HAVE_CHECK
check_PROGRAMS += test_xml
TESTS += test_xml
test_xml_SOURCES = tests/unit/test_xml.c runner/xml.c
test_xml_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EXPAT_CFLAGS)
test_xml_LDADD = lib/libcommon.a $(CHECK_LIBS) $(EXPAT_LIBS)
endif
endif
