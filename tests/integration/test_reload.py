# SPDX-License-Identifier: MPL-2.0
"""Schedules of task files: what a reload and a start make of them, and what they leave alone."""

import hashlib
import os
import signal
import subprocess
import time

import harness
from test_daemon_runs import FakeTest

SECOND = 1_000_000
DAY = 86400 * SECOND
DAILY = "[Schedule]\nEverySec=1d\n"
HOURLY = f"OnCalendar=*:{time.gmtime(time.time() + 1800).tm_min}\nTimeZone=UTC\n"  # half an hour from now


class ReloadTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1}

    def setUp(self):
        harness.let_the_hour_begin()
        super().setUp()
        self.schedules()  # it serves: what files are written from now on is new to it

    def reload(self, *options, code=0):
        done = self.ctl("--json", "reload", *options)
        self.assertEqual((done.returncode, done.err), (code, ""))
        self.assertEqual(done.json["dryRun"], "--dry-run" in options)
        return done.json

    def changes(self, *options, code=0):
        return sorted((change["change"], change["name"]) for change in self.reload(*options, code=code)["changes"])

    def json(self, *args):
        done = self.ctl("--json", *args)
        self.assertEqual((done.returncode, done.err), (0, ""), args)
        return done.json

    def schedules(self):
        return {schedule["name"]: schedule for schedule in self.json("schedule", "list")}

    def ledger(self):
        with self.daemon.connect() as connection:
            connection.send("Ledger", {"from": 0, "until": 4_000_000_000 * SECOND}, more=True)
            passes = []
            while True:
                reply = connection.receive()
                passes += [entry for entry in reply["parameters"]["passes"] if entry["kind"] != "events"]
                if not reply.get("continues"):
                    return passes

    def runs(self, name):
        return self.json("list", "--schedule", name)

    def hang_up(self, log):
        seen = self.daemon.log().count(log)
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: self.daemon.log().count(log) > seen, f"the log says: {log}")


