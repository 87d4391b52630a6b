"""The process that keeps the interpreter."""
from __future__ import annotations

import _socket
import fcntl
import os
import select
import signal
import time

from sandbox_runner.elsewhere import name_elsewhere, now
from sandbox_runner.frames import CODE, EXIT, RUN, Channel, Problem, from_json
from sandbox_runner.kernel import SIGNAL, held_stat, is_ending, open_held, send_signal
from sandbox_runner.program import Become
from sandbox_runner.run import KILL_SECONDS
from sandbox_runner.session.commands import PythonCommand
from sandbox_runner.session.connections import Connection, answer_request, arriving
from sandbox_runner.session.files import Changes, Snapshot
from sandbox_runner.session.interpreter import Interpreter
from sandbox_runner.session.worker import RESPAWN_SECONDS
from sandbox_runner.workspace import NO_SPACE, file_problem


class Keeper:
    """The process that keeps the interpreter, and serves the connections that bring code, one at a time."""

    def __init__(self, session, inbound, lost: bool):
        self.config, self.memory, self.orphan_pipes = session.config, session.memory, session.orphans.sender
        self.root = session.workspace.root
        self.others = [*session.protected, os.getpid()]
        self.gate = session.gate_descriptor()
        self.inbound, self.wakeup = inbound, session.wakeup
        self.lost = lost  # the state before, which the next answer has to report
        self.pid, self.stat_file = 0, -1
        self.numbers = 0
        self.spawned = -1.0

    def count(self) -> int:
        self.numbers += 1
        return self.numbers

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        poll.register(self.inbound.fileno(), select.POLLIN)
        while True:
            if not self.pid and time.monotonic() > self.spawned + RESPAWN_SECONDS:
                self.spawn()
            events = dict(poll.poll(None if self.pid else RESPAWN_SECONDS * 1000))
            if self.wakeup in events:
                os.read(self.wakeup, SIGNAL)
            self.reap()
            if self.inbound.fileno() in events:
                if self.pid and self.is_dying():
                    self.await_death()
                if not self.pid:
                    self.spawn()
                self.serve_connection()

    def spawn(self) -> None:
        """A new interpreter; without a process to be had there is none, and the next command tries again."""
        self.spawned = time.monotonic()
        try:
            ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
            null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return
        try:
            control = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD_CLOEXEC, 100)
        except OSError:
            os.close(null)
            return
        interpreter = self.new_interpreter(control)
        interpreter.gate = self.gate
        try:
            pid = os.fork()
        except OSError:
            pid = -1
        if not pid:
            report = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, 100)  # errors go to the container's stderr
            interpreter.enter_sandbox(null, null, null, report)
            raise Become(interpreter)
        theirs.close()
        os.close(null)
        os.close(control)
        if pid < 0:
            return
        ours.setblocking(False)
        self.pid, self.control, self.stat_file = pid, ours, open_held(f"/proc/{pid}/stat")
        self.memory.take_copies()

    def new_interpreter(self, control: int) -> Interpreter:
        return Interpreter(self.config, self.others, control)

    def is_dying(self) -> bool:
        """Whether the interpreter has ended or has been killed, though it may not know it yet."""
        if self.stat_file < 0:  # there was no room for it
            self.stat_file = open_held(f"/proc/{self.pid}/stat")
        fields = held_stat(self.stat_file)
        return bool(fields) and (is_ending(fields) or bool(int(fields[28]) >> signal.SIGKILL - 1 & 1))

    def await_death(self) -> None:
        """A command that left no memory may be reported to have ended well, and its interpreter die when the next one
        arrives, which is not to blame."""
        send_signal(self.pid, signal.SIGKILL)  # for one whose first thread alone has ended
        limit = time.monotonic() + KILL_SECONDS
        while self.pid and time.monotonic() < limit:
            time.sleep(0.001)
            self.reap()

    def reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self.pid:
                self.forget_interpreter()
                self.lost = True

    def forget_interpreter(self) -> None:
        self.control.close()
        if self.stat_file >= 0:
            os.close(self.stat_file)
        self.pid, self.stat_file = 0, -1

    def serve_connection(self) -> None:
        self.oom_kills = self.memory.oom_kills()  # here: where memory is short, all that follows may kill the interpreter
        connection = arriving(self.inbound, KeeperConnection)
        if connection is None:
            return
        connection.inbound = self.inbound
        try:
            answer_request(connection, lambda: self.run(connection))
        finally:
            connection.close()

    def run(self, channel: Channel) -> None:
        code = self.receive_code(channel)
        try:
            kind, payload = channel.receive()
            if kind != RUN:
                raise Problem("protocol", f"unexpected frame {kind!r} after the code")
            if not self.pid:
                raise Problem("exhausted", "the session has no room for an interpreter")
            before = Snapshot(channel, self.config, self.root)
            before.take()
            command = PythonCommand(self, channel, from_json(payload))
            os.lseek(code, 0, os.SEEK_SET)
            begun = now()
            command.begin(code)
        finally:
            os.close(code)
        try:
            command.supervise()
            channel.send_json(EXIT, **command.result())
            self.lost = False
        finally:
            if command.status is not None:
                self.forget_interpreter()
            command.hand_over_pipes(self.orphan_pipes)
        changes = Changes(channel, self.config, self.root, before)
        if command.shown:
            command.shown.count_in(changes)
        changes.walk()
        name_elsewhere(channel, self.config, self.root, begun)

    def receive_code(self, channel: Channel) -> int:
        """Into memory: the workspace belongs to the program."""
        kind, payload = channel.receive()
        if kind != CODE:
            raise Problem("protocol", "a run needs its code first")
        size = from_json(payload)["size"]
        code = os.memfd_create("code")
        try:
            for data in channel.receive_data("the code", size):
                while data:
                    data = data[os.write(code, data) :]
        except BaseException as error:
            os.close(code)
            if isinstance(error, OSError) and error.errno in NO_SPACE:
                raise file_problem("no_space", "the code", error) from None
            raise
        return code


class KeeperConnection(Connection):
    """The connection that is served. Every wait for it also refuses the connections that arrive meanwhile, as busy."""

    READ = Channel.READ

    def register(self, poll, interest: int) -> None:
        super().register(poll, interest)
        poll.register(self.inbound.fileno(), select.POLLIN)

    def handle(self, events: dict) -> None:
        if self.inbound.fileno() in events:
            other = arriving(self.inbound, Connection)
            if other:
                other.refuse("busy", "another python command runs in this session")
                other.close()
        super().handle(events)
