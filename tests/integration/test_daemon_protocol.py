# SPDX-License-Identifier: MPL-2.0
"""The control socket as a client that is not ours may use it, or misuse it."""

import json
import os
import resource
import socket

import harness
from test_daemon_runs import FakeTest

MANAGER = "io.bgtaskd.Manager."
SERVICE = "org.varlink.service."
MESSAGE_MAX = 1024 * 1024


class CallTest(FakeTest):
    def test_service(self):
        info = self.call(SERVICE + "GetInfo")["parameters"]
        self.assertEqual(info["interfaces"], ["io.bgtaskd.Manager", "org.varlink.service"])
        for interface in info["interfaces"]:
            text = self.call(SERVICE + "GetInterfaceDescription", {"interface": interface})["parameters"]["description"]
            self.assertEqual(text, (harness.SRCDIR / "schema" / f"{interface}.varlink").read_text())
        reply = self.call(SERVICE + "GetInterfaceDescription", {"interface": "com.example.Other"})
        self.assertEqual((reply["error"], reply["parameters"]),
                         (SERVICE + "InterfaceNotFound", {"interface": "com.example.Other"}))

    def test_typed_errors(self):
        cases = [
            ("com.example.Other.Method", {}, SERVICE + "InterfaceNotFound", {"interface": "com.example.Other"}),
            ("Nothing", {}, SERVICE + "MethodNotFound", {"method": MANAGER + "Nothing"}),
            ("Run", {}, SERVICE + "InvalidParameter", {"parameter": "task"}),
            ("Run", {"task": 5}, SERVICE + "InvalidParameter", {"parameter": "task"}),
            ("Run", {"task": None}, SERVICE + "InvalidParameter", {"parameter": "task"}),
            ("Run", {"task": "x", "args": ["a", 1]}, SERVICE + "InvalidParameter", {"parameter": "args[1]"}),
            ("Run", {"task": "x", "colour": "red"}, SERVICE + "InvalidParameter", {"parameter": "colour"}),
            ("List", {"state": "asleep"}, SERVICE + "InvalidParameter", {"parameter": "state"}),
            ("Logs", {"id": 1}, SERVICE + "ExpectedMore", {}),
            ("Show", {"id": 12345}, MANAGER + "NoSuchRun", {"id": 12345}),
            ("Show", {"id": -1}, MANAGER + "NoSuchRun", {"id": -1}),
            ("Wait", {"id": 0}, MANAGER + "NoSuchRun", {"id": 0}),
            ("Cancel", {"id": 2 ** 62}, MANAGER + "NoSuchRun", {"id": 2 ** 62}),
            ("RemoveSchedule", {"name": "none"}, MANAGER + "NoSuchSchedule", {"name": "none"}),
        ]
        with self.daemon.connect() as connection:
            for method, parameters, error, details in cases:
                with self.subTest(method=method, parameters=parameters):
                    reply = connection.call(method, parameters)
                    self.assertEqual((reply.get("error"), reply["parameters"]), (error, details))

    def test_values_out_of_range_name_their_field(self):
        cases = [
            ("Run", {"task": ""}, "task"),
            ("Run", {"task": "../x"}, "task"),
            ("Run", {"task": "a/b"}, "task"),
            ("Run", {"task": "a\nb"}, "task"),
            ("Run", {"task": "x" * 129}, "task"),
            ("Run", {"task": "x", "args": ["a"] * 257}, "args"),
            ("Run", {"task": "x", "args": ["a" * 131072]}, "args"),
            ("Run", {"task": "x", "key": ""}, "key"),
            ("Run", {"task": "x", "key": "k" * 129}, "key"),
            ("List", {"limit": 0}, "limit"),
            ("List", {"limit": 100001}, "limit"),
            ("List", {"before": -1}, "before"),
            ("AddSchedule", {"name": "", "task": "x", "everyUs": 10 ** 6}, "name"),
            ("AddSchedule", {"name": "a\tb", "task": "x", "everyUs": 10 ** 6}, "name"),
            ("AddSchedule", {"name": "n", "task": "", "everyUs": 10 ** 6}, "task"),
            ("AddSchedule", {"name": "n", "task": "x", "everyUs": 10 ** 6 - 1}, "everyUs"),
            ("AddSchedule", {"name": "n", "task": "x", "everyUs": 2 ** 62}, "everyUs"),
        ]
        with self.daemon.connect() as connection:
            for method, parameters, field in cases:
                with self.subTest(method=method, field=field):
                    reply = connection.call(method, parameters)
                    self.assertEqual(reply.get("error"), MANAGER + "InvalidValue", reply)
                    self.assertEqual(reply["parameters"]["field"], field)
                    self.assertTrue(reply["parameters"]["expected"])
            self.assertEqual(connection.call("List")["parameters"]["runs"], [])
            self.assertEqual(connection.call("ListSchedules")["parameters"]["schedules"], [])

    def test_bad_messages(self):
        messages = [
            b"", b"{", b"null", b"[]", b"42", b"{}", b'{"method":5}', b'{"method":"Run"}',
            b'{"method":"io.bgtaskd.Manager.Status","method":"io.bgtaskd.Manager.Status"}',
            b'{"method":"io.bgtaskd.Manager.Status","parameters":[]}',
            b'{"method":"io.bgtaskd.Manager.Status","colour":1}',
            b'{"method":"io.bgtaskd.Manager.Status","more":true,"oneway":true}',
            b'{"method":"io.bgtaskd.Manager.Status","upgrade":true}',
            b'{"method":"io.bgtaskd.Manager.Sta\xfftus"}',
            b'{"method":"io.bgtaskd.Manager.Run","parameters":{"task":"\\u0000"}}',
            b'{"method":"io.bgtaskd.Manager.Run","parameters":{"task":"\\ud800"}}',
            b'{"method":"io.bgtaskd.Manager.Show","parameters":{"id":18446744073709551616}}',
            b'{"parameters":' + b"[" * 100 + b"]" * 100 + b"}",
            b'{"method":"io.bgtaskd.Manager.Status"} trailing',
        ]
        for message in messages:
            with self.subTest(message=message), self.daemon.connect() as connection:
                connection.send_bytes(message + b"\0")
                reply = connection.receive()
                self.assertEqual(reply["error"], MANAGER + "InvalidValue")
                self.assertEqual(reply["parameters"]["field"], "message")
                self.assertIsNone(connection.receive())
        self.assertIn("bad message", self.daemon.log())
        self.assertIn("status", self.call("Status")["parameters"])

    def test_a_message_may_have_a_mebibyte_and_no_more(self):
        call = json.dumps({"method": MANAGER + "Nothing", "parameters": {"x": ""}}).encode()
        for size, error in ((MESSAGE_MAX, SERVICE + "MethodNotFound"), (MESSAGE_MAX + 1, MANAGER + "InvalidValue")):
            with self.subTest(size=size), self.daemon.connect() as connection:
                connection.send_bytes(call[:-3] + b"x" * (size - len(call)) + call[-3:] + b"\0")
                self.assertEqual(connection.receive()["error"], error)

    def test_a_message_without_end(self):
        with self.daemon.connect() as connection:
            try:
                for _ in range(64):
                    connection.send_bytes(b"x" * 65536)
            except (BrokenPipeError, ConnectionResetError):
                pass
            reply = connection.receive()
            self.assertIn("error", reply or {"error": "closed"})
        self.assertIn("status", self.call("Status")["parameters"])

    def test_pieces(self):
        message = json.dumps({"method": MANAGER + "Status"}).encode() + b"\0"
        with self.daemon.connect() as connection:
            for byte in message:
                connection.send_bytes(bytes([byte]))
            self.assertIn("status", connection.receive()["parameters"])

    def test_pipelined_calls_are_answered_in_order(self):
        with self.daemon.connect() as connection:
            message = b"".join(json.dumps({"method": MANAGER + "Show", "parameters": {"id": 10 ** 6 + i}}).encode() + b"\0"
                               for i in range(2000))
            connection.send_bytes(message)
            for i in range(2000):
                self.assertEqual(connection.receive()["parameters"]["id"], 10 ** 6 + i)

    def test_a_call_waits_for_the_one_before(self):
        with self.daemon.connect() as connection:
            run_id = connection.call("Run", {"task": "sleep"})["parameters"]["run"]["id"]
            connection.send("Wait", {"id": run_id})
            connection.send("Show", {"id": 999})
            self.call("Cancel", {"id": run_id})
            self.assertEqual(connection.receive()["parameters"]["run"]["state"], "cancelled")
            self.assertEqual(connection.receive()["error"], MANAGER + "NoSuchRun")

    def test_half_closed_connections_get_their_answers(self):
        with self.daemon.connect() as connection:
            connection.send("Run", {"task": "print", "args": ["x"]}, more=True)
            connection.send("Show", {"id": 999})
            connection.socket.shutdown(socket.SHUT_WR)
            replies = []
            while (reply := connection.receive()) is not None:
                replies.append(reply)
            self.assertEqual(replies[-1]["error"], MANAGER + "NoSuchRun")
            self.assertEqual(replies[-2]["parameters"]["run"]["state"], "finished")

    def test_oneway(self):
        with self.daemon.connect() as connection:
            connection.send("Run", {"task": "exit"}, oneway=True)
            connection.send("Show", {"id": 0}, oneway=True)
            runs = connection.call("List")["parameters"]["runs"]
            self.assertEqual([run["task"] for run in runs], ["exit"])

    def test_a_client_that_goes_leaves_its_run(self):
        with self.daemon.connect() as connection:
            connection.send("Run", {"task": "print", "args": ["x"]}, more=True)
            run_id = connection.receive()["parameters"]["run"]["id"]
        self.assertEqual(self.call("Wait", {"id": run_id})["parameters"]["run"]["result"], "success")

    def test_clients_that_go_at_any_moment(self):
        for i in range(60):
            with self.daemon.connect() as connection:
                connection.send("Run", {"task": "flood", "args": ["500"]}, more=True)
                for _ in range(i % 4):
                    connection.receive()
        harness.wait_until(lambda: self.call("Status")["parameters"]["status"]["clients"] == 1, "they are gone")
        self.assertEqual(self.call("Status")["parameters"]["status"]["runs"], 60)


