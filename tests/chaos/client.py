# SPDX-License-Identifier: MPL-2.0
"""One client of the chaos: asks for runs, in each way that there is, until it is told that it has them.

usage: client.py NUMBER SEED SOCKET DIRECTORY BGTASKCTL

What it sends is in its journal before it is sent, what it is told when it is told; both are written through. An
answer that does not come is asked for again with the same key. It ends after DIRECTORY/enough has appeared and all
its keys are acknowledged.
"""

import ctypes
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

from kinds import KINDS

PATIENCE_S = 60
QUEUE_ENOUGH = 40


# Errors after which the same is asked for again.
AGAIN = ("ShuttingDown", "StoreFailed", "QueueFull", "TooManyConnections", "TooSlow", "TooManyRequests")


class Lost(Exception):
    """The daemon went away, or would not answer now."""


class NotActive(Exception):
    """The run had ended before it could be cancelled."""


class Journal:
    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, **entry):
        line = json.dumps(entry).encode() + b"\n"
        if os.write(self.fd, line) != len(line):
            raise OSError("short write to the journal")
        os.fsync(self.fd)


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.socket.settimeout(PATIENCE_S)
        self.buffer = b""
        try:
            self.socket.connect(path)
        except OSError as e:
            self.socket.close()
            raise Lost(str(e)) from e

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def send(self, method, parameters, **flags):
        message = {"method": f"io.bgtaskd.Manager.{method}", "parameters": parameters, **flags}
        try:
            self.socket.sendall(json.dumps(message).encode() + b"\0")
        except OSError as e:
            raise Lost(str(e)) from e

    def receive(self):
        """Parameters of the next answer, and whether more follow."""
        while b"\0" not in self.buffer:
            try:
                data = self.socket.recv(65536)
            except OSError as e:
                raise Lost(str(e) or type(e).__name__) from e
            if not data:
                raise Lost("the connection ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        answer = json.loads(message)
        error = answer.get("error", "").rpartition(".")[2]
        if error in AGAIN:
            raise Lost(error)
        if error == "NotActive":
            raise NotActive(error)
        if error:
            raise RuntimeError(f"the daemon answers {answer}")
        return answer["parameters"], answer.get("continues", False)

    def call(self, method, parameters):
        self.send(method, parameters)
        return self.receive()[0]


class ChaosClient:
    def __init__(self, number, seed, socket_path, directory, ctl):
        self.number = number
        self.random = random.Random(f"{seed}:client:{number}")
        self.socket_path = socket_path
        self.directory = pathlib.Path(directory)
        self.ctl = ctl
        self.journal = Journal(self.directory / f"client{number}.journal")
        self.count = 0
        self.losses = 0
        self.ways = {"detached": (self.detached, 6), "followed": (self.followed, 5), "twice": (self.twice, 3),
                     "batch": (self.batch, 2), "cancelled": (self.cancelled, 2), "waited": (self.waited, 3),
                     "ctl_detached": (self.ctl_detached, 2), "ctl_followed": (self.ctl_followed, 2)}

    # ---- what to ask for

    def request(self, kinds=None):
        names = kinds or list(KINDS)
        kind = KINDS[self.random.choices(names, [KINDS[name].weight for name in names])[0]]
        self.count += 1
        key = f"{self.number}-{self.count}-{self.random.getrandbits(32):08x}"
        args = [str(self.directory / "facts" / "facts"), key, str(self.random.randint(*kind.ms)),
                str(self.random.choice(kind.codes)), str(kind.kib)]
        self.journal.write(send=key, kind=kind.name, args=args)
        return {"task": kind.name, "args": args, "key": key}

    def told(self, request, run):
        self.journal.write(told=request["key"], id=run["id"])

    def ended(self, run):
        self.journal.write(ended=run["id"], state=run["state"], result=run.get("result"), exitCode=run.get("exitCode"))

    def until_told(self, attempt):
        """Try until it gets through; a daemon that is not there comes back."""
        deadline = time.monotonic() + 5 * PATIENCE_S
        while True:
            try:
                return attempt()
            except Lost:
                self.losses += 1
                if time.monotonic() > deadline:
                    raise
                time.sleep(self.random.uniform(0.01, 0.1))

    # ---- ways to ask

    def detached(self):
        request = self.request()

        def attempt():
            with Connection(self.socket_path) as connection:
                self.told(request, connection.call("Run", request)["run"])
        self.until_told(attempt)

    def followed(self):
        request = self.request()

        def attempt():
            with Connection(self.socket_path) as connection:
                connection.send("Run", request, more=True)
                answer, more = connection.receive()
                self.told(request, answer["run"])
                while more:
                    answer, more = connection.receive()
                self.ended(answer["run"])
        self.until_told(attempt)

    def twice(self):
        """The same key over two connections at a time, and once more after that."""
        request = self.request()

        def attempt():
            with Connection(self.socket_path) as one, Connection(self.socket_path) as other:
                one.send("Run", request)
                other.send("Run", request)
                self.told(request, one.receive()[0]["run"])
                self.told(request, other.receive()[0]["run"])
        self.until_told(attempt)
        self.until_told(attempt)

    def batch(self):
        """Many requests at once; those that were not answered are asked for again."""
        requests = [self.request() for _ in range(self.random.randint(2, 12))]

        def attempt():
            with Connection(self.socket_path) as connection:
                for request in requests:
                    connection.send("Run", request)
                while requests:
                    self.told(requests[0], connection.receive()[0]["run"])
                    del requests[0]
        self.until_told(attempt)

    def waited(self):
        request = self.request()

        def ask():
            with Connection(self.socket_path) as connection:
                run = connection.call("Run", request)["run"]
                self.told(request, run)
                return run["id"]
        run_id = self.until_told(ask)

        def attempt():
            with Connection(self.socket_path) as connection:
                self.ended(connection.call("Wait", {"id": run_id})["run"])
        self.until_told(attempt)

    def cancelled(self):
        request = self.request(["long", "adopted", "again"])

        def ask():
            with Connection(self.socket_path) as connection:
                run = connection.call("Run", request)["run"]
                self.told(request, run)
                return run["id"]
        run_id = self.until_told(ask)
        time.sleep(self.random.uniform(0, 0.3))
        self.journal.write(cancel=run_id)
        try:
            with Connection(self.socket_path) as connection:
                self.ended(connection.call("Cancel", {"id": run_id})["run"])
        except (Lost, NotActive):
            pass  # the daemon ended before, or the run did

    def run_ctl(self, *args):
        command = [self.ctl, "--socket", self.socket_path, "--json", *args]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, timeout=PATIENCE_S, check=False)
            return json.loads(done.stdout)
        except (ValueError, subprocess.TimeoutExpired) as e:
            raise Lost(str(e)) from e

    def ctl_detached(self):
        request = self.request()

        def attempt():
            self.told(request, self.run_ctl("run", "--detach", f"--key={request['key']}", request["task"],
                                            *request["args"]))
        self.until_told(attempt)

    def ctl_followed(self):
        request = self.request()

        def attempt():
            run = self.run_ctl("run", f"--key={request['key']}", request["task"], *request["args"])
            self.told(request, run)
            self.ended(run)
        self.until_told(attempt)

    # ---- its life

    def enough(self):
        return (self.directory / "enough").exists()

    def queue_is_long(self):
        try:
            with Connection(self.socket_path) as connection:
                return connection.call("Status", {})["status"]["queued"] > QUEUE_ENOUGH
        except Lost:
            return False

    def run(self):
        names = list(self.ways)
        while not self.enough():
            way = self.random.choices(names, [self.ways[name][1] for name in names])[0]
            self.ways[way][0]()
            time.sleep(self.random.uniform(0, 0.08))
            while self.queue_is_long() and not self.enough():
                time.sleep(0.1)
        print(f"client {self.number}: {self.count} requests, {self.losses} times without an answer")


def main():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    number, seed, socket_path, directory, ctl = sys.argv[1:]
    ChaosClient(int(number), seed, socket_path, directory, ctl).run()


if __name__ == "__main__":
    main()
