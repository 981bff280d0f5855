# SPDX-License-Identifier: MPL-2.0
"""A private daemon for a test, and the client run against it.

    import harness

    class RunTest(harness.DaemonTest):
        prefs = {"bgtaskd.runs.maxRunning": 2}
        tasks = {"hello": 'export async function runBackgroundTask() { dump("hello\\n"); return 0; }'}

        def test_hello(self):
            self.assertEqual(self.ctl("run", "hello").stdout, b"hello\n")

    if __name__ == "__main__":
        harness.main()

Every daemon has a temporary directory of its own with everything in it (state, run-time files, application
directory, preferences); it is ended by its process id and the directory removed, also when the test fails or
is interrupted. A daemon that ends with an error, or in which a sanitizer or valgrind found one, fails the test
that it belongs to.

Environment: top_srcdir and top_builddir (as `make check` sets them; otherwise found from this file and
$BGTASK_BUILDDIR), BGTASK_VALGRIND=1 (daemon and client run under valgrind), BGTASK_KEEP=1 (the temporary
directories stay and are named), BGTASK_VERBOSE=1 (daemon's log is shown also when all went well).
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SRCDIR = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(__file__).resolve().parents[2])).resolve()
BUILDDIR = pathlib.Path(os.environ.get("top_builddir", os.environ.get("BGTASK_BUILDDIR", SRCDIR / "build"))).resolve()
BINDIR = BUILDDIR / "bin"
VALGRIND = os.environ.get("BGTASK_VALGRIND", "") not in ("", "0")
KEEP = os.environ.get("BGTASK_KEEP", "") not in ("", "0")
VERBOSE = os.environ.get("BGTASK_VERBOSE", "") not in ("", "0")

VALGRIND_EXIT = 99
SKIP = 77

SANITIZER_MARKS = (b"ERROR: AddressSanitizer", b"ERROR: LeakSanitizer", b": runtime error: ")

# What a program under test must not take over from whoever runs the tests.
_FOREIGN = ("BGTASKD_SOCKET", "BGTASKD_PREFS", "BGTASKD_TASK_DIRS", "XPCSHELL_TESTING_MODULES_URI", "NOTIFY_SOCKET", "LISTEN_FDS",
            "LISTEN_PID", "LISTEN_FDNAMES", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "JOURNAL_STREAM", "NO_COLOR",
            "COLUMNS", "XRE_PROFILE_PATH", "WATCHDOG_USEC", "WATCHDOG_PID", "http_proxy", "https_proxy",
            "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def have_background_tasks():
    """Whether this build was configured with background task mode."""
    return "#define HAVE_BACKGROUNDTASKS 1" in (BUILDDIR / "config.h").read_text()


def have_sanitizers():
    """Whether this build was configured with sanitizers, which make programs slow, and large."""
    return "#define HAVE_SANITIZERS 1" in (BUILDDIR / "config.h").read_text()


# How long anything may take before the test is given up; nothing is measured against it.
PATIENCE = 300 if VALGRIND or have_sanitizers() else 120


def clean_environment(**more):
    environment = {name: value for name, value in os.environ.items()
                   if name not in _FOREIGN and not name.startswith("MOZ_")}
    environment["LC_ALL"] = "C.UTF-8"
    environment["TZ"] = "UTC"
    environment.update({name: str(value) for name, value in more.items() if value is not None})
    for name, value in more.items():
        if value is None:
            environment.pop(name, None)
    return environment


def _take_signals():
    """A job in the background or under nohup ignores some signals, and what it starts would inherit that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


_take_signals()


def _die_with_parent():
    # Should the test itself be killed, nothing of it stays behind.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(condition, what, patience=None, interval=0.01):
    """Poll until condition() is true and return its value; only for what no event tells of."""
    deadline = time.monotonic() + (patience or PATIENCE)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(interval)


def let_the_hour_begin(room_s=60):
    """For tests with schedules of hours and days that are not to elapse meanwhile: these do when an hour of UTC begins."""
    left_s = 3600 - time.time() % 3600
    if left_s < room_s:
        time.sleep(left_s + 0.1)


