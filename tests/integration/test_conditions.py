# SPDX-License-Identifier: MPL-2.0
"""Conditions of schedules, what becomes of a run that loses one, and events of the machine."""

import os
import shutil
import signal
import subprocess
import time
import unittest

import harness
from test_daemon_runs import FakeTest

EVERY = "-p", "EverySec=1s"
NEVER = "-p", "EverySec=3650d"  # is run by something else

# Counts in its output; ends by itself after 40 turns of 25 ms.
COUNTS = """
export const backgroundTaskTimeoutSec = 4;
export async function runBackgroundTask() {
  for (let i = 0; i < 40; i++) {
    console.log(`turn ${i}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  return 0;
}
"""
# The same without ever returning to the event loop: the watchdog alone could end it.
SPINS = """
export const backgroundTaskTimeoutSec = 4;
export async function runBackgroundTask() {
  console.log("turn 0");
  for (const end = Date.now() + 1000; Date.now() < end;);
  return 0;
}
"""


def process_work(pid):
    """What it has done: processor time, and how often it slept. None: it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            ticks = file.read().rpartition(")")[2].split()[11:13]
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return ticks, [line for line in file if "ctxt_switches" in line]
    except FileNotFoundError:
        return None


def stands_still(pid):
    """Stopped by a signal, or frozen with its cgroup: it does nothing for as long as it would take many turns."""
    before = process_work(pid)
    time.sleep(0.3)
    return before is not None and before == process_work(pid)


def wrap_daemon(test, *words):
    """Have other words in front of the daemon's command line."""
    command = harness.Daemon.command
    harness.Daemon.command = lambda daemon: [*words, *command(daemon)]
    test.addCleanup(setattr, harness.Daemon, "command", command)


class ConditionTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1}

    def setUp(self):
        super().setUp()
        self.flag = self.daemon.directory / "flag"

    def add(self, name, task, *args):
        done = self.ctl("--json", "schedule", "add", name, task, *args)  # without: a task of the fake runner has no module
        self.assertEqual((done.returncode, done.err), (0, ""))

    def schedule(self, name):
        return self.ctl("--json", "schedule", "show", name).json

    def hold(self, name):
        """The one run of the schedule that waits for conditions; None: there is none."""
        holds = [hold for hold in self.schedule(name)["holds"] if hold["reason"] == "condition"]
        self.assertLessEqual(len(holds), 1)
        return holds[0] if holds else None

    def held(self, name):
        return harness.wait_until(lambda: self.hold(name), f"a run of {name} is held")

    def runs(self, name):
        return self.ctl("--json", "list", "--schedule", name).json[::-1]

    def ended(self, name):
        return [run for run in self.runs(name) if run["finishedAt"]]

    def running(self, name):
        def look():
            runs = [run for run in self.runs(name) if run["state"] in ("starting", "running")]
            return runs[0] if runs else None
        return harness.wait_until(look, f"a run of {name} is under way")

    def audit(self):
        audit = self.ctl("--json", "audit").json
        self.assertEqual(audit["problems"], [])
        return audit


