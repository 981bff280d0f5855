/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What runs leave behind where neither a PID namespace nor a cgroup ends it with them: processes that left the run's
 * session, and whose parents are gone. As their subreaper the daemon has become their parent, so they are those of its
 * children that are neither run nor zygote nor helper. Whose they are says BGTASK_RUN_ID in their environment; one
 * without it is ended once no run is under way whose it could be. Such a process and all below it are stopped first, so
 * that none of them can make another in the meantime, and then killed. That is the best there is without the kernel's
 * help, and not a guarantee.
 */
#ifndef DAEMON_ORPHANS_H
#define DAEMON_ORPHANS_H

struct daemon;

/* A run has ended, or an orphan has. */
void orphans_end(struct daemon *daemon);

#endif
