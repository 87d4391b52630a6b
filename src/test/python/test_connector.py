"""The process that joins its own streams to the socket of a session."""
import contextlib
import os
import socket
import subprocess
import sys
import threading
import unittest

from harness import RECEIVE_TIMEOUT, setUpModule
from session_harness import CONNECTOR, NAME


def frame(kind, payload=b""):
    return kind + len(payload).to_bytes(4, "big") + payload


class ConnectorTest(unittest.TestCase):
    """The connector between our pipes and a socket of ours."""

    def setUp(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(NAME)
        self.listener.listen()
        self.addCleanup(self.listener.close)
        self.process = subprocess.Popen([sys.executable, "-I", "-S", "-c", CONNECTOR], stdin=-1, stdout=-1, stderr=-1)
        self.peer, _ = self.listener.accept()
        self.peer.settimeout(RECEIVE_TIMEOUT)
        self.addCleanup(self.finish)

    def finish(self):
        self.peer.close()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        self.process.wait(RECEIVE_TIMEOUT)

    def test_bytes_pass_both_ways_at_once(self):
        data = b"".join(frame(b"D", os.urandom(60_000)) for _ in range(50))
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
        threads[0].join(RECEIVE_TIMEOUT)
        self.assertEqual(received, data)
        self.process.stdin.close()
        threads[1].join(RECEIVE_TIMEOUT)
        self.assertEqual((self.process.wait(RECEIVE_TIMEOUT), self.process.stderr.read()), (0, b""))

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def expect(self, data):
        self.assertEqual(self.process.stdout.read(len(data)), data)

    def accept(self):
        self.peer.close()
        self.listener.settimeout(RECEIVE_TIMEOUT)
        self.peer, _ = self.listener.accept()
        self.peer.settimeout(RECEIVE_TIMEOUT)

    def test_next_begins_another_connection(self):
        for answer in (frame(b"Z"), frame(b"P", b"why"), frame(b"D", b"x") + frame(b"Z")):
            with self.subTest(answer):
                self.send(frame(b"A", b"one"))
                self.assertEqual(self.peer.recv(100), frame(b"A", b"one"))
                self.peer.sendall(answer)
                self.peer.close()
                self.expect(answer)
                # What arrives late, also in pieces and with the letter of NEXT in it, is not for the next command.
                late = frame(b"I", b"late V\0\0\0\0") + frame(b"E") + frame(b"V") + frame(b"A", b"two")
                for byte in late:
                    self.send(bytes([byte]))
                self.accept()
                received = b""
                while len(received) < 8:
                    received += self.peer.recv(100)
                self.assertEqual(received, frame(b"A", b"two"))
                self.send(frame(b"V"))
                self.accept()

    def test_next_replaces_a_connection_that_is_there(self):
        self.send(frame(b"V") + frame(b"A", b"two"))
        self.assertEqual(self.peer.recv(100), b"")
        self.accept()
        self.assertEqual(self.peer.recv(100), frame(b"A", b"two"))

    def test_it_stays_when_nothing_was_asked(self):
        self.peer.sendall(frame(b"Y", b"{}"))
        self.peer.close()
        self.expect(frame(b"Y", b"{}"))
        self.send(frame(b"V"))
        self.accept()

    def test_it_ends_when_the_answer_was_not_whole(self):
        for answer in (b"", frame(b"Y", b"{}")[:6], frame(b"Z")[:4], frame(b"P", b"why")[:7], frame(b"Z") + b"T"):
            with self.subTest(answer):
                self.peer.sendall(answer)
                self.peer.close()
                self.assertEqual(self.process.stdout.read(), answer)
                self.assertEqual((self.process.wait(RECEIVE_TIMEOUT), self.process.stderr.read()), (0, b""))
                self.finish()
                self.listener.close()
                self.setUp()

    def test_its_descriptors_cannot_be_read(self):
        self.process.stdin.write(b"x")
        self.process.stdin.flush()
        self.peer.recv(1)
        with self.assertRaises(PermissionError):
            os.listdir(f"/proc/{self.process.pid}/fd")

    def test_the_last_answer_of_the_runner_precedes_its_end(self):
        self.process.stdin.write(bytes(300_000))
        self.process.stdin.flush()
        self.peer.sendall(b"last" * 10_000)
        self.peer.close()  # with much unread, which is a reset
        self.assertEqual(self.process.stdout.read(), b"last" * 10_000)
        self.assertEqual((self.process.wait(RECEIVE_TIMEOUT), self.process.stderr.read()), (0, b""))

    def test_it_ends_when_its_output_has_no_reader(self):
        self.process.stdout.close()
        self.process.wait(RECEIVE_TIMEOUT)
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
