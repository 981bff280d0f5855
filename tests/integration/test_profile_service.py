#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""BackgroundTasksUtils and nsIToolkitProfileService: the profiles of Firefox, found, locked and read."""

import json
import textwrap

import harness
import runner_harness
from test_profile import ProfileTest

IMPORTS = 'import { BackgroundTasksUtils } from "resource://gre/modules/BackgroundTasksUtils.sys.mjs";'
SHOW = """
const show = async (name, body) => {
  let result;
  try {
    result = await body();
  } catch (error) {
    result = `${error.name}: ${String(error.message).replace(/ location: .*/s, "")}`;
  }
  results[name] = result === undefined ? "undefined" : result;
};
const results = {};
const service = Cc["@mozilla.org/toolkit/profile-service;1"].getService(Ci.nsIToolkitProfileService);
"""
END = "\ndump(`@@${JSON.stringify(results)}\\n`);"
DEFAULT = """
await show("has", () => BackgroundTasksUtils.hasDefaultProfile());
await show("path", () => BackgroundTasksUtils.getDefaultProfile()?.rootDir.path ?? null);
await show("current", () => BackgroundTasksUtils.currentProfileIsDefaultProfile());
await show("lock", () => BackgroundTasksUtils.withProfileLock(lock => lock.directory.path));
await show("names", () => [...service.profiles].map(({ name }) => name));
"""
INI = """\
[Install3B6073811A6ABF12]
Default=Profiles/two
Locked=1

[Profile1]
Name=two
IsRelative=1
Path=Profiles/two

[Profile0]
Name=one
IsRelative=1
Path=Profiles/one
Default=1

[General]
StartWithLastProfile=1
Version=2
"""


class ServiceTest(ProfileTest):
    def setUp(self):
        super().setUp()
        self.data = self.home / ".mozilla" / "firefox"
        for name in ("one", "two"):
            (self.data / "Profiles" / name).mkdir(parents=True)
        self.ini(INI)

    def ini(self, text):
        (self.data / "profiles.ini").write_text(text)

    def ask(self, body, *args, **more):
        self.write_function("ask", SHOW + textwrap.dedent(body) + END, IMPORTS)
        result = self.task("ask", *args, **more)
        self.assertEqual(result.returncode, 0, result.out + result.err)
        return json.loads(result.out.split("@@")[1]), result.out.split("@@")[0]

    def default(self, **more):
        return self.ask(DEFAULT, **more)[0]


