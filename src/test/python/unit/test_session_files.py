"""Files of a session, on a directory of our own."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from sandbox_runner.frames import Problem
from sandbox_runner.session.files import PART, Changes, Snapshot
from sandbox_runner.session.listing import Listing
from sandbox_runner.session.transfer import Transfer
from unit.channel import RecordingChannel

CONFIG = {"output_depth": 64, "output_files": 100, "output_file_bytes": 5 << 20, "output_total_bytes": 9 << 20}


class SessionFilesTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.directory)], check=True)
        self.config = {"workspace": str(self.directory), **CONFIG}
        self.root = os.open(self.directory, os.O_RDONLY)
        self.addCleanup(os.close, self.root)

    def write(self, path, content=b"x"):
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def make(self, kind, *arguments, pieces=()):
        channel = RecordingChannel(*pieces)
        return kind(channel, self.config, self.root, *arguments), channel

    def reason(self, action, *arguments):
        with self.assertRaises(Problem) as caught:
            action(*arguments)
        return caught.exception.reason


class ChangesTest(SessionFilesTest):
    def changes(self, action):
        before, _ = self.make(Snapshot)
        before.take()
        action()
        changes, channel = self.make(Changes, before)
        changes.walk()
        return channel

    def test_what_is_new_or_changed_is_sent(self):
        self.write("same")
        self.write("changed")
        os.symlink("x", self.directory / "old link")

        def act():
            self.write("new/file", b"n")
            self.write("changed", b"y")
            os.symlink("x", self.directory / "new link")
            self.write(os.fsdecode(PART) + "0")

        channel = self.changes(act)
        self.assertEqual(channel.files, {"new/file": b"n", "changed": b"y"})
        self.assertEqual(channel.skipped, {"new link": "symlink"})

    def test_a_change_in_the_same_tick_is_seen(self):
        self.write("f", b"1")
        for content in (b"2", b"3") * 10:
            self.assertEqual(self.changes(lambda: self.write("f", content)).files, {"f": content})

    def test_times_that_are_set_back_do_not_hide_a_change(self):
        self.write("f", b"1")

        def act():
            status = os.stat(self.directory / "f")
            self.write("f", b"2")
            os.utime(self.directory / "f", ns=(status.st_atime_ns, status.st_mtime_ns))

        self.assertEqual(self.changes(act).files, {"f": b"2"})


class ListingTest(SessionFilesTest):
    NAMES = ["a/b/c", "a/b.x", "a/c", "a.d/e", "a b/f", "a.txt", "a-", "a0", "z/y", "zz", "\u00e9", "\U0001f600"]

    def page(self, limit, after=""):
        listing, channel = self.make(Listing)
        listing.page(limit, after)
        return list(channel.sizes)

    def test_pages_are_in_the_order_of_the_paths_bytes(self):
        for name in self.NAMES:
            self.write(name)
        ordered = sorted(self.NAMES, key=str.encode)
        for limit in (1, 2, 5, 100):
            found, after = [], ""
            while True:
                page = self.page(limit, after)
                if not page:
                    break
                self.assertLessEqual(len(page), limit)
                found += page
                after = page[-1]
            self.assertEqual(found, ordered)
        for after in ("a", "a/", "a/b", "a/b/", "a/b/c/d", "zz", "\U0010ffff", ".", "nothing/at/all"):
            with self.subTest(after):
                self.assertEqual(self.page(100, after), [name for name in ordered if name.encode() > after.encode()])

    def test_a_large_directory_is_read_in_pieces(self):
        for number in range(1500):
            self.write(f"many/{number * 7919 % 1500}")
        self.assertEqual(self.page(5000), sorted(f"many/{number}" for number in range(1500)))


class TransferTest(SessionFilesTest):
    def get(self, path):
        transfer, channel = self.make(Transfer)
        transfer.get(path)
        return channel.files

    def put(self, path, *pieces, size=None):
        transfer, _ = self.make(Transfer, pieces=pieces)
        transfer.put(path, sum(map(len, pieces)) if size is None else size)

    def test_files_go_both_ways(self):
        for content in (b"", b"abc", os.urandom(3_000_000)):
            self.put("a/b", content[:1], content[1:])
            self.assertEqual(self.get("a/b"), {"a/b": content})
        self.assertEqual(os.listdir(self.directory / "a"), ["b"])

    def test_no_path_leads_out_or_through_a_link(self):
        self.write("d/file")
        os.symlink("d", self.directory / "link")
        os.symlink("/etc/passwd", self.directory / "out")
        os.mkfifo(self.directory / "fifo")
        for path in ("", "/x", "../x", "d/../x", "./x", "d//x", "d/", "a\0b"):
            with self.subTest(path):
                self.assertEqual(self.reason(self.get, path), "protocol")
                self.assertEqual(self.reason(self.put, path, b"x"), "protocol")
        for path in ("link/file", "out", "fifo", "d", "d/file/x", "none"):
            with self.subTest(get=path):
                self.assertEqual(self.reason(self.get, path), "not_found")
        for path in ("link/file", "out", "fifo", "d", "d/file/x"):
            with self.subTest(put=path):
                self.assertEqual(self.reason(self.put, path, b"x"), "not_a_file")

    def test_an_upload_that_ends_early_leaves_the_old_file(self):
        self.write("f", b"old")
        self.assertEqual(self.reason(lambda: self.put("f", b"new", size=9)), "protocol")
        self.assertEqual((os.listdir(self.directory), (self.directory / "f").read_bytes()), (["f"], b"old"))

    def test_a_file_over_the_limit_is_not_sent(self):
        with open(self.directory / "large", "wb") as file:
            file.truncate(CONFIG["output_file_bytes"] + 1)
        self.assertEqual(self.reason(self.get, "large"), "too_large")
