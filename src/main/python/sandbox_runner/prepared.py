"""A run whose program is locked in before it is known."""
from __future__ import annotations

import os
import signal
import time

from sandbox_runner.elsewhere import now
from sandbox_runner.frames import Problem
from sandbox_runner.gate import SocketGate
from sandbox_runner.kernel import is_reaped, send_signal
from sandbox_runner.messages import receive_listener, socket_pair
from sandbox_runner.program import INTERACTIVE, SHOWS, Program
from sandbox_runner.run import KILL_SECONDS, Run, close_open


class PreparedRun(Run):
    """A run whose child is forked and locked in before anybody knows what it will run: that takes longer than most
    programs do, the more the more libraries are loaded."""

    gate = None
    orders = gate_socket = -1  # the latter is where the child sends the listener of its filter
    begun = 0  # what the program writes has no earlier time

    def prepare(self, program: Program) -> None:
        """Forks. The child becomes the program when it has its orders, and may say something over their socket before. Where
        there is no process to be had, that is an OSError, and nothing is left."""
        try:
            program.orders, self.orders = socket_pair()
            if self.config["sockets"] == "gated":
                self.gate = SocketGate()
                self.gate_socket, program.gate = socket_pair()
                self.extra_readers[self.gate_socket] = self.open_gate
            self.fork(program)
        except OSError:
            close_open(program.orders, program.gate)
            self.close()
            raise
        close_open(program.orders, program.gate)

    def open_gate(self) -> None:
        """The child has sent its listener before it begins. The socket is closed before the program runs."""
        gate_socket, self.gate_socket = self.gate_socket, -1
        listener = receive_listener(gate_socket)
        del self.extra_readers[gate_socket]
        os.close(gate_socket)
        if listener >= 0:
            self.gate.add(listener)
            self.extra_readers[listener] = lambda: self.answer_gate(listener)

    def answer_gate(self, listener: int) -> None:
        self.gate.answer(listener)
        if listener not in self.gate.listeners:
            del self.extra_readers[listener]

    def check(self) -> None:
        self.reap()
        if self.has_ended():
            raise self.failure()

    def failure(self) -> Problem:
        """Why the child has ended before its time; waits for its report when it is about to end."""
        return Problem("incompatible", self.read_report(self.report).decode(errors="replace") or "the child is dead")

    def abandon(self) -> None:
        """Ends a child that has not begun, and returns when it is gone. One that the kernel does not let go of for longer runs
        no instruction of its own any more."""
        self.kill()
        limit = time.monotonic() + KILL_SECONDS
        while not all(map(is_reaped, self.children())) and time.monotonic() < limit:
            self.wait_for_child(0.001)
        self.close()

    def close(self) -> None:
        self.stdin.close()
        for output in self.outputs:
            output.close()
        close_open(self.orders, self.report, self.stat_file, self.gate_socket)
        if self.gate:
            self.gate.close()

    def kill(self) -> None:
        send_signal(self.pid, signal.SIGKILL)

    def children(self) -> list:
        return [self.pid]

    def order(self, request: dict) -> None:
        self.timeout = request["timeout_ms"] / 1000
        interactive, shows = bool(request.get("last_line_interactive")), bool(request.get("results"))
        if self.shown and not shows:
            self.shown.finish()
        self.check()
        if self.gate_socket >= 0:
            self.open_gate()
        self.oom_kills = self.memory.oom_kills()
        self.begun = now()
        self.started = time.monotonic()
        self.channel.gather()
        try:
            os.write(self.orders, bytes([INTERACTIVE * interactive | SHOWS * shows]))
        except BrokenPipeError:  # it has failed since the check
            raise self.failure() from None
        os.close(self.orders)
        self.await_start()
