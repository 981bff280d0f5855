# SPDX-License-Identifier: MPL-2.0
# A runner that fails on purpose, for the integration tests of the daemon.
check_PROGRAMS += tests/fake_runner
tests_fake_runner_SOURCES = tests/unit/fake_runner.c
tests_fake_runner_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fake_runner_LDADD = lib/libcommon.a $(JANSSON_LIBS) $(INIH_LIBS)

if HAVE_CHECK
# What the daemon decides, and its small parts; tests/integration has the rest.
daemon_unit_tests = test_authorise test_cgroup test_conclude test_conditions test_daemon_parts test_fair test_lineage test_pools test_recover \
	test_roles
daemon_unit_cflags = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
daemon_unit_ldadd = $(DAEMON_LIBS) $(CHECK_LIBS)
check_PROGRAMS += $(daemon_unit_tests)
TESTS += $(daemon_unit_tests)
test_authorise_SOURCES = tests/unit/test_authorise.c
test_authorise_CFLAGS = $(daemon_unit_cflags)
test_authorise_LDADD = $(daemon_unit_ldadd)
test_fair_SOURCES = tests/unit/test_fair.c
test_fair_CFLAGS = $(daemon_unit_cflags)
test_fair_LDADD = $(daemon_unit_ldadd)
test_lineage_SOURCES = tests/unit/test_lineage.c
test_lineage_CFLAGS = $(daemon_unit_cflags)
test_lineage_LDADD = $(daemon_unit_ldadd)
test_pools_SOURCES = tests/unit/test_pools.c
test_pools_CFLAGS = $(daemon_unit_cflags)
test_pools_LDADD = $(daemon_unit_ldadd)
test_roles_SOURCES = tests/unit/test_roles.c
test_roles_CFLAGS = $(daemon_unit_cflags)
test_roles_LDADD = $(daemon_unit_ldadd)
test_cgroup_SOURCES = tests/unit/test_cgroup.c
test_cgroup_CFLAGS = $(daemon_unit_cflags)
test_cgroup_LDADD = $(daemon_unit_ldadd)
test_conditions_SOURCES = tests/unit/test_conditions.c
test_conditions_CFLAGS = $(daemon_unit_cflags)
test_conditions_LDADD = $(daemon_unit_ldadd)
test_conclude_SOURCES = tests/unit/test_conclude.c
test_conclude_CFLAGS = $(daemon_unit_cflags)
test_conclude_LDADD = $(daemon_unit_ldadd)
test_daemon_parts_SOURCES = tests/unit/test_daemon_parts.c
test_daemon_parts_CFLAGS = $(daemon_unit_cflags)
test_daemon_parts_LDADD = $(daemon_unit_ldadd)
test_recover_SOURCES = tests/unit/test_recover.c
test_recover_CFLAGS = $(daemon_unit_cflags)
test_recover_LDADD = $(daemon_unit_ldadd)
endif
