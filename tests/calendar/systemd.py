# SPDX-License-Identifier: MPL-2.0
"""systemd-analyze calendar as another opinion.

It is strict about the base and exact to whole seconds, and it treats clocks that are set as we do not: left out are
results within a day of that, measured from either end of what was left out or came twice.
"""

import concurrent.futures
import datetime
import os
import re
import shutil
import subprocess

from oracle import SECOND

DAY = 86400
WORKERS = 2


def is_there():
    return shutil.which("systemd-analyze") is not None


class Said:
    """What systemd-analyze says of an expression: an error, or its normalised form and elapses in seconds."""

    def __init__(self, error, normalized, elapses):
        self.error = error
        self.normalized = normalized
        self.elapses = elapses


def with_zone(case, text):
    """systemd-analyze has no option for a zone."""
    return text if case.suffix else f"{text} {case.zone}"


def is_refused(case):
    """systemd 252 takes three off the greatest day that may follow "~" for each value of a list, not once. It refuses
    "*~28,2", and takes "*~28"."""
    head, _, tail = case.normalized.rpartition("~")
    parts = tail.split()[0].split(",") if head else []
    for index, part in enumerate(parts):
        value, _, step = part.partition("/")
        greatest = 31 - 3 * (index + 1)
        if int(value.split("..")[-1]) > greatest or int(step or 0) > greatest - 1:
            return True
    return False


def is_comparable(case):
    """Of a list of seconds in which there is "0/1", systemd 252 forgets the others, though they may lie between seconds."""
    return not case.cron and not (len(case.micros or []) > 1 and (0, -1, SECOND) in {item.normal(SECOND) for item in case.micros})


def ask(case):
    command = ["systemd-analyze", "calendar", f"--iterations={case.iterations}", f"--base-time=@{case.base}", "--",
               with_zone(case, case.expression + case.suffix)]
    environment = dict(os.environ, TZ="UTC", LC_ALL="C")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if "Failed to determine next elapse" in done.stderr:  # gave up, as it may where a clock is set
        return Said(None, None, [])
    if done.returncode != 0:
        return Said(done.stderr.strip() or f"exit code {done.returncode}", None, [])
    normalized, elapses = None, []
    for line in done.stdout.splitlines():
        label, _, value = (part.strip() for part in line.partition(": "))
        if label == "Normalized form":
            normalized = value
        elif label == "Next elapse" or label.startswith("Iter. #"):
            if value != "never":
                moment = datetime.datetime.strptime(value, "%a %Y-%m-%d %H:%M:%S UTC")
                elapses.append(int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()))
    return Said(None, normalized, elapses)


def takes(text):
    done = subprocess.run(["systemd-analyze", "calendar", "--", text], capture_output=True, check=False)
    return done.returncode == 0


def ask_all(cases):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(ask, cases))


def may_lose(case, zone, margin):
    """Whether systemd 252 may leave elapses out: a step without an end, as in "19/2", takes it past the end of an hour, a day
    or a month, and beyond what comes first in the next; and from a base close to a change of the clock it may lose a month
    or a year that begins there."""
    return any("/" in part and ".." not in part for part in re.split("[ ,:~-]", case.normalized.removesuffix(case.suffix))) or \
        zone.is_near_transition(case.base, margin)


def comparable(ours, theirs, case, zone):
    """Those of both that are away from changes of the clock, up to where both reach. Where systemd may lose some, all that
    it has must be ours still."""
    margin = DAY + max((abs(after - before) for _, before, after in zone.transitions), default=0)
    complete = len(ours) < case.iterations and len(theirs) < case.iterations
    reach = None if complete or not (ours and theirs) else min(ours[-1], theirs[-1])

    def away(seconds):
        return [second for second in seconds
                if (reach is None or second <= reach) and not zone.is_near_transition(second, margin)]

    ours, theirs = away(ours), away(theirs)
    if may_lose(case, zone, margin):
        ours = [second for second in ours if second in theirs]
    return ours, theirs
