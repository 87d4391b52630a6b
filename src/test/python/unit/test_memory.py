"""The counters of a memory group, of both versions."""
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from sandbox_runner import memory


class GroupTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def group(self, path, **files):
        """What MemoryGroup makes of a mount with these files, when our group has this path."""
        for name, text in files.items():
            file = Path(self.directory.name, name.replace("__", "/").replace("memory_", "memory."))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        group = memory.MemoryGroup.__new__(memory.MemoryGroup)
        group.events = group.usage = -1
        group.limit = None
        group.find(self.directory.name, path, "events", "max", "current")
        self.addCleanup(lambda: [os.close(fd) for fd in (group.events, group.usage) if fd >= 0])
        return group

    def test_counts_and_room_are_read_again_each_time(self):
        files = {"memory_events": "low 0\noom 5\noom_kill 2\noom_group_kill 9\n", "memory_max": f"{64 << 20}\n", "memory_current": "1\n"}
        group = self.group("/", **files)
        self.assertEqual((group.oom_kills(), group.is_short()), (2, False))
        Path(self.directory.name, "memory.current").write_text(f"{61 << 20}\n")
        Path(self.directory.name, "memory.events").write_text("oom_kill 3\n")
        self.assertEqual((group.oom_kills(), group.is_short()), (3, True))

    def test_our_own_group_is_preferred_to_the_mount(self):
        group = self.group("/a", a__memory_events="oom_kill 1\n", a__memory_max="max\n", memory_events="oom_kill 7\n")
        self.assertEqual((group.oom_kills(), group.limit, group.is_short()), (1, None, False))

    def test_no_group_is_never_short(self):
        group = self.group("/")
        self.assertEqual((group.oom_kills(), group.is_short()), (0, False))

    def test_copies_are_taken_where_there_is_room(self):
        group = self.group("/", memory_events="", memory_max=f"{64 << 20}\n", memory_current="1\n")
        group.own = [(4096, 4096), (65536, 8192)]
        with mock.patch.object(memory, "LIBC") as libc:
            group.take_copies()
            self.assertEqual(libc.madvise.call_count, 2)
            Path(self.directory.name, "memory.current").write_text(f"{60 << 20}\n")
            group.take_copies()
            self.assertEqual(libc.madvise.call_count, 2)

    def test_what_is_ours_is_private_and_writable(self):
        self.assertTrue(memory.writable_memory())
        self.assertGreater(memory.own_memory(), 1 << 20)