def pref_line(name, value):
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, int):
        text = str(value)
    else:
        text = json.dumps(value)
    return f"pref({json.dumps(name)}, {text});\n"


def valgrind_command(log):
    """What to put in front of a program so that errors and lost memory make it exit with VALGRIND_EXIT."""
    return ["valgrind", "--quiet", "--vgdb=no", f"--error-exitcode={VALGRIND_EXIT}", "--leak-check=full",
            "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite", "--child-silent-after-fork=yes",
            f"--log-file={log}"]


class Result(subprocess.CompletedProcess):
    """What a program printed and how it ended; stdout and stderr are bytes."""

    @property
    def json(self):
        return json.loads(self.stdout)

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def out(self):
        return self.stdout.decode()

    @property
    def err(self):
        return self.stderr.decode(errors="replace")


class Area:
    """A temporary directory, and the clean-up of everything that was started in it."""

    def __init__(self):
        # Short, because the path of a socket may have 107 bytes at most.
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="bgt-", dir="/tmp"))
        self.problems = []
        self.started = []  # (valgrind's log, what) of programs that end when they will
        self._logs = 0

    def close(self):
        for log, what in self.started:
            self.check_log(log, what)
        if KEEP:
            print(f"kept: {self.path}", file=sys.stderr)
            return
        # A test may leave directories that not even their owner can write to.
        for directory, _, _ in os.walk(self.path):
            with contextlib.suppress(OSError):
                os.chmod(directory, 0o700)
        shutil.rmtree(self.path, ignore_errors=True)
        if self.path.exists():
            self.problems.append(f"{self.path} could not be removed")

    def valgrind_log(self, name):
        self._logs += 1
        return self.path / f"valgrind-{name}-{self._logs}.log"

    def check_log(self, log, what):
        # "==" is of the program; "--" is of valgrind itself, such as a system call that it does not know.
        text = log.read_text(errors="replace") if log.exists() else ""
        if any(line.startswith("==") for line in text.splitlines()):
            self.problems.append(f"valgrind on {what}:\n{text}")

    def check_text(self, text, what):
        if any(mark in text for mark in SANITIZER_MARKS):
            self.problems.append(f"sanitizer in {what}:\n{text.decode(errors='replace')}")


class Process(subprocess.Popen):
    """A Popen that is killed when the test fails, where the original would wait for its end."""

    def __exit__(self, kind, value, traceback):
        if kind is not None:
            self.kill()
        return super().__exit__(kind, value, traceback)


class Client:
    """bgtaskctl against one socket."""

    def __init__(self, area, socket_path):
        self.area = area
        self.socket_path = socket_path

    def command(self, *args):
        command = [BINDIR / "bgtaskctl"]
        log = None
        if VALGRIND:
            log = self.area.valgrind_log("bgtaskctl")
            command = valgrind_command(log) + command
        return [os.fsencode(word) if not isinstance(word, bytes) else word for word in (*command, *args)], log

    def environment(self, env=None):
        return clean_environment(**{"BGTASKD_SOCKET": self.socket_path, **(env or {})})

    def run(self, *args, env=None, timeout=None, **more):
        """Run it to its end. env: {name: value}, None removes a variable."""
        command, log = self.command(*args)
        if "input" not in more:
            more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run(command, env=self.environment(env), timeout=timeout or PATIENCE,
                              preexec_fn=_die_with_parent, check=False, **more)
        if log:
            self.area.check_log(log, f"bgtaskctl {args}")
        self.area.check_text(done.stderr or b"", f"bgtaskctl {args}")
        return Result(args, done.returncode, done.stdout or b"", done.stderr or b"")

    def start(self, *args, env=None, **more):
        """Start it and return the Popen, to be used in a `with`."""
        command, log = self.command(*args)
        if log:
            self.area.started.append((log, f"bgtaskctl {args}"))
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        return Process(command, env=self.environment(env), preexec_fn=_die_with_parent, **more)


