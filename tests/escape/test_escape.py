# SPDX-License-Identifier: MPL-2.0
"""Attempts to leave the sandbox from inside a run, in three environments: the daemon as root, as a plain user, and as
root under the system call filter and with the capabilities that Docker gives by default; there as a plain user, too.

Each attempt of attempt.h is made in a run whose task has no task file, and by a program that a run with
Subprocess=yes starts: all must be refused. Those that a line of a task file allows are made again with that line: they
must work, which also shows that an attempt is able to find a hole. What the attempts are about is looked at from
outside as well."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import harness  # noqa: E402

HERE = harness.BUILDDIR / "tests" / "escape"
PRELOAD = HERE / ".libs" / "preload.so"
PROGRAM = HERE / "attempt"
FILTER = HERE / "docker_filter"
SECRET = "the secret of somebody else\n"
USER = 65534
TEMPORARY = pathlib.Path("/tmp/bgtaskd-escape-secret")

TASK = """
export const backgroundTaskMinRuntimeMS = 1;
export async function runBackgroundTask(commandLine) {
  dump(await IOUtils.readUTF8(commandLine.getArgument(0)));
  return 0;
}
"""

# Polluted built-ins, and the runtime's own ways to files. Each prints what it got.
SCRIPTS = """
export const backgroundTaskMinRuntimeMS = 1;
const secret = Services.env.get("ESCAPE_UNUSED") || "%SECRET%";
const got = [];
const attempts = {
  async "import-meta"() { return import.meta.native ? "native" : ""; },
  async "read-with-io-utils"() { return IOUtils.readUTF8(secret); },
  async "read-with-file-url"() { return (await fetch("file://" + secret)).text(); },
  async "import-file"() { return Object.keys(await import("file://" + secret)).join(); },
  async "import-es-module"() { return Object.keys(ChromeUtils.importESModule("file://" + secret)).join(); },
  async "polluted-setter"() {
    for (const name of ["native", "files", "read", "open", "path"]) {
      Object.defineProperty(Object.prototype, name, { configurable: true, set(value) { got.push(value); } });
    }
    for (const name of ["IOUtils", "File", "PathUtils", "Subprocess", "Fetch"]) {
      try { ChromeUtils.importESModule(`resource://gre/modules/bgtask/${name}.sys.mjs`); } catch {}
    }
    for (const value of got) {
      for (const key of Object.keys(value ?? {})) {
        try {
          const read = value[key](secret, 0, 100);
          if (read?.length) return String(read);
        } catch {}
      }
    }
    return "";
  },
  async "polluted-iterator"() {
    Array.prototype[Symbol.iterator] = function* () { yield secret; };
    return IOUtils.readUTF8(secret);
  },
  async "polluted-strings"() {
    String.prototype.startsWith = () => true;
    String.prototype.replace = () => secret;
    RegExp.prototype.exec = () => null;
    return IOUtils.readUTF8(secret);
  },
  async "polluted-promise"() {
    Promise.prototype.then = function (done) { done?.("polluted"); return this; };
    throw new Error("must be recorded");
  },
  async "polluted-errors"() {
    Object.prototype.toJSON = () => "success";
    Error.prototype.toString = () => "success";
    Object.defineProperty(Object.prototype, "outcome", { get: () => "success", set() {} });
    throw new Error("must be recorded");
  },
  async "is-clean"() {
    return Object.prototype.toJSON || Object.getOwnPropertyDescriptor(Object.prototype, "native") ? "polluted" : "";
  },
};
export async function runBackgroundTask(commandLine) {
  const text = await attempts[commandLine.getArgument(0)]();
  dump(text);
  return 0;
}
"""
# What a program that takes this one's place does is not told, and a run that may start programs may do that.
TAKE_THE_PLACE = {"replace-program", "program-from-memory"}
# Where nothing but Landlock keeps files apart, which has no say in these, no task file brings them back: watching by name,
# and to root, who owns the system's files too, all changes of modes, owners and times.
LOST = {"container": {"watch-file", "change-mode", "change-owner", "change-times"}, "container user": {"watch-file"}}
MUST_FAIL = {"polluted-promise", "polluted-errors"}
SCRIPT_NAMES = ["import-meta", "read-with-io-utils", "read-with-file-url", "import-file", "import-es-module",
                "polluted-setter", "polluted-iterator", "polluted-strings", "polluted-promise", "is-clean",
                "polluted-errors", "is-clean"]


def as_user(command):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]


class Environment(harness.Daemon):
    """The daemon in one of the three, with the attempts loaded into its zygotes."""

    def __init__(self, kind):
        self.kind = kind
        self.is_user = kind.endswith("user")
        super().__init__(start=False, env={"LD_PRELOAD": PRELOAD})
        self.target = self.directory / "target"
        self.target.mkdir()
        if self.is_user:
            for path in (self.directory, *self.directory.rglob("*")):
                os.chown(path, USER, USER)
        self.write_targets()
        command = [sys.executable, "-B", harness.SRCDIR / "tests" / "escape" / "bystander.py", self.target]
        self.bystander = subprocess.Popen(as_user(command) if self.is_user else command, stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, text=True)
        tcp, udp = self.bystander.stdout.readline().split()
        self.env.update({"ESCAPE_DIRECTORY": self.target, "ESCAPE_CONTROL": self.socket, "ESCAPE_PROGRAM": PROGRAM,
                         "ESCAPE_BYSTANDER": self.bystander.pid, "ESCAPE_TCP_PORT": tcp, "ESCAPE_UDP_PORT": udp,
                         "ESCAPE_TOKEN": "of the daemon"})

    def command(self):
        command = super().command()
        if self.kind.startswith("container"):
            command = [FILTER, *command]
        return as_user(command) if self.is_user else command

    def start(self):
        # The process becomes the daemon by exec: its number is known before.
        self.env["ESCAPE_DAEMON"] = "0"
        shell = ["/bin/sh", "-c", 'ESCAPE_DAEMON=$$; export ESCAPE_DAEMON; exec "$@"', "sh"]
        plain = self.command
        self.command = lambda: [*shell, *plain()]
        try:
            super().start()
        finally:
            self.command = plain

    def close(self):
        super().close()
        self.bystander.stdin.close()
        self.bystander.wait(harness.PATIENCE)
        self.bystander.stdout.close()

    def write_targets(self):
        """As they were before any attempt."""
        for name in ("created", "renamed-away", "link", "fifo", "made"):
            path = self.target / name
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            elif path.exists() or path.is_symlink():
                path.unlink()
        for name in ("secret", "victim", "unlinked", "renamed"):
            path = self.target / name
            path.write_text(SECRET if name == "secret" else "untouched")
            path.chmod(0o640)
            os.utime(path, (1e9, 1e9))
            self.own(path)
        (self.target / "empty").mkdir(exist_ok=True)
        self.own(self.target / "empty")
        self.write_events()

    def own(self, path):
        if self.is_user:
            os.chown(path, USER, USER)

    def write_events(self):
        events = self.target / "events"
        if events.exists():
            os.truncate(events, 0)

    def see(self):
        """What attempts may have changed, and what the bystander has noticed."""
        seen = {"events": (self.target / "events").read_text()}
        for path in sorted(self.target.iterdir()):
            if path.suffix == ".sock" or path.name == "events":
                continue
            status = path.lstat()
            content = path.read_text() if path.is_file() and not path.is_symlink() else ""
            seen[path.name] = (oct(status.st_mode), status.st_nlink, status.st_uid, status.st_gid,
                               int(status.st_mtime) if path.is_file() else 0, content)
        return seen


class Escape(unittest.TestCase):
    kind = None

    @classmethod
    def setUpClass(cls):
        listed = subprocess.run([PROGRAM, "--list"], stdout=subprocess.PIPE, check=True, text=True).stdout
        cls.attempts = {entry["attempt"]: entry["permission"]
                        for entry in map(json.loads, listed.splitlines())}
        # What is wanted; the kinds of things that they are about are the files of this directory.
        if len(cls.attempts) < 60 or len([each for each in cls.attempts.values() if each]) < 20:
            raise AssertionError(f"there are too few attempts: {cls.attempts}")

    def setUp(self):
        if os.getuid() != 0:
            self.skipTest("needs root")
        TEMPORARY.write_text(SECRET)
        self.addCleanup(TEMPORARY.unlink)
        self.daemon = Environment(self.kind)
        self.addCleanup(self.daemon.close)
        self.holes = []

    def add_task(self, name, policy="", source=TASK):
        path = self.daemon.write_task(name, source.replace("%SECRET%", str(self.daemon.target / "secret")))
        self.daemon.own(path)
        if policy:
            self.daemon.write_task_file(name, "[Task]\n" + policy.format(
                directory=self.daemon.target, control=self.daemon.socket))

    def make(self, task, path):
        """Make an attempt; returns its line, {} when the run ended without one, and the record of the run."""
        result = self.daemon.ctl("--json", "run", task, path)
        run = result.json
        lines = [line for line in result.err.splitlines() if line.startswith("{")]
        return json.loads(lines[0]) if lines else {}, run, result.err

    def check_refused(self, task, path, name):
        before = self.daemon.see()
        line, run, text = self.make(task, path)
        if line.get("escaped") or SECRET.strip() in text:
            self.holes.append(f"{path}: it worked")
        elif not line and run.get("result") != "killed":
            self.holes.append(f"{path}: nothing said: {run.get('result')} {run.get('message')} {text[:200]}")
        elif name == "signal-by-owner":
            time.sleep(0.01)
        after = self.daemon.see()
        if after != before:
            self.holes.append(f"{path}: outside has changed: "
                              f"{[(key, before.get(key), after.get(key)) for key in after if after.get(key) != before.get(key)]}")
            self.daemon.write_targets()

    def finish(self):
        if self.holes:
            self.fail("\n" + "\n".join(self.holes))

    def test_refused_in_the_run(self):
        self.add_task("plain")
        self.daemon.start()
        for name in self.attempts:
            self.check_refused("plain", f"/.attempt/{name}", name)
        self.finish()

    def test_refused_to_programs(self):
        self.add_task("programs", f"Subprocess=yes\nReadOnlyPaths={HERE}\n")
        self.daemon.start()
        for name, permission in self.attempts.items():
            if permission == "Subprocess=yes" or name in TAKE_THE_PLACE:
                continue
            self.check_refused("programs", f"/.attempt-program/{name}", name)
        self.finish()

    def test_allowed_when_declared(self):
        permissions = sorted(set(filter(None, self.attempts.values())))
        for number, permission in enumerate(permissions):
            self.add_task(f"allowed{number}", permission + "\n")
            self.add_task(f"programs{number}", f"{permission}\nSubprocess=yes\nReadOnlyPaths={HERE}\n")
        self.daemon.start()
        for name, permission in self.attempts.items():
            if not permission or (name in LOST.get(self.kind, ())):
                continue
            number = permissions.index(permission)
            for task, path in ((f"allowed{number}", f"/.attempt/{name}"),
                               (f"programs{number}", f"/.attempt-program/{name}")):
                if name == "see-environment" and task.startswith("programs"):
                    continue  # the program gets the environment that the run gives it
                line, run, text = self.make(task, path)
                if not line.get("escaped"):
                    self.holes.append(f"{path} with {permission}: refused: {line or run.get('message')}")
                self.daemon.write_targets()
        self.finish()

    def test_scripts(self):
        self.add_task("scripts", source=SCRIPTS)
        self.daemon.start()
        for name in SCRIPT_NAMES:
            result = self.daemon.ctl("run", "scripts", name)
            if SECRET.strip() in result.out or (result.returncode == 0 and result.out.strip()):
                self.holes.append(f"{name}: {result.out}")
            if name in MUST_FAIL and result.returncode != 3:
                self.holes.append(f"{name}: ended with {result.returncode}, expected 3")
        self.finish()


class AsRoot(Escape):
    kind = "root"


class AsUser(Escape):
    kind = "user"


class InContainer(Escape):
    kind = "container"


class InContainerAsUser(Escape):
    kind = "container user"


del Escape

if __name__ == "__main__":
    if not PRELOAD.exists():
        print("skipped: this build has no attempts")
        sys.exit(harness.SKIP)
    if harness.have_sanitizers():
        # Their run-time must be the first library of a program, and the filter is wider with it: what is tried here
        # would say nothing of the filter that is used.
        print("skipped: attempts are a library that is loaded first, where a sanitizer wants to be")
        sys.exit(harness.SKIP)
    if shutil.which("setpriv") is None:
        print("skipped: setpriv is not installed")
        sys.exit(harness.SKIP)
    harness.main()
