#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Measures bgtaskd and prints; asserts nothing.

usage: bench.py [--rounds N] [--runs N] [--idle SECONDS] [--machines N] [--schedules N] [SECTION ...]

Sections: direct (start to exit, beside other JavaScript runtimes), warm (through the daemon), throughput (a full
queue), sandbox (with against without, as root and as a user), flood (latency while another user floods the socket), memory,
idle (wake-ups), calendar (the next elapse of an expression), fleet (what a server sees of many machines), scale (up to
--schedules schedules, beside systemd's timers). All of them by default. Times are in milliseconds if nothing else is
said; p50 is the median, min and max give the spread. Rounds are interleaved: each round runs every command once.

Needs the environment of `make bench`: top_builddir and top_srcdir.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["top_builddir"]
SOURCE = os.environ["top_srcdir"]
BIN = os.path.join(BUILD, "bin")
SPAWN = os.path.join(BUILD, "tests", "bench", "bench_spawn")
sys.path.insert(0, os.path.join(SOURCE, "tests", "integration"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "bench"))

import bench_flood  # noqa: E402  (found through the lines above)
import bench_sandbox  # noqa: E402
import bench_scale  # noqa: E402
import harness  # noqa: E402

EMPTY_TASK = "export async function runBackgroundTask() {}\n"
SLEEP_TASK = """import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";
export function runBackgroundTask() { return new Promise(done => setTimeout(done, 20000)); }
"""
# The zygote goes before the idle daemon is looked at, and no queue is too long for the throughput.
DAEMON_PREFS = {"bgtaskd.zygote.idleSec": 3, "bgtaskd.runs.maxQueued": 100000}
PREFS = 'pref("toolkit.backgroundtasks.defaultMinTaskRuntimeMS", 0);\n'


def percentile(values, fraction):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]


def report(name, values, unit="ms", note=""):
    print(
        f"  {name:<44} p50 {statistics.median(values):8.2f}  p99 {percentile(values, 0.99):8.2f}  "
        f"min {min(values):8.2f}  max {max(values):8.2f} {unit}  n={len(values)}{'  ' + note if note else ''}"
    )


def spawn(rounds, commands, env=None):
    """{name: [wall in ms]} of [(name, argv)], rounds times round; a failing command is reported and left out."""
    argv = [SPAWN, str(rounds)]
    for i, (_, command) in enumerate(commands):
        argv += (["::"] if i else []) + command
    result = {name: [] for name, _ in commands}
    bad = {}
    for line in subprocess.run(argv, check=True, capture_output=True, text=True, env=env).stdout.splitlines():
        index, wall_us, status = map(int, line.split())
        name = commands[index][0]
        if status:
            bad[name] = status
        result[name].append(wall_us / 1000)
    for name, status in bad.items():
        print(f"  {name}: ended with status {status}; not measured")
        del result[name]
    return result


def smaps(pid):
    """PSS, private and resident memory of a process in KiB."""
    values = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        for line in f:
            key, _, rest = line.partition(":")
            if rest.strip().endswith("kB"):
                values[key] = int(rest.split()[0])
    return values["Pss"], values["Private_Clean"] + values["Private_Dirty"], values["Rss"], values["Private_Dirty"]


