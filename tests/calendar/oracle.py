# SPDX-License-Identifier: MPL-2.0
"""When a calendar elapses, by brute force: what the differential tests hold bgtaskctl against.

It shares nothing with the program. A calendar comes as a structure, not as text, so that no parser is in it; the zone
comes from Python's zoneinfo, read from the system's own files and asked instant by instant, so that no TZif reader is in
it either. There are two ways to the same answer, and test_oracle.py holds one against the other:

- walk() goes over every second of a window, converts it and matches its fields. Slow, and nothing to get wrong.
- Elapses enumerates the local times that match, day by day, and converts them by the offset that is in force. It reaches
  over centuries, and to microseconds.

Rules, as bgtaskd documents them:

- An expression whose hours are all 24 follows elapsed time: each instant whose local time matches, no other, whatever
  the policies are.
- Every other is fixed. Of two passes of a local time the policy for overlaps takes the first, the second, or both. Local
  times that a gap leaves out: run-after makes one elapse of them at the first instant behind the gap, shift makes each
  one elapse as much later as the gap is long, skip makes nothing of them.
- Elapses at the same instant are one.

An instant and a local time are integers: microseconds since 1970 in UTC, and those that the wall clock shows.
"""

import bisect
import calendar
import datetime
import heapq
import os
import zoneinfo

ZONES_DIRECTORY = os.environ.get("TZDIR") or "/usr/share/zoneinfo"
SECOND = 1000000
DAY = 86400 * SECOND
EPOCH = datetime.date(1970, 1, 1).toordinal()
YEARS = range(1970, 2200)

# Wide enough for every local time of YEARS. No zone has two changes of its offset within half a day.
SCAN_BEGIN = int(datetime.datetime(1969, 12, 1, tzinfo=datetime.timezone.utc).timestamp())
SCAN_END = int(datetime.datetime(2200, 1, 8, tzinfo=datetime.timezone.utc).timestamp())
SCAN_STEP = 43200