class HoldTest(ConditionTest):
    def test_path(self):
        self.add("s", "exit", *EVERY, "-p", f"ConditionPathExists={self.flag}")
        hold = self.held("s")
        self.assertEqual(hold["unmet"], [f"ConditionPathExists={self.flag}: it is not there"])
        self.assertEqual(hold["rung"], 0)
        self.assertIn(f"ConditionPathExists={self.flag}: it is not there", self.ctl("why", "s").out)
        self.assertEqual(self.ended("s"), [])
        self.flag.touch()
        harness.wait_until(lambda: self.ended("s"), "it has run")
        self.assertEqual(self.ended("s")[0]["id"], hold["run"])
        self.flag.unlink()
        self.held("s")
        self.ctl("schedule", "pause", "s")
        audit = self.audit()
        self.assertGreaterEqual(audit["outcomes"]["ran"], 1)
        self.assertEqual(audit["outcomes"]["held"], 1)

    def test_path_below_what_is_not_there(self):
        path = self.daemon.directory / "a" / "b" / "c"
        self.add("s", "exit", *EVERY, "-p", f"ConditionPathExists={path}")
        self.held("s")
        path.parent.mkdir(parents=True)
        path.touch()
        harness.wait_until(lambda: self.ended("s"), "it has run")
        path.parent.parent.rename(self.daemon.directory / "elsewhere")
        self.held("s")

    def test_absent_path(self):
        self.flag.touch()
        self.add("s", "exit", *EVERY, "-p", f"ConditionPathExists=!{self.flag}")
        self.assertEqual(self.held("s")["unmet"], [f"ConditionPathExists=!{self.flag}: it is there"])
        self.flag.unlink()
        harness.wait_until(lambda: self.ended("s"), "it has run")

    def test_held_over_restarts(self):
        self.add("s", "exit", *NEVER, "-p", f"ConditionPathExists={self.flag}", "--overlap=buffer-one")
        self.ctl("schedule", "remove", "s")
        self.add("s", "exit", *EVERY, "-p", f"ConditionPathExists={self.flag}")
        run_id = self.held("s")["run"]
        self.daemon.restart(signal.SIGKILL)
        self.assertEqual(self.held("s")["run"], run_id)
        # What changes while nobody is there is seen at the start.
        self.daemon.stop()
        self.flag.touch()
        self.daemon.start()
        harness.wait_until(lambda: [run for run in self.ended("s") if run["id"] == run_id], "it has run")
        self.audit()

    def test_cancelled_while_held(self):
        self.add("s", "exit", *EVERY, "-p", f"ConditionPathExists={self.flag}")
        run_id = self.held("s")["run"]
        self.ctl("schedule", "pause", "s")
        self.assertEqual(self.ctl("cancel", str(run_id)).returncode, 0)
        self.assertIsNone(self.hold("s"))
        self.assertEqual(self.audit()["outcomes"].get("ran", 0), 0)

    def test_space(self):
        place = self.daemon.directory
        self.add("much", "exit", *EVERY, "-p", f"ConditionFreeSpace={place}:1000T")
        self.add("little", "exit", *EVERY, "-p", f"ConditionFreeSpace={place}:1M")
        self.add("nowhere", "exit", *EVERY, "-p", f"ConditionFreeSpace={place}/none:1M")
        self.assertRegex(self.held("much")["unmet"][0], rf"^ConditionFreeSpace={place}:\d+: \d+ bytes are free$")
        self.assertIn("No such file", self.held("nowhere")["unmet"][0])
        harness.wait_until(lambda: self.ended("little"), "one has run")
        self.assertEqual(self.ended("much"), [])

    def test_deadline(self):
        """Idleness counts for half of the time; what it would fail without counts for ever."""
        self.add("idle", "exit", *EVERY, "-p", "ConditionIdleSec=366d", "-p", "DeadlineSec=4s")
        self.add("path", "exit", *EVERY, "-p", f"ConditionPathExists={self.flag}", "-p", "DeadlineSec=1s")
        hold = self.held("idle")
        self.assertRegex(hold["unmet"][0], "^ConditionIdleSec=.*: it was used .* ago$")
        self.assertEqual(hold["until"], hold["since"] + 2_000_000)
        [run] = harness.wait_until(lambda: [run for run in self.ended("idle") if run["id"] == hold["run"]], "it has run")
        self.assertGreaterEqual(run["startedAt"], hold["until"])
        harness.wait_until(lambda: self.held("path")["rung"] == 3, "the last rung")
        self.assertIn("only those count without which it would fail", self.ctl("why", "path").out)
        self.assertEqual(self.ended("path"), [])

    def test_conditions_that_hold(self):
        """On a machine whose load is not known, but for what is allowed at the most."""
        self.add("s", "exit", *EVERY, "-p", "ConditionACPower=yes", "-p", "ConditionLoadMax=10000%",
                 "-p", "ConditionCPUPressure=100%", "-p", "ConditionMemoryPressure=100%", "-p", "ConditionIOPressure=100%",
                 "-p", "ConditionPathExists=/proc/self/stat !/none", "-p", "ConditionFreeSpace=/:1")
        harness.wait_until(lambda: self.ended("s"), "it has run")

    def test_refused(self):
        for line, expected in (("ConditionLoadMax=0%", "1% to 10000%"), ("ConditionCPUPressure=101%", "1% to 100%"),
                               ("ConditionPathExists=relative", "absolute"), ("ConditionFreeSpace=/tmp", "PATH:SIZE"),
                               ("ConditionIdleSec=400d", "366"), ("OnConditionLost=explode", "continue"),
                               ("PathChanged=relative", "absolute")):
            with self.subTest(line):
                done = self.ctl("schedule", "add", "x", "exit", *EVERY, "-p", line)
                self.assertEqual((done.returncode, done.out), (64, ""))
                self.assertIn(expected, done.err)
        self.assertEqual(self.ctl("--json", "schedule", "list").json, [])


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "to show another machine takes root and unshare")
class MachineTest(ConditionTest):
    """A daemon that sees a machine with batteries, a load and a pressure that are files of ours."""

    def setUp(self):
        self.machine = harness.pathlib.Path(harness.tempfile.mkdtemp(prefix="bgt-machine-"))
        self.addCleanup(shutil.rmtree, self.machine)
        for name, values in (("AC", {"type": "Mains", "online": "0"}), ("BAT", {"type": "Battery", "status": "Discharging"})):
            (self.machine / "power" / name).mkdir(parents=True)
            for key, value in values.items():
                (self.machine / "power" / name / key).write_text(value + "\n")
        (self.machine / "pressure").mkdir()
        self.load(0)
        for name in ("cpu", "memory", "io"):
            self.pressure(name, 0)
        if not os.path.isdir("/sys/class/power_supply") or not os.path.isdir("/proc/pressure"):
            self.skipTest("there is nothing here that could be covered")
        mounts = "".join(f"mount --bind {self.machine}/{ours} {theirs} && " for ours, theirs in (
            ("power", "/sys/class/power_supply"), ("load", "/proc/loadavg"), ("pressure", "/proc/pressure")))
        wrap_daemon(self, "unshare", "--mount", "--", "sh", "-c", mounts + 'exec "$@"', "sh")
        super().setUp()

    def load(self, percent):
        (self.machine / "load").write_text(f"{percent * os.cpu_count() / 100:.2f} 0.00 0.00 1/100 1\n")

    def pressure(self, name, percent):
        (self.machine / "pressure" / name).write_text(f"some avg10={percent}.00 avg60=0.00 avg300=0.00 total=0\n"
                                                      "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")

    def unmet(self, name):
        [line] = self.held(name)["unmet"]
        self.assertIn(line, self.ctl("why", name).out)
        return line

    def test_power(self):
        self.add("s", "exit", *EVERY, "-p", "ConditionACPower=yes")
        self.assertEqual(self.unmet("s"), "ConditionACPower=yes: the machine runs on batteries")
        self.assertEqual(self.ended("s"), [])
        # The kernel tells of a cable, but not of our file: the next daemon looks.
        (self.machine / "power" / "AC" / "online").write_text("1\n")
        self.daemon.restart()
        harness.wait_until(lambda: self.ended("s"), "it has run")

    def test_load_and_pressure(self):
        """What nobody tells of is looked at again and again while something waits for it."""
        self.load(250)
        for name in ("cpu", "memory", "io"):
            self.pressure(name, 33)
        keys = {"load": "ConditionLoadMax=70%", "cpu": "ConditionCPUPressure=5%", "memory": "ConditionMemoryPressure=5%",
                "io": "ConditionIOPressure=5%"}
        for name, key in keys.items():
            self.add(name, "exit", *EVERY, "-p", key)
        self.assertEqual(self.unmet("load"), "ConditionLoadMax=70%: the load is 250%")
        for name in ("cpu", "memory", "io"):
            self.assertEqual(self.unmet(name), f"{keys[name]}: it was 33.00% in the last 10 s")
        self.assertEqual([self.ended(name) for name in keys], [[]] * 4)
        self.load(69)
        for name in ("cpu", "memory", "io"):
            self.pressure(name, 4)
        for name in keys:
            harness.wait_until(lambda name=name: self.ended(name), f"{name} has run")


