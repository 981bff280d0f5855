#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The oracle against itself: enumeration against the walk over each second, and both against facts known from elsewhere."""

import datetime
import itertools
import os
import random
import unittest

import expressions
import generate
import oracle
from oracle import SECOND, Elapses

ZONES = generate.Zones()
WALKS = int(os.environ.get("CALENDAR_WALKS") or 20)




def second(text):
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp())


def every_day(hour, minute):
    """Each day at an hour, or in every hour; and at a minute, or in every minute."""
    hours, minutes = (None if value is None else [expressions.Item(value)] for value in (hour, minute))
    return expressions.Expression(None, None, None, None, False, hours, minutes, [expressions.Item(0)]).calendar()


def in_window(elapses_, begin, end):
    found = elapses_.after((begin - 1) * SECOND)
    return [instant // SECOND for instant, _ in itertools.takewhile(lambda pair: pair[0] < end * SECOND, found)]


def elapses(calendar, zone, begin, end, **policies):
    """Those of a window, in seconds."""
    return in_window(Elapses(calendar, ZONES[zone], **policies), second(begin), second(end))


class Known(unittest.TestCase):
    """Facts that were looked up, not computed: clock changes as the zones' governments made them."""

    # Zone, hour and minute, policy, the window in UTC, and what elapses in it.
    ROWS = [
        ("Europe/Berlin", 2, 30, {}, "2024-03-30T12:00", "2024-03-31T12:00", ["2024-03-31T01:00"]),
        ("Europe/Berlin", 2, 30, {"gap": "skip"}, "2024-03-30T12:00", "2024-03-31T12:00", []),
        ("Europe/Berlin", 2, 30, {"gap": "shift"}, "2024-03-30T12:00", "2024-03-31T12:00", ["2024-03-31T01:30"]),
        ("Europe/Berlin", 2, None, {}, "2024-03-30T12:00", "2024-03-31T12:00", ["2024-03-31T01:00"]),
        ("Europe/Berlin", None, 30, {}, "2024-03-31T00:00", "2024-03-31T02:00", ["2024-03-31T00:30", "2024-03-31T01:30"]),
        ("Europe/Berlin", 2, 30, {}, "2024-10-26T12:00", "2024-10-27T12:00", ["2024-10-27T00:30"]),
        ("Europe/Berlin", 2, 30, {"overlap": "second"}, "2024-10-26T12:00", "2024-10-27T12:00", ["2024-10-27T01:30"]),
        ("Europe/Berlin", 2, 30, {"overlap": "both"}, "2024-10-26T12:00", "2024-10-27T12:00",
         ["2024-10-27T00:30", "2024-10-27T01:30"]),
        ("Europe/Berlin", None, 30, {}, "2024-10-27T00:00", "2024-10-27T02:00", ["2024-10-27T00:30", "2024-10-27T01:30"]),
        # Half an hour.
        ("Australia/Lord_Howe", 2, 15, {}, "2024-10-05T00:00", "2024-10-06T00:00", ["2024-10-05T15:30"]),
        ("Australia/Lord_Howe", 2, 15, {"gap": "shift"}, "2024-10-05T00:00", "2024-10-06T00:00", ["2024-10-05T15:45"]),
        ("Australia/Lord_Howe", 1, 45, {"overlap": "both"}, "2024-04-06T00:00", "2024-04-07T00:00",
         ["2024-04-06T14:45", "2024-04-06T15:15"]),
        # Two hours.
        ("Antarctica/Troll", 2, 30, {"gap": "shift"}, "2024-03-30T12:00", "2024-03-31T12:00", ["2024-03-31T02:30"]),
        # Midnight does not exist.
        ("America/Sao_Paulo", 0, 0, {}, "2018-11-03T12:00", "2018-11-04T12:00", ["2018-11-04T03:00"]),
        # A day does not exist: its midnight is that of the next.
        ("Pacific/Apia", 0, 0, {}, "2011-12-29T00:00", "2012-01-01T00:00",
         ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"]),
        ("Pacific/Apia", 12, 0, {}, "2011-12-29T00:00", "2011-12-31T12:00",
         ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"]),
        # A quarter of an hour, once.
        ("Asia/Kathmandu", 0, 0, {}, "1985-12-31T12:00", "1986-01-01T12:00", ["1985-12-31T18:30"]),
        # By the rule that is behind the table.
        ("America/New_York", 2, 30, {}, "2199-03-09T12:00", "2199-03-10T12:00", ["2199-03-10T07:00"]),
    ]

    def test_rows(self):
        for zone, hour, minute, policies, begin, end, expected in self.ROWS:
            with self.subTest(zone=zone, hour=hour, minute=minute, begin=begin, **policies):
                found = elapses(every_day(hour, minute), zone, begin, end, **policies)
                self.assertEqual(found, [second(text) for text in expected])


class Walked(unittest.TestCase):
    """Enumeration finds what looking at each second finds."""

    def test_transitions(self):
        random_ = random.Random(20240331)
        names = [name for name in generate.ZONES + generate.MORE_ZONES if ZONES[name].transitions]
        compared = 0
        for _ in range(WALKS):
            zone = ZONES[random_.choice(names)]
            at, before, after = random_.choice(zone.transitions)
            width = abs(after - before)
            begin, end = at - width - 1800, at + width + 1800
            near = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=at + before + random_.randint(-width, width))
            expression = expressions.draw_expression(random_, near)
            expression.micros = [expressions.Item(0)] if random_.random() < 0.5 else [expressions.Item(0, None, 7 * SECOND)]
            gap, overlap = random_.choice(generate.GAPS), random_.choice(generate.OVERLAPS)
            calendar = expression.calendar()
            fast = in_window(Elapses(calendar, zone, gap, overlap), begin, end)
            slow = oracle.walk(calendar, zone, begin, end, gap, overlap)
            self.assertEqual(fast, slow, (expression.normalized(), zone.name, begin, end, gap, overlap))
            compared += len(slow)
        self.assertGreater(compared, WALKS)


if __name__ == "__main__":
    unittest.main()
