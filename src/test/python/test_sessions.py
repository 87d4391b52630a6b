"""Tests of sessions: the real runner, spoken to over its socket as the connector does.

As the other suite it only works as process 1 of a pid namespace, and never as root, see test_runner.py. That the suite is
process 1 has a second use: its parent is outside of the namespace, which is what tells the runner its owner's connections.
"""
import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
import unittest
import unittest.mock
from pathlib import Path

import test_runner
from test_runner import PATIENCE, PAYLOAD, SOURCES, Client, RunnerTest, processes_limited, survivors

NAME = "\0code-interpreter"
CONNECTOR = (SOURCES / "connector.py").read_text()


def setUpModule():
    test_runner.setUpModule()


class Lost(Exception):
    """The connection ended before the answer did."""


class Refused(Exception):
    """The answer was a PROBLEM."""

    def __init__(self, reason, message):
        super().__init__(f"{reason}: {message}")
        self.reason = reason


class Answer:
    def __init__(self):
        self.out, self.err = bytearray(), bytearray()
        self.files, self.sizes, self.skipped = {}, {}, []
        self.started = 0
        self.exit = None

    @property
    def code(self):
        return self.exit["exit_code"]

    @property
    def lost(self):
        return self.exit["state_lost"]

    @property
    def text(self):
        return self.out.decode()