class LossTest(ConditionTest):
    def test_pressure(self):
        """The kernel tells of it at once."""
        def now():
            with open("/proc/pressure/cpu", encoding="ascii") as file:
                return float(file.readline().split("avg10=")[1].split()[0])
        if not os.access("/proc/pressure/cpu", os.W_OK) or now() > 40:
            self.skipTest("there is no pressure here that could be watched, or too much of it")
        self.add("s", "sleep", *EVERY, "-p", "ConditionCPUPressure=75%", "-p", "OnConditionLost=stop")
        run = harness.wait_until(lambda: self.runs("s"), "its time comes")[0]
        if run["state"] == "held":
            self.skipTest("there is too much of it by now")
        # Whoever waits for a processor counts, however nice; other tests need not wait for these.
        spinners = [subprocess.Popen(["nice", "-n", "19", "sh", "-c", "while :; do :; done"])
                    for _ in range(4 * os.cpu_count())]
        try:
            harness.wait_until(lambda: self.show(run["id"])["finishedAt"], "it has ended")
        finally:
            for spinner in spinners:
                spinner.kill()
                spinner.wait()
        self.assertEqual(self.show(run["id"])["result"], "condition_lost")
        self.assertRegex(self.show(run["id"])["message"], r"^ConditionCPUPressure=75%: it was \d+\.\d\d% in the last 10 s$")

    def test_stop(self):
        self.flag.touch()
        self.add("s", "sleep", *EVERY, "-p", f"ConditionPathExists={self.flag}", "-p", "OnConditionLost=stop",
                 "-p", "PauseAfterFailures=1")
        self.add("after", "exit", "-p", "OnFailureOf=sleep")
        run = self.running("s")
        self.flag.unlink()
        hold = self.held("s")
        ended = self.show(run["id"])
        self.assertEqual((ended["state"], ended["result"]), ("cancelled", "condition_lost"))
        self.assertEqual(ended["message"], f"ConditionPathExists={self.flag}: it is not there")
        self.assertNotEqual(hold["run"], run["id"])
        self.assertIn("condition_lost", self.ctl("list").out)
        self.flag.touch()
        again = self.running("s")
        self.assertEqual((again["id"], again["nominalAt"]), (hold["run"], run["nominalAt"]))
        shown = self.schedule("s")["schedule"]
        self.assertEqual((shown["failures"], shown.get("pause")), (0, None))
        self.assertEqual(self.runs("after"), [])
        self.audit()
        self.ctl("schedule", "remove", "s")
        self.ctl("cancel", str(again["id"]))

    def test_stop_in_a_crash(self):
        """Why it is ended outlives the daemon that ends it."""
        self.flag.touch()
        self.daemon.write_task_file("stubborn", "OnDaemonExit=adopt\n")
        self.daemon.restart()
        self.add("s", "stubborn", *EVERY, "-p", f"ConditionPathExists={self.flag}", "-p", "OnConditionLost=stop")
        run = self.running("s")
        self.until_output(run["id"], "\n")
        self.flag.unlink()
        harness.wait_until(lambda: f"run {run['id']} (stubborn) is ended" in self.daemon.log(), "it is being ended")
        self.daemon.restart(signal.SIGKILL)
        harness.wait_until(lambda: self.show(run["id"])["finishedAt"], "it has ended")
        self.assertEqual(self.show(run["id"])["result"], "condition_lost")
        self.held("s")
        self.audit()

    def test_continue(self):
        self.flag.touch()
        self.add("s", "sleep", *EVERY, "-p", f"ConditionPathExists={self.flag}")
        run = self.running("s")
        self.flag.unlink()
        # The other one is looked at in the same moment.
        self.flag.touch()
        self.add("other", "sleep", *EVERY, "-p", f"ConditionPathExists={self.flag}", "-p", "OnConditionLost=stop")
        other = self.running("other")
        self.flag.unlink()
        self.held("other")
        self.assertEqual(self.show(other["id"])["result"], "condition_lost")
        self.assertIn(self.show(run["id"])["state"], ("starting", "running"), self.show(run["id"]))


