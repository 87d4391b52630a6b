"""What the runner of a session does instead of a single run. The last module that it is sent."""
from __future__ import annotations

import gc
import time

from sandbox_runner.environment import STARTED_WITH, require_closed
from sandbox_runner.frames import DONE, LISTEN, Problem, bounded, from_json
from sandbox_runner.main import main as work_for_owner
from sandbox_runner.memory import MemoryGroup
from sandbox_runner.program import Program
from sandbox_runner.session.commands import MAX_SESSION_SECONDS
from sandbox_runner.session.supervisor import Session
from sandbox_runner.workspace import Workspace


class Listening:
    """Leaves the first channel for a socket, and serves commands from there."""

    BEGIN = LISTEN

    def __init__(self, workspace: Workspace, memory: MemoryGroup, wakeup: int):
        self.workspace, self.memory, self.wakeup = workspace, memory, wakeup

    def prepare(self) -> None:
        """Commands are forked when they are requested."""
        require_closed(STARTED_WITH)

    def receive(self) -> tuple:
        return self.workspace.channel.receive()

    def preload(self, request: bytes) -> None:
        raise Problem("protocol", "a session imports no libraries")

    def settle(self) -> None:
        """Nothing is under way."""

    def check(self) -> dict:
        """What PONG says. No child can have ended."""
        return {"libraries": "none"}

    def work(self, request: bytes, ready: dict) -> None:
        channel = self.workspace.channel
        seconds = bounded(from_json(request)["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
        session = Session(self.workspace, self.memory, self.wakeup, ready, time.monotonic() + seconds)
        channel.send(DONE)
        channel.flush()
        channel.close()
        gc.enable()
        session.serve()


def main(compiled: bytes) -> Program:
    return work_for_owner(compiled, Listening)
