#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""From the command line to the task and back: output, exit codes, arguments, and every command."""

import json
import os
import re
import random
import signal
import subprocess

import harness

# A module each; all of them take their orders from their arguments.
TASKS = {
    "hello": """
        export async function runBackgroundTask() { dump("hello\\n"); return 0; }
    """,
    "code": """
        export async function runBackgroundTask(commandLine) {
          return Number.parseInt(commandLine.getArgument(0), 10);
        }
    """,
    "echo": """
        export async function runBackgroundTask(commandLine) {
          const args = [];
          for (let i = 0; i < commandLine.length; i++) {
            args.push(commandLine.getArgument(i));
          }
          dump(JSON.stringify(args) + "\\n");
          return 0;
        }
    """,
    "both": """
        export async function runBackgroundTask() {
          dump("to stdout\\n");
          throw new Error("to stderr");
        }
    """,
    # Prints "ready", then waits until the file named by its argument exists.
    "until": """
        export const backgroundTaskTimeoutSec = 300;
        export async function runBackgroundTask(commandLine) {
          dump("ready\\n");
          while (!(await IOUtils.exists(commandLine.getArgument(0)))) {
            await new Promise(resolve => setTimeout(resolve, 20));
          }
          dump("done\\n");
          return 12;
        }
    """,
    "hang": """
        export const backgroundTaskTimeoutSec = 300;
        export async function runBackgroundTask() { dump("ready\\n"); await new Promise(() => {}); }
    """,
    "slow": """
        export const backgroundTaskTimeoutSec = 0.2;
        export async function runBackgroundTask() { for (;;); }
    """,
    "print": """
        export async function runBackgroundTask(commandLine) {
          const line = commandLine.getArgument(0) + "\\n";
          const count = Number(commandLine.getArgument(1));
          for (let i = 0; i < count; i++) {
            dump(line);
          }
          return 0;
        }
    """,
    "environment": """
        export async function runBackgroundTask() {
          for (const name of ["BGTASK_RUN_ID", "BGTASK_NAME", "BGTASK_SCHEDULE", "BGTASK_NOMINAL_AT"]) {
            dump(`${name}=${Services.env.get(name)}\\n`);
          }
          return 0;
        }
    """,
    "uses": """
        export async function runBackgroundTask(commandLine) {
          Cu.forceGC();
          const bytes = new Uint8Array(8 << 20).fill(1);
          await IOUtils.write(commandLine.getArgument(0), bytes, { flush: true });
          return 0;
        }
    """,
    "entered": """
        dump(`${Date.now()} ${Services.env.get("BGTASK_NOMINAL_AT")}\\n`);
        export function runBackgroundTask() {}
    """,
}


def flag_of(daemon):
    """A file that is not there yet, and that the task "until" may look for."""
    directory = daemon.directory / "flags"
    directory.mkdir(exist_ok=True)
    daemon.write_task_file("until", f"ReadOnlyPaths={directory}\n")
    return directory / "flag"


def seen(args):
    """The arguments as a task sees them, by Gecko's rules."""
    result = []
    for arg in args:
        if not arg.startswith("-"):
            result.append(arg)
            continue
        name, equals, value = arg.partition("=")
        result.append(name[1:] if name.startswith("--") else name)
        if equals:
            result.append(value)
    return result


