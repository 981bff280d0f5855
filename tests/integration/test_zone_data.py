# SPDX-License-Identifier: MPL-2.0
"""New data of time zones while the daemon runs: schedules move, and their ledger stays complete."""

import os
import pathlib
import shutil
import struct
import tempfile

import harness
from test_daemon_runs import FakeTest

HOUR = 3600 * 1_000_000


def zone_file(offset_s, name):
    """A TZif file of version 2 with one fixed offset."""
    kind = struct.pack(">lbb", offset_s, 0, 0) + name + b"\0"
    head = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, len(name) + 1)
    sign = "-" if offset_s >= 0 else "+"
    rule = f"<{name.decode()}>{sign}{abs(offset_s) // 3600}"
    return head + kind + head + kind + b"\n" + rule.encode() + b"\n"


class ZoneDataTest(FakeTest):
    def setUp(self):
        self.zones = pathlib.Path(tempfile.mkdtemp(prefix="bgt-zones-", dir="/tmp")) / "zoneinfo"
        self.addCleanup(shutil.rmtree, self.zones.parent)
        self.write("Test/East", 3600)
        self.write("Test/West", -3600)
        self.env = {"TZDIR": str(self.zones)}
        super().setUp()
        self.call("Status")  # it serves: what is watched at the start is watched

    def write(self, name, offset_s):
        """As a package's upgrade does it: by renaming."""
        path = self.zones / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_bytes(zone_file(offset_s, b"TST"))
        new.rename(path)

    def ctl(self, *args, **more):
        return super().ctl(*args, env=self.env, **more)

    def add(self, name, *lines):
        reply = self.call("AddSchedule", {"name": name, "task": "exit", "definition": list(lines)})
        self.assertNotIn("error", reply, reply)
        return reply["parameters"]["schedule"]["nextAt"]

    def show(self, name):
        return self.call("ShowSchedule", {"name": name})["parameters"]["schedule"]

    def until_moved(self, name, before):
        harness.wait_until(lambda: self.show(name)["nextAt"] != before, f"{name} moves")
        return self.show(name)

    def watches(self):
        """How many directories are watched."""
        count = 0
        for fd in os.listdir(f"/proc/{self.daemon.process.pid}/fdinfo"):
            info = pathlib.Path(f"/proc/{self.daemon.process.pid}/fdinfo/{fd}")
            count += info.read_text().count("inotify wd:") if info.exists() else 0
        return count

    def test_new_data(self):
        unwatched = self.watches()
        still = self.add("interval", "EverySec=1h")
        self.assertEqual(self.watches(), unwatched)  # it uses no zone
        east = self.add("east", "OnCalendar=*-01-02 12:00:00 Test/East")
        west = self.add("west", "OnCalendar=*-01-02 12:00:00 Test/West")
        self.assertEqual(west - east, 2 * HOUR)
        self.assertGreater(self.watches(), unwatched)
        self.assertIn("no schedules were moved", self.ctl("schedule", "list", "--moved").err)
        self.write("Test/East", 7200)
        moved = self.until_moved("east", east)
        self.assertEqual(moved["nextAt"], east - HOUR)
        self.assertEqual(moved["movedFrom"], east)
        harness.wait_until(lambda: "zones have new data: it moved the next times of 1 schedules" in self.daemon.log(),
                           "the log says how many")
        self.assertIn("schedule east: new data of its zone moved its next time", self.daemon.log())
        self.assertEqual((self.show("west")["nextAt"], self.show("interval")["nextAt"]), (west, still))
        listed = self.ctl("--json", "schedule", "list", "--moved").json
        self.assertEqual([(one["name"], one["movedFrom"], one["nextAt"]) for one in listed], [("east", east, east - HOUR)])
        self.assertRegex(self.ctl("schedule", "list", "--moved").out, r"(?s)SCHEDULE.*FROM +NEXT\neast +exit ")
        self.assert_complete()

    def assert_complete(self):
        result = self.ctl("--json", "audit")
        self.assertEqual((result.returncode, result.json["problems"]), (0, []), result.err)

    def test_the_database_is_replaced(self):
        """As a whole: the directory that was watched is not the one that counts any more."""
        east = self.add("east", "OnCalendar=*-01-02 12:00:00 Test/East")
        old = self.zones.rename(self.zones.with_name("old"))
        self.write("Test/East", 3 * 3600)
        self.assertEqual(self.until_moved("east", east)["nextAt"], east - 2 * HOUR)
        shutil.rmtree(old)
        self.write("Test/East", 4 * 3600)
        self.assertEqual(self.until_moved("east", east - 2 * HOUR)["nextAt"], east - 3 * HOUR)
        self.assert_complete()

    def test_while_it_is_away(self):
        east = self.add("east", "OnCalendar=*-01-02 12:00:00 Test/East")
        self.daemon.stop()
        self.write("Test/East", 7200)
        self.daemon.start()
        self.assertEqual(self.until_moved("east", east)["nextAt"], east - HOUR)
        # And what is watched is what schedules use from before.
        self.write("Test/East", 3600)
        self.assertEqual(self.until_moved("east", east - HOUR)["nextAt"], east)
        self.assert_complete()


if __name__ == "__main__":
    harness.main()
