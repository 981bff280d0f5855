#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Many runs through one daemon and one zygote, whose memory, descriptors and files must stay as they are.

usage: soak.py [--runs N] [--samples N] [--zygote-runs N]        (or SOAK_RUNS, SOAK_SAMPLES)

Prints a table of samples, each taken when nothing runs, then for each column the trend over the second half and what is
allowed. Any column that grows fails it.

The history is kept short by preference (bgtaskd.retention.maxSuccesses and maxFailures), so that it is full, and each
run removes one, long before the second half begins: then the database and the folder of the output must keep their
size. The zygotes are never renewed (bgtaskd.zygote.maxRuns, maxAgeSec, maxGrowthMiB): one serves all runs, the worst
case for it; --zygote-runs renews them, the worst case for the daemon.
"""

import argparse
import contextlib
import os
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration"), str(HERE.parent / "chaos")]

import family  # noqa: E402  (found through the line above)
import harness  # noqa: E402
from flat import HEADER, Tolerance, judge  # noqa: E402

WINDOW = 100  # requests that are under way at a time
TASKS = {
    "quiet": (60, "export async function runBackgroundTask() {}\n"),
    "speaks": (25, "export async function runBackgroundTask() { console.log('x'.repeat(200)); }\n"),
    "exits": (8, "export async function runBackgroundTask() { return 11; }\n"),
    "throws": (5, "export async function runBackgroundTask() { throw new Error('on purpose'); }\n"),
    "prints": (2, "export async function runBackgroundTask() { dump('x'.repeat(40000)); }\n"),
}
# Growth over the second half that is still flat. Memory: what the allocator and the kernel round to.
TOLERANCES = {
    "daemon KiB": Tolerance(256, 0.03),
    "daemon fds": Tolerance(0.5),
    "zygote KiB": Tolerance(256, 0.03),
    "zygote fds": Tolerance(0.5),
    "database KiB": Tolerance(128, 0.05),
    "log KiB": Tolerance(128, 0.05),
    "output KiB": Tolerance(512, 0.10),
    "output files": Tolerance(20, 0.10),
    "other files": Tolerance(0.5),
    "processes": Tolerance(0.5),
}


def private_kib(pid):
    """What it has written to and shares with nobody. Clean pages of files do not count: whether these are private
    depends on who else runs the same program."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty:"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def size_kib(path):
    return path.stat().st_size / 1024 if path.exists() else 0


