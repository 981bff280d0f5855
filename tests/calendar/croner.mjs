// SPDX-License-Identifier: MPL-2.0
// Asks croner when cron lines run: a JSON object a line on standard input, with expr, zone, from and iterations, is
// answered by one with next, in seconds, or error. The argument is croner's module.
import { createInterface } from "node:readline";

const { Cron } = await import(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  const { expr, zone, from, iterations } = JSON.parse(line);
  let answer;
  try {
    // The rule of the two that is the closer to that of Vixie's cron.
    const job = new Cron(expr, { timezone: zone, mode: "5-part", fixedTimeRule: "no-wildcard", paused: true });
    answer = { next: job.nextRuns(iterations, new Date(from * 1000)).map((date) => date.getTime() / 1000) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
