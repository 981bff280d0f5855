#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""BackgroundTasksUtils and nsIToolkitProfileService: the profiles of Firefox, found, locked and read."""

import configparser
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


class Changing(ServiceTest):
    """What is asserted here Firefox does as well, unless it says otherwise."""

    def sections(self, name="profiles.ini"):
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.optionxform = str
        parser.read_string((self.data / name).read_text())
        return {section: dict(parser[section]) for section in parser.sections()}

    def test_made(self):
        """A profile is made in its directories at once, and is in profiles.ini once that is asked for."""
        found, _ = self.ask("""
            const made = service.createProfile(null, "new", "");
            await show("made", () => [made.rootDir.path, made.rootDir.permissions, made.localDir.path, made.localDir.exists(),
                                      service.profileCount]);
            await show("times", () => IOUtils.readUTF8(PathUtils.join(made.rootDir.path, "times.json")));
            await show("same", () => service.createProfile(null, "new", "") === made);
            await show("unique", () => service.createUniqueProfile(null, "new", "").name);
            await show("by name", () => service.getProfileByName("new") === made);
            await show("by directory", () => service.getProfileByDir(made.rootDir) === made);
            await show("no name", () => service.getProfileByName("none"));
            await show("first", () => service.isFirstRun);
            await show("ini", () => IOUtils.readUTF8(PathUtils.join(Services.dirsvc.get("UAppData", Ci.nsIFile).path, "profiles.ini")));
            await show("flush", () => service.flush());
            await show("current", () => service.asyncFlushCurrentProfile());
            await show("arguments", () => service.createProfile(null, "x"));
            """)
        path, mode, local, local_exists, count = found["made"]
        self.assertRegex(path, rf"^{self.data}/[a-z0-9]{{8}}\.new$")
        leaf = path.rsplit("/", 1)[1]
        self.assertEqual((mode, local, local_exists, count), (0o700, f"{self.home}/.cache/mozilla/firefox/{leaf}", True, 3))
        self.assertRegex(found["times"], r'^\{\n "created": \d+,\n "firstUse": null,\n "source": "unknown"\n\}\n$')
        self.assertEqual([found[name] for name in ("same", "unique", "by name", "by directory", "first", "flush")],
                         [True, "new-1", True, True, False, "undefined"])
        self.assertIn("NS_ERROR_FAILURE", found["no name"])
        self.assertIn("NS_ERROR_ILLEGAL_VALUE", found["current"])
        self.assertIn("NS_ERROR_XPC_NOT_ENOUGH_ARGS", found["arguments"])
        self.assertEqual(found["ini"], INI)
        sections = self.sections()
        self.assertEqual(sections["Profile2"], {"Name": "new", "IsRelative": "1", "Path": leaf})
        self.assertEqual(sections["Profile3"]["Name"], "new-1")
        self.assertEqual(sections["Profile0"], {"Name": "one", "IsRelative": "1", "Path": "Profiles/one", "Default": "1"})
        self.assertEqual(sections["General"], {"StartWithLastProfile": "1", "Version": "2"})
        self.assertEqual(sections["Install3B6073811A6ABF12"], {"Default": "Profiles/two", "Locked": "1"})
        self.assertEqual(self.sections("installs.ini"), {"3B6073811A6ABF12": {"Default": "Profiles/two", "Locked": "1"}})
        self.assertEqual([path.name for path in self.data.glob("*.new") if path.is_file()], [])
        names = self.default()["names"]
        self.assertEqual(names, ["one", "two", "new", "new-1"])

    def test_what_is_not_known_stays(self):
        self.ini(INI + "[BackgroundTasksProfiles]\na=b\n[Other]\nX=y=z\n[Profile2]\nName=three\nIsRelative=0\n"
                 "Path=/elsewhere\nStoreID=abc\n[Profile4]\nName=beyond a gap\n")
        before = self.sections()
        found, _ = self.ask("""
            service.flush();
            await show("store", () => [...service.profiles].map(profile => profile.storeID));
            """)
        self.assertEqual(found["store"], [None, None, "abc"])
        self.assertEqual(self.sections(), before)

    def test_renamed_and_removed(self):
        found, _ = self.ask("""
            const [one, two] = service.profiles;
            one.name = "first";
            await show("name", () => one.name);
            await show("removed", () => { two.remove(true); return [two.rootDir.exists(), service.profileCount]; });
            await show("again", () => two.remove(true));
            await show("default", () => service.defaultProfile);
            await show("lock", () => two.lock({}));
            service.startWithLastProfile = false;
            service.flush();
            await show("background", () => { one.removeInBackground(true); return service.profileCount; });
            while (one.rootDir.exists()) {
              await new Promise(resolve => setTimeout(resolve, 1));
            }
            await service.asyncFlush();
            """)
        self.assertEqual([found[name] for name in ("name", "removed", "default", "background")], ["first", [False, 1], None, 0])
        self.assertIn("NS_ERROR_NOT_INITIALIZED", found["again"])
        self.assertIn("NS_ERROR_FILE_NOT_FOUND", found["lock"])
        self.assertEqual(self.sections(), {"General": {"StartWithLastProfile": "0", "Version": "2"},
                                           "Install3B6073811A6ABF12": {"Default": "", "Locked": "1"}})

    def test_default(self):
        found, _ = self.ask("""
            const [one] = service.profiles;
            service.defaultProfile = one;
            service.flush();
            await show("default", () => service.defaultProfile === one);
            await show("no profile", () => { service.defaultProfile = {}; });
            """)
        self.assertTrue(found["default"])
        self.assertIn("NS_ERROR_FAILURE", found["no profile"])
        self.assertEqual(self.sections()["Install3B6073811A6ABF12"], {"Default": "Profiles/one", "Locked": "1"})
        self.assertEqual(self.sections("installs.ini"), {"3B6073811A6ABF12": {"Default": "Profiles/one", "Locked": "1"}})
        self.assertEqual(self.default()["path"], str(self.data / "Profiles/one"))

    def test_first_file(self):
        """Where there was none; the section is that of this installation."""
        (self.data / "profiles.ini").unlink()
        self.ask("""
            service.defaultProfile = service.createProfile(null, "only", "");
            service.flush();
            """)
        sections = self.sections()
        [install] = [name for name in sections if name.startswith("Install")]
        self.assertRegex(install, "^Install[0-9A-F]{16}$")
        self.assertEqual(sections[install]["Default"], sections["Profile0"]["Path"])
        self.assertEqual(self.default()["names"], ["only"])

    def test_changed_by_others(self):
        """Nothing of what others wrote meanwhile is lost."""
        for change in ("IOUtils.writeUTF8(ini, '[General]\\n')", "IOUtils.remove(ini)", "IOUtils.setModificationTime(ini, 1e12)"):
            self.ini(INI)
            found, _ = self.ask(f"""
                const ini = PathUtils.join(Services.dirsvc.get("UAppData", Ci.nsIFile).path, "profiles.ini");
                service.createProfile(null, "new", "");
                await show("before", () => service.isListOutdated);
                await {change};
                await show("after", () => service.isListOutdated);
                await show("flush", () => service.flush());
                await show("async", () => service.asyncFlush());
                """)
            self.assertEqual([found["before"], found["after"]], [False, True], change)
            self.assertIn("NS_ERROR_DATABASE_CHANGED", found["flush"])
            self.assertTrue(found["async"].startswith("NS_ERROR_DATABASE_CHANGED"), found["async"])
        self.assertEqual((self.data / "profiles.ini").read_text(), INI)

    def test_unreadable_is_not_replaced(self):
        """Other than in Firefox: what could not be read is not written over."""
        for content in (b"x" * 2000000, INI.encode() + b"[\xff]\n"):
            (self.data / "profiles.ini").write_bytes(content)
            found, _ = self.ask('await show("flush", () => service.flush());')
            self.assertRegex(found["flush"], "^NS_ERROR_FILE_(TOO_BIG|CORRUPTED)")
            self.assertEqual((self.data / "profiles.ini").read_bytes(), content)

    def test_link_stays(self):
        target = self.directory / "elsewhere.ini"
        (self.data / "profiles.ini").rename(target)
        (self.data / "profiles.ini").symlink_to(target)
        target.chmod(0o640)
        self.ask("service.flush();")
        self.assertTrue((self.data / "profiles.ini").is_symlink())
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)

    def test_old_file(self):
        """Without a Version installs.ini counts: an older Firefox has dropped the sections."""
        (self.data / "installs.ini").write_text("[3B6073811A6ABF12]\nDefault=Profiles/one\nLocked=1\n")
        self.ini(INI.replace("Version=2\n", ""))
        self.assertEqual(self.default()["path"], str(self.data / "Profiles/one"))
        self.ini(INI)
        self.assertEqual(self.default()["path"], str(self.data / "Profiles/two"))

    def test_names_that_are_none(self):
        """Other than in Firefox: there these become the directory of all profiles, or sections of profiles.ini."""
        found, _ = self.ask("""
            for (const name of ["../up", "a/b", "a\\0b", "a\\n[Install]", "a\\rb"]) {
              await show(`create ${name}`, () => service.createProfile(null, name, ""));
              await show(`unique ${name}`, () => service.createUniqueProfile(null, name, ""));
              await show(`rename ${name}`, () => { [...service.profiles][0].name = name; });
            }
            service.flush();
            """)
        self.assertEqual(len(found), 15)
        for result in found.values():
            self.assertIn("NS_ERROR_ILLEGAL_VALUE", result)
        self.assertEqual(self.default()["names"], ["one", "two"])

    def test_directory_given(self):
        found, _ = self.ask("""
            const file = Services.dirsvc.get("TmpD", Ci.nsIFile);
            file.append("not there");
            file.append("deep");
            const made = service.createProfile(file, "deep", "by a test");
            await show("made", () => [made.rootDir.path, made.localDir.path, made.rootDir.exists()]);
            file.append("times.json");
            await show("file", () => service.createProfile(file, "on a file", ""));
            await show("long", () => service.createProfile(null, "x".repeat(300), ""));
            await show("object", () => service.createProfile({}, "x", ""));
            service.flush();
            """)
        path = str(self.tmp / "not there/deep")
        self.assertEqual(found["made"], [path, path, True])
        self.assertIn("NS_ERROR_FILE_NOT_DIRECTORY", found["file"])
        self.assertIn("NS_ERROR_FILE_NAME_TOO_LONG", found["long"])
        self.assertIn("NS_ERROR_FAILURE", found["object"])
        self.assertEqual(self.sections()["Profile2"], {"Name": "deep", "IsRelative": "0", "Path": path})


if __name__ == "__main__":
    harness.main(needs_daemon=False)
