/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "client/interrupt.h"
#include "client/records.h"
#include "lib/exit_code.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "lib/varlink.h"

#define CONNECTION_INTERFACE "io.bgtaskd.Manager"

/* Pauses between attempts to reach a daemon that went away: 9.5 s in all. A restart takes less, on a busy machine, too. */
static const int connection_pauses_ms[] = { 100, 200, 400, 800, 1600, 3200, 3200 };

/* Which instance a path stands for; decides how the user is told to start it. */
enum connection_instance {
        CONNECTION_INSTANCE_SYSTEM,
        CONNECTION_INSTANCE_USER,
        CONNECTION_INSTANCE_OTHER,
};

struct connection {
        char *path;
        enum connection_instance instance;
        int64_t asked_us;              /* --timeout; -1: not given */
        int64_t timeout_us;            /* of the next reply; 0: none */
        struct varlink_client *client; /* NULL while there is none */
        bool lost;
};

/* ---- where it is ---- */

static int connection_choose(const struct ctl *ctl, char **ret_path, enum connection_instance *ret_instance,
                             struct error *error)
{
        const char *environment = getenv("BGTASKD_SOCKET");
        _cleanup_free_ char *user = paths_client_socket(false);
        _cleanup_free_ char *system = paths_client_socket(true);
        enum connection_instance instance = CONNECTION_INSTANCE_SYSTEM;
        const char *path = system;

        if (ctl->socket_path) {
                instance = CONNECTION_INSTANCE_OTHER;
                path = ctl->socket_path;
        } else if (ctl->user) {
                if (!user)
                        return ctl_fail(
                                error, PROGRAM_EXIT_CONFIG,
                                "where your daemon would be is not known: XDG_RUNTIME_DIR is not set");
                instance = CONNECTION_INSTANCE_USER;
                path = user;
        } else if (!ctl->system && environment && environment[0]) {
                instance = CONNECTION_INSTANCE_OTHER;
                path = environment;
        } else if (!ctl->system && geteuid() != 0 && user && access(user, F_OK) == 0) {
                instance = CONNECTION_INSTANCE_USER;
                path = user;
        }

        *ret_path = path ? strdup(path) : NULL;
        if (!*ret_path)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        *ret_instance = instance;
        return 0;
}

static int connection_absent(const struct connection *connection, struct error *error)
{
#ifdef HAVE_BACKGROUNDTASKS
        static const char note[] = "";
#else
        static const char note[] = " (not part of this build, which was made with --disable-backgroundtasks)";
#endif

        switch (connection->instance) {
        case CONNECTION_INSTANCE_SYSTEM:
                return ctl_fail(error, PROGRAM_EXIT_UNAVAILABLE,
                                "no daemon answers on %s: start it with `systemctl start bgtaskd`%s",
                                connection->path, note);
        case CONNECTION_INSTANCE_USER:
                return ctl_fail(error, PROGRAM_EXIT_UNAVAILABLE,
                                "no daemon answers on %s: start it with `systemctl --user start bgtaskd` or "
                                "`bgtaskd --user`%s",
                                connection->path, note);
        case CONNECTION_INSTANCE_OTHER:
                return ctl_fail(error, PROGRAM_EXIT_UNAVAILABLE,
                                "no daemon answers on %s: start it with `bgtaskd --socket=%s`%s",
                                connection->path, connection->path, note);
        }
        return PROGRAM_EXIT_SOFTWARE;
}

/* ---- connecting ---- */

static int connection_connect(struct connection *connection, struct error *error)
{
        struct error reason = ERROR_INIT;
        int r = varlink_client_connect(connection->path, &connection->client, &reason);

        if (r >= 0) {
                interrupt_set_fd(varlink_client_fd(connection->client));
                return 0;
        }
        switch (-r) {
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:
                return connection_absent(connection, error);
        case EACCES:
        case EPERM:
                return ctl_fail(error, PROGRAM_EXIT_NOPERM, "no permission to use the daemon at %s",
                                connection->path);
        case EAGAIN:
                return ctl_fail(error, PROGRAM_EXIT_TEMPFAIL, "the daemon at %s is too busy: try again later",
                                connection->path);
        case ENAMETOOLONG:
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "the path of the socket is too long: %s",
                                connection->path);
        default:
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "%s", reason.text);
        }
}

int connection_open(const struct ctl *ctl, struct connection **ret, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = calloc(1, sizeof(*connection));
        int code;

        if (!connection)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        connection->asked_us = ctl->timeout_us;
        connection_set_timeout(connection, CONNECTION_TIMEOUT_US);

        code = connection_choose(ctl, &connection->path, &connection->instance, error);
        if (code)
                return code;
        code = connection_connect(connection, error);
        if (code)
                return code;
        *ret = steal_pointer(connection);
        return 0;
}

static void connection_close(struct connection *connection)
{
        interrupt_set_fd(-1);
        varlink_client_free(connection->client);
        connection->client = NULL;
}

void connection_free(struct connection *connection)
{
        if (!connection)
                return;
        connection_close(connection);
        free(connection->path);
        free(connection);
}

void connection_set_timeout(struct connection *connection, int64_t timeout_us)
{
        connection->timeout_us = connection->asked_us >= 0 ? connection->asked_us : timeout_us;
}

