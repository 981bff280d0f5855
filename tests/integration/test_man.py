#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The manual pages against what they describe: each row of a table of the code is in its page."""

import re
import shutil
import subprocess
import unittest

import harness

MAN = harness.SRCDIR / "man"
# Made at build time from a table, which test_environment.py holds against it.
GENERATED = "bgtask-environment.7"
PAGES = ["bgtask.3", "bgtaskctl.1", "bgtask-runner.1", "bgtaskd.prefs.5", "bgtaskd.task.5", "bgtaskd-calendar.7",
         "bgtaskd-tasks.7", "bgtaskd.8"]


def source(path):
    return (harness.SRCDIR / path).read_text()


def path_of(name):
    return (harness.BUILDDIR / "man" if name == GENERATED else MAN) / name


def page(name):
    return path_of(name).read_text()


def exit_codes(name):
    """The codes that a page's section on the exit status lists."""
    section = re.search(r"(?ms)^\.Sh EXIT STATUS$(.*?)(?=^\.Sh |\Z)", page(name)).group(1)
    return {int(code) for code in re.findall(r"(?m)^\.It (\d+)$", section)}


class PageTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc")
    def test_lint(self):
        for name in [*PAGES, GENERATED]:
            result = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path_of(name)], capture_output=True, text=True,
                                    check=False)
            self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""), name)

    def test_every_page_is_installed_and_known_here(self):
        self.assertEqual({path.name for path in MAN.glob("*.[0-9]")}, set(PAGES))
        listed = re.findall(r"man/([\w.-]+\.\d)", source("man/local.mk"))
        self.assertEqual(sorted(set(listed) - {GENERATED}), sorted(PAGES))

    def test_references_between_pages(self):
        for name in [*PAGES, GENERATED]:
            for target, section in re.findall(r"(?m)^\.Xr (bgtask[\w.-]*) (\d)", page(name)):
                self.assertIn(f"{target}.{section}", [*PAGES, GENERATED], name)


class CalendarTest(harness.ClientTest):
    """What bgtaskd-calendar(7) shows is what the program says."""

    def blocks(self):
        return re.findall(r"(?ms)^\.Bd -literal.*?$\n(.*?)^\.Ed$", page("bgtaskd-calendar.7"))

    def test_normalised_forms(self):
        section = page("bgtaskd-calendar.7").index(".Sh CRON LINES")
        rows = [(line, page("bgtaskd-calendar.7").index(line) > section) for block in self.blocks()
                for line in block.splitlines() if not block.startswith("$")]
        self.assertGreater(len(rows), 20)
        for line, cron in rows:
            text, wanted = re.split(r" {2,}", line)
            answer = self.ctl("--json", "calendar", *(["--cron"] if cron else []), text)
            self.assertEqual((answer.returncode, answer.err), (0, ""), line)
            self.assertEqual(answer.json["normalized"], wanted)

    def test_sessions_with_calendars(self):
        """What the page shows of bgtaskctl calendar is what it prints."""
        sessions = re.findall(r"(?ms)^\.Bd -literal\n(\$.*?)^\.Ed$", page("bgtaskd-calendar.7"))
        shown = [part.partition("\n") for session in sessions for part in re.split(r"(?m)^\$ ", session)[1:]]
        self.assertGreaterEqual(len(shown), 5)
        for command, _, expected in shown:
            words = command.split()
            self.assertEqual(words[:2], ["bgtaskctl", "calendar"])
            done = subprocess.run([harness.BINDIR / words[0], *words[1:]], capture_output=True, text=True, check=True)
            self.assertEqual([line.rstrip() for line in done.stdout.splitlines()],
                             [line.rstrip() for line in expected.splitlines()], command)

    def test_commands(self):
        commands = [part for block in self.blocks() if block.startswith("$ ") for part in block.split("$ bgtaskctl ")[1:]]
        self.assertGreater(len(commands), 4)
        for command in commands:
            line, output = command.split("\n", 1)
            answer = self.ctl(*line.split())
            self.assertEqual((answer.returncode, answer.err), (0, ""), line)
            self.assertEqual([row.rstrip() for row in answer.out.splitlines()], output.splitlines(), line)