class DefaultProfile(ServiceTest):
    def test_install_section(self):
        """It is what the installation's section says, not the profile with Default=1."""
        found = self.default()
        self.assertEqual(found, {"has": True, "path": str(self.data / "Profiles/two"), "current": False,
                                 "lock": str(self.data / "Profiles/two"), "names": ["one", "two"]})

    def test_xdg(self):
        """Without ~/.mozilla/firefox it is in XDG_CONFIG_HOME."""
        for name, env in ((".config", {}), ("elsewhere", {"XDG_CONFIG_HOME": str(self.home / "elsewhere")})):
            target = self.home / name / "mozilla"
            target.mkdir(parents=True)
            self.data.rename(target / "firefox")
            self.assertEqual(self.default(env=env)["path"], str(target / "firefox/Profiles/two"))
            (target / "firefox").rename(self.data)

    def test_which_install(self):
        two = INI.replace("[Profile1]", "[InstallAAAA]\nDefault=Profiles/one\n\n[Profile1]")
        self.ini(two)
        self.assertEqual(self.default()["path"], None)
        self.write_prefs({**runner_harness.NO_MINIMUM, "bgtaskd.app.installHash": "aaaa"})
        self.assertEqual(self.default()["path"], str(self.data / "Profiles/one"))
        self.write_prefs({**runner_harness.NO_MINIMUM, "bgtaskd.app.installHash": "BBBB"})
        self.assertEqual(self.default()["path"], None)

    def test_no_install(self):
        self.ini(INI.split("\n\n", 1)[1])
        self.assertEqual(self.default()["path"], str(self.data / "Profiles/one"))

    def test_none(self):
        (self.data / "profiles.ini").unlink()
        self.assertEqual(self.default(), {"has": False, "path": None, "current": None, "names": [],
                                          "lock": "Error: No default profile exists"})

    def test_no_sense(self):
        """Neither a broken nor a huge file is more than no profile."""
        for text in ("[Profile0]\nPath=x\n", "[Profile0\n=\n===\n[]\nName=x", "[Profile0]\nName=x\n", "x" * 2000000, "\0" * 100):
            self.ini(text)
            self.assertEqual(self.default()["names"], [])

    def test_variables_for_tests(self):
        path = self.directory / "of tests"
        path.mkdir()
        found = self.default(env={"MOZ_BACKGROUNDTASKS_DEFAULT_PROFILE_PATH": str(path)})
        self.assertEqual([found["has"], found["path"], found["lock"]], [True, str(path), str(path)])
        self.assertEqual((self.data / "profiles.ini").read_text(), INI)
        found = self.default(env={"MOZ_BACKGROUNDTASKS_NO_DEFAULT_PROFILE": "1"})
        self.assertEqual([found["has"], found["path"], found["current"]], [False, None, None])

    def test_current(self):
        """A run that was given the default profile has it as its own, and can lock it: it has."""
        found, _ = self.ask(DEFAULT, "--profile", str(self.data / "Profiles/two"))
        self.assertEqual([found["current"], found["lock"]], [True, str(self.data / "Profiles/two")])
        found, _ = self.ask(DEFAULT, "--profile", str(self.data / "Profiles/one"))
        self.assertEqual(found["current"], False)


class Lock(ServiceTest):
    def test_locked_by_another(self):
        """Firefox's case: the error is called CannotLockProfileError."""
        self.lock(self.data / "Profiles/two")
        found = self.default()
        self.assertRegex(found["lock"], r"^CannotLockProfileError: Cannot lock profile: .*NS_ERROR_FILE_ACCESS_DENIED")

    def test_life(self):
        found, _ = self.ask("""
            let kept;
            await show("nested", () => BackgroundTasksUtils.withProfileLock(outer => BackgroundTasksUtils.withProfileLock(() => 5)));
            await show("throws", () => BackgroundTasksUtils.withProfileLock(() => { throw new RangeError("inner"); }));
            await show("kept", () => BackgroundTasksUtils.withProfileLock(lock => { kept = lock; }));
            await show("directory", () => kept.directory);
            await show("unlock", () => kept.unlock());
            await show("again", () => BackgroundTasksUtils.withProfileLock(() => 6));
            await show("prefs", () => BackgroundTasksUtils.readPreferences(null, kept));
            await show("no lock", () => BackgroundTasksUtils.readPreferences(null, {}));
            await show("no profile", () => BackgroundTasksUtils.withProfileLock(() => 7, null));
            """)
        self.assertEqual(found["nested"], 5)
        self.assertEqual(found["throws"], "RangeError: inner")
        self.assertEqual(found["kept"], "undefined")
        self.assertIn("NS_ERROR_NOT_INITIALIZED", found["directory"])
        self.assertIn("NS_ERROR_UNEXPECTED", found["unlock"])
        self.assertEqual(found["again"], 6)
        self.assertEqual(found["prefs"], "Error: Profile is not locked")
        self.assertEqual(found["no lock"], "Error: Passed lock was not an instance of nsIProfileLock")
        self.assertEqual(found["no profile"], "Error: No default profile exists")

    def test_inner_unlock_leaves_the_outer(self):
        """An fcntl lock would go with any descriptor of the file that is closed."""
        self.write_function("holder", """
            const profile = BackgroundTasksUtils.getDefaultProfile();
            const outer = profile.lock({});
            profile.lock({}).unlock();
            dump("ready\\n");
            await new Promise(() => {});
            """, IMPORTS)
        self.hang(task="holder")
        self.assertRegex(self.default()["lock"], "^CannotLockProfileError")


