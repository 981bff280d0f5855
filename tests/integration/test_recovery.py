# SPDX-License-Identifier: MPL-2.0
"""A daemon that is killed, and what the next one makes of the runs that were under way."""

import os
import signal
import sys
import time
import unittest

import harness
from harness import pid_in
from test_daemon_runs import FakeTest


def is_alive(pid):
    """Neither gone nor a zombie, of whoever reaps it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def has_group(pid):
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


class RecoveryTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 8}
    wrapper = ()  # a command that executes the daemon

    def setUp(self):
        super().setUp()
        self.daemon.stop()
        command = self.daemon.command
        self.daemon.command = lambda: [*self.wrapper, *command()]
        self.once = self.daemon.directory / "once"
        self.daemon.env["FAKE_ONCE"] = str(self.once)
        self.daemon.start()

    def kill(self, start=True):
        """As by the kernel; what dies with the daemon is dead before the next one starts."""
        pids = self.processes()
        self.daemon.stop(signal.SIGKILL)
        if start:
            self.daemon.start()
        return pids

    def wait(self, run_id):
        return self.call("Wait", {"id": run_id})["parameters"]["run"]

    def output(self, run_id):
        with self.daemon.connect() as connection:
            connection.send("Logs", {"id": run_id}, more=True)
            text = ""
            while True:
                reply = connection.receive()
                text += reply["parameters"].get("output", {}).get("text", "")
                if not reply.get("continues"):
                    return text

    @staticmethod
    def until_gone(pid):
        """Its lock is free, and its end therefore recorded, a moment before it is gone."""
        harness.wait_until(lambda: not is_alive(pid), f"process {pid} is gone")

    def assert_clean(self):
        """Nothing is left of any run."""
        for directory in ("profiles", "runs"):
            path = self.daemon.runtime / directory
            harness.wait_until(lambda: set(os.listdir(path)) <= {"boot"}, f"{directory} is empty")


class DieTest(RecoveryTest):
    def test_interrupted(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        pid = self.run_of(run_id)["pid"]
        self.kill()
        run = self.wait(run_id)
        self.assertEqual((run["state"], run["result"], run["epoch"]), ("interrupted", "interrupted", 1))
        self.assertIn("bgtaskd ended", run["message"])
        # Found by tests/chaos: it ended before it had started, because the last word in its file was that it starts.
        self.assertLess(run["startedAt"], run["finishedAt"])
        self.assertEqual(self.output(run_id), "asleep\n")
        self.assertEqual(run["outputBytes"], 7)
        self.until_gone(pid)
        self.assert_clean()

    def test_queued_runs_are_kept(self):
        self.daemon.stop()
        self.daemon.write_prefs({**self.prefs, "bgtaskd.runs.maxRunning": 1})
        self.daemon.start()
        first = self.detach("sleep")
        self.until_output(first, "asleep")
        others = [self.detach("exit", str(code)) for code in range(5)]
        self.kill()
        self.assertEqual(self.wait(first)["state"], "interrupted")
        for code, run_id in enumerate(others):
            run = self.wait(run_id)
            self.assertEqual((run["exitCode"], run["epoch"]), (code, 1))
        self.assert_clean()

    def test_what_did_not_reach_its_task_is_begun_again(self):
        run_id = self.detach("slow-setup")
        harness.wait_until(self.once.exists, "it is being set up")
        self.kill()
        run = self.wait(run_id)
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))
        self.assertEqual([(attempt["epoch"], attempt["began"]) for attempt in run["attempts"]], [(1, False)])
        self.assertIn("before the task was begun", run["attempts"][0]["message"])
        self.assertIn("did not begin", self.ctl("show", str(run_id)).out)
        self.assert_clean()

    def test_a_module_being_loaded_is_the_task(self):
        run_id = self.detach("loading")
        state = self.daemon.runtime / "runs" / f"{run_id}.1"
        harness.wait_until(lambda: state.exists() and state.read_bytes()[256], "it has said so")
        self.kill()
        self.assertEqual(self.wait(run_id)["state"], "interrupted")

    def test_the_zygote_killed_with_it(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        # Not the one that tells the daemon what keeps runs in, which ends by itself.
        harness.wait_until(lambda: len(self.processes()) == 2, "the zygote and the run are alone")
        pids = self.processes()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        self.daemon.process.kill()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.kill()
        self.assertEqual(self.wait(run_id)["state"], "interrupted")
        self.assertEqual(self.run_task("exit")[0]["result"], "success")

    def test_a_removed_file_is_no_reason_to_guess(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        harness.wait_until(lambda: self.run_of(run_id)["state"] == "running", "that is known")
        harness.wait_until(lambda: "pid" in self.run_of(run_id), "that is durable")
        self.call("Run", {"task": "exit"})  # what was written before is durable with this
        self.kill(start=False)
        (self.daemon.runtime / "runs" / f"{run_id}.1").unlink()
        self.daemon.start()
        run = self.wait(run_id)
        self.assertEqual(run["state"], "lost")
        self.assertIn("removed", run["message"])

    def test_another_boot(self):
        run_id = self.detach("slow-setup")
        harness.wait_until(self.once.exists, "it is being set up")
        self.kill(start=False)
        for name in os.listdir(self.daemon.runtime / "runs"):
            (self.daemon.runtime / "runs" / name).unlink()
        self.daemon.start()
        run = self.wait(run_id)
        self.assertEqual(run["state"], "interrupted")
        self.assertIn("system was restarted", run["message"])

    def test_strange_things_in_the_directory(self):
        self.daemon.stop()
        runs = self.daemon.runtime / "runs"
        (runs / "17.1").write_bytes(b"nonsense")
        (runs / "x").mkdir()
        (runs / "x" / "y").touch()
        (runs / "5.out").touch()
        self.daemon.start()
        self.assert_clean()

    def test_again_and_again(self):
        ids = []
        for _ in range(2 if harness.VALGRIND else 5):
            ids += [self.detach("sleep"), self.detach("exit"), self.detach("print", "x")]
            self.kill()
        for run_id in ids:
            # One that had not reached its task was begun again, and sleeps.
            if self.run_of(run_id)["task"] == "sleep":
                self.call("Cancel", {"id": run_id})
            self.assertIn(self.wait(run_id)["state"], ("interrupted", "finished", "cancelled"))
        self.assert_clean()


class IdempotentTest(RecoveryTest):
    task_files = {"sleep": "[Task]\nIdempotent=yes\n", "slow-setup": "[Task]\nIdempotent=yes\n",
                  "half": "[Task]\nIdempotent=yes\n"}

    def test_is_run_again_and_says_so(self):
        run_id = self.detach("half")
        self.until_output(run_id, "half")
        self.kill()
        run = self.wait(run_id)
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))
        self.assertEqual([(attempt["epoch"], attempt["began"]) for attempt in run["attempts"]], [(1, True)])
        self.assertIn("attempt 2", self.output(run_id))
        self.assertTrue(self.output(run_id).startswith("half\n"))
        self.assertIn("was interrupted", self.ctl("show", str(run_id)).out)
        self.assert_clean()

    def test_not_for_ever(self):
        run_id = self.detach("sleep")
        for attempt in range(1, 5):
            harness.wait_until(lambda attempt=attempt: self.output(run_id).count("asleep") == attempt, "it is begun again")
            self.kill()
        run = self.wait(run_id)
        self.assertEqual((run["state"], run["epoch"], len(run["attempts"])), ("interrupted", 4, 3))

    def test_another_boot(self):
        run_id = self.detach("slow-setup")
        harness.wait_until(self.once.exists, "it is being set up")
        self.kill(start=False)
        for name in os.listdir(self.daemon.runtime / "runs"):
            (self.daemon.runtime / "runs" / name).unlink()
        self.daemon.start()
        run = self.wait(run_id)
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))


class AdoptTest(RecoveryTest):
    task_files = dict.fromkeys(("wait", "sleep", "stubborn", "late", "spout", "linger"),
                               "[Task]\nOnDaemonExit=adopt\n")

    def setUp(self):
        super().setUp()
        self.go = self.daemon.directory / "go"

    def begin(self, *args):
        run_id = self.detach("wait", str(self.go), *args)
        self.until_printed(run_id, "before")
        # That it runs, and as which process, is in its file before it prints; that the daemon knows is not waited for.
        return run_id, pid_in(self.daemon.runtime / "runs" / f"{run_id}.1")

    def test_goes_on_after_a_crash(self):
        run_id, pid = self.begin("7")
        self.kill()
        harness.wait_until(lambda: self.run_of(run_id)["state"] == "running", "it is known to run")
        self.assertEqual(self.run_of(run_id)["pid"], pid)
        self.go.touch()
        run = self.wait(run_id)
        self.assertEqual((run["state"], run["exitCode"], run["epoch"], run["pid"]), ("finished", 7, 1, pid))
        self.assertEqual(self.output(run_id), "before\nafter\n")
        self.assertEqual(run["outputBytes"], 13)
        self.assert_clean()

    def test_goes_on_after_a_proper_end(self):
        run_id, pid = self.begin("7")
        self.assertEqual(self.daemon.restart(), 0)
        self.assertTrue(is_alive(pid))
        self.go.touch()
        self.assertEqual(self.wait(run_id)["exitCode"], 7)
        self.assertEqual(self.output(run_id), "before\nafter\n")

    def test_others_end_beside_it(self):
        """What ends with the daemon does not take along what does not."""
        run_id, pid = self.begin("7")
        others = [self.detach("exit-late") for _ in range(3)]
        for other in others:
            self.until_output(other, "asleep")
        self.assertEqual(self.daemon.restart(), 0)
        self.assertTrue(is_alive(pid))
        self.go.touch()
        self.assertEqual(self.wait(run_id)["exitCode"], 7)
        self.assertEqual({self.run_of(other)["state"] for other in others}, {"interrupted"})

    def test_ended_while_there_was_no_daemon(self):
        for how in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(how=how):
                self.go.unlink(missing_ok=True)
                run_id, pid = self.begin("7")
                self.daemon.stop(how)
                self.go.touch()
                self.until_gone(pid)
                # The clock of files may be some milliseconds behind; found by tests/chaos.
                os.utime(self.daemon.runtime / "runs" / f"{run_id}.1", (1, 1))
                self.daemon.start()
                run = self.wait(run_id)
                self.assertEqual((run["state"], run["exitCode"], run["epoch"]), ("finished", 7, 1))
                self.assertLessEqual(run["startedAt"], run["finishedAt"])
                self.assert_clean()

    def test_several_daemons(self):
        run_id, pid = self.begin("9")
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            self.daemon.stop(how)
            self.daemon.start()
        self.go.touch()
        self.assertEqual((self.wait(run_id)["exitCode"], self.run_of(run_id)["pid"]), (9, pid))

    def test_killed_while_there_was_no_daemon(self):
        run_id, pid = self.begin()
        self.daemon.stop(signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        self.until_gone(pid)
        self.daemon.start()
        run = self.wait(run_id)
        self.assertEqual(run["state"], "lost")
        self.assertIn("without saying how", run["message"])

    def test_killed_before_the_next_daemons_eyes(self):
        run_id, pid = self.begin()
        self.kill()
        harness.wait_until(lambda: self.run_of(run_id)["state"] == "running", "it is adopted")
        os.kill(pid, signal.SIGKILL)
        run = self.wait(run_id)
        self.assertEqual(run["state"], "lost")
        self.assertIn("without saying how", run["message"])

    def test_its_end_is_that_of_its_process(self):
        """Whatever it has started may hold its file and its output; that ends with it."""
        run_id = self.detach("linger", str(self.go))
        self.until_output(run_id, "parent ends")
        pid = self.run_of(run_id)["pid"]
        self.kill()
        self.go.touch()
        run = self.wait(run_id)
        self.assertEqual((run["state"], run["result"], run["epoch"]), ("finished", "success", 1))
        harness.wait_until(lambda: not has_group(pid), "the other one is gone, too")
        self.assert_clean()

    def set_version(self, run_id):
        """As if another version of the daemon had made the run's file: nothing but header and number is known."""
        path = self.daemon.runtime / "runs" / f"{run_id}.1"
        with open(path, "r+b") as file:
            header = bytearray(file.read(96))
            header[8:12] = (99).to_bytes(4, sys.byteorder)
            check = 2166136261
            for byte in header[:92]:
                check = (check ^ byte) * 16777619 & 0xffffffff
            header[92:] = check.to_bytes(4, sys.byteorder)
            file.seek(0)
            file.write(header)

    def test_of_another_version(self):
        for end in ("cancel", "exit"):
            with self.subTest(end=end):
                self.go.unlink(missing_ok=True)
                run_id, pid = self.begin("7")
                self.daemon.stop(signal.SIGKILL)
                self.set_version(run_id)
                self.daemon.start()
                self.assertTrue(is_alive(pid))
                self.assertNotEqual(self.run_of(run_id)["state"], "lost")
                if end == "cancel":
                    self.assertEqual(self.call("Cancel", {"id": run_id})["parameters"]["run"]["state"], "cancelled")
                else:
                    self.go.touch()
                    self.assertEqual(self.wait(run_id)["state"], "lost")
                self.until_gone(pid)
        self.assertIn("version 99", self.daemon.log())
        self.assert_clean()

    def test_cancel(self):
        for task in ("sleep", "stubborn"):
            with self.subTest(task=task):
                run_id = self.detach(task)
                self.until_output(run_id, "asleep")
                pid = self.run_of(run_id)["pid"]
                self.kill()
                run = self.call("Cancel", {"id": run_id})["parameters"]["run"]
                self.assertEqual(run["state"], "cancelled")
                self.until_gone(pid)
        self.assert_clean()

    def test_cancel_goes_on(self):
        """Found by tests/chaos: whoever was told to end, and did so when the daemon was killed, was lost."""
        for ended in (False, True):
            with self.subTest(ended=ended), self.daemon.connect() as connection:
                run_id = self.detach("stubborn")
                self.until_output(run_id, "asleep")
                path, pid = self.daemon.runtime / "runs" / f"{run_id}.1", self.run_of(run_id)["pid"]
                connection.send("Cancel", {"id": run_id})
                harness.wait_until(lambda path=path: path.read_bytes()[132] == 1, "its file says that it is cancelled")
                self.daemon.stop(signal.SIGKILL)
                if ended:
                    os.kill(pid, signal.SIGKILL)
                self.daemon.start()
                self.assertEqual(self.wait(run_id)["state"], "cancelled")
                self.until_gone(pid)
        self.assert_clean()

    def test_limits_go_on(self):
        run_id = self.detach("late")
        self.until_output(run_id, "asleep")
        pid = self.run_of(run_id)["pid"]
        self.kill()
        run = self.wait(run_id)
        self.assertEqual(run["result"], "deadline")
        self.until_gone(pid)

    def test_who_follows_goes_on_following(self):
        with self.start("run", "wait", str(self.go), "7") as followed:
            self.assertEqual(followed.stdout.readline(), b"before\n")
            self.kill()
            self.go.touch()
            self.assertEqual(followed.stdout.read(), b"after\n")
            self.assertEqual(followed.wait(harness.PATIENCE), 7)

    def test_output_waits_for_the_next_daemon(self):
        """More than a FIFO holds: the run waits, it is neither killed nor loses anything."""
        run_id = self.detach("spout", str(self.go), "1000")
        self.until_output(run_id, "before")
        self.daemon.stop(signal.SIGKILL)
        self.go.touch()
        self.daemon.start()
        run = self.wait(run_id)
        self.assertEqual((run["result"], run["outputBytes"]), ("success", 7 + 1000 * 1024))


