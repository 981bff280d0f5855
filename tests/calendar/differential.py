#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Random calendars: bgtaskctl calendar against the oracle, against itself, and against systemd-analyze and croner.

    differential.py                    a short one, as in `make check`
    CALENDAR_CASES=20000 CALENDAR_SEED=7 differential.py

The seed is printed first; it and the number of cases choose all of them. Of each case:

- what elapses, the local time and note of it, and the normalised form are the oracle's, so nothing is missed or added;
- what elapses is in order, and from a base between two elapses the next is the later one;
- the normalised form is read back as itself and elapses as the expression does;
- where no change of the clock is near, systemd-analyze (where it is installed) says the same: for all cases of a long run,
  for some of a short one. systemd-analyze starts a process for each step.

A long run asks croner.py too, where node and npm are.
"""

import datetime
import itertools
import os
import random
import shutil
import sys
import time

import croner
import generate
import program
import systemd
from oracle import SECOND, Elapses

SHORT_CASES = 3000
SHORT_SYSTEMD_CASES = 150
SHOWN = 20


class Report:
    """Differences, counted by kind; the first of them are printed."""

    def __init__(self):
        self.differences = 0

    def differ(self, kind, case, **facts):
        self.differences += 1
        if self.differences <= SHOWN:
            print(f"{kind}: {case.request()}")
            for name, value in facts.items():
                print(f"    {name}: {value}")


def local_text(instant, zone):
    """As ISO 8601 has it, with as much of a fraction as there is."""
    wall = datetime.datetime.fromtimestamp(instant // SECOND, zone.info)
    text = wall.replace(microsecond=instant % SECOND).isoformat()
    moment, offset = text[:19], wall.isoformat()[19:]
    fraction = text[19:26].rstrip("0") if instant % SECOND else ""
    return moment + fraction + offset


def expected_of(case, zones, base=None, iterations=None):
    zone = zones[case.zone]
    start = case.base if base is None else base
    found = Elapses(case.calendar, zone, case.gap, case.overlap).after(start * SECOND)
    count = case.iterations if iterations is None else iterations
    return [(instant, local_text(instant, zone), note) for instant, note in itertools.islice(found, count)]


def rows_of(answer):
    return [(program.micros(row["utc"]), row["local"], row["note"]) for row in answer.get("next", [])]


def compare_oracle(cases, zones, report):
    """Asks for all cases, and leaves with each what it elapses at."""
    for case, answer in zip(cases, program.ask([case.request() for case in cases])):
        case.expected = expected_of(case, zones)
        case.answer = answer
        if "error" in answer:
            report.differ("refused", case, error=answer["error"])
            continue
        rows = rows_of(answer)
        if rows != case.expected:
            at = next((i for i, pair in enumerate(zip(rows, case.expected)) if pair[0] != pair[1]), min(len(rows), len(case.expected)))
            report.differ("elapses", case, at=at, program=rows[at:at + 3], oracle=case.expected[at:at + 3])
        if case.normalized is not None and answer["normalized"] != case.normalized:
            report.differ("normalised", case, program=answer["normalized"], oracle=case.normalized)
        if answer["zone"] != case.zone:
            report.differ("zone", case, program=answer["zone"], oracle=case.zone)
        if any(later[0] <= earlier[0] for earlier, later in zip(rows, rows[1:])):
            report.differ("order", case, program=rows)


def compare_between(cases, random_, report):
    """Any base in between has the same next."""
    questions = []
    for case in (case for case in cases if "error" not in case.answer):
        for earlier, later in itertools.islice(zip(case.expected, case.expected[1:]), 3):
            low, high = -(-earlier[0] // SECOND), (later[0] - 1) // SECOND
            if low <= high:
                base = random_.choice([low, high, random_.randint(low, high)])
                questions.append((case, later, case.request(**{"from": base, "iterations": 1})))
    answers = program.ask([request for _, _, request in questions])
    for (case, later, request), answer in zip(questions, answers):
        if rows_of(answer) != [later]:
            report.differ("between", case, base=request["from"], program=rows_of(answer), oracle=later)
    return len(questions)


def compare_normalized(cases, report):
    """The normalised form is read back as itself, and is the same calendar."""
    known = [case for case in cases if "error" not in case.answer]
    answers = program.ask([case.request(expr=case.answer["normalized"]) for case in known])
    for case, answer in zip(known, answers):
        if answer != case.answer:
            report.differ("read back", case, once=str(case.answer)[:300], twice=str(answer)[:300])


def compare_systemd(cases, zones, count, report):
    if not systemd.is_there():
        print("systemd-analyze is not installed: not compared with it")
        return 0
    chosen = [case for case in cases if systemd.is_comparable(case) and case.answer.get("next") is not None][:count]
    for case, said in zip(chosen, systemd.ask_all(chosen)):
        rows = [instant // SECOND for instant, _, _ in rows_of(case.answer)]
        if (said.error is not None) != systemd.is_refused(case):
            report.differ("systemd refuses", case, error=said.error)
        if said.normalized is None:
            continue
        if said.normalized != systemd.with_zone(case, case.answer["normalized"]):
            report.differ("systemd normalises", case, program=case.answer["normalized"], systemd=said.normalized)
        ours, theirs = systemd.comparable(rows, said.elapses, case, zones[case.zone])
        if ours != theirs:
            report.differ("systemd elapses", case, program=ours, systemd=theirs)
    return len(chosen)


def main():
    count = int(os.environ.get("CALENDAR_CASES") or SHORT_CASES)
    seed = int(os.environ.get("CALENDAR_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}: CALENDAR_CASES={count} CALENDAR_SEED={seed} repeats it", flush=True)
    is_long = count > SHORT_CASES
    begun = time.monotonic()
    random_ = random.Random(seed)
    zones, report = generate.Zones(), Report()
    names = generate.ZONES + (generate.MORE_ZONES if is_long else random_.sample(generate.MORE_ZONES, 2))
    cases = [generate.case_random(random_, zones, names) for _ in range(count)]

    compare_oracle(cases, zones, report)
    between = compare_between(cases, random_, report)
    compare_normalized(cases, report)
    systemd_cases = compare_systemd(cases, zones, count if is_long else SHORT_SYSTEMD_CASES, report)
    croner_cases = croner.compare(cases, zones, report) if is_long else 0

    elapses = sum(len(case.expected) for case in cases)
    noted = sum(1 for case in cases for _, _, note in case.expected if note)
    print(f"{len(cases)} cases in {len(names)} zones, {elapses} elapses, {noted} of them at changes of the clock; {between} bases "
          f"in between, {systemd_cases} compared with systemd-analyze, {croner_cases} with croner; "
          f"{report.differences} differences, {time.monotonic() - begun:.0f} s")
    return 1 if report.differences else 0


if __name__ == "__main__":
    if not shutil.which(program.PROGRAM):
        print(f"{program.PROGRAM} is not built")
        sys.exit(1)
    sys.exit(main())
