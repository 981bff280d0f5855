-- SPDX-License-Identifier: MPL-2.0
-- Version 1: the queue, the history and the schedules.
--
-- Times are integers, microseconds since the epoch (UTC), 0: not yet. State and result are the words of
-- io.bgtaskd.Manager. bgtaskd holds this file exclusively while it runs; to look into it with the sqlite3
-- shell stop the daemon, or look into a copy. The view `history` has the times in words.
--
-- A full disk. SQLite gives a value as many bytes as it needs, so a row gets longer while its run proceeds. A row
-- of run is therefore made with a `reserve` of zeroes, of which each later change gives back what it needs: no
-- change makes the row longer, and the end of a run is written in place. What an index may need on top
-- comes from `spare`, whose pages are given back when the disk is full.
--
-- Functions: only those that SQLite lets a schema use that it does not trust. JSON's are not among them in
-- versions up to 3.40, hence LIKE for what json_valid() would say better.

-- Named entries that queue runs at times. The trigger is a kind and its specification, so that further
-- kinds need no new columns.
CREATE TABLE schedule (
    id            INTEGER PRIMARY KEY,
    -- What an administrator calls it; unique.
    name          TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
    task          TEXT    NOT NULL CHECK (length(task) BETWEEN 1 AND 128),
    -- JSON array of strings.
    args          TEXT    NOT NULL DEFAULT '[]' CHECK (args LIKE '[%]'),
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

-- The queue of what is due: one look-up, no work in proportion to the number of schedules.
CREATE INDEX schedule_next ON schedule (next_at_us) WHERE next_at_us > 0;

-- One row a run, from its acceptance until retention removes it. An id is never used again.
CREATE TABLE run (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    task            TEXT    NOT NULL CHECK (length(task) BETWEEN 1 AND 128),
    -- JSON array of strings.
    args            TEXT    NOT NULL CHECK (args LIKE '[%]'),
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
    -- The time of the schedule that this run is for; 0: run by hand.
    nominal_at_us   INTEGER NOT NULL DEFAULT 0,
    queued_at_us    INTEGER NOT NULL,
    started_at_us   INTEGER NOT NULL DEFAULT 0,
    finished_at_us  INTEGER NOT NULL DEFAULT 0,
    -- The process, 0: none yet.
    pid             INTEGER NOT NULL DEFAULT 0,
    -- Output in bytes: printed, dropped from the middle, and on disk with the headers of its records.
    output_bytes    INTEGER NOT NULL DEFAULT 0,
    output_dropped  INTEGER NOT NULL DEFAULT 0,
    output_stored   INTEGER NOT NULL DEFAULT 0,
    -- JSON object: exitValue, message, error, cpuTimeUs, maxRssBytes as in io.bgtaskd.Manager.RunInfo.
    detail          TEXT    NOT NULL DEFAULT '{}' CHECK (detail LIKE '{%}'),
    -- Room for what the columns above will hold at the end; empty when the run has ended.
    reserve         BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX run_key ON run (uid, key) WHERE key IS NOT NULL;
CREATE INDEX run_active ON run (id) WHERE state IN ('queued', 'starting', 'running', 'held');
CREATE INDEX run_task ON run (task);
CREATE INDEX run_schedule ON run (schedule) WHERE schedule IS NOT NULL;
-- Retention, which keeps failures longer, and lists of either.
CREATE INDEX run_success ON run (id) WHERE result = 'success';
CREATE INDEX run_failure ON run (id) WHERE result NOT IN ('', 'success');

-- Pages that are given back when the disk is full, see above. At most one row.
CREATE TABLE spare (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    filler BLOB    NOT NULL
) STRICT;

-- For people.
CREATE VIEW history AS
SELECT id, task, args, state, nullif(result, '') AS result, nullif(exit_code, -1) AS exit_code,
       nullif(signal, 0) AS signal, uid, schedule,
       datetime(queued_at_us / 1000000, 'unixepoch') AS queued,
       datetime(nullif(started_at_us, 0) / 1000000, 'unixepoch') AS started,
       datetime(nullif(finished_at_us, 0) / 1000000, 'unixepoch') AS finished,
       (nullif(finished_at_us, 0) - nullif(started_at_us, 0)) / 1e6 AS seconds,
       output_bytes, output_dropped, json_extract(detail, '$.message') AS message
  FROM run;
