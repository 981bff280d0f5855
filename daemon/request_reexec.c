/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/reexec.h"
#include "daemon/request.h"

static void reexec_answer(int result, const char *why, void *data)
{
        struct request *request = data;

        request->gone = NULL;
        if (result == 0)
                request_reply(request, json_object(), false);
        else
                request_error(request, "ReexecFailed", json_pack("{s:s}", "reason", why));
}

static void reexec_gone(struct request *request)
{
        reexec_forget(request->daemon->reexec, request);
}

void request_reexec(struct request *request)
{
        int r = reexec_begin(request->daemon->reexec, reexec_answer, request);

        if (r < 0)
                request_error(request, "ReexecFailed", json_pack("{s:s}", "reason", strerror(-r)));
        else
                request->gone = reexec_gone;
}
