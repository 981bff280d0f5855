/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/cgroup.h"
#include "daemon/checker.h"
#include "daemon/client.h"
#include "daemon/control.h"
#include "daemon/follow.h"
#include "daemon/group.h"
#include "daemon/handover.h"
#include "daemon/helper.h"
#include "daemon/known.h"
#include "daemon/notify.h"
#include "daemon/orphans.h"
#include "daemon/policies.h"
#include "daemon/probe.h"
#include "daemon/process.h"
#include "daemon/queue.h"
#include "daemon/recovery.h"
#include "daemon/reexec.h"
#include "daemon/reload.h"
#include "daemon/request.h"
#include "daemon/retention.h"
#include "daemon/scheduler.h"
#include "daemon/signals.h"
#include "daemon/store.h"
#include "daemon/store_recover.h"
#include "daemon/supervise.h"
#include "daemon/turns.h"
#include "daemon/zygotes.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/util.h"

#define DAEMON_RETENTION_STEPS 8 /* a second */
#define DAEMON_LAST_COMMITS 4    /* what is told of one may change something once more */

int32_t daemon_setting(const struct daemon *daemon, enum setting setting)
{
        return daemon->configuration.settings.values[setting];
}

void daemon_kick(struct daemon *daemon)
{
        group_kick(daemon->group);
}

/* ---- configuration ---- */

static void daemon_report(const struct error *error, void *data)
{
        log_error("%s", error->text);
}

static struct zygote_config daemon_zygote_config(const struct daemon *daemon)
{
        return (struct zygote_config){
                .sandbox = daemon_setting(daemon, SETTING_SANDBOX_ENABLED) != 0,
                .runner = daemon->locations.runner,
                .app_directory = daemon->options->app_directory ? daemon->locations.app : NULL,
                .data_directory = paths_data_directory(),
                .builtin_prefs = daemon->configuration.defaults,
                .site_prefs = daemon->configuration.site_files,
                .idle_us = (int64_t)daemon_setting(daemon, SETTING_ZYGOTE_IDLE_SEC) * (int64_t)USEC_PER_SEC,
                .max_runs = daemon_setting(daemon, SETTING_ZYGOTE_MAX_RUNS),
                .max_age_us = (int64_t)daemon_setting(daemon, SETTING_ZYGOTE_MAX_AGE_SEC) *
                              (int64_t)USEC_PER_SEC,
                .max_growth_bytes = (int64_t)daemon_setting(daemon, SETTING_ZYGOTE_MAX_GROWTH_MIB) << 20,
        };
}

void daemon_configure(struct daemon *daemon, const struct configuration *configuration)
{
        configuration_done(&daemon->configuration);
        daemon->configuration = *configuration;
        const struct zygote_config config = daemon_zygote_config(daemon);
        zygotes_configure(daemon->zygotes, &config);
        control_reload(daemon->control);
        queue_configure(daemon->queue);
}

/* ---- the group's hooks ---- */

static void daemon_turn(void *data)
{
        struct daemon *daemon = data;

        queue_dispatch(daemon->queue);
}

void daemon_store_failed(const struct error *error, void *data)
{
        struct daemon *daemon = data;

        log_error("the store is of no more use, ending: %s", error->text);
        daemon->exit_code = PROGRAM_EXIT_IOERR;
        daemon->state = DAEMON_STOPPED;
        event_base_loopbreak(daemon->base);
}

/* A second after the first change of a burst: what can wait for that. */
static void daemon_quiet(void *data)
{
        struct daemon *daemon = data;
        int64_t queued = 0;
        bool more = true;

        for (int i = 0; i < DAEMON_RETENTION_STEPS && more; i++) {
                int r = retention_step(daemon->store, daemon->output_fd, &daemon->configuration.settings,
                                       clock_realtime_us(), &more);
                if (r != STORE_OK) {
                        log_error("runs that are due cannot be removed: %s",
                                  r < 0 ? strerror(-r) : "no space");
                        break;
                }
        }
        orphans_end(daemon);
        if (store_pending(daemon->store))
                return;
        int r = store_checkpoint(daemon->store);
        if (r < 0)
                log_error("checkpoint: %s", strerror(-r));
        backup_changed(daemon->backup);
        store_run_count(daemon->store, RUN_QUEUED, &queued);
        notify_send(daemon->notify, "STATUS=%zu running, %" PRId64 " queued",
                    supervisor_active(daemon->supervisor), queued);
        malloc_trim(0);
}

static void daemon_on_watchdog(evutil_socket_t fd, short what, void *data)
{
        struct daemon *daemon = data;
        int64_t runs;

        if (store_run_total(daemon->store, &runs) == STORE_OK)
                notify_send(daemon->notify, "WATCHDOG=1");
}

/* ---- the start ---- */

