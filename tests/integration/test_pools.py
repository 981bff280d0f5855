# SPDX-License-Identifier: MPL-2.0
"""Pools: limits, shares by weight, priorities, what is refused, what becomes of a pool that is gone."""

import re
import signal

import harness
from test_access import ANN, MANAGER, UserTest, needs_root
from test_daemon_runs import FakeTest


class PoolTest(FakeTest):
    def queue(self, pool=None, priority=None, task="exit"):
        parameters = {"task": task}
        if pool is not None:
            parameters["pool"] = pool
        if priority is not None:
            parameters["priority"] = priority
        reply = self.call("Run", parameters)
        self.assertNotIn("error", reply, reply)
        return reply["parameters"]["run"]["id"]

    def status(self):
        return self.call("Status")["parameters"]["status"]

    def pool(self, name):
        return {pool["name"]: pool for pool in self.status()["pools"]}[name]

    def counts(self, name):
        pool = self.pool(name)
        return pool["running"], pool["queued"]

    def until(self, name, running, queued):
        harness.wait_until(lambda: self.counts(name) == (running, queued), f"{name} has {running} running, {queued} queued")

    def until_begun(self, *ids):
        """One that has begun its task is not queued again when the daemon is killed."""
        for run_id in ids:
            self.until_output(run_id, "asleep")

    def cancel(self, *ids):
        for run_id in ids:
            self.call("Cancel", {"id": run_id})

    def reload(self, prefs):
        self.daemon.write_prefs(prefs)
        before = self.daemon.log().count("reloaded")
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: self.daemon.log().count("reloaded") > before, "the preferences are read")

    def starts(self, ids):
        """The runs in the order in which they started, once all have."""
        runs = [run for run in harness.wait_until(
            lambda: (lambda found: all("startedAt" in run for run in found) and found)([self.run_of(i) for i in ids]),
            "all have started")]
        return [run["id"] for run in sorted(runs, key=lambda run: run["startedAt"])]


class LimitTest(PoolTest):
    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 4, "bgtaskd.pools.disk.maxRunning": 1,
             "bgtaskd.pools.shut.maxRunning": 0, "bgtaskd.pools.full.maxQueued": 2, "bgtaskd.pools.full.maxRunning": 1}

    def test_a_pool_s_own_limit(self):
        runs = [self.queue("disk", task="sleep") for _ in range(3)]
        self.until("disk", 1, 2)
        self.queue("shut")
        others = [self.queue(task="sleep") for _ in range(4)]
        self.until("default", 3, 1)
        self.assertEqual(self.counts("disk"), (1, 2))
        self.assertEqual(self.counts("shut"), (0, 1))
        self.cancel(others[0])
        self.until("default", 3, 0)
        self.cancel(runs[0])
        self.until("disk", 1, 1)
        # The limit holds over a restart, and a new one without any.
        runs.append(self.queue("disk", task="sleep"))
        self.until_begun(runs[1], *others[1:])
        self.daemon.restart(signal.SIGKILL)
        self.until("disk", 1, 1)
        self.reload({**self.prefs, "bgtaskd.pools.disk.maxRunning": 2})
        self.until("disk", 2, 0)
        self.assertEqual(self.counts("shut"), (0, 1))
        self.reload({**self.prefs, "bgtaskd.pools.shut.maxRunning": 1})
        self.until("shut", 0, 0)
        self.assertEqual(self.run_of(others[1])["state"], "interrupted")

    def test_hard_limit(self):
        blocker = self.queue("full", task="sleep")
        self.until("full", 1, 0)
        waiting = [self.queue("full") for _ in range(2)]
        reply = self.call("Run", {"task": "exit", "pool": "full"})
        self.assertEqual((reply["error"], reply["parameters"]), (MANAGER + "QueueFull", {"limit": 2, "pool": "full"}))
        self.assertRegex(self.ctl("run", "--pool=full", "exit").err, r"the queue is full \(2 runs of pool full\)")
        self.queue("disk")
        # For a schedule that is a time without a run, with the reason in the ledger.
        self.call("AddSchedule", {"name": "s", "task": "exit", "definition": ["EverySec=1s", "Pool=full", "Overlap=allow"]})
        now = self.call("RunSchedule", {"name": "s"})
        self.assertEqual((now["error"], now["parameters"]["pool"]), (MANAGER + "QueueFull", "full"))
        harness.wait_until(lambda: "a time passes without a run: the queue is full" in self.daemon.log(), "a time passes")
        self.call("PauseSchedule", {"name": "s"})
        audit = self.ctl("--json", "audit", "s").json
        self.assertEqual(audit["problems"], [])
        self.assertIn("queue-full", self.ctl("--json", "why", "s").out + self.ctl("why", "s").out)
        self.cancel(blocker)
        self.starts(waiting)

    def test_bad_preferences(self):
        for name, value, words in (
                ("bgtaskd.pools.disk.weight", 0, "bgtaskd.pools.disk.weight is 0; expected 1 to 1000; using 100"),
                ("bgtaskd.pools.disk.max", 3, "expected weight, maxRunning or maxQueued after the pool's name"),
                ("bgtaskd.pools.disk.weight", "big", "bgtaskd.pools.disk.weight is no integer")):
            with self.subTest(name=name, value=value):
                before = self.daemon.log()
                self.daemon.write_prefs({**self.prefs, name: value})
                self.daemon.process.send_signal(signal.SIGHUP)
                log = harness.wait_until(lambda: (lambda text: "not reloaded" in text and text)(
                    self.daemon.log()[len(before):]), "it is refused")
                lines = [line for line in log.splitlines() if name in line]
                self.assertEqual(len(lines), 1, log)
                self.assertRegex(lines[0], r"prefs\.js:\d+:\d+: " + re.escape(words) if "expected weight" not in words else words)
                self.assertEqual(self.pool("disk")["maxRunning"], 1)


