/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/task_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "tests/unit/unit.h"

/* ---- texts ---- */

/* A file's text and the policy that it makes, or its errors, each on a line. */
static const struct {
        const char *text, *policy, *errors;
} texts[] = {
        { "", "", NULL },
        { "\n \n\t\n", "", NULL },
        { "[Task]\n", "", NULL },
        { "[Task]\nNetwork=yes\n", "Network=yes\n", NULL },
        { "[Task]\nNetwork=yes", "Network=yes\n", NULL },
        { "[Task]\r\nNetwork=yes\r\n", "Network=yes\n", NULL },
        { "  [Task]  \n\t Network =\t yes \n", "Network=yes\n", NULL },
        { "# a\n; b\n [Task]\n  # c\n ; d\nNetwork=yes\n", "Network=yes\n", NULL },
        { "[Task]\nNetwork=no\n[Task]\nNetwork=yes\n", "Network=yes\n", NULL },
        { "[Task]\nReadOnlyPaths=/a\n[Task]\nReadOnlyPaths=/b\n", "ReadOnlyPaths=/a\nReadOnlyPaths=/b\n",
          NULL },
        /* comments are lines of their own */
        { "[Task]\nDescription=a ; b # c\n", "Description=a ; b # c\n", NULL },
        { "[Task]\nDescription=;a\n", "Description=;a\n", NULL },
        { "[Task]\nDescription=a=b:c\n", "Description=a=b:c\n", NULL },
        /* a line that begins with blanks continues nothing */
        { "[Task]\nNetwork=yes\n  Subprocess=yes\n", "Network=yes\nSubprocess=yes\n", NULL },
        { "[Task]\nReadOnlyPaths=/a\n  /b\n", NULL, "F:3: expected Key=value, found \"/b\"" },
        /* continuations */
        { "[Task]\nReadOnlyPaths=/a \\\n  /b\\\n/c\n",
          "ReadOnlyPaths=/a\nReadOnlyPaths=/b\nReadOnlyPaths=/c\n", NULL },
        { "[Task]\nReadOnlyPaths=/a \\\n# comment \\\n  ; another\n  /b\n",
          "ReadOnlyPaths=/a\nReadOnlyPaths=/b\n", NULL },
        { "[Task]\nReadOnlyPaths=/a \\\n\nNetwork=yes\n", "Network=yes\nReadOnlyPaths=/a\n", NULL },
        { "[Task]\r\nReadOnlyPaths=/a \\\r\n/b\r\n", "ReadOnlyPaths=/a\nReadOnlyPaths=/b\n", NULL },
        { "[Task]\nReadOnlyPaths=/a\\", "ReadOnlyPaths=/a\n", NULL },
        { "\\\n\\\n[Task]\nNetwork=yes\n", "Network=yes\n", NULL },
        { "[Task]\nDescription=a\\\\\nNetwork=yes\n", "Description=a\\\\\nNetwork=yes\n", NULL },
        { "[Task]\nNetwork=\\\nmaybe\nJIT=maybe\n", NULL,
          "F:2: Network=: expected yes or no, found \"maybe\"\nF:4: JIT=: expected yes or no, found \"maybe\"" },
        /* resets */
        { "[Task]\nReadOnlyPaths=/a\nReadOnlyPaths=\nReadOnlyPaths=/b\n", "ReadOnlyPaths=/b\n", NULL },
        { "[Task]\nMemoryMax=64M\nMemoryMax=\n", "", NULL },
        /* errors */
        { "Network=yes\nJIT=no\n[Task]\nJIT=no\n", NULL,
          "F:1: Network=: expected [Task] or [Schedule] before the first key" },
        { "[Tsak]\nNetwork=yes\nx\n[Task]\nNetwork=no\n", NULL,
          "F:1: unknown section [Tsak], expected [Task] or [Schedule]" },
        { "[task]\n", NULL, "F:1: unknown section [task], expected [Task] or [Schedule]" },
        { "[schedule]\n", NULL, "F:1: unknown section [schedule], expected [Task] or [Schedule]" },
        { "[Task\nNetwork=yes\n", NULL, "F:1: expected [Task] or [Schedule], found \"[Task\"" },
        { "[Task] # c\n", NULL, "F:1: expected [Task] or [Schedule], found \"[Task] # c\"" },
        { "[]\n", NULL, "F:1: unknown section [], expected [Task] or [Schedule]" },
        { "[Task]\nNetwrok=yes\n", NULL, "F:2: Netwrok=: unknown key, did you mean Network=?" },
        { "[Task]\nnetwork=yes\n", NULL, "F:2: network=: unknown key, did you mean Network=?" },
        { "[Task]\nExecStart=/bin/x\n", NULL, "F:2: ExecStart=: unknown key, bgtaskd.task(5) lists them" },
        { "[Task]\nX-Network=yes\n", NULL, "F:2: X-Network=: unknown key, did you mean Network=?" },
        { "[Task]\nNetwork\n", NULL, "F:2: expected Key=value, found \"Network\"" },
        { "[Task]\nNetwork: yes\n", NULL, "F:2: expected Key=value, found \"Network: yes\"" },
        { "[Task]\n=yes\n", NULL, "F:2: expected Key=value, found \"=yes\"" },
        { "[Task]\nEnvironment=\"A=b\n", NULL,
          "F:2: Environment=: expected NAME=VALUE, in quotes if it has blanks, found \"\"A=b\"" },
        { "[Task]\nMemoryMax=1k\nCPUQuota=5\n", NULL,
          "F:2: MemoryMax=: expected at least 32M: bytes with K, M, G or T, or infinity, or a percentage of the memory, "
          "found \"1k\"\nF:3: CPUQuota=: expected a whole percentage from 1% to 100000%, 100% being one processor, "
          "found \"5\"" },
        { "\xef\xbb\xbf[Task]\n", NULL, "F:1: expected text without a byte order mark, found one" },
        { "[Task]\nDescription=\xff\n", NULL, "F:2: expected UTF-8, found the byte 0xff" },
        { "[Task]\nDescription=a\x1b[0m\n", NULL,
          "F:2: Description=: expected a line of at most 1024 bytes, found \"a\\x1b[0m\"" },
        /* specifiers */
        { "[Task]\nReadOnlyPaths=/%N/%n\nDescription=100%%\n", "Description=100%\nReadOnlyPaths=/t/t.task\n",
          NULL },
        { "[Task]\nDescription=100%\n", NULL,
          "F:2: Description=: expected %% or one of %C %E %h %n %N %S %t %u %U, found a single %" },
};

