"""The filter of system calls that every program runs under."""
from __future__ import annotations

import ctypes
import errno
import os
import struct

from sandbox_runner.kernel import LIBC, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, prctl
from sandbox_runner.messages import send_listener
from sandbox_runner.syscalls import (
    AF_INET, AF_INET6, AF_UNIX, AUDIT_ARCH, CLONE_NEW_ANY, F_SETFL, F_SETSIG, GATED, IGNORED, IOPRIO_WHO_USER,
    IPPROTO_TCP, IPPROTO_UDP, JUDGED, MSG_FASTOPEN, O_DIRECT, POSIX_FADV_DONTNEED, PRIO_USER, REFUSED,
    RWF_DONTCACHE, SECCOMP, SOCK_DGRAM, SOL_SOCKET, SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF, SO_RCVBUF,
    SO_SNDBUF, TIOCLINUX, TIOCSTI, UNKNOWN, X32_BIT, syscalls,
)

SECCOMP_SET_MODE_FILTER, SECCOMP_GET_NOTIF_SIZES = 1, 3
# Without the second, of Linux 5.19, a program whose timer is faster than our answers would ask for ever.
NEW_LISTENER, WAIT_KILLABLE_RECV = 1 << 3, 1 << 5


class Filter:
    """A seccomp program, written from its end: jumps only go forward, so a target exists before it is named.

    Every method returns the place of what it wrote, counted from the end. Arguments are compared by their low word,
    which is all that the kernel reads of an int.
    """

    LOAD, EQUAL, GREATER, NOT_LESS, ANY_BIT, GOTO, RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x05, 0x06
    ALLOW, ERRNO, ASK = 0x7FFF0000, 0x00050000, 0x7FC00000
    NUMBER, ARCH, ARGUMENT = 0, 4, (16, 24, 32, 40, 48, 56)

    def __init__(self):
        self.code = []

    def emit(self, op: int, value: int, yes: int = 0, no: int = 0) -> int:
        self.code.append(struct.pack("=HBBI", op, yes, no, value & 0xFFFFFFFF))
        return len(self.code)

    def goto(self, target: int) -> int:
        return self.emit(self.GOTO, len(self.code) - target)

    def near(self, target: int) -> int:
        """A conditional jump reaches 255 instructions; a farther target gets a jump of its own."""
        return target if len(self.code) - target < 250 else self.goto(target)

    def when(self, op: int, value: int, yes: int, no: int) -> int:
        yes = self.near(yes)
        no = self.near(no)
        return self.emit(op, value, len(self.code) - yes, len(self.code) - no)

    def one_of(self, values, yes: int, no: int) -> int:
        for value in values:
            no = self.when(self.EQUAL, value, yes, no)
        return no

    def load(self, offset: int, then: int) -> int:
        if then != len(self.code):
            self.goto(then)
        return self.emit(self.LOAD, offset)

    def choose(self, cases: list, otherwise: int) -> int:
        """A binary search over sorted (number, target) pairs: seven comparisons for a call that is not among them."""
        if not cases:
            return otherwise
        middle = len(cases) // 2
        number, target = cases[middle]
        below = self.choose(cases[:middle], otherwise)
        above = self.choose(cases[middle + 1 :], otherwise)
        return self.when(self.EQUAL, number, target, self.when(self.GREATER, number, above, below))


