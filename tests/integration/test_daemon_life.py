# SPDX-License-Identifier: MPL-2.0
"""Start and end of the daemon: arguments, directories, signals, systemd's protocols, --check."""

import contextlib
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys

import harness
from test_daemon_runs import FAKE_RUNNER, FakeTest

LAUNCH = """
import os, sys
fd = int(sys.argv[1])
if fd != 3:
    os.dup2(fd, 3)
    os.close(fd)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="control")
os.execvp(sys.argv[2], sys.argv[2:])
"""


def bgtaskd(*args, env=None, **more):
    return subprocess.run([harness.BINDIR / "bgtaskd", *args], env=harness.clean_environment(**(env or {})),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE, check=False,
                          **more)


class ArgumentTest(FakeTest):
    def test_version_and_help(self):
        version = bgtaskd("--version")
        self.assertEqual((version.returncode, version.stdout.split()[0]), (0, "bgtaskd"))
        text = bgtaskd("--help")
        self.assertEqual(text.returncode, 0)
        for option in ("--state-dir", "--runtime-dir", "--socket", "--app-dir", "--user", "--system", "--check"):
            self.assertIn(option, text.stdout)

    def test_preferences(self):
        done = bgtaskd("--preferences")
        self.assertEqual(done.returncode, 0)
        self.assertIn("bgtaskd.runs.maxRunning = 4 ", done.stdout)

    def test_bad_ones(self):
        for args in (["--nonsense"], ["--state-dir"], ["x"], ["--log-level=loud"], ["--socket="]):
            with self.subTest(args=args):
                done = bgtaskd(*args)
                self.assertEqual(done.returncode, 64)
                self.assertTrue(done.stderr.startswith("bgtaskd: "))

    def test_directories_that_cannot_be_known(self):
        done = bgtaskd("--user", env={"HOME": None, "XDG_STATE_HOME": None, "XDG_RUNTIME_DIR": None})
        self.assertEqual(done.returncode, 78)
        self.assertIn("--state-dir", done.stderr)

    def test_a_second_daemon(self):
        state = bgtaskd("--state-dir", self.daemon.state, "--runtime-dir", self.daemon.directory / "other")
        self.assertEqual(state.returncode, 75, state.stderr)
        socket_path = bgtaskd("--state-dir", self.daemon.directory / "third", "--runtime-dir", self.daemon.runtime)
        self.assertEqual(socket_path.returncode, 75, socket_path.stderr)
        self.assertIn("another daemon", socket_path.stderr)
        self.assertIn("status", self.call("Status")["parameters"])

    def test_a_socket_path_that_is_too_long(self):
        done = bgtaskd("--state-dir", self.daemon.directory / "s", "--runtime-dir", self.daemon.directory / ("r" * 120))
        self.assertEqual(done.returncode, 78)
        self.assertIn("too long", done.stderr)

    def test_something_else_in_the_socket_s_place(self):
        path = self.daemon.directory / "file"
        path.write_text("precious")
        done = bgtaskd("--state-dir", self.daemon.directory / "s", "--runtime-dir", self.daemon.directory / "r", "--socket", path)
        self.assertEqual(done.returncode, 73)
        self.assertEqual(path.read_text(), "precious")

    def test_a_directory_that_everyone_can_write_to(self):
        path = self.daemon.directory / "open"
        path.mkdir()
        path.chmod(0o777)
        done = bgtaskd("--state-dir", path, "--runtime-dir", self.daemon.directory / "r")
        self.assertEqual(done.returncode, 77)
        self.assertIn(f"{path} has mode 0777, so others may write to it; expected at most 0750", done.stderr)

    def test_modes(self):
        def mode(path):
            return stat.S_IMODE(os.stat(path).st_mode)
        for path in (self.daemon.state, self.daemon.state / "output", self.daemon.state / "profiles",
                     self.daemon.runtime / "profiles"):
            self.assertEqual(mode(path), 0o700, path)
        system = self.call("Status")["parameters"]["status"]["instance"] == "system"
        self.assertEqual(mode(self.daemon.socket), 0o660 if system else 0o600)
        self.assertEqual(mode(self.daemon.runtime), 0o755 if system else 0o700)

    def test_user_instance(self):
        self.daemon.stop()
        self.daemon.args.append("--user")
        self.daemon.start()
        self.assertEqual(self.call("Status")["parameters"]["status"]["instance"], "user")
        self.assertEqual(stat.S_IMODE(os.stat(self.daemon.socket).st_mode), 0o600)


