"""What the runner of a session does instead of a single run. The last module that it is sent."""
from __future__ import annotations

import gc
import time

from sandbox_runner.frames import DONE, LISTEN, Problem, bounded, from_json
from sandbox_runner.main import MAX_IMPORT_SECONDS, main as work_for_owner
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
        self.session = None
        self.libraries = {"libraries": "none"}
        self.deadline = 0.0  # of an import

    def prepare(self) -> None:
        """Nothing: commands are forked when they are requested."""

    def begin(self) -> Session:
        if not self.session:
            self.session = Session(self.workspace, self.memory, self.wakeup)
        return self.session

    def receive(self) -> tuple:
        return self.workspace.channel.receive()

    def preload(self, request: bytes) -> None:
        """Into the keeper, which then has all interpreters of the session begin with them."""
        if self.session:
            raise Problem("protocol", "libraries are imported once")
        fields = from_json(request)
        seconds = bounded(fields["seconds"], 0, MAX_IMPORT_SECONDS, "seconds")
        self.deadline = time.monotonic() + seconds
        self.libraries = {"libraries": "importing"}
        self.begin().start_keeper(lost=False, modules=fields["modules"])

    def check(self) -> dict:
        """What PONG says."""
        if self.libraries["libraries"] == "importing":
            self.session.reap()
            report = self.session.keeper_report()
            if report:
                self.libraries = {"libraries": "ready", **report}
            elif not self.session.keeper or time.monotonic() >= self.deadline:
                self.give_up_libraries()
        return self.libraries

    def settle(self) -> None:
        """The client is there: whatever is not ready by now will not be used."""
        if self.check()["libraries"] == "importing":
            self.give_up_libraries()

    def give_up_libraries(self) -> None:
        self.libraries = {"libraries": "failed"}
        self.session.end_keeper()

    def work(self, request: bytes, ready: dict) -> None:
        channel = self.workspace.channel
        seconds = bounded(from_json(request)["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
        deadline = time.monotonic() + seconds
        self.settle()
        session = self.begin()
        channel.send(DONE)
        channel.flush()
        channel.close()
        gc.enable()
        session.serve(ready, deadline)


def main(compiled: bytes) -> Program:
    return work_for_owner(compiled, Listening)
