"""Runs one untrusted program in a sandbox and reports to its owner over a pair of descriptors.

Theory of operation

The owner starts `python3 -c LOADER` in a fresh container and sends this file, then frames: a type byte, a length and
at most 64 KiB. Compiling this file takes longer than anything else here, so the first sandbox tells the owner the result,
and the owner sends it along to all others; an interpreter of another version compiles again.

One process lives two lives. The parent, often PID 1, talks to the owner and never runs, parses or imports anything of
the program's. For a run it forks; the child gives up all that it inherited, locks itself in and becomes
`python3 /workspace/__main__.py`. Libraries that were imported before the fork are there at once, which is why we fork
and do not exec.

    CONFIG -> harden, preload -> READY -> FILE.. -> RUN -> fork, pump, kill all, -> EXIT -> collect -> FILE.. -> DONE

Both lives have the same uid, and the program may be hostile. What keeps the parent out of its reach:
  - the parent is not dumpable, so its memory, descriptors and environment in /proc belong to root;
  - the parent blocks every signal that can be blocked, and the child's seccomp filter refuses SIGKILL, ptrace, limits
    and priorities aimed at it;
  - the child holds no descriptor but 0, 1 and 2, and those are pipes of its own;
  - the parent imports all it needs before the fork, and its sys.path has no directory that the program can write.
What keeps the parent responsive: all its descriptors are non-blocking, one poll waits for all of them, every queue has
a bound, and when the owner hangs up everything dies at once. The sandbox lives exactly as long as its owner listens.

When the main process ends, all others are killed before anything else happens. From then on nobody races with us: the
pipes are read to their end and the workspace is walked like a dead file system.

Our memory is the program's, too: one cgroup has both. When it is full, whoever asks for a page makes the kernel kill one
of us, and while it takes a dead program's memory apart, which is a tenth of a second of work, it sees only the parent. So
until that memory is free the parent asks for none: after a fork it takes its own copies of its pages, it is told of a
child's end by a signalfd and reads the counters from open files, since writing to a pipe and opening a file take memory
as well; and where little is left, the program's output waits for a moment, in case that it was the last. In a session the
keeper of the interpreter does so, too; who serves a shell does not take copies, for that would take longer than most of its
commands. Another process of the program's may be killed there in place of ours.

A session instead answers one command after another, and lives until its time is up. See there, in the second half.
"""
from __future__ import annotations

import os
import sys

# What an interpreter has before the first line of any program: these modules a file in the workspace cannot replace.
PLAIN_MODULES = frozenset(sys.modules)
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # -c put the workspace there

import __future__
import _ast
import _frozen_importlib
import _frozen_importlib_external
import atexit
import builtins
import ctypes
import errno
import fcntl
import gc
import io
import resource
import select
import signal
import stat
import struct
import time
from _blake2 import blake2b  # hashlib would load OpenSSL, a third of our start time

try:  # what json is made of; the rest of it would load re and enum, another third
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    class JsonOptions:
        strict, memo, object_hook, object_pairs_hook, array_hook = True, None, None, None, None
        parse_int, parse_float, parse_constant = int, float, float

    json_encode = make_encoder(None, None, encode_basestring_ascii, None, ": ", ", ", False, False, True)
    json_scan = make_scanner(JsonOptions)
except Exception:  # an interpreter that has not these, or others
    import json

    json_encode = json.JSONEncoder().iterencode
    json_scan = json.JSONDecoder().raw_decode

PROTOCOL = 1
PAYLOAD = 65536
HEADER = 5
OUTPUT_QUEUE = 1 << 20  # bytes for the owner above which the program's output stays in its pipes
STDIN_QUEUE = 256 << 10  # bytes for the program above which the owner's frames stay in their pipe
SMALL_READ, SMALL_PAUSE = 4096, 0.002  # after a small read wait so long: a flood of bytes is not a flood of frames
GATHER_SECONDS, GATHER_BYTES = 0.005, 4096  # at the start of a run: see Channel.gather
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
KILL_SECONDS = 2.0
HEADROOM = 4 << 20  # bytes: what the runner may need of the sandbox's memory between a program's end and its own
COPIES_ROOM = 16 << 20  # bytes: more than copies take, 5 MB and in a runner that had to be compiled first 14
LAST_WORD_SECONDS, LAST_WORD_PAUSE = 0.005, 0.02  # see Run.ends_soon
MADV_POPULATE_WRITE = 23
SOCKET_MEMORY = 128 << 20  # bytes in TCP and UDP sockets, where they are not the cgroup's memory: see SocketGate
SOCKET_COUNTER = "/proc/self/net/sockstat"
LISTENER, LISTENERS = b"listener", 128  # of filters, at a time
UNLIMITED = 1 << 62  # bytes: a limit of a cgroup of version 1 that is none is larger
PROT_READ, MAP_PRIVATE, MAP_POPULATE = 1, 2, 0x8000
SIGNAL = 128  # bytes in which a signalfd tells of one
# What nobody maps by intent. Where the kernel promises any amount, as it does on every node of Kubernetes, a request for a
# terabyte would otherwise be granted, and end in a kill instead of a MemoryError.
ADDRESS_SPACE = 1 << 36
LIMITS_OF_LINUX = ("msgqueue", "nice", "rtprio", "sigpending")  # a kernel of its own, such as gVisor's, may not have them
WALK_ENTRIES = 20000
SKIPPED_FRAMES = 100
PATH_MAX = 4096
PATHS_TOTAL = 128 << 10  # bytes of all paths that are returned: a thousand of usual length, thirty-two of the longest
SKIPPED_PATHS_TOTAL = 64 << 10

SESSION_SOCKET = b"\0code-interpreter"
SO_PEERPIDFD = 77
VISITORS, VISIT_SECONDS = 64, 10.0
LEFTOVERS, LEFTOVER_PAUSE = 64, 0.01
MAX_SESSION_SECONDS = 86400.0  # of a session, and so of a command in one, that any peer can ask for
MAX_COMMAND_BYTES = 128 << 10  # of the line of a shell: the kernel accepts no longer argument
OBEY_SECONDS = 0.5
RESPAWN_SECONDS = 1.0
GOODBYE_SECONDS = 1.0
HELD_BYTES = 1 << 20
PAGE_FILES = 10000  # of a listing whose service names no limit
PAGE_NAMES = 512  # of one directory that a listing holds at a time: 64 levels of the longest names are 10 MB
PART = b".code-interpreter-part-"
CLOCK_REALTIME_COARSE = 5

CONFIG, PING, FILE, DATA, RUN, STDIN, STDIN_EOF, CANCEL = b"C", b"N", b"F", b"D", b"R", b"I", b"E", b"X"
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)  # of a request
LISTEN, BASH, CODE, KEEPALIVE, LIST, GET, END = b"L", b"A", b"H", b"K", b"W", b"G", b"Q"
READY, PONG, STARTED, STDOUT, STDERR, EXIT, SKIPPED, DONE, PROBLEM = b"Y", b"N", b"B", b"O", b"e", b"T", b"S", b"Z", b"P"
COMPILED = b"M"

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
FUTURES = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names} - {0x10, 0})


class OwnerGone(Exception):
    """The owner hung up: there is nobody left to work for."""


class Problem(Exception):
    """The sandbox cannot be used. Never the program's fault, never its result."""

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


def one_line(text) -> str:
    return " ".join(str(text).split())


def to_json(value) -> bytes:
    return "".join(json_encode(value, 0)).encode()


def from_json(text: bytes):
    """Our owner is trusted: what follows the value is not looked at."""
    try:
        return json_scan(text.decode(), 0)[0]
    except StopIteration:
        raise ValueError("no JSON") from None


def prctl(option: int, argument: int, pointer: int = 0) -> None:
    if LIBC.prctl(option, *map(ctypes.c_ulong, (argument, pointer, 0, 0))):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}, {argument}): {os.strerror(code)}")


class Channel:
    """Frames over two non-blocking descriptors. Whoever waits here also notices that the owner hangs up."""

    READ = 2 * PAYLOAD

    def __init__(self, source: int, sink: int):
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self.source, self.sink = source, sink
        self.inbox, self.outbox = bytearray(), bytearray()
        self.gathers_until = 0.0

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        self.outbox += kind + len(payload).to_bytes(4, "big")
        self.outbox += payload

    def send_json(self, kind: bytes, **fields) -> None:
        self.send(kind, to_json(fields))

    def next_frame(self):
        """The next whole frame of those received, as type and payload, or None."""
        if len(self.inbox) < HEADER:
            return None
        end = HEADER + int.from_bytes(self.inbox[1:HEADER], "big")
        if end > HEADER + PAYLOAD:
            raise Problem("protocol", f"frame of {end - HEADER} bytes, the limit is {PAYLOAD}")
        if len(self.inbox) < end:
            return None
        kind, payload = bytes(self.inbox[:1]), bytes(self.inbox[HEADER:end])
        del self.inbox[:end]
        return kind, payload

    def receive(self):
        """Waits for a frame. What is queued for the owner goes out meanwhile."""
        while True:
            frame = self.next_frame()
            if frame:
                return frame
            self.wait(select.POLLIN)

    def receive_data(self, path: str, size: int):
        """The content of an announced file, piece by piece."""
        while size > 0:
            kind, data = self.receive()
            if kind != DATA or not data or len(data) > size:
                raise Problem("protocol", f"expected {size} bytes of {path!r}")
            size -= len(data)
            yield data

    def gather(self) -> None:
        """For a while from now, a few bytes wait for more: each piece on its way wakes half a dozen processes, which take
        the processors from a program that is about to end."""
        self.gathers_until = time.monotonic() + GATHER_SECONDS

    def due(self) -> float:
        """From when on what is queued shall leave."""
        if not self.outbox:
            return float("inf")
        return 0.0 if len(self.outbox) >= GATHER_BYTES else self.gathers_until

    def flush(self) -> None:
        self.gathers_until = 0.0
        while self.outbox:
            self.wait(0)

    def wait(self, interest: int) -> None:
        poll = select.poll()
        self.register(poll, interest)
        self.handle(dict(poll.poll()))

    def register(self, poll, interest: int) -> None:
        poll.register(self.source, interest | select.POLLRDHUP)
        if self.due() <= time.monotonic():
            poll.register(self.sink, select.POLLOUT)

    def handle(self, events: dict) -> None:
        ready = events.get(self.source, 0)
        if ready & ~select.POLLIN:  # a hang-up counts at once, whatever is still unread: its sender is gone
            raise OwnerGone
        if ready:
            self.fill()
        if self.sink in events:
            self.drain()

    def fill(self) -> None:
        try:
            data = os.read(self.source, self.READ)
        except BlockingIOError:
            return
        except ConnectionResetError:
            raise OwnerGone from None
        if not data:
            raise OwnerGone
        self.inbox += data

    def close(self) -> None:
        os.close(self.source)
        os.close(self.sink)

    def drain(self) -> None:
        """Writes what the sink takes without waiting."""
        try:
            if self.due() <= time.monotonic():
                del self.outbox[: os.write(self.sink, self.outbox)]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            raise OwnerGone from None


