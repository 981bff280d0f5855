# SPDX-License-Identifier: MPL-2.0
"""Who may do what: the directories' modes, roles, whose runs are seen, runs as clients, and many clients of one user."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import unittest

import harness
from test_daemon_runs import FakeTest

MANAGER = "io.bgtaskd.Manager."

ANN, BOB, CAT = 60001, 60002, 60003  # users without an entry anywhere; only root can become them
needs_root = unittest.skipUnless(os.geteuid() == 0, "not root")


class ModeTest(harness.DaemonTest):
    """What others can get at stops the daemon before it has done anything."""

    def setUp(self):
        super().setUp()
        self.daemon.stop()

    def start_refused(self, path, words, how=()):
        before = self.tree()
        for args in ((),) if harness.VALGRIND else ((), ("--check",)):
            with self.subTest(path=path, args=args):
                done = subprocess.run([*self.daemon.command(), *how, *args], env=self.daemon.environment(),
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                                      timeout=harness.PATIENCE)
                self.assertEqual(done.returncode, 77, done.stderr)
                lines = [line for line in done.stderr.splitlines() if str(path) in line]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn(words, lines[0])
                self.assertEqual(self.tree(), before)

    def tree(self):
        return {str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns) for path in self.daemon.directory.rglob("*")
                # valgrind has files of its own in $TMPDIR, and its log
                if path.name not in ("daemon.log", "tmp") and not path.name.startswith("valgrind-")}

    def changed(self, path, mode):
        """@path with another mode until the end of the test."""
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        self.addCleanup(path.chmod, before)

    def test_modes_of_directories(self):
        for path, mode, words in [
            (self.daemon.state, 0o770, "may write to it; expected at most 0750"),
            (self.daemon.state, 0o702, "may write to it; expected at most 0700"),
            (self.daemon.state, 0o704, "may read it; expected at most 0700"),
            (self.daemon.state / "output", 0o755, "may read it; expected at most 0750"),
            (self.daemon.state / "profiles", 0o720, "may write to it; expected at most 0700"),
            (self.daemon.runtime, 0o775, "may write to it; expected at most 0755"),
            (self.daemon.runtime, 0o1777, "may write to it; expected at most 1755"),
            (self.daemon.runtime / "profiles", 0o777, "may write to it; expected at most 0751"),
            (self.daemon.directory, 0o777, "may write to it; expected at most 0775"),
        ]:
            before = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode)
            try:
                self.start_refused(path, words)
            finally:
                path.chmod(before)
        self.daemon.start()

    def test_modes_of_files(self):
        database = self.daemon.state / "bgtaskd.db"
        self.changed(database, 0o660)
        self.start_refused(database, "has mode 0660, so others may write to it; expected at most 0640")
        database.chmod(0o600)
        backups = self.daemon.state / "backups"
        backups.mkdir(mode=0o755, exist_ok=True)
        backups.chmod(0o755)
        self.start_refused(backups, "may read it; expected at most 0750")
        backups.chmod(0o700)
        stray = self.daemon.state / "output" / "1"
        stray.write_text("")
        stray.chmod(0o602)
        self.start_refused(stray, "has mode 0602, so others may write to it; expected at most 0600")
        stray.unlink()
        stray.symlink_to("/etc/passwd")
        self.start_refused(stray, "is a symbolic link; expected a file")

    def test_links(self):
        output = self.daemon.state / "output"
        elsewhere = self.daemon.directory / "elsewhere"
        output.rename(elsewhere)
        output.symlink_to(elsewhere)
        self.start_refused(output, "is a symbolic link")
        output.unlink()
        elsewhere.rename(output)
        # One of ours on the way there is as good as the directory itself.
        self.daemon.state.rename(elsewhere)
        self.daemon.state.symlink_to(elsewhere)
        self.daemon.start()
        self.assertEqual(self.daemon.stop(), 0)
        elsewhere.chmod(0o750 | stat.S_IWGRP)
        self.start_refused(self.daemon.state, "may write to it")
        elsewhere.chmod(0o700)

    def test_a_link_into_what_others_can_write(self):
        open_directory = self.daemon.directory / "open"
        open_directory.mkdir()
        self.daemon.state.rename(open_directory / "state")
        self.daemon.state.symlink_to(open_directory / "state")
        open_directory.chmod(0o757)
        self.start_refused(open_directory, "may write to it; expected at most 0755")
        open_directory.chmod(0o1777)
        self.daemon.start()

    def test_what_is_made_is_private_whatever_the_mask(self):
        before = os.umask(0)
        try:
            self.daemon.state = self.daemon.directory / "new"
            self.daemon.start()
        finally:
            os.umask(before)
        for path in (self.daemon.state, *self.daemon.state.rglob("*")):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    @needs_root
    def test_owners(self):
        for path in (self.daemon.state, self.daemon.state / "bgtaskd.db", self.daemon.runtime, self.daemon.directory):
            os.chown(path, ANN, -1)
            try:
                self.start_refused(path, f"belongs to user {ANN}; expected user 0")
            finally:
                os.chown(path, 0, -1)
        link = self.daemon.directory / "link"
        link.symlink_to(self.daemon.directory)
        os.chown(link, ANN, -1, follow_symlinks=False)
        self.daemon.state = link / "state"
        self.start_refused(link, f"belongs to user {ANN}")


@needs_root
class UserTest(FakeTest):
    """Clients of several users. The connection keeps the identity that its maker had when it was made."""

    def setUp(self):
        super().setUp()
        self.daemon.directory.chmod(0o711)

    @contextlib.contextmanager
    def becoming(self, uid, groups=()):
        before = os.getgroups()
        os.setgroups(groups)
        os.setresgid(uid, uid, 0)
        os.setresuid(uid, uid, 0)
        try:
            yield
        finally:
            os.setresuid(0, 0, 0)
            os.setresgid(0, 0, 0)
            os.setgroups(before)

    def connect_as(self, uid, groups=()):
        with self.becoming(uid, groups):
            connection = self.daemon.connect()
        self.addCleanup(connection.close)
        return connection

    def call_as(self, uid, method, parameters=None, groups=()):
        connection = self.connect_as(uid, groups)
        reply = connection.call(method, parameters)
        connection.close()
        return reply

    def role_of(self, uid, groups=()):
        reply = self.call_as(uid, "Status", groups=groups)
        return reply["parameters"]["status"]["role"] if "error" not in reply else reply["parameters"]["role"]

    def reload(self, prefs, words="the preferences are reloaded"):
        seen = self.daemon.log().count(words)
        self.daemon.write_prefs(prefs)
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: self.daemon.log().count(words) > seen, f"the log says: {words}")

    def assert_denied(self, reply, action, needs, role):
        self.assertEqual((reply.get("error"), reply["parameters"]),
                         (MANAGER + "PermissionDenied", {"action": action, "needs": needs, "role": role}))


class RoleTest(UserTest):
    args = (*FakeTest.args, "--system")
    prefs = {f"bgtaskd.access.user.{ANN}": "see", f"bgtaskd.access.user.{BOB}": "run",
             "bgtaskd.access.group.60010": "edit", "bgtaskd.access.group.60011": "admin",
             f"bgtaskd.access.user.{CAT}": "none"}

    def test_schedules_of_others_show_no_runs(self):
        """Their schedules are there for all to see; their runs and the ledger are not."""
        self.call("AddSchedule", {"name": "s", "task": "sleep", "definition": ["EverySec=1s", "Overlap=buffer-one"]})
        harness.wait_until(lambda: self.call("ShowSchedule", {"name": "s"})["parameters"]["holds"], "one waits")
        mine = self.call("ShowSchedule", {"name": "s"})["parameters"]
        self.assertEqual((len(mine["active"]), len(mine["holds"])), (1, 1))
        seen = self.call_as(ANN, "ShowSchedule", {"name": "s"})["parameters"]
        self.assertEqual((seen["schedule"]["name"], seen["active"], seen["holds"]), ("s", [], []))
        self.assertNotIn("lastRun", seen["schedule"])
        ledger = {"from": 0, "until": 2 ** 62}
        self.assertEqual(self.call_as(ANN, "Ledger", ledger)["parameters"]["passes"], [])
        self.assertTrue(self.call("Ledger", ledger)["parameters"]["passes"])
        # Who says what it does is whose runs they are then.
        self.assertIn("error", self.call_as(BOB, "EditSchedule", {"name": "s", "definition": ["EverySec=1h"]}))
        edited = self.call_as(BOB, "EditSchedule", {"name": "s", "definition": ["EverySec=1h"]}, groups=[60010])
        self.assertEqual(edited["parameters"]["schedule"]["uid"], BOB)

    def test_who_has_which_role(self):
        for uid, groups, role in [(0, (), "admin"), (ANN, (), "see"), (BOB, (), "run"), (60004, (), "none"),
                                  (60004, (60010,), "edit"), (60010, (), "edit"), (ANN, (5, 6, 60010), "edit"),
                                  (BOB, (60010, 60011), "admin"), (CAT, (60011,), "none"),
                                  (60004, tuple(range(1000, 1300)) + (60011,), "admin"),
                                  # The group of the socket.
                                  (60004, (0,), "run"), (ANN, (0,), "run")]:
            self.assertEqual(self.role_of(uid, groups), role, (uid, groups))
        self.assertEqual(stat.S_IMODE(self.daemon.socket.stat().st_mode), 0o666)

    def test_what_each_role_may(self):
        schedule = {"name": "s", "task": "exit", "everyUs": 10 ** 9}
        calls = [
            ("Status", {}, "see", "see runs, tasks and schedules"), ("Tasks", {}, "see", "see runs, tasks and schedules"),
            ("List", {}, "see", "see runs, tasks and schedules"),
            ("ListSchedules", {}, "see", "see runs, tasks and schedules"),
            ("Show", {"id": 99}, "see", "see runs, tasks and schedules"),
            ("Wait", {"id": 99}, "see", "see runs, tasks and schedules"),
            ("Run", {"task": "exit"}, "run", "run tasks"), ("Cancel", {"id": 99}, "run", "cancel runs"),
            ("AddSchedule", schedule, "edit", "change schedules"),
            ("RemoveSchedule", {"name": "s"}, "edit", "change schedules"),
        ]
        roles = ["none", "see", "run", "edit", "admin"]
        peers = {"none": (CAT, ()), "see": (ANN, ()), "run": (BOB, ()), "edit": (60004, (60010,)), "admin": (60004, (60011,))}
        for role in roles:
            for method, parameters, needs, action in calls:
                with self.subTest(role=role, method=method):
                    reply = self.call_as(peers[role][0], method, parameters, peers[role][1])
                    if roles.index(role) < roles.index(needs):
                        self.assert_denied(reply, action, needs, role)
                    else:
                        self.assertNotEqual(reply.get("error"), MANAGER + "PermissionDenied")

    def test_everyone_may_ask_what_is_served(self):
        reply = self.call_as(CAT, "org.varlink.service.GetInfo")
        self.assertIn("io.bgtaskd.Manager", reply["parameters"]["interfaces"])

    def test_bgtaskctl_says_it(self):
        def ctl(uid, *args):
            return self.ctl(*args, user=uid, group=uid, extra_groups=[])
        if subprocess.run([harness.BINDIR / "bgtaskctl", "--version"], user=ANN, capture_output=True,
                          check=False).returncode:
            self.skipTest("the build directory is not accessible to others")
        self.assertRegex(ctl(ANN, "status").out, r"(?m)^ *You are:? +see$")
        result = ctl(ANN, "run", "exit")
        self.assertEqual(result.returncode, 77)
        self.assertIn("no permission to run tasks: that takes the role run, and yours is see", result.err)
        self.assertEqual(ctl(BOB, "run", "exit").returncode, 0)

    def test_new_roles_hold_at_once(self):
        ann, bob = self.connect_as(ANN), self.connect_as(BOB)
        self.assert_denied(ann.call("Run", {"task": "exit"}), "run tasks", "run", "see")
        self.assertNotIn("error", bob.call("List"))
        self.reload({f"bgtaskd.access.user.{ANN}": "run"})
        # Whoever gains goes on; whoever loses is let go.
        self.assertNotIn("error", ann.call("Run", {"task": "exit"}))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.assertIsNone(bob.call("List"))
        self.assertEqual(self.role_of(BOB), "none")
        self.reload({})
        self.assertEqual(stat.S_IMODE(self.daemon.socket.stat().st_mode), 0o660)
        with self.assertRaises(PermissionError):
            self.connect_as(ANN)

    def test_an_error_changes_nothing(self):
        for name, value, expected in [
            ("user.nobody-of-that-name", "run", "there is no user nobody-of-that-name"),
            (f"user.{BOB}", "boss", 'is "boss"; expected "none", "see", "run", "edit" or "admin"'),
            (f"user.{BOB}", 3, 'is not a string; expected "none"'),
            ("group.60010", "none", 'is "none"; expected "see"'),
            ("people.x", "run", "is not a preference of bgtaskd; expected bgtaskd.access.user.NAME"),
        ]:
            with self.subTest(name=name, value=value):
                self.reload({f"bgtaskd.access.user.{ANN}": "admin", f"bgtaskd.access.{name}": value},
                            "the preferences are not reloaded")
                lines = [line for line in self.daemon.log().splitlines() if f"bgtaskd.access.{name}" in line]
                line = 1 + next(i for i, text in enumerate(self.daemon.prefs_file.read_text().splitlines())
                                if f"bgtaskd.access.{name}" in text)
                self.assertRegex(lines[-1], rf"{self.daemon.prefs_file}:{line}:\d+: bgtaskd\.access\.{name}")
                self.assertIn(expected, lines[-1])
                self.assertEqual([self.role_of(uid) for uid in (ANN, BOB)], ["see", "run"])
                self.assertFalse(any("bgtaskd.access" in text for text in self.degraded()))
                check = subprocess.run([*self.daemon.command(), "--check"], env=self.daemon.environment(),
                                       capture_output=True, text=True, check=False)
                self.assertEqual(check.returncode, 78)
                self.assertIn(expected, check.stderr)

    def degraded(self):
        return self.call("Status")["parameters"]["status"]["degraded"]

    def test_with_an_error_at_the_start_no_one_is_let_in(self):
        self.daemon.stop()
        self.daemon.write_prefs({f"bgtaskd.access.user.{ANN}": "admin", f"bgtaskd.access.user.{BOB}": "boss"})
        self.daemon.start()
        self.assertTrue(any("bgtaskd.access.*" in text for text in self.degraded()))
        self.daemon.socket.chmod(0o666)
        self.assertEqual([self.role_of(uid) for uid in (0, ANN, BOB)], ["admin", "none", "none"])
        self.assertEqual(self.role_of(60004, (0,)), "none")
        self.reload({f"bgtaskd.access.user.{ANN}": "admin"})
        self.assertEqual(self.role_of(ANN), "admin")


class UserInstanceTest(UserTest):
    args = (*FakeTest.args, "--user")
    prefs = {f"bgtaskd.access.user.{ANN}": "run"}

    def test_only_who_is_named(self):
        self.daemon.runtime.chmod(0o711)
        self.assertEqual([self.role_of(0), self.role_of(ANN), self.role_of(BOB), self.role_of(BOB, (0,))],
                         ["admin", "run", "none", "none"])


class VisibilityTest(UserTest):
    """What is another user's does not exist."""

    args = (*FakeTest.args, "--system")
    prefs = {f"bgtaskd.access.user.{ANN}": "edit", f"bgtaskd.access.user.{BOB}": "edit", "bgtaskd.runs.maxRunning": 2}

    def queue(self, uid, task="exit", **parameters):
        reply = self.call_as(uid, "Run", {"task": task, **parameters})
        self.assertNotIn("error", reply)
        return reply["parameters"]["run"]["id"]

    def list(self, uid, **parameters):
        return sorted(run["id"] for run in self.call_as(uid, "List", parameters)["parameters"]["runs"])

    def counts(self, uid):
        status = self.call_as(uid, "Status")["parameters"]["status"]
        return status["queued"], status["running"], status["runs"]

    def test_lists_and_counts(self):
        anns = [self.queue(ANN, args=["0"]), self.queue(ANN, args=["1"])]
        for run_id in anns:
            self.call("Wait", {"id": run_id})
        bobs = [self.queue(BOB, "sleep"), self.queue(BOB, "sleep"), self.queue(BOB, "sleep")]
        anns.append(self.queue(ANN))
        for run_id in bobs[:2]:
            self.wait_state(run_id, "running")
        self.assertEqual(self.list(0), sorted(anns + bobs))
        self.assertEqual(self.list(ANN), anns)
        self.assertEqual(self.list(BOB), bobs)
        self.assertEqual(self.list(ANN, failed=True), [anns[1]])
        self.assertEqual(self.list(ANN, task="exit", limit=1), [anns[2]])
        self.assertEqual(self.list(ANN, state="running"), [])
        self.assertEqual(self.list(BOB, state="running"), bobs[:2])
        self.assertEqual(self.list(ANN, state="queued"), [anns[2]])
        self.assertEqual(self.list(BOB, task="exit"), [])
        self.assertEqual(self.list(BOB, before=bobs[1]), [bobs[0]])
        self.assertEqual([self.counts(uid) for uid in (0, ANN, BOB)], [(2, 2, 6), (1, 0, 3), (1, 2, 3)])

    def test_what_is_asked_of_another_s_run(self):
        """Word for word what is answered for a run that never was."""
        running, queued = self.queue(BOB, "sleep"), self.queue(BOB, "sleep")
        ended = self.queue(BOB)
        self.call_as(BOB, "Cancel", {"id": queued})
        self.call("Wait", {"id": ended})
        for method, more in (("Show", False), ("Wait", False), ("Cancel", False), ("Logs", True)):
            for run_id in (running, queued, ended, 10 ** 9):
                with self.subTest(method=method, run_id=run_id):
                    reply = self.connect_as(ANN).call(method, {"id": run_id}, **({"more": True} if more else {}))
                    self.assertEqual(reply, {"error": MANAGER + "NoSuchRun", "parameters": {"id": run_id}})
        self.wait_state(running, "running")
        self.assertEqual(self.call("Cancel", {"id": running})["parameters"]["run"]["state"], "cancelled")

    def test_keys_are_each_user_s(self):
        first = self.queue(ANN, key="k")
        self.assertEqual(self.queue(ANN, key="k"), first)
        self.assertNotEqual(self.queue(BOB, key="k"), first)

    def test_schedules(self):
        for uid, name in ((ANN, "anns"), (BOB, "bobs")):
            reply = self.call_as(uid, "AddSchedule", {"name": name, "task": "exit", "everyUs": 10 ** 6})
            self.assertEqual(reply["parameters"]["schedule"]["uid"], uid)

        def last(uid):
            schedules = self.call_as(uid, "ListSchedules")["parameters"]["schedules"]
            return {schedule["name"] for schedule in schedules if "lastRun" in schedule}
        harness.wait_until(lambda: last(0) == {"anns", "bobs"}, "both have run")
        # A run of a schedule belongs to whoever added it.
        self.assertEqual((last(ANN), last(BOB)), ({"anns"}, {"bobs"}))
        self.assertEqual({run["schedule"] for run in self.call_as(ANN, "List")["parameters"]["runs"]}, {"anns"})
        self.assertEqual(self.call_as(ANN, "List", {"schedule": "bobs"})["parameters"]["runs"], [])


