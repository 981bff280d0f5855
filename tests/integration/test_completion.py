#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Completion for bash: what is offered where, against a daemon that answers what it is told to."""

import os
import re
import shutil
import subprocess
import unittest

import harness
from fake_daemon import FakeDaemon, finished, reply

SCRIPT = """
source "$1"
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
_bgtaskctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def answer(call, number):
    method = call["method"].split(".")[-1]
    if method == "Tasks":
        yield reply(tasks=[{"name": name, "origin": "app", "path": "/x"} for name in ("hello", "help-me", "other")])
    elif method == "ListSchedules":
        yield reply(schedules=[{"name": name, "task": "t", "args": []} for name in ("nightly", "weekly")])
    elif method == "List":
        state = call["parameters"].get("state")
        ids = {"queued": [15], "running": [14], "held": [12], "starting": []}[state] if state else [15, 14, 13]
        yield reply(runs=[finished(id=number) for number in ids])


@unittest.skipUnless(shutil.which("bash"), "no bash")
class CompletionTest(harness.ClientTest):
    def complete(self, *words):
        """What is offered for the last of the words, as a set."""
        env = self.client.environment({"PATH": f"{harness.BINDIR}:{os.environ['PATH']}"})
        with FakeDaemon(self.client.socket_path, answer) as fake:
            result = subprocess.run(["bash", "-c", SCRIPT, "bash", harness.SRCDIR / "client/completion.bash", "bgtaskctl",
                                     *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                    timeout=harness.PATIENCE, check=False)
        os.unlink(self.client.socket_path)
        self.calls = fake.calls
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return {line for line in result.stdout.splitlines() if line}

    def test_offers(self):
        for words, offered in [
            ([""], {"run", "list", "show", "logs", "wait", "cancel", "tasks", "task", "verify", "calendar", "status",
                   "reexec", "reload", "backup", "schedule", "next", "why", "audit", "simulate", "help"}),
            (["s"], {"show", "status", "schedule", "simulate"}),
            (["--json", "l"], {"list", "logs"}),
            (["calendar", "mon"], {"monthly"}),
            (["help", "lo"], {"logs"}),
            (["help", "schedule", "b"], {"backfill"}),
            (["calendar", "--gap", "=", "s"], {"skip", "shift"}),
            (["calendar", "--zone", "=", "Europe/Berl"], {"Europe/Berlin"}),
            (["schedule", ""], {"add", "edit", "show", "list", "remove", "pause", "resume", "run", "backfill"}),
            (["run", ""], {"hello", "help-me", "other"}),
            (["run", "he"], {"hello", "help-me"}),
            (["run", "--detach", "o"], {"other"}),
            (["run", "--key", "=", "k", "o"], {"other"}),
            (["run", "--d"], {"--detach"}),
            (["--so"], {"--socket="}),
            (["list", "--s"], {"--schedule=", "--state=", "--socket=", "--system"}),
            (["list", "--state", "=", "l"], {"lost"}),
            (["list", "--task", "=", "he"], {"hello", "help-me"}),
            (["list", "--task", "="], {"hello", "help-me", "other"}),
            (["list", "-t", "o"], {"other"}),
            (["list", "--limit", "=", "1"], set()),
            (["list", ""], set()),
            (["logs", "-f", ""], {"15", "14", "13"}),
            (["show", "1"], {"15", "14", "13"}),
            (["show", "14", ""], set()),
            (["cancel", ""], {"15", "14", "12"}),
            (["schedule", "add", "new", "h"], {"hello", "help-me"}),
            (["schedule", "add", "new", "hello", "--ev"], {"--every="}),
            (["schedule", "remove", ""], {"nightly", "weekly"}),
            (["why", ""], {"nightly", "weekly"}),
            (["simulate", "--from", "=", "@5", "n"], {"nightly"}),
            (["simulate", "--duration", "="], {"p50", "p95", "max"}),
            (["schedule", "add", "--overlap", "=", "a"], {"allow"}),
            (["frob", ""], set()),
        ]:
            with self.subTest(words=words):
                self.assertEqual(self.complete(*words), offered)

    def test_instance_is_handed_on(self):
        for words in (["--socket", "=", "/nowhere", "run", ""], ["-s", "/nowhere", "run", ""]):
            self.assertEqual(self.complete(*words), set())
            self.assertEqual(self.calls, [])

    def test_arguments_of_a_task_are_files(self):
        (self.area.path / "file-1").touch()
        self.assertEqual(self.complete("run", "hello", f"{self.area.path}/fi"), {f"{self.area.path}/file-1"})

    def test_states_are_those_of_the_interface(self):
        interface = (harness.SRCDIR / "schema/io.bgtaskd.Manager.varlink").read_text()
        states = set(re.findall(r"\w+", re.search(r"type State \((.*?)\)", interface).group(1)))
        self.assertEqual(self.complete("list", "--state", "="), states)
        refused = self.ctl("list", "--state=x").err
        self.assertEqual(set(re.findall(r"\w+", refused.split("expected ")[1].split(", found")[0])) - {"or"}, states)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