class Reading(ServiceTest):
    def setUp(self):
        super().setUp()
        self.profile = self.data / "Profiles/two"
        self.prefs = self.profile / "prefs.js"

    def read(self, body):
        return self.ask(f'await show("read", () => {body});')

    def test_preferences(self):
        self.prefs.write_text('// Firefox\nuser_pref("a.int", -5);\nuser_pref("a.bool", true);\nuser_pref("b.text", "é\\n\\"");\n')
        (self.profile / "user.js").write_text('user_pref("a.int", 6);')
        found, _ = self.read("BackgroundTasksUtils.readPreferences()")
        self.assertEqual(found["read"], {"a.int": -5, "a.bool": True, "b.text": 'é\n"'})

    def test_predicate(self):
        """Firefox's case: only the names that the predicate likes."""
        self.prefs.write_text('user_pref("a.x", 1);\nuser_pref("b.y", 2);\n')
        found, _ = self.read('BackgroundTasksUtils.readPreferences(name => name.startsWith("b."))')
        self.assertEqual(found["read"], {"b.y": 2})

    def test_no_preferences(self):
        """Firefox's case: NotFoundError without a prefs.js."""
        found, _ = self.read("BackgroundTasksUtils.readPreferences()")
        self.assertRegex(found["read"], "^NotFoundError: ")

    def test_broken_lines(self):
        self.prefs.write_text('user_pref("a", 1);\nbroken\nuser_pref("b", 2);\nuser_pref("c", );\nuser_pref("d", 3);\n')
        found, out = self.read("BackgroundTasksUtils.readPreferences()")
        self.assertEqual(found["read"], {"a": 1, "b": 2, "d": 3})
        self.assertIn("console.error: BackgroundTasksUtils: ", out)
        self.assertIn("prefs.js:2: prefs parse error: ", out)
        self.assertIn("prefs.js:4: prefs parse error: ", out)

    def test_client_id(self):
        """Firefox's case: readTelemetryClientID."""
        (self.profile / "datareporting").mkdir()
        (self.profile / "datareporting/state.json").write_text('{"clientID": "c0ffee"}')
        found, _ = self.read("BackgroundTasksUtils.readTelemetryClientID()")
        self.assertEqual(found["read"], "c0ffee")
        (self.profile / "datareporting/state.json").unlink()
        found, _ = self.read("BackgroundTasksUtils.readTelemetryClientID()")
        self.assertRegex(found["read"], "^NotFoundError: ")

    def test_what_is_firefox(self):
        found, _ = self.read("BackgroundTasksUtils.enableNimbus()")
        self.assertRegex(found["read"], "^NS_ERROR_NOT_IMPLEMENTED: .*enableNimbus")


class Own(ServiceTest):
    def test_made_for_the_run(self):
        """Profiles that a task makes are real directories, and profiles.ini stays Firefox's."""
        found, _ = self.ask("""
            const made = service.createProfile(null, "new", "");
            await show("made", () => [made.rootDir.exists(), made.rootDir.permissions, service.profileCount]);
            await show("same", () => service.createProfile(null, "new", "") === made);
            await show("unique", () => service.createUniqueProfile(null, "new", "").name);
            await show("by name", () => service.getProfileByName("new") === made);
            await show("by directory", () => service.getProfileByDir(made.rootDir) === made);
            await show("no name", () => service.getProfileByName("none"));
            await show("removed", () => { made.remove(true); return [made.rootDir.exists(), service.profileCount]; });
            service.flush();
            """)
        self.assertEqual([found[name] for name in ("made", "same", "unique", "by name", "by directory", "removed")],
                         [[True, 0o700, 3], True, "new-1", True, True, [False, 3]])
        self.assertIn("NS_ERROR_FAILURE", found["no name"])
        self.assertEqual((self.data / "profiles.ini").read_text(), INI)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
