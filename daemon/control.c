/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/control.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/client.h"
#include "daemon/daemon.h"
#include "daemon/lineage.h"
#include "daemon/request.h"
#include "daemon/supervise.h"
#include "daemon/turns.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"
#include "lib/varlink.h"

#define CONTROL_ACCEPTS_MAX 16 /* in a row */
#define CONTROL_BACKLOG 1024
#define STRANGERS ((uid_t)-1)
#define STRANGERS_MAX 16 /* connections */
#define ARRIVAL_LOOKS 50
#define ARRIVALS_MAX 64

static const struct timeval arrival_wait = { .tv_usec = 20000 };

struct connection {
        LIST_ENTRY(connection) link;
        struct control *control;
        struct client *client;
};

/* A connection that has not been let in: whose it is will be known in a moment. */
struct arrival {
        LIST_ENTRY(arrival) link;
        struct control *control;
        int fd;
        struct peer peer;
        struct event *again;
        unsigned looks;
};

struct control {
        struct daemon *daemon;
        struct authority authority;
        struct sockaddr_un address;
        int fd;       /* -1: closed */
        int spare_fd; /* given up to accept and refuse when there are no descriptors left */
        bool made;    /* by us, so ours to remove */
        struct event *acceptable;
        LIST_HEAD(, connection) connections;
        LIST_HEAD(, arrival) arrivals;
        size_t count, arrival_count;
        bool refused; /* said that there are too many */
};

const char *control_path(const struct control *control)
{
        return control->address.sun_path;
}

size_t control_clients(const struct control *control)
{
        return control->count;
}

bool control_is_flushed(const struct control *control)
{
        const struct connection *connection;

        LIST_FOREACH(connection, &control->connections, link)
        if (!client_is_flushed(connection->client))
                return false;
        return true;
}

/* ---- connections ---- */

static void connection_free(struct connection *connection)
{
        LIST_REMOVE(connection, link);
        connection->control->count--;
        client_free(connection->client);
        free(connection);
}

static void connection_gone(struct client *client, void *data)
{
        struct connection *connection = data;
        struct daemon *daemon = connection->control->daemon;

        connection->control->refused = false;
        connection_free(connection);
        daemon_check_stopped(daemon);
}

/* Users without a role are one, as far as limits go: a user may have thousands of numbers that are no one's. */
static uid_t control_account(const struct peer *peer)
{
        return peer->role == ROLE_NONE ? STRANGERS : peer->uid;
}

/* The limit that one more connection of @peer would break; 0: none. */
static int32_t control_limit_reached(const struct control *control, const struct peer *peer)
{
        int32_t all = daemon_setting(control->daemon, SETTING_CONTROL_MAX_CONNECTIONS);
        int32_t each = daemon_setting(control->daemon, SETTING_CONTROL_MAX_CONNECTIONS_PER_UID);
        const struct fair_user *user = fair_find(turns_fair(control->daemon->turns), control_account(peer));

        if (peer->role == ROLE_NONE)
                each = MIN(each, STRANGERS_MAX);
        if (control->count >= (size_t)all)
                return all;
        return user && user->entries >= (size_t)each ? each : 0;
}

