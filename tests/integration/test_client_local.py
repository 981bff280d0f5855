#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What bgtaskctl does by itself: command lines, help, where it looks for the daemon."""

import os
import re
import socket
import subprocess
import unittest

import harness

COMMANDS = ["run", "list", "show", "logs", "wait", "cancel", "tasks", "task", "verify", "calendar", "status", "schedule add",
            "schedule edit", "schedule show", "schedule list", "schedule remove", "schedule pause", "schedule resume",
            "schedule run", "schedule backfill", "next", "simulate", "why", "audit", "reload", "reexec", "backup", "help"]


class HelpTest(harness.ClientTest):
    def test_help_names_every_command(self):
        result = self.ctl("--help")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        for command in COMMANDS:
            self.assertRegex(result.out, rf"(?m)^  {command}  ")

    def test_help_of_a_command(self):
        for command in COMMANDS:
            for flag in ("--help", "-h"):
                result = self.ctl(*command.split(), flag)
                self.assertEqual((result.returncode, result.stderr), (0, b""), command)
                self.assertIn(f"Usage: bgtaskctl [OPTION...] {command}", result.out)
                self.assertIn("--socket=PATH", result.out)

    def test_help_is_a_command_too(self):
        for command in ["", *COMMANDS]:
            words = command.split()
            self.assertEqual(self.ctl("help", *words).out, self.ctl(*words, "--help").out, command)
        for words in (["help", "schedule"], ["schedule", "--help"], ["schedule", "-h"]):
            result = self.ctl(*words)
            self.assertEqual((result.returncode, result.stderr), (0, b""), words)
            self.assertEqual(re.findall(r"(?m)^  (schedule \w+) ", result.out),
                             [command for command in COMMANDS if command.startswith("schedule ")])

    def test_lines_of_help_fit_a_terminal(self):
        for command in ["", *COMMANDS]:
            for line in self.ctl(*command.split(), "--help").out.splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_version(self):
        result = self.ctl("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.out, r"^bgtaskctl \(bgtaskd\) \d+\.\d+\.\d+\n")
        self.assertEqual("--disable-backgroundtasks" in result.out, not harness.have_background_tasks())

    def test_version_as_json(self):
        document = self.ctl("--json", "--version").json
        self.assertEqual(document["jsonVersion"], 1)
        self.assertEqual(document["backgroundTasks"], harness.have_background_tasks())

    def test_help_needs_no_operands_and_no_daemon(self):
        self.assertEqual(self.ctl("--socket=/nowhere", "show", "--help").returncode, 0)


class UsageTest(harness.ClientTest):
    def refuse(self, *args, text, code=64, **more):
        result = self.ctl(*args, **more)
        self.assertEqual(result.returncode, code, result.err)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(result.err.count("\n"), 1, result.err)
        self.assertTrue(result.err.startswith("bgtaskctl: "), result.err)
        self.assertIn(text, result.err)

    def test_command_lines_that_are_wrong(self):
        for args, text in [
            ([], "no command"),
            (["frob"], 'unknown command "frob"'),
            ([""], 'unknown command ""'),
            (["ru"], 'unknown command "ru"'),
            (["schedule"], "schedule needs one of: add, edit, show, list, remove, pause, resume, run, backfill"),
            (["schedule", "frob"], "schedule needs one of: add, edit, show, list, remove, pause, resume, run, backfill"),
            (["--frob"], "unknown option --frob"),
            (["list", "--frob=1"], "unknown option --frob"),
            (["list", "-x"], "unknown option -x"),
            (["list", "--json=1"], "option --json takes no value"),
            (["list", "--task"], "option --task needs a value: NAME"),
            (["list", "-t"], "option -t needs a value: NAME"),
            (["--socket"], "option --socket needs a value: PATH"),
            (["--socket=", "list"], "invalid --socket: expected a path"),
            (["help", "frob"], 'unknown command "frob"'),
            (["frob", "--help"], 'unknown command "frob"'),
            (["help", "run", "x"], 'no command begins with "run x"'),
            (["help", "schedule", "x"], "schedule needs one of: add"),
            (["help", "schedule", "add", "x"], "too many arguments"),
            (["schedule", "edit", "n"], "schedule edit needs --property=KEY=VALUE"),
            (["schedule", "edit", "n", "--json"], "schedule edit needs --property=KEY=VALUE"),
            (["schedule", "backfill", "n", "--from=@9", "--to=@9"], "invalid --to: expected a time after --from"),
            (["schedule", "backfill", "n", "--from=@4000000000"], "invalid --from: expected a time that has passed"),
            (["audit", "--from=@9", "--to=@5"], "invalid --to: expected a time after --from"),
            (["list", "--state="], "invalid --state: expected queued, starting, running, finished, held, "
                                   "cancelled, interrupted or lost"),
            (["list", "extra"], "too many arguments"),
            (["show"], "too few arguments: usage: bgtaskctl show RUN"),
            (["show", "1", "2"], "too many arguments"),
            (["run"], "too few arguments"),
            (["run", "--"], "too few arguments"),
            (["run", "--detach"], "too few arguments"),
            (["--user", "--system", "list"], "exclude each other"),
            (["--timeout=soon", "list"], "invalid --timeout"),
            (["schedule", "add", "n", "t"], "--every"),
            (["schedule", "add", "n", "t", "--every=never"], "invalid --every"),
            (["schedule", "add", "n", "t", "--every=0.5s"], "invalid --every: expected a time span from 1s to 3653 days"),
            (["schedule", "add", "n", "t", "--every=11y"], "invalid --every: expected a time span from 1s to 3653 days"),
            (["schedule", "add", "n", "--every=6h"], "too few arguments"),
            (["list", "--limit=0"], "invalid --limit"),
            (["list", "--limit=100001"], "invalid --limit"),
            (["list", "--limit=1x"], "invalid --limit"),
            (["run", "--key=", "t"], "invalid --key"),
            (["calendar"], "calendar needs an expression"),
            (["calendar", "25:00"], "hour at character 1: expected 0 to 23"),
            (["calendar", "--cron", "* * * *"], "day of the week at character 8: expected"),
            (["calendar", "--cron", "H * * * *"], "no seed to hash"),
            (["calendar", "daily", "daily Nowhere/Land"],
             'invalid expression "daily Nowhere/Land": expected the name of a time zone'),
            (["calendar", "--zone=../etc/passwd", "daily"], "invalid zone: expected the name of a time zone"),
            (["calendar", "--gap=never", "daily"], "invalid gap: expected run-after, skip or shift"),
            (["calendar", "--overlap=0", "daily"], "invalid overlap: expected first, second or both"),
            (["calendar", "--from=soon", "daily"], "invalid --from: expected @SECONDS"),
            (["calendar", "--until=@99999999999", "daily"], "invalid --until: expected @SECONDS"),
            (["calendar", "-n", "0", "daily"], "invalid --iterations: expected 1 to 1000000"),
            (["calendar", "--except=x", "daily"], 'invalid expression "x"'),
            (["calendar", "--batch", "daily"], "--batch takes expressions from stdin alone"),
        ]:
            with self.subTest(args=args):
                self.refuse(*args, text=text)

    def test_numbers_of_runs(self):
        for command in ("show", "logs", "wait", "cancel"):
            for number in ("", "0", "x", "1x", "+1", " 1", "0x10", "99999999999999999999", "1.5"):
                with self.subTest(command=command, number=number):
                    self.refuse(command, number, text="invalid run")
            self.refuse(command, "--", "-1", text="invalid run")

    def test_names_and_arguments_that_no_run_can_have(self):
        for args, text in [
            (["run", ""], "name"),
            (["run", "a/b"], "name"),
            (["run", ".."], "name"),
            (["run", "a..b"], "name"),
            (["run", "n" * 129], "name"),
            (["run", b"\xff"], "UTF-8"),
            (["run", "a\nb"], "control"),
            (["run", "t", b"\xff"], "UTF-8"),
            (["run", "t", b"ok", b"\xed\xa0\x80"], "UTF-8"),
            (["run", "t", b"\xc0\xaf"], "UTF-8"),
            (["run", "t", *["x"] * 257], "256"),
            (["run", "t", "x" * 70000, "x" * 70000], "131072"),
            (["run", b"--key=\xff", "t"], "UTF-8"),
            (["schedule", "add", b"\xff", "t", "--every=6h"], "UTF-8"),
            (["schedule", "add", "n", "t", "--every=6h", b"\xff"], "UTF-8"),
            (["schedule", "remove", b"\xff"], "UTF-8"),
            (["list", b"--task=\xff"], "UTF-8"),
        ]:
            with self.subTest(args=str(args)[:60]):
                self.refuse(*args, text=text)

    def test_message_has_no_control_characters(self):
        self.refuse("\033[31mred\nline", text=r"\x1b[31mred\nline")


class SocketTest(harness.ClientTest):
    """Which socket is tried shows in the message that no daemon is there."""

    def tried(self, *args, **env):
        result = self.ctl(*args, "status", env={"BGTASKD_SOCKET": None, **env})
        self.assertEqual(result.returncode, 69, result.err)
        self.assertEqual(result.stdout, b"")
        return re.match(r"bgtaskctl: no daemon answers on (\S+): start it with (.*)\n$", result.err).groups()

    def test_option_beats_environment(self):
        path, how = self.tried("--socket=/nowhere/a", BGTASKD_SOCKET="/nowhere/b")
        self.assertEqual(path, "/nowhere/a")
        self.assertIn("bgtaskd --socket=/nowhere/a", how)

    def test_environment(self):
        self.assertEqual(self.tried(BGTASKD_SOCKET="/nowhere/b")[0], "/nowhere/b")

    def test_empty_environment_counts_for_nothing(self):
        self.assertNotEqual(self.tried("--user", BGTASKD_SOCKET="", XDG_RUNTIME_DIR="/nowhere")[0], "")

    def test_user_beats_environment(self):
        path, how = self.tried("--user", BGTASKD_SOCKET="/nowhere/b", XDG_RUNTIME_DIR="/nowhere/x")
        self.assertEqual(path, "/nowhere/x/bgtaskd/control")
        self.assertIn("systemctl --user start bgtaskd", how)
        self.assertIn("bgtaskd --user", how)

    @unittest.skipIf(os.path.exists("/run/bgtaskd/control"), "the system's daemon runs here")
    def test_system(self):
        path, how = self.tried("--system", BGTASKD_SOCKET="/nowhere/b")
        self.assertEqual(path, "/run/bgtaskd/control")
        self.assertIn("systemctl start bgtaskd", how)

    @unittest.skipIf(os.path.exists("/run/bgtaskd/control"), "the system's daemon runs here")
    def test_default(self):
        """root: the system's. Others: their own if its socket is there, else the system's."""
        runtime = self.area.path / "runtime"
        (runtime / "bgtaskd").mkdir(parents=True)
        self.assertEqual(self.tried(XDG_RUNTIME_DIR=runtime)[0], "/run/bgtaskd/control")
        left_over = runtime / "bgtaskd" / "control"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(left_over))
        expected = "/run/bgtaskd/control" if os.geteuid() == 0 else str(left_over)
        self.assertEqual(self.tried(XDG_RUNTIME_DIR=runtime)[0], expected)

    def test_user_without_runtime_directory(self):
        result = self.ctl("--user", "status", env={"BGTASKD_SOCKET": None, "XDG_RUNTIME_DIR": None})
        self.assertEqual(result.returncode, 78)
        self.assertIn("XDG_RUNTIME_DIR", result.err)

    def test_every_command_says_that_there_is_no_daemon(self):
        for args in (["run", "t"], ["run", "--detach", "t"], ["list"], ["show", "1"], ["logs", "1"], ["logs", "-f", "1"],
                     ["wait", "1"], ["cancel", "1"], ["tasks"], ["status"], ["schedule", "add", "n", "t", "--every=6h"],
                     ["schedule", "list"], ["schedule", "remove", "n"], ["--json", "list"], ["list", "--json"]):
            with self.subTest(args=args):
                result = self.ctl(*args)
                self.assertEqual((result.returncode, result.stdout), (69, b""), result.err)
                self.assertIn("no daemon answers on", result.err)
                self.assertEqual(result.err.count("\n"), 1)

    def test_build_without_daemon_says_so(self):
        self.assertEqual("--disable-backgroundtasks" in self.ctl("status").err, not harness.have_background_tasks())

    def test_a_socket_that_nobody_listens_on(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.client.socket_path)
        self.assertEqual(self.ctl("status").returncode, 69)

    def test_path_that_is_too_long(self):
        result = self.ctl("--socket=/" + "x" * 200, "status")
        self.assertEqual(result.returncode, 64)
        self.assertIn("too long", result.err)

    @unittest.skipIf(os.geteuid() == 0, "root may connect to everything")
    def test_no_permission(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.client.socket_path)
            listener.listen(1)
            os.chmod(self.client.socket_path, 0)
            result = self.ctl("status")
        self.assertEqual(result.returncode, 77)


