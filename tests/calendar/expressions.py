# SPDX-License-Identifier: MPL-2.0
"""Random expressions in systemd's syntax: a structure, its text in one of the many ways to write it, and the form that it
is normalised to. The structure is drawn first and never read back from the text, so that a misread text shows."""

import calendar

from oracle import SECOND, Calendar, Field

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
SHORTHANDS = {
    "minutely": "*-*-* *:*:00", "hourly": "*-*-* *:00:00", "daily": "*-*-* 00:00:00", "monthly": "*-*-01 00:00:00",
    "weekly": "Mon *-*-* 00:00:00", "yearly": "*-01-01 00:00:00", "annually": "*-01-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00", "semiannually": "*-01,07-01 00:00:00",
}


class Item:
    """A value, or a range, with or without a step; values are in units, of which a second has a million. A default step
    is one that the text leaves out."""

    def __init__(self, start, stop=None, step=None):
        self.start = start
        self.stop = stop
        self.step = step

    def progression(self, high, unit):
        if self.stop is None:
            return range(self.start, high + 1, self.step) if self.step else range(self.start, self.start + 1)
        return range(self.start, self.stop + 1, self.step or unit)

    def normal(self, unit):
        """(start, stop, step) with a stop that is met, or none where the start alone is left."""
        step = self.step or 0
        if self.stop is None:
            return self.start, -1, step
        step = step or unit
        stop = self.stop - (self.stop - self.start) % step
        return (self.start, stop, step) if stop > self.start else (self.start, -1, 0)


def micros_text(value, width):
    whole, fraction = divmod(value, SECOND)
    return f"{whole:0{width}}" + (f".{fraction:06}" if fraction else "")


def normal_field(items, width, unit):
    if items is None:
        return "*"
    written = micros_text if unit == SECOND else lambda value, width: f"{value:0{width}}"
    parts = sorted({item.normal(unit) for item in items})
    # Each second, and nothing between seconds.
    if unit == SECOND and parts[0] == (0, -1, SECOND) and not any(value % SECOND for part in parts for value in part[::2]):
        return "*"
    texts = []
    for start, stop, step in parts:
        text = written(start, width)
        if stop > 0:
            text += ".." + written(stop, width)
        if step and not (stop > 0 and step == unit):
            text += "/" + written(step, 1)
        texts.append(text)
    return ",".join(texts)


def normal_weekdays(days):
    if days is None or len(days) == 7:
        return ""
    runs = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = []
    for run in runs:
        short = [WEEKDAYS[day][:3] for day in run]
        names += [short[0] + ".." + short[-1]] if len(run) > 2 else short
    return ",".join(names) + " "


class Writer:
    """One of the ways to write an item; lenient where the syntax is."""

    def __init__(self, random):
        self.random = random

    def value(self, value, unit):
        if unit == SECOND:
            return self._decimal(value)
        return f"{value:0{self.random.choice([1, 1, 2, 2, 3])}}"

    def _decimal(self, value):
        whole, fraction = divmod(value, SECOND)
        text = f"{whole:0{self.random.choice([1, 2])}}"
        if fraction or self.random.random() < 0.05:
            digits = f"{fraction:06}"
            cut = digits.rstrip("0") or "0"
            # What is behind the sixth decimal is rounded.
            text += "." + self.random.choice([cut, digits, digits + "4999"])
        return text

    def year(self, year):
        if 1970 <= year < 2070 and self.random.random() < 0.2:
            return f"{year % 100:0{self.random.choice([1, 2])}}"
        return str(year)

    def items(self, items, unit=1, year=False):
        if items is None:
            return "*"
        texts = []
        for item in items:
            written = self.year if year else lambda value: self.value(value, unit)
            text = written(item.start)
            if item.stop is not None:
                text += ".." + written(item.stop)
            if item.step is not None:
                text += "/" + self.value(item.step, unit)
            texts.append(text)
        return ",".join(texts)

    def case(self, word):
        return self.random.choice([word, word, word.lower(), word.upper()])

    def weekdays(self, items):
        texts = []
        for first, last in items:
            names = [self.case(WEEKDAYS[day][:self.random.choice([3, 3, 3, 9])]) for day in (first, last)]
            texts.append(names[0] if first == last and self.random.random() < 0.9 else self.random.choice(["..", "..", "-"]).join(names))
        return ",".join(texts)


