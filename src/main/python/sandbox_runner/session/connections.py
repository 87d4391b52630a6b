"""The connections of the connector, and of no other process."""
from __future__ import annotations

import _socket
import errno
import fcntl
import os
import select
import struct

from sandbox_runner.frames import DONE, MALFORMED, PAYLOAD, PROBLEM, Channel, OwnerGone, Problem, one_line
from sandbox_runner.kernel import status_of
from sandbox_runner.session.descriptors import receive_descriptors

SO_PEERPIDFD = 77


class NullChannel(Channel):
    """Stands in for the channel of an owner that hung up, while the run that it began is ended."""

    def __init__(self):
        self.outbox = b""

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        pass

    def next_frame(self):
        return None

    def register(self, poll, interest: int) -> None:
        pass

    def handle(self, events: dict) -> None:
        pass

    def drain(self) -> None:
        pass


class Connection(Channel):
    """Frames over a socket, which has a descriptor for each direction: a poll knows them apart."""

    READ = 4096  # what is read behind the first frame has to fit into a message to the keeper

    def __init__(self, fd: int):
        super().__init__(fd, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3))

    def refuse(self, reason: str, message: str) -> None:
        """Reports why nothing will happen. So little always fits into the socket of a peer that waits for an answer."""
        self.send_json(PROBLEM, reason=reason, message=one_line(message))
        try:
            self.drain()
        except OwnerGone:
            pass  # the answer has no reader any more


def exhausted(error: OSError) -> Problem:
    return Problem("exhausted", f"the session has no room for another command: {error.strerror}")


def answer_request(channel: Channel, work) -> None:
    """Serves a command to the end of its answer, DONE or PROBLEM."""
    try:
        try:
            work()
            channel.send(DONE)
        except Problem as problem:
            channel.send_json(PROBLEM, reason=problem.reason, message=one_line(problem))
        except OSError as error:
            channel.send_json(PROBLEM, reason="exhausted", message=one_line(error))
        except MALFORMED as error:
            channel.send_json(PROBLEM, reason="protocol", message=f"{type(error).__name__}: {one_line(error)}")
        channel.flush()
    except OwnerGone:
        pass


def is_from_outside(fd: int, has_own_uid: bool) -> bool:
    """Whether the peer of a connection was started by the engine: it has a uid of its own, or else its parent is in no
    process namespace of ours. The parent is read by the peer's pid, so the peer has to live meanwhile: a pid can be
    reused. Kernels before 6.5 do not report whether it lives."""
    peer = _socket.socket(fileno=os.dup(fd))
    try:
        pid, uid, _ = struct.unpack("3i", peer.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))
        if has_own_uid:
            return uid != os.getuid()
        try:
            handle = peer.getsockopt(_socket.SOL_SOCKET, SO_PEERPIDFD)
        except OSError as error:
            if error.errno != errno.ENOPROTOOPT:
                return False
            handle = -1
        try:
            return pid > 0 and status_of(pid).get("PPid") == "0" and not (handle >= 0 and is_readable(handle))
        finally:
            if handle >= 0:
                os.close(handle)
    finally:
        peer.close()


def is_readable(fd: int) -> bool:
    return bool(select.select([fd], (), (), 0)[0])


def arriving(inbound, kind: type):
    """The connection that the runner hands over, with what it has read of it."""
    try:
        received, descriptors = receive_descriptors(inbound, 2 * PAYLOAD, 1)
    except BlockingIOError:
        return None
    if not received:
        os._exit(0)  # the runner is gone
    if not descriptors:
        return None
    connection = kind(descriptors[0])
    connection.inbox += received
    return connection
