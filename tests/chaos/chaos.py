#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Kills the daemon, its zygotes, its runs and its clients at random under load, and proves that nothing is lost.

usage: chaos.py [--cycles N] [--seed N] [--clients N]       (or CHAOS_CYCLES, CHAOS_SEED, CHAOS_CLIENTS)

A cycle is one action at a random moment: SIGKILL of the daemon, of a zygote, of a run, of a client, of several of
them at once, of everything, SIGTERM, SIGHUP, SIGSTOP for a while, a re-execution, or a daemon that is killed again
while it starts or stops. Client processes ask for runs all the while. At the end all is drained, the daemon is stopped, and two judges look: check.py holds what
clients were told and what tasks did against the records, and leftovers.py looks for what should be gone.

The choice of actions depends on the seed alone; the moments at which they hit do not. BGTASK_KEEP=1 keeps the
directory of a chaos, for check.py to look at again.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import check  # noqa: E402  (found through the lines above)
import family  # noqa: E402
import harness  # noqa: E402
import leftovers  # noqa: E402
from client import Journal  # noqa: E402
from kinds import KINDS, MODULE  # noqa: E402

DRAIN_S = 240
START_S = 60
ALONE_S = 30
# Everything stays in the history, and things that come with time or number come often.
PREFS = {
    "bgtaskd.runs.maxRunning": 8, "bgtaskd.runs.graceSec": 2,
    "bgtaskd.retention.maxSuccesses": 10000000, "bgtaskd.retention.maxFailures": 10000000,
    "bgtaskd.retention.maxOutputMiB": 1048576,
    "bgtaskd.sandbox.enabled": True,
    "bgtaskd.zygote.maxRuns": 60, "bgtaskd.zygote.idleSec": 2,
}


class Trouble(Exception):
    """Something that ends the chaos at once."""


