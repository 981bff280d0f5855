#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The task backgroundupdate against an update server of its own."""

import json
import os
import sys
import threading
import urllib.parse
import xml.etree.ElementTree

import harness
import http_fixture
import runner_harness

sys.path.insert(0, os.path.join(os.fspath(harness.SRCDIR), "tests", "demo"))
import update_server  # noqa: E402

URL_PREF = "app.update.url"


def patch(kind="complete", size="1000", url="http://127.0.0.1:1/x.mar", **more):
    attributes = {"type": kind, "size": size, "URL": url, **more}
    return "<patch %s/>" % " ".join('%s="%s"' % pair for pair in attributes.items() if pair[1] is not None)


def update(version, *patches, kind="minor", build="20990101000000", **more):
    attributes = {"type": kind, "appVersion": version, "displayVersion": version, "buildID": build, **more}
    text = " ".join('%s="%s"' % pair for pair in attributes.items() if pair[1] is not None)
    return "<update %s>%s</update>" % (text, "".join(patches))


def updates(*inside):
    return '<?xml version="1.0"?>\n<updates>\n%s\n</updates>\n' % "\n".join(inside)


class UpdateTest(runner_harness.RunnerTest):
    def setUp(self):
        super().setUp()
        self.answer = self.directory / "answer.xml"
        self.server = update_server.UpdateServer(0, os.fspath(self.answer))
        thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = self.server.update_url

    def check(self, answer=None, prefs=None):
        """(exit code, stdout, stderr) of one check."""
        if answer is not None:
            self.answer.write_text(answer)
        self.write_prefs({**runner_harness.NO_MINIMUM, URL_PREF: self.url, **(prefs or {})})
        done = self.task("backgroundupdate")
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def found(self, *inside):
        """The version that a check finds among these updates, and the kind of its patch."""
        code, out, err = self.check(updates(*inside))
        self.assertEqual(code, 0, err)
        if out.startswith("No update for"):
            return None
        version = out.split("Update found: ")[1].split(" ")[0]
        return version, out.split("patch: ")[1].split(",")[0] if "patch: " in out else None

    def profile_file(self, name):
        files = list(self.home.glob(".local/state/bgtaskd/profiles/*/" + name))
        self.assertLessEqual(len(files), 1)
        return files[0] if files else None

    def state(self, name):
        """The versions in a file of the state, each with the attributes of its patches."""
        root = xml.etree.ElementTree.parse(self.profile_file("updates/" + name)).getroot()
        # The namespace is the default one.
        return [(element.get("appVersion"), element.get("statusText"), [dict(child.attrib) for child in element])
                for element in root]


class SelectionTest(UpdateTest):
    TABLE = [
        ("nothing offered", [], None),
        ("one", [update("999.1", patch())], ("999.1", "complete")),
        ("older", [update("0.0.1", patch())], None),
        ("newest minor", [update("999.1", patch()), update("999.3", patch()), update("999.2", patch())], ("999.3", "complete")),
        ("numbers, not text", [update("999.10", patch()), update("999.9", patch())], ("999.10", "complete")),
        ("minor beats major", [update("1000.0", patch(), kind="major"), update("999.1", patch())], ("999.1", "complete")),
        ("only major", [update("1000.0", patch(), kind="major"), update("1001.0", patch(), kind="major")], ("1001.0", "complete")),
        ("older minor, newer major", [update("0.0.1", patch()), update("1000.0", patch(), kind="major")], ("1000.0", "complete")),
        ("partial first", [update("999.1", patch(), patch("partial"))], ("999.1", "partial")),
        ("patch of size 0", [update("999.1", patch("partial", size="0"), patch())], ("999.1", "complete")),
        ("size that is none", [update("999.1", patch("partial", size="many"), patch())], ("999.1", "complete")),
        ("patch without size", [update("999.1", patch("partial", size=None), patch())], ("999.1", "complete")),
        ("unknown patch", [update("999.1", patch("other"), patch())], ("999.1", "complete")),
        ("bad URL of a patch", [update("999.1", patch("partial", url="nothing"), patch())], ("999.1", "complete")),
        ("no patch", [update("999.2"), update("999.1", patch())], ("999.1", "complete")),
        ("only bad patches", [update("999.2", patch(size="0")), update("999.1", patch())], ("999.1", "complete")),
        ("unsupported needs no patch", [update("999.2", unsupported="true")], ("999.2", None)),
        ("no version", [update(None, patch()), update("999.1", patch())], ("999.1", "complete")),
        ("unknown type", [update("999.2", patch(), kind="huge"), update("999.1", patch())], ("999.1", "complete")),
        ("other elements", ["<other/>", update("999.1", "<note/>", patch())], ("999.1", "complete")),
    ]

    def test_table(self):
        for name, inside, expected in self.TABLE:
            with self.subTest(name):
                self.assertEqual(self.found(*inside), expected)

    def test_same_version(self):
        self.write_function("me", "dump(JSON.stringify([Services.appinfo.version, Services.appinfo.appBuildID]));")
        version, build = json.loads(self.task("me").stdout)
        self.assertIsNone(self.found(update(version, patch(), build=build)))
        self.assertEqual(self.found(update(version, patch(), build=build + "9")), (version, "complete"))

    def test_problems_are_told_with_their_line(self):
        code, out, _ = self.check(updates(update("999.2"), update("999.1", patch("partial", size="0"), patch())))
        self.assertEqual(code, 0)
        self.assertIn("line 3: an update is ignored: it has no usable patch", out)
        self.assertIn('line 4: a patch of 999.1 is dropped: size \\"0\\" is not a positive number', out)


