#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""croner, a scheduler for JavaScript, as another opinion on cron lines, also where clocks are set.

    croner.py > croner_facts.json      record what croner says, for test_croner.py, which needs neither node nor network

Three rules of croner are others than ours. The oracle takes either; so croner is held against the oracle with croner's
rules, and the program against the oracle with ours, and no difference is passed over:

- INTERVAL: croner follows elapsed time if there is a star or a step in the minute or the hour. With us the hour must be
  all 24, whatever the minute is: "*/5 2 * * *" is a time of the day.
- SAME_DAY: croner makes up for what a gap leaves out on the same day only; of a day that is left out there is nothing.
- STAR: croner takes a day field for unrestricted only if it is "*". With us, as with Vixie's cron, "*/2" is, too.
"""

import contextlib
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

import generate
from oracle import DAY, SECOND, Elapses

PACKAGE = "croner@11.0.1"
HERE = os.path.dirname(os.path.abspath(__file__))
MOST = 8
FACTS = 400
FACTS_END = 1735689600  # what is later than 2024 may be changed by a government yet
INTERVAL = "a star or a step in the minute is no interval with us"
SAME_DAY = "what a day that is left out has is made up for on the next with us"
STAR = "*/n in a day field does not restrict with us"


@contextlib.contextmanager
def installed():
    """croner's module in a temporary directory; None where it cannot be had."""
    with tempfile.TemporaryDirectory() as directory:
        if not (shutil.which("node") and shutil.which("npm")):
            yield None
            return
        done = subprocess.run(["npm", "install", "--silent", "--prefix", directory, PACKAGE], capture_output=True, check=False)
        yield os.path.join(directory, "node_modules", "croner", "dist", "croner.js") if done.returncode == 0 else None


def ask(module, cases):
    lines = "".join(json.dumps({"expr": case.expression, "zone": case.zone, "from": case.base,
                                "iterations": min(case.iterations, MOST)}) + "\n" for case in cases)
    done = subprocess.run(["node", os.path.join(HERE, "croner.mjs"), module], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def differing_rules(case):
    fields = case.expression.split()
    stepped = any(mark in field for field in fields[:2] for mark in "*/")
    rules = []
    if stepped != case.calendar.follows_time:
        rules.append(INTERVAL)
    if any(field.startswith("*/") for field in (fields[2], fields[4])):
        rules.append(STAR)
    return rules


def by_our_rules(case, zones):
    found = Elapses(case.calendar, zones[case.zone]).after(case.base * SECOND)
    return [instant // SECOND for instant, _ in itertools.islice(found, min(case.iterations, MOST))]


def is_made_up_for(calendar, zone, instant):
    """Whether the gap that ends at the instant leaves out anything of the day that the instant is of."""
    segment = zone.segments_from(instant)[0]
    midnight = (instant + segment.offset) // DAY * DAY
    return any(True for _ in calendar.locals_between(max(midnight, instant + segment.before), instant + segment.offset))


def by_its_rules(case, zones):
    rules, zone = differing_rules(case), zones[case.zone]
    calendar = case.line.calendar(star_with_step_is_star=STAR not in rules)
    found = Elapses(calendar, zone, follows_time=case.calendar.follows_time != (INTERVAL in rules)).after(case.base * SECOND)
    found = (instant for instant, note in found if note != "gap" or is_made_up_for(calendar, zone, instant))
    return [instant // SECOND for instant in itertools.islice(found, min(case.iterations, MOST))]


def is_comparable(case, zones):
    """croner knows no policy; and it looks for what never is until the year 10000."""
    return case.cron and not case.expression.startswith("@") and len(by_its_rules(case, zones)) == min(case.iterations, MOST)


def compare(cases, zones, report):
    with installed() as module:
        if module is None:
            print("croner cannot be installed here: not compared with it")
            return 0
        chosen = [case for case in cases if is_comparable(case, zones)]
        for case, said in zip(chosen, ask(module, chosen)):
            if said.get("next") != by_its_rules(case, zones):
                report.differ("croner", case, croner=said, oracle=by_its_rules(case, zones))
        return len(chosen)


def record():
    random_ = random.Random(1)
    zones, cases = generate.Zones(), []
    while len(cases) < FACTS:
        case = generate.case_random(random_, zones, generate.ZONES)
        if is_comparable(case, zones) and max(by_our_rules(case, zones) + by_its_rules(case, zones)) < FACTS_END:
            cases.append(case)
    facts = []
    with installed() as module:
        for case, said in zip(cases, ask(module, cases)):
            if said.get("next") != by_its_rules(case, zones):
                sys.exit(f"{case.request()}: croner says {said}, the oracle with its rules {by_its_rules(case, zones)}")
            fact = {"expr": case.expression, "zone": case.zone, "from": case.base, "croner": said["next"]}
            if by_our_rules(case, zones) != said["next"]:
                fact |= {"ours": by_our_rules(case, zones), "why": "; ".join(differing_rules(case) or [SAME_DAY])}
            facts.append(fact)
    print("[" + ",\n ".join(json.dumps(fact) for fact in facts) + "]")


if __name__ == "__main__":
    record()