@unittest.skipIf(harness.VALGRIND, "takes minutes there, where ends are seen once a second: AdoptTest must do")
class AdoptEndTest(RecoveryTest):
    """Runs to be adopted that end while the daemon does, at every step of their end."""

    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 32}
    task_files = {"exit": "[Task]\nOnDaemonExit=adopt\n"}

    def test_ends_with_the_daemon(self):
        """Found by tests/chaos: one that waited for its commit was recorded a second time, and freed twice."""
        ids = []
        for step in range(40):
            with self.daemon.connect() as connection:
                for _ in range(40):
                    connection.send("Run", {"task": "exit", "args": ["3"]})
                ids += [connection.receive()["parameters"]["run"]["id"] for _ in range(40)]
                time.sleep(step * 0.001)
                self.assertEqual(self.daemon.restart(), 0)
        for run_id in ids:
            self.assertEqual(self.wait(run_id)["exitCode"], 3)
        self.assertNotIn("does not have it as being under way", self.daemon.log())
        self.assert_clean()


@unittest.skipIf(harness.VALGRIND, "takes minutes there, where ends are seen once a second: AdoptTest must do")
class RealAdoptTest(harness.DaemonTest):
    """With the runner itself."""

    tasks = {"patient": """
        export const backgroundTaskMinRuntimeMS = 0;
        export async function runBackgroundTask() {
            dump("before\\n");
            await new Promise(resolve => setTimeout(resolve, 2000));
            dump("after\\n");
            return 5;
        }"""}
    task_files = {"patient": "[Task]\nOnDaemonExit=adopt\n"}

    def go(self, away):
        with self.start("run", "patient") as followed:
            self.assertEqual(followed.stdout.readline(), b"before\n")
            run_id = self.ctl("--json", "list").json[0]["id"]
            pid = harness.wait_until(lambda: self.show(run_id).get("pid"), "its number is known")
            self.daemon.stop(signal.SIGKILL)
            if away:
                harness.wait_until(lambda: not is_alive(pid), "it ends without a daemon")
            self.daemon.start()
            if not away:
                self.assertEqual((followed.stdout.read(), followed.wait(harness.PATIENCE)), (b"after\n", 5))
        self.assertEqual(self.ctl("wait", str(run_id)).returncode, 5)
        self.assertEqual(self.ctl("logs", str(run_id)).stdout, b"before\nafter\n")
        run = self.show(run_id)
        self.assertEqual((run["state"], run["epoch"], run["outputBytes"]), ("finished", 1, 13))
        self.assertGreaterEqual(run["finishedAt"] - run["startedAt"], 1_900_000)  # clocks of two kinds

    def test_ends_without_a_daemon(self):
        self.go(True)

    def test_ends_with_the_next_one(self):
        self.go(False)