static char *lines_join(char *const *lines)
{
        char *text = strdup("");

        for (; lines && *lines; lines++) {
                char *longer = format_string("%s%s%s", text, *text ? "\n" : "", *lines);
                free(text);
                text = longer;
        }
        return text;
}

static void text_parse(const char *text, size_t size, struct task_file *file)
{
        const struct task_specifiers specifiers = { .task = "t", .system_instance = true };
        _cleanup_free_ char *copy = malloc(size + 1);

        memcpy(copy, text, size);
        copy[size] = 0;
        *file = (struct task_file){ 0 };
        task_policy_init(&file->policy);
        ck_assert_int_eq(task_file_parse("F", copy, size, &specifiers, file), 0);
}

START_TEST(parsing)
{
        struct task_file file;

        text_parse(texts[_i].text, strlen(texts[_i].text), &file);
        _cleanup_free_ char *policy = task_policy_format(&file.policy);
        _cleanup_free_ char *errors = lines_join(file.errors);
        ck_assert_str_eq(errors, texts[_i].errors ? texts[_i].errors : "");
        if (texts[_i].policy)
                ck_assert_str_eq(policy, texts[_i].policy);
        task_file_done(&file);
}
END_TEST

START_TEST(nul_byte)
{
        struct task_file file;

        text_parse("[Task]\nNetwork=yes\nJIT=\0no\n", 28, &file);
        _cleanup_free_ char *errors = lines_join(file.errors);
        ck_assert_str_eq(errors, "F:3: expected text, found a NUL byte");
        task_file_done(&file);
}
END_TEST