# The system calls that no program needs here: name, number on x86_64, number on aarch64 ("-": it has none).
REFUSED = (
    # Looking into and steering other processes. A /proc/<pid> directory is a pidfd, so sending through one goes too.
    "ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, pidfd_getfd 438 438, kcmp 312 272,"
    "process_madvise 440 440, process_mrelease 448 448, pidfd_send_signal 424 424,"
    "migrate_pages 256 238, move_pages 279 239, mbind 237 235, set_mempolicy 238 237, set_mempolicy_home_node 450 450,"
    # Large young interfaces, and counters that all containers share.
    "bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219, add_key 248 217, request_key 249 218,"
    "io_setup 206 0, fanotify_init 300 262, memfd_secret 447 447, modify_ldt 154 -,"
    # System V's objects outlive their makers and are not in any file system, so nothing here could clear them away.
    "shmget 29 194, msgget 68 186, semget 64 190,"
    # Namespaces, mounts and file handles.
    "unshare 272 97, setns 308 268, mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, fsopen 430 430,"
    "fsconfig 431 431, fsmount 432 432, fspick 433 433, open_tree 428 428, move_mount 429 429, mount_setattr 442 442,"
    "open_by_handle_at 304 265, name_to_handle_at 303 264,"
    # The machine itself.
    "kexec_load 246 104, kexec_file_load 320 294, init_module 175 105, finit_module 313 273, delete_module 176 106,"
    "reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89, iopl 172 -, ioperm 173 -, syslog 103 116,"
    "quotactl 179 60, quotactl_fd 443 443, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266,"
    "adjtimex 159 171, sethostname 170 161, setdomainname 171 162, vhangup 153 58, lookup_dcookie 212 18"
)
# Calls that libraries try and do without when the kernel does not know them; clone3 and openat2 hide their flags from a
# filter.
UNKNOWN = (
    "clone3 435 435, openat2 437 437, seccomp 317 277, io_uring_setup 425 425, io_uring_enter 426 426,"
    "io_uring_register 427 427"
)
# Calls that succeed and do nothing: they make the host write out what others have on its disks.
IGNORED = "sync 162 81, syncfs 306 267"
# Calls that depend on their arguments, see seccomp_filter.
JUDGED = (
    "kill 62 129, tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,"
    "pidfd_open 434 434, prlimit64 302 261, sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274,"
    "sched_setaffinity 203 122, setpriority 141 140, ioprio_set 251 30, personality 135 92, clone 56 220,"
    "socket 41 198, socketpair 53 199, ioctl 16 29, fcntl 72 25, open 2 -, openat 257 56, fadvise64 221 223,"
    "preadv2 327 286, setsockopt 54 208, prctl 157 167"
)
# And these where the sandbox's memory does not count what waits in TCP and UDP sockets, see SocketGate.
GATED = "connect 42 203, sendto 44 206, sendmsg 46 211, sendmmsg 307 269"
SECCOMP = {"x86_64": 317, "aarch64": 277}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
CLONE_NEW_ANY = 0x7E020000
CLONE_VM, CLONE_FILES, CLONE_PARENT = 0x100, 0x400, 0x8000
UNDERTAKER_STACK = 16 << 10
PF_EXITING = 4  # in /proc/<pid>/stat: it runs no instruction of its own any more
TIOCSTI, TIOCLINUX, F_SETSIG = 0x5412, 0x541C, 10
# What makes the disk read again what memory already has. The image is read-only and everybody's: a file of it that is
# dropped from memory slows down all other sandboxes, too.
O_DIRECT = {"x86_64": 0o40000, "aarch64": 0o200000}
F_SETFL, POSIX_FADV_DONTNEED, RWF_DONTCACHE = 4, 4, 0x80
AF_UNIX, AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP = 1, 2, 10, 6, 17
SOCK_DGRAM, SOCK_SEQPACKET, SOCK_CLOEXEC = 2, 5, 0o2000000  # a datagram or raw socket's kind has the bit of SOCK_DGRAM
SOL_SOCKET, SO_SNDBUF, SO_RCVBUF, SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF = 1, 7, 8, 26, 51
SCM_RIGHTS, MSG_FASTOPEN, MSG_CMSG_CLOEXEC = 1, 0x20000000, 0x40000000
PRIO_USER, IOPRIO_WHO_USER = 2, 3


def syscalls(machine: str, table: str) -> dict:
    """The part of a table that a machine has: number by name."""
    column = 1 + list(AUDIT_ARCH).index(machine)
    rows = (row.split() for row in table.split(","))
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


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
    """For good. With a socket for a gate the listener of what the filter asks goes there, and none of it stays here."""
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


SECCOMP_SET_MODE_FILTER, SECCOMP_GET_NOTIF_SIZES = 1, 3
# Without the second, of Linux 5.19, a program whose timer is faster than our answers would ask for ever.
NEW_LISTENER, WAIT_KILLABLE_RECV = 1 << 3, 1 << 5
SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_USER_NOTIF_FLAG_CONTINUE = 0xC0502100, 0xC0182101, 1
NOTIFICATION_SIZES = struct.pack("=3H", 80, 24, 64)


def seccomp(operation: int, flags: int, argument) -> int:
    number = ctypes.c_long(SECCOMP[os.uname().machine])
    return LIBC.syscall(number, ctypes.c_uint(operation), ctypes.c_uint(flags), argument)


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


class SocketGate:
    """Bounds what waits in the TCP and UDP sockets of programs where their memory cgroup does not count it.

    The kernel holds that memory, and a program's limit does not see it: 34 sockets held 484 MB. The sizes of the buffers
    are fixed, so a number of sockets is a number of bytes. Only two calls add to them: socket() for datagrams, and
    connect(), which fills a socket of the caller's and makes one for who listens, also each time that one socket connects
    anew. The filter asks before each, and is answered by how many sockets there are then in the sandbox, as the kernel
    counts them: also those that nobody has accepted, and those that are closed and not yet gone.
    With 64 processes at once there can be as many more, for each has its answer before it has its socket.

    A program that asks in a loop waits for each answer itself. Never waits: what asked may be dead before it is heard.
    """

    AT_ONCE = 16  # questions, then it is somebody else's turn

    def __init__(self):
        self.bound = socket_bound()
        self.counter = open_held(SOCKET_COUNTER)
        self.listeners = {}  # of each filter: who asks there

    def add(self, listener: int) -> None:
        if len(self.listeners) >= LISTENERS:  # where the kernel does not say which are done with, before 5.9
            self.remove(next(iter(self.listeners)))
        asking = self.listeners[listener] = select.poll()
        asking.register(listener, select.POLLIN)

    def remove(self, listener: int) -> None:
        """Who asks there from now on has ENOSYS for an answer."""
        del self.listeners[listener]
        os.close(listener)

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
            if not asking[0][1] & select.POLLIN:  # nobody is left who could
                return self.remove(listener)
            question = bytearray(80)
            try:
                fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, question)
                error, flags = (0, SECCOMP_USER_NOTIF_FLAG_CONTINUE) if self.has_room() else (-errno.ENOBUFS, 0)
                answer = struct.pack("=8sqiI", question[:8], 0, error, flags)
                fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer)
            except OSError as problem:
                if problem.errno != errno.ENOENT:  # else it is dead, or a signal has come first
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


# Landlock's calls have the same numbers on every machine.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH = 1, 1
LANDLOCK_ACCESS_FS_REFER = 1 << 13
LANDLOCK_SCOPES = 1 << 0 | 1 << 1  # abstract Unix sockets, signals
LANDLOCK_QUIET = 1 << 0 | 1 << 2  # what is refused, also in domains below, fills no audit log of the host
LANDLOCK_SEPARATES, LANDLOCK_HAS_SCOPES, LANDLOCK_HAS_LOG = 2, 6, 7  # versions


def landlock_version() -> int:
    """What the kernel lets us use of Landlock; 0 or less when nothing."""
    return LIBC.syscall(ctypes.c_long(LANDLOCK_CREATE_RULESET), None, ctypes.c_size_t(0), LANDLOCK_CREATE_RULESET_VERSION)


def landlock(number: int, *arguments) -> int:
    result = LIBC.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock's system call {number}: {os.strerror(code)}")
    return result


def enter_domain(version: int, scopes: int = 0) -> None:
    """Puts this process, and whatever it starts, into a Landlock domain of its own, for good.

    From inside no process outside can be traced nor looked into by /proc/<pid>/fd, mem, environ and the like, though it
    has our uid and may be looked into; from outside the domain hides nothing. It refuses nothing else but the scopes. The
    one access that every domain refuses, links and renames into another directory, is allowed everywhere, which the first
    version of Landlock could not do.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    attributes = struct.pack("=QQQ", LANDLOCK_ACCESS_FS_REFER, 0, scopes)
    ruleset = landlock(LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        rule = struct.pack("=Qi", LANDLOCK_ACCESS_FS_REFER, root)
        landlock(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        os.close(root)
        landlock(LANDLOCK_RESTRICT_SELF, ruleset, LANDLOCK_QUIET if version >= LANDLOCK_HAS_LOG else 0)
    finally:
        os.close(ruleset)


def enter_programs_domain() -> None:
    """One for each run, and for each command of a session."""
    version = landlock_version()
    if version >= LANDLOCK_SEPARATES:
        enter_domain(version)


class MemoryGroup:
    """The counters of our memory cgroup, version 1 or 2. Their files stay open: to open one takes memory, and we ask when
    there may be none."""

    def __init__(self):
        # Without what libraries will add: a hundred megabytes, little of which we ever write to.
        self.own = writable_memory()
        self.events = self.usage = -1
        self.limit = None
        for line in read_text("/proc/self/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                self.find("/sys/fs/cgroup/memory", path, "oom_control", "limit_in_bytes", "usage_in_bytes")
            elif not controllers:
                self.find("/sys/fs/cgroup", path, "events", "max", "current")

    def find(self, mount: str, path: str, events: str, limit: str, usage: str) -> None:
        """In the host's cgroup namespace the path is the host's, and what is mounted may already be our own group."""
        for directory in (mount + path.rstrip("/"), mount):
            prefix = f"{directory}/memory."
            if os.path.exists(prefix + events):
                self.events = open_held(prefix + events)
                most = read_text(prefix + limit).strip()
                if most.isdigit():  # else there is no limit
                    self.limit = int(most)
                    self.usage = open_held(prefix + usage)
                return

    def oom_kills(self) -> int:
        lines = os.pread(self.events, 4096, 0).splitlines() if self.events >= 0 else ()
        return sum(int(line.split()[1]) for line in lines if line.startswith(b"oom_kill "))

    def is_short(self) -> bool:
        """Whether what we do next may be more than there is. Then the kernel would kill us, for it does not see those who
        have ended and whose memory it still takes apart."""
        return self.has_less_than(HEADROOM)

    def has_less_than(self, room: int) -> bool:
        return self.usage >= 0 and self.limit - int(os.pread(self.usage, 32, 0)) < room

    def take_copies(self) -> None:
        """Makes ours the pages that a fork has left us to share: else the next write to one would take memory, when there
        may be none. The other process has them for itself then. Kernels before 5.14 do not do it."""
        if not self.has_less_than(COPIES_ROOM):
            for start, length in self.own:
                LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), MADV_POPULATE_WRITE)


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


def open_held(path: str) -> int:
    fd = -1
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        os.pread(fd, 32, 0)  # the first read takes a buffer
        return fd
    except OSError:
        if fd >= 0:
            os.close(fd)
        return -1


def mappings():
    """Of all that is in our memory the address, the length, the rights, and the file or "" when there is none."""
    for line in read_text("/proc/self/maps").splitlines():
        span, rights, _, _, _, *file = line.split(None, 5)
        start, end = (int(address, 16) for address in span.split("-"))
        yield start, end - start, rights, file[0] if file else ""


def writable_memory() -> list:
    """Where our own data are: (address, length) of every mapping that is nobody else's."""
    return [(address, length) for address, length, rights, _ in mappings() if rights == "rw-p"]


def own_memory() -> int:
    """What we hold that the kernel cannot drop: anonymous memory and page tables. Files of the image are cache."""
    status = status_of("self")
    return sum(int(status.get(name, "0 kB").split()[0]) for name in ("RssAnon", "VmPTE")) * 1024


def read_text(path: str) -> str:
    """A file's text, byte by byte: what looks like the end of a line to Python may be somebody's name."""
    return read_bytes(path).decode("ascii", errors="replace")


def read_bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def status_of(pid) -> dict:
    """The fields of /proc/<pid>/status. None comes from the name, which is the first and which the process chooses."""
    fields = read_text(f"/proc/{pid}/status").rpartition("\nState:\t")[2]
    return dict(line.split(":\t", 1) for line in fields.split("\n") if ":\t" in line)


def stat_fields(content: bytes) -> list:
    """The fields of a /proc/<pid>/stat from the state on. The name before it may have brackets, too."""
    return content.rpartition(b")")[2].split()


def held_stat(fd: int) -> list:
    """The fields of one that is held open; none when the process is gone."""
    try:
        return stat_fields(os.pread(fd, 4096, 0)) if fd >= 0 else []
    except OSError:
        return []


def is_ending(fields: list) -> bool:
    return fields[0] in b"ZX" or bool(int(fields[6]) & PF_EXITING)


