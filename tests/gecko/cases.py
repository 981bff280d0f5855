# SPDX-License-Identifier: MPL-2.0
"""What is run under both: tasks that need a process of their own, and areas of probes that share one.

A module and its arguments each. Modules are in modules/backgroundtasks, tables of probes in modules/probes.
"""

import copy
import fcntl
import json
import os
import re
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(HERE, "modules")
JS_MODULES = os.path.join(os.path.dirname(HERE), "js")
JS_TASKS = os.path.join(JS_MODULES, "backgroundtasks")

EXIT_VALUES = ("undefined null nan infinity object text function true false seven numeric list fraction valueOf symbol "
               "minusOne minus257 minusFraction n256 n300 large minusLarge beyondInt huge date hex padded notNumeric "
               "emptyList twoInList textObject primitive thenable error").split()
THROWS = "error reference text number undefined null object async reject rejectText result dom".split()
COMMAND_LINE = ["--flag", "--value", "v w", "--empty", "", "--followed", "-x", "plain", "--foo=bar", "--", "-", "\u00e9", "--last"]

# Tables of probes, modules/probes/AREA.sys.mjs; those of one row share a process.
AREAS = (
    ("console",),
    ("prefs", "command_line", "url"),
    ("nsfile", "ioutils", "pathutils"),
    ("services", "sandbox", "shutdown"),
    ("web", "dom", "crypto", "timing", "bytestreams"),
    ("profiles",),
    ("language", "iterators", "json", "buffers", "float16", "syntax"),
    ("temporal_core", "temporal_zones"),
    ("temporal_strings", "temporal_duration", "temporal_order"),
    ("temporal_plain", "temporal_fields", "temporal_locale"),
    ("temporal_zoned", "temporal_objects", "temporal_limits"),
    ("segments", "intl"),
)


class Case:
    """One run: a name, the arguments of the program, the directory of modules, whether the server is used, what is added to
    the environment ({home} in values and arguments is the directory that is HOME), what is done before (it may give what is
    to be closed afterwards), how often it is run, and whether at once; whether it is one of Firefox's own modules, taken from
    its archive, and what of HOME is listed at the end; whether lines come in an order that is the file system's."""

    def __init__(self, name, arguments, modules=MODULES, server=False, env=None, before=None, runs=1, together=False, own=False,
                 listed=None, unordered=False):
        self.name = name
        self.arguments = arguments
        self.modules = modules
        self.server = server
        self.env = env or {}
        self.before = before
        self.runs = runs
        self.together = together
        self.own = own
        self.listed = listed
        self.unordered = unordered


def task(name, *arguments, **keywords):
    return Case(" ".join((name,) + arguments), ["--backgroundtask", name, *arguments], **keywords)


def printing():
    """The print_ modules of tests/js, but for one that needs files."""
    names = (re.fullmatch(r"BackgroundTask_(print_\w+)\.sys\.mjs", name) for name in sorted(os.listdir(JS_TASKS)))
    return [name[1] for name in names if name and name[1] != "print_file"]


def generated_urls():
    """URLs of a generator, by seed and number; many of them when BGTASK_GECKO_ALL is set."""
    sets = [(1, 5000), (2, 5000), (3, 5000)] if os.environ.get("BGTASK_GECKO_ALL") else [(1, 500)]
    return [Case(f"generated urls {seed}", ["--backgroundtask", "url_generated", str(seed), str(count)]) for seed, count in sets]


def generated_temporal():
    """Calls of Temporal by seed and number for each operation; many of them when BGTASK_GECKO_ALL is set."""
    sets = [(seed, 1000) for seed in range(1, 6)] if os.environ.get("BGTASK_GECKO_ALL") else [(1, 60)]
    return [Case(f"generated temporal {seed}", ["--backgroundtask", "temporal_generated", str(seed), str(count)]) for seed, count in sets]


def make_profile(home):
    os.mkdir(os.path.join(home, "given"))
    with open(os.path.join(home, "given", "prefs.js"), "w", encoding="ascii") as prefs:
        prefs.write('user_pref("probe.given", 5);\n')


def lock_profile(home):
    make_profile(home)
    lock = open(os.path.join(home, "given", ".parentlock"), "w", encoding="ascii")
    fcntl.lockf(lock, fcntl.LOCK_EX)
    return lock


def lock_for_a_moment(home):
    """Long enough for the program to have tried, shorter than it tries."""
    lock = lock_profile(home)
    threading.Timer(1.5, lock.close).start()
    return lock


