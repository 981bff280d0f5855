# SPDX-License-Identifier: MPL-2.0
"""An HTTP server on 127.0.0.1 that behaves and misbehaves as its paths say, for the tests of fetch."""

import gzip
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import zlib


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes
    server_version = "fixture"
    sys_version = ""

    def log_message(self, *_args):
        pass

    def answer(self, status=200, body=b"", headers=(), content_type="text/plain"):
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        # A proxy's client sends the whole URL; its path says what is wanted all the same.
        name, _, self.rest = url.path.lstrip("/").partition("/")
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append((self.command, self.path))
        page = getattr(self, "page_" + name, None)
        if page is None:
            self.answer(404, b"no such page")
        else:
            page()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = handle_any

    # ---- pages

    def page_hello(self):
        self.answer(body=b"hello")

    def page_echo(self):
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": self.body.decode("latin-1"),
        }
        self.answer(body=json.dumps(seen).encode(), content_type="application/json")

    def page_status(self):
        self.answer(int(self.rest), b"status", content_type="text/plain")

    def page_redirect(self):
        self.answer(int(self.rest), b"moved", [("Location", self.query["to"])])

    def page_nolocation(self):
        self.answer(302, b"nowhere")

    def page_loop(self):
        self.answer(302, b"", [("Location", "/loop")])

    def page_chain(self):
        left = int(self.rest)
        if left == 0:
            self.answer(body=b"end")
        else:
            self.answer(302, b"", [("Location", "/chain/%d" % (left - 1))])

    def page_gzip(self):
        self.answer(body=gzip.compress(b"packed " * 1000), headers=[("Content-Encoding", "gzip")])

    def page_deflate(self):
        self.answer(body=zlib.compress(b"packed"), headers=[("Content-Encoding", "deflate")])

    def page_badgzip(self):
        self.answer(body=b"this is not gzip at all", headers=[("Content-Encoding", "gzip")])

    def page_bomb(self):
        self.answer(body=gzip.compress(b"\0" * int(self.query["size"])), headers=[("Content-Encoding", "gzip")])

    def page_silent(self):
        self.server.stopping.wait(90)
        self.close_connection = True

    def page_stall(self):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        self.server.stopping.wait(30)

    def page_truncated(self):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it")

    def page_reset(self):
        self.close_connection = True

    def page_garbage(self):
        self.raw(b"SSH-2.0-this-is-not-http\r\n\r\n")

    def page_bigheader(self):
        line = b"X-%06d: " + b"x" * 1000 + b"\r\n"
        lines = b"".join(line % number for number in range(int(self.query["kib"])))
        self.raw(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\nConnection: close\r\n\r\nok")

    def page_big(self):
        size = int(self.query["size"])
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        block = b"0123456789abcdef" * 4096
        try:
            while size > 0:
                self.wfile.write(block[:size])
                size -= len(block)
        except OSError:
            self.close_connection = True

    def page_chunked(self):
        self.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                 b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Trailer: t\r\n\r\n")

    def page_cookies(self):
        self.answer(body=b"", headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Two", "1"), ("X-Two", "2")])

    def page_odd(self):
        self.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                 b"HTTP/1.1 299 Odd  Reason\r\nX-Latin: caf\xe9\r\nX-Empty:\r\nX-Fold: a\r\n  b\r\n"
                 b"Content-Length: 2\r\nConnection: close\r\n\r\nok")

    def page_slow(self):
        time.sleep(int(self.query["ms"]) / 1000)
        self.answer(body=b"slow")

    def page_parts(self):
        """The parts of the path, each when /next has been asked for with the same id once more, and then the end; ?length=1:
        their length is said before."""
        parts = [part.encode("latin-1") for part in urllib.parse.unquote(self.rest, "latin-1").split(",")]
        length = b"Content-Length: %d\r\n" % len(b"".join(parts)) if "length" in self.query else b""
        step = self.server.step(self.query["id"])
        try:
            self.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain;charset=utf-8\r\n" + length + b"Connection: close\r\n\r\n")
            for part in parts:
                self.raw(part)
                if not step.acquire(timeout=90):
                    return
        except OSError:
            pass  # nobody waits for the rest

    def page_next(self):
        self.server.step(self.query["id"]).release()
        self.answer()

    def page_bom(self):
        self.answer(body=b"\xef\xbb\xbf{\"a\": 1}")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []  # (method, path) of each
        self.connections = 0
        self.stopping = threading.Event()
        self.steps = {}  # a semaphore for each id of /parts
        self.steps_lock = threading.Lock()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "https" if certificate else "http"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return "%s://127.0.0.1:%d" % (self.scheme, self.server_port)

    def step(self, name):
        with self.steps_lock:
            return self.steps.setdefault(name, threading.Semaphore(0))

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, *_args):
        pass

    def stop(self):
        self.stopping.set()
        for step in list(self.steps.values()):
            step.release(100)
        self.shutdown()
        self.server_close()
        self.thread.join()


_unused = []


def closed_port():
    """A port of 127.0.0.1 that nobody listens on, nor will: it is taken."""
    unused = socket.socket()
    unused.bind(("127.0.0.1", 0))
    _unused.append(unused)
    return unused.getsockname()[1]


def make_certificate(path):
    """A self-signed certificate for 127.0.0.1 with its key, in one file. False: no openssl program here."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-keyout", path, "-out", path + ".crt", "-days", "2", "-subj", "/CN=bgtaskd test",
               "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    except FileNotFoundError:
        return False
    with open(path + ".crt", "rb") as certificate, open(path, "ab") as both:
        both.write(certificate.read())
    return True


if __name__ == "__main__":
    server = Server()
    print(server.url, flush=True)
    threading.Event().wait()
