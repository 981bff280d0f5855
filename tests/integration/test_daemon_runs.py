# SPDX-License-Identifier: MPL-2.0
"""Supervision of runs, with a runner that fails on purpose (tests/unit/fake_runner.c)."""

import base64
import os
import pathlib
import resource
import signal

import harness

FAKE_RUNNER = harness.BUILDDIR / "tests" / "fake_runner"


class FakeTest(harness.DaemonTest):
    args = ("--runner", str(FAKE_RUNNER), "--log-level", "debug")

    def run_task(self, task, *args, **parameters):
        """Run to the end; returns the run and its output as [(stream, bytes)]."""
        with self.daemon.connect() as connection:
            connection.send("Run", {"task": task, "args": list(args), **parameters}, more=True)
            first = connection.receive()
            self.assertTrue(first["continues"], first)
            output = []
            while True:
                reply = connection.receive()
                self.assertIsNotNone(reply, "the connection has ended")
                self.assertNotIn("error", reply)
                if not reply.get("continues"):
                    self.assertEqual(reply["parameters"]["run"]["id"], first["parameters"]["run"]["id"])
                    return reply["parameters"]["run"], output
                output.append(reply["parameters"]["output"])

    def detach(self, task, *args):
        with self.daemon.connect() as connection:
            return connection.call("Run", {"task": task, "args": list(args)})["parameters"]["run"]["id"]

    def call(self, method, parameters=None):
        with self.daemon.connect() as connection:
            return connection.call(method, parameters)

    def run_of(self, run_id):
        return self.call("Show", {"id": run_id})["parameters"]["run"]

    def until_output(self, run_id, text):
        """Follow a run until it has printed this, and until the daemon has heard that it runs: which comes by another way."""
        self.until_printed(run_id, text)
        harness.wait_until(lambda: self.run_of(run_id)["state"] not in ("queued", "starting"), "it is known to run")

    def until_printed(self, run_id, text):
        with self.daemon.connect() as connection:
            connection.send("Logs", {"id": run_id, "follow": True}, more=True)
            seen = ""
            while text not in seen:
                seen += connection.receive()["parameters"]["output"].get("text", "")

    def processes(self):
        """The daemon's children that are not gone, by pid."""
        daemon = self.daemon.process.pid
        children = pathlib.Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split()
        return [int(child) for child in children]


class EndTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1}

    def test_success(self):
        run, output = self.run_task("exit")
        self.assertEqual((run["state"], run["result"], run["exitCode"], run["exitValue"]), ("finished", "success", 0, 0))
        self.assertEqual(output, [])
        self.assertGreater(run["pid"], 1)
        self.assertLessEqual(run["queuedAt"], run["startedAt"])
        self.assertLessEqual(run["startedAt"], run["finishedAt"])
        self.assertGreater(run["maxRssBytes"], 0)
        self.assertEqual(self.run_of(run["id"]), run)

    def test_exit_code(self):
        run, _ = self.run_task("exit", "33")
        self.assertEqual((run["state"], run["result"], run["exitCode"]), ("finished", "exited", 33))

    def test_signal(self):
        run, _ = self.run_task("crash")
        self.assertEqual((run["state"], run["result"], run["signal"]), ("finished", "killed", signal.SIGSEGV))
        self.assertNotIn("exitCode", run)
        profiles = self.daemon.runtime / "profiles"
        harness.wait_until(lambda: not list(profiles.iterdir()), "the profile is removed")

    def test_no_report_is_no_success(self):
        run, _ = self.run_task("silent")
        self.assertEqual((run["result"], run["exitCode"]), ("exited", 0))
        self.assertIn("reported nothing", run["message"])

    def test_set_up_failure(self):
        run, _ = self.run_task("setup")
        self.assertGreater(run["pid"], 1)
        self.assertEqual((run["result"], run["exitCode"]), ("setup_failed", 1))
        self.assertIn("profile", run["message"])

    def test_no_process(self):
        run, _ = self.run_task("no-process")
        self.assertEqual(run["result"], "setup_failed")
        self.assertNotIn("pid", run)
        self.assertNotIn("exitCode", run)

    def test_bad_reports_are_passed_over(self):
        run, _ = self.run_task("nonsense")
        self.assertEqual(run["result"], "success")
        self.assertIn("bad report", self.daemon.log())

    def test_what_a_run_leaves_behind_ends_with_it(self):
        run, output = self.run_task("linger")
        self.assertEqual(run["result"], "success")
        self.assertEqual(output[0]["text"], "parent ends\n")
        # The rest of its process group comes to the daemon, which reaps it.
        harness.wait_until(lambda: len(self.processes()) <= 1, "only the zygote is left")

    def test_own_limit_is_enforced(self):
        run, _ = self.run_task("late")
        self.assertEqual((run["state"], run["result"], run["signal"]), ("finished", "deadline", signal.SIGKILL))
        self.assertGreaterEqual(run["finishedAt"] - run["startedAt"], 2_000_000)

    def test_cancel(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        run = self.call("Cancel", {"id": run_id})["parameters"]["run"]
        self.assertEqual((run["state"], run["result"], run["signal"]), ("cancelled", "cancelled", signal.SIGTERM))
        again = self.call("Cancel", {"id": run_id})
        self.assertEqual(again["error"], "io.bgtaskd.Manager.NotActive")
        self.assertEqual(again["parameters"], {"id": run_id, "state": "cancelled"})

    def test_cancel_kills_after_the_grace(self):
        run_id = self.detach("stubborn")
        self.until_output(run_id, "asleep")
        run = self.call("Cancel", {"id": run_id})["parameters"]["run"]
        self.assertEqual((run["state"], run["signal"]), ("cancelled", signal.SIGKILL))

    def test_everyone_who_waits_hears_of_the_end(self):
        run_id = self.detach("sleep")
        waiting = [self.daemon.connect() for _ in range(5)]
        for connection in waiting:
            connection.send("Wait", {"id": run_id})
        self.until_output(run_id, "asleep")
        self.call("Cancel", {"id": run_id})
        for connection in waiting:
            self.assertEqual(connection.receive()["parameters"]["run"]["state"], "cancelled")
            connection.close()


class DeadlineTest(FakeTest):
    prefs = {"bgtaskd.runs.maxRuntimeSec": 1, "bgtaskd.runs.graceSec": 1}

    def test_no_run_takes_longer_than_any_may(self):
        run, _ = self.run_task("sleep")
        self.assertEqual((run["result"], run["signal"]), ("deadline", signal.SIGTERM))


class OutputTest(FakeTest):
    def test_both_streams_in_order(self):
        run, output = self.run_task("print", "out\n", "err\n")
        self.assertEqual({(o["stream"], o["text"]) for o in output}, {("stdout", "out\n"), ("stderr", "err\n")})
        self.assertEqual(run["outputBytes"], 8)

    def test_bytes_that_are_not_text(self):
        _, output = self.run_task("bytes")
        self.assertEqual(b"".join(base64.b64decode(o["base64"]) for o in output), b"\xc3\xa9\xff\xe2\x82")

    def test_a_character_in_pieces_is_text(self):
        _, output = self.run_task("split")
        self.assertEqual([(o["offset"], o["text"]) for o in output], [(0, "€")])

    def test_logs_afterwards(self):
        run, output = self.run_task("print", "once\n")
        with self.daemon.connect() as connection:
            connection.send("Logs", {"id": run["id"]}, more=True)
            self.assertEqual(connection.receive()["parameters"]["output"], output[0])
            last = connection.receive()
            self.assertNotIn("continues", last)
            self.assertEqual(last["parameters"]["run"], run)

    def test_logs_without_more(self):
        run, _ = self.run_task("exit")
        self.assertEqual(self.call("Logs", {"id": run["id"]})["error"], "org.varlink.service.ExpectedMore")

    def test_size_of_the_output_of_a_run_that_goes_on(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        self.assertEqual(self.run_of(run_id)["outputBytes"], len("asleep\n"))
        self.assertEqual(self.call("Cancel", {"id": run_id})["parameters"]["run"]["outputBytes"], len("asleep\n"))

    def test_logs_so_far_of_a_run_that_goes_on(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        with self.daemon.connect() as connection:
            connection.send("Logs", {"id": run_id}, more=True)
            self.assertEqual(connection.receive()["parameters"]["output"]["text"], "asleep\n")
            self.assertEqual(connection.receive()["parameters"]["run"]["state"], "running")
        self.call("Cancel", {"id": run_id})

    def test_much_output_keeps_head_and_tail(self):
        run, _ = self.run_task("flood", "4096")
        self.assertEqual(run["outputBytes"], 4096 * 1024)
        self.assertGreater(run["outputDropped"], 0)
        with self.daemon.connect() as connection:
            connection.send("Logs", {"id": run["id"]}, more=True)
            kept, gaps = 0, []
            while True:
                reply = connection.receive()
                if not reply.get("continues"):
                    break
                output = reply["parameters"]["output"]
                if "dropped" in output:
                    gaps.append(output["dropped"])
                else:
                    self.assertEqual(output["offset"], kept + sum(gaps))
                    kept += len(output["text"])
            self.assertEqual(len(gaps), 1)
            self.assertEqual(kept + gaps[0], run["outputBytes"])

    def test_a_reader_that_reads_nothing_holds_up_nobody(self):
        with self.daemon.connect() as lazy:
            lazy.send("Run", {"task": "flood", "args": ["20000"]}, more=True)
            run_id = lazy.receive()["parameters"]["run"]["id"]
            self.assertEqual(self.call("Wait", {"id": run_id})["parameters"]["run"]["result"], "success")
            run, _ = self.run_task("exit")
            self.assertEqual(run["result"], "success")
            # It gets what is kept when it reads at last.
            reply = lazy.receive()
            while reply.get("continues"):
                reply = lazy.receive()
            self.assertEqual(reply["parameters"]["run"]["outputBytes"], 20000 * 1024)


class QueueTest(FakeTest):
    prefs = {"bgtaskd.runs.maxRunning": 2, "bgtaskd.runs.maxQueued": 3, "bgtaskd.runs.graceSec": 1}

    def fill(self):
        running = [self.detach("sleep") for _ in range(2)]
        for run_id in running:
            self.until_output(run_id, "asleep")
        return running, [self.detach("exit") for _ in range(3)]

    def test_limit_and_order(self):
        running, queued = self.fill()
        self.assertEqual({self.run_of(run_id)["state"] for run_id in queued}, {"queued"})
        status = self.call("Status")["parameters"]["status"]
        self.assertEqual((status["queued"], status["running"], status["maxRunning"]), (3, 2, 2))
        refused = self.call("Run", {"task": "exit"})
        self.assertEqual((refused["error"], refused["parameters"]), ("io.bgtaskd.Manager.QueueFull", {"limit": 3}))
        self.call("Cancel", {"id": running[0]})
        ended = [self.call("Wait", {"id": run_id})["parameters"]["run"] for run_id in queued]
        self.assertEqual([run["result"] for run in ended], ["success"] * 3)
        starts = [run["startedAt"] for run in ended]
        self.assertEqual(starts, sorted(starts))
        self.call("Cancel", {"id": running[1]})

    def test_cancel_of_a_queued_run(self):
        _, queued = self.fill()
        with self.daemon.connect() as waiting:
            waiting.send("Wait", {"id": queued[1]})
            run = self.call("Cancel", {"id": queued[1]})["parameters"]["run"]
            self.assertEqual((run["state"], run["epoch"]), ("cancelled", 0))
            self.assertNotIn("startedAt", run)
            self.assertEqual(waiting.receive()["parameters"]["run"]["state"], "cancelled")

    def test_a_client_that_cancels_and_goes_leaves_nobody_waiting(self):
        _, queued = self.fill()
        for run_id in queued:
            with self.daemon.connect() as waiting:
                waiting.send("Wait", {"id": run_id})
                with self.daemon.connect() as hasty:
                    hasty.send("Cancel", {"id": run_id})
                self.assertEqual(waiting.receive()["parameters"]["run"]["state"], "cancelled")

    def test_queued_runs_survive_a_restart_and_running_ones_are_interrupted(self):
        running, queued = self.fill()
        self.daemon.restart()
        self.assertEqual({self.run_of(run_id)["state"] for run_id in running}, {"interrupted"})
        for run_id in queued:
            self.assertEqual(self.call("Wait", {"id": run_id})["parameters"]["run"]["result"], "success")

    def test_a_killed_daemon(self):
        running, queued = self.fill()
        pids = [self.run_of(run_id)["pid"] for run_id in running]
        self.daemon.restart(signal.SIGKILL)
        for pid in pids:
            harness.wait_until(lambda pid=pid: not os.path.exists(f"/proc/{pid}"), "runs end with their daemon")
        for run_id in running:
            run = self.run_of(run_id)
            self.assertEqual((run["state"], run["result"], run["outputBytes"]), ("interrupted", "interrupted", 7))
        for run_id in queued:
            self.assertEqual(self.call("Wait", {"id": run_id})["parameters"]["run"]["result"], "success")

    def test_a_key_runs_once(self):
        first = self.call("Run", {"task": "exit", "key": "k"})["parameters"]["run"]
        again = self.call("Run", {"task": "exit", "key": "k"})["parameters"]["run"]
        self.assertEqual(first["id"], again["id"])
        run, _ = self.run_task("exit", key="k")
        self.assertEqual(run["id"], first["id"])

    def test_a_key_is_answered_when_the_queue_is_full(self):
        """The first call was admitted; that nothing more is does not concern its repetition."""
        first = self.call("Run", {"task": "sleep", "key": "k"})["parameters"]["run"]
        running = [first["id"], self.detach("sleep")]
        queued = self.call("Run", {"task": "exit", "key": "q"})["parameters"]["run"]
        self.detach("exit")
        self.detach("exit")
        self.assertEqual(self.call("Run", {"task": "exit", "key": "new"})["error"], "io.bgtaskd.Manager.QueueFull")
        for key, run in ("k", first), ("q", queued):
            again = self.call("Run", {"task": run["task"], "key": key})
            self.assertEqual(again["parameters"]["run"]["id"], run["id"], again)
        for run_id in running:
            self.call("Cancel", {"id": run_id})

    def test_many_runs(self):
        ids = []
        with self.daemon.connect() as connection:
            while len(ids) < 60:
                reply = connection.call("Run", {"task": "exit", "args": [str(len(ids))]})
                if "error" in reply:
                    self.assertEqual(reply["error"], "io.bgtaskd.Manager.QueueFull")
                    connection.call("Wait", {"id": ids[-1]})
                else:
                    ids.append(reply["parameters"]["run"]["id"])
            for code, run_id in enumerate(ids):
                self.assertEqual(connection.call("Wait", {"id": run_id})["parameters"]["run"]["exitCode"], code)


class FullDiskTest(FakeTest):
    """A limit on the size of files stands for a full disk."""

    def limit(self, size):
        resource.prlimit(self.daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def test_refused_until_there_is_room(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        harness.wait_until(lambda: self.run_of(run_id)["state"] == "running", "it runs")
        self.limit(0)
        harness.wait_until(lambda: self.call("Run", {"task": "exit"}).get("error") == "io.bgtaskd.Manager.StoreFailed",
                           "runs are refused")
        # What is there goes on being served.
        self.assertEqual(self.run_of(run_id)["state"], "running")
        self.limit(resource.RLIM_INFINITY)
        run = self.call("Cancel", {"id": run_id})["parameters"]["run"]
        self.assertEqual(run["state"], "cancelled")

        def accepted():
            reply = self.call("Run", {"task": "exit"})
            return "error" not in reply and reply["parameters"]["run"]["id"]
        run_id = harness.wait_until(accepted, "runs are accepted again")
        self.assertEqual(self.call("Wait", {"id": run_id})["parameters"]["run"]["result"], "success")


if __name__ == "__main__":
    harness.main()
