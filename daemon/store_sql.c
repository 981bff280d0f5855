/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Two habits of the statements below:
 *
 * - A partial index is named with INDEXED BY, and its WHERE is repeated word for word: a statement that could not
 *   use its index fails to prepare instead of scanning.
 * - The reserve of a run's row gives back what the other columns may take more. In bytes, at most: held -> queued 2 of
 *   the state; queued -> starting
 *   2 of the state, 1 of the epoch, 8 of the start; starting -> running 4 of the process; back to queued 10
 *   (from running 13) are free again, and the detail takes what says why; -> ended 4 of the state, 12 of the result, 2 of exit code and signal, 8 each of the end and the
 *   output's three. That leaves 127 for the detail, less one for every time it went back to the queue.
 */
#include "config.h"

#include "daemon/store_statement.h"

#define RESERVE "192 + (?8 = 'held') * 2"

#define HELD "state = 'held'"
#define FAILURE "result NOT IN ('', 'success')"

/* In the order of store_read_run(). */
#define RUN_COLUMNS                                                                                                  \
        "id, task, args, state, result, epoch, exit_code, signal, uid, key, schedule, nominal_at_us, queued_at_us, " \
        "started_at_us, finished_at_us, pid, output_bytes, output_dropped, output_stored, detail, pool, priority"

/* ?1 below this id; ?2 task, ?3 schedule, ?4 state, null: any; ?5 failed, ?7 user, negative: any; ?6 limit */
#define LIST(source, driver)                                                                                 \
        "SELECT " RUN_COLUMNS " FROM run " source " WHERE id < ?1 AND " driver                               \
        " AND (?2 IS NULL OR task = ?2) AND (?3 IS NULL OR schedule = ?3) AND (?4 IS NULL OR state = ?4)"    \
        " AND (?5 < 0 OR (result <> '' AND (result <> 'success') = ?5)) AND (?7 < 0 OR uid = ?7) ORDER BY id DESC LIMIT ?6"

#define OLDEST(index, condition)                                                                             \
        "SELECT id, state, result, finished_at_us, output_stored, uid FROM run INDEXED BY " index            \
        " WHERE " condition " AND id > ?1 ORDER BY id LIMIT ?2"

/* In the order of store_read_schedule(), and of STATEMENT_SCHEDULE_ADD and _UPDATE behind the id. */
#define SCHEDULE_COLUMNS                                                                                               \
        "id, name, task, args, definition, source, uid, created_at_us, offset_us, pass, pass_from_us, pass_began_us, " \
        "pass_why, cursor_us, next_us, due_us, latest_us, resume_us, paused_at_us, paused_uid, paused_until_us, "      \
        "paused_why, failures, moved_from_us, moved_at_us"

#define PASS_COLUMNS                                                                                         \
        "id, schedule_id, pass, name, uid, kind, why, definition, from_us, until_us, cursor_us, began_at_us, ended_at_us"

#define OCCURRENCE_COLUMNS                                                                                   \
        "id, schedule_id, pass, after_us, first_us, last_us, count, outcome, reason, run_id, into_id, decided_at_us"

#define SCHEDULED_RUN_COLUMNS "id, schedule_id, occurrence_id, attempt, hold, since_us, wake_us"