def wakeups(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as f:
            for line in f:
                if line.startswith(("voluntary_ctxt", "nonvoluntary_ctxt")):
                    total += int(line.split()[1])
    return total


def section_direct(options, work):
    print("direct mode: start to exit of an empty task, minimum runtime 0")
    module = os.path.join(work, "empty.mjs")
    with open(module, "w", encoding="ascii") as f:
        f.write("export {};\n")
    env = dict(os.environ, BGTASKD_PREFS=os.path.join(work, "prefs.js"), HOME=work, TMPDIR=work)
    runner = [os.path.join(BIN, "bgtask-runner"), "--app-dir", os.path.join(work, "app"), "--backgroundtask", "empty"]
    commands = [("bgtask-runner --backgroundtask empty", runner), ("/bin/true (the cost of a process)", ["/bin/true"])]
    peers = [
        ("js102", ["js102", "-m", module]),
        ("gjs", ["gjs", "-m", module]),
        ("node", ["node", module]),
        ("bun", ["bun", module]),
        ("deno", ["deno", "run", "--no-check", module]),
    ]
    for name, command in peers:
        if shutil.which(command[0]):
            commands.append((f"{name}, empty module", command))
        else:
            print(f"  {name}: not installed")
    for name, values in spawn(options.rounds, commands, env).items():
        report(name, values)
    if shutil.which("firefox-esr"):
        firefox = [("firefox-esr --backgroundtask success", ["firefox-esr", "--backgroundtask", "success"])]
        for name, values in spawn(min(options.rounds, 5), firefox, env).items():
            report(name, values, note="of which 100 ms start delay and 500 ms minimum runtime are fixed waits")
    else:
        print("  firefox-esr: not installed")


def section_warm(options, daemon):
    print("through the daemon, warm: bgtaskctl started, run queued, committed, run, recorded, client exited")
    command = [os.path.join(BIN, "bgtaskctl"), "--socket", str(daemon.socket), "run", "empty"]
    spawn(5, [("warm-up", command)])
    for name, values in spawn(options.rounds * 10, [("bgtaskctl run empty", command)]).items():
        report(name, values)
    version = [("bgtaskctl --version (the client's own start)", [os.path.join(BIN, "bgtaskctl"), "--version"])]
    for name, values in spawn(options.rounds, version).items():
        report(name, values)


def section_throughput(options, daemon):
    print(f"throughput: {options.runs} empty runs from a full queue, synchronous=FULL, 3 rounds")
    rates = []
    for _ in range(3):
        connection = daemon.connect()
        started = time.monotonic()
        for _ in range(options.runs):
            connection.send("io.bgtaskd.Manager.Run", {"task": "empty"})
        for _ in range(options.runs):
            if "error" in (answer := connection.receive()):
                sys.exit(f"bench: the daemon answers {answer}")
        accepted = time.monotonic() - started
        while True:
            status = connection.call("io.bgtaskd.Manager.Status")["parameters"]["status"]
            if status["queued"] == 0 and status["running"] == 0:
                break
            time.sleep(0.02)
        rates.append(options.runs / (time.monotonic() - started))
        print(f"  all accepted after {accepted * 1000:.0f} ms, all finished at {rates[-1]:.0f} runs/s")
        connection.close()
    print(f"  median {statistics.median(rates):.0f} runs/s, min {min(rates):.0f}, max {max(rates):.0f}")


def show_memory(name, pid):
    pss, private, rss, dirty = smaps(pid)
    print(f"  {name:<28} {pss:7} {private:8} {rss:8} {dirty:14}")


def section_memory(daemon):
    print("memory in KiB                    PSS  private      RSS  private dirty")
    run = daemon.ctl("run", "--detach", "sleep").out.strip()
    time.sleep(1)
    status = daemon.ctl("--json", "status").json
    child = daemon.ctl("--json", "show", run).json["pid"]
    show_memory("bgtaskd, with a run", status["pid"])
    if status.get("zygote"):
        show_memory("zygote", status["zygote"]["pid"])
    show_memory("a run", child)
    daemon.ctl("cancel", run)


def section_idle(options, daemon):
    pid = daemon.process.pid
    before = wakeups(pid)
    time.sleep(options.idle)
    count = wakeups(pid) - before
    show_memory("bgtaskd, idle", pid)
    print(f"idle daemon: {count} wake-ups in {options.idle} s ({count * 60 / options.idle:.1f} a minute)")


def section_calendar():
    sys.stdout.flush()
    subprocess.run([os.path.join(BUILD, "tests", "bench", "bench_calendar")], check=True)


def section_fleet(options):
    sys.stdout.flush()
    subprocess.run([os.path.join(BUILD, "tests", "bench", "bench_fleet"), f"--machines={options.machines}"], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--idle", type=int, default=60)
    parser.add_argument("--machines", type=int, default=10**7)
    parser.add_argument("--schedules", type=int, default=10**6)
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    options = parser.parse_args()
    wanted = options.sections or ["direct", "warm", "throughput", "sandbox", "flood", "memory", "idle", "calendar", "fleet",
                                  "scale"]
    with tempfile.TemporaryDirectory(prefix="bgtaskd-bench-") as work:
        tasks = {"empty": EMPTY_TASK, "sleep": SLEEP_TASK}
        os.makedirs(os.path.join(work, "app", "modules", "backgroundtasks"))
        for name, text in tasks.items():
            path = os.path.join(work, "app", "modules", "backgroundtasks", f"BackgroundTask_{name}.sys.mjs")
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
        with open(os.path.join(work, "prefs.js"), "w", encoding="ascii") as f:
            f.write(PREFS)
        if "direct" in wanted:
            section_direct(options, work)
        if "sandbox" in wanted:
            bench_sandbox.section_sandbox(options, tasks, DAEMON_PREFS, spawn)
        if "flood" in wanted:
            bench_flood.section_flood(options, lambda prefs: harness.Daemon(tasks=tasks, prefs={**DAEMON_PREFS, **prefs}),
                                      bench_sandbox.one_run, percentile)
        if "calendar" in wanted:
            section_calendar()
        if "fleet" in wanted:
            section_fleet(options)
        if "scale" in wanted:
            bench_scale.section_scale(options, harness, tasks)
        if set(wanted) & {"warm", "throughput", "memory", "idle"}:
            with harness.Daemon(tasks=tasks, prefs=DAEMON_PREFS) as daemon:
                if "memory" in wanted:
                    section_memory(daemon)
                if "warm" in wanted:
                    section_warm(options, daemon)
                if "throughput" in wanted:
                    section_throughput(options, daemon)
                if "idle" in wanted:
                    time.sleep(5)
                    section_idle(options, daemon)


if __name__ == "__main__":
    main()
