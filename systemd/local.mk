# SPDX-License-Identifier: MPL-2.0
# Units of the system's and of users' instances, which have the same names in different directories.
systemd_templates = \
	systemd/system/bgtaskd.service.in \
	systemd/user/bgtaskd.service.in
EXTRA_DIST += \
	$(systemd_templates) \
	systemd/system/bgtaskd.socket \
	systemd/sysusers.conf \
	systemd/tmpfiles.conf \
	systemd/user/bgtaskd.socket

if BACKGROUNDTASKS
systemd_units = $(systemd_templates:.in=)
noinst_DATA = $(systemd_units)
CLEANFILES += $(systemd_units)

$(systemd_units): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's,[@]bindir[@],$(bindir),g' $(srcdir)/$@.in > $@.tmp && mv -f $@.tmp $@
systemd/system/bgtaskd.service: systemd/system/bgtaskd.service.in
systemd/user/bgtaskd.service: systemd/user/bgtaskd.service.in

install_parts += install-units
install-units: $(systemd_units)
	$(MKDIR_P) '$(DESTDIR)$(systemdsystemunitdir)' '$(DESTDIR)$(systemduserunitdir)' \
		'$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) systemd/system/bgtaskd.service $(srcdir)/systemd/system/bgtaskd.socket \
		'$(DESTDIR)$(systemdsystemunitdir)'
	$(INSTALL_DATA) systemd/user/bgtaskd.service $(srcdir)/systemd/user/bgtaskd.socket \
		'$(DESTDIR)$(systemduserunitdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/sysusers.conf '$(DESTDIR)$(sysusersdir)/bgtaskd.conf'
	$(INSTALL_DATA) $(srcdir)/systemd/tmpfiles.conf '$(DESTDIR)$(tmpfilesdir)/bgtaskd.conf'

uninstall_parts += uninstall-units
uninstall-units:
	rm -f '$(DESTDIR)$(systemdsystemunitdir)/bgtaskd.service' '$(DESTDIR)$(systemdsystemunitdir)/bgtaskd.socket' \
		'$(DESTDIR)$(systemduserunitdir)/bgtaskd.service' '$(DESTDIR)$(systemduserunitdir)/bgtaskd.socket' \
		'$(DESTDIR)$(sysusersdir)/bgtaskd.conf' '$(DESTDIR)$(tmpfilesdir)/bgtaskd.conf'
endif
