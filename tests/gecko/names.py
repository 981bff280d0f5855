#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Write scripts/gre/gecko.names: the names that Firefox has for what tasks may ask for.

    names.py        with Debian's firefox-esr at hand, when a new one is followed

What is on the list and does not exist here says so by name when it is used (scripts/gre/modules/bgtask/Missing.sys.mjs),
and what is not on it is undefined, as in Firefox. Members are listed for the interfaces and globals
that are here.
"""

import os
import re
import subprocess
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ROOT = "/usr/lib/firefox-esr"
# Folders of the archives, and what their modules are imported as.
FOLDERS = (("omni.ja", "modules/", "resource://gre/modules/"), ("browser/omni.ja", "modules/", "resource:///modules/"),
           ("omni.ja", "moz-src/", "moz-src:///"))
HEAD = """# Names that Gecko has, made by tests/gecko/names.py. KIND NAME; a member that is a function ends with ().
"""


def modules():
    for archive, folder, prefix in FOLDERS:
        with zipfile.ZipFile(os.path.join(ROOT, archive)) as names:
            for name in names.namelist():
                if name.startswith(folder) and name.endswith(".sys.mjs") and "/backgroundtasks/" not in name:
                    yield "module " + prefix + name.removeprefix(folder)


def names():
    here = []
    for path, pattern in (("scripts/gre/modules/bgtask/Interfaces.sys.mjs", r"(?m)^  (\w+): \[\"\{"),
                          ("runner/globals.c", r"(?m)^        GLOBAL\(\"(\w+)\"")):
        with open(os.path.join(TOP, path), encoding="utf-8") as table:
            here += re.findall(pattern, table.read())
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, HOME=home, TMPDIR=home, XPCSHELL_TESTING_MODULES_URI=f"file://{HERE}/tools/")
        done = subprocess.run(["firefox-esr", "--backgroundtask", "names", *here], env=environment, check=True,
                              capture_output=True, text=True)
    return re.findall(r"(?m)^@@(.*)$", done.stdout)


def main():
    lines = sorted(set(names()) | set(modules()))
    with open(os.path.join(TOP, "scripts", "gre", "gecko.names"), "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(line + "\n" for line in lines))
    print(f"{len(lines)} names")


if __name__ == "__main__":
    main()
