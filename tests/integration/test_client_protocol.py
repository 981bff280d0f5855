#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What bgtaskctl makes of what a daemon sends: good answers, errors, nonsense, silence and hang-ups."""

import base64
import json
import os
import pty
import re
import signal
import time
import unittest

import harness
from fake_daemon import CLOSE, HANG, FakeDaemon, error, finished, output, reply, run


class FakeTest(harness.ClientTest):
    def fake(self, answer):
        """answer: a function as in fake_daemon.py, or a list of steps for every call."""
        function = answer if callable(answer) else lambda call, number: answer
        fake = FakeDaemon(self.client.socket_path, function)
        fake.__enter__()
        self.addCleanup(fake.__exit__, None, None, None)
        return fake

    def answered(self, answer, *args, **more):
        """The result of one command against a daemon with one answer."""
        with FakeDaemon(self.client.socket_path, answer if callable(answer) else lambda call, number: answer) as fake:
            result = self.ctl(*args, **more)
        self.calls = fake.calls
        os.unlink(self.client.socket_path)
        return result

    def fails(self, answer, code, text, *args, **more):
        result = self.answered(answer, *args, **more)
        self.assertEqual(result.returncode, code, result.err)
        self.assertIn(text, result.err)
        for line in result.err.splitlines():
            self.assertTrue(line.startswith("bgtaskctl: "), result.err)
        return result


class RunTest(FakeTest):
    def test_call(self):
        self.answered([reply(run=run(), continues=True), reply(run=finished())], "run", "--key=K", "hello", "a", "", "b c")
        self.assertEqual(self.calls, [{"method": "io.bgtaskd.Manager.Run", "more": True, "parameters":
                                       {"task": "hello", "args": ["a", "", "b c"], "key": "K", "follow": True}}])

    def test_everything_after_the_name_is_the_task_s(self):
        for words in (["hello", "--detach", "--", "-x", "--json"], ["--", "hello", "--detach", "--", "-x", "--json"]):
            self.answered([reply(run=finished())], "run", *words)
            self.assertEqual(self.calls[0]["parameters"]["args"], ["--detach", "--", "-x", "--json"])

    def test_output_and_code(self):
        binary = bytes(range(256))
        result = self.answered([
            reply(run=run(), continues=True),
            reply(output=output("to stdout\n"), continues=True),
            reply(output=output("to stderr\n", "stderr", 10), continues=True),
            reply(output=output(base64=base64.b64encode(binary).decode(), offset=20), continues=True),
            reply(run=finished(result="exited", exitCode=42))], "run", "hello")
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (42, b"to stdout\n" + binary, b"to stderr\n"))

    def test_many_messages_in_one_piece(self):
        data = b"".join(json.dumps(reply(output=output(f"{i}\n", offset=2 * i), continues=True)).encode() + b"\0"
                        for i in range(10))
        data += json.dumps(reply(run=finished())).encode() + b"\0"
        self.assertEqual(self.answered([data], "run", "hello").stdout, b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n")

    def test_message_in_many_pieces(self):
        data = json.dumps(reply(run=finished(exitCode=7, result="exited"))).encode() + b"\0"
        self.assertEqual(self.answered([data[i:i + 1] for i in range(len(data))], "run", "hello").returncode, 7)

    def test_gap(self):
        result = self.answered([reply(output=output(offset=100, dropped=5000), continues=True),
                                reply(output=output("tail", offset=5100), continues=True),
                                reply(run=finished())], "run", "hello")
        self.assertEqual(result.stdout, b"tail")
        self.assertIn("5000 bytes of output from offset 100 on were not kept", result.err)

    def test_exit_codes(self):
        for changes, code, text in [
            ({"exitCode": 0}, 0, None),
            ({"exitCode": 255, "result": "exited"}, 255, None),
            ({"exitCode": 2, "result": "not_found"}, 2, None),
            ({"exitCode": 3, "result": "exception"}, 3, None),
            ({"exitCode": 4, "result": "timeout"}, 4, None),
            ({"exitCode": None, "signal": 9, "result": "killed"}, 137, "run 12 was ended by SIGKILL"),
            ({"exitCode": None, "signal": 11, "result": "killed", "message": "it crashed"}, 139, "SIGSEGV: it crashed"),
            ({"exitCode": None, "signal": 64, "result": "killed"}, 192, "run 12 was ended by "),
            ({"exitCode": None, "state": "cancelled", "signal": 15, "result": "cancelled"}, 143, "SIGTERM"),
            ({"exitCode": None, "state": "cancelled", "result": "cancelled"}, 75, "run 12 was cancelled"),
            ({"exitCode": 0, "state": "cancelled", "result": "cancelled"}, 75, "run 12 was cancelled"),
            ({"exitCode": None, "state": "interrupted", "result": "interrupted"}, 75, "run 12 was interrupted"),
            ({"exitCode": None, "state": "lost", "result": None}, 70, "run 12 is lost"),
            ({"exitCode": 1, "result": "setup_failed", "message": "profile: no space"}, 71,
             "run 12 could not be set up: profile: no space"),
            ({"exitCode": None, "result": None}, 70, "without an exit code"),
            ({"exitCode": None, "result": None, "state": "running"}, 76, "which is running"),
        ]:
            for command in ("run", "wait"):
                with self.subTest(changes=changes, command=command):
                    result = self.answered([reply(run=finished(**changes))], command, "12" if command == "wait" else "t")
                    self.assertEqual(result.returncode, code, result.err)
                    if text is None:
                        self.assertEqual(result.stderr, b"")
                    else:
                        self.assertIn(text, result.err)

    def test_detach(self):
        result = self.answered([reply(run=run())], "run", "--detach", "hello")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"12\n", b""))
        self.assertEqual(self.calls[0]["parameters"]["follow"], False)
        self.assertNotIn("more", self.calls[0])

    def test_detach_as_json(self):
        document = self.answered([reply(run=run())], "--json", "run", "-d", "hello").json
        self.assertEqual((document["id"], document["state"]), (12, "queued"))

    def test_json_is_one_document_and_output_goes_to_stderr(self):
        result = self.answered([reply(run=run(), continues=True), reply(output=output("out\n"), continues=True),
                                reply(output=output("err\n", "stderr", 4), continues=True),
                                reply(run=finished(exitCode=5, result="exited"))], "run", "--json", "hello")
        self.assertEqual(result.returncode, 5)
        self.assertEqual(result.json["exitCode"], 5)
        self.assertEqual(result.stderr, b"out\nerr\n")

    def test_json_of_a_run_is_complete(self):
        document = self.answered([reply(run=run())], "--json", "show", "12").json
        for name in ("result", "exitCode", "exitValue", "signal", "schedule", "startedAt", "finishedAt", "pid",
                     "message", "error"):
            self.assertIn(name, document)
            self.assertIsNone(document[name])
        self.assertEqual(document["queuedAt"], 1700000000000000)
        self.assertEqual(document["args"], [])

    def test_fields_of_a_newer_daemon_are_kept(self):
        document = self.answered([reply(run=run(weather={"net": "seccomp"}))], "--json", "show", "12").json
        self.assertEqual(document["weather"], {"net": "seccomp"})

    def test_a_key_is_made_up_when_none_is_given(self):
        keys = set()
        for _ in range(3):
            self.answered([reply(run=finished())], "run", "hello")
            keys.add(self.calls[0]["parameters"]["key"])
        self.assertEqual(len(keys), 3)
        self.assertTrue(all(re.fullmatch("[0-9a-f]{32}", key) for key in keys))


