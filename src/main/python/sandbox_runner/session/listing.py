"""Pages of the names of all files."""
from __future__ import annotations

import os

from sandbox_runner.frames import FILE, OUTPUT_QUEUE
from sandbox_runner.session.files import LiveWorkspace

PAGE_FILES = 10000  # of a listing whose service names no limit
PAGE_NAMES = 512  # of one directory that a listing holds at a time: 64 levels of the longest names are 10 MB


class Listing(LiveWorkspace):
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