def seccomp_filter(machine: str, loopback: bool, runner: int, threads: list, others=(), gated: bool = False) -> bytes:
    """The filter for a program, whose runner is the given process with the given threads.

    In a session there are other processes of ours, and no signal to all processes may reach them.
    Gated, the filter asks a SocketGate before a socket is there that the kernel could fill.
    """
    f = Filter()
    allow = f.emit(f.RETURN, f.ALLOW)
    # As a file system answers that has no such thing, so that programs do without: 0 is success.
    refusals = (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT, errno.EINVAL, errno.EOPNOTSUPP, 0)
    eperm, enosys, no_family, invalid, unsupported, ignored = (f.emit(f.RETURN, f.ERRNO | code) for code in refusals)

    # Linux takes the id of any thread for its process. Process 1 is the runner, or what keeps its container alive.
    protected = sorted({1, runner, *threads, *others})
    first, second, third, fourth, _, sixth = f.ARGUMENT
    judge = f.one_of(protected, eperm, allow)
    pid_first, pid_second = f.load(first, judge), f.load(second, judge)
    targets = dict.fromkeys(syscalls(machine, JUDGED), pid_first)
    # kill(-1) is harmless to process 1 and deadly to any other runner.
    groups = [] if runner == 1 and not others else sorted({-1, *(-process for process in (runner, *others))})
    targets["kill"] = f.load(first, f.one_of(groups, eperm, judge))
    targets["setpriority"] = f.load(first, f.one_of([PRIO_USER], eperm, pid_second))
    targets["ioprio_set"] = f.load(first, f.one_of([IOPRIO_WHO_USER], eperm, pid_second))
    targets["personality"] = f.load(first, f.one_of((0, -1), allow, eperm))
    targets["clone"] = f.load(first, f.when(f.ANY_BIT, CLONE_NEW_ANY, eperm, allow))
    targets["ioctl"] = f.load(second, f.one_of((TIOCSTI, TIOCLINUX), eperm, allow))
    direct = f.when(f.ANY_BIT, O_DIRECT[machine], invalid, allow)
    direct_second, direct_third = f.load(second, direct), f.load(third, direct)
    targets["open"], targets["openat"] = direct_second, direct_third
    # SIGIO as SIGKILL, to any F_SETOWN
    targets["fcntl"] = f.load(second, f.one_of((F_SETSIG,), eperm, f.one_of((F_SETFL,), direct_third, allow)))
    targets["fadvise64"] = f.load(fourth, f.one_of((POSIX_FADV_DONTNEED,), ignored, allow))
    targets["preadv2"] = f.load(sixth, f.when(f.ANY_BIT, RWF_DONTCACHE, unsupported, allow))
    # Programs for packets, and filters of system calls as below, fill a memory of the kernel's of which the whole host has
    # a few hundred megabytes. Without it no sandbox starts.
    options = f.one_of((SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF), eperm, allow)
    if gated:  # success, and the sizes stay as they are
        options = f.one_of((SO_SNDBUF, SO_RCVBUF), ignored, options)
    targets["setsockopt"] = f.load(second, f.one_of((SOL_SOCKET,), f.load(third, options), allow))
    targets["prctl"] = f.load(first, f.one_of((PR_SET_SECCOMP,), invalid, allow))
    internet = no_family
    if loopback:
        kind = allow
        if gated:
            ask = f.emit(f.RETURN, f.ASK)
            kind = f.load(second, f.when(f.ANY_BIT, SOCK_DGRAM, ask, allow))
        internet = f.load(third, f.one_of((0, IPPROTO_TCP, IPPROTO_UDP), kind, no_family))
        internet = f.one_of((AF_INET, AF_INET6), internet, no_family)
    targets["socket"] = targets["socketpair"] = f.load(first, f.when(f.EQUAL, AF_UNIX, allow, internet))

    cases = {number: targets[name] for name, number in syscalls(machine, JUDGED).items()}
    if gated:
        connecting = f.when(f.ANY_BIT, MSG_FASTOPEN, unsupported, allow)  # while it sends
        connecting_third, connecting_fourth = f.load(third, connecting), f.load(fourth, connecting)
        gates = {"connect": ask, "sendto": connecting_fourth, "sendmsg": connecting_third, "sendmmsg": connecting_fourth}
        cases.update((number, gates[name]) for name, number in syscalls(machine, GATED).items())
    cases.update(dict.fromkeys(syscalls(machine, REFUSED).values(), eperm))
    cases.update(dict.fromkeys(syscalls(machine, UNKNOWN).values(), enosys))
    cases.update(dict.fromkeys(syscalls(machine, IGNORED).values(), ignored))
    start = f.choose(sorted(cases.items()), allow)
    start = f.load(f.NUMBER, f.when(f.NOT_LESS, X32_BIT, enosys, start))
    start = f.load(f.ARCH, f.when(f.EQUAL, AUDIT_ARCH[machine], start, enosys))
    return b"".join(reversed(f.code))


def install(code: bytes, gate: int = -1) -> None:
    """For good. With a gate, a socket, the listener of the filter is sent there, and neither stays open here."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions)))
    if gate < 0:
        prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program))
        return
    for flags in NEW_LISTENER | WAIT_KILLABLE_RECV, NEW_LISTENER:
        listener = seccomp(SECCOMP_SET_MODE_FILTER, flags, program)
        if listener >= 0 or ctypes.get_errno() != errno.EINVAL:
            break
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    send_listener(gate, listener)
    os.close(listener)
    os.close(gate)


def seccomp(operation: int, flags: int, argument) -> int:
    number = ctypes.c_long(SECCOMP[os.uname().machine])
    return LIBC.syscall(number, ctypes.c_uint(operation), ctypes.c_uint(flags), argument)
