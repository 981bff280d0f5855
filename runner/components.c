/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/components.h"

#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/engine.h"

#define COMPONENTS_MODULE "resource://gre/modules/bgtask/ComponentStartup.sys.mjs"

static bool has_file(const char *directory, const char *name)
{
        _cleanup_free_ char *path = path_join(directory, name);

        return path && access(path, F_OK) == 0;
}

void components_start(struct host *host)
{
        eng *e = host->engine;
        eng_val namespace;

        if (!host->app_directory || (!has_file(host->app_directory, "components.json") &&
                                     !has_file(host->app_directory, "chrome.manifest")))
                return;
        if (eng_import(e, COMPONENTS_MODULE, NULL, &namespace) == ENG_IMPORT_OK &&
            eng_call_method(e, namespace, "startComponents", 0, NULL))
                return;
        eng_val exception = eng_terminating(e) ? NULL : eng_catch(e);
        if (exception)
                host_report_exception(host, exception);
}
