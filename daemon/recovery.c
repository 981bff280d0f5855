/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/cgroup.h"
#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/helper.h"
#include "daemon/policies.h"
#include "daemon/process.h"
#include "daemon/store.h"
#include "daemon/supervise.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

/* In RUNTIME/runs: the boot that the directory's content is of. */
#define RECOVERY_MARK "boot"

/* ---- facts ---- */

void recovery_look(const struct daemon *daemon, const struct run *run, struct recover_facts *ret_facts,
                   struct run_file *ret_file)
{
        struct error error = ERROR_INIT;
        char boot[RUN_FILE_BOOT_MAX];
        struct recover_facts facts = {
                .state = run->state,
                .file = RECOVER_FILE_READ,
                .continuous = daemon->runs_continuous,
                .repeats = run_repeats(run),
        };

        *ret_file = (struct run_file){ 0 };
        int r = run_file_read(daemon->runs_fd, run->id, run->epoch, ret_file, &facts.held, &error);
        if (r == -ENOENT || r == -ENODATA) {
                facts.file = RECOVER_FILE_ABSENT;
                facts.continuous = facts.continuous || r == -ENODATA;
        } else if (r < 0) {
                log_warning("%s/%s", daemon->locations.runs, error.text);
                facts.file = RECOVER_FILE_UNREADABLE;
        } else {
                run_file_boot(boot);
                facts.same_boot = strcmp(boot, ret_file->boot) == 0;
                facts.idempotent = ret_file->flags & RUN_FILE_IDEMPOTENT;
                facts.adoptable = ret_file->flags & RUN_FILE_ADOPT;
                facts.phase = ret_file->phase;
                facts.has_process = facts.same_boot && ret_file->pid &&
                                    process_began_between(ret_file->pid, ret_file->created_boottime_us,
                                                          ret_file->entered_boottime_us);
                facts.ours = facts.has_process && process_is_ours(ret_file->pid);
        }
        if (facts.file == RECOVER_FILE_ABSENT) {
                /* What it was at the time is not known any more. */
                struct policy *policy = policies_get(daemon->policies, run->task);
                facts.idempotent = !policy->error && policy->file.policy.idempotent;
                policy_unref(policy);
        }
        *ret_facts = facts;
}

/* ---- runs ---- */

struct recovery_list {
        int64_t *ids;
        size_t count, room;
};

static int recovery_list_add(const struct run *run, void *data)
{
        struct recovery_list *list = data;

        if (list->count == list->room) {
                size_t room = MAX(list->room * 2, (size_t)64);
                int64_t *ids = reallocarray(list->ids, room, sizeof(*ids));
                if (!ids)
                        return -ENOMEM;
                list->ids = ids;
                list->room = room;
        }
        list->ids[list->count++] = run->id;
        return 0;
}

static int recovery_list_fill(struct store *store, struct recovery_list *list)
{
        static const enum run_state states[] = { RUN_STARTING, RUN_RUNNING };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(states) && r == 0; i++) {
                struct run_filter filter = { .state = (int)states[i], .failed = -1, .limit = INT64_MAX };
                r = store_run_list(store, &filter, recovery_list_add, list);
        }
        return r;
}

static void recovery_read_mark(struct daemon *daemon)
{
        _cleanup_free_ char *mark = NULL;
        char boot[RUN_FILE_BOOT_MAX];
        size_t size;

        run_file_boot(boot);
        daemon->runs_continuous =
                boot[0] && file_read(daemon->runs_fd, RECOVERY_MARK, RUN_FILE_BOOT_MAX, &mark, &size) == 0 &&
                strcmp(mark, boot) == 0;
}

static int recovery_write_mark(struct daemon *daemon, struct error *error)
{
        char boot[RUN_FILE_BOOT_MAX];

        run_file_boot(boot);
        int r = file_write_atomic(daemon->runs_fd, RECOVERY_MARK, boot, strlen(boot), 0600, false);
        if (r < 0)
                return error_set_errno(error, -r, "%s/%s", daemon->locations.runs, RECOVERY_MARK);
        daemon->runs_continuous = true;
        return 0;
}

int recovery_start(struct daemon *daemon, struct error *error)
{
        struct recovery_list list = { NULL, 0, 0 };
        size_t adopted = 0;
        int r = recovery_list_fill(daemon->store, &list);

        recovery_read_mark(daemon);
        for (size_t i = 0; i < list.count && r == 0; i++) {
                struct run run = { 0 };
                r = store_run_get(daemon->store, list.ids[i], &run);
                struct handover_run handed;
                bool is_handed = r == 0 && handover_take_run(daemon->handover, run.id, run.epoch, &handed);
                if (r == 0)
                        r = supervisor_adopt(daemon->supervisor, &run, is_handed ? &handed : NULL);
                run_done(&run);
        }
        free(list.ids);
        if (r == 0)
                r = group_commit(daemon->group);
        if (r != 0)
                return error->text[0] ? r
                                      : error_set_errno(error, r < 0 ? -r : EIO,
                                                        "runs under way cannot be recovered");
        adopted = supervisor_active(daemon->supervisor);
        if (list.count)
                log_write(daemon->handover ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING,
                          "%zu runs were under way when the daemon before this one ended; %zu of them go on",
                          list.count, adopted);
        handover_free(steal_pointer(daemon->handover));
        return recovery_write_mark(daemon, error);
}

/* ---- leftovers ---- */

static bool recovery_wants(struct daemon *daemon, const char *name)
{
        int64_t run_id, epoch;
        enum run_file_kind kind;

        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, RECOVERY_MARK) == 0 ||
               (run_file_name_parse(name, &run_id, &epoch, &kind) &&
                supervisor_has_run(daemon->supervisor, run_id, epoch));
}

/* At once, and not by the helper: new runs may soon have the same names. */
static void recovery_sweep_files(struct daemon *daemon)
{
        _cleanup_closedir_ DIR *directory = opendir(daemon->locations.runs);

        if (!directory)
                return;
        for (struct dirent *entry; (entry = readdir(directory));)
                if (!recovery_wants(daemon, entry->d_name) &&
                    tree_remove(daemon->runs_fd, entry->d_name, NULL) < 0)
                        log_warning("%s/%s cannot be removed", daemon->locations.runs, entry->d_name);
}

static void recovery_sweep_profiles(struct daemon *daemon)
{
        _cleanup_closedir_ DIR *directory = opendir(daemon->locations.ephemeral);

        if (!directory)
                return;
        for (struct dirent *entry; (entry = readdir(directory));) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                    supervisor_has_profile(daemon->supervisor, entry->d_name))
                        continue;
                _cleanup_free_ char *path = path_join(daemon->locations.ephemeral, entry->d_name);
                if (path)
                        helper_remove(daemon->helper, path);
        }
}

static bool recovery_wants_cgroup(int64_t run_id, int64_t epoch, void *data)
{
        const struct daemon *daemon = data;

        return supervisor_has_run(daemon->supervisor, run_id, epoch);
}

void recovery_sweep(struct daemon *daemon)
{
        cgroups_sweep(daemon->cgroups, recovery_wants_cgroup, daemon);
        recovery_sweep_files(daemon);
        recovery_sweep_profiles(daemon);
}