const struct store_statement_text store_statements[STATEMENT_COUNT] = {
        [STATEMENT_BEGIN] = { "BEGIN IMMEDIATE", false },
        [STATEMENT_COMMIT] = { "COMMIT", false },
        [STATEMENT_SPARE_ADD] = { "INSERT OR IGNORE INTO spare (id, filler) VALUES (1, zeroblob(?1))",
                                  false },
        [STATEMENT_SPARE_REMOVE] = { "DELETE FROM spare WHERE id = 1", false },
        [STATEMENT_COUNT_RUNS] = { "SELECT state, result, count(*), sum(output_stored), uid, pool FROM run "
                                   "GROUP BY uid, pool, state, result",
                                   true },
        [STATEMENT_COUNT_SCHEDULES] = { "SELECT count(*) FROM schedule", true },

        [STATEMENT_RUN_ADD] = { "INSERT INTO run (task, args, state, uid, key, schedule, nominal_at_us, queued_at_us, "
                                "pool, priority, reserve) VALUES (?1, ?2, ?8, ?3, ?4, ?5, ?6, ?7, ?9, ?10, zeroblob(" RESERVE
                                ")) ON CONFLICT (uid, key) WHERE key IS NOT NULL DO NOTHING",
                                false },
        [STATEMENT_RUN_GET] = { "SELECT " RUN_COLUMNS " FROM run WHERE id = ?1", false },
        [STATEMENT_RUN_GET_KEY] = { "SELECT " RUN_COLUMNS
                                    " FROM run INDEXED BY run_key WHERE uid = ?1 AND key = ?2",
                                    false },
        [STATEMENT_RUN_BRIEF] = { "SELECT id, state, result, epoch, output_stored, uid, pool FROM run WHERE id = ?1",
                                  false },
        [STATEMENT_RUN_START] = { "UPDATE run SET state = 'starting', epoch = epoch + 1, started_at_us = ?2, "
                                  "reserve = zeroblob(length(reserve) - 11) WHERE id = ?1",
                                  false },
        [STATEMENT_RUN_RUNNING] = { "UPDATE run SET state = 'running', pid = ?2, started_at_us = ?3, "
                                    "reserve = zeroblob(length(reserve) - 4) WHERE id = ?1",
                                    false },
        [STATEMENT_RUN_REQUEUE] = { "UPDATE run SET state = 'queued', started_at_us = 0, pid = 0, "
                                    "detail = coalesce(?2, detail), reserve = zeroblob(length(reserve) + "
                                    "CASE state WHEN 'running' THEN 13 ELSE 10 END "
                                    "- length(coalesce(?2, detail)) + length(detail)) WHERE id = ?1",
                                    false },
        [STATEMENT_RUN_FINISH] = { "UPDATE run SET state = ?2, result = ?3, exit_code = ?4, signal = ?5, "
                                   "finished_at_us = ?6, output_bytes = ?7, output_dropped = ?8, output_stored = ?9, "
                                   "detail = ?10, pid = max(pid, ?11), "
                                   "started_at_us = CASE WHEN ?12 > 0 THEN ?12 ELSE started_at_us END, "
                                   "reserve = x'' WHERE id = ?1",
                                   false },
        [STATEMENT_RUN_OUTPUT] = { "UPDATE run SET output_bytes = ?2, output_dropped = ?3, output_stored = ?4 "
                                   "WHERE id = ?1",
                                   false },
        [STATEMENT_RUN_NEXT_QUEUED] = { "SELECT " RUN_COLUMNS
                                        " FROM run INDEXED BY run_queue WHERE " STORE_ACTIVE
                                        " AND pool = ?1 AND state = 'queued' AND uid > ?2 AND priority = "
                                        "(SELECT priority FROM run INDEXED BY run_queue WHERE " STORE_ACTIVE
                                        " AND pool = ?1 AND state = 'queued' ORDER BY priority DESC LIMIT 1) "
                                        "ORDER BY uid, id LIMIT 1",
                                        false },
        [STATEMENT_RUN_DELETE] = { "DELETE FROM run WHERE id = ?1", false },

        [STATEMENT_LIST_ANY] = { LIST("", "1"), false },
        [STATEMENT_LIST_TASK] = { LIST("INDEXED BY run_task", "task = ?2"), false },
        [STATEMENT_LIST_SCHEDULE] = { LIST("INDEXED BY run_schedule", "schedule = ?3"), false },
        [STATEMENT_LIST_ACTIVE] = { LIST("INDEXED BY run_active", STORE_ACTIVE), false },
        [STATEMENT_LIST_HELD] = { LIST("INDEXED BY run_held", HELD), false },
        [STATEMENT_LIST_USER] = { LIST("INDEXED BY run_user", "uid = ?7"), false },
        [STATEMENT_LIST_USER_ACTIVE] = { LIST("INDEXED BY run_user_active", STORE_ACTIVE " AND uid = ?7"),
                                         false },
        [STATEMENT_LIST_SUCCESS] = { LIST("INDEXED BY run_success", "result = 'success'"), false },
        [STATEMENT_LIST_FAILURE] = { LIST("INDEXED BY run_failure", FAILURE), false },
        [STATEMENT_OLDEST_SUCCESS] = { OLDEST("run_success", "result = 'success'"), false },
        [STATEMENT_OLDEST_FAILURE] = { OLDEST("run_failure", FAILURE), false },

        [STATEMENT_RUN_RELEASE] = { "UPDATE run SET state = 'queued', queued_at_us = ?2, "
                                    "reserve = zeroblob(length(reserve) - 2) WHERE id = ?1",
                                    false },

        [STATEMENT_SCHEDULE_ADD] = { "INSERT INTO schedule (" SCHEDULE_COLUMNS
                                     ") VALUES (NULL, ?2, ?3, ?4, ?5, ?6, ?7, "
                                     "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, "
                                     "?25) ON CONFLICT (name) DO NOTHING",
                                     false },
        [STATEMENT_SCHEDULE_GET] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule WHERE name = ?1", false },
        [STATEMENT_SCHEDULE_GET_ID] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule WHERE id = ?1", false },
        [STATEMENT_SCHEDULE_REMOVE] = { "DELETE FROM schedule WHERE id = ?1", false },
        [STATEMENT_SCHEDULE_LIST] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule WHERE name > ?1 "
                                      "ORDER BY name LIMIT 1",
                                      false },
        [STATEMENT_SCHEDULE_AFTER] = { "SELECT " SCHEDULE_COLUMNS
                                       " FROM schedule WHERE id > ?1 ORDER BY id LIMIT 1",
                                       false },
        [STATEMENT_SCHEDULE_DUE] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule INDEXED BY schedule_due "
                                     "WHERE due_us > 0 AND due_us <= ?1 ORDER BY due_us, id LIMIT 1",
                                     false },
        [STATEMENT_SCHEDULE_WAKE] = { "SELECT latest_us FROM schedule INDEXED BY schedule_latest "
                                      "WHERE latest_us > 0 ORDER BY latest_us LIMIT 1",
                                      false },
        [STATEMENT_SCHEDULE_NEWEST] = { "SELECT created_at_us FROM schedule WHERE id > 0 ORDER BY id DESC LIMIT 1",
                                        false },
        [STATEMENT_SCHEDULE_OF_FILES] = { "SELECT " SCHEDULE_COLUMNS
                                          " FROM schedule INDEXED BY schedule_source WHERE source IS NOT NULL",
                                          false },
        [STATEMENT_SCHEDULE_FILE_TASKS] = { "SELECT task FROM schedule INDEXED BY schedule_source "
                                            "WHERE source IS NOT NULL ORDER BY source",
                                            false },
        [STATEMENT_OCCURRENCE_NEWEST] = { "SELECT decided_at_us FROM occurrence WHERE id > 0 ORDER BY id DESC LIMIT 1",
                                          false },
        [STATEMENT_SCHEDULE_UPDATE] = { "UPDATE schedule SET name = ?2, task = ?3, args = ?4, definition = ?5, source = ?6, "
                                        "uid = ?7, created_at_us = ?8, offset_us = ?9, pass = ?10, pass_from_us = ?11, "
                                        "pass_began_us = ?12, pass_why = ?13, cursor_us = ?14, next_us = ?15, "
                                        "due_us = ?16, latest_us = ?17, resume_us = ?18, paused_at_us = ?19, "
                                        "paused_uid = ?20, paused_until_us = ?21, paused_why = ?22, failures = ?23, "
                                        "moved_from_us = ?24, moved_at_us = ?25 WHERE id = ?1",
                                        false },

        [STATEMENT_TRIGGER_ADD] = { "INSERT INTO schedule_trigger (schedule_id, kind, subject) VALUES (?1, ?2, ?3)",
                                    false },
        [STATEMENT_TRIGGER_REMOVE] = { "DELETE FROM schedule_trigger WHERE schedule_id = ?1", false },
        [STATEMENT_TRIGGER_SCHEDULES] = { "SELECT schedule_id FROM schedule_trigger INDEXED BY schedule_trigger_event "
                                          "WHERE kind = ?1 AND subject = ?2 AND schedule_id > ?3 "
                                          "ORDER BY schedule_id LIMIT 1",
                                          false },
        [STATEMENT_TRIGGER_CHAINS] = { "SELECT subject, task FROM schedule_trigger "
                                       "INDEXED BY schedule_trigger_event JOIN schedule ON schedule.id = schedule_id "
                                       "WHERE kind IN ('success', 'failure', 'end') AND source IS NULL",
                                       false },
        [STATEMENT_TRIGGER_SUBJECTS] = { "SELECT DISTINCT subject FROM schedule_trigger "
                                         "INDEXED BY schedule_trigger_event WHERE kind = ?1 ORDER BY subject",
                                         false },

        [STATEMENT_PASS_ADD] = { "INSERT INTO pass (" PASS_COLUMNS
                                 ") VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                                 "?10, ?11, ?12)",
                                 false },
        [STATEMENT_PASS_UPDATE] = { "UPDATE pass SET cursor_us = ?2, ended_at_us = ?3 WHERE id = ?1", false },
        [STATEMENT_PASS_LIST] = { "SELECT " PASS_COLUMNS " FROM pass WHERE id > ?1 ORDER BY id LIMIT 1",
                                  false },
        [STATEMENT_PASS_BACKFILL] = { "SELECT " PASS_COLUMNS " FROM pass INDEXED BY pass_backfill "
                                      "WHERE ended_at_us = 0 AND id > ?1 ORDER BY id LIMIT 1",
                                      false },

        /* Rows behind ?3 are what is left of it. */
        [STATEMENT_PASS_FROM] = { "UPDATE pass SET from_us = ?3 WHERE schedule_id = ?1 AND pass = ?2",
                                  false },
        [STATEMENT_PASS_OLDEST] = { "SELECT id FROM pass INDEXED BY pass_ended WHERE ended_at_us > 0 AND "
                                    "ended_at_us <= ?1 AND NOT EXISTS (SELECT 1 FROM occurrence WHERE "
                                    "occurrence.schedule_id = pass.schedule_id AND occurrence.pass = pass.pass) "
                                    "AND (pass.pass < 0 OR NOT EXISTS (SELECT 1 FROM pass AS older WHERE "
                                    "older.schedule_id = pass.schedule_id AND older.pass > 0 "
                                    "AND older.pass < pass.pass)) ORDER BY ended_at_us LIMIT 1",
                                    false },
        [STATEMENT_PASS_DELETE] = { "DELETE FROM pass WHERE id = ?1", false },
        [STATEMENT_SCHEDULE_FROM] = { "UPDATE schedule SET pass_from_us = ?3 WHERE id = ?1 AND pass = ?2",
                                      false },
        [STATEMENT_OCCURRENCE_OLDEST] = { "SELECT id, schedule_id, pass, decided_at_us FROM occurrence "
                                          "WHERE id > ?1 ORDER BY id LIMIT 1",
                                          false },
        [STATEMENT_OCCURRENCE_NEWEST_ID] = { "SELECT id FROM occurrence WHERE id > 0 ORDER BY id DESC LIMIT 1",
                                             false },
        [STATEMENT_OCCURRENCE_FIRST] = { "SELECT " OCCURRENCE_COLUMNS
                                         " FROM occurrence INDEXED BY occurrence_time "
                                         "WHERE schedule_id = ?1 AND pass = ?2 ORDER BY last_us LIMIT 1",
                                         false },
        [STATEMENT_OCCURRENCE_DELETE] = { "DELETE FROM occurrence WHERE id = ?1", false },
        [STATEMENT_SCHEDULED_RUN_FOLLOWS] = { "SELECT 1 FROM scheduled_run INDEXED BY scheduled_run_schedule "
                                              "WHERE schedule_id = ?1 AND occurrence_id = ?2 LIMIT 1",
                                              false },
        [STATEMENT_OCCURRENCE_ADD] = { "INSERT INTO occurrence (" OCCURRENCE_COLUMNS
                                       ") VALUES (NULL, ?1, ?2, ?3, ?4, ?5, "
                                       "?6, ?7, ?8, ?9, ?10, ?11)",
                                       false },
        [STATEMENT_OCCURRENCE_SET] = { "UPDATE occurrence SET outcome = ?2, reason = ?3, run_id = ?4 WHERE id = ?1",
                                       false },
        [STATEMENT_OCCURRENCE_GET] = { "SELECT " OCCURRENCE_COLUMNS " FROM occurrence WHERE id = ?1", false },
        [STATEMENT_OCCURRENCE_LAST] = { "SELECT " OCCURRENCE_COLUMNS
                                        " FROM occurrence INDEXED BY occurrence_time "
                                        "WHERE schedule_id = ?1 AND pass = ?2 ORDER BY last_us DESC LIMIT 1",
                                        false },
        [STATEMENT_OCCURRENCE_EXTEND] = { "UPDATE occurrence SET last_us = ?2, count = ?3 WHERE id = ?1",
                                          false },
        /* ?4 behind this time of this ?3 pass: the caller walks on with what it got last */
        [STATEMENT_OCCURRENCE_LIST] = { "SELECT " OCCURRENCE_COLUMNS
                                        " FROM occurrence INDEXED BY occurrence_time "
                                        "WHERE schedule_id = ?1 AND pass = ?2 AND last_us > ?3 ORDER BY last_us",
                                        false },

        [STATEMENT_SCHEDULED_RUN_ADD] = { "INSERT INTO scheduled_run (id, schedule_id, occurrence_id, attempt, hold, "
                                          "since_us, wake_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                          false },
        [STATEMENT_SCHEDULED_RUN_SET] = { "UPDATE scheduled_run SET hold = ?2, wake_us = ?3 WHERE id = ?1",
                                          false },
        [STATEMENT_SCHEDULED_RUN_REMOVE] = { "DELETE FROM scheduled_run WHERE id = ?1", false },
        [STATEMENT_SCHEDULED_RUN_GET] = { "SELECT " SCHEDULED_RUN_COLUMNS " FROM scheduled_run WHERE id = ?1",
                                          false },
        [STATEMENT_SCHEDULED_RUN_COUNT] = { "SELECT count(*), min(id) FROM scheduled_run "
                                            "INDEXED BY scheduled_run_schedule WHERE schedule_id = ?1 AND hold = ?2",
                                            false },
        [STATEMENT_SCHEDULED_RUN_OF] = { "SELECT " SCHEDULED_RUN_COLUMNS " FROM scheduled_run "
                                         "INDEXED BY scheduled_run_schedule WHERE schedule_id = ?1 AND hold = ?2 "
                                         "AND id > ?3 ORDER BY id LIMIT 1",
                                         false },
        [STATEMENT_SCHEDULED_RUN_HELD] = { "SELECT " SCHEDULED_RUN_COLUMNS " FROM scheduled_run "
                                           "INDEXED BY scheduled_run_hold WHERE hold <> '' AND hold = ?1 AND id > ?2 "
                                           "ORDER BY id LIMIT 1",
                                           false },
        [STATEMENT_SCHEDULED_RUN_DUE] = { "SELECT " SCHEDULED_RUN_COLUMNS " FROM scheduled_run "
                                          "INDEXED BY scheduled_run_wake WHERE wake_us > 0 AND wake_us <= ?1 "
                                          "ORDER BY wake_us LIMIT 1",
                                          false },
        [STATEMENT_SCHEDULED_RUN_WAKE] = { "SELECT wake_us FROM scheduled_run INDEXED BY scheduled_run_wake "
                                           "WHERE wake_us > 0 ORDER BY wake_us LIMIT 1",
                                           false },
        /* At the start alone: what a crash or a full disk kept from being followed up. */
        [STATEMENT_SCHEDULED_RUN_ENDED] = { "SELECT " SCHEDULED_RUN_COLUMNS
                                            " FROM scheduled_run WHERE id > ?1 AND NOT "
                                            "EXISTS (SELECT 1 FROM run WHERE run.id = scheduled_run.id AND (" STORE_ACTIVE
                                            " OR " HELD ")"
                                            ") ORDER BY id LIMIT 1",
                                            true },

        [STATEMENT_ZONE_SET] = { "INSERT INTO zone (name, hash) VALUES (?1, ?2) "
                                 "ON CONFLICT (name) DO UPDATE SET hash = ?2",
                                 false },
        [STATEMENT_ZONE_LIST] = { "SELECT name, hash FROM zone ORDER BY name", true },
        [STATEMENT_MACHINE_SET] = { "INSERT INTO machine (name, value) VALUES (?1, ?2) "
                                    "ON CONFLICT (name) DO UPDATE SET value = ?2",
                                    false },
        [STATEMENT_MACHINE_GET] = { "SELECT value FROM machine WHERE name = ?1", false },
};
