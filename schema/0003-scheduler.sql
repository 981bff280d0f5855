-- SPDX-License-Identifier: MPL-2.0
-- Version 3: the scheduler.
--
-- A schedule is a walk along its nominal times. Its cursor is the last one that is accounted for: for each nominal
-- time up to it there is exactly one row of `occurrence`. What changes the walk (another definition, a clock that was
-- set back far, other data of its zone) ends a pass and begins the next, so that the rows of a pass tile it: each says
-- behind which time it begins, which is where the row before it ends.

CREATE TABLE schedule_new (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
    task            TEXT    NOT NULL CHECK (length(task) BETWEEN 1 AND 128),
    -- JSON array of strings.
    args            TEXT    NOT NULL DEFAULT '[]' CHECK (args LIKE '[%]'),
    -- "Key=value" lines, see bgtaskd.task(5).
    definition      TEXT    NOT NULL,
    -- The path of the task file that it is from; NULL: a client added it.
    source          TEXT,
    -- Who added it, or may run it.
    uid             INTEGER NOT NULL,
    created_at_us   INTEGER NOT NULL,
    -- The stable offset that is added to its nominal times; drawn once.
    offset_us       INTEGER NOT NULL DEFAULT 0,
    -- Number of the present pass, from 1; what it began behind, and why.
    pass            INTEGER NOT NULL DEFAULT 1,
    pass_from_us    INTEGER NOT NULL,
    pass_began_us   INTEGER NOT NULL,
    pass_why        TEXT    NOT NULL DEFAULT 'added',
    -- Nominal times up to it are accounted for.
    cursor_us       INTEGER NOT NULL,
    -- The first one after it, 0: none.
    next_us         INTEGER NOT NULL DEFAULT 0,
    -- When that one may be served, and when at the latest; 0: none, or paused for good.
    due_us          INTEGER NOT NULL DEFAULT 0,
    latest_us       INTEGER NOT NULL DEFAULT 0,
    -- After the clock was set back far: where the pass before it had come to, which goes on there; 0: no.
    resume_us       INTEGER NOT NULL DEFAULT 0,
    -- Paused by whom and why, until when (0: until resumed); paused_at_us 0: it is not.
    paused_at_us    INTEGER NOT NULL DEFAULT 0,
    paused_uid      INTEGER NOT NULL DEFAULT 0,
    paused_until_us INTEGER NOT NULL DEFAULT 0,
    paused_why      TEXT,
    -- Runs that failed since the last success.
    failures        INTEGER NOT NULL DEFAULT 0,
    -- A zone's new data, or the clock, moved its next time from here, then; 0: never.
    moved_from_us   INTEGER NOT NULL DEFAULT 0,
    moved_at_us     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Intervals were all there was.
INSERT INTO schedule_new (id, name, task, args, definition, uid, created_at_us, pass_from_us, pass_began_us,
                          cursor_us, next_us, due_us, latest_us)
SELECT id, name, task, args,
       'EverySec=' || trigger_spec || 'us' || char(10) ||
       'AnchorAt=@' || printf('%d.%06d', anchor_at_us / 1000000, anchor_at_us % 1000000) || char(10),
       uid, created_at_us,
       CASE WHEN next_at_us > 0 THEN next_at_us - CAST(trigger_spec AS INTEGER) ELSE created_at_us END,
       created_at_us,
       CASE WHEN next_at_us > 0 THEN next_at_us - CAST(trigger_spec AS INTEGER) ELSE created_at_us END,
       next_at_us, next_at_us, next_at_us
  FROM schedule;
DROP TABLE schedule;
ALTER TABLE schedule_new RENAME TO schedule;

-- What is due, and when to wake up for it: one look-up each, no work in proportion to the number of schedules.
CREATE INDEX schedule_due ON schedule (due_us) WHERE due_us > 0;
CREATE INDEX schedule_latest ON schedule (latest_us) WHERE latest_us > 0;
CREATE INDEX schedule_source ON schedule (source) WHERE source IS NOT NULL;

-- Triggers that are events: which schedules one concerns.
CREATE TABLE schedule_trigger (
    id          INTEGER PRIMARY KEY,
    schedule_id INTEGER NOT NULL,
    -- boot, path, network, success, failure, end.
    kind        TEXT    NOT NULL,
    -- A path, or the name of a task; '': there is nothing to say.
    subject     TEXT    NOT NULL
) STRICT;
CREATE INDEX schedule_trigger_event ON schedule_trigger (kind, subject, schedule_id);
CREATE INDEX schedule_trigger_schedule ON schedule_trigger (schedule_id);

-- Passes that have ended, for the audit, and backfills.
CREATE TABLE pass (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    schedule_id INTEGER NOT NULL,
    pass        INTEGER NOT NULL,
    -- The schedule's name at the time: it may be gone.
    name        TEXT    NOT NULL,
    uid         INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('clock', 'backfill')),
    -- Why it began: added, edited, clock-set-back, resumed, zone-changed, backfill.
    why         TEXT    NOT NULL,
    definition  TEXT    NOT NULL,
    -- Nominal times behind from_us, up to until_us.
    from_us     INTEGER NOT NULL,
    until_us    INTEGER NOT NULL,
    -- Of a backfill: where it has come to. Else until_us.
    cursor_us   INTEGER NOT NULL,
    began_at_us INTEGER NOT NULL,
    ended_at_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX pass_number ON pass (schedule_id, pass);
CREATE INDEX pass_ended ON pass (ended_at_us) WHERE ended_at_us > 0;
CREATE INDEX pass_backfill ON pass (id) WHERE ended_at_us = 0;

-- The ledger: what became of each nominal time. Rows of nominal times that were not looked at one by one cover
-- several. Pass 0 has the events (a boot, a path that changed), which do not tile anything.
CREATE TABLE occurrence (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    schedule_id   INTEGER NOT NULL,
    pass          INTEGER NOT NULL,
    -- Behind this time there is no other nominal time of the schedule before first_us.
    after_us      INTEGER NOT NULL,
    first_us      INTEGER NOT NULL,
    last_us       INTEGER NOT NULL,
    -- How many nominal times; -1: too many to count.
    count         INTEGER NOT NULL DEFAULT 1,
    -- held: a run waits; ran: it was queued; coalesced: into another one's run.
    outcome       TEXT    NOT NULL CHECK (outcome IN ('held', 'ran', 'skipped', 'coalesced', 'missed', 'lost')),
    -- Why, in one word: overlap, paused, queue-full, condition, cancelled, suspended, stopped, clock-set-forward, …
    reason        TEXT    NOT NULL DEFAULT '',
    run_id        INTEGER NOT NULL DEFAULT 0,
     -- The occurrence that it is coalesced into; 0 with a run: one by hand.
    into_id       INTEGER NOT NULL DEFAULT 0,
    decided_at_us INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX occurrence_time ON occurrence (schedule_id, pass, last_us);

-- What the scheduler has still to do about a run: release it while it is held, follow it up when it has ended. A row
-- of this goes when that is done, so that neither a crash nor a full disk makes it forgotten.
CREATE TABLE scheduled_run (
    id            INTEGER PRIMARY KEY, -- of the run
    schedule_id   INTEGER NOT NULL,
    -- 0: run by hand.
    occurrence_id INTEGER NOT NULL DEFAULT 0,
    -- 0 is the first; retries count on.
    attempt       INTEGER NOT NULL DEFAULT 0,
    -- Why it is held: '' (it is not), overlap, condition, retry, spread, boot.
    hold          TEXT    NOT NULL DEFAULT '',
    since_us      INTEGER NOT NULL,
    -- When to look at it again, 0: when something changes.
    wake_us       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX scheduled_run_schedule ON scheduled_run (schedule_id, hold, id);
CREATE INDEX scheduled_run_wake ON scheduled_run (wake_us) WHERE wake_us > 0;
CREATE INDEX scheduled_run_hold ON scheduled_run (hold, id) WHERE hold <> '';

-- Zones as they were when next times were computed, to notice new data.
CREATE TABLE zone (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE,
    hash INTEGER NOT NULL
) STRICT;

-- What the scheduler knows of the machine: boot (its id in words of the kernel), seen-us (the clock at its last look).
CREATE TABLE machine (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;

-- Where a run waits for its turn, and how urgently: the highest priority first. pool '': the default one.
ALTER TABLE run ADD COLUMN pool TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN priority INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100);

-- However many runs are held, who looks for one that is queued does not meet them. To release one needs room, which
-- waits; the other changes need none, as before.
DROP INDEX run_active;
DROP INDEX run_user_active;
CREATE INDEX run_active ON run (id) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX run_user_active ON run (uid) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX run_queue ON run (uid, priority DESC, id) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX run_held ON run (id) WHERE state = 'held';

-- For people.
CREATE VIEW ledger AS
SELECT occurrence.id, coalesce(schedule.name, (SELECT name FROM pass WHERE pass.schedule_id = occurrence.schedule_id LIMIT 1)) AS schedule,
       pass, datetime(first_us / 1000000, 'unixepoch') AS nominal, datetime(last_us / 1000000, 'unixepoch') AS last,
       count, outcome, nullif(reason, '') AS reason, nullif(run_id, 0) AS run, nullif(into_id, 0) AS into_occurrence
  FROM occurrence LEFT JOIN schedule ON schedule.id = occurrence.schedule_id;