class FilesTest(ReloadTest):
    task_files = {"exit": "[Task]\nDescription=x\n" + DAILY + "Arguments=0 \"a b\"\n"
                          "[Schedule]\nName=%N-often\n" + HOURLY + "Overlap=buffer-one\n",
                  "sleep": DAILY}

    def test_start(self):
        schedules = self.schedules()
        self.assertEqual(sorted(schedules), ["exit", "exit-often", "sleep"])
        path = str(self.daemon.tasks_d / "exit.task")
        daily = schedules["exit"]
        self.assertEqual((daily["source"], daily["task"], daily["args"], daily["uid"]), (path, "exit", ["0", "a b"], os.geteuid()))
        self.assertEqual(daily["nextAt"] % DAY, 0)
        self.assertIn("Overlap=buffer-one", schedules["exit-often"]["definition"])
        self.assertIn(f"File: {path}", self.ctl("schedule", "show", "exit").out)
        self.assertIn(path, self.ctl("schedule", "list").out)
        # Nothing has run, and nothing is in the ledger: they count from now on.
        self.assertEqual(self.json("list"), [])
        self.assertEqual([entry["occurrences"] for entry in self.ledger()], [[], [], []])
        run = self.json("schedule", "run", "exit")
        self.assertEqual(run["args"], ["0", "a b"])

    def test_unchanged(self):
        self.daemon.write_task_file("environment", f"[Schedule]\nEverySec=1s\nOverlap=allow\nEndAt=@{int(time.time()) + 3}\n")
        self.reload()
        harness.wait_until(lambda: self.schedules()["environment"]["nextAt"] is None, "its times are over")
        self.assertGreater(len(self.runs("environment")), 0)
        harness.wait_until(lambda: all(run["finishedAt"] for run in self.runs("environment")), "all have ended")
        before, ledger = self.schedules(), self.ledger()
        runs = len(self.json("list"))
        for _ in range(3):
            report = self.reload()
            self.assertEqual((report["changes"], report["unchanged"], report["errors"]), ([], 4, []))
        self.hang_up("are reloaded: 0 schedules added, 0 changed, 0 removed, 4 unchanged, 0 errors")
        self.assertEqual(self.schedules(), before)
        self.assertEqual(self.ledger(), ledger)
        self.assertEqual(len(self.json("list")), runs)
        # A start is the same.
        self.daemon.restart()
        self.daemon.restart(signal.SIGKILL)
        self.assertEqual(self.schedules(), before)
        self.assertEqual(self.ledger(), ledger)
        self.assertEqual(len(self.json("list")), runs)
        self.assertEqual(self.json("audit")["problems"], [])

    def test_no_run_twice(self):
        """A schedule that elapses while everything is reloaded all the time has one run for each time."""
        self.daemon.write_task_file("environment", "[Schedule]\nEverySec=1s\nOverlap=allow\n")
        self.reload()
        while len(self.runs("environment")) < 4:
            self.reload()
        self.daemon.write_task_file("environment", "")
        self.assertEqual(self.changes(), [("removed", "environment")])
        runs = harness.wait_until(lambda: (lambda runs: all(run["finishedAt"] for run in runs) and runs)(self.runs("environment")),
                                  "all have ended")
        nominal = [run["nominalAt"] for run in runs]
        self.assertEqual(len(nominal), len(set(nominal)))
        self.assertEqual(self.json("audit")["problems"], [])
        self.assertEqual([entry["why"] for entry in self.ledger() if entry["schedule"] == "environment"], ["added"])

    def test_changed(self):
        before = self.schedules()
        self.assertEqual(self.ctl("schedule", "pause", "exit", "--why=holidays").returncode, 0)
        self.daemon.write_task_file("exit", "[Schedule]\nEverySec=2d\nPhaseSec=1h\nArguments=1\n"
                                            "[Schedule]\nName=exit-often\n" + HOURLY + "Overlap=skip\n")
        report = self.reload()
        changed = {change["name"]: change for change in report["changes"]}
        self.assertEqual(sorted(changed), ["exit", "exit-often"])
        self.assertEqual(report["unchanged"], 1)
        self.assertEqual(sorted(changed["exit"]["keys"]), ["Arguments", "EverySec", "PhaseSec"])
        self.assertEqual(changed["exit"]["nextFrom"], before["exit"]["nextAt"])
        self.assertEqual(changed["exit-often"]["keys"], ["Overlap"])
        self.assertEqual(changed["exit-often"]["nextFrom"], changed["exit-often"]["nextTo"])
        after = self.schedules()
        self.assertEqual(changed["exit"]["nextTo"], after["exit"]["nextAt"])
        self.assertEqual(after["exit"]["nextAt"] % (2 * DAY), 3600 * SECOND)
        self.assertEqual(after["exit"]["args"], ["1"])
        # Only what the file says is another: who paused it, and when it was added, are not.
        self.assertEqual(after["exit"]["pause"], self.json("schedule", "show", "exit")["schedule"]["pause"])
        self.assertEqual(after["exit"]["pause"]["why"], "holidays")
        self.assertEqual(after["exit"]["createdAt"], before["exit"]["createdAt"])
        self.assertEqual(after["exit-often"]["nextAt"], before["exit-often"]["nextAt"])
        self.assertEqual(after["sleep"], before["sleep"])
        self.assertEqual([entry["why"] for entry in self.ledger() if entry["schedule"] == "exit-often"], ["added", "edited"])
        self.assertEqual(self.json("audit")["problems"], [])
        self.assertEqual(self.json("list"), [])

    def test_pause_and_run_but_not_edit(self):
        path = str(self.daemon.tasks_d / "sleep.task")
        for command in (("edit", "sleep", "--every=1h"), ("remove", "sleep")):
            done = self.ctl("schedule", *command)
            self.assertEqual((done.returncode, done.out), (77, ""))
            self.assertRegex(done.err, f'"sleep" is of {path}: change it there')
            self.assertEqual(done.err.count("\n"), 1)
        self.assertEqual(self.ctl("schedule", "pause", "sleep").returncode, 0)
        paused = self.schedules()["sleep"]
        self.reload()
        self.daemon.restart()
        self.assertEqual(self.schedules()["sleep"], paused)
        self.assertEqual(self.ctl("schedule", "resume", "sleep").returncode, 0)
        self.assertEqual(self.ctl("schedule", "backfill", "exit", "--from=@1700000000", "--to=@1700092800").returncode, 0)
        run = self.json("schedule", "run", "sleep")
        self.ctl("cancel", str(run["id"]))
        self.assertEqual(self.reload()["changes"], [])

    def test_vanished(self):
        run = self.json("schedule", "run", "sleep")
        old = self.schedules()["sleep"]
        (self.daemon.tasks_d / "sleep.task").unlink()
        [change] = self.reload()["changes"]
        self.assertEqual((change["change"], change["name"], change["source"], change["nextFrom"]),
                         ("removed", "sleep", old["source"], old["nextAt"]))
        self.assertNotIn("sleep", self.schedules())
        # The run goes on, and what was is still to be read.
        self.assertEqual(self.json("show", str(run["id"]))["finishedAt"], None)
        self.ctl("cancel", str(run["id"]))
        self.assertEqual([entry["why"] for entry in self.ledger() if entry["schedule"] == "sleep"], ["added"])
        self.assertEqual(self.runs("sleep")[0]["id"], run["id"])
        # A start does the same; one that comes back is a new one.
        self.daemon.write_task_file("exit", DAILY)
        self.daemon.write_task_file("sleep", DAILY)
        self.daemon.restart()
        self.assertEqual(sorted(self.schedules()), ["exit", "sleep"])
        self.assertGreater(self.schedules()["sleep"]["createdAt"], old["createdAt"])
        self.assertEqual(self.json("audit")["problems"], [])

    def test_bad_file(self):
        before = self.schedules()
        path = self.daemon.write_task_file("exit", "[Task]\n[Schedule]\nEverySec=3d\nOverlap=perhaps\n")
        self.daemon.write_task_file("sleep", "[Schedule]\nEverySec=3d\n")
        done = self.ctl("reload")
        self.assertEqual(done.returncode, 65)
        self.assertRegex(done.err, rf"^{path}:4: Overlap=: expected skip, buffer-one.*\n$")
        self.assertRegex(done.out, r"changed +sleep .*EverySec")
        self.assertRegex(self.daemon.log(), rf"{path}:4: Overlap=: expected skip")
        after = self.schedules()
        self.assertEqual({name: after[name] for name in ("exit", "exit-often")},
                         {name: before[name] for name in ("exit", "exit-often")})
        self.assertIn("EverySec=259200s", after["sleep"]["definition"])
        self.assertIn("The schedules of task files with errors stay as they were", self.ctl("status").out)
        self.assertEqual(self.changes(code=65), [])
        self.daemon.restart()
        self.assertEqual(self.schedules(), after)
        # Nobody may take the place of what is in force, whatever is wrong with its file.
        self.daemon.write_task_file("environment", "[Schedule]\nName=exit\nEverySec=1h\n")
        report = self.reload(code=65)
        self.assertEqual(report["changes"], [])
        self.assertRegex(report["errors"][1], r'environment.task:1: schedule "exit": expected a name of its own, found the '
                                              rf"same from {path}")
        (self.daemon.tasks_d / "environment.task").unlink()
        self.daemon.write_task_file("exit", DAILY)
        self.assertEqual(self.changes(), [("changed", "exit"), ("removed", "exit-often")])
        self.assertNotIn("errors stay", self.ctl("status").out)

    def test_untrusted_and_unreadable(self):
        """Only a file that is known to be gone takes its schedules with it."""
        before = self.schedules()
        self.daemon.tasks_d.chmod(0o777)
        report = self.reload(code=65)
        self.assertEqual((report["changes"], self.schedules()), ([], before))
        self.assertIn("expected others not to be allowed to write to it", report["errors"][0])
        self.daemon.tasks_d.chmod(0o755)
        self.assertEqual(self.reload()["changes"], [])
        elsewhere = self.daemon.directory / "elsewhere"
        self.daemon.tasks_d.rename(elsewhere)
        self.daemon.tasks_d.symlink_to(self.daemon.tasks_d)
        report = self.reload(code=65)
        self.assertEqual((report["changes"], self.schedules()), ([], before))
        self.daemon.tasks_d.unlink()
        elsewhere.rename(self.daemon.tasks_d)
        self.assertEqual(self.reload()["changes"], [])

    def test_served_or_not(self):
        """A file may say what schedule add takes, and nothing else."""
        for assignment in ("OnNetworkUp=yes", "ConditionACPower=yes", "Pool=small"):
            add = self.ctl("schedule", "add", "s", "exit", "--every=1d", "-p", assignment)
            self.daemon.write_task_file("sleep", f"{DAILY}{assignment}\n")
            if add.returncode == 0:
                self.json("schedule", "remove", "s")
                self.assertEqual(self.changes(), [("changed", "sleep")])
            else:
                self.assertIn("expected a pool that the preferences", add.err)
                report = self.reload(code=65)
                self.assertRegex(report["errors"][0], r'sleep.task:1: schedule "sleep": Pool=: expected a pool that .*"small"')
                self.assertEqual(report["changes"], [])
        # A pool that comes with the same reload is there for it, also when it is only asked what there would be.
        self.daemon.write_prefs({**self.prefs, "bgtaskd.pools.small.weight": 7})
        self.assertEqual([(change["change"], change["name"]) for change in self.reload("--dry-run")["changes"]],
                         [("changed", "sleep")])
        self.assertEqual(self.changes(), [("changed", "sleep")])

    def test_preferences(self):
        self.daemon.write_prefs({**self.prefs, "bgtaskd.runs.maxRunning": 3})
        [preference] = self.reload("--dry-run")["preferences"]
        self.assertEqual((preference["name"], preference["to"]), ("bgtaskd.runs.maxRunning", 3))
        self.assertNotEqual(self.json("status")["maxRunning"], 3)
        self.assertEqual(self.reload()["preferences"], [preference])
        self.assertEqual(self.json("status")["maxRunning"], 3)
        self.daemon.write_prefs({**self.prefs, "bgtaskd.runs.maxRunning": 3, "bgtaskd.pools.small.weight": 7})
        for dry in (("--dry-run",), ()):
            [preference] = self.reload(*dry)["preferences"]
            self.assertEqual((preference["name"], preference["to"]), ("bgtaskd.pools.small.weight", 7))
        # Task files do not wait for preferences to be right.
        self.daemon.write_prefs({"bgtaskd.runs.maxRunning": "many"})
        (self.daemon.tasks_d / "sleep.task").unlink()
        report = self.reload("--dry-run", code=78)
        self.assertRegex(report["preferenceErrors"][0], rf"^{self.daemon.prefs_file}:2:.*bgtaskd.runs.maxRunning")
        self.assertNotIn("not reloaded", self.daemon.log())
        self.assertEqual(self.changes(code=78), [("removed", "sleep")])
        self.assertEqual(self.json("status")["maxRunning"], 3)
        self.assertIn("the preferences are not reloaded", self.daemon.log())

    def test_too_many(self):
        self.daemon.write_prefs({**self.prefs, "bgtaskd.schedules.max": 4})
        self.daemon.write_task_file("environment", "".join(f"[Schedule]\nName=e{i}\nEverySec=1d\n" for i in range(3)))
        report = self.reload(code=65)
        self.assertEqual([change["name"] for change in report["changes"]], ["e0"])
        self.assertEqual(len(report["errors"]), 2)
        self.assertRegex(report["errors"][0], r'environment.task:4: schedule "e1": expected fewer schedules: the preference')


