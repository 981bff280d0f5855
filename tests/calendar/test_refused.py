#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What is no expression and no cron line is refused, with one line that names the field and the place.

A text has a mark "^" where the mistake is. The message names the field, says at which character, and quotes what it found
there.
"""

import subprocess
import unittest

import program
import systemd

# A field, and texts for it.
EXPRESSIONS = """
hour: ^24:00 | ^25:00 | ^99:1 | ^1000:00 | ^5..3:00 | ^23..24:00 | ^0/0:00 | ^0/24:00 | ^1/30:00 | ^22/11:00 | *^/1:00 | *^/2:00
hour: ^:30 | ^.5:0 | ^..5:0 | ^-1:0 | ^+1:0 | 1^e1:0 | 0^x1:0 | ^1..24:00 | 12,^*:0 | 12,^:0 | 12,^,13:0 | *^,1:0 | 1..^*:0
hour: 1..^:0 | *^..5:0 | 1^.5:0 | 1..2^..3:0 | 1..^.3:0 | 1/2^/3:0 | *-*-* ^24:00 | Mon ^24:00 | ^9999999999999:0 | ^23..24/2:0
minute: 1:^60 | 1:^61:00 | *:^60..61 | *:^50..40 | *:^0/60 | *:^0/0 | 1:^ | 1:^:2 | 1:^x | 1:*^/5 | 1:0,^ | 1:5^- | Mon 12:^75
minute: 1:0^;2:0 | 1:0^#
second: 1:1:^60 | 1:1:^61 | *:*:^60.5 | *:*:^5..3 | *:*:^3..3 | *:*:^5.5..6 | *:*:^0/60 | *:*:^1/59 | *:*:^59.5/0.5 | *:*:^0/0
second: *:*:^0/0.0000001 | *:*:^0.5..0.7 | *:*:^59.9999999 | 1:2:^ | 1:2:3.^ | *:*:^.5 | 1:2:3^:4 | 1:2:3^Z | *:*:*^/5 | 1:2:3,^,4
second: *:*:^50..65/20
day: *-*-^0 | *-*-^32 | *-*-^31/1 | *-*-^1/31 | *-*-^5..3 | *-*-^1..32 | *-*-1,^ | *-*~^0 | *-*~^29 | *-*~^31 | *-*~^1/1
day: *-*~^7/7 | *-*~^5..3 | *-*~^20..29/3 | *-*-1,^,2 | *-*-1^x | *-*-1^T12 | *-*-1/^ | *-*-1/^x | *-*-^ | *-*-1..^ | *-1~^
day: *-*-^1..40/40
month: ^0-1 | ^13-1 | *-^13-1 | *-^0-1 | *-^5..3-1 | *-^1/12-1 | *-^2/11-1 | *-^-1 | *-^Feb-1 | *-^x-1 | ^100-1 | ^2024~1
year: ^1969-1-1 | ^2200-1-1 | ^100-1-1 | ^2199/1-1-1 | ^1970/230-1-1 | ^2005..2001-1-1 | ^-1-1 | *^/4-1-1 | ^1999..2200-1-1
year: *^~1-1
date: ^*-*-~1 | ^*-*-1,~2 | ^1-1-1-1 | Mon ^1-1-1-1 | ^*-*-*-*
weekday: ^Mo | ^Mond 1:0 | ^mondays | Mon,^,Tue | Mon..^ | Mon..Tue^..Wed | Sat..^Tue | Sun..^Mon | Mon^. | Mon..^5 | Mon^/2
weekday: ^noon | ^tomorrow | ^hourlyy | ^dayly | ^fortnightly | ^daily 1:0 | ^weekly Mon | Mon^~1 | ^MonT12 | ^Europe/Berlin
weekday: ^UTC | ^x:0 | ^x-1-1 | ^daily Europe/Berlin UTC
expression: ^..Mon | ^1 2:00 | ^* | ^12 | ^2024 | Mon ^* | Mon, ^Tue | ^3..3 | 1:2:3 ^4:5:6 | 1:2:3 ^*-*-* | Mon 1:2 ^Tue | 1:0 ^# x
instant: ^@ | ^@daily | ^@-1 | ^@1.5 | ^@99999999999 | ^@x
"""

CRON_LINES = """
minute: ^60 * * * * | ^-1 * * * * | ^x * * * * | ^5-3 * * * * | */^0 * * * * | */^61 * * * * | */^90 * * * * | */^ * * * *
minute: */^x * * * * | 1,^ * * * * | ^,1 * * * * | 1,^,2 * * * * | 1-^ * * * * | 1-^60 * * * * | 1-2^-3 * * * * | ^5/15 * * * *
minute: ^/5 * * * * | 1^.5 * * * * | *^5 * * * * | ^? * * * * | ^L * * * * | ^jan * * * * | 0-30/5^/2 * * * * | ^99999999999 * * * *
minute: 5^; * * * * | 1^..5 * * * *
hour: 0 ^24 * * * | 0 ^x * * * | 0 ^22-2 * * * | 0 */^25 * * * | 0 1-^24 * * * | 0 1,^ * * * | 0^ | 0 0,^24 * * *
day of the month: 0 0 ^0 * * | 0 0 ^32 * * | 0 0 ^31-1 * * | 0 0 ^L * * | 0 0 15^W * * | 0 0 ^? * * | 0 0 */^32 * *
month: 0 0 1 ^0 * | 0 0 1 ^13 * | 0 0 1 ^foo * | 0 0 1 ^january * | 0 0 1 jan-^foo * | 0 0 1 ^dec-jan * | 0 0 1 */^13 * | 0 0 1^
day of the week: 0 0 * * ^8 | 0 0 * * ^monday | 0 0 * * mon^#2 | 0 0 * * ^5-3 | 0 0 * * ^fri-tue | 0 0 * * 5^L | 0 0 * *^ | 0 0 * * */^9
day of the week: 0 0 * * mon^..fri
"""

# Without a field: what is behind the fields, and words.
OTHERS = [("* * * * * *", True, "expected five fields"), ("0 0 * * * root", True, "expected five fields"),
          ("0 0 1 1 * 2024", True, "expected five fields"), ("@never", True, "expected @hourly"),
          ("@every 5m", True, "expected @hourly"), ("@daily x", True, "expected @hourly"), ("@", True, "expected @hourly"),
          ("", False, "expected a calendar expression")]

# What systemd 252 takes of these: a range with a step is cut back to what it meets before it is looked at.
SYSTEMD_TAKES = {"23..24/2:0", "*:*:50..65/20", "*-*-1..40/40"}


def rows(table):
    for line in table.strip().splitlines():
        field, _, texts = line.partition(": ")
        for text in texts.split(" | "):
            yield field, text.replace("^", ""), text.index("^") + 1


class Refused(unittest.TestCase):
    def check(self, table, cron):
        questions = list(rows(table))
        answers = program.ask([{"expr": text, "cron": cron} for _, text, _ in questions])
        for (field, text, at), answer in zip(questions, answers):
            with self.subTest(text=text):
                found = text[at - 1:].split(" ")[0]
                message = f": {field} at character {at}: expected "
                self.assertEqual(list(answer), ["error"])
                self.assertIn(message, answer["error"])
                self.assertIn("found nothing" if not found else f'found "{found[:40]}', answer["error"].rpartition(message)[2])
                self.assertNotIn("\n", answer["error"])
        return len(questions)

    def test_expressions(self):
        self.assertGreater(self.check(EXPRESSIONS, False), 130)

    def test_cron_lines(self):
        self.assertGreater(self.check(CRON_LINES, True), 50)

    def test_others(self):
        for (text, cron, expected), answer in zip(OTHERS, program.ask([{"expr": text, "cron": cron} for text, cron, _ in OTHERS])):
            with self.subTest(text=text):
                self.assertEqual(list(answer), ["error"])
                self.assertIn(expected, answer["error"])

    def test_command(self):
        """As an argument, too, it is one line, and nothing else."""
        done = subprocess.run([program.PROGRAM, "calendar", "--json", "24:00"], capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\A.*hour at character 1: expected 0 to 23, found \"24:00\"\n\Z")

    @unittest.skipUnless(systemd.is_there(), "systemd-analyze is not installed")
    def test_as_systemd(self):
        """systemd refuses these, too, but for those that are known."""
        texts = [text for _, text, _ in rows(EXPRESSIONS)]
        self.assertEqual({text for text in texts if systemd.takes(text)}, SYSTEMD_TAKES)


if __name__ == "__main__":
    unittest.main()
