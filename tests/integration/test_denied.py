# SPDX-License-Identifier: MPL-2.0
"""What the sandbox refuses a run is told, in words and with the line of the task file that would allow it."""

import json
import pathlib
import tempfile
import unittest

import harness
import http_fixture
from runner_harness import RunnerTest, Zygote

JS = harness.SRCDIR / "tests/js"
ATTEMPT = """
  for (const attempt of %s) {
    try {
      await eval(attempt);
      dump("done\\n");
    } catch (e) {
      dump(e.name + "\\n");
    }
  }"""


class Outside(RunnerTest):
    def setUp(self):
        super().setUp()
        # Not below /tmp, of which a run has its own, nor below anything that it sees.
        outside = tempfile.TemporaryDirectory(prefix="bgtaskd-denied-", dir="/var/tmp")
        self.addCleanup(outside.cleanup)
        self.outside = pathlib.Path(outside.name).resolve()
        self.outside.chmod(0o755)
        (self.outside / "file").write_text("text")


class Denied(Outside):
    def attempt(self, zygote, *attempts, policy=""):
        """Output, and what was denied: a dictionary of text to key and count."""
        self.write_function("attempts", ATTEMPT % json.dumps(attempts))
        code, out, err, messages = zygote.run("attempts", policy=policy)
        reports = [json.loads(message) for message in messages]
        self.assertEqual((code, reports[-1]["event"]), (0, "finished"), err)
        denied = {}
        for report in reports:
            if report["event"] == "denied":
                denied[report["what"]] = (report.get("key"), report["count"])
        return out.split(), denied

    def test_files(self):
        zygote = Zygote(self, "--no-network").wait_ready()
        path, new = self.outside / "file", self.outside / "new"
        out, denied = self.attempt(
            zygote, *[f"IOUtils.readUTF8('{path}')"] * 3, f"IOUtils.writeUTF8('{path}', 'x')",
            f"IOUtils.makeDirectory('{new}', {{ createAncestors: false }})", "IOUtils.read('/etc/shadow')")
        self.assertNotIn("done", out)
        self.assertEqual(denied.pop(f"read {path}"), (f"ReadOnlyPaths={path}", 3))
        self.assertEqual(denied.pop(f"write {new}"), (f"ReadWritePaths={self.outside}", 1))
        self.assertEqual(denied.pop("read /etc/shadow"), ("ReadOnlyPaths=/etc/shadow", 1))
        key = denied.pop(f"write {path}")[0]
        # Whether it is there cannot always be known.
        self.assertIn(key, (f"ReadWritePaths={path}", f"ReadWritePaths={self.outside}"))
        self.assertEqual(denied, {})
        self.assertEqual(path.read_text(), "text")

    def test_the_key_allows_it(self):
        zygote = Zygote(self, "--no-network").wait_ready()
        path = self.outside / "file"
        read, write = f"IOUtils.readUTF8('{path}')", f"IOUtils.writeUTF8('{path}', 'y')"
        for attempt in read, write:
            _, denied = self.attempt(zygote, attempt)
            (key, _), = denied.values()
            self.assertEqual(self.attempt(zygote, attempt, policy=key + "\n"), (["done"], {}))
        self.assertEqual(path.read_text(), "y")

    def test_what_is_merely_absent_is_not_denied(self):
        zygote = Zygote(self, "--no-network").wait_ready()
        out, denied = self.attempt(
            zygote, "IOUtils.read(PathUtils.join(PathUtils.profileDir, 'absent'))",
            "IOUtils.read('/usr/absent')", f"IOUtils.read('{self.outside}/absent')",
            "IOUtils.read(PathUtils.join(PathUtils.tempDir, 'absent'))",
            policy=f"ReadOnlyPaths={self.outside}\n")
        self.assertEqual((out, denied), (["NotFoundError"] * 4, {}))

    def test_network(self):
        zygote = Zygote(self, "--no-network").wait_ready()
        out, denied = self.attempt(zygote, "fetch('https://example.org/')", "fetch('http://127.0.0.1:8/')")
        self.assertNotIn("done", out)
        self.assertEqual(denied, {"connect to example.org:443": ("Network=yes", 1),
                                  "connect to 127.0.0.1:8": ("Network=yes", 1)})

    def test_network_that_is_allowed(self):
        """A request in a run with a network meets no refusal on its way."""
        zygote = Zygote(self).wait_ready()
        server = http_fixture.Server()
        self.addCleanup(server.stop)
        out, denied = self.attempt(zygote, f"fetch('{server.url}/hello').then(r => r.text())",
                                   "fetch('http://nonexistent.invalid/')", policy="Network=yes\n")
        self.assertEqual((out[0], denied), ("done", {}))

    def test_nothing_is_denied_to_who_asks_for_nothing(self):
        for flags in ["--no-network"], [], ["--no-network", "--no-jit"]:
            zygote = Zygote(self, *flags).wait_ready()
            policy = "" if flags else "Network=yes\n"
            policy += "JIT=no\n" if "--no-jit" in flags else ""
            out, denied = self.attempt(
                zygote, "IOUtils.writeUTF8(PathUtils.join(PathUtils.profileDir, 'file'), 'x', {flush: true})",
                "IOUtils.getChildren(PathUtils.profileDir)", "new Promise(r => queueMicrotask(r))",
                "crypto.randomUUID()", "new Intl.DateTimeFormat('de').format(0)", "structuredClone({})",
                policy=policy)
            self.assertNotIn("Error", " ".join(out))
            self.assertEqual(denied, {}, flags)


    def test_modules_of_the_runtime(self):
        """What the runtime library does for a task is on the list of calls, with and without compiled code."""
        modules = ["own_globals", "print_console", "test_components", "test_dom", "test_modules", "test_prefs",
                   "test_text", "test_timers", "url_api"]
        for flags, policy in (["--no-network"], ""), (["--no-network", "--no-jit"], "JIT=no\n"), ([], "Network=yes\n"):
            zygote = Zygote(self, *flags, env={"XPCSHELL_TESTING_MODULES_URI": f"file://{JS}/"}).wait_ready()
            for module in modules:
                code, out, err, messages = zygote.run(module, policy=policy)
                events = [json.loads(message)["event"] for message in messages]
                self.assertEqual((module, code, events), (module, 0, ["started", "finished"]), out + err)
                self.assertNotIn("\nnot ok", out)


