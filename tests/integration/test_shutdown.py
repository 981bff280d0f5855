# SPDX-License-Identifier: MPL-2.0
"""The shutdown phase of a run: it still runs JS, after a termination too, and it ends."""

import json

import harness
from runner_harness import NO_MINIMUM, RunnerTest, Zygote

OBSERVE = """
    Services.obs.addObserver((subject, topic, data) => dump(`${topic} ${data}\\n`), "quit-application");
    """
BLOCK = """
    const { AsyncShutdown } = ChromeUtils.importESModule("resource://gre/modules/AsyncShutdown.sys.mjs");
    """
LIMIT = "toolkit.backgroundtasks.shutdownTimeoutMS"


class Shutdown(RunnerTest):
    def limit(self, milliseconds):
        self.write_prefs({**NO_MINIMUM, LIMIT: milliseconds})

    def test_after_every_kind_of_end(self):
        timeout = "export const backgroundTaskTimeoutSec = 0.2;"
        for name, body, code in (("returns", "return 12;", 12), ("throws", "throw 1;", 3), ("loops", "for (;;) {}", 4),
                                 ("waits", "await new Promise(() => {});", 4),
                                 ("jobs", "for (;;) { await 1; }", 4),
                                 ("quits", "Services.startup.quit(Ci.nsIAppStartup.eForceQuit, 33);", 33),
                                 ("quits_and_loops",
                                  "Services.startup.quit(Ci.nsIAppStartup.eForceQuit, 33); for (;;) {}", 33)):
            with self.subTest(name=name):
                self.write_function(name, OBSERVE + body, timeout if code == 4 else "")
                result = self.task(name)
                self.assertEqual(result.returncode, code, result.err)
                self.assertTrue(result.out.endswith("quit-application shutdown\n"), result.out)

    def test_blocker_is_waited_for(self):
        self.write_function("blocks", BLOCK + """
            AsyncShutdown.profileBeforeChange.addBlocker("flush", async () => {
                await new Promise(resolve => setTimeout(resolve, 100));
                dump("flushed\\n");
            });
            return 12;""")
        result = self.task("blocks")
        self.assertEqual((result.returncode, result.out), (12, "flushed\n"), result.err)

    def test_blocker_that_hangs_is_named(self):
        self.limit(500)
        self.write_function("hangs", BLOCK + """
            AsyncShutdown.profileBeforeChange.addBlocker("never done", new Promise(() => {}));
            return 12;""")
        result = self.task("hangs")
        self.assertEqual(result.returncode, 12)
        self.assertIn('"never done"', result.err)
        self.assertEqual(self.profiles(), [])

    def test_shutdown_code_that_loops_is_stopped(self):
        self.limit(100)
        for name, body in (("loop", "for (;;) {}"), ("sort", "for (;;) { a.slice().sort((x, y) => x - y); }")):
            self.write_function(name, f"""
                Services.obs.addObserver(function stubborn() {{ {body} }}, "quit-application");
                return 12;""", "const a = Array.from({ length: 4e6 }, (_, i) => i * 7919 % 4000037);")
            with self.subTest(name=name):
                result = self.task(name)
                self.assertEqual(result.returncode, 12)
                # The sort by numbers does not look for interrupts; whether it is met there is chance.
                self.assertRegex(result.err, "in its shutdown phase|native code")
                harness.wait_until(lambda: not self.profiles(), "the profile is removed")

    def test_what_was_begun_with_files_is_finished(self):
        """The task does not wait for its writes; they are done before the run leaves, step by step."""
        path = self.directory / "large"
        self.write_function("careless", f"""
          IOUtils.writeUTF8("{path}", "x".repeat(20000000), {{ tmpPath: "{path}.tmp", flush: true }});
          IOUtils.copy("{path}", "{path}.copy").then(() => IOUtils.writeUTF8("{path}.then", "done"));
          return 12;""")
        self.limit(60000)
        self.assertEqual(self.task("careless").returncode, 12)
        self.assertEqual([(self.directory / name).stat().st_size for name in ("large", "large.copy", "large.then")],
                         [20000000, 20000000, 4])

    def test_in_a_zygotes_child(self):
        self.write_function("loops", OBSERVE + "for (;;) {}", "export const backgroundTaskTimeoutSec = 0.2;")
        zygote = Zygote(self).wait_ready()
        code, out, _, messages = zygote.run("loops")
        self.assertEqual(code, 4)
        self.assertTrue(out.endswith("quit-application shutdown\n"), out)
        report = json.loads(messages[-1])
        self.assertEqual(report["outcome"], "timeout")
        self.assertIn("runBackgroundTask@", report["error"]["stack"])


if __name__ == "__main__":
    harness.main(needs_daemon=False)
