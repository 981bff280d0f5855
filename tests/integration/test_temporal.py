# SPDX-License-Identifier: MPL-2.0
"""What Temporal takes from the system: the zone of the process, and the zones that there are."""

import json
import shutil
import struct

import harness
from runner_harness import RunnerTest

# A zone of three hours east, without a change: version 2 of the format, with an empty first block.
HEADER = b"TZif2" + bytes(15)
TYPE = struct.pack(">iBB", 3 * 3600, 0, 0) + b"+03\0"
THREE_HOURS = (HEADER + struct.pack(">6I", 0, 0, 0, 0, 1, 4) + TYPE) * 2 + b"\n<+03>-3\n"


class Zones(RunnerTest):
    def printed(self, body, env=None):
        self.write_function("prints", f"dump(JSON.stringify(await (async () => {{ {body} }})()));")
        result = self.task("prints", env=env)
        self.assertEqual(result.returncode, 0, result.err)
        return json.loads(result.out)

    def test_the_zone_is_that_of_dates(self):
        look = """
            const date = new Date(2024, 6, 1, 12, 30);
            const now = Temporal.Now.zonedDateTimeISO();
            const shown = date.toTemporalInstant().toZonedDateTimeISO(now.timeZoneId);
            return [now.timeZoneId, `${shown.toPlainTime()}`, shown.offsetNanoseconds / -6e10 - date.getTimezoneOffset()];
            """
        for zone, name in (("Europe/Berlin", "Europe/Berlin"), ("Asia/Calcutta", "Asia/Kolkata"),
                           ("EST5EDT", "America/New_York"), ("Australia/Lord_Howe", "Australia/Lord_Howe"),
                           ("XYZ-3", "Etc/GMT-3"), ("nonsense", "UTC"), ("Factory", "UTC"), ("UTC", "UTC")):
            with self.subTest(zone=zone):
                self.assertEqual(self.printed(look, {"TZ": zone}), [name, "12:30:00", 0])

    def own_zones(self):
        """Zones of their own."""
        zones = self.home / "zones"
        (zones / "Here").mkdir(parents=True)
        (zones / "Here" / "Town").write_bytes(THREE_HOURS)
        return zones

    LOOK = """
        const names = ["here/town", "Here/Old", "Europe/Berlin", "utc", "Here/Broken"];
        return names.map(name => {
          try {
            return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).toString();
          } catch (error) {
            return error.name;
          }
        });
        """

    def test_zones_that_the_engine_does_not_know(self):
        zones = self.own_zones()
        # A link without a file, as where old names are packaged apart; and a file that is none.
        (zones / "tzdata.zi").write_text("# version x\nZ Here/Town 3 - +03\nL Here/Town Here/Old\nZ Here/Broken 1 - X\n")
        (zones / "Here" / "Broken").write_text("TZif")
        self.assertEqual(self.printed(self.LOOK, {"TZDIR": str(zones)}),
                         ["1970-01-01T03:00:00+03:00[Here/Town]", "1970-01-01T03:00:00+03:00[Here/Old]", "RangeError",
                          "1970-01-01T00:00:00+00:00[UTC]", "RangeError"])
        words = self.printed("""
            const zoned = new Temporal.ZonedDateTime(0n, "Here/Old");
            return [zoned.toLocaleString("en"), zoned.toLocaleString("en", { hour: "numeric", timeZoneName: "long" }),
              zoned.equals(zoned.withTimeZone("Here/Town"))];
            """, {"TZDIR": str(zones)})
        self.assertEqual(words, ["1/1/1970, 3:00:00 AM GMT+3", "3 AM GMT+03:00", True])

    def test_without_a_list_of_names(self):
        self.assertEqual(self.printed(self.LOOK, {"TZDIR": str(self.own_zones())}),
                         ["1970-01-01T03:00:00+03:00[Here/Town]", "RangeError", "RangeError",
                          "1970-01-01T00:00:00+00:00[UTC]", "RangeError"])

    def test_without_zones(self):
        zones = self.own_zones()
        shutil.rmtree(zones)
        self.assertEqual(self.printed(self.LOOK, {"TZDIR": str(zones)}),
                         ["RangeError"] * 3 + ["1970-01-01T00:00:00+00:00[UTC]", "RangeError"])


if __name__ == "__main__":
    harness.main(needs_daemon=False)
