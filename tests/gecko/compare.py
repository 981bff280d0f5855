#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The same module here and in Firefox: exit code, stdout and stderr must be the same.

    compare.py [-v] [NAME…]      NAME: only the cases whose name contains it

Skipped (exit code 77) where firefox-esr is not installed. Places, stacks below the task's own frames, columns and
the names of programs are evened out; where we differ on purpose, DEVIATIONS says how and why.
"""

import concurrent.futures
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "integration"))
import http_fixture  # noqa: E402

SKIPPED = 77
TIMEOUT = 60
MODULES = os.path.join(HERE, "modules")
JS_MODULES = os.path.join(TOP, "tests", "js")

EXIT_VALUES = ("undefined null nan infinity object text function true false seven numeric list fraction valueOf symbol "
               "minusOne minus257 minusFraction n256 n300 large date hex").split()
THROWS = "error reference text number undefined null object async reject rejectText result dom".split()
COMMAND_LINE = ["--flag", "--value", "v w", "--empty", "", "--followed", "-x", "plain", "--foo=bar", "--", "-", "\u00e9", "--last"]


class Case:
    """One run: a name, the arguments of the program, the directory of modules, and whether the server is used."""

    def __init__(self, name, arguments, modules=MODULES, server=False):
        self.name = name
        self.arguments = arguments
        self.modules = modules
        self.server = server


def task(name, *arguments, **keywords):
    return Case(" ".join((name,) + arguments), ["--backgroundtask", name, *arguments], **keywords)


CASES = [
    *(task("exit", value) for value in EXIT_VALUES),
    *(task("throws", way) for way in THROWS),
    *(task("unhandled", way) for way in ("rejection", "timer", "nothing")),
    *(task("module_" + what) for what in ("syntax", "throws", "await", "dependency", "link", "default", "empty", "constant")),
    *(task(name) for name in ("timeout", "timeout_text", "timeout_minimum", "settled_minimum", "quit", "console", "text",
                              "timers", "prefs", "modules", "paths", "versions", "fetch_api", "system")),
    *(task("print_" + name, modules=JS_MODULES) for name in ("components", "crypto", "ioutils", "language", "paths", "services")),
    Case("command_line", ["--backgroundtask", "command_line", *COMMAND_LINE]),
    Case("spelling =", ["--backgroundtask=exit", "seven"]),
    Case("spelling -", ["-backgroundtask", "exit", "seven"]),
    Case("spelling case", ["--BackgroundTask", "exit", "seven"]),
    Case("spelling position", ["seven", "--backgroundtask", "exit"]),
    Case("spelling twice", ["--backgroundtask", "command_line", "--backgroundtask", "y"]),
    Case("no such task", ["--backgroundtask", "no_such_task"]),
    Case("no name", ["--backgroundtask", ""]),
    Case("name case", ["--backgroundtask", "EXIT", "seven"]),
    task("url", modules=JS_MODULES),
    task("url_api", modules=JS_MODULES),
    Case("fetch", ["--backgroundtask", "fetch"], server=True),
]

# Where we differ from Firefox on purpose: case, what is not compared, why.
SAID = "what a task ended in is said on stderr too, with its stack: stdout is the task's own"
LOADING = "which of the ways to be not loadable it was is said, with file, line and stack"
PLACES = "the places that were looked at are named"
DEVIATIONS = {
    "module_": ("stdout stderr", LOADING),
    "no such task": ("stdout stderr", PLACES),
    "no name": ("stdout stderr", PLACES),
    "name case": ("stdout stderr", PLACES),
    "throws": ("stderr stack", SAID + "; the engine's own frames and async marks differ between versions"),
    "throws undefined": ("stdout stderr", "Firefox prints undefined and null without the indentation of all else"),
    "throws null": ("stdout stderr", "Firefox prints undefined and null without the indentation of all else"),
    "throws object": ("stdout stderr", "the thrown object's text is printed, not a list of its members"),
    "throws dom": ("stdout stderr", "a DOMException is printed as other errors are, not as a list of its constants"),
    "throws result": ("stdout stderr", "an exception of XPCOM is printed by name and message"),
    "exit symbol": ("stdout stderr", "the engines' words for it differ; " + SAID),
    "print_components": ("stderr", "what a component in JS throws goes to its caller, who handles it; it is not an uncaught error"),
    "print_services": ("stderr", "what a component in JS throws goes to its caller, who handles it; it is not an uncaught error"),
    "settled_minimum": ("stdout", "Firefox says that it timed out, and yet takes the task's own code"),
}
# Lines on our stderr that Firefox has none of.
OURS = [
    (re.compile(r"^bgtask-runner: background task '"), "a timeout, or an exit code that loses bits, is said with its reason"),
    (re.compile(r"^    \S*@"), "an uncaught error has its stack"),
]


def deviation(case):
    """What of the case is not compared: by the longest prefix of its name."""
    prefixes = [prefix for prefix in DEVIATIONS if case.name.startswith(prefix)]
    return DEVIATIONS[max(prefixes, key=len)][0].split() if prefixes else []


NORMALISE = [
    (re.compile(r"file://\S*?/(tests/gecko/modules|tests/js)/"), "MODULES/"),
    (re.compile(r"http://(127\.0\.0\.1|localhost):\d+"), r"http://\1:PORT"),
    (re.compile(r"(\.sys\.mjs:\d+):\d+"), r"\1:C"),
    (re.compile(r"(\.sys\.mjs, line )\d+"), r"\1N"),
]
# Lines of Firefox that are about the machine and not about the task.
NOISE = re.compile(r"^(\[|Gtk-|Missing chrome or resource URL|\(firefox|Unable to |Failed to |.*dbus|.*(ATTENTION|GLib|libEGL|MESA|glxtest|Crash Annotation)|"
                   r".*(D-Bus|GDBus|ProfileMissing))", re.IGNORECASE)
BELOW = re.compile(r"@(resource://gre/modules/BackgroundTasksManager|resource://gre/modules/bgtask/)|^\S*\*?@?$")


def normalise(text, drop_stacks):
    lines = []
    in_stack = False
    for line in text.splitlines():
        if NOISE.match(line):
            continue
        if line.strip() == "Stack:":
            in_stack = True
        elif in_stack and "@" not in line:
            in_stack = False
            if line.strip() == "":
                continue
        if in_stack and (drop_stacks or BELOW.search(line.strip()) and line.strip() != "Stack:"):
            continue
        for pattern, replacement in NORMALISE:
            line = pattern.sub(replacement, line)
        lines.append(line)
    return "\n".join(lines)


class Result:
    def __init__(self, code, stdout, stderr):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr


def run(program, case, server):
    arguments = case.arguments + ([server.url] if case.server else [])
    with tempfile.TemporaryDirectory(prefix="bgtask-gecko.") as home:
        environment = {
            "HOME": home,
            "TMPDIR": home,
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "XPCSHELL_TESTING_MODULES_URI": "file://%s/" % case.modules,
            "MOZ_CRASHREPORTER_DISABLE": "1",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        done = subprocess.run([program, *arguments], cwd=home, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT, check=False)
    return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def differences(case, ours, firefox):
    """Lines that say how the two results differ."""
    ignored = deviation(case)
    found = []
    if ours.code != firefox.code:
        found.append("exit code %d, Firefox's is %d" % (ours.code, firefox.code))
    for stream in ("stdout", "stderr"):
        if stream in ignored:
            continue
        texts = [normalise(getattr(result, stream), "stack" in ignored).splitlines() for result in (firefox, ours)]
        if stream == "stderr":
            texts[1] = [line for line in texts[1] if not any(pattern.search(line) for pattern, _reason in OURS)]
        found.extend(difflib.unified_diff(*texts, "%s of Firefox" % stream, "%s here" % stream, lineterm="", n=0))
    return found


def main():
    arguments = sys.argv[1:]
    verbose = "-v" in arguments
    names = [argument for argument in arguments if argument != "-v"]
    firefox = shutil.which("firefox-esr")
    if not firefox:
        print("skipped: there is no firefox-esr to compare with")
        return SKIPPED
    with open(os.path.join(os.environ.get("top_builddir", os.path.join(TOP, "build")), "config.h"), encoding="ascii") as config:
        if "#define HAVE_SANITIZERS 1" in config.read():
            print("skipped: the build without sanitizers is compared; here it would take as long again, for Firefox most of it")
            return SKIPPED
    runner = os.path.join(os.environ.get("top_builddir", os.path.join(TOP, "build")), "bin", "bgtask-runner")
    if not os.access(runner, os.X_OK):
        print("there is no %s; build first" % runner)
        return 1
    cases = [case for case in CASES if not names or any(name in case.name for name in names)]
    server = http_fixture.Server()
    failed = 0
    try:
        with concurrent.futures.ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:
            theirs = [pool.submit(run, firefox, case, server) for case in cases]
            ours = [pool.submit(run, runner, case, server) for case in cases]
            for case, mine, other in zip(cases, ours, theirs):
                try:
                    found = differences(case, mine.result(), other.result())
                except subprocess.TimeoutExpired as error:
                    found = ["no end within %d s: %s" % (TIMEOUT, error.cmd[0])]
                failed += bool(found)
                if found or verbose:
                    print("%s %s" % ("FAIL" if found else "ok  ", case.name))
                for line in found:
                    print("     " + line)
    finally:
        server.stop()
    print("%d cases, %d differ" % (len(cases), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
