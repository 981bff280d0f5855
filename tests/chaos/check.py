# SPDX-License-Identifier: MPL-2.0
"""The independent checker of the chaos: no accepted run is lost, and none is run twice in silence.

It knows nothing of the daemon's inside. It reads what clients sent and were told (their journals), what tasks really
did (the facts: an append-only file, in the order of what happened), what the killer did (its journal), and what
`bgtaskctl --json list` says that the records are, and holds these against each other.

usage: check.py DIRECTORY

Journals are lines of JSON:
    clients  {"send": KEY, "kind": …, "args": […]}      written before the request goes out
             {"told": KEY, "id": …}                     the daemon has acknowledged it
             {"ended": ID, "state": …, "result": …, "exitCode": …}   the daemon has told how it ended
             {"cancel": ID}                             written before the request goes out
    killer   {"killed": PID, "what": …}                 written before the signal is sent
             {"daemon": "killed" | "stopped"}           the same, for the daemon
"""

import collections
import dataclasses
import json
import pathlib
import re
import sys

from kinds import KINDS, THROWS

FINAL = ("finished", "cancelled", "interrupted")
READ_AT_ONCE = 65536


@dataclasses.dataclass
class Attempt:
    """One call of a task's function, as the facts tell it."""
    nonce: str
    key: str
    first: int  # number of its line
    last: int
    end: str = None  # what it said that it returns


class Evidence:
    """What is known, from each side."""

    def __init__(self):
        self.sent = {}  # key: {"kind", "args"}
        self.told = collections.defaultdict(set)  # key: ids
        self.ended = []  # what clients were told of the ends
        self.cancelled = set()  # ids that a client wanted to be cancelled
        self.killed = set()  # pids
        self.daemon_deaths = 0
        self.attempts = collections.defaultdict(list)  # id: attempts, in the order of their starts
        self.records = []
        self.problems = []
        self.adoption = True  # whether this daemon keeps a task file's OnDaemonExit=adopt

    def read_journal(self, path):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            try:
                self.read_entry(json.loads(line))
            except (ValueError, KeyError):
                self.problems.append(f"{path.name}:{number}: not a journal's line: {line!r}")

    def read_entry(self, entry):
        if "send" in entry:
            self.sent.setdefault(entry["send"], entry)
        elif "told" in entry:
            self.told[entry["told"]].add(entry["id"])
        elif "ended" in entry:
            self.ended.append(entry)
        elif "cancel" in entry:
            self.cancelled.add(entry["cancel"])
        elif "killed" in entry:
            self.killed.add(entry["killed"])
        elif "daemon" in entry:
            self.daemon_deaths += 1
        else:
            raise KeyError("unknown")

    def read_facts(self, text):
        by_nonce = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split(" ")
            if len(words) != 4 or words[0] not in ("start", "beat", "end"):
                self.problems.append(f"facts:{number}: not a fact: {line!r}")
                continue
            word, run_id, nonce, what = words
            if word == "start":
                by_nonce[nonce] = Attempt(nonce, what, number, number)
                self.attempts[int(run_id)].append(by_nonce[nonce])
                continue
            attempt = by_nonce.get(nonce)
            if attempt is None or attempt not in self.attempts[int(run_id)]:
                self.problems.append(f"facts:{number}: {word} of run {run_id} without its start")
                continue
            if attempt.end is not None:
                self.problems.append(f"facts:{number}: run {run_id} goes on after its end")
            attempt.last = number
            attempt.end = what if word == "end" else None


def check(evidence):
    """All that is wrong, one sentence each."""
    records = collections.defaultdict(list)
    for record in evidence.records:
        records[record["id"]].append(record)
    problems = list(evidence.problems)
    problems += check_requests(evidence, records)
    problems += check_facts(evidence, records)
    for run_id, same in sorted(records.items()):
        kind = KINDS.get(same[0]["task"])
        if kind is None:
            problems.append(f"run {run_id} is of task {same[0]['task']}, which nobody asked for")
            continue
        problems += [f"run {run_id} ({kind.name}): {problem}"
                     for problem in check_run(evidence, same[0], kind, evidence.attempts.get(run_id, []))]
    return problems


def check_requests(evidence, records):
    """Accepted is recorded, once each, and nothing else is."""
    owners = collections.defaultdict(set)
    for key, sent in evidence.sent.items():
        ids = evidence.told.get(key, set())
        if not ids:
            yield f"key {key} was never acknowledged"
        if len(ids) > 1:
            yield f"key {key} made several runs: {sorted(ids)}"
        for run_id in ids:
            owners[run_id].add(key)
            if run_id not in records:
                yield f"run {run_id} is lost: it was acknowledged (key {key}) and has no record"
                continue
            record = records[run_id][0]
            if (record["task"], record["args"]) != (sent["kind"], sent["args"]):
                yield f"run {run_id} (key {key}) has another task or other arguments in its record"
    for key in evidence.told.keys() - evidence.sent.keys():
        yield f"key {key} was acknowledged and never sent"
    for run_id, keys in owners.items():
        if len(keys) > 1:
            yield f"run {run_id} answers to several keys: {sorted(keys)}"
    for run_id, same in records.items():
        if len(same) > 1:
            yield f"run {run_id} has {len(same)} records"
        if run_id not in owners:
            yield f"run {run_id} has a record and no client was told of it"
    for entry in evidence.ended:
        record = records.get(entry["ended"], [{}])[0]
        was = tuple(entry[name] for name in ("state", "result", "exitCode"))
        now = tuple(record.get(name) for name in ("state", "result", "exitCode"))
        if was != now:
            yield f"run {entry['ended']}: a client was told that it ended as {was}, and the record says {now}"


