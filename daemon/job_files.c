/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What of a run is in RUNTIME/runs: its file (lib/run_file.h) and two FIFOs with its output.
 *
 * FIFOs, so that the next daemon can open them again. The run holds them for reading too: without a daemon it is
 * neither killed by SIGPIPE nor told of an error, but waits once they are full. They are at their end when the run
 * and all that it started are gone. What is still in them then would vanish with their last holder; a run that ends
 * by itself while there is no daemon therefore puts it into its file (runner/report.c).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/run_file.h"
#include "lib/util.h"

static const struct {
        enum run_file_kind kind;
        enum wire_fd end;
} job_fifos[] = {
        [OUTPUT_STDOUT] = { RUN_FILE_STDOUT, WIRE_FD_STDOUT },
        [OUTPUT_STDERR] = { RUN_FILE_STDERR, WIRE_FD_STDERR },
};

static int job_make_fifo(const struct job *job, size_t stream, int *ret_ours, int *ret_theirs)
{
        int dirfd = job->supervisor->daemon->runs_fd;
        char name[RUN_FILE_NAME_MAX];

        run_file_name(job->run.id, job->run.epoch, job_fifos[stream].kind, name);
        if (mkfifoat(dirfd, name, 0600) < 0)
                return -errno;
        _cleanup_close_ int ours = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (ours < 0)
                return -errno;
        int theirs = openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        if (theirs < 0)
                return -errno;
        *ret_ours = steal_fd(&ours);
        *ret_theirs = theirs;
        return 0;
}

int job_make_files(struct job *job, int ret_fds[WIRE_FD_COUNT])
{
        int dirfd = job->supervisor->daemon->runs_fd;

        /* Whatever has their names is of nobody under way. */
        job->has_files = true;
        job_remove_files(job);
        job->has_files = true;
        int r = run_file_create(dirfd, job->run.id, job->run.epoch, job->file_flags,
                                &ret_fds[WIRE_FD_RUN_FILE]);
        for (size_t i = 0; i < ARRAY_SIZE(job->streams) && r == 0; i++)
                r = job_make_fifo(job, i, &job->streams[i].fd, &ret_fds[job_fifos[i].end]);
        return r;
}

void job_open_fifos(struct job *job)
{
        char name[RUN_FILE_NAME_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++) {
                run_file_name(job->run.id, job->run.epoch, job_fifos[i].kind, name);
                job->streams[i].fd = openat(job->supervisor->daemon->runs_fd, name,
                                            O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
                if (job->streams[i].fd < 0 && errno != ENOENT)
                        log_warning("%s/%s: %s", job->supervisor->daemon->locations.runs, name,
                                    strerror(errno));
        }
}

void job_unlink_files(struct daemon *daemon, int64_t run_id, int64_t epoch)
{
        char name[RUN_FILE_NAME_MAX];

        for (size_t kind = 0; kind < RUN_FILE_KIND_COUNT; kind++) {
                run_file_name(run_id, epoch, (enum run_file_kind)kind, name);
                if (unlinkat(daemon->runs_fd, name, 0) < 0 && errno != ENOENT)
                        log_warning("%s/%s cannot be removed: %s", daemon->locations.runs, name,
                                    strerror(errno));
        }
}

void job_remove_files(struct job *job)
{
        if (job->has_files)
                job_unlink_files(job->supervisor->daemon, job->run.id, job->run.epoch);
        job->has_files = false;
}
