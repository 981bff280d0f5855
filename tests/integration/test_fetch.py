#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""fetch against a server on 127.0.0.1: reasons of failures, limits, TLS, proxies. What Firefox does the same way is
in tests/gecko."""

import json
import os

import harness
import http_fixture
import runner_harness

# Fetches each [URL, init] of its argument and prints [status, length of the body] or [code, reason] for it, a line
# each. init.timeout is in milliseconds; init.read false leaves the body alone.
TASK = """
async function one([url, { timeout, read = true, ...init }]) {
  if (timeout) {
    init.signal = AbortSignal.timeout(timeout);
  }
  try {
    const response = await fetch(url, init);
    return [response.status, read ? (await response.bytes()).length : null];
  } catch (error) {
    return error.cause ? [error.cause.code, error.cause.message] : [error.name, error.message];
  }
}
export async function runBackgroundTask(commandLine) {
  for (const request of JSON.parse(commandLine.getArgument(0))) {
    dump(JSON.stringify(await one(request)) + "\\n");
  }
}
"""


class FetchTest(runner_harness.RunnerTest):
    def setUp(self):
        super().setUp()
        self.server = http_fixture.Server()
        self.addCleanup(self.server.stop)
        self.write_task("fetch_all", TASK)

    def fetch_all(self, *requests, prefs=None, env=None):
        """What each request gave."""
        self.write_prefs({**runner_harness.NO_MINIMUM, **(prefs or {})})
        requests = [[request, {}] if isinstance(request, str) else request for request in requests]
        done = self.task("fetch_all", json.dumps(requests), env=env)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith("[")]

    def function(self, body, *args, prefs=None):
        self.write_prefs({**runner_harness.NO_MINIMUM, **(prefs or {})})
        self.write_function("f", body)
        done = self.task("f", self.server.url, *args)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()


class NestedTest(FetchTest):
    def test_while_the_loop_is_run(self):
        """A task that waits in the event loop gets its answers there, also in one that an answer has led to."""
        self.assertEqual(self.function("""
            const wait = promise => {
              let value;
              promise.then(result => { value = result; }, error => { value = error; });
              Services.tm.spinEventLoopUntil("an answer", () => value !== undefined);
              return value;
            };
            const text = url => fetch(url).then(answer => answer.text());
            const url = `${commandLine.getArgument(0)}/echo`;
            const outer = wait(fetch(url).then(answer => {
              const inner = wait(Promise.all([text(url), text(url)]));
              return [answer.status, inner.map(body => JSON.parse(body).path)];
            }));
            const { Subprocess } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");
            const program = wait(Subprocess.call({ command: "/bin/echo", arguments: ["hello"] }));
            outer.push(wait(program.stdout.readString()), wait(program.wait()), wait(IOUtils.exists("/")));
            dump(JSON.stringify(outer));
            """), '[200,["/echo","/echo"],"hello\\n",{"exitCode":0},true]')


class ReasonTest(FetchTest):
    def test_each_failure_has_its_code_and_a_sentence(self):
        base = self.server.url
        cases = [
            ("http://127.0.0.1:%d/" % http_fixture.closed_port(), "refused", "could not connect: Connection refused"),
            ("http://no-such-host.invalid/", "unknown-host", "unknown host"),
            (base + "/reset", "closed", "the connection was closed without an answer"),
            (base + "/truncated", "closed", "the connection was closed before the end of the body"),
            (base + "/garbage", "protocol", "the answer is not HTTP"),
            (base + "/badgzip", "encoding", "the body is not in the encoding that the headers name"),
            (base + "/loop", "redirect", "more than 20 redirections"),
            (base + "/redirect/302?to=file:///etc/passwd", "redirect", "redirects to a file: URL"),
            (base + "/redirect/302?to=http://[/", "redirect", "redirects to http://[/, which is not a valid URL"),
            ("http://127.0.0.1:22/", "port", "port 22 is not for HTTP"),
            ("foo:bar", "scheme", "the scheme foo: cannot be fetched"),
            ("file:///no/such/file", "not-found", ""),
            ("file:///etc", "not-a-file", "it is a directory"),
            ("data:no comma", "invalid-url", "a data: URL has a comma before its data"),
        ]
        results = self.fetch_all(*(url for url, _, _ in cases))
        for (url, code, reason), result in zip(cases, results, strict=True):
            with self.subTest(url=url):
                self.assertEqual(result[0], code)
                self.assertIn(reason, result[1])

    def test_message_is_geckos_and_cause_names_the_url(self):
        url = "http://127.0.0.1:%d/x" % http_fixture.closed_port()
        out = self.function("""
            try {
              await fetch(commandLine.getArgument(1));
            } catch (error) {
              dump([error instanceof TypeError, error.message, error.cause.message,
                    Object.keys(error).length].join("|") + "\\n");
            }""", url)
        self.assertEqual(out, "true|NetworkError when attempting to fetch resource.|%s: "
                              "could not connect: Connection refused|0\n" % url)


    def test_uncaught_failure_names_its_reason_and_the_tasks_line(self):
        url = "http://127.0.0.1:%d/x" % http_fixture.closed_port()
        self.write_function("f", "\n\n  await fetch(commandLine.getArgument(0));", before="// first\n")
        done = self.task("f", url)
        self.assertEqual(done.returncode, 3)
        self.assertIn("BackgroundTask_f.sys.mjs, line 6: TypeError: NetworkError when attempting to fetch resource. (cause: "
                      "Error: %s: could not connect: Connection refused)" % url, done.stderr.decode())


class StreamTest(FetchTest):
    def test_what_has_come_can_be_read_before_the_end(self):
        """The server says half of it, and then nothing; the stream is let go."""
        out = self.function("""
            const reader = (await fetch(commandLine.getArgument(0) + "/stall")).body.getReader();
            const { value, done } = await reader.read();
            dump(new TextDecoder().decode(value) + done + "\\n");
            const next = reader.read();
            await reader.cancel();
            dump(JSON.stringify(await next) + "\\n");""")
        self.assertEqual(out, 'halffalse\n{"done":true}\n')

    def test_all_of_a_large_body_in_pieces(self):
        out = self.function("""
            const seen = [0, 0];
            let largest = 0;
            for await (const chunk of (await fetch(commandLine.getArgument(0) + "/big?size=20000000")).body) {
              seen[0]++;
              seen[1] += chunk.length;
              largest = Math.max(largest, chunk.length);
              if (chunk[0] != "0123456789abcdef".charCodeAt((seen[1] - chunk.length) % 16)) {
                throw new Error("bytes are lost");
              }
            }
            dump(`${seen[0] > 20} ${seen[1]} ${largest < 1000000}\\n`);""")
        self.assertEqual(out, "true 20000000 true\n")

    def test_two_read_one(self):
        out = self.function("""
            const one = await fetch(commandLine.getArgument(0) + "/big?size=3000000");
            const two = one.clone();
            const sizes = await Promise.all([one.bytes(), two.bytes()]);
            dump(sizes.map(bytes => bytes.length).join() + "\\n");
            const late = await fetch(commandLine.getArgument(0) + "/hello");
            dump(`${await late.clone().text()} ${await late.text()}\\n`);""")
        self.assertEqual(out, "3000000,3000000\nhello hello\n")

    def test_failures(self):
        out = self.function("""
            const [base, text] = [commandLine.getArgument(0), new TextDecoder()];
            const read = async (path, options) => {
              const parts = [];
              try {
                for await (const chunk of (await fetch(base + path, options)).body) {
                  parts.push(text.decode(chunk));
                }
              } catch (error) {
                parts.push(error.name, error.message, error.cause?.code);
              }
              return JSON.stringify(parts);
            };
            dump(await read("/truncated") + "\\n");
            let stalled = "";
            for (let ms = 100; !stalled.includes("half"); ms *= 2) { // which may come later than that
              stalled = await read("/stall", { signal: AbortSignal.timeout(ms) });
            }
            dump(stalled + "\\n");
            Services.prefs.setIntPref("network.fetch.max_body_bytes", 300000);
            dump((await read("/big?size=300000")).length + "\\n");
            dump((await read("/big?size=300001")).slice(-120) + "\\n");""")
        lines = out.splitlines()
        self.assertRegex(lines[0], r'^\["not all of it","TypeError","Error in input stream","closed"\]$')
        self.assertEqual(lines[1], '["half","TimeoutError","The operation timed out.",null]')
        self.assertGreater(int(lines[2]), 300000)
        self.assertIn('"body-too-large"]', lines[3])


class LimitTest(FetchTest):
    def test_body(self):
        base = self.server.url
        results = self.fetch_all(base + "/big?size=50000", base + "/big?size=50001", base + "/bomb?size=50000",
                                 base + "/bomb?size=5000000", prefs={"network.fetch.max_body_bytes": 50000})
        self.assertEqual(results[0], [200, 50000])
        self.assertEqual(results[1][0], "body-too-large")
        self.assertIn("larger than 50000 bytes", results[1][1])
        self.assertEqual(results[2], [200, 50000])
        self.assertEqual(results[3][0], "body-too-large")

    def test_headers(self):
        base = self.server.url
        results = self.fetch_all(base + "/bigheader?kib=240", base + "/bigheader?kib=270")
        self.assertEqual(results[0], [200, 2])
        self.assertEqual(results[1][0], "headers-too-large")
        results = self.fetch_all(base + "/bigheader?kib=5", prefs={"network.http.max_response_header_size": 4096})
        self.assertEqual(results[0][0], "headers-too-large")

    def test_redirections(self):
        base = self.server.url
        results = self.fetch_all(base + "/chain/3", base + "/chain/4", prefs={"network.http.redirection-limit": 3})
        self.assertEqual(results[0], [200, 3])
        self.assertEqual(results[1][0], "redirect")

    def test_silence(self):
        results = self.fetch_all(self.server.url + "/silent", self.server.url + "/stall",
                                 prefs={"network.http.response.timeout": 1})
        self.assertEqual([result[0] for result in results], ["timeout", "timeout"])

    def test_abort_signal_timeout(self):
        results = self.fetch_all([self.server.url + "/silent", {"timeout": 50}],
                                 [self.server.url + "/stall", {"timeout": 50}])
        self.assertEqual([result[0] for result in results], ["TimeoutError", "TimeoutError"])

    def test_large_body(self):
        self.assertEqual(self.fetch_all(self.server.url + "/big?size=20000000"), [[200, 20000000]])

    def test_body_that_nobody_reads(self):
        requests = [[self.server.url + "/big?size=20000000", {"read": False}] for _ in range(10)]
        self.assertEqual(self.fetch_all(*requests), [[200, None]] * 10)

    def test_many_at_once(self):
        out = self.function("""
            const server = commandLine.getArgument(0);
            const answers = await Promise.all(
              Array.from({ length: 200 }, async (_, i) => (await (await fetch(`${server}/echo?${i}`)).json()).path));
            dump(answers.every((path, i) => path == `/echo?${i}`) + "\\n");""")
        self.assertEqual(out, "true\n")

    def test_loop_goes_on(self):
        out = self.function("""
            let ticks = 0;
            const timer = setInterval(() => ticks++, 5);
            await (await fetch(commandLine.getArgument(0) + "/slow?ms=300")).text();
            clearInterval(timer);
            dump((ticks > 5) + "\\n");""")
        self.assertEqual(out, "true\n")

    def test_libcurl_is_loaded_when_needed(self):
        out = self.function("""
            const loaded = async () => new TextDecoder().decode(await IOUtils.read("/proc/self/maps")).includes("libcurl");
            await (await fetch("data:,x")).text();
            const before = await loaded();
            await (await fetch(commandLine.getArgument(0) + "/hello")).text();
            dump([before, await loaded()] + "\\n");""")
        self.assertEqual(out, "false,true\n")

    def test_task_that_does_not_wait(self):
        out = self.function("""
            fetch(commandLine.getArgument(0) + "/silent");
            const response = await fetch(commandLine.getArgument(0) + "/stall");
            response.text();
            dump("done\\n");""")
        self.assertEqual(out, "done\n")


class ClientTest(FetchTest):
    def test_user_agent(self):
        out = self.function("""
            const { headers } = await (await fetch(commandLine.getArgument(0) + "/echo")).json();
            dump(new Map(headers).get("user-agent") + "\\n");""", prefs={"general.useragent.override": "mine/1"})
        self.assertEqual(out, "mine/1\n")

    def test_connections_are_reused(self):
        self.assertEqual(self.fetch_all(*[self.server.url + "/hello"] * 5), [[200, 5]] * 5)
        self.assertLess(self.server.connections, 3)

    def test_proxy_of_the_environment(self):
        proxy = self.server.url
        url = "http://example.invalid/hello"
        self.assertEqual(self.fetch_all(url, env={"http_proxy": proxy}), [[200, 5]])
        self.assertEqual(self.server.requests[-1], ("GET", url))
        self.assertEqual(self.fetch_all(url, env={"http_proxy": proxy, "no_proxy": "example.invalid"})[0][0], "unknown-host")
        self.assertEqual(self.fetch_all(url, env={"http_proxy": proxy}, prefs={"network.proxy.type": 0})[0][0], "unknown-host")

    def test_proxy_of_the_preferences(self):
        prefs = {"network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": self.server.server_port,
                 "network.proxy.no_proxies_on": "direct.invalid"}
        results = self.fetch_all("http://example.invalid/hello", "http://direct.invalid/", prefs=prefs)
        self.assertEqual(results[0], [200, 5])
        self.assertEqual(results[1][0], "unknown-host")


class TlsTest(FetchTest):
    def setUp(self):
        super().setUp()
        certificate = str(self.directory / "certificate.pem")
        if not http_fixture.make_certificate(certificate):
            self.skipTest("there is no openssl program to make a certificate with")
        self.trusted = certificate + ".crt"
        self.secure = http_fixture.Server(certificate)
        self.addCleanup(self.secure.stop)

    def test_not_trusted(self):
        code, reason = self.fetch_all(self.secure.url + "/hello")[0]
        self.assertEqual(code, "tls")
        self.assertIn("the certificate is not trusted", reason)

    def test_trusted_by_preference(self):
        self.assertEqual(self.fetch_all(self.secure.url + "/hello", prefs={"network.fetch.ca_file": self.trusted}), [[200, 5]])

    def test_trusted_by_environment(self):
        self.assertEqual(self.fetch_all(self.secure.url + "/hello", env={"SSL_CERT_FILE": self.trusted}), [[200, 5]])

    def test_other_name(self):
        url = self.secure.url.replace("127.0.0.1", "localhost")
        self.assertEqual(self.fetch_all(url + "/hello", prefs={"network.fetch.ca_file": self.trusted})[0][0], "tls")

    def test_missing_file_of_certificates(self):
        missing = os.fspath(self.directory / "missing.pem")
        self.assertEqual(self.fetch_all(self.secure.url + "/hello", prefs={"network.fetch.ca_file": missing})[0][0], "tls")

    def test_plain_http_to_a_tls_port(self):
        self.assertIn(self.fetch_all(self.secure.url.replace("https", "http") + "/hello")[0][0], ("closed", "protocol"))


if __name__ == "__main__":
    harness.main(needs_daemon=False)
