# SPDX-License-Identifier: MPL-2.0
"""From 10^3 to 10^6 schedules: what each of them costs, and how late their runs begin.

Up to BY_PROTOCOL schedules are added through the daemon. Beyond that rows are written into its closed database, as it
would have written them: the same function makes the definition for the one and the row for the other, and the rows that
the daemon wrote are held against it before any are written that way.

Most schedules are due hours from now. What is measured of a due tick has schedules of its own, whose runs wait for the
one slot, so that no process is started meanwhile.
"""

import contextlib
import datetime
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
import zoneinfo

import bench_timers

BY_PROTOCOL = 10_000
SECOND = 1_000_000
HOUR = 3600 * SECOND
CONNECTIONS = 64
AHEAD = 8  # requests on each that are sent before the first answer is read
# How many runs, and a new one every so many microseconds: each is two commits, so that at the second rate they meet.
LATENESS = ((240, 250_000), (600, 60_000))
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
BLOCK_TASK = "export function runBackgroundTask() { return new Promise(() => {}); }\n"
PREFS = {"bgtaskd.runs.maxRunning": 1, "bgtaskd.runs.maxQueued": 100_000, "bgtaskd.runs.maxQueuedPerUid": 100_000,
         "bgtaskd.schedules.max": 10_000_000, "bgtaskd.backup.everyHours": 0}


def now_us():
    return time.time_ns() // 1000


# ---- schedules, and the rows that the daemon makes of them

def timing(number, base_us):
    """(definition, next nominal time) of schedule @number when it is 2 to 22 hours after @base_us."""
    chance = random.Random(number)
    at = base_us // SECOND + 2 * 3600 + chance.randrange(20 * 3600)
    if number % 5 == 0:
        every = chance.choice((24, 48, 168)) * HOUR
        return [f"EverySec={every // SECOND}s", f"AnchorAt=@{at}"], at * SECOND
    zone = ZONES[number % len(ZONES)]
    local = datetime.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone))
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[local.weekday()] + " " if number % 3 == 0 else ""
    return [f"OnCalendar={day}*-*-* {local:%H:%M:%S} {zone}"], at * SECOND


def parameters(number, base_us):
    return {"name": f"scale-{number:07}", "task": "empty", "args": [str(number)], "definition": timing(number, base_us)[0]}


def row_of(template, number, created_us, base_us):
    """The row that the daemon makes of that: @template is one of its rows of the same kind."""
    row = dict(template)
    definition, next_us = timing(number, base_us)
    row.update(id=None, name=f"scale-{number:07}", args=json.dumps([str(number)]),
               created_at_us=created_us, pass_from_us=created_us, pass_began_us=created_us, cursor_us=created_us,
               next_us=next_us, due_us=next_us, latest_us=next_us + row["latest_us"] - row["due_us"])
    words = template["definition"].splitlines()
    row["definition"] = "".join(f"{word}\n" for word in (definition if number % 5 else [*definition, *words[2:]]))
    return row


def rows_check(database, base_us):
    """{kind: template}; what the daemon wrote is what row_of() makes."""
    templates = {}
    for row in map(dict, database.execute("SELECT * FROM schedule WHERE name LIKE 'scale-%' ORDER BY name")):
        number = int(row["name"][6:])
        template = templates.setdefault(number % 5 == 0, row)
        made = row_of(template, number, row["created_at_us"], base_us)
        for column, value in made.items():
            if column != "id" and value != row[column]:
                raise SystemExit(f"bench_scale: schedule {number} has {column} {row[column]!r}; expected {value!r}")
    return templates


def fill_rows(state, first, count, base_us):
    with sqlite3.connect(state / "bgtaskd.db") as database:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA cache_size = -400000")
        templates = rows_check(database, base_us)
        columns = [column for column in templates[False] if column != "id"]
        created_us = now_us()
        database.executemany(
            f"INSERT INTO schedule ({', '.join(columns)}) VALUES ({', '.join(':' + column for column in columns)})",
            (row_of(templates[number % 5 == 0], number, created_us, base_us) for number in range(first, count)))
    database.close()
    # The daemon takes no log that it cannot have written under another process's memory.
    for suffix in ("-shm", "-wal"):
        (state / f"bgtaskd.db{suffix}").unlink(missing_ok=True)


# ---- the daemon