# Executes its arguments where the kernel has no pidfd_open.
WITHOUT_PIDFD_OPEN = """
import ctypes, os, struct, sys
ENOSYS, PIDFD_OPEN = 38, 434
program = struct.pack("HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, PIDFD_OPEN, 0x06, 0, 0, 0x50000 | ENOSYS, 0x06, 0, 0, 0x7fff0000)
memory = ctypes.create_string_buffer(program)
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, struct.pack("HP", 4, ctypes.addressof(memory))):
    sys.exit(f"no filter: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[1], sys.argv[1:])
"""


@unittest.skipIf(harness.VALGRIND, "valgrind 3.19 has no pidfd_open: AdoptTest is that there")
class WithoutPidfdTest(AdoptTest):
    """All of that where runs of an earlier daemon are known by their number and their lock alone."""

    wrapper = (sys.executable, "-c", WITHOUT_PIDFD_OPEN)

    def test_it_says_so(self):
        self.assertIn("pidfd_open", " ".join(self.call("Status")["parameters"]["status"]["degraded"]))


@unittest.skipIf(harness.VALGRIND, "takes minutes there, where ends are seen once a second: AdoptTest must do")
class LastWordsTest(harness.DaemonTest):
    """A run that ends while nobody reads what it prints, as the daemon is held up, which is then killed."""

    task = """
        import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";
        export const backgroundTaskMinRuntimeMS = 0;
        export async function runBackgroundTask() {
            dump("before\\n");
            await new Promise(resolve => setTimeout(resolve, 500));
            dump("x".repeat(20000) + "\\n");
            return 0;
        }"""
    # Ended by its watchdog, in a loop of the engine that does not look for interrupts.
    stuck = """
        export const backgroundTaskMinRuntimeMS = 0;
        export const backgroundTaskTimeoutSec = 0.6;
        const a = Array.from({ length: 4e6 }, (_, i) => i * 7919 % 4000037);
        export async function runBackgroundTask() {
            dump("before\\n" + "x".repeat(20000) + "\\n");
            for (;;) { a.slice().sort((x, y) => x - y); }
        }"""
    tasks = {"dies": task, "stays": task, "stuck": stuck}
    task_files = dict.fromkeys(("stays", "stuck"), "[Task]\nOnDaemonExit=adopt\n")

    def end_unread(self, task):
        with self.start("run", task) as followed:
            self.assertEqual(followed.stdout.readline(), b"before\n")
            run_id = self.ctl("--json", "list").json[0]["id"]
            self.daemon.process.send_signal(signal.SIGSTOP)
            # Long enough for it to end; when it is not, nothing is tested, and nothing fails.
            time.sleep(1.5)
            self.daemon.stop(signal.SIGKILL)
            self.daemon.start()
        self.ctl("wait", str(run_id))
        return self.show(run_id)

    def test_no_success_without_its_output(self):
        run = self.end_unread("dies")
        self.assertTrue(run["state"] == "interrupted" or run["outputBytes"] == 20008, run)

    def test_output_of_one_that_goes_on_is_kept(self):
        run = self.end_unread("stays")
        self.assertEqual((run["state"], run["result"], run["outputBytes"]), ("finished", "success", 20008))

    def test_last_words_of_one_that_is_stuck(self):
        run = self.end_unread("stuck")
        self.assertEqual((run["state"], run["result"]), ("finished", "timeout"))
        self.assertIn("timed out", self.ctl("logs", str(run["id"])).err)


@unittest.skipIf(harness.VALGRIND, "takes minutes there, where ends are seen once a second: AdoptTest must do")
class FreeAdoptTest(RealAdoptTest):
    """Without PID namespaces, and the files that are shown in them."""

    prefs = {"bgtaskd.sandbox.enabled": False}


if __name__ == "__main__":
    harness.main()
