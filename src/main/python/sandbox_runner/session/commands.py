"""Runs in a session, as their parents see them."""
from __future__ import annotations

import os
import select
import signal
import time

from sandbox_runner.frames import PAYLOAD, STARTED, Channel, OwnerGone, Problem, bounded, to_json
from sandbox_runner.kernel import send_signal, status_of
from sandbox_runner.memory import MemoryGroup
from sandbox_runner.run import KILL_SECONDS, Run
from sandbox_runner.session.connections import Nobody, exhausted
from sandbox_runner.session.descriptors import send_descriptors
from sandbox_runner.session.processes import cpu_seconds, kill_all, living

MAX_SESSION_SECONDS = 86400.0  # of a session, and so of a command in one, that any peer can ask for
OBEY_SECONDS = 0.5


class Command(Run):
    """A run in a session: it ends alone, and what it leaves running lives on unless it was made to end."""

    def __init__(self, channel: Channel, config: dict, timeout_ms: int, wakeup: int, memory: MemoryGroup):
        bounded(timeout_ms, 0, MAX_SESSION_SECONDS * 1000, "timeout_ms")
        super().__init__(channel, config, timeout_ms, wakeup, memory)

    def supervise(self) -> None:
        try:
            super().supervise()
        except (OwnerGone, Problem):
            self.channel = Nobody()
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

    def bequeath(self, estate) -> None:
        """What still holds the pipes goes on writing: somebody has to read, or it would die of it."""
        left = [output.fd for output in self.outputs if output.fd >= 0]
        try:
            if left:
                send_descriptors(estate, b"pipes", left)
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
        """A shell that saw its last command die of a signal exits with that command's code."""
        result = super().result()
        if not self.killed:
            result["oom"] |= result["exit_code"] == 128 + signal.SIGKILL and self.memory.oom_kills() > self.oom_kills
            result["cpu"] |= result["exit_code"] == 128 + signal.SIGXCPU
        return result


class PythonCommand(Command):
    """A command as the keeper sees it. The interpreter is told what to do and says when it is done."""

    def __init__(self, keeper, channel: Channel, request: dict):
        super().__init__(channel, keeper.config, request["timeout_ms"], keeper.wakeup, keeper.memory)
        self.keeper, self.control, self.pid, self.stat_file = keeper, keeper.control, keeper.pid, keeper.stat_file
        self.interactive = bool(request.get("last_line_interactive"))
        self.answer = None  # the exit code, as the interpreter tells it
        self.over_cpu = False

    def begin(self, code: int) -> None:
        self.oom_kills = self.keeper.oom_kills
        self.spared = living(os.getpid())  # also the interpreter
        ends = self.open_pipes()
        self.cpu_before = cpu_seconds(self.pid)
        # An answer from before is none to this command, whoever gave it.
        self.token = os.urandom(8).hex()
        name = f"<python-{self.keeper.count()}>"
        order = to_json({"name": name, "token": self.token, "interactive": self.interactive})
        self.started = time.monotonic()
        try:
            send_descriptors(self.control, order, [*ends, code])
        except OSError as error:
            self.stdin.close()
            for output in self.outputs:
                output.close()
            raise exhausted(error) from None
        finally:
            for fd in ends:
                os.close(fd)
        self.ears[self.control.fileno()] = self.hear
        self.channel.send(STARTED)

    def hear(self) -> None:
        """The program can write here as well: this is its word for its own exit code and for nothing else."""
        try:
            words = self.control.recv(64).split()
        except BlockingIOError:
            return
        except OSError:
            words = []
        if not words:
            self.ears.clear()
        elif len(words) == 2 and words[0] == self.token.encode() and words[1].isdigit():
            self.answer = int(words[1]) & 0xFF

    def has_ended(self) -> bool:
        return self.answer is not None or self.status is not None

    def turn(self, now: float, until: float) -> None:
        """Keeps the CPU limit: as a resource limit of a process that runs one command after another it would add up."""
        left = self.config["cpu_seconds"] - (cpu_seconds(self.pid) - self.cpu_before)
        if left <= 0 and not self.cancelled:
            self.over_cpu = self.cancelled = True
            until = now
        super().turn(now, min(until, now + max(left, 0.05)))

    def end_all(self) -> None:
        """First it is asked, as with Control-C, and keeps its state when it obeys. Its children are never asked."""
        if not self.killed:
            return
        limit = time.monotonic() + OBEY_SECONDS
        asked = self.ask()
        self.kill_started(OBEY_SECONDS / 2)
        while not self.has_ended() and time.monotonic() < limit:
            now = time.monotonic()
            self.turn(now, limit if asked else min(limit, now + 0.01))
            self.reap()
            asked = asked or self.ask()
        if not self.has_ended():
            send_signal(self.pid, signal.SIGKILL)
            limit = time.monotonic() + KILL_SECONDS
            while self.status is None and time.monotonic() < limit:
                time.sleep(0.001)
                self.reap()
        self.kill_started(KILL_SECONDS)

    def ask(self) -> bool:
        """Once: a second time would hit what cleans up after the first. system(3) is deaf while its child lives."""
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
        lost = self.status is not None
        if lost:
            cpu = self.usage.ru_utime + self.usage.ru_stime
            peak = self.usage.ru_maxrss
        else:
            cpu = cpu_seconds(self.pid)
            peak = int(status_of(self.pid).get("VmHWM", "0 kB").split()[0])
            self.status = (128 + signal.SIGKILL if self.answer is None else self.answer) << 8
        result = super().result()
        result.update(cpu_ms=int((cpu - self.cpu_before) * 1000), peak_memory_bytes=peak * 1024)
        if self.over_cpu:
            result.update(cpu=True, exit_code=128 + signal.SIGXCPU, signal=int(signal.SIGXCPU))
        else:
            result["cpu"] = result["signal"] == signal.SIGXCPU
        result["state_lost"] = lost or self.keeper.lost
        self.keeper.lost = False
        if not lost:
            self.status = None
        return result