def link_profile(process):
    """The link of a lock without the lock itself, as if of that process."""
    def make(home):
        make_profile(home)
        os.symlink(f"127.0.0.1:+{process}", os.path.join(home, "given", "lock"))
    return make


def make_profile_with(**prefs):
    def make(home):
        make_profile(home)
        with open(os.path.join(home, "given", "prefs.js"), "a", encoding="ascii") as file:
            file.writelines(f'user_pref("toolkit.backgroundtasks.{name}", {value});\n' for name, value in prefs.items())
    return make


def make_profile_without_rights(home):
    """Root may all the same, here and in Firefox."""
    make_profile(home)
    os.chmod(os.path.join(home, "given"), 0o500)


def make_held(home):
    os.mkdir(os.path.join(home, "held"))


def make_links(home):
    for name, target in {"L": "d/target", "LL": "L", "LD": "d", "LB": "nowhere", "LS": "LS"}.items():
        os.symlink(target, os.path.join(home, name))


def own_suffix(home):
    """{x} in names."""
    return "_" + home.rpartition(".")[2]


def make_tree(home):
    """area/ with a directory, one that ends with the suffix, a file, a file with the suffix, a link to a directory outside. Names
    end with what makes them the case's own, since two tasks never remove directories of one name at once."""
    for name in ("area/gone{x}/deep", "area/kept", "area/old{x}.bak/x", "outside", "area/with space{x}"):
        os.makedirs(os.path.join(home, name.replace("{x}", own_suffix(home))))
    for name in ("area/gone{x}/deep/file", "area/gone{x}/two", "area/file{x}", "area/file{x}.bak", "outside/file"):
        with open(os.path.join(home, name.replace("{x}", own_suffix(home))), "w", encoding="ascii") as file:
            file.write("x")
    os.symlink(os.path.join(home, "outside"), os.path.join(home, "area", f"link{own_suffix(home)}.bak"))


def write_ping(home):
    os.mkdir(os.path.join(home, "area"))
    with open(os.path.join(home, "area", "ping.json"), "w", encoding="ascii") as file:
        json.dump({"id": "i", "type": "t", "payload": {}, "application": {}}, file)


def write_request(kind):
    """A request as the crash reporter writes it down; %s of the answer is put in its place."""
    part = {"name": "field", "content": {"type": "String", "value": "v"}}
    requests = {
        "post": {"type": "Post", "body": list(b"body"), "headers": [["X-Probe", "1"]]},
        "mime": {"type": "MimePost", "parts": [
            part, {"name": "f", "filename": "n.txt", "mime_type": "text/plain",
                   "content": {"type": "File", "value": "AREA/attached"}}]},
        "wrong": {"type": "Neither"},
    }

    def write(home):
        area = os.path.join(home, "area")
        os.mkdir(area)
        with open(os.path.join(area, "attached"), "w", encoding="ascii") as file:
            file.write("attachment")
        with open(os.path.join(area, "request.json"), "w", encoding="ascii") as file:
            file.write(json.dumps(requests[kind]).replace("AREA", area))
    return write


def own(name, *arguments, label="", **keywords):
    """One of Firefox's own modules, under its own name here too."""
    keywords.setdefault("env", {"MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT": "1"})
    label = label or " ".join(arguments).replace("{home}/", "").replace("{x}", "")
    return Case(f"own {name} {label}".strip(), ["--backgroundtask", name, *arguments], own=True, **keywords)


def remove(*arguments, **keywords):
    return own("removeDirectory", *arguments, before=make_tree, listed="area", **keywords)


def shipped(case):
    """The same of our task of that name, beside Firefox's: it ends the same, sends the same and leaves the same."""
    ours = copy.copy(case)
    ours.own = False
    ours.name = case.name.replace("own ", "shipped ", 1)
    return ours


