"""Keeps a pod's container alive while the process that it is for lives: process 1 where that is started by an exec.

An exec'd process has no parent in our process namespace. The first such one is the one to wait for; when it ends we end,
and with process 1 the kernel ends every other. It has to start within the seconds of our argument. One that has started
and ended between two polls is recognised by the last pid: we start no process ourselves. A program cannot harm us: its
system call filter refuses signals to process 1, and the kernel delivers none from inside that we do not handle.
"""
import _ctypes
import posix
import signal
import sys
import time

POLL = 0.1  # seconds between two polls, which take 30 microseconds


def arrival():
    """The stat of a process that was started from outside, -1 when there is none. It stays open: to open one
    takes memory, and when a program has left none, a process is killed for it."""
    for name in posix.listdir("/proc"):
        if name.isdigit() and name != "1":
            try:
                stat = posix.open("/proc/%s/stat" % name, posix.O_RDONLY)
            except OSError:
                continue
            if lives(stat):
                return stat
            posix.close(stat)
    return -1


def lives(stat):
    """Whether the process, and no other that has its number, lives and was started from outside."""
    try:
        fields = posix.pread(stat, 1024, 0).rpartition(b")")[2].split()
    except OSError:
        return False
    return len(fields) > 1 and fields[1] == b"0" and fields[0] not in b"ZX"


def last_number():
    """Of the processes and threads in our namespace."""
    fd = posix.open("/proc/loadavg", posix.O_RDONLY)
    try:
        return posix.read(fd, 1024).split()[-1]
    finally:
        posix.close(fd)


def main():
    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 2), "prctl")
    _ctypes.call_function(prctl, (4, 0, 0, 0, 0))  # PR_SET_DUMPABLE
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps orphans
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    deadline = time.monotonic() + float(sys.argv[1])
    served, before = -1, last_number()
    while True:
        sent = signal.sigtimedwait({signal.SIGTERM}, POLL)
        if sent and sent.si_pid == 0:  # from outside: the pod is deleted
            return
        if served >= 0:
            if not lives(served):
                return
        else:
            now = last_number()
            served = arrival()
            if served < 0 and (now != before or time.monotonic() > deadline):
                return


main()
