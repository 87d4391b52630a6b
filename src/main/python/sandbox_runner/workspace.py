"""Files into the sandbox before a run, and out of it afterwards."""
from __future__ import annotations

import errno
import os
import stat

from sandbox_runner.frames import DATA, FILE, OUTPUT_QUEUE, PAYLOAD, SKIPPED, Channel, Problem

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
WALK_ENTRIES = 20000
SKIPPED_FRAMES = 100
PATH_MAX = 4096
PATHS_TOTAL = 128 << 10  # bytes of all paths that are returned: a thousand of usual length, thirty-two of the longest
SKIPPED_PATHS_TOTAL = 64 << 10


class Digest:
    """Of a file's content, by the interpreter's own hash, four times as fast as blake2. It has 64 bits and is of no use against
    somebody who looks for two files that have the same: that is the program, and what it would not get is its own file."""

    def __init__(self):
        self.value, self.rest = 0, b""

    def update(self, data: bytes) -> None:
        """In whatever pieces it comes."""
        data = self.rest + data if self.rest else data
        end = len(data) - len(data) % PAYLOAD
        for start in range(0, end, PAYLOAD):
            self.value = hash((self.value, data[start : start + PAYLOAD]))
        self.rest = data[end:]

    def digest(self) -> int:
        return hash((self.value, self.rest))


class Workspace:
    """The program's directory: staged before it runs, collected when it is dead."""

    ENTRIES = WALK_ENTRIES
    MAX_SKIPPED = SKIPPED_FRAMES

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
        digest = Digest()
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
                if self.entries == self.ENTRIES:
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
            os.chmod(name, needed, dir_fd=directory)  # of our own uid; no process is left that could swap it for a link
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
        staged_size, staged_digest = self.staged.get(path, (-1, 0))
        if size != staged_size:
            return False
        digest = Digest()
        for data in chunks(file, size):
            digest.update(data)
        os.lseek(file, 0, os.SEEK_SET)
        return digest.digest() == staged_digest

    def skip(self, path: bytes, reason: str) -> None:
        path = path[:PATH_MAX]
        if self.skipped < self.MAX_SKIPPED and self.skipped_paths + len(path) <= SKIPPED_PATHS_TOTAL:
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