class Daemon:
    """A private bgtaskd. Attributes: directory, state, runtime, app, tasks_d, socket, prefs_file, process, client.

    Task files are looked for in tasks_d, which write_task_file() fills, and then among those that ship."""

    def __init__(self, prefs=None, tasks=None, args=(), env=None, start=True, task_files=None):
        self.area = Area()
        self.directory = self.area.path
        self.state = self.directory / "state"
        self.runtime = self.directory / "run"
        self.app = self.directory / "app"
        self.tasks_d = self.directory / "tasks.d"
        self.socket = self.runtime / "control"
        self.prefs_file = self.directory / "prefs.js"
        self.log_file = self.directory / "daemon.log"
        self.args = list(args)
        self.env = dict(env or {})
        self.process = None
        self.expect_exit = (0,)
        self.client = Client(self.area, str(self.socket))
        self._valgrind_log = None
        try:
            (self.app / "modules" / "backgroundtasks").mkdir(parents=True)
            (self.directory / "tmp").mkdir()
            self.tasks_d.mkdir(mode=0o755)
            self.write_prefs(prefs or {})
            for name, source in (tasks or {}).items():
                self.write_task(name, source)
            for name, text in (task_files or {}).items():
                self.write_task_file(name, text)
            if start:
                self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    # ---- what it runs with

    def write_prefs(self, prefs):
        # A task that does nothing should take no time here; tests that are about it set it themselves.
        values = {"toolkit.backgroundtasks.defaultMinTaskRuntimeMS": 0, **prefs}
        self.prefs_file.write_text("".join(pref_line(name, value) for name, value in values.items()))

    def write_task(self, name, source):
        path = self.app / "modules" / "backgroundtasks" / f"BackgroundTask_{name}.sys.mjs"
        path.write_text(source)
        return path

    def write_task_file(self, name, text):
        """What the task may do: lines of its [Task] section. A name with a slash is that of a drop-in:
        "NAME/X" is NAME.task.d/X.conf. Written as a whole, mode 0644."""
        task, _, drop_in = name.partition("/")
        path = self.tasks_d / (f"{task}.task.d/{drop_in}.conf" if drop_in else f"{task}.task")
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(text if text.lstrip().startswith("[") else f"[Task]\n{text}")
        new.chmod(0o644)
        new.rename(path)
        return path

    def environment(self):
        return clean_environment(**{"BGTASKD_PREFS": self.prefs_file,
                                    "BGTASKD_TASK_DIRS": f"{self.tasks_d}:{SRCDIR / 'scripts' / 'tasks.d'}", "TMPDIR": self.directory / "tmp",
                                    "HOME": self.directory, "XDG_RUNTIME_DIR": self.directory,
                                    "XDG_CONFIG_HOME": self.directory / "config",
                                    "XDG_STATE_HOME": self.directory / "xdg-state", **self.env})

    def command(self):
        command = [BINDIR / "bgtaskd", "--state-dir", self.state, "--runtime-dir", self.runtime, "--socket",
                   self.socket, "--app-dir", self.app, *self.args]
        if VALGRIND:
            self._valgrind_log = self.area.valgrind_log("bgtaskd")
            command = valgrind_command(self._valgrind_log) + command
        return command

    # ---- its life

    def spawn(self):
        """Start it, and do not wait for anything."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment(), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=_die_with_parent,
                                            start_new_session=True)

    def start(self):
        self.spawn()
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        wait_until(self._answers, "the daemon answers")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"bgtaskd ended with {self.process.returncode}:\n{self.log()}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.connect(str(self.socket))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True

    def stop(self, how=signal.SIGTERM):
        """End it and return its exit status (-n: signal n)."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(how)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
            self.area.problems.append(f"bgtaskd did not end on signal {how}")
        if how == signal.SIGTERM and status not in self.expect_exit:
            self.area.problems.append(f"bgtaskd ended with {status}")
        if self._valgrind_log:
            self.area.check_log(self._valgrind_log, "bgtaskd")
        self.area.check_text(self.log().encode(), "bgtaskd")
        return status

    def restart(self, how=signal.SIGTERM):
        status = self.stop(how)
        self.start()
        return status

    def end_adopted_runs(self):
        """A test that fails may leave runs that no daemon's end ends, even stopped ones; their files name them."""
        for path in (self.runtime / "runs").glob("*.[0-9]*"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:  # so it is alive, and the number is its own
                    pid = pid_in(path)
                    if pid > 1:
                        os.kill(pid, signal.SIGKILL)

    def close(self):
        self.stop()
        self.end_adopted_runs()
        if VERBOSE or self.area.problems:
            print(f"---- log of bgtaskd\n{self.log()}----", file=sys.stderr)
        self.area.close()

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    # ---- talking to it

    def ctl(self, *args, **more):
        return self.client.run(*args, **more)

    def connect(self):
        """A raw connection to its control socket."""
        return Varlink(str(self.socket))


def pid_in(path):
    """The process that the file of a run names; 0: none."""
    return int.from_bytes(path.read_bytes()[128:132], sys.byteorder)


class Varlink:
    """A plain Varlink connection, for what bgtaskctl would never send."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send(self, method, parameters=None, **flags):
        if "." not in method:
            method = f"io.bgtaskd.Manager.{method}"
        self.send_bytes(json.dumps({"method": method, "parameters": parameters or {}, **flags}).encode() + b"\0")

    def receive(self):
        """The next message; None at the end of the connection."""
        while b"\0" not in self.buffer:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                if self.buffer:
                    raise AssertionError("the connection ended in the middle of a message")
                return None
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, parameters=None, **flags):
        self.send(method, parameters, **flags)
        return self.receive()


class ClientTest(unittest.TestCase):
    """A test of bgtaskctl without a daemon."""

    def setUp(self):
        self.area = Area()
        self.client = Client(self.area, str(self.area.path / "control"))
        self.addCleanup(self._finish)

    def _finish(self):
        self.area.close()
        if self.area.problems:
            self.fail("\n".join(self.area.problems))

    def ctl(self, *args, **more):
        return self.client.run(*args, **more)


class DaemonTest(unittest.TestCase):
    """A test with a daemon for each method, made from the class's prefs, tasks, task_files, args and env."""

    prefs = {}
    tasks = {}
    task_files = {}
    args = ()
    env = {}

    def setUp(self):
        if not have_background_tasks():
            self.skipTest("this build has no daemon")
        self.daemon = Daemon(self.prefs, self.tasks, self.args, self.env, task_files=self.task_files)
        self.addCleanup(self._finish)

    def _finish(self):
        if not getattr(self._outcome, "success", True) and not self.daemon.area.problems:
            print(f"---- log of bgtaskd in {self.id()}\n{self.daemon.log()}----", file=sys.stderr)
        self.daemon.close()
        if self.daemon.area.problems:
            self.fail("\n".join(self.daemon.area.problems))

    def ctl(self, *args, **more):
        return self.daemon.ctl(*args, **more)

    def start(self, *args, **more):
        return self.daemon.client.start(*args, **more)

    def run_detached(self, *args):
        """Queue a run and return its id."""
        result = self.ctl("run", "--detach", *args)
        self.assertEqual(result.returncode, 0, result.err)
        return int(result.stdout)

    def show(self, run_id):
        result = self.ctl("--json", "show", str(run_id))
        self.assertEqual(result.returncode, 0, result.err)
        return result.json

    def wait_state(self, run_id, state):
        return wait_until(lambda: (lambda run: run["state"] == state and run)(self.show(run_id)),
                          f"run {run_id} is {state}", interval=0.02)


def main(needs_daemon=True):
    """unittest.main() for `make check`: all tests skipped is a skip."""
    sys.dont_write_bytecode = True
    if needs_daemon and not have_background_tasks():
        print("skipped: this build has no daemon")
        sys.exit(SKIP)
    unittest.main(verbosity=2 if VERBOSE else 1)
