#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""All modules of Firefox, imported here, with the library's own in the place of those of their name.

What one of them does not find must be told by name: NS_ERROR_NOT_IMPLEMENTED, or a module that is not implemented. That
something is undefined, or no function, is a fault. Skipped (exit code 77) where firefox-esr is not installed, and for a build
with sanitizers, as compare.py is.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SKIPPED = 77
TIMEOUT = 120
# Where modules of Firefox's packages are in its two archives; resource://NAME/.
PACKAGES = {
    "autofill": "chrome/toolkit/res/autofill",
    "messaging-system": "chrome/toolkit/res/messaging-system",
    "newtab": "chrome/browser/builtin-addons/newtab",
    "nimbus": "chrome/toolkit/res/nimbus",
    "normandy": "chrome/toolkit/res/normandy",
    "passwordmgr": "chrome/toolkit/passwordmgr",
    "pdf.js": "chrome/pdfjs/content",
    "services-common": "modules/services-common",
    "services-settings": "modules/services-settings",
    "services-sync": "modules/services-sync",
}
PREFERENCES = ("greprefs.js", "defaults/preferences/firefox.js")
# What may fail, and why; in an error, or in a line that is printed.
ALLOWED = (
    r"NS_ERROR_NOT_IMPLEMENTED|not implemented",  # told by name
    r"NS_ERROR_UNEXPECTED\) \[nsIPrefBranch\.get\w+Pref\]",  # a preference of Firefox, compiled into it
    r"SharedDataMap: in shutdown",  # a module's own
)
FAULT = re.compile(r"is not a (function|constructor|object)|is (undefined|null)\b|has no propert|is not defined")
LEAST = 1000  # of some 1100 that can be named: the others fail by what is not implemented


def extract(archive, directory):
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.endswith((".mjs", ".js", ".json")):
                files.extract(name, directory)


def build_tree(program, firefox, directory):
    """DIRECTORY/bin with the program, share/bgtaskd/gre with both libraries, app: what the program takes for its own."""
    place = os.path.dirname(os.path.realpath(firefox))
    gre, app = os.path.join(directory, "share", "bgtaskd", "gre"), os.path.join(directory, "app")
    extract(os.path.join(place, "omni.ja"), gre)
    extract(os.path.join(place, "browser", "omni.ja"), app)
    shutil.copytree(os.path.join(gre, "moz-src"), app, dirs_exist_ok=True)
    shutil.copytree(os.path.join(TOP, "scripts", "gre"), gre, dirs_exist_ok=True)
    shutil.copytree(os.path.join(TOP, "scripts", "defaults"), os.path.join(directory, "share", "bgtaskd", "defaults"))
    for name in ("bin", "lib"):
        os.mkdir(os.path.join(directory, name))
    build = os.path.dirname(os.path.dirname(program))
    os.symlink(os.path.realpath(os.path.join(build, "lib", "bgtaskd")), os.path.join(directory, "lib", "bgtaskd"))
    return shutil.copy(program, os.path.join(directory, "bin")), gre, app


def modules_below(root, folder, prefix):
    for path, _, names in os.walk(os.path.join(root, folder)):
        for name in names:
            if name.endswith(".sys.mjs"):
                yield prefix + os.path.relpath(os.path.join(path, name), root)


def all_modules(gre, app):
    places = {name: next(root for root in (gre, app) if os.path.isdir(os.path.join(root, folder)))
              for name, folder in PACKAGES.items()}
    urls = [*modules_below(gre, "modules", "resource://gre/"), *modules_below(gre, "actors", "resource://gre/"),
            *modules_below(app, "modules", "resource:///"), *modules_below(app, "actors", "resource:///")]
    for folder in os.listdir(os.path.join(gre, "moz-src")):
        urls += modules_below(os.path.join(gre, "moz-src"), folder, "moz-src:///")
    for name, folder in PACKAGES.items():
        urls += modules_below(os.path.join(places[name], folder), "", f"resource://{name}/")
    # Tasks are not for importing, and the inside of the library is.
    urls = [url for url in urls if "/BackgroundTask_" not in url and "/modules/bgtask/" not in url]
    return sorted(urls), {name: os.path.join(places[name], folder) for name, folder in PACKAGES.items()}


def run(program, gre, app, directory):
    urls, places = all_modules(gre, app)
    listed = os.path.join(directory, "urls")
    with open(listed, "w", encoding="ascii") as file:
        file.write("\n".join(urls))
    preferences = [option for name in PREFERENCES for root in (gre, app) if os.path.exists(os.path.join(root, name))
                   for option in ("--prefs", os.path.join(root, name))]
    environment = dict(os.environ, HOME=directory, TMPDIR=directory, XPCSHELL_TESTING_MODULES_URI=f"file://{HERE}/modules/")
    command = [program, *preferences, "--app-dir", app, "--backgroundtask", "imports", listed,
               *(f"{name}={place}" for name, place in places.items())]
    return len(urls), subprocess.run(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                     timeout=TIMEOUT, check=False, encoding="utf-8", errors="replace")


def faults(result):
    """Lines that tell of something else than that it is not implemented."""
    found = []
    for line in (result.stdout + result.stderr).splitlines():
        url, failed, text = line.partition(" @@failed ")
        wrong = failed or line.startswith("JavaScript error: ") or FAULT.search(line)
        if wrong and not any(re.search(pattern, text if failed else line) for pattern in ALLOWED):
            found.append(line)
    return found


def main():
    firefox = shutil.which("firefox-esr")
    if not firefox:
        print("skipped: there is no firefox-esr whose modules could be imported")
        return SKIPPED
    build = os.path.abspath(os.environ.get("top_builddir", os.path.join(TOP, "build")))
    with open(os.path.join(build, "config.h"), encoding="ascii") as config:
        if "#define HAVE_SANITIZERS 1" in config.read():
            print("skipped: the build without sanitizers is looked at")
            return SKIPPED
    program = os.path.join(build, "bin", "bgtask-runner")
    with tempfile.TemporaryDirectory(prefix="bgtask-imports.") as directory:
        count, result = run(*build_tree(program, firefox, directory), directory)
    imported = result.stdout.count(" @@imported\n")
    found = faults(result)
    for line in found:
        print("FAIL " + line)
    if result.returncode != 0 or imported < LEAST:
        print(f"FAIL exit code {result.returncode}, {imported} imported\n{result.stderr[-2000:]}")
        return 1
    print(f"{count} modules, {imported} imported, {len(found)} with a fault")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