static int daemon_make_base(struct daemon *daemon)
{
        struct event_config *config = event_config_new();

        if (!config)
                return -ENOMEM;
        event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        /* A commit may take seconds: what is armed after it, in the same turn, must not count from before it. */
        event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
        daemon->base = event_base_new_with_config(config);
        event_config_free(config);
        if (!daemon->base || event_base_priority_init(daemon->base, GROUP_PRIORITY_COUNT) < 0)
                return -ENOMEM;
        return 0;
}

static int daemon_make_parts(struct daemon *daemon)
{
        static const struct group_hooks hooks = { .turn = daemon_turn,
                                                  .failed = daemon_store_failed,
                                                  .quiet = daemon_quiet };
        int r = daemon_make_base(daemon);

        if (r == 0)
                r = signals_new(daemon, &daemon->signals);
        if (r == 0)
                r = group_new(daemon->base, daemon->store, &hooks, daemon, &daemon->group);
        if (r == 0)
                r = queue_new(daemon, &daemon->queue);
        if (r == 0)
                r = follow_new(daemon, &daemon->follow);
        if (r == 0)
                r = supervisor_new(daemon, &daemon->supervisor);
        if (r == 0)
                r = turns_new(daemon, client_serve, &daemon->turns);
        if (r == 0)
                r = scheduler_new(daemon, &daemon->scheduler);
        if (r < 0)
                return r;
        r = cgroups_new(daemon->base, daemon->locations.state, &daemon->cgroups);
        if (r < 0)
                return r;
        const struct zygote_config config = daemon_zygote_config(daemon);
        r = zygotes_new(daemon->base, &config, &supervisor_zygote_hooks, daemon->supervisor,
                        &daemon->zygotes);
        if (r == 0)
                r = backup_new(daemon, &daemon->backup);
        if (r == 0)
                r = reload_new(daemon, &daemon->reload);
        daemon->helper = helper_new();
        if (r == 0)
                r = checker_new(daemon, &daemon->checker);
        daemon->reexec = reexec_new(daemon);
        daemon->probe = probe_new(daemon->base);
        daemon->policies = policies_new(daemon->options->system);
        daemon->farewell = daemon_farewell_new(daemon);
        if (r == 0 &&
            !(daemon->helper && daemon->reexec && daemon->probe && daemon->farewell && daemon->policies))
                r = -ENOMEM;
        return r;
}

static void daemon_report_damage(const char *line, void *data)
{
        log_error("%s", line);
}

static int daemon_open_database(struct daemon *daemon, struct error *error)
{
        _cleanup_free_ struct store_known *known = NULL;
        struct store_open_options options = {
                .restore = daemon_setting(daemon, SETTING_STORE_AUTO_RESTORE) != 0,
                .report = daemon_report_damage,
        };
        int r = known_collect(&daemon->locations, &known, &options.known_count);

        if (r < 0)
                return error_set_errno(error, -r, "%s", daemon->locations.state);
        options.known = known;
        return store_open_recover(daemon->locations.state, &options, &daemon->store, error);
}