class Connection:
    """One command, as the service would give it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(NAME)
        self.socket.settimeout(PATIENCE)
        self.inbox = bytearray()
        self.ready = json.loads(self.expect(b"Y"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, kind, payload=b""):
        if not isinstance(payload, (bytes, bytearray)):
            payload = json.dumps(payload).encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # an answer may have come first
            self.socket.sendall(kind + struct.pack(">I", len(payload)) + payload)

    def receive(self):
        while True:
            if len(self.inbox) >= 5:
                end = 5 + int.from_bytes(self.inbox[1:5], "big")
                assert end <= 5 + PAYLOAD, "oversized frame"
                if len(self.inbox) >= end:
                    kind, payload = bytes(self.inbox[:1]), bytes(self.inbox[5:end])
                    del self.inbox[:end]
                    return kind, payload
            try:
                data = self.socket.recv(1 << 18)
            except ConnectionResetError:
                data = b""
            if not data:
                raise Lost
            self.inbox += data

    def expect(self, kind):
        frame = self.receive()
        if frame[0] != kind:
            raise AssertionError(f"expected {kind!r}, got {frame!r}")
        return frame[1]

    def put(self, path, content, size=None):
        self.send(b"F", {"path": path, "size": len(content) if size is None else size})
        self.data(content)

    def data(self, content):
        for start in range(0, len(content), PAYLOAD):
            self.send(b"D", content[start : start + PAYLOAD])

    def bash(self, cmd, timeout=20.0):
        self.send(b"A", {"size": len(cmd.encode()), "timeout_ms": int(timeout * 1000)})
        self.data(cmd.encode())

    def python(self, code, timeout=20.0, stdin=b"", interactive=True):
        source = code if isinstance(code, bytes) else textwrap.dedent(code).encode()
        self.send(b"H", {"size": len(source)})
        self.data(source)
        self.send(b"R", {"timeout_ms": int(timeout * 1000), "last_line_interactive": interactive})
        if stdin is not None:
            for start in range(0, len(stdin), PAYLOAD):
                self.send(b"I", stdin[start : start + PAYLOAD])
            self.send(b"E")

    def answer(self, content=True):
        result = Answer()
        while True:
            kind, payload = self.receive()
            if kind == b"B":
                result.started += 1
                assert not result.out and not result.err
            elif kind == b"O":
                result.out += payload
            elif kind == b"e":
                result.err += payload
            elif kind == b"T":
                result.exit = json.loads(payload)
            elif kind == b"F":
                entry = json.loads(payload)
                assert entry["path"] not in result.sizes
                result.sizes[entry["path"]] = entry["size"]
                data = bytearray()
                while content and len(data) < entry["size"]:
                    kind, payload = self.receive()
                    if kind == b"P":
                        raise Refused(**json.loads(payload))
                    assert kind == b"D"
                    data += payload
                assert not content or len(data) == entry["size"]
                result.files[entry["path"]] = bytes(data)
            elif kind == b"S":
                entry = json.loads(payload)
                result.skipped.append((entry["path"], entry["reason"]))
            elif kind == b"Z":
                return result
            elif kind == b"P":
                raise Refused(**json.loads(payload))
            else:
                raise AssertionError(f"unexpected frame {kind!r}")


class SessionTest(RunnerTest):
    CONFIG = {}
    SECONDS = 60

    def setUp(self):
        super().setUp()
        self.client = self.open()

    def open(self, files=(), **config):
        client = Client(self.workspace, session={"seconds": self.SECONDS}, **{**self.CONFIG, **config})
        self.addCleanup(self.end, client)
        client.ready()
        for path, content in dict(files).items():
            client.stage(path, content)
        client.send(b"L")
        client.expect(b"Z")
        return client

    def reopen(self, files=(), **config):
        self.end(self.client)
        self.client = self.open(files, **config)

    def end(self, client):
        if client.process.poll() is None:
            try:
                with Connection() as connection:
                    connection.send(b"K", {"seconds": 0})
                    connection.answer()
            except (Lost, OSError):
                pass
            try:
                client.process.wait(PATIENCE)
            finally:
                client.process.kill()
        if not client.process.stdin.closed:
            client.close()
        self.assertEqual(survivors(), [])
        self.assertEqual(client.diagnostics, "")

    def bash(self, cmd, timeout=20.0):
        with Connection() as connection:
            connection.bash(cmd, timeout)
            return connection.answer()

    def python(self, code, timeout=20.0, stdin=b"", interactive=True):
        with Connection() as connection:
            connection.python(code, timeout, stdin, interactive)
            return connection.answer()

    def ask(self, kind, content=True, **request):
        with Connection() as connection:
            connection.send(kind, request or b"")
            return connection.answer(content)

    def put(self, path, content, size=None):
        with Connection() as connection:
            connection.put(path, content, size)
            return connection.answer()

    def refusal(self, action):
        try:
            action()
        except Refused as refused:
            return refused.reason
        self.fail("not refused")


class ConnectionTest(SessionTest):
    def test_whoever_goes_before_an_answer_ends_no_session(self):
        self.python("x = 1")
        self.client.process.send_signal(signal.SIGSTOP)  # so that they have gone when it gets to them
        try:
            for said in (b"", b"?" + struct.pack(">I", 0), b"A" + struct.pack(">I", 3) + b"bad", b"\xff" * 5):
                with socket.socket(socket.AF_UNIX) as visitor:
                    visitor.connect(NAME)
                    visitor.sendall(said)
        finally:
            self.client.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.python("x").text, "1\n")

    def test_ready_tells_the_time_left(self):
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
        self.client.process.wait(PATIENCE)
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
        self.client.process.wait(PATIENCE)

    def test_the_end_takes_everything_with_it(self):
        self.bash("setsid sleep 98 & sleep 97 &")
        self.python("import subprocess; p = subprocess.Popen(['sleep', '99'], start_new_session=True)")
        start = time.monotonic()
        self.ask(b"K", seconds=0)
        self.client.process.wait(PATIENCE)
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
        impatient = test_runner.changed(
            test_runner.MODULES, b"MAX_PENDING, REQUEST_SECONDS = 64, 10.0", b"MAX_PENDING, REQUEST_SECONDS = 64, 0.5"
        )
        with unittest.mock.patch.object(test_runner, "MODULES", impatient):
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


class BashTest(SessionTest):
    def test_answers(self):
        workspace = self.workspace
        long = "x" * (131071 - len("echo "))  # the longest argument that the kernel takes
        cases = {
            "echo out; echo err >&2": ("out\n", "err\n", 0),
            "echo " + long: (long + "\n", "", 0),
            "exit 3": ("", "", 3),
            "pwd; echo $HOME $TZ": (f"{workspace}\n/tmp UTC\n", "", 0),
            "cat; echo end": ("end\n", "", 0),
            "no_such_command_at_all": ("", "bash: line 1: no_such_command_at_all: command not found\n", 127),
            "kill -9 $$": ("", "", 137),
            "bash -c 'kill -9 $$'; exit $?": ("", None, 137),
            "kill -TERM $$": ("", "", 143),
            "yes | head -1": ("y\n", "", 0),
            "set -o pipefail; yes | head -1 > /dev/null": ("", "", 141),
            "umask": ("0022\n", "", 0),
            "ulimit -c; ulimit -n; ulimit -t; cat /proc/self/oom_score_adj": ("0\n256\n10\n1000\n", "", 0),
            "grep -E 'NoNewPrivs|Seccomp:|SigBlk|SigIgn' /proc/self/status": (
                "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n",
                "",
                0,
            ),
            "ls /proc/$$/fd; true": ("0\n1\n2\n", "", 0),
            "printf '\\xff\\x00a'": (None, "", 0),
            "": ("", "", 0),
            "echo 'übung €'": ("übung €\n", "", 0),
            "if": ("", None, 2),
            "[[ $(cat /proc/self/stat | cut -d' ' -f5) -gt 1 ]]; echo $?": ("0\n", "", 0),
        }
        for cmd, (out, err, code) in cases.items():
            with self.subTest(cmd):
                answer = self.bash(cmd)
                self.assertEqual(answer.started, 1)
                self.assertEqual((answer.code, answer.lost, answer.exit["timed_out"]), (code, False, False), answer.err)
                if out is not None:
                    self.assertEqual(answer.text, out)
                if err is not None:
                    self.assertEqual(answer.err.decode(), err)
                self.assertEqual((answer.files, answer.skipped), ({}, []))

    def test_files_persist(self):
        self.bash("echo 1 > f; mkdir d; echo 2 > /tmp/session-test")
        self.assertEqual(self.bash("cat f /tmp/session-test; rm /tmp/session-test; ls").text, "1\n2\nd\nf\n")

    def test_background_processes_live_on_and_hold_nothing_up(self):
        start = time.monotonic()
        answer = self.bash("(while :; do echo tick; sleep 0.01; done) & echo $!")
        self.assertLess(time.monotonic() - start, 5)
        pid = int(answer.text.replace("tick", ""))
        time.sleep(0.5)  # with its pipe unread it would be dead by now
        self.assertEqual(self.bash(f"kill -0 {pid} && echo alive").text, "alive\n")
        for timed_out in (self.bash("sleep 9", 0.2), self.python("while True: pass", 0.2)):
            self.assertTrue(timed_out.exit["timed_out"])
        self.assertEqual(self.bash(f"kill -0 {pid} && echo alive; kill {pid}; sleep 0.1; kill -0 {pid} || echo dead").text.split(), ["alive", "dead"])

    def test_commands_talk_to_each_other(self):
        """Also one that connects when its own command has long ended."""
        server = "import http.server as h; h.ThreadingHTTPServer(('127.0.0.1', 8000), h.SimpleHTTPRequestHandler).serve_forever()"
        late = "import time, urllib.request as u; time.sleep(1.5); print(len(u.urlopen('http://127.0.0.1:8000/f').read()))"
        self.bash(f'echo here > f; python3 -c "{server}" 2> /dev/null & python3 -c "{late}" > late 2>&1 & sleep 1')
        code = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/f').read())"
        self.assertEqual(self.python(code).text, "b'here\\n'\n")
        self.assertEqual(self.bash(f'python3 -c "{code}"').text, "b'here\\n'\n")
        code = "import os, signal, time; os.kill(os.getpid(), signal.SIGKILL)"
        self.assertTrue(self.python(code).exit["state_lost"])
        code = "import socket; s = socket.create_connection(('127.0.0.1', 8000)); s.close(); print(s.family)"
        self.assertEqual(self.python(code).text, "2\n")
        self.assertEqual(self.bash("while [ ! -s late ]; do sleep 0.1; done; cat late").text, "5\n")

    def test_a_server_in_the_background_keeps_its_output(self):
        self.bash("python3 -uc 'import time\nwhile True: print(\"x\" * 100000); open(\"beat\", \"a\").write(\"x\"); time.sleep(.05)' &")
        sizes = []
        for _ in range(2):
            time.sleep(1)
            sizes.append(os.path.getsize(os.path.join(self.workspace, "beat")))
        self.assertGreater(sizes[1], sizes[0])

    def test_time_is_up_for_all_descendants_and_for_nobody_else(self):
        self.bash("sleep 301 & setsid sleep 302 & disown -a")
        programs = {
            "plain": "sleep 201",
            "shell": "while :; do :; done",
            "deaf": "trap '' TERM INT HUP; while :; do sleep 201; done",
            "children": "sleep 201 & sleep 201 & sleep 201",
            "daemon": "(setsid bash -c 'sleep 201 & sleep 201' &); (setsid sleep 201 &) ; sleep 201",
            "stopped": "sleep 201 & kill -STOP $!; kill -STOP $$",
            "python": "python3 -c 'import os,time\nif not os.fork():\n os.setsid()\n if not os.fork(): os.execvp(\"sleep\", [\"sleep\", \"201\"])\n os._exit(0)\ntime.sleep(201)'",
            "threads": "python3 -c 'import threading,time,ctypes\nthreading.Thread(target=time.sleep,args=(201,)).start()\nctypes.CDLL(None).pthread_exit(0)'",
            "forks": "f() { f | f & }; f; sleep 201",
            "bomb": "python3 -c 'import os\nwhile True:\n try: os.fork()\n except OSError: pass'",
        }
        if not processes_limited():
            del programs["forks"], programs["bomb"]
        other = Connection()
        other.bash("sleep 6; echo unharmed", 60)
        for name, cmd in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                answer = self.bash(cmd, 0.5)
                self.assertLess(time.monotonic() - start, 3.5)
                self.assertEqual((answer.code, answer.exit["timed_out"], answer.exit["signal"]), (None, True, 9))
                self.assertEqual(self.sleepers(), ["301", "302"])
        answer = other.answer()
        other.close()
        if "bomb" not in programs:
            self.assertEqual((answer.text, answer.code), ("unharmed\n", 0))
        self.assertEqual(self.bash("echo ok").text, "ok\n")

    def sleepers(self):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{name}/cmdline").read_text().split("\0")
                state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
                if words[0] == "sleep" and state not in "ZX" and words[1] != "6":
                    found.append(words[1])
        return sorted(found)

    def await_sleepers(self, expected):
        limit = time.monotonic() + 5
        while self.sleepers() != expected and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertEqual(self.sleepers(), expected)

    def test_hanging_up_ends_the_command(self):
        with Connection() as connection:
            connection.bash("echo started; (setsid sleep 201 &); sleep 201")
            connection.expect(b"B")
            connection.expect(b"O")
            self.await_sleepers(["201", "201"])  # or there would be none yet when we look for their end
        self.await_sleepers([])

    def test_commands_run_side_by_side(self):
        connections = [Connection() for _ in range(8)]
        start = time.monotonic()
        for number, connection in enumerate(connections):
            connection.bash(f"sleep 1; echo {number}")
        self.assertEqual([connection.answer().text for connection in connections], [f"{n}\n" for n in range(8)])
        self.assertLess(time.monotonic() - start, 5)
        for connection in connections:
            connection.close()

    def test_output_is_limited_and_drained(self):
        answer = self.bash("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; exit 4")
        self.assertEqual((len(answer.out), len(answer.err), answer.code), (1_000_000, 1_000_000, 4))
        self.assertTrue(answer.exit["stdout_truncated"] and answer.exit["stderr_truncated"])

    def test_the_cpu_limit(self):
        self.reopen(cpu_seconds=1)
        for cmd in ("while :; do :; done", "(while :; do :; done); exit $?"):
            with self.subTest(cmd):
                answer = self.bash(cmd)
                self.assertEqual((answer.code, answer.exit["cpu"], answer.exit["oom"]), (152, True, False))
        answer = self.python("x = 1\nwhile True: pass")
        self.assertEqual((answer.code, answer.exit["cpu"], answer.lost, answer.exit["timed_out"]), (152, True, False, False))
        self.assertEqual(self.python("x").text, "1\n")  # each command has its own limit
        self.assertEqual(self.python("import time\nwhile time.process_time() % 1 < .7: pass\nprint('ok')").text, "ok\n")

    def test_one_millisecond_is_too_short(self):
        self.assertTrue(self.bash("sleep 1", 0.001).exit["timed_out"])
        self.assertTrue(self.python("import time; time.sleep(1)", 0.001).exit["timed_out"])
        self.python("import os; os._exit(0)")
        for _ in range(20):  # of which the interpreter is ready for some
            answer = self.python("1", 0.001)
            self.assertFalse(answer.lost)


class PythonTest(SessionTest):
    def test_one_namespace(self):
        steps = [
            ("x = 5\nx", "5\n", "", 0),
            ("x + 1", "6\n", "", 0),
            ("_ * 2", "12\n", "", 0),
            ("import math\ndef f(n):\n    return g(n)\n", "", "", 0),
            ("def g(n):\n    return math.factorial(n)\nf(5)", "120\n", "", 0),
            ("__name__, '__file__' in globals()", "('__main__', False)\n", "", 0),
            ("sorted(n for n in globals() if not n.startswith('_'))", "['f', 'g', 'math', 'x']\n", "", 0),
            ("import __main__; __main__.__dict__ is globals()", "True\n", "", 0),
            ("raise SystemExit", "", "", 0),
            ("raise SystemExit(7)", "", "", 7),
            ("exit('bye')", "", "bye\n", 1),
            ("input()", "line\n'line'\n"[5:], "", 0),
            ("import sys; sys.argv, sys.stdin.read()", "([''], 'line\\n')\n", "", 0),
            ("quit()", "", "", 0),
            ("import sys; sys.stdin.read()", "'line\\n'\n", "", 0),
            ("import os; os.getcwd() == sys.path[0]", "True\n", "", 0),
            ("class A: pass\nimport pickle; type(pickle.loads(pickle.dumps(A()))) is A", "True\n", "", 0),
            ("import inspect; inspect.getsource(f)", "'def f(n):\\n    return g(n)\\n'\n", "", 0),
            ("y: int = 1\n__annotations__ if sys.version_info < (3, 14) else {'y': int}", "{'y': <class 'int'>}\n", "", 0),
            ("from __future__ import annotations\ndef h(a: nope): pass\nh.__annotations__", "{'a': 'nope'}\n", "", 0),
            ("print('a'); print('b', file=sys.stderr)", "a\n", "b\n", 0),
            ("sys.stdout.close(); sys.stderr.close()", "", "", 0),
            ("print('again'); print('b', file=sys.stderr)", "again\n", "b\n", 0),
            ("import subprocess; subprocess.run(['echo', 'child']).returncode", "child\n0\n", "", 0),
            ("pid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')", "child\nparent\n", "", 0),
            ("pid = os.fork()\nif not pid: sys.exit(7)\nos.waitpid(pid, 0)[1] >> 8", "7\n", "", 0),
            ("import threading; t = threading.Thread(target=print, args=('t',)); t.start(); t.join()", "t\n", "", 0),
            ("import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))", "[1, 2]\n", "", 0),
            ("x", "5\n", "", 0),
        ]
        for code, out, err, status in steps:
            with self.subTest(code):
                answer = self.python(code, stdin=b"line\n")
                self.assertEqual((answer.text, answer.err.decode(), answer.code, answer.lost), (out, err, status, False))
                self.assertEqual(answer.started, 1)

    def test_tracebacks_show_the_program_only_and_its_source(self):
        self.python("def f(x):\n    return 1 / x  # the culprit\n")
        answer = self.python("\n\nf(0)  # the caller")
        self.assertEqual(answer.code, 1)
        lines = [line for line in answer.err.decode().splitlines() if set(line) - set(" ~^")]
        self.assertEqual(
            lines,
            [
                "Traceback (most recent call last):",
                '  File "<python-2>", line 3, in <module>',
                "    f(0)  # the caller",
                '  File "<python-1>", line 2, in f',
                "    return 1 / x  # the culprit",
                "ZeroDivisionError: division by zero",
            ],
        )
        for code, last in {
            "x = (": "SyntaxError",
            "raise KeyError('a') from ValueError()": "KeyError: 'a'",
            "'\\ud800'.encode()": "UnicodeEncodeError",
            b"# coding: nope\n": "SyntaxError",
            b"\xff": "SyntaxError",
            "def f(): f()\nf()": "RecursionError",
            "import sys; sys.excepthook = 5\n1/0": "ZeroDivisionError",
            "sys.excepthook = sys.__excepthook__\n1/0": "ZeroDivisionError",
            "class E(BaseException): pass\nraise E": "E",
            "(" * 5000: "",
        }.items():
            with self.subTest(code[:50]):
                answer = self.python(code)
                self.assertEqual((answer.code, answer.lost), (1, False), answer.err)
                self.assertIn(last, answer.err.decode())
                self.assertNotIn("runner", answer.err.decode().replace("_ctypes/runner", ""))
        answer = self.python("raise KeyboardInterrupt")
        self.assertEqual((answer.code, answer.lost), (130, False))
        self.assertEqual(self.python("1").text, "1\n")

    def test_a_timeout_keeps_the_state_of_what_obeys(self):
        self.python("x = 1")
        programs = {
            "loop": "while True: pass",
            "sleep": "import time; time.sleep(99)",
            "child": "import subprocess; subprocess.run(['sleep', '201'])",
            "shell": "import os; os.system('sleep 201')\nwhile True: pass",
            "daemon": "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork(): os.execvp('sleep', ['sleep', '201'])\n    os._exit(0)\ntime.sleep(99)",
            "caught": "import time\ntry: time.sleep(99)\nexcept KeyboardInterrupt: print('caught')",
            "input": "input()",
            "asyncio": "import asyncio; asyncio.run(asyncio.sleep(99))",
            "output": "while True: print('x' * 1000)",
        }
        for name, code in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                with Connection() as connection:
                    connection.python(code, 0.5, None)
                    answer = connection.answer()
                self.assertLess(time.monotonic() - start, 3)
                self.assertEqual((answer.code, answer.exit["timed_out"], answer.lost), (None, True, False), answer.err)
                self.assertEqual(BashTest.sleepers(self), [])
                self.assertEqual(self.python("x").text, "1\n")

    def test_a_timeout_costs_the_state_of_what_does_not(self):
        programs = {
            "blocked": "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [2])\ntime.sleep(9)",
            "deaf": "import time\nwhile True:\n    try: time.sleep(9)\n    except KeyboardInterrupt: pass",
            "ignoring": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(9)",
            "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            "exec": "import os; os.execvp('sleep', ['sleep', '201'])",
            "bomb": "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    try: os.fork()\n    except OSError: pass",
            "closed": "import os\nos.closerange(3, 250)\nwhile True: pass",
        }
        if not processes_limited():
            del programs["bomb"]
        for name, code in programs.items():
            with self.subTest(name):
                self.python("x = 1")
                start = time.monotonic()
                answer = self.python(code, 0.5)
                self.assertLess(time.monotonic() - start, 5)
                self.assertEqual((answer.code, answer.exit["timed_out"], answer.lost), (None, True, True))
                self.assertEqual(BashTest.sleepers(self), [])
                answer = self.python("'x' in globals()")
                self.assertEqual((answer.text, answer.lost), ("False\n", False))

    def test_a_command_finds_room_where_the_program_left_none(self):
        for take in (
            "keep = []\ntry:\n  while True: keep.append(open('/dev/null'))\nexcept OSError: print('all')",
            "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0)); print('all')",
        ):
            with self.subTest(take):
                self.assertEqual(self.python(take).text, "all\n")
                answer = self.python("print('on')")
                self.assertEqual((answer.text, answer.code), ("on\n", 0))
        self.assertEqual(self.python("import sys; sys.stdout.seekable()").text, "False\n")

    def test_the_death_of_the_interpreter_is_told(self):
        for code, status, number in (
            ("import os; print('last', flush=True); os._exit(5)", 5, None),
            ("import os; print('last', flush=True); os.kill(os.getpid(), 9)", 137, 9),
            ("import ctypes; print('last', flush=True); ctypes.string_at(0)", 139, 11),
            ("import os; print('last', flush=True); os.abort()", 134, 6),
        ):
            with self.subTest(code):
                self.python("x = 1")
                answer = self.python(code)
                self.assertEqual((answer.text, answer.code, answer.exit["signal"], answer.lost), ("last\n", status, number, True))
                answer = self.python("'x' in globals()")
                self.assertEqual((answer.text, answer.lost), ("False\n", False))
        self.python("import os, threading; threading.Timer(.1, os._exit, [3]).start()")
        time.sleep(0.5)
        answer = self.python("1")
        self.assertEqual((answer.text, answer.lost), ("1\n", True))
        self.assertFalse(self.python("1").lost)

    def test_children_live_on_unless_their_command_was_ended(self):
        self.python("import subprocess; a = subprocess.Popen(['sleep', '301'])")
        self.python("import time; b = subprocess.Popen(['sleep', '302']); time.sleep(99)", 0.5)
        self.assertEqual(BashTest.sleepers(self), ["301"])
        self.assertEqual(self.python("a.poll(), b.wait()").text, "(None, -9)\n")
        self.python("import os; os._exit(0)")
        self.assertEqual(BashTest.sleepers(self), ["301"])
        self.python("import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass", 0.3)
        self.assertEqual(BashTest.sleepers(self), ["301"])

    def test_hanging_up_ends_the_command(self):
        self.python("x = 1")
        with Connection() as connection:
            connection.python("import subprocess; print(0); subprocess.run(['sleep', '201'])", stdin=None)
            connection.expect(b"B")
            connection.expect(b"O")
        for _ in range(100):
            with contextlib.suppress(Refused):
                answer = self.python("x")
                break
            time.sleep(0.02)
        self.assertEqual((answer.text, answer.lost), ("1\n", False))
        self.assertEqual(BashTest.sleepers(self), [])

    def test_only_one_at_a_time(self):
        with Connection() as first:
            first.python("input()", stdin=None)
            first.expect(b"B")
            for _ in range(3):
                self.assertEqual(self.refusal(lambda: self.python("1")), "busy")
            self.assertEqual(self.bash("echo meanwhile").text, "meanwhile\n")
            first.send(b"I", b"line\n")
            self.assertEqual(first.answer().text, "'line'\n")
        self.assertEqual(self.python("1").text, "1\n")

    def test_streams(self):
        self.assertEqual(self.python("import sys, zlib; d = sys.stdin.buffer.read(); len(d)", stdin=bytes(5_000_000)).text, "5000000\n")
        self.assertEqual(self.python("sys.stdin.readline()", stdin=b"a\nb\n").text, "'a\\n'\n")
        self.assertEqual(self.python("sys.stdin.read()", stdin=b"new").text, "'new'\n")
        self.assertEqual(self.python("1", stdin=bytes(5_000_000)).text, "1\n")
        self.assertEqual(len(self.python("print('x' * 3_000_000)").out), 1_000_000)
        self.python("import logging; logging.basicConfig(); log = logging.getLogger()")
        self.assertEqual(self.python("log.warning('w')").err, b"WARNING:root:w\n")
        self.python("import threading, time\ndef late():\n    time.sleep(.3); print('late')\nt = threading.Thread(target=late); t.start()")
        self.assertEqual(self.python("t.join(); 'joined'").text.splitlines()[-1], "'joined'")

    def test_hostile_words_to_the_keeper(self):
        attempts = {
            "garbage": "for _ in range(2000):\n    try: s.send(b'\\xff' * 60)\n    except OSError: break",
            "flood": "import threading\ndef flood():\n    while True: s.send(b'1 ' + b'9' * 50)\nthreading.Thread(target=flood, daemon=True).start()\nimport time; time.sleep(.3)",
            "other numbers": "for n in range(100): s.send(b'%d 0' % n)",
            "huge": "s.send(bytes(100_000))",
            "shutdown": "s.shutdown(2)",
            "descriptors": "import array; s.sendmsg([b'x 0'], [(1, 1, array.array('i', [0] * 50))])",
        }
        find = """
            import os, socket
            for fd in map(int, os.listdir("/proc/self/fd")):
                try:
                    s = socket.socket(fileno=os.dup(fd))
                    if s.type == socket.SOCK_SEQPACKET: break
                except OSError: pass
            s.setblocking(False)
            """
        for name, code in attempts.items():
            with self.subTest(name):
                with contextlib.suppress(Refused):
                    self.python(textwrap.dedent(find) + code, 2)
                self.assertEqual(self.bash("echo ok").text, "ok\n")
                self.python("import os; os._exit(0)", 1)
                self.assertEqual(self.python("1 + 1").text, "2\n")

    def test_staged_modules_import(self):
        self.reopen({"helper.py": b"X = 4", "json.py": b"MINE = 1", "traceback.py": b"raise SystemExit(9)"})
        self.assertEqual(self.python("import helper, json; helper.X, json.MINE").text, "(4, 1)\n")
        self.assertEqual(self.python("1/0").code, 1)
        self.assertEqual(self.ask(b"W", False).sizes, {"helper.py": 5, "json.py": 8, "traceback.py": 19})


class FilesTest(SessionTest):
    def test_new_and_changed_files_come_back(self):
        self.bash("echo old > old; echo same > same; mkdir d; echo x > d/touched; ln -s old link; mkfifo fifo; echo > gone; echo main > __main__.py")
        answer = self.python("open('new', 'w').write('n'); open('old', 'a').write('er'); import os; os.unlink('gone'); open('d/e', 'w'); os.rename('d/touched', 'd/moved')")
        self.assertEqual(answer.files, {"new": b"n", "old": b"old\ner", "d/e": b"", "d/moved": b"x\n"})
        self.assertEqual(answer.skipped, [])  # nothing that is new
        self.assertEqual(self.python("1").files, {})
        self.assertEqual(self.python("os.symlink('x', 'link2')").skipped, [("link2", "symlink")])
        self.assertEqual(self.python("open('__main__.py', 'a').write('!')").files, {"__main__.py": b"main\n!"})

    def test_a_change_within_a_tick_is_seen(self):
        self.python("import os; f = os.open('f', os.O_RDWR | os.O_CREAT); os.write(f, b'0')")
        for n in range(30):
            self.python(f"os.pwrite(f, b'{n % 10}', 0)", interactive=False)
            answer = self.python(f"os.pwrite(f, b'{(n + 1) % 10}', 0)", interactive=False)
            self.assertEqual(answer.files, {"f": b"%d" % ((n + 1) % 10)})

    def test_times_that_were_set_back_do_not_hide_a_change(self):
        self.bash("echo 1 > f")
        answer = self.python("import os; s = os.stat('f'); open('f', 'w').write('2\\n'); os.utime('f', ns=(s.st_atime_ns, s.st_mtime_ns))")
        self.assertEqual(answer.files, {"f": b"2\n"})

    def test_files_of_a_run_that_timed_out_come_back(self):
        for code in ("open('f', 'w').write('1')\nwhile True: pass", "open('f', 'w').write('2')\nimport signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass"):
            answer = self.python(code, 0.5)
            self.assertEqual((list(answer.files), answer.exit["timed_out"]), (["f"], True))

    def test_what_cannot_be_read_is_skipped_and_left_as_it_is(self):
        answer = self.python("import os; open('f', 'w').close(); os.chmod('f', 0); os.mkdir('d'); os.chmod('d', 0); open('g', 'w').close()")
        self.assertEqual((list(answer.files), dict(answer.skipped)), (["g"], {"d": "unreadable", "f": "unreadable"}))
        self.assertEqual(self.bash("stat -c %a f d").text, "0\n0\n")
        answer = self.bash("chmod 0 .")
        self.assertEqual(answer.code, 0)
        self.assertEqual(self.bash("echo ok").text, "ok\n")

    def test_writers_in_the_background_do_not_break_the_answer(self):
        writer = """
            import os, random, sys
            big, name = int(sys.argv[1]), sys.argv[2]
            while True:
                with open(name, "wb") as f: f.write(b"x" * random.randrange(big))
                os.truncate(name, random.randrange(big))
                if random.random() < .2: os.rename(name, name + "2")
                elif random.random() < .1: os.mkdir("d" + name); os.rmdir("d" + name)
                elif random.random() < .1: os.unlink(name); os.symlink("/etc/passwd", name); os.unlink(name); open(name, "w").close()
            """
        self.put("writer.py", textwrap.dedent(writer).encode())
        self.bash("for i in 1 2 3; do python3 writer.py 9000 small$i & python3 writer.py 9000000 big$i & done")
        for _ in range(10):
            with contextlib.suppress(Lost):
                try:
                    answer = self.python("open('mine', 'w').write('m')")
                    self.assertEqual(answer.files["mine"], b"m")
                    self.assertFalse([reason for _, reason in answer.skipped if reason not in ("in_use", "symlink", "unreadable", "total_size")], answer.skipped)
                except Refused as refused:
                    self.assertEqual(refused.reason, "changed")
            self.ask(b"W", False)
            for name in ("small1", "big1"):
                try:
                    self.ask(b"G", path=name)
                except Refused as refused:
                    self.assertIn(refused.reason, ("not_found", "changed"))

    def test_limits_hold(self):
        self.reopen(output_files=2, output_file_bytes=100, output_total_bytes=150)
        answer = self.python("for n, s in (('a', 100), ('b', 101), ('c', 60), ('d', 50), ('e', 0)): open(n, 'w').write('x' * s)")
        self.assertEqual(answer.sizes, {"a": 100, "d": 50})
        self.assertEqual(answer.skipped, [("b", "too_large"), ("c", "total_size"), ("e", "file_limit")])
        answer = self.python("import os\nfor n in range(100): os.mkdir('deep'); os.chdir('deep')\nos.chdir(sys.path[0])" if False else "import os, sys\nfor n in range(100): os.mkdir('deep'); os.chdir('deep')")
        self.assertEqual(dict(answer.skipped).get("/".join(["deep"] * 65)), "depth")

    def test_single_files(self):
        content = os.urandom(200_000)
        self.put("a/b/c.bin", content)
        self.assertEqual(self.bash("stat -c '%a %s' a/b/c.bin; stat -c %a a/b").text, "644 200000\n755\n")
        self.assertEqual(self.ask(b"G", path="a/b/c.bin").files, {"a/b/c.bin": content})
        big = os.urandom(3_000_000)
        self.put("a/b/c.bin", big)
        self.assertEqual(self.ask(b"G", path="a/b/c.bin").files, {"a/b/c.bin": big})
        self.put("empty", b"")
        self.assertEqual(self.ask(b"G", path="empty").files, {"empty": b""})
        self.bash("ln -s /etc/passwd link; ln -s a alias; mkfifo fifo; mkdir dir; chmod 0 empty; chmod 600 a/b/c.bin")
        for path in ("nope", "link", "alias/b/c.bin", "fifo", "dir", "empty", "a/b/c.bin/d", "x" * 300):
            with self.subTest(get=path):
                self.assertEqual(self.refusal(lambda: self.ask(b"G", path=path)), "not_found")
        for path in ("link", "fifo", "dir", "a", "alias/x", "empty/x", "link/x", "x" * 300):
            with self.subTest(put=path):
                self.assertEqual(self.refusal(lambda: self.put(path, b"x")), "not_a_file")
        for path in ("", "/x", "../x", "a/../b", "./a", "a//b", "a/", "a\0b"):
            with self.subTest(both=path):
                self.assertEqual(self.refusal(lambda: self.put(path, b"x")), "protocol")
                self.assertEqual(self.refusal(lambda: self.ask(b"G", path=path)), "protocol")
        answer = self.ask(b"W", False)
        self.assertEqual(answer.sizes, {"a/b/c.bin": 3_000_000, "empty": 0})
        self.assertEqual(dict(answer.skipped), {"link": "symlink", "alias": "symlink", "fifo": "special"})
        self.put("empty", b"replaced")
        self.assertEqual(self.ask(b"G", path="empty").files, {"empty": b"replaced"})

    def pages(self, limit):
        """All paths, page by page."""
        after, paths = "", []
        while True:
            page = list(self.ask(b"W", False, limit=limit, after=after).sizes)
            self.assertLessEqual(len(page), limit)
            if not page:
                return paths
            paths += page
            after = page[-1]

    def test_a_listing_is_sorted_by_path_and_read_in_pages(self):
        self.bash("mkdir -p a/b a.d 'a b' z; touch a/b/c a/b.x a/c a.d/e 'a b/f' a.txt a- a0 z/y zz \u00e9 \U0001f600 '\uffee'; ln -s a link; mkdir empty")
        names = ["a/b/c", "a/b.x", "a/c", "a.d/e", "a b/f", "a.txt", "a-", "a0", "z/y", "zz", "\u00e9", "\U0001f600", "\uffee"]
        ordered = sorted(names, key=str.encode)
        for limit in (1, 2, 3, len(names), 10000):
            self.assertEqual(self.pages(limit), ordered)
        for after in ("a", "a/", "a/b", "a/b/", "a/b/c", "a/b/c/d", "a0", "a00", "zz", "\U0010ffff", "a/zzz", "nothing/at/all", ".", " "):
            with self.subTest(after):
                rest = [name for name in ordered if name.encode() > after.encode()]
                self.assertEqual(list(self.ask(b"W", False, limit=100, after=after).sizes), rest)
        self.assertEqual(list(self.ask(b"W", False).sizes), ordered)

    def test_every_one_of_many_files_is_reached(self):
        self.bash("mkdir many deep; cd many; python3 -c \"for i in range(60000): open('f%d' % (i * 7919 % 60000), 'w').close()\"", 60)
        self.bash("for i in {1..15}; do n=$(printf 'd%.0s' {1..250}); mkdir $n; cd $n; done; for i in {1..700}; do : > $(printf 'x%.0s' {1..200})$i; done", 60)
        paths = self.pages(7000)
        self.assertEqual(len(paths), 60700)
        self.assertEqual(paths, sorted(set(paths)))
        self.assertGreater(max(map(len, paths)), 3900)

    def test_a_file_that_is_written_to_while_it_is_read_is_none(self):
        self.bash("head -c 9000000 /dev/zero > big")
        # Open before it is read: who opens it later waits until it is sent.
        with open(os.path.join(self.workspace, "big"), "r+b", 0) as file, Connection() as connection:
            connection.send(b"G", {"path": "big"})
            self.assertEqual(connection.receive()[0], b"F")
            file.write(b"new")
            kinds = []
            while not kinds or kinds[-1] == b"D":
                kind, payload = connection.receive()
                kinds.append(kind)
        self.assertEqual((kind, json.loads(payload)["reason"]), (b"P", "changed"))

    def test_an_interrupted_upload_leaves_the_old_file_and_nothing_else(self):
        self.put("f", b"old")
        with Connection() as connection:
            connection.put("f", bytes(100_000), size=200_000)
        limit = time.monotonic() + 5
        while len(os.listdir(self.workspace)) > 1 and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertEqual(self.bash("ls -A; cat f").text, "f\nold")


LANDLOCK_VERSION = max(0, ctypes.CDLL(None).syscall(444, None, 0, 1))
LOOK_INTO = """
import os, sys
pid = sys.argv[1]
for name in "environ", "maps", "mem", "fd/0", "fd/1", "exe", "cwd", "root":
    try:
        os.readlink(f"/proc/{pid}/{name}") if name[0] in "ecr" and name != "environ" else os.open(f"/proc/{pid}/{name}", os.O_WRONLY if name == "mem" else os.O_RDONLY)
        print(name)
    except PermissionError:
        pass
