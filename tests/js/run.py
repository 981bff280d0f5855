#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Run the JavaScript tests under bgtask-runner.

    run.py [-v] [TEST…]

Modules are in backgroundtasks/: test_NAME and own_NAME print "ok …" or "not ok …" lines (check.sys.mjs) and exit with
0; print_NAME prints what expected/print_NAME.out has. test_ and print_ modules also run in Firefox:
    XPCSHELL_TESTING_MODULES_URI=file://THIS_DIRECTORY/ firefox-esr --backgroundtask test_prefs
The environment has top_builddir, as `make check` sets it; without it build/ beside the sources is used.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("top_builddir") or os.path.join(TOP, "build")
RUNNER = os.path.abspath(os.path.join(BUILD, "bin", "bgtask-runner"))
MODULES = os.path.join(HERE, "backgroundtasks")
TIMEOUT = 300

ARGUMENTS = {
    "test_commandline": ["a", "", "--foo=bar", "-xx", "--ww", "val", "--qq", "-zz", "--ee", "", "spa ce", "--UUP", "\u00e9",
                         "--lst"],
}
# Symbolic links in the working directory, for those that need some.
LINKS = {"print_file": {"L": "d/target", "LL": "L", "LD": "d", "LB": "nowhere", "LS": "LS"}}
MANAGER = "console.error: BackgroundTasksManager: \n  Substitution set: resource://testing-common aliases "


def run(task, *arguments, prefix=()):
    with tempfile.TemporaryDirectory() as home:
        for name, target in LINKS.get(task, {}).items():
            os.symlink(target, os.path.join(home, name))
        prefs = os.path.join(home, "site.js")
        with open(prefs, "w", encoding="ascii") as file:
            file.write('pref("toolkit.backgroundtasks.defaultMinTaskRuntimeMS", 0);\n')
        environment = dict(os.environ, HOME=home, TMPDIR=home, BGTASKD_PREFS=prefs, TZ="UTC", LC_ALL="C.UTF-8",
                           XPCSHELL_TESTING_MODULES_URI=f"file://{HERE}/",
                           # What a sanitizer keeps of freed memory counts as the task's, which may have 256 MiB.
                           ASAN_OPTIONS=f"{os.environ.get('ASAN_OPTIONS', '')}:quarantine_size_mb=16")
        result = subprocess.run([*prefix, RUNNER, "--backgroundtask", task, *arguments], env=environment, cwd=home,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, text=True)
    output = result.stdout
    if output.startswith(MANAGER):
        output = output.split("\n", 2)[2]
    return result.returncode, output, result.stderr


def tasks_with(prefix):
    found = (re.fullmatch(r"BackgroundTask_(.*)\.sys\.mjs", name) for name in sorted(os.listdir(MODULES)))
    return [match[1] for match in found if match and match[1].startswith(prefix)]


class Modules(unittest.TestCase):
    """Each module that checks by itself."""


class Prints(unittest.TestCase):
    """Each module whose output is compared."""
    maxDiff = None


def checking(task):
    def test(self):
        code, output, errors = run(task, *ARGUMENTS.get(task, ()))
        failures = [line for line in output.splitlines() if line.startswith("not ok")]
        self.assertEqual((failures, code), ([], 0), output[-2000:] + errors)
        self.assertIn("\nok ", "\n" + output)
    return test


def printing(task):
    def test(self):
        code, output, errors = run(task)
        with open(os.path.join(HERE, "expected", f"{task}.out"), encoding="utf-8") as file:
            expected = file.read()
        # Times differ from run to run.
        self.assertEqual(re.sub(r"@ [0-9.]+", "@ N", output), expected, errors)
        self.assertEqual(code, 42 if task == "print_shutdown" else 0)
        times = [float(number) for number in re.findall(r"@ ([0-9.]+)$", output, re.M)]
        self.assertEqual(times, sorted(times), "the console's times can be subtracted")
    return test


for name in tasks_with("test_") + ["own_glean", "own_globals", "own_language", "own_large", "own_missing"]:
    setattr(Modules, f"test_{name}", checking(name))
for name in tasks_with("print_"):
    setattr(Prints, f"test_{name}", printing(name))


