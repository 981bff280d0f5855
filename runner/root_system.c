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
        enum root_kind kind;
        const char *path;
        bool network; /* only with it */
} system_rows[] = {
        { ROOT_READ, "/usr", false },
        { ROOT_LINK, "/bin", false },
        { ROOT_LINK, "/sbin", false },
        { ROOT_LINK, "/lib", false },
        { ROOT_LINK, "/lib32", false },
        { ROOT_LINK, "/lib64", false },
        { ROOT_LINK, "/libx32", false },
        { ROOT_DEVICE, "/dev/full", false },
        { ROOT_DEVICE, "/dev/null", false },
        { ROOT_DEVICE, "/dev/random", false },
        { ROOT_DEVICE, "/dev/urandom", false },
        { ROOT_DEVICE, "/dev/zero", false },
        { ROOT_COPY, "/etc/ld.so.cache", false },
        { ROOT_COPY, "/etc/localtime", false },
        { ROOT_COPY, "/etc/os-release", false },
        { ROOT_COPY, "/etc/timezone", false },
        { ROOT_COPY, "/etc/gai.conf", true },
        { ROOT_COPY, "/etc/host.conf", true },
        { ROOT_COPY, "/etc/hosts", true },
        { ROOT_COPY, "/etc/nsswitch.conf", true },
        { ROOT_COPY, "/etc/protocols", true },
        { ROOT_COPY, "/etc/resolv.conf", true },
        { ROOT_COPY, "/etc/services", true },
        { ROOT_COPY, "/etc/ssl/openssl.cnf", true },
        { ROOT_READ, "/etc/ca-certificates", true },
        { ROOT_READ, "/etc/pki/ca-trust/extracted", true },
        { ROOT_READ, "/etc/pki/tls/certs", true },
        { ROOT_READ, "/etc/ssl/certs", true },
        { ROOT_COPY, "/proc/cpuinfo", false },
        { ROOT_COPY, "/proc/meminfo", false },
        { ROOT_COPY, "/proc/sys/kernel/osrelease", false },
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
