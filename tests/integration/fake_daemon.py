# SPDX-License-Identifier: MPL-2.0
"""A daemon that answers what a test tells it to, to see what the client makes of it.

    def answer(call, number):
        yield reply(run=RUN, continues=True)   # an object is sent as a message
        yield b"garbage\\0"                     # bytes are sent as they are
        yield CLOSE                            # the connection is closed
        yield HANG                             # nothing comes any more

    with FakeDaemon(path, answer) as fake:
        ...
    fake.calls                                 # what was asked, in order

answer() is called for each call; number counts connections from 0. A connection stays open after its answer.
"""

import json
import socket
import threading

CLOSE = object()
HANG = object()

RUN = {"id": 12, "task": "hello", "args": [], "state": "queued", "uid": 0, "queuedAt": 1700000000000000, "epoch": 0,
       "outputBytes": 0, "outputDropped": 0}


def run(**changes):
    """A run as the daemon would send it, with some fields changed."""
    return {**RUN, **changes}


def finished(**changes):
    return run(**{"state": "finished", "result": "success", "exitCode": 0, "startedAt": 1700000001000000,
                  "finishedAt": 1700000002500000, **changes})


def reply(continues=False, **parameters):
    message = {"parameters": parameters}
    if continues:
        message["continues"] = True
    return message


def error(name, /, **parameters):
    if "." not in name:
        name = f"io.bgtaskd.Manager.{name}"
    return {"error": name, "parameters": parameters}


def output(text=None, stream="stdout", offset=0, at=1700000001500000, **more):
    record = {"stream": stream, "offset": offset, "at": at, **more}
    if text is not None:
        record["text"] = text
    return record


class FakeDaemon:
    def __init__(self, path, answer):
        self.path = str(path)
        self.answer = answer
        self.calls = []
        self.connections = 0
        self._stop = threading.Event()
        self._sockets = []
        self._threads = []
        self._lock = threading.Lock()
        self._listener = None
        self._acceptor = None

    def __enter__(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(16)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *unused):
        self._stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        with self._lock:
            for connection in self._sockets:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        for thread in self._threads:
            thread.join()

    def _accept(self):
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                number = self.connections
                self.connections += 1
                self._sockets.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection, number):
        buffer = b""
        with connection:
            try:
                while True:
                    while b"\0" not in buffer:
                        data = connection.recv(65536)
                        if not data:
                            return
                        buffer += data
                    message, buffer = buffer.split(b"\0", 1)
                    call = json.loads(message)
                    with self._lock:
                        self.calls.append(call)
                    if not self._send(connection, self.answer(call, number)):
                        return
            except OSError:
                return

    def _send(self, connection, steps):
        for step in steps:
            if step is CLOSE:
                return False
            if step is HANG:
                self._stop.wait()
                return False
            connection.sendall(step if isinstance(step, bytes) else json.dumps(step).encode() + b"\0")
        return True
