/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/known.h"
#include "daemon/locations.h"
#include "daemon/store.h"
#include "daemon/store_recover.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/log.h"

static void restore_say(const char *line, void *data)
{
        printf("%s\n", line);
}

static int restore_open(const struct locations *locations, const char *from, struct error *error)
{
        _cleanup_free_ struct store_known *known = NULL;
        struct store_open_options options = { .from = from, .report = restore_say };
        struct store *store = NULL;
        int r = known_collect(locations, &known, &options.known_count);

        if (r < 0)
                return error_set_errno(error, -r, "%s", locations->state);
        options.known = known;
        r = store_open_recover(locations->state, &options, &store, error);
        store_close(store);
        return r;
}

int restore_store(const struct options *options)
{
        struct locations locations = { 0 };
        struct error error = ERROR_INIT;
        int r = locations_find(options, &locations, &error);

        if (r == 0)
                r = locations_check(&locations, &error);
        if (r == 0)
                r = restore_open(&locations, options->restore, &error);
        locations_done(&locations);
        if (r < 0) {
                log_error("%s", error.text);
                return daemon_exit_code_of(r);
        }
        return fflush(stdout) == 0 ? PROGRAM_EXIT_OK : PROGRAM_EXIT_IOERR;
}