class RunTest(harness.DaemonTest):
    tasks = TASKS

    def test_hello(self):
        result = self.ctl("run", "hello")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"hello\n", b""))

    def test_exit_codes(self):
        for value, code in ((0, 0), (1, 1), (11, 11), (42, 42), (127, 127), (128, 128), (255, 255), (256, 0), (300, 44),
                            (-1, 255)):
            with self.subTest(value=value):
                self.assertEqual(self.ctl("run", "code", str(value)).returncode, code)

    def test_streams_are_apart(self):
        result = self.ctl("run", "both")
        self.assertEqual(result.returncode, 3)
        self.assertTrue(result.stdout.startswith(b"to stdout\n"))
        self.assertNotIn(b"to stdout", result.stderr)
        self.assertIn(b"to stderr", result.stderr)

    def test_no_such_task(self):
        result = self.ctl("run", "nosuchtask")
        self.assertEqual(result.returncode, 2)
        self.assertIn("nosuchtask", result.err)

    def test_timeout(self):
        self.assertEqual(self.ctl("run", "slow").returncode, 4)

    def test_signals(self):
        for number in (signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV, signal.SIGILL):
            with self.start("run", "hang") as process:
                self.assertEqual(process.stdout.readline(), b"ready\n")
                run = self.wait_state(self.ctl("--json", "list").json[0]["id"], "running")
                os.kill(run["pid"], number)
                _, err = process.communicate(timeout=harness.PATIENCE)
            self.assertEqual(process.returncode, 128 + number, err)
            self.assertIn(f"run {run['id']} was ended by {number.name}", err.decode())
            document = self.show(run["id"])
            self.assertEqual((document["signal"], document["exitCode"]), (number, None))

    def test_output_comes_while_the_task_runs(self):
        flag = flag_of(self.daemon)
        with self.start("run", "until", flag) as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            flag.touch()
            self.assertEqual(process.stdout.readline(), b"done\n")
            self.assertEqual(process.wait(harness.PATIENCE), 12)

    def test_output_is_exact(self):
        line = "\u00e9\u4e2d\U0001f600 \\ \" ' \t\r\x01\x7f\x1b[31m"
        result = self.ctl("run", "print", line, "1000")
        self.assertEqual(result.stdout, (line + "\n").encode() * 1000)
        run = self.ctl("--json", "list").json[0]
        self.assertEqual(self.ctl("logs", str(run["id"])).stdout, result.stdout)
        self.assertEqual((run["outputBytes"], run["outputDropped"]), (len(result.stdout), 0))

    def test_environment_of_a_run(self):
        result = self.ctl("run", "environment")
        run = self.ctl("--json", "list").json[0]
        self.assertEqual(result.out, f"BGTASK_RUN_ID={run['id']}\nBGTASK_NAME=environment\n"
                                     "BGTASK_SCHEDULE=\nBGTASK_NOMINAL_AT=\n")

    def test_detach(self):
        run_id = self.run_detached("code", "17")
        self.assertEqual(self.ctl("wait", str(run_id)).returncode, 17)

    def test_detach_prints_the_number_alone(self):
        result = self.ctl("run", "--detach", "hello")
        self.assertRegex(result.out, r"^[1-9]\d*\n$")
        self.assertEqual(result.stderr, b"")

    def test_key(self):
        first, again = self.run_detached("--key=K", "hello"), self.run_detached("--key=K", "hello")
        other = self.run_detached("--key=L", "hello")
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(self.ctl("run", "--key=K", "hello").stdout, b"hello\n")
        self.ctl("wait", str(other))
        self.assertEqual(len(self.ctl("--json", "list").json), 2)

    def test_ctrl_c_detaches(self):
        flag = flag_of(self.daemon)
        with self.start("run", "until", flag) as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual((process.returncode, out), (130, b""))
        self.assertIn("bgtaskctl logs -f 1", err.decode())
        self.wait_state(1, "running")
        flag.touch()
        self.assertEqual(self.ctl("wait", "1").returncode, 12)
        self.assertEqual(self.ctl("logs", "1").stdout, b"ready\ndone\n")

    def test_reader_that_goes_away_leaves_the_run_alone(self):
        flag = flag_of(self.daemon)
        with self.start("run", "until", flag) as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.stdout.close()
            flag.touch()
            self.assertEqual(process.wait(harness.PATIENCE), 141)
        self.assertEqual(self.ctl("wait", "1").returncode, 12)

    def test_json(self):
        result = self.ctl("--json", "run", "both")
        self.assertEqual(result.returncode, 3)
        run = result.json
        self.assertEqual((run["id"], run["task"], run["args"], run["state"], run["result"], run["exitCode"],
                          run["signal"]), (1, "both", [], "finished", "exception", 3, None))
        self.assertLessEqual(run["queuedAt"], run["startedAt"])
        self.assertLess(run["startedAt"], run["finishedAt"])
        self.assertEqual(run["error"]["message"].count("to stderr"), 1)
        self.assertIn(b"to stdout\n", result.stderr)

    def test_the_full_value_is_kept(self):
        run = self.ctl("--json", "run", "code", "300").json
        self.assertEqual((run["exitCode"], run["exitValue"]), (44, 300))
        self.assertIn("44 (the task returned 300)", self.ctl("show", str(run["id"])).out)


