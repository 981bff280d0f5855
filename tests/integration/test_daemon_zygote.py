# SPDX-License-Identifier: MPL-2.0
"""The link to the zygote when that dies, hangs or talks nonsense: no run is lost, and none goes on for ever."""

import os
import shutil
import signal

import harness
from test_daemon_runs import FAKE_RUNNER, FakeTest


class ZygoteTest(FakeTest):
    def zygote(self):
        return self.call("Status")["parameters"]["status"].get("zygote")

    def test_one_zygote_for_many_runs(self):
        self.assertIsNone(self.zygote())
        self.run_task("exit")
        first = self.zygote()
        self.run_task("exit")
        self.assertEqual((self.zygote()["pid"], self.zygote()["runs"]), (first["pid"], 2))

    def test_status_lists_them_with_their_kind(self):
        self.run_task("exit")
        status = self.call("Status")["parameters"]["status"]
        [zygote] = status["zygotes"]
        self.assertIn(zygote["kind"], ("net", "nonet"))
        self.assertEqual(zygote, status["zygote"])
        self.assertGreater(zygote["memoryBytes"], 0)

    def test_death_is_made_good(self):
        self.run_task("exit")
        pid = self.zygote()["pid"]
        os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: (self.zygote() or {}).get("pid") != pid, "the death is noticed")
        run, _ = self.run_task("exit")
        self.assertEqual((run["result"], run["epoch"]), ("success", 1))

    def test_runs_outlive_their_zygote(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        pid = self.zygote()["pid"]
        os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the zygote is reaped")
        self.assertEqual(self.run_of(run_id)["state"], "running")
        self.call("Cancel", {"id": run_id})

    def test_a_run_that_kills_every_zygote_is_given_up(self):
        run, _ = self.run_task("zygote-dies")
        self.assertEqual((run["result"], run["epoch"]), ("setup_failed", 3))
        self.assertIn("zygote died", run["message"])
        run, _ = self.run_task("exit")
        self.assertEqual(run["result"], "success")

    def test_babble(self):
        run, _ = self.run_task("zygote-babbles")
        self.assertEqual(run["result"], "setup_failed")
        self.assertIn("not in the protocol", self.daemon.log())

    def test_a_changed_runner_is_noticed(self):
        copy = self.daemon.directory / "runner"
        shutil.copy2(FAKE_RUNNER, copy)
        self.daemon.stop()
        self.daemon.args = ["--runner", str(copy)]
        self.daemon.start()
        self.run_task("exit")
        first = self.zygote()["pid"]
        os.utime(copy, (1, 1))
        self.run_task("exit")
        self.assertNotEqual(self.zygote()["pid"], first)

    def test_changed_preferences_are_noticed(self):
        self.run_task("exit")
        first = self.zygote()["pid"]
        self.daemon.write_prefs({"some.preference": 1})
        self.run_task("exit")
        self.assertNotEqual(self.zygote()["pid"], first)


class OnceTest(FakeTest):
    """Goes wrong once, then right."""

    def setUp(self):
        super().setUp()
        self.daemon.stop()
        self.daemon.env["FAKE_ONCE"] = str(self.daemon.directory / "once")
        self.daemon.start()

    def test_died_before_the_run(self):
        run, _ = self.run_task("zygote-dies")
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))
        self.assertIn("queued again", self.daemon.log())

    def test_died_after_making_the_run(self):
        # The run speaks for itself, and is not started a second time.
        run, _ = self.run_task("zygote-dies-late")
        self.assertEqual((run["result"], run["epoch"]), ("success", 1))
        self.assertGreater(run["pid"], 1)

    def test_dying_when_the_next_run_is_sent(self):
        # Found by tests/chaos: the runs that were sent to it just then were given up ("Broken pipe").
        self.run_task("zygote-deaf")
        run, _ = self.run_task("exit")
        self.assertEqual((run["result"], run["epoch"]), ("success", 1))

    def test_hangs(self):
        run_id = self.detach("zygote-hangs")
        harness.wait_until((self.daemon.directory / "once").exists, "the zygote hangs")
        os.kill(self.call("Status")["parameters"]["status"]["zygote"]["pid"], signal.SIGKILL)
        run = self.call("Wait", {"id": run_id})["parameters"]["run"]
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))

    def test_first_start_fails(self):
        self.daemon.stop()
        self.daemon.env["FAKE_ZYGOTE"] = "exits"
        self.daemon.start()
        run, _ = self.run_task("exit")
        self.assertEqual((run["result"], run["epoch"]), ("success", 1))


class NoZygoteTest(FakeTest):
    env = {"FAKE_ZYGOTE": "exits"}

    def test_given_up_with_a_reason(self):
        run, _ = self.run_task("exit")
        self.assertEqual(run["result"], "setup_failed")
        self.assertIn("exited with 70", run["message"])


class BabbleTest(FakeTest):
    env = {"FAKE_ZYGOTE": "babbles"}

    def test_given_up_with_a_reason(self):
        run, _ = self.run_task("exit")
        self.assertEqual(run["result"], "setup_failed")


class NoRunnerTest(FakeTest):
    args = ("--runner", "/nonexistent/bgtask-runner")

    def test_disabled(self):
        reply = self.call("Run", {"task": "exit"})
        self.assertEqual(reply["error"], "io.bgtaskd.Manager.BackgroundTasksDisabled")
        self.assertIn("/nonexistent/bgtask-runner", reply["parameters"]["reason"])
        degraded = self.call("Status")["parameters"]["status"]["degraded"]
        self.assertTrue(any("runner" in sentence for sentence in degraded))


class IdleTest(FakeTest):
    prefs = {"bgtaskd.zygote.idleSec": 1}

    def test_ends_when_idle(self):
        self.run_task("exit")
        harness.wait_until(lambda: "zygote" not in self.call("Status")["parameters"]["status"], "the zygote ends")
        harness.wait_until(lambda: not self.processes(), "and is reaped")
        run, _ = self.run_task("exit")
        self.assertEqual(run["result"], "success")


class UsedUpTest(FakeTest):
    prefs = {"bgtaskd.zygote.maxRuns": 2}

    def test_started_anew(self):
        for _ in range(5):
            self.assertEqual(self.run_task("exit")[0]["result"], "success")
        self.assertEqual(self.call("Status")["parameters"]["status"]["zygote"]["runs"], 1)


if __name__ == "__main__":
    harness.main()