class FreezeTest(ConditionTest):
    args = ()
    tasks = {"counts": COUNTS, "spins": SPINS}
    task_files = {"counts": "OnDaemonExit=adopt\n"}

    # Asked without a client, whose start may take longer than the run.

    def begun(self):
        runs = self.call("List", {"schedule": "s"})["parameters"]["runs"]
        return next((run["id"] for run in runs if run["state"] in ("starting", "running")), None)

    def frozen_or_over(self, run_id):
        now = self.run_of(run_id)
        return now if "frozenSince" in now or "finishedAt" in now else None

    def frozen(self, task):
        self.flag.touch()
        self.add("s", task, *EVERY, "-p", f"ConditionPathExists={self.flag}", "-p", "OnConditionLost=freeze")
        for _ in range(10):  # on a busy machine a run may be over before it can be frozen; there is a next one
            run_id = harness.wait_until(self.begun, "a run is under way")
            self.until_printed(run_id, "turn 0")
            self.flag.unlink()
            now = harness.wait_until(lambda run_id=run_id: self.frozen_or_over(run_id), "it is frozen, or over")
            if "frozenSince" in now:
                break
            self.flag.touch()
        else:
            self.fail("ten runs were over before they were frozen")
        run = harness.wait_until(lambda: (lambda run: run["pid"] and run)(self.show(run_id)), "its process is known")
        harness.wait_until(lambda: stands_still(run["pid"]), "its process stands still")
        return run

    def until_success(self, run):
        self.flag.touch()
        ended = harness.wait_until(lambda: (lambda now: now["finishedAt"] and now)(self.show(run["id"])), "it has ended")
        self.assertEqual((ended["result"], ended.get("message")), ("success", None))
        self.assertIsNone(ended["frozenSince"])
        return ended

    def test_timeouts_wait(self):
        """Frozen for longer than it may take in all: neither of its two timeouts, nor the daemon's, goes on."""
        for task in ("counts", "spins"):
            with self.subTest(task):
                run = self.frozen(task)
                self.assertIn("Frozen: ", self.ctl("show", str(run["id"])).out)
                time.sleep(5)
                self.assertTrue(stands_still(run["pid"]))
                ended = self.until_success(run)
                self.assertGreater(ended["finishedAt"] - ended["startedAt"], 5_000_000)
                self.ctl("schedule", "remove", "s")

    def test_cancelled(self):
        run = self.frozen("counts")
        self.assertEqual(self.ctl("cancel", str(run["id"])).returncode, 0)
        harness.wait_until(lambda: self.show(run["id"])["state"] == "cancelled", "it has ended")
        self.assertIsNone(process_work(run["pid"]))

    def test_adopted(self):
        run = self.frozen("counts")
        self.daemon.restart(signal.SIGKILL)
        self.assertTrue(stands_still(run["pid"]))
        self.assertTrue(harness.wait_until(lambda: self.show(run["id"]).get("frozenSince"), "it is known to be frozen"))
        self.until_success(run)
        self.audit()

    def test_adopted_when_the_condition_holds(self):
        run = self.frozen("counts")
        self.daemon.stop(signal.SIGKILL)
        self.flag.touch()
        self.daemon.start()
        self.until_success(run)

    def test_adopted_without_its_schedule(self):
        run = self.frozen("counts")
        self.ctl("schedule", "remove", "s")
        self.daemon.restart(signal.SIGKILL)
        self.until_success(run)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "to hide the cgroups takes root and unshare")
