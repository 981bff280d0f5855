#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The judge of the soak finds growth, and nothing else."""

import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from flat import Tolerance, judge, slope  # noqa: E402  (found through the line above)


def series(function, count=50, step=1000):
    return [(i * step, function(i * step)) for i in range(1, count + 1)]


class FlatTest(unittest.TestCase):
    def expect(self, flat, points, tolerance=Tolerance(100)):
        verdict = judge("x", points, tolerance)
        self.assertEqual(verdict.flat, flat, str(verdict))

    def test_constant(self):
        self.expect(True, series(lambda run: 4096), Tolerance(0))

    def test_noise(self):
        noise = random.Random(1)
        self.expect(True, series(lambda run: 4096 + noise.randint(-200, 200)))

    def test_what_fills_up_in_the_first_half(self):
        self.expect(True, series(lambda run: min(run, 20000)), Tolerance(0))

    def test_outliers(self):
        self.expect(True, series(lambda run: 100000 if run % 10000 == 0 else 4096), Tolerance(0))

    def test_a_saw(self):
        self.expect(True, series(lambda run: 4096 + run % 7000 / 10))

    def test_falling(self):
        self.expect(True, series(lambda run: 100000 - run), Tolerance(0))

    def test_a_slow_leak(self):
        self.expect(False, series(lambda run: 4096 + run / 100))

    def test_a_slow_leak_in_noise(self):
        noise = random.Random(2)
        self.expect(False, series(lambda run: 4096 + run / 50 + noise.randint(-200, 200)))

    def test_one_descriptor_in_ten_thousand_runs(self):
        self.expect(False, series(lambda run: 16 + run // 10000), Tolerance(0.5))

    def test_growth_at_the_very_end_of_steps(self):
        self.expect(False, series(lambda run: 4096 + 1024 * (run // 5000)))

    def test_a_share(self):
        self.expect(True, series(lambda run: 100000 + run / 10), Tolerance(0, 0.05))
        self.expect(False, series(lambda run: 100000 + run), Tolerance(0, 0.05))

    def test_slope(self):
        self.assertEqual(slope([(0, 0), (1, 2), (2, 4)]), 2)
        self.assertEqual(slope([(0, 1)]), 0)


if __name__ == "__main__":
    unittest.main()
