# SPDX-License-Identifier: MPL-2.0
"""The tasks that ship, in direct mode: removeDirectory, removeProfileFiles, pingsender; and tasks that begin others.

Cases of Firefox's own tests are named after them: xpcshell's test_backgroundtask_removeDirectory.js and its like.
"""

import fcntl
import gzip
import http.server
import json
import os
import struct
import threading
import time

import harness
import http_fixture
from runner_harness import RunnerTest

LOUD = {"MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT": "1"}


class RemoveDirectory(RunnerTest):
    def setUp(self):
        super().setUp()
        self.parent = self.directory / "parent"
        self.parent.mkdir()

    def fill(self, name):
        (self.parent / name / "sub" / "sub").mkdir(parents=True)
        (self.parent / name / "file").touch()
        (self.parent / name / "sub" / "file").touch()

    def appear(self, name):
        """All at once, as the task may be waiting for it."""
        self.fill("../made")
        (self.directory / "made").rename(self.parent / name)

    def left(self):
        return sorted(path.name for path in self.parent.iterdir())

    def remove(self, *args, parent=None, code=0):
        result = self.task("removeDirectory", self.parent if parent is None else parent, *args, env=LOUD)
        self.assertEqual(result.returncode, code, result.err + result.out)
        return result

    def test_simple_with_suffix(self):
        for name in ("child", "a.suf", "b.suf", "stays"):
            self.fill(name)
        self.remove("child", "10", ".suf")
        self.assertEqual(self.left(), ["stays"])

    def test_without_suffix(self):
        for name in ("child", "a.suf"):
            self.fill(name)
        self.remove("child", "10")
        self.assertEqual(self.left(), ["a.suf"])
        self.fill("child")
        self.remove("child", "10", "")
        self.assertEqual(self.left(), ["a.suf"])

    def test_created_after(self):
        timer = threading.Timer(0.5, self.appear, ["child"])
        timer.start()
        self.addCleanup(timer.join)
        self.remove("child", "10")
        self.assertEqual(self.left(), [])

    def test_with_spaces(self):
        self.fill("a child with  spaces ")
        self.fill("x with suffix")
        self.remove("a child with  spaces ", "10", " with suffix")
        self.assertEqual(self.left(), [])

    def test_missing(self):
        self.fill("a.suf")
        self.remove("child", "0", ".suf")
        self.assertEqual(self.left(), [], "the suffix is cleaned up all the same")
        self.remove("child", "0", parent=self.directory / "missing")
        self.remove("child", "0", ".suf", parent=self.directory / "missing", code=3)

    def test_a_file(self):
        (self.parent / "child").touch()
        self.assertIn("is not a directory", self.remove("child", "1", code=3).out)
        self.assertEqual(self.left(), ["child"])

    def test_a_file_matching_the_suffix(self):
        self.fill("child")
        (self.parent / "file.suf").touch()
        self.remove("child", "1", ".suf")
        self.assertEqual(self.left(), ["file.suf"])

    def test_suffix_only(self):
        for name in ("a.suf", "b.other"):
            self.fill(name)
        self.remove("", "0", ".suf")
        self.assertEqual(self.left(), ["b.other"])

    def test_every_directory(self):
        for name in ("a", "b"):
            self.fill(name)
        (self.parent / "file").touch()
        self.remove("", "0", "*")
        self.assertEqual(self.left(), ["file"])

    def test_links_are_not_followed(self):
        target = self.directory / "target"
        target.mkdir()
        (target / "kept").touch()
        (self.parent / "link.suf").symlink_to(target)
        self.fill("child")
        (self.parent / "child" / "link").symlink_to(target)
        self.remove("child", "0", ".suf")
        self.assertEqual((self.left(), os.listdir(target)), ([], ["kept"]))

    def test_refused(self):
        self.fill("child")
        for args in (("..", "1"), ("a/b", "1"), ("child",), ("child", "1", "s", "more")):
            self.remove(*args, code=3)
        self.remove("child", "1", parent="parent", code=3)
        self.assertEqual(self.left(), ["child"])

    def test_no_number_of_seconds(self):
        """Ten are waited for, not none."""
        timer = threading.Timer(1.5, self.appear, ["child"])
        timer.start()
        self.addCleanup(timer.join)
        self.remove("child", "x")
        self.assertEqual(self.left(), [])

    def test_sleep_and_metrics(self):
        self.fill("child")
        begun = time.monotonic()
        self.remove("child", "1", "--test-sleep", "300", "--metrics-id", "Quota")
        self.assertGreaterEqual(time.monotonic() - begun, 0.3)
        self.assertEqual(self.left(), [])

    def at_once(self, count):
        self.fill("a.suf")
        tasks = [self.popen("--backgroundtask", "removeDirectory", self.parent, "child", "3", ".suf", env=LOUD)
                 for _ in range(count)]
        self.appear("child")
        outputs = [process.communicate(timeout=harness.PATIENCE) for process in tasks]
        self.assertEqual([process.returncode for process in tasks], [0] * count, outputs)
        self.assertEqual(self.left(), [])

    def test_two_tasks_at_once(self):
        self.at_once(2)

    def test_twenty_at_once(self):
        self.at_once(20)

    def test_another_instance(self):
        """Whoever has the lock removes it; it is a read lock, on a file named after child and installation."""
        self.fill("child-of-the-test")
        self.write_function("lock", """
          const lock = Cc["@mozilla.org/net/CachePurgeLock;1"].createInstance(Ci.nsICachePurgeLock);
          lock.lock("child-of-the-test");
          dump(lock.getLockFile("child-of-the-test").path + "\\n");
          await new Promise(() => {});""")
        holder = self.popen("--backgroundtask", "lock")
        self.addCleanup(holder.communicate)
        self.addCleanup(holder.kill)
        path = holder.stdout.readline().decode().strip()
        self.assertRegex(path, r"^/tmp/Mozillachild-of-the-test-cachePurge-[0-9A-F]{16}$")
        self.assertIn("another process", self.remove("child-of-the-test", "1").out)
        self.assertEqual(self.left(), ["child-of-the-test"])
        self.assertTrue(os.path.exists(path), "the other still has it")
        holder.kill()
        holder.wait()
        self.remove("child-of-the-test", "1")
        self.assertEqual((self.left(), os.path.exists(path)), ([], False))

    def test_no_output(self):
        self.fill("child")
        result = self.task("removeDirectory", self.parent, "child", "1")
        self.assertEqual((result.returncode, result.out), (0, ""))


