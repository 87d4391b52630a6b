"""The process that serves one command of the shell, or one transfer of a file."""
from __future__ import annotations

import os
import signal

from sandbox_runner.frames import BASH, EXIT, FILE, GET, LIST, Channel, Problem, bounded
from sandbox_runner.program import Program, enter
from sandbox_runner.session.commands import ShellCommand
from sandbox_runner.session.connections import answer_request
from sandbox_runner.session.listing import PAGE_FILES, Listing
from sandbox_runner.session.transfer import Transfer

MAX_COMMAND_BYTES = 128 << 10  # of the line of a shell: the kernel accepts no longer argument


class Shell(Program):
    """`bash -c command`, locked in like a program."""

    CAN_SHOW = False

    def __init__(self, config: dict, others, command: bytes):
        super().__init__(config, others)
        self.command = command
        if b"\0" in self.command:
            raise Problem("protocol", "a command has no NUL")

    def inflate_rss(self) -> None:
        """Of no use: the shell that it becomes has none of its mappings."""

    def setup_interpreter(self) -> None:
        enter(self.workspace)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and bash would inherit that
            signal.signal(number, signal.SIG_DFL)

    def become(self, report: int) -> None:
        os.execvpe("bash", [b"bash", b"-c", self.command], self.config["env"])  # which closes the report


class Handler:
    """Serves one command on its connection."""

    def __init__(self, session, channel: Channel):
        self.session, self.channel, self.config = session, channel, session.config
        channel.READ = Channel.READ

    def serve(self, kind: bytes, request: dict) -> None:
        place = self.channel, self.config, self.session.workspace.root
        work = {
            BASH: lambda: self.bash(request),
            LIST: lambda: Listing(*place).page(request.get("limit", PAGE_FILES), request.get("after", "")),
            GET: lambda: Transfer(*place).get(request["path"]),
            FILE: lambda: Transfer(*place).put(request["path"], request["size"]),
        }
        answer_request(self.channel, work[kind])

    def bash(self, request: dict) -> None:
        bounded(request["size"], 0, MAX_COMMAND_BYTES, "size")
        line = b"".join(self.channel.receive_data("the command", request["size"]))
        shell = Shell(self.config, self.session.protected, line)
        shell.gate = self.session.gate_descriptor()
        place = self.session.wakeup, self.session.memory
        command = ShellCommand(self.channel, self.config, request["timeout_ms"], *place)
        command.start(shell)
        command.supervise()
        self.channel.send_json(EXIT, **command.result())
        command.hand_over_pipes(self.session.orphans.sender)
