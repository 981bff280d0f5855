/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define FINGERPRINT_FILES_MAX 4096
#define FINGERPRINT_DEPTH_MAX 16

struct fingerprint_file {
        char *path;
        struct stat status; /* all zero: absent */
};

struct fingerprint {
        struct fingerprint_file *files;
        size_t count, allocated;
};

struct fingerprint *fingerprint_new(void)
{
        return calloc(1, sizeof(struct fingerprint));
}

void fingerprint_free(struct fingerprint *fingerprint)
{
        if (!fingerprint)
                return;
        for (size_t i = 0; i < fingerprint->count; i++)
                free(fingerprint->files[i].path);
        free(fingerprint->files);
        free(fingerprint);
}

static void fingerprint_stat(const char *path, struct stat *ret)
{
        if (stat(path, ret) < 0)
                memset(ret, 0, sizeof(*ret));
}

static int fingerprint_append(struct fingerprint *fingerprint, const char *path, const struct stat *status)
{
        if (fingerprint->count >= FINGERPRINT_FILES_MAX)
                return -E2BIG;
        if (fingerprint->count == fingerprint->allocated) {
                size_t allocated = fingerprint->allocated ? fingerprint->allocated * 2 : 64;
                struct fingerprint_file *files = reallocarray(fingerprint->files, allocated, sizeof(*files));
                if (!files)
                        return -ENOMEM;
                fingerprint->files = files;
                fingerprint->allocated = allocated;
        }
        char *copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        fingerprint->files[fingerprint->count++] = (struct fingerprint_file){ copy, *status };
        return 0;
}

int fingerprint_add(struct fingerprint *fingerprint, const char *path)
{
        struct stat status;

        fingerprint_stat(path, &status);
        return fingerprint_append(fingerprint, path, &status);
}

static int fingerprint_walk(struct fingerprint *fingerprint, const char *directory, const char *except,
                            int depth)
{
        struct stat status;

        fingerprint_stat(directory, &status);
        int r = fingerprint_append(fingerprint, directory, &status);
        if (r < 0)
                return r;
        if (!S_ISDIR(status.st_mode))
                return 0;
        if (depth >= FINGERPRINT_DEPTH_MAX)
                return -E2BIG;
        _cleanup_closedir_ DIR *dir = opendir(directory);
        if (!dir)
                return 0; /* the runner will say so */
        for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
                if (entry->d_name[0] == '.' || strcmp(entry->d_name, except) == 0)
                        continue;
                _cleanup_free_ char *path = path_join(directory, entry->d_name);
                r = path ? fingerprint_walk(fingerprint, path, except, depth + 1) : -ENOMEM;
        }
        return r;
}

int fingerprint_add_tree(struct fingerprint *fingerprint, const char *directory, const char *except)
{
        return fingerprint_walk(fingerprint, directory, except, 0);
}

static int64_t time_us(const struct timespec *time)
{
        return (int64_t)time->tv_sec * (int64_t)USEC_PER_SEC + time->tv_nsec / 1000;
}

int64_t fingerprint_newest_us(const struct fingerprint *fingerprint)
{
        int64_t newest_us = 0;

        for (size_t i = 0; i < fingerprint->count; i++) {
                const struct stat *status = &fingerprint->files[i].status;
                newest_us = MAX(newest_us, MAX(time_us(&status->st_mtim), time_us(&status->st_ctim)));
        }
        return newest_us;
}

const char *fingerprint_changed(const struct fingerprint *fingerprint)
{
        for (size_t i = 0; i < fingerprint->count; i++) {
                const struct fingerprint_file *file = &fingerprint->files[i];
                const struct stat *was = &file->status;
                struct stat is;

                fingerprint_stat(file->path, &is);
                if (is.st_ino != was->st_ino || is.st_dev != was->st_dev || is.st_size != was->st_size ||
                    is.st_mtim.tv_sec != was->st_mtim.tv_sec || is.st_mtim.tv_nsec != was->st_mtim.tv_nsec ||
                    is.st_ctim.tv_sec != was->st_ctim.tv_sec || is.st_ctim.tv_nsec != was->st_ctim.tv_nsec)
                        return file->path;
        }
        return NULL;
}
