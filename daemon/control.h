/* SPDX-License-Identifier: MPL-2.0 */
/* The control socket: made here or passed by a service manager; accepts clients within limits. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/authorise.h"
#include "lib/error.h"

struct control;
struct daemon;

/* Listen on the daemon's socket path, or on @listen_fd when that is not -1 (it is taken over). -EADDRINUSE:
 * another daemon answers there. @ours: the file of @listen_fd is removed at the end. */
int control_new(struct daemon *daemon, int listen_fd, bool ours, struct control **ret, struct error *error);
void control_free(struct control *control);
/* Accept no one for now: who connects waits. */
void control_pause(struct control *control);
/* The listening socket becomes the caller's; -1: there is none. */
int control_take_socket(struct control *control, bool *ret_ours);
/* Accept no one any more; a socket made here is removed. */
void control_close(struct control *control);
/* The roles have changed: clients get the new ones, and those that lose something are let go. */
void control_reload(struct control *control);
const char *control_path(const struct control *control);
size_t control_clients(const struct control *control);
/* Whether all answers have been taken by their clients. */
bool control_is_flushed(const struct control *control);

#endif