class Workspace:
    """The program's directory: staged before it runs, collected when it is dead."""

    def __init__(self, channel: Channel, config: dict, root: int = -1):
        self.channel = channel
        self.config = config
        self.path = os.fsencode(config["workspace"])
        self.root = root if root >= 0 else os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.staged = {}  # path -> size and digest of what we put there
        self.files = self.total = self.paths = self.received = 0

    def stage(self, path: str, size: int) -> None:
        """Takes the content of a file from the channel."""
        name = path.encode()
        if any(part in (b"", b".", b"..") for part in name.split(b"/")) or name in self.staged:
            raise Problem("protocol", f"cannot stage {path!r}")
        self.received += size
        if self.received > self.config["staged_bytes"]:  # there are engines whose file systems have no size
            raise Problem("no_space", f"{path!r}: {os.strerror(errno.ENOSPC)}")
        target = os.path.join(self.path, name)
        digest = blake2b()
        try:
            self.make_directories(name)
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "wb", 0) as file:
                for data in self.channel.receive_data(path, size):
                    digest.update(data)
                    while data:
                        data = data[file.write(data) :]
        except OSError as error:
            raise file_problem("protocol", path, error) from None
        self.staged[name] = size, digest.digest()

    def make_directories(self, name: bytes) -> None:
        """Those above a file. Not os.makedirs, which recurses for each: a path of 4 KB can have two thousand."""
        place = self.path
        for part in name.split(b"/")[:-1]:
            place = os.path.join(place, part)
            try:
                os.mkdir(place, 0o755)
            except FileExistsError:
                pass

    def collect(self) -> None:
        """Sends what is new or changed, and why the rest is not sent."""
        if os.fstat(self.root).st_mode & 0o500 != 0o500:
            os.fchmod(self.root, 0o700)
        self.walk()

    def walk(self) -> None:
        """Visits everything, each directory before what is in it."""
        self.skipped = self.skipped_paths = self.entries = 0
        self.full = False
        # A descriptor for each directory on the way down: names are only ever resolved below a directory that we hold.
        trail = [(os.dup(self.root), b"", self.names_in(self.root, b""))]
        try:
            while trail and not self.full:
                directory, prefix, names = trail[-1]
                name = next(names, None)
                if name is None:
                    trail.pop()
                    os.close(directory)
                    continue
                path = prefix + name
                below = self.visit(directory, name, path, len(trail) > self.config["output_depth"])
                if below is not None:
                    trail.append((below, path + b"/", self.names_in(below, path)))
        finally:
            for directory, *_ in trail:
                os.close(directory)

    def names_in(self, directory: int, path: bytes):
        names = []
        with os.scandir(directory) as entries:
            for entry in entries:
                if self.entries == WALK_ENTRIES:
                    self.skip(path, "file_limit")
                    break
                self.entries += 1
                names.append(os.fsencode(entry.name))
        return iter(sorted(names))

    def visit(self, directory: int, name: bytes, path: bytes, deepest: bool):
        """Sends a file, skips what is none, returns the descriptor of a directory to descend into."""
        try:
            path.decode()
        except UnicodeDecodeError:
            return self.skip(path, "name_not_utf8")
        try:
            status = os.lstat(name, dir_fd=directory)
            mode = status.st_mode
            if stat.S_ISLNK(mode):
                return self.skip(path, "symlink")
            if stat.S_ISDIR(mode):
                if deepest or len(path) >= PATH_MAX:
                    return self.skip(path, "depth")
                return self.open_entry(directory, name, mode, 0o700, os.O_DIRECTORY)
            if not stat.S_ISREG(mode):
                return self.skip(path, "special")
            if len(path) >= PATH_MAX:
                return self.skip(path, "depth")
            if not self.is_wanted(path, status):
                return None
            file = self.open_entry(directory, name, mode, 0o400, 0)
        except OSError:
            return self.skip(path, "unreadable")
        try:
            self.offer(file, path)
        finally:
            os.close(file)

    def is_wanted(self, path: bytes, status: os.stat_result) -> bool:
        return path != b"__main__.py"

    def open_entry(self, directory: int, name: bytes, mode: int, needed: int, flags: int) -> int:
        if mode & needed != needed:
            os.chmod(name, needed, dir_fd=directory)  # of our own uid; nobody is left who could swap it for a link
        flags |= os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(name, flags, dir_fd=directory)

    def offer(self, file: int, path: bytes) -> None:
        status = os.fstat(file)
        size = status.st_size
        if not stat.S_ISREG(status.st_mode):
            return self.skip(path, "special")
        if self.is_unchanged(file, path, size):
            return None
        if self.files == self.config["output_files"]:
            self.full = True
            return self.skip(path, "file_limit")
        if size > self.config["output_file_bytes"]:
            return self.skip(path, "too_large")
        if self.total + size > self.config["output_total_bytes"] or self.paths + len(path) > PATHS_TOTAL:
            return self.skip(path, "total_size")
        self.files += 1
        self.total += size
        self.paths += len(path)
        self.send_file(file, path, size)

    def send_file(self, file: int, path: bytes, size: int) -> None:
        self.channel.send_json(FILE, path=path.decode(), size=size)
        for data in chunks(file, size):
            self.channel.send(DATA, data)
            size -= len(data)
            if len(self.channel.outbox) > OUTPUT_QUEUE:
                self.channel.flush()
        if size:
            raise Problem("changed", f"{path!r} ended {size} bytes early")

    def is_unchanged(self, file: int, path: bytes, size: int) -> bool:
        """By content: a write through a mapping does not touch the times of a file on tmpfs."""
        staged_size, staged_digest = self.staged.get(path, (-1, b""))
        if size != staged_size:
            return False
        digest = blake2b()
        for data in chunks(file, size):
            digest.update(data)
        os.lseek(file, 0, os.SEEK_SET)
        return digest.digest() == staged_digest

    def skip(self, path: bytes, reason: str) -> None:
        path = path[:PATH_MAX]
        if self.skipped < SKIPPED_FRAMES and self.skipped_paths + len(path) <= SKIPPED_PATHS_TOTAL:
            self.skipped += 1
            self.skipped_paths += len(path)
            self.channel.send_json(SKIPPED, path=path.decode(errors="replace"), reason=reason)


def file_problem(reason: str, path: str, error: OSError) -> Problem:
    return Problem("no_space" if error.errno in NO_SPACE else reason, f"{path!r}: {error.strerror}")


def chunks(file: int, size: int):
    while size > 0:
        data = os.read(file, min(size, PAYLOAD))
        if not data:
            return
        size -= len(data)
        yield data


class Output:
    """One of the program's two output pipes, and how much of it may still pass."""

    def __init__(self, channel: Channel, kind: bytes, fd: int, limit: int):
        os.set_blocking(fd, False)
        self.channel, self.kind, self.fd, self.left = channel, kind, fd, limit
        self.truncated = False
        self.paused_until = 0.0

    def pump(self) -> bool:
        """Forwards what one read gives; what is over the limit is discarded. False when there is nothing to read."""
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


class Input:
    """The program's stdin. A program may leave it unread or close it, which is nobody's error."""

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


class Run:
    """One run as the parent sees it: from the fork to the death of the last process."""

    def __init__(self, channel: Channel, config: dict, timeout_ms: int, wakeup: int, memory: MemoryGroup):
        self.channel, self.config, self.wakeup, self.memory = channel, config, wakeup, memory
        self.timeout = timeout_ms / 1000
        self.status = self.usage = None  # of the main process, once it is reaped
        self.alone = False  # no child is left, and as every orphan becomes ours, no descendant
        self.cancelled = False
        self.stat_file = -1  # of the main process, held open
        self.hurried_until = 0.0  # before that a program with little memory left is not waited for again
        self.ears = {}  # more descriptors to wait for, and what to do when they are readable

    def start(self, program: Program) -> bool:
        """Forks; true in the child, which is then ready to become the program."""
        if self.fork(program):
            return True
        self.begin()
        return False

    def fork(self, program: Program) -> bool:
        self.oom_kills = self.memory.oom_kills()
        ends = self.open_pipes()
        self.report, child_report = os.pipe()
        self.started = time.monotonic()
        self.pid = os.fork()
        if not self.pid:
            program.move_in(*ends, child_report)
            return True
        self.stat_file = open_held(f"/proc/{self.pid}/stat")
        for fd in (*ends, child_report):
            os.close(fd)
        return False

    def begin(self) -> None:
        """Waits until the child has become the program."""
        complaint = self.read_report(self.report)
        os.close(self.report)
        if complaint:
            raise Problem("incompatible", complaint.decode(errors="replace"))
        self.channel.send(STARTED)

    def open_pipes(self, has_input: bool = True) -> tuple:
        """Returns the child's ends."""
        child_in, stdin = os.pipe() if has_input else (os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC), -1)
        stdout, child_out = os.pipe()
        stderr, child_err = os.pipe()
        self.stdin = Input(stdin)
        cap = self.config["output_bytes"]
        self.outputs = [Output(self.channel, STDOUT, stdout, cap), Output(self.channel, STDERR, stderr, cap)]
        return child_in, child_out, child_err

    def read_report(self, report: int) -> bytes:
        return os.read(report, PAYLOAD)  # the child closes its end just before the program begins

    def supervise(self) -> None:
        """Pumps until the main process ends, runs out of time or is cancelled; then nothing of it survives."""
        deadline = self.started + self.timeout
        while True:
            more = self.reap()
            now = time.monotonic()
            self.timed_out = now >= deadline
            self.take_frames()
            if self.timed_out or self.cancelled or self.has_ended():
                break
            self.turn(now, now if more else deadline)
        self.killed = not self.has_ended()
        self.end_all()
        self.duration = time.monotonic() - self.started if self.killed else now - self.started
        self.stdin.close()
        for output in self.outputs:
            for _ in range(1024):  # nobody writes any more: more reads than a pipe has slots
                if output.fd < 0 or not output.pump():
                    break

    def has_ended(self) -> bool:
        return self.status is not None

    def turn(self, now: float, until: float) -> None:
        """Waits for something to do, and does it."""
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        self.channel.register(poll, select.POLLIN if len(self.stdin.pending) <= STDIN_QUEUE else 0)
        if self.stdin.pending:
            poll.register(self.stdin.fd, select.POLLOUT)
        for fd in self.ears:
            poll.register(fd, select.POLLIN)
        for output in self.outputs:
            if output.fd < 0 or len(self.channel.outbox) > OUTPUT_QUEUE:
                continue
            if output.paused_until > now:
                until = min(until, output.paused_until)
            else:
                poll.register(output.fd, select.POLLIN)
        if self.channel.due() > now:  # else the sink is polled for
            until = min(until, self.channel.due())
        events = dict(poll.poll(max(0.0, until - now) * 1000))
        if self.wakeup in events:
            os.read(self.wakeup, SIGNAL)
        if any(output.fd in events for output in self.outputs) and self.memory.is_short() and self.ends_soon():
            return
        for fd in self.ears.keys() & events.keys():
            self.ears[fd]()
        for output in self.outputs:
            if output.fd in events:
                output.pump()
        if self.stdin.fd in events:
            self.stdin.pump()
        self.channel.handle(events)
        self.channel.drain()

    def ends_soon(self) -> bool:
        """Whether the program, which may have said its last word, ends at once: then that word waits until its memory
        is free. It is not gone before, but for one that left this to its undertaker."""
        now = time.monotonic()
        patience = now + (LAST_WORD_SECONDS if now >= self.hurried_until else 0)
        limit = now + KILL_SECONDS
        while True:
            self.reap()
            if self.has_ended():
                return True
            now = time.monotonic()
            if now >= (limit if self.is_exiting() else patience):
                self.hurried_until = now + LAST_WORD_PAUSE
                return False
            self.doze(0.001)

    def doze(self, seconds: float) -> None:
        """Until a child ends, at most so long."""
        if select.select([self.wakeup], (), (), seconds)[0]:
            os.read(self.wakeup, SIGNAL)

    def is_exiting(self) -> bool:
        fields = held_stat(self.stat_file)
        return bool(fields) and is_ending(fields)

    def take_frames(self) -> None:
        while len(self.stdin.pending) <= STDIN_QUEUE:
            frame = self.channel.next_frame()
            if not frame:
                return
            kind, payload = frame
            if kind == STDIN:
                self.stdin.feed(payload)
            elif kind == STDIN_EOF:
                self.stdin.end()
            elif kind == CANCEL:
                self.cancelled = True
            else:
                raise Problem("protocol", f"unexpected frame {kind!r} during a run")

    def reap(self) -> bool:
        """Buries the dead, ours and those we inherited; false when no more of them wait now."""
        for _ in range(256):  # a fork bomb must not keep us from the clock
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.alone = True
                return False
            if not pid:
                return False
            if pid == self.pid:
                self.status, self.usage = status, usage
        return True

    def end_all(self) -> None:
        """Kills every process but ourselves and waits until none does anything any more."""
        limit = time.monotonic() + KILL_SECONDS
        patience = 0.0001  # seconds
        while time.monotonic() < limit:
            kill_others()
            more = self.reap()
            if self.alone or not (more or self.status is None or self.memory.is_short()) and all_are_ending():
                break
            self.doze(patience)
            patience = min(2 * patience, 0.01)

    def result(self) -> dict:
        usage = self.usage or resource.struct_rusage((0,) * 16)
        status = self.status if self.status is not None else signal.SIGKILL
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        code = 128 + number if number else os.WEXITSTATUS(status)
        cpu = usage.ru_utime + usage.ru_stime
        not_ours = number == signal.SIGKILL and not self.killed
        stdout, stderr = self.outputs
        return {
            "exit_code": None if self.timed_out else code,
            "signal": number,
            "timed_out": self.timed_out,
            "oom": not_ours and self.memory.oom_kills() > self.oom_kills,
            "cpu": number == signal.SIGXCPU or (not_ours and cpu >= self.config["cpu_seconds"] + 0.5),
            "duration_ms": int(self.duration * 1000),
            "cpu_ms": int(cpu * 1000),
            "peak_memory_bytes": usage.ru_maxrss * 1024,
            "stdout_truncated": stdout.truncated,
            "stderr_truncated": stderr.truncated,
            "state_lost": False,
        }


