# SPDX-License-Identifier: MPL-2.0
"""The processes that descend from this one, and signals to these alone.

This process is made the subreaper of all that it starts, so that an orphan becomes its child, as it would become
init's: whatever the daemon leaves behind is found here, and nothing else of the machine is.
"""

import contextlib
import ctypes
import dataclasses
import os
import signal

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


@dataclasses.dataclass(frozen=True)
class Member:
    pid: int
    parent: int
    name: str
    state: str
    started: int  # in ticks since the start of the machine: tells a pid that was used again


def read_member(pid):
    """None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    begin, end = text.index("("), text.rindex(")")
    words = text[end + 2:].split()
    return Member(pid, int(words[1]), text[begin + 1:end], words[0], int(words[19]))


def descendants(root=None):
    """{pid: Member} of all processes below @root (this one)."""
    children = {}
    for entry in os.listdir("/proc"):
        member = read_member(int(entry)) if entry.isdigit() else None
        if member:
            children.setdefault(member.parent, []).append(member)
    found, todo = {}, [root or os.getpid()]
    while todo:
        for member in children.get(todo.pop(), []):
            found[member.pid] = member
            todo.append(member.pid)
    return found


def send(member, number):
    """Signal exactly this process; False when it is no longer there."""
    try:
        pidfd = os.pidfd_open(member.pid)
    except OSError:
        return False
    try:
        now = read_member(member.pid)
        if not now or now.started != member.started:
            return False
        signal.pidfd_send_signal(pidfd, number)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(pidfd)


def reap_orphans(known):
    """Collect what has come here as an orphan and has ended; @known are collected by whoever started them."""
    for member in descendants().values():
        if member.parent == os.getpid() and member.state == "Z" and member.pid not in known:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(member.pid, os.WNOHANG)