class RequestTest(UpdateTest):
    def test_template_is_filled_in(self):
        paths = []
        original = update_server.Handler.do_GET

        def do_GET(handler):
            paths.append((handler.path, handler.headers.get("Cache-Control"), handler.headers.get("Pragma")))
            original(handler)

        update_server.Handler.do_GET = do_GET
        self.addCleanup(setattr, update_server.Handler, "do_GET", original)
        self.url = self.server.base + "/update/6/" + self.server.update_url.split("/update/6/")[1].replace(
            "update.xml", "%PLATFORM_VERSION%/%UNKNOWN%/%25/%/x%20y.xml")
        self.check(updates())
        path, cache, pragma = paths[0]
        self.assertEqual((cache, pragma), ("no-cache", "no-cache"))
        fields = path.split("/")[3:]
        self.assertEqual(len(fields), 15)
        product, version, build, target, locale, channel, system = fields[:7]
        for field in (product, version, build, locale, channel):
            self.assertRegex(field, r"^[\w.-]+$")
        self.assertRegex(target, r"^Linux_")
        # As in Gecko, the version of the system is encoded twice.
        self.assertRegex(urllib.parse.unquote(urllib.parse.unquote(system)), r"^Linux \d")
        self.assertIn("%2520", system)
        self.assertRegex(urllib.parse.unquote(fields[7]), r"^ISET:\w+,MEM:\d+$")
        self.assertEqual(fields[8:10], ["default", "default"])
        self.assertEqual(fields[11:], ["%25UNKNOWN%25", "%25", "%", "x%20y.xml"])

    def test_the_demonstrations_answer(self):
        self.server.answer_file = None
        code, out, _ = self.check()
        self.assertEqual(code, 0)
        self.assertIn("4 offered", out)
        self.assertIn("patch: partial, 256.0 KiB", out)
        self.assertRegex(out, r"sha512 [0-9a-f]{128}")


