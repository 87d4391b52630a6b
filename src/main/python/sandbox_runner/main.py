"""The parent's life: it hardens itself, gets ready, takes files, and does what its owner wants of it.

What that is depends on the modules that were sent: a single run here, a session in session.main.
"""
from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import select
import sys
import time

from sandbox_runner.account import write_account
from sandbox_runner.cpython import set_environment, standard_streams
from sandbox_runner.elsewhere import name_elsewhere
from sandbox_runner.environment import STARTED_WITH, close_path, program_environment, require_utf8
from sandbox_runner.frames import (
    COMPILED, CONFIG, DONE, EXIT, FILE, PAYLOAD, PING, PONG, PRELOAD, PROBLEM, PROTOCOL, READY, RUN, STDIN, STDIN_EOF,
    Channel, OwnerGone, Problem, bounded, from_json, one_line,
)
from sandbox_runner.gate import allowed_sockets
from sandbox_runner.kernel import LIBC, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, block_signals, kill_others, prctl
from sandbox_runner.memory import MemoryGroup
from sandbox_runner.preload import PreloadedRun
from sandbox_runner.prepared import PreparedRun
from sandbox_runner.program import Become, Program
from sandbox_runner.syscalls import AUDIT_ARCH
from sandbox_runner.workspace import Workspace

MAX_IMPORT_SECONDS = 3600


class SingleRun:
    """One program: locked in before it is known, then run, then its files.

    The child that was forked before READY runs it, or the one that has imported libraries, if that is ready in time.
    """

    BEGIN = RUN  # the frame that ends the preparation and begins the work

    def __init__(self, workspace: Workspace, memory: MemoryGroup, wakeup: int):
        self.channel, self.workspace, self.memory, self.wakeup = workspace.channel, workspace, memory, wakeup
        self.run = self.new_run(PreparedRun)
        self.importing = None  # the run that shall take its place
        self.progress = {"libraries": "none"}  # of the import, as PONG says it

    def new_run(self, kind: type) -> PreparedRun:
        return kind(self.channel, self.workspace.config, 0, self.wakeup, self.memory)

    def prepare(self) -> None:
        self.run.prepare(Program(self.workspace.config))
        self.memory.take_copies()

    def receive(self) -> tuple:
        """The next frame. Libraries may become ready meanwhile."""
        while self.importing:
            frame = self.channel.next_frame()
            if frame:
                return frame
            self.await_libraries()
        return self.channel.receive()

    def preload(self, request: bytes) -> None:
        if self.progress["libraries"] != "none":
            raise Problem("protocol", "libraries are imported once")
        fields = from_json(request)
        self.progress = {"libraries": "importing"}
        self.importing = self.new_run(PreloadedRun)
        try:
            self.importing.begin(fields["modules"], bounded(fields["seconds"], 0, MAX_IMPORT_SECONDS, "seconds"))
        except OSError:  # no process to be had
            self.importing, self.progress = None, {"libraries": "failed"}
        self.memory.take_copies()

    def await_import(self, seconds) -> None:
        """For a client that would rather wait for the rest of an import than begin it anew."""
        limit = time.monotonic() + bounded(seconds, 0, MAX_IMPORT_SECONDS, "seconds")
        while self.importing and time.monotonic() < limit:
            self.await_libraries(limit)

    def await_libraries(self, limit: float = float("inf")) -> None:
        run = self.importing
        poll = select.poll()
        self.channel.register(poll, select.POLLIN)
        poll.register(run.orders, select.POLLIN)
        events = dict(poll.poll(max(0.0, min(limit, run.deadline) - time.monotonic()) * 1000))
        self.channel.handle(events)
        if run.orders in events and not run.listen() or time.monotonic() >= run.deadline:
            self.give_up_libraries()
        elif run.libraries:
            self.importing, replaced, self.run = None, self.run, run
            self.progress = {"libraries": "ready", **run.libraries}
            replaced.abandon()

    def give_up_libraries(self) -> None:
        self.importing, importing = None, self.importing
        self.progress = {"libraries": "failed"}
        importing.abandon()

    def settle(self) -> None:
        """The client is there: whatever is not ready by now will not be used."""
        if self.importing:
            self.give_up_libraries()

    def check(self) -> dict:
        """What PONG says."""
        self.run.check()
        return self.progress

    def work(self, request: bytes, ready: dict) -> None:
        """The code is in the workspace by now, as Program.file. The child waits for one byte; with it `main` returns there, and the
        loader has the child run the code."""
        self.settle()
        self.run.order(from_json(request))
        self.run.supervise()
        self.channel.send_json(EXIT, **self.run.result())
        if self.run.shown:
            self.run.shown.count_in(self.workspace)
        self.workspace.collect()
        name_elsewhere(self.channel, self.workspace.config, self.workspace.root, self.run.begun)
        self.channel.send(DONE)
        self.channel.flush()
        while True:
            kind, _ = self.channel.receive()
            if kind not in (STDIN, STDIN_EOF):  # these may have crossed our EXIT
                raise Problem("protocol", f"unexpected frame {kind!r} after the run")