PRELOAD = harness.BUILDDIR / "tests/escape/.libs/preload.so"
PROGRAM = """
  await IOUtils.writeUTF8(PathUtils.join(PathUtils.profileDir, "script"), %s);
  dump(await IOUtils.readUTF8("/.attempt-program/script"));"""


@unittest.skipIf(harness.have_sanitizers(), "programs are started by a library that is loaded first, where a sanitizer wants to be")
class DeniedToPrograms(Outside):
    """Of a program that a task starts nothing is known but what it asks of the kernel. (tests/escape/preload.c starts it.)"""

    def shell(self, script, policy="", zygote=None):
        zygote = zygote or Zygote(self, "--no-network", env={"LD_PRELOAD": str(PRELOAD), "ESCAPE_PROGRAM": "/bin/sh"}).wait_ready()
        self.write_function("program", PROGRAM % json.dumps(script))
        code, out, err, messages = zygote.run("program", policy="Subprocess=yes\n" + policy)
        reports = [json.loads(message) for message in messages]
        self.assertEqual((code, reports[-1]["event"]), (0, "finished"), err)
        if "fs-mount" not in reports[0]["sandbox"] and "mount" not in reports[0]["sandbox"]:
            self.skipTest("without a mount namespace programs' memory is out of sight")
        return out, {report["what"]: (report.get("key"), report["count"]) for report in reports if report["event"] == "denied"}

    def test_files(self):
        path = self.outside / "file"
        out, denied = self.shell(f"read x < {path}; read x < {path}; echo x > {path}; echo x > /usr/new; cd /usr && echo > relative\n"
                                 f"{path}; rm -f /usr/bin/true; echo end")
        self.assertEqual(out, "end\n")
        self.assertEqual(denied.pop(f"read {path} by sh"), (f"ReadOnlyPaths={path}", 3))  # and to execute it
        self.assertEqual(denied.pop(f"write {path} by sh")[0], f"ReadWritePaths={self.outside}")
        self.assertEqual(denied.pop("write /usr/new by sh"), ("ReadWritePaths=/usr", 1))
        self.assertEqual(denied.pop("write /usr/relative by sh"), ("ReadWritePaths=/usr", 1))
        self.assertEqual(denied.pop("write /usr/bin/true by rm"), ("ReadWritePaths=/usr/bin", 1))
        self.assertEqual(denied, {})
        self.assertEqual(path.read_text(), "text")

    def test_the_key_allows_it(self):
        path = self.outside / "file"
        for script in f"read x < {path}", f"echo y > {path}":
            _, denied = self.shell(script)
            (key, _), = denied.values()
            self.assertEqual(self.shell(script, policy=key + "\n"), ("", {}))
        self.assertEqual(path.read_text(), "y\n")

    def test_what_is_allowed_is_not_told(self):
        """What it has of its own, by whatever name, what is merely absent, and links that lead where it may read."""
        out, denied = self.shell(
            "echo a > own; cat own; mkdir directory; mv own directory; cat directory/own; rm -r directory\n"
            "cat ../$(basename $PWD)/script > /dev/null; cat /usr/absent /lib/absent; cat < /bin/sh > /dev/null\n"
            "echo d > /dev/stdout; read x < /dev/null; ls /proc/self/fd > /dev/null; env absent-program; cat /proc/$$/status > /dev/null")
        self.assertEqual(out, "a\na\nd\n")
        self.assertEqual(denied, {})

    def test_many(self):
        """They are bounded, and leave room for what the task itself is refused."""
        zygote = Zygote(self, "--no-network", env={"LD_PRELOAD": str(PRELOAD), "ESCAPE_PROGRAM": "/bin/sh"}).wait_ready()
        script = "i=0; while [ $i -lt 100 ]; do true < /nowhere-$i; i=$((i + 1)); done 2>/dev/null"
        self.write_function("program", PROGRAM % json.dumps(script) + "try { await IOUtils.read('/etc/shadow'); } catch {}")
        _, _, _, messages = zygote.run("program", policy="Subprocess=yes\n")
        denied = [json.loads(message)["what"] for message in messages if "denied" in message]
        self.assertEqual(denied, [f"read /nowhere-{i} by sh" for i in range(16)] + ["read /etc/shadow"])


class Recorded(harness.DaemonTest):
    tasks = {"reads": 'export async function runBackgroundTask() { for (let i = 0; i < 3; i++) try { await IOUtils.read("/etc/shadow"); } catch {} }'}

    def test_record(self):
        """The daemon's record of the run has it, and so has what show prints."""
        run = self.run_detached("reads")
        self.wait_state(run, "finished")
        denied = self.ctl("show", str(run), "--json").json["denied"]
        self.assertEqual(denied, [{"what": "read /etc/shadow", "key": "ReadOnlyPaths=/etc/shadow", "count": 3}])
        self.assertIn("read /etc/shadow", self.ctl("show", str(run)).out)


if __name__ == "__main__":
    harness.main()
