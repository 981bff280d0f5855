# SPDX-License-Identifier: MPL-2.0
"""Runs that do not want to end, or leave others behind: all of it is gone in bounded time, and the record is true.

The stand-in for the runner uses neither namespaces nor groups, so that what is tested is the least that there is."""

import os
import signal

import harness
from test_daemon_runs import FakeTest
from test_recovery import is_alive


class StoppingTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1}
    task_files = {"burns": "[Task]\nLimitCPU=1\n"}

    def assert_clean(self):
        """No process is left but zygotes, and no zombie."""
        # Something that ends and starts another, so that the last of it is seen.
        harness.wait_until(lambda: len(self.processes()) <= 1, "only the zygote is left")
        for directory in ("profiles", "runs"):
            path = self.daemon.runtime / directory
            harness.wait_until(lambda: set(os.listdir(path)) <= {"boot"}, f"{directory} is empty")

    def cancel(self, task, *args):
        run_id = self.detach(task, *args)
        self.until_output(run_id, "asleep")
        return self.call("Cancel", {"id": run_id})["parameters"]["run"]

    def numbers(self, path):
        harness.wait_until(lambda: path.exists() and path.read_text().count("\n") == 2, "both have said who they are")
        return [int(line) for line in path.read_text().split()]

    def test_stopped(self):
        """It hears of SIGTERM, for it is continued."""
        run = self.cancel("stopped")
        self.assertEqual((run["state"], run["signal"]), ("cancelled", signal.SIGTERM))
        self.assert_clean()

    def test_spinning(self):
        run = self.cancel("spin")
        self.assertEqual((run["state"], run["signal"]), ("cancelled", signal.SIGKILL))
        self.assert_clean()

    def test_killed_at_its_limit_of_processor_time(self):
        run, _ = self.run_task("burns")
        self.assertEqual((run["result"], run["signal"]), ("killed", signal.SIGKILL))
        self.assertIn("LimitCPU=", run["message"])
        self.assertGreaterEqual(run["cpuTimeUs"], 1_000_000)
        self.assert_clean()

    def test_spinning_beyond_its_limit(self):
        run, _ = self.run_task("spin-late")
        self.assertEqual((run["result"], run["signal"]), ("deadline", signal.SIGKILL))
        self.assert_clean()

    def test_closes_all_it_has(self):
        run = self.cancel("closes")
        self.assertEqual((run["state"], run["signal"]), ("cancelled", signal.SIGTERM))
        self.assert_clean()

    def test_lies(self):
        run, _ = self.run_task("liar", "9")
        self.assertEqual((run["result"], run["exitCode"]), ("exited", 9))
        run, _ = self.run_task("exit", "0")
        self.assertEqual((run["result"], run["exitCode"]), ("success", 0))

    def test_fills_its_disk(self):
        run, output = self.run_task("fills", str(self.daemon.directory / "file"))
        self.assertEqual((run["result"], run["exitCode"]), ("exited", 27), output)
        self.assert_clean()

    def test_fills_its_output(self):
        run, _ = self.run_task("flood", "4096")
        self.assertEqual(run["result"], "success")
        self.assertEqual(run["outputBytes"], 4096 * 1024)
        self.assert_clean()

    def test_double_fork_ends_with_the_run(self):
        path = self.daemon.directory / "numbers"
        run, _ = self.run_task("daemonize", str(path))
        self.assertEqual(run["result"], "success")
        for pid in self.numbers(path):
            harness.wait_until(lambda pid=pid: not is_alive(pid), "it is gone")
        self.assert_clean()

    def test_double_fork_ends_with_a_cancelled_run(self):
        path = self.daemon.directory / "numbers"
        run_id = self.detach("daemonize", str(path), "stay")
        self.until_output(run_id, "asleep")
        pids = self.numbers(path)
        run = self.call("Cancel", {"id": run_id})["parameters"]["run"]
        self.assertEqual((run["state"], run["signal"]), ("cancelled", signal.SIGKILL))
        for pid in pids:
            harness.wait_until(lambda pid=pid: not is_alive(pid), "it is gone")
        self.assert_clean()

    def test_what_others_are_doing_is_not_touched(self):
        path = self.daemon.directory / "numbers"
        other = self.detach("sleep")
        self.until_output(other, "asleep")
        run, _ = self.run_task("daemonize", str(path))
        self.assertEqual(run["result"], "success")
        pids = self.numbers(path)
        # Whose it is cannot be told as long as the other goes on.
        self.assertEqual(self.run_of(other)["state"], "running")
        self.call("Cancel", {"id": other})
        for pid in pids:
            harness.wait_until(lambda pid=pid: not is_alive(pid), "it is gone")
        self.assert_clean()

    def test_zombies_do_not_wait_for_the_runs_end(self):
        """What a run's programs leave behind and ends is reaped at once; the status of a run is not taken with it."""
        run_id = self.detach("litters", "50")
        self.until_output(run_id, "asleep")
        pid = self.run_of(run_id)["pid"]
        for code in (0, 7):
            self.assertEqual(self.run_task("exit", str(code))[0]["exitCode"], code)
        harness.wait_until(lambda: all(is_alive(child) for child in self.processes()), "no child is a zombie")
        self.assertIn(pid, self.processes())
        os.kill(pid, signal.SIGKILL)
        run = self.call("Wait", {"id": run_id})["parameters"]["run"]
        self.assertEqual((run["result"], run["signal"]), ("killed", signal.SIGKILL))
        self.assert_clean()

    def test_at_the_daemons_end(self):
        path = self.daemon.directory / "numbers"
        run_id = self.detach("daemonize", str(path), "stay")
        pids = self.numbers(path)
        self.until_output(run_id, "asleep")
        self.assertEqual(self.daemon.restart(), 0)
        self.assertEqual(self.run_of(run_id)["state"], "interrupted")
        for pid in pids:
            harness.wait_until(lambda pid=pid: not is_alive(pid), "it is gone")


if __name__ == "__main__":
    harness.main()
