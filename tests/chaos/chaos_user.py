#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The chaos as a plain user, whose runs are kept in by other means than root's. Skipped where that cannot be tried."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402  (found through the line above)

NOBODY = "65534"
AS_NOBODY = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(harness.SKIP)


def reaches(*what):
    """Whether the user can do that."""
    return subprocess.run([*AS_NOBODY, *what], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def main():
    if not harness.have_background_tasks():
        skip("this build has no daemon")
    if os.geteuid() != 0:
        skip("not root: chaos.py has been run by a plain user")
    if not reaches("test", "-x", harness.BINDIR / "bgtaskd") or not reaches("test", "-r", HERE / "chaos.py"):
        skip(f"user {NOBODY} cannot reach {harness.BINDIR} and {HERE}")
    python = next((path for path in (sys.executable, "/usr/bin/python3") if reaches("test", "-x", path)), None)
    if python is None:
        skip(f"user {NOBODY} has no Python")
    cycles = os.environ.get("CHAOS_USER_CYCLES") or ("4" if harness.have_sanitizers() else "10")
    environment = {**os.environ, "HOME": "/nonexistent", "top_srcdir": str(harness.SRCDIR),
                   "top_builddir": str(harness.BUILDDIR), "CHAOS_CYCLES": cycles}
    os.execvpe("setpriv", [*AS_NOBODY, python, "-B", str(HERE / "chaos.py")], environment)


if __name__ == "__main__":
    main()