class ArgumentTest(harness.DaemonTest):
    tasks = TASKS

    def check(self, args):
        result = self.ctl("run", "echo", *args)
        self.assertEqual(result.returncode, 0, result.err)
        self.assertEqual(json.loads(result.stdout), seen(args))

    def test_arguments_arrive_intact(self):
        for args in ([], [""], ["", "", ""], ["a b"], ["line\nbreak", "\ttab"], ["'", '"', "\\", "$HOME", "`id`", "*", "~"],
                     ["\u00e9", "\u4e2d\u6587", "\U0001f600", "\ufeff", "\u202e"], ["\x01\x02\x1b\x7f"], ["null", "0"],
                     ["-x", "--long", "--name=value", "--", "--detach", "--json", "-h", "--help"], ["--=", "-=", "="],
                     [" leading", "trailing "], ["x" * 100000]):
            with self.subTest(args=str(args)[:60]):
                self.check(args)

    def test_two_hundred_nasty_arguments(self):
        generator = random.Random(20)
        pieces = ["", " ", "\n", "\t", "'", '"', "\\", "$", "`", "*", "?", "[", "]", "{", "}", "(", ")", "<", ">", "|",
                  "&", ";", "!", "#", "%s", "%n", "=", "a", "\u00e9", "\u4e2d", "\U0001f600", "\u0301", "\u2028", "\x7f",
                  "\x1b", "\x01", "../", "\r"]
        args = ["".join(generator.choices(pieces, k=generator.randrange(12))) for _ in range(200)]
        self.check(args)
        run = self.ctl("--json", "list").json[0]
        self.assertEqual(run["args"], args)
        self.assertEqual(len(self.ctl("list").out.split("\n")), 3)

    def test_at_the_limits(self):
        self.check(["x"] * 256)
        self.assertEqual(self.ctl("run", "echo", *["x"] * 257).returncode, 64)

    def test_invalid_utf8_is_refused_and_nothing_is_queued(self):
        result = self.ctl("run", "echo", b"\xff")
        self.assertEqual(result.returncode, 64)
        self.assertIn("UTF-8", result.err)
        self.assertEqual(self.ctl("--json", "list").json, [])


