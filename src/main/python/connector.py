"""Joins its own stdin and stdout to the runner of the session that it is started in.

Started by the engine, so what it imports is paid for each time: no more than the interpreter has at hand. A write never
waits, for the runner reads no further while it cannot write, and nor would we.

The runner serves one command on a connection and closes it. When the answer was whole, or nothing was asked, we stay: at
the frame NEXT there is a new connection, for another command. Whatever arrives before NEXT was for the command that is over.
"""
import _ctypes
import _socket
import posix
import select

SOCKET, LIMIT, HEADER = b"\0code-interpreter", 262144, 5
NEXT, READY, DONE, PROBLEM = b"V", b"Y", b"Z", b"P"


class Frames:
    """Follows the frames of a stream: a type, a length of four bytes, and so many bytes."""

    def __init__(self):
        self.kind, self.head, self.left = b"", b"", 0

    def follow(self, data):
        """Returns what comes after a NEXT, None when there is none in these bytes."""
        start = 0
        while start < len(data):
            if self.left:
                count = min(self.left, len(data) - start)
                self.left -= count
                start += count
                continue
            part = data[start : start + HEADER - len(self.head)]
            start += len(part)
            self.head += part
            if len(self.head) == HEADER:
                self.kind, self.left = self.head[:1], int.from_bytes(self.head[1:], "big")
                self.head = b""
                if self.kind == NEXT:
                    return data[start:]
        return None

    def ends_with(self, *kinds):
        return self.kind in kinds and not self.head and not self.left


def connect():
    session = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    session.connect(SOCKET)
    session.setblocking(False)
    return session


def main():
    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 2), "prctl")
    _ctypes.call_function(prctl, (4, 0, 0, 0, 0))  # PR_SET_DUMPABLE: what we hold is not for the programs beside us
    session, asked, answered = connect(), Frames(), Frames()
    for fd in (0, 1):
        posix.set_blocking(fd, False)
    commands, answers = bytearray(), bytearray()
    while session or answers or may_go_on(asked, answered):
        poll = select.poll()
        poll.register(0, select.POLLIN if len(commands) < LIMIT else 0)
        poll.register(1, select.POLLOUT if answers else 0)
        if session:
            runner = session.fileno()
            poll.register(runner, (select.POLLOUT if commands else 0) | (select.POLLIN if len(answers) < LIMIT else 0))
        events = dict(poll.poll())
        if events.get(1, 0) & select.POLLERR:
            return
        if events.get(0):
            data = read(0)
            if data == b"":
                return
            rest = asked.follow(data or b"")
            if rest is not None:
                if session:
                    session.close()
                session, answered, commands = connect(), Frames(), bytearray(rest)
                asked.follow(rest)
                continue
            if session:
                commands += data or b""
        if session and events.get(runner, 0) & ~select.POLLOUT:
            data = read(runner)
            if data == b"":
                session.close()
                session = None
                commands.clear()
            else:
                answered.follow(data or b"")
                answers += data or b""
        if session and not write(runner, commands):
            commands.clear()  # its answer may be here already, and says why
        if not write(1, answers):
            return


def may_go_on(asked, answered):
    """Whether the connection that has ended had an answer to its end, or no command."""
    return answered.ends_with(DONE, PROBLEM) or answered.ends_with(READY) and asked.ends_with(b"", NEXT)


def read(fd):
    """What is there, None when that is nothing, empty at the end."""
    try:
        return posix.read(fd, 65536)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def write(fd, data):
    try:
        if data:
            del data[: posix.write(fd, data)]
    except BlockingIOError:
        pass
    except OSError:
        return False
    return True


main()
