"""The conversation with the owner: JSON, the letters of the frames, and the channel that carries them."""
from __future__ import annotations

import os
import select
import time

try:  # what json is made of; the rest of it would load re and enum, a third of our start time
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    class JsonOptions:
        strict, memo, object_hook, object_pairs_hook, array_hook = True, None, None, None, None
        parse_int, parse_float, parse_constant = int, float, float

    json_encode = make_encoder(None, None, encode_basestring_ascii, None, ": ", ", ", False, False, True)
    json_scan = make_scanner(JsonOptions)
except Exception:  # an interpreter that has not these, or others
    import json

    json_encode = json.JSONEncoder().iterencode
    json_scan = json.JSONDecoder().raw_decode

PROTOCOL = 1
PAYLOAD = 65536
HEADER = 5
GATHER_SECONDS, GATHER_BYTES = 0.005, 4096  # at the start of a run: see Channel.gather
OUTPUT_QUEUE = 1 << 20  # bytes for the owner above which the program's output stays in its pipes
# To the runner; the second line in sessions only.
CONFIG, PING, PRELOAD, FILE, DATA, RUN, STDIN, STDIN_EOF = b"C", b"N", b"J", b"F", b"D", b"R", b"I", b"E"
LISTEN, BASH, CODE, KEEPALIVE, LIST, GET, REMOVE = b"L", b"A", b"H", b"K", b"W", b"G", b"U"
# From the runner.
READY, PONG, STARTED, STDOUT, STDERR, EXIT, SKIPPED, DONE, PROBLEM = b"Y", b"N", b"B", b"O", b"e", b"T", b"S", b"Z", b"P"
COMPILED = b"M"
SHOW, FORM, SHOWN = b"X", b"x", b"y"  # what the program shows: see shown
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)  # of a request


class OwnerGone(Exception):
    """The owner hung up: there is no work left."""


class Problem(Exception):
    """The sandbox cannot be used. Never the program's fault, never its result."""

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


def one_line(text) -> str:
    return " ".join(str(text).split())


def to_json(value) -> bytes:
    return "".join(json_encode(value, 0)).encode()


def from_json(text: bytes):
    """The owner is trusted: what follows the value is not checked."""
    try:
        return json_scan(text.decode(), 0)[0]
    except StopIteration:
        raise ValueError("no JSON") from None


def bounded(value, least: float, most: float, name: str) -> float:
    """A number of a request, which is no NaN either."""
    number = float(value)
    if not least <= number <= most:
        raise Problem("protocol", f"{name} is {number:g}: it has to be from {least:g} to {most:g}")
    return number


class Channel:
    """Frames over two non-blocking descriptors. Every wait here also ends when the owner hangs up, with OwnerGone."""

    READ = 2 * PAYLOAD

    def __init__(self, source: int, sink: int):
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self.source, self.sink = source, sink
        self.inbox, self.outbox = bytearray(), bytearray()
        self.gathers_until = 0.0

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        self.outbox += kind + len(payload).to_bytes(4, "big")
        self.outbox += payload

    def send_json(self, kind: bytes, **fields) -> None:
        self.send(kind, to_json(fields))

    def next_frame(self):
        """The next whole frame of those received, as type and payload, or None."""
        if len(self.inbox) < HEADER:
            return None
        end = HEADER + int.from_bytes(self.inbox[1:HEADER], "big")
        if end > HEADER + PAYLOAD:
            raise Problem("protocol", f"frame of {end - HEADER} bytes, the limit is {PAYLOAD}")
        if len(self.inbox) < end:
            return None
        with memoryview(self.inbox) as received:  # a slice of the bytearray would be one copy more
            kind, payload = bytes(received[:1]), bytes(received[HEADER:end])
        del self.inbox[:end]
        return kind, payload

    def receive(self):
        """Waits for a frame. What is queued for the owner is sent meanwhile."""
        while True:
            frame = self.next_frame()
            if frame:
                return frame
            self.wait(select.POLLIN)

    def receive_data(self, path: str, size: int):
        """The content of an announced file, piece by piece."""
        while size > 0:
            kind, data = self.receive()
            if kind != DATA or not data or len(data) > size:
                raise Problem("protocol", f"expected {size} bytes of {path!r}")
            size -= len(data)
            yield data

    def gather(self) -> None:
        """For a while from now, a few bytes wait for more: each piece on its way wakes half a dozen processes, which take
        the processors from a program that is about to end."""
        self.gathers_until = time.monotonic() + GATHER_SECONDS

    def due(self) -> float:
        """From when on what is queued shall leave."""
        if not self.outbox:
            return float("inf")
        return 0.0 if len(self.outbox) >= GATHER_BYTES else self.gathers_until

    def flush(self) -> None:
        self.gathers_until = 0.0
        while self.outbox:
            self.wait(0)

    def wait(self, interest: int) -> None:
        poll = select.poll()
        self.register(poll, interest)
        self.handle(dict(poll.poll()))

    def register(self, poll, interest: int) -> None:
        poll.register(self.source, interest | select.POLLRDHUP)
        if self.due() <= time.monotonic():
            poll.register(self.sink, select.POLLOUT)

    def handle(self, events: dict) -> None:
        ready = events.get(self.source, 0)
        if ready & ~select.POLLIN:  # a hang-up counts at once, whatever is still unread: its sender is gone
            raise OwnerGone
        if ready:
            self.fill()
        if self.sink in events:
            self.drain()

    def fill(self) -> None:
        try:
            data = os.read(self.source, self.READ)
        except BlockingIOError:
            return
        except ConnectionResetError:
            raise OwnerGone from None
        if not data:
            raise OwnerGone
        self.inbox += data

    def close(self) -> None:
        os.close(self.source)
        os.close(self.sink)

    def drain(self) -> None:
        """Writes what the sink takes without waiting."""
        try:
            if self.due() <= time.monotonic():
                del self.outbox[: os.write(self.sink, self.outbox)]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            raise OwnerGone from None
