/* SPDX-License-Identifier: MPL-2.0 */
/* The commands and their options: what parses them, dispatches them and describes them. */
#include "config.h"

#include <stdint.h>

#include "client/bgtaskctl.h"

const struct option_row command_global_options[] = {
        { "socket", 's', "PATH", "talk to the daemon at PATH" },
        { "user", 0, NULL, "talk to your own daemon ($XDG_RUNTIME_DIR/bgtaskd/control)" },
        { "system", 0, NULL, "talk to the system's daemon (/run/bgtaskd/control)" },
        { "json", 'j', NULL, "print JSON instead of text" },
        { "timeout", 0, "SPAN", "give up when an answer takes longer (30s; wait, cancel: none; 0: none)" },
        { "help", 'h', NULL, "print what can be typed, and end" },
        { "version", 'V', NULL, "print the version, and end" },
        { 0 },
};

static const struct option_row command_no_options[] = { { 0 } };

static const struct option_row command_run_options[] = {
        { "detach", 'd', NULL, "print the run's number and do not wait for it" },
        { "key", 'k', "KEY", "the same KEY again gives the same run instead of another" },
        { "pool", 0, "NAME", "the pool that it waits in (the default one)" },
        { "priority", 0, "NUMBER", "of runs that wait in a pool the highest start first: -100 to 100 (0)" },
        { 0 },
};

static const struct option_row command_list_options[] = {
        { "task", 't', "NAME", "only runs of this task" },
        { "schedule", 0, "NAME", "only runs of this schedule" },
        { "state", 0, "STATE", "only runs in this state: queued, held, starting, running, finished, ..." },
        { "failed", 0, NULL, "only runs that ended otherwise than with success" },
        { "limit", 'n', "NUMBER", "at most so many, the newest (50)" },
        { 0 },
};

static const struct option_row command_logs_options[] = {
        { "follow", 'f', NULL, "go on until the run has ended" },
        { 0 },
};

static const struct option_row command_calendar_options[] = {
        { "cron", 0, NULL, "EXPR is a line as cron has them, such as \"*/15 8-18 * * 1-5\"" },
        { "zone", 'z', "ZONE", "of expressions that name none, such as Europe/Berlin (the system's)" },
        { "gap", 0, "WORD", "a time that the clock leaves out: run-after, skip, shift (run-after)" },
        { "overlap", 0, "WORD", "a time that the clock has twice: first, second, both (first)" },
        { "except", 0, "EXPR", "take away what this covers: days, minutes or seconds" },
        { "seed", 0, "TEXT", "what H in a cron line is hashed from: the name of a schedule" },
        { "from", 0, "TIME", "after this time: @SECONDS or \"YYYY-MM-DD HH:MM:SS\" (now)" },
        { "until", 0, "TIME", "none later than that" },
        { "iterations", 'n', "NUMBER", "at most so many (5)" },
        { "batch", 0, NULL, "a question a line of stdin, an answer a line of stdout, as JSON" },
        { 0 },
};

/* bgtaskd.task(5) has what they and all other keys mean. */
static const struct option_row command_schedule_add_options[] = {
        { "every", 0, "SPAN", "how often: 90s, 15min, 6h, 1d 12h; 1 s to 10 years" },
        { "on-calendar", 0, "+EXPRESSION", "when, as \"Mon..Fri 02:30\"; may be repeated" },
        { "cron", 0, "+LINE", "when, as \"30 2 * * 1-5\"; may be repeated" },
        { "except", 0, "+EXPRESSION", "when not, as \"*-12-25\"; may be repeated" },
        { "zone", 0, "ZONE", "whose local time that is: Europe/Berlin, UTC (the system's)" },
        { "overlap", 0, "POLICY", "while a run has not ended: skip, buffer-one, buffer-all, ..." },
        { "catch-up", 0, "POLICY", "of times that were missed: last, none, all" },
        { "property", 'p', "+KEY=VALUE", "any key of a [Schedule] section; may be repeated" },
        { 0 },
};

static const struct option_row command_reload_options[] = {
        { "dry-run", 0, NULL, "only tell what would change, and which next times would move" },
        { 0 },
};

static const struct option_row command_schedule_list_options[] = {
        { "moved", 0, NULL, "those that new data of their zone, or the clock, moved: from when to when" },
        { 0 },
};

static const struct option_row command_schedule_pause_options[] = {
        { "why", 0, "TEXT", "the reason, for those who look" },
        { "until", 0, "TIME", "resume by itself: @SECONDS, or \"YYYY-MM-DD HH:MM:SS [ZONE]\"" },
        { 0 },
};