class FailureTest(FakeTest):
    """Each of these for every command, since each reads answers (under valgrind for some of them)."""

    commands = [["run", "t"], ["run", "--detach", "t"], ["list"], ["show", "1"], ["logs", "1"], ["wait", "1"],
                ["cancel", "1"], ["tasks"], ["status"], ["schedule", "add", "n", "t", "--every=6h"],
                ["schedule", "list"], ["schedule", "remove", "n"]][::5 if harness.VALGRIND else 1]

    def test_garbage(self):
        for garbage in (b"garbage\0", b"\0", b"[]\0", b"{}{}\0", b'{"parameters":[]}\0', b'{"parameters":{}\0',
                        b'{"parameters":{"run":"\xff"}}\0', b'{"a":1,"a":2}\0', b"[" * 1000 + b"\0",
                        b'{"continues":"yes","parameters":{}}\0', b"x" * (1024 * 1024 + 1)):
            for command in self.commands[:3] if len(garbage) > 100 else self.commands:
                with self.subTest(garbage=garbage[:20], command=command):
                    result = self.fails([garbage, HANG], 76, "what the daemon answered is not understood", *command)
                    self.assertEqual(result.stdout, b"")

    def test_answers_without_what_was_asked(self):
        for command in self.commands:
            with self.subTest(command=command):
                self.fails([reply()], 76, "not understood", *command)

    def test_fields_of_the_wrong_type(self):
        for changes in ({"id": "12"}, {"id": None}, {"task": 1}, {"args": "x"}, {"args": [1]}, {"state": 3},
                        {"queuedAt": 1.5}, {"signal": "SIGKILL"}, {"exitCode": True}, {"error": "text"},
                        {"error": {"message": 1}}, {"error": {}}):
            with self.subTest(changes=changes):
                self.fails([reply(run=finished(**changes))], 76, "not understood", "show", "12")
        for record in ({"stream": "stdlog", "offset": 0, "at": 0, "text": "x"}, output(base64="????"),
                       output(base64="QQ"), output(base64="QR=="), output(text=1), output("x", offset=-1),
                       {"text": "x"}):
            with self.subTest(record=record):
                self.fails([reply(output=record, continues=True), reply(run=finished())], 76, "not understood", "logs",
                           "12")

    def test_errors_of_the_daemon(self):
        for name, parameters, code, text in [
            ("NoSuchRun", {"id": 12}, 66, "there is no run 12"),
            ("NoSuchSchedule", {"name": "nightly"}, 66, 'there is no schedule "nightly"'),
            ("ScheduleExists", {"name": "nightly"}, 73, 'there is a schedule "nightly" already'),
            ("NotActive", {"id": 12, "state": "finished"}, 65, "run 12 has ended already: it is finished"),
            ("InvalidValue", {"field": "everyUs", "expected": "1 s to 10 years"}, 64,
             "invalid everyUs: expected 1 s to 10 years"),
            ("PermissionDenied", {"action": "cancel runs"}, 77, "no permission to cancel runs"),
            ("PermissionDenied", {"action": "change schedules", "needs": "edit", "role": "run"}, 77,
             "no permission to change schedules: that takes the role edit, and yours is run"),
            ("QueueFull", {"limit": 100}, 75, "the queue is full (100 runs)"),
            ("QueueFull", {"limit": 100, "uid": 7}, 75, "the queue is full (100 runs of user 7)"),
            ("BackgroundTasksDisabled", {"reason": "no runner"}, 69, "cannot run tasks: no runner"),
            ("TooManyConnections", {"limit": 5}, 75, "(5)"),
            ("StoreFailed", {"reason": "no space"}, 74, "could not record it: no space"),
            ("org.varlink.service.MethodNotFound", {"method": "io.bgtaskd.Manager.Show"}, 76, "older than this client"),
            ("org.varlink.service.InterfaceNotFound", {"interface": "io.bgtaskd.Manager"}, 76, "is no bgtaskd"),
            ("org.varlink.service.MethodNotImplemented", {"method": "x"}, 76, "older than this client"),
            ("org.varlink.service.InvalidParameter", {"parameter": "id"}, 64, "refuses the value of id"),
            ("org.varlink.service.PermissionDenied", {}, 77, "no permission"),
            ("org.varlink.service.ExpectedMore", {}, 76, "another version"),
            ("NoSuchRun", {}, 66, "there is no run (not said)"),
            ("Frob", {}, 76, "unknown error io.bgtaskd.Manager.Frob"),
        ]:
            for command in self.commands:
                with self.subTest(name=name, command=command):
                    result = self.fails([error(name, **parameters)], code, text, *command)
                    self.assertEqual(result.stdout, b"")

    def test_every_error_of_the_interface_is_known(self):
        text = (harness.SRCDIR / "schema" / "io.bgtaskd.Manager.varlink").read_text()
        names = re.findall(r"(?m)^error (\w+)", text)
        self.assertGreater(len(names), 5)
        for name in names:
            result = self.answered([error(name)], "show", "1")
            self.assertNotIn("unknown error", result.err)

    def test_text_of_an_error_is_made_harmless(self):
        result = self.fails([error("StoreFailed", reason="\033[31mred\nnext" + "x" * 5000)], 74, r"\x1b[31mred\nnext",
                            "status")
        self.assertLess(len(result.err), 1200)

    def test_the_connection_is_closed_before_an_answer(self):
        for command in (["list"], ["show", "1"], ["logs", "1"], ["cancel", "1"], ["tasks"], ["status"],
                        ["schedule", "list"], ["schedule", "remove", "n"]):
            for steps in ([CLOSE], [b'{"parameters"', CLOSE]):
                with self.subTest(command=command, steps=steps):
                    self.fails(steps, 75, "closed the connection before it answered", *command)

    def test_no_answer(self):
        for command in self.commands:
            with self.subTest(command=command):
                self.fails([HANG], 75, "did not answer in time", "--timeout=100ms", *command)

    def test_the_limit_of_an_answer_does_not_limit_a_run(self):
        def answer(call, number):
            yield reply(run=run(), continues=True)
            time.sleep(1.2)
            yield reply(run=finished())

        result = self.answered(answer, "--timeout=1s", "run", "t")
        self.assertEqual(result.returncode, 0, result.err)

    def test_list_that_ends_in_the_middle(self):
        self.fails([reply(runs=[finished()], continues=True), CLOSE], 75, "closed the connection", "list")
        self.fails([reply(runs=[finished()], continues=True), CLOSE], 75, "closed the connection", "--json", "list")


