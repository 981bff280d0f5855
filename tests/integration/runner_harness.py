# SPDX-License-Identifier: MPL-2.0
"""bgtask-runner for tests: in direct mode, and as a zygote whose daemon is the test."""

import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import unittest

import harness

RUNNER = harness.BINDIR / "bgtask-runner"
# Their shadow memory is beyond any limit, so that none is set.
SANITIZED = RUNNER.exists() and b"__asan_init" in RUNNER.read_bytes()
WALL = 0x40000000
NO_MINIMUM = {"toolkit.backgroundtasks.defaultMinTaskRuntimeMS": 0}
BANNER = "*** You are running in background task mode. ***\n*** You are running in headless mode.\n"


class RunnerTest(unittest.TestCase):
    """A test with directories of its own: app (resource:///), testing, tmp ($TMPDIR), home."""

    def setUp(self):
        if not RUNNER.exists():
            self.skipTest("this build has no bgtask-runner")
        self.area = harness.Area()
        self.addCleanup(self._finish)
        self.directory = self.area.path
        self.app = self.directory / "app"
        self.testing = self.directory / "testing"
        self.tmp = self.directory / "tmp"
        self.home = self.directory / "home"
        for directory in (self.app / "modules" / "backgroundtasks", self.testing / "backgroundtasks", self.tmp,
                          self.home):
            directory.mkdir(parents=True)
        self.prefs_file = self.directory / "prefs.js"
        self.write_prefs(NO_MINIMUM)

    def _finish(self):
        self.area.close()
        if self.area.problems:
            self.fail("\n".join(self.area.problems))

    def write_prefs(self, prefs):
        self.prefs_file.write_text("".join(harness.pref_line(name, value) for name, value in prefs.items()))

    def write_module(self, path, source):
        path = self.directory / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    def write_task(self, name, source):
        return self.write_module(f"app/modules/backgroundtasks/BackgroundTask_{name}.sys.mjs", source)

    def write_function(self, name, body, before=""):
        """A task whose function has the given body; the command line is `commandLine`."""
        return self.write_task(name, f"{before}\nexport async function runBackgroundTask(commandLine) {{\n{body}\n}}\n")

    def environment(self, **more):
        return harness.clean_environment(**{
            "BGTASKD_PREFS": self.prefs_file, "TMPDIR": self.tmp, "HOME": self.home, "XDG_STATE_HOME": None,
            "XDG_CONFIG_HOME": None, **more})

    def command(self, *args):
        return [RUNNER, "--app-dir", self.app, *args]

    def popen(self, *args, env=None, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(self.command(*args), env=self.environment(**(env or {})), **more)

    def run_command(self, *args, env=None, **more):
        with self.popen(*args, env=env, **more) as process:
            out, err = process.communicate(timeout=harness.PATIENCE)
        self.area.check_text(err or b"", f"bgtask-runner {args}")
        return harness.Result(args, process.returncode, out or b"", err or b"")

    def task(self, name, *args, **more):
        return self.run_command("--backgroundtask", name, *args, **more)

    def profiles(self):
        """Names of what is left in $TMPDIR."""
        return sorted(os.listdir(self.tmp))


class Run:
    """A run that a zygote started: its ends of output and result socket."""

    def __init__(self, pidfd, pid, out, err, result):
        self.pidfd, self.pid, self.out, self.err, self.result = pidfd, pid, out, err, result

    def wait(self):
        """(exit code or -signal, stdout, stderr, messages of the result socket)"""
        messages = []
        while packet := self.result.recv(200000):
            messages.append(packet.decode())
        out = self.out.read()
        err = self.err.read()
        status = os.waitid(os.P_PIDFD, self.pidfd, os.WEXITED | WALL)
        for end in (self.out, self.err, self.result):
            end.close()
        os.close(self.pidfd)
        code = status.si_status if status.si_code == os.CLD_EXITED else -status.si_status
        return code, out.decode(), err.decode(errors="replace"), messages


class Zygote:
    """A zygote; wire format as in lib/wire.c."""

    VERSION, READY, STARTED = 4, 1, 2
    EVENT = struct.Struct("=IIqqii256s")

    def __init__(self, test, *args, env=None):
        self.test = test
        self.log = open(test.directory / "zygote.log", "wb")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket = ours
        self.socket.settimeout(harness.PATIENCE)
        # Descriptor 3 is where it looks. (A shell need not know a number of two digits, so it goes by way of 0.)
        command = ["/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh",
                   *map(os.fsdecode, test.command(*args, "--zygote"))]
        self.process = subprocess.Popen(command, env=test.environment(**(env or {})), stdin=theirs,
                                        stdout=self.log, stderr=self.log)
        theirs.close()
        test.addCleanup(self.close)

    def wait_ready(self):
        packet = self.socket.recv(4096)
        if not packet:
            raise AssertionError(f"the zygote ended: {self.log_text()}")
        version, kind = self.EVENT.unpack(packet)[:2]
        assert (version, kind) == (self.VERSION, self.READY)
        return self

    def log_text(self):
        return (self.test.directory / "zygote.log").read_text(errors="replace")

    def packet(self, task, args=(), run_id=1, profile=None, schedule="", policy="", profiles=None):
        profiles = self.test.directory / "profiles" if profiles is None else profiles
        profile = self.test.tmp / f"run-{run_id}" if profile is None else profile
        strings = [task, str(profile), str(profiles), schedule, policy, str(self.test.tmp / "control"), *args]
        return struct.pack("=IIqqqq", self.VERSION, len(args), run_id, 7, 0, 0) + b"".join(
            os.fsencode(string) + b"\0" for string in strings)

    def start(self, task, *args, **more):
        return self.start_packet(self.packet(task, args, **more))

    def start_packet(self, packet):
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        result, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        result.settimeout(harness.PATIENCE)
        with tempfile.TemporaryFile(dir=self.test.tmp) as run_file:
            socket.send_fds(self.socket, [packet], [out_write, err_write, theirs.fileno(), run_file.fileno()])
        answer, fds, _, _ = socket.recv_fds(self.socket, 4096, 4)
        os.close(out_write)
        os.close(err_write)
        theirs.close()
        version, kind, run_id, epoch, pid, error, _ = self.EVENT.unpack(answer)
        assert (version, kind) == (self.VERSION, self.STARTED)
        if pid == 0:
            os.close(out_read)
            os.close(err_read)
            result.close()
            raise OSError(error, os.strerror(error))
        assert len(fds) == 1
        return Run(fds[0], pid, os.fdopen(out_read, "rb"), os.fdopen(err_read, "rb"), result)

    def run(self, task, *args, **more):
        return self.start(task, *args, **more).wait()

    def close(self):
        self.socket.close()
        status = self.process.wait(harness.PATIENCE)
        self.log.close()
        self.test.area.check_text(self.log_text().encode(), "zygote")
        return status


def processes_with(text):
    """Process ids whose command line or working directory holds the text."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(text) in line:
            found.append(int(entry.name))
    return found