AREA = "{home}/area"
# What a server does with a ping; the last one says nothing for as long as it is waited for.
PING_ANSWERS = {
    "refused": "/status/404",
    "failed": "/status/500",
    "no content": "/status/204",
    "redirected": "/redirect/307?to=/echo",
    "redirected, as GET": "/redirect/302?to=/echo",
    "redirected to a refusal": "/redirect/308?to=/status/403",
    "redirected for ever": "/loop",
    "redirected nowhere": "/nolocation",
    "cut short": "/truncated",
    "reset": "/reset",
    "silent": "/silent",
}
OWN = [
    own("success"),
    own("failure"),
    own("exception"),
    remove(),
    remove(AREA),
    remove(AREA, "gone{x}"),
    remove(AREA, "gone{x}", "10"),
    remove(AREA, "gone{x}", "10", ".bak", unordered=True),
    remove(AREA, "gone{x}", "10", "*", unordered=True),
    remove(AREA, "with space{x}", "10"),
    remove(AREA, "absent{x}", "1"),
    remove(AREA, "absent{x}", "1", ".bak", unordered=True),
    remove(AREA, "file{x}", "1"),
    remove(AREA, "", "1", ".bak", unordered=True),
    remove(AREA, "", "1"),
    remove(AREA, "..", "1"),
    remove(AREA, "gone{x}/deep", "1"),
    remove("relative", "gone{x}", "1"),
    remove("{home}/missing", "gone{x}", "1", ".bak"),
    remove(AREA, "gone{x}", "x"),
    remove(AREA, "gone{x}", "10", ".bak", "more"),
    remove(AREA, "gone{x}", "10", "--test-sleep", "50"),
    remove(AREA, "gone{x}", "10", label="silent", env={}),
    own("removeProfileFiles"),
    own("removeProfileFiles", AREA + "/gone{x}", AREA + "/kept", "1", before=make_tree, listed="area"),
    own("removeProfileFiles", AREA + "/gone{x}", AREA + "/gone{x}", "1", before=make_tree, listed="area"),
    own("removeProfileFiles", AREA + "/absent", AREA + "/kept", "1", before=make_tree, listed="area"),
    own("removeProfileFiles", AREA + "/gone{x}", AREA + "/absent", "1", before=make_tree, listed="area"),
    own("pingsender"),
    own("pingsender", "{server}/echo", AREA + "/ping.json", label="sent", before=write_ping, listed="area", server=True),
    *(own("pingsender", "{server}" + path, AREA + "/ping.json", label=label, before=write_ping, listed="area", server=True)
      for label, path in PING_ANSWERS.items()),
    own("pingsender", "{closed}/", AREA + "/ping.json", label="nobody listens", before=write_ping, listed="area"),
    own("pingsender", "https://example.com/", AREA + "/ping.json", label="not allowed", before=write_ping, listed="area"),
    own("pingsender", "{server}/echo", AREA + "/none.json", label="no such ping", server=True),
    own("pingsender", "{server}/echo", label="without a file", server=True),
    own("crashreporterNetworkBackend"),
    *(own("crashreporterNetworkBackend", "{server}/echo", "Probe/1.0", AREA + "/request.json", label=kind,
          before=write_request(kind), listed="area", server=True) for kind in ("post", "mime", "wrong")),
    own("crashreporterNetworkBackend", "{server}/echo", "Probe/1.0", AREA + "/none", label="no request", server=True),
]

# They take half a minute each, and are therefore the first.
SLOW = [case for case in OWN if case.name.endswith(" silent") and "pingsender" in case.name]

