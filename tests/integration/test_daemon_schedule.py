# SPDX-License-Identifier: MPL-2.0
"""Interval schedules: on the grid, over a restart, without overlap."""

import time

import harness
from test_daemon_runs import FakeTest

SECOND = 1_000_000


class ScheduleTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1}

    def add(self, name, task, every_us, *args):
        reply = self.call("AddSchedule", {"name": name, "task": task, "everyUs": every_us, "args": list(args)})
        return reply["parameters"].get("schedule", reply)

    def runs(self, name):
        return self.call("List", {"schedule": name})["parameters"]["runs"][::-1]

    def ended(self, name):
        return [run for run in self.runs(name) if "finishedAt" in run]

    def schedules(self):
        return {schedule["name"]: schedule for schedule in self.call("ListSchedules")["parameters"]["schedules"]}

    def test_runs_on_the_grid(self):
        schedule = self.add("s", "exit", SECOND, "7")
        self.assertEqual(schedule["nextAt"] - schedule["createdAt"], SECOND)
        runs = harness.wait_until(lambda: len(self.ended("s")) >= 3 and self.ended("s"), "three runs")
        for run in runs:
            self.assertEqual((run["task"], run["args"], run["schedule"], run["exitCode"]), ("exit", ["7"], "s", 7))
            self.assertEqual((run["nominalAt"] - schedule["createdAt"]) % SECOND, 0)
            self.assertGreaterEqual(run["startedAt"], run["nominalAt"])
        nominal = [run["nominalAt"] for run in runs]
        self.assertEqual(len(set(nominal)), len(nominal))
        listed = self.schedules()["s"]
        self.assertEqual(listed["lastRun"]["schedule"], "s")
        self.assertGreater(listed["nextAt"], nominal[-1])

    def test_a_client_that_goes_before_the_answer(self):
        for i in range(5):
            with self.daemon.connect() as hasty:
                hasty.send("AddSchedule", {"name": f"s{i}", "task": "exit", "everyUs": SECOND})
            harness.wait_until(lambda: self.ended(f"s{i}"), f"a run of schedule {i}")
            self.call("RemoveSchedule", {"name": f"s{i}"})

    def test_names_and_removal(self):
        self.add("s", "exit", 3600 * SECOND)
        again = self.add("s", "exit", 3600 * SECOND)
        self.assertEqual((again["error"], again["parameters"]), ("io.bgtaskd.Manager.ScheduleExists", {"name": "s"}))
        self.add("t", "exit", 10 * SECOND)
        self.assertEqual(set(self.schedules()), {"s", "t"})
        status = self.call("Status")["parameters"]["status"]
        self.assertEqual((status["schedules"], status["nextAt"]), (2, self.schedules()["t"]["nextAt"]))
        self.assertEqual(self.call("RemoveSchedule", {"name": "t"})["parameters"]["schedule"]["name"], "t")
        status = self.call("Status")["parameters"]["status"]
        self.assertEqual((status["schedules"], status["nextAt"]), (1, self.schedules()["s"]["nextAt"]))
        self.call("RemoveSchedule", {"name": "s"})
        self.assertNotIn("nextAt", self.call("Status")["parameters"]["status"])
        self.assertEqual(self.call("RemoveSchedule", {"name": "s"})["error"], "io.bgtaskd.Manager.NoSuchSchedule")

    def test_next_time_survives_a_restart(self):
        before = self.add("s", "exit", 3600 * SECOND)
        self.daemon.restart()
        self.assertEqual(self.schedules()["s"]["nextAt"], before["nextAt"])

    def test_missed_times_run_once(self):
        self.add("s", "exit", SECOND)
        harness.wait_until(lambda: self.ended("s"), "a first run")
        self.daemon.stop()
        gone = self.clock()
        harness.wait_until(lambda: self.clock() > gone + 3 * SECOND, "three times pass while it is away")
        away = self.clock()
        self.daemon.start()
        runs = harness.wait_until(lambda: [run for run in self.ended("s") if run["queuedAt"] >= away], "it catches up")
        late = [run for run in runs if run["nominalAt"] < away]
        self.assertLessEqual(len(late), 1)
        self.assertIn("were missed", self.daemon.log())

    @staticmethod
    def clock():
        return int(time.time() * SECOND)

    def test_no_overlap(self):
        self.add("s", "sleep", SECOND)
        run_id = harness.wait_until(lambda: self.runs("s"), "a run")[0]["id"]
        harness.wait_until(lambda: "the one before has not ended" in self.daemon.log(), "a time passes")
        self.assertEqual(len(self.runs("s")), 1)
        self.call("RemoveSchedule", {"name": "s"})
        self.assertEqual(self.call("Cancel", {"id": run_id})["parameters"]["run"]["state"], "cancelled")

    def test_many(self):
        for i in range(150):
            self.add(f"s{i}", "exit", SECOND * (1 + i % 2))
        harness.wait_until(lambda: all("lastRun" in schedule for schedule in self.all().values()), "each has run")
        for i in range(150):
            self.call("RemoveSchedule", {"name": f"s{i}"})
        self.assertEqual(self.all(), {})

    def all(self):
        """In as many answers as it takes."""
        found = {}
        with self.daemon.connect() as connection:
            connection.send("ListSchedules", more=True)
            while True:
                reply = connection.receive()
                found.update({schedule["name"]: schedule for schedule in reply["parameters"]["schedules"]})
                if not reply.get("continues"):
                    return found


class LedgerRetentionTest(FakeTest):
    """What is kept of the ledger is complete, and an audit says since when it is kept."""

    prefs = {"bgtaskd.retention.maxLedgerRows": 3}

    def audit(self):
        result = self.ctl("--json", "audit")
        self.assertEqual((result.returncode, result.json["problems"]), (0, []), result.err)
        return result.json

    def test_audit(self):
        self.assertIsNone(self.audit()["keptSince"])
        self.call("AddSchedule", {"name": "s", "task": "exit", "definition": ["EverySec=1s", "Overlap=allow"]})
        kept = harness.wait_until(lambda: (lambda audit: audit["keptSince"] and audit)(self.audit()), "rows are removed")
        self.assertGreater(kept["rows"], 0)
        self.assertRegex(self.ctl("audit").out, r"the ledger is kept since \d.*: what is there is complete\n")
        self.daemon.restart()
        again = self.audit()
        self.assertGreaterEqual(again["keptSince"], kept["keptSince"])
        harness.wait_until(lambda: self.audit()["keptSince"] > again["keptSince"], "it goes on")


if __name__ == "__main__":
    harness.main()
