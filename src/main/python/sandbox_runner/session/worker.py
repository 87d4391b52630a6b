"""Children of process 1 to which it passes connections."""
from __future__ import annotations

import _socket
import errno
import os
import signal
import time

from sandbox_runner.frames import PAYLOAD, Problem
from sandbox_runner.kernel import send_signal
from sandbox_runner.session.descriptors import send_descriptors

RESPAWN_SECONDS = 1.0


class Worker:
    """One at a time. Where no process is to be had there is none, and another try is due later."""

    def __init__(self, session):
        self.session = session
        self.pid, self.due = 0, 0.0

    def start(self, serve) -> None:
        """`serve` is its life, with the socket on which connections arrive."""
        self.due = time.monotonic() + RESPAWN_SECONDS
        try:
            outbound, inbound = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
            for end in (outbound, inbound):
                end.setblocking(False)
            outbound.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, 8 * PAYLOAD)
            pid = self.session.fork()
        except (OSError, Problem):
            return
        if not pid:
            outbound.close()
            self.session.live_as_child(lambda: serve(inbound))
        inbound.close()
        self.pid, self.outbound = pid, outbound

    def say(self, message: bytes) -> None:
        """Nothing when it has just ended."""
        try:
            self.outbound.send(message)
        except OSError:
            pass

    def hear(self) -> bytes:
        """What it has said; empty when that is nothing, or when it has ended."""
        try:
            return self.outbound.recv(PAYLOAD) if self.pid else b""
        except OSError:
            return b""

    def hand_over(self, connection, kind: bytes, payload: bytes) -> None:
        """With the frame that was taken from it, and what has arrived behind. An OSError when that cannot be."""
        if not self.pid:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        received = kind + len(payload).to_bytes(4, "big") + payload + connection.inbox
        send_descriptors(self.outbound, received, [connection.source])

    def has_ended(self, pid: int) -> bool:
        """Takes note of a child that was reaped; whether it was this one."""
        if pid != self.pid:
            return False
        self.forget()
        return True

    def end(self) -> None:
        if self.pid:
            send_signal(self.pid, signal.SIGKILL)
            self.forget()

    def forget(self) -> None:
        if self.pid:
            self.pid = 0
            self.outbound.close()

    def close_in_child(self) -> None:
        if self.pid:
            self.outbound.close()
