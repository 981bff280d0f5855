#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The judges of the chaos are judged: each kind of loss, doubling and falsehood is made up, and must be found."""

import copy
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import check  # noqa: E402  (found through the line above)
import family  # noqa: E402
import leftovers  # noqa: E402


def record(run_id, task, key, **changes):
    """The record of a run that went well."""
    return {"id": run_id, "task": task, "args": [key], "state": "finished", "result": "success", "exitCode": 0,
            "pid": 1000 + run_id, "epoch": 1, "message": None, "outputBytes": 0, "queuedAt": run_id * 1000,
            "startedAt": run_id * 1000 + 1, "finishedAt": run_id * 1000 + 1, **changes}


class Story:
    """What clients, tasks and the killer left; as it is, all is well."""

    def __init__(self):
        self.client = []
        self.killer = [{"daemon": "killed"}, {"killed": 1005, "what": "run"}]
        self.facts = []
        self.records = []
        self.ask("k1", 1, "short")
        self.ran(1, "n1", "k1", "0")
        self.ask("k2", 2, "exits")
        self.ran(2, "n2", "k2", "11")
        self.records[1].update(result="exited", exitCode=11)
        self.ask("k3", 3, "again")
        self.ran(3, "n3a", "k3", None)
        self.ran(3, "n3b", "k3", "0")
        self.records[2].update(epoch=2, attempts=[{"epoch": 1, "began": True, "message": "the daemon crashed"}])
        self.ask("k4", 4, "throws")
        self.ran(4, "n4", "k4", "throws")
        self.records[3].update(result="exception", exitCode=3, message="thrown on purpose")
        self.ask("k5", 5, "adopted")
        self.ran(5, "n5", "k5", None)
        self.records[4].update(result="killed", exitCode=None, message="killed by signal 9 (Killed)")
        self.ask("k6", 6, "long")
        self.ran(6, "n6", "k6", None)
        self.records[5].update(state="interrupted", result="interrupted", exitCode=None, message="the daemon crashed")
        self.ask("k7", 7, "long")
        self.client.append({"cancel": 7})
        self.records[6].update(state="cancelled", result="cancelled", exitCode=None, message="cancelled")
        self.client.append({"told": "k1", "id": 1})  # again: the same key, the same run
        self.client.append({"ended": 1, "state": "finished", "result": "success", "exitCode": 0})

    def ask(self, key, run_id, kind):
        self.client += [{"send": key, "kind": kind, "args": [key]}, {"told": key, "id": run_id}]
        self.records.append(record(run_id, kind, key))

    def ran(self, run_id, nonce, key, end):
        self.facts += [f"start {run_id} {nonce} {key}", f"beat {run_id} {nonce} -"]
        if end is not None:
            self.facts.append(f"end {run_id} {nonce} {end}")

    def record(self, run_id):
        return self.records[run_id - 1]

    def problems(self):
        with tempfile.TemporaryDirectory(prefix="bgt-check-") as name:
            directory = pathlib.Path(name)
            (directory / "facts").mkdir()
            (directory / "facts" / "facts").write_text("".join(line + "\n" for line in self.facts))
            for journal, entries in (("client0", self.client), ("killer", self.killer)):
                (directory / f"{journal}.journal").write_text("".join(json.dumps(e) + "\n" for e in entries))
            (directory / "records.json").write_text(json.dumps(self.records))
            (directory / "adoption").touch()
            return check.check(check.load(directory))


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.story = Story()

    def expect(self, *words):
        """Exactly these are found, in this order."""
        problems = self.story.problems()
        self.assertEqual(len(problems), len(words), problems)
        for problem, word in zip(problems, words):
            self.assertIn(word, problem)

    def test_all_is_well(self):
        self.expect()

    # ---- lost

    def test_a_lost_run(self):
        del self.story.records[0]
        self.expect("run 1 is lost", "the record says (None, None, None)", "run 1 ran and has no record")

    def test_a_request_that_was_never_acknowledged(self):
        self.story.client = [entry for entry in self.story.client if entry.get("told") != "k7"]
        self.expect("key k7 was never acknowledged", "run 7 has a record and no client was told")

    def test_a_run_that_never_ends(self):
        self.story.record(1).update(state="running", result=None, exitCode=None)
        self.expect("a client was told", "is running, which is no end")

    def test_a_lost_one_by_its_own_words(self):
        self.story.record(6).update(state="lost")
        self.expect("is lost, and nobody killed it")

    def test_an_orphan_that_was_killed(self):
        self.story.record(5).update(state="lost", result="interrupted", message="nobody knows")
        self.expect()
        self.story.record(5).update(message=None)
        self.expect("is lost, and", "without a reason")

    def test_an_end_that_was_lost(self):
        self.story.record(1).update(state="interrupted", result="interrupted", exitCode=None, message="crash")
        self.story.record(1).update(task="adopted")
        self.story.client[0].update(kind="adopted")
        self.story.client.pop()
        self.expect("should have gone on without the daemon")

    def test_an_end_recorded_as_another(self):
        self.story.record(2).update(exitCode=12)
        self.expect("exited with 12, and did not say so")
        self.story.record(2).update(result="timeout", exitCode=4)
        self.expect("ended as timeout", "came to its end with 11, and is recorded as timeout")

    def test_lost_output(self):
        self.story.record(1).update(task="prints")
        self.story.client[0].update(kind="prints")
        self.expect("0 are recorded")
        self.story.record(1).update(task="adoptedprints", outputBytes=200 * 1024 - 65536)
        self.story.client[0].update(kind="adoptedprints")
        self.expect()
        death = self.story.killer.pop(0)
        self.expect("139264 are recorded", "the daemon did not end")
        self.story.killer.insert(0, death)
        self.story.record(1).update(outputBytes=200 * 1024 - 65537)
        self.expect("139263 are recorded")

    # ---- doubled

    def test_a_silent_double(self):
        self.story.ran(1, "n1b", "k1", "0")
        self.expect("ran 2 times in silence")

    def test_a_double_that_is_told_but_not_allowed(self):
        self.story.ran(1, "n1b", "k1", "0")
        attempt = {"epoch": 1, "began": True, "message": "?"}
        self.story.record(1).update(epoch=2, attempts=[attempt])
        self.expect("its task does not allow that")

    def test_a_double_that_the_record_plays_down(self):
        for change in ({"attempts": None}, {"attempts": []}, {"epoch": 1},
                       {"attempts": [{"epoch": 1, "began": False, "message": "its zygote died"}]}):
            with self.subTest(change=change):
                self.story = Story()
                self.story.record(3).update(change)
                self.expect("ran 2 times in silence: its record tells of 1")

    def test_an_overlap(self):
        self.story.facts.append("beat 3 n3a -")
        self.expect("run 3 overlaps with itself")

    def test_a_key_with_two_runs(self):
        self.story.client.append({"told": "k1", "id": 8})
        self.story.records.append(record(8, "short", "k1"))
        self.story.ran(8, "n8", "k1", "0")
        self.expect("key k1 made several runs: [1, 8]")

    def test_two_keys_with_one_run(self):
        self.story.client += [{"send": "k8", "kind": "short", "args": ["k1"]}, {"told": "k8", "id": 1}]
        self.expect("run 1 answers to several keys")

    def test_two_records(self):
        self.story.records.append(copy.copy(self.story.records[0]))
        self.expect("run 1 has 2 records")

    def test_a_run_that_nobody_was_told_of(self):
        self.story.records.append(record(9, "short", "k9"))
        self.story.ran(9, "n9", "k9", "0")
        self.expect("no client was told of it", "run 9 ran for key k9")

    # ---- false

    def test_a_false_success(self):
        self.story.facts.remove("end 1 n1 0")
        self.expect("did not come to its end")

    def test_a_success_that_never_started(self):
        self.story.facts = [line for line in self.story.facts if " n1 " not in line]
        self.expect("did not come to its end")

    def test_a_success_that_exited(self):
        self.story.record(2).update(result="success", exitCode=0)
        self.expect("recorded as a success", "came to its end with 11, and is recorded as success")

    def test_a_false_exception(self):
        self.story.record(1).update(result="exception", exitCode=3)
        self.expect("a client was told", "threw none", "is recorded as exception")

    def test_killed_by_nobody(self):
        del self.story.killer[1]
        self.expect("nobody killed it")

    def test_cancelled_by_nobody(self):
        self.story.client.remove({"cancel": 7})
        self.expect("no client asked for that")

    def test_interrupted_by_nothing(self):
        del self.story.killer[0]
        self.expect("the daemon did not end")
        self.story.killer.insert(0, {"daemon": "stopped"})
        self.story.record(6).update(message=None)
        self.expect("without a reason")

    def test_a_set_up_that_failed(self):
        self.story.record(7).update(state="finished", result="setup_failed", message="fork: out of memory")
        self.expect("could not be set up")
        self.story.record(7).update(message="its zygote died while starting it, three times")
        self.expect()
        self.story.ran(7, "n7", "k7", None)
        self.expect("could not be set up")

    def test_another_end_than_was_told(self):
        self.story.client.append({"ended": 2, "state": "finished", "result": "success", "exitCode": 0})
        self.expect("a client was told that it ended as ('finished', 'success', 0)")

    def test_another_task_than_was_sent(self):
        self.story.record(1).update(args=["other"])
        self.expect("another task or other arguments")

    def test_times(self):
        self.story.record(1).update(startedAt=999)
        self.story.record(2).update(startedAt=None, finishedAt=1999)
        self.expect("has startedAt 0.0 ms before queuedAt", "has finishedAt 0.0 ms before queuedAt")

    # ---- evidence that is no evidence

    def test_broken_facts(self):
        self.story.facts += ["end 1 n1 0 0", "beat 1 unknown -", "beat 1 n1 -"]
        self.expect("not a fact", "without its start", "goes on after its end", "did not come to its end")

    def test_a_broken_journal(self):
        self.story.client.append({"what": "?"})
        self.expect("not a journal's line")


class LeftoverTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="bgt-left-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name).resolve()
        self.daemon = types.SimpleNamespace(directory=self.directory, state=self.directory / "state",
                                            runtime=self.directory / "run")
        for name in ("state/output", "state/profiles", "run/profiles", "run/runs", "tmp"):
            (self.directory / name).mkdir(parents=True)
        for name in ("bgtaskd.db", "bgtaskd.db-wal", "bgtaskd.lock", "output/17.out"):
            (self.daemon.state / name).touch()
        self.groups = leftovers.Cgroups()

    def expect(self, *words):
        found = leftovers.find(self.daemon, self.groups)
        self.assertEqual(len(found), len(words), found)
        for problem, word in zip(found, words):
            self.assertIn(word, problem)

    def test_nothing(self):
        self.expect()

    def test_files(self):
        (self.daemon.runtime / "runs" / "5.1").touch()
        (self.daemon.runtime / "profiles" / "MozillaBackgroundTask-x-5").mkdir()
        (self.daemon.state / "output" / "17.tmp").touch()
        (self.directory / "tmp" / "x").touch()
        self.expect("output/17.tmp", "profiles/MozillaBackgroundTask-x-5", "runs/5.1", "tmp/x")

    def test_a_lock(self):
        with open(self.daemon.state / "bgtaskd.lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.expect("still locked")

    def test_a_process(self):
        with subprocess.Popen(["sleep", "1000"], cwd=self.daemon.state) as process:
            self.expect(f"process {process.pid} (", f"process {process.pid} has cwd")
            process.kill()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.expect("state Z")

    def test_a_process_whose_parent_died(self):
        family.become_subreaper()
        script = "sleep 1000 >/dev/null 2>&1 & echo $!"
        pid = int(subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout)
        self.expect(f"process {pid} (sleep")
        self.assertTrue(family.send(family.read_member(pid), 9))
        os.waitpid(pid, 0)
        self.expect()

    def test_descriptors(self):
        before = leftovers.descriptors(os.getpid())
        with open("/dev/zero", "rb"):
            after = leftovers.descriptors(os.getpid())
            self.assertIn("/dev/zero", leftovers.compare_descriptors(after, before)[0])
        self.assertEqual(leftovers.compare_descriptors(before, before), [])

    def test_a_cgroup(self):
        base = next((pathlib.Path(mount) for mount in leftovers.mounts()[""] if os.access(mount, os.W_OK)), None)
        if base is None:
            self.skipTest("no cgroup v2 that a group can be made in")
        group = base / f"bgt-check-{os.getpid()}"
        group.mkdir()
        self.addCleanup(lambda: group.exists() and group.rmdir())
        with subprocess.Popen(["sleep", "1000"]) as process:
            (group / "cgroup.procs").write_text(str(process.pid))
            self.groups.look()
            process.kill()
        self.expect(f"cgroup {group} is left over")
        group.rmdir()
        self.expect()


class FamilyTest(unittest.TestCase):
    def test_a_pid_that_is_used_again_is_not_signalled(self):
        with subprocess.Popen(["sleep", "1000"]) as process:
            member = family.read_member(process.pid)
            older = family.Member(member.pid, member.parent, member.name, member.state, member.started - 1)
            self.assertFalse(family.send(older, 9))
            self.assertIsNone(process.poll())
            self.assertTrue(family.send(member, 9))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