class Library(unittest.TestCase):
    def test_blocker_that_hangs(self):
        """It is named on stderr, the shutdown goes on, the exit code stays; a library error has the task's line."""
        code, output, errors = run("own_hang")
        self.assertEqual((code, output), (12, "went on\n"), errors)
        self.assertIn('blocker "never done" of phase profile-before-change is not done; state: {"waiting":"for ever"}', errors)
        self.assertRegex(errors, r"JavaScript error: resource://testing-common/backgroundtasks/BackgroundTask_own_hang.sys.mjs, "
                                 r"line 12: .*NS_ERROR_UNEXPECTED")
        self.assertNotIn("resource://gre/modules/bgtask/", errors)

    def test_whatever_comes_first(self):
        """Built-ins of the language that the engine lacks are there, whichever object was made before, and how."""
        language = (
            "AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError "
            "FinalizationRegistry Float32Array Float64Array Function Int16Array Int32Array Int8Array InternalError Intl Iterator "
            "JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String "
            "Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet "
            "WebAssembly").split()
        code, output, errors = run("own_first", "Object.getOwnPropertyNames(globalThis).join(' ')", "print")
        self.assertEqual(code, 0, output + errors)
        self.assertEqual(set(language) - set(output.split()), set())
        for first in [*language, "(async function* () {})()", "new TextEncoder().encode('a').toHex()", "/a/.test('a')",
                      "new TextEncoder().encode('a').buffer.transfer()", "'a'.at(0) + 1n.toString()",
                      "new WebAssembly.Memory({ initial: 1 }).buffer.resizable"]:
            with self.subTest(first=first):
                code, output, errors = run("own_first", first)
                self.assertEqual((code, output.startswith("ok ")), (0, True), output + errors)

    def test_deleted_globals_stay_away(self):
        for name in ("console", "URL", "fetch", "JSON"):
            for before in ("", f"{name}, "):
                code, output, errors = run("own_first", f"({before}delete globalThis.{name}, typeof {name})", "print")
                self.assertEqual((code, output.splitlines()[0]), (0, "undefined"), output + errors)

    @unittest.skipUnless(os.path.exists("/usr/bin/strace"), "strace is not installed")
    def test_little_is_loaded(self):
        """An empty task opens the modules that commandLine needs, no others."""
        with tempfile.NamedTemporaryFile(mode="r") as trace:
            code, _, errors = run("own_empty", prefix=("strace", "-f", "-qq", "-e", "trace=openat", "-o", trace.name))
            traced = trace.read()
        opened = re.findall(r"/gre/modules/([^\"]*\.mjs)\".* = [0-9]", traced)
        if code != 0 and "ptrace" in errors:
            self.skipTest("tracing is not allowed")
        self.assertEqual(code, 0, errors)
        self.assertLessEqual(set(opened), {"bgtask/CommandLine.sys.mjs", "bgtask/Xpcom.sys.mjs"})
        self.assertNotIn("gecko.names", traced)

    def test_kept_in(self):
        """Libraries that are loaded late, and threads, work in a sandbox, too."""
        with tempfile.TemporaryDirectory() as home:
            environment = dict(os.environ, HOME=home, TMPDIR=home, XPCSHELL_TESTING_MODULES_URI=f"file://{HERE}/")
            for task in ("print_crypto", "print_compression", "print_dom"):
                done = subprocess.run([RUNNER, "--sandbox", "--backgroundtask", task], env=environment, cwd=home, timeout=TIMEOUT,
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True)
                with open(os.path.join(HERE, "expected", f"{task}.out"), encoding="utf-8") as file:
                    self.assertTrue(done.stdout.endswith(file.read()), f"{task}: {done.stdout[-2000:]}{done.stderr}")

    def test_zygote_preloads(self):
        """All of the library loads, draws no random number, and the zygote says that it is ready."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(TIMEOUT)

        def as_descriptor_3():
            os.dup2(theirs.fileno(), 3)

        process = subprocess.Popen([RUNNER, "--zygote"], close_fds=False, preexec_fn=as_descriptor_3,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        theirs.close()
        ready = ours.recv(4096)
        ours.close()
        _, errors = process.communicate(timeout=TIMEOUT)
        self.assertNotEqual(ready, b"", errors)
        self.assertEqual((process.returncode, errors), (0, ""))

    def test_tasks_are_listed(self):
        """The lists of scripts/local.mk are what the folders hold."""
        with open(os.path.join(TOP, "scripts", "local.mk"), encoding="utf-8") as file:
            makefile = file.read()
        for variable, folder in (("TOOLKIT", "gre/modules"), ("APPLICATION", "app/modules"), ("TEST", "testing")):
            listed = re.search(rf"^{variable}_TASKS = \\\n((?:\t\w+ ?\\?\n)*)", makefile, re.M)[1]
            names = {f"BackgroundTask_{name}.sys.mjs" for name in re.findall(r"\w+", listed)}
            self.assertEqual(names, set(os.listdir(os.path.join(TOP, "scripts", folder, "backgroundtasks"))), variable)

    def test_sizes(self):
        """No module has more than 500 lines or begins without its licence."""
        for folder, _, names in os.walk(os.path.join(TOP, "scripts")):
            for name in (name for name in names if name.endswith((".mjs", ".js"))):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    lines = file.read().splitlines()
                self.assertLessEqual(len(lines), 500, name)
                self.assertEqual(lines[0], "// SPDX-License-Identifier: MPL-2.0", name)

    def test_modules_are_deterministic(self):
        """The runtime library asks neither clock nor random numbers while it is loaded: checked for what is written so."""
        for folder, _, names in os.walk(os.path.join(TOP, "scripts", "gre", "modules")):
            for name in (name for name in names if name.endswith(".mjs")):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    for number, line in enumerate(file, 1):
                        self.assertNotRegex(line, r"Math\.random", f"{name}:{number}")
                        # At the top level: not indented.
                        self.assertNotRegex(line, r"^(export )?(const|let) .*(Date\.now|new Date\(\)|runtime\.(now|random)\()",
                                            f"{name}:{number}")


if __name__ == "__main__":
    if not os.access(RUNNER, os.X_OK):
        print(f"{RUNNER} is not built", file=sys.stderr)
        sys.exit(77)
    unittest.main()
