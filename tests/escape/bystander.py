# SPDX-License-Identifier: MPL-2.0
"""A process outside of the run, of the same user: what a run must not be able to touch.

    bystander.py DIRECTORY

listens on DIRECTORY/service.sock and log.sock, on an abstract socket and on a TCP and a UDP port of 127.0.0.1, makes
a shared memory segment and a message queue with its process id as their key, and appends a line to DIRECTORY/events
for each connection, datagram and SIGUSR1. Prints its ports when all is there; ends with its standard input."""

import ctypes
import os
import pathlib
import select
import signal
import socket
import sys

IPC_CREAT, IPC_RMID = 0o1000, 0


def main(directory):
    directory = pathlib.Path(directory)
    events = os.open(directory / "events", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    libc = ctypes.CDLL(None, use_errno=True)

    def tell(text):
        os.write(events, text.encode() + b"\n")

    signal.signal(signal.SIGUSR1, lambda *_: tell("signal"))
    sockets = {}

    def listen(name, family, kind, address):
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(16)
        sockets[listener] = name
        return listener

    listen("service", socket.AF_UNIX, socket.SOCK_STREAM, str(directory / "service.sock"))
    listen("log", socket.AF_UNIX, socket.SOCK_DGRAM, str(directory / "log.sock"))
    listen("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0bgtaskd-escape-{os.getpid()}")
    tcp = listen("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    udp = listen("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
    memory = libc.shmget(os.getpid(), 4096, IPC_CREAT | 0o600)
    queue = libc.msgget(os.getpid(), IPC_CREAT | 0o600)
    print(tcp.getsockname()[1], udp.getsockname()[1], flush=True)
    try:
        while True:
            ready, _, _ = select.select([sys.stdin, *sockets], [], [])
            if sys.stdin in ready:
                return
            for listener in ready:
                if listener.type == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recv(4096)
                tell(sockets[listener])
    finally:
        libc.shmctl(memory, IPC_RMID, None)
        libc.msgctl(queue, IPC_RMID, None)


if __name__ == "__main__":
    main(sys.argv[1])
