# SPDX-License-Identifier: MPL-2.0
"""The same of systemd's user manager, for as far as it goes: what timers cost, and how late their services begin.

It wants to have been booted with and a cgroup of its own. Root can make that look so in a mount namespace of its own,
which is where this file runs as a program: bench_timers.py DIRECTORY COUNT.
"""

import datetime
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SYSTEMD = "/lib/systemd/systemd"
SECOND = 1_000_000
LATE = 100
CGROUPS = pathlib.Path("/sys/fs/cgroup")
ELSEWHERE = ("measured once elsewhere: 4000 timers: start 2.2 s, reload 0.75 s, 3.3 kB each; lateness p50 14.5 ms, "
             "max 109 ms")


def section_timers(spread_text):
    print("scale: timers of systemd's user manager, beside that")
    if not os.access(SYSTEMD, os.X_OK) or not shutil.which("unshare") or os.geteuid() != 0:
        print(f"  not measured here: it takes systemd, unshare and root; {ELSEWHERE}")
        return
    for count in (1000, 4000):
        with tempfile.TemporaryDirectory(prefix="bgtaskd-timers-") as directory:
            done = subprocess.run(["unshare", "--mount", "--fork", "--kill-child", sys.executable, __file__, directory,
                                   str(count)], capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            print(f"  not measured here: {lines[-1] if lines else 'it does not start'}; {ELSEWHERE}")
            return
        *lines, late = done.stdout.splitlines()
        print("\n".join(lines))
        print(f"    service made, late by {spread_text([float(word) for word in late.split()])}")


# ---- inside

def stamp(at_us):
    moment = datetime.datetime.fromtimestamp(at_us // SECOND, datetime.timezone.utc)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{at_us % SECOND:06} UTC"


def write_timer(units, name, calendar):
    (units / f"{name}.timer").write_text(f"[Timer]\nOnCalendar={calendar}\nAccuracySec=1us\n")
    (units / f"{name}.service").write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
    (units / "timers.target.wants" / f"{name}.timer").symlink_to(units / f"{name}.timer")


def prepare(directory, count):
    units = directory / "units"
    (units / "timers.target.wants").mkdir(parents=True)
    (directory / "run").mkdir(mode=0o700)
    chance = random.Random(count)
    base_us = time.time_ns() // 1000
    for number in range(count):
        write_timer(units, f"far-{number}", stamp(base_us + (3600 + chance.randrange(86400)) * SECOND))
    return units


class Manager:
    def __init__(self, directory, units):
        self.directory = directory
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "XDG_RUNTIME_DIR": str(directory / "run"),
                            "SYSTEMD_UNIT_PATH": f"{units}:/usr/lib/systemd/user", "LC_ALL": "C.UTF-8",
                            "NOTIFY_SOCKET": str(directory / "notify")}
        self.process = None

    def start(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(self.environment["NOTIFY_SOCKET"])
            ready.settimeout(120)
            began = time.monotonic()
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([SYSTEMD, "--user"], env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while b"READY=1" not in ready.recv(4096):
                pass
            return time.monotonic() - began

    def ctl(self, *args):
        return subprocess.run(["systemctl", "--user", *args], env=self.environment, capture_output=True, text=True,
                              check=True, timeout=300).stdout

    def resident_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def lateness(manager, units):
    """Milliseconds from each timer's time to its service's process."""
    chance = random.Random(1)
    begin_us = time.time_ns() // 1000 + (8 + len(list(units.glob("far-*.timer"))) // 100) * SECOND
    times = {}
    for number in range(LATE):
        times[f"late-{number}"] = at_us = begin_us + number * 100_000 + chance.randrange(100_000)
        write_timer(units, f"late-{number}", stamp(at_us))
    manager.ctl("daemon-reload")
    manager.ctl("start", *(f"{name}.timer" for name in times))
    if time.time_ns() // 1000 > begin_us:
        raise SystemExit("the timers were not loaded in time")
    time.sleep((begin_us - time.time_ns() // 1000) / SECOND + LATE / 10 + 2)
    text = manager.ctl("show", "--timestamp=us+utc", "-p", "Id", "-p", "ExecMainStartTimestamp",
                       *(f"{name}.service" for name in times))
    late = []
    for part in text.split("\n\n"):
        values = dict(line.split("=", 1) for line in part.splitlines() if "=" in line)
        if values.get("ExecMainStartTimestamp"):
            moment = datetime.datetime.strptime(values["ExecMainStartTimestamp"], "%a %Y-%m-%d %H:%M:%S.%f %Z")
            at_us = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp() * SECOND)
            late.append((at_us - times[values["Id"].removesuffix(".service")]) / 1000)
    return late


def main():
    directory, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    subprocess.run(["mount", "-t", "cgroup2", "none", CGROUPS], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.makedirs("/run/systemd/system")
    group = CGROUPS / f"bgtaskd-bench-{os.getpid()}"
    group.mkdir()
    home = CGROUPS / pathlib.Path("/proc/self/cgroup").read_text(encoding="ascii").split("0::/")[1].splitlines()[0]
    manager = Manager(directory, prepare(directory, count))
    (group / "cgroup.procs").write_text(str(os.getpid()))
    try:
        print(f"  {count} timers")
        print(f"    start to ready {manager.start() * 1000:.0f} ms")
        print(f"    memory         resident {manager.resident_kib()} KiB")
        began = time.monotonic()
        manager.ctl("daemon-reload")
        print(f"    reload         {(time.monotonic() - began) * 1000:.0f} ms")
        began = time.monotonic()
        manager.ctl("list-timers", "--all")
        print(f"    list-timers    {(time.monotonic() - began) * 1000:.0f} ms")
        print(" ".join(f"{value:.3f}" for value in lateness(manager, directory / "units")))
    finally:
        manager.stop()
        (home / "cgroup.procs").write_text(str(os.getpid()))
        for procs in group.rglob("cgroup.procs"):
            for pid in procs.read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.2)
        for path in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            path.rmdir()
        group.rmdir()


if __name__ == "__main__":
    main()
