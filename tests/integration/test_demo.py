#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The demonstration: it works, and leaves nothing behind, also when it fails."""

import os
import subprocess
import unittest

import harness

DEMO = harness.SRCDIR / "tests" / "demo" / "demo.sh"


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.area = harness.Area()
        self.addCleanup(self.area.close)

    def demo(self, *programs):
        """Run it with only these directories, and the system's, in PATH."""
        path = os.pathsep.join([*map(os.fspath, programs), os.environ["PATH"]])
        environment = harness.clean_environment(PATH=path, TMPDIR=self.area.path, HOME=self.area.path, DEMO_SECONDS="7")
        return subprocess.run([DEMO], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=harness.PATIENCE, check=False)

    def test_it_works(self):
        done = self.demo(harness.BINDIR)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Update found: ", done.stdout)
        self.assertIn("exit code 0", done.stdout)
        self.assertIn("known since ", done.stdout)
        self.assertEqual([name for name in os.listdir(self.area.path) if name.startswith("bgtaskd-demo")], [])

    def test_it_fails_tidily(self):
        broken = self.area.path / "broken"
        broken.mkdir()
        program = broken / "bgtaskd"
        program.write_text("#!/bin/sh\necho this one is broken >&2\nexit 5\n")
        program.chmod(0o755)
        done = self.demo(broken, harness.BINDIR)
        self.assertEqual(done.returncode, 1)
        self.assertIn("this one is broken", done.stderr)
        self.assertEqual([name for name in os.listdir(self.area.path) if name.startswith("bgtaskd-demo")], [])


if __name__ == "__main__":
    harness.main()
