"""Fills sockets of one kind until the cgroup's memory limit ends this process, or until there are MAX_PAIRS pairs."""

import socket
import sys

MAX_PAIRS = 1500
MAX_BLOCKS = 300  # of a pair; a datagram socket whose peer is full drops instead of refusing
BLOCK = b"x" * 32768


def pair(kind):
    if kind == "unix":
        return socket.socketpair()
    if kind == "tcp":
        with socket.create_server(("127.0.0.1", 0)) as server:
            client = socket.create_connection(server.getsockname())
            return server.accept()[0], client
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(receiver.getsockname())
    return receiver, sender


def fill(sender):
    sender.setblocking(False)
    for _ in range(MAX_BLOCKS):
        try:
            sender.send(BLOCK)
        except OSError:  # full
            return


pairs = []
while len(pairs) < MAX_PAIRS:
    pairs.append(pair(sys.argv[1]))
    fill(pairs[-1][1])
    if len(pairs) % 20 == 0:
        print(f"{sys.argv[1]}: {len(pairs)} pairs", flush=True)
