"""The program's standard streams, as the parent holds them."""
from __future__ import annotations

import os
import time

from sandbox_runner.frames import PAYLOAD, Channel

SMALL_READ, SMALL_PAUSE = 4096, 0.002  # after a small read wait so long: a flood of bytes is not a flood of frames


class Output:
    """One of the program's two output pipes, and how much of it may still pass."""

    def __init__(self, channel: Channel, kind: bytes, fd: int, limit: int):
        os.set_blocking(fd, False)
        self.channel, self.kind, self.fd, self.left = channel, kind, fd, limit
        self.truncated = False
        self.paused_until = 0.0

    def pump(self) -> bool:
        """Forwards what one read returns; what is over the limit is discarded. False when there is nothing to read."""
        try:
            data = os.read(self.fd, PAYLOAD)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        passed = data[: self.left]
        self.left -= len(passed)
        self.truncated |= len(passed) < len(data)
        if passed:
            self.channel.send(self.kind, passed)
        if len(data) < SMALL_READ:
            self.paused_until = time.monotonic() + SMALL_PAUSE
        return True

    def close(self) -> None:
        os.close(self.fd)
        self.fd = -1

    def finish(self) -> None:
        """Nothing more arrives."""


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
