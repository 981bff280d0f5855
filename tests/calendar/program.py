# SPDX-License-Identifier: MPL-2.0
"""bgtaskctl calendar --batch, asked with Python values."""

import decimal
import json
import os
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(os.environ.get("top_builddir") or os.path.join(TOP, "build"), "bin", "bgtaskctl")


class Failed(Exception):
    """The program did not answer, or something that is no answer."""


def ask(requests):
    """An answer for each request, in order; numbers with a fraction are exact."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([PROGRAM, "calendar", "--batch"], input=lines, capture_output=True, text=True, check=False)
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != len(requests):
        after = json.dumps(requests[len(answers)]) if len(answers) < len(requests) else "the last"
        raise Failed(f"exit code {done.returncode}, {len(answers)} answers to {len(requests)} requests; "
                     f"none to {after}: {done.stderr[-500:]}")
    return [json.loads(answer, parse_float=decimal.Decimal) for answer in answers]


def micros(number):
    """Seconds, exact, as microseconds."""
    scaled = number * 1000000
    if scaled != int(scaled):
        raise Failed(f"{number} is finer than a microsecond")
    return int(scaled)
