# SPDX-License-Identifier: MPL-2.0
"""The daemon executes its program anew: no run is lost or killed, no client refused, every exit code is the true one."""

import os
import shutil
import signal
import unittest

import harness
from harness import pid_in
from test_daemon_runs import FakeTest
from test_recovery import is_alive


class ReexecTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 100}

    def setUp(self):
        super().setUp()
        self.go = self.daemon.directory / "go"

    def started_at(self):
        return self.call("Status")["parameters"]["status"]["startedAt"]

    def reexec(self):
        before = self.started_at()
        pid = self.daemon.process.pid
        done = self.ctl("reexec")
        self.assertEqual(done.returncode, 0, done.err)
        status = self.call("Status")["parameters"]["status"]
        self.assertEqual(status["pid"], pid)
        self.assertGreater(status["startedAt"], before)

    def wait(self, run_id):
        return self.call("Wait", {"id": run_id})["parameters"]["run"]

    def test_hundred_runs(self):
        count = 10 if harness.VALGRIND else 100
        ids = [self.detach("wait", str(self.go), str(i % 50)) for i in range(count)]
        for run_id in ids:
            self.until_output(run_id, "before")
        pids = [self.run_of(run_id)["pid"] for run_id in ids]
        self.reexec()
        self.go.touch()
        for i, (run_id, pid) in enumerate(zip(ids, pids)):
            run = self.wait(run_id)
            self.assertEqual((run["state"], run["exitCode"], run["epoch"], run["pid"]), ("finished", i % 50, 1, pid))
            self.assertEqual(run["outputBytes"], 13)
        runs = self.daemon.runtime / "runs"
        harness.wait_until(lambda: set(os.listdir(runs)) == {"boot"}, "no file is left")
        # Nor a process, nor a zombie, but the zygote's.
        self.run_task("exit")
        harness.wait_until(lambda: len(self.processes()) <= 1, "only the zygote is left")

    def test_followers_go_on(self):
        with self.start("run", "wait", str(self.go), "7") as followed:
            self.assertEqual(followed.stdout.readline(), b"before\n")
            run_id = self.ctl("--json", "list").json[0]["id"]
            with self.start("wait", str(run_id)) as waiting:
                self.reexec()
                self.reexec()
                self.go.touch()
                self.assertEqual(followed.stdout.read(), b"after\n")
                self.assertEqual(followed.wait(harness.PATIENCE), 7)
                self.assertEqual(waiting.wait(harness.PATIENCE), 7)

    def accepted(self, task, *args):
        """Queue a run as clients do: who is told that the daemon is about to go asks the next one."""
        def ask():
            reply = self.call("Run", {"task": task, "args": list(args)})
            self.assertIn(reply.get("error"), (None, "io.bgtaskd.Manager.ShuttingDown"))
            return None if "error" in reply else reply["parameters"]["run"]["id"]
        return harness.wait_until(ask, "it is accepted")

    def test_ended_while_it_happens(self):
        """Runs end at every point of it."""
        ids = []
        for i in range(2 if harness.VALGRIND else 5):
            ids += [(self.detach("exit", str(code)), code) for code in range(5 if harness.VALGRIND else 20)]
            before = self.daemon.log().count(" serves ")
            self.daemon.process.send_signal(signal.SIGUSR2)
            ids += [(self.accepted("print", "x" * 100), 0)]
            # Not asked of the daemon: it closes a connection from which it has read nothing.
            harness.wait_until(lambda before=before: self.daemon.log().count(" serves ") > before, "the new program serves")
        for run_id, code in ids:
            run = self.wait(run_id)
            self.assertEqual((run["state"], run["exitCode"], run["epoch"]), ("finished", code, run["epoch"]))
            if code == 0 and run["task"] == "print":
                self.assertEqual(run["outputBytes"], 100)

    def test_ended_before_anybody_told_of_it(self):
        """The status of a run that its zygote has not named is nobody's but its own, also for the next program."""
        run_id = self.detach("zygote-mute")
        path = self.daemon.runtime / "runs" / f"{run_id}.1"
        pid = harness.wait_until(lambda: path.exists() and pid_in(path), "it has a process")
        harness.wait_until(lambda: not is_alive(pid), "that has ended")
        self.call("Status")  # after whatever its end led to
        self.reexec()
        run = self.wait(run_id)
        self.assertEqual((run["state"], run["result"], run["signal"], run["pid"]),
                         ("finished", "killed", signal.SIGKILL, pid))

    def test_being_cancelled(self):
        run_id = self.detach("stubborn")
        self.until_output(run_id, "asleep")
        with self.daemon.connect() as connection:
            connection.send("Cancel", {"id": run_id})
            path = self.daemon.runtime / "runs" / f"{run_id}.1"
            harness.wait_until(lambda: path.read_bytes()[132] == 1, "its file says that it is cancelled")
            self.reexec()
        run = self.wait(run_id)
        self.assertEqual((run["state"], run["signal"]), ("cancelled", signal.SIGKILL))

    def test_limits_go_on(self):
        run_id = self.detach("late")
        self.until_output(run_id, "asleep")
        self.reexec()
        run = self.wait(run_id)
        self.assertEqual((run["result"], run["signal"]), ("deadline", signal.SIGKILL))

    def test_queued_runs_and_schedules(self):
        self.daemon.write_prefs({**self.prefs, "bgtaskd.runs.maxRunning": 1})
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: "are reloaded" in self.daemon.log(), "one at a time")
        first = self.detach("wait", str(self.go))
        others = [self.detach("exit", str(code)) for code in range(5)]
        self.reexec()
        self.go.touch()
        self.assertEqual(self.wait(first)["exitCode"], 0)
        self.assertEqual([self.wait(run_id)["exitCode"] for run_id in others], list(range(5)))

    def test_socket_is_removed_at_the_end(self):
        self.reexec()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertFalse(self.daemon.socket.exists())

    def test_a_program_that_would_not_start(self):
        run_id = self.detach("wait", str(self.go), "3")
        self.until_output(run_id, "before")
        before = self.started_at()
        self.daemon.prefs_file.write_text("this is no preference")
        done = self.ctl("reexec")
        self.assertEqual(done.returncode, 69, done.err)
        self.assertIn("goes on as it is", done.err)
        self.assertEqual(self.started_at(), before)
        self.go.touch()
        self.assertEqual(self.wait(run_id)["exitCode"], 3)

    def test_a_task_file_with_an_error_is_no_obstacle(self):
        self.daemon.write_task_file("bad", "MemoryMax=lots\n")
        self.reexec()
        self.assertIn("MemoryMax=: expected", self.daemon.log())

    @unittest.skipIf(harness.VALGRIND, "valgrind drops what signals are pending when a program executes another")
    def test_ended_at_once(self):
        """A request to end that comes in the middle is not lost."""
        self.assertNotIn("error", self.call("Reexec"))


