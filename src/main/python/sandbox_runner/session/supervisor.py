"""Process 1 of a session."""
from __future__ import annotations

import _socket
import errno
import os
import select
import signal
import sys
import time

from sandbox_runner.frames import (
    BASH, CODE, DONE, END, FILE, GET, KEEPALIVE, LIST, MALFORMED, PAYLOAD, READY, OwnerGone, Problem, bounded,
    from_json,
)
from sandbox_runner.gate import LISTENER, SocketGate
from sandbox_runner.kernel import (
    PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, SIGNAL, block_signals, kill_others, prctl, send_signal,
)
from sandbox_runner.landlock import (
    LANDLOCK_HAS_SCOPES, LANDLOCK_SCOPES, LANDLOCK_SEPARATES, enter_domain, landlock_version,
)
from sandbox_runner.memory import MemoryGroup, writable_memory
from sandbox_runner.program import Become
from sandbox_runner.session.commands import MAX_SESSION_SECONDS
from sandbox_runner.session.connections import Connection, exhausted, is_from_outside
from sandbox_runner.session.descriptors import receive_descriptors, send_descriptors
from sandbox_runner.session.handler import Handler
from sandbox_runner.session.keeper import RESPAWN_SECONDS, Keeper
from sandbox_runner.workspace import Workspace

SESSION_SOCKET = b"\0code-interpreter"
VISITORS, VISIT_SECONDS = 64, 10.0
LEFTOVERS, LEFTOVER_PAUSE = 64, 0.01
GOODBYE_SECONDS = 1.0


