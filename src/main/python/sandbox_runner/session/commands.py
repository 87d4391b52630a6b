"""Runs in a session, as their parents see them."""
from __future__ import annotations

import os
import select
import signal
import time

from sandbox_runner.frames import PAYLOAD, STARTED, Channel, OwnerGone, Problem, bounded, to_json
from sandbox_runner.kernel import send_signal, status_of
from sandbox_runner.memory import MemoryGroup
from sandbox_runner.run import KILL_SECONDS, Run, ending
from sandbox_runner.session.connections import NullChannel, exhausted
from sandbox_runner.session.descriptors import send_descriptors
from sandbox_runner.session.processes import cpu_seconds, kill_all, living

MAX_SESSION_SECONDS = 86400.0  # of a session, and so of a command in one, that any peer can ask for
INTERRUPT_SECONDS = 0.5  # for a command to end after its interrupt


class Command(Run):
    """A run in a session: it ends alone, and what it leaves running lives on unless it was made to end."""

    def __init__(self, channel: Channel, config: dict, timeout_ms: int, wakeup: int, memory: MemoryGroup):
        bounded(timeout_ms, 0, MAX_SESSION_SECONDS * 1000, "timeout_ms")
        super().__init__(channel, config, timeout_ms, wakeup, memory)

    def supervise(self) -> None:
        try:
            super().supervise()
        except (OwnerGone, Problem):
            self.channel = NullChannel()
            for output in self.outputs:
                output.channel = self.channel
            self.cancelled = True
            super().supervise()
            raise

    def read_report(self, report: int) -> bytes:
        """Waits no longer than for the program itself: other commands may stop a process before it has begun."""
        poll = select.poll()
        poll.register(report, select.POLLIN)
        poll.register(self.channel.source, select.POLLRDHUP)
        events = dict(poll.poll(self.timeout * 1000))
        return os.read(report, PAYLOAD) if report in events else b""

    def hand_over_pipes(self, orphan_pipes) -> None:
        """To process 1, over the given socket: what still holds the pipes writes on, and would die without a reader."""
        if self.shown:
            self.shown.close()  # a program finds out, and shows nothing
        left = [output.fd for output in self.outputs if output.fd >= 0]
        try:
            if left:
                send_descriptors(orphan_pipes, b"pipes", left)
        except OSError:
            pass
        for fd in left:
            os.close(fd)


class ShellCommand(Command):
    def open_pipes(self, has_input: bool = False) -> tuple:
        return super().open_pipes(has_input)

    def end_all(self) -> None:
        if self.killed:
            kill_all(lambda: living(os.getpid()), self.reap, self.wakeup, KILL_SECONDS)
            self.reap()

    def result(self) -> dict:
        """A shell whose last command died of a signal exits with that command's code."""
        result = super().result()
        if not self.killed:
            result["oom"] |= result["exit_code"] == 128 + signal.SIGKILL and self.memory.oom_kills() > self.oom_kills
            result["cpu"] |= result["exit_code"] == 128 + signal.SIGXCPU
        return result


