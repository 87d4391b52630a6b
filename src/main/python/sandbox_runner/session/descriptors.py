"""Messages with descriptors between processes of a session."""
from __future__ import annotations

import _socket
import struct


def send_descriptors(sock, message: bytes, descriptors: list) -> None:
    packed = struct.pack(f"{len(descriptors)}i", *descriptors)
    sock.sendmsg([message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)], _socket.MSG_DONTWAIT)


def receive_descriptors(sock, size: int, count: int):
    """A message and its descriptors, which the caller owns."""
    message, parts, _, _ = sock.recvmsg(size, _socket.CMSG_SPACE(4 * count), _socket.MSG_CMSG_CLOEXEC)
    descriptors = []
    for level, kind, data in parts:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            descriptors += struct.unpack(f"{len(data) // 4}i", data[: len(data) // 4 * 4])
    return message, descriptors
