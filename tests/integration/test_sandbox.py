# SPDX-License-Identifier: MPL-2.0
"""What a run is kept in with: in a zygote of root, of a plain user and under Docker's default filter, and in direct mode
with --sandbox. tests/escape tries to get out; here is what is there and what is said of it."""

import concurrent.futures
import json
import os
import shutil
import signal
import socket
import subprocess
import unittest

import harness
from runner_harness import RUNNER, SANITIZED, RunnerTest, Zygote

FILTER = harness.BUILDDIR / "tests" / "escape" / "docker_filter"
USER = 65534
ROOT = os.geteuid() == 0

# Prints what a file operation, or an expression, comes to.
LOOK = """
async function look(name, function_) {
  try { dump(`${name}: ${await function_()}\\n`); } catch (error) { dump(`${name}: ${error.name ?? error}\\n`); }
}
const read = path => IOUtils.readUTF8(path);
const write = path => IOUtils.writeUTF8(path, "x");
"""


class Base(RunnerTest):
    PREFIX = ()
    OWNER = 0
    MOUNT = True

    def setUp(self):
        super().setUp()
        if not ROOT:
            self.skipTest("not root")
        self.secret = self.directory / "secret" / "file"
        self.secret.parent.mkdir()
        self.secret.write_text("hidden")
        self.shared = self.directory / "shared"
        self.shared.mkdir()
        (self.shared / "file").write_text("shown")
        (self.directory / "profiles").mkdir()

    def command(self, *args):
        return [*self.PREFIX, *super().command(*args)]

    def give(self, owner):
        for path in [self.directory, *self.directory.rglob("*")]:
            os.chown(path, owner, owner)

    def zygote(self, *args):
        zygote = Zygote(self, *args)
        packet = zygote.socket.recv(4096)
        self.assertTrue(packet, zygote.log_text())
        zygote.forecast = Zygote.EVENT.unpack(packet)[6].split(b"\0")[0].decode()
        return zygote

    def facets(self, text):
        return {facet: set(words.split("+")) for facet, words in (part.split("=") for part in text.split())}

    def look(self, zygote, body, **more):
        """{name: what came of it}, and what was in force."""
        self.write_function("looks", body, LOOK)
        code, out, err, messages = zygote.run("looks", **more)
        self.assertEqual(code, 0, out + err)
        reports = [json.loads(message) for message in messages]
        started = next(report for report in reports if report["event"] == "started")
        return dict(line.split(": ", 1) for line in out.splitlines()), started["sandbox"]

    def not_started(self, zygote, **more):
        self.write_function("looks", "")
        code, _, _, messages = zygote.run("looks", **more)
        reports = [json.loads(message) for message in messages]
        self.assertEqual((code, reports[0]["event"]), (1, "setup-failed"), reports)
        return reports[0]