"""


@unittest.skipIf(LANDLOCK_VERSION < 2, "needs Landlock")
class DomainTest(SessionTest):
    """What Landlock keeps apart, and what stays as it was."""

    def looks_into(self, pid, command=""):
        return self.bash(f"{command} python3 look.py {pid}").text.split()

    def setUp(self):
        super().setUp()
        self.put("look.py", LOOK_INTO.encode())

    def test_nobody_looks_into_what_is_not_of_the_same_command(self):
        outside = subprocess.Popen(["sleep", "99"], stdin=-1, stdout=-1)
        self.addCleanup(outside.stdout.close)
        self.addCleanup(outside.stdin.close)
        self.addCleanup(outside.wait)
        self.addCleanup(outside.kill)
        server = self.bash("sleep 99 > /dev/null 2>&1 & echo $!").text.strip()
        interpreter = self.python("import os; os.getpid()").text.strip()
        everything = "environ maps mem fd/0 fd/1 exe cwd root".split()
        self.assertEqual(self.looks_into("$$", "sleep 99 &"), everything)  # our own shell
        for name, pid in (("outside", outside.pid), ("another command", server), ("the interpreter", interpreter)):
            with self.subTest(name):
                self.assertEqual(self.looks_into(pid), [])
        child = f"import subprocess; subprocess.run(['python3', 'look.py', '%s'], capture_output=True, text=True).stdout.split()"
        self.assertEqual(self.python(child % server).text, "[]\n")
        self.assertEqual(self.python(child % outside.pid).text, "[]\n")
        self.assertEqual(self.python(child % interpreter).text, f"{everything}\n")

    def test_commands_still_have_to_do_with_each_other(self):
        listener = "import socket; s = socket.socket(socket.AF_UNIX); s.bind({}); s.listen(); c = s.accept()[0]; c.send(c.recv(9) * 2)"
        asker = "import socket; s = socket.socket(socket.AF_UNIX); s.connect({}); s.send(b'ab'); print(s.recv(9).decode())"
        for address in (r"chr(0) + 'between-us'", "'s'"):
            with self.subTest(address=address):
                self.bash(f"""python3 -c "{listener.format(address)}" > /dev/null 2>&1 &""")
                answer = self.bash(f"""for i in $(seq 100); do python3 -c "{asker.format(address)}" 2> err && exit; sleep .05; done; cat err""")
                self.assertEqual(answer.text, "abab\n")
        server = self.bash("exec -a a-server sleep 99 > /dev/null 2>&1 & echo $!").text.strip()
        for name, command, expected in (
            ("a name", f"tr '\\0' ' ' < /proc/{server}/cmdline", "a-server 99 "),
            ("a state", f"cut -d' ' -f2 /proc/{server}/stat", "(sleep)\n"),
            ("a parent", f"grep -c PPid /proc/{server}/status", "1\n"),
            ("a signal", f"kill -0 {server} && kill -STOP {server} && kill -CONT {server} && echo sent", "sent\n"),
            ("a wait", f"(sleep .2; kill {server}) & tail --pid={server} -f /dev/null; echo ended", "ended\n"),
            ("a pipe", "mkfifo p; (echo through > p) > /dev/null 2>&1 &", ""),
            ("its end", "timeout 9 cat p", "through\n"),
        ):
            with self.subTest(name):
                answer = self.bash(command)
                self.assertEqual(answer.text, expected, answer.err)
        answer = self.python("import os, subprocess; p = subprocess.Popen(['sleep', '99']); p.pid")
        self.assertEqual(self.bash(f"kill {answer.text.strip()} && echo sent").text, "sent\n")
        self.assertEqual(self.python("p.wait()").text, "-15\n")

    def test_files_are_renamed_and_linked_as_ever(self):
        code = """
            import os, shutil, tempfile
            os.makedirs("a/b"); os.mkdir("c")
            open("a/b/f", "w").close()
            os.rename("a/b/f", "c/f"); os.link("c/f", "a/f"); os.rename("a/b", "c/b")
            os.mkdir("/tmp/d"); open("/tmp/d/x", "w").close(); os.rename("/tmp/d/x", "/tmp/x"); os.remove("/tmp/x"); os.rmdir("/tmp/d")
            os.mkfifo("c/p"); os.rename("c/p", "p"); os.symlink("c", "l"); os.rename("l", "c/l"); os.truncate("c/f", 9)
            print(sorted(os.listdir("c")), os.stat("a/f").st_nlink)
            """
        expected = "['b', 'f', 'l'] 2\n"
        answer = self.python(code)
        self.assertEqual(answer.text, expected, answer.err)
        self.bash("rm -r a c p")
        self.put("moves.py", textwrap.dedent(code).encode())
        answer = self.bash("python3 moves.py")
        self.assertEqual(answer.text, expected, answer.err)

    @unittest.skipIf(LANDLOCK_VERSION < 6, "needs scopes")
    def test_no_signal_and_no_connection_leaves_the_session(self):
        outside = subprocess.Popen(["sleep", "99"])
        self.addCleanup(outside.wait)
        self.addCleanup(outside.kill)
        answer = self.bash(f"kill -9 {outside.pid} || kill -0 {outside.pid} || echo refused")
        self.assertEqual(answer.text, "refused\n")
        self.assertIsNone(outside.poll())
        code = f"import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + '{NAME[1:]}')"
        for answer in (self.python(code), self.bash(f'python3 -c "{code}"')):
            self.assertIn("PermissionError", answer.err.decode())


class GuardTest(RunnerTest):
    def refused(self, **session):
        client = Client(self.workspace, session=session)
        self.addCleanup(client.close)
        client.ready()
        client.send(b"L")
        problem = json.loads(client.expect(b"P"))
        client.process.wait(PATIENCE)
        return problem["reason"]

    def test_a_session_has_a_bounded_life(self):
        for seconds in (86400.5, 1e12, float("nan"), -1):
            with self.subTest(seconds=seconds):
                self.assertEqual(self.refused(seconds=seconds), "protocol")

    def test_a_peer_of_our_own_uid_is_not_served_where_the_connector_has_its_own(self):
        client = Client(self.workspace, session={"seconds": 60, "guard": "uid"})
        self.addCleanup(client.close)
        client.ready()
        client.send(b"L")
        client.expect(b"Z")
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(PATIENCE)
            peer.connect(NAME)
            self.assertEqual(peer.recv(1), b"")
        client.process.kill()
        client.process.wait(PATIENCE)


class HostileTest(SessionTest):
    def test_ours_are_out_of_reach(self):
        self.python("1")  # the interpreter is up, and looks like what it is: not ours
        answer = self.bash(
            """python3 -c '
