"""What the runner of a session does instead of a single run. The last module that it is sent."""
from __future__ import annotations

import gc
import time

from sandbox_runner.environment import STARTED_WITH, require_closed
from sandbox_runner.frames import DONE, LISTEN, PAYLOAD, Problem, bounded, from_json
from sandbox_runner.kernel import is_reaped, kill_others
from sandbox_runner.main import MAX_IMPORT_SECONDS, main as work_for_owner
from sandbox_runner.memory import MemoryGroup
from sandbox_runner.program import Program
from sandbox_runner.run import KILL_SECONDS
from sandbox_runner.session.commands import MAX_SESSION_SECONDS
from sandbox_runner.session.libraries import PreloadingKeeper
from sandbox_runner.session.supervisor import Session
from sandbox_runner.workspace import Workspace


class Listening:
    """Leaves the first channel for a socket, and serves commands from there."""

    BEGIN = LISTEN

    def __init__(self, workspace: Workspace, memory: MemoryGroup, wakeup: int):
        self.workspace, self.memory, self.wakeup = workspace, memory, wakeup
        self.session = None
        self.progress = {"libraries": "none"}  # of the import, as PONG says it
        self.deadline = 0.0  # of the import

    def prepare(self) -> None:
        """Commands are forked when they are requested."""
        require_closed(STARTED_WITH)

    def begin(self) -> Session:
        self.session = self.session or Session(self.workspace, self.memory, self.wakeup)
        return self.session

    def receive(self) -> tuple:
        return self.workspace.channel.receive()

    def preload(self, request: bytes) -> None:
        if self.progress["libraries"] != "none":
            raise Problem("protocol", "libraries are imported once")
        fields = from_json(request)
        self.deadline = time.monotonic() + bounded(fields["seconds"], 0, MAX_IMPORT_SECONDS, "seconds")
        self.progress = {"libraries": "importing"}
        session = self.begin()
        session.start_keeper(lambda inbound: PreloadingKeeper(session, inbound, fields["modules"]))

    def await_import(self, seconds) -> None:
        """Nobody waits: a session is to begin at once."""

    def settle(self) -> None:
        """The client is there: whatever is not ready by now will not be used."""
        if self.check()["libraries"] == "importing":
            self.give_up_libraries()

    def check(self) -> dict:
        """What PONG says."""
        if self.progress["libraries"] == "importing":
            self.session.reap()
            report = self.session.keeper.hear()
            if report:
                self.progress = {"libraries": "ready", **from_json(report)}
            elif not self.session.keeper.pid or time.monotonic() >= self.deadline:
                self.give_up_libraries()
        elif self.progress["libraries"] == "ready":
            self.session.reap()
            if not self.session.keeper.pid:
                raise Problem("incompatible", "the interpreter is dead")
        return self.progress

    def give_up_libraries(self) -> None:
        """Ends the keeper, the importer and what that has started: nothing else is there."""
        self.progress = {"libraries": "failed"}
        limit = time.monotonic() + KILL_SECONDS
        while not is_reaped(-1) and time.monotonic() < limit:
            kill_others()
            time.sleep(0.001)
        self.session.keeper.forget()

    def work(self, request: bytes, ready: dict) -> None:
        channel = self.workspace.channel
        deadline = time.monotonic() + bounded(from_json(request)["seconds"], 0, MAX_SESSION_SECONDS, "seconds")
        self.settle()
        session = self.begin()
        channel.send(DONE)
        channel.flush()
        channel.close()
        gc.enable()
        session.serve(ready, deadline)


def main(compiled: bytes) -> Program:
    return work_for_owner(compiled, Listening)
