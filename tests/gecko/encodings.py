#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Make the indexes of encodings: scripts/gre/modules/bgtask/Index*.sys.mjs, of what Firefox decodes.

    encodings.py [--check]       --check: write nothing, say which are not what they should be

To be run when the Encoding Standard changes, which it does not. tests/js/backgroundtasks/BackgroundTask_print_encodings
holds what comes of them against Firefox.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(os.path.dirname(os.path.dirname(HERE)), "scripts", "gre", "modules", "bgtask")
HEAD = ("// SPDX-License-Identifier: MPL-2.0\n// %s\n"
        "// Made by tests/gecko/encodings.py, which asks Firefox; the index is that of the Encoding Standard.\n\n")
NOTHING = 0xfffd
EUDC_ROWS = range(47, 57)  # of Shift_JIS: private characters, which are computed
PAIRS = {
    "big5": ("IndexBig5", "Big5: what pairs of bytes stand for, 157 a lead byte from 0x81; U+FFFD: nothing."),
    "euc-kr": ("IndexEucKr", "EUC-KR: what pairs of bytes stand for, 190 a lead byte from 0x81; U+FFFD: nothing."),
    "gb18030": ("IndexGb18030", "gb18030: what pairs of bytes stand for, 190 a lead byte from 0x81; and ranges of what four "
                                "bytes stand for."),
    "jis0208": ("IndexJis0208", "JIS X 0208 with extensions: 94 a row, as EUC-JP, Shift_JIS and ISO-2022-JP have it; U+FFFD: "
                                "nothing."),
    "jis0212": ("IndexJis0212", "JIS X 0212: 94 a row, for EUC-JP; U+FFFD: nothing."),
}


def ask():
    """{kind: [[code point]]}."""
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, HOME=home, XPCSHELL_TESTING_MODULES_URI="file://%s/modules/" % HERE)
        output = subprocess.run(["firefox-esr", "--backgroundtask", "encodings"], env=environment, capture_output=True,
                                check=True, encoding="utf-8").stdout
    found = {}
    for line in output.splitlines():
        kind, *cells = line.split(" ")
        if kind.startswith("single:") or kind in PAIRS or kind == "ranges":
            found.setdefault(kind, []).append([NOTHING if cell == "-" else int(cell, 16) for cell in cells])
    return found


def literal(codes):
    """A string of JavaScript; what cannot be seen in it is escaped."""
    text = ""
    for code in codes:
        hidden = code < 0x20 or 0x7f <= code < 0xa1 or code in (0xad, 0x2028, 0x2029, 0xfeff) or 0x200b <= code <= 0x200f \
            or 0xe000 <= code <= 0xf8ff or 0xfe00 <= code <= 0xfe0f
        if hidden:
            text += "\\x%02x" % code if code < 0x100 else "\\u%04x" % code
        else:
            text += ("\\" if code in (0x22, 0x5c) else "") + chr(code)
    return '"%s"' % text


def ranges(codes):
    """First pointer and code point of each run of neighbours."""
    starts = [(pointer, code) for pointer, code in enumerate(codes) if pointer == 0 or code != codes[pointer - 1] + 1]
    lines = [" ".join("[%d, 0x%x]," % start for start in starts[at:at + 6]) for at in range(0, len(starts), 6)]
    return "\n/** First pointer and first code point of each range. */\nexport const RANGES = [\n%s];\n" % \
        "".join("  %s\n" % line for line in lines)


def modules(found):
    """{name: text}."""
    made = {}
    for kind, (name, what) in PAIRS.items():
        rows = found[kind]
        if kind == "jis0208":
            rows = [[NOTHING] * len(row) if at in EUDC_ROWS else row for at, row in enumerate(rows)]
        text = HEAD % what + "export const INDEX = [\n%s].join(\"\");\n" % "".join("  %s,\n" % literal(row) for row in rows)
        made[name] = text + (ranges(found["ranges"][0]) if kind == "gb18030" else "")
    single = "".join('  "%s": %s,\n' % (kind[7:], literal(rows[0])) for kind, rows in found.items() if kind.startswith("single:"))
    what = "Encodings of one byte a character: what 0x80 to 0xff stand for; U+FFFD: nothing."
    made["IndexSingleByte"] = HEAD % what + "export const INDEXES = {\n%s};\n" % single
    return made


def main():
    different = 0
    for name, text in modules(ask()).items():
        path = os.path.join(TARGET, name + ".sys.mjs")
        if "--check" in sys.argv:
            with open(path, encoding="utf-8") as file:
                if file.read() != text:
                    print("%s is not what Firefox says" % path)
                    different = 1
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    return different


if __name__ == "__main__":
    sys.exit(main())
