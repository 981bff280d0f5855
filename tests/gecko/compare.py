#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The same modules here and in Firefox: exit code, stdout, stderr, and what each probe gives must be the same.

    compare.py [-v] [NAME…]      NAME: only cases, areas and probes whose name contains it

cases.py has what is run. Where we differ on purpose, differences.txt says so with its reason: a difference that is not
listed is a failure, and so is one that is listed and is none any more. With BGTASK_GECKO_ALL in the environment 15000 URLs
of a generator are compared, and not 500, and 5000 calls of each operation of Temporal, not 60. Skipped (exit code 77) where firefox-esr is not
installed. Places, stacks below the task's own frames, columns and the names of programs are evened out.
"""

import concurrent.futures
import difflib
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "integration"))
import cases  # noqa: E402
import http_fixture  # noqa: E402

SKIPPED = 77
TIMEOUT = 300
# A server that is not there: both programs find the same.
CLOSED = f"http://localhost:{http_fixture.closed_port()}"
# Of a result; what is left in the directory of the case is the last one.
STREAMS = ("stdout", "stderr", "left")


class Differences:
    """differences.txt: rows KIND NAME, an indented reason below each. Kinds: probe, case (with what is not compared: code,
    stdout, stderr, left or stack, before the name), line (a pattern of lines on our stderr). A name may have *."""

    def __init__(self, path):
        self.rows = []
        self.seen = set()
        with open(path, encoding="utf-8") as file:
            blocks = re.findall(r"(?m)^([^\s#]\S*) ?(.*)\n((?:    .*\n?)*)", file.read())
        for kind, name, reason in blocks:
            if kind not in ("probe", "case", "line"):
                raise ValueError(f"{path}: {kind} {name}: there is no such kind")
            if not reason.strip():
                raise ValueError(f"{path}: {kind} {name}: there is no reason")
            self.rows.append((kind, name))

    def probe(self, name):
        """Whether the probe may differ; it does."""
        for row in self.rows:
            if row[0] == "probe" and (row[1] == name or fnmatch.fnmatchcase(name, re.sub(r"([\[?])", r"[\1]", row[1]))):
                self.seen.add(row)
                return True
        return False

    def case(self, name):
        """{what: row} that is not compared, by the row with the longest name that fits."""
        fitting = [row for row in self.rows if row[0] == "case" and fnmatch.fnmatchcase(name, row[1].split(" ", 1)[1])]
        if not fitting:
            return {}
        row = max(fitting, key=lambda fits: len(fits[1].split(" ", 1)[1]))
        return {what: (*row, what) for what in row[1].split(" ", 1)[0].split(",")}

    def without_own_lines(self, lines):
        kept = []
        for line in lines:
            rows = [row for row in self.rows if row[0] == "line" and re.search(row[1], line)]
            self.seen.update(rows)
            if not rows:
                kept.append(line)
        return kept

    def stale(self):
        """Rows, and of cases single words of them, that nothing differs in."""
        of_cases = [(*row, what) for row in self.rows if row[0] == "case" for what in row[1].split(" ", 1)[0].split(",")]
        return [row for row in (*(row for row in self.rows if row[0] != "case"), *of_cases) if row not in self.seen]


NORMALISE = [
    (re.compile(r"resource://(?:/|gre/)modules/backgroundtasks/"), "BACKGROUNDTASKS/"),
    (re.compile(r"file://\S*?/(tests/gecko/modules|tests/js)/"), "MODULES/"),
    (re.compile(r"http://(127\.0\.0\.1|localhost):\d+"), r"http://\1:PORT"),
    (re.compile(r"(\.sys\.mjs:\d+):\d+"), r"\1:C"),
    (re.compile(r"(\.sys\.mjs, line )\d+"), r"\1N"),
    (re.compile(r"^(console\.time(?:End)?: .* @ )[0-9.]+$"), r"\1N"),
    # Of a DOMException that the console lists: one frame that it came from and all of them, in one line each.
    (re.compile(r"^(    - location = ).+"), r"\1…"),
    (re.compile(r"\w*@resource://gre/modules/BackgroundTasksManager\.sys\.mjs:\d+:\w+\|"), ""),
]
# Lines of Firefox that are about the machine and not about the task.
NOISE = re.compile(r"^(\[|Gtk-|Missing chrome or resource URL|\(firefox|Unable to |Failed to |.*dbus|.*(ATTENTION|GLib|libEGL|MESA|glxtest|Crash Annotation)|"
                   r".*(D-Bus|GDBus|ProfileMissing))", re.IGNORECASE)
# What the console lists of a DOMException that is a stack or comes of it.
PLACES = re.compile(r"    - (columnNumber|filename|lineNumber|location|stack) = ")
# Frames of Firefox's manager, where a trace is printed.
MANAGER = re.compile(r"(runBackgroundTaskNamed@)?(resource://gre/modules/BackgroundTasksManager|_asksManager)\.sys\.mjs[: ]\d+")
BELOW = re.compile(r"@(resource://gre/modules/BackgroundTasksManager|resource://gre/modules/bgtask/)|^\S*\*?@?$")


def normalise(text, drop_stacks):
    lines = []
    in_stack = False
    for line in text.splitlines():
        if NOISE.match(line) or MANAGER.match(line):
            continue
        if line.strip() == "Stack:":
            in_stack = True
        elif in_stack and "@" not in line:
            in_stack = False
            if line.strip() == "":
                continue
        if in_stack and (drop_stacks or BELOW.search(line.strip()) and line.strip() != "Stack:"):
            continue
        if drop_stacks and PLACES.match(line):
            continue
        for pattern, replacement in NORMALISE:
            line = pattern.sub(replacement, line)
        lines.append(line)
    return "\n".join(lines)


class Result:
    def __init__(self, code, stdout, stderr, left=""):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.left = left


def environment_of(case, home):
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
    environment.update({name: value.replace("{home}", home) for name, value in case.env.items()})
    return environment


def essentials(text):
    """Of a request that the server has echoed, what the task has said: clients have headers of their own."""
    try:
        request = json.loads(text)
        headers = {name: value for name, value in request["headers"] if name in ("user-agent", "content-type", "x-probe")}
        boundary = headers.get("content-type", "").partition("boundary=")[2]
        text = json.dumps([request["method"], request["path"], sorted(headers.items()), request["body"]])
        return text.replace(boundary, "BOUNDARY") if boundary else text
    except (ValueError, TypeError, KeyError):
        return text


def listing(top):
    """What there is in and below a directory: names, and what files say as far as they are text."""
    lines = []
    for folder, folders, files in sorted(os.walk(top)):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            text = ""
            if os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = essentials(file.read())
            lines.append(f"left: {os.path.relpath(path, top)} {text}\n")
    return "".join(lines)


def run(program, case, server, own_modules=None):
    """The result of the last run; outputs of several are joined, those of several at once in the order of their text."""
    with tempfile.TemporaryDirectory(prefix="bgtask-gecko.") as home:
        url = server.url.replace("127.0.0.1", "localhost")
        own_suffix = cases.own_suffix(home)
        values = {"{home}": home, "{server}": url, "{closed}": CLOSED, "{x}": own_suffix}
        arguments = [re.sub(r"\{\w+\}", lambda match: values.get(match[0], match[0]), argument) for argument in case.arguments]
        if case.server and not any("{server}" in argument for argument in case.arguments):
            arguments.append(server.url)
        if case.own and own_modules:
            arguments = ["--app-dir", own_modules, *arguments]
        held = case.before(home) if case.before else None

        def once():
            done = subprocess.run([program, *arguments], cwd=home, env=environment_of(case, home), stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=TIMEOUT, check=False)
            return Result(done.returncode, *(text.decode("utf-8", "replace").replace(home, "HOME").replace(own_suffix, "")
                                             for text in (done.stdout, done.stderr)))
        try:
            if case.together:
                with concurrent.futures.ThreadPoolExecutor(max_workers=case.runs) as pool:
                    results = sorted(pool.map(lambda _: once(), range(case.runs)), key=lambda result: result.stdout)
            else:
                results = [once() for _ in range(case.runs)]
        finally:
            if held:
                held.close()
        left = listing(os.path.join(home, case.listed)).replace(home, "HOME").replace(own_suffix, "") if case.listed else ""
    return Result(results[-1].code, "".join(result.stdout for result in results),
                  "".join(result.stderr for result in results), left)


def take_own_modules(program, directory):
    """Firefox's own background tasks, out of its archive into an application directory."""
    folder = "modules/backgroundtasks"
    archive = os.path.join(os.path.dirname(os.path.realpath(program)), "omni.ja")
    with zipfile.ZipFile(archive) as modules:
        for name in modules.namelist():
            if re.fullmatch(folder + r"/BackgroundTask_\w+\.sys\.mjs", name):
                modules.extract(name, directory)
    return directory


