/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The file of a run under way, RUNTIME/runs/ID.EPOCH: what outlives the daemon, the zygote and the run itself.
 *
 * Its lock (flock of the one open file description that daemon, zygote and run hand on) says whether the run can still
 * be alive: the kernel gives it up when the last of them is gone, however that went. Its content says how far the run
 * has come and how it ended:
 *
 *   0     struct run_file_header; the daemon writes it at once with the file, which nobody can take for another's
 *   128   the run's process id as the daemon sees it, 0: there was no process. The kernel writes it while it clones
 *         (CLONE_PARENT_SETTID into a mapping), so that no run exists whose number is not here
 *   132   why the daemon ends it, which it writes before it does so: the next daemon goes on with that
 *   136   how long the daemon had it frozen before, and since when it is now, which it writes before it thaws and before it
 *         freezes it: that time is no part of what the run may take
 *   256   records of the run, one after another: entered, running, finished, output
 *
 * A record has its size and checksum in front: one that is torn is none, and the file means what it meant before. The
 * file is never synced: the runtime directory does not outlive the kernel, and what a power cut tears is of another
 * boot than the reader's, which then believes "finished" alone.
 */
#ifndef LIB_RUN_FILE_H
#define LIB_RUN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/wire.h"

#define RUN_FILE_NAME_MAX 48
#define RUN_FILE_BOOT_MAX 40            /* the kernel's boot id as text, with its NUL */
#define RUN_FILE_OUTPUT_MAX (64 * 1024) /* of each stream: what a FIFO holds */
#define RUN_FILE_SIZE_MAX (512 * 1024)

enum run_file_phase {
        RUN_FILE_STARTING, /* being set up: nothing of the task has been executed */
        RUN_FILE_ENTERED,  /* the task's module is being loaded */
        RUN_FILE_RUNNING,  /* its function is called */
        RUN_FILE_FINISHED, /* it has said how it ended */
};

enum run_file_flag {
        RUN_FILE_ADOPT = 1,      /* OnDaemonExit=adopt */
        RUN_FILE_IDEMPOTENT = 2, /* Idempotent=yes */
};

/* Why the daemon ends the run. */
enum run_file_end {
        RUN_FILE_END_NONE,
        RUN_FILE_END_CANCELLED,
        RUN_FILE_END_DEADLINE,
        RUN_FILE_END_CONDITION,
        RUN_FILE_END_COUNT,
};

/* What stands beside ID.EPOCH under the same name. */
enum run_file_kind {
        RUN_FILE_STATE,
        RUN_FILE_STDOUT, /* FIFO ID.EPOCH.out */
        RUN_FILE_STDERR, /* FIFO ID.EPOCH.err */
        RUN_FILE_KIND_COUNT,
};

struct run_file {
        uint32_t version; /* of another than ours only header and number are read, and it counts as running */
        int64_t run_id, epoch;
        uint32_t flags; /* enum run_file_flag */
        int64_t created_at_us;
        char boot[RUN_FILE_BOOT_MAX];
        pid_t pid; /* 0: there was no process */
        enum run_file_end end;
        /* Microseconds before the present time; CLOCK_MONOTONIC since when, 0: it is not. */
        int64_t frozen_us, frozen_since_us;
        enum run_file_phase phase;
        /* When the file was made and when the module was entered (0: not yet), CLOCK_BOOTTIME: its process began between. */
        int64_t created_boottime_us, entered_boottime_us;
        int64_t started_at_us, started_monotonic_us; /* RUNNING */
        int64_t limit_us;                            /* as in wire_report */
        int64_t finished_at_us;                      /* FINISHED; of the same clock as started_at_us */
        char *sandbox;                               /* as in wire_report; malloc'd, NULL: nothing said */
        struct wire_report report;                   /* FINISHED: "finished" or "setup-failed" */
        char *output[2];                             /* what nobody had read when the run ended; malloc'd */
        size_t output_size[2];
};

void run_file_name(int64_t run_id, int64_t epoch, enum run_file_kind kind, char ret[RUN_FILE_NAME_MAX]);
/* False: not a name of this kind of file. */
bool run_file_name_parse(const char *name, int64_t *ret_run_id, int64_t *ret_epoch,
                         enum run_file_kind *ret_kind);
/* The kernel's boot id; "" when it cannot be had. */
void run_file_boot(char ret[RUN_FILE_BOOT_MAX]);

/* What zygote and run write is in run_file_write.h; the rest is the daemon's. */
/* Make and lock the file of @run_id, @epoch and @flags. -EEXIST. */
int run_file_create(int dirfd, int64_t run_id, int64_t epoch, uint32_t flags, int *ret_fd);
/* Note why the run is being ended. -ENOENT. */
int run_file_set_end(int dirfd, int64_t run_id, int64_t epoch, enum run_file_end end);
/* Note that it is frozen, or for how long it was. -ENOENT. */
int run_file_set_frozen(int dirfd, int64_t run_id, int64_t epoch, int64_t frozen_us, int64_t since_us);
/* Try the lock, then read: what a free file says is final. *ret is set with 0 only; -ENOENT;
 * -ENODATA: it was being made when its maker died; -EBADMSG. */
int run_file_read(int dirfd, int64_t run_id, int64_t epoch, struct run_file *ret, bool *ret_held,
                  struct error *error);
/* The number alone; 0: there is no process, or no file. */
pid_t run_file_pid(int dirfd, int64_t run_id, int64_t epoch);
/* What run_file_read() reads. -ENODATA, -EBADMSG. */
int run_file_decode(const void *data, size_t size, struct run_file *ret, struct error *error);
void run_file_done(struct run_file *file);

#endif
