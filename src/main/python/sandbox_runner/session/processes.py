"""Descendants of a process, and their end."""
from __future__ import annotations

import os
import select
import signal
import time

from sandbox_runner.kernel import SIGNAL, read_bytes, send_signal, stat_fields


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


def kill_all(find, reap, wakeup: int, seconds: float) -> None:
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
    while empty < 2 and time.monotonic() < limit:  # once is not enough: an orphan has no parent for a moment
        found = find()
        empty = 0 if found else empty + 1
        for pid, _ in found:
            send_signal(pid, signal.SIGKILL)
        reap()
        if found and poll.poll(10):
            os.read(wakeup, SIGNAL)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, from its CPU clock."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
