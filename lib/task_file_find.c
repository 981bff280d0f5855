/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Which files concern a task. Who may write to a task file decides what the daemon's processes may do: files and
 * folders that others can write to are refused, and what is read is what was looked at (fstat of the open file).
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/task.h"
#include "lib/task_file_internal.h"
#include "lib/util.h"

/* Where /dev/null is: major and minor are the kernel's for good. */
static bool is_null_device(const struct stat *status)
{
        return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

static const char *kind_describe(mode_t mode)
{
        switch (mode & S_IFMT) {
        case S_IFDIR:
                return "a directory";
        case S_IFIFO:
                return "a FIFO";
        case S_IFSOCK:
                return "a socket";
        case S_IFCHR:
        case S_IFBLK:
                return "a device";
        }
        return "something else";
}

/* The program that runs: whoever it belongs to decides what it does anyhow. A build tree that root tries belongs to
 * whoever built it. All zero without /proc: root then. */
static const struct stat *program_status(void)
{
        static struct stat status;

        if (status.st_ino == 0 && stat("/proc/self/exe", &status) < 0)
                status = (struct stat){ 0 };
        return &status;
}

/* NULL, or what is wrong with the owner or the mode. */
static const char *trust_check(const struct stat *status)
{
        const struct stat *program = program_status();

        if (status->st_uid != 0 && status->st_uid != geteuid() && status->st_uid != program->st_uid)
                return "expected root or the user of the daemon to own it";
        if (status->st_mode & S_IWOTH)
                return "expected others not to be allowed to write to it";
        if ((status->st_mode & S_IWGRP) && status->st_gid != 0 && status->st_gid != getegid() &&
            status->st_gid != program->st_gid)
                return "expected its group not to be allowed to write to it";
        return NULL;
}

/* ---- lists ---- */

static int list_append(char ***list, const char *text)
{
        size_t count = strv_length(*list);
        char **longer = reallocarray(*list, count + 2, sizeof(*longer));

        if (!longer)
                return -ENOMEM;
        *list = longer;
        longer[count] = strdup(text);
        longer[count + 1] = NULL;
        return longer[count] ? 0 : -ENOMEM;
}

/* What is behind the last slash. */
static const char *name_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int name_compare(const void *a, const void *b)
{
        return strcmp(name_of(*(char *const *)a), name_of(*(char *const *)b));
}

static void list_sort(char **list)
{
        if (list)
                qsort(list, strv_length(list), sizeof(*list), name_compare);
}

/* Whether one of the paths has this name. */
static bool list_has_name(char *const *list, const char *name)
{
        for (; list && *list; list++)
                if (strcmp(name_of(*list), name) == 0)
                        return true;
        return false;
}

/* ---- one file ---- */

/* 0: *ret_fd is an open file that may be trusted, or -1 when it was complained of or hides others. */
static int file_open(struct task_file *file, const char *path, int *ret_fd, size_t *ret_size)
{
        struct stat status;
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        *ret_fd = -1;
        if (fd < 0 || fstat(fd, &status) < 0)
                return task_file_complain(file, path, 0, "%s", strerror(errno));
        if (is_null_device(&status))
                return 0;
        if (!S_ISREG(status.st_mode))
                return task_file_complain(file, path, 0, "expected a regular file, found %s",
                                          kind_describe(status.st_mode));
        const char *wrong = trust_check(&status);
        if (wrong)
                return task_file_complain(file, path, 0, "%s", wrong);
        if (status.st_size > TASK_FILE_MAX)
                return task_file_complain(file, path, 0, "expected at most %d bytes, found %lld",
                                          TASK_FILE_MAX, (long long)status.st_size);
        *ret_size = (size_t)status.st_size;
        *ret_fd = steal_fd(&fd);
        return 0;
}

static int file_read_into(struct task_file *file, const char *path, const struct task_specifiers *specifiers)
{
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r = file_open(file, path, &fd, &size);

        if (r < 0 || fd < 0)
                return r;
        r = fd_read_all(fd, size, TASK_FILE_MAX, &text, &size);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return task_file_complain(file, path, 0, "%s",
                                          r == -EFBIG ? "larger than it was" : strerror(-r));
        r = task_file_parse(path, text, size, specifiers, file);
        return r < 0 ? r : list_append(&file->files, path);
}

/* ---- folders ---- */

/* @directory "": the working directory. */
static char *file_of(const char *directory, const char *task, const char *suffix)
{
        return format_string("%s%s%s%s", directory, *directory ? "/" : "", task, suffix);
}

/* 1: @path is a folder that may be trusted; 0: there is none, or it was complained of. */
static int folder_check(struct task_file *file, const char *path)
{
        struct stat status;
        int r = 0;

        if (stat(*path ? path : ".", &status) < 0) {
                if (errno != ENOENT && errno != ENOTDIR)
                        r = task_file_complain(file, path, 0, "%s", strerror(errno));
                return r;
        }
        if (!S_ISDIR(status.st_mode))
                r = task_file_complain(file, path, 0, "expected a folder, found %s",
                                       S_ISREG(status.st_mode) ? "a file" : kind_describe(status.st_mode));
        else if (trust_check(&status))
                r = task_file_complain(file, path, 0, "%s", trust_check(&status));
        else
                return 1;
        return r;
}

static bool has_suffix(const char *name, const char *suffix)
{
        size_t length = strlen(name);

        return name[0] != '.' && length > strlen(suffix) &&
               strcmp(name + length - strlen(suffix), suffix) == 0;
}

/* What one NAME.task.d has and no earlier folder. */
static int drop_ins_list(struct task_file *file, const char *folder, char ***paths)
{
        _cleanup_closedir_ DIR *dir = opendir(folder);

        if (!dir)
                return errno == ENOMEM ? -ENOMEM : task_file_complain(file, folder, 0, "%s", strerror(errno));
        for (struct dirent *entry; (entry = readdir(dir));) {
                if (!has_suffix(entry->d_name, TASK_FILE_DROP_IN_SUFFIX) ||
                    list_has_name(*paths, entry->d_name))
                        continue;
                if (strv_length(*paths) >= TASK_FILE_DROP_INS_MAX)
                        return task_file_complain(file, folder, 0, "expected at most %d drop-ins, found more",
                                                  TASK_FILE_DROP_INS_MAX);
                _cleanup_free_ char *path = path_join(folder, entry->d_name);
                int r = path ? list_append(paths, path) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int drop_ins_find(struct task_file *file, char *const *directories, const char *task, char ***paths)
{
        int r = 0;

        for (; r == 0 && *directories; directories++) {
                _cleanup_free_ char *folder = file_of(*directories, task, TASK_FILE_SUFFIX ".d");
                r = folder ? list_append(&file->watched, folder) : -ENOMEM;
                if (r == 0)
                        r = folder_check(file, folder);
                if (r == 1)
                        r = folder_check(file, *directories);
                if (r == 1)
                        r = drop_ins_list(file, folder, paths);
        }
        list_sort(*paths);
        return r;
}

static int drop_ins_read(struct task_file *file, char *const *directories,
                         const struct task_specifiers *specifiers)
{
        char **paths = NULL;
        int r = drop_ins_find(file, directories, specifiers->task, &paths);

        for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
                r = list_append(&file->watched, paths[i]);
                if (r == 0)
                        r = file_read_into(file, paths[i], specifiers);
        }
        strv_free(paths);
        return r;
}

/* The first folder that has the task's file, if only a link that leads nowhere. */
static int main_read(struct task_file *file, char *const *directories,
                     const struct task_specifiers *specifiers)
{
        for (; *directories; directories++) {
                struct stat status;
                _cleanup_free_ char *path = file_of(*directories, specifiers->task, TASK_FILE_SUFFIX);
                int r = path ? list_append(&file->watched, path) : -ENOMEM;
                if (r < 0)
                        return r;
                if (lstat(path, &status) < 0) {
                        if (errno == ENOENT || errno == ENOTDIR)
                                continue;
                        return task_file_complain(file, path, 0, "%s", strerror(errno));
                }
                r = folder_check(file, *directories);
                return r == 1 ? file_read_into(file, path, specifiers) : r;
        }
        return 0;
}

/* What no line alone is to blame for. @complete: all that makes its schedules was read. */
static int whole_check(struct task_file *file, const char *task, bool complete)
{
        const struct task_policy *policy = &file->policy;
        const char *path = file->files ? file->files[strv_length(file->files) - 1] : task;

        if (file->errors)
                return 0;
        if (policy->runtime_max_us > 0 && policy->runtime_min_us > policy->runtime_max_us)
                return task_file_complain(file, path, 0,
                                          "RuntimeMinSec=: expected at most what RuntimeMaxSec= allows");
        _cleanup_free_ char *text = task_policy_format(policy);
        if (!text)
                return task_file_complain(file, path, 0, "expected a policy of at most %d bytes, found more",
                                          TASK_POLICY_TEXT_MAX);
        return task_file_schedules_check(file, complete);
}

int task_file_load(char *const *directories, const char *task, bool system_instance, struct task_file *ret)
{
        const struct task_specifiers specifiers = { .task = task, .system_instance = system_instance };
        struct task_file file = { 0 };

        task_policy_init(&file.policy);
        int r = task_name_check(task, NULL) < 0
                        ? task_file_complain(&file, task, 0, "expected the name of a task")
                        : main_read(&file, directories, &specifiers);
        if (r == 0 && !file.errors)
                r = drop_ins_read(&file, directories, &specifiers);
        if (r == 0)
                r = whole_check(&file, task, true);
        if (r < 0) {
                task_file_done(&file);
                return r;
        }
        *ret = file;
        return 0;
}

void task_file_done(struct task_file *file)
{
        task_policy_done(&file->policy);
        task_file_schedules_done(file);
        strv_free(file->files);
        strv_free(file->watched);
        strv_free(file->errors);
        *file = (struct task_file){ 0 };
}

/* ---- paths ---- */

char *task_file_strip(const char *name, size_t length, const char *suffix)
{
        size_t size = strlen(suffix);

        if (length <= size || name[0] == '.' || strncmp(name + length - size, suffix, size) != 0)
                return NULL;
        char *task = strndup(name, length - size);
        if (task && task_name_check(task, NULL) < 0) {
                free(task);
                return NULL;
        }
        return task;
}

char *task_file_task(const char *path)
{
        const char *name = name_of(path), *folder = name;

        if (!has_suffix(name, TASK_FILE_DROP_IN_SUFFIX))
                return task_file_strip(name, strlen(name), TASK_FILE_SUFFIX);
        if (name == path)
                return NULL;
        for (folder--; folder > path && folder[-1] != '/';)
                folder--;
        return task_file_strip(folder, (size_t)(name - 1 - folder), TASK_FILE_SUFFIX ".d");
}

/* A task's file with the drop-ins of its own folder, or a drop-in alone. */
static int path_read(struct task_file *file, const char *path, const struct task_specifiers *specifiers)
{
        const char *name = name_of(path);
        _cleanup_free_ char *directory = strndup(path, name > path + 1 ? (size_t)(name - 1 - path)
                                                                       : (size_t)(name - path));
        char *const directories[] = { directory, NULL };

        if (!directory)
                return -ENOMEM;
        int r = file_read_into(file, path, specifiers);
        if (r == 0 && !has_suffix(name, TASK_FILE_DROP_IN_SUFFIX))
                r = drop_ins_read(file, directories, specifiers);
        return r;
}

int task_file_load_path(const char *path, bool system_instance, struct task_file *ret, struct error *error)
{
        _cleanup_free_ char *task = task_file_task(path);
        const struct task_specifiers specifiers = { .task = task, .system_instance = system_instance };
        struct task_file file = { 0 };

        if (!task)
                return error_set(error, EINVAL, "%s: expected a name such as NAME.task or NAME.task.d/X.conf",
                                 path);
        task_policy_init(&file.policy);
        int r = path_read(&file, path, &specifiers);
        if (r == 0)
                r = whole_check(&file, path, !has_suffix(name_of(path), TASK_FILE_DROP_IN_SUFFIX));
        if (r < 0) {
                task_file_done(&file);
                return error_set(error, ENOMEM, "out of memory");
        }
        *ret = file;
        return 0;
}

/* ---- folders of an instance ---- */

static int directories_add_usual(char ***list, bool system_instance)
{
        _cleanup_free_ char *user = system_instance ? NULL : paths_user_tasks();
        _cleanup_free_ char *vendor = paths_vendor_tasks();
        int r = user ? list_append(list, user) : 0;

        if (r == 0)
                r = list_append(list, paths_site_tasks());
        if (r == 0)
                r = vendor ? list_append(list, vendor) : -ENOMEM;
        return r;
}

char **task_file_directories(bool system_instance)
{
        const char *given = getenv(TASK_FILE_DIRECTORIES_VARIABLE);
        char **list = NULL;
        int r = 0;

        if (!given || !*given) {
                r = directories_add_usual(&list, system_instance);
        } else {
                _cleanup_free_ char *copy = strdup(given);
                char *rest = copy, *part;
                r = copy ? 0 : -ENOMEM;
                while (r == 0 && (part = strsep(&rest, ":")))
                        r = *part          ? list_append(&list, part)
                            : rest == NULL ? directories_add_usual(&list, system_instance)
                                           : 0;
        }
        if (r < 0) {
                strv_free(list);
                return NULL;
        }
        return list;
}
