"""Pipes of commands that have ended, into which what they left running still writes."""
from __future__ import annotations

import _socket
import os
import select

from sandbox_runner.frames import PAYLOAD
from sandbox_runner.messages import LISTENER
from sandbox_runner.session.descriptors import receive_descriptors

MAX_PIPES, READ_PAUSE = 64, 0.01


class OrphanPipes:
    """Reads the pipes and discards what it reads: a process whose output nobody reads would block, and one whose pipe is
    closed would die. At most 64 KiB in 10 ms each.

    Handlers and the keeper send the pipes over a pair of sockets, on which the listeners of programs' filters arrive too.
    """

    def __init__(self):
        self.receiver, self.sender = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self.receiver.setblocking(False)
        self.pipes = {}  # and from when on to read each

    def register(self, poll, now: float) -> float:
        """Returns when a pipe is due that is not polled now."""
        poll.register(self.receiver.fileno(), select.POLLIN)
        until = float("inf")
        for fd, due in self.pipes.items():
            if due > now:
                until = min(until, due)
            else:
                poll.register(fd, select.POLLIN)
        return until

    def read(self, now: float, events: dict) -> None:
        for fd in self.pipes.keys() & events.keys():
            try:
                data = os.read(fd, PAYLOAD)
            except BlockingIOError:  # another process of the session has read it meanwhile
                continue
            if data:
                self.pipes[fd] = now + READ_PAUSE
            else:
                del self.pipes[fd]
                os.close(fd)

    def receive(self, now: float, events: dict) -> list:
        """Accepts what has been sent. Returns the listeners of filters, which the caller owns."""
        if self.receiver.fileno() not in events:
            return []
        try:
            message, descriptors = receive_descriptors(self.receiver, 64, 2)
        except OSError:
            return []
        if message == LISTENER:
            return descriptors
        for fd in descriptors:
            if len(self.pipes) < MAX_PIPES:
                self.pipes[fd] = now
            else:
                os.close(fd)
        return []

    def close_in_child(self) -> None:
        """All but the end that sends."""
        self.receiver.close()
        for fd in self.pipes:
            os.close(fd)