import os, signal, resource
me, ours = os.getpid(), []
for name in filter(str.isdigit, os.listdir("/proc")):
    if name == "1" or int(name) == me: continue
    words = open(f"/proc/{name}/cmdline").read()
    if "marshal" in words: ours.append(int(name))
parents, pid = [], me
while pid: parents.append(pid); pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
def attempt(name, action):
    try: action(); print("DONE", name)
    except OSError as e: print("refused", name)
interpreter = [pid for pid in ours if os.access(f"/proc/{pid}/environ", os.R_OK)]
for pid in set(ours) - set(interpreter) - {me, parents[1]} | set(parents[2:]) - {1}:
    for number in (9, 19): attempt(f"kill {pid}", lambda: os.kill(pid, number)); attempt(f"group {pid}", lambda: os.killpg(pid, number))
    for file in ("mem", "environ", "maps", "fd/3", "oom_score_adj"): attempt(f"{pid} {file}", lambda: open(f"/proc/{pid}/{file}", "r+b" if file == "mem" else "rb" if file != "oom_score_adj" else "wb"))
    attempt(f"limit {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)))
attempt("kill all", lambda: os.kill(-1, 9))
' """
        )
        self.assertGreater(answer.text.count("refused"), 20, answer.err)
        self.assertNotIn("DONE", answer.text)
        self.assertEqual(self.python("1").text, "1\n")

    def test_a_name_is_not_the_word_of_the_kernel(self):
        """A process chooses the name with which its /proc/<pid>/status begins."""
        for name in (r"\rSigIgn:\tzz\r", r"\x0cSigIgn:\tzz", r"\x1cSigIgn:", r"\x0cSigPnd:\t100", ") Z 1 2 3 4 5", r"\x0cVmHWM:\tzz"):
            with self.subTest(name=name):
                self.python(f"import ctypes; ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\nx = 1")
                answer = self.python("x\nwhile True: pass", 0.5)
                self.assertEqual((answer.exit["timed_out"], answer.lost), (True, False))
                start = time.monotonic()
                self.assertEqual(self.python("x").text, "1\n")
                self.assertLess(time.monotonic() - start, 1.5)

    def test_a_program_cannot_pass_for_somebody_from_outside(self):
        answer = self.python(
            r"""
            import ctypes, socket
            for name in b"python3", b"\rPPid:\t0\r", b"\nPPid:\t0\n", b"\x0cPPid:\t0\x0c":
                ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
                visitor = socket.socket(socket.AF_UNIX)
                visitor.settimeout(10)
                try:
                    visitor.connect(chr(0) + "code-interpreter")
                    print(visitor.recv(1))
                except (ConnectionError, PermissionError) as error:
                    print(type(error).__name__)
            """
        )
        self.assertEqual(bytes(answer.err), b"")
        self.assertEqual(len(answer.text.splitlines()), 4)
        self.assertNotIn("Y", answer.text)  # READY is said to the owner alone

    def test_killing_what_can_be_killed(self):
        killer = "import os\nfor n in filter(str.isdigit, os.listdir('/proc')):\n    if int(n) not in (1, os.getpid()):\n        try: os.kill(int(n), 9)\n        except OSError: pass"
        self.python("x = 1")
        self.bash(f"python3 -c \"{killer}\"")
        answer = self.python("'x' in globals()")
        self.assertEqual((answer.text, answer.lost), ("False\n", True))
        # A process of an earlier command does not know the handlers to come, and they cannot know it.
        self.bash(f"(while :; do python3 -c \"{killer}\"; done) & disown")
        outcomes = set()
        for _ in range(20):
            try:
                self.bash("sleep 0.1", 5)
                outcomes.add("answer")
            except (Lost, Refused):
                outcomes.add("lost")
        self.assertTrue(outcomes <= {"answer", "lost"})
        self.ask(b"K", seconds=50)

    def test_no_process_is_left_for_a_command(self):
        if not processes_limited():
            self.skipTest("needs a limit of processes")
        code = "import os, time\\nfor i in range(5000):\\n    try:\\n        if not os.fork(): time.sleep(60); os._exit(0)\\n    except OSError: time.sleep(.01)\\n    if i > 3000: time.sleep(1)"
        self.bash(f"setsid python3 -c $'{code}' > /dev/null 2>&1 & sleep 2; exit 0")
        time.sleep(0.5)  # it takes the last two as well
        reasons = set()
        for action in (lambda: self.bash("true"), lambda: self.ask(b"W", False)):
            try:
                action()
            except Refused as refused:
                reasons.add(refused.reason)
            except Lost:
                pass
        self.assertEqual(reasons, {"exhausted"})
        self.assertEqual(self.python("1 + 1").text, "2\n")  # its process is there already
        self.ask(b"K", seconds=40)
        start = time.monotonic()
        self.ask(b"K", seconds=0)
        self.client.process.wait(PATIENCE)
        self.assertLess(time.monotonic() - start, 3)

    def test_full_file_systems(self):
        for place in ("/workspace", "/tmp"):
            if not os.path.ismount(place) or os.statvfs(place).f_blocks * os.statvfs(place).f_frsize > 128 << 20:
                self.skipTest("needs a small /workspace and a small /tmp")
        self.workspace = "/workspace"
        self.reopen(file_bytes=1 << 30)
        self.addCleanup(self.remove, "/tmp/fill")
        self.bash("cat /dev/zero > fill; cat /dev/zero > /tmp/fill")
        self.assertEqual(self.refusal(lambda: self.put("x", bytes(100_000))), "no_space")
        self.assertEqual(self.bash("echo ok").text, "ok\n")
        self.assertEqual(self.python("1 + 1").text, "2\n")
        self.assertEqual(self.bash("rm fill /tmp/fill; ls -A").text, "")

    def test_a_flood_of_connections_from_inside(self):
        self.bash(f"python3 -c 'import socket\nwhile True:\n  s = socket.socket(socket.AF_UNIX)\n  try: s.connect(chr(0) + \"code-interpreter\")\n  except OSError: pass' & disown")
        start = time.monotonic()
        for _ in range(5):
            self.assertEqual(self.bash("echo ok").text, "ok\n")
        self.assertLess(time.monotonic() - start, 10)

    def test_stopping_what_starts(self):
        stopper = "import os\nwhile True:\n  for n in filter(str.isdigit, os.listdir('/proc')):\n    if int(n) not in (1, os.getpid()):\n        try: os.kill(int(n), 19)\n        except OSError: pass"
        self.put("stopper.py", stopper.encode())
        self.bash("python3 stopper.py & disown")
        start = time.monotonic()
        with contextlib.suppress(Lost, Refused, socket.timeout):
            with Connection() as connection:
                connection.socket.settimeout(4)
                connection.bash("true", 1)
                connection.answer()
        self.assertLess(time.monotonic() - start, 6)
        start = time.monotonic()
        self.ask(b"K", seconds=0)
        self.client.process.wait(PATIENCE)
        self.assertLess(time.monotonic() - start, 3)

    def test_memory(self):
        if not test_runner.memory_limited():
            self.skipTest("needs a memory limit")
        answer = self.python("b = []\nwhile True: b.append(bytearray(1 << 20))")
        self.assertEqual((answer.code, answer.exit["oom"], answer.lost), (137, True, True))
        answer = self.bash("python3 -c 'b = []\nwhile True: b.append(bytearray(1 << 20))'; exit $?")
        self.assertEqual((answer.code, answer.exit["oom"]), (137, True))
        self.assertEqual(self.python("1").text, "1\n")


