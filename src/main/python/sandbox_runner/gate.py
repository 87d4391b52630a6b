"""Bounds the sockets of programs where their memory is not counted."""
from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import select
import struct
import sys

from sandbox_runner.kernel import LIBC, open_held, read_text
from sandbox_runner.seccomp import SECCOMP_GET_NOTIF_SIZES, seccomp
from sandbox_runner.syscalls import AF_INET, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET, SO_RCVBUF

SOCKET_MEMORY = 128 << 20  # bytes in TCP and UDP sockets, where they are not the cgroup's memory: see SocketGate
SOCKET_COUNTER = "/proc/self/net/sockstat"
MAX_LISTENERS = 128  # of filters, at a time
UNLIMITED = 1 << 62  # bytes: a limit of a cgroup of version 1 that is none is larger
SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_USER_NOTIF_FLAG_CONTINUE = 0xC0502100, 0xC0182101, 1
NOTIFICATION_SIZES = struct.pack("=3H", 80, 24, 64)


class SocketGate:
    """Bounds what waits in the TCP and UDP sockets of programs where their memory cgroup does not count it.

    The kernel holds that memory, and a program's limit does not see it: 34 sockets held 484 MB. The sizes of the buffers
    are fixed, so a number of sockets is a number of bytes. Only two calls add to them: socket() for datagrams, and
    connect(), which fills a socket of the caller's and makes one for the listener, also each time that one socket
    connects anew. The filter asks before each, and is answered by how many sockets there are then in the sandbox, as the kernel
    counts them: also those that are not yet accepted, and those that are closed and not yet gone.
    With 64 processes at once there can be as many more, for each has its answer before it has its socket.

    A program that asks in a loop waits for each answer itself. Never waits: what asked may have ended before it is read.
    """

    AT_ONCE = 16  # questions; the next ones wait for the next turn

    def __init__(self):
        self.bound = socket_bound()
        self.counter = open_held(SOCKET_COUNTER)
        self.listeners = {}  # of each filter, and the poll of its questions

    def add(self, listener: int) -> None:
        if len(self.listeners) >= MAX_LISTENERS:  # before 5.9 the kernel does not report which have no process any more
            self.remove(next(iter(self.listeners)))
        asking = self.listeners[listener] = select.poll()
        asking.register(listener, select.POLLIN)

    def remove(self, listener: int) -> None:
        """Calls that would ask there are ENOSYS from now on."""
        del self.listeners[listener]
        os.close(listener)

    def close(self) -> None:
        for listener in list(self.listeners):
            self.remove(listener)
        if self.counter >= 0:
            os.close(self.counter)

    def register(self, poll) -> None:
        for listener in self.listeners:
            poll.register(listener, select.POLLIN)

    def handle(self, events: dict) -> None:
        for listener in self.listeners.keys() & events.keys():
            self.answer(listener)

    def answer(self, listener: int) -> None:
        for _ in range(self.AT_ONCE):
            asking = self.listeners[listener].poll(0)
            if not asking:
                return
            if not asking[0][1] & select.POLLIN:  # no process has the filter any more
                return self.remove(listener)
            question = bytearray(80)
            try:
                fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, question)
                error, flags = (0, SECCOMP_USER_NOTIF_FLAG_CONTINUE) if self.has_room() else (-errno.ENOBUFS, 0)
                answer = struct.pack("=8sqiI", question[:8], 0, error, flags)
                fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer)
            except OSError as problem:
                if problem.errno != errno.ENOENT:  # else the process has ended, or a signal has interrupted the call
                    return self.remove(listener)

    def has_room(self) -> bool:
        return int(os.pread(self.counter, 64, 0).split()[2]) < self.bound


def socket_bound() -> int:
    """How many sockets may be filled: of each kind's largest buffers no more than there may be in all."""
    tcp = sum(int(read_text(f"/proc/sys/net/ipv4/tcp_{way}mem").split()[2]) for way in "rw")
    probe = LIBC.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
    if probe < 0:
        raise OSError(ctypes.get_errno(), "socket")
    size, length = ctypes.create_string_buffer(4), ctypes.create_string_buffer(struct.pack("@I", 4))
    LIBC.getsockopt(probe, SOL_SOCKET, SO_RCVBUF, size, length)
    os.close(probe)
    udp = int.from_bytes(size.raw, sys.byteorder) + (64 << 10)  # and the datagram that is put together
    return SOCKET_MEMORY // max(tcp, udp)


def allowed_sockets(wanted: str) -> str:
    """"unix"; "loopback" when its buffers are memory of ours; else "gated", where the kernel is able to ask us."""
    if wanted != "loopback" or counts_socket_buffers():
        return wanted
    sizes = ctypes.create_string_buffer(6)
    try:
        asks = not seccomp(SECCOMP_GET_NOTIF_SIZES, 0, sizes) and sizes.raw == NOTIFICATION_SIZES
        return "gated" if asks and os.path.exists(SOCKET_COUNTER) and socket_bound() > 0 else "unix"
    except (OSError, LookupError, ValueError):
        return "unix"


def counts_socket_buffers(read=None) -> bool:
    """Whether our memory cgroup counts what waits in TCP and UDP sockets, so that its limit bounds that, too.

    Version 2 does. Version 1 does only in a group that has a limit of its own for it, memory.kmem.tcp, which runc no longer
    sets; without one a program could fill the host's memory from within any limit. Unix sockets are counted by both.
    """
    read = read or read_text
    unified = ""
    for line in read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            mount = "/sys/fs/cgroup/memory"
            limits = (read(f"{place}/memory.kmem.tcp.limit_in_bytes").strip() for place in (mount + path, mount))
            return int(next(filter(str.isdigit, limits), UNLIMITED)) < UNLIMITED
        if not controllers:
            unified = path
    mount = "/sys/fs/cgroup"
    return any(read(f"{place}/memory.max") for place in (mount + unified, mount))
