"""Staging and collecting, on a directory of our own."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from sandbox_runner.elsewhere import NAMED, Elsewhere, name_elsewhere, now, places
from sandbox_runner.frames import PAYLOAD, Problem
from sandbox_runner.workspace import SKIPPED_FRAMES, Digest, Workspace
from unit.channel import RecordingChannel

CONFIG = {
    "staged_bytes": 1000,
    "output_depth": 3,
    "output_files": 5,
    "output_file_bytes": 100,
    "output_total_bytes": 250,
}


class WorkspaceTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.directory)], check=True)

    def workspace(self, *pieces, **config):
        channel = RecordingChannel(*pieces)
        workspace = Workspace(channel, {"workspace": str(self.directory), **CONFIG, **config})
        self.addCleanup(os.close, workspace.root)
        return workspace, channel

    def collect(self, **config):
        workspace, channel = self.workspace(**config)
        workspace.collect()
        return channel

    def write(self, path, content=b"x"):
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def test_a_staged_file_has_its_content_and_usual_permissions(self):
        workspace, _ = self.workspace(b"ab", b"c")
        os.umask(0o022)
        workspace.stage("a/b/c", 3)
        self.assertEqual((self.directory / "a/b/c").read_bytes(), b"abc")
        self.assertEqual([(self.directory / path).stat().st_mode & 0o777 for path in ("a", "a/b", "a/b/c")], [0o755, 0o755, 0o644])

    def test_what_cannot_be_staged_is_a_problem(self):
        for path in ("", "/a", "a/", "a//b", ".", "..", "a/../b", "n" * 256):
            with self.subTest(path), self.assertRaises(Problem) as caught:
                self.workspace(b"x")[0].stage(path, 1)
            self.assertEqual(caught.exception.reason, "protocol")
        self.assertEqual(os.listdir(self.directory), [])
        workspace, _ = self.workspace(b"x")
        workspace.stage("twice", 1)
        self.assertRaises(Problem, workspace.stage, "twice", 1)

    def test_all_staged_files_together_have_a_bound(self):
        workspace, _ = self.workspace(b"x" * 600)
        workspace.stage("a", 600)
        with self.assertRaises(Problem) as caught:
            workspace.stage("b", 600)
        self.assertEqual(caught.exception.reason, "no_space")

    def test_inputs_are_returned_only_when_their_content_differs(self):
        workspace, channel = self.workspace(b"same")
        for name in ("same", "changed", "shorter"):
            workspace.stage(name, 4)
        self.write("changed", b"SAME")
        self.write("shorter", b"sam")
        self.write("new", b"same")
        self.write("__main__.py")
        workspace.collect()
        self.assertEqual(channel.files, {"changed": b"SAME", "shorter": b"sam", "new": b"same"})

    def test_only_regular_files_are_returned(self):
        self.write("d/file")
        os.symlink("/etc/passwd", self.directory / "link")
        os.symlink("/etc", self.directory / "d/link")
        os.mkfifo(self.directory / "fifo")
        (self.directory / "secret").write_bytes(b"y")
        (self.directory / "secret").chmod(0)
        channel = self.collect()
        self.assertEqual(channel.files, {"d/file": b"x", "secret": b"y"})
        self.assertEqual(channel.skipped, {"link": "symlink", "d/link": "symlink", "fifo": "special"})

    def test_bounds(self):
        self.write("a/b/c/d/deep")
        self.write("large", b"x" * 101)
        self.write("one", b"x" * 100)
        self.write("two", b"x" * 100)
        self.write("zthree", b"x" * 100)
        channel = self.collect()
        self.assertEqual(list(channel.files), ["one", "two"])
        self.assertEqual(channel.skipped, {"a/b/c/d": "depth", "large": "too_large", "zthree": "total_size"})
        for number in range(9):
            self.write(f"many/{number}")
        channel = self.collect()
        self.assertEqual(len(channel.files), 5)
        self.assertEqual(channel.skipped["many/5"], "file_limit")

    def test_the_skipped_have_a_bound(self):
        for number in range(SKIPPED_FRAMES + 20):
            os.symlink("x", self.directory / str(number))
        self.assertEqual(len(self.collect().skipped), SKIPPED_FRAMES)

    def test_names_that_are_not_text_are_skipped(self):
        Path(os.fsdecode(bytes(self.directory) + b"/\xff")).write_bytes(b"x")
        self.assertEqual(self.collect().skipped, {"\ufffd": "name_not_utf8"})


class ElsewhereTest(unittest.TestCase):
    """In a directory of our own, beside which the workspace is another."""

    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="home-"))
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.home)], check=True)
        (self.home / "workspace").mkdir()
        self.root = os.open(self.home / "workspace", os.O_RDONLY)
        self.addCleanup(os.close, self.root)
        self.config = {
            "workspace": str(self.home / "workspace"),
            "env": {"HOME": str(self.home), "MPLCONFIGDIR": str(self.home / "plots")},
            "output_depth": 3,
        }

    def names(self, since=0):
        channel = RecordingChannel()
        root = os.open(self.home, os.O_RDONLY)
        walk = Elsewhere(channel, self.config, root, bytes(self.home), since, self.root)
        walk.MAX_SKIPPED = NAMED
        walk.walk()
        os.close(root)
        self.assertLessEqual(set(channel.skipped.values()), {"outside_workspace"})
        return [os.path.relpath(path, self.home) for path in channel.skipped]

    def write(self, path, content="x"):
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def test_regular_files_are_named_and_nothing_else(self):
        self.write("chart.png")
        self.write("out/table.csv")
        self.write("workspace/result")
        self.write("empty", "")
        os.mkfifo(self.home / "fifo")
        os.symlink("/etc/passwd", self.home / "link")
        os.symlink("/etc", self.home / "directory")
        self.assertEqual(self.names(), ["chart.png", "out/table.csv"])

    def test_what_nobody_looks_for_is_not_named(self):
        for path in (
            ".cache/x", ".profile", "__pycache__/m.pyc", "plots/fontlist.json", "matplotlib-x/f", "joblib_memmapping_folder_1/a",
            "tmpabc_123x", "tmpabcdefgh.csv", "tmpabcdefgh/file", "tmp.SiKYLoMZOU", "pymp-1/listener",
            "data.lock",
        ):
            self.write(path)
        names = ["joblib_model.pkl", "matplotlib_chart.png", "tmp.csv", "tmpTable123.csv"]
        for path in names:
            self.write(path)
        self.assertEqual(self.names(), names)

    def test_what_was_there_before_is_not_named_until_it_changes(self):
        self.write("old")
        os.utime(self.home / "old", (1, 1))
        since = self.home.joinpath("old").stat().st_ctime_ns + 1
        self.assertEqual(self.names(since), [])
        while now() < since:
            pass
        self.write("old", "y")
        os.utime(self.home / "old", (1, 1))
        self.assertEqual(self.names(since), ["old"])

    def test_there_are_bounds(self):
        for number in range(NAMED + 5):
            self.write(f"many/{number:02}")
        self.write("a/b/c/d/deep")
        self.assertEqual(self.names(), [f"many/{number:02}" for number in range(NAMED)])
        channel = RecordingChannel()
        name_elsewhere(channel, self.config, self.root, 0)
        self.assertLessEqual(len(channel.skipped), NAMED)

    def test_places_are_writable_and_not_in_one_another(self):
        def found(home, workspace="/workspace"):
            return places({"workspace": workspace, "env": {"HOME": home}})

        self.assertEqual(found("/tmp"), ["/tmp"])
        self.assertEqual(found(str(self.home)), ["/tmp"])
        self.assertEqual(found("/nowhere"), ["/tmp"])
        self.assertEqual(places({"workspace": "/tmp", "env": {}}), [])
        self.assertEqual(found("/dev/shm", workspace="/dev/shm"), ["/tmp"])


class DigestTest(unittest.TestCase):
    CONTENT = bytes(range(256)) * 1000

    def digest(self, content, *pieces):
        digest = Digest()
        for size in (*pieces, len(content)):
            digest.update(content[:size])
            content = content[size:]
        return digest.digest()

    def test_it_is_of_the_content_and_not_of_its_pieces(self):
        whole = self.digest(self.CONTENT)
        for pieces in ((4096, PAYLOAD), (PAYLOAD,), (1, 1, PAYLOAD - 2, 3), (7,) * 9000, (0, 2 * PAYLOAD + 5)):
            self.assertEqual(self.digest(self.CONTENT, *pieces), whole, pieces)

    def test_each_byte_counts(self):
        contents = {b"", b"\0", b"\0\0", self.CONTENT, self.CONTENT + b"\0", self.CONTENT[:-1]}
        for place in (0, 1, PAYLOAD - 1, PAYLOAD, 2 * PAYLOAD, len(self.CONTENT) - 1):
            changed = bytearray(self.CONTENT)
            changed[place] ^= 1
            contents.add(bytes(changed))
        block = self.CONTENT[:PAYLOAD]
        contents |= {block, 2 * block, bytes(PAYLOAD) + block, block + bytes(PAYLOAD)}
        self.assertEqual(len({self.digest(content) for content in contents}), len(contents))
