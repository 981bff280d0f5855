# SPDX-License-Identifier: MPL-2.0
# The schema as data: both files are made in the build directory and belong to lib/libcommon.a.
# A new interface or migration is one line here.
schema_interfaces = \
	schema/io.bgtaskd.Manager.varlink \
	schema/org.varlink.service.varlink
schema_migrations = \
	schema/0001-initial.sql \
	schema/0002-users.sql \
	schema/0003-scheduler.sql \
	schema/0004-conditions.sql

schema_generated = schema/interfaces.c schema/migrations.c
EXTRA_DIST += schema/embed.awk $(schema_interfaces) $(schema_migrations)
noinst_HEADERS += schema/embed.h
BUILT_SOURCES += $(schema_generated)
CLEANFILES += $(schema_generated)

schema_embed = $(AM_V_GEN)$(MKDIR_P) schema && cd $(srcdir) && LC_ALL=C $(AWK) -f schema/embed.awk

schema/interfaces.c: schema/embed.awk $(schema_interfaces)
	$(schema_embed) -v kind=interfaces $(schema_interfaces) > $(abs_builddir)/$@.tmp
	$(AM_V_at)mv -f $@.tmp $@

schema/migrations.c: schema/embed.awk $(schema_migrations)
	$(schema_embed) -v kind=migrations $(schema_migrations) > $(abs_builddir)/$@.tmp
	$(AM_V_at)mv -f $@.tmp $@
