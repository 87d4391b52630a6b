"""The memory that we share with the program: one cgroup has both.

When it is full, the next request for a page makes the kernel kill one of us, and while it frees the memory of a program
that has ended, which is a tenth of a second of work, it counts only the parent. So until that memory is free the parent
requests none: after a fork it takes its own copies of its pages, a signalfd reports a child's end and the counters are
read from open files, since writing to a pipe and opening a file take memory as well; and where little is left, the
program's output waits for a moment, in case that it was the last. In a session the keeper of the interpreter does so,
too, and so it imports no libraries, whose pages it could not copy: an importer below it does; a handler takes no copies, for that would take longer than most commands of a shell. Another process of the
program's may be killed there in place of ours, or the shell of the spare handler, of which nobody expects anything yet.
"""
from __future__ import annotations

import ctypes
import os

from sandbox_runner.kernel import LIBC, mappings, open_held, read_text, status_of

HEADROOM = 4 << 20  # bytes: what the runner may need of the sandbox's memory between a program's end and its own
COPIES_ROOM = 16 << 20  # bytes: more than copies take, 5 MB and in a runner that had to be compiled first 14
MADV_POPULATE_WRITE = 23


class MemoryGroup:
    """The counters of our memory cgroup, version 1 or 2. Their files stay open: to open one takes memory, and they are
    read when there may be none."""

    def __init__(self):
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
        """Whether what we do next may be more than there is. Then the kernel would kill us, for it does not count processes
        that have ended and whose memory it still frees."""
        return self.has_less_than(HEADROOM)

    def has_less_than(self, room: int) -> bool:
        return self.usage >= 0 and self.limit - int(os.pread(self.usage, 32, 0)) < room

    def take_copies(self) -> None:
        """Makes ours the pages that a fork has left us to share: else the next write to one would take memory, when there
        may be none. The other process has them for itself then. Kernels before 5.14 do not do it."""
        if not self.has_less_than(COPIES_ROOM):
            for start, length in self.own:
                LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), MADV_POPULATE_WRITE)


def writable_memory() -> list:
    """Where our own data are: (address, length) of every mapping that is private."""
    return [(address, length) for address, length, rights, _ in mappings() if rights == "rw-p"]


def own_memory() -> int:
    """What we hold that the kernel cannot drop: anonymous memory and page tables. Files of the image are cache."""
    status = status_of("self")
    return sum(int(status.get(name, "0 kB").split()[0]) for name in ("RssAnon", "VmPTE")) * 1024