class ConnectorTest(unittest.TestCase):
    """The connector between our pipes and a socket of ours."""

    def setUp(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(NAME)
        self.listener.listen()
        self.addCleanup(self.listener.close)
        self.process = subprocess.Popen([sys.executable, "-I", "-S", "-c", CONNECTOR], stdin=-1, stdout=-1, stderr=-1)
        self.peer, _ = self.listener.accept()
        self.peer.settimeout(PATIENCE)
        self.addCleanup(self.finish)

    def finish(self):
        self.peer.close()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        self.process.wait(PATIENCE)

    def test_bytes_pass_both_ways_at_once(self):
        data = os.urandom(3_000_000)
        received = bytearray()

        def echo():
            while True:
                part = self.peer.recv(70_000)
                if not part:
                    return
                self.peer.sendall(part)

        def read():
            while len(received) < len(data):
                received.extend(os.read(self.process.stdout.fileno(), 1 << 16))

        threads = [threading.Thread(target=read), threading.Thread(target=echo)]
        for thread in threads:
            thread.start()
        self.process.stdin.write(data)
        self.process.stdin.flush()
        threads[0].join(PATIENCE)
        self.assertEqual(received, data)
        self.process.stdin.close()
        threads[1].join(PATIENCE)
        self.assertEqual((self.process.wait(PATIENCE), self.process.stderr.read()), (0, b""))

    def test_it_cannot_be_looked_into(self):
        self.process.stdin.write(b"x")
        self.process.stdin.flush()
        self.peer.recv(1)
        with self.assertRaises(PermissionError):
            os.listdir(f"/proc/{self.process.pid}/fd")

    def test_the_end_of_the_runner_comes_after_its_last_word(self):
        self.process.stdin.write(bytes(300_000))
        self.process.stdin.flush()
        self.peer.sendall(b"last" * 10_000)
        self.peer.close()  # with much unread, which is a reset
        self.assertEqual(self.process.stdout.read(), b"last" * 10_000)
        self.assertEqual((self.process.wait(PATIENCE), self.process.stderr.read()), (0, b""))

    def test_it_ends_when_nobody_reads_it(self):
        self.process.stdout.close()
        self.process.wait(PATIENCE)
        self.assertEqual(self.process.stderr.read(), b"")

    def test_backpressure(self):
        self.peer.settimeout(0.5)
        sent = 0
        with contextlib.suppress(socket.timeout):
            while True:
                sent += self.peer.send(bytes(65536))
        self.assertLess(sent, 4 << 20)
        self.process.stdin.write(b"still heard")
        self.process.stdin.flush()
        self.assertEqual(self.peer.recv(100), b"still heard")


if __name__ == "__main__":
    unittest.main()