class LossTest(FakeTest):
    """The connection is lost while a run is followed."""

    def test_the_daemon_comes_back(self):
        def answer(call, number):
            if number == 0:
                yield reply(run=run(), continues=True)
                yield reply(output=output("one\n"), continues=True)
                yield reply(output=output("two\n", offset=4), continues=True)
                yield CLOSE
            yield reply(output=output("one\n"), continues=True)
            yield reply(output=output("two\nthree\n", offset=4), continues=True)
            yield reply(run=finished(exitCode=9, result="exited"))

        result = self.answered(answer, "run", "hello")
        self.assertEqual((result.returncode, result.stdout), (9, b"one\ntwo\nthree\n"))
        self.assertIn("the connection to the daemon was lost", result.err)
        self.assertEqual([call["method"].split(".")[-1] for call in self.calls], ["Run", "Logs"])
        self.assertEqual(self.calls[1]["parameters"], {"id": 12, "follow": True})

    def test_what_was_shown_is_not_counted_in_a_gap(self):
        def answer(call, number):
            if number == 0:
                yield reply(run=run(), continues=True)
                yield reply(output=output("0123456789"), continues=True)
                yield CLOSE
            yield reply(output=output("01234"), continues=True)
            yield reply(output=output(offset=5, dropped=20), continues=True)
            yield reply(output=output("end", offset=25), continues=True)
            yield reply(run=finished())

        result = self.answered(answer, "run", "hello")
        self.assertEqual(result.stdout, b"0123456789end")
        self.assertIn("15 bytes of output from offset 10 on were not kept", result.err)

    def test_before_the_run_is_known_it_is_asked_for_again_with_the_same_key(self):
        for detach in ([], ["--detach"]):
            def answer(call, number):
                yield CLOSE if number == 0 else reply(run=finished())

            result = self.answered(answer, "run", *detach, "hello")
            self.assertEqual(result.returncode, 0, result.err)
            self.assertEqual([call["method"].split(".")[-1] for call in self.calls], ["Run", "Run"])
            self.assertEqual(self.calls[0]["parameters"], self.calls[1]["parameters"])

    def test_too_slow_and_shutting_down_are_losses(self):
        for name in ("TooSlow", "ShuttingDown"):
            def answer(call, number):
                if number == 0:
                    yield reply(run=run(), continues=True)
                    yield error(name)
                    yield CLOSE
                yield reply(run=finished())

            result = self.answered(answer, "run", "hello")
            self.assertEqual(result.returncode, 0, result.err)
            self.assertEqual(result.err, "bgtaskctl: the connection to the daemon was lost: trying again\n")

    def test_wait_is_taken_up_again(self):
        def answer(call, number):
            yield CLOSE if number == 0 else reply(run=finished(exitCode=11, result="exited"))

        self.assertEqual(self.answered(answer, "wait", "12").returncode, 11)
        self.assertEqual([call["method"].split(".")[-1] for call in self.calls], ["Wait", "Wait"])

    def test_the_daemon_does_not_come_back(self):
        path = self.client.socket_path

        def answer(call, number):
            os.unlink(path)
            open(path, "w").close()
            yield reply(run=run(), continues=True)
            yield CLOSE

        result = self.answered(answer, "run", "hello")
        self.assertEqual(result.returncode, 75)
        self.assertIn("has not come back: `bgtaskctl show 12`", result.err)

    def test_a_daemon_that_only_hangs_up_is_given_up(self):
        result = self.answered([CLOSE], "run", "hello")
        self.assertEqual(result.returncode, 75)
        self.assertLessEqual(len(self.calls), 10)

    def test_logs_without_follow_does_not_try_again(self):
        self.fails([reply(output=output("x"), continues=True), CLOSE], 75, "closed the connection", "logs", "12")
        self.assertEqual(len(self.calls), 1)


