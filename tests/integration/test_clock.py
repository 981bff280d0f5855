# SPDX-License-Identifier: MPL-2.0
"""The daemon on a machine whose clock is set, that is suspended, and that boots: what it notices, and what it does then."""

import mmap
import re
import sqlite3
import struct
import time
import unittest

import harness
from test_daemon_runs import FakeTest

SECOND = 1_000_000
HOUR = 3600
PRELOAD = harness.BUILDDIR / "tests" / "integration" / ".libs" / "clock_preload.so"


class ClockBase(FakeTest):
    def json(self, *args):
        done = self.ctl("--json", *args)
        self.assertEqual((done.returncode, done.err), (0, ""), args)
        return done.json

    def add(self, name, *args):
        return self.json("schedule", "add", name, "exit", *args)

    def ended(self, name):
        return [run for run in self.json("list", "--schedule", name) if run["finishedAt"]][::-1]

    def audit(self):
        # The client has the machine's own clock.
        audit = self.json("audit", "--to=@4102444800")
        self.assertEqual(audit["problems"], [])
        return audit

    def rows(self, name):
        """[(outcome, reason)] of all its passes, oldest first."""
        with self.daemon.connect() as connection:
            connection.send("Ledger", {"name": name, "from": 0, "until": 2 ** 62}, more=True)
            rows = []
            while True:
                reply = connection.receive()
                for part in reply["parameters"]["passes"]:
                    rows += [(row["outcome"], row.get("reason"), row["count"]) for row in part["occurrences"]]
                if not reply.get("continues"):
                    return rows


