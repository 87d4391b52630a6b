"""The program's standard streams, as the parent holds them."""
from __future__ import annotations

import os
import time

from sandbox_runner.frames import PAYLOAD, Channel

SMALL_READ, SMALL_PAUSE = 4096, 0.002  # after a small read wait so long: a flood of bytes is not a flood of frames


class Pipe:
    """A pipe that the program writes to."""

    def __init__(self, channel: Channel, fd: int):
        os.set_blocking(fd, False)
        self.channel, self.fd = channel, fd
        self.paused_until = 0.0  # not to be read before

    def pump(self) -> bool:
        """Takes what one read returns. False when there is nothing to read."""
        try:
            data = os.read(self.fd, PAYLOAD)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self.take(data)
        return True

    def take(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def finish(self) -> None:
        """Nothing more arrives."""


class Output(Pipe):
    """One of the program's two output pipes, and how much of it may still pass."""

    def __init__(self, channel: Channel, kind: bytes, fd: int, limit: int):
        super().__init__(channel, fd)
        self.kind, self.left = kind, limit
        self.truncated = False

    def take(self, data: bytes) -> None:
        """Forwards it; what is over the limit is discarded."""
        passed = data[: self.left]
        self.left -= len(passed)
        self.truncated |= len(passed) < len(data)
        if passed:
            self.channel.send(self.kind, passed)
        if len(data) < SMALL_READ:
            self.paused_until = time.monotonic() + SMALL_PAUSE


class Input:
    """The program's stdin. A program may leave it unread or close it, which is not an error."""

    def __init__(self, fd: int):
        if fd >= 0:
            os.set_blocking(fd, False)
        self.fd = fd
        self.pending = bytearray()
        self.ended = False

    def feed(self, data: bytes) -> None:
        if self.fd >= 0:
            self.pending += data

    def end(self) -> None:
        self.ended = True
        if not self.pending:
            self.close()

    def pump(self) -> None:
        try:
            del self.pending[: os.write(self.fd, self.pending)]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.close()
        if self.ended and not self.pending:
            self.close()

    def close(self) -> None:
        self.pending.clear()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