class InterruptTest(FakeTest):
    def interrupt(self, *args, steps, seen, number=signal.SIGINT):
        with FakeDaemon(self.client.socket_path, lambda call, n: steps) as fake:
            with self.client.start(*args) as process:
                harness.wait_until(lambda: fake.calls, "the call has arrived")
                if seen:
                    self.assertEqual(process.stdout.read(len(seen)), seen)
                else:
                    time.sleep(0.1)
                process.send_signal(number)
                out, err = process.communicate(timeout=harness.PATIENCE)
        os.unlink(self.client.socket_path)
        return process.returncode, out, err.decode()

    def test_run_is_detached(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            code, out, err = self.interrupt("run", "hello", number=number, seen=b"x", steps=[
                reply(run=run(), continues=True), reply(output=output("x"), continues=True), HANG])
            self.assertEqual((code, out), (128 + number, b""))
            self.assertEqual(err, "bgtaskctl: detached from run 12, which goes on: `bgtaskctl logs -f 12` follows it, "
                                  "`bgtaskctl cancel 12` ends it\n")

    def test_run_before_it_is_known(self):
        code, _, err = self.interrupt("run", "hello", steps=[HANG], seen=b"")
        self.assertEqual(code, 130)
        self.assertIn("interrupted before the daemon answered", err)

    def test_wait(self):
        code, _, err = self.interrupt("wait", "12", steps=[HANG], seen=b"")
        self.assertEqual(code, 130)
        self.assertIn("detached from run 12", err)

    def test_logs(self):
        code, out, err = self.interrupt("logs", "-f", "12", steps=[reply(output=output("x"), continues=True), HANG],
                                        seen=b"x")
        self.assertEqual((code, out, err), (130, b"", ""))

    def test_while_the_output_is_not_read(self):
        """Ctrl-C also ends a client that waits for the reader of its stdout."""
        steps = [reply(run=run(), continues=True)]
        steps += [reply(output=output("x" * 65536, offset=65536 * i), continues=True) for i in range(16)] + [HANG]
        code, _, err = self.interrupt("run", "hello", steps=steps, seen=b"x")
        self.assertEqual(code, 130)
        self.assertIn("detached from run 12", err)

    def test_while_reconnecting(self):
        path = self.client.socket_path

        def answer(call, number):
            os.unlink(path)
            open(path, "w").close()
            yield reply(run=run(), continues=True)
            yield CLOSE

        with FakeDaemon(path, answer):
            with self.client.start("run", "hello") as process:
                self.assertIn(b"trying again", process.stderr.readline())
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"detached from run 12", err)