class Session:
    """The runner of a session, from the first frame after the staged files on."""

    def __init__(self, workspace: Workspace, memory: MemoryGroup, wakeup: int, ready: dict, deadline: float):
        self.config, self.workspace, self.memory, self.wakeup = workspace.config, workspace, memory, wakeup
        self.ready, self.deadline = ready, deadline
        self.visitors = {}  # connections that have not yet said what they want, and when they came
        self.leftovers = {}  # pipes that background processes write to, and when to read them again
        self.keeper = 0
        self.handlers = set()
        threads = [int(thread) for thread in os.listdir("/proc/self/task")]
        self.own = self.protected = sorted({os.getpid(), *threads})
        self.listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.listener.setblocking(False)
        self.listener.bind(SESSION_SOCKET)
        self.listener.listen(VISITORS)
        self.close_off(self.config["session"].get("guard", "landlock"))
        self.inheritance, self.estate = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self.inheritance.setblocking(False)
        self.gate = SocketGate() if self.config["sockets"] == "gated" else None
        memory.own = writable_memory()  # no libraries are loaded here

    def gate_descriptor(self) -> int:
        """Where a program of ours sends the listener of its filter. Process 1 answers: it outlives every command."""
        return self.estate.fileno() if self.gate else -1

    def close_off(self, guard: str) -> None:
        """Keeps programs from our socket, and from the connector: see above. The socket was made outside of the domain."""
        self.has_own_uid = guard == "uid"
        version = landlock_version()
        if guard == "landlock" and version < LANDLOCK_SEPARATES:
            raise Problem("unprotected", "sessions need Landlock of Linux 5.19 or later, and the kernel does not offer it")
        if version >= LANDLOCK_HAS_SCOPES:
            enter_domain(version, LANDLOCK_SCOPES)

    def serve(self) -> None:
        self.start_keeper(lost=False)
        while True:
            self.reap()
            now = time.monotonic()
            if now >= self.deadline:
                self.end()
            if not self.keeper and now >= self.next_keeper:
                self.start_keeper(lost=True)
                continue
            events = self.wait(now)
            now = time.monotonic()  # that may have been long: who comes now has not been here since then
            if self.wakeup in events:
                os.read(self.wakeup, SIGNAL)
            for visitor, since in list(self.visitors.items()):
                self.attend(visitor, events, now > since + VISIT_SECONDS)
            # Last what opens descriptors: their numbers may be those of others in these events that are closed by now.
            self.take_leftovers(now, events)
            if self.listener.fileno() in events:
                self.accept(now)

    def wait(self, now: float) -> dict:
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        poll.register(self.inheritance.fileno(), select.POLLIN)
        until = min(self.deadline, now + 60)
        if len(self.visitors) < VISITORS:
            poll.register(self.listener.fileno(), select.POLLIN)
        for visitor, since in self.visitors.items():
            visitor.register(poll, select.POLLIN)
            until = min(until, since + VISIT_SECONDS)
        for fd, pause in self.leftovers.items():
            if pause > now:
                until = min(until, pause)
            else:
                poll.register(fd, select.POLLIN)
        if self.gate:
            self.gate.register(poll)
        if not self.keeper:
            until = min(until, self.next_keeper)
        return dict(poll.poll(max(0.0, until - now) * 1000))

    def reap(self) -> None:
        for _ in range(256):
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if not pid:
                return
            if os.WIFSTOPPED(status):  # by a program that does not know it: better no answer than never one
                if pid in self.handlers:
                    send_signal(pid, signal.SIGKILL)
                continue
            self.handlers.discard(pid)
            if pid == self.keeper:
                self.keeper = 0
                self.outbound.close()
                self.next_keeper = time.monotonic()

    def accept(self, now: float) -> None:
        try:
            fd, _ = self.listener._accept()
        except OSError:
            return
        try:
            if not is_from_outside(fd, self.has_own_uid):
                os.close(fd)
                return
            visitor = Connection(fd)
        except OSError:
            os.close(fd)
            return
        visitor.send_json(READY, **self.ready, seconds_left=max(0.0, self.deadline - time.monotonic()))
        try:
            visitor.drain()
        except OwnerGone:
            visitor.close()  # it has gone before it was greeted: that ends a visit and not the session
            return
        self.visitors[visitor] = now

    def attend(self, visitor: Connection, events: dict, late: bool) -> None:
        """Finds out what it wants."""
        try:
            visitor.handle(events)
            frame = visitor.next_frame()
            if not frame:
                if late:
                    self.dismiss(visitor)
                return
            kind, payload = frame
            request = from_json(payload) if payload else {}
            if kind == KEEPALIVE:
                self.deadline = time.monotonic() + bounded(request["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
                visitor.send(DONE)
                visitor.drain()
            elif kind == END:
                self.say_goodbye(visitor)
            elif kind == CODE:
                self.hand_over(visitor, kind, payload)
            elif kind in (BASH, LIST, GET, FILE):
                self.start_handler(visitor, kind, request)
            else:
                raise Problem("protocol", f"unexpected frame {kind!r} in a session")
        except OwnerGone:
            pass
        except Problem as problem:
            visitor.refuse(problem.reason, problem)
        except MALFORMED as error:
            visitor.refuse("protocol", f"{type(error).__name__}: {error}")
        self.dismiss(visitor)

    def dismiss(self, visitor: Connection) -> None:
        del self.visitors[visitor]
        visitor.close()

    def hand_over(self, visitor: Connection, kind: bytes, payload: bytes) -> None:
        received = kind + len(payload).to_bytes(4, "big") + payload + visitor.inbox
        try:
            if not self.keeper:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            send_descriptors(self.outbound, received, [visitor.source])
        except OSError as error:
            raise exhausted(error) from None

    def start_handler(self, visitor: Connection, kind: bytes, request: dict) -> None:
        pid = self.fork()
        if not pid:
            self.in_child(lambda: Handler(self, visitor).serve(kind, request), visitor)
        self.handlers.add(pid)

    def start_keeper(self, lost: bool) -> None:
        """The keeper again when it has died."""
        self.next_keeper = time.monotonic() + RESPAWN_SECONDS
        try:
            outbound, inbound = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
            for end in (outbound, inbound):
                end.setblocking(False)
            outbound.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, 8 * PAYLOAD)
            pid = self.fork()
        except (OSError, Problem):
            return
        if not pid:
            outbound.close()
            self.in_child(lambda: Keeper(self, inbound, lost).serve())
        inbound.close()
        self.keeper, self.outbound = pid, outbound
        self.protected = [*self.own, pid]

    def fork(self) -> int:
        try:
            return os.fork()
        except OSError as error:
            raise exhausted(error) from None

    def in_child(self, live, keep=None) -> None:
        """The whole life of a handler or a keeper. Never returns: Become passes in the process of a program that it forks."""
        try:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.own[0] and os.getpid() != 1:
                os._exit(1)
            os.setsid()
            os.close(self.wakeup)
            self.wakeup = block_signals()
            self.listener.close()
            self.inheritance.close()
            if self.keeper:
                self.outbound.close()
            for fd in (*self.leftovers, *(self.gate.listeners if self.gate else ())):
                os.close(fd)
            for visitor in self.visitors:
                if visitor is not keep:
                    visitor.close()
            live()
        except Become:
            raise
        except BaseException:
            sys.__excepthook__(*sys.exc_info())
            os._exit(1)
        os._exit(0)

    def take_leftovers(self, now: float, events: dict) -> None:
        """Pipes of commands that have ended, held by what they left running. Read, so that it lives, and slowly."""
        for fd in self.leftovers.keys() & events.keys():
            data = os.read(fd, PAYLOAD)
            if data:
                self.leftovers[fd] = now + LEFTOVER_PAUSE
            else:
                del self.leftovers[fd]
                os.close(fd)
        if self.gate:
            self.gate.handle(events)
        if self.inheritance.fileno() in events:
            try:
                message, descriptors = receive_descriptors(self.inheritance, 64, 2)
            except OSError:
                return
            for fd in descriptors:
                if message == LISTENER:
                    self.gate.add(fd)
                elif len(self.leftovers) < LEFTOVERS:
                    self.leftovers[fd] = now
                else:
                    os.close(fd)

    def say_goodbye(self, visitor: Connection) -> None:
        """Waits for the other side to hang up: our end takes the one with it who carries our answer."""
        limit = time.monotonic() + GOODBYE_SECONDS
        visitor.send(DONE)
        visitor.drain()
        last_word = _socket.socket(fileno=os.dup(visitor.sink))
        try:
            last_word.shutdown(_socket.SHUT_WR)
            while time.monotonic() < limit:
                poll = select.poll()
                visitor.register(poll, 0)
                visitor.handle(dict(poll.poll(GOODBYE_SECONDS * 1000)))
        except (OwnerGone, OSError):
            pass
        self.end()

    def end(self) -> None:
        kill_others()
        os._exit(0)
