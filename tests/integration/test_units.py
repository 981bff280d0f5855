# SPDX-License-Identifier: MPL-2.0
"""The systemd units: what systemd itself says of them."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

UNITS = harness.SRCDIR / "systemd"
MADE = harness.BUILDDIR / "systemd"


class UnitsTest(unittest.TestCase):
    def verify(self, instance, *options):
        with tempfile.TemporaryDirectory(prefix="bgt-units-") as directory:
            directory = pathlib.Path(directory)
            service = (MADE / instance / "bgtaskd.service").read_text()
            installed = next(line.split("=", 1)[1].split()[0] for line in service.splitlines() if line.startswith("ExecStart="))
            self.assertTrue(installed.endswith("/bgtaskd"))
            # What is not installed yet is taken from where it was built.
            bindir = installed.rsplit("/", 1)[0]
            self.assertIn(f"\nExecReload={bindir}/bgtaskctl --{instance} reload\n", service)
            (directory / "bgtaskd.service").write_text(service.replace(f"={bindir}/", f"={harness.BINDIR}/"))
            shutil.copy(UNITS / instance / "bgtaskd.socket", directory)
            done = subprocess.run(["systemd-analyze", *options, "--man=no", "verify", directory / "bgtaskd.service",
                                   directory / "bgtaskd.socket"], capture_output=True, text=True, check=False,
                                  env=harness.clean_environment(XDG_RUNTIME_DIR=directory), timeout=harness.PATIENCE)
            complaints = [line for line in done.stderr.splitlines() if "bgtaskd" in line]
            self.assertEqual((done.returncode, complaints), (0, []), done.stderr)

    def test_exposure(self):
        """At most 2.0; and not by way of what runs are kept in by."""
        with tempfile.TemporaryDirectory(prefix="bgt-units-") as directory:
            service = pathlib.Path(shutil.copy(MADE / "system" / "bgtaskd.service", directory))
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", service],
                                  capture_output=True, text=True, check=False, timeout=harness.PATIENCE,
                                  env=harness.clean_environment())
            if "nrecognized option" in done.stderr:
                self.skipTest("this systemd-analyze does not know --offline")
            self.assertIn("Overall exposure level", done.stdout, done.stderr)
            self.assertEqual(done.returncode, 0, done.stdout)
            lines = service.read_text().splitlines()
            [namespaces] = [line for line in lines if line.startswith("RestrictNamespaces=")]
            self.assertLessEqual({"user", "pid", "mnt"}, set(namespaces.split("=")[1].split()))
            allowed = {call for line in lines if line.startswith("SystemCallFilter=") for call in line.split("=")[1].split()}
            self.assertLessEqual({"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "mount",
                                  "pivot_root", "fsopen", "fsconfig", "fsmount", "move_mount"}, allowed)

    def test_system(self):
        self.verify("system")

    def test_user(self):
        self.verify("user", "--user")

    def test_no_placeholder_is_left(self):
        for instance in ("system", "user"):
            self.assertNotIn("@bin", (MADE / instance / "bgtaskd.service").read_text())

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "no systemd-sysusers")
    def test_sysusers(self):
        with tempfile.TemporaryDirectory(prefix="bgt-root-") as root:
            (pathlib.Path(root) / "etc").mkdir()
            done = subprocess.run(["systemd-sysusers", f"--root={root}", UNITS / "sysusers.conf"], capture_output=True,
                                  text=True, check=False, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("bgtaskd:", (pathlib.Path(root) / "etc" / "passwd").read_text())
            self.assertIn("bgtaskd:", (pathlib.Path(root) / "etc" / "group").read_text())


if __name__ == "__main__":
    if not shutil.which("systemd-analyze") or not harness.have_background_tasks():
        print("skipped: no systemd-analyze, or no daemon to have units for")
        sys.exit(harness.SKIP)
    harness.main()