class Chaos:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(f"{options.seed}:killer")
        self.daemon = harness.Daemon(prefs=PREFS, args=["--user"], start=False)
        self.directory = self.daemon.directory
        self.facts = self.directory / "facts"
        self.clients = []
        self.done = collections.Counter()
        self.problems = []
        self.totals = ""
        self.prepare()
        self.journal = Journal(self.directory / "killer.journal")
        self.features = self.find_features()
        if self.features == {"reexec", "verify"}:
            (self.directory / "adoption").touch()
        self.groups = leftovers.Cgroups()

    def prepare(self):
        # A run may be of another user than this.
        self.directory.chmod(0o755)
        self.facts.mkdir()
        self.facts.chmod(0o777)
        (self.facts / "facts").touch()
        (self.facts / "facts").chmod(0o666)
        for kind in KINDS.values():
            self.daemon.write_task(kind.name, MODULE)
            self.daemon.write_task_file(kind.name, kind.task_file(self.facts))

    def find_features(self):
        """Commands of bgtaskctl that decide what can be expected."""
        text = subprocess.run([harness.BINDIR / "bgtaskctl", "--help"], stdout=subprocess.PIPE, text=True, check=True)
        return {word for word in ("reexec", "verify") if word in text.stdout.split()}

    # ---- the daemon

    def start(self):
        """Start it; it need not answer yet. Of this thread alone: its death signal comes with the thread's end."""
        with open(self.daemon.log_file, "ab") as log:
            self.daemon.process = subprocess.Popen(
                self.daemon.command(), env=self.daemon.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=harness._die_with_parent, start_new_session=True)

    def call(self, method, parameters=None):
        with self.daemon.connect() as connection:
            connection.socket.settimeout(START_S)
            answer = connection.call(method, parameters)
        if answer is None or "error" in answer:
            raise ConnectionError(f"{method}: {answer}")
        return answer["parameters"]

    def status(self):
        return self.call("Status")["status"]

    def until_it_answers(self):
        deadline = time.monotonic() + START_S
        while True:
            self.must_live()
            try:
                return self.status()
            except (OSError, AssertionError):
                if time.monotonic() > deadline:
                    raise Trouble(f"the daemon does not answer within {START_S} s") from None
            time.sleep(0.02)

    def must_live(self):
        status = self.daemon.process.poll()
        if status is not None:
            raise Trouble(f"the daemon ended by itself, with {status}")

    def kill_daemon(self):
        self.journal.write(daemon="killed")
        self.must_live()
        self.daemon.process.kill()
        self.daemon.process.wait()

    def stop_daemon(self):
        self.must_live()
        self.journal.write(daemon="stopped")
        self.daemon.process.send_signal(signal.SIGTERM)
        try:
            status = self.daemon.process.wait(START_S)
        except subprocess.TimeoutExpired:
            raise Trouble(f"the daemon does not end within {START_S} s of SIGTERM") from None
        if status != 0:
            self.problems.append(f"the daemon ended with {status} on SIGTERM")

    def revive(self):
        """Start it again after a moment; sometimes it does not get through its start."""
        time.sleep(self.random.choice((0, 0, 0.05, 0.3)))
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            self.start()
            time.sleep(self.random.uniform(0, 0.15))
            # It may have said no: then that is no death of ours.
            self.kill_daemon()
            self.done["daemon killed while it starts"] += 1
        self.start()
        self.until_it_answers()

    # ---- the others

    def members(self, what):
        """Those of ours that are @what now."""
        clients = {client.pid for client in self.clients}
        return sorted((member for member in family.descendants().values() if member.state != "Z" and (
            member.name == {"run": "bgtask-run", "zygote": "bgtask-zygote"}.get(what)
            or (what == "client" and member.parent in clients))), key=lambda member: member.pid)

    def kill_one(self, what):
        members = self.members(what)
        if not members:
            self.done[f"no {what} to kill"] += 1
            return
        member = self.random.choice(members)
        self.journal.write(killed=member.pid, what=what)
        self.done[f"{what} killed"] += family.send(member, signal.SIGKILL)

    # ---- actions

    def act_kill_daemon(self):
        self.kill_daemon()
        self.done["daemon killed"] += 1
        self.revive()

    def act_kill_zygote(self):
        self.kill_one("zygote")

    def act_kill_run(self):
        self.kill_one("run")

    def act_kill_client(self):
        self.kill_one("client")

    def act_kill_several(self):
        whats = self.random.sample(("run", "run", "zygote", "daemon", "client"), self.random.randint(2, 4))
        for what in whats:
            if what == "daemon":
                self.kill_daemon()
                self.done["daemon killed"] += 1
            else:
                self.kill_one(what)
        if "daemon" in whats:
            self.revive()

    def act_kill_everything(self):
        """As when the machine dies, except for the clients."""
        members = [(what, member) for what in ("run", "zygote") for member in self.members(what)]
        for what, member in members:
            self.journal.write(killed=member.pid, what=what)
        self.kill_daemon()
        for what, member in members:
            self.done[f"{what} killed"] += family.send(member, signal.SIGKILL)
        self.done["everything killed"] += 1
        self.revive()

    def act_freeze(self):
        """Stopped for a while, and then let go on."""
        what = self.random.choice(("daemon", "zygote", "run"))
        pause_s = self.random.uniform(0.1, 0.8)
        members = [family.read_member(self.daemon.process.pid)] if what == "daemon" else self.members(what)
        if not members:
            self.done[f"no {what} to freeze"] += 1
            return
        member = self.random.choice(members)
        self.done[f"{what} frozen"] += family.send(member, signal.SIGSTOP)
        time.sleep(pause_s)
        family.send(member, signal.SIGCONT)

    def act_term(self):
        self.stop_daemon()
        self.done["daemon stopped"] += 1
        self.revive()

    def act_term_and_kill(self):
        """Killed while it stops."""
        self.must_live()
        self.journal.write(daemon="stopped")
        self.daemon.process.send_signal(signal.SIGTERM)
        time.sleep(self.random.uniform(0, 0.1))
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.done["daemon killed while it stops"] += 1
        self.revive()

    def act_hup(self):
        self.must_live()
        self.daemon.process.send_signal(signal.SIGHUP)
        self.done["reloaded"] += 1

    def act_reexec(self):
        self.must_live()
        done = self.daemon.ctl("reexec")
        if done.returncode != 0:
            self.problems.append(f"bgtaskctl reexec: {done.returncode} {done.err}")
        self.done["re-executed"] += 1
        self.until_it_answers()

    def actions(self):
        weights = {self.act_kill_daemon: 30, self.act_kill_zygote: 12, self.act_kill_run: 12, self.act_kill_client: 4,
                   self.act_kill_several: 14, self.act_kill_everything: 4, self.act_freeze: 6, self.act_term: 8,
                   self.act_term_and_kill: 5, self.act_hup: 3}
        if "reexec" in self.features:
            weights[self.act_reexec] = 12
        if self.options.only:
            weights = {action: weight for action, weight in weights.items()
                       if action.__name__.removeprefix("act_") in self.options.only.split(",")}
        return list(weights), list(weights.values())

    # ---- all of it

    def start_clients(self):
        for number in range(self.options.clients):
            command = [sys.executable, "-B", HERE / "client.py", str(number), str(self.options.seed),
                       str(self.daemon.socket), str(self.directory), str(harness.BINDIR / "bgtaskctl")]
            self.clients.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, env=self.daemon.environment(),
                                                 start_new_session=True))

    def reap(self):
        family.reap_orphans({client.pid for client in self.clients} | {self.daemon.process.pid})

    def cycle(self, functions, weights):
        time.sleep(self.random.uniform(0.1, 1.0))
        self.groups.look()
        self.random.choices(functions, weights)[0]()
        self.reap()
        for client in self.clients:
            if client.poll() is not None:
                raise Trouble(f"a client ended with {client.returncode}")

    def drain(self):
        """Clients get their last answers, and all runs end."""
        (self.directory / "enough").touch()
        deadline = time.monotonic() + DRAIN_S
        for client in self.clients:
            try:
                if client.wait(max(1, deadline - time.monotonic())) != 0:
                    self.problems.append(f"a client ended with {client.returncode}")
            except subprocess.TimeoutExpired:
                raise Trouble(f"a client has waited for an answer for {DRAIN_S} s") from None
        while True:
            status = self.until_it_answers()
            if status["queued"] == status["running"] == 0:
                break
            if time.monotonic() > deadline:
                raise Trouble(f"{status['queued']} runs are queued and {status['running']} running after {DRAIN_S} s")
            time.sleep(0.1)

    def collect(self):
        """What the records say, for the checker."""
        done = self.daemon.ctl("--json", "list", "--limit", "100000")
        if done.returncode != 0:
            raise Trouble(f"bgtaskctl list: {done.err}")
        (self.directory / "records.json").write_bytes(done.stdout)

    def descriptors(self):
        """Of a daemon at rest, after a run."""
        self.daemon.ctl("run", "short", str(self.facts / "facts"), "at-rest", "0", "0", "0")
        # A zygote that is to follow the present one may take its time to become ready.
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and len([member for member in family.descendants().values()
                                                   if member.parent == self.daemon.process.pid]) > 1:
            time.sleep(0.05)
        return leftovers.descriptors_at_rest(self.daemon.process.pid)

    def finish(self):
        self.drain()
        self.collect()
        worn = self.descriptors()
        self.stop_daemon()
        self.start()
        self.until_it_answers()
        fresh = self.descriptors()
        self.stop_daemon()
        self.daemon.area.check_text(self.daemon.log().encode(), "bgtaskd")
        self.problems += leftovers.compare_descriptors(worn, fresh)
        self.until_alone()
        self.problems += leftovers.find(self.daemon, self.groups)

    def until_alone(self):
        """What dies with the daemon dies just after it."""
        deadline = time.monotonic() + ALONE_S
        self.reap()
        while family.descendants() and time.monotonic() < deadline:
            time.sleep(0.02)
            self.reap()

    def judge(self):
        facts = (self.facts / "facts").read_text()
        (self.facts / "facts").write_text("".join(
            line for line in facts.splitlines(keepends=True) if not self.is_at_rest(line)))
        evidence = check.load(self.directory)
        self.problems += check.check(evidence)
        print(check.summary(evidence))
        self.totals = f"{len(evidence.told)} runs accepted, {len(evidence.records)} recorded, "

    def is_at_rest(self, line):
        words = line.split()
        if words[0] == "start" and words[3] == "at-rest":
            self.at_rest = words[2]
        return words[2] == getattr(self, "at_rest", None)

    def run(self):
        functions, weights = self.actions()
        family.become_subreaper()
        started = time.monotonic()
        try:
            self.start()
            self.until_it_answers()
            self.start_clients()
            for number in range(1, self.options.cycles + 1):
                self.cycle(functions, weights)
                if number % 50 == 0:
                    print(f"{number} cycles, {time.monotonic() - started:.0f} s", flush=True)
            self.finish()
            self.judge()
        except Trouble as e:
            self.problems.append(str(e))
        print(f"Totals: chaos: {self.options.cycles} cycles, seed {self.options.seed}: {self.totals}"
              f"{len(self.problems)} problems")
        print(f"{self.options.cycles} cycles in {time.monotonic() - started:.0f} s: "
              + ", ".join(f"{name} {count}" for name, count in sorted(self.done.items())))

    def explain(self):
        """What is known of the first runs with problems: their records, and their lines in the daemon's log."""
        log = self.daemon.log()
        path = self.directory / "records.json"
        records = json.loads(path.read_text()) if path.exists() else []
        numbers = dict.fromkeys(int(found) for problem in self.problems for found in re.findall(r"^run (\d+)", problem))
        lines = log.splitlines()
        for number in list(numbers)[:5]:
            print(f"---- run {number}: {[record for record in records if record['id'] == number]}")
            print("\n".join(f"{i}: {line}" for i, line in enumerate(lines) if re.search(rf"\brun {number}\b", line)))
        print("---- ends and starts of the daemon")
        print("\n".join(f"{i}: {line}" for i, line in enumerate(lines)
                        if not re.search(r": run \d+ ", line))[-6000:])
        print(f"---- end of its log\n{log[-4000:]}----")

    def close(self):
        for client in self.clients:
            if client.poll() is None:
                client.kill()
                client.wait()
        if self.problems:
            self.explain()
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.process.kill()
            self.daemon.process.wait()
        for member in family.descendants().values():
            family.send(member, signal.SIGKILL)
        self.daemon.process = None
        self.daemon.close()


def main():
    environment = os.environ
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=int(environment.get("CHAOS_CYCLES") or 0),
                        help="how often to kill something (20; 6 in a build with sanitizers)")
    parser.add_argument("--seed", default=environment.get("CHAOS_SEED") or str(random.SystemRandom().randrange(10**6)))
    parser.add_argument("--clients", type=int, default=int(environment.get("CHAOS_CLIENTS") or 3))
    parser.add_argument("--only", metavar="ACTION,...", help="such as term,kill_daemon: no others")
    options = parser.parse_args()
    if not harness.have_background_tasks():
        print("skipped: this build has no daemon")
        sys.exit(harness.SKIP)
    options.cycles = options.cycles or (6 if harness.have_sanitizers() else 20)
    print(f"chaos: seed {options.seed}, {options.cycles} cycles, {options.clients} clients", flush=True)
    chaos = Chaos(options)
    try:
        chaos.run()
    finally:
        chaos.close()
    problems = chaos.problems + chaos.daemon.area.problems
    for problem in problems[:100]:
        print(f"PROBLEM: {problem}")
    print(f"chaos: seed {options.seed}: {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
