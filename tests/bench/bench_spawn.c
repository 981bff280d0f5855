/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_spawn ROUNDS COMMAND [ARGS...] [:: COMMAND [ARGS...]]...
 *
 * Runs the commands in turn, ROUNDS times round, each with stdin, stdout and stderr on /dev/null, and prints a
 * line for each run: INDEX WALL_US EXIT_STATUS. Interleaving spreads a slow phase of the machine over all
 * commands; a C program measures without an interpreter between fork and exec.
 */
#include "config.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 32

static int64_t now_us(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Returns the exit status, or -1 when the command could not be started. */
static int run_once(char **argv, const posix_spawn_file_actions_t *actions, int64_t *ret_wall_us)
{
        int64_t start = now_us();
        pid_t pid;
        int status;

        if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ) != 0)
                return -1;
        if (waitpid(pid, &status, 0) != pid)
                return -1;
        *ret_wall_us = now_us() - start;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Splits argv at "::" into commands; returns how many, 0 when that cannot be. */
static int commands_split(char **argv, char **commands[COMMANDS_MAX])
{
        int count = 0;
        char **start = argv;

        for (char **arg = argv;; arg++) {
                bool end = !*arg;
                if (!end && strcmp(*arg, "::") != 0)
                        continue;
                if (arg == start || count == COMMANDS_MAX)
                        return 0;
                commands[count++] = start;
                *arg = NULL;
                start = arg + 1;
                if (end)
                        return count;
        }
}

int main(int argc, char **argv)
{
        char **commands[COMMANDS_MAX];
        posix_spawn_file_actions_t actions;
        int rounds = argc > 2 ? atoi(argv[1]) : 0;
        int count = rounds > 0 ? commands_split(argv + 2, commands) : 0;

        if (count == 0) {
                fprintf(stderr, "usage: bench_spawn ROUNDS COMMAND [ARGS...] [:: COMMAND [ARGS...]]...\n");
                return 64;
        }
        posix_spawn_file_actions_init(&actions);
        for (int fd = 0; fd <= 2; fd++)
                posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
        for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < count; i++) {
                        int64_t wall_us = 0;
                        int status = run_once(commands[i], &actions, &wall_us);
                        printf("%d %lld %d\n", i, (long long)wall_us, status);
                }
        }
        posix_spawn_file_actions_destroy(&actions);
        return 0;
}
