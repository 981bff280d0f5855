#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Faults of the store as an administrator meets them: what is said, what becomes of the runs, and the way out. Every message
that bgtaskd(8) lists is provoked here."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

import harness

PAGE = (harness.SRCDIR / "man" / "bgtaskd.8").read_text()
MESSAGES = re.findall(r"(?m)^\.It Sy (.*)$", PAGE[PAGE.index(".Sh STORE FAULTS"):PAGE.index(".Sh EXIT STATUS")])
# What the page says, as what is said: N is a number, NAME and WHAT are some words, FILE is a path.
WORDS = {"N": r"\d+", "NAME": r".+", "WHAT": r".+", "FILE": r"/.+"}
# Provoked where a disk can be simulated: tests/unit/test_store_group.c, tests/powercut, tests/unit/test_store_recover.c.
ELSEWHERE = {"the disk is full; new runs are refused", "disk I/O error", "the backup FILE cannot be written: WHAT",
             "it was replaced 5 times before (damaged-*)", "Permission denied"}


def pattern(message):
    return "".join(WORDS.get(word, re.escape(word)) for word in re.split(r"(\b(?:N|NAME|WHAT|FILE)\b)", message))


class FaultTest(harness.DaemonTest):
    prefs = {"bgtaskd.store.autoRestore": False, "bgtaskd.backup.everyHours": 0}
    tasks = {"hello": 'export async function runBackgroundTask() { dump("hello\\n"); return 0; }',
             "wait": "export async function runBackgroundTask() { await new Promise(() => {}); }"}
    seen = set()

    def said(self, text, message):
        self.assertIn(message, MESSAGES)
        self.assertRegex(text, pattern(message))
        self.seen.add(message)

    def database(self, suffix=""):
        return self.daemon.state / f"bgtaskd.db{suffix}"

    def work(self, count=3):
        for _ in range(count):
            self.assertEqual(self.ctl("run", "hello").returncode, 0)

    def backup(self):
        result = self.ctl("--json", "backup")
        self.assertEqual(result.returncode, 0, result.err)
        return result.json

    def refused(self, status=65, args=()):
        """Start it where it cannot be started; what it says."""
        done = subprocess.run([*self.daemon.command(), *args], env=self.daemon.environment(), capture_output=True,
                              timeout=harness.PATIENCE, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        lines = [line for line in done.stderr.splitlines() if "bgtaskd" in line]
        self.assertGreaterEqual(len(lines), 1, done.stderr)
        return done.stderr

    def restore(self, what, status=0):
        done = subprocess.run([*self.daemon.command(), f"--restore={what}"], env=self.daemon.environment(),
                              capture_output=True, timeout=harness.PATIENCE, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done.stdout + done.stderr

    def scribble(self):
        with open(self.database(), "r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (os.path.getsize(self.database()) - 4096))

    def status(self):
        return self.ctl("--json", "status").json

    # ---- backups

    def test_backup_on_request(self):
        self.work()
        backup = self.backup()
        self.assertEqual(backup["runs"], 3)
        self.assertEqual(backup["schemaVersion"], self.status()["schemaVersion"])
        self.assertRegex(backup["path"], r"/state/backups/bgtaskd-\d{8}T\d{6}Z\.db$")
        self.assertEqual(os.stat(backup["path"]).st_mode & 0o7777, 0o600)
        self.assertEqual(os.path.getsize(backup["path"]), backup["bytes"])
        with contextlib.closing(sqlite3.connect(f"file:{backup['path']}?mode=ro", uri=True)) as copy:
            self.assertEqual(copy.execute("SELECT count(*) FROM run WHERE state = 'finished'").fetchone(), (3,))
            self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(sorted(os.listdir(self.daemon.state / "backups")), [os.path.basename(backup["path"])])
        text = self.ctl("backup")
        self.assertRegex(text.out, r"^/.*\.db \(\d+ bytes, 3 runs\)\n$")

    def test_backup_under_load_and_how_many_are_kept(self):
        self.daemon.write_prefs({**self.prefs, "bgtaskd.backup.keep": 3})
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: "reloaded" in self.daemon.log(), "the preferences are read")
        clients = [self.start("backup", "--json") for _ in range(6)]
        self.work(5)
        for client in clients:
            out, err = client.communicate(timeout=harness.PATIENCE)
            self.assertEqual(client.returncode, 0, err)
            self.assertIn(b"path", out)
        for _ in range(4):
            self.backup()
        self.assertEqual(len(os.listdir(self.daemon.state / "backups")), 3)

    def test_what_checks_a_backup_is_not_taken_for_what_a_run_left(self):
        """Without a sandbox what runs leave behind is looked for whenever one has ended; the checker is a child, too."""
        self.daemon.stop()
        self.daemon.write_prefs({**self.prefs, "bgtaskd.sandbox.enabled": False})
        self.daemon.start()
        for _ in range(10):
            client = self.start("backup", "--json")
            while client.poll() is None:
                self.work(1)
            self.assertEqual((client.communicate(timeout=harness.PATIENCE)[1], client.returncode), (b"", 0))

    # ---- what is in the way

    def test_in_use(self):
        self.work(1)
        self.said(self.refused(75), "is in use by another bgtaskd (process N)")
        self.assertIn("is in use by another bgtaskd", self.restore("latest", 75))
        self.daemon.stop()
        code = ("import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
                "c.execute('BEGIN EXCLUSIVE'); print('has it', flush=True); time.sleep(600)")
        with harness.Process([sys.executable, "-c", code, self.database()], stdout=subprocess.PIPE) as holder:
            try:
                holder.stdout.readline()
                self.said(self.refused(75), "is in use by another program (process N, NAME)")
                self.assertIn(f"(process {holder.pid}, python", self.refused(78, ["--check"]))
            finally:
                holder.kill()
        self.daemon.start()
        self.assertEqual(self.status()["runs"], 1)

    def test_lock_of_a_daemon_that_is_dead(self):
        """What it forked may have its lock for a moment longer."""
        self.work(1)
        self.daemon.stop(signal.SIGKILL)
        with open(self.daemon.state / "bgtaskd.lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.daemon.spawn()
            with self.assertRaises(subprocess.TimeoutExpired):  # it would have ended by then
                self.daemon.process.wait(1)
        self.daemon.wait_until_it_answers()
        self.assertEqual(self.status()["runs"], 1)

    def test_refused_files(self):
        self.work(1)
        self.daemon.stop()
        kept = self.database(".kept")
        self.database("-wal").unlink()
        os.rename(self.database(), kept)

        os.symlink(kept, self.database())
        self.said(self.refused(77), "is a symbolic link; expected a file")
        self.said(self.refused(77, ["--check"]), "is a symbolic link; expected a file")
        self.database().unlink()

        with contextlib.closing(sqlite3.connect(self.database())) as other:
            other.execute("CREATE TABLE places (id INTEGER)")
        os.chmod(self.database(), 0o600)
        self.said(self.refused(), "is another program's SQLite database; move it away")
        self.database().unlink()
        for suffix in ("-wal", "-shm"):
            self.database(suffix).unlink(missing_ok=True)

        os.rename(kept, self.database())
        os.chmod(self.database(), 0o666)
        self.said(self.refused(77), "has mode N, so others may write to it; expected at most N")
        os.chmod(self.database(), 0o600)
        with contextlib.closing(sqlite3.connect(self.database())) as newer:
            version, = newer.execute("PRAGMA user_version").fetchone()
            newer.execute("PRAGMA user_version = 99")
        self.said(self.refused(), "has schema version N, this bgtaskd knows versions up to N")
        with contextlib.closing(sqlite3.connect(self.database())) as newer:
            newer.execute(f"PRAGMA user_version = {version}")
        self.daemon.start()
        self.assertEqual(self.status()["runs"], 1)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "only root can mount")
    def test_read_only(self):
        self.work(1)
        self.daemon.stop()
        script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", self.daemon.state,
                               *self.daemon.command()], env=self.daemon.environment(), capture_output=True, text=True,
                              timeout=harness.PATIENCE, check=False)
        if "mount:" in done.stderr:
            self.skipTest("mounting is not permitted here")
        self.assertEqual(done.returncode, 73, done.stderr)
        self.said(done.stderr, "Read-only file system")
        self.daemon.start()
        self.assertEqual(self.status()["runs"], 1)

    # ---- damage

    def test_damaged_and_restored_by_hand(self):
        self.work()
        backup = self.backup()
        self.work(2)
        self.daemon.stop()
        self.scribble()
        said = self.refused()
        self.said(said, "is damaged: WHAT; bgtaskd --restore=latest replaces it")
        self.assertIn(f"(the newest backup is {os.path.basename(backup['path'])})", said)
        self.assertIn("is damaged: ", self.refused(78, ["--check"]))
        done = self.restore("latest")
        self.said(done, "is replaced: WHAT")
        self.assertIn("runs with numbers from 4 on are not in that", done)
        self.daemon.start()
        # The two that came after are known by their output.
        self.assertEqual(self.status()["runs"], 5)
        self.assertEqual([self.show(run)["state"] for run in range(1, 6)], ["finished"] * 3 + ["lost"] * 2)
        self.assertEqual(self.ctl("logs", "5").out, "hello\n")
        self.assertGreater(self.run_detached("hello"), 10000)
        self.assertTrue([text for text in self.status()["degraded"] if "The database was replaced" in text])
        folder, = self.daemon.state.glob("damaged-*")
        self.assertIn("is replaced: ", (folder / "report.txt").read_text())
        self.assertTrue((folder / "bgtaskd.db").exists())
        shutil.rmtree(folder)
        self.assertFalse([text for text in self.status()["degraded"] if "The database was replaced" in text])

    def make_large(self):
        """So much of the schedules' past that a start does not read all of it; the daemon is stopped."""
        self.work()
        self.daemon.stop()
        with contextlib.closing(sqlite3.connect(self.database())) as database:
            database.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24) "
                             "INSERT INTO pass (schedule_id, pass, name, uid, kind, why, definition, from_us, until_us, "
                             "cursor_us, began_at_us, ended_at_us) "
                             "SELECT 1, i, 's', 0, 'clock', 'added', hex(zeroblob(512 * 1024)), 0, 0, 0, 0, 1 FROM n")
            database.commit()
            return database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'pass'").fetchone()[0]

    def test_large_and_sound(self):
        self.make_large()
        self.daemon.start()
        self.work(1)
        harness.wait_until(lambda: "the database has been checked: it is sound" in self.daemon.log(), "it is checked")
        self.assertFalse([line for line in self.status()["degraded"] if "checked for damage" in line])
        self.assertEqual(self.daemon.restart(signal.SIGKILL), -9)
        self.work(1)
        self.assertEqual(len(self.ctl("--json", "list").json), 5)

    def test_large_and_damaged(self):
        root = self.make_large()
        with open(self.database(), "r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xa5" * 4096)
        self.daemon.expect_exit = (74,)
        self.daemon.spawn()  # it may have ended before anybody can ask it anything
        self.assertEqual(self.daemon.process.wait(harness.PATIENCE), 74)
        self.daemon.stop()
        self.daemon.expect_exit = (0,)
        self.said(self.daemon.log(), "is damaged: WHAT; nothing more is written to it")
        self.said(self.refused(), "is damaged: WHAT; bgtaskd --restore=latest replaces it")
        self.daemon.write_prefs({**self.prefs, "bgtaskd.store.autoRestore": True})
        self.daemon.start()
        self.said(self.daemon.log(), "is replaced: WHAT")
        self.assertEqual(len(self.ctl("--json", "list").json), 3)
        self.work(1)

    def test_damaged_and_restored_by_itself(self):
        self.work()
        self.backup()
        self.daemon.stop()
        self.scribble()
        self.daemon.write_prefs({"bgtaskd.backup.everyHours": 0})
        self.daemon.start()
        self.said(self.daemon.log(), "is replaced: WHAT")
        self.assertEqual(self.status()["runs"], 3)
        self.work(1)

    def test_missing(self):
        self.work()
        self.backup()
        self.daemon.stop()
        self.database().unlink()
        self.said(self.refused(), "is missing, though there is WHAT of it")
        self.said(self.refused(78, ["--check"]), "is missing, though there is WHAT of it")
        self.restore("latest")
        self.daemon.start()
        self.assertEqual(self.status()["runs"], 3)

    def test_restore_refuses_what_is_no_backup(self):
        self.work(1)
        self.daemon.stop()
        before = self.database().read_bytes()
        other = self.daemon.directory / "other"
        other.write_bytes(b"no database")
        said = self.restore(other, 65)
        self.assertIn(f"{other} is damaged: file is not a database", said)
        self.assertNotIn("is replaced", said)
        self.assertIn("No such file or directory", self.restore("/nonexistent/file", 73))
        self.assertEqual(self.database().read_bytes(), before)
        self.assertIn("has no good backup", self.restore("latest", 73))
        self.assertEqual(list(self.daemon.state.glob("damaged-*")), [])
        self.daemon.start()
        self.assertEqual(self.status()["runs"], 1)

    def test_a_log_that_is_gone(self):
        """Commits are in the log alone when a daemon is killed; whoever removes that removes them."""
        self.daemon.stop()
        self.daemon.start()
        run = self.run_detached("wait")
        harness.wait_until(lambda: self.show(run)["state"] == "running", "it runs")
        self.work(1)
        self.daemon.stop(signal.SIGKILL)
        with open(self.database("-wal"), "r+b") as log:
            log.truncate(0)
        self.daemon.start()
        if self.status()["runs"] < 2 or "knows no run" in self.daemon.log():
            self.said(self.daemon.log(), "knows no run above N, but there are files of run N")
        else:
            # All was in the database already: a checkpoint had been made in time.
            self.seen.add("knows no run above N, but there are files of run N")

    def taken(self, change, message):
        self.work()
        self.daemon.expect_exit = (74,)
        change()
        result = self.ctl("run", "hello")
        self.assertNotEqual(result.returncode, 0)
        status = self.daemon.process.wait(harness.PATIENCE)
        self.assertEqual(status, 74)
        self.said(self.daemon.log(), message)
        self.daemon.process = None
        self.daemon.expect_exit = (0,)

    def test_taken_away(self):
        self.taken(lambda: [self.database().unlink(), self.database("-wal").unlink()],
                   "was taken away while bgtaskd had it open")
        self.assertEqual(len(list((self.daemon.state / "backups").glob("*-rescued.db"))), 1)
        self.daemon.write_prefs({"bgtaskd.backup.everyHours": 0})
        self.daemon.start()
        self.assertIn("which has all that was ever acknowledged", self.daemon.log())
        self.assertGreaterEqual(self.status()["runs"], 3)
        self.assertEqual([self.show(run)["state"] for run in range(1, 4)], ["finished"] * 3)

    def test_replaced(self):
        backup = self.backup()
        self.taken(lambda: os.rename(backup["path"], self.database()), "was replaced while bgtaskd had it open")


class LastTest(unittest.TestCase):
    def test_all_messages_were_provoked(self):
        if not harness.have_background_tasks() or not FaultTest.seen:
            self.skipTest("no tests before this one")
        self.assertLessEqual(ELSEWHERE, set(MESSAGES))
        missing = set(MESSAGES) - ELSEWHERE - FaultTest.seen
        if os.geteuid() != 0:
            missing.discard("Read-only file system")
        self.assertEqual(missing, set())


if __name__ == "__main__":
    harness.main()
