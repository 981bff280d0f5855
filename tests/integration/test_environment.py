#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""scripts/environment.table, which bgtask-environment(7) is made of, against what tasks find at run time."""

import json
import re
import unittest

import harness
import runner_harness

TABLE = harness.SRCDIR / "scripts" / "environment.table"
MODULES = harness.SRCDIR / "scripts" / "gre" / "modules"
KINDS = ("global", "service", "contract", "interface", "module")

# What is the language's and not ours: ECMAScript, its Intl and WebAssembly, and what SpiderMonkey adds.
LANGUAGE = set("""
    AggregateError Array ArrayBuffer AsyncDisposableStack AsyncIterator Atomics BigInt BigInt64Array BigUint64Array Boolean
    DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity
    Int16Array Int32Array Int8Array
    InternalError Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set
    SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray
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


def rows():
    """[(kind, name, description)] of the table."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(None, 2)) for line in lines]


class TableTest(runner_harness.RunnerTest):
    def names(self):
        return {kind: [name for row, name, _text in rows() if row == kind] for kind in KINDS}

    def test_rows_are_in_order(self):
        self.assertEqual([row[0] for row in rows()], sorted((row[0] for row in rows()), key=KINDS.index))
        for kind, names in self.names().items():
            self.assertEqual(names, sorted(set(names)), kind)

    def test_page_has_each_row(self):
        page = (harness.BUILDDIR / "man" / "bgtask-environment.7").read_text()
        self.assertNotIn("@", re.sub(r"@mozilla\.org/", "", page))
        sections = re.split(r"(?m)^\.Sh ", page)
        for kind, name, text in rows():
            section = next(part for part in sections if part.startswith(f"{kind.upper()}S"))
            entries = dict(re.findall(r"(?ms)^\.It Sy (\S+)\n(.*?)(?=^\.(?:It|El))", section))
            shown = entries[name].replace("\n", " ").replace("\\(aq", "'").replace("\\&", "").strip()
            self.assertEqual(shown, text, name)

    def test_what_is_declared_is_there_and_works_and_nothing_else(self):
        declared = self.names()
        self.write_function("environment", PROBE)
        result = self.task("environment", json.dumps(declared))
        self.assertEqual(result.returncode, 0, result.err)
        answer = json.loads(re.search(r"(?m)^@@(.*)$", result.out)[1])
        self.assertEqual(answer["broken"], {})
        found = {kind: set(names) for kind, names in answer["found"].items()}
        found["global"] -= LANGUAGE
        found["module"] = {str(path.relative_to(MODULES)) for path in MODULES.rglob("*.sys.mjs")
                           if path.relative_to(MODULES).parts[0] not in ("bgtask", "backgroundtasks")}
        for kind in KINDS:
            self.assertEqual(found[kind] - set(declared[kind]), set(), f"{kind}: not in {TABLE.name}")
            self.assertEqual(set(declared[kind]) - found[kind], set(), f"{kind}: in {TABLE.name}, but not there")


if __name__ == "__main__":
    harness.main(needs_daemon=False)