START_TEST(long_lines)
{
        char *text = malloc(TASK_FILE_LINE_MAX + 100);
        struct task_file file;

        /* Far beyond what inih has room for by itself. */
        char *to = stpcpy(text, "[Task]\nReadOnlyPaths=");
        for (int i = 0; i < 100; i++)
                to += sprintf(to, "/a-path-that-is-somewhat-longer-than-others/%d ", i);
        strcpy(to, "\n");
        text_parse(text, strlen(text), &file);
        ck_assert_ptr_null(file.errors);
        ck_assert_uint_eq(strv_length(file.policy.read_only_paths), 100);
        ck_assert_str_eq(file.policy.read_only_paths[99], "/a-path-that-is-somewhat-longer-than-others/99");
        task_file_done(&file);

        memset(text, 'x', TASK_FILE_LINE_MAX);
        memcpy(text, "[Task]\nDescription=", 19);
        strcpy(text + TASK_FILE_LINE_MAX + 7, "\nNetwork=maybe\n");
        memset(text + TASK_FILE_LINE_MAX, 'x', 7);
        text_parse(text, strlen(text), &file);
        _cleanup_free_ char *errors = lines_join(file.errors);
        ck_assert_str_eq(errors, "F:2: expected at most 16382 bytes in a line, found 16384\n"
                                 "F:3: Network=: expected yes or no, found \"maybe\"");
        task_file_done(&file);
        free(text);
}
END_TEST

START_TEST(many_errors)
{
        char text[8000] = "[Task]\n", *to = text + 7;
        struct task_file file;

        for (int i = 0; i < 100; i++)
                to = stpcpy(to, "Nonsense=1\n");
        text_parse(text, strlen(text), &file);
        ck_assert_uint_eq(strv_length(file.errors), TASK_FILE_ERRORS_MAX + 1);
        ck_assert_str_eq(file.errors[TASK_FILE_ERRORS_MAX], "F: further errors are not shown");
        task_file_done(&file);
}
END_TEST

START_TEST(origins)
{
        struct task_file file;

        text_parse("[Task]\nNetwork=yes\nJIT=no\nJIT=\n", 31, &file);
        ck_assert_uint_eq(file.origins[task_policy_find("Network")].line, 2);
        ck_assert_uint_eq(file.origins[task_policy_find("JIT")].line, 0);
        ck_assert_uint_eq(file.origins[task_policy_find("User")].line, 0);
        task_file_done(&file);
}
END_TEST

/* ---- folders ---- */

/* What makes a tree: a path below the test's directory and its text; "-> TARGET": a link, "mode NNN": of a file or
 * folder that is there, "fifo", "dir". The directories are user, site and vendor. */
struct tree_entry {
        const char *path, *text;
};

#define NETWORK "[Task]\nNetwork=yes\n"

