"""Runs one untrusted program in a sandbox and reports to its owner over a pair of descriptors.

Theory of operation

The owner starts `python3 -c LOADER` in a fresh container and sends this file, then frames: a type byte, a length and
at most 64 KiB. One process lives two lives. The parent, often PID 1, talks to the owner and never runs, parses or
imports anything of the program's. For a run it forks; the child gives up all that it inherited, locks itself in and
becomes `python3 /workspace/__main__.py`. Libraries that were imported before the fork are there at once, which is why
we fork and do not exec.

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
"""
from __future__ import annotations

import os
import sys

# What an interpreter has before the first line of any program: these modules a file in the workspace cannot replace.
PLAIN_MODULES = frozenset(sys.modules)
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # -c put the workspace there

import __future__
import _ast
import _frozen_importlib_external
import atexit
import builtins
import ctypes
import errno
import fcntl
import gc
import io
import json
import resource
import select
import signal
import stat
import struct
import time
from _blake2 import blake2b  # hashlib would load OpenSSL, a third of our start time

PROTOCOL = 1
PAYLOAD = 65536
HEADER = 5
OUTPUT_QUEUE = 1 << 20  # bytes for the owner above which the program's output stays in its pipes
STDIN_QUEUE = 256 << 10  # bytes for the program above which the owner's frames stay in their pipe
SMALL_READ, SMALL_PAUSE = 4096, 0.002  # after a small read wait so long: a flood of bytes is not a flood of frames
KILL_SECONDS = 2.0
WALK_ENTRIES = 20000
SKIPPED_FRAMES = 100
PATH_MAX = 4096

CONFIG, FILE, DATA, RUN, STDIN, STDIN_EOF, CANCEL = b"C", b"F", b"D", b"R", b"I", b"E", b"X"
READY, STARTED, STDOUT, STDERR, EXIT, SKIPPED, DONE, PROBLEM = b"Y", b"B", b"O", b"e", b"T", b"S", b"Z", b"P"

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


def prctl(option: int, argument: int, pointer: int = 0) -> None:
    if LIBC.prctl(option, *map(ctypes.c_ulong, (argument, pointer, 0, 0))):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}, {argument}): {os.strerror(code)}")


class Channel:
    """Frames over two non-blocking descriptors. Whoever waits here also notices that the owner hangs up."""

    def __init__(self, source: int, sink: int):
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self.source, self.sink = source, sink
        self.inbox, self.outbox = bytearray(), bytearray()

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        self.outbox += kind + len(payload).to_bytes(4, "big")
        self.outbox += payload

    def send_json(self, kind: bytes, **fields) -> None:
        self.send(kind, json.dumps(fields).encode())

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

    def flush(self) -> None:
        while self.outbox:
            self.wait(0)

    def wait(self, interest: int) -> None:
        poll = select.poll()
        self.register(poll, interest)
        self.handle(dict(poll.poll()))

    def register(self, poll, interest: int) -> None:
        poll.register(self.source, interest | select.POLLRDHUP)
        if self.outbox:
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
            data = os.read(self.source, 2 * PAYLOAD)
        except BlockingIOError:
            return
        if not data:
            raise OwnerGone
        self.inbox += data

    def drain(self) -> None:
        """Writes what the sink takes without waiting."""
        try:
            if self.outbox:
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
# Calls that libraries try and do without when the kernel does not know them; clone3 hides its flags from a filter.
UNKNOWN = "clone3 435 435, io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427"
# Calls that depend on their arguments, see seccomp_filter.
JUDGED = (
    "kill 62 129, tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,"
    "pidfd_open 434 434, prlimit64 302 261, sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274,"
    "sched_setaffinity 203 122, setpriority 141 140, ioprio_set 251 30, personality 135 92, clone 56 220,"
    "socket 41 198, socketpair 53 199, ioctl 16 29, fcntl 72 25"
)
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
CLONE_NEW_ANY = 0x7E020000
TIOCSTI, TIOCLINUX, F_SETSIG = 0x5412, 0x541C, 10
AF_UNIX, AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP = 1, 2, 10, 6, 17
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
    ALLOW, ERRNO = 0x7FFF0000, 0x00050000
    NUMBER, ARCH, ARGUMENT = 0, 4, (16, 24, 32)

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


