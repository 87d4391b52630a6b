"""Connections to a session, and its life."""
import contextlib
import json
import os
import signal
import socket
import struct
import tempfile
import textwrap
import time
import unittest
import unittest.mock
from pathlib import Path

import harness
from harness import Client, MODULES, RECEIVE_TIMEOUT, PAYLOAD, RunnerTest, changed, setUpModule, survivors
from session_harness import Connection, Lost, NAME, Refused, SessionTest


class ConnectionTest(SessionTest):
    def test_a_peer_that_hangs_up_early_ends_no_session(self):
        self.python("x = 1")
        self.client.process.send_signal(signal.SIGSTOP)  # so that they have gone when it gets to them
        try:
            for said in (b"", b"?" + struct.pack(">I", 0), b"A" + struct.pack(">I", 3) + b"bad", b"\xff" * 5):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.connect(NAME)
                    peer.sendall(said)
        finally:
            self.client.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.python("x").text, "1\n")

    def test_ready_reports_the_time_left(self):
        with Connection() as connection:
            self.assertEqual(connection.ready["protocol"], 1)
            self.assertGreater(connection.ready["seconds_left"], self.SECONDS - 10)
            self.assertLessEqual(connection.ready["seconds_left"], self.SECONDS)

    def test_the_end_of_the_first_channel_ends_nothing(self):
        self.client.process.stdin.close()
        self.assertEqual(self.bash("echo here").text, "here\n")
        self.assertIsNone(self.client.process.poll())
        self.end_quietly()

    def end_quietly(self):
        self.ask(b"K", seconds=0)
        self.client.process.wait(RECEIVE_TIMEOUT)
        self.client.process.stdout.close()
        self.client.diagnostics = self.client.process.stderr.read().decode()
        self.client.process.stderr.close()

    def test_a_program_is_not_served(self):
        code = f"""
            import socket
            s = socket.socket(socket.AF_UNIX); s.settimeout(5)
            try: s.connect({NAME!r}); print(s.recv(100))
            except (ConnectionResetError, PermissionError): print(b'')
            """
        for name, answer in (("python", self.python(code)), ("bash", self.bash(f"python3 -c '{textwrap.dedent(code).replace(chr(39), chr(34)).replace(chr(0), '')}'"))):
            with self.subTest(name):
                self.assertEqual(answer.text.replace("b''\n", ""), "", answer.err)
        self.assertEqual(self.bash("echo still").text, "still\n")

    def test_keepalive_moves_the_end(self):
        self.ask(b"K", seconds=1000)
        with Connection() as connection:
            self.assertGreater(connection.ready["seconds_left"], 990)
        for seconds in (86400.5, 1e9, -1, float("nan"), float("inf"), None):
            with self.subTest(seconds=seconds):
                self.assertEqual(self.refusal(lambda: self.ask(b"K", seconds=seconds)), "protocol")
        with Connection() as connection:
            self.assertLess(connection.ready["seconds_left"], 1001)
        self.ask(b"K", seconds=1.5)
        start = time.monotonic()
        with Connection() as connection:
            connection.bash("sleep 99")
            with self.assertRaises(Lost):
                connection.answer()
        self.assertLess(time.monotonic() - start, 4)
        self.client.process.wait(RECEIVE_TIMEOUT)

    def test_the_end_takes_everything_with_it(self):
        self.bash("setsid sleep 98 & sleep 97 &")
        self.python("import subprocess; p = subprocess.Popen(['sleep', '99'], start_new_session=True)")
        start = time.monotonic()
        self.ask(b"K", seconds=0)
        self.client.process.wait(RECEIVE_TIMEOUT)
        self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(survivors(), [])

    def test_broken_requests_harm_their_connection_only(self):
        requests = {
            "unknown": [(b"?", b"")],
            "not json": [(b"A", b"{")],
            "not an object": [(b"A", b"[1]")],
            "no command": [(b"A", {"timeout_ms": 5})],
            "no timeout": [(b"A", {"size": 4}), (b"D", b"true")],
            "nul": [(b"A", {"size": 5, "timeout_ms": 1000}), (b"D", b"true\0")],
            "size of a command": [(b"A", {"size": "4", "timeout_ms": 1000})],
            "too much of a command": [(b"A", {"size": 1, "timeout_ms": 1000}), (b"D", b"true")],
            "no seconds": [(b"K", {})],
            "deep": [(b"A", b"[" * 60000)],
            "no code": [(b"R", {"timeout_ms": 1000})],
            "code without run": [(b"H", {"size": 1}), (b"D", b"1"), (b"K", {"seconds": 9})],
            "too much code": [(b"H", {"size": 1}), (b"D", b"12")],
            "no size": [(b"H", {})],
            "frame in a command": [(b"A", {"size": 7, "timeout_ms": 9000}), (b"D", b"sleep 9"), (b"C", b"")],
            "frame in python": [
                (b"H", {"size": 1}),
                (b"D", b"1"),
                (b"R", {"timeout_ms": 9000}),
                (b"W", b""),
            ],
        }
        for name, frames in requests.items():
            with self.subTest(name), Connection() as connection:
                for frame in frames:
                    connection.send(*frame)
                try:
                    connection.answer()
                except Refused as refused:
                    self.assertEqual(refused.reason, "protocol")
                else:
                    self.assertEqual(name, "frame in python")  # it may be over by then
        with Connection() as connection:
            connection.socket.sendall(b"A" + struct.pack(">I", PAYLOAD + 1))
            with self.assertRaises(Refused):
                connection.answer()
        self.assertEqual((self.bash("echo ok").text, self.python("1").text), ("ok\n", "1\n"))

    def test_a_command_after_a_long_silence_is_not_late(self):
        hasty = changed(MODULES, b"MAX_PENDING, REQUEST_SECONDS = 64, 10.0", b"MAX_PENDING, REQUEST_SECONDS = 64, 0.5")
        with unittest.mock.patch.object(harness, "MODULES", hasty):
            self.reopen()
        time.sleep(1)
        with Connection() as connection:
            time.sleep(0.1)
            connection.bash("echo ok")
            self.assertEqual(connection.answer().text, "ok\n")
        with Connection() as connection:  # while one that says nothing is dismissed
            self.assertRaises(Lost, connection.receive)

    def test_many_idle_connections_do_not_matter(self):
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(Connection())
            self.assertEqual(self.bash("echo ok").text, "ok\n")
        self.assertEqual(self.python("2").text, "2\n")