class CommandTest(harness.DaemonTest):
    tasks = TASKS
    prefs = {"bgtaskd.runs.maxRunning": 1, "bgtaskd.runs.graceSec": 5}

    def test_list(self):
        self.ctl("run", "hello", "a b")
        self.ctl("run", "code", "11")
        self.ctl("run", "hello")
        runs = self.ctl("--json", "list").json
        self.assertEqual([run["id"] for run in runs], [3, 2, 1])
        for options, expected in (
            (["--task=hello"], [3, 1]),
            (["--failed"], [2]),
            (["--limit=1"], [3]),
            (["--state=finished"], [3, 2, 1]),
            (["--state=running"], []),
            (["--schedule=none"], []),
            (["--task=hello", "-n1"], [3]),
        ):
            with self.subTest(options=options):
                self.assertEqual([run["id"] for run in self.ctl("--json", "list", *options).json], expected)
        lines = self.ctl("list").out.splitlines()
        self.assertRegex(lines[2], r"^ +2  code +exited +11 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+( \S+)?  11$")
        self.assertTrue(lines[3].endswith("'a b'"))

    def test_list_refuses_an_unknown_state(self):
        result = self.ctl("list", "--state=frob")
        self.assertEqual((result.returncode, result.stdout), (64, b""), result.err)
        self.assertIn("state", result.err)

    def test_list_of_many(self):
        with self.daemon.connect() as connection:
            ids = [connection.call("Run", {"task": "hello"})["parameters"]["run"]["id"] for _ in range(130)]
        self.ctl("wait", str(ids[-1]))
        runs = self.ctl("--json", "list", "--limit=1000").json
        self.assertEqual([run["id"] for run in runs], ids[::-1])
        self.assertEqual(len(self.ctl("--json", "list").json), 50)
        self.assertEqual(len(self.ctl("list", "-n", "120").out.splitlines()), 121)

    def test_show(self):
        self.ctl("run", "both")
        out = self.ctl("show", "1").out
        for text in ("Run: 1\n", "Task: both\n", "State: finished\n", "Result: exception\n", "Exit code: 3\n", "to stderr"):
            self.assertIn(text, out)

    def test_what_a_run_used(self):
        """Each kind of usage is in its record, with the limits of its kind."""
        place = self.daemon.directory / "place"
        place.mkdir()
        self.daemon.write_task_file("uses", f"ReadWritePaths={place}\n")
        result = self.ctl("--json", "run", "uses", place / "file")
        self.assertEqual(result.returncode, 0, result.err)
        run = self.ctl("--json", "show", str(result.json["id"])).json
        mib = 1 << 20
        least = {"cpuTimeUs": 1000, "maxRssBytes": 8 * mib, "minorFaults": 100, "gcTimeUs": 1, "gcCount": 1, "heapBytes": mib}
        # A file of memory is not written anywhere.
        if subprocess.run(["stat", "-f", "-c", "%T", place], capture_output=True, text=True, check=True).stdout != "tmpfs\n":
            least["writeBytes"] = 8 * mib
        for name, value in least.items():
            self.assertGreaterEqual(run[name] or 0, value, name)
        text = self.ctl("show", str(run["id"])).out
        for line in (r"CPU time: \d+ms", r"Engine: .*heap \d.* MiB", r"Page faults: \d+ minor"):
            self.assertRegex(text, line)

    def test_runs_that_do_not_exist(self):
        for command in (["show"], ["logs"], ["logs", "-f"], ["wait"], ["cancel"]):
            result = self.ctl(*command, "999")
            self.assertEqual((result.returncode, result.stdout), (66, b""), result.err)
            self.assertEqual(result.err, "bgtaskctl: there is no run 999\n")

    def test_logs(self):
        flag = flag_of(self.daemon)
        run_id = str(self.run_detached("until", flag))
        with self.start("logs", "-f", run_id) as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            self.assertEqual(self.ctl("logs", run_id).stdout, b"ready\n")
            flag.touch()
            out, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual((process.returncode, out, err), (0, b"done\n", b""))
        records = self.ctl("--json", "logs", run_id).json
        self.assertEqual("".join(record["text"] for record in records), "ready\ndone\n")
        self.assertEqual({record["stream"] for record in records}, {"stdout"})
        self.assertEqual(self.ctl("--json", "logs", "-f", run_id).json_lines, records)

    def test_logs_of_a_run_that_printed_nothing(self):
        self.ctl("run", "code", "0")
        for flags in ([], ["-f"]):
            result = self.ctl("logs", *flags, "1")
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))

    def test_wait(self):
        flag = flag_of(self.daemon)
        run_id = str(self.run_detached("until", flag))
        result = self.ctl("--timeout=100ms", "wait", run_id)
        self.assertEqual(result.returncode, 75)
        with self.start("wait", run_id) as process:
            flag.touch()
            self.assertEqual(process.wait(harness.PATIENCE), 12)
            self.assertEqual(process.stdout.read(), b"")
        result = self.ctl("--json", "wait", run_id)
        self.assertEqual((result.returncode, result.json["state"]), (12, "finished"))

    def test_cancel(self):
        running, queued = self.run_detached("hang"), self.run_detached("hello")
        self.wait_state(running, "running")
        with self.start("run", "hello") as waiting:
            harness.wait_until(lambda: len(self.ctl("--json", "list", "--state=queued").json) == 2, "two are queued")
            self.assertEqual(self.ctl("cancel", str(queued)).out, f"Run {queued} is cancelled.\n")
            document = self.ctl("--json", "cancel", str(running)).json
            self.assertEqual((document["id"], document["state"]), (running, "cancelled"))
            out, _ = waiting.communicate(timeout=harness.PATIENCE)
        self.assertEqual((waiting.returncode, out), (0, b"hello\n"))
        for run_id in (running, queued):
            result = self.ctl("cancel", str(run_id))
            self.assertEqual(result.returncode, 65)
            self.assertIn("has ended already", result.err)
        self.assertEqual(self.ctl("wait", str(queued)).returncode, 75)
        self.assertNotEqual(self.ctl("wait", str(running)).returncode, 0)

    def test_cancelled_while_followed(self):
        with self.start("run", "hang") as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            self.ctl("cancel", "1")
            _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertIn(process.returncode, (75, 128 + signal.SIGTERM, 128 + signal.SIGKILL))
        self.assertIn(b"bgtaskctl: run 1 was ", err)

    def test_tasks(self):
        tasks = self.ctl("--json", "tasks").json
        self.assertLessEqual(set(TASKS), {task["name"] for task in tasks if task["origin"] == "app"})
        self.assertIn("backgroundupdate", {task["name"] for task in tasks if task["origin"] == "toolkit"})
        for task in tasks:
            self.assertTrue(os.path.exists(task["path"]), task)
        self.assertRegex(self.ctl("tasks").out, r"(?m)^hello +app +- +/")

    def test_status(self):
        self.ctl("run", "hello")
        status = self.ctl("--json", "status").json
        self.assertEqual(status["socket"], str(self.daemon.socket))
        self.assertEqual((status["running"], status["queued"], status["maxRunning"], status["runs"]), (0, 0, 1, 1))
        self.assertEqual(status["stateDirectory"], str(self.daemon.state))
        self.assertIn(f"Socket: {self.daemon.socket}", self.ctl("status").out)

    def test_output_beyond_the_limit(self):
        self.daemon.write_prefs({"bgtaskd.output.maxKiB": 16})
        self.daemon.restart()
        run = self.ctl("--json", "run", "print", "x" * 99, "1000").json
        self.assertEqual(run["outputBytes"], 100000)
        self.assertGreater(run["outputDropped"], 80000)
        result = self.ctl("logs", str(run["id"]))
        self.assertEqual(len(result.stdout), run["outputBytes"] - run["outputDropped"])
        self.assertIn(f"{run['outputDropped']} bytes of output", result.err)