def seccomp_filter(machine: str, loopback: bool, runner: int, threads: list) -> bytes:
    """The filter for a program, whose runner is the given process with the given threads."""
    f = Filter()
    allow = f.emit(f.RETURN, f.ALLOW)
    refusals = (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT)
    eperm, enosys, no_family = (f.emit(f.RETURN, f.ERRNO | code) for code in refusals)

    # Linux takes the id of any thread for its process. Process 1 is the runner, or what keeps its container alive.
    protected = sorted({1, runner, *threads})
    first, second, third = f.ARGUMENT
    judge = f.one_of(protected, eperm, allow)
    pid_first, pid_second = f.load(first, judge), f.load(second, judge)
    targets = dict.fromkeys(syscalls(machine, JUDGED), pid_first)
    # kill(-1) is harmless to process 1 and deadly to any other runner.
    groups = [] if runner == 1 else [-1, -runner]
    targets["kill"] = f.load(first, f.one_of(groups, eperm, judge))
    targets["setpriority"] = f.load(first, f.one_of([PRIO_USER], eperm, pid_second))
    targets["ioprio_set"] = f.load(first, f.one_of([IOPRIO_WHO_USER], eperm, pid_second))
    targets["personality"] = f.load(first, f.one_of((0, -1), allow, eperm))
    targets["clone"] = f.load(first, f.when(f.ANY_BIT, CLONE_NEW_ANY, eperm, allow))
    targets["ioctl"] = f.load(second, f.one_of((TIOCSTI, TIOCLINUX), eperm, allow))
    targets["fcntl"] = f.load(second, f.one_of((F_SETSIG,), eperm, allow))  # SIGIO as SIGKILL, to any F_SETOWN
    internet = no_family
    if loopback:
        internet = f.load(third, f.one_of((0, IPPROTO_TCP, IPPROTO_UDP), allow, no_family))
        internet = f.one_of((AF_INET, AF_INET6), internet, no_family)
    targets["socket"] = targets["socketpair"] = f.load(first, f.when(f.EQUAL, AF_UNIX, allow, internet))

    cases = {number: targets[name] for name, number in syscalls(machine, JUDGED).items()}
    cases.update(dict.fromkeys(syscalls(machine, REFUSED).values(), eperm))
    cases.update(dict.fromkeys(syscalls(machine, UNKNOWN).values(), enosys))
    start = f.choose(sorted(cases.items()), allow)
    start = f.load(f.NUMBER, f.when(f.NOT_LESS, X32_BIT, enosys, start))
    start = f.load(f.ARCH, f.when(f.EQUAL, AUDIT_ARCH[machine], start, enosys))
    return b"".join(reversed(f.code))


def install(code: bytes) -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions)))
    prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program))