PROFILE_ARGUMENT = ["--backgroundtask", "profile", "--profile", "{home}/given"]
CASES = [
    *SLOW,
    *(shipped(case) for case in SLOW),
    *(task("exit", value) for value in EXIT_VALUES),
    *(task("throws", way) for way in THROWS),
    *(task("unhandled", way) for way in ("rejection", "timer", "nothing", "no method")),
    *(task("module_" + what) for what in ("syntax", "throws", "await", "dependency", "link", "default", "empty", "constant")),
    *(task("function_" + what) for what in ("class", "generator", "zero", "slow")),
    *(task(name) for name in ("timeout", "timeout_text", "timeout_minimum", "settled_minimum", "quit", "console", "text",
                              "timers", "prefs", "modules", "paths", "versions", "fetch_api", "system")),
    *(task(name, modules=JS_MODULES) for name in printing()),
    task("print_file", modules=JS_MODULES, before=make_links),
    *(task("quit", *arguments) for arguments in (("eAttemptQuit", "44"), ("eConsiderQuit", "45"), ("eForceQuit", "300"),
                                                 ("eForceQuit", "-1"), ("eForceQuit",), ("none", "46"), ("later",))),
    Case("command_line", ["--backgroundtask", "command_line", *COMMAND_LINE]),
    Case("command_line, what is consumed", ["--headless", "--backgroundtask", "command_line", "--attach-console", "x", "-headless",
                                            "--profile", "{home}/given", "y"], before=make_profile),
    # Times that a profile says.
    Case("function_computed", ["--backgroundtask", "function_computed", "--profile", "{home}/given"], before=make_profile),
    Case("times, timeout of 0", ["--backgroundtask", "waits", "--profile", "{home}/given"],
         before=make_profile_with(defaultTimeoutSec=0, defaultMinTaskRuntimeMS=1)),
    Case("times, timeout of 1", ["--backgroundtask", "waits", "--profile", "{home}/given"],
         before=make_profile_with(defaultTimeoutSec=1, defaultMinTaskRuntimeMS=0)),
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
    *generated_urls(),
    *generated_temporal(),
    Case("fetch", ["--backgroundtask", "fetch"], server=True),
    Case("exchange", ["--backgroundtask", "exchange"], server=True),
    # Profiles: names, which one it is, what stays.
    task("profile"),
    Case("profile, given", PROFILE_ARGUMENT, before=make_profile),
    Case("profile, by environment", ["--backgroundtask", "profile"], before=make_profile,
         env={"XRE_PROFILE_PATH": "{home}/given"}),
    Case("profile, by environment and given", ["--backgroundtask", "profile", "--profile", "{home}"], before=make_profile,
         env={"XRE_PROFILE_PATH": "{home}/given"}),
    Case("profile, by environment, relative", ["--backgroundtask", "profile"], before=make_profile, env={"XRE_PROFILE_PATH": "given"}),
    Case("profile, by environment, absent", ["--backgroundtask", "profile"], env={"XRE_PROFILE_PATH": "{home}/none"}),
    Case("profile, relative", ["--backgroundtask", "profile", "--profile", "given"], before=make_profile),
    Case("profile, absent", ["--backgroundtask", "profile", "--profile", "{home}/none"]),
    Case("profile, empty", ["--backgroundtask", "profile", "--profile", ""]),
    Case("profile, kept when asked for", ["--backgroundtask", "profile"], env={"MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE": "1"},
         runs=2),
    Case("profile, temporary, twice", ["--backgroundtask", "profile", "count"], runs=2),
    Case("profile, given, twice", [*PROFILE_ARGUMENT, "count"], before=make_profile, runs=2),
    task("not_ephemeral_profile", "count", runs=2),
    Case("profile, three at once", ["--backgroundtask", "profile", "hold"], before=make_held, runs=3, together=True),
    # Conflicts of locks.
    Case("locked profile", ["--backgroundtask", "locked", "--profile", "{home}/given"], before=lock_profile),
    Case("locked profile, for a moment", PROFILE_ARGUMENT, before=lock_for_a_moment),
    Case("locked profile, link of a process that is gone", PROFILE_ARGUMENT, before=link_profile(2 ** 22 - 1)),
    Case("locked profile, link of a process that lives", PROFILE_ARGUMENT, before=link_profile(os.getpid())),
    Case("locked profile, no right to lock", PROFILE_ARGUMENT, before=make_profile_without_rights),
    Case("profile, that is a file", ["--backgroundtask", "profile", "--profile", "{home}/given/prefs.js"], before=make_profile),
    Case("profile, that is not there", ["--backgroundtask", "profile", "--profile", "{home}/given"]),
    Case("profile, without a value", ["--backgroundtask", "profile", "--profile"]),
    # Output.
    task("no_output"),
    task("no_output", "--attach-console"),
    Case("no_output, attached and overridden", ["--backgroundtask", "no_output", "x", "--ATTACH-console", "-attach-console"],
         env={"MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT": "1"}),
    own("pingsender", "--attach-console", "{server}/echo", AREA + "/ping.json", label="attached", before=write_ping,
        listed="area", server=True, env={}),
    Case("no_output, overridden", ["--backgroundtask", "no_output"], env={"MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT": "1"}),
    Case("no_output, not overridden", ["--backgroundtask", "no_output"], env={"MOZ_BACKGROUNDTASKS_IGNORE_NO_OUTPUT": ""}),
    # The end.
    *(task("shutdown", way) for way in ("topics", "phases", "blocker", "throwing", "order", "late")),
    *(case for case in OWN if case not in SLOW),
    *(shipped(case) for case in OWN if case not in SLOW and case.arguments[1] in ("pingsender", "removeDirectory", "removeProfileFiles")),
]
