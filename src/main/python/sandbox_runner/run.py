"""One run as the parent sees it."""
from __future__ import annotations

import os
import resource
import select
import signal
import time

from sandbox_runner.frames import (
    OUTPUT_QUEUE, PAYLOAD, STARTED, STDERR, STDIN, STDIN_EOF, STDOUT, Channel, Problem,
)
from sandbox_runner.kernel import SIGNAL, all_are_ending, held_stat, is_ending, kill_others, open_held
from sandbox_runner.memory import MemoryGroup
from sandbox_runner.program import Become, Program
from sandbox_runner.shown import Shown
from sandbox_runner.streams import Input, Output

STDIN_QUEUE = 256 << 10  # bytes for the program above which the owner's frames stay in their pipe
KILL_SECONDS = 2.0
TURN_READS = 2  # at once, of one stream: more than a pipe holds
LAST_OUTPUT_SECONDS, LAST_OUTPUT_PAUSE = 0.005, 0.02  # see Run.ends_soon


class Run:
    """One run as the parent sees it: from the fork to the death of the last process."""

    def __init__(self, channel: Channel, config: dict, timeout_ms: int, wakeup: int, memory: MemoryGroup):
        self.channel, self.config, self.wakeup, self.memory = channel, config, wakeup, memory
        self.timeout = timeout_ms / 1000
        self.status = self.usage = None  # of the main process, once it is reaped
        self.alone = False  # no child is left, and as every orphan becomes ours, no descendant
        self.cancelled = False  # to end before its time
        self.stat_file = self.report = -1  # of the main process, held open; where it says that it begins
        self.stdin, self.outputs = Input(-1), []
        self.no_wait_until = 0.0  # before that a program with little memory left is not waited for again
        self.extra_readers = {}  # more descriptors to wait for, and what to do when they are readable
        self.shown = None  # what the program shows besides its output

    def start(self, program: Program) -> None:
        """Forks. The child locks itself in and becomes the program."""
        self.fork(program)
        self.await_start()

    def fork(self, program: Program) -> None:
        self.oom_kills = self.memory.oom_kills()
        ends = [*self.open_pipes()]
        try:
            self.report, child_report = os.pipe()
            ends.append(child_report)
            program.shows = self.open_shown() if program.CAN_SHOW else -1
            self.started = time.monotonic()
            self.pid = os.fork()
        except OSError:
            close_open(*ends, program.shows)
            raise
        if not self.pid:
            program.enter_sandbox(*ends)
            raise Become(program)
        self.stat_file = open_held(f"/proc/{self.pid}/stat")
        close_open(*ends, program.shows)

    def await_start(self) -> None:
        """Waits until the child has become the program."""
        complaint = self.read_report(self.report)
        os.close(self.report)
        if complaint:
            raise Problem("incompatible", complaint.decode(errors="replace"))
        self.channel.send(STARTED)

    def open_pipes(self, has_input: bool = True) -> tuple:
        """Returns the child's ends."""
        opened = []
        try:
            opened += os.pipe() if has_input else (os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC), -1)
            for _ in range(2):
                opened += os.pipe()
        except OSError:
            close_open(*opened)
            raise
        child_in, stdin, stdout, child_out, stderr, child_err = opened
        self.stdin = Input(stdin)
        cap = self.config["output_bytes"]
        self.outputs = [Output(self.channel, STDOUT, stdout, cap), Output(self.channel, STDERR, stderr, cap)]
        return child_in, child_out, child_err

    def open_shown(self) -> int:
        """Returns the child's end; -1 when nothing is shown."""
        if not self.config.get("results"):
            return -1
        fd, end = os.pipe()
        self.shown = Shown(self.channel, self.config, fd)
        self.outputs.append(self.shown)
        return end

    def read_report(self, report: int) -> bytes:
        return os.read(report, PAYLOAD)  # the child closes its end just before the program begins

    def supervise(self) -> None:
        """Pumps until the main process ends, runs out of time or is cancelled; then nothing of it survives."""
        deadline = self.started + self.timeout
        while True:
            more = self.reap()
            now = time.monotonic()
            self.timed_out = now >= deadline
            self.take_frames()
            if self.timed_out or self.cancelled or self.has_ended():
                break
            self.turn(now, now if more else deadline)
        self.killed = not self.has_ended()
        self.end_all()
        self.duration = time.monotonic() - self.started if self.killed else now - self.started
        self.stdin.close()
        for output in self.outputs:
            for _ in range(1024):  # no writer is left: these are more reads than a pipe has slots
                if output.fd < 0 or not output.pump():
                    break
            output.finish()

    def has_ended(self) -> bool:
        return self.status is not None

    def turn(self, now: float, until: float) -> None:
        """Waits for something to do, and does it."""
        poll = select.poll()
        poll.register(self.wakeup, select.POLLIN)
        self.channel.register(poll, select.POLLIN if len(self.stdin.pending) <= STDIN_QUEUE else 0)
        if self.stdin.pending:
            poll.register(self.stdin.fd, select.POLLOUT)
        for fd in self.extra_readers:
            poll.register(fd, select.POLLIN)
        for output in self.outputs:
            if output.fd < 0 or len(self.channel.outbox) > OUTPUT_QUEUE:
                continue
            if output.paused_until > now:
                until = min(until, output.paused_until)
            else:
                poll.register(output.fd, select.POLLIN)
        if self.channel.due() > now:  # else the sink is polled for
            until = min(until, self.channel.due())
        events = dict(poll.poll(max(0.0, until - now) * 1000))
        if self.wakeup in events:
            os.read(self.wakeup, SIGNAL)
        if any(output.fd in events for output in self.outputs) and self.memory.is_short() and self.ends_soon():
            return
        for fd in self.extra_readers.keys() & events.keys():
            self.extra_readers[fd]()
        for output in self.outputs[:2] if self.shown and self.shown.fd in events else ():
            for _ in range(TURN_READS):  # what was put out before something is shown comes before it
                if output.fd < 0 or not output.pump():
                    break
        for output in self.outputs:
            if output.fd in events:
                output.pump()
        if self.stdin.fd in events:
            self.stdin.pump()
        self.channel.handle(events)
        self.channel.drain()

    def ends_soon(self) -> bool:
        """Whether the program ends at once. Then what it has just written, which may be the last, waits until its memory
        is free, as it is when the program is reaped, unless a memory reaper was left to free it."""
        now = time.monotonic()
        limit_unless_exiting = now + (LAST_OUTPUT_SECONDS if now >= self.no_wait_until else 0)
        limit = now + KILL_SECONDS
        while True:
            self.reap()
            if self.has_ended():
                return True
            now = time.monotonic()
            if now >= (limit if self.is_exiting() else limit_unless_exiting):
                self.no_wait_until = now + LAST_OUTPUT_PAUSE
                return False
            self.wait_for_child(0.001)

    def wait_for_child(self, seconds: float) -> None:
        """Returns when a child has ended, or after so many seconds."""
        if select.select([self.wakeup], (), (), seconds)[0]:
            os.read(self.wakeup, SIGNAL)

    def is_exiting(self) -> bool:
        fields = held_stat(self.stat_file)
        return bool(fields) and is_ending(fields)

    def take_frames(self) -> None:
        while len(self.stdin.pending) <= STDIN_QUEUE:
            frame = self.channel.next_frame()
            if not frame:
                return
            kind, payload = frame
            if kind == STDIN:
                self.stdin.feed(payload)
            elif kind == STDIN_EOF:
                self.stdin.end()
            else:
                raise Problem("protocol", f"unexpected frame {kind!r} during a run")

    def reap(self) -> bool:
        """Reaps children, our own and adopted ones; false when no more of them wait now."""
        for _ in range(256):  # a fork bomb must not keep us from the clock
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.alone = True
                return False
            if not pid:
                return False
            if pid == self.pid:
                self.status, self.usage = status, usage
        return True

    def end_all(self) -> None:
        """Kills every process but ourselves and waits until none does anything any more."""
        limit = time.monotonic() + KILL_SECONDS
        pause = 0.0001  # seconds
        while time.monotonic() < limit:
            kill_others()
            more = self.reap()
            if self.alone or not (more or self.status is None or self.memory.is_short()) and all_are_ending():
                break
            self.wait_for_child(pause)
            pause = min(2 * pause, 0.01)

    def result(self) -> dict:
        """The payload of EXIT."""
        code, number = ending(self.status if self.status is not None else signal.SIGKILL)
        usage = self.usage or resource.struct_rusage((0,) * 16)
        cpu = usage.ru_utime + usage.ru_stime
        oom = self.is_oom(number)
        over_cpu = self.is_kill_by_others(number) and cpu >= self.config["cpu_seconds"] + 0.5
        code = None if self.timed_out else code
        return self.exit_fields(code, number, cpu, usage.ru_maxrss, oom, number == signal.SIGXCPU or over_cpu)

    def is_kill_by_others(self, number) -> bool:
        return number == signal.SIGKILL and not self.killed

    def is_oom(self, number) -> bool:
        return self.is_kill_by_others(number) and self.memory.oom_kills() > self.oom_kills

    def exit_fields(self, code, number, cpu: float, peak: int, oom: bool, over_cpu: bool, state_lost=False) -> dict:
        """CPU time in seconds, memory in KiB."""
        stdout, stderr, *_ = self.outputs
        return {
            "exit_code": code,
            "signal": number,
            "timed_out": self.timed_out,
            "oom": oom,
            "cpu": over_cpu,
            "duration_ms": int(self.duration * 1000),
            "cpu_ms": int(cpu * 1000),
            "peak_memory_bytes": peak * 1024,
            "stdout_truncated": stdout.truncated,
            "stderr_truncated": stderr.truncated,
            "state_lost": state_lost,
        }


def ending(status: int) -> tuple:
    """The exit code of a wait status, as a shell gives it, and the number of the signal or None."""
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status), os.WTERMSIG(status)
    return os.WEXITSTATUS(status), None


def close_open(*descriptors) -> None:
    """Closes those that are not -1."""
    for fd in descriptors:
        if fd >= 0:
            os.close(fd)