class MemoryGroup:
    """The counters of our memory cgroup, version 1 or 2."""

    def __init__(self):
        self.usage_file = self.events_file = None
        for line in read_text("/proc/self/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                self.find("/sys/fs/cgroup/memory", path, "memory.usage_in_bytes", "memory.oom_control")
            elif not controllers:
                self.find("/sys/fs/cgroup", path, "memory.current", "memory.events")

    def find(self, mount: str, path: str, usage: str, events: str) -> None:
        """In the host's cgroup namespace the path is the host's, and what is mounted may already be our own group."""
        for directory in (mount + path.rstrip("/"), mount):
            if os.path.exists(f"{directory}/{usage}"):
                self.usage_file, self.events_file = f"{directory}/{usage}", f"{directory}/{events}"
                return

    def usage(self) -> int:
        if self.usage_file:
            return int(read_text(self.usage_file))
        return int(read_text("/proc/self/statm").split()[1]) * resource.getpagesize()

    def oom_kills(self) -> int:
        lines = read_text(self.events_file).splitlines() if self.events_file else ()
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def read_text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


class Workspace:
    """The program's directory: staged before it runs, collected when it is dead."""

    def __init__(self, channel: Channel, config: dict):
        self.channel = channel
        self.config = config
        self.path = os.fsencode(config["workspace"])
        self.root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.staged = {}  # path -> size and digest of what we put there

    def stage(self, path: str, size: int) -> None:
        """Takes the content of a file from the channel."""
        name = path.encode()
        if any(part in (b"", b".", b"..") for part in name.split(b"/")) or name in self.staged:
            raise Problem("protocol", f"cannot stage {path!r}")
        target = os.path.join(self.path, name)
        digest = blake2b()
        try:
            os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), "wb", 0) as file:
                left = size
                while left > 0:
                    kind, data = self.channel.receive()
                    if kind != DATA or not data or len(data) > left:
                        raise Problem("protocol", f"expected {left} bytes of {path!r}")
                    digest.update(data)
                    left -= len(data)
                    while data:
                        data = data[file.write(data) :]
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
            raise Problem("no_space" if full else "protocol", f"{path!r}: {error.strerror}") from None
        self.staged[name] = size, digest.digest()

    def collect(self) -> None:
        """Sends what is new or changed, and why the rest is not sent."""
        self.files = self.total = self.skipped = self.entries = 0
        self.full = False
        if os.fstat(self.root).st_mode & 0o500 != 0o500:
            os.fchmod(self.root, 0o700)
        # A descriptor for each directory on the way down: names are only ever resolved below a directory that we hold.
        trail = [(os.dup(self.root), b"", self.names_in(self.root, b""))]
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
            mode = os.lstat(name, dir_fd=directory).st_mode
            if stat.S_ISLNK(mode):
                return self.skip(path, "symlink")
            if stat.S_ISDIR(mode):
                if deepest or len(path) >= PATH_MAX:
                    return self.skip(path, "depth")
                return self.open_entry(directory, name, mode, 0o700, os.O_DIRECTORY)
            if not stat.S_ISREG(mode):
                return self.skip(path, "special")
            if path == b"__main__.py":
                return None
            file = self.open_entry(directory, name, mode, 0o400, 0)
        except OSError:
            return self.skip(path, "unreadable")
        try:
            self.offer(file, path)
        finally:
            os.close(file)

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
        if self.total + size > self.config["output_total_bytes"]:
            return self.skip(path, "total_size")
        self.files += 1
        self.total += size
        self.channel.send_json(FILE, path=path.decode(), size=size)
        for data in chunks(file, size):
            self.channel.send(DATA, data)
            size -= len(data)
            if len(self.channel.outbox) > OUTPUT_QUEUE:
                self.channel.flush()
        if size:
            raise Problem("protocol", f"{path!r} ended {size} bytes early")

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
        if self.skipped < SKIPPED_FRAMES:
            self.skipped += 1
            self.channel.send_json(SKIPPED, path=path[:PATH_MAX].decode(errors="replace"), reason=reason)


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

    def __init__(self, channel: Channel, config: dict, request: dict, wakeup: int, memory: MemoryGroup):
        self.channel, self.config, self.wakeup, self.memory = channel, config, wakeup, memory
        self.timeout = request["timeout_ms"] / 1000
        self.status = self.usage = None  # of the main process, once it is reaped
        self.alone = False  # no child is left, and as every orphan becomes ours, no descendant
        self.cancelled = False

    def start(self, program: Program) -> bool:
        """Forks; true in the child, which is then ready to become the program."""
        child_in, stdin = os.pipe()
        stdout, child_out = os.pipe()
        stderr, child_err = os.pipe()
        report, child_report = os.pipe()
        self.oom_kills = self.memory.oom_kills()
        self.started = time.monotonic()
        self.pid = os.fork()
        if not self.pid:
            program.move_in(child_in, child_out, child_err, child_report)
            return True
        for fd in (child_in, child_out, child_err, child_report):
            os.close(fd)
        complaint = os.read(report, PAYLOAD)  # it closes its end just before the program begins
        os.close(report)
        if complaint:
            raise Problem("incompatible", complaint.decode(errors="replace"))
        self.channel.send(STARTED)
        self.stdin = Input(stdin)
        cap = self.config["output_bytes"]
        self.outputs = [Output(self.channel, STDOUT, stdout, cap), Output(self.channel, STDERR, stderr, cap)]
        return False

    def supervise(self) -> None:
        """Pumps until the main process ends, runs out of time or is cancelled; then nothing of it survives."""
        deadline = self.started + self.timeout
        while True:
            more = self.reap()
            now = time.monotonic()
            self.timed_out = now >= deadline
            self.take_frames()
            if self.timed_out or self.cancelled or self.status is not None:
                break
            self.turn(now, now if more else deadline)
        self.killed = self.status is None
        self.end_all()
        self.duration = time.monotonic() - self.started if self.killed else now - self.started
        self.stdin.close()
        for output in self.outputs:
            for _ in range(1024):  # nobody writes any more: more reads than a pipe has slots
                if output.fd < 0 or not output.pump():
                    break

    def turn(self, now: float, until: float) -> None:
        """Waits for something to do, and does it."""
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        self.channel.register(poll, select.POLLIN if len(self.stdin.pending) <= STDIN_QUEUE else 0)
        if self.stdin.pending:
            poll.register(self.stdin.fd, select.POLLOUT)
        for output in self.outputs:
            if output.fd < 0 or len(self.channel.outbox) > OUTPUT_QUEUE:
                continue
            if output.paused_until > now:
                until = min(until, output.paused_until)
            else:
                poll.register(output.fd, select.POLLIN)
        events = dict(poll.poll(max(0.0, until - now) * 1000))
        if self.wakeup in events:
            os.read(self.wakeup, PAYLOAD)
        for output in self.outputs:
            if output.fd in events:
                output.pump()
        if self.stdin.fd in events:
            self.stdin.pump()
        self.channel.handle(events)
        self.channel.drain()

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
        """Kills every process but ourselves and waits until all are gone."""
        limit = time.monotonic() + KILL_SECONDS
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        while time.monotonic() < limit:
            kill_others()
            if not self.reap() and self.alone:
                break
            if poll.poll(10):
                os.read(self.wakeup, PAYLOAD)

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
        }


