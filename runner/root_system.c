/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What of the system a run sees. Small files are copied, not bound: each mount costs every run a little, and a bound file
 * goes stale when it is replaced. Users' names are not among them: who has accounts here is nothing that a task needs.
 * Of /proc there is, as files, what tells about the machine and not about its processes.
 */
#include "config.h"

#include "lib/util.h"
#include "runner/root.h"

static const struct system_row {
        const char *path;
        enum root_kind kind;
        bool network; /* only with it */
} system_rows[] = {
        { "/usr", ROOT_READ, false },
        { "/bin", ROOT_LINK, false },
        { "/sbin", ROOT_LINK, false },
        { "/lib", ROOT_LINK, false },
        { "/lib32", ROOT_LINK, false },
        { "/lib64", ROOT_LINK, false },
        { "/libx32", ROOT_LINK, false },
        { "/dev/full", ROOT_DEVICE, false },
        { "/dev/null", ROOT_DEVICE, false },
        { "/dev/random", ROOT_DEVICE, false },
        { "/dev/urandom", ROOT_DEVICE, false },
        { "/dev/zero", ROOT_DEVICE, false },
        { "/etc/ld.so.cache", ROOT_COPY, false },
        { "/etc/localtime", ROOT_COPY, false },
        { "/etc/os-release", ROOT_COPY, false },
        { "/etc/timezone", ROOT_COPY, false },
        { "/etc/gai.conf", ROOT_COPY, true },
        { "/etc/host.conf", ROOT_COPY, true },
        { "/etc/hosts", ROOT_COPY, true },
        { "/etc/nsswitch.conf", ROOT_COPY, true },
        { "/etc/protocols", ROOT_COPY, true },
        { "/etc/resolv.conf", ROOT_COPY, true },
        { "/etc/services", ROOT_COPY, true },
        { "/etc/ssl/openssl.cnf", ROOT_COPY, true },
        { "/etc/ca-certificates", ROOT_READ, true },
        { "/etc/pki/ca-trust/extracted", ROOT_READ, true },
        { "/etc/pki/tls/certs", ROOT_READ, true },
        { "/etc/ssl/certs", ROOT_READ, true },
        { "/proc/cpuinfo", ROOT_COPY, false },
        { "/proc/meminfo", ROOT_COPY, false },
        { "/proc/sys/kernel/osrelease", ROOT_COPY, false },
};

int root_add_system(struct root *root, bool network)
{
        for (size_t i = 0; i < ARRAY_SIZE(system_rows); i++) {
                const struct system_row *row = &system_rows[i];
                if (row->network && !network)
                        continue;
                bool fresh = row->network && row->kind == ROOT_COPY;
                int r = root_add(root, row->kind, ROOT_OPTIONAL | (fresh ? ROOT_FRESH : 0), row->path);
                if (r < 0)
                        return r;
        }
        return 0;
}
