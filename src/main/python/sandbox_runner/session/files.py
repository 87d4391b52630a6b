"""The workspace of a session, in which others may be at work."""
from __future__ import annotations

import errno
import fcntl
import os
import time

from sandbox_runner.elsewhere import CLOCK_REALTIME_COARSE
from sandbox_runner.frames import DATA, FILE, OUTPUT_QUEUE, PAYLOAD, Channel
from sandbox_runner.workspace import Workspace, chunks

HELD_BYTES = 1 << 20
PART = b".code-interpreter-part-"


class LiveWorkspace(Workspace):
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

        A small file is read before it is announced. For a large one there is a lease: a writer has to wait until
        it is sent. When there is a writer already, or the file system has no leases, see `skip_in_use`.
        """
        if size <= HELD_BYTES:
            self.send_content(path, b"".join(chunks(file, size)))
            return
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            size = os.fstat(file).st_size
        except OSError as error:
            if error.errno == errno.EAGAIN and self.skip_in_use(path):
                return
        super().send_file(file, path, size)
        self.channel.flush()

    def send_content(self, path: bytes, content: bytes) -> None:
        self.channel.send_json(FILE, path=path.decode(), size=len(content))
        for start in range(0, len(content), PAYLOAD):
            self.channel.send(DATA, content[start : start + PAYLOAD])
        if len(self.channel.outbox) > OUTPUT_QUEUE:
            self.channel.flush()

    def skip_in_use(self, path: bytes) -> bool:
        """Whether a large file that others hold open for writing is left out. If not, and it shrinks, that is a Problem."""
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


class Snapshot(LiveWorkspace):
    """What is there before a command, by inode, size and times, which no program can set back together."""

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


class Changes(LiveWorkspace):
    """Sends what is new or changed since a snapshot. A file that changed only by a write to a mapping is not found."""

    def __init__(self, channel: Channel, config: dict, root: int, before: Snapshot):
        super().__init__(channel, config, root)
        self.before = before

    def is_wanted(self, path: bytes, status: os.stat_result) -> bool:
        return super().is_wanted(path, status) and self.before.seen.get(path) != identity(status)

    def skip(self, path: bytes, reason: str) -> None:
        if (path, reason) not in self.before.passed:
            super().skip(path, reason)


def identity(status: os.stat_result) -> tuple:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
