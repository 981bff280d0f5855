# SPDX-License-Identifier: MPL-2.0
"""Limits that a task's policy sets, and what a run says that it used."""

import ctypes
import json
import os
import pathlib
import platform
import re
import signal
import unittest

import harness
from runner_harness import SANITIZED, RunnerTest, Zygote

MIB = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
IOPRIO_GET = {"x86_64": 252, "aarch64": 31}.get(platform.machine())  # libc has no function for it
CAP_SYS_NICE = 23
MAY_RAISE = int(re.search(r"CapEff:\s*(\w+)", pathlib.Path("/proc/self/status").read_text()).group(1), 16) >> CAP_SYS_NICE & 1


class Limits(RunnerTest):
    def setUp(self):
        super().setUp()
        self.zygote = Zygote(self).wait_ready()

    def run_limited(self, name, *keys):
        """Exit code, output, standard error, the report of a run of @name with these lines as its policy."""
        code, out, err, messages = self.zygote.run(name, policy="".join(key + "\n" for key in keys))
        reports = [json.loads(message) for message in messages]
        self.assertTrue(reports and reports[-1]["event"] == "finished", (code, out, err, reports))
        return code, out, err, reports[-1]

    def test_cpu(self):
        self.write_function("spins", "for (;;) {}")
        code, _, err, report = self.run_limited("spins", "LimitCPU=1")
        self.assertEqual((code, report["outcome"]), (4, "timeout"), err)
        self.assertEqual(report["message"], "used more than its processor time of 1 s (LimitCPU=)")
        self.assertIn("runBackgroundTask@", report["error"]["stack"])
        self.assertGreaterEqual(report["cpuTimeUs"], 500000)

    def test_cpu_is_not_time(self):
        self.write_function("sleeps", 'await new Promise(r => setTimeout(r, 1500)); dump("slept\\n");',
                            'import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";')
        code, out, err, report = self.run_limited("sleeps", "LimitCPU=1")
        self.assertEqual((code, out, report["outcome"]), (0, "slept\n", "success"), err)

    def test_cpu_cannot_be_evaded(self):
        """It catches nothing, and its shutdown phase is bounded too."""
        self.write_function("evades", """
            AsyncShutdown.profileBeforeChange.addBlocker("spins", () => { for (;;) {} });
            for (;;) try { for (;;) {} } catch {} finally { dump("caught\\n"); }""",
            'import { AsyncShutdown } from "resource://gre/modules/AsyncShutdown.sys.mjs";')
        code, out, err, report = self.run_limited("evades", "LimitCPU=1")
        self.assertEqual((code, out, report["outcome"]), (4, "", "timeout"), err)

    def test_file_size(self):
        self.write_function("writes", """
            const path = PathUtils.join(PathUtils.profileDir, "large");
            try {
              await IOUtils.write(path, new Uint8Array(2 << 20));
              dump("written\\n");
            } catch (e) {
              dump(e.name + "\\n");
            }
            await IOUtils.write(path, new Uint8Array(1 << 19));""")
        code, out, err, report = self.run_limited("writes", "LimitFSIZE=1M")
        self.assertEqual((code, report["outcome"]), (0, "success"), err)
        self.assertNotEqual(out, "written\n")
        self.assertEqual(self.run_limited("writes")[1], "written\n")

    @unittest.skipIf(SANITIZED, "a sanitizer's shadow memory is beyond every limit")
    def test_memory_of_the_policy(self):
        """What the preference's 256 MiB would stop passes with more, and with less is stopped sooner."""
        self.write_function("grows", """
            const all = [];
            for (let i = 0; i < 400; i++) {
              all.push(new Array(1 << 17).fill(i));
              if (i % 50 == 0) await null;
            }
            dump("grown\\n");""")
        self.assertEqual(self.run_limited("grows", "MemoryMax=1G")[1], "grown\n")
        code, out, err, report = self.run_limited("grows", "MemoryMax=64M")
        self.assertEqual((code, report["outcome"]), (3, "memory"), out + err)
        self.assertNotIn("grown", out)
        self.assertLess(report["maxRssBytes"], 140 * MIB)

    @unittest.skipIf(SANITIZED, "a sanitizer's shadow memory is beyond every limit")
    def test_memory_at_once(self):
        """One native allocation that is too large fails where it is made, and the task goes on."""
        self.write_function("leaps", """
            try {
              new Uint8Array(300 << 20).fill(1);
              dump("allocated\\n");
            } catch (e) {
              dump(e.name + "\\n");
            }""")
        code, out, err, _ = self.run_limited("leaps", "MemoryMax=64M")
        self.assertEqual(code, 0, err)
        self.assertNotEqual(out, "allocated\n")

    @unittest.skipIf(SANITIZED, "a sanitizer's shadow memory is beyond every limit")
    def test_smallest_memory_is_enough_to_start(self):
        self.write_function("small", 'dump("small\\n");')
        code, out, err, _ = self.run_limited("small", "MemoryMax=32M")
        self.assertEqual((code, out), (0, "small\n"), err)

    def test_descriptors(self):
        """The fewest there may be are enough to run, and more are not to be had."""
        self.write_function("hangs", 'dump("ready\\n"); await new Promise(() => {});')
        for limit in (64, 1024):
            run = self.zygote.start("hangs", policy=f"LimitNOFILE={limit}\n")
            try:
                self.assertEqual(run.out.readline(), b"ready\n")
                self.assertRegex(pathlib.Path(f"/proc/{run.pid}/limits").read_text(), rf"(?m)^Max open files +{limit} +{limit} ")
            finally:
                os.kill(run.pid, signal.SIGKILL)
                run.wait()

    def priorities(self, *keys):
        """Nice value, class and priority of input and output of a run with these lines as its policy."""
        self.write_function("hangs", 'dump("ready\\n"); await new Promise(() => {});')
        run = self.zygote.start("hangs", policy="".join(key + "\n" for key in keys))
        try:
            self.assertEqual(run.out.readline(), b"ready\n")
            threads = [int(path.name) for path in pathlib.Path(f"/proc/{run.pid}/task").iterdir()]
            nice = {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads}
            io = {LIBC.syscall(IOPRIO_GET, 1, thread) for thread in threads}
        finally:
            os.kill(run.pid, signal.SIGKILL)
            run.wait()
        self.assertEqual((len(nice), len(io)), (1, 1), "all threads have the same")
        return nice.pop(), *divmod(io.pop(), 1 << 13)

    @unittest.skipUnless(IOPRIO_GET, "no number of ioprio_get() for this machine")
    def test_priorities(self):
        own = os.getpriority(os.PRIO_PROCESS, 0)
        self.assertEqual(self.priorities()[0], own)
        self.assertEqual(self.priorities("Nice=19", "IOSchedulingClass=idle", "IOSchedulingPriority=3"), (19, 3, 0))
        self.assertEqual(self.priorities(f"Nice={own}", "IOSchedulingPriority=6"), (own, 2, 6))
        self.assertEqual(self.priorities("IOSchedulingClass=best-effort"), (own, 2, 4))
        self.assertEqual(self.priorities("IOSchedulingClass=none")[1:], self.priorities()[1:])

    @unittest.skipUnless(IOPRIO_GET and MAY_RAISE, "takes CAP_SYS_NICE")
    def test_priorities_that_take_privileges(self):
        self.assertEqual(self.priorities("Nice=-20")[0], -20)
        self.assertEqual(self.priorities("IOSchedulingClass=realtime", "IOSchedulingPriority=7")[1:], (1, 7))

    def test_usage(self):
        self.write_function("works", """
            let kept;
            for (let i = 0; i < 200000; i++) kept = { i, kept: i % 1000 ? kept : null, text: "x" + i };
            const bytes = new Uint8Array(20 << 20).fill(1);
            await IOUtils.write(PathUtils.join(PathUtils.profileDir, "file"), bytes, { flush: true });
            Cu.forceGC();""")
        _, _, err, report = self.run_limited("works")
        self.assertEqual(report["outcome"], "success", err)
        self.assertGreaterEqual(report["cpuTimeUs"], 10000)
        self.assertGreaterEqual(report["maxRssBytes"], 20 * MIB)
        if not SANITIZED:  # its allocator tells nobody how much it gave
            self.assertGreaterEqual(report["heapBytes"], 20 * MIB)
        self.assertLess(report["heapBytes"], 1 << 30)
        self.assertGreater(report["gcCount"], 0)
        self.assertGreater(report["gcTimeUs"], 0)


class Unprivileged(RunnerTest):
    def command(self, *args):
        drop = ["setpriv", "--bounding-set", "-sys_nice,-sys_admin"] if MAY_RAISE else []
        return [*drop, *super().command(*args)]

    def test_better_priorities_are_refused(self):
        self.write_function("urgent", "")
        zygote = Zygote(self).wait_ready()
        for key in ("Nice=-20", "IOSchedulingClass=realtime"):
            code, _, err, messages = zygote.run("urgent", policy=key + "\n")
            report = json.loads(messages[0])
            self.assertEqual((code, report["event"]), (1, "setup-failed"), err)
            self.assertIn(f"{key}: the daemon may not give that: it takes CAP_SYS_NICE", err)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