class ScheduleTest(harness.DaemonTest):
    tasks = TASKS

    def test_add_list_remove(self):
        self.assertEqual(self.ctl("--json", "schedule", "list").json, [])
        document = self.ctl("--json", "schedule", "add", "nightly", "echo", "--every=6h", "--", "-a", "b c").json
        self.assertEqual((document["name"], document["task"], document["args"], document["everyUs"]),
                         ("nightly", "echo", ["-a", "b c"], 6 * 3600 * 1000000))
        # The client counts from its own now.
        anchor = re.search(r"AnchorAt=@(\d+)\.(\d{6})", "".join(document["definition"]))
        self.assertEqual(document["nextAt"], int(anchor[1] + anchor[2]) + document["everyUs"])
        self.assertIsNone(document["lastRun"])
        self.assertRegex(self.ctl("schedule", "add", "two", "hello", "--every", "1d 12h").out,
                         r"^Schedule two: first run \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\n$")
        self.assertRegex(self.ctl("schedule", "list").out, r"(?m)^nightly +echo +6h .* -  - +- +-a 'b c'$")
        self.assertEqual(self.ctl("schedule", "remove", "nightly").out, "Schedule nightly is removed.\n")
        self.assertEqual([entry["name"] for entry in self.ctl("--json", "schedule", "list").json], ["two"])

    def test_what_is_refused(self):
        self.ctl("schedule", "add", "one", "hello", "--every=6h")
        for args, code, text in (
            (["add", "one", "hello", "--every=6h"], 73, 'a schedule "one" already'),
            (["add", "", "hello", "--every=6h"], 64, "name"),
            (["add", "x" * 129, "hello", "--every=6h"], 64, "name"),
            (["add", "two", "hello", "--every=1ms"], 64, "invalid --every"),
            (["add", "two", "hello", "--every=11years"], 64, "invalid --every"),
            (["remove", "two"], 66, 'no schedule "two"'),
        ):
            with self.subTest(args=args):
                result = self.ctl("schedule", *args)
                self.assertEqual((result.returncode, result.stdout), (code, b""), result.err)
                self.assertIn(text, result.err)
        self.assertEqual(len(self.ctl("--json", "schedule", "list").json), 1)

    def test_a_schedule_runs_its_task(self):
        self.ctl("schedule", "add", "often", "environment", "--every=1s")
        run = harness.wait_until(lambda: self.ctl("--json", "list", "--schedule=often", "--state=finished").json,
                                 "the schedule has run")[-1]
        self.assertEqual((run["schedule"], run["exitCode"]), ("often", 0))
        self.assertIn(f"BGTASK_SCHEDULE=often\nBGTASK_NOMINAL_AT={run['nominalAt']}\n", self.ctl("logs", str(run["id"])).out)
        schedule = self.ctl("--json", "schedule", "list").json[0]
        anchor = re.search(r"AnchorAt=@(\d+)\.(\d{6})", "".join(schedule["definition"]))
        self.assertEqual((run["nominalAt"] - int(anchor[1] + anchor[2])) % 1000000, 0)
        self.assertGreaterEqual(schedule["lastRun"]["id"], run["id"])

    def test_no_run_is_ahead_of_its_time(self):
        """Its process is; nothing of the task is executed before, and it is not said to have started."""
        self.ctl("schedule", "add", "s", "entered", "--every=1s", "-p", "AccuracySec=1us", "-p", "Overlap=allow")
        ended = ("--json", "list", "--schedule=s", "--state=finished")
        runs = harness.wait_until(lambda: len(found := self.ctl(*ended).json) >= 4 and found, "four have run")
        for run in runs:
            entered_ms, nominal_us = map(int, self.ctl("logs", str(run["id"])).out.split())
            self.assertEqual(nominal_us, run["nominalAt"])
            self.assertGreaterEqual(entered_ms, run["nominalAt"] // 1000)
            self.assertGreaterEqual(run["startedAt"], run["nominalAt"])


class RestartTest(harness.DaemonTest):
    tasks = TASKS
    prefs = {"bgtaskd.runs.maxRunning": 1, "bgtaskd.runs.graceSec": 1}

    def test_a_followed_run_and_a_queued_one(self):
        flag = flag_of(self.daemon)
        flag.touch()
        with self.start("run", "hang") as followed:
            self.assertEqual(followed.stdout.readline(), b"ready\n")
            with self.start("run", "until", flag) as queued:
                harness.wait_until(lambda: self.ctl("--json", "list", "--state=queued").json, "the second is queued")
                self.daemon.restart(signal.SIGKILL)
                out, err = queued.communicate(timeout=harness.PATIENCE)
            self.assertEqual((queued.returncode, out), (12, b"ready\ndone\n"), err)
            _, err = followed.communicate(timeout=harness.PATIENCE)
        self.assertEqual(followed.returncode, 75)
        self.assertIn(b"the connection to the daemon was lost", err)
        self.assertIn(b"run 1 was interrupted", err)

    def test_the_daemon_goes_away(self):
        with self.start("run", "hang") as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            self.daemon.stop()
            _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(b"run 1", err)

    def test_schedules_and_history_stay(self):
        self.ctl("run", "hello")
        added = self.ctl("--json", "schedule", "add", "nightly", "hello", "--every=6h").json
        self.daemon.restart()
        self.assertEqual(self.ctl("--json", "schedule", "list").json, [{**added, "lastRun": None}])
        self.assertEqual(self.show(1)["result"], "success")
        self.assertEqual(self.ctl("logs", "1").stdout, b"hello\n")


if __name__ == "__main__":
    harness.main()