class RunAsClientTest(FakeTest):
    """A process of a run is no client of the daemon that runs it."""

    def connect_from_run(self, who):
        call = json.dumps({"method": MANAGER + "Status"})
        run, output = self.run_task("client", str(self.daemon.socket), who, call)
        self.denied = run.get("denied")
        return json.loads("".join(piece["text"] for piece in output))

    def test_each_kind_of_process(self):
        for who in ("itself", "child", "orphan"):
            with self.subTest(who=who):
                reply = self.connect_from_run(who)
                self.assertEqual(reply, {"error": MANAGER + "PermissionDenied", "parameters": {
                    "action": "be a client from inside a run; ControlSocket=yes in its task file allows it"}})
                # Of an orphan it is not known which run it was of.
                self.assertEqual(self.denied, None if who == "orphan" else [
                    {"what": "connect to the control socket", "key": "ControlSocket=yes", "count": 1}])
        self.assertIn("may not connect to the control socket; ControlSocket=yes would allow it", self.daemon.log())
        self.assertIn("status", self.call("Status")["parameters"])

    def test_with_permission_it_acts_for_its_user(self):
        self.daemon.write_task_file("client", "ControlSocket=yes")
        for who in ("itself", "child"):
            with self.subTest(who=who):
                reply = self.connect_from_run(who)
                # The daemon's own user is admin; its run is not.
                self.assertEqual(reply["parameters"]["status"]["role"], "edit")
        self.assertIsNone(self.denied)
        call = json.dumps({"method": MANAGER + "AddSchedule",
                           "parameters": {"name": "s", "task": "exit", "everyUs": 10 ** 9}})
        _, output = self.run_task("client", str(self.daemon.socket), "itself", call)
        reply = json.loads("".join(piece["text"] for piece in output))
        self.assertEqual(reply["parameters"]["schedule"]["name"], "s")
        call = json.dumps({"method": MANAGER + "Reload", "parameters": {}})
        _, output = self.run_task("client", str(self.daemon.socket), "itself", call)
        reply = json.loads("".join(piece["text"] for piece in output))
        self.assertEqual(reply["parameters"]["needs"], "admin")

    @needs_root
    def test_what_it_queues_is_its_user_s(self):
        self.daemon.write_task_file("client", "ControlSocket=yes")
        self.daemon.directory.chmod(0o711)
        self.daemon.socket.chmod(0o666)
        self.daemon.write_prefs({f"bgtaskd.access.user.{ANN}": "run"})
        self.daemon.restart()
        call = json.dumps({"method": MANAGER + "Run", "parameters": {"task": "exit"}})
        with UserTest.becoming(self, ANN), self.daemon.connect() as ann:
            run = ann.call("Run", {"task": "client", "args": [str(self.daemon.socket), "itself", call]})["parameters"]["run"]
            ann.call("Wait", {"id": run["id"]})
            runs = ann.call("List")["parameters"]["runs"]
        self.assertEqual([(run["task"], run["uid"]) for run in runs], [("exit", ANN), ("client", ANN)])

    @needs_root
    def test_schedules_of_others_are_not_its_own(self):
        self.daemon.write_task_file("client", "ControlSocket=yes")
        self.daemon.directory.chmod(0o711)
        self.daemon.socket.chmod(0o666)
        self.daemon.write_prefs({f"bgtaskd.access.user.{ANN}": "edit", f"bgtaskd.access.user.{BOB}": "run"})
        self.daemon.restart()
        self.call("AddSchedule", {"name": "root's", "task": "exit", "everyUs": 10 ** 9})

        def from_run(method, parameters):
            call = json.dumps({"method": MANAGER + method, "parameters": parameters})
            run = user.call("Run", {"task": "client", "args": [str(self.daemon.socket), "itself", call]})["parameters"]["run"]
            user.call("Wait", {"id": run["id"]})
            return json.loads(self.ctl("logs", str(run["id"])).out)

        with UserTest.becoming(self, ANN), self.daemon.connect() as user:
            for method in ("RemoveSchedule", "PauseSchedule"):
                self.assertEqual(from_run(method, {"name": "root's"})["error"], MANAGER + "NoSuchSchedule")
            reply = from_run("AddSchedule", {"name": "ann's", "task": "exit", "everyUs": 10 ** 9})
            self.assertEqual(reply["parameters"]["schedule"]["uid"], ANN)
            self.assertNotIn("error", from_run("RemoveSchedule", {"name": "ann's"}))
        with UserTest.becoming(self, BOB), self.daemon.connect() as user:
            reply = from_run("AddSchedule", {"name": "bob's", "task": "exit", "everyUs": 10 ** 9})
            self.assertEqual(reply["parameters"], {"action": "change schedules", "needs": "edit", "role": "run"})

    def test_a_process_that_has_gone_is_nobody(self):
        read_end, write_end = os.pipe()
        self.daemon.process.send_signal(signal.SIGSTOP)
        child = os.fork()
        if child == 0:
            connection = self.daemon.connect()
            os.set_inheritable(connection.socket.fileno(), True)
            if os.fork() == 0:
                # Holds the connection that its parent has made.
                with contextlib.suppress(BrokenPipeError):
                    connection.send("Status")
                os.close(read_end)
                reply = connection.receive()
                os.write(write_end, json.dumps(reply).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(write_end)
        self.daemon.process.send_signal(signal.SIGCONT)
        with open(read_end, encoding="utf-8") as pipe:
            reply = json.load(pipe)
        self.assertEqual(reply, {"error": MANAGER + "PermissionDenied",
                                 "parameters": {"action": "be a client through a process that is gone"}})


class ShareTest(UserTest):
    """One user's thousand runs delay another's by one."""

    args = (*FakeTest.args, "--system")
    prefs = {f"bgtaskd.access.user.{ANN}": "run", f"bgtaskd.access.user.{BOB}": "run", "bgtaskd.runs.maxRunning": 1,
             "bgtaskd.runs.maxQueuedPerUid": 100}

    def test_turns(self):
        blocker = self.detach("sleep")
        self.wait_state(blocker, "running")
        ann = self.connect_as(ANN)
        for _ in range(100):
            self.assertNotIn("error", ann.call("Run", {"task": "exit"}))
        full = ann.call("Run", {"task": "exit"})
        self.assertEqual((full["error"], full["parameters"]), (MANAGER + "QueueFull", {"limit": 100, "uid": ANN}))
        bob = self.connect_as(BOB)
        ids = [bob.call("Run", {"task": "exit"})["parameters"]["run"]["id"] for _ in range(3)]
        # Root's are of another user, and of no limit.
        for _ in range(101):
            own = self.detach("exit")
        self.call("Cancel", {"id": blocker})
        for run_id in (*ids, own):
            self.call("Wait", {"id": run_id})
        self.call("Wait", {"id": blocker})
        with self.daemon.connect() as connection:
            connection.send("List", {"limit": 1000}, more=True)
            runs = []
            while True:
                reply = connection.receive()
                runs += reply["parameters"]["runs"]
                if not reply.get("continues"):
                    break
        order = [run["uid"] for run in sorted(runs, key=lambda run: run.get("startedAt", 2 ** 62)) if run["id"] != blocker]
        self.assertEqual(order[:9], [ANN, BOB, 0] * 3)


class FloodTest(UserTest):
    """Whose calls are answered when: told by the numbers that runs get, in the order in which they are asked for."""

    args = (*FakeTest.args, "--system")
    prefs = {f"bgtaskd.access.user.{ANN}": "run", f"bgtaskd.access.user.{BOB}": "run", "bgtaskd.runs.maxRunning": 1,
             "bgtaskd.control.maxMiBPerUid": 8}
    CONNECTIONS, CALLS = (16, 50) if harness.VALGRIND else (64, 200)

    def test_many_connections_are_one_user_s(self):
        """Each connection asks for many things and then for a run, whose number tells when it was its turn for that."""
        def encoded(method, **parameters):
            return json.dumps({"method": MANAGER + method, "parameters": parameters}).encode() + b"\0"
        blocker = self.detach("sleep")
        self.wait_state(blocker, "running")
        flood = [self.connect_as(ANN) for _ in range(self.CONNECTIONS)]
        bob = self.connect_as(BOB)
        for connection in (*flood, bob):
            connection.call("Status")
        # All of it is there before the daemon looks, and Bob's last.
        self.daemon.process.send_signal(signal.SIGSTOP)
        for connection in (*flood, bob):
            connection.send_bytes(self.CALLS * encoded("Show", id=10 ** 9) + encoded("Run", task="exit"))
        self.daemon.process.send_signal(signal.SIGCONT)

        def run_of(connection):
            for _ in range(self.CALLS):
                self.assertEqual(connection.receive()["error"], MANAGER + "NoSuchRun")
            return connection.receive()["parameters"]["run"]["id"]
        bobs = run_of(bob)
        anns = [run_of(connection) for connection in flood]
        before = sum(run_id < bobs for run_id in anns)
        self.assertLess(before, self.CONNECTIONS // 4)
        self.call("Cancel", {"id": blocker})

    def test_a_flood_of_connections_that_never_ends(self):
        child = os.fork()
        if child == 0:
            harness._die_with_parent()
            os.setgroups([])
            os.setresgid(ANN, ANN, ANN)
            os.setresuid(ANN, ANN, ANN)
            while True:
                with contextlib.suppress(OSError, AssertionError):
                    connections = [self.daemon.connect() for _ in range(64)]
                    for connection in connections:
                        for _ in range(4):
                            connection.send("Status")
                    for connection in connections:
                        connection.receive()
                        connection.close()
        try:
            harness.wait_until(lambda: self.call("Status")["parameters"]["status"]["clients"] > 1, "Ann is at it")
            bob = self.connect_as(BOB)
            for _ in range(5):
                run_id = bob.call("Run", {"task": "exit"})["parameters"]["run"]["id"]
                self.assertEqual(bob.call("Wait", {"id": run_id})["parameters"]["run"]["result"], "success")
                self.assertIn("status", self.call_as(BOB, "Status")["parameters"])
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def test_half_messages_fill_a_user_s_room_and_no_other_s(self):
        bob = self.connect_as(BOB)
        call = json.dumps({"method": MANAGER + "Run", "parameters": {"task": "print", "args": ["x" * 90000]}}).encode()
        bob.send_bytes(call[:80000])
        half = b'{"method":' + b" " * 1000000
        anns = [self.connect_as(ANN) for _ in range(14)]
        for connection in anns:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send_bytes(half)
        harness.wait_until(lambda: "the connections of its user hold too much" in self.daemon.log(), "some are dropped")
        dropped = [line for line in self.daemon.log().splitlines() if "hold too much" in line]
        self.assertLess(len(dropped), 14)
        self.assertEqual([line for line in dropped if f"client of uid {ANN}" not in line], [])
        bob.send_bytes(call[80000:] + b"\0")
        self.assertEqual(bob.receive()["parameters"]["run"]["task"], "print")

    def test_strangers_are_one_user(self):
        strangers = []
        for uid in range(61000, 61040):
            strangers.append(self.connect_as(uid))
        refused = [reply for reply in (connection.receive() for connection in strangers[16:20])
                   if reply["error"] == MANAGER + "TooManyConnections"]
        self.assertEqual(len(refused), 4)
        self.assertEqual(refused[0]["parameters"], {"limit": 16})
        self.assert_denied(strangers[0].call("Status"), "see runs, tasks and schedules", "see", "none")
        self.assertNotIn("error", self.call_as(BOB, "Status"))


class ElsewhereTest(harness.DaemonTest):
    """The control socket need not be in the runtime directory, which a run does not see."""

    task = """export async function runBackgroundTask(commandLine) {
        const path = Services.env.get("BGTASKD_SOCKET") || commandLine.getArgument(0);
        dump(path + " " + await IOUtils.exists(path) + "\\n");
    }"""
    tasks = {"may": task, "maynot": task}
    task_files = {"may": "[Task]\nControlSocket=yes\n"}

    def test_it_is_where_it_is(self):
        self.daemon.stop()
        place = self.daemon.directory / "elsewhere"
        place.mkdir()
        self.daemon.socket = place / "socket"
        self.daemon.client.socket_path = str(self.daemon.socket)
        self.daemon.start()
        self.assertEqual(self.ctl("run", "may").out, f"{self.daemon.socket} true\n")
        self.assertEqual(self.ctl("run", "maynot", self.daemon.socket).out, f"{self.daemon.socket} false\n")


if __name__ == "__main__":
    harness.main()
