/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/zygote_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/process.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define ZYGOTE_EXIT_NO_EXEC 127
#define ZYGOTE_OOM_SCORE "300" /* of 1000 */

static const struct {
        const char *name;
        bool network, jit;
} zygote_kinds[ZYGOTE_KIND_COUNT] = {
        [ZYGOTE_NONET_NOJIT] = { "nonet-nojit", false, false },
        [ZYGOTE_NONET] = { "nonet", false, true },
        [ZYGOTE_NET_NOJIT] = { "net-nojit", true, false },
        [ZYGOTE_NET] = { "net", true, true },
};

enum zygote_kind zygote_kind_of(bool network, bool jit)
{
        return network ? (jit ? ZYGOTE_NET : ZYGOTE_NET_NOJIT) : (jit ? ZYGOTE_NONET : ZYGOTE_NONET_NOJIT);
}

const char *zygote_kind_name(enum zygote_kind kind)
{
        return zygote_kinds[kind].name;
}

bool zygote_kind_has_network(enum zygote_kind kind)
{
        return zygote_kinds[kind].network;
}

bool zygote_kind_has_jit(enum zygote_kind kind)
{
        return zygote_kinds[kind].jit;
}

/* NULL-terminated; the strings are borrowed. */
static char **zygote_arguments(const struct zygote_config *config)
{
        size_t n = 0;
        char **argv = calloc(2 + 3 + 2 + 2 * strv_length(config->site_prefs) + 1, sizeof(*argv));

        if (!argv)
                return NULL;
        argv[n++] = (char *)config->runner;
        argv[n++] = (char *)"--zygote";
        if (!zygote_kind_has_network(config->kind))
                argv[n++] = (char *)"--no-network";
        if (!zygote_kind_has_jit(config->kind))
                argv[n++] = (char *)"--no-jit";
        if (!config->sandbox)
                argv[n++] = (char *)"--no-sandbox";
        if (config->app_directory) {
                argv[n++] = (char *)"--app-dir";
                argv[n++] = (char *)config->app_directory;
        }
        for (size_t i = 0; config->site_prefs[i]; i++) {
                if (access(config->site_prefs[i], F_OK) < 0)
                        continue;
                argv[n++] = (char *)"--prefs";
                argv[n++] = config->site_prefs[i];
        }
        return argv;
}

/* When memory runs out, runs and zygotes are to go before the daemon, which makes that good. Raising it is always
 * allowed; runs inherit it. */
static void zygote_offer_to_oom_killer(void)
{
        int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

        if (fd >= 0) {
                ssize_t n = write(fd, ZYGOTE_OOM_SCORE, strlen(ZYGOTE_OOM_SCORE));
                (void)n; /* without it they are as good victims as others */
                close(fd);
        }
}

/*
 * In the fork. What the zygote inherits: /dev/null as stdin and stdout, our stderr for its own complaints,
 * the socket as WIRE_ZYGOTE_FD, the environment. A session of its own keeps a terminal's signals away.
 */
static void zygote_exec(char **argv, int socket)
{
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
                _exit(ZYGOTE_EXIT_NO_EXEC);
        if (socket == WIRE_ZYGOTE_FD ? fcntl(socket, F_SETFD, 0) < 0 : dup2(socket, WIRE_ZYGOTE_FD) < 0)
                _exit(ZYGOTE_EXIT_NO_EXEC);
        zygote_offer_to_oom_killer();
        process_reset(WIRE_ZYGOTE_FD);
        setsid();
        execv(argv[0], argv);
        _exit(ZYGOTE_EXIT_NO_EXEC);
}

int zygote_process_spawn(struct zygote_process *process, const struct zygote_config *config,
                         struct error *error)
{
        int pair[2], size = 1024 * 1024;

        if (access(config->runner, X_OK) < 0)
                return error_set_errno(error, errno, "%s", config->runner);
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return error_set_errno(error, errno, "socketpair");
        _cleanup_close_ int ours = pair[0];
        _cleanup_close_ int theirs = pair[1];
        /* Room for several packets of the largest size; less does as well. */
        (void)setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        if (fd_set_nonblocking(ours, true) < 0)
                return error_set_errno(error, errno, "fcntl");
        _cleanup_free_ char **argv = zygote_arguments(config);
        if (!argv)
                return error_set_errno(error, ENOMEM, "%s", config->runner);
        pid_t pid = process_fork();
        if (pid == 0)
                zygote_exec(argv, theirs);
        if (pid < 0)
                return error_set_errno(error, -pid, "fork");
        process->pid = pid;
        process->socket = steal_fd(&ours);
        return 0;
}

/*
 * Resident pages that belong to no file: what it allocated, and what it wrote to in its libraries. Everyone may read
 * statm, whatever user and namespace the process is in, and the kernel only copies counters for it.
 */
int64_t zygote_process_memory(const struct zygote_process *process)
{
        char path[32], text[128];
        int64_t resident, shared;

        if (process->pid <= 0)
                return 0;
        snprintf(path, sizeof(path), "/proc/%d/statm", (int)process->pid);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n <= 0)
                return 0;
        text[n] = '\0';
        const char *field = text; /* size, resident, shared */
        if (parse_field(&field, 1, 0, INT64_MAX, &resident) < 0 ||
            parse_field(&field, 0, 0, resident, &shared) < 0)
                return 0;
        return (resident - shared) * sysconf(_SC_PAGESIZE);
}