class GuardTest(RunnerTest):
    def refused(self, seconds=60, **session):
        client = Client(self.workspace, session=session)
        self.addCleanup(client.close)
        client.ready()
        client.send(b"L", {"seconds": seconds})
        problem = json.loads(client.expect(b"P"))
        client.process.wait(RECEIVE_TIMEOUT)
        return problem["reason"]

    def test_a_session_has_a_bounded_life(self):
        for seconds in (86400.5, 1e12, float("nan"), -1):
            with self.subTest(seconds=seconds):
                self.assertEqual(self.refused(seconds=seconds), "protocol")

    def test_a_peer_of_our_own_uid_is_not_served_where_the_connector_has_its_own(self):
        client = Client(self.workspace, session={"guard": "uid"})
        self.addCleanup(client.close)
        client.ready()
        client.send(b"L", {"seconds": 60})
        client.expect(b"Z")
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(RECEIVE_TIMEOUT)
            peer.connect(NAME)
            self.assertEqual(peer.recv(1), b"")
        client.process.kill()
        client.process.wait(RECEIVE_TIMEOUT)


class LibrariesTest(SessionTest):
    """A sandbox that waits to be a session imports libraries meanwhile."""

    LOADED = "import sys; 'decimal' in sys.modules"

    def setUp(self):
        RunnerTest.setUp(self)

    def launch(self):
        client = self.client = Client(self.workspace, session={})
        self.addCleanup(self.end, client)
        client.ready()
        return client

    def begin(self, modules, files=(), seconds=60, state="ready"):
        client = self.launch()
        answer = client.preload(modules, seconds)
        self.assertEqual(answer["libraries"], state)
        self.listen(client, files)
        return answer

    def listen(self, client, files=()):
        for path, content in dict(files).items():
            client.stage(path, content)
        client.send(b"L", {"seconds": self.SECONDS})
        client.expect(b"Z")

    def library(self, name, code):
        directory = tempfile.mkdtemp()
        self.addCleanup(self.remove, directory)
        Path(directory, f"{name}.py").write_text(textwrap.dedent(code))
        patch = unittest.mock.patch.object(harness, "ENVIRONMENT", {**harness.ENVIRONMENT, "PYTHONPATH": directory})
        patch.start()
        self.addCleanup(patch.stop)

    def test_the_first_interpreter_has_the_libraries(self):
        answer = self.begin(["decimal", "no_such_module"])
        self.assertEqual(answer["missing"], ["no_such_module"])
        self.assertGreater(answer["memory_bytes"], 1 << 20)
        self.assertLess(answer["memory_bytes"], 24 << 20)
        first = self.python(self.LOADED)
        self.assertEqual((first.text, first.lost), ("True\n", False))
        self.assertEqual(self.python("import os; os.getcwd() == os.environ.get('PWD', os.getcwd()), len(os.listdir('/proc/self/task'))").text, "(True, 1)\n")
        self.assertTrue(self.python("import os; os._exit(3)").lost)
        self.assertEqual(self.python(self.LOADED).text, "False\n")
        self.assertEqual(self.bash("echo on").text, "on\n")

    def test_staged_modules_come_before_libraries(self):
        self.begin(["colorsys"], {"colorsys.py": b"mine = True"})
        self.assertEqual(self.python("import colorsys; colorsys.mine").text, "True\n")

    def test_a_client_that_comes_during_an_import_does_not_wait(self):
        self.library("slow", "import subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(60)")
        for files in {}, {"f": b"x"}:
            with self.subTest(files=files):
                client = self.launch()
                client.begin_preload(["decimal", "slow"])
                self.assertEqual(client.ping()["libraries"], "importing")
                self.listen(client, files)
                answer = self.python(self.LOADED)
                self.assertEqual((answer.text, answer.lost), ("False\n", False))
                self.assertEqual(self.sleepers(), [])
                self.end(client)

    def test_an_import_that_hangs_or_crashes_costs_nothing(self):
        for name, code, seconds in (
            ("hangs", "while True: pass", 0.3),
            ("crashes", "import ctypes\nctypes.string_at(0)", 60),
            ("exits", "import os\nos._exit(0)", 60),
            ("forks", "import os, time\nif not os.fork(): time.sleep(60)\ntime.sleep(60)", 0.3),
        ):
            with self.subTest(name):
                self.library(name, code)
                self.begin([name], seconds=seconds, state="failed")
                answer = self.python("1 + 1")
                self.assertEqual((answer.text, answer.lost), ("2\n", False))
                self.end(self.client)

    def test_what_a_library_started_is_gone(self):
        self.library("starts", "import subprocess\nsubprocess.Popen(['sleep', '60'])")
        self.begin(["starts"])
        self.assertEqual(self.python("1 + 1").text, "2\n")
        self.assertEqual(self.sleepers(), [])

    def test_sessions_that_begin_at_any_moment_of_an_import(self):
        for milliseconds in range(0, 60, 6):
            with self.subTest(milliseconds):
                client = self.launch()
                client.begin_preload(["decimal", "json", "logging"])
                client.ping()
                time.sleep(milliseconds / 1000)
                self.listen(client)
                answer = self.python("1 + 1")
                self.assertEqual((answer.text, answer.lost), ("2\n", False))
                self.end(client)

    def test_one_that_dies_while_it_waits_is_noticed(self):
        client = self.launch()
        self.assertEqual(client.preload(["decimal"])["libraries"], "ready")
        for name in filter(str.isdigit, os.listdir("/proc")):
            if int(name) not in (os.getpid(), client.process.pid):
                os.kill(int(name), signal.SIGKILL)
        client.send(b"N")
        time.sleep(0.2)
        while (frame := client.receive()) and frame[0] == b"N":
            client.send(b"N")
        self.assertEqual(frame[0], b"P")
        client.process.wait(RECEIVE_TIMEOUT)

    def test_a_connection_that_is_made_before_the_session_begins(self):
        client = self.launch()
        client.preload(["decimal"])
        with Connection(ahead=True) as connection:
            self.listen(client)
            connection.await_ready()
            connection.python(self.LOADED)
            self.assertEqual(connection.answer().text, "True\n")

    def test_libraries_are_imported_once(self):
        client = self.launch()
        client.preload(["decimal"])
        client.begin_preload(["decimal"])
        self.assertIn("once", client.expect(b"P").decode())
        client.process.wait(RECEIVE_TIMEOUT)

    def test_an_owner_that_hangs_up_ends_all(self):
        client = self.launch()
        client.preload(["decimal"])
        client.close()
        self.assertEqual(survivors(), [])
