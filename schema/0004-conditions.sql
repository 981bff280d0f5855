-- SPDX-License-Identifier: MPL-2.0
-- Version 4: pools share the slots, and a run can be ended because a condition of its schedule ceased to hold. Results
-- are words of a CHECK, which SQLite changes with a new table alone.
DROP VIEW history;
DROP VIEW ledger;

CREATE TABLE run_new (
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
         'setup_failed', 'cancelled', 'interrupted', 'condition_lost')),
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
    reserve         BLOB    NOT NULL,
    -- Where a run waits for its turn, and how urgently: the highest priority first. pool '': the default one.
    pool            TEXT    NOT NULL DEFAULT '',
    priority        INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100)
) STRICT;
-- An id is never used again, also when the newest runs are gone.
INSERT INTO sqlite_sequence (name, seq) SELECT 'run_new', seq FROM sqlite_sequence WHERE name = 'run';
INSERT INTO run_new (id, task, args, state, result, epoch, exit_code, signal, uid, key, schedule, nominal_at_us,
                     queued_at_us, started_at_us, finished_at_us, pid, output_bytes, output_dropped, output_stored,
                     detail, reserve, pool, priority)
SELECT id, task, args, state, result, epoch, exit_code, signal, uid, key, schedule, nominal_at_us, queued_at_us,
       started_at_us, finished_at_us, pid, output_bytes, output_dropped, output_stored, detail, reserve, pool, priority
  FROM run;
DROP TABLE run;
ALTER TABLE run_new RENAME TO run;

CREATE UNIQUE INDEX run_key ON run (uid, key) WHERE key IS NOT NULL;
CREATE INDEX run_active ON run (id) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX run_user_active ON run (uid) WHERE state IN ('queued', 'starting', 'running');
-- The next run of a pool: of the highest priority, by users in turn.
CREATE INDEX run_queue ON run (pool, priority DESC, uid, id) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX run_held ON run (id) WHERE state = 'held';
CREATE INDEX run_user ON run (uid);
CREATE INDEX run_task ON run (task);
CREATE INDEX run_schedule ON run (schedule) WHERE schedule IS NOT NULL;
-- Retention, which keeps failures longer, and lists of either.
CREATE INDEX run_success ON run (id) WHERE result = 'success';
CREATE INDEX run_failure ON run (id) WHERE result NOT IN ('', 'success');

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

-- That of version 3 could not be read: two tables have a column "pass".
CREATE VIEW ledger AS
SELECT occurrence.id, coalesce(schedule.name, (SELECT name FROM pass WHERE pass.schedule_id = occurrence.schedule_id LIMIT 1)) AS schedule,
       occurrence.pass, datetime(first_us / 1000000, 'unixepoch') AS nominal,
       datetime(last_us / 1000000, 'unixepoch') AS last, count, outcome, nullif(reason, '') AS reason,
       nullif(run_id, 0) AS run, nullif(into_id, 0) AS into_occurrence
  FROM occurrence LEFT JOIN schedule ON schedule.id = occurrence.schedule_id;
