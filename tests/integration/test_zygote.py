# SPDX-License-Identifier: MPL-2.0
"""The zygote, with the test as its daemon: what a run is given, how it reports, what it leaves behind."""

import errno
import json
import os
import re
import select
import signal
import socket
import stat
import struct
import unittest

import harness
from runner_harness import SANITIZED, RunnerTest, Zygote


class ZygoteTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.zygote = Zygote(self).wait_ready()

    def finished(self, messages):
        reports = [json.loads(message) for message in messages]
        self.assertEqual([report["event"] for report in reports], ["started", "finished"])
        return reports[1]


USAGE = ("gcTimeUs", "gcCount", "heapBytes", "cpuTimeUs", "maxRssBytes", "majorFaults", "readBytes", "writeBytes")


class Runs(ZygoteTest):
    def test_output_code_and_report(self):
        self.write_function("plain", 'dump(commandLine.length + commandLine.getArgument(0) + "\\n"); return 300;')
        code, out, err, messages = self.zygote.run("plain", "--x=y")
        # Without the banner: this is not a terminal's program.
        self.assertEqual((code, out), (44, "2-x\n"))
        self.assertNotIn("***", err)
        report = self.finished(messages)
        usage = {name: report.pop(name, 0) for name in USAGE}
        self.assertEqual(report, {"event": "finished", "outcome": "exited", "exitCode": 44, "value": 300})
        for name in "cpuTimeUs", "maxRssBytes", "heapBytes":
            self.assertGreater(usage[name], 0, name)

    def test_outcomes(self):
        self.write_function("throws", "null.x;")
        self.write_function("loops", "for (;;) {}", "export const backgroundTaskTimeoutSec = 0.1;")
        self.write_function("waits", "await new Promise(() => {});", "export const backgroundTaskTimeoutSec = 0.1;")
        self.write_function("fine", "")
        self.write_task("broken", "let;")
        for name, code, outcome in (("throws", 3, "exception"), ("loops", 4, "timeout"), ("waits", 4, "timeout"),
                                    ("fine", 0, "success")):
            with self.subTest(name=name):
                status, _, err, messages = self.zygote.run(name)
                report = self.finished(messages)
                self.assertEqual((status, report["outcome"], report["exitCode"]), (code, outcome, code), err)
                if name == "throws":
                    self.assertEqual(report["error"]["line"], 3)
                    self.assertIn("runBackgroundTask@", report["error"]["stack"])
                    self.assertTrue(report["error"]["file"].endswith("BackgroundTask_throws.sys.mjs"))
                if name == "loops":
                    self.assertIn("runBackgroundTask@", report["error"]["stack"])
        for name in ("broken", "nosuch"):
            with self.subTest(name=name):
                status, _, _, messages = self.zygote.run(name)
                [report] = [json.loads(message) for message in messages]
                self.assertEqual((status, report["outcome"], report["exitCode"]), (2, "not-found", 2))
                self.assertIn({"broken": "SyntaxError", "nosuch": "nosuch"}[name], report["message"])

    def test_timeout_in_native_code(self):
        self.write_function("stuck", "JSON.parse(text);", """
            export const backgroundTaskTimeoutSec = 0.05;
            const text = "[" + "[1],".repeat(12e6) + "1]";""")
        # The stack is had if it can be had in time, which a loaded machine may not give: one of a few must have it.
        for _ in range(5):
            status, _, err, messages = self.zygote.run("stuck")
            report = self.finished(messages)
            self.assertEqual((status, report["outcome"], report["exitCode"]), (4, "timeout", 4), err)
            self.assertIn("native code", report["message"])
            stack = report.get("error", {}).get("stack") or ""
            if stack:
                break
        self.assertRegex(stack, r"^@resource:\S*/BackgroundTask_stuck\.sys\.mjs:5\b")

    def test_limit_covers_timeout_minimum_and_shutdown(self):
        self.write_function("limits", "", "export const backgroundTaskTimeoutSec = 7;\n"
                                          "export const backgroundTaskMinRuntimeMS = 1;")
        messages = self.zygote.run("limits")[3]
        self.assertGreaterEqual(json.loads(messages[0])["limitUs"], 7_000_000 + 5_000_000)

    def test_quit(self):
        self.write_function("quits", "Services.startup.quit(Ci.nsIAppStartup.eForceQuit, 33); for (;;) await null;")
        code, _, err, messages = self.zygote.run("quits")
        self.assertEqual((code, self.finished(messages)["outcome"]), (33, "quit"), err)

    def test_edited_task_takes_effect(self):
        for value in (11, 12):
            self.write_module("app/modules/backgroundtasks/part.mjs", f"export const value = {value};")
            self.write_task("edited", 'import { value } from "./part.mjs";\nexport const runBackgroundTask = () => value;')
            self.assertEqual(self.zygote.run("edited")[0], value)

    def test_random_values_differ(self):
        self.write_function("random", """
            const bytes = crypto.getRandomValues(new Uint8Array(16));
            dump([Math.random(), crypto.randomUUID(), Cc["@mozilla.org/uuid-generator;1"].getService(Ci.nsIUUIDGenerator).generateUUID(), bytes.join("-")].join(" "));""")
        outputs = [self.zygote.run("random", run_id=i + 1)[1].split() for i in range(200)]
        for values in zip(*outputs, strict=True):
            self.assertEqual(len(set(values)), 200, values[:3])

    def test_memory_ends_the_run_alone(self):
        self.write_function("greedy", "const a = []; for (;;) { a.push([1, {}]); }")
        self.write_function("fine", "return 12;")
        code, _, err, messages = self.zygote.run("greedy")
        report = self.finished(messages)
        self.assertEqual((code, report["outcome"]), (3, "memory"), err)
        self.assertIn("runBackgroundTask@", report["error"]["stack"])
        self.assertEqual(self.zygote.run("fine", run_id=2)[0], 12)

    @unittest.skipIf(SANITIZED, "sanitizers need more memory")
    def test_kernels_limit_of_memory(self):
        self.write_function("hang", 'dump("ready\\n"); await new Promise(() => {});')
        run = self.zygote.start("hang")
        self.assertEqual(run.out.readline(), b"ready\n")
        with open(f"/proc/{run.pid}/limits", encoding="ascii") as limits:
            [line] = [line for line in limits if line.startswith("Max data size")]
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        self.assertEqual(line.split()[3], str(6 * 256 << 20))

    def test_many_at_once(self):
        self.write_function("many", "return 12;")
        runs = [self.zygote.start("many", run_id=i + 1) for i in range(30)]
        self.assertEqual({run.wait()[0] for run in runs}, {12})
        self.assertEqual(self.profiles(), [])


