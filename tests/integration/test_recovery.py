# SPDX-License-Identifier: MPL-2.0
"""A daemon that is killed, and what the next one makes of the runs that were under way."""

import os
import signal

import harness
from test_daemon_runs import FakeTest


def is_alive(pid):
    """Neither gone nor a zombie, of whoever reaps it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class RecoveryTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 8}

    def setUp(self):
        super().setUp()
        self.daemon.stop()
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
        self.assertFalse(is_alive(pid))
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
        for _ in range(5):
            ids += [self.detach("sleep"), self.detach("exit"), self.detach("print", "x")]
            self.kill()
        for run_id in ids:
            # One that had not reached its task was begun again, and sleeps.
            if self.run_of(run_id)["task"] == "sleep":
                self.call("Cancel", {"id": run_id})
            self.assertIn(self.wait(run_id)["state"], ("interrupted", "finished", "cancelled"))
        self.assert_clean()


if __name__ == "__main__":
    harness.main()
