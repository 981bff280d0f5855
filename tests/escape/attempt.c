/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/escape/attempt.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET "the secret of somebody else"

static const struct attempt *const attempt_tables[] = { attempts_files, attempts_sockets, attempts_processes,
                                                        attempts_kernel };

static const char *text_of(const char *variable)
{
        const char *value = getenv(variable);

        return strdup(value ? value : "");
}

static int number_of(const char *variable)
{
        const char *value = getenv(variable);

        return value ? (int)strtol(value, NULL, 10) : 0;
}

void target_load(struct target *ret)
{
        *ret = (struct target){
                .directory = text_of("ESCAPE_DIRECTORY"),
                .profile = "",
                .control = text_of("ESCAPE_CONTROL"),
                .program = text_of("ESCAPE_PROGRAM"),
                .environment = "ESCAPE_TOKEN",
                .daemon = number_of("ESCAPE_DAEMON"),
                .bystander = number_of("ESCAPE_BYSTANDER"),
                .tcp_port = number_of("ESCAPE_TCP_PORT"),
                .udp_port = number_of("ESCAPE_UDP_PORT"),
        };
}

const char *path_in(const char *directory, const char *name)
{
        static char paths[4][PATH_MAX];
        static unsigned next;
        char *path = paths[next++ % 4];

        snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
        return path;
}

int outcome(long r)
{
        return r < 0 ? -errno : 0;
}

int outcome_secret(int fd)
{
        char text[64] = "";

        if (fd < 0)
                return -errno;
        ssize_t n = read(fd, text, sizeof(text) - 1);
        int error = n < 0 ? errno : EACCES;
        close(fd);
        return n > 0 && strncmp(text, SECRET, strlen(SECRET)) == 0 ? 0 : -error;
}

static const struct attempt *attempt_find(const char *name)
{
        for (size_t i = 0; i < sizeof(attempt_tables) / sizeof(*attempt_tables); i++)
                for (const struct attempt *attempt = attempt_tables[i]; attempt->name; attempt++)
                        if (strcmp(attempt->name, name) == 0)
                                return attempt;
        return NULL;
}

int attempt_make(const struct target *target, const char *name, char *ret_line, size_t size)
{
        const struct attempt *attempt = attempt_find(name);

        if (!attempt)
                return -ENOENT;
        int r = attempt->run(target);
        snprintf(ret_line, size, "{\"attempt\":\"%s\",\"escaped\":%s,\"error\":\"%s\"}\n", name,
                 r == 0 ? "true" : "false", r == 0 ? "" : strerror(-r));
        return 0;
}

void attempts_print(void)
{
        for (size_t i = 0; i < sizeof(attempt_tables) / sizeof(*attempt_tables); i++)
                for (const struct attempt *attempt = attempt_tables[i]; attempt->name; attempt++)
                        printf("{\"attempt\":\"%s\",\"permission\":\"%s\"}\n", attempt->name,
                               attempt->permission ? attempt->permission : "");
}
