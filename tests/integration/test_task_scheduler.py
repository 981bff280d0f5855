# SPDX-License-Identifier: MPL-2.0
"""TaskScheduler.sys.mjs from a task, the same from a plain C program, and tasks that begin others in the daemon."""

import json
import os
import subprocess
import time

import harness

CLIENT = harness.BUILDDIR / "tests" / "unit" / "bgtask_client"

TASK = """
const { TaskScheduler } = ChromeUtils.importESModule("resource://gre/modules/TaskScheduler.sys.mjs");
export async function runBackgroundTask(commandLine) {
  for (const call of JSON.parse(commandLine.getArgument(0))) {
    try {
      dump(`${await TaskScheduler[call[0]](...call.slice(1))}\\n`);
    } catch (error) {
      dump(`${error.name}: ${error.message}\\n`);
    }
  }
}
"""
BEGINS = """
export async function runBackgroundTask(commandLine) {
  const runner = Cc["@mozilla.org/backgroundtasksrunner;1"].getService(Ci.nsIBackgroundTasksRunner);
  try {
    runner.runInDetachedProcess("report", ["", "a  b"]);
    runner.removeDirectoryInDetachedProcess("/nonexistent", "x", "0", "");
  } catch (error) {
    dump(`${error.name}: ${error.message}\\n`);
  }
}
"""
REPORT = """
export async function runBackgroundTask(commandLine) {
  dump(JSON.stringify([commandLine.getArgument(0), commandLine.getArgument(1)]));
}
"""
HANG = "export async function runBackgroundTask() { await new Promise(() => {}); }"
FIREFOX = "/usr/bin/firefox"
COMMAND = ["--backgroundtask", "report", "x", "y"]