class FreezeWithoutCgroupTest(FreezeTest):
    """Stopped by a signal."""

    def setUp(self):
        if not os.path.isdir("/sys/fs/cgroup"):
            self.skipTest("there are no cgroups here")
        wrap_daemon(self, "unshare", "--mount", "--", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', "sh")
        super().setUp()

    def frozen(self, task):
        run = super().frozen(task)
        with open(f"/proc/{run['pid']}/stat", encoding="ascii") as file:
            self.assertEqual(file.read().rpartition(")")[2].split()[0], "T")
        return run


class EventTest(ConditionTest):
    def settled(self, name, count):
        harness.wait_until(lambda: len(self.ended(name)) >= count, f"{count} runs of {name}")
        time.sleep(1.3)  # a path is told of at most once a second, and a last time
        self.assertEqual(len(self.ended(name)), count)

    def test_path_changed(self):
        path = self.daemon.directory / "deep" / "down"
        self.add("s", "exit", "-p", f"PathChanged={path}", "--overlap=allow")
        (self.daemon.directory / "deep").mkdir()  # is not it
        path.write_text("appears")
        self.settled("s", 1)
        path.write_text("is written to")
        self.settled("s", 2)
        new = path.with_name("new")
        new.write_text("takes its place")
        new.rename(path)
        self.settled("s", 3)
        path.unlink()
        self.settled("s", 4)
        (self.daemon.directory / "deep" / "neighbour").write_text("is not it")
        path.mkdir()
        self.settled("s", 5)
        (path / "entry").write_text("of it")
        self.settled("s", 6)
        # A burst is one, or the first and the last.
        for i in range(50):
            (path / "entry").write_text(str(i))
        harness.wait_until(lambda: len(self.ended("s")) >= 7, "it has run for a burst")
        time.sleep(1.3)
        count = len(self.ended("s"))
        self.assertLessEqual(count, 8)
        self.audit()
        self.daemon.restart()
        self.schedule("s")  # it serves, so it listens
        (path / "entry").write_text("with the next daemon")
        self.settled("s", count + 1)
        self.ctl("schedule", "edit", "s", "-p", "PathChanged=", "-p", "EverySec=3650d")
        (path / "entry").write_text("nobody listens")
        self.settled("s", count + 1)

    def test_many_of_a_path(self):
        for name in ("a", "b"):
            self.add(name, "exit", "-p", f"PathChanged={self.flag} {self.daemon.directory}/other", "--overlap=allow")
        self.flag.touch()
        self.settled("a", 1)
        self.settled("b", 1)
        (self.daemon.directory / "other").touch()
        self.ctl("schedule", "remove", "a")
        self.settled("b", 2)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare") and shutil.which("ip"),
                     "a network of its own takes root, unshare and ip")
