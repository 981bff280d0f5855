# SPDX-License-Identifier: MPL-2.0
"""bgtaskctl's commands about schedules, and the ledger that they show, with the daemon."""

import os
import pwd
import re
import time

import harness
from test_daemon_runs import FakeTest

SECOND = 1_000_000


class CommandTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1}

    def json(self, *args):
        done = self.ctl("--json", *args)
        self.assertEqual((done.returncode, done.err), (0, ""), args)
        return done.json

    def refused(self, code, pattern, *args):
        done = self.ctl(*args)
        self.assertEqual((done.returncode, done.out), (code, ""), args)
        self.assertRegex(done.err, pattern)
        self.assertEqual(done.err.count("\n"), 1)

    def show(self, name):
        return self.json("schedule", "show", name)["schedule"]

    def ended(self, name):
        runs = self.json("list", "--schedule", name)
        return [run for run in runs if run["finishedAt"]][::-1]

    def test_add_show_edit(self):
        schedule = self.json("schedule", "add", "nightly", "exit", "--on-calendar=Mon..Fri 02:30", "--on-calendar=Sun 4:00",
                             "--except=*-12-25", "--zone=Europe/Berlin", "-p", "RandomizedOffsetSec=1h",
                             "-p", "RetrySec=1min 5min", "--overlap=buffer-one", "--", "7", "-x")
        self.assertEqual(schedule["args"], ["7", "-x"])
        lines = schedule["definition"]
        for line in ("OnCalendar=Mon..Fri *-*-* 02:30:00", "ExceptCalendar=*-12-25 00:00:00", "TimeZone=Europe/Berlin",
                     "RetrySec=60s 300s", "Overlap=buffer-one"):
            self.assertTrue(any(have.startswith(line) or line in have for have in lines), (line, lines))
        self.assertTrue(0 <= schedule["offsetUs"] <= 3600 * SECOND)
        self.assertEqual(schedule["dueAt"] - schedule["nextAt"], schedule["offsetUs"])
        self.assertEqual(self.show("nightly"), schedule)
        text = self.ctl("schedule", "show", "nightly").out
        self.assertIn("Overlap=buffer-one", text)
        self.assertRegex(self.ctl("schedule", "list").out, r"nightly .*Mon\.\.Fri")
        # What is not given stays; a list is replaced.
        edited = self.json("schedule", "edit", "nightly", "--on-calendar=06:00", "-p", "RetrySec=")
        self.assertFalse([line for line in edited["definition"] if "Mon..Fri" in line or "RetrySec" in line])
        self.assertIn("Overlap=buffer-one", edited["definition"])
        self.assertEqual(edited["args"], ["7", "-x"])
        after = [entry["nominalAt"] for entry in self.json("next", "-n", "3", "nightly")]
        self.assertEqual(len(after), 3)
        self.assertEqual(after[0], edited["nextAt"])
        self.assertEqual({time.strftime("%M:%S", time.gmtime(at / SECOND)) for at in after}, {"00:00"})
        # From another time on: winter in Berlin, the offset on top.
        from_there = self.json("next", "--count=2", "--from=2030-01-15 00:00:00 UTC", "nightly")
        self.assertEqual([(entry["nominalAt"] // SECOND, entry["dueAt"] - entry["nominalAt"]) for entry in from_there],
                         [(1894683600, edited["offsetUs"]), (1894770000, edited["offsetUs"])])

    def test_refused(self):
        self.json("schedule", "add", "s", "exit", "--every=1h")
        for code, pattern, *args in (
            (64, r"--on-calendar: .*expected.*", "schedule", "add", "x", "exit", "--on-calendar=32:99"),
            (64, r"expected a key of a \[Schedule\] section, found \"Nonsense\"", "schedule", "add", "x", "exit", "-p",
             "Nonsense=1"),
            (64, r"expected KEY=VALUE", "schedule", "add", "x", "exit", "-p", "Nonsense"),
            (64, r"something else that triggers it", "schedule", "add", "x", "exit"),
            (64, r"invalid --every: expected a time span from 1s", "schedule", "add", "x", "exit", "--every=10ms"),
            (64, r"--zone.*Mars|TimeZone.*Mars", "schedule", "add", "x", "exit", "--on-calendar=daily", "--zone=Mars/Olympus"),
            (64, r"a date that exists", "schedule", "add", "x", "exit", "--on-calendar=*-02-30"),
            (64, r"without end", "schedule", "add", "x", "exit", "-p", "OnEndOf=exit"),
            (73, r"already", "schedule", "add", "s", "exit", "--every=1h"),
            (66, r'no schedule "none"', "schedule", "show", "none"),
            (66, r'no schedule "none"', "schedule", "edit", "none", "--every=1h"),
            (66, r'no schedule "none"', "schedule", "pause", "none"),
            (66, r'no schedule "none"', "why", "none"),
            (66, r'no schedule "none"', "next", "s", "none"),
            (66, r'no schedule "none"', "audit", "none"),
            (64, r"^bgtaskctl: invalid Pool=: expected a pool .*, found \"none\"$", "schedule", "edit", "s", "-p", "Pool=none"),
            (64, r"^bgtaskctl: invalid --to: expected a time that has passed$", "schedule", "backfill", "s", "--from=@1", "--to=@4000000000"),
            (64, r"--until.*expected", "schedule", "pause", "s", "--until=tomorrow"),
            (64, r"^bgtaskctl: invalid --until: expected a time to come$", "schedule", "pause", "s", "--until=@5"),
            (64, r"needs --from", "schedule", "backfill", "s"),
            (64, r"--count", "next", "-n", "0"),
        ):
            with self.subTest(args=args):
                self.refused(code, pattern, *args)
        self.assertEqual([schedule["name"] for schedule in self.json("schedule", "list")], ["s"])

    def test_task_without_module(self):
        self.daemon.write_task("there", "")
        self.assertEqual(self.ctl("schedule", "add", "a", "there", "--every=1h").err, "")
        self.assertEqual(self.ctl("schedule", "add", "b", "gone", "--every=1h").err,
                         'bgtaskctl: warning: bgtaskd finds no module of a task "gone"\n')
        self.assertEqual([schedule["task"] for schedule in self.json("schedule", "list")], ["there", "gone"])

    def test_runs_and_audit(self):
        self.json("schedule", "add", "s", "exit", "--every=1s")
        harness.wait_until(lambda: len(self.ended("s")) >= 3, "three runs")
        self.json("schedule", "pause", "s", "--why", "enough for now")
        shown = self.show("s")
        self.assertEqual(shown["pause"]["why"], "enough for now")
        self.assertRegex(self.ctl("why", "s").out, r"Paused: since .*: enough for now")
        count = len(self.ended("s"))
        time.sleep(2.1)
        self.assertLessEqual(len(self.ended("s")), count + 1)
        audit = self.json("audit")
        self.assertEqual(audit["problems"], [])
        self.assertGreaterEqual(audit["outcomes"]["ran"], 3)
        self.assertGreaterEqual(audit["outcomes"]["skipped"], 1)
        self.json("schedule", "resume", "s")
        harness.wait_until(lambda: len(self.ended("s")) > count + 1, "it goes on")
        # A daemon that is away, and one that is killed.
        self.daemon.stop()
        time.sleep(2.1)
        self.daemon.start()
        harness.wait_until(lambda: len(self.ended("s")) > count + 3, "it goes on again")
        self.daemon.restart()
        self.json("schedule", "edit", "s", "--every=2s")
        self.json("schedule", "remove", "s")
        audit = self.json("audit")
        self.assertEqual(audit["problems"], [])
        self.assertGreaterEqual(audit["passes"], 2)
        self.assertRegex(self.ctl("audit", "s").out, r"each is accounted for\n$")
        self.assertEqual(self.json("audit", "--to=@1000")["rows"], 0)

    def test_pause_until(self):
        """Who paused it, why, and until when; then it goes on by itself."""
        self.json("schedule", "add", "s", "exit", "--every=1s")
        until = int(time.time()) + 8  # long enough for a slow machine to ask meanwhile
        paused = self.json("schedule", "pause", "s", "--why=a moment", f"--until=@{until}")["pause"]
        self.assertEqual((paused["uid"], paused["why"], paused["until"]), (os.geteuid(), "a moment", until * SECOND))
        user = pwd.getpwuid(os.geteuid()).pw_name
        self.assertRegex(self.ctl("why", "s").out, rf"Paused: since \d.* by {user}, until \d.*: a moment\n")
        self.assertRegex(self.ctl("schedule", "show", "s").out, rf"Paused: since \d.* by {user}, until \d.*: a moment\n")
        runs = harness.wait_until(lambda: [run for run in self.ended("s") if run["nominalAt"] >= until * SECOND], "it goes on")
        self.assertEqual([run for run in self.ended("s") if paused["at"] < run["nominalAt"] <= until * SECOND - SECOND], [])
        self.assertIsNone(self.show("s")["pause"])
        # The same from the ledger, a part of it: each time of the pause was skipped.
        audit = self.json("audit", f"--from=@{until - 2}", f"--to=@{until}", "s")
        self.assertEqual((audit["problems"], audit["outcomes"]), ([], {"skipped": audit["nominalTimes"]}))
        self.assertGreaterEqual(audit["nominalTimes"], 2)  # a row counts whole
        self.assertTrue(runs)

    def test_run_and_overlap(self):
        self.json("schedule", "add", "s", "sleep", "--every=1h")
        run_id = self.json("schedule", "run", "s")["id"]
        self.refused(75, "Overlap=", "schedule", "run", "s")
        self.assertEqual(self.json("schedule", "show", "s")["active"], [run_id])
        self.assertIn(f"Running: {run_id}", self.ctl("why", "s").out)
        self.ctl("cancel", str(run_id))
        harness.wait_until(lambda: not self.json("schedule", "show", "s")["active"], "it is over")
        self.json("schedule", "edit", "s", "--overlap=buffer-one")
        first = self.json("schedule", "run", "s")["id"]
        held = self.json("schedule", "run", "s")
        self.assertEqual(held["state"], "held")
        self.assertRegex(self.ctl("why", "s").out, rf"run {held['id']} waits for the run before it")
        self.assertEqual([run["id"] for run in self.json("list", "--state=held")], [held["id"]])
        self.ctl("cancel", str(first))
        harness.wait_until(lambda: self.json("schedule", "show", "s")["active"] == [held["id"]], "the next one runs")
        self.ctl("cancel", str(held["id"]))

    def test_cancel_what_is_held(self):
        self.json("schedule", "add", "s", "sleep", "--every=1h", "--overlap=buffer-all")
        first = self.json("schedule", "run", "s")["id"]
        held = self.json("schedule", "run", "s")["id"]
        self.assertEqual(self.json("cancel", str(held))["state"], "cancelled")
        self.assertEqual(self.json("schedule", "show", "s")["holds"], [])
        self.json("schedule", "run", "s")
        # What waits for a schedule that is gone is cancelled; what runs goes on.
        self.json("schedule", "remove", "s")
        self.assertEqual(self.json("list", "--state=held"), [])
        self.ctl("cancel", str(first))

    def test_retries_and_pause_after_failures(self):
        self.json("schedule", "add", "s", "exit", "--every=1h", "-p", "RetrySec=1s", "-p", "RetryOn=9",
                  "-p", "PauseAfterFailures=1", "--", "9")
        self.json("schedule", "run", "s")
        runs = harness.wait_until(lambda: len(self.ended("s")) == 2 and self.ended("s"), "it is tried again")
        self.assertEqual([run["exitCode"] for run in runs], [9, 9])
        schedule = harness.wait_until(lambda: self.show("s")["pause"] and self.show("s"), "it is paused")
        self.assertRegex(schedule["pause"]["why"], "1 runs failed")

    def test_backfill(self):
        self.json("schedule", "add", "s", "exit", "--every=1h", "-p", "AnchorAt=@0")
        self.json("schedule", "backfill", "s", "--from=@1700000000", "--to=@1700010800")

        # An hour may begin meanwhile.
        def runs():
            return [run["nominalAt"] // SECOND for run in self.ended("s") if run["nominalAt"] < 1700010801 * SECOND]
        harness.wait_until(lambda: len(runs()) == 3, "three runs")
        self.assertEqual(runs(), [1700002800, 1700006400, 1700010000])
        harness.wait_until(lambda: self.json("audit", "--to=@1700010801")["outcomes"].get("ran") == 3, "the ledger has them")
        self.assertEqual(self.json("audit")["problems"], [])

    def test_of_events(self):
        """Schedules that have no times say so, in a table and alone."""
        for name, line in (("boot", "OnBootSec=1s"), ("net", "OnNetworkUp=yes"), ("path", "PathChanged=/nowhere/x"),
                           ("end", "OnEndOf=sleep")):
            done = self.ctl("schedule", "add", name, "exit", "-p", line)
            self.assertEqual((done.returncode, done.out), (
                0, f"Schedule {name}: no time is to come: it is run by events, or its times are over.\n"))
            shown = self.show(name)["definition"][0]
            self.assertRegex(self.ctl("schedule", "list").out, rf"(?m)^{name} +exit +{re.escape(shown)} +- ")
        done = self.ctl("next")
        self.assertEqual((done.returncode, done.out, done.err), (0, "", "bgtaskctl: no times are to come\n"))
        self.assertEqual(self.json("next"), [])

    def test_chain(self):
        self.json("schedule", "add", "first", "exit", "--every=1h", "--", "0")
        self.json("schedule", "add", "second", "environment", "-p", "OnSuccessOf=exit")
        self.json("schedule", "run", "first")
        harness.wait_until(lambda: self.ended("second"), "the second follows")
        self.refused(64, "without end", "schedule", "add", "third", "exit", "-p", "OnEndOf=environment")

    def test_simulate(self):
        """Recorded durations, the daemon's slots, and a task file beside what is there."""
        self.json("schedule", "add", "s", "exit", "--every=1s")
        self.json("schedule", "add", "t", "exit", "--every=1h")  # an hour from now: it has no run
        harness.wait_until(lambda: len(self.ended("s")) >= 3, "three runs")
        self.json("schedule", "pause", "s")
        self.json("schedule", "resume", "s")
        span = ("--from=@1900000000", "--to=@1900000060")
        result = self.json("simulate", *span, "s")
        schedule, = result["schedules"]
        self.assertEqual((schedule["schedule"], schedule["durationFrom"]), ("s", "schedule"))
        self.assertGreaterEqual(schedule["samples"], 3)
        durations = [run["finishedAt"] - run["startedAt"] for run in self.ended("s")]
        self.assertTrue(min(durations) <= schedule["durationUs"] <= max(durations))
        self.assertEqual(result["occurrences"], 60)
        self.assertEqual(len(result["rows"]), 60)
        self.assertEqual([row["nominalAt"] // SECOND for row in result["rows"]][:3], [1900000000, 1900000001, 1900000002])
        # Runs that take longer than the interval.
        result = self.json("simulate", *span, "--duration=90s", "--summary", "s")
        self.assertNotIn("rows", result)
        self.assertEqual([result["schedules"][0][word] for word in ("ran", "skipped", "overlaps")], [1, 59, 59])
        self.assertRegex(self.ctl("simulate", *span, "--duration=90s", "s").out, "its run had not ended at 59 of its times")
        # All; the other one has no run of its own, but its task has.
        by_name = {entry["schedule"]: entry for entry in self.json("simulate", *span)["schedules"]}
        self.assertEqual(sorted(by_name), ["s", "t"])
        self.assertEqual(by_name["t"]["durationFrom"], "task")
        # A file that is not installed.
        path = self.daemon.directory / "new.task"
        path.write_text("[Schedule]\nEverySec=20s\n[Schedule]\nName=s\nEverySec=30s\nOverlap=buffer-one\n")
        alone = self.json("simulate", *span, "--file", str(path))
        self.assertEqual([(entry["schedule"], entry["durationFrom"], entry["ran"]) for entry in alone["schedules"]],
                         [("new", "assumed", 1), ("s", "assumed", 1)])
        self.assertRegex(self.ctl("simulate", *span, "-f", str(path)).out, "assumed: no run of it is known")
        beside = self.json("simulate", *span, "--file", str(path), "--all", "--max-running=1")
        self.assertEqual(beside["maxRunning"], 1)
        self.assertEqual([(entry["schedule"], entry["file"]) for entry in beside["schedules"]],
                         [("new", str(path)), ("s", str(path)), ("t", None)])
        self.assertEqual(beside["schedules"][1]["durationFrom"], "schedule")
        path.write_text("[Schedule]\nEverySec=nonsense\n")
        for code, pattern, *args in (
            (64, r"invalid --to: expected a time later", "--from=@1900000000", "--to=@1900000000"),
            (64, r"invalid --duration: expected p50, p95, max", *span, "--duration=p17"),
            (64, r"invalid --max-running", *span, "--max-running=0"),
            (65, r"more than 1000000 occurrences", "--from=@1900000000", "--to=@1990000000", "s"),
            (65, r"new.task:2: EverySec=: expected", *span, "--file", str(path)),
            (66, r'no schedule "none"', *span, "none"),
        ):
            with self.subTest(args=args):
                self.refused(code, pattern, "simulate", *args)

    def test_audit_finds(self):
        """It is the rows that it looks at: without one it complains."""
        self.json("schedule", "add", "s", "exit", "--every=1s", "--overlap=allow")
        harness.wait_until(lambda: len(self.ended("s")) >= 4, "runs")
        self.json("schedule", "pause", "s")
        self.daemon.stop()
        import sqlite3
        with sqlite3.connect(self.daemon.state / "bgtaskd.db") as store:
            store.execute("DELETE FROM occurrence WHERE id = (SELECT id FROM occurrence ORDER BY id LIMIT 1 OFFSET 1)")
        store.close()
        self.daemon.start()
        done = self.ctl("audit")
        self.assertEqual(done.returncode, 65)
        self.assertTrue(re.search(r"schedule s, pass 1: .*(which no row ends with|has no row)", done.out), done.out)


if __name__ == "__main__":
    harness.main()