class DescriptorTest(harness.ClientTest):
    def test_help_to_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            result = self.ctl("--help", stdout=full)
        self.assertEqual(result.returncode, 74)
        self.assertIn("cannot write to stdout", result.err)

    @unittest.skipIf(harness.VALGRIND, "valgrind opens the closed descriptor itself")
    def test_help_to_a_closed_stdout(self):
        command, _ = self.client.command("--help")
        script = b" ".join(b"'" + word + b"'" for word in command) + b" >&-"
        result = subprocess.run(["sh", "-c", script], env=self.client.environment(), stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(result.returncode, 74, result.stderr)

    def test_help_to_a_reader_that_went_away(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = self.ctl("--help", stdout=writer)
        os.close(writer)
        self.assertEqual((result.returncode, result.stderr), (141, b""))


class CalendarTest(harness.ClientTest):
    """calendar: no daemon is there, and none is asked. bgtaskd-calendar(7) has more, which test_man.py tries."""

    def calendar(self, *args, **more):
        result = self.ctl("calendar", *args, **more)
        self.assertEqual((result.returncode, result.err), (0, ""), args)
        return result

    def test_json(self):
        answer = self.calendar("--json", "--zone=Asia/Kathmandu", "--from=@0", "-n2", "*-*-* 0:0:0.5,1").json
        self.assertRegex(answer.pop("zoneDatabase"), r"^(\d{4}[a-z]*)?$")
        self.assertEqual(answer, {
            "normalized": "*-*-* 00:00:00.500000,01",
            "zone": "Asia/Kathmandu",
            "next": [{"utc": 66600.5, "local": "1970-01-02T00:00:00.5+05:30", "note": ""},
                     {"utc": 66601, "local": "1970-01-02T00:00:01+05:30", "note": ""}],
        })

    def test_several_are_one_schedule(self):
        answer = self.calendar("--json", "-z", "UTC", "--from=@0", "--until=@90000", "-n9", "6:00", "18:00 Europe/Berlin",
                               "--except=1970-01-02").json
        self.assertEqual(answer["normalized"], ["*-*-* 06:00:00", "*-*-* 18:00:00 Europe/Berlin"])
        self.assertEqual([entry["utc"] for entry in answer["next"]], [21600, 61200])

    def test_times_in_the_zone(self):
        args = ("--json", "-z", "Europe/Berlin", "-n1", "--from=2024-07-01 12:00", "12:30")
        self.assertEqual(self.calendar(*args).json["next"][0]["utc"], 1719829800)

    def test_nothing_follows(self):
        for args, text in [(("*-02-30",), "never elapses"), (("1970-01-01",), "none in this time"),
                           (("--cron", "@reboot"), "at boot"), (("--until=@1", "--from=@0", "daily"), "none in this time")]:
            self.assertIn(text, self.calendar(*args).out)
            self.assertEqual(self.calendar("--json", *args).json["next"], [])

    def test_many(self):
        answer = self.calendar("--json", "-z", "America/New_York", "--from=@86400", "-n", "50000", "*:0/10").json
        times = [entry["utc"] for entry in answer["next"]]
        self.assertEqual(times, list(range(87000, 87000 + 600 * 50000, 600)))

    def test_batch(self):
        lines = [b'{"expr": "daily", "zone": "Europe/Berlin", "from": 0, "iterations": 2}',
                 b'{"expr": "@hourly", "cron": true, "zone": "UTC", "from": 1.5}', b'{"expr": "H * * * *", "cron": true}',
                 b'{"expr": "x"}', b'{"expr": 1}', b"{}", b"x", b"", b'{"expr": "daily", "gap": "x"}']
        out = self.calendar("--batch", input=b"\n".join(lines)).out.splitlines()
        answers = [harness.json.loads(line) for line in out]
        self.assertEqual([entry["utc"] for entry in answers[0]["next"]], [82800, 169200])
        self.assertEqual([entry["utc"] for entry in answers[1]["next"]], [3600])
        for answer in answers[2:]:
            self.assertEqual(list(answer), ["error"])
        self.assertEqual(len(answers), len(lines))


class VerifyTest(harness.ClientTest):
    """verify and task: no daemon is there, and none is asked."""

    def setUp(self):
        super().setUp()
        self.folder = self.area.path / "tasks.d"
        self.folder.mkdir()
        self.env = {"BGTASKD_TASK_DIRS": self.folder}

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def verify(self, *args):
        return self.ctl("verify", *args, env=self.env)

    def test_good(self):
        path = self.write("hello.task", "[Task]\nNetwork=yes\n")
        for args in ((), (path,)):
            result = self.verify(*args)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""), args)

    def test_bad(self):
        path = self.write("hello.task", "[Task]\nNetwrok=yes\nRuntimeMaxSec=5 apples\n[Other]\n")
        wanted = [f"{path}:2: Netwrok=: unknown key, did you mean Network=?",
                  f"{path}:3: RuntimeMaxSec=: expected a time span from 1ms to 366 days such as \"5min 20s\", or "
                  "infinity, found \"5 apples\"",
                  f"{path}:4: unknown section [Other], expected [Task] or [Schedule]"]
        for args in ((), (path,)):
            result = self.verify(*args)
            self.assertEqual((result.returncode, result.err.splitlines()), (65, wanted))
        answer = self.ctl("--json", "verify", path, env=self.env)
        self.assertEqual(answer.returncode, 65)
        [entry] = answer.json
        self.assertEqual((entry["path"], entry["task"], entry["errors"], entry["warnings"]),
                         (str(path), "hello", wanted, []))

    def test_drop_ins(self):
        self.write("hello.task", "[Task]\nNetwork=yes\n")
        drop_in = self.write("hello.task.d/a.conf", "[Task]\nNetwork=never\n")
        for args in ((), (self.folder / "hello.task",), (drop_in,)):
            result = self.verify(*args)
            self.assertEqual(result.returncode, 65)
            self.assertEqual(result.err, f"{drop_in}:2: Network=: expected yes or no, found \"never\"\n")

    def test_warnings(self):
        path = self.write("nosuch.task", "[Task]\nReadOnlyPaths=/absent-a -/absent-b\nUser=nobody-of-that-name\n")
        result = self.verify(path)
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.err, r"nosuch.task: warning: there is no module of a task \"nosuch\"")
        self.assertIn("warning: ReadOnlyPaths=: /absent-a does not exist", result.err)
        self.assertNotIn("/absent-b", result.err)
        self.assertIn("warning: User=: there is no user \"nobody-of-that-name\"", result.err)

    def test_names(self):
        for name in ("x.conf", "x", "x.task.conf"):
            result = self.verify(self.write(name, ""))
            self.assertEqual(result.returncode, 64, name)
            self.assertIn("expected a name such as NAME.task or NAME.task.d/X.conf", result.err)
        result = self.verify(self.folder / "absent.task")
        self.assertEqual(result.returncode, 65)
        self.assertIn("absent.task: No such file or directory", result.err)

    def test_text_for_a_terminal_is_harmless(self):
        path = self.write("hello.task", "[Task]\nNetwork=\x1b[2J\n")
        self.assertNotIn(b"\x1b", self.verify(path).stderr)

    def test_task(self):
        path = self.write("hello.task", "[Task]\nNetwork=yes\nReadOnlyPaths=\"/a b\"\n")
        drop_in = self.write("hello.task.d/a.conf", "[Task]\n\nReadOnlyPaths=/c\n")
        result = self.ctl("task", "hello", env=self.env)
        self.assertEqual(result.returncode, 0, result.err)
        self.assertRegex(result.out, rf"(?m)^Network +yes +{path}:2$")
        self.assertRegex(result.out, rf'(?m)^ReadOnlyPaths +"/a b" /c +{drop_in}:3$')
        self.assertRegex(result.out, r"(?m)^JIT +yes +default$")
        answer = self.ctl("--json", "task", "hello", env=self.env).json
        self.assertEqual(answer["files"], [str(path), str(drop_in)])
        self.assertEqual(answer["values"]["Network"], {"value": "yes", "from": f"{path}:2"})
        self.assertEqual(answer["values"]["Subprocess"], {"value": "no"})
        drop_in.write_text("[Task]\nJIT=x\n")
        result = self.ctl("task", "hello", env=self.env)
        self.assertEqual((result.returncode, result.err),
                         (65, f"bgtaskctl: {drop_in}:2: JIT=: expected yes or no, found \"x\"\n"))
        result = self.ctl("task", "nosuch", env=self.env)
        self.assertEqual((result.returncode, result.err),
                         (0, "bgtaskctl: warning: there is neither a file nor a module of a task \"nosuch\" in the usual "
                             "places\n"))

    def test_schedules(self):
        path = self.write("hello.task", "[Task]\nNetwork=yes\n[Schedule]\nEverySec=6h\n"
                                        "[Schedule]\nName=late\nCron=@reboot\nOnEndOf=hello nosuch\n")
        drop_in = self.write("hello.task.d/a.conf", "[Schedule]\nPriority=7\n")
        result = self.verify(path)
        self.assertEqual((result.returncode, result.err),
                         (0, f'{path}: warning: OnEndOf=: there is no module of a task "nosuch" in the usual places\n'))
        result = self.ctl("task", "hello", env=self.env)
        for key, value, origin in (("[Schedule]", "hello", f"{path}:3"), ("EverySec", "21600s", f"{path}:4"),
                                   ("Priority", "7", f"{drop_in}:2"), ("[Schedule]", "late", f"{path}:5"),
                                   ("OnEndOf", "hello nosuch", f"{path}:8")):
            self.assertRegex(result.out, rf"(?m)^{re.escape(key)} +{value} +{origin}$")
        self.assertNotIn("Overlap", result.out)
        shown = self.ctl("--json", "task", "hello", env=self.env).json["schedules"]
        self.assertEqual([(schedule["name"], schedule["from"]) for schedule in shown],
                         [("hello", f"{path}:3"), ("late", f"{path}:5")])
        self.assertEqual(shown[0]["values"]["Priority"], {"value": "7", "from": f"{drop_in}:2"})
        self.assertEqual(shown[0]["values"]["Overlap"], {"value": "skip"})
        self.assertEqual(shown[1]["values"]["OnBootSec"]["value"], "0s")
        path.write_text("[Schedule]\nEverySec=1\nOverlap=maybe\n\n[Schedule]\nName=idle\n")
        result = self.verify()
        self.assertEqual((result.returncode, result.err), (65, f"{path}:3: Overlap=: expected skip, buffer-one, buffer-all, "
                                                               "cancel-other, terminate-other or allow, found \"maybe\"\n"))
        path.write_text("[Schedule]\nEverySec=1\n\n[Schedule]\nName=idle\n")
        result = self.verify(path)
        self.assertEqual((result.returncode, result.err),
                         (65, f'{path}:4: schedule "idle": expected something that triggers it, such as OnCalendar=, Cron= or '
                              "EverySec=\n"))


if __name__ == "__main__":
    harness.main(needs_daemon=False)