class Isolation(ZygoteTest):
    def hang(self, **more):
        self.write_function("hang", 'dump("ready\\n"); await new Promise(() => {});')
        run = self.zygote.start("hang", **more)
        self.assertEqual(run.out.readline(), b"ready\n")
        return run

    def status(self, pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def kill(self, run):
        os.kill(run.pid, signal.SIGKILL)
        return run.wait()

    def test_is_the_daemons_own_child(self):
        run = self.hang()
        status = self.status(run.pid)
        self.assertEqual(int(status["PPid"]), os.getpid())
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(os.getsid(run.pid), run.pid)
        self.assertEqual(int(status["Umask"], 8), 0o077)
        self.assertEqual(self.kill(run)[0], -signal.SIGKILL)

    @unittest.skipUnless(os.geteuid() == 0, "only root may look into a run")
    def test_descriptors(self):
        run = self.hang()
        links = {}
        for fd in os.listdir(f"/proc/{run.pid}/fd"):
            links[int(fd)] = os.readlink(f"/proc/{run.pid}/fd/{fd}")
        self.assertEqual(links.pop(0), "/dev/null")
        self.assertRegex(links.pop(1), "^pipe:")
        self.assertRegex(links.pop(2), "^pipe:")
        self.assertRegex(links.pop(3), "^socket:")
        self.assertRegex(links.pop(4), "^" + re.escape(str(self.tmp)))  # its file
        for fd, link in links.items():
            # Its event loop's own: a pipe of which it has both ends is one of them.
            if list(links.values()).count(link) != 2 or not link.startswith("pipe:"):
                self.assertRegex(link, r"^anon_inode:\[(eventpoll|eventfd|timerfd)\]$", f"descriptor {fd}")
        self.kill(run)

    @unittest.skipUnless(os.geteuid() == 0, "only root may look into a run")
    def test_environment_and_directory(self):
        run = self.hang(run_id=77, schedule="nightly")
        self.assertEqual(os.readlink(f"/proc/{run.pid}/cwd"), str(self.tmp / "run-77"))
        self.assertEqual(stat.S_IMODE(os.stat(f"/proc/{run.pid}/cwd").st_mode), 0o700)
        self.kill(run)
        self.write_function("env", """
            dump(["BGTASK_RUN_ID", "BGTASK_NAME", "BGTASK_SCHEDULE"].map(name => Services.env.get(name)).join() + "\\n");
            """)
        self.assertEqual(self.zygote.run("env", run_id=78, schedule="nightly")[1], "78,env,nightly\n")
        self.assertEqual(self.zygote.run("env", run_id=79)[1], "79,env,\n")

    def without_sandbox(self):
        self.zygote.close()
        self.zygote = Zygote(self, "--no-sandbox").wait_ready()

    def test_profile_is_gone_with_the_run(self):
        run = self.hang(run_id=6)
        self.kill(run)
        self.assertEqual(self.profiles(), [])

    def test_profile_is_removed_at_a_normal_end_only(self):
        self.without_sandbox()
        self.write_function("quick", "")
        self.zygote.run("quick", run_id=5)
        self.assertEqual(self.profiles(), [])
        run = self.hang(run_id=6)
        self.kill(run)
        self.assertEqual(self.profiles(), ["run-6"])

    def test_persistent_profile(self):
        self.write_function("message", "")
        self.assertEqual(self.zygote.run("message")[0], 0)
        self.assertEqual(self.profiles(), [])
        self.assertEqual(len([path for path in (self.directory / "profiles").iterdir() if path.is_dir()]), 1)

    def test_policy_sets_the_environment(self):
        self.write_function("env", """
            dump(["A", "B", "BGTASK_NAME"].map(name => Services.env.get(name)).join("|") + "\\n");
            """)
        self.assertEqual(self.zygote.run("env", policy='Environment="A=x y"\nEnvironment=B=\n'
                                         "Environment=BGTASK_NAME=other\n")[1], "x y||env\n")

    def test_policy_chooses_the_profile(self):
        self.write_function("quick", "")
        self.write_function("message", "")
        self.assertEqual(self.zygote.run("message", policy="Profile=ephemeral\n")[0], 0)
        self.assertFalse((self.directory / "profiles").exists())
        self.assertEqual(self.zygote.run("quick", policy="Profile=persistent\n")[0], 0)
        self.assertEqual(len([path for path in (self.directory / "profiles").iterdir() if path.is_dir()]), 1)

    def test_policy_wins_over_the_modules_timeout(self):
        self.write_task("slow", """
            export const backgroundTaskTimeoutSec = 3600;
            export async function runBackgroundTask() { await new Promise(() => {}); }
            """)
        code, _, _, messages = self.zygote.run("slow", policy="RuntimeMaxSec=50ms\n")
        self.assertEqual(code, 4)
        self.assertLess(json.loads(messages[0])["limitUs"], 3600 * 1000000)

    def test_bad_policy_is_a_set_up_failure(self):
        self.write_function("quick", "")
        code, _, _, messages = self.zygote.run("quick", policy="Network=perhaps\n")
        [report] = [json.loads(message) for message in messages]
        self.assertEqual(code, 1)
        self.assertEqual((report["event"], report["stage"]), ("setup-failed", "policy"))
        self.assertIn("Network=: expected yes or no", report["message"])

    def test_set_up_failure_names_its_stage(self):
        self.without_sandbox()
        self.write_function("quick", "")
        code, _, err, messages = self.zygote.run("quick", profile=self.directory / "absent" / "profile")
        [report] = [json.loads(message) for message in messages]
        self.assertEqual(code, 1)
        self.assertEqual((report["event"], report["stage"], report["errno"]), ("setup-failed", "profile", errno.ENOENT))
        self.assertIn("absent/profile", err)

    def test_silent_names(self):
        self.write_function("no_output", 'dump("text\\n");')
        self.assertEqual(self.zygote.run("no_output")[1], "")
        self.assertEqual(self.zygote.run("no_output", "--attach-console")[1], "text\n")

    def test_dies_with_the_daemon(self):
        self.write_function("hang", 'dump("ready\\n"); await new Promise(() => {});')
        # A process between us and the zygote plays the daemon.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        middle = os.fork()
        if middle == 0:
            code = 1
            try:
                ours.close()
                zygote = Zygote(self).wait_ready()
                run = zygote.start("hang", run_id=9)
                run.out.readline()
                socket.send_fds(theirs, [struct.pack("=i", run.pid)], [run.pidfd])
                signal.pause()
            finally:
                os._exit(code)
        theirs.close()
        ours.settimeout(harness.PATIENCE)
        packet, fds, _, _ = socket.recv_fds(ours, 64, 1)
        self.assertEqual(len(packet), 4)
        os.kill(middle, signal.SIGKILL)
        os.waitpid(middle, 0)
        # A pidfd of a process that is gone is readable.
        self.assertTrue(select.select(fds, [], [], harness.PATIENCE)[0])
        os.close(fds[0])
        ours.close()


class Protocol(ZygoteTest):
    def test_bad_packets_are_refused_and_survived(self):
        self.write_function("quick", "return 12;")
        good = self.zygote.packet("quick")
        for packet in (b"x", good[:-1], good + b"x", good.replace(b"quick", b"a/../"),
                       struct.pack("=I", 99) + good[4:]):
            with self.assertRaises(OSError) as caught:
                self.zygote.start_packet(packet)
            self.assertEqual(caught.exception.errno, errno.EBADMSG)
        self.assertEqual(self.zygote.start_packet(good).wait()[0], 12)

    def test_missing_descriptors(self):
        socket.send_fds(self.zygote.socket, [self.zygote.packet("quick")], [0])
        event = Zygote.EVENT.unpack(self.zygote.socket.recv(4096))
        self.assertEqual(event[4:6], (0, errno.EBADMSG))

    def test_ends_with_its_socket(self):
        self.assertEqual(self.zygote.close(), 0)

    def test_runs_survive_the_zygote(self):
        self.write_function("lasts", 'dump("ready\\n"); await new Promise(() => {});',
                            "export const backgroundTaskTimeoutSec = 0.5;")
        run = self.zygote.start("lasts")
        self.assertEqual(run.out.readline(), b"ready\n")
        self.zygote.process.kill()
        self.zygote.process.wait()
        self.assertEqual(run.wait()[0], 4)

    def test_single_threaded(self):
        with open(f"/proc/{self.zygote.process.pid}/status", encoding="ascii") as file:
            self.assertIn("Threads:\t1\n", file.read())


if __name__ == "__main__":
    harness.main(needs_daemon=False)