class TableTest(unittest.TestCase):
    def all_in(self, words, name, pattern):
        """Each word is in the page, as pattern (with {}) says."""
        self.assertGreater(len(words), 0)
        text = page(name)
        for word in words:
            self.assertRegex(text, pattern.format(re.escape(word)), f"{word} is missing in {name}")

    def test_commands_and_their_options(self):
        table = source("client/commands.c")
        commands = re.findall(r'(?m)^ {8}\{ "([a-z ]+)",\s*"[^\n]*,$|^ {8}\{ "([a-z ]+)", "', table)
        names = [first or second for first, second in commands]
        self.assertIn("schedule remove", names)
        self.all_in(names, "bgtaskctl.1", r"(?m)^\.It Cm {}( |$)")
        options = re.findall(r'(?m)^ {8}\{ "([a-z-]+)", (?:0|\'.\'), ', table)
        self.assertIn("socket", options)
        self.all_in(options, "bgtaskctl.1", r"(?m)^\.It (Fl \w (Ar \w+ )?, )?Fl -{}( |$)")
        letters = re.findall(r"(?m)^ {8}\{ \"[a-z-]+\", '(.)', ", table)
        self.all_in(letters, "bgtaskctl.1", r"(?m)^\.It Fl {} ")

    def test_help_shows_the_same_commands(self):
        with harness.contextlib.closing(harness.Area()) as area:
            out = harness.Client(area, "/nowhere").run("--help").out
        names = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  ", out)
        self.all_in(names, "bgtaskctl.1", r"(?m)^\.It Cm {}( |$)")

    def test_states_results_and_fields_of_runs(self):
        interface = re.sub(r"(?m)#.*$", "", source("schema/io.bgtaskd.Manager.varlink"))
        types = dict(re.findall(r"(?s)type (\w+) \((.*?)\)", interface))
        for name in ("State", "Result"):
            words = re.findall(r"\w+", types[name])
            self.all_in(words, "bgtaskctl.1", r"(?m)^\.It Cm {}$")
        fields = re.findall(r"(\w+):", types["RunInfo"])
        self.assertIn("maxRssBytes", fields)
        self.all_in(fields, "bgtaskctl.1", r"(?m)^\.It Va ([\w]+ , )*{}( |$)")
        for name in ("Schedule", "Task"):
            self.all_in(re.findall(r"(\w+):", types[name]), "bgtaskctl.1", r"(?m)^\.Va ([\w]+ , )*{}( |$)")

    def test_settings(self):
        table = source("daemon/settings.c")
        rows = re.findall(r'\{\s*"(bgtaskd\.[\w.]+)",\s*PREF_(?:INT|BOOL),\s*(\d+),\s*(\d+),\s*(\d+),', table)
        header = source("daemon/settings.h")
        count = len(re.findall(r"(?m)^ +SETTING_\w+", header[:header.index("SETTING_COUNT")]))
        self.assertEqual(len(rows), count)
        text = page("bgtaskd.8")
        for name, lowest, highest, default in rows:
            entry = re.search(rf"(?ms)^\.It Va {re.escape(name)}$(.*?)^\.(It|El)", text)
            self.assertIsNotNone(entry, name)
            wanted = f"{lowest} to {highest}, default {default}."
            if (lowest, highest) == ("0", "1"):
                wanted = f"true or false, default {'true' if default == '1' else 'false'}."
            self.assertIn(wanted, entry.group(1), name)

    def test_settings_of_pools(self):
        rows = re.findall(r'(?s)\[POOL_\w+\] = \{ "(\w+)", (\d+), (\d+), (\d+),', source("daemon/pool_settings.c"))
        self.assertEqual(len(rows), 3)
        for name, lowest, highest, default in rows:
            entry = re.search(rf"(?ms)^\.It Va bgtaskd\.pools\.NAME\.{name}$(.*?)^\.(It|El)", page("bgtaskd.8"))
            self.assertIsNotNone(entry, name)
            self.assertIn(f"{lowest} to {highest}, default {default}.", entry.group(1), name)

    def keys_in(self, text, names, values):
        """Each key is in the text, with the default that the client shows."""
        for key in names:
            entry = re.search(rf"(?ms)^\.It Cm {key} Ns = (.*?)^\.(?=It Cm \w+ Ns =|Sh|Ss)", text)
            self.assertIsNotNone(entry, key)
            default = values[key]["value"]
            self.assertRegex(entry.group(1), rf"\nDefault: {re.escape(default)}[.,]" if default else "\nDefault: ", key)

    def test_keys_of_task_files(self):
        text = page("bgtaskd.task.5")
        sections = dict(re.findall(r"(?ms)^\.Sh (KEYS OF \w+)\n(.*?)(?=^\.Sh )", text + ".Sh "))
        self.assertEqual(len(sections), 2)
        with harness.contextlib.closing(harness.Area()) as area:
            (area.path / "some.task").write_text("[Schedule]\nEverySec=1h\n[Schedule]\nName=x\nCron=@daily\n")
            shown = harness.Client(area, "/nowhere").run("--json", "task", "some",
                                                         env={"BGTASKD_TASK_DIRS": area.path}).json
        for path, section, values in (("lib/task_policy.c", "KEYS OF TASKS", shown["values"]),
                                      ("lib/schedule_definition.c", "KEYS OF SCHEDULES", {
                                          **shown["schedules"][0]["values"],
                                          "EverySec": shown["schedules"][1]["values"]["EverySec"]})):
            rows = re.findall(r'(?m)^ {8}\{ "(\w+)",\s+KEY_', source(path))
            self.assertEqual(rows, list(values), path)
            self.keys_in(sections[section] + ".Sh", rows, values)
        self.keys_in(sections["KEYS OF SCHEDULES"], ["Name"], {"Name": {"value": ""}})
        results = re.search(r"(?s)\bresults\[\] = \{(.*?)\}", source("lib/schedule_value.c")).group(1)
        words = re.findall(r'"(\w+)"', results)
        interface = source("schema/io.bgtaskd.Manager.varlink")
        known = re.findall(r"\w+", re.search(r"(?s)type Result \((.*?)\)", interface).group(1))
        self.assertEqual(set(words), set(known) - {"success", "cancelled", "condition_lost"})
        entry = re.search(r"(?ms)^\.It Cm RetryOn(.*?)^\.It", sections["KEYS OF SCHEDULES"]).group(1)
        for word in words:
            self.assertRegex(entry, rf"\b{word}\b")

    def test_outcomes_and_reasons_of_the_ledger(self):
        section = re.search(r"(?ms)^\.Sh LEDGER$(.*?)^\.Sh ", page("bgtaskctl.1")).group(1)
        interface = source("schema/io.bgtaskd.Manager.varlink")
        outcomes, holds = (re.findall(r"\w+", re.search(pattern, interface).group(1))
                           for pattern in (r"outcome: \((.*?)\)", r"type Hold \(run: int, reason: \((.*?)\)"))
        reasons = set(holds)
        for path, pattern in (("daemon/timetable_occur.c", r'OCCURRENCE_\w+, "([a-z-]+)"'),
                              ("daemon/timetable_occur.c", r'occurrence\.reason\), "([a-z-]+)"'),
                              ("daemon/timetable.c", r'late \? late : "([a-z-]+)"'),
                              ("daemon/timetable_runs.c", r'held \? "([a-z-]+)" : ""'),
                              ("daemon/timetable_pause.c", r'timetable_skip_rest\(.*?"([a-z-]+)"(?: : "([a-z-]+)")?'),
                              ("daemon/timetable_change.c", r'(?s)timetable_skip_rest\(.*?"([a-z-]+)" : "([a-z-]+)"'),
                              ("daemon/scheduler.c", r'return "([a-z-]+)"|\? "([a-z-]+)" : NULL|late = "([a-z-]+)"')):
            found = re.findall(pattern, source(path))
            self.assertTrue(found, (path, pattern))
            for words in found:
                reasons.update([words] if isinstance(words, str) else filter(None, words))
        self.assertLessEqual({"overlap", "queue-full", "suspended", "clock-set-forward", "stopped", "edited", "removed"}, reasons)
        told = set(re.findall(r"[\w-]+", " ".join(re.findall(r"(?m)^\.It Sy (.*)$", section))))
        self.assertEqual(told, reasons | set(outcomes))

    def test_mechanisms_and_specifiers_of_task_files(self):
        rows = re.findall(r'\{ SANDBOX_\w+, "(\w+)", "(\w+)" \}', source("lib/sandbox_text.c"))
        self.assertGreater(len(rows), 10)
        text = page("bgtaskd.task.5")
        for facet, word in rows:
            if word in ("allowed", "shared"):  # what is so where nothing keeps a run in
                continue
            entry = re.search(rf"(?ms)^\.It Cm {facet}$(.*?)^\.(It|El)", text)
            self.assertIsNotNone(entry, facet)
            self.assertRegex(entry.group(1), rf"\b{word}\b", facet)
        letters = re.findall(r"\{ '(.)', \w+ \}", source("lib/task_specifier.c"))
        self.assertGreater(len(letters), 5)
        for letter in letters:
            self.assertRegex(text.replace("\\&", ""), rf"(?m)^\.It Ql (%\w , )*%{letter}( |$)")

    def test_roles(self):
        table = source("daemon/roles.c")
        names = re.findall(r'ROLES_PREFIX "((?:user|group)\.NAME|default)",\s*"', table)
        self.assertEqual(len(names), 3)
        self.all_in([f"bgtaskd.access.{name}" for name in names], "bgtaskd.prefs.5", r"(?m)^\.It Va {}$")
        words = re.findall(r'\[ROLE_\w+\] = "(\w+)"', table)
        self.assertEqual(len(words), 5)
        self.all_in(words, "bgtaskd.8", r"(?m)^\.It Cm {}$")
        self.all_in(words, "bgtaskd.prefs.5", r"(?m)^\.Ql {}( |$)")

    def test_preferences_of_tasks(self):
        names = set(re.findall(r'"(toolkit\.backgroundtasks\.[\w.]+)"', source("runner/timing.h")))
        self.all_in(names, "bgtaskd.prefs.5", r"(?m)^\.It Va {}$")

    def test_defaults_of_preferences(self):
        """Each has its entry, with its default where that is a number or a boolean."""
        defaults = re.findall(r'(?m)^pref\("([\w.-]+)", (.*)\);$', source("scripts/defaults/backgroundtasks.js"))
        self.assertGreater(len(defaults), 20)
        entries = {}
        for entry in re.split(r"(?m)^(?=\.It Va )", page("bgtaskd.prefs.5")):
            for name in re.findall(r"[\w.-]+", entry.split("\n")[0].removeprefix(".It Va ")):
                entries[name] = entry
        for name, value in defaults:
            self.assertIn(name, entries)
            if value != '""' and not name.endswith("_port"):
                self.assertRegex(entries[name], rf"(?m)^Default: (.* and )?{re.escape(value)}( and .*)?\.$")

    def test_options_of_the_daemon(self):
        names = re.findall(r'\[OPTION_\w+\] = \{ "([a-z-]+)"', source("daemon/options.c"))
        self.assertIn("state-dir", names)
        self.all_in(names, "bgtaskd.8", r"(?m)^\.It Fl -{}( |$)")

    def test_flags_of_the_runner(self):
        names = re.findall(r'\{ "([a-z-]+)", FLAG_', source("runner/options.c"))
        self.assertIn("backgroundtask", names)
        self.all_in(names, "bgtask-runner.1", r"(?m)^\.It (Fl -[\w-]+ , )*Fl -?{}( |$)")

    def test_tasks_that_print_nothing_or_have_a_persistent_profile(self):
        for path in ("runner/run.c", "runner/profile.c"):
            table = re.search(r"(?s)static const char \*const \w+_tasks\[\] = \{(.*?)\}", source(path))
            names = re.findall(r'"(\w+)"', table.group(1))
            self.all_in(names, "bgtaskd-tasks.7", r"\b{}\b")