class SignalTest(FakeTest):
    prefs = {"bgtaskd.runs.graceSec": 1, "bgtaskd.runs.maxRunning": 1}

    def test_term(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(how=how):
                self.assertEqual(self.daemon.restart(how), 0)
                self.assertIn("status", self.call("Status")["parameters"])

    def test_term_interrupts_runs_and_says_so(self):
        with self.daemon.connect() as follower, self.daemon.connect() as waiting, self.daemon.connect() as queued:
            follower.send("Run", {"task": "sleep"}, more=True)
            run_id = follower.receive()["parameters"]["run"]["id"]
            self.assertEqual(follower.receive()["parameters"]["output"]["text"], "asleep\n")
            waiting.send("Wait", {"id": run_id})
            queued.send("Run", {"task": "exit"}, more=True)
            queued_id = queued.receive()["parameters"]["run"]["id"]
            self.daemon.process.send_signal(signal.SIGTERM)
            for connection in (follower, waiting):
                run = connection.receive()["parameters"]["run"]
                self.assertEqual((run["state"], run["result"], run["signal"]),
                                 ("interrupted", "interrupted", signal.SIGTERM))
                self.assertIsNone(connection.receive())
            self.assertEqual(queued.receive()["error"], "io.bgtaskd.Manager.ShuttingDown")
        self.assertEqual(self.daemon.stop(), 0)
        self.assertFalse(self.daemon.socket.exists())
        self.daemon.start()
        self.assertEqual(self.call("Wait", {"id": queued_id})["parameters"]["run"]["result"], "success")

    def test_term_with_a_run_that_does_not_listen(self):
        run_id = self.detach("stubborn")
        self.until_output(run_id, "asleep")
        self.daemon.restart()
        run = self.run_of(run_id)
        self.assertEqual((run["state"], run["signal"]), ("interrupted", signal.SIGKILL))

    def test_term_with_a_run_that_has_reported(self):
        # Found by tests/chaos: it was sent SIGTERM on its way out, and recorded as killed by a signal.
        run_id = self.detach("leaving")
        self.until_output(run_id, "leaving")
        self.daemon.restart()
        run = self.run_of(run_id)
        self.assertEqual((run["state"], run["result"], run.get("signal")), ("finished", "success", None))

    def test_hup(self):
        self.daemon.write_prefs({"bgtaskd.runs.maxRunning": 7})
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: self.call("Status")["parameters"]["status"]["maxRunning"] == 7, "the change is in force")
        self.daemon.write_prefs({"bgtaskd.runs.maxRunning": 9, "bgtaskd.runs.maxQueued": "many"})
        self.daemon.process.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: "not reloaded" in self.daemon.log(), "the error is told")
        self.assertEqual(self.call("Status")["parameters"]["status"]["maxRunning"], 7)

    def test_pipe(self):
        self.daemon.process.send_signal(signal.SIGPIPE)
        self.assertIn("status", self.call("Status")["parameters"])

    def test_leftover_profiles_are_removed(self):
        run_id = self.detach("sleep")
        self.until_output(run_id, "asleep")
        self.daemon.stop(signal.SIGKILL)
        left = self.daemon.runtime / "profiles" / "MozillaBackgroundTask-X-sleep-1"
        (left / "deep" / "er").mkdir(parents=True)
        (left / "deep" / "link").symlink_to(self.daemon.prefs_file)
        self.daemon.start()
        harness.wait_until(lambda: not left.exists(), "the leftovers are removed")
        self.assertTrue(self.daemon.prefs_file.exists())


