"""The spare handler: the one of the next command of the shell, with its shell, before that command is known.

To fork a handler and a shell and to lock that in copies a thousand pages and takes longer than bash itself. So one is forked
when no command of the shell runs, and waits: its shell is locked in as every other, and becomes `bash -c line` when the line
is there. There is one at most, and each is for one command; whenever there is none, a command gets a handler of its own.

Its filter does not know a keeper that comes after it: with that it is replaced.
"""
from __future__ import annotations

import _socket
import fcntl
import os
import select
import signal
import time

from sandbox_runner.frames import bounded, from_json
from sandbox_runner.kernel import SIGNAL, send_signal
from sandbox_runner.messages import socket_pair
from sandbox_runner.run import close_open
from sandbox_runner.session.commands import MAX_SESSION_SECONDS, ShellCommand
from sandbox_runner.session.connections import NullChannel, answer_request, arriving
from sandbox_runner.session.handler import Handler, HandlerConnection, Shell


class SpareHandler(Handler):
    """A handler that is there before its command."""

    def __init__(self, session, inbound):
        super().__init__(session, NullChannel())
        self.inbound = inbound

    def wait(self) -> None:
        """Serves the one command that arrives. Without a shell it accepts no more, and serves what has arrived already."""
        self.command = PreparedShellCommand(self.channel, self.config, 0, self.session.wakeup, self.session.memory)
        try:
            self.command.prepare(self.new_shell())
            has_shell = self.await_connection()
        except OSError:  # no process to be had
            has_shell = False
        if not has_shell:
            self.command = None
            self.inbound.shutdown(_socket.SHUT_RD)
        self.channel = arriving(self.inbound, HandlerConnection)
        if self.channel:
            answer_request(self.channel, lambda: self.bash(from_json(self.channel.receive()[1])))

    def await_connection(self) -> bool:
        """False when the shell ends before, or is stopped by a program that does not know it."""
        poll = select.poll()
        poll.register(self.session.wakeup, select.POLLIN)
        poll.register(self.inbound.fileno(), select.POLLIN)
        while self.inbound.fileno() not in dict(poll.poll()):
            os.read(self.session.wakeup, SIGNAL)
            shell, _ = os.waitpid(self.command.pid, os.WNOHANG | os.WUNTRACED)
            if shell:
                send_signal(shell, signal.SIGKILL)
                return False
        return True

    def begin(self, timeout_ms: int, line: bytes) -> ShellCommand:
        """In the shell that waits, or in a new one when there is none, or when it ends before it has the line."""
        if self.command and self.command.order(self.channel, timeout_ms, line):
            return self.command
        return super().begin(timeout_ms, line)


class PreparedShellCommand(ShellCommand):
    """A command whose shell is locked in before anybody knows its line."""

    def prepare(self, shell: Shell) -> None:
        line = os.memfd_create("line")
        self.line = shell.line = fcntl.fcntl(line, fcntl.F_DUPFD_CLOEXEC, 100)  # where the shell moves none of its own to
        os.close(line)
        shell.orders, self.orders = socket_pair()
        self.fork(shell)
        close_open(shell.orders)

    def order(self, channel, timeout_ms: int, line: bytes) -> bool:
        """False when the shell has just ended. Once it has its order, the line is run here and nowhere else."""
        self.timeout = bounded(timeout_ms, 0, MAX_SESSION_SECONDS * 1000, "timeout_ms") / 1000
        self.oom_kills = self.memory.oom_kills()
        try:
            while line:
                line = line[os.write(self.line, line) :]
            self.started = time.monotonic()
            os.write(self.orders, b"1")
        except OSError:
            return False
        finally:
            close_open(self.line, self.orders)
        self.channel = channel
        for output in self.outputs:
            output.channel = channel
        self.await_start()
        return True