class DryRunTest(ReloadTest):
    task_files = {"exit": DAILY, "sleep": DAILY, "environment": DAILY}

    def store(self):
        digest = hashlib.sha256()
        for name in ("bgtaskd.db", "bgtaskd.db-wal"):
            digest.update((self.daemon.state / name).read_bytes())
        return digest.hexdigest()

    def quiet(self):
        """The store's files, once the daemon has stopped tidying them up."""
        seen = [self.store()]

        def settled():
            time.sleep(2.5)
            seen.append(self.store())
            return seen[-1] if seen[-2:] == [seen[-1]] * 2 else None
        return harness.wait_until(settled, "the store is quiet")

    def test_dry_run(self):
        self.daemon.write_task_file("exit", "[Schedule]\nEverySec=12h\nPhaseSec=1h\n")
        self.daemon.write_task_file("sleep", "[Schedule]\nName=other\nEverySec=12h\n")
        bad = self.daemon.write_task_file("bad", "[Schedule]\nEverySec=often\n")
        before, schedules, ledger = self.quiet(), self.schedules(), self.ledger()
        log = self.daemon.log()
        report = self.reload("--dry-run", code=65)
        self.assertEqual(self.store(), before)
        self.assertEqual((self.schedules(), self.ledger()), (schedules, ledger))
        self.assertNotIn(str(bad), self.daemon.log()[len(log):])
        text = self.ctl("reload", "--dry-run")
        self.assertEqual(text.returncode, 65)
        self.assertRegex(text.out, r"changed +exit +\S+ \S+ -> \S+ \S+ +EverySec PhaseSec +/")
        self.assertIn("Nothing was done: with a reload 1 schedule of task files would stay as it was", text.out)
        self.assertRegex(text.err, rf"^{bad}:2: EverySec=: expected a time span")
        self.assertEqual(self.store(), before)
        # What is done is what was told.
        done = self.reload(code=65)
        self.assertEqual(sorted(report.pop("changes"), key=str), sorted(done.pop("changes"), key=str))
        self.assertEqual({**report, "dryRun": False}, done)
        self.assertEqual(sorted(self.schedules()), ["environment", "exit", "other"])
        self.assertEqual(self.schedules()["exit"]["nextAt"] % (DAY // 2), 3600 * SECOND)

    def test_roles(self):
        with self.daemon.connect() as connection:
            reply = connection.call("Reload", {"dryRun": True})
            self.assertEqual(reply["parameters"], {"changes": [], "unchanged": 3, "preferences": [], "errors": [],
                                                   "preferenceErrors": []})

    def test_many(self):
        """More than one answer holds; the changes are several transactions."""
        for index in range(20):
            self.daemon.write_task_file(f"many{index}", "".join(f"[Schedule]\nName=many-{index}-{i}\nEverySec=1d\n" for i in range(50)))
        before = self.schedules()
        with self.daemon.connect() as other:
            self.assertEqual(len(self.reload("--dry-run")["changes"]), 1000)
            other.send("Status")
            self.assertEqual(len(self.reload()["changes"]), 1000)
            self.assertIn("parameters", other.receive())
        schedules = self.schedules()
        self.assertEqual(len(schedules), 1003)
        self.assertEqual({name: schedules[name] for name in before}, before)
        report = self.reload()
        self.assertEqual((report["changes"], report["unchanged"]), ([], 1003))
        # Without more, one answer is all there is.
        for index in range(20):
            (self.daemon.tasks_d / f"many{index}.task").unlink()
        reply = self.call("Reload")["parameters"]
        self.assertEqual(len(reply["changes"]), 1000)
        self.assertEqual(self.schedules(), before)

    def test_killed_in_the_middle(self):
        """Whatever was done by then, the next start does the rest, and nothing twice."""
        for attempt in range(3):
            for index in range(40):
                self.daemon.write_task_file(f"many{index}", f"[Schedule]\nEverySec={attempt + 2}d\n" + "".join(
                    f"[Schedule]\nName=many-{index}-{i}\nEverySec={attempt + 1}d\n" for i in range(25)))
            with self.daemon.connect() as connection:
                before = len(self.schedules())
                connection.send("Reload", more=True)
                if attempt == 0:
                    harness.wait_until(lambda: len(self.schedules()) > before, "some are there", interval=0)
                self.daemon.stop(signal.SIGKILL)
            self.daemon.start()
            schedules = self.schedules()
            self.assertEqual(len(schedules), 3 + 40 * 26)
            for name, schedule in schedules.items():
                if name.startswith("many-"):
                    self.assertIn(f"EverySec={86400 * (attempt + 1)}s", schedule["definition"])
            self.assertEqual(self.reload()["changes"], [])
        self.assertEqual(self.json("audit")["problems"], [])
        self.assertEqual(self.json("list"), [])

    def test_gone_client(self):
        """Who asked and is gone has asked all the same."""
        self.daemon.write_task_file("exit", "[Schedule]\nEverySec=2d\n")
        with self.daemon.connect() as connection:
            connection.send("Reload", more=True)
        harness.wait_until(lambda: "EverySec=172800s" in self.schedules()["exit"]["definition"], "it is changed")

    def test_several_at_once(self):
        self.daemon.write_task_file("exit", "[Schedule]\nEverySec=2d\n")
        connections = [self.daemon.connect() for _ in range(5)]
        for index, connection in enumerate(connections):
            connection.send("Reload", {"dryRun": index % 2 == 0}, more=True)
            self.daemon.process.send_signal(signal.SIGHUP)
        replies = [connection.receive()["parameters"] for connection in connections]
        for connection in connections:
            connection.close()
        self.assertEqual([error for reply in replies for error in reply["errors"]], [])
        self.assertIn("EverySec=172800s", self.schedules()["exit"]["definition"])
        self.assertEqual([entry["why"] for entry in self.ledger() if entry["schedule"] == "exit"], ["added", "edited"])


class FoldersTest(ReloadTest):
    """Vendor, site and user folders, by BGTASKD_TASK_DIRS."""

    def setUp(self):
        super().setUp()
        self.folders = [self.daemon.directory / name for name in ("user", "site", "vendor")]
        for folder in self.folders:
            folder.mkdir(mode=0o755)
        self.daemon.env["BGTASKD_TASK_DIRS"] = ":".join(map(str, self.folders))
        self.daemon.restart()
        self.assertEqual(self.schedules(), {})

    def write(self, folder, name, text):
        path = self.daemon.directory / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
        return path

    def test_masked(self):
        vendor = self.write("vendor", "exit.task", DAILY)
        self.assertEqual(self.changes(), [("added", "exit")])
        first = self.schedules()["exit"]
        # A copy that says the same is the same.
        site = self.write("site", "exit.task", DAILY)
        [change] = self.reload()["changes"]
        self.assertEqual((change["change"], change["keys"], change["source"]), ("changed", ["file"], str(site)))
        self.assertEqual(self.schedules()["exit"], {**first, "source": str(site)})
        self.assertEqual([entry["why"] for entry in self.ledger()], ["added"])
        site.unlink()
        site.symlink_to("/dev/null")
        self.assertEqual(self.changes(), [("removed", "exit")])
        self.daemon.restart()
        self.assertEqual(self.schedules(), {})
        site.unlink()
        self.assertEqual(self.changes(), [("added", "exit")])
        self.assertEqual(self.schedules()["exit"]["source"], str(vendor))

    def test_drop_in(self):
        vendor = self.write("vendor", "exit.task", DAILY + "Overlap=allow\n")
        self.reload()
        drop_in = self.write("site", "exit.task.d/10.conf", "[Schedule]\nPhaseSec=2h\n\n[Schedule]\nName=more\nEverySec=1h\n")
        report = self.reload()
        self.assertEqual({change["name"]: (change["change"], change["source"], change["keys"]) for change in report["changes"]},
                         {"exit": ("changed", str(vendor), ["PhaseSec"]), "more": ("added", str(drop_in), None)})
        schedules = self.schedules()
        self.assertEqual(schedules["exit"]["nextAt"] % DAY, 7200 * SECOND)
        self.assertIn("Overlap=allow", schedules["exit"]["definition"])
        self.assertEqual(self.json("next", "-n", "1", "exit")[0]["nominalAt"], schedules["exit"]["nextAt"])
        drop_in.unlink()
        self.assertEqual(self.changes(), [("changed", "exit"), ("removed", "more")])

    def test_collisions(self):
        self.write("vendor", "exit.task", "[Schedule]\nName=same\nEverySec=1d\n\n[Schedule]\nName=mine\nEverySec=1d\n")
        self.assertEqual(self.changes(), [("added", "mine"), ("added", "same")])
        # The one in the earlier folder has the name from now on; the rest of the other file stays.
        site = self.write("site", "sleep.task", "[Task]\n[Schedule]\nName=same\nEverySec=2d\n")
        for _ in range(2):
            done = self.ctl("reload")
            self.assertEqual(done.returncode, 65)
            self.assertRegex(done.err, rf'^\S*/vendor/exit.task:1: schedule "same": expected a name of its own, found the same in '
                                       rf"{site}:2, which goes first\n$")
            self.daemon.restart()
            schedules = self.schedules()
            self.assertEqual({name: schedule["task"] for name, schedule in schedules.items()}, {"same": "sleep", "mine": "exit"})
        # A client's was there before, or is refused.
        done = self.ctl("schedule", "add", "mine", "sleep", "--every=1d")
        self.assertEqual(done.returncode, 73)
        self.json("schedule", "add", "taken", "sleep", "--every=1d")
        taken = self.schedules()["taken"]
        site.unlink()
        path = self.write("user", "environment.task", "[Schedule]\nName=taken\nEverySec=2d\n[Schedule]\nName=free\nEverySec=2d\n")
        report = self.reload(code=65)
        self.assertEqual(report["errors"], [f'{path}:1: schedule "taken": expected a name of its own, found one that user '
                                            f"{os.geteuid()} added"])
        self.assertEqual(sorted((change["change"], change["name"]) for change in report["changes"]),
                         [("added", "free"), ("changed", "same")])
        self.assertEqual(self.schedules()["taken"], taken)
        self.json("schedule", "remove", "taken")
        self.assertEqual(self.changes(), [("added", "taken")])

    def test_check(self):
        """bgtaskd --check says what a start would refuse, where files alone are to blame."""
        def check():
            done = subprocess.run([*self.daemon.command(), "--check"], env=self.daemon.environment(), capture_output=True,
                                  text=True, check=False)
            return done.returncode, [line for line in done.stderr.splitlines() if ".task" in line]
        self.write("vendor", "exit.task", "[Schedule]\nName=same\nEverySec=1d\n[Schedule]\nName=x\nOnEndOf=sleep\n")
        self.assertEqual(check(), (0, []))
        self.write("vendor", "sleep.task", "[Schedule]\nName=same\nEverySec=1d\n[Schedule]\nOnEndOf=exit\n")
        code, lines = check()
        self.assertEqual(code, 65)
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r'sleep.task:1: schedule "same": expected a name of its own')
        self.assertRegex(lines[1], r'sleep.task:4: schedule "sleep": expected tasks .*found sleep -> exit -> sleep')

    def test_chains(self):
        # In whatever order: exit -> environment -> sleep.
        self.write("vendor", "sleep.task", "[Schedule]\nOnSuccessOf=environment\n")
        self.write("vendor", "environment.task", "[Schedule]\nOnSuccessOf=exit\n")
        self.write("vendor", "exit.task", DAILY + "Arguments=0\n")
        self.assertEqual(len(self.changes()), 3)
        self.json("schedule", "run", "exit")
        harness.wait_until(lambda: self.runs("sleep"), "the chain is run to its end")
        self.ctl("cancel", str(self.runs("sleep")[0]["id"]))
        # The other way round, all at once.
        self.write("vendor", "sleep.task", DAILY)
        self.write("vendor", "environment.task", "[Schedule]\nOnEndOf=sleep\n")
        self.write("vendor", "exit.task", "[Schedule]\nOnSuccessOf=environment\nArguments=0\n")
        self.assertEqual(len(self.changes()), 3)
        before = self.schedules()
        # And in a circle: the last one in the order of names stays as it was, and the line says what it would close.
        self.write("vendor", "sleep.task", "[Schedule]\nOnFailureOf=exit\n")
        for _ in range(2):
            report = self.reload(code=65)
            self.assertEqual(report["changes"], [])
            self.assertEqual(report["errors"], [
                f'{self.folders[2]}/sleep.task:1: schedule "sleep": expected tasks that do not trigger each other in a circle, '
                "found sleep -> environment -> exit -> sleep"])
            self.assertEqual({name: schedule["definition"] for name, schedule in self.schedules().items()},
                             {name: schedule["definition"] for name, schedule in before.items()})
            self.daemon.restart()
        # What clients have added counts as well.
        self.json("schedule", "add", "by-hand", "wait", "-p", "OnEndOf=exit")
        self.write("vendor", "sleep.task", "[Schedule]\nOnEndOf=wait\n")
        self.assertRegex(self.reload(code=65)["errors"][0], "sleep -> environment -> exit -> wait -> sleep")


class StoreTest(ReloadTest):
    task_files = {"exit": DAILY}

    def test_while_it_was_off(self):
        """What passed under the old definition is accounted for, and not made up for by the new one."""
        self.daemon.write_task_file("environment", "[Schedule]\nEverySec=1s\nOverlap=allow\n")
        self.reload()
        harness.wait_until(lambda: self.runs("environment"), "it runs")
        self.daemon.stop()
        self.daemon.write_task_file("environment", "[Schedule]\nEverySec=1d\n")
        time.sleep(2)
        runs = None
        self.daemon.start()
        runs = len(self.runs("environment"))
        passes = [entry for entry in self.ledger() if entry["schedule"] == "environment"]
        self.assertEqual([entry["why"] for entry in passes], ["added", "edited"])
        self.assertEqual(passes[0]["occurrences"][-1]["reason"], "edited")
        self.assertEqual(self.json("audit")["problems"], [])
        self.assertEqual(len(self.runs("environment")), runs)

    def test_enabled_again(self):
        """What would have been while it was not enabled is not made up for."""
        self.daemon.write_task_file("environment", "[Schedule]\nEverySec=1s\nOverlap=allow\nEnabled=no\n")
        self.reload()
        self.assertEqual(self.schedules()["environment"]["nextAt"], None)
        time.sleep(2.1)
        self.daemon.write_task_file("environment", "[Schedule]\nEverySec=1s\nOverlap=allow\n")
        now = time.time()
        self.reload()
        harness.wait_until(lambda: self.runs("environment"), "it runs")
        self.assertTrue(all(run["nominalAt"] / SECOND > now for run in self.runs("environment")))
        self.assertEqual(self.json("audit")["problems"], [])

    def test_notification(self):
        import socket
        path = self.daemon.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            listener.settimeout(harness.PATIENCE)
            self.daemon.stop()
            self.daemon.env.update(NOTIFY_SOCKET=path)
            self.daemon.start()
            lines = []

            def until(line):
                while line not in lines:
                    lines.extend(listener.recv(4096).decode().split("\n"))
            until("READY=1")
            self.assertNotIn("RELOADING=1", lines)
            del lines[:]
            self.reload("--dry-run")
            self.reload()
            until("READY=1")
            self.assertEqual([line for line in lines if "STATUS" not in line][:1], ["RELOADING=1"])
            self.assertEqual(lines.count("RELOADING=1"), 1)
            self.assertTrue(any(line.startswith("MONOTONIC_USEC=") for line in lines))


if __name__ == "__main__":
    harness.main()
