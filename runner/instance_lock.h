/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Files that tell whether another process is at something, as Gecko's multi-instance locks do. Whoever is at it has a lock
 * for reading; there is another if a lock for writing could not be had. Such locks are of the process: two in one process
 * are one, and closing any descriptor of the file gives them up.
 */
#ifndef RUNNER_INSTANCE_LOCK_H
#define RUNNER_INSTANCE_LOCK_H

/* A descriptor, or -errno. The file is made if it is not there, for all users to lock. */
int instance_lock_open(const char *path);
/* 1, 0, or -errno. */
int instance_lock_has_others(int fd);
/* Give it up; the file goes if nobody else has it. */
void instance_lock_close(int fd, const char *path);

#endif
