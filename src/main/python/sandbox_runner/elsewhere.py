"""What a program left beside its workspace: named, because its user will look for it, and never sent."""
from __future__ import annotations

import os
import stat
import time

from sandbox_runner.frames import Channel
from sandbox_runner.workspace import Workspace

NAMED = 20  # of a run
ENTRIES = 2000  # that are looked at for them
CLOCK_REALTIME_COARSE = 5  # by which the kernel dates files

# Directories in which nobody looks for a result begin with one of these: what libraries of data programs put there.
CACHES = (b"__pycache__", b"fontconfig", b"joblib", b"loky-", b"matplotlib", b"numba", b"pymp-", b"scikit_learn_data")
TEMPORARY, RANDOM = b"tmp", frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_")  # as Python's tempfile names them
MKTEMP, MKTEMP_LENGTH = b"tmp.", 14  # and as the command mktemp does


def is_passing(name: bytes) -> bool:
    """Whether it is the name of a file or a directory that nobody looks for: hidden, a lock, or chosen at random."""
    random = name[len(TEMPORARY) : len(TEMPORARY) + 8]
    is_temporary = name.startswith(TEMPORARY) and len(random) == 8 and RANDOM.issuperset(random)
    is_temporary |= name.startswith(MKTEMP) and len(name) == MKTEMP_LENGTH
    return is_temporary or name.startswith(b".") or name.endswith(b".lock")


def now() -> int:
    """Nanoseconds; what is written from now on has no earlier time."""
    return time.clock_gettime_ns(CLOCK_REALTIME_COARSE)


class Elsewhere(Workspace):
    """A walk through one directory beside the workspace."""

    ENTRIES = ENTRIES

    def __init__(self, channel: Channel, config: dict, root: int, place: bytes, since: int, workspace: int):
        super().__init__(channel, config, root)
        self.place, self.since = place, since
        self.plots = config["env"].get("MPLCONFIGDIR", "").encode()
        self.workspace = os.fstat(workspace)

    def visit(self, directory: int, name: bytes, path: bytes, deepest: bool):
        where = os.path.join(self.place, path)
        if is_passing(name):
            return None
        try:
            status = os.lstat(name, dir_fd=directory)
            if stat.S_ISDIR(status.st_mode):
                is_cache = name.startswith(CACHES) or where == self.plots
                if is_cache or deepest or os.path.samestat(status, self.workspace):
                    return None
                return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        except OSError:
            return None
        # By the time of the last change, which no program can set; an empty file is no loss.
        if stat.S_ISREG(status.st_mode) and status.st_size and status.st_ctime_ns >= self.since:
            super().skip(where, "outside_workspace")
            self.full = self.skipped == self.MAX_SKIPPED
        return None

    def skip(self, path: bytes, reason: str) -> None:
        """Nothing is said of a walk that ends early."""


def name_elsewhere(channel: Channel, config: dict, workspace: int, since: int) -> None:
    """Sends the names of files that are new or changed since then, in /tmp and in the program's home."""
    left = NAMED
    for place in places(config):
        try:
            root = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            walk = Elsewhere(channel, config, root, os.fsencode(place), since, workspace)
            walk.MAX_SKIPPED = left
            walk.walk()
            left -= walk.skipped
        except OSError:  # a directory that another process of a session has just taken away, or no descriptor to be had
            pass
        finally:
            os.close(root)


def places(config: dict) -> list:
    """None in another or in the workspace. One of the image, as an operator's HOME may be, can have nothing new."""
    found, taken = [], [config["workspace"]]
    for place in ("/tmp", config["env"].get("HOME", "/tmp")):
        place = os.path.normpath(place)
        if os.access(place, os.W_OK) and not any(os.path.commonpath((place, other)) == other for other in taken):
            found.append(place)
            taken.append(place)
    return found