class StateTest(UpdateTest):
    def test_what_is_kept(self):
        code, out, _ = self.check(updates(update("999.1", patch(), patch("partial", hashFunction="sha512", hashValue="ab"))))
        self.assertEqual(code, 0)
        [(version, status, patches)] = self.state("active-update.xml")
        self.assertEqual((version, status), ("999.1", None))
        self.assertEqual([(p["type"], p["selected"] if "selected" in p else "false") for p in patches],
                         [("complete", "false"), ("partial", "true")])
        self.assertEqual(patches[1]["hashValue"], "ab")
        self.assertEqual(self.state("updates.xml"), [])
        prefs = self.profile_file("prefs.js").read_text()
        self.assertRegex(prefs, r'user_pref\("app.update.lastUpdateTime.background-update-timer", \d+\);')
        self.assertNotIn("backgroundErrors", prefs)
        self.assertNotIn("known since", out)
        _, out, _ = self.check()
        self.assertIn("known since 20", out)

    def test_history(self):
        self.found(update("999.1", patch()))
        self.found(update("999.2", patch()))
        self.assertEqual([entry[0] for entry in self.state("active-update.xml")], ["999.2"])
        self.assertEqual([entry[:2] for entry in self.state("updates.xml")], [("999.1", "superseded")])
        self.found()
        self.assertEqual(self.state("active-update.xml"), [])
        self.assertEqual([entry[:2] for entry in self.state("updates.xml")], [("999.2", "withdrawn"), ("999.1", "superseded")])

    def test_history_is_bounded(self):
        for number in range(1, 14):
            self.found(update("999.%d" % number, patch()))
        self.assertEqual([entry[0] for entry in self.state("updates.xml")], ["999.%d" % number for number in range(12, 2, -1)])

    def test_complete_after_a_failed_partial(self):
        offer = update("999.1", patch(), patch("partial"))
        self.assertEqual(self.found(offer), ("999.1", "partial"))
        path = self.profile_file("updates/active-update.xml")
        text = path.read_text().replace('selected="true"', 'selected="true" state="failed"')
        path.write_text(text)
        self.assertEqual(self.found(offer), ("999.1", "complete"))
        self.assertEqual(self.found(offer), ("999.1", "complete"))
        self.assertEqual(self.found(update("999.2", patch(), patch("partial"))), ("999.2", "partial"))

    def test_odd_characters_survive(self):
        odd = "&quot;a&quot; &amp;amp; &lt;b&gt; &#10;&#9;\u00e9\U0001f600"
        for _ in range(2):
            self.found(update("999.1", patch(), name=odd))
            root = xml.etree.ElementTree.parse(self.profile_file("updates/active-update.xml")).getroot()
            self.assertEqual(root[0].get("name"), "\"a\" &amp; <b> \n\t\u00e9\U0001f600")

    def test_damaged_state(self):
        self.found(update("999.1", patch()))
        self.profile_file("updates/active-update.xml").write_text("<updates")
        code, out, _ = self.check()
        self.assertEqual(code, 0)
        self.assertIn("it is started afresh", out)
        self.assertIn("Update found: 999.1", out)
        self.assertEqual(len(self.state("active-update.xml")), 1)


class FailureTest(UpdateTest):
    def test_answers_that_are_none(self):
        for answer, reason in [
            ("<html/>", "line 1: the root element is <html>, not <updates>"),
            ("", "line 1, column 1: no element found"),
            ("<updates><update></updates>", "line 1, column 20: mismatched tag"),
            ('<!DOCTYPE updates [<!ENTITY a "b">]><updates/>', "a document type declaration is not accepted"),
        ]:
            with self.subTest(answer):
                code, out, _ = self.check(answer)
                self.assertEqual(code, 3)
                self.assertIn("The update check failed: the answer is not a list of updates: ", out)
                self.assertIn(reason, out)

    def test_no_answer(self):
        for url, reason in [
            ("http://127.0.0.1:%d/" % http_fixture.closed_port(), "could not connect: Connection refused"),
            (self.server.base + "/nothing", "the server answered 404 Not Found"),
            ("ftp://127.0.0.1/", "is not an http or https URL"),
            ("nonsense", "is not an http or https URL"),
        ]:
            with self.subTest(url):
                self.url = url
                code, out, _ = self.check()
                self.assertEqual(code, 3)
                self.assertIn(reason, out)

    def test_errors_are_counted(self):
        limit = {"app.update.backgroundMaxErrors": 3}
        counted = []
        for _ in range(4):
            _, out, _ = self.check("<html/>", prefs=limit)
            text = self.profile_file("prefs.js").read_text()
            counted.append((text.count('"app.update.backgroundErrors", 1)'), "3 update checks in a row have failed" in out))
        self.assertEqual(counted, [(1, False), (0, False), (0, True), (1, False)])
        self.check(updates(), prefs=limit)
        self.assertNotIn("app.update.backgroundErrors", self.profile_file("prefs.js").read_text())

    def test_reasons_not_to_check(self):
        self.url = ""
        code, out, _ = self.check()
        self.assertEqual((code, out), (0, "No update check: the preference app.update.url is empty; set it to the address "
                                          "of an update server.\n"))
        self.url = self.server.update_url
        code, out, _ = self.check(prefs={"app.update.background.enabled": False})
        self.assertEqual((code, out), (0, "No update check: the preference app.update.background.enabled is false.\n"))
        self.assertEqual(self.server.checks, 0)


if __name__ == "__main__":
    harness.main(needs_daemon=False)
