# SPDX-License-Identifier: MPL-2.0
"""The link to the zygote when that dies, hangs or talks nonsense: no run is lost, and none goes on for ever."""

import os
import pathlib
import resource
import shutil
import signal
import time
import unittest

import harness
from runner_harness import SANITIZED
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


class RenewalTest(FakeTest):
    """A zygote that has done enough serves until the next is ready."""

    def setUp(self):
        super().setUp()
        self.daemon.stop()
        self.daemon.env["FAKE_ONCE"] = str(self.daemon.directory / "once")
        self.daemon.start()

    def pid(self):
        return self.call("Status")["parameters"]["status"]["zygote"]["pid"]

    def run_well(self, task="exit"):
        run, _ = self.run_task(task)
        self.assertEqual((run["result"], run["epoch"]), ("success", 1))

    def until_renewed(self, first):
        harness.wait_until(lambda: self.pid() != first, "another zygote serves")
        harness.wait_until(lambda: not os.path.exists(f"/proc/{first}"), "the first has ended")
        self.run_well()


class UsedUpTest(RenewalTest):
    prefs = {"bgtaskd.zygote.maxRuns": 2}

    def test_after_its_runs(self):
        self.run_well()
        first = self.pid()
        self.run_well()
        self.assertEqual(self.pid(), first)
        self.run_well()
        self.until_renewed(first)


class SlowHeirTest(RenewalTest):
    prefs = {"bgtaskd.zygote.maxRuns": 2}
    env = {"FAKE_ZYGOTE": "later-slow"}

    def setUp(self):
        super().setUp()
        self.daemon.stop()
        self.go = self.daemon.directory / "go"
        self.daemon.env["FAKE_GO"] = str(self.go)
        self.addCleanup(self.go.touch)
        self.daemon.start()

    def test_nobody_waits(self):
        self.run_well()
        first = self.pid()
        for _ in range(4):
            self.run_well()
        self.assertEqual(self.pid(), first)
        self.go.touch()
        self.until_renewed(first)

    def test_the_old_one_dies_meanwhile(self):
        self.run_well()
        first = self.pid()
        for _ in range(2):
            self.run_well()
        os.kill(first, signal.SIGKILL)
        harness.wait_until(lambda: not os.path.exists(f"/proc/{first}"), "its death is noticed")
        run_id = self.detach("exit")
        self.go.touch()
        run = self.call("Wait", {"id": run_id})["parameters"]["run"]
        self.assertEqual((run["result"], run["epoch"]), ("success", 1))
        self.assertNotEqual(self.pid(), first)


class BadHeirTest(RenewalTest):
    prefs = {"bgtaskd.zygote.maxRuns": 2}
    env = {"FAKE_ZYGOTE": "later-exits"}

    def test_the_old_one_goes_on(self):
        self.run_well()
        first = self.pid()
        for _ in range(4):
            self.run_well()
        harness.wait_until(lambda: "to follow the present one could not be started" in self.daemon.log(), "it is said")
        self.run_well()
        self.assertEqual(self.pid(), first)


class OldTest(RenewalTest):
    prefs = {"bgtaskd.zygote.maxAgeSec": 1}

    def test_at_its_age(self):
        self.run_well()
        first = self.pid()
        time.sleep(1.1)
        self.run_well()
        self.until_renewed(first)


class GrownTest(RenewalTest):
    prefs = {"bgtaskd.zygote.maxGrowthMiB": 8}

    def test_when_it_has_grown(self):
        self.run_well()
        first = self.pid()
        for _ in range(3):
            self.run_well("zygote-grows")
        for _ in range(32):
            self.run_well()
        self.until_renewed(first)


class OutOfMemoryTest(RenewalTest):
    def test_it_says_so(self):
        self.run_well()
        first = self.pid()
        run, _ = self.run_task("no-memory")
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))
        self.assertNotEqual(self.pid(), first)

    def test_for_good(self):
        self.daemon.stop()
        del self.daemon.env["FAKE_ONCE"]
        self.daemon.start()
        run, _ = self.run_task("no-memory")
        self.assertEqual((run["result"], run["epoch"]), ("setup_failed", 3))
        self.assertIn("no memory", run["message"])


class StoppedTest(RenewalTest):
    def test_it_is_killed_and_the_run_made_by_another(self):
        self.run_well()
        first = self.pid()
        os.kill(first, signal.SIGSTOP)
        run, _ = self.run_task("exit")
        self.assertEqual((run["result"], run["epoch"]), ("success", 2))
        self.assertNotEqual(self.pid(), first)
        self.assertIn("does not answer", self.daemon.log())


class SandboxStatusTest(harness.DaemonTest):
    """What keeps runs in, as the runner tells it."""

    tasks = {"fine": "export const runBackgroundTask = () => 12;"}

    def status(self):
        return self.ctl("--json", "status").json

    def test_before_the_first_run(self):
        harness.wait_until(lambda: self.status()["sandbox"], "the runner has told")
        status = self.status()
        self.assertRegex(status["sandbox"], r"^fs=\S+ net=\S+ .*\blimits=rlimit\b")
        self.assertFalse([sentence for sentence in status["degraded"] if "not sandboxed" in sentence or "not known" in sentence])
        self.assertIn("Sandbox: fs=", self.ctl("status").out)

    def test_of_a_zygote_and_a_run(self):
        run_id = self.run_detached("fine")
        self.assertEqual(self.ctl("wait", str(run_id)).returncode, 12)
        self.assertRegex(self.status()["zygotes"][0]["sandbox"], "^fs=")
        run = self.ctl("--json", "show", str(run_id)).json
        self.assertRegex(run["sandbox"], "^fs=")
        self.assertGreater(run["cpuTimeUs"], 0)
        self.assertGreater(run["minorFaults"], 0)

    def test_switched_off(self):
        self.daemon.stop()
        self.daemon.write_prefs({"bgtaskd.sandbox.enabled": False})
        self.daemon.start()
        status = self.status()
        self.assertIsNone(status["sandbox"])
        self.assertTrue([sentence for sentence in status["degraded"] if "bgtaskd.sandbox.enabled" in sentence])


class SilentRunnerTest(FakeTest):
    def test_it_does_not_tell(self):
        """The fake one knows of no --sandbox-report."""
        harness.wait_until(lambda: any("did not tell" in sentence for sentence in
                                       self.call("Status")["parameters"]["status"]["degraded"]), "it is said")


class RealZygoteTest(harness.DaemonTest):
    tasks = {"fine": "export const runBackgroundTask = () => 12;"}

    def pid(self):
        return self.ctl("--json", "status").json["zygotes"][0]["pid"]

    @unittest.skipIf(SANITIZED, "sanitizers map what they like")
    def test_out_of_memory(self):
        self.assertEqual(self.ctl("run", "fine").returncode, 12)
        first = self.pid()
        # From here on the kernel gives it no memory: what it has got may do for some runs.
        resource.prlimit(first, resource.RLIMIT_DATA, (0, resource.RLIM_INFINITY))
        for _ in range(8):
            self.assertEqual(self.ctl("run", "fine").returncode, 12, self.daemon.log())

    def test_better_victims_than_the_daemon(self):
        self.assertEqual(self.ctl("run", "fine").returncode, 12)
        scores = [int(pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in (self.pid(), self.daemon.process.pid)]
        self.assertGreater(*scores)


if __name__ == "__main__":
    harness.main()