class OrderTest(PoolTest):
    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 1, "bgtaskd.pools.big.weight": 300,
             "bgtaskd.pools.small.weight": 100}

    def test_shares(self):
        blocker = self.queue(task="sleep")
        self.until("default", 1, 0)
        # All of the small one's are older and more urgent than the big one's: what counts is the weight.
        small = [self.queue("small", priority=100) for _ in range(20)]
        big = [self.queue("big") for _ in range(60)]
        self.cancel(blocker)
        order = self.starts(small + big)
        for count in (20, 40, 60):
            share = len([run for run in order[:count] if run in big])
            self.assertAlmostEqual(share / count, 0.75, delta=0.1, msg=str(count))

    def test_what_is_left_is_others(self):
        blocker = self.queue(task="sleep")
        self.until("default", 1, 0)
        small = [self.queue("small") for _ in range(5)]
        self.cancel(blocker)
        self.assertEqual(self.starts(small), small)

    def test_priorities(self):
        blocker = self.queue(task="sleep")
        self.until("default", 1, 0)
        priorities = [0, -100, 7, 100, 7, None]
        runs = [self.queue("big", priority) for priority in priorities]
        # As schedules have them, too.
        self.call("AddSchedule", {"name": "s", "task": "exit", "definition": ["OnEndOf=print", "Pool=big", "Priority=50"]})
        urgent = self.call("RunSchedule", {"name": "s"})["parameters"]["run"]
        self.assertEqual((urgent["pool"], urgent["priority"]), ("big", 50))
        self.cancel(blocker)
        expected = [runs[3], urgent["id"], runs[2], runs[4], runs[0], runs[5], runs[1]]
        self.assertEqual(self.starts(runs + [urgent["id"]]), expected)

    def test_bgtaskctl(self):
        self.queue(task="sleep")
        self.until("default", 1, 0)
        run = self.ctl("--json", "run", "--detach", "--pool=big", "--priority=-3", "exit").json
        self.assertEqual((run["pool"], run["priority"]), ("big", -3))
        status = self.ctl("status").out
        self.assertRegex(status, r"Pools: default: weight 100, 0 queued, 1 of at most 1024 running\n")
        self.assertRegex(status, r"\n *: big: weight 300, 1 queued, 0 of at most 1024 running\n")
        self.assertEqual(self.ctl("--json", "status").json["pools"][1],
                         {"name": "big", "weight": 300, "maxRunning": 1024, "maxQueued": 1000000, "queued": 1, "running": 0})
        for code, words, *args in (
                (64, r"invalid pool: expected a pool that the preferences bgtaskd\.pools\.\* define \(default, big, small\), "
                     r'found "tape"', "run", "--pool=tape", "exit"),
                (64, r'invalid --priority "101": expected -100 to 100', "run", "--priority=101", "exit"),
                (64, r"Pool=: expected a pool that .*\(default, big, small\), found \"tape\"", "schedule", "add", "x", "exit",
                 "--every=1h", "-p", "Pool=tape")):
            with self.subTest(args=args):
                result = self.ctl(*args)
                self.assertEqual(result.returncode, code)
                self.assertRegex(result.err, words)

    def test_a_pool_that_is_gone(self):
        blocker = self.queue(task="sleep")
        self.until("default", 1, 0)
        self.call("AddSchedule", {"name": "s", "task": "exit", "definition": ["EverySec=1h", "Pool=small"]})
        runs = [self.queue("small") for _ in range(2)]
        self.reload({"bgtaskd.runs.maxRunning": 1, "bgtaskd.runs.graceSec": 1})
        self.until("default", 1, 2)
        self.assertEqual(self.status()["undefinedPools"], ["small"])
        self.assertIn("small: not defined, its runs are in the default pool", self.ctl("status").out)
        self.assertTrue(self.call("ShowSchedule", {"name": "s"})["parameters"]["schedule"]["poolUndefined"])
        self.assertIn("Pool: not defined: its runs are in the default pool", self.ctl("schedule", "show", "s").out)
        self.until_begun(blocker)
        # It is still known what was meant, and that counts again when the pool is back.
        self.daemon.restart(signal.SIGKILL)
        self.until("default", 0, 0)
        self.assertEqual(self.starts(runs), runs)
        self.reload(self.prefs)
        self.assertEqual(self.call("RunSchedule", {"name": "s"})["parameters"]["run"]["pool"], "small")
        self.assertNotIn("poolUndefined", self.call("ShowSchedule", {"name": "s"})["parameters"]["schedule"])
        self.assertEqual(self.run_of(blocker)["state"], "interrupted")


@needs_root
class RoleTest(UserTest):
    args = (*FakeTest.args, "--system")
    prefs = {f"bgtaskd.access.user.{ANN}": "run", "bgtaskd.pools.big.weight": 300}

    def test_who_may_say_where_a_run_waits(self):
        for parameters in ({"pool": "big"}, {"priority": 1}):
            reply = self.call_as(ANN, "Run", {"task": "exit", **parameters})
            self.assert_denied(reply, "change schedules", "edit", "run")
        reply = self.call_as(ANN, "Run", {"task": "exit", "priority": 0})
        self.assertNotIn("error", reply)

    def test_what_others_have_is_not_told(self):
        pools = self.call_as(ANN, "Status", {})["parameters"]["status"]["pools"]
        self.assertEqual([sorted(pool) for pool in pools], [["maxQueued", "maxRunning", "name", "weight"]] * 2)


if __name__ == "__main__":
    harness.main()
