/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a task may do: the [Task] section of its task file as a value. bgtaskd.task(5) tells users the keys.
 *
 * One table in task_policy.c is the master of the keys: name, type, range, default. Files, the packet that starts
 * a run and the definition's hash all go through it, so that a policy means the same everywhere. A policy that was
 * never given a file is that of a task without one: its profile, its modules, the system's libraries, nothing else.
 */
#ifndef LIB_TASK_POLICY_H
#define LIB_TASK_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/task_specifier.h"

#define TASK_POLICY_KEYS 28
#define TASK_POLICY_TEXT_MAX (32 * 1024) /* of task_policy_format() */
#define TASK_NO_LIMIT UINT64_MAX         /* "infinity" */
#define TASK_PRIORITY_UNSET INT32_MIN

enum task_profile {
        TASK_PROFILE_EPHEMERAL,
        TASK_PROFILE_PERSISTENT,
};

/* As the kernel numbers them. */
enum task_io_class {
        TASK_IO_CLASS_NONE,
        TASK_IO_CLASS_REALTIME,
        TASK_IO_CLASS_BEST_EFFORT,
        TASK_IO_CLASS_IDLE,
};

enum task_daemon_exit {
        TASK_DAEMON_EXIT_DIE,   /* the run is killed with the daemon */
        TASK_DAEMON_EXIT_ADOPT, /* it goes on; the next daemon takes it over */
};

/* Lists are NULL-terminated, NULL: empty. Strings and lists are malloc'd and owned. */
struct task_policy {
        char *description;        /* Description=; NULL: none */
        int64_t runtime_max_us;   /* RuntimeMaxSec=; 0: as module and preferences say; INT64_MAX: infinity */
        int64_t runtime_min_us;   /* RuntimeMinSec=; -1: as module and preferences say */
        bool network;             /* Network= */
        char **read_only_paths;   /* ReadOnlyPaths=; absolute; "-" in front: may be absent */
        char **read_write_paths;  /* ReadWritePaths= */
        bool subprocess;          /* Subprocess=: fork, exec and what it needs of /proc */
        bool control_socket;      /* ControlSocket=: may be a client of the daemon that runs it */
        uint64_t memory_max;      /* MemoryMax=, bytes; 0: the preference maxHeapMiB */
        uint64_t memory_swap_max; /* MemorySwapMax=, bytes */
        uint32_t cpu_quota;       /* CPUQuota=, percent of one processor; 0: none */
        uint64_t tasks_max;       /* TasksMax=, processes and threads */
        uint32_t io_weight;       /* IOWeight=, 1 to 10000; 0: the kernel's */
        int32_t nice;             /* Nice=, -20 to 19; TASK_PRIORITY_UNSET: the daemon's */
        enum task_io_class io_class; /* IOSchedulingClass= */
        int32_t io_priority;       /* IOSchedulingPriority=, 0 to 7, the lowest first; TASK_PRIORITY_UNSET */
        uint64_t limit_cpu_sec;    /* LimitCPU=, seconds of processor time */
        uint64_t limit_nofile;     /* LimitNOFILE= */
        uint64_t limit_fsize;      /* LimitFSIZE=, bytes */
        uint64_t output_max;       /* OutputMax=, bytes kept; 0: the preference bgtaskd.output.maxKiB */
        bool jit;                  /* JIT=; off: no writable memory is ever executable (MDWE) */
        enum task_profile profile; /* Profile= */
        bool profile_set; /* Profile= was given; else the tasks that Gecko names have persistent ones */
        bool idempotent;  /* Idempotent=: may be run again when a crash interrupted it */
        enum task_daemon_exit on_daemon_exit; /* OnDaemonExit= */
        char *user;                           /* User=; NULL: the daemon's own */
        char **environment;                   /* Environment=, NAME=VALUE */
        char **pass_environment;              /* PassEnvironment=, names of the daemon's variables */
        char **require;                       /* Require=, FACET=MECHANISM as in lib/sandbox_text.h */
};

/* The policy of a task without a file. */
void task_policy_init(struct task_policy *policy);
/* Release what it owns; afterwards it is as after task_policy_init(). */
void task_policy_done(struct task_policy *policy);
/* One assignment, as in a file: lists are added to, an empty value resets. -ENOENT: no such key; -EINVAL, -ERANGE,
 * -E2BIG: a text that names the key and what was expected. @policy is unchanged then. */
int task_policy_set(struct task_policy *policy, const char *key, const char *value, struct error *error);
/* The same with specifiers ("%h"); NULL: a % is a % . */
int task_policy_assign(struct task_policy *policy, const char *key, const char *value,
                       const struct task_specifiers *specifiers, struct error *error);
/* "Key=value" lines of all that differs from the default, in the table's order, malloc'd: what
 * task_policy_parse() reads, and what is hashed. NULL: out of memory or longer than TASK_POLICY_TEXT_MAX. */
char *task_policy_format(const struct task_policy *policy);
/* The other way, strictly; *ret is set only on success. -EBADMSG, -ENOMEM. */
int task_policy_parse(const char *text, struct task_policy *ret, struct error *error);

/* The table, for whoever lists its keys: names by index, below TASK_POLICY_KEYS. */
const char *task_policy_key(size_t index);
/* The index of a key; -ENOENT. */
int task_policy_find(const char *key);
/* The value of a key in words, as task_policy_set() takes it, malloc'd; "" is the default of a list, of a text and
 * of what module or preferences say. NULL: out of memory. */
char *task_policy_value(const struct task_policy *policy, size_t index);

#endif
