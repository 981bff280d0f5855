# SPDX-License-Identifier: MPL-2.0
"""Random questions to the program: case_random() draws bases as well as calendars close to transitions, and to the ends of
months and years, where mistakes are."""

import datetime

import oracle
from cron_lines import CRON_SHORTHANDS, CronLine, draw_cron
from expressions import SHORTHANDS, Item, Writer, draw_expression, draw_never, shorthand

GAPS = ["run-after", "skip", "shift"]
OVERLAPS = ["first", "second", "both"]

# The zones that matter most, and others with something odd since 1970: seconds in the offset, a day
# left out, a base offset that moved, rules by a calendar that is not the Gregorian, daylight saving the other way round.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tehran",
         "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "Antarctica/Troll", "Europe/Dublin", "America/St_Johns"]
MORE_ZONES = ["Africa/Monrovia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Pacific/Chatham", "Asia/Gaza",
              "America/Scoresbysund", "America/Nuuk", "America/Caracas", "Europe/Moscow", "Africa/Windhoek",
              "Antarctica/Casey", "Asia/Pyongyang", "America/Santiago", "Asia/Kolkata"]


class Case:
    """One question: an expression in a zone, from a base in seconds, under policies. calendar answers it."""

    def __init__(self, expression, normalized, calendar_, cron=False):
        self.expression = expression
        self.normalized = normalized  # None: any form that reads back as itself
        self.calendar = calendar_
        self.cron = cron
        self.line = None           # that of cron
        self.micros = None         # the items of the seconds
        self.suffix = ""
        self.zone = "UTC"          # the one that counts
        self.option = "UTC"        # what is asked for; a suffix counts over it
        self.base = 0
        self.iterations = 1
        self.gap = "run-after"
        self.overlap = "first"

    def text(self):
        return self.expression + self.suffix

    def request(self, **changes):
        request = {"expr": self.text(), "cron": self.cron, "zone": self.option, "from": self.base,
                   "iterations": self.iterations, "gap": self.gap, "overlap": self.overlap}
        request.update(changes)
        return request


def draw_base(random, zone):
    """A base, and the local time about which an expression is drawn for it."""
    kind = random.random()
    if kind < 0.55 and zone.transitions:
        second, before, after = random.choice(zone.transitions)
        width = abs(after - before)
        base = second + random.choice([-1, 0, 1, -width, width, random.randint(-width, width), random.randint(-width, width),
                                       -random.randint(0, 90000), -random.randint(0, 90000), random.randint(0, 7200)])
        wall = second + before + random.randint(-width, width)
    elif kind < 0.75:
        year = random.randrange(1970, 2200)
        month = random.choice([1, 2, 2, 3, 12, random.randint(1, 12)])
        first = datetime.datetime(year, month, 1, tzinfo=datetime.timezone.utc)
        base = int(first.timestamp()) + random.choice([-86400, -1, 0, 1, 28 * 86400 - 1, random.randint(-90000, 90000)])
        wall = base + random.randint(-90000, 90000)
    else:
        base = random.randrange(0, 7258000000)
        wall = base + random.randint(0, 90000)
    base = min(max(base, 0), 7258118399)
    return base, datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=min(max(wall, 0), 7258118399))


class Zones:
    """Zones by name, scanned when first used."""

    def __init__(self):
        self._zones = {}

    def __getitem__(self, name):
        if name not in self._zones:
            self._zones[name] = oracle.Zone(name)
        return self._zones[name]


def case_random(random, zones, names):
    name = random.choice(names)
    base, near = draw_base(random, zones[name])
    kind = random.random()
    if kind < 0.2:
        line = draw_cron(random, near)
        case = Case(line.text(random), None, line.calendar(), cron=True)
        case.line = line
    elif kind < 0.22:
        word, fields = random.choice(list(CRON_SHORTHANDS.items()))
        numbers = [None if field == "*" else [Item(int(field))] for field in fields.split()]
        case = Case(word, None, CronLine(numbers).calendar(), cron=True)
        case.line = CronLine(numbers)
    elif kind < 0.25:
        word = random.choice(list(SHORTHANDS))
        case = Case(Writer(random).case(word), SHORTHANDS[word], shorthand(word).calendar())
    else:
        expression = draw_never(random) if kind < 0.27 else draw_expression(random, near)
        case = Case(expression.text(random), expression.normalized(), expression.calendar())
        case.micros = expression.micros
    case.zone = case.option = name
    if not case.cron and random.random() < 0.3:
        case.suffix = " " + name
        case.normalized += case.suffix
        case.option = random.choice(names)
    case.base = base
    case.iterations = random.choice([1, 2, 3, 3, 5, 8, 40] if random.random() < 0.9 else [1, 100])
    if random.random() < 0.5:
        case.gap, case.overlap = random.choice(GAPS), random.choice(OVERLAPS)
    return case