static const struct option_row command_range_options[] = {
        { "from", 0, "TIME", "from: @SECONDS, or \"YYYY-MM-DD HH:MM:SS [ZONE]\"" },
        { "to", 0, "TIME", "up to, as --from (now)" },
        { 0 },
};

static const struct option_row command_next_options[] = {
        { "count", 'n', "NUMBER", "how many (10)" },
        { "from", 0, "TIME", "after: @SECONDS, or \"YYYY-MM-DD HH:MM:SS [ZONE]\" (now)" },
        { 0 },
};

static const struct option_row command_simulate_options[] = {
        { "from", 0, "TIME", "from: @SECONDS, or \"YYYY-MM-DD HH:MM:SS [ZONE]\" (now)" },
        { "to", 0, "TIME", "up to, as --from (a day later)" },
        { "duration", 0, "WORD", "of a run: p50, p95 or max of those recorded, or a time span (p50)" },
        { "max-running", 0, "NUMBER", "slots (those of the daemon, or 4)" },
        { "file", 'f', "+FILE", "the schedules of a task file, without a daemon; may be repeated" },
        { "all", 0, NULL, "with --file: the daemon's schedules beside them" },
        { "summary", 0, NULL, "do not list the occurrences" },
        { 0 },
};

const struct command command_table[] = {
        { "run", "[--detach] [--key=KEY] [--pool=NAME] [--priority=N] NAME [ARG...]",
          "run a task, show its output, end as it ends",
          "Queue a run of the task NAME, show what it prints and exit with its exit code, or with\n"
          "128 + N when signal N ended it. Everything after NAME goes to the task as it is.\n"
          "Ctrl-C detaches: the run goes on. With --json the finished run is the one document on\n"
          "stdout and all of the task's output goes to stderr.",
          command_run_options, OPTION_ORDER_FIRST, 1, SIZE_MAX, cmd_run },
        { "list", "[-t NAME] [--schedule=NAME] [--state=STATE] [--failed] [-n NUMBER]",
          "list runs, the newest first", "List runs, the newest first.", command_list_options,
          OPTION_ORDER_ANY, 0, 0, cmd_list },
        { "show", "RUN", "show all that is known about a run", "Show all that is known about a run.",
          command_no_options, OPTION_ORDER_ANY, 1, 1, cmd_show },
        { "logs", "[-f] RUN", "print what a run printed",
          "Print what a run printed: its stdout on stdout, its stderr on stderr. With --json each\n"
          "piece is an object: in one array, or with --follow one a line as they come.",
          command_logs_options, OPTION_ORDER_ANY, 1, 1, cmd_logs },
        { "wait", "RUN", "wait for a run, end as it ended",
          "Wait until a run has ended and exit as `run` does. Ctrl-C ends the waiting alone.",
          command_no_options, OPTION_ORDER_ANY, 1, 1, cmd_wait },
        { "cancel", "RUN", "end a run, queued or running",
          "End a run, queued or running, and wait until it has ended.", command_no_options, OPTION_ORDER_ANY,
          1, 1, cmd_cancel },
        { "tasks", "", "list the tasks that can be run", "List the tasks that can be run and their modules.",
          command_no_options, OPTION_ORDER_ANY, 0, 0, cmd_tasks },
        { "task", "NAME", "show what a task may do",
          "Show what the task NAME may do and which line of which file says so, as a daemon started\n"
          "here would have it: the files are read, no daemon is asked. bgtaskd.task(5) has the keys.",
          command_no_options, OPTION_ORDER_ANY, 1, 1, cmd_task },
        { "verify", "[FILE...]", "check task files",
          "Check task files: FILE is NAME.task, with the drop-ins beside it, or NAME.task.d/X.conf;\n"
          "without one all that the instance would read. No daemon is asked. Exit with 65 if\n"
          "something is wrong.",
          command_no_options, OPTION_ORDER_ANY, 0, SIZE_MAX, cmd_verify },
        { "calendar", "[--cron] [-z ZONE] [--from=TIME] [-n NUMBER] EXPR...", "show when expressions elapse",
          "Show the normalised form of calendar expressions and when a schedule that has them elapses.\n"
          "bgtaskd-calendar(7) says how they are written. No daemon is asked.",
          command_calendar_options, OPTION_ORDER_ANY, 0, SIZE_MAX, cmd_calendar },
        { "status", "", "show how the daemon does", "Show how the daemon does.", command_no_options,
          OPTION_ORDER_ANY, 0, 0, cmd_status },
        { "reload", "[--dry-run]", "put changes of preferences and task files into force",
          "Have the daemon read its preferences and all task files again, and tell what changed of the\n"
          "schedules. What is as it was is not touched. Where a file has errors, its schedules stay as\n"
          "they were, and the errors are told. Exit with 78 if they are in the preferences, else with\n"
          "65 if there are any.",
          command_reload_options, OPTION_ORDER_ANY, 0, 0, cmd_reload },
        { "reexec", "", "have the daemon execute its program anew",
          "Have the daemon execute its program anew, after an update for example. Runs go on, and who\n"
          "follows one goes on following it. A program that would not start is not executed.",
          command_no_options, OPTION_ORDER_ANY, 0, 0, cmd_reexec },
        { "backup", "", "back up the store",
          "Back up the store, while the daemon goes on, and print where the copy is.", command_no_options,
          OPTION_ORDER_ANY, 0, 0, cmd_backup },
        { "schedule add", "NAME TASK [--every=SPAN] [...] [--] [ARG...]", "run a task at times or on events",
          "Add the schedule NAME, which runs TASK. Arguments that begin with a dash go behind \"--\".",
          command_schedule_add_options, OPTION_ORDER_ANY, 2, SIZE_MAX, cmd_schedule_add },
        { "schedule edit", "NAME [--every=SPAN] [-p KEY=VALUE] [...]", "change a schedule",
          "Change what is given of the schedule NAME; the rest stays. A list is replaced as a whole.\n"
          "From now on: what is accounted for does not come again.",
          command_schedule_add_options, OPTION_ORDER_ANY, 1, 1, cmd_schedule_edit },
        { "schedule show", "NAME", "show all that is known about a schedule",
          "Show all that is known about a schedule.", command_no_options, OPTION_ORDER_ANY, 1, 1,
          cmd_schedule_show },
        { "schedule list", "[--moved]", "list the schedules",
          "List the schedules, with their next time and last run.", command_schedule_list_options,
          OPTION_ORDER_ANY, 0, 0, cmd_schedule_list },
        { "schedule remove", "NAME", "remove a schedule",
          "Remove a schedule. Its runs stay in the history, and one that is running goes on.",
          command_no_options, OPTION_ORDER_ANY, 1, 1, cmd_schedule_remove },
        { "schedule pause", "NAME [--why=TEXT] [--until=TIME]", "let its times pass without runs",
          "Let the times of a schedule pass without runs, until it is resumed. They are in the\n"
          "ledger as skipped.",
          command_schedule_pause_options, OPTION_ORDER_ANY, 1, 1, cmd_schedule_pause },
        { "schedule resume", "NAME", "end a pause", "End the pause of a schedule.", command_no_options,
          OPTION_ORDER_ANY, 1, 1, cmd_schedule_resume },
        { "schedule run", "NAME", "run it now, as one of its runs",
          "Queue a run of a schedule now, and print its number. It counts as one of the schedule's\n"
          "runs: Overlap= holds.",
          command_no_options, OPTION_ORDER_ANY, 1, 1, cmd_schedule_run },
        { "schedule backfill", "NAME --from=TIME [--to=TIME]", "run it for times that have passed",
          "Run a schedule for each of its nominal times after --from up to --to, one after another\n"
          "as Overlap= has it. Each run knows its nominal time.",
          command_range_options, OPTION_ORDER_ANY, 1, 1, cmd_schedule_backfill },
        { "next", "[-n NUMBER] [--from=TIME] [NAME...]", "list what is due next",
          "List the next nominal times of the schedules NAME, or of all, and when they are due.",
          command_next_options, OPTION_ORDER_ANY, 0, SIZE_MAX, cmd_next },
        { "simulate", "[--from=TIME] [--to=TIME] [-f FILE] [...] [NAME...]", "show what schedules would do",
          "Show what the schedules NAME, or all, would do from --from to --to, if runs took as long as\n"
          "those that are recorded: what runs, waits for a slot, is skipped. With --file a task file's\n"
          "schedules, before they are installed; of the daemon's only those that are named.",
          command_simulate_options, OPTION_ORDER_ANY, 0, SIZE_MAX, cmd_simulate },
        { "why", "NAME", "tell why a schedule does or does not run",
          "Tell what a schedule waits for, how far its conditions are relaxed, and what became of\n"
          "its last nominal times.",
          command_no_options, OPTION_ORDER_ANY, 1, 1, cmd_why },
        { "audit", "[--from=TIME] [--to=TIME] [NAME]", "prove that every nominal time is accounted for",
          "Compute the nominal times of the schedules again, those that are gone among them, and hold\n"
          "them against the ledger: each has to be in exactly one row. Exit with 65 if one is not.",
          command_range_options, OPTION_ORDER_ANY, 0, 1, cmd_audit },
        { "help", "[COMMAND]", "print what can be typed",
          "Print what `COMMAND --help` prints, or all commands.", command_no_options, OPTION_ORDER_ANY, 0, 2,
          cmd_help },
        { 0 },
};
