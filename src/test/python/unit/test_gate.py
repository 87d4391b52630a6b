"""Which memory groups count what waits in sockets."""
import unittest

from sandbox_runner import gate


class CountingTest(unittest.TestCase):
    def test_internet_sockets_need_a_group_that_counts_their_buffers(self):
        group, host = "/sys/fs/cgroup/memory/", "/sys/fs/cgroup/memory/docker/x/"
        one, two = "9:memory:/docker/x\n0::/docker/x\n", "0::/\n"
        none, some = "9223372036854771712\n", "33554432\n"
        tcp = "memory.kmem.tcp.limit_in_bytes"
        cases = (
            ({"/proc/self/cgroup": one, group + tcp: none}, False),
            ({"/proc/self/cgroup": one, group + tcp: some}, True),
            ({"/proc/self/cgroup": one, host + tcp: some, group + tcp: none}, True),
            ({"/proc/self/cgroup": one, host + tcp: none, group + tcp: some}, False),
            ({"/proc/self/cgroup": one}, False),
            ({"/proc/self/cgroup": one, "/sys/fs/cgroup/docker/x/memory.max": some}, False),
            ({"/proc/self/cgroup": two, "/sys/fs/cgroup/memory.max": some}, True),
            ({"/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/memory.max": "max\n"}, True),
            ({"/proc/self/cgroup": two}, False),
            ({}, False),
        )
        for files, counts in cases:
            with self.subTest(files=files):
                self.assertEqual(gate.counts_socket_buffers(lambda path: files.get(path.replace("//", "/"), "")), counts)
