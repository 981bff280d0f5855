# SPDX-License-Identifier: MPL-2.0
"""Limits that a task's policy sets, and what a run says that it used."""

import json
import unittest

import harness
from runner_harness import SANITIZED, RunnerTest, Zygote

MIB = 1 << 20


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
        self.write_function("none", "")
        code, _, err, _ = self.run_limited("none", "LimitNOFILE=64")
        self.assertEqual(code, 0, err)

    def test_usage(self):
        self.write_function("works", """
            let kept;
            for (let i = 0; i < 200000; i++) kept = { i, kept: i % 1000 ? kept : null, text: "x" + i };
            const bytes = new Uint8Array(20 << 20).fill(1);
            await IOUtils.write(PathUtils.join(PathUtils.profileDir, "file"), bytes, { flush: true });
            for (let end = Date.now() + 100; Date.now() < end;) ;""")
        _, _, err, report = self.run_limited("works")
        self.assertEqual(report["outcome"], "success", err)
        self.assertGreaterEqual(report["cpuTimeUs"], 50000)
        self.assertGreaterEqual(report["maxRssBytes"], 20 * MIB)
        if not SANITIZED:  # its allocator tells nobody how much it gave
            self.assertGreaterEqual(report["heapBytes"], 20 * MIB)
        self.assertLess(report["heapBytes"], 1 << 30)
        if "gcCount" in report:
            self.assertGreater(report["gcTimeUs"], 0)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