class HistoryTest(FakeTest):
    def collect(self, method, parameters, name):
        with self.daemon.connect() as connection:
            connection.send(method, parameters, more=True)
            items, replies = [], 0
            while True:
                reply = connection.receive()
                self.assertNotIn("error", reply)
                self.assertLessEqual(len(reply["parameters"][name]), 100)
                items += reply["parameters"][name]
                replies += 1
                if not reply.get("continues"):
                    return items, replies

    def test_list(self):
        ids = []
        with self.daemon.connect() as connection:
            for i in range(230):
                run = connection.call("Run", {"task": "exit", "args": [str(i % 2)]})["parameters"]["run"]
                ids.append(run["id"])
            for run_id in ids:
                connection.call("Wait", {"id": run_id})
        runs, replies = self.collect("List", {"limit": 100000}, "runs")
        self.assertEqual([run["id"] for run in runs], ids[::-1])
        self.assertEqual(replies, 3)
        self.assertEqual([run["id"] for run in self.call("List")["parameters"]["runs"]], ids[:-51:-1])
        failed, _ = self.collect("List", {"limit": 1000, "failed": True}, "runs")
        self.assertEqual({run["exitCode"] for run in failed}, {1})
        self.assertEqual(len(failed), 115)
        page = self.call("List", {"limit": 3, "before": ids[10]})["parameters"]["runs"]
        self.assertEqual([run["id"] for run in page], [ids[9], ids[8], ids[7]])
        exactly, replies = self.collect("List", {"limit": 100}, "runs")
        self.assertEqual((len(exactly), replies), (100, 1))
        self.assertEqual(self.call("List", {"task": "other"})["parameters"]["runs"], [])

    def test_a_list_that_does_not_fit_asks_for_more(self):
        with self.daemon.connect() as connection:
            for _ in range(12):
                connection.call("Run", {"task": "exit", "args": ["0", "x" * 100000]})
        reply = self.call("List", {"limit": 12})
        self.assertEqual(reply["error"], SERVICE + "ExpectedMore")
        runs, replies = self.collect("List", {"limit": 12}, "runs")
        self.assertEqual(len(runs), 12)
        self.assertGreater(replies, 3)

    def test_a_slow_reader_of_a_list(self):
        with self.daemon.connect() as lazy:
            with self.daemon.connect() as connection:
                ids = [connection.call("Run", {"task": "exit", "args": ["0", "x" * 100000]})["parameters"]["run"]["id"]
                       for _ in range(40)]
                lazy.send("List", {"limit": 40}, more=True)
                for run_id in ids:
                    connection.call("Wait", {"id": run_id})
            runs = []
            while True:
                reply = lazy.receive()
                runs += reply["parameters"]["runs"]
                if not reply.get("continues"):
                    break
            self.assertEqual([run["id"] for run in runs], ids[::-1])

    def test_tasks(self):
        self.daemon.write_task("zz", "")
        self.daemon.write_task("aa", "")
        tasks = self.call("Tasks")["parameters"]["tasks"]
        names = [task["name"] for task in tasks]
        self.assertEqual(names, sorted(names))
        app = {task["name"]: task["path"] for task in tasks if task["origin"] == "app"}
        self.assertEqual(set(app), {"aa", "zz"})
        self.assertTrue(all(os.path.exists(path) for path in app.values()))


