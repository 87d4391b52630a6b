"""The channel, over real pipes, and JSON."""
import json
import os
import select
import unittest

from sandbox_runner import frames
from sandbox_runner.frames import Channel, OwnerGone, Problem


class JsonTest(unittest.TestCase):
    VALUES = [{}, {"a": [1, 2.5, None, True], "b": {"c": "\u00e9\ud800\n"}}, [], "", 10**30, -0.0]

    def test_is_what_the_library_writes_and_reads(self):
        for value in self.VALUES:
            with self.subTest(value=value):
                self.assertEqual(json.loads(frames.to_json(value)), value)
                self.assertEqual(frames.from_json(json.dumps(value).encode()), value)

    def test_what_is_none_is_an_error_of_the_request(self):
        for text in (b"", b"{", b"nope", b"[1", b"\xff", b"[" * 100_000):
            with self.subTest(text[:9]), self.assertRaises(frames.MALFORMED):
                frames.from_json(text)

    def test_numbers_of_a_request_are_bounded(self):
        self.assertEqual([frames.bounded(value, 0, 10, "x") for value in (0, "5", 10.0)], [0, 5, 10])
        for value in (-1, 11, float("nan"), float("inf"), "1e9"):
            with self.subTest(value=value), self.assertRaises(Problem):
                frames.bounded(value, 0, 10, "x")


class ChannelTest(unittest.TestCase):
    def setUp(self):
        source, self.owner_writes = os.pipe()
        self.owner_reads, sink = os.pipe()
        self.channel = Channel(source, sink)
        self.open = {self.owner_writes, self.owner_reads}
        self.addCleanup(self.channel.close)
        self.addCleanup(lambda: [os.close(fd) for fd in self.open])

    def hang_up(self, fd):
        self.open.remove(fd)
        os.close(fd)

    def test_a_frame_is_whole_however_it_arrives(self):
        for byte in b"F\0\0\0\x03abcZ\0\0\0\0":
            self.assertIsNone(self.channel.next_frame())
            os.write(self.owner_writes, bytes([byte]))
            self.channel.fill()
            if self.channel.inbox.endswith(b"abc"):
                self.assertEqual(self.channel.next_frame(), (b"F", b"abc"))
        self.assertEqual(self.channel.receive(), (b"Z", b""))

    def test_a_frame_has_a_bound(self):
        self.channel.inbox += b"F" + (frames.PAYLOAD + 1).to_bytes(4, "big")
        self.assertRaises(Problem, self.channel.next_frame)

    def test_data_is_as_much_as_was_announced(self):
        for sent, size in (((b"D", b"abc"),), 3), (((b"D", b"a"), (b"D", b"bc")), 3), ((), 0):
            for kind, payload in sent:
                os.write(self.owner_writes, kind + len(payload).to_bytes(4, "big") + payload)
            self.assertEqual(b"".join(self.channel.receive_data("f", size)), b"abc"[:size])
        for kind, payload in ((b"D", b"abcd"), (b"D", b""), (b"R", b"abc")):
            os.write(self.owner_writes, kind + len(payload).to_bytes(4, "big") + payload)
            with self.subTest(kind=kind, payload=payload), self.assertRaises(Problem):
                list(self.channel.receive_data("f", 3))

    def test_what_is_sent_arrives_as_frames(self):
        self.channel.send(b"O", b"out")
        self.channel.send_json(b"P", reason="r")
        self.channel.flush()
        self.assertEqual(os.read(self.owner_reads, 100), b'O\0\0\0\x03outP\0\0\0\x0f{"reason": "r"}')

    def test_a_few_bytes_wait_for_more_and_many_do_not(self):
        self.channel.gather()
        self.channel.send(b"B")
        self.channel.drain()
        self.assertFalse(select.select([self.owner_reads], [], [], 0)[0])
        self.channel.send(b"O", bytes(frames.GATHER_BYTES))
        self.channel.drain()
        self.assertTrue(select.select([self.owner_reads], [], [], 0)[0])

    def test_a_full_pipe_blocks_nothing(self):
        self.channel.send(b"O", bytes(1 << 20))
        self.channel.drain()
        self.assertLess(len(self.channel.outbox), 1 << 20)
        self.assertGreater(len(self.channel.outbox), 0)

    def test_every_wait_ends_when_the_owner_hangs_up(self):
        self.channel.send(b"O", bytes(1 << 20))
        self.hang_up(self.owner_writes)
        self.assertRaises(OwnerGone, self.channel.flush)
        self.assertRaises(OwnerGone, self.channel.receive)

    def test_an_owner_that_reads_no_more_has_hung_up(self):
        self.hang_up(self.owner_reads)
        self.channel.send(b"Z")
        self.assertRaises(OwnerGone, self.channel.drain)