class Environment(Base):
    """The zygote of a daemon that is root."""

    # ---- files ----

    def test_nothing_but_its_own(self):
        seen, text = self.look(self.zygote("--no-network"), f"""
            await look("own", async () => {{ await write(PathUtils.join(PathUtils.profileDir, "a")); return "written"; }});
            const tmp = Services.dirsvc.get("TmpD", Ci.nsIFile).path;
            await look("tmp", async () => {{ await write(PathUtils.join(tmp, "a")); return "written"; }});
            await look("secret", () => read("{self.secret}"));
            await look("shared", () => read("{self.shared}/file"));
            await look("write", () => write("{self.shared}/new"));
            await look("shadow", () => read("/etc/shadow"));
            await look("processes", () => IOUtils.getChildren("/proc/1"));
            await look("system", () => write("/usr/bgtask-test"));
            await look("app", () => write("{self.app}/new"));
            await look("zone", async () => (await read("/etc/localtime")).length > 0);
            await look("zones", () => new Temporal.ZonedDateTime(0n, "asia/katmandu"));
            """)
        self.assertEqual(seen["zones"], "1970-01-01T05:30:00+05:30[Asia/Katmandu]", text)
        refused = "NotFoundError" if self.MOUNT else "NotAllowedError"
        self.assertEqual((seen["own"], seen["tmp"]), ("written", "written"))
        for name in ("secret", "shared", "shadow", "processes"):
            self.assertIn(seen[name], {refused}, (name, text))
        for name in ("write", "system", "app"):
            self.assertIn(seen[name], {"NotFoundError", "NotAllowedError", "ReadOnlyError"}, name)
        self.assertFalse((self.shared / "new").exists() or (self.app / "new").exists())
        if self.MOUNT:
            self.assertEqual(self.profiles(), [])

    def test_declared_paths(self):
        look = f"""
            await look("read", () => read("{self.shared}/file"));
            await look("write", () => write("{self.shared}/new"));
            await look("secret", () => read("{self.secret}"));
            """
        zygote = self.zygote("--no-network")
        seen, _ = self.look(zygote, look, policy=f"ReadOnlyPaths={self.shared} -/nowhere/at/all\n")
        self.assertEqual(seen["read"], "shown")
        self.assertFalse((self.shared / "new").exists())
        seen, _ = self.look(zygote, look, policy=f"ReadWritePaths={self.shared}\n", run_id=2)
        self.assertEqual((seen["read"], seen["write"]), ("shown", "1"))
        self.assertTrue((self.shared / "new").exists())
        self.assertNotEqual(seen["secret"], "hidden")

    def test_declared_paths_that_cannot_be(self):
        zygote = self.zygote("--no-network")
        (self.directory / "link").symlink_to(self.secret.parent)
        for number, (policy, words) in enumerate(((f"ReadOnlyPaths={self.directory}/absent\n", "absent"),
                              (f"ReadOnlyPaths={self.directory}/link\n", "symbolic link"),
                              (f"ReadOnlyPaths={self.directory}/link/file\n", "symbolic link")), 1):
            with self.subTest(policy=policy):
                self.assertIn(words, self.not_started(zygote, policy=policy, run_id=number)["message"])

    def test_the_daemons_own_directories_stay_hidden(self):
        zygote = self.zygote("--no-network")
        for name in ("state", "runtime"):
            (self.directory / name / "profiles").mkdir(parents=True)
            (self.directory / name / "profiles" / "other").write_text("of another task")
        self.give(self.OWNER)
        more = {"policy": f"ReadOnlyPaths={self.directory}\n", "profiles": self.directory / "state" / "profiles",
                "profile": self.directory / "runtime" / "profiles" / "x"}
        if not self.MOUNT:
            self.assertIn("daemon's own", self.not_started(zygote, **more)["message"])
            return
        seen, _ = self.look(zygote, f"""
            await look("state", () => read("{self.directory}/state/profiles/other"));
            await look("runtime", () => read("{self.directory}/runtime/profiles/other"));
            await look("shared", () => read("{self.shared}/file"));
            """, **more)
        self.assertEqual(seen, {"state": "NotFoundError", "runtime": "NotFoundError", "shared": "shown"})

    def test_the_daemons_own_directories_stay_hidden_by_another_name(self):
        zygote = self.zygote("--no-network")
        (self.directory / "runtime" / "profiles").mkdir(parents=True)
        (self.directory / "holder" / "state" / "profiles").mkdir(parents=True)
        (self.directory / "holder" / "state" / "database").write_text("of the daemon")
        (self.directory / "state").symlink_to("holder/state")
        self.give(self.OWNER)
        more = {"policy": f"ReadOnlyPaths={self.directory}/holder\n",
                "profiles": self.directory / "state" / "profiles",
                "profile": self.directory / "runtime" / "profiles" / "x"}
        if not self.MOUNT:
            self.assertIn("daemon's own", self.not_started(zygote, **more)["message"])
            return
        seen, _ = self.look(zygote, f"""
            await look("state", () => read("{self.directory}/holder/state/database"));
            """, **more)
        self.assertEqual(seen, {"state": "NotFoundError"})

    def test_persistent_profile(self):
        zygote = self.zygote("--no-network")
        body = """
            const path = PathUtils.join(PathUtils.profileDir, "kept");
            await look("before", () => IOUtils.exists(path));
            await look("write", () => write(path));
            const tmp = Services.dirsvc.get("TmpD", Ci.nsIFile).path;
            await look("tmp", async () => { await write(PathUtils.join(tmp, "a")); return tmp.startsWith(PathUtils.profileDir); });
            """
        first, _ = self.look(zygote, body, policy="Profile=persistent\n")
        second, _ = self.look(zygote, body, policy="Profile=persistent\n", run_id=2)
        self.assertEqual((first["before"], second["before"]), ("false", "true"))
        self.assertEqual((first["tmp"], second["tmp"]), ("false", "false"))

    # ---- network, processes, calls ----

    def test_network_only_where_it_is_declared(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            server.setblocking(False)
            body = f'await look("fetch", () => fetch("http://127.0.0.1:{port}/"));'
            _, text = self.look(self.zygote("--no-network"), body)
            with self.assertRaises(BlockingIOError):
                server.accept()
            self.assertIn("seccomp", self.facets(text)["net"])
            zygote = self.zygote()
            self.look(zygote, body, run_id=2)
            with self.assertRaises(BlockingIOError):
                server.accept()
            server.settimeout(harness.PATIENCE)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                pool.submit(lambda: server.accept()[0].close())
                seen, text = self.look(zygote, body, policy="Network=yes\n", run_id=3)
            self.assertEqual(seen["fetch"], "TypeError")
            self.assertEqual(self.facets(text)["net"], {"allowed"})

    def test_a_zygote_without_network_cannot_give_one(self):
        report = self.not_started(self.zygote("--no-network"), policy="Network=yes\n")
        self.assertEqual(report["stage"], "policy")

    def test_in_force_is_what_was_foreseen(self):
        zygote = self.zygote("--no-network")
        _, text = self.look(zygote, "")
        self.assertEqual(text, zygote.forecast)
        facets = self.facets(text)
        self.assertEqual("mount" in facets["fs"], self.MOUNT, text)
        self.assertIn("nofork", facets["kill"])
        self.assertEqual((facets["calls"], facets["limits"], facets["caps"]), ({"seccomp"}, {"rlimit"}, {"dropped"}))
        self.check_environment(facets)

    def check_environment(self, facets):
        self.assertEqual(facets["uid"], {"shared"})
        self.assertIn("netns", facets["net"])
        self.assertIn("pidns", facets["kill"])

    def test_report_option(self):
        result = self.run_command("--no-network", "--sandbox-report")
        self.assertEqual(result.returncode, 0, result.err)
        self.assertEqual(result.out.strip(), self.zygote("--no-network").forecast)

    def test_require(self):
        zygote = self.zygote("--no-network")
        self.look(zygote, "", policy="Require=calls=seccomp kill=nofork\n")
        report = self.not_started(zygote, policy="Require=cgroup=v2\n", run_id=2)
        self.assertEqual(report["stage"], "require")
        self.assertIn("requires cgroup=v2, in force is fs=", report["message"])

    def test_what_the_kernel_says(self):
        self.write_function("hangs", 'dump("ready\\n"); await new Promise(() => {});')
        run = self.zygote("--no-network").start("hangs")
        self.assertEqual(run.out.readline(), b"ready\n")
        with open(f"/proc/{run.pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[name], 16), 0, name)
        os.kill(run.pid, signal.SIGTERM)
        code, _, _, messages = run.wait()
        if len(status["NSpid"].split()) > 1:
            self.assertEqual(code, 128 + signal.SIGTERM)
            self.assertEqual(json.loads(messages[-1]), {"event": "signal", "signal": int(signal.SIGTERM)})
        else:
            self.assertEqual(code, -signal.SIGTERM)

    def test_no_jit(self):
        _, text = self.look(self.zygote("--no-network", "--no-jit"), """
            let sum = 0;
            for (let i = 0; i < 1e5; i++) { sum += i; }
            await look("sum", () => sum);
            """, policy="JIT=no\n")
        self.assertIn("seccomp", self.facets(text)["calls"])

    def test_switched_off(self):
        zygote = self.zygote("--no-sandbox")
        seen, text = self.look(zygote, f'await look("secret", () => read("{self.secret}"));')
        self.assertEqual(seen["secret"], "hidden")
        self.assertEqual(set(text.replace("kill=pdeathsig", "kill=none").split()),
                         {f"{facet}=none" for facet in self.facets(text)})


class Hosts(Base):
    """Files of the system that cannot simply be copied do not cost a run its root."""

    def report(self, content, mode, prefix=()):
        hosts = self.directory / "hosts"
        hosts.write_text(content)
        hosts.chmod(mode)
        os.chmod(self.directory, 0o755)
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", script, hosts, *prefix, RUNNER, "--sandbox-report"]
        result = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if "unshare: " in result.stderr:
            self.skipTest("no mount namespaces here")
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.facets(result.stdout.strip())["fs"]

    def test_large(self):
        self.assertIn("mount", self.report("0.0.0.0 blocked.example\n" * 60000, 0o644))

    def test_unreadable(self):
        if not shutil.which("setpriv"):
            self.skipTest("no setpriv")
        self.assertEqual(self.report("", 0o600, PlainUser.PREFIX), self.report("", 0o644, PlainUser.PREFIX))


class PlainUser(Environment):
    PREFIX = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")
    OWNER = USER

    def setUp(self):
        super().setUp()
        if not shutil.which("setpriv"):
            self.skipTest("no setpriv")
        probe = subprocess.run([*self.PREFIX, "unshare", "--user", "true"], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("no user namespaces for plain users here")
        self.give(self.OWNER)

    def write_module(self, path, source):
        path = super().write_module(path, source)
        os.chown(path, USER, USER)
        return path

    def check_environment(self, facets):
        self.assertEqual(facets["uid"], {"userns"})
        self.assertIn("netns", facets["net"])
        self.assertIn("pidns", facets["kill"])

    def test_other_runs_do_not_count_against_the_limit_of_tasks(self):
        self.write_function("hangs", 'dump("ready\\n"); await new Promise(() => {});')
        zygote = self.zygote("--no-network")
        runs = [zygote.start("hangs", run_id=number) for number in range(2, 12)]
        for run in runs:
            self.assertEqual(run.out.readline(), b"ready\n")
        for policy in "TasksMax=16\n", "TasksMax=16\nSubprocess=yes\n":
            self.look(zygote, "", policy=policy)
        for run in runs:
            os.kill(run.pid, signal.SIGKILL)
            run.wait()

    def test_another_user_cannot_be_had(self):
        report = self.not_started(self.zygote("--no-network"), policy="User=root\n")
        self.assertIn("User=root: the daemon runs as user", report["message"])


class Container(Environment):
    PREFIX = (FILTER,)
    MOUNT = False

    def setUp(self):
        super().setUp()
        if not FILTER.exists():
            self.skipTest("docker_filter is not built")

    def check_environment(self, facets):
        self.assertEqual(facets["uid"], {"shared"})
        self.assertNotIn("netns", facets["net"])
        self.assertNotIn("pidns", facets["kill"])
        self.assertIn("seccomp", facets["net"])


class RootsUser(Base):
    """User= of a daemon that is root."""

    def test_nothing_but_its_own(self):
        os.chmod(self.directory, 0o755)
        zygote = self.zygote("--no-network")
        seen, text = self.look(zygote, """
            await look("own", () => write(PathUtils.join(PathUtils.profileDir, "a")));
            await look("tmp", () => write(PathUtils.join(Services.dirsvc.get("TmpD", Ci.nsIFile).path, "a")));
            """, policy=f"User={USER}\n")
        self.assertEqual((seen["own"], seen["tmp"]), ("1", "1"))
        self.assertEqual(self.facets(text)["uid"], {"dropped"})

    def test_no_such_user(self):
        report = self.not_started(self.zygote("--no-network"), policy="User=bgtask-nobody-has-it\n")
        self.assertIn("no such user", report["message"])


class Direct(RunnerTest):
    def setUp(self):
        super().setUp()
        self.tasks = self.directory / "tasks.d"
        self.tasks.mkdir()
        self.shared = self.directory / "shared"
        self.shared.mkdir()
        (self.shared / "file").write_text("shown")

    def declare(self, task, text):
        (self.tasks / f"{task}.task").write_text("[Task]\n" + text)

    def sandboxed(self, task, *args):
        return self.run_command("--sandbox", "--backgroundtask", task, *args,
                                env={"BGTASKD_TASK_DIRS": self.tasks})

    def test_without_and_with(self):
        self.write_function("looks", f'await look("file", () => read("{self.shared}/file")); return 12;', LOOK)
        result = self.run_command("--backgroundtask", "looks", env={"BGTASKD_TASK_DIRS": self.tasks})
        self.assertEqual((result.returncode, result.out), (12, "file: shown\n"))
        self.assertNotIn("--sandbox", result.err)
        result = self.sandboxed("looks")
        self.assertEqual(result.returncode, 12, result.err)
        self.assertRegex(result.out, "^file: Not(Found|Allowed)Error\n$")
        self.declare("looks", f"ReadOnlyPaths={self.shared}\n")
        self.assertEqual(self.sandboxed("looks").out, "file: shown\n")
        result = self.run_command("--backgroundtask", "looks", env={"BGTASKD_TASK_DIRS": self.tasks})
        self.assertIn("looks.task does not count here: nothing is kept in without --sandbox", result.err)
        self.assertEqual(self.profiles(), [])

    def test_errors_in_the_file(self):
        self.write_function("looks", "")
        self.declare("looks", "Colour=blue\n")
        result = self.sandboxed("looks")
        self.assertEqual(result.returncode, 1)
        self.assertIn("looks.task:2: ", result.err)

    def test_require(self):
        self.write_function("looks", "")
        self.declare("looks", "Require=cgroup=v2\n")
        result = self.sandboxed("looks")
        self.assertEqual(result.returncode, 1)
        self.assertIn("requires cgroup=v2", result.err)

    def test_profiles(self):
        kept = self.directory / "kept"
        kept.mkdir()
        self.write_function("looks", 'await look("own", () => write(PathUtils.join(PathUtils.profileDir, "a")));', LOOK)
        result = self.run_command("--sandbox", "--profile", kept, "--backgroundtask", "looks",
                                  env={"BGTASKD_TASK_DIRS": self.tasks})
        self.assertEqual((result.returncode, result.out), (0, "own: 1\n"), result.err)
        self.assertTrue((kept / "a").exists())

    def test_signals_are_handed_on(self):
        self.write_function("hangs", 'dump("ready\\n"); await new Promise(() => {});')
        process = self.popen("--sandbox", "--backgroundtask", "hangs", env={"BGTASKD_TASK_DIRS": self.tasks})
        with process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.terminate()
            self.assertEqual(process.wait(harness.PATIENCE), 128 + signal.SIGTERM)
            process.stderr.read()
        self.assertEqual(self.profiles(), [])

    def test_ends_with_its_parent(self):
        self.write_function("hangs", 'dump("ready\\n"); await new Promise(() => {});')
        process = self.popen("--sandbox", "--backgroundtask", "hangs", env={"BGTASKD_TASK_DIRS": self.tasks})
        with process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.kill()
            self.assertEqual(process.stdout.read(), b"")  # to its end, when nobody has it any more
            process.stderr.read()

    @unittest.skipIf(SANITIZED, "more is in force without them")
    def test_no_jit(self):
        self.write_function("looks", "let n = 0; for (let i = 0; i < 1e5; i++) n += i; return 12;")
        self.declare("looks", "JIT=no\n")
        self.assertEqual(self.sandboxed("looks").returncode, 12)


if __name__ == "__main__":
    assert RUNNER
    harness.main(needs_daemon=False)
