/* SPDX-License-Identifier: MPL-2.0 */
/* Who descends from the daemon: trees of processes, which also change while they are looked at. */
#include "config.h"

#include "daemon/lineage.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define SELF 100

struct tree {
        struct lineage_process processes[16];
        pid_t leaders[4];
        int looks, change_at;         /* after so many looks (-1: never) … */
        struct lineage_process other; /* … a number belongs to this one, and its children are orphans */
};

static int tree_look(pid_t pid, struct lineage_process *ret, void *data)
{
        struct tree *tree = data;

        for (size_t i = 0; tree->looks == tree->change_at && i < ARRAY_SIZE(tree->processes); i++) {
                if (tree->processes[i].parent == tree->other.pid)
                        tree->processes[i].parent = SELF;
                if (tree->processes[i].pid == tree->other.pid)
                        tree->processes[i] = tree->other;
        }
        tree->looks++;
        for (size_t i = 0; i < ARRAY_SIZE(tree->processes); i++)
                if (tree->processes[i].pid == pid) {
                        *ret = tree->processes[i];
                        return 0;
                }
        return -ENOENT;
}

static bool tree_is_leader(pid_t pid, void *data)
{
        const struct tree *tree = data;

        for (size_t i = 0; i < ARRAY_SIZE(tree->leaders); i++)
                if (tree->leaders[i] && tree->leaders[i] == pid)
                        return true;
        return false;
}

static enum lineage trace(struct tree *tree, pid_t pid, pid_t *ret_leader)
{
        const struct lineage_view view = {
                .self = SELF, .look = tree_look, .is_leader = tree_is_leader, .data = tree
        };

        *ret_leader = -1;
        return lineage_trace(&view, pid, ret_leader);
}

/* 1 init; 100 the daemon; 200 and 210 its children, 201 and 202 of 200; 300 of an earlier daemon, with 301; 400 a shell
 * with 401; 302 an orphan of 300. */
static const struct tree family = {
        .change_at = -1,
        .processes = { { 1, 0, 1, 1 },
                       { SELF, 1, SELF, 5 },
                       { 200, SELF, 200, 10 },
                       { 201, 200, 200, 11 },
                       { 202, 201, 202, 12 },
                       { 210, SELF, 210, 13 },
                       { 300, 1, 300, 2 },
                       { 301, 300, 301, 3 },
                       { 302, 1, 300, 4 },
                       { 400, 1, 400, 6 },
                       { 401, 400, 400, 7 },
                       { 500, 0, 0, 8 } },
        .leaders = { 200, 300 },
};