class ExitCodeTest(unittest.TestCase):
    header = source("lib/exit_code.h")
    programs = {name: int(code) for name, code in re.findall(r"(PROGRAM_EXIT_\w+) = (\d+)", header)}
    tasks = {name: int(code) for name, code in re.findall(r"(TASK_EXIT_\w+) = (\d+)", header)}

    def used(self, folder):
        text = "".join(path.read_text() for path in (harness.SRCDIR / folder).glob("*.c"))
        names = set(re.findall(r"\bPROGRAM_EXIT_\w+", text)) - {"PROGRAM_EXIT_SIGNAL_BASE", "PROGRAM_EXIT_OK"}
        return {self.programs[name] for name in names}

    def test_a_page_has_the_codes_that_the_program_uses(self):
        self.assertEqual(exit_codes("bgtaskctl.1"), self.used("client"))
        self.assertEqual(exit_codes("bgtaskd.8"), self.used("daemon") | {0})
        tasks = set(self.tasks.values()) - {self.tasks["TASK_EXIT_LAST_RESERVED"]}
        self.assertEqual(exit_codes("bgtask-runner.1"), self.used("runner") | tasks)

    def test_every_code_is_somewhere(self):
        listed = exit_codes("bgtaskctl.1") | exit_codes("bgtaskd.8") | exit_codes("bgtask-runner.1")
        self.assertLessEqual(set(self.programs.values()), listed)

    def test_codes_of_tasks(self):
        text = page("bgtaskd-tasks.7")
        for name, code in self.tasks.items():
            shown = rf"5 to {code}" if name == "TASK_EXIT_LAST_RESERVED" else str(code)
            self.assertRegex(text, rf"(?m)^\.It {shown}$", name)
        self.assertLessEqual(set(self.tasks.values()) - {10}, exit_codes("bgtask-runner.1"))


if __name__ == "__main__":
    harness.main(needs_daemon=False)