static const struct {
        struct tree_entry tree[6];
        const char *policy, *files, *errors;
} trees[] = {
        { { { NULL, NULL } }, "", "", "" },
        { { { "vendor/t.task", NETWORK } }, "Network=yes\n", "vendor/t.task", "" },
        { { { "vendor/u.task", NETWORK } }, "", "", "" },
        /* the first file wins, whole */
        { { { "vendor/t.task", NETWORK }, { "site/t.task", "[Task]\nJIT=no\n" } },
          "JIT=no\n",
          "site/t.task",
          "" },
        { { { "site/t.task", NETWORK }, { "user/t.task", "" } }, "", "user/t.task", "" },
        /* what is wrong in a file that does not count does not matter */
        { { { "vendor/t.task", "nonsense" }, { "site/t.task", NETWORK } },
          "Network=yes\n",
          "site/t.task",
          "" },
        /* a link to /dev/null hides later ones */
        { { { "vendor/t.task", NETWORK }, { "site/t.task", "-> /dev/null" } }, "", "", "" },
        { { { "vendor/t.task", NETWORK }, { "user/t.task", "-> ../vendor/t.task" } },
          "Network=yes\n",
          "user/t.task",
          "" },
        { { { "vendor/t.task", NETWORK }, { "user/t.task", "-> nowhere" } },
          NULL,
          NULL,
          "user/t.task: No such file or directory" },
        /* drop-ins */
        { { { "vendor/t.task", NETWORK },
            { "site/t.task.d/a.conf", "[Task]\nNetwork=no\nSubprocess=yes\n" } },
          "Subprocess=yes\n",
          "vendor/t.task site/t.task.d/a.conf",
          "" },
        { { { "vendor/t.task.d/b.conf", "[Task]\nReadOnlyPaths=/vb\n" },
            { "site/t.task.d/a.conf", "[Task]\nReadOnlyPaths=/sa\n" },
            { "user/t.task.d/c.conf", "[Task]\nReadOnlyPaths=/uc\n" } },
          "ReadOnlyPaths=/sa\nReadOnlyPaths=/vb\nReadOnlyPaths=/uc\n",
          "site/t.task.d/a.conf vendor/t.task.d/b.conf user/t.task.d/c.conf",
          "" },
        { { { "vendor/t.task.d/a.conf", NETWORK }, { "site/t.task.d/a.conf", "[Task]\nJIT=no\n" } },
          "JIT=no\n",
          "site/t.task.d/a.conf",
          "" },
        { { { "vendor/t.task.d/a.conf", NETWORK }, { "site/t.task.d/a.conf", "-> /dev/null" } }, "", "", "" },
        { { { "vendor/t.task", NETWORK },
            { "site/t.task", "-> /dev/null" },
            { "vendor/t.task.d/a.conf", "[Task]\nJIT=no\n" } },
          "JIT=no\n",
          "vendor/t.task.d/a.conf",
          "" },
        { { { "vendor/t.task.d/a.txt", "nonsense" },
            { "vendor/t.task.d/.b.conf", "nonsense" },
            { "vendor/t.task.d/c.conf~", "nonsense" } },
          "",
          "",
          "" },
        { { { "vendor/t.task.d/10-a.conf", "[Task]\nReadOnlyPaths=/a\n" },
            { "vendor/t.task.d/20-b.conf", "[Task]\nReadOnlyPaths=\nReadOnlyPaths=/b\n" } },
          "ReadOnlyPaths=/b\n",
          "vendor/t.task.d/10-a.conf vendor/t.task.d/20-b.conf",
          "" },
        /* what is no file, and what others may write to */
        { { { "vendor/t.task", "dir" } },
          NULL,
          NULL,
          "vendor/t.task: expected a regular file, found a directory" },
        { { { "vendor/t.task", "fifo" } },
          NULL,
          NULL,
          "vendor/t.task: expected a regular file, found a FIFO" },
        { { { "vendor/t.task", "-> /dev/zero" } },
          NULL,
          NULL,
          "vendor/t.task: expected a regular file, found a device" },
        { { { "vendor/t.task.d", "x" } }, NULL, NULL, "vendor/t.task.d: expected a folder, found a file" },
        { { { "vendor/t.task", NETWORK }, { "vendor/t.task", "mode 666" } },
          NULL,
          NULL,
          "vendor/t.task: expected others not to be allowed to write to it" },
        { { { "vendor/t.task", NETWORK }, { "vendor", "mode 777" } },
          NULL,
          NULL,
          "vendor: expected others not to be allowed to write to it" },
        { { { "vendor/t.task.d/a.conf", NETWORK }, { "vendor/t.task.d", "mode 777" } },
          NULL,
          NULL,
          "vendor/t.task.d: expected others not to be allowed to write to it" },
        { { { "vendor/t.task.d/a.conf", NETWORK }, { "vendor/t.task.d/a.conf", "mode 602" } },
          NULL,
          NULL,
          "vendor/t.task.d/a.conf: expected others not to be allowed to write to it" },
        /* all of it together */
        { { { "vendor/t.task", "[Task]\nRuntimeMaxSec=1\n" },
            { "site/t.task.d/a.conf", "[Task]\nRuntimeMinSec=2\n" } },
          NULL,
          NULL,
          "site/t.task.d/a.conf: RuntimeMinSec=: expected at most what RuntimeMaxSec= allows" },
        { { { "vendor/t.task", "[Task]\nNetwork=x\n" }, { "site/t.task.d/a.conf", "[Task]\nJIT=x\n" } },
          NULL,
          NULL,
          "vendor/t.task:2: Network=: expected yes or no, found \"x\"" },
};

static void entry_make(const struct tree_entry *entry)
{
        _cleanup_free_ char *folder = strdup(entry->path);
        char *slash = strrchr(folder, '/');

        if (slash) {
                *slash = 0;
                ck_assert_int_eq(directory_make(folder, 0755), 0);
        }
        if (strncmp(entry->text, "-> ", 3) == 0)
                ck_assert_int_eq(symlink(entry->text + 3, entry->path), 0);
        else if (strncmp(entry->text, "mode ", 5) == 0)
                ck_assert_int_eq(chmod(entry->path, (mode_t)strtoul(entry->text + 5, NULL, 8)), 0);
        else if (strcmp(entry->text, "fifo") == 0)
                ck_assert_int_eq(mkfifo(entry->path, 0600), 0);
        else if (strcmp(entry->text, "dir") == 0)
                ck_assert_int_eq(mkdir(entry->path, 0700), 0);
        else
                ck_assert_int_eq(file_write_atomic(AT_FDCWD, entry->path, entry->text, strlen(entry->text),
                                                   0644, false),
                                 0);
}

