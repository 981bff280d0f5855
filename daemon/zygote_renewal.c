/* SPDX-License-Identifier: MPL-2.0 */
/*
 * When a zygote has done enough. Changed files make it wrong: it is not used any more. Runs, age and growth make it old:
 * all runs of one zygote share its addresses, which therefore are to change now and then, and what leaks in it leaks in
 * all of them. An old one serves until another has become ready, so that no run waits for that.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/fingerprint.h"
#include "daemon/zygote_process.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define ZYGOTE_LOOK_RUNS 32 /* its memory is looked at every so many runs */

CLEANUP_DEFINE(struct fingerprint, fingerprint_free);

int zygote_take_fingerprint(const struct zygote_config *config, struct fingerprint **ret)
{
        _cleanup_free_ char *modules = path_join(config->data_directory, "gre/modules");
        _cleanup_(fingerprint_free_cleanup) struct fingerprint *fingerprint = fingerprint_new();
        int r = modules && fingerprint ? 0 : -ENOMEM;

        if (r == 0)
                r = fingerprint_add(fingerprint, config->runner);
        if (r == 0)
                r = fingerprint_add(fingerprint, config->builtin_prefs);
        for (size_t i = 0; r == 0 && config->site_prefs[i]; i++)
                r = fingerprint_add(fingerprint, config->site_prefs[i]);
        /* The modules of tasks are read afresh by every run. */
        if (r == 0)
                r = fingerprint_add_tree(fingerprint, modules, "backgroundtasks");
        if (r == -E2BIG) {
                log_warning("%s has too many files to watch for changes", modules);
                r = 0;
        }
        if (r == 0)
                *ret = steal_pointer(fingerprint);
        return r;
}

const char *zygote_process_stale(const struct zygote_process *process)
{
        return fingerprint_changed(process->fingerprint);
}

const char *zygote_process_used_up(const struct zygote_process *process)
{
        const struct zygote_config *config = &process->zygote->config;

        if (process->exhausted)
                return "is out of memory";
        if (process->runs >= config->max_runs)
                return "has made the runs that it may";
        if (clock_monotonic_us() - process->started_monotonic_us >= config->max_age_us)
                return "is old";
        if (process->runs % ZYGOTE_LOOK_RUNS == 0 && process->memory_bytes > 0 &&
            zygote_process_memory(process) - process->memory_bytes >= config->max_growth_bytes)
                return "has grown";
        return NULL;
}
