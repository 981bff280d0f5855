# SPDX-License-Identifier: MPL-2.0
"""How long others wait while one user floods the control socket, against how long they wait when it is quiet.

Run as a program it is the flood: bench_flood.py SOCKET, over many connections, each with requests in advance and new
ones for each answer, some of them runs.
"""

import json
import os
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import time

NOBODY = 65534
CONNECTIONS = 64
AHEAD = 50
BLOCK_S = 0.3
STATUS = json.dumps({"method": "io.bgtaskd.Manager.Status"}).encode() + b"\0"
RUN = json.dumps({"method": "io.bgtaskd.Manager.Run", "parameters": {"task": "empty"}}).encode() + b"\0"


def flood(path):
    selector = selectors.DefaultSelector()

    def connect():
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(path)
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
        return connection

    def push(connection, data):
        try:
            connection.send(data)
        except BlockingIOError:
            pass
        except OSError:
            selector.unregister(connection)
            connection.close()
            connect()

    for _ in range(CONNECTIONS):
        push(connect(), STATUS * AHEAD)
    print("flooding", flush=True)
    while True:
        for key, _ in selector.select():
            try:
                answers = key.fileobj.recv(1 << 20).count(b"\0")
            except OSError:
                answers = 0
            push(key.fileobj, STATUS * max(1, answers - 1) + RUN if answers else STATUS)


def section_flood(options, daemon_of, one_run, percentile):
    """@daemon_of(prefs): a daemon; @one_run(connection): the latency of a run in us."""
    if os.geteuid() != 0:
        print("flood: not measured, only root can be two users")
        return
    print(f"flood: another user with {CONNECTIONS} connections, {AHEAD} requests ahead on each; latency of root's runs, in turn")
    with daemon_of({f"bgtaskd.access.user.{NOBODY}": "run"}) as daemon:
        daemon.socket.parent.chmod(0o755)
        daemon.directory.chmod(0o755)
        daemon.socket.chmod(0o666)
        command = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "/usr/bin/python3",
                   "-c", open(__file__, encoding="utf-8").read(), str(daemon.socket)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as flooder:
            try:
                if not flooder.stdout.readline():
                    print("  not measured: the flood did not begin")
                    return
                measure(options, daemon, flooder, one_run, percentile)
            finally:
                flooder.kill()


def measure(options, daemon, flooder, one_run, percentile):
    quiet, flooded = [], []
    for _ in range(options.rounds):
        for values, how in ((flooded, signal.SIGCONT), (quiet, signal.SIGSTOP)):
            flooder.send_signal(how)
            with daemon.connect() as connection:
                until_calm(connection, how == signal.SIGSTOP)
                until = time.monotonic() + BLOCK_S
                while time.monotonic() < until:
                    values.append(one_run(connection))
    for name, values in (("quiet", quiet), ("flooded", flooded)):
        print(f"    {name:<10} p50 {statistics.median(values) / 1000:8.2f}  p99 {percentile(values, 0.99) / 1000:8.2f}  "
              f"max {max(values) / 1000:8.2f} ms  n={len(values)}")


def until_calm(connection, calm):
    """The rest of the flood is answered, and its runs have ended."""
    while calm:
        status = connection.call("Status")["parameters"]["status"]
        if status["queued"] == status["running"] == 0:
            return
        time.sleep(0.01)


if __name__ == "__main__":
    flood(sys.argv[1])
