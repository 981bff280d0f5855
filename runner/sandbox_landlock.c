/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The system's header may be older than its kernel, so that numbers and structures are written down here. The
 * structures only grow, and a kernel takes a larger one whose unknown rest is zero: one form serves every ABI,
 * once the rights that it does not know are left out.
 */
#include "config.h"

#include "runner/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define ABI_KNOWN 7 /* the newest whose rights are used; a later kernel serves it too */

/* The same on every architecture. */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT_SELF 446

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1

#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_DIR (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_CHAR (UINT64_C(1) << 6)
#define FS_MAKE_DIR (UINT64_C(1) << 7)
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define FS_MAKE_SOCK (UINT64_C(1) << 9)
#define FS_MAKE_FIFO (UINT64_C(1) << 10)
#define FS_MAKE_BLOCK (UINT64_C(1) << 11)
#define FS_MAKE_SYM (UINT64_C(1) << 12)
#define FS_REFER (UINT64_C(1) << 13)     /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)  /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */

#define FS_ABI_1 (FS_REFER - 1)
#define FS_FOR_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

#define NET_BIND_TCP (UINT64_C(1) << 0) /* ABI 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)

#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0) /* ABI 6 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

/* ABI 7: refusals within the program that is restricted are told by the run itself, what programs that it
 * starts try is left for the audit log, if there is one. */
#define LOG_SAME_EXEC_OFF (1U << 0)
#define LOG_NEW_EXEC_ON (1U << 1)

struct ruleset {
        uint64_t handled_fs;
        uint64_t handled_net; /* ABI 4 */
        uint64_t scoped;      /* ABI 6 */
};

struct path_beneath {
        uint64_t allowed;
        int32_t parent_fd;
} __attribute__((packed));

static const uint64_t access_rights[] = {
        [LANDLOCK_READ] = FS_READ_FILE | FS_READ_DIR,
        [LANDLOCK_READ_EXECUTE] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
        [LANDLOCK_READ_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
                                FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_SYM |
                                FS_REFER | FS_TRUNCATE,
        [LANDLOCK_ALL] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE | FS_WRITE_FILE | FS_REMOVE_DIR |
                         FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK | FS_MAKE_FIFO |
                         FS_MAKE_SYM | FS_REFER | FS_TRUNCATE,
};

int landlock_abi(void)
{
        static int known = -1;

        if (known < 0) {
                long r = syscall(CALL_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
                known = r > 0 ? (int)MIN(r, (long)ABI_KNOWN) : 0;
        }
        return known;
}

static uint64_t handled_fs(int abi)
{
        uint64_t rights = FS_ABI_1;

        rights |= abi >= 2 ? FS_REFER : 0;
        rights |= abi >= 3 ? FS_TRUNCATE : 0;
        rights |= abi >= 5 ? FS_IOCTL_DEV : 0;
        return rights;
}

static int rule_add(int ruleset, const struct landlock_rule *rule, uint64_t handled, struct error *error)
{
        _cleanup_close_ int opened = -1;
        const char *name = rule->path ? rule->path : "a directory";
        struct stat st;

        if (rule->path) {
                opened = open(rule->path, O_PATH | O_CLOEXEC);
                if (opened < 0 && rule->optional && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
                        return 0;
                if (opened < 0)
                        return error_set_errno(error, errno, "%s", name);
        }
        struct path_beneath beneath = {
                .allowed = access_rights[rule->access] & handled,
                .parent_fd = rule->path ? opened : rule->fd,
        };
        if (beneath.parent_fd < 0 && rule->optional)
                return 0;
        if (fstat(beneath.parent_fd, &st) < 0)
                return error_set_errno(error, errno, "%s", name);
        if (!S_ISDIR(st.st_mode))
                beneath.allowed &= FS_FOR_FILES;
        if (syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &beneath, 0) < 0 &&
            !(rule->optional && errno == EBADFD)) /* a pipe or socket without a name, which is free to all */
                return error_set_errno(error, errno, "Landlock rule for %s", name);
        return 0;
}

int landlock_apply(const struct landlock_policy *policy, struct error *error)
{
        const int abi = landlock_abi();
        struct ruleset wanted = { .handled_fs = handled_fs(abi) };

        if (abi < 1)
                return LANDLOCK_ABSENT;
        if (abi >= 4 && !policy->network)
                wanted.handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
        if (abi >= 6)
                wanted.scoped = (policy->abstract_unix ? 0 : SCOPE_ABSTRACT_UNIX_SOCKET) | SCOPE_SIGNAL;
        _cleanup_close_ int ruleset = (int)syscall(CALL_CREATE_RULESET, &wanted, sizeof(wanted), 0);
        if (ruleset < 0)
                return error_set_errno(error, errno, "Landlock rule set");
        for (size_t i = 0; i < policy->count; i++) {
                int r = rule_add(ruleset, &policy->rules[i], wanted.handled_fs, error);
                if (r < 0)
                        return r;
        }
        unsigned flags = abi >= 7 ? LOG_SAME_EXEC_OFF | LOG_NEW_EXEC_ON : 0;
        if (syscall(CALL_RESTRICT_SELF, ruleset, flags) < 0)
                return error_set_errno(error, errno, "Landlock");
        return 0;
}
