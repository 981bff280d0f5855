#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""URL and URLSearchParams: the modules that tests/gecko runs in Firefox too, against what is known of them."""

import harness
import runner_harness

MODULES = harness.SRCDIR / "tests" / "js"


class UrlTest(runner_harness.RunnerTest):
    def run_module(self, name):
        done = self.task(name, env={"XPCSHELL_TESTING_MODULES_URI": "file://%s/" % MODULES})
        # The first two lines say where the modules are from.
        return done.returncode, done.stdout.decode().splitlines()[2:]

    def test_table(self):
        code, lines = self.run_module("url")
        self.assertEqual((code, lines), (0, ["401 cases, 0 failures"]))

    def test_interfaces(self):
        code, lines = self.run_module("url_api")
        self.assertEqual(code, 0)
        self.assertEqual(lines, (MODULES / "expected" / "url_api.txt").read_text().splitlines())


if __name__ == "__main__":
    harness.main(needs_daemon=False)
