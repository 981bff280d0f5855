# SPDX-License-Identifier: MPL-2.0
"""What the full sandbox costs a run, against none, as root and as a plain user.

Two daemons that differ in one preference, bgtaskd.sandbox.enabled, are measured in turn (A B A B …), so that a slow
phase of the machine hits both; medians and their ratio are what counts.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import time

import harness

NOBODY = 65534
BLOCK = 10  # runs of one daemon before it is the other's turn
WANTED = "wanted: at most 1000 us a run; runs/s at least 0.75 of, latency at most 1.25 times that without"
# What bubblewrap is asked for to be like a run's sandbox: its own view of files, processes, network, IPC and names.
BWRAP = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr", "--symlink",
         "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--dir", "/tmp",
         "--dev", "/dev", "/bin/true"]


class UserDaemon(harness.Daemon):
    """A daemon of another user, if @uid is one, with or without the sandbox."""

    def __init__(self, uid, sandbox, tasks, prefs):
        self.uid = uid
        super().__init__(prefs={**prefs, "bgtaskd.sandbox.enabled": sandbox}, tasks=tasks,
                         args=["--user"] if uid else [], start=False)
        try:
            if uid:
                for directory, names, files in os.walk(self.directory):
                    for name in (".", *names, *files):
                        os.chown(os.path.join(directory, name), uid, uid)
            self.start()
        except BaseException:
            self.close()
            raise

    def command(self):
        prefix = ["setpriv", "--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups"] if self.uid else []
        return prefix + super().command()


def percentile(values, fraction):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]


def one_run(connection):
    """From the request until the end is told, in microseconds."""
    started = time.perf_counter()
    connection.send("Run", {"task": "empty"}, more=True)
    while True:
        answer = connection.receive()
        if answer is None or "error" in answer:
            raise SystemExit(f"bench: the daemon answers {answer}")
        if not answer.get("continues"):
            break
    wall_us = (time.perf_counter() - started) * 1e6
    if answer["parameters"]["run"]["result"] != "success":
        raise SystemExit(f"bench: {answer['parameters']['run']}")
    return wall_us


def queue_rate(daemon, count):
    """Runs a second of a full queue."""
    with daemon.connect() as connection:
        started = time.monotonic()
        for _ in range(count):
            connection.send("Run", {"task": "empty"})
        for _ in range(count):
            if "error" in (answer := connection.receive()):
                raise SystemExit(f"bench: the daemon answers {answer}")
        while True:
            status = connection.call("Status")["parameters"]["status"]
            if status["queued"] == 0 and status["running"] == 0:
                return count / (time.monotonic() - started)
            time.sleep(0.01)


def cpu_ticks(daemon):
    """Of the daemon, its ended children (the runs) and its zygotes, in clock ticks."""
    status = daemon.ctl("--json", "status").json
    zygotes = [zygote["pid"] for zygote in status.get("zygotes") or []]
    total = 0
    for pid in (status["pid"], *zygotes):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            words = file.read().rpartition(")")[2].split()
        total += sum(map(int, words[11:15] if pid == status["pid"] else words[11:13]))
    return total


def rate_and_cpu(daemon, count):
    """Runs a second of a full queue, and processor time a run in us."""
    before = cpu_ticks(daemon)
    rate = queue_rate(daemon, count)
    return rate, (cpu_ticks(daemon) - before) * 1e6 / os.sysconf("SC_CLK_TCK") / count


def show(name, with_it, without, unit):
    ratio = statistics.median(with_it) / statistics.median(without)
    print(f"    {name:<34} with p50 {statistics.median(with_it):8.1f} p99 {percentile(with_it, 0.99):8.1f}   "
          f"without p50 {statistics.median(without):8.1f} p99 {percentile(without, 0.99):8.1f} {unit}   "
          f"ratio {ratio:.3f}")


def measure(uid, options, tasks, prefs, spawn):
    name = f"as user {uid}" if uid else "as root"
    with UserDaemon(uid, True, tasks, prefs) as one, UserDaemon(uid, False, tasks, prefs) as other:
        daemons = (one, other)
        warm = [one_run_of(daemon) for daemon in daemons]
        print(f"  {name}; with it: {warm[0].get('sandbox', 'the run does not say what is in force')}")
        show_degraded(one)
        single, rates, cpu = ([], []), ([], []), ([], [])
        connections = [daemon.connect() for daemon in daemons]
        for _ in range(options.rounds):
            for values, connection in zip(single, connections):
                values += [one_run(connection) for _ in range(BLOCK)]
        for connection in connections:
            connection.close()
        cost = statistics.median(single[0]) - statistics.median(single[1])
        show("a run, request to told end", *single, "us")
        print(f"    cost of the sandbox: {cost:+.0f} us a run (difference of the medians)")
        for _ in range(max(3, options.rounds // 4)):
            for daemon, of_rate, of_cpu in zip(daemons, rates, cpu):
                rate, used_us = rate_and_cpu(daemon, options.runs // 4)
                of_rate.append(rate)
                of_cpu.append(used_us)
        show(f"full queue of {options.runs // 4}", *rates, "runs/s")
        show("processor time of all, a run", *cpu, "us")
        client = str(harness.BINDIR / "bgtaskctl")
        commands = [(which, [client, "--socket", str(daemon.socket), "run", "empty"])
                    for which, daemon in zip("ab", daemons)]
        walls = spawn(options.rounds * 5, commands)
        if len(walls) == 2:
            show("bgtaskctl run, start to exit", walls["a"], walls["b"], "ms")


def one_run_of(daemon):
    with daemon.connect() as connection:
        for _ in range(5):
            one_run(connection)
        return connection.call("List", {"limit": 1})["parameters"]["runs"][0]


def show_degraded(daemon):
    for sentence in daemon.ctl("--json", "status").json["degraded"]:
        print(f"    not in force here: {sentence}")


def peers(options, spawn):
    if not shutil.which("bwrap"):
        print("  bubblewrap: not installed")
        return
    walls = spawn(options.rounds * 3, [("bwrap", BWRAP), ("true", ["/bin/true"])])
    if len(walls) == 2:
        alone, inside = statistics.median(walls["true"]), statistics.median(walls["bwrap"])
        print(f"  bubblewrap, the same kinds of isolation around /bin/true: {(inside - alone) * 1000:+.0f} us a process "
              f"(p50 {inside:.2f} ms, /bin/true alone {alone:.2f} ms)")


def section_sandbox(options, tasks, prefs, spawn):
    print(f"the sandbox, full against none, in turn; {WANTED}")
    measure(0 if os.geteuid() == 0 else os.geteuid(), options, tasks, prefs, spawn)
    if os.geteuid() == 0:
        build = pathlib.Path(harness.BINDIR / "bgtaskd")
        readable = subprocess.run(["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "test",
                                   "-x", build], check=False).returncode == 0
        if readable:
            measure(NOBODY, options, tasks, prefs, spawn)
        else:
            print(f"  as user {NOBODY}: not measured, {build} cannot be reached by that user")
    peers(options, spawn)