class ManyTest(FakeTest):
    def test_a_thousand_idle_connections(self):
        idle = [self.daemon.connect() for _ in range(1000)]
        try:
            self.assertEqual(self.run_task("exit")[0]["result"], "success")
            self.assertEqual(self.call("Status")["parameters"]["status"]["clients"], 1001)
            self.assertIn("status", idle[500].call("Status")["parameters"])
        finally:
            for connection in idle:
                connection.close()
        harness.wait_until(lambda: self.call("Status")["parameters"]["status"]["clients"] == 1, "they are gone")

    def test_half_messages_hurt_nobody(self):
        halves = [self.daemon.connect() for _ in range(20)]
        for connection in halves:
            connection.send_bytes(b'{"method":' + b" " * 100000)
        self.assertEqual(self.run_task("exit")[0]["result"], "success")
        for connection in halves:
            connection.close()


class LimitTest(FakeTest):
    prefs = {"bgtaskd.control.maxConnections": 8, "bgtaskd.control.maxConnectionsPerUid": 4}

    def test_too_many(self):
        harness.wait_until(lambda: self.call("Status")["parameters"]["status"]["clients"] == 1, "we are alone")
        connections = []
        for _ in range(4):
            connections.append(self.daemon.connect())
            self.addCleanup(connections[-1].close)
            self.assertIn("status", connections[-1].call("Status")["parameters"])
        with self.daemon.connect() as refused:
            reply = refused.receive()
            self.assertEqual((reply["error"], reply["parameters"]), (MANAGER + "TooManyConnections", {"limit": 4}))
            self.assertIsNone(refused.receive())
        connections.pop().close()

        def admitted():
            with self.daemon.connect() as connection:
                try:
                    return "error" not in (connection.call("Status") or {"error": ""})
                except (BrokenPipeError, ConnectionResetError):
                    return False
        harness.wait_until(admitted, "there is room again")
        for connection in connections:
            connection.close()


class DescriptorTest(FakeTest):
    def test_without_descriptors(self):
        self.call("Status")
        used = len(os.listdir(f"/proc/{self.daemon.process.pid}/fd"))
        resource.prlimit(self.daemon.process.pid, resource.RLIMIT_NOFILE, (used + 3, used + 3))
        connections = [self.daemon.connect() for _ in range(10)]
        replies = []
        for connection in connections:
            try:
                replies.append(connection.call("Status"))
            except (BrokenPipeError, ConnectionResetError):
                replies.append(connection.receive())
        self.assertTrue(any(reply and "error" not in reply for reply in replies))
        for connection in connections:
            connection.close()
        harness.wait_until(lambda: "error" not in self.call("Status"), "it serves again")


if __name__ == "__main__":
    harness.main()