static int daemon_open_store(struct daemon *daemon, struct error *error)
{
        int r = daemon_open_database(daemon, error);

        if (r < 0)
                return r;
        daemon->output_fd = open(daemon->locations.output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (daemon->output_fd < 0)
                return error_set_errno(error, errno, "%s", daemon->locations.output);
        daemon->runs_fd = open(daemon->locations.runs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (daemon->runs_fd < 0)
                return error_set_errno(error, errno, "%s", daemon->locations.runs);
        r = retention_start(daemon->store, daemon->output_fd);
        return r < 0 ? error_set_errno(error, -r, "%s", daemon->locations.output) : 0;
}

int daemon_exit_code_of(int r)
{
        switch (-r) {
        case EBUSY:
        case EADDRINUSE:
                return PROGRAM_EXIT_TEMPFAIL;
        case EPERM:
        case EACCES:
                return PROGRAM_EXIT_NOPERM;
        case EPROTO:
        case EUCLEAN:
        case EMEDIUMTYPE:
                return PROGRAM_EXIT_DATAERR;
        case EINVAL:
                return PROGRAM_EXIT_CONFIG;
        case ENOMEM:
                return PROGRAM_EXIT_OSERR;
        case EIO:
        case ENOSPC:
                return PROGRAM_EXIT_IOERR;
        default:
                return PROGRAM_EXIT_CANTCREAT;
        }
}

static int daemon_prepare(struct daemon *daemon, int *listen_fd, bool ours, struct error *error)
{
        int r = request_check_tables(error);

        if (r == 0)
                r = locations_find(daemon->options, &daemon->locations, error);
        if (r == 0)
                r = locations_make(&daemon->locations, daemon->options->system, error);
        if (r == 0)
                r = daemon_open_store(daemon, error);
        if (r == 0) {
                r = daemon_make_parts(daemon);
                if (r < 0)
                        error_set_errno(error, -r, "the daemon's parts cannot be made");
        }
        if (r == 0)
                r = recovery_start(daemon, error);
        if (r == 0) {
                r = control_new(daemon, *listen_fd, ours, &daemon->control, error);
                *listen_fd = -1;
        }
        return r;
}

int daemon_start(struct daemon *daemon, const struct options *options)
{
        struct error error = ERROR_INIT;
        int listen_fd = -1;

        *daemon = (struct daemon){
                .options = options, .output_fd = -1, .runs_fd = -1, .started_at_us = clock_realtime_us()
        };
        daemon->notify = notify_new();
        daemon->handover = handover_read();
        if (!daemon->notify ||
            configuration_load(options->system, &daemon->configuration, daemon_report, NULL) < 0) {
                log_error("out of memory");
                return PROGRAM_EXIT_OSERR;
        }
        process_raise_descriptors();
        if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
                log_warning("cannot become a subreaper: %s", strerror(errno));
        int r = notify_listen_fd(&listen_fd, &error);
        if (r == 0)
                r = daemon_prepare(daemon, &listen_fd, handover_socket_is_ours(daemon->handover), &error);
        close_keep_errno(listen_fd);
        if (r < 0) {
                log_error("%s", error.text);
                return daemon_exit_code_of(r);
        }
        return PROGRAM_EXIT_OK;
}

static void daemon_start_watchdog(struct daemon *daemon)
{
        int64_t every_us = notify_watchdog_us(daemon->notify) / 2;
        const struct timeval every = { .tv_sec = every_us / (int64_t)USEC_PER_SEC,
                                       .tv_usec = every_us % (int64_t)USEC_PER_SEC };

        if (every_us == 0)
                return;
        daemon->watchdog = event_new(daemon->base, -1, EV_PERSIST, daemon_on_watchdog, daemon);
        if (!daemon->watchdog || event_add(daemon->watchdog, &every) < 0)
                log_error("no watchdog: out of memory");
}

int daemon_run(struct daemon *daemon)
{
        daemon->state = DAEMON_SERVING;
        recovery_sweep(daemon);
        if (daemon_setting(daemon, SETTING_SANDBOX_ENABLED))
                probe_start(daemon->probe, daemon->locations.runner);
        daemon_start_watchdog(daemon);
        reload_start(daemon->reload);
        scheduler_start(daemon->scheduler);
        checker_start(daemon->checker);
        daemon_kick(daemon);
        log_notice("%s serves the %s instance on %s", PACKAGE_STRING,
                   daemon->options->system ? "system" : "user", control_path(daemon->control));
        notify_send(daemon->notify, "READY=1\nSTATUS=ready");
        malloc_trim(0);
        if (event_base_dispatch(daemon->base) < 0) {
                log_error("the event loop failed");
                return PROGRAM_EXIT_OSERR;
        }
        if (daemon->handing_over) {
                /* Those that were caught and not yet told of. */
                signals_block(daemon->signals);
                event_base_loop(daemon->base, EVLOOP_NONBLOCK);
                if (daemon->end_wanted)
                        kill(getpid(), SIGTERM);
        } else {
                log_notice("ended");
        }
        return daemon->exit_code;
}

void daemon_done(struct daemon *daemon)
{
        /* The last commits' callbacks need the parts that are freed here. */
        for (int i = 0; i < DAEMON_LAST_COMMITS && daemon->group && store_pending(daemon->store); i++)
                group_commit(daemon->group);
        control_free(daemon->control);
        turns_free(daemon->turns);
        follow_free(daemon->follow);
        scheduler_free(daemon->scheduler);
        supervisor_free(daemon->supervisor);
        reload_free(daemon->reload);
        policies_free(daemon->policies);
        zygotes_free(daemon->zygotes);
        cgroups_free(daemon->cgroups);
        probe_free(daemon->probe);
        helper_free(daemon->helper);
        reexec_free(daemon->reexec);
        handover_free(daemon->handover);
        backup_free(daemon->backup);
        checker_free(daemon->checker);
        queue_free(daemon->queue);
        group_free(daemon->group);
        signals_free(daemon->signals);
        if (daemon->watchdog)
                event_free(daemon->watchdog);
        if (daemon->farewell)
                event_free(daemon->farewell);
        store_close(daemon->store);
        close_keep_errno(daemon->output_fd);
        close_keep_errno(daemon->runs_fd);
        if (daemon->base)
                event_base_free(daemon->base);
        notify_free(daemon->notify);
        configuration_done(&daemon->configuration);
        locations_done(&daemon->locations);
        request_tables_done();
        libevent_global_shutdown();
}
