# SPDX-License-Identifier: MPL-2.0
"""The tasks that the chaos runs: what each does, what it may, and what must be true of its record.

All of them say what they do in an append-only file, the facts, one line a write():

    start ID NONCE KEY      the task's function was called; NONCE is of this call alone
    beat ID NONCE -         it is still there
    end ID NONCE CODE       it is about to return CODE; "throws": it is about to throw
"""

import dataclasses

THROWS = "throws"


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    weight: int = 1
    ms: tuple = (0, 0)  # how long it takes, from and to
    codes: tuple = (0,)  # what it returns, one of these; THROWS
    kib: int = 0  # how much it prints
    idempotent: bool = False
    adopt: bool = False
    more: tuple = ()  # further lines of its task file

    def task_file(self, facts_directory):
        """Its .task file."""
        lines = ["[Task]", f"Description=chaos: {self.name}", f"ReadWritePaths={facts_directory}",
                 f"Idempotent={'yes' if self.idempotent else 'no'}",
                 f"OnDaemonExit={'adopt' if self.adopt else 'die'}", *self.more]
        return "\n".join(lines) + "\n"


KINDS = {kind.name: kind for kind in (
    Kind("short", weight=6),
    Kind("long", weight=3, ms=(200, 1500)),
    Kind("exits", weight=2, ms=(0, 200), codes=(11, 12, 77, 127)),
    Kind("throws", weight=2, ms=(0, 200), codes=(THROWS,)),
    Kind("prints", weight=2, ms=(0, 100), kib=300),
    Kind("again", weight=3, ms=(50, 800), idempotent=True),
    Kind("adopted", weight=4, ms=(100, 2500), adopt=True),
    Kind("adoptedexits", weight=2, ms=(100, 1500), codes=(13, THROWS), adopt=True),
    Kind("adoptedagain", weight=2, ms=(100, 2000), adopt=True, idempotent=True),
    Kind("adoptedprints", weight=1, ms=(100, 800), kib=200, adopt=True),
)}

MODULE = """// One of the chaos's tasks: FACTS KEY MILLISECONDS CODE KIB
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

export const backgroundTaskTimeoutSec = 300;
export const backgroundTaskMinRuntimeMS = 0;

const sleep = ms => new Promise(done => setTimeout(done, ms));

export async function runBackgroundTask(line) {
  const [facts, key, ms, code, kib] = [0, 1, 2, 3, 4].map(i => line.getArgument(i));
  const id = Services.env.get("BGTASK_RUN_ID");
  const nonce = crypto.randomUUID();
  const tell = (word, what) => IOUtils.writeUTF8(facts, `${word} ${id} ${nonce} ${what}\\n`, { mode: "append" });
  const until = Date.now() + Number(ms);

  await tell("start", key);
  for (let i = 0; i < Number(kib); i++) {
    dump("x".repeat(1023) + "\\n");
  }
  while (Date.now() < until) {
    await sleep(Math.min(50, until - Date.now()));
    await tell("beat", "-");
  }
  await tell("end", code);
  if (code == "throws") {
    throw new Error(`thrown on purpose by ${key}`);
  }
  return Number(code);
}
"""