def kill_others() -> None:
    """SIGKILL to every process that we may signal, but ourselves and process 1."""
    if not os.getuid():
        return  # as root that would be the whole machine
    try:
        os.kill(-1, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def all_are_ending() -> bool:
    """Whether every process but ourselves and process 1 is past its last instruction. Its memory may still be there."""
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]
        return all(thread_is_ending(path) for pid in pids for path in threads_of(pid))
    except OSError:
        return False


def threads_of(pid: str) -> list:
    try:
        return [f"/proc/{pid}/task/{thread}/stat" for thread in os.listdir(f"/proc/{pid}/task")]
    except (FileNotFoundError, ProcessLookupError):
        return []  # it is gone


def thread_is_ending(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return is_ending(stat_fields(file.read()))
    except (FileNotFoundError, ProcessLookupError):
        return True  # it is gone


class PreparedRun(Run):
    """A run whose child is forked and locked in before anybody knows what it will run: that takes longer than most
    programs do, the more the more libraries are loaded."""

    gate_socket = -1  # where the child sends the listener of its filter

    def prepare(self, program: Program) -> bool:
        """True in the child, which has its orders then."""
        orders, self.orders = os.pipe()
        program.orders = orders
        if self.config["sockets"] == "gated":
            self.gate = SocketGate()
            gate_socket, program.gate = socket_pair()
        if self.fork(program):
            return True
        os.close(orders)
        if program.gate >= 0:
            os.close(program.gate)
            self.gate_socket = gate_socket
            self.ears[gate_socket] = self.open_gate
        return False

    def open_gate(self) -> None:
        """The child has sent its listener before it begins. Nothing of the way it took is there when the program is."""
        gate_socket, self.gate_socket = self.gate_socket, -1
        listener = receive_listener(gate_socket)
        del self.ears[gate_socket]
        os.close(gate_socket)
        if listener >= 0:
            self.gate.add(listener)
            self.ears[listener] = lambda: self.answer_gate(listener)

    def answer_gate(self, listener: int) -> None:
        self.gate.answer(listener)
        if listener not in self.gate.listeners:
            del self.ears[listener]

    def check(self) -> None:
        self.reap()
        if self.has_ended():
            raise self.failure()

    def failure(self) -> Problem:
        """Why the child has ended before its time; waits for its word when it is about to."""
        return Problem("incompatible", self.read_report(self.report).decode(errors="replace") or "the child is dead")

    def order(self, request: dict) -> None:
        self.timeout = request["timeout_ms"] / 1000
        interactive = bool(request.get("last_line_interactive"))
        self.check()
        if self.gate_socket >= 0:
            self.open_gate()
        self.oom_kills = self.memory.oom_kills()
        self.started = time.monotonic()
        self.channel.gather()
        try:
            os.write(self.orders, b"1" if interactive else b"0")
        except BrokenPipeError:  # it has failed since we looked
            raise self.failure() from None
        os.close(self.orders)
        self.begin()


class Program:
    """The run as the child lives it: what must differ from a plain `python3 /workspace/__main__.py` differs in here."""

    def __init__(self, config: dict, others=()):
        self.config = config
        self.interactive = False
        self.orders = -1  # where to read how to run, once the files are there; -1: at once
        self.gate = -1  # where to send the listener of the filter, if that asks
        self.workspace = config["workspace"]
        self.file = os.path.join(self.workspace, "__main__.py")
        self.runner = os.getpid()
        threads = [int(thread) for thread in os.listdir("/proc/self/task")]  # libraries may have started some
        loopback, gated = config["sockets"] != "unix", config["sockets"] == "gated"
        self.filter = seccomp_filter(os.uname().machine, loopback, self.runner, threads, others, gated)

    def move_in(self, stdin: int, stdout: int, stderr: int, report: int) -> None:
        """Gives up what the runner has and locks the door. A failure goes to the report, and nothing runs."""
        try:
            if self.gate >= 0:
                self.gate = fcntl.fcntl(self.gate, fcntl.F_DUPFD_CLOEXEC, 100)  # out of the way of the others
            for fd, target in ((stdin, 0), (stdout, 1), (stderr, 2)):
                os.dup2(fd, target)
            report = os.dup2(report, 3, inheritable=False)
            if self.orders >= 0:
                self.orders = os.dup2(self.orders, 4, inheritable=False)
            self.close_descriptors()
            restore_signals()
            os.setsid()
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.runner:
                os._exit(1)
            self.set_limits()
            self.look_like_python()
            enter_programs_domain()
            install(self.filter, self.gate)
            if self.orders >= 0:
                self.undertaker = start_undertaker()
            prctl(PR_SET_DUMPABLE, 1)  # not before: in a session others could reach into what is still without a filter
            self.invite_the_oom_killer()
            self.begin(report)
        except BaseException as error:
            os.write(report, f"cannot lock the sandbox: {type(error).__name__}: {error}".encode())
            os._exit(1)

    def close_descriptors(self) -> None:
        self.close_from(5 if self.orders >= 0 else 4)

    def close_from(self, first: int) -> None:
        end = 1 + max(map(int, os.listdir("/proc/self/fd")))
        if self.gate >= 0:  # which goes as soon as the filter is there
            os.closerange(first, self.gate)
            first = self.gate + 1
        os.closerange(first, end)

    def begin(self, report: int) -> None:
        self.rehearse()
        if self.orders >= 0:
            order = os.read(self.orders, 1)
            if not order:
                os._exit(0)  # the runner is gone
            os.close(self.orders)
            self.interactive = order == b"1"
        self.forget_shadowed_modules()
        gc.enable()
        os.close(report)

    def set_limits(self) -> None:
        cpu = self.config["cpu_seconds"]
        limit(resource.RLIMIT_CPU, cpu, cpu + 1)
        self.set_plain_limits()

    def set_plain_limits(self) -> None:
        for name, value in self.config["ulimits"].items():
            try:
                limit(getattr(resource, "RLIMIT_" + name.upper()), value, value)
            except (OSError, ValueError):
                if name not in LIMITS_OF_LINUX:
                    raise
        for kind, value in (
            (resource.RLIMIT_FSIZE, self.config["file_bytes"]),
            (resource.RLIMIT_NOFILE, self.config["open_files"]),
            (resource.RLIMIT_AS, max(ADDRESS_SPACE, 4 * os.sysconf("SC_PHYS_PAGES") * resource.getpagesize())),
            (resource.RLIMIT_CORE, 0),
        ):
            limit(kind, value, value)

    def invite_the_oom_killer(self) -> None:
        try:
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("1000")  # the program dies before its runner
            self.gain_weight()
        except (OSError, ValueError):  # no such file, and none at all
            pass

    def gain_weight(self) -> None:
        """The kernel kills the largest, and counts files in memory for nobody. In a pod the runner's score is ours but for
        a few points, and it could be the one. So the interpreter's file is mapped once more: that counts, and takes none."""
        files = {file for _, _, rights, file in mappings() if rights == "r-xp" and "python" in file}
        size, path = max((os.path.getsize(file), file) for file in files)
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        LIBC.mmap(None, ctypes.c_size_t(size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, ctypes.c_long(0))
        os.close(file)

    def look_like_python(self) -> None:
        enter(self.workspace)
        set_environment(self.config["env"])
        standard_streams()
        sys.argv = [self.file]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv = [sys.orig_argv[0], self.file]
        sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        sys.path.insert(0, self.workspace)

    def rehearse(self) -> None:
        """Does what every program needs a first time: that copies the memory which we share with the runner, page by page,
        and while nobody waits it costs nothing."""
        self.before = set(sys.modules)
        statements, _ = compile_source(b"pass\n0", self.file, True)
        exec(statements, {})
        gc.collect()

    def forget_shadowed_modules(self) -> None:
        """What the runner imported must not hide a module that was staged under the same name."""
        for name in {entry.partition(".")[0] for entry in os.listdir(self.workspace)}:
            if name not in sys.modules or name in PLAIN_MODULES:
                continue
            spec = next(filter(None, (finder.find_spec(name, None) for finder in sys.meta_path)), None)
            if spec and str(spec.origin).startswith(self.workspace + "/"):
                for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
                    del sys.modules[loaded]
                    self.before.discard(loaded)

    def run(self) -> None:
        """The program's whole life. Nobody returns from here, neither it nor a process that it forked."""
        status = 1
        try:
            names = fresh_main(self.file)
            error = None
            try:
                for code in self.compile():
                    exec(code, names)
            except BaseException as caught:
                error = caught  # reported outside of this handler: a hook must not find us in its context
            status = report(error)
            interrupted = type(error) is KeyboardInterrupt
            names.pop("__file__", None)  # so does CPython, before the exit handlers
            names.pop("__cached__", None)
            del names, error
            status = finish(self.workspace, self.before) or status
            if interrupted:
                status = 128 + signal.SIGINT
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.kill(os.getpid(), signal.SIGINT)
        finally:
            os._exit(status)

    def compile(self) -> list:
        """The code as one piece, or as two: then the last one is an expression that goes to sys.displayhook."""
        with open(self.file, "rb") as file:
            return compile_source(file.read(), self.file, self.interactive)


def start_undertaker():
    """Leaves it to another process to take our memory apart, so that nobody waits for that who waits for our end.

    With libraries loaded it takes the kernel longer than most programs run. The other process shares memory and
    descriptors with us and sleeps inside of the kernel, on a lock which the kernel opens when we end or become another
    program; then it ends too. It has our filter and limits, and the program could make one like it. Without it all is
    the same, and slower.
    Returns what has to live as long as we.
    """
    lock, attributes, stack = (ctypes.create_string_buffer(size) for size in (64, 64, UNDERTAKER_STACK))
    LIBC.pthread_mutexattr_init(attributes)
    LIBC.pthread_mutexattr_setpshared(attributes, 1)  # the kernel wakes those who wait for a shared one only
    LIBC.pthread_mutex_init(lock, attributes)
    ctypes.c_int.from_buffer(lock).value = 1  # locked, by nobody
    number = ctypes.c_long(syscalls(os.uname().machine, "set_tid_address 218 96")["set_tid_address"])
    LIBC.syscall(number, lock)
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    flags = CLONE_VM | CLONE_FILES | CLONE_PARENT | signal.SIGCHLD
    top = ctypes.c_void_p(ctypes.addressof(stack) + len(stack))
    undertaker = LIBC.clone(ctypes.cast(LIBC.pthread_mutex_lock, ctypes.c_void_p), top, flags, lock)
    try:
        if undertaker > 0:  # its work shall not keep a processor from those who carry our answer
            os.setpriority(os.PRIO_PROCESS, undertaker, 19)
    except OSError:
        pass  # somewhere it may be forbidden
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return lock, stack


def enter(workspace: str) -> None:
    """In a session an earlier command may have forbidden everybody to enter, and whoever comes is the same user."""
    try:
        os.chdir(workspace)
    except PermissionError:
        os.chmod(workspace, 0o700)
        os.chdir(workspace)


def compile_source(source: bytes, file: str, interactive: bool) -> list:
    if not interactive:
        return [compile(source, file, "exec", dont_inherit=True)]
    tree = compile(source, file, "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
    if not tree.body or not isinstance(tree.body[-1], _ast.Expr):
        return [compile(tree, file, "exec", dont_inherit=True)]
    last = tree.body[-1]
    if len(tree.body) > 1 or not isinstance(last.value, _ast.Constant):  # a lone string is the docstring as well
        del tree.body[-1]
    statements = compile(tree, file, "exec", dont_inherit=True)
    expression = _ast.Interactive(body=[last])
    return [statements, compile(expression, file, "single", statements.co_flags & FUTURES, dont_inherit=True)]


def limit(kind: int, soft: int, hard: int) -> None:
    """Lowers a limit; the container's own may already be lower."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def block_signals() -> int:
    """No signal that can be blocked reaches the runner; SIGCHLD makes the returned descriptor readable instead.

    Blocked and not ignored, for then the child finds all dispositions as CPython made them, and unblocks in one call. The
    kernel tells of the signal and no handler of ours, which would write to a pipe: that takes memory.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # inherited as ignored the kernel would bury the dead itself
    signals = ctypes.create_string_buffer(128)
    LIBC.sigemptyset(signals)
    LIBC.sigaddset(signals, int(signal.SIGCHLD))
    wakeup = LIBC.signalfd(-1, signals, os.O_NONBLOCK | os.O_CLOEXEC)
    if wakeup < 0:
        raise OSError(ctypes.get_errno(), "signalfd")
    return wakeup


def restore_signals() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def standard_streams() -> None:
    """As CPython makes them under PYTHONUNBUFFERED=1 and PYTHONIOENCODING=utf-8."""
    streams = (("stdin", "r", "strict"), ("stdout", "w", "strict"), ("stderr", "w", "backslashreplace"))
    for fd, (name, mode, errors) in enumerate(streams):
        buffer = open(fd, mode + "b", -1 if mode == "r" else 0, closefd=False)
        getattr(buffer, "raw", buffer).name = f"<{name}>"
        stream = io.TextIOWrapper(buffer, "utf-8", errors, "\n", write_through=True)
        stream.mode = mode
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def fresh_main(file: str) -> dict:
    """The namespace that `python3 file` starts with, installed as __main__."""
    module = sys.modules["__main__"] = type(sys)("__main__")
    names = module.__dict__
    names["__loader__"] = _frozen_importlib_external.SourceFileLoader("__main__", file)
    if "__annotations__" in globals():  # our own __main__ was made the same way: before 3.14 it has them
        names["__annotations__"] = {}
    names["__builtins__"] = builtins
    names["__file__"] = file
    names["__cached__"] = None
    return names


def report(error) -> int:
    """What CPython does with the exception that ended a program; returns the exit status."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        return exit_status(error)
    trace = own_traceback(error)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    failure = None
    try:
        sys.excepthook(type(error), error, trace)
    except BaseException as caught:
        failure = caught
    if isinstance(failure, SystemExit):
        return exit_status(failure)
    if failure is not None:
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(failure), failure, own_traceback(failure))
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, trace)
    return 1


def own_traceback(error: BaseException):
    """The exception's traceback from the program's first frame on."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    error.__traceback__ = trace
    return trace


def exit_status(error: SystemExit) -> int:
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF if -(1 << 63) <= code < 1 << 63 else 0xFF
    try:
        print(code, file=sys.stderr or sys.__stderr__)
    except Exception:
        pass
    return 1


def finish(workspace: str, before: set) -> int:
    """The part of Py_FinalizeEx that a program can see; returns what it adds to the exit status.

    Not all of it: with pandas and matplotlib preloaded, a full finalization takes 99 ms and this takes 5.
    """
    status = 0
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
    except BaseException:
        pass
    try:
        atexit._run_exitfuncs()
    except BaseException:
        pass
    status = flush_streams()
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        if hasattr(sys, name):
            setattr(sys, name, None)
    builtins._ = None
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
    for name in [name for name in sys.modules if name not in before or name == "__main__"]:
        if name == "__main__" or is_below(workspace, sys.modules[name]):
            del sys.modules[name]
    gc.collect()
    status |= flush_streams()
    LIBC.fflush(None)
    return status


def is_below(workspace: str, module) -> bool:
    """Whether it is a module of the program's own. Asks no lazy module for an attribute, which could import more."""
    return str(getattr(module, "__dict__", {}).get("__file__")).startswith(workspace + "/")


def flush_streams() -> int:
    status = 0
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except BaseException:
            status = 120
    return status


# --- session: nothing outside of this part needs it but the Session in serve(); it may be cut out for a single run ---
#
# Process 1 accepts connections, buries the dead and watches the clock, and never waits for anything else:
#
#     runner -+- handler -- bash -c .. -- ..     one for each command of the shell and each transfer of a file
#             +- keeper --- interpreter -- ..    one for the session's life; the interpreter is replaced when it dies
#
# Handler and keeper adopt every orphan below them, so the descendants of a command are exactly those of its handler, or
# those of the keeper that were not there before. What a command leaves running is inherited by the runner and lives on.
# Now processes of the program are always about while we work. All of ours are not dumpable and their ids are known to
# the filter of whatever starts after them; nobody can stop a process that was started by an earlier command from
# killing a handler, whose command is then lost with its connection.
#
# One process beside them is executed and not forked: the connector, which carries a command and its answer. Until it has
# said that it is not dumpable, it is. A program that is about by then must not get hold of its descriptors, or it answers
# in our place:
#   - where the engine lets us, the connector has another uid, which no program can have;
#   - each command is in a Landlock domain of its own, the connector and all of ours are in none of these. So a command
#     that runs on has no way to the descriptors and the memory of a later one either. Signals, files, sockets and what
#     /proc tells of everybody pass between commands as ever;
#   - the runner is in a domain around all of these, without its socket and the connector. Where Landlock knows of scopes
#     (Linux 6.12), no program can signal the connector or connect to the socket.
# In a pod, where all uids are the same, there is no session without Landlock unless the operator wants one.


class Nobody(Channel):
    """Stands in for the channel of an owner that hung up, while what it began is brought to an end."""

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

    READ = 4096  # what the runner reads and did not ask for has to fit into a message to the keeper

    def __init__(self, fd: int):
        super().__init__(fd, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3))

    def refuse(self, reason: str, message: str) -> None:
        """Says why nothing will happen. So little always fits into the socket of somebody who waits for an answer."""
        self.send_json(PROBLEM, reason=reason, message=one_line(message))
        try:
            self.drain()
        except OwnerGone:
            pass  # nobody is there to be told


def exhausted(error: OSError) -> Problem:
    return Problem("exhausted", f"the session has no room for another command: {error.strerror}")


def living(root: int, spared=frozenset()) -> set:
    """The living descendants of a process, as (pid, start time), but for those to spare and theirs."""
    children = {}
    for name in os.listdir("/proc"):
        fields = stat_fields(read_bytes(f"/proc/{name}/stat")) if name.isdigit() else ()
        if fields:
            state, parent, threads, started = fields[0], int(fields[1]), int(fields[17]), int(fields[19])
            dead = state in b"ZX" and threads < 2  # its first thread alone may be dead
            children.setdefault(parent, []).append((int(name), started, dead))
    found, parents = set(), [root]
    while parents:
        for pid, started, dead in children.get(parents.pop(), ()):
            if (pid, started) not in spared:
                parents.append(pid)
                if not dead:
                    found.add((pid, started))
    return found


def kill_all(find, bury, wakeup: int, seconds: float) -> None:
    """SIGKILL to all that are found, until none is. They are stopped first: a bomb forks faster than we kill."""
    limit = time.monotonic() + seconds
    stopped = set()
    while time.monotonic() < limit:
        found = find() - stopped
        if not found:
            break
        for pid, _ in found:
            send_signal(pid, signal.SIGSTOP)
        stopped |= found
    poll = select.poll()
    poll.register(wakeup, select.POLLIN)
    empty = 0
    while empty < 2 and time.monotonic() < limit:  # once says little: an orphan has no parent for a moment
        found = find()
        empty = 0 if found else empty + 1
        for pid, _ in found:
            send_signal(pid, signal.SIGKILL)
        bury()
        if found and poll.poll(10):
            os.read(wakeup, SIGNAL)


def send_signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


class Command(Run):
    """A run in a session: it ends alone, and what it leaves running lives on unless it was made to end."""

    def __init__(self, channel: Channel, config: dict, timeout_ms: int, wakeup: int, memory: MemoryGroup):
        bounded(timeout_ms, 0, MAX_SESSION_SECONDS * 1000, "timeout_ms")
        super().__init__(channel, config, timeout_ms, wakeup, memory)

    def supervise(self) -> None:
        try:
            super().supervise()
        except (OwnerGone, Problem):
            self.channel = Nobody()
            for output in self.outputs:
                output.channel = self.channel
            self.cancelled = True
            super().supervise()
            raise

    def read_report(self, report: int) -> bytes:
        """Waits no longer than for the program itself: other commands may stop a process before it has begun."""
        poll = select.poll()
        poll.register(report, select.POLLIN)
        poll.register(self.channel.source, select.POLLRDHUP)
        events = dict(poll.poll(self.timeout * 1000))
        return os.read(report, PAYLOAD) if report in events else b""

    def bequeath(self, estate) -> None:
        """What still holds the pipes goes on writing: somebody has to read, or it would die of it."""
        left = [output.fd for output in self.outputs if output.fd >= 0]
        try:
            if left:
                send_descriptors(estate, b"pipes", left)
        except OSError:
            pass
        for fd in left:
            os.close(fd)


class ShellCommand(Command):
    def open_pipes(self, has_input: bool = False) -> tuple:
        return super().open_pipes(has_input)

    def end_all(self) -> None:
        if self.killed:
            kill_all(lambda: living(os.getpid()), self.reap, self.wakeup, KILL_SECONDS)
            self.reap()

    def result(self) -> dict:
        """A shell that saw its last command die of a signal exits with that command's code."""
        result = super().result()
        if not self.killed:
            result["oom"] |= result["exit_code"] == 128 + signal.SIGKILL and self.memory.oom_kills() > self.oom_kills
            result["cpu"] |= result["exit_code"] == 128 + signal.SIGXCPU
        return result


class PythonCommand(Command):
    """A command as the keeper sees it. The interpreter is told what to do and says when it is done."""

    def __init__(self, keeper: Keeper, channel: Channel, request: dict):
        super().__init__(channel, keeper.config, request["timeout_ms"], keeper.wakeup, keeper.memory)
        self.keeper, self.control, self.pid, self.stat_file = keeper, keeper.control, keeper.pid, keeper.stat_file
        self.interactive = bool(request.get("last_line_interactive"))
        self.answer = None  # the exit code, as the interpreter tells it
        self.over_cpu = False

    def begin(self, code: int) -> None:
        self.oom_kills = self.keeper.oom_kills
        self.spared = living(os.getpid())  # also the interpreter
        ends = self.open_pipes()
        self.cpu_before = cpu_seconds(self.pid)
        # An answer from before is none to this command, whoever gave it.
        self.token = os.urandom(8).hex()
        name = f"<python-{self.keeper.count()}>"
        order = to_json({"name": name, "token": self.token, "interactive": self.interactive})
        self.started = time.monotonic()
        try:
            send_descriptors(self.control, order, [*ends, code])
        except OSError as error:
            self.stdin.close()
            for output in self.outputs:
                output.close()
            raise exhausted(error) from None
        finally:
            for fd in ends:
                os.close(fd)
        self.ears[self.control.fileno()] = self.hear
        self.channel.send(STARTED)

    def hear(self) -> None:
        """The program can write here as well: this is its word for its own exit code and for nothing else."""
        try:
            words = self.control.recv(64).split()
        except BlockingIOError:
            return
        except OSError:
            words = []
        if not words:
            self.ears.clear()
        elif len(words) == 2 and words[0] == self.token.encode() and words[1].isdigit():
            self.answer = int(words[1]) & 0xFF

    def has_ended(self) -> bool:
        return self.answer is not None or self.status is not None

    def turn(self, now: float, until: float) -> None:
        """Keeps the CPU limit: as a resource limit of a process that runs one command after another it would add up."""
        left = self.config["cpu_seconds"] - (cpu_seconds(self.pid) - self.cpu_before)
        if left <= 0 and not self.cancelled:
            self.over_cpu = self.cancelled = True
            until = now
        super().turn(now, min(until, now + max(left, 0.05)))

    def end_all(self) -> None:
        """First it is asked, as with Control-C, and keeps its state when it obeys. Its children are never asked."""
        if not self.killed:
            return
        limit = time.monotonic() + OBEY_SECONDS
        asked = self.ask()
        self.kill_started(OBEY_SECONDS / 2)
        while not self.has_ended() and time.monotonic() < limit:
            now = time.monotonic()
            self.turn(now, limit if asked else min(limit, now + 0.01))
            self.reap()
            asked = asked or self.ask()
        if not self.has_ended():
            send_signal(self.pid, signal.SIGKILL)
            limit = time.monotonic() + KILL_SECONDS
            while self.status is None and time.monotonic() < limit:
                time.sleep(0.001)
                self.reap()
        self.kill_started(KILL_SECONDS)

    def ask(self) -> bool:
        """Once: a second time would hit what cleans up after the first. system(3) is deaf while its child lives."""
        ignored = int(status_of(self.pid).get("SigIgn", "0"), 16)
        if ignored >> signal.SIGINT - 1 & 1:
            return False
        send_signal(self.pid, signal.SIGINT)
        return True

    def kill_started(self, seconds: float) -> None:
        """A child that an older background process starts is spared with it, unless that disowns it at once."""
        interpreter = {process for process in self.spared if process[0] == self.pid}
        older = self.spared - interpreter
        kill_all(lambda: living(os.getpid(), older) - interpreter, self.reap, self.wakeup, seconds)

    def result(self) -> dict:
        lost = self.status is not None
        if lost:
            cpu = self.usage.ru_utime + self.usage.ru_stime
            peak = self.usage.ru_maxrss
        else:
            cpu = cpu_seconds(self.pid)
            peak = int(status_of(self.pid).get("VmHWM", "0 kB").split()[0])
            self.status = (128 + signal.SIGKILL if self.answer is None else self.answer) << 8
        result = super().result()
        result.update(cpu_ms=int((cpu - self.cpu_before) * 1000), peak_memory_bytes=peak * 1024)
        if self.over_cpu:
            result.update(cpu=True, exit_code=128 + signal.SIGXCPU, signal=int(signal.SIGXCPU))
        else:
            result["cpu"] = result["signal"] == signal.SIGXCPU
        result["state_lost"] = lost or self.keeper.lost
        self.keeper.lost = False
        if not lost:
            self.status = None
        return result


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, from its CPU clock."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


class Shell(Program):
    """`bash -c command`, locked in like a program."""

    def __init__(self, config: dict, others, command: bytes):
        super().__init__(config, others)
        self.command = command
        if b"\0" in self.command:
            raise Problem("protocol", "a command has no NUL")

    def gain_weight(self) -> None:
        """In vain: the shell that it becomes does not have it any more."""

    def look_like_python(self) -> None:
        enter(self.workspace)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and bash would inherit that
            signal.signal(number, signal.SIG_DFL)

    def begin(self, report: int) -> None:
        os.execvpe("bash", [b"bash", b"-c", self.command], self.config["env"])  # which closes the report


class Interpreter(Program):
    """The interpreter of a session as it lives it: one piece of code after another, all in one namespace.

    What it says to the keeper is the program's word, which can do here whatever it likes. No CPU limit is set: the
    keeper counts for each command, and what a command starts is bound by the command's time.
    """

    CONTROL = 4
    COMING = 4  # descriptors that come with a command

    def __init__(self, config: dict, others, control):
        super().__init__(config, others)
        self.control = control

    def close_descriptors(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the time of a first command may be up before we are
        os.dup2(self.control, self.CONTROL, inheritable=False)
        self.close_from(self.CONTROL + 1)

    def set_limits(self) -> None:
        self.set_plain_limits()
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most - self.COMING, most))

    def look_like_python(self) -> None:
        # Before the workspace is on the path.
        import _socket, linecache, tokenize, traceback

        high = fcntl.fcntl(self.CONTROL, fcntl.F_DUPFD_CLOEXEC, min(100, self.config["open_files"] - 1))
        os.close(self.CONTROL)
        self.control = _socket.socket(fileno=high)
        self.lines, self.print_exception = linecache.cache, traceback.print_exception
        super().look_like_python()
        sys.argv = [""]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv = sys.orig_argv[:1]

    def run(self) -> None:
        try:
            self.pid = os.getpid()
            self.names = fresh_main(self.file)
            for name in ("__file__", "__cached__"):
                del self.names[name]
            self.names["__loader__"] = _frozen_importlib.BuiltinImporter
            self.interrupt = signal.default_int_handler
            self.null = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, min(100, self.config["open_files"] - 1))
            # The first command makes its own: these would say that they can seek, as what is open now can.
            sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
            while True:
                try:
                    self.obey(*self.receive())
                except Exception:  # a signal handler of the program's
                    pass
        finally:
            os._exit(1)

    def receive(self):
        """There is room for what comes with a command, though the program may have opened all that it can."""
        import _socket

        self.control.recv(1, _socket.MSG_PEEK)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            return receive_descriptors(self.control, 1024, self.COMING)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def obey(self, order: bytes, descriptors: list) -> None:
        if not order:
            os._exit(0)  # the keeper is gone
        if len(descriptors) < self.COMING:
            os._exit(1)  # the program has taken its own room away; better a new interpreter than none that hears
        order = from_json(order)
        for target, fd in enumerate(descriptors[:3]):
            os.dup2(fd, target)
            os.close(fd)
        with open(descriptors[3], "rb") as file:
            source = file.read()
        status = self.execute(source, order["name"], order["interactive"])
        if os.getpid() != self.pid:  # a process that the program forked came out at the end of the code
            os._exit(finish(self.workspace, self.before) or status)
        flush_streams()
        LIBC.fflush(None)
        try:
            for target in range(3):
                os.dup2(self.null, target)
        except OSError:  # the program has forbidden itself every descriptor, and what comes after it with it
            os._exit(status)
        self.control.send(f"{order['token']} {status}".encode())

    def execute(self, source: bytes, file: str, interactive: bool) -> int:
        self.renew_streams()
        try:
            lines = io.StringIO(_frozen_importlib_external.decode_source(source)).readlines()
        except (SyntaxError, UnicodeError):
            lines = []
        self.lines[file] = len(source), None, lines, file
        error = None
        try:
            signal.signal(signal.SIGINT, self.interrupt)
            for code in compile_source(source, file, interactive):
                exec(code, self.names)
        except BaseException as caught:
            error = caught
        while True:
            try:
                handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
                break
            except BaseException as caught:
                error = error or caught
        self.interrupt = signal.default_int_handler if handler is None else handler
        try:
            if sys.version_info < (3, 13) and sys.excepthook is sys.__excepthook__:
                # The one in C knows files only.
                sys.excepthook = self.print_exception
                status = report(error)
                sys.excepthook = sys.__excepthook__
            else:
                status = report(error)
        except BaseException:
            status = 1
        return 128 + signal.SIGINT if type(error) is KeyboardInterrupt else status

    def renew_streams(self) -> None:
        """A stdin of its own for each command, and the others when they are closed or gone."""
        streams = sys.stdin, sys.stdout, sys.stderr
        genuine = sys.__stdin__, sys.__stdout__, sys.__stderr__
        standard_streams()
        for name, stream, ours in list(zip(("stdin", "stdout", "stderr"), streams, genuine)):
            lost = stream is None or getattr(stream, "closed", False)
            if name != "stdin" and ours is not None and not ours.closed:
                setattr(sys, f"__{name}__", ours)
            if not lost and (name != "stdin" or stream is not ours):
                setattr(sys, name, stream)