/* Say why, as far as it goes into the socket at once, and close. @parameters may be NULL. */
static void control_refuse(int fd, const char *error_name, json_t *parameters)
{
        size_t size;
        char *message = parameters ? varlink_reply_encode(error_name, parameters, false, &size) : NULL;

        if (message && send(fd, message, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                log_debug("a refusal could not be sent: %s", strerror(errno));
        free(message);
        json_decref(parameters);
        close(fd);
}

static void control_refuse_more(struct control *control, int fd, uid_t uid, int32_t limit)
{
        if (!control->refused)
                log_warning("refusing connections of uid %u: there are %d already", (unsigned)uid,
                            (int)limit);
        control->refused = true;
        control_refuse(fd, REQUEST_INTERFACE ".TooManyConnections", json_pack("{s:i}", "limit", (int)limit));
}

static void control_connect(struct control *control, int fd, const struct peer *peer)
{
        struct connection *connection = calloc(1, sizeof(*connection));

        if (!connection) {
                close(fd);
                return;
        }
        connection->control = control;
        const struct client_end end = { connection_gone, connection };
        if (client_new(control->daemon, fd, peer, control_account(peer), &end, &connection->client) < 0) {
                free(connection);
                return;
        }
        LIST_INSERT_HEAD(&control->connections, connection, link);
        control->count++;
}

/* ---- runs as clients ---- */

#define RUN_DENIED "be a client from inside a run; ControlSocket=yes in its task file allows it"
#define LOST_DENIED "be a client through a process that is gone"

static bool control_is_leader(pid_t pid, void *data)
{
        return supervisor_has_process(data, pid);
}

/* An unprivileged daemon's runs have its own user, and can get no other. */
static enum lineage control_trace(const struct control *control, int fd, const struct peer *peer,
                                  pid_t *ret_leader)
{
        if (control->authority.uid != 0 && peer->uid != control->authority.uid)
                return LINEAGE_FOREIGN;
        return lineage_of_peer(fd, peer->pid, control_is_leader, control->daemon->supervisor, ret_leader);
}

static void control_deny(int fd, const char *action)
{
        control_refuse(fd, REQUEST_INTERFACE ".PermissionDenied", json_pack("{s:s}", "action", action));
}

/* What that user may do, but never more than to change schedules, of which a run sees only the user's own. */
static enum role control_run_role(const struct control *control, uid_t uid)
{
        enum role role = authority_role(&control->authority, &control->daemon->configuration.roles, uid, NULL,
                                        0);

        return MAX(MIN(role, ROLE_EDIT), ROLE_RUN);
}

/* A run whose task file allows it is a client on behalf of whoever asked for the run: its process has the daemon's user,
 * whose role it must not have. False: not yet known. */
static bool control_admit_run(struct control *control, int fd, struct peer *peer, pid_t leader, bool last)
{
        struct supervisor *supervisor = control->daemon->supervisor;
        struct run_client run = { 0 };
        bool known = supervisor_find_run_of_process(supervisor, leader, &run);

        if (!known && !last && supervisor_is_starting(supervisor))
                return false;
        if (!known || !run.control_socket) {
                if (known)
                        supervisor_denied(supervisor, run.run_id, "connect to the control socket",
                                          "ControlSocket=yes");
                control_deny(fd, RUN_DENIED);
                return true;
        }
        peer->uid = run.uid;
        peer->role = control_run_role(control, run.uid);
        peer->run_id = run.run_id;
        control_connect(control, fd, peer);
        return true;
}

/* False: the process is a new run's, perhaps, and the zygote has not told of it. */
static bool control_admit(struct control *control, int fd, struct peer *peer, bool last)
{
        pid_t leader = 0;

        switch (control_trace(control, fd, peer, &leader)) {
        case LINEAGE_FOREIGN:
                control_connect(control, fd, peer);
                return true;
        case LINEAGE_OURS:
                return control_admit_run(control, fd, peer, leader, last);
        case LINEAGE_UNKNOWN:
                control_deny(fd, LOST_DENIED);
                return true;
        }
        return true;
}

static void arrival_free(struct arrival *arrival)
{
        LIST_REMOVE(arrival, link);
        arrival->control->arrival_count--;
        event_free(arrival->again);
        free(arrival);
}

static void arrival_on_time(evutil_socket_t fd, short what, void *data)
{
        struct arrival *arrival = data;

        if (control_admit(arrival->control, arrival->fd, &arrival->peer, ++arrival->looks == ARRIVAL_LOOKS))
                arrival_free(arrival);
        else
                event_add(arrival->again, &arrival_wait);
}

static void control_defer(struct control *control, int fd, const struct peer *peer)
{
        struct arrival *arrival = control->arrival_count < ARRIVALS_MAX ? calloc(1, sizeof(*arrival)) : NULL;
        struct event *again = arrival ? event_new(control->daemon->base, -1, 0, arrival_on_time, arrival)
                                      : NULL;

        if (!again) {
                free(arrival);
                close(fd);
                return;
        }
        *arrival = (struct arrival){ .control = control, .fd = fd, .peer = *peer, .again = again };
        LIST_INSERT_HEAD(&control->arrivals, arrival, link);
        control->arrival_count++;
        event_add(again, &arrival_wait);
}

static void control_welcome(struct control *control, int fd)
{
        struct peer peer;
        int r = peer_of_socket(fd, &control->authority, &control->daemon->configuration.roles, &peer);

        if (r < 0) {
                log_warning("the peer of a connection is not known: %s", strerror(-r));
                close(fd);
                return;
        }
        int32_t limit = control_limit_reached(control, &peer);
        if (limit)
                control_refuse_more(control, fd, peer.uid, limit);
        else if (!control_admit(control, fd, &peer, false))
                control_defer(control, fd, &peer);
}

/* Without a descriptor to accept with, the waiting connection would wake us for ever. */
static void control_shed(struct control *control)
{
        control->spare_fd = close_keep_errno(control->spare_fd);
        int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
                control_refuse_more(control, fd, 0, (int32_t)control->count);
        control->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void control_on_acceptable(evutil_socket_t listen_fd, short what, void *data)
{
        struct control *control = data;

        for (int i = 0; i < CONTROL_ACCEPTS_MAX && control->fd >= 0; i++) {
                int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (fd >= 0) {
                        control_welcome(control, fd);
                } else if (errno == EMFILE || errno == ENFILE) {
                        control_shed(control);
                } else if (errno != EINTR && errno != ECONNABORTED) {
                        if (errno != EAGAIN)
                                log_error("accept: %s", strerror(errno));
                        return;
                }
        }
}

/* ---- the socket ---- */

/* A socket file that nobody answers on is of a daemon that was killed. */
static int control_remove_stale(const struct control *control, struct error *error)
{
        struct stat status;

        if (lstat(control->address.sun_path, &status) < 0)
                return errno == ENOENT ? 0 : error_set_errno(error, errno, "%s", control->address.sun_path);
        if (!S_ISSOCK(status.st_mode))
                return error_set(error, EEXIST, "%s: is there and is not a socket",
                                 control->address.sun_path);
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return error_set_errno(error, errno, "socket");
        if (connect(fd, (const struct sockaddr *)&control->address, sizeof(control->address)) == 0 ||
            errno == EAGAIN)
                return error_set(error, EADDRINUSE, "%s: another daemon listens there",
                                 control->address.sun_path);
        if (errno != ECONNREFUSED && errno != ENOENT)
                return error_set_errno(error, errno, "%s", control->address.sun_path);
        if (unlink(control->address.sun_path) < 0 && errno != ENOENT)
                return error_set_errno(error, errno, "%s", control->address.sun_path);
        return 0;
}

/* Users who have a role of their own need not be in the socket's group; what they may is asked of each call. */
static mode_t control_mode(const struct control *control)
{
        if (roles_open(&control->daemon->configuration.roles))
                return 0666;
        return control->authority.system ? 0660 : 0600;
}

void control_reload(struct control *control)
{
        const struct roles *roles = &control->daemon->configuration.roles;
        struct connection *connection;

        if (control->made && chmod(control->address.sun_path, control_mode(control)) < 0)
                log_error("%s: its mode cannot be changed: %s", control->address.sun_path, strerror(errno));
        LIST_FOREACH(connection, &control->connections, link)
        client_set_roles(connection->client, &control->authority, roles);
}

static int control_listen(struct control *control, struct error *error)
{
        const char *path = control->daemon->locations.socket;

        control->address.sun_family = AF_UNIX;
        memcpy(control->address.sun_path, path, strlen(path) + 1); /* locations.c has checked the length */
        int r = control_remove_stale(control, error);
        if (r < 0)
                return r;
        control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (control->fd < 0)
                return error_set_errno(error, errno, "socket");
        /* Nobody else may connect in the moment before chmod. */
        mode_t before = umask(0177);
        r = bind(control->fd, (const struct sockaddr *)&control->address, sizeof(control->address));
        int code = errno;
        umask(before);
        if (r < 0)
                return error_set_errno(error, code, "%s: cannot listen", path);
        control->made = true;
        if (chmod(path, control_mode(control)) < 0 || listen(control->fd, CONTROL_BACKLOG) < 0)
                return error_set_errno(error, errno, "%s: cannot listen", path);
        return 0;
}

static int control_adopt(struct control *control, int fd, struct error *error)
{
        socklen_t size = sizeof(control->address);

        control->fd = fd;
        if (getsockname(fd, (struct sockaddr *)&control->address, &size) < 0)
                return error_set_errno(error, errno, "getsockname");
        if (size >= sizeof(control->address))
                control->address.sun_path[sizeof(control->address.sun_path) - 1] = '\0';
        return 0;
}

static int control_open(struct control *control, int listen_fd, struct error *error)
{
        struct stat status;
        int r = listen_fd >= 0 ? control_adopt(control, listen_fd, error) : control_listen(control, error);

        if (r < 0)
                return r;
        control->authority.uid = geteuid();
        control->authority.socket_gid = stat(control->address.sun_path, &status) == 0 ? status.st_gid
                                                                                      : getegid();
        control->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        control->acceptable = event_new(control->daemon->base, control->fd, EV_READ | EV_PERSIST,
                                        control_on_acceptable, control);
        if (!control->acceptable || event_add(control->acceptable, NULL) < 0)
                return error_set_errno(error, ENOMEM, "event");
        return 0;
}

int control_new(struct daemon *daemon, int listen_fd, bool ours, struct control **ret, struct error *error)
{
        struct control *control = calloc(1, sizeof(*control));

        if (!control) {
                close_keep_errno(listen_fd);
                return error_set_errno(error, ENOMEM, "control socket");
        }
        control->daemon = daemon;
        control->authority.system = daemon->options->system;
        control->fd = control->spare_fd = -1;
        LIST_INIT(&control->connections);
        LIST_INIT(&control->arrivals);
        int r = control_open(control, listen_fd, error);
        if (r < 0) {
                control_free(control);
                return r;
        }
        if (listen_fd >= 0)
                control->made = ours;
        *ret = control;
        return 0;
}

void control_pause(struct control *control)
{
        if (control->acceptable)
                event_del(control->acceptable);
}

int control_take_socket(struct control *control, bool *ret_ours)
{
        if (control->acceptable)
                event_free(control->acceptable);
        control->acceptable = NULL;
        *ret_ours = control->made;
        control->made = false;
        return steal_fd(&control->fd);
}

void control_close(struct control *control)
{
        if (control->acceptable)
                event_free(control->acceptable);
        control->acceptable = NULL;
        if (control->made)
                unlink(control->address.sun_path);
        control->made = false;
        control->fd = close_keep_errno(control->fd);
}

void control_free(struct control *control)
{
        if (!control)
                return;
        control_close(control);
        while (!LIST_EMPTY(&control->arrivals)) {
                close(LIST_FIRST(&control->arrivals)->fd);
                arrival_free(LIST_FIRST(&control->arrivals));
        }
        while (!LIST_EMPTY(&control->connections))
                connection_free(LIST_FIRST(&control->connections));
        close_keep_errno(control->spare_fd);
        free(control);
}