@unittest.skipIf(harness.have_sanitizers() or harness.VALGRIND, "what is loaded first would come before theirs")
class ClockTest(ClockBase):
    def setUp(self):
        path = harness.pathlib.Path(harness.tempfile.mkdtemp(prefix="bgt-clock-")) / "clocks"
        self.addCleanup(harness.shutil.rmtree, path.parent)
        path.write_bytes(bytes(32))
        with open(path, "r+b") as file:
            self.clocks = mmap.mmap(file.fileno(), 32)
        self.addCleanup(self.clocks.close)
        self.env = {"LD_PRELOAD": PRELOAD, "BGTASK_TEST_CLOCKS": path}
        super().setUp()

    def move(self, realtime_s, boottime_s=0):
        """The clock is set; or, where the time since the boot goes on as well, nothing ran for that long."""
        values = list(struct.unpack("4q", self.clocks[:]))
        values[0] += realtime_s
        values[1] += boottime_s
        values[3 if boottime_s else 2] += 1
        self.clocks[:] = struct.pack("4q", *values)  # in one: a look in between would see a clock that drifts

    def logged(self, pattern):
        """Clocks are read one after another: it may be some microseconds less or more."""
        harness.wait_until(lambda: re.search(pattern, self.daemon.log()), f"it says: {pattern}")

    def decided(self, name, outcome, reason):
        return harness.wait_until(lambda: [row for row in self.rows(name) if row[:2] == (outcome, reason)],
                                  f"{name} has a row {outcome} ({reason})")

    def test_set_forward(self):
        half = f"AnchorAt=@{int(time.time()) + HOUR // 2}"  # no hour begins meanwhile
        self.add("last", "--every=1h", "-p", half)
        self.add("none", "--every=1h", "-p", half, "--catch-up=none")
        self.add("far", "--every=1d", "-p", "AnchorAt=@0", "-p", "StartAt=@4102444800")
        self.move(3 * HOUR)
        self.logged(r"the clock was set forward by (3h|2h 59min)")
        self.decided("last", "coalesced", "clock-set-forward")
        missed = self.decided("none", "missed", "clock-set-forward")
        self.assertIn(sum(row[2] for row in missed), (2, 3))
        self.assertIn("(clock-set-forward)", self.ctl("why", "none").out)
        harness.wait_until(lambda: self.ended("last"), "it is made up for")
        self.assertEqual(len(self.ended("last")), 1)
        self.assertEqual(self.rows("far"), [])
        self.audit()

    def test_set_back_a_little(self):
        """Times that had their runs do not come again; after that it goes on."""
        self.add("s", "--every=1s", "-p", "AnchorAt=@0")
        harness.wait_until(lambda: len(self.ended("s")) >= 2, "two runs")
        last = self.ended("s")[-1]["nominalAt"]
        self.move(-4)
        self.logged(r"the clock was set back by [34]s")
        runs = harness.wait_until(lambda: (lambda runs: runs[-1]["nominalAt"] > last + 3 * SECOND and runs)(self.ended("s")),
                                  "it goes on")
        nominal = [run["nominalAt"] for run in runs]
        self.assertEqual(nominal, sorted(set(nominal)))
        self.audit()

    def test_set_back_far(self):
        """It had been wrong: schedules do not wait for the time to come that it had."""
        self.add("s", "--every=1s", "-p", "AnchorAt=@0")
        self.move(30 * 24 * HOUR)
        harness.wait_until(lambda: self.ended("s") and self.ended("s")[-1]["nominalAt"] > (time.time() + 20 * 86400) * SECOND,
                           "a run in the wrong month")
        self.move(-30 * 24 * HOUR)
        self.logged(r"the clock was set back by (30d|29d)")
        harness.wait_until(lambda: self.ended("s")[-1]["nominalAt"] < (time.time() + 86400) * SECOND, "it goes on")
        self.assertIn("s", [schedule["name"] for schedule in self.json("schedule", "list", "--moved")])
        self.assertGreaterEqual(self.audit()["passes"], 2)

    def test_suspended(self):
        self.add("last", "--every=1h", "-p", "AnchorAt=@0")
        self.add("often", "--every=1s", "-p", "AnchorAt=@0")
        self.move(3 * HOUR, 3 * HOUR)
        self.logged(r"the system was suspended for (3h|2h 59min)")
        self.assertNotIn("the clock was set", self.daemon.log())
        self.decided("last", "coalesced", "suspended")
        harness.wait_until(lambda: self.ended("last"), "it is made up for")
        # All of them, however many looks that takes.
        harness.wait_until(lambda: sum(row[2] for row in self.rows("often") if row[1] == "suspended") > 3 * HOUR - 10,
                           "each time that passed has its row")
        count = len(self.ended("often"))
        harness.wait_until(lambda: len(self.ended("often")) > count + 1, "it goes on")
        self.audit()


class BootTest(ClockBase):
    """Another boot is one whose number is not that which the store has."""

    def boot(self):
        self.daemon.stop()
        with sqlite3.connect(self.daemon.state / "bgtaskd.db") as store:
            self.assertEqual(store.execute("UPDATE machine SET value = 'another' WHERE name = 'boot'").rowcount, 1)
        store.close()
        self.daemon.start()

    def test_once_a_boot(self):
        self.add("cron", "--cron=@reboot")
        # The machine runs for longer than that.
        self.add("soon", "-p", "OnBootSec=1s")
        self.add("later", "-p", "OnBootSec=366d")
        self.assertEqual(self.ended("cron"), [])
        self.daemon.restart()
        self.add("other", "--every=1s")
        harness.wait_until(lambda: self.ended("other"), "it serves")
        self.assertEqual([self.ended(name) for name in ("cron", "soon")], [[], []])
        for boots in (1, 2):
            self.boot()
            for name in ("cron", "soon"):
                harness.wait_until(lambda name=name: len(self.ended(name)) == boots, f"{name} runs after the boot")
        self.assertEqual(self.ended("later"), [])
        self.assertEqual([hold["reason"] for hold in self.json("schedule", "show", "later")["holds"]], ["boot", "boot"])
        self.assertRegex(self.ctl("why", "later").out, r"Held: run \d+ waits for the system to have been up long enough")
        self.assertEqual([row[:2] for row in self.rows("cron")], [("ran", None), ("ran", None)])
        self.audit()


if __name__ == "__main__":
    harness.main()