class NewProgramTest(FakeTest):
    """The program is replaced on disk."""

    def test_the_new_one_runs(self):
        copy = self.daemon.directory / "bgtaskd"
        shutil.copy2(harness.BINDIR / "bgtaskd", copy)
        self.daemon.stop()
        command = self.daemon.command
        self.daemon.command = lambda: [copy if word == harness.BINDIR / "bgtaskd" else word for word in command()]
        self.daemon.args += ["--runner", str(harness.BUILDDIR / "tests" / "fake_runner")]
        self.daemon.start()
        replaced = self.daemon.directory / "new"
        shutil.copy2(harness.BINDIR / "bgtaskd", replaced)
        os.rename(replaced, copy)
        done = self.ctl("reexec")
        self.assertEqual(done.returncode, 0, done.err)
        if not harness.VALGRIND:
            self.assertEqual(os.readlink(f"/proc/{self.daemon.process.pid}/exe"), str(copy))
        run_id = self.detach("wait", str(self.daemon.directory / "go"), "5")
        self.until_output(run_id, "before")
        # One that is there for the trial alone: the daemon then goes on as the program that it is.
        copy.unlink()
        copy.write_text('#!/bin/sh\nrm -f "$0"\n')
        copy.chmod(0o755)
        self.assertEqual(self.ctl("reexec").returncode, 0)
        self.assertIn("going on with this program", self.daemon.log())
        (self.daemon.directory / "go").touch()
        self.assertEqual(self.call("Wait", {"id": run_id})["parameters"]["run"]["exitCode"], 5)
        # One that cannot be executed does not end what runs.
        done = self.ctl("reexec")
        self.assertEqual(done.returncode, 69, done.err)
        self.assertEqual(self.run_task("exit")[0]["result"], "success")


if __name__ == "__main__":
    harness.main()