class SystemdTest(FakeTest):
    def test_notification(self):
        path = self.daemon.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            listener.settimeout(harness.PATIENCE)
            self.daemon.stop()
            self.daemon.env.update(NOTIFY_SOCKET=path, WATCHDOG_USEC=400000)
            self.daemon.start()
            lines = []

            def until(line):
                while line not in lines:
                    lines.extend(listener.recv(4096).decode().split("\n"))
            until("READY=1")
            until("WATCHDOG=1")
            self.daemon.process.send_signal(signal.SIGHUP)
            until("RELOADING=1")
            del lines[:]
            until("READY=1")
            self.daemon.process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            self.daemon.stop()

    @contextlib.contextmanager
    def activated(self, kind=socket.SOCK_STREAM, listen=True):
        self.daemon.stop()
        path = self.daemon.directory / "activated"
        with socket.socket(socket.AF_UNIX, kind) as listener:
            listener.bind(str(path))
            if listen:
                listener.listen()
            command = [sys.executable, "-c", LAUNCH, str(listener.fileno()), *map(str, self.daemon.command())]
            with subprocess.Popen(command, env=self.daemon.environment(), pass_fds=[listener.fileno()],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
                yield process, path
                process.terminate()
                process.communicate(timeout=harness.PATIENCE)

    def test_socket_activation(self):
        with self.activated() as (process, path), harness.Varlink(str(path)) as connection:
            status = connection.call("Status")["parameters"]["status"]
            self.assertEqual(status["socket"], str(path))
            process.terminate()
            self.assertIsNone(connection.receive())
            process.communicate(timeout=harness.PATIENCE)
            self.assertEqual(process.returncode, 0)
            self.assertTrue(path.exists(), "the service manager's socket is not ours to remove")
            self.assertFalse(self.daemon.socket.exists())

    def test_a_socket_of_another_kind(self):
        with self.activated(kind=socket.SOCK_DGRAM, listen=False) as (process, _):
            _, errors = process.communicate(timeout=harness.PATIENCE)
            self.assertEqual(process.returncode, 78)
            self.assertIn("expected a listening Unix stream socket", errors)

    def test_state_and_runtime_directories(self):
        self.daemon.stop()
        state, runtime = self.daemon.directory / "sd-state", self.daemon.directory / "sd-run"
        with subprocess.Popen([harness.BINDIR / "bgtaskd", "--runner", str(FAKE_RUNNER)], stdin=subprocess.DEVNULL,
                              env=harness.clean_environment(STATE_DIRECTORY=f"{state}:/elsewhere", RUNTIME_DIRECTORY=runtime,
                                                            BGTASKD_PREFS=self.daemon.prefs_file)) as process:
            harness.wait_until(lambda: (runtime / "control").exists(), "the socket is there")
            process.terminate()
            self.assertEqual(process.wait(harness.PATIENCE), 0)
        self.assertTrue((state / "bgtaskd.db").exists())


class CheckTest(FakeTest):
    def snapshot(self):
        """All files with their sizes and times."""
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns)
                for path in sorted(pathlib.Path(self.daemon.directory).rglob("*"))
                if not path.is_socket() and path != self.daemon.log_file and path.name != "tmp"}

    def check(self, *args):
        before = self.snapshot()
        done = bgtaskd("--check", "--state-dir", self.daemon.state, "--runtime-dir", self.daemon.runtime, "--runner",
                       FAKE_RUNNER, *args, env=self.daemon.environment())
        self.assertEqual(self.snapshot(), before, "--check changes nothing")
        return done

    @contextlib.contextmanager
    def stopped(self):
        """What changes meanwhile is not of the daemon, which tidies up when it is at rest."""
        self.daemon.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.daemon.process.pid, os.WSTOPPED)
        try:
            yield
        finally:
            self.daemon.process.send_signal(signal.SIGCONT)

    def test_all_well(self):
        self.run_task("exit")
        with self.stopped():
            done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("running daemon", done.stderr)
        self.daemon.stop()
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_after_a_crash(self):
        self.run_task("exit")
        self.daemon.stop(signal.SIGKILL)
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_nothing_there_yet(self):
        self.daemon.stop()
        done = bgtaskd("--check", "--state-dir", self.daemon.directory / "new" / "state", "--runtime-dir",
                       self.daemon.directory / "new" / "run", "--runner", FAKE_RUNNER, env=self.daemon.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse((self.daemon.directory / "new").exists())

    def test_problems(self):
        self.daemon.stop()
        database = self.daemon.state / "bgtaskd.db"
        self.daemon.write_prefs({"bgtaskd.runs.maxRunning": 0, "bgtaskd.runs.nonsense": 1})
        done = self.check()
        self.assertEqual(done.returncode, 78)
        self.assertIn("bgtaskd.runs.maxRunning is 0; expected 1 to", done.stderr)
        self.assertIn("bgtaskd.runs.nonsense", done.stderr)
        self.daemon.prefs_file.write_text('pref("a", 1);\npref("b" 2);\n')
        self.assertIn("prefs.js:2:", self.check().stderr)
        self.daemon.write_prefs({})
        self.assertEqual(self.check("--runner", "/nonexistent").returncode, 78)
        database.write_bytes(b"not a database" * 1000)
        done = self.check()
        self.assertEqual(done.returncode, 78)
        self.assertIn(f"{database} is damaged: it is not", done.stderr, "it names the store, not the copy that was looked at")
        database.write_bytes(b"")
        database.chmod(0o666)
        done = self.check()
        self.assertEqual(done.returncode, 77)
        self.assertIn(f"{database} has mode 0666", done.stderr)
        self.daemon.state.chmod(0o777)
        done = self.check()
        self.assertEqual(done.returncode, 77)
        self.daemon.state.chmod(0o700)

    def test_task_files(self):
        self.daemon.stop()
        self.daemon.write_task_file("good", "Network=yes\n[Schedule]\nOnCalendar=daily\n")
        path = self.daemon.write_task_file("bad", "Network=yes\nMemoryMax=lots\n[Schedule]\nOnCalendar=never\n")
        drop_in = self.daemon.write_task_file("other/10-more", "Colour=red\n")
        done = self.check()
        self.assertEqual(done.returncode, 65)
        self.assertIn(f"{path}:3: MemoryMax=: expected", done.stderr)
        self.assertIn(f"{path}:5: OnCalendar=", done.stderr)
        self.assertIn(f"{drop_in}:2: Colour", done.stderr)
        self.daemon.write_prefs({"bgtaskd.runs.maxRunning": 0})
        done = self.check()
        self.assertEqual(done.returncode, 78, "what keeps a daemon from its preferences comes first")
        self.assertIn(f"{path}:3: MemoryMax=: expected", done.stderr)


if __name__ == "__main__":
    harness.main()
