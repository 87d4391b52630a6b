"""Single files, to and from the owner."""
from __future__ import annotations

import os
import stat
import time

from sandbox_runner.elsewhere import CLOCK_REALTIME_COARSE
from sandbox_runner.frames import Problem
from sandbox_runner.session.files import HELD_BYTES, PART, LiveWorkspace
from sandbox_runner.workspace import chunks, file_problem


class Transfer(LiveWorkspace):
    """Single files, to and from the owner."""

    def get(self, path: str) -> None:
        *parents, name = components(path)
        try:
            directory = self.open_directory(parents)
            try:
                file = self.open_entry(directory, name, 0, 0, 0)
            finally:
                os.close(directory)
        except OSError as error:
            raise Problem("not_found", f"{path!r}: {error.strerror}") from None
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Problem("not_found", f"{path!r} is not a regular file")
        if status.st_size > self.config["output_file_bytes"]:
            raise Problem("too_large", f"{path!r} has {status.st_size} bytes")
        self.send_file(file, path.encode(), status.st_size)

    def send_file(self, file: int, path: bytes, size: int) -> None:
        """Problem "changed", before DONE, when it was written to meanwhile: half an old file and half a new one is none.
        As for `Changes`, a write to a mapping is not found."""
        before = self.settled(file)
        if before.st_size <= HELD_BYTES:
            content = b"".join(chunks(file, before.st_size))
            self.check_unchanged(file, path, before)
            self.send_content(path, content)
        else:
            super().send_file(file, path, before.st_size)
            self.check_unchanged(file, path, before)

    def settled(self, file: int) -> os.stat_result:
        """Its status, from which a write from now on differs: one within the same tick of the clock would not."""
        tick = 2 * time.clock_getres(CLOCK_REALTIME_COARSE)
        if 0 <= time.clock_gettime(CLOCK_REALTIME_COARSE) - os.fstat(file).st_mtime < tick:
            time.sleep(tick)
        return os.fstat(file)

    def check_unchanged(self, file: int, path: bytes, before: os.stat_result) -> None:
        after = os.fstat(file)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise Problem("changed", f"{path.decode()!r} was written to")

    def skip_in_use(self, path: bytes) -> bool:
        return False

    def put(self, path: str, size: int) -> None:
        """Under another name first: a reader of the file meanwhile sees the old one or the new one, whole."""
        *parents, name = components(path)
        part = PART + os.urandom(8).hex().encode()
        try:
            directory = self.open_directory(parents, make=True)
            self.check_target(directory, name, path)
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=directory)
        except OSError as error:
            raise file_problem("not_a_file", path, error) from None
        try:
            for data in self.channel.receive_data(path, size):
                while data:
                    data = data[os.write(file, data) :]
            self.check_target(directory, name, path)
            os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException as error:
            try:
                os.unlink(part, dir_fd=directory)
            except OSError:
                pass
            if not isinstance(error, OSError):
                raise
            raise file_problem("not_a_file", path, error) from None

    def remove(self, path: str) -> None:
        """Regular files only: whatever else is at that path is no file that a client was shown."""
        *parents, name = components(path)
        try:
            directory = self.open_directory(parents)
            try:
                if not stat.S_ISREG(os.lstat(name, dir_fd=directory).st_mode):
                    raise Problem("not_a_file", f"{path!r} is not a regular file")
                os.unlink(name, dir_fd=directory)
            finally:
                os.close(directory)
        except OSError as error:
            raise Problem("not_found", f"{path!r}: {error.strerror}") from None

    def check_target(self, directory: int, name: bytes, path: str) -> None:
        try:
            mode = os.lstat(name, dir_fd=directory).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            raise Problem("not_a_file", f"{path!r} is not a regular file")


def components(path: str) -> list:
    parts = path.encode().split(b"/")
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise Problem("protocol", f"not a path below the workspace: {path!r}")
    return parts