class TaskSchedulerTest(harness.DaemonTest):
    tasks = {"may": TASK, "maynot": TASK, "begins": BEGINS, "begins_not": BEGINS, "report": REPORT, "hang": HANG}
    task_files = {"may": "ControlSocket=yes", "begins": "ControlSocket=yes"}

    def scheduler(self, *calls, task="may"):
        result = self.ctl("run", task, json.dumps(calls))
        self.assertEqual(result.returncode, 0, result.err)
        return result.out.splitlines()

    def program(self, *args, ok=True):
        environment = dict(os.environ, BGTASKD_SOCKET=str(self.daemon.socket))
        result = subprocess.run([CLIENT, *args], env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode == 0, ok, result.stdout + result.stderr)
        return result.stdout.strip()

    def schedules(self):
        listed = self.ctl("schedule", "list", "--json").json
        return {schedule["name"]: schedule for schedule in listed}

    def name(self, identifier):
        return f"taskscheduler.{os.geteuid()}.{identifier}"

    def test_from_a_task(self):
        before = time.time()
        options = {"args": COMMAND, "description": "What for", "workingDirectory": "/", "executionTimeoutSec": 1200}
        out = self.scheduler(["taskExists", "a"], ["registerTask", "a", FIREFOX, 1800, options], ["taskExists", "a"],
                             ["registerTask", "b c \u00e9", FIREFOX, 3600, {"args": COMMAND, "executionTimeoutSec": -1}])
        self.assertEqual(out, ["false", "undefined", "true", "undefined"])
        schedules = self.schedules()
        self.assertEqual(sorted(schedules), [self.name("a"), self.name("b c \u00e9")])
        schedule = schedules[self.name("a")]
        self.assertEqual((schedule["task"], schedule["args"], schedule["uid"]), ("report", ["x", "y"], os.geteuid()))
        self.assertAlmostEqual(schedule["nextAt"] / 1e6, before + 1800, delta=60)
        for line in ("Description=What for", "EverySec=1800s", "RunMaxSec=1200s"):
            self.assertIn(line, schedule["definition"])
        self.assertNotIn("RunMaxSec", "".join(schedules[self.name("b c \u00e9")]["definition"]))
        # The same id replaces, also what had been disabled.
        out = self.scheduler(["registerTask", "a", FIREFOX, 7200, {"args": COMMAND[:2], "disabled": True}],
                             ["taskExists", "a"])
        self.assertEqual(out, ["undefined", "true"])
        schedule = self.schedules()[self.name("a")]
        self.assertEqual((schedule["args"], "Enabled=no" in schedule["definition"]), ([], True))
        self.ctl("schedule", "add", "of-others", "report", "--every=1h")
        out = self.scheduler(["deleteTask", "a"], ["deleteTask", "a"], ["taskExists", "a"], ["deleteAllTasks"],
                             ["taskExists", "b c \u00e9"])
        self.assertEqual(out, ["true", "false", "false", "undefined", "false"])
        self.assertEqual(sorted(self.schedules()), ["of-others"])

    def test_rules(self):
        options = {"args": COMMAND}
        out = self.scheduler(
            ["registerTask", "a", FIREFOX, 1799, options], ["registerTask", "a", FIREFOX, 1800.5, options],
            ["registerTask", "a", FIREFOX, "1800", options], ["registerTask", "", FIREFOX, 1800, options],
            ["registerTask", "a", "firefox", 1800, options], ["registerTask", "a", FIREFOX, 1800],
            ["registerTask", "a", "/bin/sh", 1800, {"args": ["-c", "true"]}],
            ["registerTask", "a\n", FIREFOX, 1800, options], ["registerTask", "a" * 200, FIREFOX, 1800, options],
            ["registerTask", "a", FIREFOX, 1800, {"args": ["--backgroundtask", "../x"]}], ["taskExists", ""])
        self.assertEqual([line.split(":")[0] for line in out],
                         ["RangeError", "TypeError", "TypeError", "TypeError"] + ["Error"] * 6 + ["TypeError"])
        self.assertIn("only background tasks can be scheduled", out[6])
        self.assertEqual(self.schedules(), {})

    def test_not_allowed(self):
        out = self.scheduler(["taskExists", "a"], ["registerTask", "a", FIREFOX, 1800, {"args": COMMAND}], task="maynot")
        line = "Error: TaskScheduler: a run of the daemon may schedule tasks only with ControlSocket=yes in maynot.task"
        self.assertEqual(out, [line] * 2)

    def test_from_a_program(self):
        self.assertEqual(self.program("exists", "a"), "0")
        self.assertEqual(self.program("register", "a", "1800", "0", FIREFOX, *COMMAND), "0")
        self.assertEqual(self.program("exists", "a"), "1")
        self.assertEqual(self.schedules()[self.name("a")]["args"], ["x", "y"])
        self.assertEqual(self.scheduler(["taskExists", "a"]), ["true"], "it is the same registry")
        self.assertEqual(self.program("register", "b", "1800", "0", FIREFOX, *COMMAND), "0")
        self.assertEqual(self.program("delete", "a"), "1")
        self.assertEqual(self.program("delete", "a"), "0")
        self.assertEqual(self.program("delete-all"), "1")
        self.assertIn("expected an interval", self.program("register", "a", "5", "0", FIREFOX, *COMMAND, ok=False))
        number = self.program("run", "report", "", "\u00e9").split()[0]
        self.ctl("wait", number)
        self.assertEqual(self.ctl("logs", number).out, '["","\u00e9"]')

    def test_execution_timeout(self):
        self.program("register", "a", "1800", "1", FIREFOX, "--backgroundtask", "hang")
        number = self.ctl("schedule", "run", self.name("a")).out.strip()
        self.ctl("wait", number)
        run = self.ctl("show", number, "--json").json
        self.assertEqual((run["result"], run["state"]), ("deadline", "finished"))

    def test_a_program_has_a_directory_removed(self):
        """By a detached process of its own, and by the daemon, where a drop-in says that it may be written."""
        parent = self.daemon.directory / "parent"
        environment = dict(os.environ, BGTASK_RUNNER=str(harness.BINDIR / "bgtask-runner"), HOME=str(self.daemon.directory),
                           TMPDIR=str(self.daemon.directory / "tmp"))
        (parent / "child" / "sub").mkdir(parents=True)
        subprocess.run([CLIENT, "detached", "removeDirectory", parent, "child", "5"], env=environment, check=True,
                       capture_output=True)
        harness.wait_until(lambda: not os.listdir(parent), "the directory is removed")
        (parent / "child" / "sub").mkdir(parents=True)
        run = self.ctl("run", "removeDirectory", parent, "child", "0")
        self.assertEqual(os.listdir(parent), ["child"], "its task file names no place")
        self.daemon.write_task_file("removeDirectory/place", f"ReadWritePaths={parent}")
        run = self.ctl("run", "removeDirectory", parent, "child", "0")
        self.assertEqual((run.returncode, os.listdir(parent)), (0, []), run.err)

    def test_begins_others(self):
        self.assertEqual(self.ctl("run", "begins").out, "")
        runs = self.ctl("list", "--json").json
        for run in runs:
            self.ctl("wait", str(run["id"]))
        found = sorted((run["task"], run["args"]) for run in runs if run["task"] != "begins")
        self.assertEqual(found, [("removeDirectory", ["/nonexistent", "x", "0", ""]), ("report", ["", "a  b"])])
        self.assertEqual(self.ctl("run", "begins_not").out,
                         "NS_ERROR_NOT_AVAILABLE: a run of the daemon may begin others only with ControlSocket=yes in "
                         "begins_not.task [nsIBackgroundTasksRunner.runInDetachedProcess]\n")


if __name__ == "__main__":
    harness.main()
