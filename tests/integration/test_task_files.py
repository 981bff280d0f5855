#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Task files under the daemon: what counts, that changes are noticed, and that a task whose file is wrong does not run."""

import os
import pathlib
import signal

import harness

ENVIRONMENT = """
    export async function runBackgroundTask() {
      dump(["A", "B", "C"].map(name => Services.env.get(name)).join("|") + "\\n");
      return 0;
    }"""


class TaskFilesTest(harness.DaemonTest):
    tasks = {"env": ENVIRONMENT, "quick": "export async function runBackgroundTask() { return 0; }"}

    def env_of(self, task="env"):
        result = self.ctl("run", task)
        self.assertEqual(result.returncode, 0, result.err)
        return result.out.strip()

    def test_no_file(self):
        self.assertEqual(self.env_of(), "||")

    def test_changes_are_noticed_at_once(self):
        for value in range(20):
            self.daemon.write_task_file("env", f"Environment=A={value}")
            self.assertEqual(self.env_of(), f"{value}||")
        (self.daemon.tasks_d / "env.task").unlink()
        self.assertEqual(self.env_of(), "||")

    def test_edits_in_place_are_noticed(self):
        path = self.daemon.write_task_file("env", "Environment=A=x")
        self.assertEqual(self.env_of(), "x||")
        for value in "yzx":
            # same length, same inode, and perhaps in the same tick of the file system's clock
            path.write_text(f"[Task]\nEnvironment=A={value}")
            self.assertEqual(self.env_of(), f"{value}||")

    def test_drop_ins(self):
        self.daemon.write_task_file("env", "Environment=A=1 B=1")
        self.assertEqual(self.env_of(), "1|1|")
        self.daemon.write_task_file("env/20-b", "Environment=B=2 C=2")
        self.assertEqual(self.env_of(), "1|2|2")
        self.daemon.write_task_file("env/10-a", "Environment=A=0 B=0 C=0")
        self.assertEqual(self.env_of(), "0|2|2")
        self.daemon.write_task_file("env/20-b", "Environment=")
        self.assertEqual(self.env_of(), "||")
        (self.daemon.tasks_d / "env.task.d" / "20-b.conf").unlink()
        self.assertEqual(self.env_of(), "0|0|0")

    def test_invalid_file_is_refused_and_named(self):
        path = self.daemon.write_task_file("quick", "Network=yes\nMemoryMax=lots\n")
        result = self.ctl("run", "quick")
        self.assertEqual(result.returncode, 78)
        self.assertIn(f"task quick is not run: {path}:3: MemoryMax=: expected", result.err)
        self.assertEqual(self.ctl("--json", "list").json, [])
        with self.daemon.connect() as connection:
            answer = connection.call("Run", {"task": "quick"})
        self.assertEqual(answer["error"], "io.bgtaskd.Manager.TaskFileInvalid")
        self.assertEqual(answer["parameters"]["task"], "quick")
        result = self.ctl("schedule", "add", "often", "quick", "--every=1h")
        self.assertEqual(result.returncode, 78)
        self.assertIn(f"{path}:3: MemoryMax=: expected", result.err)
        self.assertEqual(self.ctl("--json", "schedule", "list").json, [])
        listed = {task["name"]: task for task in self.ctl("--json", "tasks").json}
        self.assertIn("MemoryMax=: expected", listed["quick"]["problem"])
        self.assertIn("MemoryMax=: expected", self.daemon.log())
        # others are not concerned, and mending it is enough
        self.assertEqual(self.env_of(), "||")
        self.daemon.write_task_file("quick", "Description=Does nothing")
        self.assertEqual(self.ctl("run", "quick").returncode, 0)
        listed = {task["name"]: task for task in self.ctl("--json", "tasks").json}
        self.assertEqual(listed["quick"]["description"], "Does nothing")
        self.assertIn("Does nothing", self.ctl("tasks").out)

    def test_writable_by_others(self):
        self.daemon.write_task_file("quick", "Network=yes").chmod(0o666)
        result = self.ctl("run", "quick")
        self.assertEqual(result.returncode, 78)
        self.assertIn("expected others not to be allowed to write to it", result.err)

    def test_persistent_profile(self):
        self.daemon.write_task_file("quick", "Profile=persistent")
        self.assertEqual(self.ctl("run", "quick").returncode, 0)
        self.assertEqual(len([path for path in (self.daemon.state / "profiles").iterdir() if path.is_dir()]), 1)