class Field:
    """The values that a field of a calendar admits: arithmetic progressions."""

    def __init__(self, progressions):
        self.progressions = progressions

    def __contains__(self, value):
        return any(value in progression for progression in self.progressions)

    def values_from(self, low):
        """In order, each once; lazily, for a second has a million microseconds."""
        previous = None
        tails = []
        for progression in self.progressions:
            skipped = max(0, -((progression.start - low) // progression.step))
            tails.append(progression[skipped:])
        for value in heapq.merge(*tails):
            if value != previous:
                yield value
            previous = value

    def admits_all(self, values):
        return all(value in self for value in values)


class Segment:
    """Instants from begin up to end, during which a zone's offset does not change. The offsets before and after are its
    own at the ends of the table."""

    def __init__(self, begin, end, offset, before, after):
        self.begin = begin
        self.end = end
        self.offset = offset
        self.before = before
        self.after = after


class Zone:
    """A zone of the system's database, as segments found by asking zoneinfo for the offset again and again."""

    def __init__(self, name):
        self.name = name
        with open(os.path.join(ZONES_DIRECTORY, name), "rb") as file:
            self.info = zoneinfo.ZoneInfo.from_file(file, key=name)
        self.transitions = self._scan()
        self.segments = self._divide()
        self._begins = [segment.begin for segment in self.segments]

    def offset_at(self, second):
        return int(datetime.datetime.fromtimestamp(second, self.info).utcoffset().total_seconds())

    def _scan(self):
        found = []
        offset = self.offset_at(SCAN_BEGIN)
        for second in range(SCAN_BEGIN + SCAN_STEP, SCAN_END, SCAN_STEP):
            new = self.offset_at(second)
            if new == offset:
                continue
            low, high = second - SCAN_STEP, second
            while high - low > 1:
                middle = (low + high) // 2
                if self.offset_at(middle) == offset:
                    low = middle
                else:
                    high = middle
            found.append((high, offset, new))
            offset = new
        return found

    def _divide(self):
        edges = [SCAN_BEGIN, *(second for second, _, _ in self.transitions), SCAN_END]
        offsets = [self.offset_at(second) for second in edges[:-1]]
        last = len(offsets) - 1
        return [Segment(edges[i] * SECOND, edges[i + 1] * SECOND, offsets[i] * SECOND,
                        offsets[max(i - 1, 0)] * SECOND, offsets[min(i + 1, last)] * SECOND)
                for i in range(len(offsets))]

    def segments_from(self, instant):
        return self.segments[max(0, bisect.bisect_right(self._begins, instant) - 1):]

    def is_near_transition(self, second, margin):
        at = bisect.bisect_left(self.transitions, (second - margin, 0, 0))
        return at < len(self.transitions) and self.transitions[at][0] <= second + margin


class Calendar:
    """What local times match: fields for years, months, hours, minutes and microseconds of the minute, and a function
    that says of a date whether it does."""

    def __init__(self, years, months, day_matches, hours, minutes, micros):
        self.years = years
        self.months = months
        self.day_matches = day_matches
        self.hours = hours
        self.minutes = minutes
        self.micros = micros
        self.follows_time = hours.admits_all(range(24))

    def matches(self, local):
        """local: a datetime."""
        return (local.hour in self.hours and local.minute in self.minutes and
                local.second * SECOND + local.microsecond in self.micros and local.year in YEARS and
                local.year in self.years and local.month in self.months and self.day_matches(local.date()))

    def _dates(self, first, last):
        for year in self.years.values_from(max(first.year, YEARS[0])):
            if year > last.year or year > YEARS[-1]:
                return
            for month in self.months.values_from(first.month if year == first.year else 1):
                if (year, month) > (last.year, last.month):
                    return
                for day in range(1, calendar.monthrange(year, month)[1] + 1):
                    date = datetime.date(year, month, day)
                    if first <= date <= last and self.day_matches(date):
                        yield date

    def _times(self, begin):
        """Times of a day, from one of them on."""
        first_hour, rest = divmod(begin, 3600 * SECOND)
        first_minute, first_micro = divmod(rest, 60 * SECOND)
        for hour in self.hours.values_from(first_hour):
            for minute in self.minutes.values_from(first_minute if hour == first_hour else 0):
                low = first_micro if (hour, minute) == (first_hour, first_minute) else 0
                for micro in self.micros.values_from(low):
                    yield hour * 3600 * SECOND + minute * 60 * SECOND + micro

    def locals_between(self, begin, end):
        """The local times that match, from begin up to end, in order."""
        if begin >= end:
            return
        first = datetime.date.fromordinal(EPOCH + begin // DAY)
        last = datetime.date.fromordinal(EPOCH + (end - 1) // DAY)
        for date in self._dates(first, last):
            midnight = (date.toordinal() - EPOCH) * DAY
            for time in self._times(max(0, begin - midnight)):
                if midnight + time >= end:
                    return
                yield midnight + time


class Elapses:
    """When a calendar elapses in a zone, under policies: pairs of an instant and a note, which says of an instant that
    it stands for local times that were left out, or of which pass of an overlap it is."""

    def __init__(self, calendar_, zone, gap="run-after", overlap="first", follows_time=None):
        self.calendar = calendar_
        self.zone = zone
        self.gap = gap
        self.overlap = overlap
        self.follows_time = calendar_.follows_time if follows_time is None else follows_time

    def _regular(self, segment, after):
        begin, end = max(segment.begin, after + 1), segment.end
        second_pass = segment.begin + segment.before - segment.offset  # up to here, if the clock was set back
        first_pass = segment.end - segment.offset + segment.after      # from here, if it is going to be
        if not self.follows_time and self.overlap == "first":
            begin = max(begin, second_pass)
        if not self.follows_time and self.overlap == "second":
            end = min(end, first_pass)
        for local in self.calendar.locals_between(begin + segment.offset, end + segment.offset):
            instant = local - segment.offset
            note = "second pass" if instant < second_pass else "first pass" if instant >= first_pass else ""
            yield instant, note

    def _of_gap(self, segment, after):
        """What becomes of the local times that were left out where the segment begins."""
        if self.follows_time or self.gap == "skip" or segment.before >= segment.offset:
            return
        left_out = self.calendar.locals_between(segment.begin + segment.before, segment.begin + segment.offset)
        for local in left_out:
            if self.gap == "run-after":
                yield segment.begin, "gap"
                return
            if local - segment.before > after:
                yield local - segment.before, "gap"

    def after(self, instant):
        """All that are later, in order."""
        previous = instant
        for segment in self.zone.segments_from(instant):
            # One that is regular comes before one of the gap at the same instant, which then is part of it.
            for found in heapq.merge(self._regular(segment, instant), self._of_gap(segment, instant),
                                     key=lambda pair: pair[0]):
                if found[0] > previous:
                    yield found
                    previous = found[0]


def walk(calendar_, zone, begin, end, gap="run-after", overlap="first"):
    """Elapses at whole seconds from begin up to end (seconds), by looking at each. zoneinfo alone says what is ambiguous
    and what is left out."""
    found = set()
    wall = datetime.datetime.fromtimestamp(begin - 1, zone.info)
    for second in range(begin, end):
        previous, wall = wall, datetime.datetime.fromtimestamp(second, zone.info)
        fixed = not calendar_.follows_time
        jump = wall.replace(tzinfo=None) - previous.replace(tzinfo=None)
        if fixed and jump > datetime.timedelta(seconds=1):
            found |= _walk_gap(calendar_, zone, second, jump, gap)
        if not calendar_.matches(wall):
            continue
        ambiguous = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
        if not fixed or not ambiguous or overlap == "both" or overlap == ("second" if wall.fold else "first"):
            found.add(second)
    return sorted(second for second in found if begin <= second < end)


def _walk_gap(calendar_, zone, second, jump, gap):
    found = set()
    length = int(jump.total_seconds()) - 1
    nominal = datetime.datetime.fromtimestamp(second, zone.info).replace(tzinfo=None)
    for back in range(1, length + 1):
        if gap != "skip" and calendar_.matches(nominal - datetime.timedelta(seconds=back)):
            found.add(second if gap == "run-after" else second + length - back)
    return found