def check_facts(evidence, records):
    """Nothing ran that nobody asked for, and no run at the same time as itself."""
    for run_id, attempts in evidence.attempts.items():
        if run_id not in records:
            yield f"run {run_id} ran and has no record"
        for attempt in attempts:
            if run_id not in evidence.told.get(attempt.key, ()):
                yield f"run {run_id} ran for key {attempt.key}, which belongs to another run or to none"
        for before, after in zip(attempts, attempts[1:]):
            if before.last > after.first:
                yield (f"run {run_id} overlaps with itself: {before.nonce} was still there (facts:{before.last}) "
                       f"after {after.nonce} had started (facts:{after.first})")


def check_run(evidence, record, kind, attempts):
    state, result = record["state"], record["result"]
    last = attempts[-1] if attempts else None
    if state == "lost":
        # Only an orphan's end can be unknown: its exit status goes to whoever has taken the place of its parent.
        if not kind.adopt or record["pid"] not in evidence.killed or not record["message"]:
            yield f"is lost, and nobody killed it while it had no parent: {record['message']}"
    elif state not in FINAL:
        yield f"is {state}, which is no end"
        return
    yield from check_times(record)
    if len(attempts) > starts_told(record):
        yield f"ran {len(attempts)} times in silence: its record tells of {starts_told(record)}"
    elif len(attempts) > 1 and not kind.idempotent:
        yield f"ran {len(attempts)} times, and its task does not allow that"
    yield from check_result(evidence, record, kind, last)
    if last and last.end is not None:
        yield from check_end(evidence, record, kind, last)
    if result in ("success", "exited", "exception"):
        yield from check_output(evidence, record, kind)


def check_output(evidence, record, kind):
    """All that was printed is kept, except what a daemon that was killed had read and not yet written."""
    least = kind.kib * 1024 - (READ_AT_ONCE if kind.adopt and evidence.daemon_deaths else 0)
    if record["outputBytes"] < least:
        yield f"printed {kind.kib * 1024} bytes, and {record['outputBytes']} are recorded"


def check_times(record):
    times = [(name, record[name]) for name in ("queuedAt", "startedAt", "finishedAt") if record.get(name)]
    for (before, one), (after, other) in zip(times, times[1:]):
        if one > other:
            yield f"has {after} {(one - other) / 1000:.1f} ms before {before}"


def starts_told(record):
    """How often its task's function may have been called, as the record has it."""
    earlier = record.get("attempts") or []
    return min(record["epoch"], 1 + sum(1 for attempt in earlier if attempt["began"]))


def check_result(evidence, record, kind, last):
    """The record says nothing that has not happened."""
    result = record["result"]
    disturbed = record["pid"] in evidence.killed
    if result == "success":
        if not last or last.end != "0":
            yield "is recorded as a success, and did not come to its end"
    elif result == "exited":
        if not last or last.end != str(record["exitCode"]):
            yield f"is recorded as exited with {record['exitCode']}, and did not say so"
    elif result == "exception":
        if not last or last.end != THROWS:
            yield f"is recorded as an exception, and threw none: {record['message']}"
    elif result == "killed":
        if not disturbed:
            yield f"is recorded as killed, and nobody killed it (pid {record['pid']}): {record['message']}"
    elif result == "cancelled":
        if record["id"] not in evidence.cancelled:
            yield "is recorded as cancelled, and no client asked for that"
    elif result == "interrupted":
        if not record["message"]:
            yield "is recorded as interrupted, without a reason"
        if not evidence.daemon_deaths:
            yield "is recorded as interrupted, and the daemon did not end"
        if kind.adopt and evidence.adoption and not disturbed:
            yield f"is recorded as interrupted, and should have gone on without the daemon: {record['message']}"
    elif result == "setup_failed":
        # A zygote that is killed again and again, before it is ready or while it starts the run, is given up.
        if last or not re.search(r"zygote|no run can be started: it was killed by signal 9", record["message"] or ""):
            yield f"could not be set up: {record['message']}"
    else:
        yield f"ended as {result}, as no task here does: {record['message']}"


def check_end(evidence, record, kind, last):
    """What came to its end is recorded as that, or says why not."""
    result = record["result"]
    expected = {"0": "success", THROWS: "exception"}.get(last.end, "exited")
    if last.end not in [str(code) for code in kind.codes]:
        yield f"ended with {last.end}, which its task never does"
    if result != expected and result not in ("killed", "interrupted", "cancelled"):
        yield f"came to its end with {last.end}, and is recorded as {result}"
    # Those three are held against their causes by check_result().


def load(directory):
    """The evidence that a chaos has left in a directory."""
    evidence = Evidence()
    for path in sorted(directory.glob("*.journal")):
        evidence.read_journal(path)
    evidence.read_facts((directory / "facts" / "facts").read_text())
    evidence.records = json.loads((directory / "records.json").read_text())
    evidence.adoption = (directory / "adoption").exists()
    return evidence


def summary(evidence):
    results = collections.Counter(f"{record['state']}/{record['result']}" for record in evidence.records)
    repeated = sum(1 for attempts in evidence.attempts.values() if len(attempts) > 1)
    lines = [f"{len(evidence.told)} accepted, {len(evidence.records)} recorded, "
             f"{sum(map(len, evidence.attempts.values()))} starts, {repeated} runs repeated, "
             f"{len(evidence.ended)} ends told to clients, {evidence.daemon_deaths} ends of the daemon"]
    lines += [f"  {name:<28} {count:7}" for name, count in results.most_common()]
    return "\n".join(lines)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check.py DIRECTORY")
    evidence = load(pathlib.Path(sys.argv[1]))
    problems = check(evidence)
    print(summary(evidence))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