def sizes(directory):
    """Of its files; one may be removed while we look, because the history is full."""
    found = []
    for path in directory.iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(path.stat().st_size)
    return found


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.history = max(100, options.runs // 25)
        prefs = {"bgtaskd.retention.maxSuccesses": self.history, "bgtaskd.retention.maxFailures": self.history // 5,
                 "bgtaskd.zygote.maxRuns": options.zygote_runs, "bgtaskd.zygote.idleSec": 0,
                 "bgtaskd.zygote.maxAgeSec": 86400, "bgtaskd.zygote.maxGrowthMiB": 65536}
        self.daemon = harness.Daemon(prefs=prefs, tasks={name: text for name, (_, text) in TASKS.items()})
        self.zygotes = set()
        self.series = {name: [] for name in TOLERANCES}
        self.problems = []

    def runs(self, count):
        """So many, over new connections, some with a client that follows."""
        names = list(TASKS)
        weights = [TASKS[name][0] for name in names]
        with self.daemon.connect() as connection:
            under_way = 0
            for _ in range(count):
                follow = self.random.random() < 0.02
                name = self.random.choices(names, weights)[0]
                if follow:
                    with self.daemon.connect() as follower:
                        follower.send("Run", {"task": name}, more=True)
                        while self.receive(follower).get("continues"):
                            pass
                    continue
                connection.send("Run", {"task": name})
                under_way += 1
                if under_way >= WINDOW:
                    for _ in range(under_way):
                        self.receive(connection)
                    under_way = 0
                    self.rest(WINDOW // 2)
            for _ in range(under_way):
                self.receive(connection)
        self.rest(0)

    def receive(self, connection):
        answer = connection.receive()
        if answer is None or "error" in answer:
            raise SystemExit(f"soak: the daemon answers {answer}")
        return answer

    def rest(self, queued):
        """Until no more than @queued runs wait; 0: until nothing runs."""
        while True:
            with self.daemon.connect() as connection:
                status = self.receive_status(connection)
            if status["queued"] <= queued and (queued or status["running"] == 0):
                return status
            time.sleep(0.01)

    def receive_status(self, connection):
        connection.send("Status")
        return self.receive(connection)["parameters"]["status"]

    def sample(self, number):
        status = self.rest(0)
        time.sleep(0.3)  # clients' ends are seen, the log is checkpointed
        status = self.rest(0)
        zygotes = [zygote["pid"] for zygote in status.get("zygotes") or [status["zygote"]]]
        self.zygotes |= set(zygotes)
        state, daemon = self.daemon.state, self.daemon.process.pid
        output = sizes(state / "output")
        values = {
            "daemon KiB": private_kib(daemon),
            "daemon fds": descriptors(daemon),
            "zygote KiB": sum(map(private_kib, zygotes)),
            "zygote fds": sum(map(descriptors, zygotes)),
            "database KiB": size_kib(state / "bgtaskd.db"),
            "log KiB": size_kib(state / "bgtaskd.db-wal"),
            "output KiB": sum(output) / 1024,
            "output files": len(output),
            "other files": self.other_files(),
            "processes": len(family.descendants()),
        }
        for name, value in values.items():
            self.series[name].append((number, value))
        return values

    def other_files(self):
        output = self.daemon.state / "output"
        return sum(1 for root in (self.daemon.state, self.daemon.runtime, self.daemon.directory / "tmp")
                   for path in root.rglob("*") if output not in path.parents)

    def run(self):
        step = max(1, self.options.runs // self.options.samples)
        print(f"soak: {self.options.runs} runs, a sample each {step}; the history keeps {self.history} successes")
        print(f"{'runs':>7} {'runs/s':>7} " + " ".join(f"{name:>12}" for name in TOLERANCES))
        started, done = time.monotonic(), 0
        while done < self.options.runs:
            count = min(step, self.options.runs - done)
            begun = time.monotonic()
            self.runs(count)
            rate = count / (time.monotonic() - begun)
            done += count
            values = self.sample(done)
            print(f"{done:7} {rate:7.0f} " + " ".join(f"{value:12.0f}" for value in values.values()), flush=True)
        print(f"{done} runs in {time.monotonic() - started:.0f} s")
        self.judge()
        self.finish()

    def judge(self):
        print(f"The trend over the second half:\n{HEADER}")
        for name, points in self.series.items():
            verdict = judge(name, points, TOLERANCES[name])
            print(verdict)
            if not verdict.flat:
                self.problems.append(f"{name} grows by {verdict.per_run:.5f} a run")

    def finish(self):
        """All runs were accepted and are told of; the results are those of their tasks."""
        status = self.rest(0)
        records = self.daemon.ctl("--json", "list", "--limit", "100000").json
        if records[0]["id"] != self.options.runs:
            self.problems.append(f"{self.options.runs} runs were accepted, and the last one's number is {records[0]['id']}")
        expected = {"quiet": "success", "speaks": "success", "prints": "success", "exits": "exited",
                    "throws": "exception"}
        for record in records:
            if record["result"] != expected[record["task"]]:
                self.problems.append(f"run {record['id']} ({record['task']}): {record['result']}: {record['message']}")
        print(f"{status['runs']} runs in the history, {len(self.zygotes)} zygotes in all")


def main():
    environment = os.environ
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=int(environment.get("SOAK_RUNS") or 2000))
    parser.add_argument("--samples", type=int, default=int(environment.get("SOAK_SAMPLES") or 50))
    parser.add_argument("--zygote-runs", type=int, default=100000000, help="after how many a zygote is renewed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not harness.have_background_tasks():
        print("skipped: this build has no daemon")
        sys.exit(harness.SKIP)
    soak = Soak(options)
    try:
        soak.run()
    finally:
        soak.daemon.close()
    problems = soak.problems + soak.daemon.area.problems
    for problem in problems[:50]:
        print(f"PROBLEM: {problem}")
    print(f"Totals: soak: {options.runs} runs, {len(TOLERANCES)} measures, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
