#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Components that an application declares, which of them a task is told of, and what a task that uses nothing is made of."""

import json
import re
import unittest

import harness
import runner_harness

MODULE = """
export class Listener {
  observe(subject, topic, data) {
    dump(`heard ${topic} ${data}\\n`);
  }
}
Listener.prototype.QueryInterface = ChromeUtils.generateQI(["nsIObserver"]);
"""
# A global that nobody has used is still the accessor that would make it.
GLOBALS = """
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const found = Object.getOwnPropertyDescriptor(globalThis, name);
  if (!found.get && typeof found.value == "object" && found.value !== null) {
    dump(`made ${name}\\n`);
  }
}
"""
# What an empty task may be made of. Globals of the language are made with the realm.
ALLOWED_GLOBALS = {"globalThis", "Math", "JSON", "Reflect", "Atomics", "Intl", "WebAssembly"}


def declaration(number, name, **categories):
    return {"cid": "{11111111-2222-3333-4444-%012d}" % number, "contract_ids": [f"@test/{name};1"],
            "esModule": "resource:///modules/Listener.sys.mjs", "constructor": "Listener",
            "categories": {category.replace("_", "-"): value for category, value in categories.items()}}


class Components(runner_harness.RunnerTest):
    def setUp(self):
        super().setUp()
        self.write_module("app/modules/Listener.sys.mjs", MODULE)
        self.write_function("one", "dump('task\\n');")
        self.write_function("two", "dump('task\\n');")

    def declare(self, *declarations):
        self.write_module("app/components.json", json.dumps(declarations))

    def heard(self, task):
        result = self.task(task)
        self.assertEqual(result.returncode, 0, result.err)
        return result.out.splitlines(), result.err

    def test_selectors(self):
        """Nothing is told of a topic unless it selects the task: by default it does not."""
        self.declare(declaration(1, "default", profile_after_change="default"),
                     declaration(2, "none", profile_after_change={"name": "none", "backgroundtasks": "NO_TASKS"}),
                     declaration(3, "all", app_startup={"name": "all", "backgroundtasks": "ALL_TASKS"}),
                     declaration(4, "named", profile_after_change={"name": "named", "backgroundtasks": ["one", "three"]}))
        self.assertEqual(self.heard("one")[0], ["heard app-startup startup", "heard profile-after-change startup", "task"])
        self.assertEqual(self.heard("two")[0], ["heard app-startup startup", "task"])

    def test_contracts_are_for_all(self):
        """Who is not told of anything can be asked for by contract."""
        self.declare(declaration(1, "default", profile_after_change="default"))
        self.write_function("three", "Cc['@test/default;1'].getService(Ci.nsIObserver).observe(null, 'by', 'hand');")
        self.assertEqual(self.heard("three")[0], ["heard by hand"])

    def test_manifest(self):
        """chrome.manifest: bare and backgroundtask=0 entries count outside of tasks only."""
        self.declare(declaration(1, "x"))
        lines = ["category app-startup bare service,@test/x;1", "category xpcom-startup zero service,@test/x;1 backgroundtask=0",
                 "category profile-after-change flag service,@test/x;1 backgroundtask",
                 "category profile-do-change flag @test/x;1 backgroundtask=1", "resource mine modules/"]
        self.write_module("app/chrome.manifest", "\n".join(lines))
        self.write_function("three", "dump(Object.keys(ChromeUtils.importESModule('resource://mine/Listener.sys.mjs')) + '\\n');")
        self.assertEqual(self.heard("three")[0],
                         ["heard profile-do-change startup", "heard profile-after-change startup", "Listener"])

    def test_mistakes_cost_their_component(self):
        bad = declaration(2, "bad", app_startup={"name": "bad", "backgroundtasks": "SOME_TASKS"})
        self.declare({"cid": 5}, bad, declaration(3, "all", app_startup={"name": "all", "backgroundtasks": "ALL_TASKS"}),
                     dict(declaration(4, "broken", app_startup={"name": "broken", "backgroundtasks": "ALL_TASKS"}),
                          esModule="resource:///modules/Absent.sys.mjs"))
        out, errors = self.heard("one")
        self.assertEqual(out, ["heard app-startup startup", "task"])
        self.assertIn("components.json: component 1: cid is 5, and not {…}", errors)
        self.assertIn('components.json: component 2: backgroundtasks is "SOME_TASKS", and not', errors)
        self.assertIn("Absent.sys.mjs", errors)

    def test_unreadable(self):
        for text, reason in (("{", "JSON"), ("5", "not a list of components"), (b"\xff", "Decoding failed"),
                             (" " * (1024 * 1024 + 1), "larger than 1048576 bytes")):
            self.write_module("app/components.json", text)
            out, errors = self.heard("one")
            self.assertEqual(out, ["task"])
            self.assertRegex(errors, f"components.json: .*{reason}")


class InZygote(Components):
    """The same in the children of a zygote, which was there before it was known which task it would be."""

    def heard(self, task):
        zygote = runner_harness.Zygote(self).wait_ready()
        self.addCleanup(zygote.close)
        code, out, errors, _messages = zygote.run(task)
        self.assertEqual(code, 0, errors)
        return out.splitlines(), errors


class Graph(runner_harness.RunnerTest):
    def test_empty_task(self):
        """A task that uses nothing has nothing made for it but its command line."""
        self.write_function("empty", GLOBALS)
        result = self.task("empty")
        self.assertEqual(result.returncode, 0, result.err)
        made = set(re.findall(r"(?m)^made (\S+)$", result.out))
        self.assertLessEqual(made, ALLOWED_GLOBALS)

    def test_what_is_used_is_seen(self):
        """The check above can fail."""
        self.write_function("user", "Services.obs;" + GLOBALS)
        self.assertIn("made Services\n", self.task("user").out)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
