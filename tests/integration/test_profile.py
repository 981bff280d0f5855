# SPDX-License-Identifier: MPL-2.0
"""Profiles in direct mode: made, used, removed, kept, locked, purged."""

import fcntl
import os
import re
import signal
import stat
import struct
import threading
import time

import harness
from runner_harness import RunnerTest

HANG = 'dump("ready\\n"); await new Promise(() => {});'


class ProfileTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.write_function("hang", HANG)
        self.write_function("quick", "return 12;")

    def hang(self, *args, task="hang", **more):
        process = self.popen("--backgroundtask", task, *args, **more)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def wait_empty(self):
        harness.wait_until(lambda: not self.profiles(), "the profile is removed")

    def lock(self, path):
        fd = os.open(path / ".parentlock", os.O_RDWR | os.O_CREAT)
        self.addCleanup(os.close, fd)
        fcntl.fcntl(fd, fcntl.F_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))


class Ephemeral(ProfileTest):
    def test_name_and_mode(self):
        process = self.hang()
        [name] = self.profiles()
        self.assertRegex(name, r"^MozillaBackgroundTask-[0-9A-F]{16}-hang$")
        path = self.tmp / name
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700)
        self.assertTrue((path / ".parentlock").exists())
        self.assertEqual(os.readlink(path / "lock"), f"127.0.0.1:+{process.pid}")

    def test_removed_at_the_end(self):
        for name in ("quick", "nosuch"):
            self.task(name)
            self.assertEqual(self.profiles(), [])

    def test_kept_when_asked(self):
        env = {"MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE": "1"}
        self.assertEqual(self.task("quick", env=env).returncode, 12)
        self.assertEqual(len(self.profiles()), 1)

    def test_empty_variable_asks_for_nothing(self):
        self.task("quick", env={"MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE": ""})
        self.assertEqual(self.profiles(), [])

    def test_removed_when_killed(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGABRT, signal.SIGSEGV):
            with self.subTest(signal=number):
                process = self.hang(env={"ASAN_OPTIONS": "handle_segv=0:handle_abort=0"})
                self.assertEqual(len(self.profiles()), 1)
                process.send_signal(number)
                if number == signal.SIGSEGV:
                    # The engine takes the first for a fault that will strike again when it returns.
                    harness.wait_until(lambda: process.poll() or process.send_signal(number), "it dies of SIGSEGV")
                self.assertEqual(process.wait(harness.PATIENCE), -number)
                self.wait_empty()

    def test_nobody_waits_for_the_janitor(self):
        process = self.hang()
        process.kill()
        # End of file on both pipes: the janitor does not hold them.
        self.assertEqual(process.communicate(timeout=harness.PATIENCE)[0], b"")
        self.wait_empty()

    def test_group_kill_spares_the_janitor(self):
        process = self.hang(start_new_session=True)
        os.killpg(process.pid, signal.SIGKILL)
        self.wait_empty()

    def test_ten_at_once(self):
        processes = [self.hang() for _ in range(10)]
        names = self.profiles()
        self.assertEqual(len(names), 10)
        suffixes = sorted(re.fullmatch(r"MozillaBackgroundTask-[0-9A-F]{16}-hang(-\d+)?", name).group(1) or ""
                          for name in names)
        self.assertEqual(suffixes, sorted([""] + [f"-{i}" for i in range(1, 10)]))
        for process in processes:
            process.kill()
        self.wait_empty()

    def test_no_tmpdir(self):
        result = self.task("quick", env={"TMPDIR": self.directory / "absent"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("Could not determine any profile", result.err)
        self.assertIn("absent: No such file or directory", result.err)


class Purge(ProfileTest):
    def setUp(self):
        super().setUp()
        process = self.hang(task="hang")
        self.base = self.profiles()[0].removesuffix("hang")
        process.kill()
        process.wait()
        self.wait_empty()

    def make(self, name, age_s):
        path = self.tmp / name
        path.mkdir(mode=0o700)
        (path / "prefs.js").write_text("")
        self.age(path, age_s)
        return path

    def age(self, path, age_s):
        when = time.time() - age_s
        os.utime(path, (when, when))

    def purge(self, **env):
        self.assertEqual(self.task("quick", env=env).returncode, 12)
        return self.profiles()

    def test_exact_names_that_are_old(self):
        gone = [f"{self.base}quick", f"{self.base}quick-3"]
        stays = [f"{self.base}quicker", f"{self.base}quick-x", f"{self.base}other", "unrelated"]
        for name in gone + stays:
            self.make(name, 120)
        self.make(f"{self.base}quick-7", 10)
        self.assertEqual(self.purge(), sorted([*stays, f"{self.base}quick-7"]))

    def test_at_most_five(self):
        for i in range(8):
            self.make(f"{self.base}quick-{i}", 120)
        self.assertEqual(len(self.purge()), 3)

    def test_locked_ones_stay(self):
        path = self.make(f"{self.base}quick-1", 0)
        self.lock(path)
        self.age(path, 120)
        self.assertEqual(self.purge(), [path.name])

    def test_links_are_not_followed(self):
        target = self.make("target", 120)
        link = self.tmp / f"{self.base}quick-1"
        link.symlink_to(target)
        self.assertEqual(self.purge(MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES="always"), sorted([link.name, "target"]))
        self.assertTrue((target / "prefs.js").exists())

    def test_environment(self):
        name = f"{self.base}quick-1"
        path = self.make(name, 120)
        self.assertEqual(self.purge(MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES="never"), [name])
        self.assertEqual(self.purge(MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES="200000"), [name])
        self.assertEqual(self.purge(MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES="100000"), [])
        path = self.make(name, 0)
        self.assertEqual(self.purge(MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES="always"), [])
        self.assertFalse(path.exists())


class Explicit(ProfileTest):
    def setUp(self):
        super().setUp()
        self.profile = self.directory / "profile"
        self.profile.mkdir()

    def test_used_and_kept(self):
        (self.profile / "user.js").write_text('user_pref("toolkit.backgroundtasks.defaultTimeoutSec", 0);\n')
        for args, env in ((["--profile", self.profile], {}), ([], {"XRE_PROFILE_PATH": self.profile})):
            with self.subTest(args=args):
                self.assertEqual(self.task("hang", *args, env=env).returncode, 4)
                self.assertTrue((self.profile / "user.js").exists())
                self.assertFalse((self.profile / "lock").is_symlink())
        self.assertEqual(self.profiles(), [])

    def test_variable_goes_before_flag(self):
        """As in Firefox; and it is of this process alone."""
        other = self.directory / "other"
        other.mkdir()
        self.write_function("where", """
            dump(`${Services.dirsvc.get("ProfD", Ci.nsIFile).path} ${Services.env.exists("XRE_PROFILE_PATH")}\\n`);
            """)
        result = self.task("where", "--profile", other, env={"XRE_PROFILE_PATH": self.profile})
        self.assertEqual(result.out, f"{self.profile} false\n", result.err)
        result = self.task("where", "--profile", other, env={"XRE_PROFILE_PATH": ""})
        self.assertEqual(result.out, f"{other} false\n", result.err)

    def test_relative(self):
        """As in Firefox: as an argument it is of the working directory, in the environment it is passed over."""
        self.write_function("where", "dump(`${Services.dirsvc.get('ProfD', Ci.nsIFile).path}\\n`);")
        result = self.task("where", "--profile", "profile", cwd=self.directory)
        self.assertEqual(result.out, f"{self.profile}\n", result.err)
        result = self.task("where", env={"XRE_PROFILE_PATH": "profile"}, cwd=self.directory)
        self.assertTrue(result.out.startswith(f"{self.tmp}/MozillaBackgroundTask-"), result.out + result.err)

    def test_variable_of_what_is_not_there(self):
        """It is not made, as in Firefox, whose exit code is 0, though, and the task is not run."""
        absent = self.directory / "absent"
        result = self.task("quick", env={"XRE_PROFILE_PATH": absent})
        self.assertEqual(result.returncode, 1)
        self.assertIn("Could not determine any profile", result.err)
        self.assertFalse(absent.exists())

    def test_kept_when_killed(self):
        process = self.hang("--profile", str(self.profile))
        process.kill()
        process.wait()
        # A stale link is no lock.
        self.assertEqual(self.task("quick", "--profile", self.profile).returncode, 12)

    def test_absent_or_no_directory(self):
        for path in (self.directory / "absent", self.prefs_file):
            result = self.task("quick", "--profile", path)
            self.assertEqual(result.returncode, 1)
            self.assertIn(str(path), result.err)
        self.assertEqual(self.task("quick", "--profile").returncode, 1)
        self.assertEqual(self.task("quick", "--profile", "").returncode, 1)

    def test_locked_is_waited_for_then_1(self):
        self.lock(self.profile)
        start = time.monotonic()
        result = self.task("quick", "--profile", self.profile)
        self.assertEqual(result.returncode, 1)
        self.assertIn("is locked by another process", result.err)
        self.assertGreaterEqual(time.monotonic() - start, 4)

    def test_waits_for_the_lock(self):
        process = self.hang("--profile", str(self.profile))
        timer = threading.Timer(0.5, process.kill)
        timer.start()
        self.assertEqual(self.task("quick", "--profile", self.profile).returncode, 12)
        timer.join()


class Persistent(ProfileTest):
    def test_one_directory_a_task(self):
        self.write_function("not_ephemeral_profile", HANG)
        profiles = self.home / ".local" / "state" / "bgtaskd" / "profiles"
        seen = set()
        for _ in range(2):
            process = self.hang(task="not_ephemeral_profile")
            [directory] = [path for path in profiles.iterdir() if path.is_dir()]
            self.assertTrue(os.path.islink(directory / "lock"))
            self.assertEqual(stat.S_IMODE(directory.stat().st_mode), 0o700)
            seen.add(directory)
            process.kill()
            process.wait()
        self.assertEqual(len(seen), 1)
        self.assertRegex(seen.pop().name, r"^[a-z2-7]{8}\.MozillaBackgroundTask-[0-9A-F]{16}-not_ephemeral_profile$")
        self.assertIn("[BackgroundTasksProfiles]\nMozillaBackgroundTask-", (profiles / "profiles.ini").read_text())
        self.assertEqual(self.profiles(), [])

    def test_preference_stays(self):
        self.write_function("message", """
            const value = Services.prefs.getIntPref("test.count", 79) + 1;
            Services.prefs.setIntPref("test.count", value);
            return value;""")
        self.assertEqual([self.task("message").returncode for _ in range(2)], [80, 81])


if __name__ == "__main__":
    harness.main(needs_daemon=False)
