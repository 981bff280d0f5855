# SPDX-License-Identifier: MPL-2.0
"""Whether a series of measurements is flat.

The trend is Theil and Sen's: the median of the slopes between all pairs of points. A single outlier, a page more here
or a checkpoint there, does not move it, while what grows a little with every run does. Only the second half counts:
caches and the history fill up in the first one.
"""

import dataclasses
import statistics


def slope(points):
    """Growth of y for each x of [(x, y)]."""
    slopes = [(y2 - y1) / (x2 - x1) for i, (x1, y1) in enumerate(points) for x2, y2 in points[i + 1:] if x2 != x1]
    return statistics.median(slopes) if slopes else 0.0


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """What is still flat, for the growth by the trend over the second half: so much, or so much of the median."""
    absolute: float
    share: float = 0.0


@dataclasses.dataclass(frozen=True)
class Verdict:
    name: str
    growth: float  # by the trend, over the second half
    allowed: float
    per_run: float
    first: float
    last: float

    @property
    def flat(self):
        return self.growth <= self.allowed

    def __str__(self):
        return (f"{self.name:<24} {self.first:12.0f} {self.last:12.0f} {self.growth:+12.1f} {self.allowed:10.1f} "
                f"{self.per_run:+12.5f}  {'flat' if self.flat else 'GROWS'}")


HEADER = f"{'':<24} {'at half':>12} {'at the end':>12} {'growth':>12} {'allowed':>10} {'a run':>12}"


def judge(name, points, tolerance):
    """@points: [(run, value)], in order."""
    half = points[len(points) // 2:]
    per_run = slope(half)
    growth = per_run * (half[-1][0] - half[0][0])
    median = statistics.median(value for _, value in half)
    return Verdict(name, growth, max(tolerance.absolute, tolerance.share * median), per_run, half[0][1], half[-1][1])