def send_descriptors(sock, message: bytes, descriptors: list) -> None:
    import _socket

    packed = struct.pack(f"{len(descriptors)}i", *descriptors)
    sock.sendmsg([message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)], _socket.MSG_DONTWAIT)


def receive_descriptors(sock, size: int, count: int):
    """A message and the descriptors that came with it."""
    import _socket

    message, parts, _, _ = sock.recvmsg(size, _socket.CMSG_SPACE(4 * count), _socket.MSG_CMSG_CLOEXEC)
    descriptors = []
    for level, kind, data in parts:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            descriptors += struct.unpack(f"{len(data) // 4}i", data[: len(data) // 4 * 4])
    return message, descriptors


class Keeper:
    """The process that keeps the interpreter, and serves the connections that bring code, one at a time."""

    def __init__(self, session: Session, inbound, lost: bool):
        self.config, self.memory, self.estate = session.config, session.memory, session.estate
        self.root = session.workspace.root
        self.others = [*session.protected, os.getpid()]
        self.gate = session.gate_descriptor()
        self.inbound, self.wakeup = inbound, session.wakeup
        self.lost = lost  # the next answer has to say so
        self.pid, self.stat_file = 0, -1
        self.numbers = 0
        self.spawned = -1.0

    def count(self) -> int:
        self.numbers += 1
        return self.numbers

    def serve(self):
        """Returns in the process of an interpreter only."""
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        poll.register(self.inbound.fileno(), select.POLLIN)
        while True:
            if not self.pid and time.monotonic() > self.spawned + RESPAWN_SECONDS:
                interpreter = self.spawn()
                if interpreter:
                    return interpreter
            events = dict(poll.poll(None if self.pid else RESPAWN_SECONDS * 1000))
            if self.wakeup in events:
                os.read(self.wakeup, SIGNAL)
            self.reap()
            if self.inbound.fileno() in events:
                if self.pid and self.is_dying():
                    self.await_death()
                if not self.pid:
                    interpreter = self.spawn()
                    if interpreter:
                        return interpreter
                self.attend()

    def spawn(self):
        """A new interpreter; without a process to be had there is none, and the next command tries again."""
        import _socket

        self.spawned = time.monotonic()
        try:
            ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
            control = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD_CLOEXEC, 100)
            null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        interpreter = Interpreter(self.config, self.others, control)
        interpreter.gate = self.gate
        try:
            pid = os.fork()
        except OSError:
            pid = -1
        if not pid:
            report = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, 100)  # a failure is our own woe
            interpreter.move_in(null, null, null, report)
            return interpreter
        theirs.close()
        os.close(null)
        os.close(control)
        if pid < 0:
            return None
        ours.setblocking(False)
        self.pid, self.control, self.stat_file = pid, ours, open_held(f"/proc/{pid}/stat")
        self.memory.take_copies()
        return None

    def is_dying(self) -> bool:
        """Whether the interpreter has ended or has been killed, though it may not know it yet."""
        if self.stat_file < 0:  # there was no room for it
            self.stat_file = open_held(f"/proc/{self.pid}/stat")
        fields = held_stat(self.stat_file)
        return bool(fields) and (is_ending(fields) or bool(int(fields[28]) >> signal.SIGKILL - 1 & 1))

    def await_death(self) -> None:
        """A command that left no memory may be told to have ended well, and its interpreter die of the next one's arrival.
        That one is not to blame."""
        send_signal(self.pid, signal.SIGKILL)  # for one whose first thread alone has ended
        limit = time.monotonic() + KILL_SECONDS
        while self.pid and time.monotonic() < limit:
            time.sleep(0.001)
            self.reap()

    def reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self.pid:
                self.bury()
                self.lost = True

    def bury(self) -> None:
        self.control.close()
        if self.stat_file >= 0:
            os.close(self.stat_file)
        self.pid, self.stat_file = 0, -1

    def attend(self) -> None:
        self.oom_kills = self.memory.oom_kills()  # here: where memory is short, all that follows may kill the interpreter
        connection = arriving(self.inbound, Exclusive)
        if connection is None:
            return
        connection.inbound = self.inbound
        try:
            answer(connection, lambda: self.run(connection))
        finally:
            connection.close()

    def run(self, channel: Channel) -> None:
        code = self.receive_code(channel)
        try:
            kind, payload = channel.receive()
            if kind != RUN:
                raise Problem("protocol", f"unexpected frame {kind!r} after the code")
            if not self.pid:
                raise Problem("exhausted", "the session has no room for an interpreter")
            before = Snapshot(channel, self.config, self.root)
            before.take()
            command = PythonCommand(self, channel, from_json(payload))
            os.lseek(code, 0, os.SEEK_SET)
            command.begin(code)
        finally:
            os.close(code)
        try:
            command.supervise()
            channel.send_json(EXIT, **command.result())
        finally:
            if command.status is not None:
                self.bury()
            command.bequeath(self.estate)
        Changes(channel, self.config, self.root, before).walk()

    def receive_code(self, channel: Channel) -> int:
        """Into memory: the workspace belongs to the program."""
        kind, payload = channel.receive()
        if kind != CODE:
            raise Problem("protocol", "a run needs its code first")
        size = from_json(payload)["size"]
        code = os.memfd_create("code")
        try:
            for data in channel.receive_data("the code", size):
                while data:
                    data = data[os.write(code, data) :]
        except BaseException as error:
            os.close(code)
            if isinstance(error, OSError) and error.errno in NO_SPACE:
                raise file_problem("no_space", "the code", error) from None
            raise
        return code


