/* SPDX-License-Identifier: MPL-2.0 */
/* Backup. */
#include "config.h"

#include <errno.h>

#include "daemon/backup.h"
#include "daemon/daemon.h"
#include "daemon/request.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static void backup_is_done(const struct store_backup_info *info, const struct error *error, void *data)
{
        struct request *request = data;

        request->gone = NULL;
        if (!info) {
                request_failed(request, -error->code, error->text);
                return;
        }
        _cleanup_free_ char *path = format_string("%s/" STORE_BACKUP_DIRECTORY "/%s",
                                                  request->daemon->locations.state, info->name);
        json_t *backup = path ? json_pack("{s:s, s:I, s:i, s:I}", "path", path, "bytes",
                                          (json_int_t)info->bytes, "schemaVersion", info->version, "runs",
                                          (json_int_t)info->runs)
                              : NULL;
        request_reply(request, backup ? json_pack("{s:o}", "backup", backup) : NULL, false);
}

/* The copy is made all the same. */
static void backup_is_alone(struct request *request)
{
        backup_forget(request->daemon->backup, request);
}

void request_backup(struct request *request)
{
        request->gone = backup_is_alone;
        int r = backup_ask(request->daemon->backup, backup_is_done, request);
        if (r == 0)
                return;
        request->gone = NULL;
        request_failed(request, r, "too many clients wait for a backup");
}