def draw_field(random, low, high, near, unit=1, most=4):
    """Some items within low..high, some of them at near."""
    items = []
    for _ in range(random.choice([1, 1, 1, 2, 3, most])):
        value = near if random.random() < 0.35 else random.randrange(low, high + 1, unit)
        kind = random.random()
        if kind < 0.55 or value >= high:
            items.append(Item(value))
        elif kind < 0.7:
            items.append(Item(value, None, random.randint(1, max(1, min((high - value) // unit, 20))) * unit
                              if value + unit <= high else None))
        else:
            stop = random.randrange(value + unit, high + 1, unit) if value + unit <= high else None
            step = random.randint(1, 12) * unit if stop and random.random() < 0.4 else None
            items.append(Item(value, stop, step))
    return items


def draw_micros(random):
    """Items of the seconds' field: whole and fractions."""
    kind = random.random()
    if kind < 0.45:
        return [Item(0)]
    if kind < 0.5:
        return None
    if kind < 0.85:
        return draw_field(random, 0, 59 * SECOND, 0, unit=SECOND)
    start = random.randrange(0, 50 * SECOND, random.choice([1, 1000, 250000, 500000]))
    step = random.choice([1, 7, 1000, 250000, 333333, 500000, 1500000, 3170001, 9000000])
    if kind < 0.9:
        return [Item(start), Item(random.randrange(60 * SECOND))]
    if kind < 0.95:
        return [Item(start, None, step)]
    return [Item(start, min(start + random.randint(step, 9 * SECOND + step - 1), 60 * SECOND - 1), step)]


def draw_hours(random, near):
    kind = random.random()
    if kind < 0.25:
        return random.choice([None, None, [Item(0, 23)], [Item(0, None, 1)], [Item(0, 11), Item(12, 23)], [Item(0, 22), Item(23)]])
    if kind < 0.4:
        return random.choice([[Item(0, None, 2)], [Item(1, None, 2)], [Item(1, 23)], [Item(0, 22)]])
    return draw_field(random, 0, 23, near if random.random() < 0.7 else random.randrange(0, 4))


def draw_days(random, near, from_end):
    high = 28 if from_end else 31
    items = draw_field(random, 1, high, min(near, high))
    for item in items:
        # From the end a step without a range goes down, and must get somewhere.
        if from_end and item.step and item.stop is None:
            item.step = random.randint(1, item.start - 1) if item.start > 1 else None
    return items


def draw_years(random, near):
    kind = random.random()
    if kind < 0.75:
        return None
    low = max(1970, min(2199, near + random.randint(-3, 1)))
    if kind < 0.85:
        return [Item(low)] if random.random() < 0.6 else [Item(low), Item(min(2199, low + random.randint(1, 9)))]
    if kind < 0.95:
        return [Item(low, min(2199, low + random.randint(0, 12)), random.choice([None, 2, 3]))]
    return [Item(1970 + random.randrange(30), None, random.choice([1, 2, 4, 7, 100]))]


def day_matcher(weekdays, days, from_end):
    field = None if days is None else Field([item.progression(31, 1) for item in days])
    # Counted from the end a step goes towards the end, and a range from its far end.
    if days is not None and from_end:
        counts = set()
        for item in days:
            start, stop, step = item.normal(1)
            counts |= set(range(stop if stop > 0 else start, (start if stop > 0 else 1) - 1, -step)) if step else {start}
        field = counts

    def matches(date):
        if weekdays is not None and date.weekday() not in weekdays:
            return False
        if field is None:
            return True
        last = calendar.monthrange(date.year, date.month)[1]
        return (last + 1 - date.day if from_end else date.day) in field

    return matches


def field_of(items, low, high, unit=1):
    if items is None:
        return Field([range(low, high + 1, unit)])
    return Field([item.progression(high, unit) for item in items])


class Expression:
    """The fields of an expression in systemd's syntax."""

    def __init__(self, weekdays, years, months, days, from_end, hours, minutes, micros):
        self.weekdays = weekdays  # pairs of first and last, or None
        self.years, self.months, self.days, self.from_end = years, months, days, from_end
        self.hours, self.minutes, self.micros = hours, minutes, micros

    def weekday_set(self):
        return None if self.weekdays is None else {day for first, last in self.weekdays for day in range(first, last + 1)}

    def calendar(self):
        return Calendar(field_of(self.years, 1970, 2199), field_of(self.months, 1, 12),
                        day_matcher(self.weekday_set(), self.days, self.from_end), field_of(self.hours, 0, 23),
                        field_of(self.minutes, 0, 59), field_of(self.micros, 0, 60 * SECOND - 1, SECOND))

    def normalized(self):
        return "{}{}-{}{}{} {}:{}:{}".format(
            normal_weekdays(self.weekday_set()), normal_field(self.years, 4, 1), normal_field(self.months, 2, 1),
            "~" if self.from_end else "-", normal_field(self.days, 2, 1), normal_field(self.hours, 2, 1),
            normal_field(self.minutes, 2, 1), normal_field(self.micros, 2, SECOND))

    def text(self, random):
        writer = Writer(random)
        date = self._date(random, writer)
        time = self._time(random, writer)
        parts = []
        if self.weekdays is not None:
            parts.append(writer.weekdays(self.weekdays) + random.choice(["", "", "", ","]))
        if date and (date != "*-*-*" or random.random() < 0.5 or not (parts or time)):
            parts.append(date)
        if time and (time not in ("0:0", "00:00:00") or random.random() < 0.5 or not parts):
            parts.append(time)
        return random.choice([" ", " ", " ", "  "]).join(parts)

    def _date(self, random, writer):
        separator = "~" if self.from_end else "-"
        text = writer.items(self.months) + separator + writer.items(self.days)
        if self.years is None and random.random() < 0.5:
            return text
        return writer.items(self.years, year=True) + "-" + text

    def _time(self, random, writer):
        text = writer.items(self.hours) + ":" + writer.items(self.minutes)
        micros = writer.items(self.micros, SECOND)
        if self.micros is not None and micros.strip("0") == "" and random.random() < 0.8:
            return text
        return text + ":" + micros


def draw_weekdays(random):
    if random.random() < 0.65:
        return None
    pairs = []
    for _ in range(random.choice([1, 1, 2, 3])):
        first = random.randrange(7)
        pairs.append((first, first if random.random() < 0.5 else random.randint(first, 6)))
    return pairs


def draw_expression(random, near):
    """near: the local time, a datetime, about which it is drawn."""
    dense = random.random() < 0.5
    from_end = random.random() < 0.12
    last = calendar.monthrange(near.year, near.month)[1]
    near_day = last + 1 - near.day if from_end else near.day
    months = None if dense or random.random() < 0.6 else draw_field(random, 1, 12, near.month)
    days = None if dense or random.random() < 0.4 else draw_days(random, near_day, from_end)
    return Expression(draw_weekdays(random), draw_years(random, near.year), months, days, from_end and days is not None,
                      draw_hours(random, near.hour),
                      None if random.random() < 0.2 else draw_field(random, 0, 59, near.minute), draw_micros(random))


def draw_never(random):
    """What no day is."""
    months, days = random.choice([([2], [30]), ([2], [31]), ([4, 6], [31]), ([9], [31]), ([2, 11], [31]), ([2], [30, 31])])
    return Expression(draw_weekdays(random), None, [Item(month) for month in months], [Item(day) for day in days], False,
                      draw_hours(random, 2), [Item(0)], [Item(0)])


def shorthand(name):
    fixed = {"minutely": (None, None, None, None, None), "hourly": (None, None, None, None, [0]),
             "daily": (None, None, None, [0], [0]), "weekly": ([(0, 0)], None, None, [0], [0]),
             "monthly": (None, None, [1], [0], [0]), "quarterly": (None, [1, 4, 7, 10], [1], [0], [0]),
             "semiannually": (None, [1, 7], [1], [0], [0])}
    weekdays, *fields = fixed.get(name, (None, [1], [1], [0], [0]))
    months, days, hours, minutes = (None if field is None else [Item(value) for value in field] for field in fields)
    return Expression(weekdays, None, months, days, False, hours, minutes, [Item(0)])
