/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/sandbox_caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITIES_MAX 64 /* that the structure has room for; the kernel knows fewer */

/* Locked: neither UID 0 nor a program that is set-UID gets anything for it. */
#define SECUREBITS                                                                                           \
        (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |     \
         SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* It is 40 calls, and what the zygote has given up its runs need not. */
static bool bounded;

int caps_bound(struct error *error)
{
        if (bounded)
                return 0;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
                return error_set_errno(error, errno, "ambient capabilities");
        for (unsigned long capability = 0; capability < CAPABILITIES_MAX; capability++) {
                if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
                        continue;
                if (errno == EINVAL) /* one more than the kernel knows */
                        break;
                return errno == EPERM ? CAPS_UNBOUNDED
                                      : error_set_errno(error, errno, "bounding set of capabilities");
        }
        /* NO_SETUID_FIXUP would keep capabilities over a change of user ID: caps_drop() follows in any case. */
        if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) < 0)
                return errno == EPERM ? CAPS_UNBOUNDED : error_set_errno(error, errno, "securebits");
        bounded = true;
        return 0;
}

int caps_drop(struct error *error)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
                return error_set_errno(error, errno, "ambient capabilities");
        if (syscall(SYS_capset, &header, none) < 0)
                return error_set_errno(error, errno, "capset");
        return 0;
}