START_TEST(test_families)
{
        static const struct {
                pid_t pid;
                enum lineage lineage;
                pid_t leader;
        } cases[] = {
                { 200, LINEAGE_OURS, 200 },   { 201, LINEAGE_OURS, 200 },   { 202, LINEAGE_OURS, 200 },
                { 210, LINEAGE_OURS, 210 },   { 300, LINEAGE_OURS, 300 },   { 301, LINEAGE_OURS, 300 },
                { 302, LINEAGE_OURS, 300 },   { 400, LINEAGE_FOREIGN, -1 }, { 401, LINEAGE_FOREIGN, -1 },
                { 1, LINEAGE_FOREIGN, -1 },   { 500, LINEAGE_FOREIGN, -1 }, { SELF, LINEAGE_FOREIGN, -1 },
                { 999, LINEAGE_UNKNOWN, -1 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct tree tree = family;
                pid_t leader;
                ck_assert_msg(trace(&tree, cases[i].pid, &leader) == cases[i].lineage, "%d",
                              (int)cases[i].pid);
                ck_assert_int_eq(leader, cases[i].leader);
        }
}
END_TEST

/* An ancestor ends, its number goes to a process of someone else's, and its child comes to the daemon, at every moment
 * of the looking: the child is never taken for that someone's. */
START_TEST(test_numbers_that_are_given_on)
{
        for (int at = 0; at < 12; at++) {
                struct tree tree = family;
                pid_t leader;

                tree.change_at = at;
                tree.other = (struct lineage_process){ 201, 400, 400, 99 };
                ck_assert_msg(trace(&tree, 202, &leader) == LINEAGE_OURS, "at look %d", at);
                ck_assert_int_eq(leader, tree.looks > tree.change_at ? 202 : 200);
        }
}
END_TEST

START_TEST(test_too_deep)
{
        struct tree tree = { .change_at = -1, .processes = { { 7, 8, 0, 1 }, { 8, 7, 0, 1 } } };
        pid_t leader;

        ck_assert_int_eq(trace(&tree, 7, &leader), LINEAGE_UNKNOWN);
}
END_TEST

START_TEST(test_parse)
{
        static const char tail[] = " 77 66 34816 77 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456789 0 0";
        static const struct {
                const char *head;
                int result;
        } cases[] = {
                { "42 (sh) S 55", 0 },       { "42 (a) b) S 1 2 3) S 55", 0 },
                { "42 () R 55", 0 },         { "42 (new\nline (x) Z 55", 0 },
                { "42 (sh S 55", -EBADMSG }, { "(sh) S 55", -EBADMSG },
                { "42 (sh)", -EBADMSG },     { "", -EBADMSG },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char text[256];
                struct lineage_process process = { 0 };
                int size = snprintf(text, sizeof(text), "%s%s", cases[i].head,
                                    cases[i].result == 0 ? tail : "");
                ck_assert_msg(lineage_parse(text, (size_t)size, &process) == cases[i].result, "case %zu", i);
                if (cases[i].result < 0)
                        continue;
                ck_assert_int_eq(process.pid, 42);
                ck_assert_int_eq(process.parent, 55);
                ck_assert_int_eq(process.session, 66);
                ck_assert_uint_eq(process.started, 123456789);
        }
}
END_TEST

static bool no_leader(pid_t pid, void *data)
{
        return false;
}

/* The kernel's side: this process is nobody's child here; its own child is "ours". */
START_TEST(test_peers)
{
        int pair[2];
        pid_t leader = 0;

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        ck_assert_int_eq(lineage_of_peer(pair[0], getpid(), no_leader, NULL, &leader), LINEAGE_FOREIGN);
        ck_assert_int_eq(lineage_of_peer(pair[0], 0, no_leader, NULL, &leader), LINEAGE_FOREIGN);
        close(pair[0]);
        close(pair[1]);
}
END_TEST

/* Of this process, for good: what a kernel has not, or a container refuses. */
static void take_away_pidfds(unsigned error)
{
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 4, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsockopt, 0, 2),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 77 /* SO_PEERPIDFD */, 2, 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
        };
        const struct sock_fprog program = { ARRAY_SIZE(code), code };

        ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static bool parent_leads(pid_t pid, void *data)
{
        return pid == getppid();
}

START_TEST(test_without_pidfds)
{
        const unsigned errors[] = { ENOSYS, EPERM };
        pid_t leader = 0;
        int pair[2], status;

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        take_away_pidfds(errors[_i]);
        pid_t gone = fork();
        if (gone == 0)
                _exit(0);
        ck_assert_int_eq(waitpid(gone, &status, 0), gone);
        ck_assert_int_eq(lineage_of_peer(pair[0], getpid(), no_leader, NULL, &leader), LINEAGE_FOREIGN);
        ck_assert_int_eq(lineage_of_peer(pair[0], getppid(), parent_leads, NULL, &leader), LINEAGE_OURS);
        ck_assert_int_eq(leader, getppid());
        ck_assert_int_eq(lineage_of_peer(pair[0], gone, no_leader, NULL, &leader), LINEAGE_UNKNOWN);
        close(pair[0]);
        close(pair[1]);
}
END_TEST

static void on_signal(int number)
{
}

/* Found by tests/soak: a client was refused as gone when a child of the daemon ended at that moment. */
START_TEST(test_signals_while_looking)
{
        const struct itimerval often = { .it_interval = { .tv_usec = 20 }, .it_value = { .tv_usec = 20 } };
        const struct itimerval never = { 0 };
        struct sigaction action = { .sa_handler = on_signal };
        pid_t leader = 0;
        int pair[2], unknown = 0;

        ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
        for (int i = 0; i < 5000; i++)
                unknown += lineage_of_peer(pair[0], getpid(), no_leader, NULL, &leader) != LINEAGE_FOREIGN;
        ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
        ck_assert_int_eq(unknown, 0);
        close(pair[0]);
        close(pair[1]);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_test(test_case, test_families);
        tcase_add_test(test_case, test_numbers_that_are_given_on);
        tcase_add_test(test_case, test_too_deep);
        tcase_add_test(test_case, test_parse);
        tcase_add_test(test_case, test_peers);
        tcase_add_test(test_case, test_signals_while_looking);
        tcase_add_loop_test(test_case, test_without_pidfds, 0, 2);
}

int main(void)
{
        return unit_main("lineage", add);
}
