"""Process 1 of a session."""
from __future__ import annotations

import _socket
import os
import select
import signal
import sys
import time

from sandbox_runner.frames import (
    BASH, CODE, DONE, FILE, GET, KEEPALIVE, LIST, MALFORMED, READY, REMOVE, OwnerGone, Problem, bounded, from_json,
)
from sandbox_runner.gate import SocketGate
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
from sandbox_runner.session.handler import Handler
from sandbox_runner.session.keeper import Keeper
from sandbox_runner.session.libraries import GO
from sandbox_runner.session.orphans import OrphanPipes
from sandbox_runner.session.spare import SpareHandler
from sandbox_runner.session.worker import Worker
from sandbox_runner.workspace import Workspace

SESSION_SOCKET = b"\0code-interpreter"
MAX_PENDING, REQUEST_SECONDS = 64, 10.0
SPARE_PAUSE = 0.03  # seconds after a command in which there may be another one, that a new spare handler would disturb


class Session:
    """The runner of a session, from the first frame after the staged files on; where libraries are imported, from then on."""

    def __init__(self, workspace: Workspace, memory: MemoryGroup, wakeup: int):
        self.config, self.workspace, self.memory, self.wakeup = workspace.config, workspace, memory, wakeup
        self.pending = {}  # connections without a request so far, and since when each is there
        self.keeper, self.spare = Worker(self), Worker(self)
        self.handlers = set()
        threads = [int(thread) for thread in os.listdir("/proc/self/task")]
        self.own = self.protected = sorted({os.getpid(), *threads})
        self.listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.listener.setblocking(False)
        self.listener.bind(SESSION_SOCKET)
        self.listener.listen(MAX_PENDING)
        self.close_off(self.config["session"].get("guard", "landlock"))
        self.orphans = OrphanPipes()
        self.gate = SocketGate() if self.config["sockets"] == "gated" else None

    def gate_descriptor(self) -> int:
        """Where a child sends the listener of its filter. Process 1 answers: it outlives every command."""
        return self.orphans.sender.fileno() if self.gate else -1

    def close_off(self, guard: str) -> None:
        """Keeps programs from our socket, and from the connector. The socket was made outside of the domain."""
        self.has_own_uid = guard == "uid"
        version = landlock_version()
        if guard == "landlock" and version < LANDLOCK_SEPARATES:
            raise Problem("unprotected", "sessions need Landlock of Linux 5.19 or later, and the kernel does not offer it")
        if version >= LANDLOCK_HAS_SCOPES:
            enter_domain(version, LANDLOCK_SCOPES)

    def serve(self, ready: dict, deadline: float) -> None:
        """Until the deadline. A keeper with libraries has waited for this."""
        self.ready, self.deadline = ready, deadline
        if self.keeper.pid:
            self.keeper.say(GO)
        else:
            self.start_keeper(lambda inbound: Keeper(self, inbound, lost=False))
        while True:
            self.reap()
            now = time.monotonic()
            if now >= self.deadline:
                self.end()
            if not self.keeper.pid and now >= self.keeper.due:
                self.start_keeper(lambda inbound: Keeper(self, inbound, lost=True))
                continue
            if self.lacks_spare() and now >= self.spare.due:
                self.spare.start(lambda inbound: SpareHandler(self, inbound).wait())
                continue
            events = self.wait(now)
            now = time.monotonic()  # the wait may have been long, and what is accepted below begins now
            if self.wakeup in events:
                os.read(self.wakeup, SIGNAL)
            for connection, since in list(self.pending.items()):
                self.receive_request(connection, events, now > since + REQUEST_SECONDS)
            # Last what opens descriptors: their numbers may be those of others in these events that are closed by now.
            self.orphans.read(now, events)
            if self.gate:
                self.gate.handle(events)
            for listener in self.orphans.receive(now, events):
                self.gate.add(listener)
            if self.listener.fileno() in events:
                self.accept(now)

    def wait(self, now: float) -> dict:
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        until = min(self.deadline, now + 60, self.orphans.register(poll, now))
        if len(self.pending) < MAX_PENDING:
            poll.register(self.listener.fileno(), select.POLLIN)
        for connection, since in self.pending.items():
            connection.register(poll, select.POLLIN)
            until = min(until, since + REQUEST_SECONDS)
        if self.gate:
            self.gate.register(poll)
        if not self.keeper.pid:
            until = min(until, self.keeper.due)
        elif self.lacks_spare():
            until = min(until, self.spare.due)
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
                if pid in self.handlers or pid == self.spare.pid:
                    send_signal(pid, signal.SIGKILL)
                continue
            if pid in self.handlers:
                self.handlers.remove(pid)
                self.postpone_spare()
            self.spare.has_ended(pid)
            if self.keeper.has_ended(pid):
                self.keeper.due = time.monotonic()

    def postpone_spare(self) -> None:
        self.spare.due = max(self.spare.due, time.monotonic() + SPARE_PAUSE)

    def lacks_spare(self) -> bool:
        """It has to know the keeper, and programs that run while it is made do not know it."""
        return self.keeper.pid and not self.spare.pid and not self.handlers

    def accept(self, now: float) -> None:
        try:
            fd, _ = self.listener._accept()
        except OSError:
            return
        try:
            if not is_from_outside(fd, self.has_own_uid):
                os.close(fd)
                return
            connection = Connection(fd)
        except OSError:
            os.close(fd)
            return
        connection.send_json(READY, **self.ready, seconds_left=max(0.0, self.deadline - time.monotonic()))
        try:
            connection.drain()
        except OwnerGone:
            connection.close()  # before it had READY: that ends a connection and not the session
            return
        self.pending[connection] = now
        self.postpone_spare()

    def receive_request(self, connection: Connection, events: dict, late: bool) -> None:
        """Serves the request of a connection if it is there, or passes the connection on to a process that does."""
        try:
            connection.handle(events)
            frame = connection.next_frame()
            if not frame:
                if late:
                    self.drop(connection)
                return
            kind, payload = frame
            request = from_json(payload) if payload else {}
            if kind == KEEPALIVE:
                self.deadline = time.monotonic() + bounded(request["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
                connection.send(DONE)
                connection.drain()
            elif kind == CODE:
                self.pass_to_keeper(connection, kind, payload)
            elif kind == BASH and self.pass_to_spare(connection, kind, payload):
                pass
            elif kind in (BASH, LIST, GET, FILE, REMOVE):
                self.start_handler(connection, kind, request)
            else:
                raise Problem("protocol", f"unexpected frame {kind!r} in a session")
        except OwnerGone:
            pass
        except Problem as problem:
            connection.refuse(problem.reason, problem)
        except MALFORMED as error:
            connection.refuse("protocol", f"{type(error).__name__}: {error}")
        self.drop(connection)

    def drop(self, connection: Connection) -> None:
        del self.pending[connection]
        connection.close()

    def pass_to_keeper(self, connection: Connection, kind: bytes, payload: bytes) -> None:
        try:
            self.keeper.hand_over(connection, kind, payload)
        except OSError as error:
            raise exhausted(error) from None

    def pass_to_spare(self, connection: Connection, kind: bytes, payload: bytes) -> bool:
        """False when there is none, or when it has just been killed."""
        try:
            self.spare.hand_over(connection, kind, payload)
        except OSError:
            return False
        self.handlers.add(self.spare.pid)
        self.spare.forget()
        self.spare.due = 0.0
        return True

    def start_handler(self, connection: Connection, kind: bytes, request: dict) -> None:
        pid = self.fork()
        if not pid:
            self.live_as_child(lambda: Handler(self, connection).serve(kind, request), connection)
        self.handlers.add(pid)

    def start_keeper(self, keeper) -> None:
        """`keeper` makes it in its process."""
        self.memory.own = writable_memory()  # with what was allocated since it was measured
        self.keeper.start(lambda inbound: keeper(inbound).serve())
        self.protected = [*self.own, self.keeper.pid] if self.keeper.pid else self.own
        self.spare.end()
        self.spare.due = 0.0

    def fork(self) -> int:
        try:
            return os.fork()
        except OSError as error:
            raise exhausted(error) from None

    def live_as_child(self, serve, keep=None) -> None:
        """The whole life of a handler or a keeper, with one of the connections or none. Does not return: Become leaves it
        in the process of a program that the child forks."""
        try:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.own[0] and os.getpid() != 1:
                os._exit(1)
            os.setsid()
            os.close(self.wakeup)
            self.wakeup = block_signals()
            self.listener.close()
            self.orphans.close_in_child()
            for worker in (self.keeper, self.spare):
                worker.close_in_child()
            if self.gate:
                for listener in self.gate.listeners:
                    os.close(listener)
            for connection in self.pending:
                if connection is not keep:
                    connection.close()
            serve()
        except Become:
            raise
        except BaseException:
            sys.__excepthook__(*sys.exc_info())
            os._exit(1)
        os._exit(0)

    def end(self) -> None:
        kill_others()
        os._exit(0)