class NetworkTest(ConditionTest):
    """A daemon in a network namespace of its own, where there is nothing at first."""

    def setUp(self):
        if subprocess.run(["unshare", "--net", "ip", "link", "add", "bg0", "type", "veth"], stderr=subprocess.DEVNULL,
                          check=False).returncode:
            self.skipTest("there are no pairs of interfaces here")
        wrap_daemon(self, "unshare", "--net", "--")
        super().setUp()

    def ip(self, *words):
        subprocess.run(["nsenter", f"--net=/proc/{self.daemon.process.pid}/ns/net", "ip", *words], check=True)

    def connect_network(self):
        self.ip("link", "add", "bg0", "type", "veth", "peer", "name", "bg1")
        self.ip("link", "set", "bg1", "up")
        self.ip("address", "add", "192.0.2.2/24", "dev", "bg0")
        self.ip("link", "set", "bg0", "up")
        self.ip("route", "add", "default", "via", "192.0.2.1")

    def test_network(self):
        self.add("waits", "exit", *EVERY, "-p", "ConditionNetwork=yes")
        self.add("event", "exit", "-p", "OnNetworkUp=yes", "--overlap=allow")
        self.assertEqual(self.held("waits")["unmet"], ["ConditionNetwork=yes: there is no route to elsewhere"])
        self.assertEqual(self.runs("event"), [])
        self.connect_network()
        harness.wait_until(lambda: self.ended("waits"), "it has run")
        harness.wait_until(lambda: len(self.ended("event")) == 1, "the event was seen")
        self.ip("link", "set", "bg0", "down")
        self.held("waits")
        self.ip("link", "set", "bg0", "up")
        self.ip("route", "replace", "default", "via", "192.0.2.1")
        harness.wait_until(lambda: len(self.ended("event")) == 2, "the event was seen again")
        self.audit()

    def test_lost(self):
        self.connect_network()
        self.add("s", "sleep", *EVERY, "-p", "ConditionNetwork=yes", "-p", "OnConditionLost=stop")
        run = self.running("s")
        self.ip("route", "delete", "default")
        self.held("s")
        self.assertEqual(self.show(run["id"])["result"], "condition_lost")


if __name__ == "__main__":
    harness.main()