static char *const directories[] = { (char *)"user", (char *)"site", (char *)"vendor", NULL };

static char *tree_make(const struct tree_entry *tree, size_t count)
{
        char *base = unit_directory();

        ck_assert_int_eq(chdir(base), 0);
        for (size_t i = 0; i < count && tree[i].path; i++)
                entry_make(&tree[i]);
        return base;
}

START_TEST(folders)
{
        char *base = tree_make(trees[_i].tree, ARRAY_SIZE(trees[_i].tree));
        struct task_file file;

        ck_assert_int_eq(task_file_load(directories, "t", true, &file), 0);
        _cleanup_free_ char *errors = lines_join(file.errors);
        ck_assert_str_eq(errors, trees[_i].errors);
        if (trees[_i].policy) {
                _cleanup_free_ char *policy = task_policy_format(&file.policy);
                _cleanup_free_ char *files = lines_join(file.files);
                for (char *p = files; *p; p++)
                        if (*p == '\n')
                                *p = ' ';
                ck_assert_str_eq(policy, trees[_i].policy);
                ck_assert_str_eq(files, trees[_i].files);
        }
        task_file_done(&file);
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

START_TEST(too_large)
{
        char *base = tree_make(NULL, 0), *text = malloc(TASK_FILE_MAX + 2);
        struct task_file file;

        memset(text, '#', TASK_FILE_MAX + 1);
        text[TASK_FILE_MAX + 1] = 0;
        entry_make(&(struct tree_entry){ "vendor/t.task", text });
        ck_assert_int_eq(task_file_load(directories, "t", true, &file), 0);
        ck_assert_str_eq(file.errors[0], "vendor/t.task: expected at most 262144 bytes, found 262145");
        task_file_done(&file);
        text[TASK_FILE_MAX] = 0;
        entry_make(&(struct tree_entry){ "vendor/t.task", text });
        ck_assert_int_eq(task_file_load(directories, "t", true, &file), 0);
        ck_assert_ptr_null(file.errors);
        task_file_done(&file);
        free(text);
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

START_TEST(other_owner)
{
        char *base = tree_make(NULL, 0);
        struct task_file file;

        if (geteuid() == 0) {
                entry_make(&(struct tree_entry){ "vendor/t.task", NETWORK });
                ck_assert_int_eq(chown("vendor/t.task", 65534, 0), 0);
                ck_assert_int_eq(task_file_load(directories, "t", true, &file), 0);
                ck_assert_str_eq(file.errors[0],
                                 "vendor/t.task: expected root or the user of the daemon to own it");
                task_file_done(&file);
                ck_assert_int_eq(chown("vendor/t.task", 0, 65534), 0);
                ck_assert_int_eq(chmod("vendor/t.task", 0664), 0);
                ck_assert_int_eq(task_file_load(directories, "t", true, &file), 0);
                ck_assert_str_eq(file.errors[0],
                                 "vendor/t.task: expected its group not to be allowed to write to it");
                task_file_done(&file);
        }
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

START_TEST(names)
{
        char *base = tree_make(NULL, 0);
        char **found;

        ck_assert_int_eq(task_file_names(directories, &found), 0);
        ck_assert_ptr_null(found[0]);
        strv_free(found);
        entry_make(&(struct tree_entry){ "vendor/b.task", "" });
        entry_make(&(struct tree_entry){ "user/b.task", "" });
        entry_make(&(struct tree_entry){ "site/a.task.d/x.conf", "" });
        entry_make(&(struct tree_entry){ "site/c.conf", "" });
        entry_make(&(struct tree_entry){ "site/.task", "" });
        ck_assert_int_eq(task_file_names(directories, &found), 0);
        _cleanup_free_ char *text = lines_join(found);
        ck_assert_str_eq(text, "a\nb");
        strv_free(found);
        /* As many as there may be; those in two folders are one. */
        for (int i = 2; i <= TASK_FILE_NAMES_MAX; i++) {
                char name[32];
                snprintf(name, sizeof(name), "vendor/%d.task", i);
                if (i < TASK_FILE_NAMES_MAX)
                        ck_assert_int_eq(mknod(name, S_IFREG | 0644, 0), 0);
                else
                        entry_make(&(struct tree_entry){ "site/2.task", "" });
        }
        ck_assert_int_eq(task_file_names(directories, &found), 0);
        ck_assert_uint_eq(strv_length(found), TASK_FILE_NAMES_MAX);
        strv_free(found);
        entry_make(&(struct tree_entry){ "site/more.task", "" });
        ck_assert_int_eq(task_file_names(directories, &found), -E2BIG);
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

static const struct {
        const char *path, *task;
} paths[] = {
        { "a.task", "a" },
        { "/x/a.b.task", "a.b" },
        { "/a.task", "a" },
        { "x/a.task.d/b.conf", "a" },
        { "a.task.d/b.conf", "a" },
        { "/a.task.d/b.conf", "a" },
        { "b.conf", NULL },
        { "/b.conf", NULL },
        { "a.d/b.conf", NULL },
        { ".task", NULL },
        { "a", NULL },
        { "", NULL },
        { "a.task/", NULL },
        { "a.task.d/", NULL },
        { "/etc/passwd", NULL },
};

START_TEST(names_of_paths)
{
        _cleanup_free_ char *task = task_file_task(paths[_i].path);

        if (paths[_i].task)
                ck_assert_str_eq(task, paths[_i].task);
        else
                ck_assert_ptr_null(task);
}
END_TEST

START_TEST(explicit_path)
{
        char *base = tree_make(NULL, 0);
        struct error error = ERROR_INIT;
        struct task_file file;

        entry_make(&(struct tree_entry){ "t.task", NETWORK });
        entry_make(&(struct tree_entry){ "t.task.d/a.conf", "[Task]\nJIT=x\n" });
        ck_assert_int_eq(task_file_load_path("t.task", true, &file, &error), 0);
        ck_assert_str_eq(file.errors[0], "t.task.d/a.conf:2: JIT=: expected yes or no, found \"x\"");
        task_file_done(&file);
        ck_assert_int_eq(task_file_load_path("t.task.d/a.conf", true, &file, &error), 0);
        ck_assert_uint_eq(strv_length(file.errors), 1);
        task_file_done(&file);
        ck_assert_int_eq(task_file_load_path("u.task", true, &file, &error), 0);
        ck_assert_str_eq(file.errors[0], "u.task: No such file or directory");
        task_file_done(&file);
        ck_assert_int_eq(task_file_load_path("t.conf", true, &file, &error), -EINVAL);
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(base);
}
END_TEST

START_TEST(usual_directories)
{
        setenv("XDG_CONFIG_HOME", "/c", 1);
        unsetenv(TASK_FILE_DIRECTORIES_VARIABLE);
        char **user = task_file_directories(false), **system_ = task_file_directories(true);
        ck_assert_uint_eq(strv_length(user), 3);
        ck_assert_uint_eq(strv_length(system_), 2);
        ck_assert_str_eq(user[0], "/c/bgtaskd/tasks.d");
        ck_assert_str_eq(user[1], system_[0]);
        ck_assert_str_eq(user[2], system_[1]);
        strv_free(user);
        strv_free(system_);
        setenv(TASK_FILE_DIRECTORIES_VARIABLE, "/a::/b", 1);
        user = task_file_directories(false);
        _cleanup_free_ char *text = lines_join(user);
        ck_assert_str_eq(text, "/a\n/b");
        strv_free(user);
        setenv(TASK_FILE_DIRECTORIES_VARIABLE, "/a:", 1);
        user = task_file_directories(false);
        ck_assert_uint_eq(strv_length(user), 4);
        strv_free(user);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, parsing, 0, ARRAY_SIZE(texts));
        tcase_add_test(test_case, nul_byte);
        tcase_add_test(test_case, long_lines);
        tcase_add_test(test_case, many_errors);
        tcase_add_test(test_case, origins);
        tcase_add_loop_test(test_case, folders, 0, ARRAY_SIZE(trees));
        tcase_add_test(test_case, too_large);
        tcase_add_test(test_case, other_owner);
        tcase_add_test(test_case, names);
        tcase_add_loop_test(test_case, names_of_paths, 0, ARRAY_SIZE(paths));
        tcase_add_test(test_case, explicit_path);
        tcase_add_test(test_case, usual_directories);
}

int main(void)
{
        return unit_main("task_file", add);
}
