#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What Firefox's own tests of background task mode ask for, one test a case; its docstring names the case.

Cases that have a file of their own are named in ELSEWHERE, and whether those tests exist is a test here. That the same
tasks end the same under Firefox itself is what tests/gecko compares.
"""

import ast
import re
import time
import unittest

import harness
import runner_harness

TESTING = f"file://{harness.SRCDIR}/scripts/testing/"

# Firefox's case: the test that is this case.
ELSEWHERE = {
    "removeDirectory: simple with suffix": "test_shipped_tasks.py RemoveDirectory.test_simple_with_suffix",
    "removeDirectory: without suffix": "test_shipped_tasks.py RemoveDirectory.test_without_suffix",
    "removeDirectory: created after": "test_shipped_tasks.py RemoveDirectory.test_created_after",
    "removeDirectory: with spaces": "test_shipped_tasks.py RemoveDirectory.test_with_spaces",
    "removeDirectory: missing": "test_shipped_tasks.py RemoveDirectory.test_missing",
    "removeDirectory: a file": "test_shipped_tasks.py RemoveDirectory.test_a_file",
    "removeDirectory: a file matching the suffix": "test_shipped_tasks.py RemoveDirectory.test_a_file_matching_the_suffix",
    "removeDirectory: two tasks at once": "test_shipped_tasks.py RemoveDirectory.test_two_tasks_at_once",
    "removeDirectory: twenty at once": "test_shipped_tasks.py RemoveDirectory.test_twenty_at_once",
    "removeDirectory: suffix only": "test_shipped_tasks.py RemoveDirectory.test_suffix_only",
    "removeDirectory: *": "test_shipped_tasks.py RemoveDirectory.test_every_directory",
    "should-process-updates: 80 other instance": "test_updates_allowed.py ShouldProcess.test_other_instance",
    "should-process-updates: 81 yes": "test_updates_allowed.py ShouldProcess.test_may",
    "should-process-updates: 78 not an updating task": "test_updates_allowed.py ShouldProcess.test_not_an_updating_task",
    "update sync manager: 80 other instance": "test_updates_allowed.py SyncManager.test_other_instance",
    "update sync manager: 81 alone": "test_updates_allowed.py SyncManager.test_alone",
    "stale profiles are purged": "test_profile.py Purge.test_exact_names_that_are_old",
    "manifests with and without backgroundtask": "test_components.py Components.test_manifest",
}

NESTED = """
  const [depth, directory] = [Number(commandLine.getArgument(0)), commandLine.getArgument(1)];
  const leaf = Services.dirsvc.get("ProfD", Ci.nsIFile).leafName;
  await IOUtils.writeUTF8(`${directory}/${depth}`, leaf, { tmpPath: `${directory}/${depth}.tmp` });
  if (depth > 1) {
    Cc["@mozilla.org/backgroundtasksrunner;1"].getService(Ci.nsIBackgroundTasksRunner)
      .runInDetachedProcess("nested", [String(depth - 1), directory]);
  }
  while (!(await IOUtils.exists(`${directory}/1`))) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
"""

PROFILE_LOCK = """
  const { BackgroundTasksUtils } = ChromeUtils.importESModule("resource://gre/modules/BackgroundTasksUtils.sys.mjs");
  const say = text => dump(`${text}\\n`);
  await BackgroundTasksUtils.withProfileLock(async lock => {
    say(`locked ${lock.directory.leafName}`);
    const prefs = await BackgroundTasksUtils.readPreferences(name => name.startsWith("a."), lock);
    say(JSON.stringify(prefs));
    say(await BackgroundTasksUtils.readTelemetryClientID(lock));
  });
