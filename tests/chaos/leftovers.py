# SPDX-License-Identifier: MPL-2.0
"""What a stopped daemon must not leave behind: files, profiles, locks, processes, cgroups, descriptors."""

import collections
import os
import pathlib
import re
import time

import family

REST_S = 15

# All that a state directory may hold when the daemon has ended; output of runs that are in the history.
STATE_FILES = re.compile(r"bgtaskd\.(db|db-wal|db-shm|lock|ballast)|output|output/\d+\.out|profiles|"
                         r"backups?|backups?/[^/]+|bgtaskd\.db\.[^/]+")
# And a run-time directory: the folders, empty.
RUNTIME_FILES = re.compile(r"profiles|runs|runs/boot|bgtaskd\.lock|control\.lock")


class Cgroups:
    """The groups that our processes were seen in. Other daemons make groups on this machine too, so that only what
    one of ours was in counts."""

    def __init__(self):
        self.mounts = mounts()
        self.own = self.groups_of("self")
        self.seen = set()

    def groups_of(self, pid):
        try:
            lines = pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        except OSError:
            return set()
        found = set()
        for line in lines:
            _, controllers, path = line.split(":", 2)
            for mount in self.mounts.get(controllers, ()):
                found.add(f"{mount}{path}")
        return found

    def look(self):
        for pid in family.descendants():
            self.seen |= self.groups_of(pid)

    def left(self):
        return sorted(path for path in self.seen - self.own if os.path.isdir(path) and not holds_others(path))


def mounts():
    """{controllers: mount points} of the cgroup hierarchies; "" is version 2."""
    found = {"": []}
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        words = line.split()
        kind, options = words[words.index("-") + 1], words[-1].split(",")
        if kind == "cgroup2":
            found[""].append(words[4])
        elif kind == "cgroup":
            found[",".join(option for option in options if option not in ("rw", "ro", "xattr"))] = [words[4]]
    return found


def holds_others(path):
    """Whether somebody who is not one of ours lives there: then it is not ours to remove."""
    try:
        pids = pathlib.Path(path, "cgroup.procs").read_text().split()
    except OSError:
        return False
    return bool(set(map(int, pids)) - family.descendants().keys())


def descriptors(pid):
    """{kind: how many} of a process; numbers of sockets and pipes are left out."""
    found = collections.Counter()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[re.sub(r":\[\d+\]", "", os.readlink(f"/proc/{pid}/fd/{number}"))] += 1
        except FileNotFoundError:
            continue
    return found


def descriptors_at_rest(pid):
    """The fewest within some seconds: clients that have just gone are closed in the daemon's next turn."""
    fewest, deadline, same = descriptors(pid), time.monotonic() + REST_S, 0
    while same < 20 and time.monotonic() < deadline:
        time.sleep(0.05)
        now = descriptors(pid)
        same = same + 1 if sum(now.values()) >= sum(fewest.values()) else 0
        fewest = now if same == 0 else fewest
    return fewest


def compare_descriptors(worn, fresh):
    """More than a fresh daemon has is a leak."""
    return [f"the daemon has {count} descriptors of {kind}, a fresh one {fresh[kind]}"
            for kind, count in sorted(worn.items()) if count > fresh[kind]]


def files(directory, allowed):
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if not allowed.fullmatch(name):
            yield f"{path} is left over"


def locks(directory):
    """Locks that anybody still holds on a file of ours."""
    inodes = {}
    for path in directory.rglob("*"):
        status = path.lstat()
        inodes[f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"] = path
    for line in pathlib.Path("/proc/locks").read_text().splitlines():
        words = line.split()
        for word in words:
            if word in inodes:
                yield f"{inodes[word]} is still locked: {line}"


def processes(known=()):
    for member in family.descendants().values():
        if member.pid not in known:
            yield f"process {member.pid} ({member.name}, state {member.state}) is left over"


def holders(directory, own):
    """Processes of others whose working directory, root or open files are in ours."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == own:
            continue
        for link in ("cwd", "root", "exe"):
            try:
                target = os.readlink(f"/proc/{entry}/{link}")
            except OSError:
                continue
            if target == str(directory) or target.startswith(f"{directory}/"):
                yield f"process {entry} has {link} {target}"


def find(daemon, groups):
    """All leftovers of a stopped daemon, one sentence each."""
    found = []
    found += files(daemon.state, STATE_FILES)
    found += files(daemon.runtime, RUNTIME_FILES)
    found += files(daemon.directory / "tmp", re.compile("$."))
    found += locks(daemon.directory)
    found += processes()
    found += holders(daemon.directory, os.getpid())
    found += [f"cgroup {path} is left over" for path in groups.left()]
    return found
