#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""bgtask-environment(7), which is made of the tables that the runtime library works by, against what tasks find."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness
import runner_harness

GENERATOR = harness.SRCDIR / "man" / "environment.awk"
MODULES = harness.SRCDIR / "scripts" / "gre" / "modules"
KINDS = ("global", "service", "contract", "interface", "module")

# What is the language's and not ours: ECMAScript, its Intl and WebAssembly, and what SpiderMonkey adds.
LANGUAGE = set("""
    AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean
    DataView Date Error EvalError FinalizationRegistry Float32Array Float64Array Function Infinity
    Int16Array Int32Array Int8Array
    InternalError Intl JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set
    SharedArrayBuffer String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray
    WeakMap WeakRef WeakSet WebAssembly decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis
    isFinite isNaN parseFloat parseInt undefined unescape uneval""".split())

# What there is, and whether it can be used.
PROBE = """
const works = (name, use) => {
  try {
    const value = use();
    return value === undefined || value === null ? `is ${value}` : "";
  } catch (error) {
    return String(error);
  }
};
const table = JSON.parse(commandLine.getArgument(0));
const use = {
  global: name => globalThis[name],
  service: name => Services[name],
  contract: name => {
    try {
      return Cc[name].getService();
    } catch {
      return Cc[name].createInstance();
    }
  },
  interface: name => Ci[name].number,
  module: name => Object.keys(ChromeUtils.importESModule(`resource://gre/modules/${name}`))[0],
};
const found = {
  global: Object.getOwnPropertyNames(globalThis),
  service: Object.keys(Services),
  contract: Object.keys(Cc),
  interface: Object.keys(Ci),
};
const broken = {};
for (const kind of Object.keys(table)) {
  for (const name of table[kind]) {
    const what = works(name, () => use[kind](name));
    if (what) {
      broken[`${kind} ${name}`] = what;
    }
  }
}
dump(`@@${JSON.stringify({ found, broken })}\\n`);
"""


def entries(page):
    """{kind: {name: text}} of a page."""
    found = {}
    for section in re.split(r"(?m)^\.Sh ", page)[1:]:
        title = section.partition("\n")[0]
        kind = {f"{kind.upper()}S": kind for kind in KINDS}.get(title, title.lower())
        found[kind] = dict(re.findall(r"(?ms)^\.It Sy (\S+)\n(.*?)(?=^\.(?:It|El))", section))
    return found


def make_page(*files):
    return subprocess.run(["awk", "-f", GENERATOR, *files], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})


class PageTest(runner_harness.RunnerTest):
    """The page that was built, and what there is."""

    def test_names_of_gecko_are_in_order(self):
        """They are looked up by halves (runner/gecko_names.c)."""
        lines = (harness.SRCDIR / "scripts" / "gre" / "gecko.names").read_bytes().splitlines()
        self.assertEqual(lines, sorted(set(lines)))
        self.assertEqual([line for line in lines[1:] if len(line.split(b" ")) != 2], [])

    def page(self):
        return entries((harness.BUILDDIR / "man" / "bgtask-environment.7").read_text())

    def test_what_is_listed_is_there_and_works_and_nothing_else(self):
        page = self.page()
        listed = {kind: list(page[kind]) for kind in KINDS}
        self.write_function("environment", PROBE)
        result = self.task("environment", json.dumps(listed))
        self.assertEqual(result.returncode, 0, result.err)
        answer = json.loads(re.search(r"(?m)^@@(.*)$", result.out)[1])
        self.assertEqual(answer["broken"], {})
        found = {kind: set(names) for kind, names in answer["found"].items()}
        found["global"] -= LANGUAGE
        found["module"] = {str(path.relative_to(MODULES)) for path in MODULES.rglob("*.sys.mjs")
                           if path.relative_to(MODULES).parts[0] not in ("bgtask", "backgroundtasks")}
        for kind in KINDS:
            self.assertGreater(len(listed[kind]), 10, kind)
            self.assertEqual(found[kind] - set(listed[kind]), set(), f"{kind}: not in the page")
            self.assertEqual(set(listed[kind]) - found[kind], set(), f"{kind}: in the page, but not there")

    def test_members_of_the_language_are_there(self):
        members = {holder: re.findall(r"(?m)^\.Sy (\S+)", text) for holder, text in self.page()["language"].items()}
        self.assertIn("findLast", members["Array.prototype"])
        self.assertGreater(sum(map(len, members.values())), 50)
        self.write_function("language", """
            const TypedArray = Object.getPrototypeOf(Int8Array);
            const roots = { TypedArray };
            for (const [holder, names] of Object.entries(JSON.parse(commandLine.getArgument(0)))) {
              const object = holder.split(".").reduce((at, name) => roots[name] ?? at[name], globalThis);
              for (const name of names.filter(name => !(name in object))) {
                dump(`${holder}.${name} is not there\\n`);
              }
            }""")
        result = self.task("language", json.dumps(members))
        self.assertEqual((result.returncode, result.out), (0, ""), result.err)