"""


class Codes(runner_harness.RunnerTest):
    def code(self, task, *args, **env):
        return self.task(task, *args, env={"XPCSHELL_TESTING_MODULES_URI": TESTING, **env}).returncode

    def test_success(self):
        """Firefox's case: exit code 0."""
        self.assertEqual(self.code("success"), 0)

    def test_failure(self):
        """Firefox's case: exit code 1."""
        self.assertEqual(self.code("failure"), 1)

    def test_exception(self):
        """Firefox's case: exit code 3 of an exception."""
        self.assertEqual(self.code("exception"), 3)

    def test_not_found(self):
        """Firefox's case: exit code 2 of a task that does not exist."""
        self.assertEqual(self.code("not_found"), 2)

    def test_timeout(self):
        """Firefox's case: exit code 4 of a timeout."""
        self.assertEqual(self.code("timeout"), 4)

    def test_minimum_runtime(self):
        """Firefox's case: a minimum runtime of 2000 ms is kept (> 1800 ms wall)."""
        start = time.monotonic()
        self.assertEqual(self.code("minruntime"), 0)
        self.assertGreater(time.monotonic() - start, 1.8)

    def test_specific_preference(self):
        """Firefox's case: a task-specific preference reads 79."""
        self.write_prefs({**runner_harness.NO_MINIMUM, "test.backgroundtask_specific_pref.exitCode": 79})
        self.assertEqual(self.code("specific_pref", "test.backgroundtask_specific_pref.exitCode"), 79)

    def test_help(self):
        """Firefox's case: --help lists the flags of the debugger."""
        text = self.run_command("--help").out
        for flag in ("--jsdebugger", "--wait-for-jsdebugger", "--start-debugger-server"):
            self.assertIn(flag, text)

    def test_no_output(self):
        """Firefox's case: tasks without output are silent unless told otherwise."""
        env = {"XPCSHELL_TESTING_MODULES_URI": TESTING}
        silent = self.task("no_output", env=env)
        self.assertEqual((silent.returncode, silent.out, silent.err), (0, "", ""))
        for told in (self.task("no_output", "--attach-console", env=env),
                     self.task("no_output", env={**env, "MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT": "1"})):
            self.assertEqual(told.returncode, 0)
            self.assertIn("stdout", told.out)


class Profiles(runner_harness.RunnerTest):
    PATH = "dump(`${Services.dirsvc.get('ProfD', Ci.nsIFile).path}\\n`);"

    def path_of(self, *args, **env):
        result = self.task("path", *args, env=env)
        self.assertEqual(result.returncode, 0, result.err)
        return result.out.splitlines()[-1]

    def test_deleted(self):
        """Firefox's case: the profile is deleted."""
        self.write_function("path", self.PATH)
        path = self.path_of()
        self.assertTrue(path.startswith(f"{self.tmp}/MozillaBackgroundTask-"), path)
        self.assertEqual(self.profiles(), [])

    def test_slim(self):
        """Firefox's case: a fresh profile is slim."""
        self.write_function("path", self.PATH + """
          const profile = Services.dirsvc.get("ProfD", Ci.nsIFile).path;
          dump(`${(await IOUtils.getChildren(profile)).map(path => PathUtils.filename(path)).sort()}\\n`);""")
        self.assertEqual(self.task("path").out.splitlines()[-1], ".parentlock,lock")

    def test_ten_at_once(self):
        """Firefox's case: ten at once have ten profiles."""
        # Each waits for the others.
        record = self.directory / "record"
        record.mkdir()
        self.write_function("path", self.PATH + """
          const record = commandLine.getArgument(0);
          await IOUtils.createUniqueFile(record, "here");
          while ((await IOUtils.getChildren(record)).length < 10) {
            await new Promise(resolve => setTimeout(resolve, 20));
          }""")
        processes = [self.popen("--backgroundtask", "path", str(record)) for _ in range(10)]
        outputs = [process.communicate(timeout=harness.PATIENCE)[0] for process in processes]
        self.assertEqual([process.returncode for process in processes], [0] * 10)
        self.assertEqual(len(set(outputs)), 10)
        self.assertEqual(self.profiles(), [])

    def test_three_nested(self):
        """Firefox's case: three nested have three profiles."""
        record = self.directory / "record"
        record.mkdir()
        self.write_function("nested", NESTED)
        self.assertEqual(self.task("nested", "3", str(record)).returncode, 0)
        names = {(record / str(depth)).read_text() for depth in (1, 2, 3)}
        self.assertEqual(len(names), 3, names)
        harness.wait_until(lambda: not self.profiles(), "the profiles are gone")

    def test_given(self):
        """Firefox's case: --profile and XRE_PROFILE_PATH override the temporary profile."""
        self.write_function("path", self.PATH)
        given = self.directory / "given"
        given.mkdir()
        self.assertEqual(self.path_of("--profile", str(given)), str(given))
        self.assertEqual(self.path_of(XRE_PROFILE_PATH=str(given)), str(given))
        self.assertTrue(given.is_dir())

    def test_locked(self):
        """Firefox's case: a locked profile is exit code 1."""
        given = self.directory / "given"
        given.mkdir()
        self.write_function("path", self.PATH)
        self.write_function("hold", "dump('held\\n'); await new Promise(() => {});")
        holder = self.popen("--backgroundtask", "hold", "--profile", given)
        for close in (holder.stderr.close, holder.stdout.close, holder.wait, holder.kill):
            self.addCleanup(close)
        self.assertEqual(holder.stdout.readline(), b"held\n")
        self.assertEqual(self.task("path", "--profile", given).returncode, 1)

    def test_persistent(self):
        """Firefox's case: a persistent profile keeps an integer preference (80, then 81)."""
        env = {"XPCSHELL_TESTING_MODULES_URI": TESTING}
        self.assertEqual([self.task("not_ephemeral_profile", env=env).returncode for _ in range(2)], [80, 81])