class Exclusive(Connection):
    """The keeper's connection. While it is waited for, others that come are told that the interpreter is busy."""

    READ = Channel.READ

    def register(self, poll, interest: int) -> None:
        super().register(poll, interest)
        poll.register(self.inbound.fileno(), select.POLLIN)

    def handle(self, events: dict) -> None:
        if self.inbound.fileno() in events:
            other = arriving(self.inbound, Connection)
            if other:
                other.refuse("busy", "another python command runs in this session")
                other.close()
        super().handle(events)


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


class Shared(Workspace):
    """The workspace of a session. Others may be at work in it: nothing is changed on the way, no path is followed."""

    def open_entry(self, directory: int, name: bytes, mode: int, needed: int, flags: int) -> int:
        flags |= os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(name, flags, dir_fd=directory)

    def names_in(self, directory: int, path: bytes):
        try:
            return super().names_in(directory, path)
        except OSError:
            self.skip(path, "unreadable")
            return iter(())

    def is_wanted(self, path: bytes, status: os.stat_result) -> bool:
        return not path.rpartition(b"/")[2].startswith(PART)

    def is_unchanged(self, file: int, path: bytes, size: int) -> bool:
        return False

    def send_file(self, file: int, path: bytes, size: int) -> None:
        """As many bytes as announced, whatever others do to the file meanwhile.

        A small file is read before it is announced. For a large one there is a lease: who wants to write has to wait
        until it is sent. When somebody already writes, or the file system has no leases, see `unsteady`.
        """
        if size <= HELD_BYTES:
            self.send_content(path, b"".join(chunks(file, size)))
            return
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            size = os.fstat(file).st_size
        except OSError as error:
            if error.errno == errno.EAGAIN and self.unsteady(path):
                return
        super().send_file(file, path, size)
        self.channel.flush()

    def send_content(self, path: bytes, content: bytes) -> None:
        self.channel.send_json(FILE, path=path.decode(), size=len(content))
        for start in range(0, len(content), PAYLOAD):
            self.channel.send(DATA, content[start : start + PAYLOAD])
        if len(self.channel.outbox) > OUTPUT_QUEUE:
            self.channel.flush()

    def unsteady(self, path: bytes) -> bool:
        """Whether a large file that others hold open for writing is left out. If not, and it shrinks, that is told."""
        self.files -= 1
        self.skip(path, "in_use")
        return True

    def open_directory(self, parts: list, make: bool = False) -> int:
        directory = os.dup(self.root)
        for part in parts:
            try:
                if make:
                    try:
                        os.mkdir(part, 0o755, dir_fd=directory)
                    except FileExistsError:
                        pass
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
            finally:
                os.close(directory)
            directory = below
        return directory