class RemoveProfileFiles(RunnerTest):
    def setUp(self):
        super().setUp()
        self.root, self.local = self.directory / "root", self.directory / "local"
        for path in (self.root, self.local):
            (path / "sub").mkdir(parents=True)
            (path / "prefs.js").touch()

    def remove(self, root, local, seconds):
        return self.task("removeProfileFiles", root, local, seconds, env=LOUD)

    def test_both(self):
        self.assertEqual(self.remove(self.root, self.local, "1").returncode, 0)
        self.assertFalse(self.root.exists() or self.local.exists())

    def test_the_same(self):
        self.assertEqual(self.remove(self.root, self.root, "1").returncode, 0)
        self.assertEqual((self.root.exists(), self.local.exists()), (False, True))

    def test_missing(self):
        self.assertEqual(self.remove(self.directory / "none", self.local, "1").returncode, 3)
        self.assertTrue(self.local.exists())
        self.assertEqual(self.remove(self.root, self.directory / "none", "1").returncode, 0)
        self.assertFalse(self.root.exists())

    def test_locked(self):
        with open(self.root / ".parentlock", "w", encoding="ascii") as lock:
            fcntl.fcntl(lock, fcntl.F_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
            self.assertEqual(self.remove(self.root, self.local, "0").returncode, 3)
            self.assertTrue((self.root / "sub").exists() and self.local.exists())
            process = self.popen("--backgroundtask", "removeProfileFiles", self.root, self.local, "60")
            time.sleep(0.3)
        process.communicate(timeout=harness.PATIENCE)
        self.assertEqual((process.returncode, self.root.exists()), (0, False))


class Pingsender(RunnerTest):
    def setUp(self):
        super().setUp()
        self.requests = requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.path, dict(self.headers), body))
                self.send_response(500 if "bad" in self.path else 200)
                self.end_headers()

            def log_message(self, *unused):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.ping = self.directory / "ping"
        self.text = json.dumps({"type": "main", "text": "\u00e9" * 1000}, ensure_ascii=False)
        self.ping.write_text(self.text, encoding="utf-8")

    def send(self, *args):
        return self.task("pingsender", *args, env=LOUD)

    def test_sent(self):
        result = self.send(self.url + "/submit/x?v=4", self.ping)
        self.assertEqual(result.returncode, 0, result.err)
        [(path, headers, body)] = self.requests
        self.assertEqual((path, gzip.decompress(body).decode()), ("/submit/x?v=4", self.text))
        self.assertEqual((headers["Content-Encoding"], headers["Content-Type"], headers["User-Agent"],
                          headers["X-PingSender-Version"]),
                         ("gzip", "application/json; charset=UTF-8", "pingsender/2.0", "2.0"))
        self.assertFalse(self.ping.exists())

    def test_what_went_wrong(self):
        """It says which server, and what that did."""
        closed = f"http://localhost:{http_fixture.closed_port()}/"
        expected = {
            f"{self.url}/bad": f"{self.url}/bad: expected status 200, found 500 Internal Server Error",
            closed: f"{closed}: .*refused",
            "gibberish": "gibberish is not a valid URL",
        }
        for url, reason in expected.items():
            result = self.send(url, self.ping)
            self.assertEqual(result.returncode, 3)
            self.assertRegex(result.err, f"Error: (URL constructor: )?{reason}")
        self.assertTrue(self.ping.exists())

    def test_two(self):
        other = self.directory / "other"
        other.write_text("{}")
        self.assertEqual(self.send(self.url + "/bad", self.ping, self.url + "/b", other).returncode, 3)
        self.assertEqual((len(self.requests), self.ping.exists(), other.exists()), (2, True, False))

    def test_hosts(self):
        url = self.url.replace("localhost", "127.0.0.1")
        self.assertEqual(self.send(url, self.ping).returncode, 3)
        self.assertEqual(self.requests, [])
        self.write_prefs({"toolkit.telemetry.server": url, "toolkit.backgroundtasks.defaultMinTaskRuntimeMS": 0})
        self.assertEqual(self.send(url, self.ping).returncode, 0)

    def test_arguments(self):
        self.assertEqual(self.send().returncode, 0)
        self.assertEqual(self.send(self.url).returncode, 3)
        self.assertEqual(self.send(self.url, self.directory / "none").returncode, 3)