class GeneratorTest(unittest.TestCase):
    """What man/environment.awk takes for a row, and what it refuses."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)

    FRAME = "".join(f".Sh {kind.upper()}S\n@{kind}@\n" for kind in KINDS)
    FILES = {
        "globals.c": 'x[] = {\n        GLOBAL("b", "Module", "It\'s b."),\n        GLOBAL("a", "Module",\n'
                     '               "Is a. Really."),\n        FUNCTION("c", 1, f, "Is c."),\n};\n',
        "Services.sys.mjs": 'const SERVICES = [\n  // Is s.\n  ["s", "Module", "s"],\n];\n',
        "Components.sys.mjs": 'export const CONTRACTS = {\n  // Is d.\n  "@d;1?name=x": [\n    "Module", "d",\n  ],\n'
                              '  // Is\n  // e.\n  "@e;1": ["Module", "e"],\n};\nother({\n  "@f;1": 5,\n});\n',
        "Interfaces.sys.mjs": 'const TABLE = {\n  // Is i.\n  nsI: ["{}", {\n    A: 1,\n  }],\n};\n',
        "gre/modules/M.sys.mjs": "// licence\n// Is m.\n//\n// More.\n",
        "frame.in": FRAME,
    }

    def make(self, **changes):
        """The generator's result for FILES, where each of @changes is (file, old text, new text)."""
        paths = []
        for name, text in self.FILES.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for file, old, new in changes.values():
                if file == name:
                    self.assertIn(old, text)
                    text = text.replace(old, new, 1)
            path.write_text(text)
            paths.append(path)
        return make_page(*paths)

    def test_rows(self):
        result = self.make()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(entries(result.stdout), {
            "global": {"a": "Is a.\nReally.\n", "b": "It\\(aqs b.\n", "c": "Is c.\n"},
            "service": {"s": "Is s.\n"},
            "contract": {"@d;1?name=x": "Is d.\n", "@e;1": "Is e.\n"},
            "interface": {"nsI": "Is i.\n"},
            "module": {"M.sys.mjs": "Is m.\n"},
        })
        self.assertEqual(list(entries(result.stdout)["global"]), ["a", "b", "c"])

    def test_what_is_wrong_is_refused(self):
        for change, message in (
                (("globals.c", '"Is c."', '"is c."'), "global c has no description"),
                (("globals.c", '"Is c."', '"Is c"'), "global c has no description"),
                (("globals.c", '"c"', '"a"'), "global a is there twice"),
                (("Services.sys.mjs", "  // Is s.\n", ""), "service s has no description"),
                (("Components.sys.mjs", "  // Is d.\n", ""), "contract @d;1?name=x has no description"),
                (("Components.sys.mjs", '"@e;1"', '"@d;1?name=x"'), "contract @d;1?name=x is there twice"),
                (("Interfaces.sys.mjs", "  // Is i.\n", ""), "interface nsI has no description"),
                (("Interfaces.sys.mjs", "const TABLE", "const OTHER"), "no rows of kind interface"),
                (("gre/modules/M.sys.mjs", "// Is m.", ""), "module M.sys.mjs has no description"),
                (("frame.in", "@module@\n", ""), "the frame has no list of kind module")):
            result = self.make(change=change)
            self.assertEqual(result.returncode, 1, message)
            self.assertIn(message, result.stderr)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