class Snapshot(Shared):
    """What is there before a command, by inode, size and times, which nobody can set back together."""

    def take(self) -> None:
        """When something has only just changed, waits for a tick: the next change must have another time."""
        self.seen, self.passed, self.newest = {}, set(), 0
        self.walk()
        tick = int(2 * time.clock_getres(CLOCK_REALTIME_COARSE) * 1e9)
        doubt = self.newest + tick - time.clock_gettime_ns(CLOCK_REALTIME_COARSE)
        if 0 < doubt <= tick:
            time.sleep(doubt / 1e9)

    def is_wanted(self, path: bytes, status: os.stat_result) -> bool:
        self.seen[path] = identity(status)
        self.newest = max(self.newest, status.st_ctime_ns)
        return False

    def skip(self, path: bytes, reason: str) -> None:
        self.passed.add((path, reason))


class Changes(Shared):
    """Sends what is new or changed since a snapshot. A file that changed only by a write to a mapping is not found."""

    def __init__(self, channel: Channel, config: dict, root: int, before: Snapshot):
        super().__init__(channel, config, root)
        self.before = before

    def is_wanted(self, path: bytes, status: os.stat_result) -> bool:
        return super().is_wanted(path, status) and self.before.seen.get(path) != identity(status)

    def skip(self, path: bytes, reason: str) -> None:
        if (path, reason) not in self.before.passed:
            super().skip(path, reason)


class Listing(Shared):
    """A page of the regular files, sorted by path, byte by byte, from behind a given path on.

    However many there are, little of a directory is held: its next few names, found by reading it again.
    """

    def page(self, limit: int, after: str) -> None:
        self.limit, self.last = limit, after.encode()
        self.into = False  # whether the name that `names_in` gave last was a directory's when it was read
        self.walk()

    def names_in(self, directory: int, path: bytes):
        prefix = path + b"/" if path else b""
        after = self.last[len(prefix) :] if self.last.startswith(prefix) else b""
        first = True
        while True:
            try:
                keys = self.next_keys(directory, after, first)
            except OSError:
                return self.skip(path, "unreadable")
            for key in keys:
                self.into = key.endswith(b"/")
                yield key.rstrip(b"/")
            if len(keys) < PAGE_NAMES:
                return
            after, first = keys[-1], False

    def next_keys(self, directory: int, after: bytes, first: bool) -> list:
        """A directory stands where the paths below it do: behind its name with a slash. The first may lie below `after`."""
        keys = []
        with os.scandir(directory) as entries:
            for entry in entries:
                key = os.fsencode(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    key += b"/"
                if key > after or first and key.endswith(b"/") and after.startswith(key):
                    keys.append(key)
                    if len(keys) == 2 * PAGE_NAMES:
                        keys = sorted(keys)[:PAGE_NAMES]
        return sorted(keys)[:PAGE_NAMES]

    def visit(self, directory: int, name: bytes, path: bytes, deepest: bool):
        into = self.into
        below = super().visit(directory, name, path, deepest)
        if below is not None and not into:  # it was a file when its place among the names was found
            os.close(below)
            return None
        return below

    def is_wanted(self, path: bytes, status: os.stat_result) -> bool:
        if super().is_wanted(path, status) and path > self.last:
            self.last = path
            self.limit -= 1
            self.full = self.limit <= 0
            self.channel.send_json(FILE, path=path.decode(), size=status.st_size)
            if len(self.channel.outbox) > OUTPUT_QUEUE:
                self.channel.flush()
        return False


class Transfer(Shared):
    """Single files, to and from the owner."""

    def get(self, path: str) -> None:
        *parents, name = components(path)
        try:
            directory = self.open_directory(parents)
            try:
                file = self.open_entry(directory, name, 0, 0, 0)
            finally:
                os.close(directory)
        except OSError as error:
            raise Problem("not_found", f"{path!r}: {error.strerror}") from None
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Problem("not_found", f"{path!r} is not a regular file")
        if status.st_size > self.config["output_file_bytes"]:
            raise Problem("too_large", f"{path!r} has {status.st_size} bytes")
        self.send_file(file, path.encode(), status.st_size)

    def send_file(self, file: int, path: bytes, size: int) -> None:
        """Problem "changed", before DONE, when somebody wrote to it meanwhile: half an old file and half a new one is none.
        As for `Changes`, a write to a mapping is not found."""
        before = self.settled(file)
        if before.st_size <= HELD_BYTES:
            content = b"".join(chunks(file, before.st_size))
            self.check_unchanged(file, path, before)
            self.send_content(path, content)
        else:
            super().send_file(file, path, before.st_size)
            self.check_unchanged(file, path, before)

    def settled(self, file: int) -> os.stat_result:
        """Its status, from which a write from now on differs: one within the same tick of the clock would not."""
        tick = 2 * time.clock_getres(CLOCK_REALTIME_COARSE)
        if 0 <= time.clock_gettime(CLOCK_REALTIME_COARSE) - os.fstat(file).st_mtime < tick:
            time.sleep(tick)
        return os.fstat(file)

    def check_unchanged(self, file: int, path: bytes, before: os.stat_result) -> None:
        after = os.fstat(file)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise Problem("changed", f"{path.decode()!r} was written to")

    def unsteady(self, path: bytes) -> bool:
        return False

    def put(self, path: str, size: int) -> None:
        """Under another name first: whoever reads the file meanwhile sees the old one or the new one, whole."""
        *parents, name = components(path)
        part = PART + os.urandom(8).hex().encode()
        try:
            directory = self.open_directory(parents, make=True)
            self.check_target(directory, name, path)
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=directory)
        except OSError as error:
            raise file_problem("not_a_file", path, error) from None
        try:
            for data in self.channel.receive_data(path, size):
                while data:
                    data = data[os.write(file, data) :]
            self.check_target(directory, name, path)
            os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException as error:
            try:
                os.unlink(part, dir_fd=directory)
            except OSError:
                pass
            if not isinstance(error, OSError):
                raise
            raise file_problem("not_a_file", path, error) from None

    def check_target(self, directory: int, name: bytes, path: str) -> None:
        try:
            mode = os.lstat(name, dir_fd=directory).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            raise Problem("not_a_file", f"{path!r} is not a regular file")


def components(path: str) -> list:
    parts = path.encode().split(b"/")
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise Problem("protocol", f"not a path below the workspace: {path!r}")
    return parts


