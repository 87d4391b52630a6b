"""Descriptors over Unix sockets, with and without _socket."""
import os
import socket
import unittest

from sandbox_runner import messages
from sandbox_runner.session import descriptors


class ListenerTest(unittest.TestCase):
    def pair(self):
        pair = messages.socket_pair()
        self.addCleanup(lambda: [os.close(fd) for fd in pair if fd in self.open])
        self.open = set(pair)
        return pair

    def test_a_descriptor_arrives_close_on_exec(self):
        ours, theirs = self.pair()
        read, write = os.pipe()
        self.addCleanup(os.close, write)
        messages.send_listener(theirs, read)
        os.close(read)
        received = messages.receive_listener(ours)
        self.addCleanup(os.close, received)
        os.write(write, b"x")
        self.assertEqual(os.read(received, 9), b"x")
        self.assertFalse(os.get_inheritable(received))

    def test_there_is_none_when_the_sender_has_ended(self):
        ours, theirs = self.pair()
        self.open.remove(theirs)
        os.close(theirs)
        self.assertEqual(messages.receive_listener(ours), -1)

    def test_a_session_understands_it(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            messages.send_listener(theirs.fileno(), 0)
            message, received = descriptors.receive_descriptors(ours, 64, 2)
            self.assertEqual((message, len(received)), (messages.LISTENER, 1))
            os.close(received[0])
            descriptors.send_descriptors(theirs, b"pipes", [0, 1])
            message, received = descriptors.receive_descriptors(ours, 64, 2)
            self.assertEqual((message, len(received)), (b"pipes", 2))
            for fd in received:
                os.close(fd)
            theirs.send(b"none")
            self.assertEqual(descriptors.receive_descriptors(ours, 64, 2), (b"none", []))