def take_over_descriptors() -> Channel:
    """Moves the channel out of the way of libraries that print while they are imported. 2 stays: errors go to the
    container's stderr."""
    source, sink = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in (0, 1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    LIBC.setvbuf(ctypes.c_void_p.in_dll(LIBC, "stdout"), None, 2, 0)  # unbuffered, as the program must find it
    standard_streams()
    return Channel(source, sink)


def harden() -> int:
    """Returns the descriptor on which signals arrive."""
    if not os.getuid() or not os.geteuid():
        raise Problem("incompatible", "the runner refuses to run as root")
    if os.uname().machine not in AUDIT_ARCH or sys.maxsize < 1 << 32:
        raise Problem("incompatible", f"no system call filter for {os.uname().machine}")
    prctl(PR_SET_DUMPABLE, 0)
    close_path()
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # every orphan becomes ours, also where something else is process 1
    os.umask(0o022)
    try:
        os.setsid()
    except PermissionError:
        pass  # already a leader
    return block_signals()


def serve(channel: Channel, wakeup: int, compiled: bytes, kind_of_work: type) -> None:
    """Works for the owner until it hangs up."""
    kind, payload = channel.receive()
    config = from_json(payload)
    if kind != CONFIG or config["protocol"] != PROTOCOL:
        raise Problem("protocol", f"expected the configuration of protocol {PROTOCOL}")
    require_utf8()
    config["env"] = program_environment(config["env"], STARTED_WITH, sys.argv[1:])
    memory = MemoryGroup()
    work = kind_of_work(Workspace(channel, config), memory, wakeup)
    gc.disable()
    config["sockets"] = allowed_sockets(config["sockets"])
    set_environment(config["env"])
    write_account(config["env"])
    gc.collect()
    gc.freeze()
    work.prepare()
    ready = {"protocol": PROTOCOL}
    for start in range(0, len(compiled), PAYLOAD):
        channel.send(COMPILED, compiled[start : start + PAYLOAD])
    channel.send_json(READY, **ready)
    while True:
        kind, payload = work.receive()
        if kind == work.BEGIN:
            work.work(payload, ready)  # until the owner hangs up
        if kind == PING:
            if payload:
                work.await_import(from_json(payload)["seconds"])
            channel.send_json(PONG, **work.check())
            channel.flush()
            continue
        if kind == PRELOAD:
            work.preload(payload)
            continue
        if kind != FILE:
            raise Problem("protocol", f"unexpected frame {kind!r} before a run")
        work.settle()
        work.workspace.stage(**from_json(payload))


def main(compiled: bytes, kind_of_work: type = SingleRun) -> Program:
    """Returns in the process of a program only. `compiled` is our own code for the owner to keep, or empty."""
    channel = take_over_descriptors()
    try:
        try:
            serve(channel, harden(), compiled, kind_of_work)
        except Problem as problem:
            channel.send_json(PROBLEM, reason=problem.reason, message=one_line(problem))
            channel.flush()
            status = 1
    except Become as become:
        return become.program
    except OwnerGone:
        status = 0
    except BaseException:
        sys.__excepthook__(*sys.exc_info())
        status = 1
    kill_others()
    os._exit(status)
