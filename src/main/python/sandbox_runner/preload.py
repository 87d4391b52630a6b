"""Libraries that are imported before the program is known.

A second child imports them while the first one waits for a program, so that neither the runner nor a program that needs
none of them pays. It is the importer: libraries start threads, and a filter or a domain holds for the thread that enters
it, so it forks once more and ends. What it forked has one thread, is adopted by the runner, and locks itself in as every
prepared child does. An import that hangs or crashes costs the importer alone; one that takes too much memory may cost
the sandbox, which no program has begun in.

The importer runs the image's code, with all that the runner has. Nothing of a client's may be there meanwhile: the first
file that arrives ends an import, and it does not run in the workspace.
"""
from __future__ import annotations

import gc
import os
import select
import signal
import time

from sandbox_runner.environment import restore_path
from sandbox_runner.frames import PAYLOAD, from_json, to_json
from sandbox_runner.kernel import open_held, send_signal
from sandbox_runner.memory import own_memory
from sandbox_runner.prepared import PreparedRun
from sandbox_runner.program import Program

ADOPTION_PAUSE = 0.0005  # seconds between two looks whether the importer has ended


def import_all(modules: list) -> list:
    """Imports what the image has of the given modules; returns those that could not be imported."""
    os.chdir("/")  # libraries read files of the directory that they are imported in: that is the client's
    restore_path()  # no program has had a chance to write there
    os.environ.setdefault("MPLBACKEND", "Agg")  # without it the first figure tries every GUI toolkit
    missing = []
    for name in modules:
        try:
            __import__(name)
        except BaseException:
            missing.append(name)
    gc.freeze()  # garbage of the imports, too: to find it takes an eighth of the whole import
    return missing


class Importer:
    """What a program does in addition whose libraries are there before it is."""

    modules = []

    def enter_sandbox(self, stdin: int, stdout: int, stderr: int, report: int) -> None:
        try:
            os.setsid()  # a group of its own, so that what it starts can be killed with it
            self.missing = import_all(self.modules)
            self.leave_importer()
        except BaseException:
            os._exit(1)
        super().enter_sandbox(stdin, stdout, stderr, report)

    def leave_importer(self) -> None:
        importer = os.getpid()
        pid = os.fork()
        if pid:
            self.introduce(pid)
            os._exit(0)
        while os.getppid() == importer:
            time.sleep(ADOPTION_PAUSE)

    def introduce(self, pid: int) -> None:
        """The importer's last word, of the process that it has made."""

    def what_is_loaded(self) -> dict:
        return {"missing": self.missing, "memory_bytes": own_memory()}


class PreloadedProgram(Importer, Program):
    def __init__(self, config: dict, modules: list):
        super().__init__(config)
        self.modules = modules

    def introduce(self, pid: int) -> None:
        self.say(pid=pid)

    def announce(self) -> None:
        self.say(**self.what_is_loaded())

    def say(self, **fields) -> None:
        os.write(self.orders, to_json(fields))


class PreloadedRun(PreparedRun):
    """A run whose child imports libraries before it is locked in."""

    libraries = None  # what the child has said of them: it is ready then

    def begin(self, modules: list, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.prepare(PreloadedProgram(self.config, modules))
        self.group = self.pid

    def listen(self) -> bool:
        """Takes what the child says; false when it has ended before it was ready."""
        message = os.read(self.orders, PAYLOAD)
        if not message:
            return False
        fields = from_json(message)
        if "pid" in fields:
            self.pid = fields["pid"]
            if self.stat_file >= 0:
                os.close(self.stat_file)
            self.stat_file = open_held(f"/proc/{self.pid}/stat")
        elif self.pid == self.group:
            return False  # the importer was killed before it said whom it had made
        else:
            self.libraries = fields
        return True

    def kill(self) -> None:
        """The importer and its group; then the child that it may have made, which has left the group by now."""
        send_signal(-self.group, signal.SIGKILL)  # first, or a child of it could leave the group meanwhile
        send_signal(self.group, signal.SIGKILL)
        while self.pid == self.group and select.select([self.orders], (), (), 0)[0] and self.listen():
            pass
        super().kill()

    def children(self) -> list:
        """The importer first: until it has ended the other one is not ours."""
        return [self.group, self.pid]