class StdoutTest(FakeTest):
    steps = [reply(run=run(), continues=True)] + [
        reply(output=output("y" * 65536, offset=65536 * i), continues=True) for i in range(8)] + [reply(run=finished())]

    def test_reader_that_goes_away_is_no_matter_for_words(self):
        for command in (["run", "t"], ["logs", "12"], ["logs", "-f", "12"]):
            with FakeDaemon(self.client.socket_path, lambda call, number: self.steps):
                with self.client.start(*command) as process:
                    process.stdout.read(1)
                    process.stdout.close()
                    self.assertEqual(process.wait(harness.PATIENCE), 141)
                    self.assertEqual(process.stderr.read(), b"")
            os.unlink(self.client.socket_path)

    def test_full_disk(self):
        for command in (["run", "t"], ["logs", "12"], ["--json", "logs", "12"], ["--json", "run", "t"], ["show", "12"]):
            steps = [reply(run=finished())] if command == ["show", "12"] else self.steps
            with open("/dev/full", "wb") as full, self.subTest(command=command):
                result = self.answered(steps, *command, stdout=full)
                self.assertEqual(result.returncode, 74, result.err)
                self.assertIn("cannot write to stdout", result.err)

    def test_stdout_that_does_not_block(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with FakeDaemon(self.client.socket_path, lambda call, number: self.steps):
            with self.client.start("run", "t", stdout=writer) as process:
                os.close(writer)
                total = 0
                while data := os.read(reader, 65536):
                    total += len(data)
                self.assertEqual(process.wait(harness.PATIENCE), 0)
        os.close(reader)
        self.assertEqual(total, 8 * 65536)


class TextTest(FakeTest):
    """How things look to people."""

    runs = [finished(id=13, task="backgroundupdate", args=["a b", "", "it's", "line\nbreak", "plain", "\u00e9\u4e2d"],
                     startedAt=1700000001000000, finishedAt=1700000002500000),
            run(id=12, task="t", state="queued"),
            finished(id=9, task="t", exitCode=None, signal=9, result="killed")]

    def test_list(self):
        result = self.answered([reply(runs=self.runs[:1], continues=True), reply(runs=self.runs[1:])], "list")
        lines = result.out.splitlines()
        self.assertEqual(lines[0].split(), ["RUN", "TASK", "STATE", "EXIT", "WHEN", "DURATION", "ARGS"])
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[1], r" 13  backgroundupdate  success +0  2023-11-14 22:13:21")
        self.assertTrue(lines[1].endswith("'a b' '' $'it\\'s' $'line\\nbreak' plain '\u00e9\u4e2d'"), lines[1])
        self.assertRegex(lines[2], r" 12  t +queued +-  2023-11-14 22:13:20 +-")
        self.assertRegex(lines[3], r" 9  t +killed +SIGKILL")
        self.assertNotIn("\033", result.out)

    def test_list_sends_what_was_asked(self):
        self.answered([reply(runs=[])], "list", "--task=t", "--schedule", "s", "--state=running", "--failed", "-n7")
        self.assertEqual(self.calls[0]["parameters"],
                         {"task": "t", "schedule": "s", "state": "running", "failed": True, "limit": 7})
        self.assertIs(self.calls[0]["more"], True)

    def test_empty_lists(self):
        for command, member in ((["list"], "runs"), (["tasks"], "tasks"), (["schedule", "list"], "schedules")):
            result = self.answered([reply(**{member: []})], *command)
            self.assertEqual((result.returncode, result.stdout), (0, b""))
            self.assertIn("bgtaskctl: no ", result.err)
            self.assertEqual(self.answered([reply(**{member: []})], "--json", *command).json, [])

    def test_list_as_json(self):
        result = self.answered([reply(runs=self.runs[:1], continues=True), reply(runs=self.runs[1:])], "list", "--json")
        self.assertEqual([document["id"] for document in result.json], [13, 12, 9])
        self.assertEqual(result.json[0]["args"], self.runs[0]["args"])

    def on_a_terminal(self, steps, *args, columns=80, **env):
        """The lines that a terminal of so many columns gets."""
        try:
            master, slave = pty.openpty()
        except OSError as error:  # a container without /dev/pts
            self.skipTest(f"no pseudo-terminal can be had here: {error}")
        with FakeDaemon(self.client.socket_path, lambda call, number: steps):
            with self.client.start(*args, stdout=slave, env={"TERM": "xterm", "COLUMNS": columns, **env}) as process:
                os.close(slave)
                data = b""
                while True:
                    try:
                        piece = os.read(master, 4096)
                    except OSError:  # EIO: the other side is closed
                        break
                    if not piece:
                        break
                    data += piece
                self.assertEqual(process.wait(harness.PATIENCE), 0)
            os.close(master)
        os.unlink(self.client.socket_path)
        return data.decode().replace("\r\n", "\n").splitlines()

    def test_terminal(self):
        lines = self.on_a_terminal([reply(runs=self.runs)], "list", columns=80)
        plain = [re.sub(r"\033\[\d+m", "", line) for line in lines]
        self.assertTrue(all(len(line) <= 80 for line in plain), plain)
        self.assertTrue(plain[1].endswith("..."), plain[1])
        self.assertIn("\033[32msuccess", lines[1])
        self.assertIn("\033[33mqueued", lines[2])
        self.assertIn("\033[31mkilled", lines[3])

    def test_narrow_terminal(self):
        for columns in (1, 20, 60):
            self.assertEqual(len(self.on_a_terminal([reply(runs=self.runs)], "list", columns=columns)), 4)

    def test_no_colour(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}):
            for args in (["list"], ["show", "12"]):
                steps = [reply(runs=self.runs)] if args == ["list"] else [reply(run=finished())]
                self.assertNotIn("\033", "".join(self.on_a_terminal(steps, *args, **env)), env)

    def test_show(self):
        stack = "f@resource:///x.mjs:3:5\n\033[31mg@resource:///x.mjs:9:1\n"
        result = self.answered([reply(run=finished(
            exitCode=44, exitValue=300, result="exited", schedule="nightly", nominalAt=1700000000000000,
            outputBytes=4096, outputDropped=1024, cpuTimeUs=12000, maxRssBytes=33554432, message="why",
            memoryPeakBytes=41943040, minorFaults=7, readBytes=1024, gcTimeUs=2000, gcCount=3, heapBytes=2048,
            sandbox="fs=mount net=netns", denied=[
                {"what": "read /etc/shadow", "key": "ReadOnlyPaths=/etc/shadow", "count": 3},
                {"what": "ptrace", "count": 1}],
            args=["a b"], error={"message": "boom", "file": "resource:///x.mjs", "line": 3, "column": 5,
                                 "stack": stack}))], "show", "12")
        for line in ("Run: 12", "Task: hello", "Arguments: 'a b'", "State: finished", "Result: exited",
                     "Exit code: 44 (the task returned 300)", "Message: why", "Error: boom (resource:///x.mjs:3:5)",
                     "Schedule: nightly", "Queued: 2023-11-14 22:13:20", "Duration: 1s 500ms", "CPU time: 12ms",
                     "Memory peak: 32.0 MiB, 40.0 MiB of all its processes", "Engine: heap 2.0 KiB, 3 collections in 2ms",
                     "Page faults: 7 minor", "Disk: 1.0 KiB read", "Sandbox: fs=mount net=netns",
                     "Denied: read /etc/shadow, 3 times (ReadOnlyPaths=/etc/shadow would allow it)", "Denied: ptrace\n",
                     "Output: 4.0 KiB, 1.0 KiB of it not kept", r"\x1b[31mg@resource"):
            self.assertIn(line, result.out)

    def test_times_are_local(self):
        result = self.answered([reply(run=finished())], "show", "12", env={"TZ": "Asia/Tokyo"})
        self.assertIn("Queued: 2023-11-15 07:13:20", result.out)

    def test_status(self):
        status = {"version": "9.9", "engine": "SpiderMonkey 102", "instance": "user", "pid": 5, "startedAt":
                  1700000000000000, "stateDirectory": "/s", "runtimeDirectory": "/r", "socket": "/r/control",
                  "queued": 1, "running": 2, "maxRunning": 4, "runs": 77, "schedules": 3, "clients": 1,
                  "schemaVersion": 1, "degraded": ["no pidfd"],
                  "zygote": {"pid": 6, "startedAt": 1700000000000000, "runs": 5}}
        result = self.answered([reply(status=status)], "status")
        for text in ("bgtaskd 9.9, process 5", "Instance: user", "Engine: SpiderMonkey 102", "Socket: /r/control",
                     "1 queued, 2 of at most 4 running, 77 in the history", "Zygote: process 6, 5 runs",
                     "Degraded: no pidfd"):
            self.assertIn(text, result.out)
        document = self.answered([reply(status=status)], "--json", "status").json
        self.assertEqual(document["nextAt"], None)
        self.assertEqual(document["zygote"]["pid"], 6)

    def test_every_described_field_is_there(self):
        """With --json a field that the daemon left out is null, so the client has to know all that are described."""
        text = (harness.SRCDIR / "schema" / "io.bgtaskd.Manager.varlink").read_text()
        text = re.sub(r"#.*", "", text)

        def described(name):
            fields = re.search(rf"type {name} \((.*?)\)\s*(?=type|method|error)", text, re.DOTALL).group(1)
            return dict(re.findall(r"(\w+): (\??(?:\[\])?(?:\w+|\())", fields))

        values = {"int": 1, "string": "a", "bool": True, "[]string": []}
        for name, command, member in (("RunInfo", ("show", "1"), "run"), ("StatusInfo", ("status",), "status"),
                                      ("Task", ("tasks",), "tasks"), ("BackupInfo", ("backup",), "backup")):
            fields = described(name)
            least = {field: values.get(kind, "a") for field, kind in fields.items() if not kind.startswith("?")}
            answer = reply(**{member: [least] if member == "tasks" else least})
            result = self.answered([answer], "--json", *command)
            self.assertEqual(result.returncode, 0, result.err)
            document = result.json
            document = document[0] if member == "tasks" else document
            self.assertEqual(sorted(set(fields) - set(document)), [], name)

    def test_tasks(self):
        tasks = [{"name": "a", "origin": "app", "path": "/x/BackgroundTask_a.sys.mjs"},
                 {"name": "b", "origin": "app", "path": "/x/b", "description": "Cleans"},
                 {"name": "c", "origin": "app", "path": "/x/c", "description": "Cleans", "problem": "c.task:1: bad"}]
        result = self.answered([reply(tasks=tasks)], "tasks")
        self.assertEqual([line.split() for line in result.out.splitlines()[1:]],
                         [["a", "app", "-", "/x/BackgroundTask_a.sys.mjs"], ["b", "app", "Cleans", "/x/b"],
                          ["c", "app", "c.task:1:", "bad", "/x/c"]])
        self.assertEqual(self.answered([reply(tasks=tasks)], "--json", "tasks").json,
                         [{"description": None, "problem": None, **task} for task in tasks])

    def test_schedules(self):
        schedule = {"name": "nightly", "task": "t", "args": ["-x"], "everyUs": 21600000000, "uid": 0,
                    "createdAt": 1700000000000000, "nextAt": 1700000000000000, "lastRun": finished()}
        result = self.answered([reply(schedules=[schedule])], "schedule", "list")
        self.assertEqual(result.out.splitlines()[1].split(),
                         ["nightly", "t", "6h", "2023-11-14", "22:13:20", "12", "success", "-", "-x"])
        document = self.answered([reply(schedules=[schedule])], "--json", "schedule", "list").json
        self.assertEqual(document[0]["lastRun"]["signal"], None)
        result = self.answered([reply(schedule=schedule)], "schedule", "add", "nightly", "--every=6h", "t", "--", "-x")
        parameters = self.calls[0]["parameters"]
        every, anchor = parameters.pop("definition")
        self.assertEqual(parameters, {"name": "nightly", "task": "t", "args": ["-x"]})
        self.assertEqual(every, "EverySec=21600s")
        self.assertRegex(anchor, r"^AnchorAt=@\d+\.\d+$")
        self.assertEqual(result.out, "Schedule nightly: first run 2023-11-14 22:13:20.\n")
        result = self.answered([reply(schedule=schedule)], "schedule", "remove", "nightly")
        self.assertEqual(result.out, "Schedule nightly is removed.\n")

    def test_reload(self):
        changes = [{"name": "a", "change": "added", "source": "/a.task", "nextTo": 1700000000000000},
                   {"name": "b", "change": "changed", "source": "/b.task", "keys": ["Cron", "Overlap"],
                    "nextFrom": 1700000000000000, "nextTo": 1700003600000000},
                   {"name": "c\n", "change": "removed", "source": "/c.task", "nextFrom": 1700000000000000},
                   {"name": "d", "change": "changed", "source": "/d.task", "keys": ["OnEndOf"]}]
        end = {"unchanged": 1, "preferences": [{"name": "p", "from": 1, "to": 2}], "errors": [], "preferenceErrors": []}
        steps = [reply(changes=changes[:1], continues=True), reply(changes=changes[1:], **end)]
        result = self.answered(steps, "reload")
        self.assertEqual(self.calls[0], {"method": "io.bgtaskd.Manager.Reload", "more": True, "parameters": {"dryRun": False}})
        self.assertEqual((result.returncode, result.err), (0, ""))
        self.assertEqual([re.split("  +", line) for line in result.out.splitlines()],
                         [["p: 1 -> 2"], ["CHANGE", "SCHEDULE", "NEXT", "WHAT", "FILE"],
                          ["added", "a", "2023-11-14 22:13:20", "/a.task"],
                          ["changed", "b", "2023-11-14 22:13:20 -> 2023-11-14 23:13:20", "Cron Overlap", "/b.task"],
                          ["removed", "c\\n", "2023-11-14 22:13:20", "/c.task"], ["changed", "d", "-", "OnEndOf", "/d.task"],
                          ["1 schedule of task files stays as it was."]])
        result = self.answered(steps, "--json", "reload", "--dry-run")
        self.assertEqual(self.calls[0]["parameters"], {"dryRun": True})
        self.assertEqual([change["name"] for change in result.json["changes"]], ["a", "b", "c\n", "d"])
        self.assertEqual((result.json["dryRun"], result.json["unchanged"]), (True, 1))
        for errors, code in (({"errors": ["/a.task:1: \x1b bad"]}, 65), ({"preferenceErrors": ["/p.js:2:1: bad"]}, 78),
                             ({"errors": ["a"], "preferenceErrors": ["b"]}, 78)):
            result = self.answered([reply(changes=[], **{**end, **errors})], "reload")
            self.assertEqual(result.returncode, code)
            self.assertEqual(len(result.err.splitlines()), sum(len(lines) for lines in errors.values()))
            self.assertNotIn("\x1b", result.err)
        for garbled in ({"changes": 1}, {}, {"changes": [{"name": "a"}]}, {"changes": [], "errors": [1]}):
            self.fails([reply(**garbled)], 76, "", "reload")
        self.fails([error("PermissionDenied", action="administer the daemon", needs="admin", role="see")], 77,
                   "administer the daemon", "reload")
        self.fails([reply(changes=[], continues=True), CLOSE], 75, "", "reload")

    def test_cancel(self):
        cancelled = run(state="cancelled", result="cancelled")
        self.assertEqual(self.answered([reply(run=cancelled)], "cancel", "12").out, "Run 12 is cancelled.\n")
        self.assertEqual(self.answered([reply(run=cancelled)], "--json", "cancel", "12").json["state"], "cancelled")

    def test_logs_as_json(self):
        records = [output("a\n"), output(base64="/w==", stream="stderr", offset=2)]
        steps = [reply(output=record, continues=True) for record in records] + [reply(run=finished())]
        one = self.answered(steps, "--json", "logs", "12").json
        lines = self.answered(steps, "--json", "logs", "-f", "12").json_lines
        self.assertEqual(one, lines)
        self.assertEqual([record["text"] for record in one], ["a\n", None])
        self.assertEqual(one[1]["base64"], "/w==")


if __name__ == "__main__":
    harness.main(needs_daemon=False)