def identity(status: os.stat_result) -> tuple:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Session:
    """The runner of a session, from the first frame after the staged files on."""

    def __init__(self, workspace: Workspace, memory: MemoryGroup, wakeup: int, ready: dict, deadline: float):
        import _socket  # here and below: no other run needs it

        self.config, self.workspace, self.memory, self.wakeup = workspace.config, workspace, memory, wakeup
        self.ready, self.deadline = ready, deadline
        self.visitors = {}  # connections that have not yet said what they want, and when they came
        self.leftovers = {}  # pipes that background processes write to, and when to read them again
        self.keeper = 0
        self.handlers = set()
        threads = [int(thread) for thread in os.listdir("/proc/self/task")]
        self.own = self.protected = sorted({os.getpid(), *threads})
        self.listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.listener.setblocking(False)
        self.listener.bind(SESSION_SOCKET)
        self.listener.listen(VISITORS)
        self.close_off(self.config["session"].get("guard", "landlock"))
        self.inheritance, self.estate = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self.inheritance.setblocking(False)
        self.gate = SocketGate() if self.config["sockets"] == "gated" else None
        memory.own = writable_memory()  # no libraries are loaded here

    def gate_descriptor(self) -> int:
        """Where a program of ours sends the listener of its filter. Process 1 answers: it outlives every command."""
        return self.estate.fileno() if self.gate else -1

    def close_off(self, guard: str) -> None:
        """Keeps programs from our socket, and from the connector: see above. The socket was made outside of the domain."""
        self.has_own_uid = guard == "uid"
        version = landlock_version()
        if guard == "landlock" and version < LANDLOCK_SEPARATES:
            raise Problem("unprotected", "sessions need Landlock of Linux 5.19 or later, and the kernel does not offer it")
        if version >= LANDLOCK_HAS_SCOPES:
            enter_domain(version, LANDLOCK_SCOPES)

    def serve(self):
        """Returns in the process of a program only."""
        program = self.start_keeper(lost=False)
        while not program:
            self.reap()
            now = time.monotonic()
            if now >= self.deadline:
                self.end()
            if not self.keeper and now >= self.next_keeper:
                program = self.start_keeper(lost=True)
                continue
            events = self.wait(now)
            now = time.monotonic()  # that may have been long: who comes now has not been here since then
            if self.wakeup in events:
                os.read(self.wakeup, SIGNAL)
            for visitor, since in list(self.visitors.items()):
                program = self.attend(visitor, events, now > since + VISIT_SECONDS)
                if program:
                    return program
            # Last what opens descriptors: their numbers may be those of others in these events that are closed by now.
            self.take_leftovers(now, events)
            if self.listener.fileno() in events:
                self.accept(now)
        return program

    def wait(self, now: float) -> dict:
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        poll.register(self.inheritance.fileno(), select.POLLIN)
        until = min(self.deadline, now + 60)
        if len(self.visitors) < VISITORS:
            poll.register(self.listener.fileno(), select.POLLIN)
        for visitor, since in self.visitors.items():
            visitor.register(poll, select.POLLIN)
            until = min(until, since + VISIT_SECONDS)
        for fd, pause in self.leftovers.items():
            if pause > now:
                until = min(until, pause)
            else:
                poll.register(fd, select.POLLIN)
        if self.gate:
            self.gate.register(poll)
        if not self.keeper:
            until = min(until, self.next_keeper)
        return dict(poll.poll(max(0.0, until - now) * 1000))

    def reap(self) -> None:
        for _ in range(256):
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if not pid:
                return
            if os.WIFSTOPPED(status):  # by a program that does not know it: better no answer than never one
                if pid in self.handlers:
                    send_signal(pid, signal.SIGKILL)
                continue
            self.handlers.discard(pid)
            if pid == self.keeper:
                self.keeper = 0
                self.outbound.close()
                self.next_keeper = time.monotonic()

    def accept(self, now: float) -> None:
        try:
            fd, _ = self.listener._accept()
        except OSError:
            return
        try:
            if not is_from_outside(fd, self.has_own_uid):
                os.close(fd)
                return
            visitor = Connection(fd)
        except OSError:
            os.close(fd)
            return
        visitor.send_json(READY, **self.ready, seconds_left=max(0.0, self.deadline - time.monotonic()))
        try:
            visitor.drain()
        except OwnerGone:
            visitor.close()  # it has gone before it was greeted: that ends a visit and not the session
            return
        self.visitors[visitor] = now

    def attend(self, visitor: Connection, events: dict, late: bool):
        """Finds out what it wants; returns in the process of a program only."""
        try:
            visitor.handle(events)
            frame = visitor.next_frame()
            if not frame:
                if late:
                    self.dismiss(visitor)
                return None
            kind, payload = frame
            request = from_json(payload) if payload else {}
            if kind == KEEPALIVE:
                self.deadline = time.monotonic() + bounded(request["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
                visitor.send(DONE)
                visitor.drain()
            elif kind == END:
                self.say_goodbye(visitor)
            elif kind == CODE:
                self.hand_over(visitor, kind, payload)
            elif kind in (BASH, LIST, GET, FILE):
                return self.start_handler(visitor, kind, request)
            else:
                raise Problem("protocol", f"unexpected frame {kind!r} in a session")
        except OwnerGone:
            pass
        except Problem as problem:
            visitor.refuse(problem.reason, problem)
        except MALFORMED as error:
            visitor.refuse("protocol", f"{type(error).__name__}: {error}")
        self.dismiss(visitor)
        return None

    def dismiss(self, visitor: Connection) -> None:
        del self.visitors[visitor]
        visitor.close()

    def hand_over(self, visitor: Connection, kind: bytes, payload: bytes) -> None:
        received = kind + len(payload).to_bytes(4, "big") + payload + visitor.inbox
        try:
            if not self.keeper:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            send_descriptors(self.outbound, received, [visitor.source])
        except OSError as error:
            raise exhausted(error) from None

    def start_handler(self, visitor: Connection, kind: bytes, request: dict):
        pid = self.fork()
        if pid:
            self.handlers.add(pid)
            self.dismiss(visitor)
            return None
        return self.in_child(lambda: Handler(self, visitor).serve(kind, request), visitor)

    def start_keeper(self, lost: bool):
        """The keeper again when it has died; returns in the process of an interpreter only."""
        import _socket

        self.next_keeper = time.monotonic() + RESPAWN_SECONDS
        try:
            outbound, inbound = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
            for end in (outbound, inbound):
                end.setblocking(False)
            outbound.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, 8 * PAYLOAD)
            pid = self.fork()
        except (OSError, Problem):
            return None
        if pid:
            inbound.close()
            self.keeper, self.outbound = pid, outbound
            self.protected = [*self.own, pid]
            return None
        outbound.close()
        return self.in_child(lambda: Keeper(self, inbound, lost).serve())

    def fork(self) -> int:
        try:
            return os.fork()
        except OSError as error:
            raise exhausted(error) from None

    def in_child(self, live, keep=None):
        """The whole life of a handler or a keeper. Comes back in the process of a program that it forks."""
        try:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.own[0] and os.getpid() != 1:
                os._exit(1)
            os.setsid()
            os.close(self.wakeup)
            self.wakeup = block_signals()
            self.listener.close()
            self.inheritance.close()
            if self.keeper:
                self.outbound.close()
            for fd in (*self.leftovers, *(self.gate.listeners if self.gate else ())):
                os.close(fd)
            for visitor in self.visitors:
                if visitor is not keep:
                    visitor.close()
            program = live()
            if program:
                return program
        except BaseException:
            sys.__excepthook__(*sys.exc_info())
            os._exit(1)
        os._exit(0)

    def take_leftovers(self, now: float, events: dict) -> None:
        """Pipes of commands that have ended, held by what they left running. Read, so that it lives, and slowly."""
        for fd in self.leftovers.keys() & events.keys():
            data = os.read(fd, PAYLOAD)
            if data:
                self.leftovers[fd] = now + LEFTOVER_PAUSE
            else:
                del self.leftovers[fd]
                os.close(fd)
        if self.gate:
            self.gate.handle(events)
        if self.inheritance.fileno() in events:
            try:
                message, descriptors = receive_descriptors(self.inheritance, 64, 2)
            except OSError:
                return
            for fd in descriptors:
                if message == LISTENER:
                    self.gate.add(fd)
                elif len(self.leftovers) < LEFTOVERS:
                    self.leftovers[fd] = now
                else:
                    os.close(fd)

    def say_goodbye(self, visitor: Connection) -> None:
        """Waits for the other side to hang up: our end takes the one with it who carries our answer."""
        import _socket

        limit = time.monotonic() + GOODBYE_SECONDS
        visitor.send(DONE)
        visitor.drain()
        last_word = _socket.socket(fileno=os.dup(visitor.sink))
        try:
            last_word.shutdown(_socket.SHUT_WR)
            while time.monotonic() < limit:
                poll = select.poll()
                visitor.register(poll, 0)
                visitor.handle(dict(poll.poll(GOODBYE_SECONDS * 1000)))
        except (OwnerGone, OSError):
            pass
        self.end()

    def end(self) -> None:
        kill_others()
        os._exit(0)


class Handler:
    """Serves one command on its connection."""

    def __init__(self, session: Session, channel: Channel):
        self.session, self.channel, self.config = session, channel, session.config
        channel.READ = Channel.READ

    def serve(self, kind: bytes, request: dict):
        """Returns in the process of a program only."""
        place = self.channel, self.config, self.session.workspace.root
        work = {
            BASH: lambda: self.bash(request),
            LIST: lambda: Listing(*place).page(request.get("limit", PAGE_FILES), request.get("after", "")),
            GET: lambda: Transfer(*place).get(request["path"]),
            FILE: lambda: Transfer(*place).put(request["path"], request["size"]),
        }
        return answer(self.channel, work[kind])

    def bash(self, request: dict):
        bounded(request["size"], 0, MAX_COMMAND_BYTES, "size")
        line = b"".join(self.channel.receive_data("the command", request["size"]))
        shell = Shell(self.config, self.session.protected, line)
        shell.gate = self.session.gate_descriptor()
        place = self.session.wakeup, self.session.memory
        command = ShellCommand(self.channel, self.config, request["timeout_ms"], *place)
        if command.start(shell):
            return shell
        command.supervise()
        self.channel.send_json(EXIT, **command.result())
        command.bequeath(self.session.estate)
        return None


def answer(channel: Channel, work):
    """Serves a command to the end of its answer, DONE or PROBLEM. What the work returns is a program to become."""
    try:
        try:
            program = work()
            if program:
                return program
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
    return None


def is_from_outside(fd: int, has_own_uid: bool) -> bool:
    """Whether the peer of a connection was started by the engine: it has a uid of its own, or else its parent is in no
    process namespace of ours. That is asked of its number, so it has to live while we ask: a number can be somebody
    else's next. Kernels before 6.5 cannot say whether it lives."""
    import _socket

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


def bounded(value, least: float, most: float, name: str) -> float:
    """A number of a request, which is no NaN either."""
    number = float(value)
    if not least <= number <= most:
        raise Problem("protocol", f"{name} is {number:g}: it has to be from {least:g} to {most:g}")
    return number


# --- end of session ---


def take_over_descriptors() -> Channel:
    """Moves the channel out of the way of libraries that print while they are imported. 2 stays for our own woes."""
    source, sink = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in (0, 1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    LIBC.setvbuf(ctypes.c_void_p.in_dll(LIBC, "stdout"), None, 2, 0)  # unbuffered, as the program must find it
    standard_streams()
    return Channel(source, sink)


def harden() -> int:
    if not os.getuid() or not os.geteuid():
        raise Problem("incompatible", "the runner refuses to run as root")
    if os.uname().machine not in AUDIT_ARCH or sys.maxsize < 1 << 32:
        raise Problem("incompatible", f"no system call filter for {os.uname().machine}")
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # every orphan becomes ours, also where something else is process 1
    os.umask(0o022)
    try:
        os.setsid()
    except PermissionError:
        pass  # already a leader
    return block_signals()


def set_environment(env: dict) -> None:
    os.environ.clear()
    os.environ.update(env)
    time.tzset()


def preload(modules: list):
    """Imports what the image has of the given modules; returns what it has and what it has not."""
    os.environ.setdefault("MPLBACKEND", "Agg")  # without it the first figure tries every GUI toolkit
    have, missing = [], []
    for name in modules:
        try:
            __import__(name)
            have.append(name)
        except BaseException:
            missing.append(name)
    gc.collect()
    gc.freeze()
    return have, missing


def serve(channel: Channel, wakeup: int) -> Program:
    """Works for the owner until it hangs up; returns in the forked child only."""
    kind, payload = channel.receive()
    arrived = time.monotonic()
    config = from_json(payload)
    if kind != CONFIG or config["protocol"] != PROTOCOL:
        raise Problem("protocol", f"expected the configuration of protocol {PROTOCOL}")
    memory = MemoryGroup()
    workspace = Workspace(channel, config)
    gc.disable()
    config["sockets"] = allowed_sockets(config["sockets"])
    set_environment(config["env"])
    have, missing = preload(config["preload"])
    last = LISTEN if "session" in config else RUN
    program = Program(config)
    run = PreparedRun(channel, config, 0, wakeup, memory)
    if last == RUN:
        if run.prepare(program):
            return program
        memory.take_copies()
    ready = {
        "protocol": PROTOCOL,
        "python": "%d.%d.%d" % sys.version_info[:3],
        "modules": have,
        "missing": missing,
        "memory_bytes": own_memory(),
        "pid": os.getpid(),
    }
    to_tell = globals().get("to_tell", b"")  # from the loader: our own code, if it had to be compiled
    for start in range(0, len(to_tell), PAYLOAD):
        channel.send(COMPILED, to_tell[start : start + PAYLOAD])
    channel.send_json(READY, **ready)
    while True:
        kind, payload = channel.receive()
        if kind == last:
            break
        if kind == PING:
            run.check()
            channel.send(PONG)
            channel.flush()
            continue
        if kind != FILE:
            raise Problem("protocol", f"unexpected frame {kind!r} before a run")
        workspace.stage(**from_json(payload))
    if last == LISTEN:
        seconds = bounded(config["session"]["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
        session = Session(workspace, memory, wakeup, ready, arrived + seconds)
        channel.send(DONE)
        channel.flush()
        channel.close()
        gc.enable()
        return session.serve()
    run.order(from_json(payload))
    run.supervise()
    channel.send_json(EXIT, **run.result())
    workspace.collect()
    channel.send(DONE)
    channel.flush()
    while True:
        kind, _ = channel.receive()
        if kind not in (STDIN, STDIN_EOF, CANCEL):  # these may have crossed our EXIT
            raise Problem("protocol", f"unexpected frame {kind!r} after the run")


def main() -> Program:
    channel = take_over_descriptors()
    try:
        try:
            return serve(channel, harden())
        except Problem as problem:
            channel.send_json(PROBLEM, reason=problem.reason, message=one_line(problem))
            channel.flush()
            status = 1
    except OwnerGone:
        status = 0
    except BaseException:
        sys.__excepthook__(*sys.exc_info())
        status = 1
    kill_others()
    os._exit(status)


if __name__ == "__main__":
    main().run()