class Uninstall(RunnerTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"
        self.write_function("hang", 'dump("ready\\n"); await new Promise(() => {});')
        self.write_function("not_ephemeral_profile", "return 0;")

    def environment(self, **more):
        return super().environment(XDG_STATE_HOME=self.state, BGTASKD_SOCKET=self.directory / "none", **more)

    def test_what_is_removed(self):
        self.assertEqual(self.task("not_ephemeral_profile").returncode, 0)
        persistent = self.state / "bgtaskd" / "profiles"
        with open(persistent / "profiles.ini", "a", encoding="ascii") as ini:
            ini.write("MozillaBackgroundTask-0123456789ABCDEF-x=salt.x\n[Other]\nMozilla=1\n")
        self.task("hang_not", env={"MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE": "1"})
        [kept] = self.profiles()
        (self.tmp / "MozillaBackgroundTask-0123456789ABCDEF-x").mkdir()
        (self.tmp / "other").mkdir()
        result = self.task("uninstall")
        self.assertEqual(result.returncode, 0, result.out + result.err)
        self.assertIn(f"removed {self.tmp / kept}", result.out)
        self.assertEqual(self.profiles(), ["MozillaBackgroundTask-0123456789ABCDEF-x", "other"])
        self.assertEqual(sorted(path.name for path in persistent.iterdir() if not path.name.startswith(".")), ["profiles.ini"])
        text = (persistent / "profiles.ini").read_text()
        self.assertIn("MozillaBackgroundTask-0123456789ABCDEF-x=salt.x\n[Other]\nMozilla=1\n", text)
        self.assertNotIn("not_ephemeral_profile", text)

    def test_lines_that_lead_elsewhere(self):
        """A line of profiles.ini that names no directory beside it removes nothing."""
        self.assertEqual(self.task("not_ephemeral_profile").returncode, 0)
        persistent = self.state / "bgtaskd" / "profiles"
        [own] = [path.name for path in persistent.iterdir() if path.is_dir()]
        prefix = own.split(".")[1].removesuffix("not_ephemeral_profile")
        lines = [f"{prefix}{task}={value}" for task, value in zip("abcdef", ("", " ", ".", "..", "../x", "/"))]
        with open(persistent / "profiles.ini", "a", encoding="ascii") as ini:
            ini.write("\n".join(lines) + "\n")
        result = self.task("uninstall")
        self.assertEqual(result.returncode, 0, result.out + result.err)
        self.assertEqual((persistent / "profiles.ini").read_text().splitlines()[1:], lines)
        self.assertFalse((persistent / own).exists())

    def test_what_is_in_use_stays(self):
        process = self.popen("--backgroundtask", "hang")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        process.stdout.readline()
        [profile] = self.profiles()
        result = self.task("uninstall")
        self.assertEqual((result.returncode, self.profiles()), (3, [profile]), result.out)
        self.assertIn(f"{self.tmp / profile} stays", result.out)


RUNNER = """const runner = Cc["@mozilla.org/backgroundtasksrunner;1"].getService(Ci.nsIBackgroundTasksRunner);
"""


class Detached(RunnerTest):
    def setUp(self):
        super().setUp()
        self.record = self.directory / "record"
        self.write_function("record", f"""
          const args = Array.from({{ length: commandLine.length }}, (_, i) => commandLine.getArgument(i));
          while (await IOUtils.exists("{self.directory}/wait")) {{
            await new Promise(resolve => setTimeout(resolve, 10));
          }}
          await IOUtils.writeJSON("{self.record}", {{ args, pid: Services.appinfo.processID }},
            {{ tmpPath: "{self.record}.tmp" }});""")

    def recorded(self):
        harness.wait_until(self.record.exists, "the detached task has run")
        return json.loads(self.record.read_text())

    def test_200_arguments(self):
        args = [f"{number} '\"\\$`\t\n é😀{chr(33 + number % 94)}" for number in range(200)]
        self.write_function("caller", RUNNER + f"runner.runInDetachedProcess('record', {json.dumps(args)});")
        self.assertEqual(self.task("caller").returncode, 0)
        self.assertEqual(self.recorded()["args"], args)

    def test_outlives_its_caller(self):
        (self.directory / "wait").touch()
        self.write_function("caller", RUNNER + 'runner.runInDetachedProcess("record", ["", "a  b", "\\n", "\u00e9"]);')
        result = self.task("caller")
        self.assertEqual(result.returncode, 0, result.err)
        (self.directory / "wait").unlink()
        self.assertEqual(self.recorded()["args"], ["", "a  b", "\n", "\u00e9"])

    def test_remove_directory(self):
        (self.directory / "parent" / "child").mkdir(parents=True)
        (self.directory / "parent" / "a.suf").mkdir(parents=True)
        self.write_function("caller", RUNNER + f"""
          runner.removeDirectoryInDetachedProcess("{self.directory}/parent", "child", "10", ".suf");""")
        self.assertEqual(self.task("caller").returncode, 0)
        harness.wait_until(lambda: not os.listdir(self.directory / "parent"), "the directory is empty")

    def test_arguments_of_remove_directory(self):
        """Four of them in this order, --test-sleep if the preference is set, --metrics-id never: there is no telemetry."""
        record = (self.app / "modules" / "backgroundtasks" / "BackgroundTask_record.sys.mjs").read_text()
        self.write_task("removeDirectory", record)  # one of the application beats the one that ships
        self.write_function("caller", RUNNER + """
          runner.removeDirectoryInDetachedProcess("/a b", "", "5", "*", "Quota");""")
        self.assertEqual(self.task("caller").returncode, 0)
        self.assertEqual(self.recorded()["args"], ["/a b", "", "5", "*"])
        self.record.unlink()
        self.write_function("caller", """
          Services.prefs.setIntPref("toolkit.background_tasks.remove_directory.testing.sleep_ms", 30);
          """ + RUNNER + 'runner.removeDirectoryInDetachedProcess("/a", "b", "0", "");')
        self.assertEqual(self.task("caller").returncode, 0)
        self.assertEqual(self.recorded()["args"], ["/a", "b", "0", "", "-test-sleep", "30"])

    def test_errors(self):
        self.write_function("caller", RUNNER + """
          for (const args of [["x"], ["x", "y"], ["a/b", []], ["a", Array(300).fill("")]]) {
            try {
              runner.runInDetachedProcess(...args);
            } catch (error) {
              dump(`${error.name}: ${error.message}\\n`);
            }
          }""")
        self.assertEqual(self.task("caller").out.splitlines(), [
            "NS_ERROR_XPC_NOT_ENOUGH_ARGS: Not enough arguments [nsIBackgroundTasksRunner.runInDetachedProcess]",
            "NS_ERROR_XPC_CANT_CONVERT_PRIMITIVE_TO_ARRAY: Cannot convert primitive JavaScript value into an array arg 1 "
            "[nsIBackgroundTasksRunner.runInDetachedProcess]",
            'NS_ERROR_FAILURE: a/b: expected a task name without "/", found "a/b" '
            "[nsIBackgroundTasksRunner.runInDetachedProcess]",
            "RangeError: expected at most 256 strings, found 300"])


if __name__ == "__main__":
    harness.main(needs_daemon=False)
