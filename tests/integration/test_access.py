# SPDX-License-Identifier: MPL-2.0
"""Who may do what: the directories' modes, roles, whose runs are seen, runs as clients, and many clients of one user."""

import os
import stat
import subprocess
import unittest

import harness

ANN, BOB, CAT = 60001, 60002, 60003  # users without an entry anywhere; only root can become them
needs_root = unittest.skipUnless(os.geteuid() == 0, "not root")


class ModeTest(harness.DaemonTest):
    """What others can get at stops the daemon before it has done anything."""

    def setUp(self):
        super().setUp()
        self.daemon.stop()

    def start_refused(self, path, words, how=()):
        before = self.tree()
        for args in ((), ("--check",)):
            with self.subTest(path=path, args=args):
                done = subprocess.run([*self.daemon.command(), *how, *args], env=self.daemon.environment(),
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                                      timeout=harness.PATIENCE)
                self.assertEqual(done.returncode, 77, done.stderr)
                lines = [line for line in done.stderr.splitlines() if str(path) in line]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn(words, lines[0])
                self.assertEqual(self.tree(), before)

    def tree(self):
        return {str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns) for path in self.daemon.directory.rglob("*")
                if path.name != "daemon.log"}

    def changed(self, path, mode):
        """@path with another mode until the end of the test."""
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        self.addCleanup(path.chmod, before)

    def test_modes_of_directories(self):
        for path, mode, words in [
            (self.daemon.state, 0o770, "may write to it; expected at most 0750"),
            (self.daemon.state, 0o702, "may write to it; expected at most 0700"),
            (self.daemon.state, 0o704, "may read it; expected at most 0700"),
            (self.daemon.state / "output", 0o755, "may read it; expected at most 0750"),
            (self.daemon.state / "profiles", 0o720, "may write to it; expected at most 0700"),
            (self.daemon.runtime, 0o775, "may write to it; expected at most 0755"),
            (self.daemon.runtime, 0o1777, "may write to it; expected at most 1755"),
            (self.daemon.runtime / "profiles", 0o777, "may write to it; expected at most 0751"),
            (self.daemon.directory, 0o777, "may write to it; expected at most 0775"),
        ]:
            before = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode)
            try:
                self.start_refused(path, words)
            finally:
                path.chmod(before)
        self.daemon.start()

    def test_modes_of_files(self):
        database = self.daemon.state / "bgtaskd.db"
        self.changed(database, 0o660)
        self.start_refused(database, "has mode 0660, so others may write to it; expected at most 0640")
        database.chmod(0o600)
        stray = self.daemon.state / "output" / "1"
        stray.write_text("")
        stray.chmod(0o602)
        self.start_refused(stray, "has mode 0602, so others may write to it; expected at most 0600")
        stray.unlink()
        stray.symlink_to("/etc/passwd")
        self.start_refused(stray, "is a symbolic link; expected a file")

    def test_links(self):
        output = self.daemon.state / "output"
        elsewhere = self.daemon.directory / "elsewhere"
        output.rename(elsewhere)
        output.symlink_to(elsewhere)
        self.start_refused(output, "is a symbolic link")
        output.unlink()
        elsewhere.rename(output)
        # One of ours on the way there is as good as the directory itself.
        self.daemon.state.rename(elsewhere)
        self.daemon.state.symlink_to(elsewhere)
        self.daemon.start()
        self.assertEqual(self.daemon.stop(), 0)
        elsewhere.chmod(0o750 | stat.S_IWGRP)
        self.start_refused(self.daemon.state, "may write to it")
        elsewhere.chmod(0o700)

    def test_a_link_into_what_others_can_write(self):
        open_directory = self.daemon.directory / "open"
        open_directory.mkdir()
        self.daemon.state.rename(open_directory / "state")
        self.daemon.state.symlink_to(open_directory / "state")
        open_directory.chmod(0o757)
        self.start_refused(open_directory, "may write to it; expected at most 0755")
        open_directory.chmod(0o1777)
        self.daemon.start()

    def test_what_is_made_is_private_whatever_the_mask(self):
        before = os.umask(0)
        try:
            self.daemon.state = self.daemon.directory / "new"
            self.daemon.start()
        finally:
            os.umask(before)
        for path in (self.daemon.state, *self.daemon.state.rglob("*")):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    @needs_root
    def test_owners(self):
        for path in (self.daemon.state, self.daemon.state / "bgtaskd.db", self.daemon.runtime, self.daemon.directory):
            os.chown(path, ANN, -1)
            try:
                self.start_refused(path, f"belongs to user {ANN}; expected user 0")
            finally:
                os.chown(path, 0, -1)
        link = self.daemon.directory / "link"
        link.symlink_to(self.daemon.directory)
        os.chown(link, ANN, -1, follow_symlinks=False)
        self.daemon.state = link / "state"
        self.start_refused(link, f"belongs to user {ANN}")


if __name__ == "__main__":
    harness.main()