class PythonCommand(Command):
    """A command as the keeper sees it: an order to the interpreter, which replies when it is done."""

    def __init__(self, keeper, channel: Channel, request: dict):
        super().__init__(channel, keeper.config, request["timeout_ms"], keeper.wakeup, keeper.memory)
        self.keeper, self.control, self.pid, self.stat_file = keeper, keeper.control, keeper.pid, keeper.stat_file
        self.interactive, self.shows = bool(request.get("last_line_interactive")), bool(request.get("results"))
        self.reply = None  # the exit code, as the interpreter reports it
        self.over_cpu = False

    def begin(self, code: int) -> None:
        self.oom_kills = self.keeper.oom_kills
        self.spared = living(os.getpid())  # also the interpreter
        ends = [*self.open_pipes(), code]
        shown = self.open_shown() if self.shows else -1
        ends += [shown] if shown >= 0 else []
        self.cpu_before = cpu_seconds(self.pid)
        # A reply from before is none to this command, whichever process sent it.
        self.token = os.urandom(8).hex()
        name = f"<python-{self.keeper.count()}>"
        order = to_json({"name": name, "token": self.token, "interactive": self.interactive})
        self.started = time.monotonic()
        try:
            send_descriptors(self.control, order, ends)
        except OSError as error:
            self.stdin.close()
            for output in self.outputs:
                output.close()
            raise exhausted(error) from None
        finally:
            for fd in ends:
                if fd != code:  # which is the keeper's
                    os.close(fd)
        self.extra_readers[self.control.fileno()] = self.read_reply
        self.channel.send(STARTED)

    def read_reply(self) -> None:
        """The program can write here as well: a reply is believed for its own exit code and for nothing else."""
        try:
            words = self.control.recv(64).split()
        except BlockingIOError:
            return
        except OSError:
            words = []
        if not words:
            self.extra_readers.clear()
        elif len(words) == 2 and words[0] == self.token.encode() and words[1].isdigit():
            self.reply = int(words[1]) & 0xFF

    def has_ended(self) -> bool:
        return self.reply is not None or self.status is not None

    def turn(self, now: float, until: float) -> None:
        """Keeps the CPU limit: as a resource limit of a process that runs one command after another it would add up."""
        left = self.config["cpu_seconds"] - (cpu_seconds(self.pid) - self.cpu_before)
        if left <= 0 and not self.cancelled:
            self.over_cpu = self.cancelled = True
            until = now
        super().turn(now, min(until, now + max(left, 0.05)))

    def end_all(self) -> None:
        """First it is interrupted, as with Control-C, and keeps its state when it ends. Its children are killed."""
        if not self.killed:
            return
        limit = time.monotonic() + INTERRUPT_SECONDS
        interrupted = self.interrupt()
        self.kill_started(INTERRUPT_SECONDS / 2)
        while not self.has_ended() and time.monotonic() < limit:
            now = time.monotonic()
            self.turn(now, limit if interrupted else min(limit, now + 0.01))
            self.reap()
            interrupted = interrupted or self.interrupt()
        if not self.has_ended():
            send_signal(self.pid, signal.SIGKILL)
            limit = time.monotonic() + KILL_SECONDS
            while self.status is None and time.monotonic() < limit:
                time.sleep(0.001)
                self.reap()
        self.kill_started(KILL_SECONDS)

    def interrupt(self) -> bool:
        """Once: a second time would hit what cleans up after the first. system(3) ignores it while its child lives."""
        ignored = int(status_of(self.pid).get("SigIgn", "0"), 16)
        if ignored >> signal.SIGINT - 1 & 1:
            return False
        send_signal(self.pid, signal.SIGINT)
        return True

    def kill_started(self, seconds: float) -> None:
        """A child that an older background process starts is spared with it, unless that disowns it at once."""
        interpreter = {process for process in self.spared if process[0] == self.pid}
        older = self.spared - interpreter
        kill_all(lambda: living(os.getpid(), older) - interpreter, self.reap, self.wakeup, seconds)

    def result(self) -> dict:
        """Of an interpreter that is dead what the kernel reports, else what it replied and what its clock shows."""
        code, number = python_ending(self.status, self.reply)
        if self.status is not None:
            cpu, peak = self.usage.ru_utime + self.usage.ru_stime, self.usage.ru_maxrss
        else:
            cpu, peak = cpu_seconds(self.pid), int(status_of(self.pid).get("VmHWM", "0 kB").split()[0])
        oom = self.is_oom(number)
        code = None if self.timed_out else code
        if self.over_cpu:
            code, number = 128 + int(signal.SIGXCPU), int(signal.SIGXCPU)
        state_lost = self.status is not None or self.keeper.lost
        return self.exit_fields(code, number, cpu - self.cpu_before, peak, oom, number == signal.SIGXCPU, state_lost)


def python_ending(status, reply) -> tuple:
    """The exit code and the signal of a command, by its interpreter's wait status, or by the reply of one that lives."""
    if status is not None:
        return ending(status)
    return 128 + int(signal.SIGKILL) if reply is None else reply, None