class DefaultProfile(runner_harness.RunnerTest):
    """withProfileLock, readPreferences, readTelemetryClientID."""

    def setUp(self):
        super().setUp()
        self.profile = self.directory / "default"
        self.profile.mkdir()
        self.env = {"MOZ_BACKGROUNDTASKS_DEFAULT_PROFILE_PATH": str(self.profile)}

    def fill(self):
        (self.profile / "prefs.js").write_text('user_pref("a.one", 1);\nuser_pref("a.two", "x");\nuser_pref("b.three", true);\n')
        reporting = self.profile / "datareporting"
        reporting.mkdir()
        (reporting / "state.json").write_text('{"clientID":"11111111-2222-3333-4444-555555555555"}')

    def test_read(self):
        """Firefox's cases: withProfileLock; readPreferences with a predicate; readTelemetryClientID."""
        self.fill()
        self.write_function("lock", PROFILE_LOCK)
        result = self.task("lock", env=self.env)
        self.assertEqual(result.returncode, 0, result.err)
        self.assertEqual(result.out.splitlines()[-3:], [
            "locked default", '{"a.one":1,"a.two":"x"}', "11111111-2222-3333-4444-555555555555"])

    def test_not_found(self):
        """Firefox's case: readPreferences of a profile without preferences is a NotFoundError."""
        call = "BackgroundTasksUtils.withProfileLock"
        self.write_function("lock", PROFILE_LOCK.replace(f"await {call}", f"const done = {call}")
                            + "await done.catch(error => dump(`${error.name}\\n`));")
        result = self.task("lock", env=self.env)
        self.assertEqual(result.out.splitlines()[-1], "NotFoundError", result.err)


class CasesElsewhere(unittest.TestCase):
    def test_exist(self):
        for case, place in ELSEWHERE.items():
            file, kind, method = re.fullmatch(r"(\S+) (\w+)\.(\w+)", place).groups()
            tree = ast.parse((harness.SRCDIR / "tests" / "integration" / file).read_text())
            classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
            self.assertIn(kind, classes, case)
            self.assertIn(method, [node.name for node in classes[kind].body if isinstance(node, ast.FunctionDef)], case)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
