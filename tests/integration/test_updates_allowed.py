#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Who may process updates, and whether another instance is running."""

import pathlib

import harness
import runner_harness

LOCKS = pathlib.Path("/tmp")
TESTING = f"file://{harness.SRCDIR}/scripts/testing/"


class UpdatesTest(runner_harness.RunnerTest):
    def setUp(self):
        super().setUp()
        self.env = {"XPCSHELL_TESTING_MODULES_URI": TESTING, "MOZ_TEST_PROCESS_UPDATES": "1"}
        self.program = self.directory / "program"
        self.program.write_text("")

    def code(self, task, *args):
        return self.task(task, *args, env=self.env).returncode

    def other(self, *args):
        """Another instance, which stays; ended with the test."""
        process = self.popen("--backgroundtask", "update_sync_manager", *args, env=self.env)
        for close in (process.stderr.close, process.stdout.close, process.wait, process.kill):
            self.addCleanup(close)
        while process.stdout.readline() != b"ready\n":
            self.assertIsNone(process.poll())
        return process


class SyncManager(UpdatesTest):
    def test_alone(self):
        """Firefox's case: 81."""
        self.assertEqual(self.code("update_sync_manager", str(self.program)), 81)

    def test_other_instance(self):
        """Firefox's case: 80; again alone once the other has ended, however it ended."""
        process = self.other(str(self.program), "600000")
        self.assertEqual(self.code("update_sync_manager", str(self.program)), 80)
        other_program = self.directory / "elsewhere"
        other_program.mkdir()
        (other_program / "program").write_text("")
        self.assertEqual(self.code("update_sync_manager", str(other_program / "program")), 81)
        process.kill()
        process.wait()
        self.assertEqual(self.code("update_sync_manager", str(self.program)), 81)

    def test_nothing_is_left(self):
        before = set(LOCKS.glob("MozillaUpdateLock-App-*"))
        self.code("update_sync_manager", str(self.program))
        self.assertEqual(set(LOCKS.glob("MozillaUpdateLock-App-*")) - before, set())


class ShouldProcess(UpdatesTest):
    def assert_may(self, *args):
        # Other tests of this build may be instances for a moment.
        harness.wait_until(lambda: self.code("shouldprocessupdates", *args) == 81, "it may process updates")

    def test_may(self):
        """Firefox's case: 81 for a task that updates, alone."""
        self.assert_may()

    def test_not_an_updating_task(self):
        """Firefox's case: 78 for any other."""
        self.assertEqual(self.code("shouldnotprocessupdates"), 78)

    def test_name_is_exact(self):
        source = 'export { runBackgroundTask } from "resource://testing-common/backgroundtasks/' \
            'BackgroundTask_shouldprocessupdates.sys.mjs";'
        for name in ("ShouldProcessUpdates", "shouldprocessupdates2"):
            self.write_task(name, source)
            self.assertEqual(self.code(name), 78)

    def test_other_instance(self):
        """Firefox's case: 80 while another instance of the installation runs."""
        self.write_function("instance", """
            Cc["@mozilla.org/updates/update-sync-manager;1"].getService(Ci.nsIUpdateSyncManager);
            dump("ready\\n");
            await new Promise(() => {});
            """)
        process = self.popen("--backgroundtask", "instance", env=self.env)
        for close in (process.stderr.close, process.stdout.close, process.wait, process.kill):
            self.addCleanup(close)
        while process.stdout.readline() != b"ready\n":
            self.assertIsNone(process.poll())
        self.assertEqual(self.code("shouldprocessupdates"), 80)
        self.assertEqual(self.code("shouldnotprocessupdates"), 78)

    def test_other_reasons(self):
        page = "chrome://devtools/content/framework/browser-toolbox/window.html"
        self.assertEqual(self.code("shouldprocessupdates", "--chrome", page), 79)
        self.assert_may("--chrome", "chrome://other/")
        self.assertEqual(self.code("shouldprocessupdates", "--first-startup"), 77)

    def test_only_when_asked(self):
        """The variable is for tests: without it nobody is told."""
        del self.env["MOZ_TEST_PROCESS_UPDATES"]
        self.assertEqual(self.code("shouldprocessupdates"), 20)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
