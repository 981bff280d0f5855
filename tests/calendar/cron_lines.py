# SPDX-License-Identifier: MPL-2.0
"""Random lines as cron has them: a structure, and its text in one of the many ways to write it."""

from expressions import WEEKDAYS, Item, draw_field, field_of
from oracle import Calendar, Field

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
CRON_SHORTHANDS = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
                   "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *"}


class CronLine:
    """The five fields of cron."""

    LIMITS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]

    def __init__(self, fields):
        self.fields = fields  # of items, None for a star; ("step", n) for a star with a step

    def values(self, index):
        low, high = self.LIMITS[index]
        field = self.fields[index]
        if field is None:
            return set(range(low, high + 1))
        if isinstance(field, tuple):
            return set(range(low, high + 1, field[1]))
        return {value for item in field for value in item.progression(high, 1)}

    def calendar(self, star_with_step_is_star=True):
        """Vixie's cron takes a day field that begins with a star for unrestricted, others only the star itself."""
        days, weekdays = self.values(2), {(day + 6) % 7 for day in self.values(4)}
        free = [field is None or (isinstance(field, tuple) and star_with_step_is_star) for field in self.fields]

        def matches(date):
            by_day, by_weekday = date.day in days, date.weekday() in weekdays
            return (by_day and by_weekday) if free[2] or free[4] else (by_day or by_weekday)

        def field(index):
            return Field([range(value, value + 1) for value in sorted(self.values(index))])

        return Calendar(field_of(None, 1970, 2199), field(3), matches, field(1), field(0), Field([range(0, 1)]))

    def text(self, random):
        return random.choice([" ", " ", "  ", "\t"]).join(self._field(random, index) for index in range(5))

    def _field(self, random, index):
        field = self.fields[index]
        if field is None:
            return "*"
        if isinstance(field, tuple):
            return f"*/{field[1]}"
        texts = []
        named = index >= 3 and random.random() < 0.4
        for item in field:
            text = self._value(random, index, item.start, named)
            if item.stop is not None:
                text += "-" + self._value(random, index, item.stop, named)
            if item.step is not None:
                text += f"/{item.step}"
            texts.append(text)
        return ",".join(texts)

    def _value(self, random, index, value, named):
        if named and index == 3:
            return random.choice([str.lower, str.upper, str.capitalize])(MONTHS[value - 1])
        if named and value != 7:
            return random.choice([str.lower, str.upper, str.capitalize])(WEEKDAYS[(value + 6) % 7][:3])
        return f"{value:0{random.choice([1, 1, 2])}}"


def draw_cron_field(random, low, high, near, star):
    kind = random.random()
    if kind < star:
        return None
    if kind < star + 0.1:
        return ("step", random.randint(1, high - low))
    items = []
    for item in draw_field(random, low, high, near):
        # As most crons have it: a step is behind a range, and no more than the field has values.
        item.step = min(item.step, high - low) if item.step and item.stop is not None else None
        items.append(item)
    return items


def draw_cron(random, near):
    return CronLine([draw_cron_field(random, 0, 59, near.minute, 0.15),
                     draw_cron_field(random, 0, 23, near.hour if random.random() < 0.7 else random.randrange(4), 0.2),
                     draw_cron_field(random, 1, 31, near.day, 0.6), draw_cron_field(random, 1, 12, near.month, 0.7),
                     draw_cron_field(random, 0, 7, near.isoweekday() % 7, 0.6)])