class QueuedTest(harness.DaemonTest):
    prefs = {"bgtaskd.runs.maxRunning": 1}
    tasks = {"quick": "export async function runBackgroundTask() { return 0; }",
             "long": "export async function runBackgroundTask() { await new Promise(() => {}); }"}

    def test_file_that_becomes_invalid_while_the_run_is_queued(self):
        long_run = self.run_detached("long")
        queued = self.run_detached("quick")
        path = self.daemon.write_task_file("quick", "Subprocess=perhaps")
        self.assertEqual(self.ctl("cancel", str(long_run)).returncode, 0)
        run = self.ctl("--json", "wait", str(queued)).json
        self.assertEqual((run["state"], run["result"]), ("finished", "setup_failed"))
        self.assertIn(f"{path}:2: Subprocess=: expected yes or no", run["message"])
        self.assertIsNone(run.get("pid"))

    def test_reload_reads_again(self):
        self.daemon.write_task_file("quick", "Description=a")
        self.assertEqual(self.ctl("run", "quick").returncode, 0)
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.ctl("run", "quick").returncode, 0)


class OutputTest(harness.DaemonTest):
    tasks = {"loud": """
        export async function runBackgroundTask() {
          for (let i = 0; i < 1000; i++) dump("x".repeat(99) + "\\n");
          return 0;
        }"""}

    def test_output_max(self):
        self.assertEqual(self.ctl("run", "--detach", "loud").returncode, 0)
        self.assertEqual(self.ctl("--json", "wait", "1").json["outputDropped"], 0)
        self.daemon.write_task_file("loud", "OutputMax=16K")
        self.assertEqual(self.ctl("run", "--detach", "loud").returncode, 0)
        run = self.ctl("--json", "wait", "2").json
        self.assertEqual(run["outputBytes"], 100000)
        self.assertGreaterEqual(run["outputDropped"], 100000 - 16384)


class FoldersTest(harness.DaemonTest):
    """Vendor, site and user folders, by BGTASKD_TASK_DIRS."""

    tasks = {"env": ENVIRONMENT}

    def setUp(self):
        super().setUp()
        self.folders = [self.daemon.directory / name for name in ("user", "site", "vendor")]
        self.daemon.stop()
        self.daemon.env["BGTASKD_TASK_DIRS"] = ":".join(str(folder) for folder in self.folders)
        self.daemon.start()

    def write(self, path, text):
        path = self.daemon.directory / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[Task]\nEnvironment={text}\n")

    def env_of(self):
        result = self.ctl("run", "env")
        self.assertEqual(result.returncode, 0, result.err)
        return result.out.strip()

    def test_precedence_and_masks(self):
        # The folders come while the daemon runs.
        self.write("vendor/env.task", "A=vendor B=vendor")
        self.assertEqual(self.env_of(), "vendor|vendor|")
        self.write("site/env.task", "A=site")
        self.assertEqual(self.env_of(), "site||")
        self.write("user/env.task", "A=user")
        self.assertEqual(self.env_of(), "user||")
        self.write("vendor/env.task.d/a.conf", "C=vendor")
        self.assertEqual(self.env_of(), "user||vendor")
        self.write("site/env.task.d/a.conf", "C=site")
        self.assertEqual(self.env_of(), "user||site")
        os.symlink("/dev/null", self.daemon.directory / "user" / "masked")
        (self.daemon.directory / "user" / "env.task").unlink()
        os.rename(self.daemon.directory / "user" / "masked", self.daemon.directory / "user" / "env.task")
        self.assertEqual(self.env_of(), "||site")
        (self.daemon.directory / "user" / "env.task").unlink()
        self.assertEqual(self.env_of(), "site||site")


class ShippedTest(harness.DaemonTest):
    def test_shipped_files_are_valid(self):
        shipped = sorted((harness.SRCDIR / "scripts" / "tasks.d").glob("*.task"))
        self.assertTrue(shipped)
        listed = {task["name"]: task for task in self.ctl("--json", "tasks").json}
        for path in shipped:
            self.assertIsNone(listed[path.stem].get("problem"), path)
            self.assertTrue(listed[path.stem]["description"], path)


if __name__ == "__main__":
    harness.main()