def stream_of(result, stream, listed, drop_stacks, own):
    lines = normalise(getattr(result, stream), drop_stacks).splitlines()
    return listed.without_own_lines(lines) if own and stream == "stderr" else lines


def differences(case, ours, firefox, listed):
    """Lines that say how the two results differ."""
    allowed = listed.case(case.name)
    found = []
    if ours.code != firefox.code and "code" in allowed:
        listed.seen.add(allowed["code"])
    elif ours.code != firefox.code:
        found.append("exit code %d, Firefox's is %d" % (ours.code, firefox.code))
    for stream in STREAMS:
        texts = {drop: [stream_of(result, stream, listed, drop, result is ours) for result in (firefox, ours)]
                 for drop in (False, True)}
        if "stack" in allowed and texts[False][0] != texts[False][1] and texts[True][0] == texts[True][1]:
            listed.seen.add(allowed["stack"])
        pair = texts["stack" in allowed]
        if case.unordered:
            pair = [sorted(lines) for lines in pair]
        if pair[0] == pair[1]:
            continue
        if stream in allowed:
            listed.seen.add(allowed[stream])
        else:
            found.extend(difflib.unified_diff(*pair, "%s of Firefox" % stream, "%s here" % stream, lineterm="", n=0))
    return found


WHOLE = ": all of it"


