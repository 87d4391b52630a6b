"""Pipes that ended commands have left to the runner."""
import os
import select
import unittest

from sandbox_runner.session.orphans import OrphanPipes


class OrphanPipesTest(unittest.TestCase):
    def setUp(self):
        self.reader, self.writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.addCleanup(os.close, self.writer)
        self.orphans = OrphanPipes()
        self.addCleanup(self.orphans.receiver.close)
        self.addCleanup(self.orphans.sender.close)
        self.orphans.pipes[self.reader] = 0.0

    def read(self):
        self.orphans.read(1.0, {self.reader: select.POLLIN})

    def test_what_another_process_reads_first_ends_nothing(self):
        self.addCleanup(os.close, self.reader)
        self.read()
        self.assertIn(self.reader, self.orphans.pipes)

    def test_reads_and_forgets_what_is_there(self):
        self.addCleanup(os.close, self.reader)
        os.write(self.writer, b"left")
        self.read()
        self.assertGreater(self.orphans.pipes[self.reader], 1.0)
        with self.assertRaises(BlockingIOError):
            os.read(self.reader, 1)