class Watched:
    """A daemon whose log is read with the time at which each line came."""

    def __init__(self, harness, tasks):
        self.harness = harness
        self.daemon = harness.Daemon(tasks=tasks, prefs=PREFS, args=("--log-level=debug",), start=False)
        self.state = self.daemon.state
        self.lines = []
        self.process = None

    def start(self):
        """Seconds until the daemon answers Status."""
        environment = self.daemon.environment()
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = str(self.daemon.directory / "notify")
        pathlib.Path(path).unlink(missing_ok=True)
        ready.bind(path)
        environment["NOTIFY_SOCKET"] = path
        began = time.monotonic()
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(self.daemon.command(), env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True).start()
        ready.settimeout(600)
        while b"READY=1" not in ready.recv(4096):
            pass
        ready.close()
        with self.connect() as connection:
            connection.call("Status")
        return time.monotonic() - began

    def _read(self, stream):
        for line in stream:
            self.lines.append((now_us(), line.decode(errors="replace").rstrip()))

    def stop(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def close(self):
        self.stop()
        self.daemon.close()

    def connect(self):
        return self.daemon.connect()

    def quiet(self):
        """Wait until it has done what it does of its own accord."""
        with self.connect() as connection:
            while any("checked for damage" in line for line in connection.call("Status")["parameters"]["status"]["degraded"]):
                time.sleep(0.5)
        before = -1
        while (used := self.cpu_us()) != before:
            before = used
            time.sleep(1.5)

    def cpu_us(self):
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as f:
            return int(f.read().split()[0]) / 1000

    def reads(self):
        with open(f"/proc/{self.process.pid}/io", encoding="ascii") as f:
            return int(dict(line.split(": ") for line in f.read().splitlines())["rchar"])

    def memory(self):
        """(resident, proportional) in KiB."""
        values = {}
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as f:
            for line in f.readlines()[1:]:
                key, value = line.split(":")
                values[key] = int(value.split()[0])
        return values["Rss"], values["Pss"]


def many(watched, method, items):
    """Seconds for all of them, over CONNECTIONS: the calls of one connection are answered one after another."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(watched.connect()) for _ in range(CONNECTIONS)]
        began = time.monotonic()
        for first in range(0, len(items), CONNECTIONS * AHEAD):
            some = items[first:first + CONNECTIONS * AHEAD]
            for i, item in enumerate(some):
                connections[i % CONNECTIONS].send(method, item)
            for i in range(len(some)):
                if "error" in (answer := connections[i % CONNECTIONS].receive()):
                    raise SystemExit(f"bench_scale: {method}: {answer}")
        return time.monotonic() - began


def one_by_one(connection, method, items):
    """Milliseconds of each."""
    values = []
    for item in items:
        began = time.monotonic()
        if "error" in (answer := connection.call(method, item)):
            raise SystemExit(f"bench_scale: {method}: {answer}")
        values.append((time.monotonic() - began) * 1000)
    return values


def percentile(values, fraction):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]


def spread_text(values, unit="ms"):
    return (f"p50 {statistics.median(values):8.2f}  p99 {percentile(values, 0.99):8.2f}  max {max(values):8.2f} {unit}"
            f"  n={len(values)}")


# ---- what is measured

def once_at(name, at_us):
    moment = datetime.datetime.fromtimestamp(at_us // SECOND, datetime.timezone.utc)
    return {"name": name, "task": "empty", "definition": [
        f"OnCalendar={moment:%Y-%m-%d %H:%M:%S}.{at_us % SECOND:06} UTC", "AccuracySec=1us", "Overlap=allow"]}


def measure_changes(watched, count):
    """Adding and removing one at a time, with so many there."""
    with watched.connect() as connection:
        items = [{"name": f"extra-{i}", "task": "empty", "definition": [f"OnCalendar=*-*-* 0{i % 10}:30 UTC"]}
                 for i in range(200)]
        added = one_by_one(connection, "AddSchedule", items)
        removed = one_by_one(connection, "RemoveSchedule", [{"name": item["name"]} for item in items])
    print(f"    add one        {spread_text(added)}")
    print(f"    remove one     {spread_text(removed)}")


def measure_lists(watched):
    began = time.monotonic()
    with watched.connect() as connection:
        connection.send("ListSchedules", more=True)
        page = connection.receive()["parameters"]["schedules"]
    took = (time.monotonic() - began) * 1000
    print(f"    first page     {took:.2f} ms for {len(page)} schedules")


def measure_next(watched):
    values = []
    for _ in range(3):
        began = time.monotonic()
        watched.daemon.ctl("next")
        values.append((time.monotonic() - began) * 1000)
    print(f"    bgtaskctl next {min(values):.1f} ms")


def tick_cost(watched, due, times):
    """(processor time in us, bytes read) of a look at which @due schedules are due."""
    prefix = f"due-{due}"
    begin_us = now_us() + 3 * SECOND + due * times * 5_000
    items = [once_at(f"{prefix}-{round_}-{i}", begin_us + round_ * SECOND // 2)
             for round_ in range(times) for i in range(due)]
    many(watched, "AddSchedule", items)
    time.sleep(max(0, (begin_us - now_us()) / SECOND - 0.05))
    if now_us() > begin_us:
        raise SystemExit("bench_scale: adding took longer than until the first is due: the machine is too busy")
    cpu_us, reads = watched.cpu_us(), watched.reads()
    time.sleep((begin_us - now_us()) / SECOND + times / 2)
    used = ((watched.cpu_us() - cpu_us) / times, (watched.reads() - reads) / times)
    many(watched, "RemoveSchedule", [{"name": item["name"]} for item in items])
    return used


def measure_ticks(watched):
    # The one slot is taken; what becomes due waits for it.
    with watched.connect() as connection:
        blocker = connection.call("Run", {"task": "block"})["parameters"]["run"]["id"]
        time.sleep(1.2)
        for due, times in ((1, 40), (100, 6)):
            cpu_us, reads = tick_cost(watched, due, times)
            print(f"    tick, {due:3} due  {cpu_us:8.0f} us of processor ({cpu_us / due:.0f} a schedule), "
                  f"{reads / 1024:.0f} KiB read")
        connection.call("Cancel", {"id": blocker})


def measure_lateness(watched, count, runs, gap_us):
    watched.daemon.write_prefs({**PREFS, "bgtaskd.runs.maxRunning": 64})
    watched.process.send_signal(signal.SIGHUP)
    with watched.connect() as connection:
        until_idle(connection)
        chance = random.Random(count)
        began_us = now_us()
        begin_us = began_us + 4 * SECOND
        items = [once_at(f"late-{count}-{gap_us}-{i}", begin_us + i * gap_us + chance.randrange(gap_us)) for i in range(runs)]
        many(watched, "AddSchedule", items)
        for _ in range(3):  # the zygote is there
            connection.call("Run", {"task": "empty"})
        time.sleep((begin_us - now_us()) / SECOND + runs * gap_us / SECOND + 1)
        until_idle(connection)
        found = []
        for item in items:
            found += connection.call("List", {"schedule": item["name"]})["parameters"]["runs"]
        many(watched, "RemoveSchedule", [{"name": item["name"]} for item in items])
    handed, made = {}, {}
    for at_us, line in watched.lines:
        if "bgtaskd: run " in line and " started: " in line:
            made[int(line.split()[2])] = at_us
        elif "bgtaskd: run " in line and " is with the zygote" in line:
            handed[int(line.split()[2])] = at_us
    print(f"    late by (handed over and made: before its time), one in {gap_us // 1000} ms, n={len(found)} of {len(items)}")
    print(f"      a sleep alone {spread_text(raw_sleep())}")
    for name, values in (("handed over", [handed[run["id"]] - run["nominalAt"] for run in found if run["id"] in handed]),
                         ("process made", [made[run["id"]] - run["nominalAt"] for run in found if run["id"] in made]),
                         ("task entered", [run["startedAt"] - run["nominalAt"] for run in found if "startedAt" in run])):
        print(f"      {name:<13}{spread_text([value / 1000 for value in values])}")


def until_idle(connection):
    while True:
        status = connection.call("Status")["parameters"]["status"]
        if status["queued"] == status["running"] == 0:
            return
        time.sleep(0.1)


def measure_missed(watched, count):
    """The daemon was away while so many became due: how long it takes to see to them, and to answer meanwhile."""
    watched.stop()
    with sqlite3.connect(watched.state / "bgtaskd.db") as database:
        ago = 25 * HOUR
        database.execute("UPDATE schedule SET cursor_us = cursor_us - :ago, next_us = next_us - :ago, due_us = due_us - :ago, "
                         "latest_us = latest_us - :ago WHERE id IN (SELECT id FROM schedule WHERE next_us > 0 LIMIT :count)",
                         {"ago": ago, "count": count})
    database.close()
    for suffix in ("-shm", "-wal"):
        (watched.state / f"bgtaskd.db{suffix}").unlink(missing_ok=True)
    ready = watched.start()
    began = time.monotonic()
    answers = []
    with watched.connect() as connection:
        while True:
            before = time.monotonic()
            status = connection.call("Status")["parameters"]["status"]
            answers.append((time.monotonic() - before) * 1000)
            if status.get("nextAt", 0) > now_us() or time.monotonic() - began > 600:
                break
            time.sleep(0.002)
    print(f"    {count} were due before the start: ready after {ready:.3f} s, all seen to after {time.monotonic() - began:.1f} s")
    print(f"      answers meanwhile {spread_text(answers)}")


def forget_file(path):
    """Out of the kernel's memory, so that it is read from the disk."""
    with open(path, "rb") as file:
        os.fdatasync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure_start(watched):
    """Each is what comes after a kind of end; the last one stays."""
    starts = []
    for _ in range(3):
        starts.append(watched.start() * 1000)
        watched.stop()
    forget_file(watched.state / "bgtaskd.db")
    cold = watched.start() * 1000
    watched.stop(signal.SIGKILL)
    killed = watched.start() * 1000
    print(f"    start to ready {min(starts):.0f} ms, {cold:.0f} ms from the disk, {killed:.0f} ms after a kill")


def raw_sync(directory):
    """Milliseconds of a write and fdatasync of 8 KiB, which is what a commit waits for."""
    values = []
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        for _ in range(100):
            began = time.monotonic()
            os.pwrite(file.fileno(), os.urandom(8192), 0)
            os.fdatasync(file.fileno())
            values.append((time.monotonic() - began) * 1000)
    return values


def raw_sleep(count=200):
    """Milliseconds by which a process that does nothing else wakes up late: no run can be more exact than that."""
    values = []
    for _ in range(count):
        until = time.monotonic() + random.uniform(0.02, 0.04)
        time.sleep(until - time.monotonic())
        values.append((time.monotonic() - until) * 1000)
    return values


def fill(watched, have, count, base_us):
    if count <= BY_PROTOCOL:
        items = [parameters(number, base_us) for number in range(have, count)]
        took = many(watched, "AddSchedule", items)
        print(f"    added {len(items)} over {CONNECTIONS} connections in {took:.2f} s ({len(items) / took:.0f}/s)")
        return
    watched.stop()
    began = time.monotonic()
    fill_rows(watched.state, have, count, base_us)
    print(f"    {count - have} rows written in {time.monotonic() - began:.1f} s")


def section_scale(options, harness, tasks):
    counts = [count for count in (10**3, 10**4, 10**5, 10**6) if count <= options.schedules]
    base_us = now_us()
    watched = Watched(harness, {**tasks, "block": BLOCK_TASK})
    print(f"scale: load {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    print(f"  a write and fdatasync here: {spread_text(raw_sync(watched.daemon.directory))}")
    try:
        watched.start()
        have = 0
        for count in counts:
            print(f"  {count} schedules")
            fill(watched, have, count, base_us)
            have = count
            watched.stop()
            print(f"    database       {(watched.state / 'bgtaskd.db').stat().st_size / 2**20:.1f} MiB")
            measure_start(watched)
            watched.quiet()
            print("    memory         resident {} KiB, proportional {} KiB".format(*watched.memory()))
            measure_changes(watched, count)
            measure_lists(watched)
            if count <= BY_PROTOCOL:
                measure_next(watched)
            measure_ticks(watched)
            if count in (counts[0], counts[-1]):
                for runs, gap_us in LATENESS:
                    measure_lateness(watched, count, runs, gap_us)
            print("    memory then    resident {} KiB, proportional {} KiB".format(*watched.memory()))
            watched.stop()
            watched.daemon.write_prefs(PREFS)
            if count < counts[-1]:
                watched.start()
        if counts[-1] >= 10**5:
            measure_missed(watched, 10**5)
    finally:
        watched.close()
    bench_timers.section_timers(spread_text)
