"""One descriptor over a Unix socket, for a process that has not loaded _socket."""
from __future__ import annotations

import ctypes
import struct

from sandbox_runner.kernel import LIBC
from sandbox_runner.syscalls import AF_UNIX, MSG_CMSG_CLOEXEC, SCM_RIGHTS, SOCK_CLOEXEC, SOCK_SEQPACKET, SOL_SOCKET

LISTENER = b"listener"  # the text of a message that carries the listener of a filter


class DescriptorMessage:
    """A message over a Unix socket that carries one descriptor, for a process that has not loaded _socket."""

    def __init__(self, text: bytes, descriptor: int):
        self.text = ctypes.create_string_buffer(text, len(text))
        self.part = ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(self.text), len(text)))
        control = struct.pack("@Niii0N", struct.calcsize("@Niii"), SOL_SOCKET, SCM_RIGHTS, descriptor)
        self.control = ctypes.create_string_buffer(control, len(control))
        places = ctypes.addressof(self.part), 1, ctypes.addressof(self.control), len(control)
        self.header = ctypes.create_string_buffer(struct.pack("@PIPNPNi0N", 0, 0, *places, 0))


def send_listener(sock: int, listener: int) -> None:
    message = DescriptorMessage(LISTENER, listener)  # which has to live as long as the call
    if LIBC.sendmsg(sock, message.header, 0) < 0:
        raise OSError(ctypes.get_errno(), "sendmsg")


def receive_listener(sock: int) -> int:
    """The descriptor, or -1 when there will be none. Waits for a process of ours that is about to send it."""
    message = DescriptorMessage(LISTENER, -1)
    if LIBC.recvmsg(sock, message.header, MSG_CMSG_CLOEXEC) <= 0:
        return -1
    return struct.unpack_from("@Niii", message.control.raw)[3]


def socket_pair() -> tuple:
    pair = ctypes.create_string_buffer(8)
    if LIBC.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair):
        raise OSError(ctypes.get_errno(), "socketpair")
    return struct.unpack("@2i", pair.raw)