void connection_wait_for_ever(struct connection *connection)
{
        connection->timeout_us = 0;
}

/* ---- calls ---- */

/* A failed exchange in words. */
static int connection_failed(struct connection *connection, int r, const struct error *reason,
                             struct error *error)
{
        if (interrupt_signal())
                return PROGRAM_EXIT_SIGNAL_BASE + interrupt_signal();

        connection->lost = r == -EPIPE || r == -ECONNRESET;
        if (connection->lost)
                return ctl_fail(error, PROGRAM_EXIT_TEMPFAIL,
                                "the daemon closed the connection before it answered");
        if (r == -EAGAIN || r == -ETIMEDOUT)
                return ctl_fail(error, PROGRAM_EXIT_TEMPFAIL, "the daemon did not answer in time");
        if (r == -EBADMSG)
                return connection_garbled(reason, error);
        return ctl_fail(error, PROGRAM_EXIT_OSERR, "%s", reason->text);
}

int connection_send(struct connection *connection, const char *method, json_t *parameters, bool more,
                    struct error *error)
{
        _cleanup_json_ json_t *owned = parameters;
        _cleanup_free_ char *full = format_string(CONNECTION_INTERFACE ".%s", method);
        struct error reason = ERROR_INIT;
        int r;

        connection->lost = false;
        if (!owned || !full)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        do
                r = varlink_client_send(connection->client, full, owned, more, &reason);
        while (r == -EINTR && !interrupt_signal());
        return r < 0 ? connection_failed(connection, r, &reason, error) : 0;
}

int connection_next(struct connection *connection, json_t **ret_parameters, bool *ret_continues,
                    struct error *error)
{
        struct timeval limit = {
                .tv_sec = (time_t)(connection->timeout_us / (int64_t)USEC_PER_SEC),
                .tv_usec = (suseconds_t)(connection->timeout_us % (int64_t)USEC_PER_SEC),
        };
        struct error reason = ERROR_INIT;
        struct varlink_reply reply;
        int r, code = 0;

        connection->lost = false;
        setsockopt(varlink_client_fd(connection->client), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        do
                r = varlink_client_receive(connection->client, &reply, &reason);
        while (r == -EINTR && !interrupt_signal());
        if (r < 0)
                return connection_failed(connection, r, &reason, error);

        if (reply.error) {
                code = connection_explain(reply.error, reply.parameters, error);
                connection->lost = strcmp(reply.error, CONNECTION_INTERFACE ".ShuttingDown") == 0 ||
                                   strcmp(reply.error, CONNECTION_INTERFACE ".TooSlow") == 0;
        } else {
                *ret_parameters = json_incref(reply.parameters);
                *ret_continues = reply.continues;
        }
        varlink_reply_done(&reply);
        return code;
}

int connection_call(struct connection *connection, const char *method, json_t *parameters, json_t **ret,
                    struct error *error)
{
        const struct record_reply *shape = record_reply_find(method);
        _cleanup_json_ json_t *reply = NULL;
        struct error reason = ERROR_INIT;
        bool continues = false;
        json_t *value;
        int r, code = connection_send(connection, method, parameters, false, error);

        if (code == 0)
                code = connection_next(connection, &reply, &continues, error);
        if (code)
                return code;
        value = json_object_get(reply, shape->member);
        if (continues)
                r = error_set(&reason, EBADMSG, "more than the one answer to %s", method);
        else if (shape->list)
                r = record_read_all(shape->fields, shape->what, value, ret, &reason);
        else
                r = record_read(shape->fields, shape->what, value, ret, &reason);
        return r < 0 ? connection_garbled(&reason, error) : 0;
}

int connection_request(const struct ctl *ctl, const char *method, json_t *parameters, json_t **ret,
                       struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        int code = connection_open(ctl, &connection, error);

        if (code) {
                json_decref(parameters);
                return code;
        }
        return connection_call(connection, method, parameters, ret, error);
}

int connection_garbled(const struct error *reason, struct error *error)
{
        return ctl_fail(error, PROGRAM_EXIT_PROTOCOL, "what the daemon answered is not understood: %s",
                        reason->text);
}

/* ---- coming back ---- */

bool connection_lost(const struct connection *connection)
{
        return connection->lost;
}

int connection_reconnect(struct connection *connection, struct error *error)
{
        struct error reason = ERROR_INIT;

        connection_close(connection);
        *error = (struct error)ERROR_INIT;
        ctl_message("the connection to the daemon was lost: trying again");
        for (size_t i = 0; i < ARRAY_SIZE(connection_pauses_ms); i++) {
                struct timespec pause = {
                        .tv_sec = connection_pauses_ms[i] / 1000,
                        .tv_nsec = connection_pauses_ms[i] % 1000 * 1000000L,
                };

                nanosleep(&pause, NULL); /* a signal cuts it short */
                if (interrupt_signal())
                        return PROGRAM_EXIT_SIGNAL_BASE + interrupt_signal();
                if (connection_connect(connection, &reason) == 0)
                        return 0;
        }
        return ctl_fail(error, PROGRAM_EXIT_TEMPFAIL, "the daemon went away and has not come back");
}
