"""The service's side of a session, for tests: its runner, spoken to over its socket as the connector does.

The tests are process 1 of their pid namespace, see harness. So their parent is outside of it, which is how the runner
recognises its owner's connections.
"""
import contextlib
import json
import os
import socket
import struct
import textwrap
from pathlib import Path

from harness import PAYLOAD, RECEIVE_TIMEOUT, SOURCES, Client, RunnerTest, items, survivors

NAME = "\0code-interpreter"
CONNECTOR = (SOURCES / "connector.py").read_text()


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

    def __init__(self, ahead=False):
        """Ahead: before the session has begun, whose runner says READY then."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(NAME)
        self.socket.settimeout(RECEIVE_TIMEOUT)
        self.inbox = bytearray()
        if not ahead:
            self.await_ready()

    def await_ready(self):
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

    def python(self, code, timeout=20.0, stdin=b"", interactive=True, results=True):
        source = code if isinstance(code, bytes) else textwrap.dedent(code).encode()
        self.send(b"H", {"size": len(source)})
        self.data(source)
        request = {"timeout_ms": int(timeout * 1000), "last_line_interactive": interactive, "results": results}
        self.send(b"R", request)
        if stdin is not None:
            for start in range(0, len(stdin), PAYLOAD):
                self.send(b"I", stdin[start : start + PAYLOAD])
            self.send(b"E")

    def answer(self, content=True):
        result, shown = Answer(), []
        while True:
            kind, payload = self.receive()
            if kind == b"B":
                result.started += 1
                assert not result.out and not result.err
            elif kind == b"O":
                result.out += payload
            elif kind == b"e":
                result.err += payload
            elif kind in (b"X", b"x", b"D", b"y") and result.exit is None:
                shown.append((kind, payload))
            elif kind == b"T":
                result.exit = json.loads(payload)
                result.shown = items(shown)
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
        client = Client(self.workspace, session={}, **{**self.CONFIG, **config})
        self.addCleanup(self.end, client)
        client.ready()
        for path, content in dict(files).items():
            client.stage(path, content)
        client.send(b"L", {"seconds": self.SECONDS})
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
                client.process.wait(RECEIVE_TIMEOUT)
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

    def python(self, code, timeout=20.0, stdin=b"", interactive=True, results=True):
        with Connection() as connection:
            connection.python(code, timeout, stdin, interactive, results)
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

    def sleepers(self):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{name}/cmdline").read_text().split("\0")
                state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
                if words[0] == "sleep" and state not in "ZX" and words[1] != "6":
                    found.append(words[1])
        return sorted(found)