def kill_others() -> None:
    """SIGKILL to every process that we may signal, but ourselves and process 1."""
    if not os.getuid():
        return  # as root that would be the whole machine
    try:
        os.kill(-1, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


class Program:
    """The run as the child lives it: what must differ from a plain `python3 /workspace/__main__.py` differs in here."""

    def __init__(self, config: dict):
        self.config = config
        self.interactive = False
        self.workspace = config["workspace"]
        self.file = os.path.join(self.workspace, "__main__.py")
        self.runner = os.getpid()
        threads = [int(thread) for thread in os.listdir("/proc/self/task")]  # libraries may have started some
        self.filter = seccomp_filter(os.uname().machine, config["sockets"] == "loopback", self.runner, threads)

    def move_in(self, stdin: int, stdout: int, stderr: int, report: int) -> None:
        """Gives up what the runner has and locks the door. A failure goes to the report, and nothing runs."""
        try:
            for fd, target in ((stdin, 0), (stdout, 1), (stderr, 2)):
                os.dup2(fd, target)
            report = os.dup2(report, 3, inheritable=False)
            os.closerange(4, 1 + max(map(int, os.listdir("/proc/self/fd"))))
            prctl(PR_SET_DUMPABLE, 1)
            restore_signals()
            os.setsid()
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.runner:
                os._exit(1)
            self.set_limits()
            self.look_like_python()
            install(self.filter)
            os.close(report)
        except BaseException as error:
            os.write(report, f"cannot lock the sandbox: {type(error).__name__}: {error}".encode())
            os._exit(1)

    def set_limits(self) -> None:
        cpu = self.config["cpu_seconds"]
        limit(resource.RLIMIT_CPU, cpu, cpu + 1)
        for kind, value in (
            (resource.RLIMIT_FSIZE, self.config["file_bytes"]),
            (resource.RLIMIT_NOFILE, self.config["open_files"]),
            (resource.RLIMIT_CORE, 0),
        ):
            limit(kind, value, value)
        try:
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("1000")  # the program dies before its runner
        except OSError:
            pass

    def look_like_python(self) -> None:
        os.chdir(self.workspace)
        set_environment(self.config["env"])
        standard_streams()
        sys.argv = [self.file]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv = [sys.orig_argv[0], self.file]
        sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        sys.path.insert(0, self.workspace)
        self.forget_shadowed_modules()
        gc.enable()

    def forget_shadowed_modules(self) -> None:
        """What the runner imported must not hide a module that was staged under the same name."""
        for name in {entry.partition(".")[0] for entry in os.listdir(self.workspace)}:
            if name not in sys.modules or name in PLAIN_MODULES:
                continue
            spec = next(filter(None, (finder.find_spec(name, None) for finder in sys.meta_path)), None)
            if spec and str(spec.origin).startswith(self.workspace + "/"):
                for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
                    del sys.modules[loaded]

    def run(self) -> None:
        """The program's whole life. Nobody returns from here, neither it nor a process that it forked."""
        status = 1
        try:
            before = set(sys.modules)
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
            status = finish(self.workspace, before) or status
            if interrupted:
                status = 128 + signal.SIGINT
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.kill(os.getpid(), signal.SIGINT)
        finally:
            os._exit(status)

    def compile(self) -> list:
        """The code as one piece, or as two: then the last one is an expression that goes to sys.displayhook."""
        with open(self.file, "rb") as file:
            source = file.read()
        if not self.interactive:
            return [compile(source, self.file, "exec", dont_inherit=True)]
        tree = compile(source, self.file, "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
        if not tree.body or not isinstance(tree.body[-1], _ast.Expr):
            return [compile(tree, self.file, "exec", dont_inherit=True)]
        last = tree.body[-1]
        if len(tree.body) > 1 or not isinstance(last.value, _ast.Constant):  # a lone string is the docstring as well
            del tree.body[-1]
        statements = compile(tree, self.file, "exec", dont_inherit=True)
        expression = _ast.Interactive(body=[last])
        return [statements, compile(expression, self.file, "single", statements.co_flags & FUTURES, dont_inherit=True)]


def limit(kind: int, soft: int, hard: int) -> None:
    """Lowers a limit; the container's own may already be lower."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def block_signals() -> int:
    """No signal that can be blocked reaches the runner, but for SIGCHLD: that makes the returned descriptor readable.

    Blocked and not ignored, for then the child finds all dispositions as CPython made them, and unblocks in one call.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals() - {signal.SIGCHLD})
    wakeup, sink = os.pipe()
    os.set_blocking(wakeup, False)
    os.set_blocking(sink, False)
    signal.set_wakeup_fd(sink, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return wakeup


def restore_signals() -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
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
    config = json.loads(payload)
    if kind != CONFIG or config["protocol"] != PROTOCOL:
        raise Problem("protocol", f"expected the configuration of protocol {PROTOCOL}")
    memory = MemoryGroup()
    workspace = Workspace(channel, config)
    gc.disable()
    set_environment(config["env"])
    have, missing = preload(config["preload"])
    program = Program(config)
    channel.send_json(
        READY,
        protocol=PROTOCOL,
        python="%d.%d.%d" % sys.version_info[:3],
        modules=have,
        missing=missing,
        memory_bytes=memory.usage(),
        pid=os.getpid(),
    )
    while True:
        kind, payload = channel.receive()
        if kind == RUN:
            break
        if kind != FILE:
            raise Problem("protocol", f"unexpected frame {kind!r} before a run")
        workspace.stage(**json.loads(payload))
    request = json.loads(payload)
    program.interactive = bool(request.get("last_line_interactive"))
    run = Run(channel, config, request, wakeup, memory)
    if run.start(program):
        return program
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
            channel.send_json(PROBLEM, reason=problem.reason, message=" ".join(str(problem).split()))
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
