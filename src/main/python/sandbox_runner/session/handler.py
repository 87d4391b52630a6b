"""The process that serves one command of the shell, or one transfer of a file."""
from __future__ import annotations

import os
import signal

from sandbox_runner.frames import BASH, EXIT, FILE, GET, LIST, REMOVE, Channel, Problem, bounded
from sandbox_runner.program import Program, enter
from sandbox_runner.session.commands import ShellCommand
from sandbox_runner.session.connections import Connection, answer_request
from sandbox_runner.session.listing import PAGE_FILES, Listing
from sandbox_runner.session.transfer import Transfer

MAX_COMMAND_BYTES = 128 << 10  # of the line of a shell: the kernel accepts no longer argument


class Shell(Program):
    """`bash -c line`, locked in like a program."""

    CAN_SHOW = False
    LINE = 5
    line = -1  # where to read it, once there are orders
    command = b""  # the same, when there are none to wait for

    def close_descriptors(self) -> None:
        if self.line < 0:
            super().close_descriptors()
        else:
            self.line = os.dup2(self.line, self.LINE, inheritable=False)
            self.close_from(self.LINE + 1)

    def setup_memory_reaper(self) -> None:
        """None: it ends with the exec."""

    def inflate_rss(self) -> None:
        """Of no use: the shell that it becomes has none of its mappings."""

    def setup_interpreter(self) -> None:
        enter(self.workspace)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and bash would inherit that
            signal.signal(number, signal.SIG_DFL)

    def become(self, report: int) -> None:
        if self.orders >= 0:
            self.await_line()
        environment = self.config["env"]
        for directory in environment.get("PATH", os.defpath).split(":"):  # as os.execvpe, which imports warnings each time
            try:
                os.execve(directory + "/bash", [b"bash", b"-c", self.command], environment)  # which closes the report
            except OSError as error:
                failure = error
        raise failure

    def await_line(self) -> None:
        if not os.read(self.orders, 1):
            os._exit(0)  # the handler is gone
        os.read(self.orders, 1)  # until that has closed its end
        self.command = os.pread(self.line, MAX_COMMAND_BYTES, 0)
        enter(self.workspace)  # what we are in may not be what it was


class HandlerConnection(Connection):
    """One whose frames are all for us."""

    READ = Channel.READ


class Handler:
    """Serves one command on its connection."""

    def __init__(self, session, channel: Channel):
        self.session, self.channel, self.config = session, channel, session.config

    def serve(self, kind: bytes, request: dict) -> None:
        place = self.channel, self.config, self.session.workspace.root
        work = {
            BASH: lambda: self.bash(request),
            LIST: lambda: Listing(*place).page(request.get("limit", PAGE_FILES), request.get("after", "")),
            GET: lambda: Transfer(*place).get(request["path"]),
            FILE: lambda: Transfer(*place).put(request["path"], request["size"]),
            REMOVE: lambda: Transfer(*place).remove(request["path"]),
        }
        self.channel.READ = Channel.READ
        answer_request(self.channel, work[kind])

    def bash(self, request: dict) -> None:
        bounded(request["size"], 0, MAX_COMMAND_BYTES, "size")
        line = b"".join(self.channel.receive_data("the command", request["size"]))
        if b"\0" in line:
            raise Problem("protocol", "a command has no NUL")
        command = self.begin(request["timeout_ms"], line)
        command.supervise()
        self.channel.send_json(EXIT, **command.result())
        command.hand_over_pipes(self.session.orphans.sender)

    def begin(self, timeout_ms: int, line: bytes) -> ShellCommand:
        command = ShellCommand(self.channel, self.config, timeout_ms, self.session.wakeup, self.session.memory)
        shell = self.new_shell()
        shell.command = line
        command.start(shell)
        return command

    def new_shell(self) -> Shell:
        shell = Shell(self.config, self.session.protected)
        shell.gate = self.session.gate_descriptor()
        return shell
