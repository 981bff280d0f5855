#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""An update server on 127.0.0.1, as Balrog answers: for the demonstration and for the tests of backgroundupdate.

    update_server.py [--port PORT] [--port-file FILE] [--answer FILE]

It prints its address, the value for app.update.url, and serves until it gets SIGTERM or SIGINT. --port 0, the
default, takes any free port. --answer serves that file as the answer to every check, read anew each time.
"""

import argparse
import hashlib
import http.server
import os
import re
import signal
import sys
import threading
import xml.sax.saxutils

TEMPLATE = ("/update/6/%PRODUCT%/%VERSION%/%BUILD_ID%/%BUILD_TARGET%/%LOCALE%/%CHANNEL%/%OS_VERSION%/"
            "%SYSTEM_CAPABILITIES%/%DISTRIBUTION%/%DISTRIBUTION_VERSION%/update.xml")
FIELDS = ("product", "version", "build_id", "build_target", "locale", "channel", "os_version",
          "system_capabilities", "distribution", "distribution_version")

# What is on offer, for a client of version MAJOR.MINOR: type, version, build, and the size of each patch.
OFFERS = (
    ("minor", "{major}.{next_minor}.1", "20261117140512", {"complete": 3145728, "partial": 262144}),
    ("minor", "{major}.{next_minor}.0", "20261110093000", {"complete": 3145216, "partial": 131072}),
    ("major", "{next_major}.0.0", "20261117151500", {"complete": 4194304}),
    ("minor", "0.0.1", "20200101000000", {"complete": 1048576}),
)


def payload(kind, version, size):
    """What a patch's URL gives: bytes that depend on nothing but the arguments, so that their hash is known."""
    seed = hashlib.sha256(("%s %s" % (kind, version)).encode()).digest()
    return (b"MAR1" + seed * (size // len(seed) + 1))[:size]


def attributes(**values):
    return "".join(" %s=%s" % (name, xml.sax.saxutils.quoteattr(str(value))) for name, value in values.items())


def answer(base, fields):
    product = fields["product"]
    match = re.match(r"(\d{1,6})\.(\d{1,6})", fields["version"])
    major, minor = (int(number) for number in match.groups()) if match else (0, 0)
    lines = ['<?xml version="1.0"?>', "<updates>"]
    for kind, template, build, patches in OFFERS:
        version = template.format(major=major, next_minor=minor + 1, next_major=major + 1)
        lines.append("    <update%s>" % attributes(
            type=kind, displayVersion=version, appVersion=version, platformVersion=version, buildID=build,
            detailsURL="%s/notes/%s" % (base, version)))
        for patch, size in patches.items():
            url = "%s/mar/%s/%s/%s.%d.mar" % (base, product, version, patch, size)
            digest = hashlib.sha512(payload(patch, version, size)).hexdigest()
            lines.append("        <patch%s/>" % attributes(
                type=patch, URL=url, hashFunction="sha512", hashValue=digest, size=size))
        lines.append("    </update>")
    lines.append("</updates>")
    return ("\n".join(lines) + "\n").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes

    def log_message(self, *_args):
        pass

    def send(self, status, body, content_type):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "public, max-age=90")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = self.path.strip("/").split("/")
        if parts[:2] == ["update", "6"] and len(parts) == len(FIELDS) + 3:
            fields = dict(zip(FIELDS, parts[2:]))
            self.server.checks += 1
            self.send(200, self.server.answer(fields), "text/xml; charset=utf-8")
        elif parts[0] == "mar" and len(parts) == 4 and parts[3].endswith(".mar"):
            kind, size, _ = parts[3].split(".")
            self.send(200, payload(kind, parts[2], min(int(size), 16 << 20)), "application/octet-stream")
        else:
            self.send(404, b"no such page\n", "text/plain")


class UpdateServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0, answer_file=None):
        super().__init__(("127.0.0.1", port), Handler)
        self.checks = 0
        self.answer_file = answer_file
        self.base = "http://127.0.0.1:%d" % self.server_port
        self.update_url = self.base + TEMPLATE

    def handle_error(self, *_args):
        pass  # a client that goes away is none

    def answer(self, fields):
        if self.answer_file:
            with open(self.answer_file, "rb") as file:
                return file.read()
        return answer(self.base, fields)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", help="write the address here once the server is ready")
    parser.add_argument("--answer", help="serve this file as the answer to every check")
    options = parser.parse_args()
    server = UpdateServer(options.port, options.answer)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop, which is what the signal interrupts.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(server.update_url, flush=True)
    if options.port_file:
        with open(options.port_file + ".tmp", "w", encoding="ascii") as file:
            file.write(server.update_url + "\n")
        os.rename(options.port_file + ".tmp", options.port_file)
    server.serve_forever(0.1)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