def outcomes(area, result):
    """{probe: what it printed and gave}, in order. Frames of the library are not told, in what is printed either. An area that
    did not end as it should is an outcome of its own, which never passes."""
    found = {}
    pattern = r"(?ms)^@@probe (.*?)\n(.*?)\n@@((?:gives|throws|did not).*?)\n(?=@@probe |\Z)"
    for name, printed, text in re.findall(pattern, result.stdout):
        number = 2
        unique = name
        while unique in found:
            unique = f"{name} #{number}"
            number += 1
        printed = "".join(line + "\n" for line in printed.splitlines() if "@resource://gre/modules/" not in line)
        found[unique] = printed + text
    if result.code != 0 or not found:
        found[area[0] + WHOLE] = f"exit code {result.code}: {result.stderr[-2000:]}"
    return found


def probe_differences(area, ours, firefox, listed, names):
    """[(probe, lines)]"""
    mine, theirs = outcomes(area, ours), outcomes(area, firefox)
    found = []
    for name in {**theirs, **mine}:
        whole = name.endswith(WHOLE)
        if names and not whole and not any(part in name for part in names):
            continue
        pair = (theirs.get(name, "(no such probe)"), mine.get(name, "(no such probe)"))
        same = not whole and (pair[0] == pair[1] or listed.probe(name))
        lines = [] if same else [f"Firefox: {pair[0]}", f"here:    {pair[1]}"]
        found.append((name, lines))
    return found


def report(name, lines, verbose):
    if lines or verbose:
        print("%s %s" % ("FAIL" if lines else "ok  ", name))
    for line in lines:
        print("     " + line)
    return bool(lines)


class Comparison:
    def __init__(self, programs, own_modules, server, names, verbose):
        self.programs = programs
        self.own_modules = own_modules
        self.server = server
        self.names = names
        self.verbose = verbose
        self.listed = Differences(os.path.join(HERE, "differences.txt"))
        self.count = 0
        self.failed = 0

    def _note(self, name, lines):
        self.count += 1
        self.failed += report(name, lines, self.verbose)

    def _wanted(self, name):
        return not self.names or any(part in name for part in self.names)

    def _exists(self, case):
        """Some of Firefox's own modules are for its tests alone; Debian's package of 153 has all that cases.py names."""
        task_name = case.arguments[1]
        path = os.path.join(self.own_modules, "modules", "backgroundtasks", f"BackgroundTask_{task_name}.sys.mjs")
        if case.own and not os.path.exists(path):
            print(f"not looked at: {case.name}: this Firefox does not ship {task_name}")
            return False
        return True

    def run(self):
        areas = [area for area in cases.AREAS
                 if not self.names or any(part.split(":")[0] in " ".join(area) for part in self.names)]
        single = [case for case in cases.CASES if self._wanted(case.name) and self._exists(case)]
        whole = [cases.Case(" ".join(area), ["--backgroundtask", "probes", *area]) for area in areas] + single
        # More than there are processors: a process waits most of its time, for its minimum runtime or its shutdown.
        with concurrent.futures.ThreadPoolExecutor(max_workers=3 * (os.cpu_count() or 1)) as pool:
            pending = [[pool.submit(run, program, case, self.server, modules)
                        for program, modules in zip(self.programs, (self.own_modules, None))] for case in whole]
            for index, (case, futures) in enumerate(zip(whole, pending)):
                try:
                    ours, theirs = (future.result() for future in futures)
                except subprocess.TimeoutExpired as error:
                    self._note(case.name, ["no end within %d s: %s" % (TIMEOUT, error.cmd[0])])
                    continue
                if index < len(areas):
                    for name, lines in probe_differences(areas[index], ours, theirs, self.listed, self.names):
                        self._note(name, lines)
                else:
                    self._note(case.name, differences(case, ours, theirs, self.listed))
        for kind, name, *what in [] if self.names else self.listed.stale():
            self._note(" ".join([kind, name]), [" ".join([*what, "is in differences.txt, and does not differ"])])
        print("%d probes, %d differ" % (self.count, self.failed))
        return 1 if self.failed else 0


def main():
    arguments = sys.argv[1:]
    firefox = shutil.which("firefox-esr")
    if not firefox:
        print("skipped: there is no firefox-esr to compare with")
        return SKIPPED
    build = os.environ.get("top_builddir", os.path.join(TOP, "build"))
    with open(os.path.join(build, "config.h"), encoding="ascii") as config:
        if "#define HAVE_SANITIZERS 1" in config.read():
            print("skipped: the build without sanitizers is compared; here it would take as long again, for Firefox most of it")
            return SKIPPED
    runner = os.path.abspath(os.path.join(build, "bin", "bgtask-runner"))
    if not os.access(runner, os.X_OK):
        print("there is no %s; build first" % runner)
        return 1
    server = http_fixture.Server()
    try:
        names = [argument for argument in arguments if argument != "-v"]
        with tempfile.TemporaryDirectory(prefix="bgtask-gecko.") as directory:
            own_modules = take_own_modules(firefox, directory)
            return Comparison((runner, firefox), own_modules, server, names, "-v" in arguments).run()
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
