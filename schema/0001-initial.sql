-- SPDX-License-Identifier: MPL-2.0
-- Version 1: the queue, the history and the schedules.
--
-- Times are integers, microseconds since the epoch (UTC). A run's row is made with all its time and state
-- columns set to values of their final width (0 is "not yet"), so that finishing a run needs no new page
-- even when the disk is full.

-- Named entries that queue runs at times. The trigger is a kind and its specification, so that further
-- kinds need no new columns.
CREATE TABLE schedule (
    id            INTEGER PRIMARY KEY,
    -- What an administrator calls it; unique.
    name          TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
    task          TEXT    NOT NULL CHECK (length(task) BETWEEN 1 AND 128),
    -- JSON array of strings.
    args          TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(args)),
    -- interval: trigger_spec is the interval in microseconds, anchored at anchor_at_us.
    trigger_kind  TEXT    NOT NULL CHECK (trigger_kind IN ('interval')),
    trigger_spec  TEXT    NOT NULL,
    -- Nominal times are anchor + k * interval: no drift, the same after a restart.
    anchor_at_us  INTEGER NOT NULL,
    -- The next nominal time, 0: none.
    next_at_us    INTEGER NOT NULL,
    -- Who added it.
    uid           INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT;

-- The queue of what is due: one index look-up, no work in proportion to the number of schedules.
CREATE INDEX schedule_next ON schedule (next_at_us) WHERE next_at_us > 0;

-- One row a run, from its acceptance until retention removes it.
CREATE TABLE run (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    task            TEXT    NOT NULL CHECK (length(task) BETWEEN 1 AND 128),
    args            TEXT    NOT NULL CHECK (json_valid(args)),
    -- The words of io.bgtaskd.Manager.State.
    state           TEXT    NOT NULL CHECK (state IN
        ('queued', 'starting', 'running', 'finished', 'held', 'cancelled', 'interrupted', 'lost')),
    -- The words of io.bgtaskd.Manager.Result, '' until it has ended.
    result          TEXT    NOT NULL DEFAULT '' CHECK (result IN
        ('', 'success', 'exited', 'not_found', 'exception', 'timeout', 'quit', 'killed', 'deadline', 'memory',
         'setup_failed', 'cancelled', 'interrupted')),
    -- Raised by every start; an end is recorded only for the epoch it belongs to.
    epoch           INTEGER NOT NULL DEFAULT 0,
    -- Exit status 0 to 255, -1: none. The number of the signal that ended it, 0: none.
    exit_code       INTEGER NOT NULL DEFAULT -1 CHECK (exit_code BETWEEN -1 AND 255),
    signal          INTEGER NOT NULL DEFAULT 0 CHECK (signal BETWEEN 0 AND 64),
    -- The user who asked.
    uid             INTEGER NOT NULL,
    -- The client's idempotency key, unique for its user; NULL: none given.
    key             TEXT    CHECK (length(key) BETWEEN 1 AND 128),
    -- The schedule's name at the time, so that the history survives its removal; NULL: run by hand.
    schedule        TEXT,
    nominal_at_us   INTEGER NOT NULL DEFAULT 0,
    queued_at_us    INTEGER NOT NULL,
    started_at_us   INTEGER NOT NULL DEFAULT 0,
    finished_at_us  INTEGER NOT NULL DEFAULT 0,
    pid             INTEGER NOT NULL DEFAULT 0,
    -- Output in bytes: printed, and dropped from the middle.
    output_bytes    INTEGER NOT NULL DEFAULT 0,
    output_dropped  INTEGER NOT NULL DEFAULT 0,
    -- JSON: exitValue, message, error, cpuTimeUs, maxRssBytes as in io.bgtaskd.Manager.Run.
    detail          TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(detail))
) STRICT;

CREATE UNIQUE INDEX run_key ON run (uid, key) WHERE key IS NOT NULL;
CREATE INDEX run_active ON run (id) WHERE state IN ('queued', 'starting', 'running', 'held');
CREATE INDEX run_task ON run (task, id);
CREATE INDEX run_schedule ON run (schedule, id) WHERE schedule IS NOT NULL;
-- Retention: the oldest of each class first.
CREATE INDEX run_finished ON run (finished_at_us) WHERE finished_at_us > 0;
