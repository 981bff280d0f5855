# SPDX-License-Identifier: MPL-2.0
"""Subprocess.sys.mjs under the daemon: only where the task file has Subprocess=yes, and nothing is left of it."""

import time

import harness
from runner_harness import RunnerTest, processes_with

TASK = """
const { Subprocess } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");
export async function runBackgroundTask(commandLine) {
  const args = Array.from({ length: commandLine.length }, (_, index) => commandLine.getArgument(index));
  try {
    const program = await Subprocess.call({ command: "/bin/sh", arguments: ["-c", ...args] });
    await program.stdin.write("from the task");
    await program.stdin.close();
    for (let text; (text = await program.stdout.readString()); ) {
      dump(text);
    }
    return (await program.wait()).exitCode;
  } catch (error) {
    dump(`${error.name}: ${error.message}\\n`);
    return 20;
  }
}
"""


NOMINAL = """
const { Subprocess } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");
export async function runBackgroundTask() {
  const program = await Subprocess.call({ command: "/bin/sh", arguments: ["-c", "echo $BGTASK_SCHEDULE $BGTASK_NOMINAL_AT"] });
  const { BGTASK_SCHEDULE, BGTASK_NOMINAL_AT } = Subprocess.getEnvironment();
  dump(`${Services.env.get("BGTASK_SCHEDULE")} ${Services.env.get("BGTASK_NOMINAL_AT")}\\n`);
  dump(`${BGTASK_SCHEDULE} ${BGTASK_NOMINAL_AT}\\n`);
  dump(await program.stdout.readString());
  return (await program.wait()).exitCode;
}
"""


class SubprocessTest(harness.DaemonTest):
    tasks = {"may": TASK, "maynot": TASK, "nominal": NOMINAL}
    task_files = {"may": "Subprocess=yes", "nominal": "Subprocess=yes"}

    def test_nominal_time(self):
        """A run that is for a time of the past knows it in each way that a task has, and so do its programs."""
        self.ctl("schedule", "add", "hours", "nominal", "--every=1h", "-p", "AnchorAt=@0")
        self.assertEqual(self.ctl("schedule", "backfill", "hours", "--from=@1700000000", "--to=@1700010000").returncode, 0)

        def of_the_past():  # an hour may begin meanwhile
            runs = self.ctl("--json", "list", "--schedule=hours", "--state=finished").json
            runs = [run for run in runs if run["nominalAt"] < 1700010000_000000]
            return len(runs) == 2 and runs
        runs = harness.wait_until(of_the_past, "it has run for two times")
        self.assertEqual([self.ctl("logs", str(run["id"])).out for run in runs[::-1]],
                         ["hours 1700002800000000\n" * 3, "hours 1700006400000000\n" * 3])

    def test_allowed(self):
        result = self.ctl("run", "may", 'cat; echo " and $0 $1"; exit 12', "a  b", "\u00e9")
        self.assertEqual((result.returncode, result.out), (12, "from the task and a  b \u00e9\n"), result.err)

    def test_not_allowed(self):
        result = self.ctl("run", "maynot", "exit 0")
        self.assertEqual((result.returncode, result.out), (
            20, "Error: Subprocess: programs can be started only with Subprocess=yes in maynot.task\n"), result.err)

    def test_what_it_began_ends_with_it(self):
        marker = f"600.{time.time_ns()}"
        result = self.ctl("run", "may", f'cat; sh -c "exec sleep {marker}" >/dev/null 2>&1 & exit 0')
        self.assertEqual(result.returncode, 0, result.err)
        harness.wait_until(lambda: not processes_with(marker), "it has ended")


class Descriptors(RunnerTest):
    def test_none_stays(self):
        """Of a program that has ended no pipe stays open, whether the task has read, closed or forgotten it."""
        self.write_function("many", """
            const { Subprocess } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");
            const open = async () => (await IOUtils.getChildren("/proc/self/fd")).length;
            const once = async read => {
              const program = await Subprocess.call({ command: "/bin/sh", arguments: ["-c", "echo a; echo b >&2"], stderr: "pipe" });
              await read(program);
              await program.wait();
            };
            const ways = [
              () => {},
              async ({ stdout }) => { while (await stdout.readString()); },
              ({ stdin, stdout }) => Promise.allSettled([stdin.close(), stdout.close()]), // it may have ended
            ];
            await once(() => {});
            const before = await open();
            for (let count = 0; count < 10; count++) {
              for (const way of ways) {
                await once(way);
              }
            }
            while (await open() > before) {
              await new Promise(resolve => setTimeout(resolve, 1));
            }
            return 12;
            """)
        result = self.task("many")
        self.assertEqual(result.returncode, 12, result.out + result.err)


if __name__ == "__main__":
    harness.main()
