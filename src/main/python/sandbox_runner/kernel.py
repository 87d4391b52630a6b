"""What we ask of the kernel by libc, /proc and signals."""
from __future__ import annotations

import ctypes
import os
import resource
import signal

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
SIGNAL = 128  # bytes that a signalfd has for each
PF_EXITING = 4  # in /proc/<pid>/stat: it runs no instruction of its own any more


def prctl(option: int, argument: int, pointer: int = 0) -> None:
    if LIBC.prctl(option, *map(ctypes.c_ulong, (argument, pointer, 0, 0))):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}, {argument}): {os.strerror(code)}")


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


def read_text(path: str) -> str:
    """A file's text, byte by byte: what ends a line for Python may be part of a name."""
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


def lower_limit(kind: int, soft: int, hard: int) -> None:
    """Lowers a limit; the container's own may already be lower."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def block_signals() -> int:
    """No signal that can be blocked reaches the runner; SIGCHLD makes the returned descriptor readable instead.

    Blocked and not ignored, for then the child finds all dispositions as CPython made them, and unblocks in one call. The
    kernel reports the signal and no handler of ours, which would write to a pipe: that takes memory.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # inherited as ignored the kernel would reap children itself
    signals = ctypes.create_string_buffer(128)
    LIBC.sigemptyset(signals)
    LIBC.sigaddset(signals, int(signal.SIGCHLD))
    wakeup = LIBC.signalfd(-1, signals, os.O_NONBLOCK | os.O_CLOEXEC)
    if wakeup < 0:
        raise OSError(ctypes.get_errno(), "signalfd")
    return wakeup


def restore_signals() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def kill_others() -> None:
    """SIGKILL to every process that we may signal, but ourselves and process 1."""
    if not os.getuid():
        return  # as root that would be the whole machine
    try:
        os.kill(-1, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def is_reaped(pid: int) -> bool:
    """Whether a child is gone. Reaps one that has ended."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


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


def send_signal(pid: int, number: int) -> None:
    """To a group if the first is negative."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass
